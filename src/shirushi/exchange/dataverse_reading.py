"""A published dataset of Dataverse as it is imported: the JSON of its native API, or its export ``dataverse_json``.

A dataset's DOI stands for whatever its newest version is, so it is both the record's and the key of all versions. Source: the citation
and geospatial metadata blocks of Dataverse 6 (scripts/api/data/metadatablocks/*.tsv, Apache-2.0).
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from shirushi.exchange.common import ROR_ID, compact
from shirushi.exchange.errors import NotReadable
from shirushi.exchange.imported import (
    Imported,
    Node,
    SourceFile,
    Untaken,
    built,
    known,
    left,
    nodes,
    text_of,
    whole_number,
)
from shirushi.exchange.languages import ISO_639_3
from shirushi.exchange.licences import LICENCES
from shirushi.exchange.plain_text import without_html
from shirushi.metadata.fields import Text2
from shirushi.metadata.vocabularies import ContributorRole, IdentifierScheme, RelationType, terms
from shirushi.metadata.work import scheme_of

JSON = Any
Fields = dict[str, list[JSON]]

_ROLES = {re.sub(r"\W", "", term).lower(): term for term in terms(ContributorRole)}
_SCHEMES = {term.lower(): term for term in terms(IdentifierScheme)}
_RELATIONS = {term.lower(): term for term in terms(RelationType)}
_LICENCES = {known.url.rstrip("/").removeprefix("https").removeprefix("http"): name for name, known in LICENCES.items()}
_LANGUAGES = {
    "english": "en", "japanese": "ja", "french": "fr", "german": "de", "spanish": "es", "spanish, castilian": "es",
    "italian": "it", "portuguese": "pt", "chinese": "zh", "korean": "ko", "russian": "ru", "dutch": "nl", "dutch, flemish": "nl",
    "swedish": "sv", "norwegian": "no", "danish": "da", "finnish": "fi", "polish": "pl", "czech": "cs", "arabic": "ar",
}  # fmt: skip
_IS_PERSON = re.compile(r"^[^,]+,\s*[^,]+$")


def from_dataverse(data: object) -> Imported:
    """One version of a dataset.

    Raises:
        NotReadable: it is not a dataset's JSON, or a draft of one.
    """
    whole = data.get("data") if isinstance(data, Mapping) and isinstance(data.get("data"), Mapping) else data
    if not isinstance(whole, Mapping):
        raise NotReadable("it is not an object, so it is not a dataset of Dataverse")
    version = next(
        (v for name in ("latestVersion", "datasetVersion") if isinstance(v := whole.get(name), Mapping)), whole
    )
    if not isinstance(version.get("metadataBlocks"), Mapping):
        raise NotReadable("there is no object `metadataBlocks` in it, so it is not a dataset version of Dataverse")
    if version.get("versionState") == "DRAFT":
        raise NotReadable("it is a draft at its source; only what was published is imported")
    own = known(version.get("datasetPersistentId")) or known(whole.get("persistentUrl")) or _pid(whole)
    if own is None:
        raise NotReadable("the dataset has no DOI or Handle, so it could not be told apart from others")
    reader = _Reader()
    for block, held in version["metadataBlocks"].items():
        for node in nodes(held.get("fields") if isinstance(held, Mapping) else None):
            reader.take(str(block), node)
    reader.terms(version)
    fields = reader.fields
    day = (
        text_of(version.get("publicationDate"))
        or text_of(version.get("releaseTime"))
        or text_of(whole.get("publicationDate"))
    )
    major, minor = whole_number(version.get("versionNumber")), whole_number(version.get("versionMinorNumber")) or 0
    one: dict[str, JSON] = {
        "resource_type": {"general": "Dataset", "text": ", ".join(reader.kinds) or None},
        "publication_date": day[:10] or None,
        "version": None if major is None else f"{major}.{minor}",
        "publisher": reader.publisher
        or ({"name": text_of(whole.get("publisher"))} if text_of(whole.get("publisher")) else None),
    }
    files = _files(version)
    if any(node.get("restricted") for node in nodes(version.get("files"))):
        one["access"] = compact({"rights": "restricted", "note": reader.access_note[:2000] or None})
        open_too = [file.path for file, closed in files if not closed]
        if open_too:
            reader.untaken.append(left("files", open_too, _CLOSED_TOGETHER))
    elif reader.access_note:
        reader.untaken.append(left("termsOfAccess", reader.access_note))
    work, unfit = built({**fields, **{name: value for name, value in one.items() if value}})
    return Imported(
        "dataverse",
        own.value.lower(),
        work,
        own,
        own.value.lower(),
        None,
        None if major is None else major * 1_000 + minor,
        text_of(whole.get("persistentUrl"))
        or text_of(version.get("datasetPersistentUrl"))
        or f"https://doi.org/{own.value}",
        tuple(file for file, _closed in files),
        tuple(reader.untaken + unfit),
    )


def _pid(whole: Node) -> Any:
    authority, name = text_of(whole.get("authority")), text_of(whole.get("identifier"))
    return known(f"{authority}/{name}" if authority and name else name)


def _files(version: Node) -> list[tuple[SourceFile, bool]]:
    found = []
    for node in nodes(version.get("files")):
        inner = node["dataFile"] if isinstance(node.get("dataFile"), Mapping) else {}
        name = text_of(inner.get("originalFileName")) or text_of(node.get("label")) or text_of(inner.get("filename"))
        folder = text_of(node.get("directoryLabel")).strip("/")
        told = inner["checksum"] if isinstance(inner.get("checksum"), Mapping) else {}
        algorithm = text_of(told.get("type")).lower().replace("-", "")
        sums = {algorithm: text_of(told.get("value")).lower()} if algorithm else {}
        if text_of(inner.get("md5")):
            sums.setdefault("md5", text_of(inner["md5"]).lower())
        size = whole_number(inner.get("filesize"))
        if inner.get("originalFileName"):  # the digests are those of the table that Dataverse made of it
            sums, size = {}, whole_number(inner.get("originalFileSize"))
        if name:
            path = f"{folder}/{name}" if folder else name
            found.append((SourceFile(path, size, tuple(sorted(sums.items()))), bool(node.get("restricted"))))
    return found


class _Reader:
    """Takes fields one after the other into those of a Work."""

    def __init__(self) -> None:
        self.fields: Fields = {}
        self.untaken: list[Untaken] = []
        self.kinds: list[str] = []
        self.publisher: JSON = None
        self.access_note = ""

    def take(self, block: str, node: Node) -> None:
        name, value = text_of(node.get("typeName")), node.get("value")
        if value in (None, "", [], {}):
            return
        read = _READERS.get(name)
        if read is None:
            self.untaken.append(left(f"{block}.{name}", _plain(value)))
            return
        for item in value if isinstance(value, list) else [value]:
            plain = _plain(item)
            if not read(self, plain):
                self.untaken.append(left(f"{block}.{name}", plain))

    def add(self, field: str, value: JSON) -> bool:
        self.fields.setdefault(field, []).append(compact(value) if isinstance(value, dict) else value)
        return True

    def terms(self, version: Node) -> None:
        licence = version.get("license")
        if isinstance(licence, Mapping):
            address, name = text_of(licence.get("uri")), text_of(licence.get("name"))
            bare = re.sub(r"^https?|/(deed|legalcode)(\.\w+)?$", "", address).rstrip("/")
            spdx = (
                _LICENCES.get(bare)
                or (name if name in LICENCES else None)
                or {"CC0 1.0": "CC0-1.0", "CC0": "CC0-1.0"}.get(name)
            )
            if spdx:
                self.add("rights", {"id": spdx})
            elif name or address:
                self.add("rights", {"text": name, "uri": address})
        elif text_of(licence) and text_of(licence) != "NONE":
            self.add("rights", {"id": "CC0-1.0"} if text_of(licence) == "CC0" else {"text": text_of(licence)})
        if words := text_of(version.get("termsOfUse")):
            self.add("rights", {"text": without_html(words)})
        self.access_note = without_html(text_of(version.get("termsOfAccess")))
        for name in _TERMS:
            if words := text_of(version.get(name)):
                self.untaken.append(left(name, words))


_TERMS = (
    "confidentialityDeclaration", "specialPermissions", "restrictions", "citationRequirements", "depositorRequirements", "conditions",
    "disclaimer", "dataAccessPlace", "originalArchive", "availabilityStatus", "contactForAccess", "sizeOfCollection",
    "studyCompletion", "versionNote", "deaccessionNote",
)  # fmt: skip


def _plain(value: JSON) -> JSON:
    """A value without its wrapping: ``{"authorName": {"typeName": …, "value": "Doe, Jane"}}`` → ``{"authorName": "Doe, Jane"}``."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        str(name): _plain(inner.get("value")) if isinstance(inner, Mapping) and "typeName" in inner else inner
        for name, inner in value.items()
    }


def _named(item: JSON, prefix: str) -> dict[str, JSON] | None:
    if not isinstance(item, dict):
        return None
    name = text_of(item.get(f"{prefix}Name"))
    return {"name": name, "affiliation": item.get(f"{prefix}Affiliation")} if name else None


def _agent(name: str, affiliation: JSON, scheme: str = "", identifier: str = "") -> dict[str, JSON]:
    words = text_of(affiliation)
    orcid = re.search(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", identifier) if scheme.upper() == "ORCID" else None
    ror = ROR_ID.search(identifier)
    is_person = bool(orcid) or (bool(_IS_PERSON.match(name)) and not ror)
    family, _, given = name.partition(",")
    return compact(
        {
            "name": name,
            "name_type": "Personal" if is_person else "Organizational",
            "family_name": family.strip() if is_person and given else None,
            "given_name": given.strip() if is_person and given else None,
            "orcid": orcid[0] if orcid else None,
            "ror": f"https://ror.org/{ror[1]}" if ror else None,
            "affiliations": [{"name": words.strip("()")}] if words else None,
        }
    )


def _author(reader: _Reader, item: JSON) -> bool:
    if not isinstance(item, dict) or not text_of(item.get("authorName")):
        return False
    scheme, identifier = text_of(item.get("authorIdentifierScheme")), text_of(item.get("authorIdentifier"))
    agent = _agent(text_of(item["authorName"]), item.get("authorAffiliation"), scheme, identifier)
    if identifier and not agent.get("orcid") and not agent.get("ror"):
        reader.untaken.append(left("citation.author.authorIdentifier", f"{scheme}: {identifier}"))
    return reader.add("creators", agent)


def _contributor(name: str, role: str) -> Callable[[_Reader, JSON], bool]:
    def read(reader: _Reader, item: JSON) -> bool:
        if not isinstance(item, dict) or not (called := text_of(item.get(f"{name}Name"))):
            return False
        kind = role or _ROLES.get(re.sub(r"\W", "", text_of(item.get(f"{name}Type"))).lower(), "Other")
        for part, value in item.items():
            if part.endswith(("Email", "URL", "LogoURL", "Abbreviation")) and value:
                reader.untaken.append(
                    left(f"citation.{name}.{part}", "an address" if part.endswith("Email") else value)
                )
        return reader.add("contributors", {**_agent(called, item.get(f"{name}Affiliation")), "role": kind})

    return read


def _distributor(reader: _Reader, item: JSON) -> bool:
    named = _named(item, "distributor")
    if named is None:
        return False
    reader.publisher = reader.publisher or {"name": named["name"]}
    return _contributor("distributor", "Distributor")(reader, item)


def _title(kind: str | None) -> Callable[[_Reader, JSON], bool]:
    def read(reader: _Reader, item: JSON) -> bool:
        held = reader.fields.setdefault("titles", [])
        held.insert(0 if kind is None else len(held), compact({"text": text_of(item), "type": kind}))
        return bool(text_of(item))

    return read


def _description(reader: _Reader, item: JSON) -> bool:
    text = without_html(text_of(item.get("dsDescriptionValue"))) if isinstance(item, dict) else ""
    return bool(text) and reader.add("descriptions", {"text": text, "type": "Abstract"})


def _note(kind: str, label: str = "") -> Callable[[_Reader, JSON], bool]:
    def read(reader: _Reader, item: JSON) -> bool:
        words = "; ".join(map(text_of, item.values())) if isinstance(item, dict) else text_of(item)
        words = without_html(words)
        return bool(words) and reader.add("descriptions", {"text": f"{label}{words}", "type": kind})

    return read


def _keyword(prefix: str, scheme: str) -> Callable[[_Reader, JSON], bool]:
    def read(reader: _Reader, item: JSON) -> bool:
        if not isinstance(item, dict) or not text_of(item.get(f"{prefix}Value")):
            return False
        return reader.add(
            "subjects",
            {
                "text": text_of(item[f"{prefix}Value"]),
                "scheme": text_of(item.get(f"{scheme}")),
                "scheme_uri": text_of(item.get(f"{scheme}URI")),
                "value_uri": text_of(item.get(f"{prefix}TermURI")),
            },
        )

    return read


def _subject(reader: _Reader, item: JSON) -> bool:
    return bool(text_of(item)) and reader.add("subjects", {"text": text_of(item)})


def _other_id(reader: _Reader, item: JSON) -> bool:
    value = text_of(item.get("otherIdValue")) if isinstance(item, dict) else ""
    kind = text_of(item.get("otherIdAgency")) if isinstance(item, dict) else ""
    return bool(value) and reader.add("alternate_identifiers", {"identifier": value, "type": kind or "other"})


def _publication(reader: _Reader, item: JSON) -> bool:
    if not isinstance(item, dict):
        return False
    number, address = text_of(item.get("publicationIDNumber")), text_of(item.get("publicationURL"))
    scheme = _SCHEMES.get(text_of(item.get("publicationIDType")).lower()) or (scheme_of(number) if number else None)
    value = number if number and scheme else address
    if not value:
        return False
    relation = _RELATIONS.get(text_of(item.get("publicationRelationType")).lower(), "IsReferencedBy")
    return reader.add(
        "related",
        {
            "identifier": value,
            "scheme": scheme if value == number else scheme_of(address) or "URL",
            "relation": relation,
            "title": without_html(text_of(item.get("publicationCitation")))[:2000],
        },
    )


def _loose(relation: str) -> Callable[[_Reader, JSON], bool]:
    """A related work in free words: taken where an identifier stands in them."""

    def read(reader: _Reader, item: JSON) -> bool:
        words = without_html(text_of(item))
        found = re.search(r"10\.\d{4,9}/[^\s\"<>;,]+[^\s\"<>;,.)]|https?://[^\s\"<>]+[^\s\"<>.,;)]", words)
        if found is None:
            return False
        scheme = scheme_of(found[0])
        return reader.add(
            "related", {"identifier": found[0], "scheme": scheme, "relation": relation, "title": words[:2000]}
        )

    return read


def _period(prefix: str, kind: str) -> Callable[[_Reader, JSON], bool]:
    def read(reader: _Reader, item: JSON) -> bool:
        if not isinstance(item, dict):
            return False
        start, end = text_of(item.get(f"{prefix}Start")), text_of(item.get(f"{prefix}End"))
        if not (start or end):
            return False
        return reader.add("dates", {"date": start if start == end else f"{start or '..'}/{end or '..'}", "type": kind})

    return read


def _day(kind: str) -> Callable[[_Reader, JSON], bool]:
    return lambda reader, item: bool(text_of(item)) and reader.add("dates", {"date": text_of(item), "type": kind})


def _grant(reader: _Reader, item: JSON) -> bool:
    if not isinstance(item, dict):
        return False
    funder, number = text_of(item.get("grantNumberAgency")), text_of(item.get("grantNumberValue"))
    return bool(funder) and reader.add("funding", {"funder": funder, "award": number})


def _language(reader: _Reader, item: JSON) -> bool:
    words = text_of(item).lower()
    code = _LANGUAGES.get(words) or (words if words in ISO_639_3 else None)
    return bool(code) and reader.add("languages", code)


def _software(reader: _Reader, item: JSON) -> bool:
    if not isinstance(item, dict) or not text_of(item.get("softwareName")):
        return False
    return reader.add(
        "software", {"name": text_of(item["softwareName"]), "version": text_of(item.get("softwareVersion"))}
    )


def _kind(reader: _Reader, item: JSON) -> bool:
    reader.kinds.append(text_of(item))
    return True


def _place(reader: _Reader, item: JSON) -> bool:
    if not isinstance(item, dict):
        return False
    parts = (text_of(item.get(name)) for name in ("otherGeographicCoverage", "city", "state", "country"))
    words = ", ".join(filter(None, parts))
    return bool(words) and reader.add("locations", {"place": words})


def _box(reader: _Reader, item: JSON) -> bool:
    if not isinstance(item, dict):
        return False
    names = (("west", "west"), ("south", "south"), ("east", "east"), ("north", "north"))
    try:
        sides = {ours: float(_side(item, theirs)) for ours, theirs in names}
    except ValueError:
        return False
    return reader.add("locations", {"box": sides})


def _side(item: Node, side: str) -> str:
    for name in (f"{side}Longitude", f"{side}Latitude"):
        if text_of(item.get(name)):
            return text_of(item[name])
    raise ValueError(side)


_READERS: dict[str, Callable[[_Reader, JSON], bool]] = {
    "title": _title(None),
    "subtitle": _title("Subtitle"),
    "alternativeTitle": _title("AlternativeTitle"),
    "author": _author,
    "datasetContact": _contributor("datasetContact", "ContactPerson"),
    "contributor": _contributor("contributor", ""),
    "producer": _contributor("producer", "Producer"),
    "distributor": _distributor,
    "dsDescription": _description,
    "notesText": _note("Other"),
    "characteristicOfSources": _note("Other", "Characteristics of sources: "),
    "originOfSources": _note("Other", "Origin of sources: "),
    "accessToSources": _note("Other", "Access to sources: "),
    "series": _note("SeriesInformation"),
    "subject": _subject,
    "keyword": _keyword("keyword", "keywordVocabulary"),
    "topicClassification": _keyword("topicClass", "topicClassVocab"),
    "otherId": _other_id,
    "publication": _publication,
    "relatedMaterial": _loose("References"),
    "relatedDatasets": _loose("References"),
    "otherReferences": _loose("References"),
    "dataSources": _loose("IsDerivedFrom"),
    "alternativeURL": lambda reader, item: (
        bool(text_of(item)) and reader.add("alternate_identifiers", {"identifier": text_of(item), "type": "URL"})
    ),
    "language": _language,
    "grantNumber": _grant,
    "productionDate": _day("Created"),
    "dateOfDeposit": _day("Submitted"),
    "distributionDate": _day("Issued"),
    "timePeriodCovered": _period("timePeriodCovered", "Coverage"),
    "dateOfCollection": _period("dateOfCollection", "Collected"),
    "kindOfData": _kind,
    "software": _software,
    "geographicCoverage": _place,
    "geographicBoundingBox": _box,
}
_CLOSED_TOGETHER = Text2(
    "Some files are restricted at the source and others open. Here a record's files are closed together, so all of them are.",
    "取り込み元では一部のファイルだけが制限されています。ここでは記録のファイルをまとめて制限するため、すべて制限されます。",
)
