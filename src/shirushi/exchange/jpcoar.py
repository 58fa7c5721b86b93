"""JPCOAR 2.1 XML from a Publication: the format in which Japanese repositories are harvested (IRDB, CiNii Research).

JPCOAR's guideline asks for ``xml:lang`` on every text and for one title a language; both are seen to here. The numbering of
awards that Japan shares (体系的番号, e.g. JP21K12345, JPMJCR2101) is marked as such.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml import etree

from shirushi.exchange import jpcoar_terms as terms
from shirushi.exchange.common import (
    CROSSREF_FUNDER,
    ROR_ID,
    TO_BE_ASSIGNED,
    UNAVAILABLE,
    access_address,
    access_label,
    best_url,
    dates_of,
    guess_language,
    human_size,
    identifier_url,
    is_address,
    is_point,
    issued,
    main_language,
    public_media_type,
    registered,
    resolver_url,
    rights_name,
    rights_url,
    ror_code,
    split_form,
    split_name,
    tools_related,
    tools_words,
    unique,
    version_links,
)
from shirushi.exchange.languages import iso_639_3
from shirushi.exchange.pieces import Files
from shirushi.exchange.xmltools import child, legal, serialise, uri
from shirushi.metadata.published import FileEntry, Identifier, Publication
from shirushi.metadata.work import (
    Box,
    Contributor,
    Creator,
    DateEntry,
    Funding,
    Location,
    Related,
    Subject,
    Title,
    Work,
)

NAMESPACE = "https://github.com/JPCOAR/schema/blob/master/2.1/"
SCHEMA = f"{NAMESPACE}jpcoar_scm.xsd"
_NAMESPACES = {
    "jpcoar": NAMESPACE,
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "datacite": "https://schema.datacite.org/meta/kernel-4/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
_RESOURCE = f"{{{_NAMESPACES['rdf']}}}resource"

_TOGETHER = 500  # files written at once
_JGN = re.compile(r"JP[0-9A-Z]{5,}", re.IGNORECASE)
_JST_PROGRAM = re.compile(r"JP(MJ[A-Z0-9]{2})", re.IGNORECASE)
_TAIKEI = "https://www.nistep.go.jp/taikei"
_ERAD_FUNDER = re.compile(r"\d{4}")


def to_xml(publication: Publication) -> bytes:
    """The record as a JPCOAR 2.1 document, always valid; the codes of DataCite stand for required values that are unknown."""
    return serialise(document(publication))


def pieces(publication: Publication, files: Files) -> Iterator[bytes]:
    """The bytes of :func:`to_xml` in pieces, for any number of files, which its elements end with."""
    end = b"\n</jpcoar:jpcoar>"
    yield to_xml(publication.model_copy(update={"files": []})).removesuffix(end)
    coming = iter(files())
    while some := list(islice(coming, _TOGETHER)):
        root = etree.Element(_tag("jpcoar:jpcoar"), nsmap=_NAMESPACES)
        writer = _Writer(root, publication)
        for entry in some:
            writer.file(entry)
        etree.indent(root)
        yield etree.tostring(root, encoding="UTF-8").partition(b">")[2].removesuffix(end)
    yield end


def document(publication: Publication) -> etree._Element:
    """The root of the document."""
    root = etree.Element(_tag("jpcoar:jpcoar"), nsmap=_NAMESPACES)
    location = f"{{{_NAMESPACES['xsi']}}}schemaLocation"
    root.set(location, f"{NAMESPACE} {SCHEMA}")
    _Writer(root, publication).write()
    return root


def jgn(award: str) -> bool:
    """Whether an award number is in the numbering that Japanese funders share (体系的番号)."""
    return _JGN.fullmatch(award) is not None


def _tag(name: str) -> str:
    prefix, local = name.split(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}"


class _Writer:
    """Appends the elements of a record to ``root`` in the order that the schema's sequence demands."""

    def __init__(self, root: etree._Element, publication: Publication) -> None:
        self.root = root
        self.publication = publication
        self.work: Work = publication.work
        self.language = main_language(publication.work)

    def write(self) -> None:
        self.titles()
        for creator in self.work.creators:
            self.agent("creator", creator)
        for contributor in self.work.contributors:
            self.contributor(contributor)
        self.access()
        self.rights()
        for holder in self.work.contributors:
            if holder.role == "RightsHolder":
                self.rights_holder(holder)
        for subject in self.work.subjects:
            self.subject(subject)
        self.descriptions()
        self.publisher()
        self.dates()
        for code in unique(iso_639_3(tag) for tag in self.work.languages):
            if code:
                self.add("dc:language", code)
        self.resource_type()
        if self.work.version:
            self.add("datacite:version", self.work.version)
        self.identifier()
        for related in (*self.work.related, *tools_related(self.work)):
            self.relation(related)
        self.versions()
        self.coverage()
        for place in self.work.locations:
            self.location(place)
        for funding in self.work.funding:
            self.funding(funding)
        for entry in self.publication.files:
            self.file(entry)

    def add(
        self, name: str, text: str | None = None, *, within: etree._Element | None = None, **attributes: Any
    ) -> etree._Element:
        return child(self.root if within is None else within, _tag(name), text, **attributes)

    def say(
        self, name: str, text: str, lang: str | None, *, within: etree._Element | None = None, **attributes: Any
    ) -> etree._Element:
        """A text with its language: the one given, else the one its script tells."""
        lang = lang or guess_language(text, self.language)
        return self.add(name, legal(text).strip() or UNAVAILABLE, within=within, lang=lang, **attributes)

    def titles(self) -> None:
        """One ``dc:title`` for each language; every further title is an alternative."""
        main: dict[str, Title] = {}
        others: list[Title] = []
        for title in self.work.titles:
            lang = title.lang or guess_language(title.text, self.language)
            if title.type in (None, "TranslatedTitle") and lang not in main:
                main[lang] = title
            else:
                others.append(title)
        if not main:
            main, others = self.promoted(others)
        for lang, title in main.items():
            self.say("dc:title", title.text, lang)
        for title in others:
            self.say("dcterms:alternative", title.text, title.lang)

    def promoted(self, others: list[Title]) -> tuple[dict[str, Title], list[Title]]:
        """The first of the other titles as the main one; the code for "not available" when there is none at all."""
        first = others[0] if others else Title(text=UNAVAILABLE, lang="en")
        return {first.lang or guess_language(first.text, self.language): first}, others[1:]

    def agent(self, role: str, agent: Creator, **attributes: Any) -> etree._Element:
        element = self.add(f"jpcoar:{role}", **attributes)
        lang = agent.lang or guess_language(agent.name, None if agent.name.isascii() else self.language)
        self.name_identifiers(element, agent)
        self.say(f"jpcoar:{role}Name", agent.name, lang, within=element, nameType=agent.name_type)
        forms = [(form, form.lang or guess_language(form.name)) for form in agent.other_names]
        for form, script in forms:
            self.say(f"jpcoar:{role}Name", form.name, script, within=element, nameType=agent.name_type)
        split = [(split_name(agent), lang), *((split_form(form, agent), script) for form, script in forms)]
        for position, part in enumerate(("familyName", "givenName")):
            for names, script in split:
                if text := names[position]:
                    self.say(f"jpcoar:{part}", text, script, within=element)
        for affiliation in agent.affiliations:
            holder = self.add("jpcoar:affiliation", within=element)
            if affiliation.ror:
                self.name_identifier(holder, ror_code(affiliation.ror), "ROR", affiliation.ror)
            self.say("jpcoar:affiliationName", affiliation.name, None, within=holder)
        return element

    def name_identifiers(self, element: etree._Element, agent: Creator) -> None:
        if agent.orcid:
            self.name_identifier(element, agent.orcid, "ORCID", f"https://orcid.org/{agent.orcid}")
        if agent.ror:
            self.name_identifier(element, ror_code(agent.ror), "ROR", agent.ror)

    def name_identifier(self, within: etree._Element, value: str, scheme: str, address: str) -> None:
        self.add("jpcoar:nameIdentifier", value, within=within, nameIdentifierScheme=scheme, nameIdentifierURI=address)

    def contributor(self, contributor: Contributor) -> None:
        if contributor.role != "RightsHolder":
            role = "Other" if contributor.role in terms.ROLES_UNKNOWN else contributor.role
            self.agent("contributor", contributor, contributorType=role)

    def rights_holder(self, holder: Contributor) -> None:
        element = self.add("jpcoar:rightsHolder")
        self.name_identifiers(element, holder)
        self.say("jpcoar:rightsHolderName", holder.name, holder.lang, within=element)

    def access(self) -> None:
        self.add("dcterms:accessRights", access_label(self.publication)).set(
            _RESOURCE, access_address(self.publication)
        )

    def rights(self) -> None:
        for rights in self.work.rights:
            element = self.say("dc:rights", rights_name(rights), rights.lang or (None if rights.text else "en"))
            if address := rights_url(rights):
                element.set(_RESOURCE, uri(address))

    def subject(self, subject: Subject) -> None:
        scheme = subject.scheme if subject.scheme in terms.SUBJECT_SCHEMES else "Other"
        address = uri(subject.value_uri) if subject.value_uri else None
        self.say("jpcoar:subject", subject.text, subject.lang, subjectScheme=scheme, subjectURI=address)

    def descriptions(self) -> None:
        for text in self.work.descriptions:
            kind = text.type if text.type in terms.DESCRIPTIONS else "Other"
            self.say("datacite:description", text.text, text.lang, descriptionType=kind)
        if words := tools_words(self.work):
            self.say("datacite:description", words, "en", descriptionType="TechnicalInfo")

    def publisher(self) -> None:
        if self.work.publisher:
            self.say("dc:publisher", self.work.publisher.name, self.work.publisher.lang)

    def dates(self) -> None:
        entries = [entry for entry in dates_of(self.publication) if entry.type in terms.DATES]
        if not any(entry.type == "Issued" for entry in entries):
            entries.append(DateEntry(date=issued(self.publication), type="Issued"))
        for entry in entries:
            self.add("datacite:date", entry.date.replace("..", ""), dateType=entry.type)

    def resource_type(self) -> None:
        """The finer type where its words are a JPCOAR label, else the counterpart of the general one."""
        kind = self.work.resource_type
        finer = (kind.text or "").strip().lower()
        label = finer if finer in terms.COAR_TYPES else terms.TYPES.get(kind.general, "other")
        self.add("dc:type", label).set(_RESOURCE, f"{terms.COAR}resource_type/{terms.COAR_TYPES[label]}")

    def identifier(self) -> None:
        own = registered(self.publication.identifier)
        kind = {"DOI": "DOI", "Handle": "HDL"}.get(own.scheme, "URI") if own else "URI"
        if own:
            self.add("jpcoar:identifier", uri(identifier_url(own)), identifierType=kind)
        address = self.publication.url or best_url(self.publication)
        if address and (own is None or kind != "URI"):
            self.add("jpcoar:identifier", uri(address), identifierType="URI")
        if own is None and address is None:
            self.add("jpcoar:identifier", uri(TO_BE_ASSIGNED), identifierType="URI")

    def relation(self, related: Related) -> None:
        element = self.add("jpcoar:relation", relationType=terms.RELATIONS[related.relation])
        kind = terms.IDENTIFIERS.get(related.scheme)
        address = resolver_url(related.identifier, related.scheme)
        if kind is None:
            kind = "URI" if address or related.scheme in {"URL", "URN", "w3id", "LSID"} else "Local"
        value = address if kind in terms.AS_ADDRESS and address else related.identifier
        self.add("jpcoar:relatedIdentifier", uri(value), within=element, identifierType=kind)
        if related.title:
            self.say("jpcoar:relatedTitle", related.title, None, within=element)

    def versions(self) -> None:
        names = {"IsNewVersionOf": "replaces", "IsVersionOf": "isVersionOf"}
        for relation, identifier in version_links(self.publication):
            self.version_link(identifier, names[relation])

    def version_link(self, identifier: Identifier, relation: str) -> None:
        element = self.add("jpcoar:relation", relationType=relation)
        kind = terms.IDENTIFIERS.get(identifier.scheme, "URI")
        self.add("jpcoar:relatedIdentifier", uri(identifier_url(identifier)), within=element, identifierType=kind)

    def coverage(self) -> None:
        for entry in self.work.dates:
            if entry.type == "Coverage":
                self.add("dcterms:temporal", entry.date, lang="en")

    def location(self, location: Location) -> None:
        element = self.add("datacite:geoLocation")
        if location.box:
            self.shape(element, location.box)
        if location.place:
            self.add("datacite:geoLocationPlace", location.place, within=element)

    def shape(self, element: etree._Element, box: Box) -> None:
        name = "Point" if is_point(box) else "Box"
        corners = {"pointLongitude": box.west, "pointLatitude": box.south}
        if name == "Box":
            corners = {
                "westBoundLongitude": box.west,
                "eastBoundLongitude": box.east,
                "southBoundLatitude": box.south,
                "northBoundLatitude": box.north,
            }
        holder = self.add(f"datacite:geoLocation{name}", within=element)
        for side, degrees in corners.items():
            self.add(f"datacite:{side}", repr(float(degrees)), within=holder)

    def funding(self, funding: Funding) -> None:
        element = self.add("jpcoar:fundingReference")
        if funding.funder_id:
            kind = funder_identifier_type(funding.funder_id)
            self.add("jpcoar:funderIdentifier", funding.funder_id, within=element, funderIdentifierType=kind)
        self.say("jpcoar:funderName", funding.funder, None, within=element)
        program = _JST_PROGRAM.match(funding.award or "")
        if program:
            stream = self.add("jpcoar:fundingStreamIdentifier", program[1].upper(), within=element)
            stream.set("fundingStreamIdentifierType", "JGN_fundingStream")
            stream.set("fundingStreamIdentifierTypeURI", _TAIKEI)
        if funding.award:
            self.add(
                "jpcoar:awardNumber",
                funding.award,
                within=element,
                awardURI=uri(funding.award_uri) if funding.award_uri else None,
                awardNumberType="JGN" if jgn(funding.award) else None,
            )
        if funding.award_title:
            self.say("jpcoar:awardTitle", funding.award_title, None, within=element)

    def file(self, entry: FileEntry) -> None:
        element = self.add("jpcoar:file")
        if entry.url and is_address(entry.url) and self.publication.ask_url is None:
            kind = terms.OBJECT_TYPES.get(self.work.resource_type.general, "other")
            self.add("jpcoar:URI", uri(entry.url), within=element, objectType=kind, label=entry.path)
        self.add("jpcoar:mimeType", public_media_type(entry), within=element)
        self.add("jpcoar:extent", human_size(entry.size), within=element)


def funder_identifier_type(identifier: str) -> str:
    """JPCOAR's name of the registry that a funder's identifier comes from; four digits are a funder code of e-Rad."""
    if ROR_ID.search(identifier):
        return "ROR"
    if CROSSREF_FUNDER.search(identifier):
        return "Crossref Funder"
    return "e-Rad_funder" if _ERAD_FUNDER.fullmatch(identifier) else "Other"
