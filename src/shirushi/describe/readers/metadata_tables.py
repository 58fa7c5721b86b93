"""Metadata about tables and collections of files: Data Package, CSVW and CLDF, BIDS, STAC.

Sources: Data Package v2 (datapackage.org); W3C Metadata Vocabulary for Tabular Data; CLDF 1.3; BIDS 1.10
``dataset_description.json``; STAC 1.1.
"""

from collections.abc import Iterator

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers import placing, stating
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.placing import Document
from shirushi.describe.readers.positions import escape
from shirushi.describe.readers.stating import as_list, mapping, words

_TYPES = {"string": "string", "integer": "integer", "number": "number", "boolean": "boolean", "date": "date", "datetime": "datetime",
    "time": "time", "year": "integer", "decimal": "number", "double": "number", "float": "number", "any": None, "anyuri": "string",
    "int": "integer", "long": "integer", "nonnegativeinteger": "integer", "positiveinteger": "integer", "json": "string"}  # fmt: skip
_MOST_VARIABLES = 2_000


# ---- Data Package


@reads("application/x-datapackage+json", version=1)
def read_datapackage(file: File) -> Iterator[Evidence]:
    """What a datapackage.json says about the whole, and its resources' fields as variables."""
    doc = placing.document(file, "datapackage/1")
    data = mapping(doc.data)
    title, text = ("title" if data.get("title") else "name"), words(data.get("title") or data.get("name"))
    yield from doc.say("titles", {"text": text}, f"/{title}")
    yield from doc.say(
        "descriptions", {"text": stating.prose(data.get("description")), "type": "Abstract"}, "/description"
    )
    for pointer, keyword in doc.each("/keywords"):
        yield from doc.say("subjects", {"text": words(keyword)}, pointer)
    for key in ("licenses", "license"):
        for pointer, item in doc.each(f"/{key}"):
            said = mapping(item)
            named = (
                words(said.get("name") or said.get("id") or said.get("title") or said.get("type"))
                if said
                else words(item)
            )
            yield from doc.say("rights", stating.rights(named, said.get("path") or said.get("url")), pointer)
    yield from doc.say("version", words(data.get("version")), "/version")
    created = stating.date(data.get("created"))
    yield from doc.say("dates", {"date": created, "type": "Created"} if created else {}, "/created")
    for pointer, language in [*doc.each("/languages"), *doc.each("/language")]:
        yield from doc.say("languages", stating.language(language), pointer)
    if doi := stating.doi_of(words(data.get("id"))):
        yield from doc.say("alternate_identifiers", {"identifier": doi, "type": "DOI"}, "/id")
    yield from _package_people(doc)
    for pointer, item in doc.each("/sources"):
        said = mapping(item)
        key = "path" if said.get("path") else "web"
        yield from doc.say(
            "related",
            stating.related(said.get(key), "IsDerivedFrom", title=words(said.get("title"))),
            f"{pointer}/{key}",
        )
    yield from _package_variables(doc)


def _package_people(doc: Document) -> Iterator[Evidence]:
    for key in ("contributors", "author", "maintainer"):
        for pointer, item in doc.each(f"/{key}"):
            said = mapping(item) or {"title": item, "role": key}
            roles = {words(r).lower() for r in [*as_list(said.get("roles")), *as_list(said.get("role"))]}
            organisation = words(said.get("organization"))
            who = stating.person(
                words(said.get("title") or said.get("name")),
                given=words(said.get("givenName")),
                family=words(said.get("familyName")),
                orcid=words(said.get("path")),
                affiliations=[organisation] if organisation else [],
            )
            if not who:
                continue
            if not roles or roles & {"author", "creator", "contributor"}:
                yield from doc.say("creators", who, pointer)
            elif "publisher" in roles:
                yield from doc.say("publisher", {"name": who["name"]}, pointer)
            else:
                role = "DataManager" if "maintainer" in roles else "DataCurator" if "wrangler" in roles else "Other"
                yield from doc.say("contributors", {**who, "role": role}, pointer)


def _package_variables(doc: Document) -> Iterator[Evidence]:
    left = _MOST_VARIABLES
    for pointer, resource in doc.each("/resources"):
        said = mapping(resource)
        path = as_list(said.get("path"))
        for where, item in doc.each(f"{pointer}/schema/fields"):
            if (left := left - 1) < 0:
                return
            field = mapping(item)
            value = {
                "name": words(field.get("name")),
                "file": words(path[0]) if path else None,
                "type": _TYPES.get(words(field.get("type")).lower()),
                "unit": words(field.get("unit") or field.get("units")),
                "label": words(field.get("title")),
                "description": stating.prose(field.get("description")),
            }
            yield from doc.say("variables", value, where)


# ---- CSVW, CLDF


@reads("application/x-csvw+json", version=1)
def read_csvw(file: File) -> Iterator[Evidence]:
    """What CSVW metadata (CLDF's too) say: Dublin Core properties of the group, columns as variables."""
    doc = placing.document(file, "csvw/1")
    for name in mapping(doc.data):
        prefix, _, local = name.partition(":")
        if prefix not in ("dc", "dct", "dcterms") or not local:
            continue
        for pointer, item in doc.each(f"/{escape(name)}"):
            said = words(item) or words(mapping(item).get("title")) or words(mapping(item).get("name"))
            for field, found in stating.dublin_core(local, said) if said and local != "conformsTo" else ():
                yield from doc.say(field, found, pointer)
    left = _MOST_VARIABLES
    single = [("", mapping(doc.data))] if "tableSchema" in mapping(doc.data) else []
    for pointer, table in [*single, *doc.each("/tables")]:
        for where, item in doc.each(f"{pointer}/tableSchema/columns"):
            if (left := left - 1) < 0:
                return
            yield from doc.say("variables", _csvw_column(mapping(item), words(mapping(table).get("url"))), where)


def _csvw_column(column: JSON, file: str) -> dict[str, JSON]:
    said = mapping(column)
    kind = said.get("datatype")
    base = words(mapping(kind).get("base", kind)) if kind else ""
    titles = as_list(said.get("titles"))
    name = words(said.get("name")) or (words(titles[0]) if titles else "")
    return {
        "name": name,
        "file": file,
        "type": _TYPES.get(base.lower(), "string" if base else None),
        "unit": words(said.get("unit") or said.get("qudt:unit")),
        "label": words(titles[0]) if titles and words(titles[0]) != name else None,
        "description": stating.prose(said.get("dc:description") or said.get("description")),
        "standard_name": _term(words(said.get("propertyUrl"))),
    }


def _term(address: str) -> str:
    """The URI of the term that a column holds; '' for a template or a name relative to the document."""
    return address if address.startswith(("http://", "https://")) and "{" not in address else ""


# ---- BIDS


@reads("application/x-bids-description+json", version=1)
def read_bids(file: File) -> Iterator[Evidence]:
    """What a BIDS ``dataset_description.json`` says. Its template's empty and bracketed texts are left out."""
    doc = placing.document(file, "bids/1")
    data = mapping(doc.data)
    yield from doc.say("titles", {"text": words(data.get("Name"))}, "/Name")
    for pointer, author in doc.each("/Authors"):
        yield from doc.say("creators", stating.person(words(author)), pointer)
    yield from doc.say("rights", stating.rights(data.get("License")), "/License")
    for pointer, funding in doc.each("/Funding"):
        name, _, award = words(funding).partition(" (" if " (" in words(funding) else ": ")
        yield from doc.say("funding", {"funder": name, "award": award.rstrip(")")}, pointer)
    for pointer, link in doc.each("/ReferencesAndLinks"):
        yield from doc.say("related", stating.related(_address(words(link)), "References"), pointer)
    for pointer, item in doc.each("/SourceDatasets"):
        said = mapping(item)
        key = "DOI" if said.get("DOI") else "URL"
        yield from doc.say("related", stating.related(said.get(key), "IsDerivedFrom"), f"{pointer}/{key}")
    for pointer, keyword in doc.each("/Keywords"):
        yield from doc.say("subjects", {"text": words(keyword)}, pointer)
    doi = stating.doi_of(words(data.get("DatasetDOI")))
    yield from doc.say("alternate_identifiers", {"identifier": doi, "type": "DOI"} if doi else {}, "/DatasetDOI")
    yield from doc.say("resource_type", {"general": "Dataset"}, "/BIDSVersion")


def _address(text: str) -> str:
    """The first web address in a reference, or the text itself."""
    return next((part for part in text.split() if part.startswith(("http://", "https://"))), text)


# ---- STAC


@reads("application/x-stac+json", version=1)
def read_stac(file: File) -> Iterator[Evidence]:
    """What a STAC collection, catalog or item says."""
    doc = placing.document(file, "stac/1")
    data, base = mapping(doc.data), ""
    if data.get("type") == "Feature":
        data, base = mapping(data.get("properties")), "/properties"
    yield from doc.say("titles", {"text": words(data.get("title"))}, f"{base}/title")
    yield from doc.say(
        "descriptions", {"text": stating.prose(data.get("description")), "type": "Abstract"}, f"{base}/description"
    )
    for pointer, keyword in doc.each(f"{base}/keywords"):
        yield from doc.say("subjects", {"text": words(keyword)}, pointer)
    licence = words(data.get("license"))
    if licence not in ("proprietary", "various", "other", ""):
        yield from doc.say("rights", stating.rights(licence), f"{base}/license")
    for pointer, provider in doc.each(f"{base}/providers"):
        yield from _stac_provider(doc, pointer, provider)
    if doi := stating.doi_of(words(data.get("sci:doi"))):
        yield from doc.say("alternate_identifiers", {"identifier": doi, "type": "DOI"}, f"{base}/sci:doi")
    for pointer, item in doc.each(f"{base}/sci:publications"):
        yield from doc.say("related", stating.related(mapping(item).get("doi"), "IsDescribedBy"), f"{pointer}/doi")
    for pointer, link in doc.each("/links"):
        said = mapping(link)
        relation = _STAC_RELATIONS.get(words(said.get("rel")), "")
        value = stating.related(said.get("href"), relation, title=words(said.get("title"))) if relation else {}
        yield from doc.say("related", value, f"{pointer}/href")
        if base and words(said.get("rel")) in ("collection", "parent"):
            yield from doc.say("titles", {"text": words(said.get("title"))}, f"{pointer}/title")
    for name in ("platform", "constellation", "instruments"):
        for pointer, word in doc.each(f"{base}/{name}"):
            yield from doc.say("subjects", {"text": words(word)}, pointer)
    yield from _stac_extent(doc, base)


# Relation types of links that STAC and its extensions name, and IANA's where catalogues use them
_STAC_RELATIONS = {
    "cite-as": "IsDescribedBy",
    "derived_from": "IsDerivedFrom",
    "about": "IsDescribedBy",
    "describedby": "IsDescribedBy",
    "handbook": "IsDocumentedBy",
    "product handbook": "IsDocumentedBy",
}


def _stac_provider(doc: Document, pointer: str, provider: JSON) -> Iterator[Evidence]:
    name, roles = words(mapping(provider).get("name")), as_list(mapping(provider).get("roles"))
    if "producer" in roles:
        yield from doc.say("creators", stating.person(name, organisation=True), pointer)
    if "host" in roles:
        helper = stating.person(name, organisation=True)
        yield from doc.say("contributors", {**helper, "role": "HostingInstitution"} if helper else {}, pointer)
    if "licensor" in roles:
        helper = stating.person(name, organisation=True)
        yield from doc.say("contributors", {**helper, "role": "RightsHolder"} if helper else {}, pointer)


def _stac_extent(doc: Document, base: str) -> Iterator[Evidence]:
    data = mapping(doc.data)
    boxes = as_list(mapping(mapping(data.get("extent")).get("spatial")).get("bbox"))
    pointer = "/extent/spatial/bbox/0" if boxes else "/bbox"
    corners = boxes[0] if boxes else data.get("bbox")
    if isinstance(corners, list) and len(corners) in (4, 6):
        middle = len(corners) // 2
        yield from doc.say(
            "locations", {"box": stating.box(corners[0], corners[1], corners[middle], corners[middle + 1])}, pointer
        )
    intervals = as_list(mapping(mapping(data.get("extent")).get("temporal")).get("interval"))
    if intervals and isinstance(intervals[0], list) and len(intervals[0]) == 2:
        covered = stating.period(intervals[0][0], intervals[0][1] or "")
        yield from doc.say(
            "dates", {"date": covered, "type": "Coverage"} if covered else {}, "/extent/temporal/interval/0"
        )
    said = mapping(data.get("properties"))
    started, ended = (stating.date(said.get(key)) for key in ("start_datetime", "end_datetime"))
    if base and started and ended:
        place = doc.place("/properties/start_datetime")
        yield Evidence("time-range", {"start": started, "end": ended, "count": 1}, place, doc.reader)
    moment = stating.date(said.get("datetime")) if base else None
    if moment and not (started and ended):
        place = doc.place("/properties/datetime")
        yield Evidence("time-range", {"start": moment, "end": moment, "count": 1}, place, doc.reader)
    yield from doc.say("dates", {"date": moment, "type": "Collected"} if moment else {}, "/properties/datetime")
