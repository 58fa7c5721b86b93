"""Metadata in XML: DataCite, Ecological Metadata Language, Dublin Core.

Sources: DataCite Metadata Schema 4.7 (earlier kernels too); EML 2.2.0; DCMI Metadata Terms, oai_dc 2.0.
"""

import re
from collections.abc import Iterator
from typing import Any

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers import placing, stating
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.placing import Tree
from shirushi.describe.readers.safe_xml import local, text

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_DUBLIN_CORE = ("http://purl.org/dc/elements/1.1/", "http://purl.org/dc/terms/")
_MOST_VARIABLES = 2_000

# ---- DataCite


@reads("application/x-datacite+xml", version=1)
def read_datacite_xml(file: File) -> Iterator[Evidence]:
    """What a DataCite XML file says and a Work has a place for."""
    tree = placing.tree(file, "datacite-xml/1")
    for element in tree.root.iter("{*}title"):
        yield from tree.say(
            "titles", {"text": text(element), "lang": lang_of(element), "type": element.get("titleType")}, element
        )
    for field, item, name in (
        ("creators", "creator", "creatorName"),
        ("contributors", "contributor", "contributorName"),
    ):
        for element in tree.root.iter(f"{{*}}{item}"):
            who = _datacite_person(element, name)
            extra = {"role": stating.role(element.get("contributorType"))} if field == "contributors" else {}
            named = element.find(f"{{*}}{name}")
            yield from tree.say(field, {**who, **extra} if who else {}, element if named is None else named)
    for element in tree.root.iter("{*}description"):
        value = {
            "text": stating.prose(_inner(element)),
            "lang": lang_of(element),
            "type": element.get("descriptionType"),
        }
        yield from tree.say("descriptions", value, element)
    for element in tree.root.iter("{*}subject"):
        value = {
            "text": text(element),
            "lang": lang_of(element),
            "scheme": element.get("subjectScheme"),
            "value_uri": element.get("valueURI"),
        }
        yield from tree.say("subjects", value, element)
    for element in tree.root.iter("{*}rights"):
        spdx = element.get("rightsIdentifier") if element.get("rightsIdentifierScheme", "").upper() == "SPDX" else None
        value = stating.rights(spdx or text(element), element.get("rightsURI"))
        yield from tree.say("rights", value, element)
    yield from _datacite_single(tree)
    yield from _datacite_links(tree)


def _datacite_person(element: Any, name: str) -> dict[str, JSON]:
    named = element.find(f"{{*}}{name}")
    identifiers = " ".join(text(n) for n in element.iter("{*}nameIdentifier"))
    homes = [{"name": text(a), "address": a.get("affiliationIdentifier", "")} for a in element.iter("{*}affiliation")]
    return stating.person(
        text(named),
        given=text(element.find("{*}givenName")),
        family=text(element.find("{*}familyName")),
        orcid=identifiers,
        affiliations=homes,
        organisation=named is not None and named.get("nameType") == "Organizational",
        ror=identifiers,
    )


def _datacite_single(tree: Tree) -> Iterator[Evidence]:
    for tag in ("publisher", "publicationYear", "language", "version", "resourceType"):
        for element in tree.root.findall(f"{{*}}{tag}"):
            said = text(element)
            if tag == "publisher":
                yield from tree.say(
                    "publisher",
                    {
                        "name": said,
                        "lang": lang_of(element),
                        "ror": stating.ror_of(element.get("publisherIdentifier", "")),
                    },
                    element,
                )
            elif tag == "publicationYear":
                yield from tree.say("publication_date", stating.date(said), element)
            elif tag == "language":
                yield from tree.say("languages", stating.language(said), element)
            elif tag == "version":
                yield from tree.say("version", said, element)
            else:
                yield from tree.say(
                    "resource_type", {"general": element.get("resourceTypeGeneral"), "text": said}, element
                )


def _datacite_links(tree: Tree) -> Iterator[Evidence]:
    for element in tree.root.iter("{*}date"):
        found = stating.period(text(element))
        yield from tree.say(
            "dates",
            {"date": found, "type": element.get("dateType"), "information": element.get("dateInformation")},
            element,
        )
    for element in tree.root.iter("{*}identifier"):
        if element.get("identifierType") == "DOI":
            yield from tree.say(
                "alternate_identifiers", {"identifier": stating.doi_of(text(element)), "type": "DOI"}, element
            )
    for element in tree.root.iter("{*}alternateIdentifier"):
        yield from tree.say(
            "alternate_identifiers",
            {"identifier": text(element), "type": element.get("alternateIdentifierType")},
            element,
        )
    for element in tree.root.iter("{*}relatedIdentifier"):
        value = stating.related(
            text(element), element.get("relationType", ""), kind=element.get("resourceTypeGeneral", "")
        )
        yield from tree.say("related", value, element)
    for element in tree.root.iter("{*}geoLocation"):
        place = element.find("{*}geoLocationPlace")
        yield from tree.say(
            "locations", {"place": text(place), "box": _datacite_box(element)}, element if place is None else place
        )
    for element in tree.root.iter("{*}fundingReference"):
        award, funder, key = (element.find(f"{{*}}{t}") for t in ("awardNumber", "funderName", "funderIdentifier"))
        value = {"funder": text(funder), "funder_id": text(key), "award": text(award), "award_title": text(element.find("{*}awardTitle")),
            "award_uri": award.get("awardURI") if award is not None else None}  # fmt: skip
        yield from tree.say("funding", value, element if funder is None else funder)


def _datacite_box(element: Any) -> dict[str, JSON] | None:
    area, point = element.find("{*}geoLocationBox"), element.find("{*}geoLocationPoint")
    if area is not None:
        edges = [text(area.find(f"{{*}}{side}Bound{axis}")) for side, axis in
            (("west", "Longitude"), ("south", "Latitude"), ("east", "Longitude"), ("north", "Latitude"))]  # fmt: skip
        return stating.box(*edges)
    if point is None:
        return None
    x, y = text(point.find("{*}pointLongitude")), text(point.find("{*}pointLatitude"))
    return stating.box(x, y, x, y)


def lang_of(element: Any) -> str | None:
    return stating.language(element.get(_LANG, "")) or None


def _inner(element: Any) -> str:
    """The text with line breaks where the file has ``<br/>``, white space otherwise kept for :func:`stating.prose`."""
    parts = [element.text or ""]
    for child in element:
        parts.append("\n" if local(child) == "br" else "".join(child.itertext()))
        parts.append(child.tail or "")
    return "".join(parts)


# ---- Ecological Metadata Language


@reads("application/x-eml+xml", version=1)
def read_eml(file: File) -> Iterator[Evidence]:
    """What an EML document says about its dataset, and the attributes of its tables as variables."""
    tree = placing.tree(file, "eml/1")
    dataset = next(tree.root.iter("dataset", "{*}dataset"), None)
    if dataset is None:
        return
    for element in dataset.findall("{*}title"):
        yield from tree.say("titles", {"text": text(element), "lang": lang_of(element)}, element)
    for element in dataset.findall("{*}creator"):
        yield from tree.say("creators", _eml_party(element), _eml_name(element))
    for tag, role in (("contact", "ContactPerson"), ("associatedParty", ""), ("metadataProvider", "DataCurator")):
        for element in dataset.findall(f"{{*}}{tag}"):
            who = _eml_party(element)
            value = {**who, "role": role or stating.role(text(element.find("{*}role")))}
            yield from tree.say("contributors", value if who else {}, _eml_name(element))
    for element in dataset.findall("{*}abstract"):
        yield from tree.say(
            "descriptions",
            {"text": paragraphs(element), "type": "Abstract", "lang": lang_of(element)},
            first_words(element),
        )
    for element in dataset.findall("{*}methods"):
        yield from tree.say("descriptions", {"text": paragraphs(element), "type": "Methods"}, first_words(element))
    for element in dataset.iter("{*}keyword"):
        yield from tree.say("subjects", {"text": text(element)}, element)
    for element in dataset.findall("{*}language"):
        yield from tree.say("languages", stating.language(text(element).lower()), element)
    for element in dataset.findall("{*}pubDate"):
        yield from tree.say("publication_date", stating.date(text(element)), element)
    yield from _eml_rights(tree, dataset)
    yield from _eml_coverage(tree, dataset)
    yield from _eml_project(tree, dataset)
    yield from _eml_variables(tree, dataset)


def _eml_party(element: Any) -> dict[str, JSON]:
    organisation = text(element.find("{*}organizationName"))
    family = text(element.find("{*}individualName/{*}surName"))
    given = " ".join(text(n) for n in element.findall("{*}individualName/{*}givenName"))
    if not family and not given:
        return stating.person(organisation, organisation=True)
    orcid = " ".join(text(n) for n in element.findall("{*}userId"))
    return stating.person(given=given, family=family, orcid=orcid, affiliations=[organisation])


def _eml_name(element: Any) -> Any:
    for path in ("{*}individualName/{*}surName", "{*}organizationName"):
        if (found := element.find(path)) is not None:
            return found
    return element


def paragraphs(element: Any) -> str:
    """The ``para`` elements as paragraphs; all text when there are none."""
    found = [text(p) for p in element.iter("{*}para", "{*}p") if text(p)]
    return "\n\n".join(found) or text(element)


def first_words(element: Any) -> Any:
    """The innermost element in which an element's words begin."""
    return next((e for e in element.iter() if isinstance(e.tag, str) and (e.text or "").strip()), element)


def _eml_rights(tree: Tree, dataset: Any) -> Iterator[Evidence]:
    for element in dataset.iter("{*}licensed"):
        name = text(element.find("{*}identifier")) or text(element.find("{*}licenseName"))
        yield from tree.say("rights", stating.rights(name, text(element.find("{*}url"))), first_words(element))
    for element in dataset.findall("{*}intellectualRights"):
        links = [link.get("url", "") for link in element.iter("{*}ulink")]
        yield from tree.say("rights", stating.rights(text(element), links[0] if links else None), first_words(element))


def _eml_coverage(tree: Tree, dataset: Any) -> Iterator[Evidence]:
    for element in dataset.findall("{*}coverage/{*}geographicCoverage"):
        sides = [
            text(element.find(f"{{*}}boundingCoordinates/{{*}}{side}BoundingCoordinate"))
            for side in ("west", "south", "east", "north")
        ]
        named = element.find("{*}geographicDescription")
        yield from tree.say(
            "locations", {"place": text(named)[:500], "box": stating.box(*sides)}, element if named is None else named
        )
    for element in dataset.findall("{*}coverage/{*}temporalCoverage"):
        begin, end = (element.find(f"{{*}}rangeOfDates/{{*}}{edge}Date/{{*}}calendarDate") for edge in ("begin", "end"))
        single = element.find("{*}singleDateTime/{*}calendarDate")
        found = stating.period(text(begin), text(end)) if begin is not None else stating.date(text(single))
        place = begin if begin is not None else single
        yield from tree.say("dates", {"date": found, "type": "Coverage"}, element if place is None else place)


def _eml_project(tree: Tree, dataset: Any) -> Iterator[Evidence]:
    for element in dataset.iter("{*}award"):
        value = {"funder": text(element.find("{*}funderName")), "funder_id": text(element.find("{*}funderIdentifier")),
            "award": text(element.find("{*}awardNumber")), "award_title": text(element.find("{*}title")), "award_uri": text(element.find("{*}awardUrl"))}  # fmt: skip
        yield from tree.say("funding", value, first_words(element))
    for element in dataset.findall("{*}alternateIdentifier"):
        doi = stating.doi_of(text(element))
        yield from tree.say("alternate_identifiers", {"identifier": doi, "type": "DOI"} if doi else {}, element)


def _eml_variables(tree: Tree, dataset: Any) -> Iterator[Evidence]:
    left = _MOST_VARIABLES
    for table in dataset.iter("{*}dataTable", "{*}otherEntity"):
        file = text(table.find("{*}physical/{*}objectName")) or text(table.find("{*}entityName"))
        for element in table.iter("{*}attribute"):
            if (left := left - 1) < 0:
                return
            name = element.find("{*}attributeName")
            units = next(element.iter("{*}standardUnit", "{*}customUnit"), None)
            label = text(element.find("{*}attributeLabel"))
            value = {"name": text(name), "file": file, "type": _eml_type(element), "unit": text(units), "label": label if label != text(name) else "",
                "description": text(element.find("{*}attributeDefinition"))}  # fmt: skip
            yield from tree.say("variables", value, element if name is None else name)


def _eml_type(element: Any) -> str | None:
    scale = element.find("{*}measurementScale")
    if scale is None or not len(scale):
        return None
    kind = local(scale[0])
    if kind == "dateTime":
        form = text(scale[0].find("{*}formatString"))
        return "datetime" if re.search(r"[Hh]{2}", form) else "date"
    if kind in ("ratio", "interval"):
        return (
            "integer" if text(next(scale.iter("{*}numberType"), None)) in ("integer", "whole", "natural") else "number"
        )
    return "string"


# ---- Dublin Core


@reads("application/xml", version=1)
def read_dublin_core(file: File) -> Iterator[Evidence]:
    """Dublin Core elements at the top of an XML file that has few others: a record, not a web page's or a feed's part."""
    head = file.head(16_384)
    if file.size > placing.MOST_BYTES or not any(namespace.encode() in head for namespace in _DUBLIN_CORE):
        return
    tree = placing.tree(file, "dublin-core/1")
    elements = [e for e in tree.root.iter() if isinstance(e.tag, str)][:2_000]
    ours = [e for e in elements if e.tag.startswith(tuple(f"{{{namespace}}}" for namespace in _DUBLIN_CORE))]
    if len(ours) * 2 < len(elements):
        return
    for element in ours:
        for field, value in stating.dublin_core(local(element), text(element)):
            lang = lang_of(element)
            yield from tree.say(
                field,
                {**value, "lang": lang}
                if lang and isinstance(value, dict) and field in ("titles", "descriptions", "subjects")
                else value,
                element,
            )
