"""Metadata made for citing: CITATION.cff, ``.zenodo.json``, DataCite JSON, GIN's ``datacite.yml``.

Sources: Citation File Format 1.2.0; Zenodo's deposit metadata (developers.zenodo.org); DataCite Metadata Schema 4.7 in JSON;
the template of ``datacite.yml`` at G-Node GIN.
"""

import re
from collections.abc import Iterator

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers import placing, stating
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.placing import Document
from shirushi.describe.readers.stating import as_list, mapping, words

# ---- Citation File Format


@reads("application/x-citation-cff", version=1)
def read_cff(file: File) -> Iterator[Evidence]:
    """What a CITATION.cff states about the work itself; ``preferred-citation`` and ``references`` become related works."""
    doc = placing.document(file, "cff/1")
    data = mapping(doc.data)
    yield from doc.say("titles", {"text": words(data.get("title"))}, "/title")
    yield from doc.say("descriptions", {"text": stating.prose(data.get("abstract")), "type": "Abstract"}, "/abstract")
    for pointer, author in doc.each("/authors"):
        yield from doc.say("creators", _cff_person(author), pointer)
    for pointer, contact in doc.each("/contact"):
        yield from doc.say("contributors", {**_cff_person(contact), "role": "ContactPerson"}, pointer)
    for pointer, keyword in doc.each("/keywords"):
        yield from doc.say("subjects", {"text": words(keyword)}, pointer)
    for pointer, licence in doc.each("/license"):
        yield from doc.say("rights", {"id": words(licence)}, pointer)
    if "license" not in data:
        yield from doc.say("rights", stating.rights(data.get("license-url")), "/license-url")
    yield from doc.say("version", words(data.get("version")), "/version")
    released = stating.date(data.get("date-released"))
    yield from doc.say("publication_date", released, "/date-released")
    yield from doc.say("dates", {"date": released, "type": "Issued"}, "/date-released")
    if data.get("type") in ("dataset", "software"):
        yield from doc.say("resource_type", {"general": str(data["type"]).title()}, "/type")
    elif "title" in data:
        yield from doc.say("resource_type", {"general": "Software"}, "/cff-version")  # the format's own default
    yield from _cff_identifiers(doc)
    yield from _cff_references(doc)


def _cff_person(author: JSON) -> dict[str, JSON]:
    said = mapping(author)
    family = " ".join(
        filter(
            None, (words(said.get("name-particle")), words(said.get("family-names")), words(said.get("name-suffix")))
        )
    )
    return stating.person(
        words(said.get("name")) or words(said.get("alias")),
        given=words(said.get("given-names")),
        family=family,
        orcid=words(said.get("orcid")),
        affiliations=[said.get("affiliation")],
        organisation="name" in said,
    )


def _cff_identifiers(doc: Document) -> Iterator[Evidence]:
    own = stating.doi_of(words(mapping(doc.data).get("doi")))
    yield from doc.say("alternate_identifiers", own and {"identifier": own, "type": "DOI"}, "/doi")
    for pointer, item in doc.each("/identifiers"):
        said = mapping(item)
        kind, value = words(said.get("type")).upper(), words(said.get("value"))
        if kind == "DOI" and value != own:
            yield from doc.say("alternate_identifiers", {"identifier": value, "type": "DOI"}, f"{pointer}/value")
    for key, relation in (
        ("repository-code", "IsSupplementedBy"),
        ("url", "IsDescribedBy"),
        ("repository", "IsIdenticalTo"),
    ):
        value = words(mapping(doc.data).get(key))
        if value and stating.doi_of(value) != own:
            yield from doc.say("related", stating.related(value, relation), f"/{key}")


def _cff_references(doc: Document) -> Iterator[Evidence]:
    preferred = [("/preferred-citation", mapping(doc.data).get("preferred-citation"))]
    for pointer, item in [*preferred, *doc.each("/references")]:
        said = mapping(item)
        relation = "IsDocumentedBy" if pointer == "/preferred-citation" else "References"
        key = "doi" if said.get("doi") else "url"
        value = stating.related(
            said.get(key), relation, title=words(said.get("title")), kind=_KINDS.get(words(said.get("type")), "")
        )
        yield from doc.say("related", value, f"{pointer}/{key}")


_KINDS = {"article": "JournalArticle", "book": "Book", "software": "Software", "software-code": "Software", "dataset": "Dataset",
    "data": "Dataset", "conference-paper": "ConferencePaper", "report": "Report", "thesis": "Dissertation"}  # fmt: skip


# ---- Zenodo


@reads("application/x-zenodo+json", version=1)
def read_zenodo(file: File) -> Iterator[Evidence]:
    """What a ``.zenodo.json`` asks Zenodo to record."""
    doc = placing.document(file, "zenodo/1")
    base = "/metadata" if isinstance(mapping(doc.data).get("metadata"), dict) else ""
    data = mapping(mapping(doc.data).get("metadata")) if base else mapping(doc.data)
    lang = stating.language(data.get("language"))
    yield from doc.say("titles", {"text": words(data.get("title"))}, f"{base}/title")
    yield from doc.say(
        "descriptions", {"text": stating.prose(data.get("description")), "type": "Abstract"}, f"{base}/description"
    )
    yield from doc.say("descriptions", {"text": stating.prose(data.get("method")), "type": "Methods"}, f"{base}/method")
    yield from doc.say("descriptions", {"text": stating.prose(data.get("notes")), "type": "Other"}, f"{base}/notes")
    for pointer, item in doc.each(f"{base}/creators"):
        yield from doc.say("creators", _zenodo_person(item), pointer)
    for pointer, item in doc.each(f"{base}/contributors"):
        yield from doc.say(
            "contributors", {**_zenodo_person(item), "role": stating.role(mapping(item).get("type"))}, pointer
        )
    for pointer, keyword in doc.each(f"{base}/keywords"):
        for word in stating.split_words(keyword):
            yield from doc.say("subjects", {"text": word}, pointer)
    for pointer, subject in doc.each(f"{base}/subjects"):
        said = mapping(subject)
        yield from doc.say(
            "subjects", {"text": words(said.get("term")), "value_uri": words(said.get("identifier"))}, pointer
        )
    licence = data.get("license")
    said_licence = mapping(licence).get("id", licence)
    yield from doc.say("rights", stating.rights(said_licence), f"{base}/license")
    yield from doc.say("languages", lang, f"{base}/language")
    yield from doc.say("version", words(data.get("version")), f"{base}/version")
    published = stating.date(data.get("publication_date"))
    yield from doc.say("publication_date", published, f"{base}/publication_date")
    yield from doc.say("resource_type", _zenodo_type(data), f"{base}/upload_type")
    yield from _zenodo_related(doc, base)
    yield from _zenodo_rest(doc, base)


def _zenodo_person(item: JSON) -> dict[str, JSON]:
    said = mapping(item)
    return stating.person(
        words(said.get("name")), orcid=words(said.get("orcid")), affiliations=[said.get("affiliation")]
    )


def _zenodo_type(data: JSON) -> dict[str, JSON]:
    said = mapping(data)
    names = {"publication": "Text", "poster": "Poster", "presentation": "Presentation", "dataset": "Dataset", "image": "Image",
        "video": "Audiovisual", "software": "Software", "lesson": "InteractiveResource", "physicalobject": "PhysicalObject"}  # fmt: skip
    finer = {"article": "JournalArticle", "report": "Report", "book": "Book", "conferencepaper": "ConferencePaper", "thesis": "Dissertation",
        "preprint": "Preprint", "datapaper": "DataPaper"}  # fmt: skip
    kind = words(said.get("upload_type"))
    general = (
        finer.get(words(said.get("publication_type")), names.get(kind, ""))
        if kind == "publication"
        else names.get(kind, "")
    )
    return {"general": general} if general else {}


def _zenodo_related(doc: Document, base: str) -> Iterator[Evidence]:
    for pointer, item in doc.each(f"{base}/related_identifiers"):
        said = mapping(item)
        relation = words(said.get("relation"))
        value = stating.related(said.get("identifier"), relation[:1].upper() + relation[1:])
        yield from doc.say("related", value, f"{pointer}/identifier")
    for pointer, reference in doc.each(f"{base}/references"):
        if doi := stating.doi_of(words(reference)):
            yield from doc.say("related", stating.related(doi, "References"), pointer)


_FUNDERS = {"10.13039/501100000780": "European Commission", "10.13039/100000001": "National Science Foundation",
    "10.13039/501100001665": "Agence Nationale de la Recherche", "10.13039/501100001871": "Fundação para a Ciência e a Tecnologia",
    "10.13039/501100000038": "Natural Sciences and Engineering Research Council", "10.13039/100000002": "National Institutes of Health",
    "10.13039/100004440": "Wellcome Trust", "10.13039/501100001711": "Schweizerischer Nationalfonds"}  # fmt: skip


def _zenodo_rest(doc: Document, base: str) -> Iterator[Evidence]:
    for pointer, item in doc.each(f"{base}/grants"):
        funder, _, award = words(mapping(item).get("id")).rpartition("::")
        name = _FUNDERS.get(
            funder, "" if funder else "European Commission"
        )  # a bare number is a grant of the EU's programmes
        address = f"https://doi.org/{funder}" if funder else None
        yield from doc.say(
            "funding", {"funder": name, "funder_id": address, "award": award} if name else {}, f"{pointer}/id"
        )
    for pointer, item in doc.each(f"{base}/dates"):
        said = mapping(item)
        kind = words(said.get("type")).title()
        dated = stating.period(said.get("start"), said.get("end")) if said.get("start") else None
        yield from doc.say(
            "dates", {"date": dated, "type": kind, "information": words(said.get("description"))}, pointer
        )
    for pointer, item in doc.each(f"{base}/locations"):
        said = mapping(item)
        point = stating.box(said.get("lon"), said.get("lat"), said.get("lon"), said.get("lat"))
        yield from doc.say("locations", {"place": words(said.get("place")), "box": point}, pointer)


# ---- DataCite JSON


def is_datacite(data: JSON) -> bool:
    """DataCite's JSON, of the schema itself or inside an answer of its REST interface."""
    found = mapping(data)
    inner = mapping(mapping(found.get("data")).get("attributes")) or found
    return (
        isinstance(inner.get("titles"), list) and isinstance(inner.get("creators"), list) and "publicationYear" in inner
    )


def say_datacite(doc: Document) -> Iterator[Evidence]:
    """Everything that a DataCite JSON says and a Work has a place for."""
    base = "/data/attributes" if "attributes" in mapping(mapping(doc.data).get("data")) else ""
    for pointer, item in doc.each(f"{base}/titles"):
        said = mapping(item)
        value = {
            "text": words(said.get("title")),
            "lang": stating.language(said.get("lang")),
            "type": said.get("titleType"),
        }
        yield from doc.say("titles", value, f"{pointer}/title")
    for field in ("creators", "contributors"):
        for pointer, item in doc.each(f"{base}/{field}"):
            extra = {"role": stating.role(mapping(item).get("contributorType"))} if field == "contributors" else {}
            yield from doc.say(field, {**_datacite_person(item), **extra}, f"{pointer}/name")
    for pointer, item in doc.each(f"{base}/descriptions"):
        said = mapping(item)
        value = {
            "text": stating.prose(said.get("description")),
            "lang": stating.language(said.get("lang")),
            "type": said.get("descriptionType"),
        }
        yield from doc.say("descriptions", value, f"{pointer}/description")
    for pointer, item in doc.each(f"{base}/subjects"):
        said = mapping(item)
        value = {"text": words(said.get("subject")), "lang": stating.language(said.get("lang")), "scheme": words(said.get("subjectScheme")),
            "value_uri": words(said.get("valueUri"))}  # fmt: skip
        yield from doc.say("subjects", value, f"{pointer}/subject")
    for pointer, item in doc.each(f"{base}/rightsList"):
        said = mapping(item)
        spdx = (
            words(said.get("rightsIdentifier")) if words(said.get("rightsIdentifierScheme")).upper() == "SPDX" else ""
        )
        value = {"id": stating.rights(spdx).get("id"), "uri": words(said.get("rightsUri"))} if spdx else {}
        yield from doc.say("rights", value or stating.rights(said.get("rights"), said.get("rightsUri")), pointer)
    yield from _datacite_single(doc, base)
    yield from _datacite_links(doc, base)


def _datacite_person(item: JSON) -> dict[str, JSON]:
    said = mapping(item)
    identifiers = " ".join(words(mapping(n).get("nameIdentifier")) for n in said.get("nameIdentifiers") or [])
    return stating.person(
        words(said.get("name")),
        given=words(said.get("givenName")),
        family=words(said.get("familyName")),
        orcid=identifiers,
        affiliations=as_list(said.get("affiliation")),
        organisation=said.get("nameType") == "Organizational",
        ror=identifiers,
    )


def _datacite_single(doc: Document, base: str) -> Iterator[Evidence]:
    data = mapping(doc.data if not base else mapping(mapping(doc.data).get("data")).get("attributes"))
    publisher = data.get("publisher")
    yield from doc.say("publisher", {"name": words(mapping(publisher).get("name", publisher))}, f"{base}/publisher")
    year = stating.date(data.get("publicationYear"))
    yield from doc.say("publication_date", year, f"{base}/publicationYear")
    types = mapping(data.get("types"))
    kind = {"general": types.get("resourceTypeGeneral"), "text": words(types.get("resourceType"))}
    yield from doc.say("resource_type", kind if types else {}, f"{base}/types/resourceTypeGeneral")
    yield from doc.say("languages", stating.language(data.get("language")), f"{base}/language")
    yield from doc.say("version", words(data.get("version")), f"{base}/version")


def _datacite_links(doc: Document, base: str) -> Iterator[Evidence]:
    for pointer, item in doc.each(f"{base}/dates"):
        said = mapping(item)
        yield from doc.say(
            "dates", {"date": stating.period(said.get("date")), "type": said.get("dateType")}, f"{pointer}/date"
        )
    for pointer, item in doc.each(f"{base}/relatedIdentifiers"):
        said = mapping(item)
        value = stating.related(
            said.get("relatedIdentifier"), words(said.get("relationType")), kind=words(said.get("resourceTypeGeneral"))
        )
        yield from doc.say("related", value, f"{pointer}/relatedIdentifier")
    for pointer, item in doc.each(f"{base}/geoLocations"):
        said = mapping(item)
        area, point = mapping(said.get("geoLocationBox")), mapping(said.get("geoLocationPoint"))
        edges = [
            area.get(f"{side}BoundLongitude" if side in ("west", "east") else f"{side}BoundLatitude")
            for side in ("west", "south", "east", "north")
        ]
        east, north = point.get("pointLongitude"), point.get("pointLatitude")
        found = stating.box(*edges) if area else stating.box(east, north, east, north)
        yield from doc.say("locations", {"place": words(said.get("geoLocationPlace")), "box": found}, pointer)
    for pointer, item in doc.each(f"{base}/fundingReferences"):
        said = mapping(item)
        value = {"funder": words(said.get("funderName")), "funder_id": words(said.get("funderIdentifier")), "award": words(said.get("awardNumber")),
            "award_title": words(said.get("awardTitle")), "award_uri": words(said.get("awardUri"))}  # fmt: skip
        yield from doc.say("funding", value, f"{pointer}/funderName")


# ---- datacite.yml of G-Node GIN


@reads("application/yaml", version=1)
def read_gin(file: File) -> Iterator[Evidence]:
    """A ``datacite.yml``; any other YAML file is left alone."""
    if file.size > placing.MOST_BYTES or not re.search(rb"^authors\s*:", file.head(16_384), re.MULTILINE):
        return
    doc = placing.document(file, "gin/1")
    if is_gin(doc.data):
        yield from say_gin(doc)


def is_gin(data: JSON) -> bool:
    found = mapping(data)
    return (
        isinstance(found.get("authors"), list)
        and "title" in found
        and bool(found.keys() & {"resourcetype", "templateversion", "references"})
    )


def say_gin(doc: Document) -> Iterator[Evidence]:
    """What a ``datacite.yml`` says; its template's own placeholder texts are left out."""
    data = mapping(doc.data)
    yield from doc.say("titles", {"text": words(data.get("title"))}, "/title")
    yield from doc.say(
        "descriptions", {"text": stating.prose(data.get("description")), "type": "Abstract"}, "/description"
    )
    for pointer, item in doc.each("/authors"):
        said = mapping(item)
        given, family = words(said.get("firstname")), words(said.get("lastname"))
        value = stating.person(
            given=given, family=family, orcid=words(said.get("id")), affiliations=[said.get("affiliation")]
        )
        yield from doc.say("creators", value, f"{pointer}/lastname")
    for pointer, keyword in doc.each("/keywords"):
        yield from doc.say("subjects", {"text": words(keyword)}, pointer)
    licence = mapping(data.get("license"))
    yield from doc.say("rights", stating.rights(licence.get("name"), licence.get("url")), "/license/name")
    for pointer, funder in doc.each("/funding"):
        name, _, award = re.sub(r"\s+", " ", words(funder)).partition(";" if ";" in words(funder) else ",")
        yield from doc.say("funding", {"funder": name, "award": award}, pointer)
    for pointer, item in doc.each("/references"):
        said = mapping(item)
        identifier = re.sub(r"^(?:doi|url):(?=10\.|http)", "", words(said.get("id")), flags=re.IGNORECASE)
        yield from doc.say("related", stating.related(identifier, words(said.get("reftype"))), f"{pointer}/id")
    yield from doc.say("resource_type", stating.resource_type(data.get("resourcetype")), "/resourcetype")
