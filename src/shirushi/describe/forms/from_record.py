"""Facts that the record's suggestions already are: each keeps its calibrated confidence and its evidence."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from shirushi.describe.evidence import JSON, Suggestion
from shirushi.describe.forms.known import Fact, Known, bounded
from shirushi.describe.forms.people import Person, is_place_of_work, lang_of
from shirushi.describe.names import unscrambled
from shirushi.describe.readers.units import split_header
from shirushi.describe.text import CJK, has_cjk
from shirushi.metadata.fields import field_of

LEAST = 0.15  # suggestions less likely are not worth an answer
_DATES = {"Issued": "date.issued", "Updated": "date.updated", "Created": "date.created", "Available": "date.available"}
_TWO_SCRIPTS = re.compile(rf"^([^\n]*[{CJK}][^\n]*?)[\s　]+([A-Za-z][A-Za-z\-,.'’() ]{{14,}})$")
_UNIVERSITY = re.compile(r"Univers|Institut|College|Academy|大学$|大学院大学|研究所|機構|高等専門学校", re.IGNORECASE)


def facts_of_record(suggestions: Sequence[Suggestion]) -> Iterator[Fact]:
    """Facts from suggestions, people left to :func:`people_of_record`."""
    for suggestion in suggestions:
        read = _READERS.get(field_of(suggestion.target).name)
        if read is not None and suggestion.confidence >= LEAST:
            for concept, value, lang, share, entry in read(suggestion.value, suggestion.order):
                confidence = bounded(suggestion.confidence * share * (0.9 if suggestion.alternative else 1.0))
                yield Fact(concept, value, confidence, suggestion.evidence, f"record.{suggestion.method}", lang, entry)


Read = Iterator[tuple[str, JSON, str | None, float, int | None]]


def _title(value: Mapping[str, JSON], _: int) -> Read:
    text = value["text"]
    halves = re.split(r"\s[/／|]\s", text)
    if len(halves) == 2 and has_cjk(halves[0]) != has_cjk(halves[1]):
        for half in halves:
            yield "title", half.strip(), lang_of(half), 0.95, None
    elif match := _TWO_SCRIPTS.match(text):
        yield "title", match[1].strip(), "ja", 0.9, None
        yield "title", match[2].strip(), "en", 0.9, None
    else:
        yield "title", text, lang_of(text), 1.0, None


def _description(value: Mapping[str, JSON], _: int) -> Read:
    concept = (
        "description"
        if value.get("type", "Abstract") == "Abstract"
        else "methods"
        if value["type"] == "Methods"
        else ""
    )
    if concept:
        yield concept, value["text"], lang_of(value["text"]), 1.0, None


def _funding(value: Mapping[str, JSON], _: int) -> Read:
    yield "funder.name", value["funder"], None, 1.0, None
    if value.get("award"):
        yield "award.number", value["award"], None, 1.0, None
    if value.get("award_title"):
        yield "award.title", value["award_title"], lang_of(value["award_title"]), 1.0, None


def _rights(value: Mapping[str, JSON], _: int) -> Read:
    if value.get("covers") == "code":
        return
    if value.get("id"):
        yield "rights.licence", value["id"], None, 1.0, None
        if re.match(r"CC0|CC-BY|ODbL|ODC|PDDL|MIT|Apache|BSD", value["id"]):
            yield "rights.access", {"class": "open"}, None, 0.85, None
            yield "rights.free", {"class": "yes"}, None, 0.9, None
        if value["id"].startswith("CC"):
            yield "rights.commercial", {"class": "no" if "-NC" in value["id"] else "yes"}, None, 0.9, None
    elif value.get("text"):
        yield "rights.licence", value["text"], lang_of(value["text"]), 0.9, None


def _date(value: Mapping[str, JSON], _: int) -> Read:
    kind, date = value["type"], value["date"]
    if kind in ("Coverage", "Collected"):
        start, _, end = date.partition("/")
        yield "period.start", start, None, 1.0, None
        yield "period.end", end or start, None, 1.0, None
        yield "period", date, None, 1.0, None
    elif kind in _DATES:
        yield _DATES[kind], date, None, 1.0, None


def _location(value: Mapping[str, JSON], _: int) -> Read:
    if value.get("place"):
        yield "place.name", value["place"], None, 1.0, None
    box = value.get("box")
    if box:
        for side in ("west", "east", "south", "north"):
            yield f"place.{side}", box[side], None, 1.0, None
        yield "place.latitude", round((box["south"] + box["north"]) / 2, 5), None, 0.9, None
        yield "place.longitude", round((box["west"] + box["east"]) / 2, 5), None, 0.9, None


def _related(value: Mapping[str, JSON], _: int) -> Read:
    if value["scheme"] == "DOI" and value["relation"] in (
        "IsSupplementTo",
        "IsCitedBy",
        "IsDescribedBy",
        "IsDocumentedBy",
    ):
        yield "related", f"https://doi.org/{value['identifier']}", None, 1.0, None


def _identifier(value: Mapping[str, JSON], _: int) -> Read:
    if value["type"] == "DOI":
        yield "identifier", f"https://doi.org/{value['identifier']}", None, 1.0, None


def _variable(value: Mapping[str, JSON], order: int) -> Read:
    name, unit = split_header(value["name"])
    yield (
        "variable.name",
        name if unit and unit == value.get("unit") and re.search(r"[)）\]]\s*$", value["name"]) else value["name"],
        None,
        1.0,
        order,
    )
    if value.get("type") in ("number", "integer") or value.get("unit"):
        yield "variable.quantity", "yes", None, 1.0, order
    if value.get("unit"):
        yield "variable.unit", value["unit"], None, 1.0, order
    meaning = value.get("description") or value.get("label")
    if meaning:
        yield "variable.meaning", meaning, None, 1.0, order


def _publisher(value: Mapping[str, JSON], _: int) -> Read:
    yield "publisher.name", value["name"], lang_of(value["name"]), 1.0, None


_READERS: Mapping[str, Callable[..., Read]] = {
    "titles": _title,
    "descriptions": _description,
    "funding": _funding,
    "rights": _rights,
    "dates": _date,
    "locations": _location,
    "related": _related,
    "alternate_identifiers": _identifier,
    "variables": _variable,
    "publisher": _publisher,
    "languages": lambda value, order: iter((("language", {"class": value}, None, 1.0, order),)),
    "subjects": lambda value, order: iter((("keywords", value["text"], lang_of(value["text"]), 1.0, order),)),
    "resource_type": lambda value, _: iter((("resource.general", value["general"], None, 1.0, None),)),
    "version": lambda value, _: iter((("version", value, None, 1.0, None),)),
    "publication_date": lambda value, _: iter((("date.issued", value, None, 1.0, None),)),
}


def people_of_record(known: Known, suggestions: Sequence[Suggestion], field: str) -> list[tuple[Person, Suggestion]]:
    """Creators or contributors as people; each is met, so that what is known of them elsewhere counts."""
    found = []
    for suggestion in suggestions:
        if field_of(suggestion.target).name != field or suggestion.confidence < LEAST or suggestion.alternative:
            continue
        value = suggestion.value
        if value.get("name_type") == "Organizational":
            continue
        person = person_of(value)
        found.append((known.meet(person, suggestion.evidence), suggestion))
    return found


def person_of(value: Mapping[str, JSON]) -> Person:
    """A creator of the record as a person, the name in the order in which it is spoken."""
    name = unscrambled(value["name"])
    if not has_cjk(name) and value.get("family_name") and value.get("given_name"):
        name = f"{value['given_name']} {value['family_name']}"
    places = [a["name"] for a in value.get("affiliations") or []]
    return Person({lang_of(name): name}, "", value.get("orcid") or "", "", {lang_of(p): p for p in places[::-1]})


def hosts_of(affiliation: str) -> str | None:
    """The institution itself in "Laboratory, University" or 「大学 学部 研究室」: the part that is a university or institute."""
    parts = [p.strip() for p in re.split(r"\s*,\s*", affiliation)] if not has_cjk(affiliation) else affiliation.split()
    chosen = [p for p in parts if _UNIVERSITY.search(p)]
    if not chosen:
        return affiliation if len(parts) == 1 and is_place_of_work(affiliation) else None
    return chosen[0] if has_cjk(affiliation) else chosen[-1]
