"""An RO-Crate's root dataset as it is imported: schema.org's words, and JPCOAR's as WEKO3 writes them (``dc:title``,
``jpcoar:creator`` …; which of them a repository uses, its operators map). RO-Crate 1.1 to 1.3.

The graph is flat: every reference is looked up in it, at most :data:`DEEPEST` steps from the root.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from shirushi.exchange.common import ROR_ID, compact
from shirushi.exchange.errors import NotReadable
from shirushi.exchange.imported import (
    Imported,
    Node,
    SourceFile,
    System,
    Untaken,
    built,
    known,
    left,
    nodes,
    text_of,
)
from shirushi.exchange.jpcoar_terms import TYPES
from shirushi.exchange.licences import LICENCES
from shirushi.exchange.weko3_reading import language
from shirushi.metadata.vocabularies import ContributorRole, DateType, RelationType, ResourceTypeGeneral, terms
from shirushi.metadata.work import is_web_address, scheme_of

JSON = Any

DEEPEST = 6
MOST_ENTITIES = 500_000
_LICENCES = {re.sub(r"^https?", "", known.url).rstrip("/"): name for name, known in LICENCES.items()}
_RELATIONS = {term.lower(): term for term in terms(RelationType)}
_KINDS = {label: general for general, label in TYPES.items()}
_PLAIN = {
    "hasPart",
    "@id",
    "@type",
    "conformsTo",
    "datePublished",
    "sdDatePublished",
    "isAccessibleForFree",
    "mentions",
    "mainEntity",
}
# The properties that a field is read from, without their prefix, in lower case.
_WORDS: dict[str, tuple[str, ...]] = {
    "titles": ("title", "name", "alternative", "alternatename", "alternativeheadline"),
    "creators": ("creator", "author"),
    "contributors": ("contributor", "rightsholder", "copyrightholder", "editor"),
    "publisher": ("publisher",),
    "descriptions": ("description", "abstract"),
    "subjects": ("subject", "keywords", "about"),
    "rights": ("rights", "license"),
    "languages": ("language", "inlanguage"),
    "dates": ("date", "datecreated", "datemodified", "temporal", "temporalcoverage"),
    "version": ("version",),
    "related": ("relation", "citation", "isbasedon", "ispartof", "subjectof"),
    "funding": ("fundingreference", "funding"),
    "locations": ("geolocation", "spatialcoverage", "contentlocation"),
    "alternate_identifiers": ("identifier",),
    "resource_type": ("type", "additionaltype"),
}
_OWN = {"identifierregistration", "url", "doi", "cite-as", "citeas"}
_FIELD = {word: field for field, words in _WORDS.items() for word in words}


def from_crate(document: object, *, system: System = "weko3") -> Imported:
    """The root dataset of a crate.

    Raises:
        NotReadable: it is not a crate's metadata, or nothing in it tells this record apart from others.
    """
    graph = document.get("@graph") if isinstance(document, Mapping) else None
    if not isinstance(graph, list) or len(graph) > MOST_ENTITIES:
        raise NotReadable("there is no list `@graph` in it, so it is not the metadata of an RO-Crate")
    reader = _Reader(nodes(graph))
    root = reader.root()
    for name, value in root.items():
        reader.take(name, value)
    work, unfit = built(reader.fields())
    own = reader.own
    named = [_value(reader.node(each)) for each in _listed(root.get("identifier"))]
    if own is None:
        own = next((found for each in named if (found := known(each))), None)
        own = own or known(root.get("@id"))
    places = [text_of(each) for each in (root.get("url"), root.get("@id"), *named)]
    url = next((place for place in places if is_web_address(place)), None)
    key: str | None = own.value.lower() if own else url
    if key is None:
        raise NotReadable(
            "the crate names neither a DOI nor an address of its own, so the record could not be told apart from others"
        )
    return Imported(
        system, key, work, own, url=url, files=tuple(reader.files(root)), untaken=tuple(reader.untaken + unfit)
    )


class _Reader:
    def __init__(self, graph: list[Node]) -> None:
        self.entities = {text_of(entity.get("@id")): entity for entity in graph}
        self.held: dict[str, list[JSON]] = {}
        self.untaken: list[Untaken] = []
        self.own: Any = None
        self.day = ""

    def root(self) -> Node:
        for name, entity in self.entities.items():
            if PurePosixPath(name).name == "ro-crate-metadata.json" and isinstance(entity.get("about"), Mapping):
                found = self.entities.get(text_of(entity["about"].get("@id")))
                if found is not None:
                    return found
        raise NotReadable("nothing in the crate says which dataset it is about (the descriptor's `about`)")

    def node(self, value: JSON, depth: int = 0) -> JSON:
        """A value with what it refers to in its place."""
        if isinstance(value, list):
            return [self.node(item, depth) for item in value]
        if not isinstance(value, Mapping) or depth > DEEPEST:
            return value
        found: dict[str, JSON] = dict(value)
        if set(found) <= {"@id", "@type"}:
            found = {**self.entities.get(text_of(value.get("@id")), {}), **found}
        return {name: inner if name == "hasPart" else self.node(inner, depth + 1) for name, inner in found.items()}

    def take(self, key: str, value: JSON) -> None:
        name = key.rpartition(":")[2].lower()
        if key == "datePublished":
            self.day = text_of(value)[:10]
        if name in _OWN:
            self.own = self.own or next(
                (found for each in _listed(value) if (found := known(_value(self.node(each))))), None
            )
        elif name in _FIELD and key not in _PLAIN:
            for item in _listed(value):
                whole = self.node(item)
                self.held.setdefault(_FIELD[name], []).append((name, whole))
        elif key not in _PLAIN and value not in (None, "", [], {}):
            self.untaken.append(left(key, self.node(value)))

    def fields(self) -> dict[str, JSON]:
        found: dict[str, JSON] = {}
        if any(name == "title" for name, _ in self.held.get("titles", ())):
            self._prefer_titles()
        for field, held in self.held.items():
            is_single = field in ("publisher", "version", "resource_type")
            kept: list[JSON] = []
            for name, value in held:
                made = _MADE[field](name, value)
                if made in (None, {}, []) or (is_single and kept):
                    if not (field == "alternate_identifiers" and known(_value(value))):
                        self.untaken.append(left(name, value))
                else:
                    kept += made if isinstance(made, list) else [made]
            if kept:
                found[field] = kept[0] if is_single else kept
        for title in found.get("titles", [])[1:]:
            title.setdefault("type", "TranslatedTitle" if title.get("lang") else "AlternativeTitle")
        if self.day:
            found["publication_date"] = self.day
        return found

    def _prefer_titles(self) -> None:
        """The crate's ``name`` is what the system calls it (WEKO3: record_11) where there is a title as well."""
        named = [value for name, value in self.held["titles"] if name == "name"]
        self.held["titles"] = [(name, value) for name, value in self.held["titles"] if name != "name"]
        said = {_value(value) for _, value in self.held["titles"]}
        self.untaken += [left("name", value) for value in named if _value(value) not in said]

    def files(self, root: Node) -> Iterable[SourceFile]:
        for part in _listed(root.get("hasPart")):
            name = text_of(part.get("@id")) if isinstance(part, Mapping) else ""
            entity = self.entities.get(name, {})
            if "File" not in _listed(entity.get("@type")):
                continue
            size = text_of(entity.get("contentSize"))
            digest = text_of(entity.get("sha256")).lower()
            sums = (("sha256", digest),) if re.fullmatch("[0-9a-f]{64}", digest) else ()
            remote = is_web_address(name)
            path = PurePosixPath(unquote(name)).name if remote else unquote(name.removeprefix("./"))
            if path:
                yield SourceFile(path, int(size) if size.isdecimal() else None, sums, name if remote else None)


def _listed(value: JSON) -> list[JSON]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _value(value: JSON) -> str:
    """The words of a value: its own, or those of an entity that holds them."""
    if isinstance(value, Mapping):
        for name in ("value", "@value", "name", "title", "text", "@id"):
            if words := _value(next(iter(_listed(value.get(name))), None)):
                return words
        return ""
    return text_of(value)


def _tongue(value: JSON) -> str | None:
    if not isinstance(value, Mapping):
        return None
    found = next((value[name] for name in ("language", "@language", "inLanguage", "lang") if value.get(name)), None)
    return language(_value(found)) if found else None


def _inner(value: JSON, *names: str) -> JSON:
    """A part of an entity by any of its names, whatever their prefix."""
    if isinstance(value, Mapping):
        for key, held in value.items():
            if key.rpartition(":")[2].lower() in names:
                return held
    return None


def _title(name: str, value: JSON) -> JSON:
    kind = "AlternativeTitle" if name.startswith("alternat") else None
    return compact({"text": _value(value), "lang": _tongue(value), "type": kind})


def _agent(name: str, value: JSON) -> JSON:
    names = _listed(_inner(value, "creatorname", "contributorname", "rightsholdername")) or _listed(
        _inner(value, "name")
    )
    family, given = (_value(next(iter(_listed(_inner(value, part))), None)) for part in ("familyname", "givenname"))
    forms = [(_value(each), _tongue(each)) for each in names or [value]]
    forms = [form for form in forms if form[0]]
    label = forms[0][0] if forms else ", ".join(filter(None, (family, given)))
    marks = " ".join(
        _flat(
            [
                _inner(value, "nameidentifier", "identifier", "sameas"),
                value.get("@id") if isinstance(value, Mapping) else "",
            ]
        )
    )
    orcid = re.search(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", marks)
    ror = ROR_ID.search(marks)
    kinds = _listed(value.get("@type")) if isinstance(value, Mapping) else []
    organisation = "Organization" in kinds or (bool(ror) and not orcid)
    return compact(
        {
            "name": label,
            "lang": forms[0][1] if forms else None,
            "name_type": "Organizational" if organisation else "Personal",
            "family_name": None if organisation else family,
            "given_name": None if organisation else given,
            "orcid": orcid[0] if orcid else None,
            "ror": f"https://ror.org/{ror[1]}" if ror and organisation else None,
            "affiliations": [made for each in _listed(_inner(value, "affiliation")) if (made := _affiliation(each))],
            "other_names": [compact({"name": form, "lang": tag}) for form, tag in forms[1:]],
        }
    ) if label else None  # fmt: skip


def _affiliation(value: JSON) -> JSON:
    ror = ROR_ID.search(" ".join(_flat(value)))
    words = _value(_inner(value, "affiliationname", "name")) or _value(value)
    return compact({"name": words, "ror": f"https://ror.org/{ror[1]}" if ror else None}) if words else None


def _flat(value: JSON) -> list[str]:
    if isinstance(value, Mapping):
        return [text for inner in value.values() for text in _flat(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _flat(inner)]
    return [value] if isinstance(value, str) else []


def _contributor(name: str, value: JSON) -> JSON:
    agent = _agent(name, value)
    told = _value(_inner(value, "contributortype", "rolename", "jobtitle"))
    role = {"editor": "Editor", "rightsholder": "RightsHolder", "copyrightholder": "RightsHolder"}.get(name)
    role = role or (told if told in terms(ContributorRole) else "Other")
    return agent and {**agent, "role": role}


def _publisher(name: str, value: JSON) -> JSON:
    ror = ROR_ID.search(" ".join(_flat(value)))
    words = _value(_inner(value, "publishername", "name")) or _value(value)
    return (
        compact({"name": words, "lang": _tongue(value), "ror": f"https://ror.org/{ror[1]}" if ror else None})
        if words
        else None
    )


def _description(name: str, value: JSON) -> JSON:
    kind = _value(_inner(value, "descriptiontype")) or "Abstract"
    return compact({"text": _value(value), "lang": _tongue(value), "type": kind}) if _value(value) else None


def _subject(name: str, value: JSON) -> JSON:
    if isinstance(value, str) and name == "keywords":
        return [{"text": word.strip()} for word in value.split(",") if word.strip()]
    address = text_of(value.get("@id")) if isinstance(value, Mapping) else ""
    words = _value(value)
    scheme = _value(_inner(value, "subjectscheme", "interminset", "definedtermset"))
    uri = address if is_web_address(address) else None
    return compact({"text": words, "lang": _tongue(value), "scheme": scheme, "value_uri": uri}) if words else None


def _rights(name: str, value: JSON) -> JSON:
    address = next((text for text in [text_of(value), *_flat(value)] if is_web_address(text)), "")
    bare = re.sub(r"^https?|/(deed|legalcode)(\.\w+)?$", "", address).rstrip("/")
    words = _value(_inner(value, "rights", "name")) or ("" if address == _value(value) else _value(value))
    short = _value(_inner(value, "identifier")) or words
    if spdx := _LICENCES.get(bare) or (short if short in LICENCES else None):
        return {"id": spdx}
    return compact({"text": words, "uri": address}) or None


def _language(name: str, value: JSON) -> JSON:
    return language(_value(_inner(value, "alternatename")) or _value(value))


def _date(name: str, value: JSON) -> JSON:
    words = _value(_inner(value, "datevalue")) or _value(value)
    kind = {
        "datecreated": "Created",
        "datemodified": "Updated",
        "temporal": "Coverage",
        "temporalcoverage": "Coverage",
    }.get(name)
    told = _value(_inner(value, "datetype"))
    day = "/".join(part[:10] for part in words.split("/"))
    return {"date": day, "type": kind or (told if told in terms(DateType) else "Other")} if words else None


def _version(name: str, value: JSON) -> JSON:
    return _value(value) or None


def _related(name: str, value: JSON) -> JSON:
    told = _value(_inner(value, "relationtype", "propertyid"))
    usual = {
        "citation": "Cites",
        "isbasedon": "IsDerivedFrom",
        "ispartof": "IsPartOf",
        "subjectof": "IsReferencedBy",
    }.get(name)
    relation = _RELATIONS.get(told.lower()) or usual
    inner = _value(_inner(value, "relatedidentifier", "identifier"))
    target = (
        inner
        if inner and scheme_of(inner)
        else text_of(value.get("@id"))
        if isinstance(value, Mapping)
        else text_of(value)
    )
    scheme = scheme_of(target) if target else None
    if not (relation and scheme):
        return None
    title = _value(_inner(value, "relatedtitle", "name"))
    return compact({"identifier": target, "scheme": scheme, "relation": relation, "title": title})


def _funding(name: str, value: JSON) -> JSON:
    funder = _value(_inner(value, "fundername")) or _value(_inner(value, "funder"))
    number = _value(_inner(value, "awardnumber", "identifier"))
    title = _value(_inner(value, "awardtitle", "name"))
    return compact({"funder": funder, "award": number, "award_title": title}) if funder else None


def _location(name: str, value: JSON) -> JSON:
    words = _value(_inner(value, "geolocationplace", "name"))
    geo = _inner(value, "geo") or value
    x, y = _value(_inner(geo, "longitude", "pointlongitude")), _value(_inner(geo, "latitude", "pointlatitude"))
    box = re.findall(r"-?\d+(?:\.\d+)?", _value(_inner(geo, "box")))
    sides: JSON = None
    try:
        if len(box) == 4:
            south, west, north, east = map(float, box)
            sides = {"west": west, "south": south, "east": east, "north": north}
        elif x and y:
            sides = {"west": float(x), "east": float(x), "south": float(y), "north": float(y)}
    except ValueError:
        sides = None
    return compact({"place": words, "box": sides}) or None


def _other_id(name: str, value: JSON) -> JSON:
    words = _value(value)
    if not words or known(words):
        return None
    kind = _value(_inner(value, "identifiertype", "propertyid"))
    return {"identifier": words, "type": kind or scheme_of(words) or "other"}


def _type(name: str, value: JSON) -> JSON:
    words = _value(value).rpartition("/")[2]
    general = words if words in terms(ResourceTypeGeneral) else _KINDS.get(words.lower())
    return {"general": general} if general else {"general": "Dataset", "text": words} if words else None


_MADE = {
    "titles": _title,
    "creators": _agent,
    "contributors": _contributor,
    "publisher": _publisher,
    "descriptions": _description,
    "subjects": _subject,
    "rights": _rights,
    "languages": _language,
    "dates": _date,
    "version": _version,
    "related": _related,
    "funding": _funding,
    "locations": _location,
    "alternate_identifiers": _other_id,
    "resource_type": _type,
}
