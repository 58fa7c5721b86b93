"""Metadata in the words of schema.org: codemeta.json, RO-Crate, Croissant, JSON-LD in files and in web pages.

All of them are one graph of things with ids. The thing that the file is about is found (the crate's root data set, the
only Dataset or SoftwareSourceCode), and what it points to by id is looked up in the same file; nothing is fetched.

Sources: schema.org 29; CodeMeta 3.0; RO-Crate 1.2; Croissant 1.1.
"""

import re
from collections.abc import Iterator
from typing import Any

from lxml import html
from lxml.etree import ParserError

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers import placing, positions, stating
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.metadata_citation import is_datacite, say_datacite
from shirushi.describe.readers.placing import Document
from shirushi.describe.readers.stating import as_list, mapping, words

READER = "linked/1"
_ABOUT = {"Dataset": "Dataset", "SoftwareSourceCode": "Software", "SoftwareApplication": "Software", "DataCatalog": "Collection",
    "ScholarlyArticle": "JournalArticle", "DataDownload": "Dataset", "Collection": "Collection", "Course": "InteractiveResource",
    "LearningResource": "InteractiveResource", "ImageObject": "Image", "Report": "Report"}  # fmt: skip
_VARIABLE_TYPES = {"text": "string", "string": "string", "integer": "integer", "int64": "integer", "int32": "integer", "float": "number",
    "float32": "number", "float64": "number", "number": "number", "boolean": "boolean", "bool": "boolean", "date": "date",
    "datetime": "datetime", "time": "time", "url": "string"}  # fmt: skip
_CLUES = re.compile(rb"schema\.org|\"@context\"|mlcommons\.org/croissant|\"publicationYear\"")
_MOST_SCRIPTS = 20


@reads("application/x-codemeta+json", "application/x-ro-crate+json", version=1)
def read_linked(file: File) -> Iterator[Evidence]:
    """What a codemeta.json or an RO-Crate's root says about the whole."""
    yield from _Graph(placing.document(file, READER)).evidence()


@reads("application/json", "application/ld+json", version=1)
def read_json_ld(file: File) -> Iterator[Evidence]:
    """JSON-LD of schema.org (Croissant too) and DataCite JSON, where the start of a JSON file shows that it is one."""
    if file.size > placing.MOST_BYTES or not _CLUES.search(file.head(16_384)):
        return
    doc = placing.document(file, READER)
    if is_datacite(doc.data):
        doc.reader = "datacite-json/1"
        yield from say_datacite(doc)
    else:
        yield from _Graph(doc).evidence()


@reads("text/html", version=1)
def read_html_metadata(file: File) -> Iterator[Evidence]:
    """JSON-LD and Dublin Core ``meta`` elements of a web page."""
    if file.size > placing.MOST_BYTES:
        return
    text = placing.text_of(file)
    if (
        "application/ld+json" not in text
        and "citation_" not in text
        and not re.search(r"name=[\"']dc(?:terms)?\.", text, re.IGNORECASE)
    ):
        return
    starts = [m.end() for m in re.finditer(r"<script[^>]*application/ld\+json[^>]*>", text, re.IGNORECASE)]
    for start in starts[:_MOST_SCRIPTS]:
        end = text.find("</script", start)
        # What stands before is kept as empty lines, so that the lines are those of the page.
        before = "\n" * len(re.findall(r"\r\n|\n|\r", text[:start]))
        try:
            located = positions.read_json(before + text[start : end if end >= 0 else len(text)])
        except Unreadable:
            continue
        yield from _Graph(Document(file.name, READER, located)).evidence()
    yield from _meta_elements(file, text)


class _Graph:
    """The things of one JSON-LD document by id."""

    def __init__(self, doc: Document) -> None:
        self.doc = doc
        graph = mapping(doc.data).get("@graph")
        self.base = "/@graph" if isinstance(graph, list) else ""
        things = graph if isinstance(graph, list) else doc.data if isinstance(doc.data, list) else [doc.data]
        listed = isinstance(graph, list) or isinstance(doc.data, list)
        self.things = [(f"{self.base}/{i}" if listed else "", mapping(thing)) for i, thing in enumerate(things)]
        self.by_id = {words(thing.get("@id")): (pointer, thing) for pointer, thing in self.things if thing.get("@id")}

    def evidence(self) -> Iterator[Evidence]:
        pointer, thing = self._root()
        if not thing:
            return
        yield from self._texts(pointer, thing)
        yield from self._people(pointer, thing)
        yield from self._rights(pointer, thing)
        yield from self._dates(pointer, thing)
        yield from self._links(pointer, thing)
        yield from self._variables(pointer, thing)

    def _root(self) -> tuple[str, JSON]:
        """The thing that the file is about."""
        for name in ("ro-crate-metadata.json", "./ro-crate-metadata.json", "ro-crate-metadata.jsonld"):
            if name in self.by_id:
                about = words(mapping(self.by_id[name][1].get("about")).get("@id"))
                return self.by_id.get(about, ("", {}))
        main = [(p, t) for p, t in self.things if set(_types(t)) & _ABOUT.keys()]
        return main[0] if main else ("", {})

    def _follow(self, pointer: str, value: JSON) -> tuple[str, JSON]:
        """The thing that a reference ``{"@id": …}`` stands for, when it is in the file; else the value itself."""
        key = words(mapping(value).get("@id")) if isinstance(value, dict) else ""
        return self.by_id[key] if key in self.by_id and len(mapping(value)) == 1 else (pointer, value)

    def _each(self, pointer: str, thing: JSON, *names: str) -> Iterator[tuple[str, JSON]]:
        for name in names:
            for where, value in self.doc.each(f"{pointer}/{name}") if mapping(thing).get(name) else ():
                if isinstance(value, dict) and "@list" in value:
                    yield from (self._follow(f"{where}/@list/{i}", v) for i, v in enumerate(as_list(value["@list"])))
                else:
                    yield self._follow(where, value)

    def _texts(self, pointer: str, thing: JSON) -> Iterator[Evidence]:
        say, said = self.doc.say, mapping(thing)
        for where, value in self._each(pointer, thing, "name"):
            lang = stating.language(mapping(value).get("@language"))
            yield from say("titles", {"text": words(value), "lang": lang}, where)
        for where, value in self._each(pointer, thing, "alternateName", "alternativeHeadline"):
            yield from say("titles", {"text": words(value), "type": "AlternativeTitle"}, where)
        for where, value in self._each(pointer, thing, "description", "abstract"):
            lang = stating.language(mapping(value).get("@language"))
            yield from say("descriptions", {"text": stating.prose(value), "type": "Abstract", "lang": lang}, where)
        for where, value in self._each(pointer, thing, "keywords", "about"):
            texts = (
                stating.split_words(value)
                if isinstance(value, str)
                else [words(mapping(value).get("name")) or words(value)]
            )
            address = words(mapping(value).get("@id")) if isinstance(value, dict) else ""
            for text in texts:
                uri = address if address.startswith("http") else None
                yield from say("subjects", {"text": text, "value_uri": uri}, where)
        for where, value in self._each(pointer, thing, "inLanguage"):
            code = mapping(value).get("alternateName", mapping(value).get("name")) if isinstance(value, dict) else value
            yield from say("languages", stating.language(code), where)
        for name in ("version", "softwareVersion"):
            yield from say("version", words(said.get(name)), f"{pointer}/{name}")
        kind = next((_ABOUT[t] for t in _types(said) if t in _ABOUT), "")
        yield from say("resource_type", {"general": kind} if kind else {}, f"{pointer}/@type")

    def _people(self, pointer: str, thing: JSON) -> Iterator[Evidence]:
        say = self.doc.say
        name = "creator" if mapping(thing).get("creator") else "author"
        for where, value in self._each(pointer, thing, name):
            yield from say("creators", self._person(value), where)
        for field, role in _ROLES.items():
            for where, value in self._each(pointer, thing, field):
                helper = self._person(value)
                yield from say("contributors", {**helper, "role": role} if helper else {}, where)
        for where, value in self._each(pointer, thing, "publisher", "sdPublisher", "provider"):
            label = words(mapping(value).get("name")) or (words(value) if isinstance(value, str) else "")
            yield from say(
                "publisher",
                {"name": label, "ror": stating.ror_of(words(mapping(value).get("@id")))} if label else {},
                where,
            )
            break
        for where, value in self._each(pointer, thing, "funding", "funder"):
            yield from say("funding", self._grant(value), where)
        if isinstance(mapping(thing).get("funding"), str):  # CodeMeta: the award's name or number, in words
            funder = self._follow("", mapping(thing).get("funder"))[1]
            label = words(mapping(funder).get("name")) or words(funder)
            yield from say(
                "funding",
                {"funder": label, "award": words(mapping(thing)["funding"])} if label else {},
                f"{pointer}/funding",
            )

    def _person(self, value: JSON) -> dict[str, JSON]:
        if isinstance(value, str):
            return stating.person("" if value.startswith("http") else value, orcid=value)
        said = mapping(value)
        if "Role" in _types(said) and isinstance(said.get("author", said.get("creator")), dict | str):
            return self._person(self._follow("", said.get("author", said.get("creator")))[1])
        identifiers = " ".join(
            words(v) or words(mapping(v).get("value"))
            for name in ("@id", "id", "identifier", "sameAs", "url")
            for v in as_list(said.get(name))
        )
        homes = [self._follow("", item)[1] for item in as_list(said.get("affiliation")) + as_list(said.get("worksFor"))]
        return stating.person(
            words(said.get("name")),
            given=words(said.get("givenName")),
            family=words(said.get("familyName")),
            orcid=identifiers,
            affiliations=homes,
            organisation=bool(
                {"Organization", "ResearchOrganization", "Consortium", "CollegeOrUniversity"} & set(_types(said))
            ),
            ror=identifiers,
        )

    def _grant(self, value: JSON) -> dict[str, JSON]:
        said = mapping(value)
        if "Grant" in _types(said) or "MonetaryGrant" in _types(said):
            funder = self._follow("", as_list(said.get("funder"))[0] if as_list(said.get("funder")) else "")[1]
            title, award = words(said.get("name")), words(said.get("identifier"))
            return {
                "funder": words(mapping(funder).get("name")) or words(funder),
                "award": award,
                "award_title": title,
                "award_uri": words(said.get("url")),
            }
        if "Organization" in _types(said) or "FundingAgency" in _types(said):
            address = words(said.get("@id"))
            return {"funder": words(said.get("name")), "funder_id": address if address.startswith("http") else None}
        return {}

    def _rights(self, pointer: str, thing: JSON) -> Iterator[Evidence]:
        for where, value in self._each(pointer, thing, "license"):
            said = mapping(value)
            address = words(said.get("url")) or words(said.get("@id")) if isinstance(value, dict) else ""
            named = words(said.get("name")) if isinstance(value, dict) else words(value)
            yield from self.doc.say(
                "rights", stating.rights(named, address if address.startswith("http") else None), where
            )

    def _dates(self, pointer: str, thing: JSON) -> Iterator[Evidence]:
        said = mapping(thing)
        published = stating.date(said.get("datePublished"))
        yield from self.doc.say("publication_date", published, f"{pointer}/datePublished")
        for name, kind in (("datePublished", "Issued"), ("dateCreated", "Created"), ("dateModified", "Updated")):
            found = stating.date(said.get(name))
            yield from self.doc.say("dates", {"date": found, "type": kind} if found else {}, f"{pointer}/{name}")
        for where, value in self._each(pointer, thing, "temporalCoverage"):
            found = stating.period(value)
            yield from self.doc.say("dates", {"date": found, "type": "Coverage"} if found else {}, where)
        for where, value in self._each(pointer, thing, "spatialCoverage", "contentLocation"):
            yield from self.doc.say("locations", self._place(value), where)

    def _place(self, value: JSON) -> dict[str, JSON]:
        if isinstance(value, str):
            return {"place": value}
        said = mapping(value)
        shape = mapping(self._follow("", as_list(said.get("geo"))[0])[1]) if as_list(said.get("geo")) else {}
        area = None
        if numbers := re.findall(r"-?\d+(?:\.\d+)?", words(shape.get("box"))):
            south, west, north, east = (
                numbers if len(numbers) == 4 else [None] * 4
            )  # "south west north east" (schema.org GeoShape)
            area = stating.box(west, south, east, north)
        elif "latitude" in shape:
            area = stating.box(shape.get("longitude"), shape["latitude"], shape.get("longitude"), shape["latitude"])
        return {"place": words(said.get("name")), "box": area}

    def _links(self, pointer: str, thing: JSON) -> Iterator[Evidence]:
        for where, value in self._each(pointer, thing, "identifier"):
            said = mapping(value)
            own = words(said.get("value")) or words(said.get("@id")) if isinstance(value, dict) else words(value)
            doi = stating.doi_of(own)
            yield from self.doc.say("alternate_identifiers", {"identifier": doi, "type": "DOI"} if doi else {}, where)
        for name, relation in _RELATIONS.items():
            for where, value in self._each(pointer, thing, name):
                said = mapping(value)
                target = (
                    words(said.get("@id")) or words(said.get("identifier")) or words(said.get("url"))
                    if isinstance(value, dict)
                    else value
                )
                title = words(said.get("name")) if isinstance(value, dict) else ""
                yield from self.doc.say("related", stating.related(target, relation, title=title), where)

    def _variables(self, pointer: str, thing: JSON) -> Iterator[Evidence]:
        for where, value in self._each(pointer, thing, "variableMeasured"):
            said = mapping(value)
            name = words(said.get("name")) if isinstance(value, dict) else words(value)
            variable = {"name": name, "unit": words(said.get("unitText")) or words(said.get("unitCode")), "description": stating.prose(said.get("description")),
                "minimum": said.get("minValue"), "maximum": said.get("maxValue")}  # fmt: skip
            yield from self.doc.say("variables", variable if isinstance(value, dict) else {"name": name}, where)
        for where, record in self._each(pointer, thing, "recordSet", "cr:recordSet"):
            for place, item in self.doc.each(f"{where}/field"):
                said = mapping(item)
                kind = next(
                    (
                        _VARIABLE_TYPES[k]
                        for t in as_list(said.get("dataType"))
                        if (k := words(t).rpartition(":")[2].lower()) in _VARIABLE_TYPES
                    ),
                    None,
                )
                name = words(said.get("name")).rpartition("/")[2]
                part = words(mapping(record).get("name"))
                yield from self.doc.say(
                    "variables",
                    {"name": name, "type": kind, "part": part, "description": stating.prose(said.get("description"))},
                    place,
                )


_ROLES = {"contributor": "Other", "editor": "Editor", "maintainer": "DataManager", "contactPoint": "ContactPerson",
    "copyrightHolder": "RightsHolder", "producer": "Producer"}  # fmt: skip
_RELATIONS = {"citation": "References", "isBasedOn": "IsDerivedFrom", "isPartOf": "IsPartOf", "subjectOf": "IsDescribedBy",
    "referencePublication": "IsDocumentedBy", "codeRepository": "IsSupplementedBy", "sameAs": "IsIdenticalTo",
    "relatedLink": "References", "mentions": "References"}  # fmt: skip


def _types(thing: JSON) -> list[str]:
    found = as_list(mapping(thing).get("@type", mapping(thing).get("type")))
    return [words(t).rpartition("/")[2].rpartition(":")[2] for t in found]


def _meta_elements(file: File, text: str) -> Iterator[Evidence]:
    """``<meta name="DC.title" content="…">`` and the ``citation_…`` elements that publishers write."""
    if not text.strip():
        return
    try:
        page = html.document_fromstring(
            text.encode("utf-8"), parser=html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
        )
    except ParserError:
        return
    lines = placing.Page(file.name, READER, text)
    for element in page.iter("meta"):
        name, content = str(element.get("name", "")).lower(), str(element.get("content", "")).strip()
        key = re.sub(r"^(?:dc|dcterms|citation)[._]", "", name)
        line: Any = element.sourceline
        for field, value in stating.dublin_core(key, content) if key != name and content else ():
            yield from lines.say(field, value, f"meta[{name}]", line or 1, content)
