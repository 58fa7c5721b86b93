"""JSON of repositories: Dataverse's dataset export and InvenioRDM's records (Zenodo's new ones too).

Sources: Dataverse Guides (native API, metadata blocks ``citation`` and ``geospatial``); InvenioRDM metadata reference v12.
"""

import re
from collections.abc import Iterator, Mapping

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers import placing, positions, stating
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.placing import Document
from shirushi.describe.readers.stating import mapping, words
from shirushi.metadata.vocabularies import RelationType, terms

_CLUES = re.compile(rb'"metadataBlocks"\s*:|"creators"\s*:|"person_or_org"\s*:')


@reads("application/json", version=1)
def read_repository(file: File) -> Iterator[Evidence]:
    """A dataset's JSON as Dataverse or InvenioRDM exports it, where the start of a JSON file shows that it is one."""
    if file.size > placing.MOST_BYTES or not _CLUES.search(file.head(16_384)):
        return
    doc = placing.document(file, "repository-json/1")
    for base in ("/data/latestVersion", "/data", "/datasetVersion", "/latestVersion", ""):
        if isinstance(positions.at(doc.data, f"{base}/metadataBlocks"), dict):
            yield from _dataverse(doc, base)
            return
    if isinstance(positions.at(doc.data, "/metadata/creators"), list):
        first = mapping(next(iter(positions.at(doc.data, "/metadata/creators")), None))
        if isinstance(first.get("person_or_org"), dict):
            yield from _invenio(doc)


# ---- Dataverse


def _dataverse(doc: Document, base: str) -> Iterator[Evidence]:
    for block in ("citation", "geospatial"):
        for pointer, field in doc.each(f"{base}/metadataBlocks/{block}/fields"):
            said = mapping(field)
            yield from _dataverse_field(doc, words(said.get("typeName")), f"{pointer}/value")
    licence = mapping(positions.at(doc.data, f"{base}/license"))
    where = f"{base}/license/name" if licence else f"{base}/license"
    named = licence.get("name") or positions.at(doc.data, where)
    yield from doc.say("rights", stating.rights(named, licence.get("uri")), where)
    for name in ("releaseTime", "publicationDate"):
        yield from doc.say("publication_date", stating.date(positions.at(doc.data, f"{base}/{name}")), f"{base}/{name}")
    for name in ("datasetPersistentId", "persistentId"):
        doi = stating.doi_of(words(positions.at(doc.data, f"{base}/{name}")))
        yield from doc.say("alternate_identifiers", {"identifier": doi, "type": "DOI"} if doi else {}, f"{base}/{name}")
    number, minor = (positions.at(doc.data, f"{base}/version{part}") for part in ("Number", "MinorNumber"))
    if isinstance(number, int):
        yield from doc.say("version", f"{number}.{minor or 0}", f"{base}/versionNumber")


def _dataverse_field(doc: Document, name: str, pointer: str) -> Iterator[Evidence]:
    for where, item in doc.each(pointer):
        part = {key: words(mapping(value).get("value")) for key, value in mapping(item).items()}
        said = words(item) if not isinstance(item, dict) else ""

        def at(key: str, where: str = where) -> str:
            return f"{where}/{key}/value"

        if name in ("title", "subtitle", "alternativeTitle"):
            kind = {"subtitle": "Subtitle", "alternativeTitle": "AlternativeTitle"}.get(name)
            yield from doc.say("titles", {"text": said, "type": kind}, where)
        elif name == "author":
            who = stating.person(part.get("authorName", ""), orcid=part.get("authorIdentifier", ""),
                affiliations=[part.get("authorAffiliation", "").strip("()")])  # fmt: skip
            yield from doc.say("creators", who, at("authorName"))
        elif name == "datasetContact" and part.get("datasetContactName"):
            who = stating.person(part["datasetContactName"], affiliations=[part.get("datasetContactAffiliation", "")])
            yield from doc.say("contributors", {**who, "role": "ContactPerson"}, at("datasetContactName"))
        elif name == "contributor" and part.get("contributorName"):
            value = {**stating.person(part["contributorName"]), "role": stating.role(part.get("contributorType"))}
            yield from doc.say("contributors", value, at("contributorName"))
        elif name == "dsDescription":
            text = stating.prose(mapping(mapping(item).get("dsDescriptionValue")).get("value"))
            yield from doc.say("descriptions", {"text": text, "type": "Abstract"}, at("dsDescriptionValue"))
        elif name == "subject":
            yield from doc.say("subjects", {"text": said}, where)
        elif name == "keyword":
            value = {"text": part.get("keywordValue"), "scheme": part.get("keywordVocabulary")}
            yield from doc.say("subjects", value, at("keywordValue"))
        elif name == "language":
            yield from doc.say("languages", stating.language(said.lower()), where)
        elif name == "grantNumber":
            value = {"funder": part.get("grantNumberAgency"), "award": part.get("grantNumberValue")}
            yield from doc.say("funding", value, at("grantNumberAgency"))
        elif name == "publication":
            text = part.get("publicationIDNumber") or part.get("publicationURL", "")
            key = "publicationIDNumber" if part.get("publicationIDNumber") else "publicationURL"
            yield from doc.say("related", stating.related(text, "IsSupplementTo"), at(key))
        elif name in ("timePeriodCovered", "dateOfCollection"):
            stem = name if name == "timePeriodCovered" else "dateOfCollection"
            found = stating.period(part.get(f"{stem}Start"), part.get(f"{stem}End"))
            kind = "Coverage" if name == "timePeriodCovered" else "Collected"
            yield from doc.say("dates", {"date": found, "type": kind} if found else {}, at(f"{stem}Start"))
        elif name == "productionDate":
            yield from doc.say("dates", {"date": stating.date(said), "type": "Created"}, where)
        elif name == "geographicCoverage":
            keys = [key for key in ("otherGeographicCoverage", "city", "state", "country") if part.get(key)]
            text = ", ".join(part[key] for key in keys)
            yield from doc.say("locations", {"place": text} if text else {}, at(keys[0]) if keys else where)
        elif name == "geographicBoundingBox":
            # Dataverse has long spelt the latitudes southLongitude and northLongitude.
            south, north = (part.get(f"{side}Latitude") or part.get(f"{side}Longitude") for side in ("south", "north"))
            edges = (part.get("westLongitude"), south, part.get("eastLongitude"), north)
            yield from doc.say("locations", {"box": stating.box(*edges)}, at("westLongitude"))


# ---- InvenioRDM

_DATES: Mapping[str, str] = {name.lower(): name for name in (
    "Accepted", "Available", "Collected", "Copyrighted", "Created", "Issued", "Other", "Submitted", "Updated", "Valid", "Withdrawn")}  # fmt: skip


def _said(item: JSON) -> str:
    """A title in English, or in Japanese, or in the first language there is; or the words themselves."""
    if isinstance(item, dict):
        return words(item.get("en") or item.get("ja") or next(iter(item.values()), None))
    return words(item)


def _invenio(doc: Document) -> Iterator[Evidence]:
    base = "/metadata"
    data = mapping(positions.at(doc.data, base))
    yield from doc.say("titles", {"text": words(data.get("title"))}, f"{base}/title")
    for pointer, item in doc.each(f"{base}/additional_titles"):
        yield from doc.say(
            "titles", {"text": words(mapping(item).get("title")), "type": "AlternativeTitle"}, f"{pointer}/title"
        )
    for field in ("creators", "contributors"):
        for pointer, item in doc.each(f"{base}/{field}"):
            who = _invenio_person(mapping(item))
            role = mapping(mapping(item).get("role"))
            extra = {"role": stating.role(role.get("id"))} if field == "contributors" else {}
            yield from doc.say(field, {**who, **extra} if who else {}, f"{pointer}/person_or_org/name")
    yield from doc.say(
        "descriptions", {"text": stating.prose(data.get("description")), "type": "Abstract"}, f"{base}/description"
    )
    for pointer, item in doc.each(f"{base}/additional_descriptions"):
        kind = {"methods": "Methods", "technical-info": "TechnicalInfo"}.get(
            words(mapping(mapping(item).get("type")).get("id")), "Other"
        )
        yield from doc.say(
            "descriptions",
            {"text": stating.prose(mapping(item).get("description")), "type": kind},
            f"{pointer}/description",
        )
    for pointer, item in doc.each(f"{base}/subjects"):
        said = mapping(item)
        yield from doc.say(
            "subjects", {"text": words(said.get("subject")), "scheme": words(said.get("scheme"))}, f"{pointer}/subject"
        )
    for pointer, item in doc.each(f"{base}/rights"):
        said = mapping(item)
        address = words(said.get("link")) or words(mapping(said.get("props")).get("url"))
        value = stating.rights(said.get("id") or _said(said.get("title")), address)
        yield from doc.say("rights", value, f"{pointer}/{'id' if said.get('id') else 'title'}")
    yield from doc.say("publisher", {"name": words(data.get("publisher"))}, f"{base}/publisher")
    yield from doc.say("publication_date", stating.date(data.get("publication_date")), f"{base}/publication_date")
    yield from doc.say("version", words(data.get("version")), f"{base}/version")
    for pointer, item in doc.each(f"{base}/languages"):
        yield from doc.say("languages", stating.language(mapping(item).get("id")), f"{pointer}/id")
    doi = stating.doi_of(words(positions.at(doc.data, "/pids/doi/identifier")))
    yield from doc.say(
        "alternate_identifiers", {"identifier": doi, "type": "DOI"} if doi else {}, "/pids/doi/identifier"
    )
    yield from _invenio_links(doc, base)


def _invenio_person(item: Mapping[str, JSON]) -> dict[str, JSON]:
    said = mapping(item.get("person_or_org"))
    listed = said.get("identifiers")
    identifiers = [mapping(i) for i in listed] if isinstance(listed, list) else []
    orcid = " ".join(words(i.get("identifier")) for i in identifiers if i.get("scheme") == "orcid")
    ror = " ".join(words(i.get("identifier")) for i in identifiers if i.get("scheme") == "ror")
    homes = item.get("affiliations")
    return stating.person(words(said.get("name")), given=words(said.get("given_name")), family=words(said.get("family_name")), orcid=orcid,
        affiliations=homes if isinstance(homes, list) else [], organisation=said.get("type") == "organizational",
        ror=ror if ror.startswith("http") else f"https://ror.org/{ror}")  # fmt: skip


def _invenio_links(doc: Document, base: str) -> Iterator[Evidence]:
    for pointer, item in doc.each(f"{base}/related_identifiers"):
        said = mapping(item)
        relation = words(mapping(said.get("relation_type")).get("id"))
        spelt = next((term for term in terms(RelationType) if term.lower() == relation.lower()), "")
        value = stating.related(said.get("identifier"), spelt)
        yield from doc.say("related", value, f"{pointer}/identifier")
    for pointer, item in doc.each(f"{base}/dates"):
        said = mapping(item)
        kind = _DATES.get(words(mapping(said.get("type")).get("id")))
        found = stating.period(said.get("date"))
        yield from doc.say(
            "dates",
            {"date": found, "type": kind, "information": words(said.get("description"))} if found else {},
            f"{pointer}/date",
        )
    for pointer, item in doc.each(f"{base}/funding"):
        funder, award = mapping(mapping(item).get("funder")), mapping(mapping(item).get("award"))
        value = {
            "funder": words(funder.get("name")),
            "award": words(award.get("number")),
            "award_title": _said(award.get("title")),
        }
        yield from doc.say("funding", value, f"{pointer}/funder/name")
    for pointer, item in doc.each(f"{base}/locations/features"):
        yield from doc.say("locations", {"place": words(mapping(item).get("place"))}, f"{pointer}/place")
