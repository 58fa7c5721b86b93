"""Metadata in RDF: DCAT and its profiles, VoID, Dublin Core, schema.org and OWL headers, in Turtle, N-Triples, TriG or RDF/XML.

Parsed by rdflib, of a bounded size; nothing is fetched, and RDF/XML that declares entities is not read.

Sources: DCAT 3, DCMI Metadata Terms, VoID (W3C Interest Group Note), schema.org 29, OWL 2, vCard ontology, PROV-O.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers import placing, stating
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.placing import Page

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

READER = "rdf/1"
MOST_BYTES = 2_000_000
MOST_SUBJECTS = 3  # things described; more are data, not metadata
MOST_VALUES = 40
_FORMATS = {
    "text/turtle": "turtle",
    "application/n-triples": "nt",
    "application/trig": "trig",
    "application/rdf+xml": "xml",
}
_DCT, _DC, _DCAT = "http://purl.org/dc/terms/", "http://purl.org/dc/elements/1.1/", "http://www.w3.org/ns/dcat#"
_SCHEMA, _FOAF = "https://schema.org/", "http://xmlns.com/foaf/0.1/"
_RDFS, _SKOS, _OWL = (
    "http://www.w3.org/2000/01/rdf-schema#",
    "http://www.w3.org/2004/02/skos/core#",
    "http://www.w3.org/2002/07/owl#",
)
_VCARD, _CC, _PAV = "http://www.w3.org/2006/vcard/ns#", "http://creativecommons.org/ns#", "http://purl.org/pav/"
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
# Kinds of things whose description is that of the whole, the likeliest first
_ABOUT: Mapping[str, str] = {
    f"{_DCAT}Dataset": "Dataset", "http://rdfs.org/ns/void#Dataset": "Dataset", f"{_SCHEMA}Dataset": "Dataset",
    "http://purl.org/linked-data/cube#DataSet": "Dataset", f"{_SCHEMA}SoftwareSourceCode": "Software", f"{_DCAT}DatasetSeries": "Collection",
    f"{_DCAT}Catalog": "Collection", f"{_OWL}Ontology": "", f"{_SKOS}ConceptScheme": "",
}  # fmt: skip
_NAMES = (f"{_FOAF}name", f"{_VCARD}fn", f"{_SCHEMA}name", f"{_DCT}title", f"{_RDFS}label", f"{_SKOS}prefLabel")
_HOMES = (f"{_SCHEMA}affiliation", f"{_VCARD}organization-name", "http://www.w3.org/ns/org#memberOf")
_FAMILY, _GIVEN = (f"{_FOAF}familyName", f"{_SCHEMA}familyName"), (f"{_FOAF}givenName", f"{_SCHEMA}givenName")
_GROUPS = ("Organization", "Organisation", "Group", "Project")
_RELATIONS: Mapping[str, str] = {
    f"{_DCT}source": "IsDerivedFrom", "http://www.w3.org/ns/prov#wasDerivedFrom": "IsDerivedFrom", f"{_DCT}isReferencedBy": "IsReferencedBy",
    f"{_DCT}references": "References", f"{_DCT}relation": "References", f"{_DCT}isPartOf": "IsPartOf", f"{_DCT}hasPart": "HasPart",
    f"{_DCT}isVersionOf": "IsVersionOf", f"{_DCT}replaces": "Obsoletes", f"{_DCT}conformsTo": "References", f"{_FOAF}page": "IsDocumentedBy",
    f"{_SCHEMA}citation": "References", f"{_SCHEMA}isBasedOn": "IsDerivedFrom",
}  # fmt: skip
_DATES: Mapping[str, str] = {
    f"{_DCT}issued": "Issued", f"{_DCT}created": "Created", f"{_DCT}modified": "Updated", f"{_SCHEMA}datePublished": "Issued",
    f"{_SCHEMA}dateCreated": "Created", f"{_SCHEMA}dateModified": "Updated",
}  # fmt: skip
_TEXTS: Mapping[str, tuple[str, dict[str, JSON]]] = {
    f"{_DCT}title": ("titles", {}), f"{_DC}title": ("titles", {}), f"{_SCHEMA}name": ("titles", {}), f"{_RDFS}label": ("titles", {}),
    f"{_SKOS}prefLabel": ("titles", {}), f"{_DCT}alternative": ("titles", {"type": "AlternativeTitle"}),
    f"{_DCT}abstract": ("descriptions", {"type": "Abstract"}), f"{_DCT}description": ("descriptions", {"type": "Abstract"}),
    f"{_DC}description": ("descriptions", {"type": "Abstract"}), f"{_SCHEMA}description": ("descriptions", {"type": "Abstract"}),
    f"{_RDFS}comment": ("descriptions", {"type": "Abstract"}), f"{_DCAT}keyword": ("subjects", {}), f"{_SCHEMA}keywords": ("subjects", {}),
}  # fmt: skip
_PEOPLE: Mapping[str, str] = {
    f"{_DCT}creator": "creators", f"{_DC}creator": "creators", f"{_SCHEMA}creator": "creators", f"{_SCHEMA}author": "creators",
    f"{_FOAF}maker": "creators", f"{_PAV}authoredBy": "creators", f"{_DCT}contributor": "contributors", f"{_DC}contributor": "contributors",
    f"{_SCHEMA}contributor": "contributors",
}  # fmt: skip


@reads("text/turtle", "application/n-triples", "application/trig", "application/rdf+xml", version=1)
def read_rdf(file: File) -> Iterator[Evidence]:
    """What RDF states of the data set, catalogue, ontology or concept scheme that it describes.

    Raises:
        Unreadable: ``malformed`` when it is not in the syntax that it seems to be.
    """
    if file.size > MOST_BYTES:
        return
    text = placing.text_of(file)
    if not _mentions_a_thing(text):
        return
    yield from _Described(file, text, _graph(text, _FORMATS[file.media_type])).evidence()


def _mentions_a_thing(text: str) -> bool:
    return any(re.split(r"[#/]", kind)[-1] in text for kind in _ABOUT)


def _graph(text: str, syntax: str) -> "Graph":
    if syntax == "xml" and re.search(r"<!ENTITY", text[:65_536]):
        raise Unreadable("unsafe", "RDF/XML that declares entities is not read")
    import logging

    from rdflib import Dataset, Graph

    logging.getLogger("rdflib").setLevel(logging.CRITICAL)  # it tells of odd literals, which are read as texts
    graph = Dataset(default_union=True) if syntax == "trig" else Graph()
    try:
        graph.parse(data=text.replace("http://schema.org/", _SCHEMA), format=syntax)
    except Exception as error:
        raise Unreadable("malformed", f"not {syntax}: {str(error).splitlines()[0][:200]}") from error
    return graph


class _Described:
    """The things of a graph whose metadata it holds, and what it states of them."""

    def __init__(self, file: File, text: str, graph: "Graph") -> None:
        self.page = Page(file.name, READER, text)
        self.text = text
        self.about: dict[Node, dict[str, list[Node]]] = {}
        for subject, predicate, value in graph:
            self.about.setdefault(subject, {}).setdefault(str(predicate), []).append(value)
        for facts in self.about.values():
            for values in facts.values():
                values.sort(key=self._where)

    def evidence(self) -> Iterator[Evidence]:
        for kind in _ABOUT:
            things = [s for s, facts in self.about.items() if any(str(t) == kind for t in facts.get(_TYPE, []))]
            if 0 < len(things) <= MOST_SUBJECTS:
                yield from self._thing(min(things, key=self._where), _ABOUT[kind])
                return

    def _thing(self, thing: "Node", kind: str) -> Iterator[Evidence]:
        facts = self.about[thing]
        if kind:
            yield from self._say("resource_type", {"general": kind}, str(thing), _TYPE)
        for predicate, values in facts.items():
            for value in values[:MOST_VALUES]:
                for field, said in self._values(predicate, value):
                    yield from self._say(field, said, self._words(value) or str(value), predicate)

    def _values(self, predicate: str, value: "Node") -> Iterator[tuple[str, JSON]]:
        words, lang = self._words(value), stating.language(getattr(value, "language", None) or "")
        if predicate in _TEXTS:
            field, more = _TEXTS[predicate]
            texts = stating.split_words(words) if field == "subjects" else [stating.prose(words)]
            yield from ((field, {**more, "text": one, "lang": lang}) for one in texts)
        elif predicate in (f"{_DCT}subject", f"{_DCAT}theme"):
            name = self._first(value, _NAMES) or ("" if words.startswith("http") else words)
            address = words if words.startswith("http") else None
            yield "subjects", {"text": name, "lang": lang, "value_uri": address if name else None}
        elif predicate in _PEOPLE:
            who = self._person(value)
            yield _PEOPLE[predicate], {**who, "role": "Other"} if who and _PEOPLE[predicate] == "contributors" else who
        elif predicate in (f"{_DCT}publisher", f"{_DC}publisher", f"{_SCHEMA}publisher"):
            name = self._first(value, _NAMES) or ("" if words.startswith("http") else words)
            yield "publisher", {"name": name, "ror": stating.ror_of(words)}
        elif predicate in (f"{_DCT}license", f"{_SCHEMA}license", f"{_CC}license", f"{_DCT}rights", f"{_DC}rights"):
            yield (
                "rights",
                stating.rights(self._first(value, _NAMES) or words, words if words.startswith("http") else None),
            )
        elif predicate in _DATES and (day := stating.date(words)):
            yield "dates", {"date": day, "type": _DATES[predicate]}
        elif predicate in (f"{_DCT}language", f"{_DC}language", f"{_SCHEMA}inLanguage"):
            yield "languages", stating.language(words.rstrip("/").rpartition("/")[2].lower())
        elif predicate in (f"{_DCT}temporal", f"{_SCHEMA}temporalCoverage"):
            yield from self._time(value, words)
        elif predicate in (f"{_DCT}spatial", f"{_SCHEMA}spatialCoverage"):
            yield from self._place(value, words)
        elif predicate in _RELATIONS:
            yield "related", stating.related(words, _RELATIONS[predicate], title=self._first(value, _NAMES))
        elif predicate in (f"{_DCT}identifier", f"{_DC}identifier", "http://www.w3.org/ns/adms#identifier") and (
            doi := stating.doi_of(words)
        ):
            yield "alternate_identifiers", {"identifier": doi, "type": "DOI"}
        elif predicate in (f"{_OWL}versionInfo", f"{_DCAT}version", f"{_SCHEMA}version", f"{_PAV}version"):
            yield "version", words

    def _person(self, value: "Node") -> dict[str, JSON]:
        words = self._words(value)
        facts = self.about.get(value, {})
        group = any(str(kind).endswith(_GROUPS) for kind in facts.get(_TYPE, []))
        name = self._first(value, _NAMES) or ("" if words.startswith(("http", "_:")) else words)
        homes = [self._first(home, _NAMES) or self._words(home) for key in _HOMES for home in facts.get(key, [])]
        return stating.person(
            name, family=self._first(value, _FAMILY), given=self._first(value, _GIVEN), organisation=group, ror=words,
            orcid=" ".join([words, *(str(v) for values in facts.values() for v in values if "orcid" in str(v))]),
            affiliations=[home for home in homes if home and not home.startswith("http")],
        )  # fmt: skip

    def _time(self, value: "Node", words: str) -> Iterator[tuple[str, JSON]]:
        start = self._first(value, (f"{_DCAT}startDate", f"{_SCHEMA}startDate"))
        end = self._first(value, (f"{_DCAT}endDate", f"{_SCHEMA}endDate"))
        covered = stating.period(start, end) if start else stating.period(words)
        if covered:
            yield "dates", {"date": covered, "type": "Coverage"}

    def _place(self, value: "Node", words: str) -> Iterator[tuple[str, JSON]]:
        shape = self._first(value, (f"{_DCAT}bbox", "http://www.w3.org/ns/locn#geometry", f"{_SCHEMA}box"))
        numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", shape)] if "POLYGON" in shape.upper() else []
        if len(numbers) >= 8:
            wide, high = numbers[0::2], numbers[1::2]
            yield "locations", {"box": stating.box(min(wide), min(high), max(wide), max(high))}
        name = self._first(value, _NAMES) or ("" if words.startswith(("http", "_:")) else words)
        if name:
            yield "locations", {"place": name}

    def _first(self, node: "Node", predicates: tuple[str, ...]) -> str:
        facts = self.about.get(node, {})
        return next((self._words(v) for p in predicates for v in facts.get(p, []) if self._words(v)), "")

    def _words(self, node: Any) -> str:
        from rdflib.term import BNode

        return "" if isinstance(node, BNode) else str(node).strip()

    def _where(self, node: Any) -> int:
        """Where a node's words first stand, so that values keep the order in which they were written."""
        words = self._words(node)
        said = re.split(r"[#/]", words)[-1] if words.startswith("http") else words.split("\n", 1)[0]
        at = self.text.find(said[:80]) if said else -1
        return at if at >= 0 else len(self.text)

    def _say(self, field: str, value: JSON, said: str, predicate: str) -> Iterator[Evidence]:
        if value in (None, "", {}, []):
            return
        at = self._where(said)
        line = self.text.count("\n", 0, at) + 1 if at < len(self.text) else 1
        yield from self.page.say(field, value, "/" + re.split(r"[#/]", predicate)[-1], line, said)
