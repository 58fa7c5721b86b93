"""Its version, its publisher, its other identifiers and when it was published."""

import re
from collections.abc import Iterator

from shirushi.describe.evidence import Candidate, Evidence
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import suggests
from shirushi.describe.suggesters.common import (
    FRONT,
    attributes,
    front_weight,
    fronts,
    pairs,
    purpose,
    stated_by,
    statements,
)

# Keys of pairs in texts, and names of attributes in structured files
_VERSION_KEYS = ("version", "dataset version", "data version", "current version", "バージョン", "版", "データバージョン")  # fmt: skip
_VERSION_NAMES = ("version", "product version", "dataset version", "id version")
_PUBLISHER_KEYS = (
    "publisher", "published by", "distributor", "公開者", "出版者", "発行者", "公開機関", "発行", "提供機関", "提供元",
)  # fmt: skip
_PUBLISHER_NAMES = ("publisher", "publisher name", "institution", "dc.publisher")


def _stated(seen: EvidenceSet, field: str) -> Iterator[Candidate]:
    """What is stated of a field that holds one value."""
    for item in seen.stated(field):
        method = stated_by(field, item)
        yield Candidate(f"/{field}", item.value["value"], (item,), method, front_weight(item.place.file))


@suggests("version")
def version(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """A version stated by label or attribute."""
    yield from _stated(seen, "version")
    for item, text in (*pairs(seen, *_VERSION_KEYS), *attributes(seen, *_VERSION_NAMES)):
        match = re.match(
            r"(?:v(?:ersion)?\.?\s*)?(\d+(?:\.\d+){0,3}(?:[\-.]?(?:rc|alpha|beta|dev)\.?\d*)?)(?=$|[\s,;(（])",
            text,
            re.IGNORECASE,
        )
        if match:
            yield Candidate("/version", match[1], (item,), "version.labelled", front_weight(item.place.file))
    for item in seen.of("git-fact"):
        if item.value["name"] == "tag":
            number = re.sub(r"^v(?:er(?:sion)?)?[.\-_]?", "", item.value["value"], flags=re.IGNORECASE)
            yield Candidate("/version", number, (item,), "version.git-tag")
    for item, match in _said(seen):
        yield Candidate("/version", match["version"], (item,), "version.said", front_weight(item.place.file))


# "Version 2.1.0 (released 2022-05-01)", "v1.2 of the data"; not the version of a program that was used
_VERSION = re.compile(
    r"(?:^|(?<=[.。!?]\s))(?:this is |data(?:set)? )?(?:version|ver\.?|v(?=\d)|バージョン|第(?=\d))\s*(?P<version>\d+(?:\.\d+){0,3})(?:版)?"
    r"(?=$|\s*[.。,;(（]|\s+of (?:the|this) (?:data|dataset)\b)(?:\s*[(（]?\s*(?:released|published|issued|公開)?\s*[:：]?\s*(?P<day>\d{4}-\d{2}-\d{2}))?",
    re.IGNORECASE,
)


def _said(seen: EvidenceSet) -> Iterator[tuple[Evidence, re.Match[str]]]:
    """Where the text that speaks most for the folder says which version this is, in a sentence or heading of its own."""
    for file, weight in fronts(seen)[:1]:
        for item in seen.in_file(file) if weight >= FRONT else ():
            if (
                item.kind in ("paragraph", "heading", "list-item")
                and purpose(str(item.value.get("section") or "")) != "history"
            ):
                match = _VERSION.search(str(item.value["text"])[:2_000])
                if match:
                    yield item, match
                    return


@suggests("dates")
def issued(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """The day that is told beside the version."""
    for item, match in _said(seen):
        if match["day"]:
            yield Candidate(
                "/dates/-",
                {"date": match["day"], "type": "Issued"},
                (item,),
                "dates.version",
                front_weight(item.place.file),
            )


@suggests("publisher")
def publisher(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """A publisher stated by label or attribute."""
    yield from _stated(seen, "publisher")
    for item, text in (*pairs(seen, *_PUBLISHER_KEYS), *attributes(seen, *_PUBLISHER_NAMES)):
        if 2 <= len(text) <= 200 and not re.search(r"https?:", text):
            method = "publisher.attribute" if item.kind != "key-value" else "publisher.key-value"
            yield Candidate("/publisher", {"name": text}, (item,), method, front_weight(item.place.file))


@suggests("alternate_identifiers")
def alternate_identifiers(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Accession numbers that a metadata file states."""
    for item in statements(seen, "alternate_identifiers"):
        yield Candidate(
            "/alternate_identifiers/-", item.value["value"], (item,), stated_by("alternate_identifiers", item)
        )


@suggests("publication_date")
def publication_date(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Only where a metadata file states it."""
    for item in seen.stated("publication_date"):
        yield Candidate("/publication_date", item.value["value"], (item,), stated_by("publication_date", item))
