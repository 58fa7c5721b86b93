"""What JPCOAR 2.0 and 2.1 ask of a record beyond their XSD: languages, readings, forms of identifiers and numbers, vocabularies.

The XSD takes nearly everything that harvesters then refuse. The rules are those of the schema's guideline (schema.irdb.nii.ac.jp, the
pages of the single elements) and of the tables of JPCOAR, JaLC and Crossref (version 1.5, 2025-11); the codes are those of the public
validator of the field, so that findings can be compared. An ``error`` keeps a harvester from taking the record as it is meant; a
``warn`` says what readers will miss.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from lxml import etree

from shirushi.exchange.common import ACCESS, COAR_ACCESS
from shirushi.exchange.xmltools import XML_LANG, parse
from shirushi.metadata.fields import Text2

Level = Literal["error", "warn"]
Element = etree._Element  # noqa: SLF001 - lxml gives its elements' type no other name

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource"


@dataclass(frozen=True, slots=True)
class Finding:
    """``code`` is stable; ``path`` leads to the element (``/jpcoar/creator[2]/familyName``), ``line`` is where it begins."""

    code: str
    level: Level
    path: str
    line: int
    what: Text2

    def __str__(self) -> str:
        return f"{self.level} {self.code} line {self.line} {self.path}: {self.what.en}"


# Where a person mends what is wrong in an element: the field of the work that it is written from
_FIELDS: Mapping[str, str] = {
    "title": "titles", "alternative": "titles", "creator": "creators", "contributor": "contributors", "accessRights": "access",
    "rights": "rights", "rightsHolder": "contributors", "subject": "subjects", "description": "descriptions", "publisher": "publisher",
    "date": "dates", "temporal": "dates", "language": "languages", "type": "resource_type", "version": "version",
    "relation": "related", "geoLocation": "locations", "fundingReference": "funding", "sourceIdentifier": "related",
    "sourceTitle": "related", "file": "files",
}  # fmt: skip


def field_of(finding: Finding) -> str:
    """The field of the work in which a finding is mended, or ``files``; empty where publishing itself writes the element."""
    element = finding.path.removeprefix("/jpcoar/").partition("/")[0].partition("[")[0]
    return _FIELDS.get(element, "")


def judge(data: bytes) -> list[Finding]:
    """Everything that the rules find in a record, in the order of the document.

    Raises:
        NotReadable: it is not XML.
    """
    root = parse(data)
    record = next((e for e in root.iter() if isinstance(e.tag, str) and _name(e) == "jpcoar"), root)
    found = [finding for rule in RULES for finding in rule(record)]
    return sorted(dict.fromkeys(found), key=lambda one: one.line)


def _name(element: Element) -> str:
    return etree.QName(element).localname


def _elements(within: Element, *names: str) -> Iterator[Element]:
    """Descendants of any of these names, whatever their namespace."""
    for element in within.iter():
        if isinstance(element.tag, str) and _name(element) in names:
            yield element


def _children(within: Element, *names: str) -> list[Element]:
    return [e for e in within if isinstance(e.tag, str) and _name(e) in names]


def _text(element: Element) -> str:
    return "".join(map(str, element.itertext())).strip()


def _parent(element: Element) -> str:
    above = element.getparent()
    return _name(above) if above is not None else ""


def _path(element: Element) -> str:
    steps: list[str] = []
    here: Element | None = element
    while here is not None:
        above = here.getparent()
        twins = _children(above, _name(here)) if above is not None else [here]
        steps.append(_name(here) + (f"[{twins.index(here) + 1}]" if len(twins) > 1 else ""))
        if steps[-1] == "jpcoar":
            break
        here = above
    return "/" + "/".join(reversed(steps))


def _found(code: str, level: Level, element: Element, en: str, ja: str) -> Finding:
    return Finding(code, level, _path(element), cast("int", element.sourceline or 0), Text2(en, ja))


# -- languages

# Texts that are in a language, by the name of the element; a date is one as dcterms:date only, a subject inside a catalog only.
_SPOKEN = (
    "title", "alternative", "creatorName", "familyName", "givenName", "creatorAlternative", "affiliationName", "contributorName",
    "contributorAlternative", "rights", "rightsHolderName", "description", "publisher", "publisherName", "publisherDescription", "location",
    "relatedTitle", "funderName", "fundingStream", "awardTitle", "sourceTitle", "degreeName", "degreeGrantorName", "conferenceName",
    "conferenceSponsor", "conferenceDate", "conferenceVenue", "conferencePlace", "edition", "volumeTitle", "format", "holdingAgentName",
    "license",
)  # fmt: skip
# Of these there is one in each language: a second one is another thing, or a reading (ja-Kana).
_ONCE = (
    "title", "creatorName", "familyName", "givenName", "affiliationName", "contributorName", "relatedTitle", "funderName", "awardTitle",
    "sourceTitle", "degreeName", "degreeGrantorName", "conferenceName", "conferenceSponsor", "conferenceVenue", "conferencePlace",
    "holdingAgentName", "rightsHolderName", "fundingStream",
)  # fmt: skip
# What may have a reading beside it
_READ = ("title", "creatorName", "creatorAlternative", "contributorName", "contributorAlternative", "rightsHolderName")
_READINGS = ("ja-Kana", "ja-Latn")
_DCTERMS = "{http://purl.org/dc/terms/}"


def _languages(record: Element) -> Iterator[Finding]:
    for element in record.iter():
        if not isinstance(element.tag, str) or len(element) or not _is_spoken(element):
            continue
        if element.get(XML_LANG) or not _text(element):
            continue
        yield _found(
            "xmllang_not_found", "error", element, "Say its language: xml:lang.", "xml:lang で言語を示してください。"
        )


def _is_spoken(element: Element) -> bool:
    name = _name(element)
    if name == "date":
        return element.tag == f"{_DCTERMS}date"
    if name == "extent":
        return element.tag == f"{_DCTERMS}extent"
    if name == "subject":
        return _parent(element) == "catalog"
    return name in _SPOKEN


def _one_for_each_language(record: Element) -> Iterator[Finding]:
    for holder in [record, *record.iterdescendants()]:
        if not isinstance(holder.tag, str):
            continue
        seen: Counter[tuple[str, str]] = Counter()
        for element in _children(holder, *_ONCE):
            key = (_name(element), element.get(XML_LANG, ""))
            seen[key] += 1
            if key[1] and seen[key] == 2:
                en = f"There is one in {key[1]} already. A reading is ja-Kana; another title is dcterms:alternative."
                ja = f"{key[1]} のものがすでにあります。読みには ja-Kana、別のタイトルには dcterms:alternative を使ってください。"
                yield _found("xmllang_duplicated", "error", element, en, ja)


def _readings(record: Element) -> Iterator[Finding]:
    for holder in [record, *record.iterdescendants()]:
        if not isinstance(holder.tag, str):
            continue
        for name in _READ:
            together = _children(holder, name)
            spoken = {element.get(XML_LANG) for element in together}
            for element in together:
                if element.get(XML_LANG) in _READINGS and "ja" not in spoken:
                    en, ja = (
                        "A reading stands beside its Japanese text (ja).",
                        "読みは日本語（ja）と一緒に入れてください。",
                    )
                    yield _found("xmllang_nojapanese_with_yomi", "error", element, en, ja)
                    break
    for element in _elements(record, "familyName", "givenName"):
        if element.get(XML_LANG) in _READINGS:
            en, ja = "Readings belong to the whole name.", "読みは姓名全体（creatorName など）に入れてください。"
            yield _found("yomi_not_needed", "warn", element, en, ja)


# -- identifiers of people and organisations

_FORMS: Mapping[str, re.Pattern[str]] = {
    "ORCID": re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]"),
    "ISNI": re.compile(r"\d{4} ?\d{4} ?\d{4} ?\d{3}[\dX]"),
    "e-Rad_Researcher": re.compile(r"\d{8}"),
    "kakenhi": re.compile(r"\d{5}"),
    "NRID": re.compile(r"\d{13}"),
    "ROR": re.compile(r"https://ror\.org/0[a-hj-km-np-tv-z0-9]{6}\d{2}"),
}
_OBSOLETE_SCHEMES = ("GRID", "NRID", "e-Rad")


def _name_identifiers(record: Element) -> Iterator[Finding]:
    for element in _elements(record, "nameIdentifier"):
        scheme, value = element.get("nameIdentifierScheme", ""), _text(element)
        if scheme in _OBSOLETE_SCHEMES or (scheme == "kakenhi" and _parent(element) == "affiliation"):
            en, ja = f"{scheme} is no longer used here.", f"{scheme} は、ここでは廃止されています。"
            yield _found("nameIdentifierScheme_obsolete", "warn", element, en, ja)
        if scheme != "ROR" and re.match(r"https?://", value):
            en = "Write the bare identifier; its address is nameIdentifierURI."
            ja = "識別子だけを入れ、アドレスは nameIdentifierURI に入れてください。"
            yield _found("nameidentifier_content_is_uri", "warn", element, en, ja)
        elif (form := _FORMS.get(scheme)) and not form.fullmatch(value) and scheme not in _OBSOLETE_SCHEMES:
            en, ja = f"{value!r} has not the form of {scheme}.", f"{value!r} は {scheme} の形式ではありません。"
            yield _found("nameIdentifier_mismatch", "warn", element, en, ja)
    for element in _elements(record, "contributor"):
        if not element.get("contributorType") and _parent(element) == "jpcoar":
            en, ja = "Say what they did: contributorType.", "contributorType で役割を示してください。"
            yield _found("contributor_type_not_found", "warn", element, en, ja)


# -- identifiers of the work and of others

_BARE_DOI = re.compile(r"10\.\d{4,9}/\S+")
_IDENTIFIERS: Mapping[str, re.Pattern[str]] = {
    "DOI": re.compile(r"https?://(?:dx\.)?doi\.org/10\.\d{4,9}/\S+", re.IGNORECASE),
    "HDL": re.compile(r"https?://hdl\.handle\.net/\S+", re.IGNORECASE),
    "URI": re.compile(r"https?://\S+", re.IGNORECASE),
}
_REGISTRARS = ("JaLC", "Crossref", "DataCite", "PMID")
_SOURCES = ("PISSN", "EISSN", "ISSN", "NCID")
_OBSOLETE_TYPES = ("ISSN", "NAID", "GRID")


def _identifiers(record: Element) -> Iterator[Finding]:
    own = _children(record, "identifier")
    for element in own:
        kind, value = element.get("identifierType", ""), _text(element)
        form = _IDENTIFIERS.get(kind)
        if form is None or not form.fullmatch(value):
            en = f"{value!r} is no identifier of the type {kind!r}: DOI, HDL or URI, each as a whole address."
            ja = f"{value!r} は {kind!r} の形式ではありません。DOI・HDL・URI のどれも、アドレス全体で入れてください。"
            yield _found("identifier_type_mismatch", "error", element, en, ja)
    named = {_bare(_text(element)) for element in own if element.get("identifierType") == "DOI"}
    for element in _children(record, "identifierRegistration"):
        kind, value = element.get("identifierType", ""), _text(element)
        if kind == "PMID":
            en, ja = "PMID is for PubMed alone to give.", "PMID は、ここでは登録できません。"
            yield _found("identifier_type_pmid", "error", element, en, ja)
        elif kind not in _REGISTRARS or not _BARE_DOI.fullmatch(value):
            en, ja = "Write the DOI as prefix/suffix.", "DOI を prefix/suffix の形で入れてください。"
            yield _found("identifier_type_mismatch", "error", element, en, ja)
        elif value.lower() not in named:
            en, ja = "No identifier of the type DOI says the same.", "同じ DOI の identifier がありません。"
            yield _found("identifier_registration_doi_mismatch", "warn", element, en, ja)
    for element in _elements(record, "relatedIdentifier", "sourceIdentifier", "funderIdentifier"):
        kind = element.get("identifierType") or element.get("funderIdentifierType") or ""
        if kind in _OBSOLETE_TYPES:
            en, ja = f"{kind} is no longer used; see the schema.", f"{kind} は廃止されています。"
            yield _found("identifier_type_obsolete", "warn", element, en, ja)
        elif _name(element) == "sourceIdentifier" and kind not in _SOURCES:
            en, ja = f"{kind!r} is none of {', '.join(_SOURCES)}.", f"{kind!r} は使えません。"
            yield _found("sourceIdentifierVocab", "error", element, en, ja)


def _bare(doi: str) -> str:
    return re.sub(r"^https?://(?:dx\.)?doi\.org/", "", doi, flags=re.IGNORECASE).lower()


# -- vocabularies with addresses

_VERSIONS: Mapping[str, str] = {
    "AO": "c_b1a7d7d4d402bcce", "SMUR": "c_71e4c1898caa6e32", "AM": "c_ab4af688f83e57aa", "P": "c_fa2ee174bc00049f",
    "VoR": "c_970fb48d4fbd8a85", "CVoR": "c_e19f295774971610", "EVoR": "c_dc82b40f9837b551", "NA": "c_be7fb7dd8ff6fe43",
}  # fmt: skip


def _access(record: Element) -> Iterator[Finding]:
    for element in _children(record, "accessRights"):
        label, address = _text(element), element.get(RDF)
        addresses = {name: COAR_ACCESS + code for name, (code, _) in ACCESS.items()}
        if not address:
            en, ja = "Give the term's address: rdf:resource.", "rdf:resource で語のアドレスを示してください。"
            yield _found("access_rights_without_rdf_resource", "error", element, en, ja)
        elif address not in addresses.values():
            en, ja = (
                f"{address} is no term of COAR Access Rights.",
                f"{address} は COAR Access Rights の語ではありません。",
            )
            yield _found("access_rights_wrong_uri", "error", element, en, ja)
        elif addresses.get(label) != address:
            en, ja = f"{label!r} and its address say different things.", f"{label!r} とアドレスが一致しません。"
            yield _found("access_rights_mismatch", "error", element, en, ja)
        dates = {date.get("dateType") for date in _children(record, "date")}
        in_files = {date.get("dateType") for file in _children(record, "file") for date in _children(file, "date")}
        if label == "embargoed access" and "Available" not in dates | in_files:
            en, ja = (
                "Say when it becomes available: dateType Available.",
                "公開予定日（dateType=Available）を入れてください。",
            )
            yield _found("embargoed_access_no_available_date", "error", element, en, ja)


def _version_type(record: Element) -> Iterator[Finding]:
    for element in _elements(record, "version"):
        if "openaire" not in str(element.tag):
            if re.match(r"(?:version|ver\.?|v\.?)\s*\d", _text(element), re.IGNORECASE) or not re.match(
                r"\d", _text(element)
            ):
                en, ja = "Write the number alone, like 1.2.", "1.2 のように数字だけを入れてください。"
                yield _found("format_version", "warn", element, en, ja)
            continue
        label, address = _text(element), element.get(RDF, "")
        if label not in _VERSIONS or not address.endswith("/" + _VERSIONS[label]):
            en, ja = "The type and its address do not belong together.", "出版タイプとアドレスが一致しません。"
            yield _found("coar_version_type_mismatch", "error", element, en, ja)
        elif label == "AM" and not _names_the_published(record):
            en = "An accepted manuscript names the published version: relationType isVersionOf."
            ja = "著者最終稿には、出版社版への関連（relationType=isVersionOf）を入れてください。"
            yield _found("vor_relation_not_found", "warn", element, en, ja)


def _names_the_published(record: Element) -> bool:
    return any(relation.get("relationType") == "isVersionOf" for relation in _children(record, "relation"))


def _rights(record: Element) -> Iterator[Finding]:
    for element in _elements(record, "rights"):
        if re.search(
            r"creative commons|\bCC[ -](?:BY|0)|クリエイティブ・コモンズ", _text(element), re.IGNORECASE
        ) and not element.get(RDF):
            en, ja = (
                "Give the licence's address: rdf:resource.",
                "rdf:resource でライセンスのアドレスを示してください。",
            )
            yield _found("rights_resource_uri_missing", "warn", element, en, ja)


# -- numbers and codes

_BYTES = re.compile(
    r"[\d.,]+ ?(?:(?:K|M|G|T|k|m|g|t)?i?B|bytes?|pages?|p\.?|ページ|頁|分|時間|minutes?|hours?|sheets?|枚|点|冊|files?)\b.*|[\d.,]+ ?[^\W\d_]+.*"
)


def _numbers(record: Element) -> Iterator[Finding]:
    for element in _elements(record, "numPages", "pageStart", "pageEnd", "conferenceSequence"):
        value = _text(element)
        roman = _name(element) in ("pageStart", "pageEnd") and re.fullmatch(
            r"[ivxlcdm]+|[A-Za-z]?\d+|none", value, re.IGNORECASE
        )
        if not re.fullmatch(r"[1-9]\d*", value) and not roman:
            en, ja = "Write the number alone.", "数字だけを入れてください。"
            yield _found("positiveInteger", "error", element, en, ja)
    for element in _elements(record, "volume", "issue"):
        if re.match(
            r"(?:vol(?:ume)?|no|issue|number|第|巻|号)[\s.]*\d|\d+\s*(?:巻|号)$", _text(element), re.IGNORECASE
        ):
            en, ja = "Write the number alone, without Vol. or No.", "「Vol.」「第」「号」などを除いて入れてください。"
            yield _found("volume_unnecessary_chars", "warn", element, en, ja)
    for element in _elements(record, "publicationPlace"):
        if not re.fullmatch(r"[A-Z]{3}", _text(element)):
            en, ja = (
                "Write a country by three letters (ISO 3166-1), like JPN.",
                "国名コード（ISO 3166-1 の3文字）で入れてください。",
            )
            yield _found("format_iso3166_1", "warn", element, en, ja)
    for element in _elements(record, "originalLanguage"):
        if not re.fullmatch(r"[a-z]{3}", _text(element)):
            en, ja = (
                "Write a language by three letters (ISO 639-3), like jpn.",
                "言語コード（ISO 639-3 の3文字）で入れてください。",
            )
            yield _found("original_language_format", "warn", element, en, ja)


def _files(record: Element) -> Iterator[Finding]:
    for file in _children(record, "file"):
        for element in _children(file, "URI"):
            if not element.get("objectType"):
                en, ja = "Say what the file is: objectType.", "objectType でファイルの種類を示してください。"
                yield _found("objectype_not_found", "warn", element, en, ja)
        for element in _children(file, "mimeType"):
            if not re.fullmatch(r"[a-z]+/[A-Za-z0-9.+-]+", _text(element)):
                en, ja = (
                    "Write a media type, like application/pdf.",
                    "application/pdf のようなメディアタイプで入れてください。",
                )
                yield _found("mimetype_format", "warn", element, en, ja)
        for element in _children(file, "extent"):
            if not _BYTES.fullmatch(_text(element)):
                en, ja = "Write a number with its unit, like 3 MB.", "3 MB のように数と単位で入れてください。"
                yield _found("extent_format", "warn", element, en, ja)


# -- what belongs together


def _funding(record: Element) -> Iterator[Finding]:
    for holder in _children(record, "fundingReference"):
        if not any(_text(name) for name in _children(holder, "funderName")):
            en, ja = "Name the funder.", "助成機関名を入れてください。"
            yield _found("funder_name_not_available", "error", holder, en, ja)
        for element in _children(holder, "awardNumber"):
            kind = element.get("awardNumberType")
            if kind and kind != "JGN":
                en, ja = "The only type of award numbers is JGN.", "awardNumberType は JGN だけを使えます。"
                yield _found("award_number_type_not_supported", "warn", element, en, ja)
            elif kind == "JGN" and not re.fullmatch(r"JP[0-9A-Za-z]+", _text(element)):
                en, ja = "A JGN (体系的番号) begins with JP.", "体系的番号は JP で始まります。"
                yield _found("award_number_format_error", "warn", element, en, ja)


def _publisher(record: Element) -> Iterator[Finding]:
    for holder in _children(record, "publisher"):
        if len(holder) and not any(_text(name) for name in _children(holder, "publisherName")):
            en, ja = "Name the publisher.", "出版者名を入れてください。"
            yield _found("publisher_name_not_found", "warn", holder, en, ja)


_DEGREE = ("dissertationNumber", "degreeName", "dateGranted", "degreeGrantor")


def _thesis(record: Element) -> Iterator[Finding]:
    kind = next((e for e in _children(record, "type")), None)
    what = _text(kind) if kind is not None else ""
    if kind is not None and what == "doctoral thesis":
        missing = [name for name in _DEGREE if not _children(record, name)]
        if missing:
            en, ja = f"A doctoral thesis needs {', '.join(missing)}.", f"博士論文には {'、'.join(missing)} が必要です。"
            yield _found("dissertation_details_not_found", "error", kind, en, ja)
    if kind is not None and what.endswith("thesis") and not _children(record, "creator"):
        yield _found("no_creator_in_thesis", "error", kind, "A thesis has a creator.", "学位論文には作成者が必要です。")
    for element in _children(record, "dissertationNumber"):
        if not re.match(r"(?:甲|乙|博|修|他|論|[^\W\d_]+)", _text(element)):
            en, ja = (
                "Write the number as it was given, like 甲第123号.",
                "「甲第123号」のように、授与番号だけを入れてください。",
            )
            yield _found("dissertation_number_format", "warn", element, en, ja)
    names = _children(record, "degreeName")
    if names and "en" not in {name.get(XML_LANG) for name in names}:
        en, ja = "Give the degree's name in English, too.", "学位名は英語でも入れてください。"
        yield _found("degree_name_english", "warn", names[0], en, ja)
    for holder in _children(record, "degreeGrantor"):
        schemes = {e.get("nameIdentifierScheme") for e in _children(holder, "nameIdentifier")}
        if schemes and "kakenhi" not in schemes:
            en, ja = "Give the institution's kakenhi number.", "科研費の機関番号（kakenhi）を入れてください。"
            yield _found("degree_grantor_kakenhi_missing", "warn", holder, en, ja)


Rule = Callable[[Element], Iterator[Finding]]
RULES: Sequence[Rule] = (
    _languages, _one_for_each_language, _readings, _name_identifiers, _identifiers, _access, _version_type, _rights, _numbers, _files,
    _funding, _publisher, _thesis,
)  # fmt: skip
