"""Items of WEKO3 (JAIRO Cloud) as they are imported: the table of its export, TSV or CSV. (Its RO-Crate: ro_crate_reading.)

The table's first line names the item type, the next four say of each column its key, its label and what the system does with it. Item
types are made by each repository, so a property is known by what is inside of it, whatever its own id: the parts that WEKO3 brings
have the same keys everywhere, older ones numbers (``subitem_1551255647225``), newer ones names (``subitem_title``). Sources: WEKO3's
specification (RCOSDP/weko-document) and its default item types; terms are JPCOAR's.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from shirushi.exchange.common import ACCESS, COAR_ACCESS, ROR_ID, compact
from shirushi.exchange.errors import NotReadable
from shirushi.exchange.imported import Imported, Node, SourceFile, Untaken, built, known, left, nodes, text_of
from shirushi.exchange.jpcoar_terms import TYPES
from shirushi.exchange.languages import ISO_639_3
from shirushi.exchange.licences import LICENCES
from shirushi.metadata.vocabularies import ContributorRole, DateType, DescriptionType, RelationType, terms
from shirushi.metadata.work import is_web_address, scheme_of

JSON = Any
Fields = dict[str, list[JSON]]

MOST_ROWS = 100_000
_LONGEST = 5_000_000  # characters of one cell
_NAMES = {
    "1551255647225": "title", "1551255648112": "title_language",
    "1551255720400": "alternative_title", "1551255721061": "alternative_title_language",
    "1522299639480": "access_right", "1600958577026": "access_right_uri",
    "1522650717957": "rights_language", "1522650727486": "rights_resource", "1522651041219": "rights",
    "1522299896455": "subject_language", "1522300014469": "subject_scheme", "1522300048512": "subject_uri", "1523261968819": "subject",
    "1522300295150": "publisher_language", "1522300316516": "publisher",
    "1522300695726": "date_issued_type", "1522300722591": "date_issued_datetime",
    "1551255818386": "language", "1523263171732": "version",
    "1522305645492": "version_type", "1600292170262": "version_resource",
    "1522306207484": "relation_type", "1522306287251": "relation_type_id",
    "1522306382014": "relation_type_select", "1522306436033": "relation_type_id_text",
    "1523320863692": "relation_name", "1523320867455": "relation_name_language", "1523320909613": "relation_name_text",
    "1522658018441": "temporal_language", "1522658031721": "temporal_text",
    "1522399143519": "funder_identifiers", "1522399281603": "funder_identifier_type", "1522399333375": "funder_identifier",
    "1522399412622": "funder_names", "1522399416691": "funder_name_language", "1522737543681": "funder_name",
    "1522399571623": "award_numbers", "1522399585738": "award_uri", "1522399628911": "award_number",
    "1522399651758": "award_titles", "1522721910626": "award_title_language", "1522721929892": "award_title",
}  # fmt: skip
_STEP = re.compile(r"([^.\[\]]+)((?:\[\d{1,4}\])*)")
_GENERAL = {label: general for general, label in TYPES.items()} | {
    "departmental bulletin paper": "JournalArticle", "thesis": "Dissertation", "doctoral thesis": "Dissertation",
    "master thesis": "Dissertation", "bachelor thesis": "Dissertation", "article": "JournalArticle", "research report": "Report",
    "conference presentation": "Presentation", "conference poster": "Poster", "conference paper": "ConferencePaper",
}  # fmt: skip
_ROLES, _DATES, _TEXTS = (frozenset(terms(vocabulary)) for vocabulary in (ContributorRole, DateType, DescriptionType))
_RELATIONS = {term.lower(): term for term in terms(RelationType)} | {
    "haspart": "HasPart", "isversionof": "IsVersionOf", "hasversion": "HasVersion", "isreferencedby": "IsReferencedBy",
    "references": "References", "issupplementto": "IsSupplementTo", "isreplacedby": "IsObsoletedBy", "replaces": "Obsoletes",
    "isformatof": "IsVariantFormOf", "hasformat": "IsOriginalFormOf", "isbasedon": "IsDerivedFrom",
}  # fmt: skip
_LICENCES = {re.sub(r"^https?", "", known.url).rstrip("/"): name for name, known in LICENCES.items()}
_ABOUT_THE_HOUSE = {"path", "pubdate", "pos_index", "feedback_mail", "publish_status", "edit_mode", "cnri", "id", "uri", "doi", "doi_ra", "metadata", "file_path"}  # fmt: skip


def from_weko3(text: str) -> Iterator[Imported | NotReadable]:
    """The items of a table, one after the other; for a row that cannot be read, why.

    Raises:
        NotReadable: it is not such a table.
    """
    keys, labels, rows = _table(text)
    for number, row in rows:
        try:
            yield _item(keys, labels, row)
        except NotReadable as error:
            yield NotReadable(f"line {number}: {error}")


def _table(text: str) -> tuple[list[str], dict[str, str], Iterator[tuple[int, list[str]]]]:
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    if not first.lstrip('"').startswith("#ItemType"):
        raise NotReadable("the first line does not begin with #ItemType, so it is not an export of WEKO3")
    csv.field_size_limit(_LONGEST)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in first else ",")
    next(reader)
    keys = [key.strip() for key in next(reader, [])]
    if not any(key.removeprefix("#") in (".id", ".publish_status") for key in keys[:12]):
        raise NotReadable("the second line does not hold the keys of columns (#.id, .uri, .metadata.…)")
    keys = [key.removeprefix("#") for key in keys]
    above = next(reader, [])
    labels = dict(zip(keys, (label.removeprefix("#") for label in above), strict=False))

    def rows() -> Iterator[tuple[int, list[str]]]:
        try:
            for count, row in enumerate(reader):
                if count > MOST_ROWS:
                    yield reader.line_num, []
                    return
                if row and not row[0].startswith("#") and any(cell.strip() for cell in row):
                    yield reader.line_num, row
        except csv.Error:
            yield reader.line_num, []

    return keys, labels, rows()


def _item(keys: list[str], labels: Mapping[str, str], row: list[str]) -> Imported:
    if not row:
        raise NotReadable(
            f"the table cannot be read on from here (cells of {_LONGEST:,} characters, {MOST_ROWS:,} rows at most)"
        )
    tree: dict[str, JSON] = {}
    for key, cell in zip(keys, row, strict=False):
        if cell.strip():
            _put(tree, key, cell.strip())
    number, address = text_of(tree.get("id")), text_of(tree.get("uri"))
    metadata = tree["metadata"] if isinstance(tree.get("metadata"), dict) else {}
    reader = Reader()
    for name, held in metadata.items():
        if name not in _ABOUT_THE_HOUSE:
            label = next((labels[key] for key in keys if key.startswith(f".metadata.{name}") and labels.get(key)), name)
            reader.take(label.partition("[")[0].partition(".")[0] or name, held)
    own = known(tree.get("doi")) or reader.registered or known(tree.get("cnri"))
    if own is None and not (number and address):
        raise NotReadable(
            "the item has neither a DOI nor an id and an address, so it could not be told apart from others"
        )
    fields: dict[str, JSON] = reader.whole(day=text_of(metadata.get("pubdate")))
    work, unfit = built(fields)
    where = re.sub(r"^https?://", "", address).partition("/")[0] if address else ""
    return Imported(
        "weko3",
        f"{where}:{number}" if number and where else own.value.lower() if own else "",
        work,
        own,
        url=address or None,
        files=tuple(reader.files),
        untaken=tuple(reader.untaken + unfit),
    )


def _put(tree: dict[str, JSON], key: str, cell: str) -> None:
    """``.metadata.item_1[0].subitem_title`` = cell."""
    steps: list[str | int] = []
    for match in _STEP.finditer(key):
        name = match[1].removeprefix("subitem_")
        steps.append(_NAMES.get(name, name))
        steps += [int(number) for number in re.findall(r"\d+", match[2])]
    here: Any = tree
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        empty: Any = cell if after is None else [] if isinstance(after, int) else {}
        if isinstance(step, int):
            if not isinstance(here, list) or step > len(here):
                step = len(here) if isinstance(here, list) else 0
            if not isinstance(here, list):
                return
            if step == len(here):
                here.append(empty)
        elif not isinstance(here, dict):
            return
        else:
            here.setdefault(step, empty)
        here = here[step]


class Reader:
    """Takes the properties of an item, each known by its parts, into the fields of a Work."""

    def __init__(self) -> None:
        self.fields: Fields = {}
        self.files: list[SourceFile] = []
        self.untaken: list[Untaken] = []
        self.registered: Any = None
        self.single: dict[str, JSON] = {}

    def add(self, field: str, value: JSON) -> None:
        self.fields.setdefault(field, []).append(compact(value) if isinstance(value, dict) else value)

    def take(self, label: str, held: JSON) -> None:
        for item in nodes(held) or [held]:
            read = next((how for key, how in _PROPERTIES.items() if isinstance(item, Mapping) and key in item), None)
            if read is None or read(self, item) is False:
                self.untaken.append(left(label, item))

    def whole(self, *, day: str = "") -> dict[str, JSON]:
        if "publication_date" not in self.single and day:
            self.single["publication_date"] = day
        return {**self.fields, **self.single}


def language(tag: object) -> str | None:
    """WEKO3 has ``ja``, ``ja-Kana``, ``ja-Latn``, ``en``; languages of works have three letters."""
    text = text_of(tag)
    three = {code: two for two, code in ISO_639_3.items()}
    return three.get(text, text) or None


def _title(reader: Reader, item: Node) -> None:
    held = reader.fields.get("titles", [])
    lang = language(item.get("title_language"))
    reader.add("titles", {"text": item["title"], "lang": lang, "type": "TranslatedTitle" if held else None})


def _other_title(reader: Reader, item: Node) -> None:
    lang = language(item.get("alternative_title_language"))
    reader.add("titles", {"text": item["alternative_title"], "lang": lang, "type": "AlternativeTitle"})


def _agent(reader: Reader, item: Node, names: str, one: str, alternatives: str) -> dict[str, JSON] | None:
    forms = [(text_of(each.get(one)), language(each.get(f"{one}Lang") or each.get("lang") or each.get("nameLang"))) for each in nodes(item.get(names))]  # fmt: skip
    forms = [form for form in forms if form[0]]
    families = {
        language(each.get("familyNameLang")): text_of(each.get("familyName")) for each in nodes(item.get("familyNames"))
    }
    givens = {
        language(each.get("givenNameLang")): text_of(each.get("givenName")) for each in nodes(item.get("givenNames"))
    }
    if not forms:
        forms = [
            (", ".join(filter(None, (family, givens.get(lang)))), lang) for lang, family in families.items() if family
        ]
    if not forms:
        return None
    (name, lang), *others = forms
    ids = [(text_of(n.get("nameIdentifierScheme")), text_of(n.get("nameIdentifier")) or text_of(n.get("nameIdentifierURI"))) for n in nodes(item.get("nameIdentifiers"))]  # fmt: skip
    orcid = next(
        (m[0] for s, v in ids if s.upper() == "ORCID" and (m := re.search(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", v))), None
    )
    ror = next((f"https://ror.org/{m[1]}" for _, v in ids if (m := ROR_ID.search(v))), None)
    for scheme, value in ids:
        if value and scheme.upper() not in ("ORCID", "ROR", "WEKO"):
            reader.untaken.append(left(f"{one}.nameIdentifier", f"{scheme}: {value}"))
    others += [(text_of(each.get(alternatives)), language(each.get(f"{alternatives}Lang"))) for each in nodes(item.get(f"{alternatives}s"))]  # fmt: skip
    kind = text_of(
        item.get("creatorType") or next((n.get("nameType") for n in nodes(item.get(names)) if n.get("nameType")), "")
    )
    return compact(
        {
            "name": name,
            "lang": lang,
            "name_type": "Organizational" if kind.lower().startswith("organi") or (ror and not orcid) else "Personal",
            "family_name": families.get(lang),
            "given_name": givens.get(lang),
            "orcid": orcid,
            "ror": ror,
            "affiliations": _affiliations(item),
            "other_names": [compact({"name": form, "lang": tag}) for form, tag in others if form and form != name],
        }
    )


def _affiliations(item: Node) -> list[JSON]:
    found = []
    for holder in nodes(item.get("creatorAffiliations")) + nodes(item.get("contributorAffiliations")):
        names = nodes(holder.get("affiliationNames")) + nodes(holder.get("contributorAffiliationNames"))
        ids = nodes(holder.get("affiliationNameIdentifiers")) + nodes(
            holder.get("contributorAffiliationNameIdentifiers")
        )
        words = next(
            (w for n in names if (w := text_of(n.get("affiliationName") or n.get("contributorAffiliationName")))), ""
        )
        ror = next((m[1] for n in ids for v in n.values() if (m := ROR_ID.search(text_of(v)))), None)
        if words or ror:
            address = f"https://ror.org/{ror}" if ror else None
            found.append(compact({"name": words or address, "ror": address}))
    return found


def _creator(reader: Reader, item: Node) -> bool:
    agent = _agent(reader, item, "creatorNames", "creatorName", "creatorAlternative")
    if agent is None:
        return False
    if item.get("creatorMails"):
        reader.untaken.append(left("creatorMail", "an e-mail address"))
    reader.add("creators", agent)
    return True


def _contributor(reader: Reader, item: Node) -> bool:
    agent = _agent(reader, item, "contributorNames", "contributorName", "contributorAlternative")
    if agent is None:
        return False
    role = text_of(item.get("contributorType"))
    reader.add("contributors", {**agent, "role": role if role in _ROLES else "Other"})
    return True


def _holder(reader: Reader, item: Node) -> bool:
    agent = _agent(reader, item, "rightHolderNames", "rightHolderName", "rightHolderAlternative")
    if agent is None:
        return False
    reader.add("contributors", {**agent, "role": "RightsHolder"})
    return True


def _access(reader: Reader, item: Node) -> bool:
    words, address = text_of(item.get("access_right")), text_of(item.get("access_right_uri"))
    label = (
        words
        if words in ACCESS
        else next((name for name, (code, _) in ACCESS.items() if address == COAR_ACCESS + code), "")
    )
    if label == "restricted access":
        reader.single["access"] = {"rights": "restricted"}
    return label in ("open access", "restricted access", "metadata only access")


def _rights(reader: Reader, item: Node) -> None:
    address, text = text_of(item.get("rights_resource")), text_of(item.get("rights"))
    bare = re.sub(r"^https?|/(deed|legalcode)(\.\w+)?$", "", address).rstrip("/")
    if spdx := _LICENCES.get(bare) or (text if text in LICENCES else None):
        reader.add("rights", {"id": spdx})
    else:
        lang = language(item.get("rights_language"))
        reader.add("rights", {"text": text, "uri": address if is_web_address(address) else None, "lang": lang})


def _subject(reader: Reader, item: Node) -> None:
    uri = text_of(item.get("subject_uri"))
    reader.add(
        "subjects",
        {
            "text": text_of(item.get("subject")) or uri,
            "lang": language(item.get("subject_language")),
            "scheme": text_of(item.get("subject_scheme")),
            "value_uri": uri if is_web_address(uri) else None,
        },
    )


def _description(reader: Reader, item: Node) -> None:
    kind = text_of(item.get("description_type"))
    lang = language(item.get("description_language"))
    reader.add("descriptions", {"text": item["description"], "lang": lang, "type": kind if kind in _TEXTS else "Other"})


def _publisher(reader: Reader, item: Node) -> bool:
    if "publisher" in reader.single:
        return False
    reader.single["publisher"] = compact({"name": item["publisher"], "lang": language(item.get("publisher_language"))})
    return True


def _date(reader: Reader, item: Node) -> None:
    kind, day = text_of(item.get("date_issued_type")), text_of(item["date_issued_datetime"])
    if kind == "Issued" and "/" not in day:
        reader.single.setdefault("publication_date", day)
    reader.add("dates", {"date": day, "type": kind if kind in _DATES else "Other"})


def _language(reader: Reader, item: Node) -> None:
    reader.add("languages", language(item["language"]))


def _type(reader: Reader, item: Node) -> None:
    label = text_of(item.get("resourcetype"))
    general = _GENERAL.get(label) or ("Dataset" if label.endswith(" data") else "Other")
    reader.single["resource_type"] = compact(
        {"general": general, "text": None if TYPES.get(general) == label else label}
    )


def _version(reader: Reader, item: Node) -> None:
    reader.single["version"] = item["version"]


def _identifier(reader: Reader, item: Node) -> None:
    reader.add(
        "alternate_identifiers",
        {"identifier": item["identifier_uri"], "type": text_of(item.get("identifier_type")) or "other"},
    )


def _registered(reader: Reader, item: Node) -> bool:
    reader.registered = known(item.get("identifier_reg_text"))
    return reader.registered is not None


def _relation(reader: Reader, item: Node) -> bool:
    inner = item["relation_type_id"] if isinstance(item.get("relation_type_id"), Mapping) else {}
    value = text_of(inner.get("relation_type_id_text"))
    scheme = {"HDL": "Handle", "URI": "URL"}.get(kind := text_of(inner.get("relation_type_select")), kind) or scheme_of(
        value
    )
    relation = _RELATIONS.get(text_of(item.get("relation_type")).lower())
    if not (value and scheme and relation):
        return False
    title = next((text_of(n.get("relation_name_text")) for n in nodes(item.get("relation_name"))), "")
    reader.add("related", {"identifier": value, "scheme": scheme, "relation": relation, "title": title})
    return True


def _temporal(reader: Reader, item: Node) -> None:
    reader.add("dates", {"date": item["temporal_text"], "type": "Coverage"})


def _place(reader: Reader, item: Node) -> bool:
    words = next((text_of(n.get("geolocation_place_text")) for n in nodes(item.get("geolocation_place"))), "")
    box, point = item.get("geolocation_box"), item.get("geolocation_point")
    sides: JSON = None
    try:
        if isinstance(box, Mapping):
            names = {
                "west": "west_longitude",
                "south": "south_latitude",
                "east": "east_longitude",
                "north": "north_latitude",
            }
            sides = {ours: float(text_of(box.get(theirs))) for ours, theirs in names.items()}
        elif isinstance(point, Mapping):
            x, y = (float(text_of(point.get(f"point_{name}"))) for name in ("longitude", "latitude"))
            sides = {"west": x, "east": x, "south": y, "north": y}
    except ValueError:
        return False
    reader.add("locations", {"place": words, "box": sides})
    return bool(words or sides)


def _funding(reader: Reader, item: Node) -> bool:
    name = next((text_of(n.get("funder_name")) for n in nodes(item.get("funder_names"))), "")
    ids = item["funder_identifiers"] if isinstance(item.get("funder_identifiers"), Mapping) else {}
    award = item["award_numbers"] if isinstance(item.get("award_numbers"), Mapping) else {}
    if not name:
        return False
    address = text_of(award.get("award_uri"))
    reader.add(
        "funding",
        {
            "funder": name,
            "funder_id": text_of(ids.get("funder_identifier")),
            "award": text_of(award.get("award_number")),
            "award_uri": address if is_web_address(address) else None,
            "award_title": next((text_of(n.get("award_title")) for n in nodes(item.get("award_titles"))), ""),
        },
    )
    return True


def _file(reader: Reader, item: Node) -> None:
    url = item["url"].get("url") if isinstance(item.get("url"), Mapping) else None
    reader.files.append(SourceFile(item["filename"], url=text_of(url) or None))
    if text_of(item.get("accessrole")) in ("open_login", "open_no", "open_restricted"):
        reader.single.setdefault("access", {"rights": "restricted"})
    name = text_of(item.get("licensetype"))
    if text_of(item.get("licensefree")):
        reader.add("rights", {"text": text_of(item["licensefree"])})
    elif name.startswith("license_") and name != "license_free":
        reader.untaken.append(left("licensetype", name))


# By a part that only this property has.
_PROPERTIES: Mapping[str, Callable[[Reader, Node], bool | None]] = {
    "title": _title,
    "alternative_title": _other_title,
    "creatorNames": _creator,
    "contributorNames": _contributor,
    "rightHolderNames": _holder,
    "access_right": _access,
    "rights": _rights,
    "rights_resource": _rights,
    "subject": _subject,
    "description": _description,
    "publisher": _publisher,
    "date_issued_datetime": _date,
    "language": _language,
    "resourcetype": _type,
    "version": _version,
    "identifier_uri": _identifier,
    "identifier_reg_text": _registered,
    "relation_type_id": _relation,
    "relation_type": _relation,
    "temporal_text": _temporal,
    "geolocation_place": _place,
    "geolocation_box": _place,
    "geolocation_point": _place,
    "funder_names": _funding,
    "filename": _file,
}
