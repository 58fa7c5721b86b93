"""What came from another repository: a Work, with the identifiers it has there, the files it names, and what could not be carried over.

Every reader of a source (InvenioRDM and Zenodo, Dataverse, WEKO3, DataCite) gives one of these. Nothing is dropped without a word:
what has no place in a Work, or does not have the form that a Work asks for, stands in ``untaken``.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pydantic import ValidationError

from shirushi.exchange.plain_text import without_emphasis
from shirushi.metadata.fields import BY_NAME, Text2
from shirushi.metadata.published import Identifier
from shirushi.metadata.work import Work, bare_identifier, scheme_of

JSON = Any
Node = Mapping[str, Any]
System = Literal["inveniordm", "dataverse", "weko3", "datacite", "shirushi"]

MOST_TRIES = 12  # parts of one value that are left out until the rest of it fits
NO_PLACE = Text2(
    "There is no place for it here; it stays in the copy of the source that is kept with the record.",
    "入れる場所がありません。記録と一緒に保存される取り込み元の写しに残ります。",
)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that the source names: its path, bytes, digests in hex by algorithm, and where it lies."""

    path: str
    size: int | None = None
    checksums: tuple[tuple[str, str], ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Untaken:
    """A value that was not carried over: where it stands in the source, why, and the beginning of it."""

    path: str
    why: Text2
    value: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """``key`` names the record at its source, ``concept_key`` all versions of it, ``ordinal`` its place among them (higher is newer).
    Identifiers are those that an agency knows already."""

    system: System
    key: str
    work: Work
    identifier: Identifier | None = None
    concept_key: str = ""
    concept_identifier: Identifier | None = None
    ordinal: int | None = None
    url: str | None = None
    files: tuple[SourceFile, ...] = ()
    untaken: tuple[Untaken, ...] = ()

    def digest(self) -> str:
        """SHA-256 of what was understood: the same as long as nothing of it changes at the source, whatever else does there (counts of
        views, say)."""
        told = {
            "work": self.work.model_dump(mode="json", exclude_none=True),
            "identifiers": [each and [each.scheme, each.value] for each in (self.identifier, self.concept_identifier)],
            "files": [{**asdict(file), "url": None} for file in self.files],
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def known(identifier: object) -> Identifier | None:
    """An identifier that an agency knows, bare and with its scheme; None for what is neither a DOI nor a Handle."""
    text = identifier.strip() if isinstance(identifier, str) else ""
    scheme = scheme_of(text)
    if scheme not in ("DOI", "Handle"):
        return None
    return Identifier(scheme=scheme, value=bare_identifier(text), state="registered")


def shortened(value: object) -> str:
    """The beginning of a value, to be shown."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 200 else f"{text[:199]}…"


def left(path: str, value: object, why: Text2 = NO_PLACE) -> Untaken:
    return Untaken(path, why, shortened(value))


def built(fields: Mapping[str, JSON]) -> tuple[Work, list[Untaken]]:
    """A Work from the values of its fields as JSON. What does not fit is left out, the smallest part first that makes the rest fit."""
    untaken: list[Untaken] = []
    whole: dict[str, JSON] = {}
    for name, value in fields.items():
        if value in (None, "", [], {}):
            continue
        if BY_NAME[name].many:
            items = [_fitting(name, item, index, untaken) for index, item in enumerate(value)]
            taken: list[JSON] = []
            for item in items:
                if item is not None and item not in taken:
                    taken.append(item)
            if taken:
                whole[name] = taken
        elif (one := _fitting(name, value, None, untaken)) is not None:
            whole[name] = one
    return with_plain_titles(Work.model_validate(whole)), untaken


def with_plain_titles(work: Work) -> Work:
    """Titles are words: those in italics or below the line at the source are set plainly."""
    titles = [title.model_copy(update={"text": without_emphasis(title.text)}) for title in work.titles]
    return work.model_copy(update={"titles": titles})


def _fitting(name: str, value: JSON, index: int | None, untaken: list[Untaken]) -> JSON | None:
    """The value as a Work holds it, without the parts that do not fit; None where nothing of it does."""
    where = f"/{name}" if index is None else f"/{name}/{index}"
    value = dict(value) if isinstance(value, Mapping) else value
    for _ in range(MOST_TRIES):
        try:
            work = Work.model_validate({name: [value] if index is not None else value})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            inner = [
                step for step in first["loc"][1:] if not (isinstance(step, int) and index is not None and step == 0)
            ]
            why = _why(str(first["msg"]))
            part = inner[0] if inner else None
            if not isinstance(value, dict) or part not in value or first["type"] == "missing":
                untaken.append(Untaken(where, why, shortened(value)))
                return None
            untaken.append(Untaken(f"{where}/{part}", why, shortened(value.pop(part))))
        else:
            dumped = work.model_dump(mode="json", exclude_none=True, include={name})[name]
            return dumped[0] if index is not None else dumped
    untaken.append(Untaken(where, _why("too much of it does not fit"), shortened(value)))
    return None


def _why(message: str) -> Text2:
    message = message.removeprefix("Value error, ")
    return Text2(f"It does not have the form asked for here: {message}.", f"ここで求める形に合いません（{message}）。")


def checksum(text: object) -> tuple[tuple[str, str], ...]:
    """``md5:0cc1…`` → (("md5", "0cc1…"),); nothing for what is none."""
    match = re.fullmatch(
        r"(md5|sha-?1|sha-?256|sha-?512)[:=]([0-9a-fA-F]{32,128})", str(text or "").strip(), re.IGNORECASE
    )
    return ((match[1].lower().replace("-", ""), match[2].lower()),) if match else ()


def rest_of(node: Node, taken: Iterable[str], path: str = "") -> list[Untaken]:
    """What of an object was not looked at and holds something."""
    names = set(taken)
    return [
        left(f"{path}{name}", value)
        for name, value in node.items()
        if name not in names and value not in (None, "", [], {}, False)
    ]


def text_of(value: object) -> str:
    """Words as they stand, '' for what is none."""
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def nodes(value: object) -> list[Node]:
    """The objects of a list; one alone counts as a list of itself."""
    if isinstance(value, Mapping):
        return [value]
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def whole_number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
