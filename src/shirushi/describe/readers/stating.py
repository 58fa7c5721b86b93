"""What metadata files state: values in the shape of a Work's fields, checked. Their places: :mod:`shirushi.describe.readers.placing`.

What a field's model does not accept is dropped in part (an ORCID iD with a wrong check character) or whole: a statement that
cannot be valid is not evidence for a value.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from shirushi.describe.evidence import JSON
from shirushi.describe.names import creator, orcid_of
from shirushi.describe.suggesters.dates import read_dates
from shirushi.describe.suggesters.rights import licences_in
from shirushi.metadata.fields import BY_NAME
from shirushi.metadata.vocabularies import ContributorRole, RelationType, ResourceTypeGeneral, terms

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_ROR = re.compile(r"https?://ror\.org/0[a-hj-km-np-tv-z0-9]{6}\d{2}")
_SPDX_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")
_EDTF = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_ARXIV = re.compile(
    r"(?:arxiv:|https?://arxiv\.org/(?:abs|pdf)/)(\d{4}\.\d{4,5}(?:v\d+)?|[a-z-]+/\d{7})", re.IGNORECASE
)
# ISO 639-2 codes and English names that metadata files use where BCP 47 has two letters.
_LANGUAGES = {"eng": "en", "jpn": "ja", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "por": "pt", "ita": "it",
    "nld": "nl", "dut": "nl", "zho": "zh", "chi": "zh", "kor": "ko", "rus": "ru", "pol": "pl", "slv": "sl", "english": "en",
    "japanese": "ja", "german": "de", "french": "fr", "spanish": "es", "portuguese": "pt", "chinese": "zh", "korean": "ko",
    "日本語": "ja", "英語": "en"}  # fmt: skip


# Ids of the Open Definition's list, which data packages used before SPDX's.
_OPEN_DEFINITION = {"odc-pddl": "PDDL-1.0", "odc-pddl-1.0": "PDDL-1.0", "odc-by": "ODC-By-1.0", "odc-by-1.0": "ODC-By-1.0", "odc-odbl": "ODbL-1.0",
    "odbl-1.0": "ODbL-1.0", "cc-zero": "CC0-1.0", "cc0": "CC0-1.0", "ogl-uk-3.0": "OGL-UK-3.0"}  # fmt: skip


@cache
def _adapter(field: str) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    from shirushi.metadata.work import Work  # the models cost a tenth of a second: only where something is stated

    annotation: Any = Work.model_fields[field].annotation
    return TypeAdapter(get_args(annotation)[0] if BY_NAME[field].many else annotation)


def checked(field: str, value: JSON) -> JSON | None:
    """The value as the field's model holds it, or None when it is not one. Empty parts are left out before."""
    from pydantic import ValidationError

    value = _pruned(value)
    for _ in range(3):
        try:
            model = _adapter(field).validate_python(value)
        except ValidationError as error:
            value = _without(value, [tuple(item["loc"]) for item in error.errors()])
            if value is None:
                return None
        else:
            plain = _pruned(_adapter(field).dump_python(model, mode="json", exclude_none=True))
            return {k: v for k, v in plain.items() if (k, v) not in _IMPLIED} if isinstance(plain, dict) else plain
    return None


def _pruned(value: JSON) -> JSON:
    if isinstance(value, dict):
        return {key: kept for key, item in value.items() if (kept := _pruned(item)) not in (None, "", [], {})}
    if isinstance(value, list):
        return [kept for item in value if (kept := _pruned(item)) not in (None, "", [], {})]
    return value.strip() if isinstance(value, str) else value


_IMPLIED = (("covers", "all"), ("sampled", False))
_NEEDED = {"name", "text", "identifier", "scheme", "relation", "date", "type", "funder", "box", "place", "general"}


def _without(value: JSON, wrong: Sequence[tuple[Any, ...]]) -> JSON | None:
    """The value without its wrong parts, or None when what it cannot do without is wrong."""
    if not isinstance(value, dict) or any(not where or where[0] in _NEEDED for where in wrong):
        return None
    return {key: item for key, item in value.items() if key not in {where[0] for where in wrong}}


def words(value: JSON) -> str:
    """A text, also of a number or of JSON-LD's ``{"@value": …}``; '' for anything else."""
    if isinstance(value, dict):
        value = value.get("@value", value.get("value"))
    if isinstance(value, bool) or value is None:
        return ""
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""


def prose(value: JSON) -> str:
    """A longer text: paragraphs are kept, tags and the white space around lines are not."""
    text = value if isinstance(value, str) else words(value)
    if re.search(r"</?(?:p|br|div|span|b|i|em|strong|a|ul|li)\b[^>]*>", text):
        text = re.sub(r"<(?:br|/p|/div|/li)\b[^>]*>", "\n", text)
        text = re.sub(r"<[^>]{1,500}>", "", text).replace("&nbsp;", " ").replace("&amp;", "&")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(" ".join(line.split()) for line in text.splitlines())).strip()


def person(
    name: str = "", *, given: str = "", family: str = "", orcid: str = "", affiliations: Sequence[JSON] = (), organisation: bool = False,
    ror: str = "",
) -> dict[str, JSON]:  # fmt: skip
    """A Creator from what a file says; {} when it names nobody."""
    given, family, name = given.strip(), family.strip(), name.strip()
    if organisation and name:
        value: dict[str, JSON] = {"name": name, "name_type": "Organizational"}
    elif family:
        japanese = re.search("[\u3040-\u30ff\u4e00-\u9fff]", family) is not None
        full = f"{family} {given}" if japanese else f"{family}, {given}"
        value = {"name": full.strip(" ,"), "name_type": "Personal", "given_name": given, "family_name": family}
        value |= {"lang": "ja"} if re.search("[\u3040-\u30ff]", family + given) else {}
    elif name or given:
        value = creator(name or given)
    else:
        return {}
    value["orcid"] = orcid_of(orcid) if orcid else None
    value["ror"] = ror_of(ror) if organisation else None
    value["affiliations"] = [found for item in affiliations if (found := affiliation(item))]
    return value


def affiliation(item: JSON) -> dict[str, JSON] | None:
    """An Affiliation from a name, or from an object with a name and perhaps a ROR address."""
    name = words(item.get("name") or item.get("legalName")) if isinstance(item, dict) else words(item)
    if not name:
        return None
    address = " ".join(str(v) for v in item.values() if isinstance(v, str)) if isinstance(item, dict) else ""
    return {"name": name, "ror": ror_of(address)}


def ror_of(text: str) -> str | None:
    found = _ROR.search(text)
    return found[0].replace("http://", "https://") if found else None


def doi_of(text: str) -> str | None:
    """A DOI without its resolver, lower case as it compares."""
    found = _DOI.search(text)
    return found[0].rstrip(".,;)>]\"'") if found else None


def related(text: JSON, relation: str, *, title: str = "", kind: str = "") -> dict[str, JSON]:
    """A Related from an identifier as written; {} when it is none that has a scheme."""
    said = words(text)
    value: dict[str, JSON] = {"relation": relation if relation in terms(RelationType) else "References", "title": title}
    value["resource_type"] = kind if kind in terms(ResourceTypeGeneral) else None
    if doi := doi_of(said):
        return value | {"identifier": doi, "scheme": "DOI"}
    if arxiv := _ARXIV.match(said):
        return value | {"identifier": f"arXiv:{arxiv[1]}", "scheme": "arXiv"}
    if said.startswith(("http://", "https://")):
        return value | {"identifier": said, "scheme": "URL"}
    for prefix, scheme in (("swh:1:", "SWHID"), ("urn:", "URN"), ("ark:", "ARK"), ("hdl:", "Handle")):
        if said.lower().startswith(prefix):
            return value | {"identifier": said, "scheme": scheme}
    return {}


def date(text: JSON) -> str | None:
    """The date that a text starts with, as EDTF; a time of day is left out."""
    said = words(text)
    if _EDTF.fullmatch(said[:10]) and (len(said) == len(said[:10]) or said[10:11] in ("T", " ")):
        return said[:10] if _exists(said[:10]) else None
    found = read_dates(said[:60])
    return found[0][0] if found else None


def _exists(day: str) -> bool:
    """Whether the calendar has that day."""
    year, month, number = (int(part) for part in [*day.split("-"), "1", "1"][:3])
    return 1 <= month <= 12 and year >= 1 and 1 <= number <= monthrange(year, month)[1]


def period(text: JSON, end: JSON = None) -> str | None:
    """``2020-01/2021-12`` from such a text or from two; an open end is ``..`` in one text, or '' for the second."""
    first, _, last = words(text).partition("/")
    start, stop = date(first), date(end) if end is not None else date(last)
    if start and (last.strip() == ".." or end == "" or stop):
        return f"{start}/{stop or '..'}" if start != stop else start
    return start


def language(code: JSON) -> str | None:
    """A BCP 47 tag of two letters where there is one."""
    said = words(code)
    if said.lower() in _LANGUAGES:
        return _LANGUAGES[said.lower()]
    return said.replace("_", "-") if re.fullmatch(r"[a-z]{2}(?:[-_][A-Za-z0-9]{2,8})*", said) else None


def rights(text: JSON, uri: JSON = None) -> dict[str, JSON]:
    """A Rights from an SPDX id, a licence's address or its name; words that name no licence are kept as words."""
    said, address = words(text), words(uri)
    if said.startswith(("http://", "https://")) and not address:
        said, address = "", said
    spdx = re.sub(r"^https?://spdx\.org/licenses/", "", address or said).removesuffix(".html").removesuffix(".json")
    if "spdx.org" in (address or said) and _SPDX_ID.fullmatch(spdx):
        return {"id": spdx, "uri": address}
    named = licences_in(f"{said} {address}")
    if said.lower() in _OPEN_DEFINITION:
        return {"id": _OPEN_DEFINITION[said.lower()], "uri": address}
    looks_like_id = _SPDX_ID.fullmatch(said) and re.search(r"\d", said) and "-" in said
    found = _upper_id(said) if looks_like_id else named[0].spdx if named else None
    return {"id": found, "uri": address, "text": None if found else said}


def _upper_id(said: str) -> str:
    """Zenodo writes ``cc-by-4.0``; SPDX writes it in capitals."""
    return said.upper() if said.lower().startswith(("cc-", "cc0")) else said


def role(text: JSON) -> str:
    said = words(text).replace(" ", "").replace("-", "")
    return next((name for name in terms(ContributorRole) if name.lower() == said.lower()), "Other")


def resource_type(text: JSON, *, otherwise: str = "") -> dict[str, JSON]:
    """A ResourceType from a DataCite term, or the free word beside ``otherwise``."""
    said = words(text)
    bare = said.rpartition("/")[2].replace(" ", "").replace("-", "").lower()
    general = next((name for name in terms(ResourceTypeGeneral) if name.lower() == bare), otherwise)
    return {"general": general, "text": None if general.lower() == bare else said} if general else {}


def box(west: JSON, south: JSON, east: JSON, north: JSON) -> dict[str, JSON] | None:
    try:
        return {"west": float(west), "south": float(south), "east": float(east), "north": float(north)}
    except (TypeError, ValueError):
        return None


def split_words(value: JSON) -> list[str]:
    """Keywords from a list or from one text with commas or semicolons."""
    if isinstance(value, str):
        mark = ";" if ";" in value else "、" if "、" in value else ","
        return [part.strip() for part in value.split(mark) if part.strip()]
    return [words(item) for item in value] if isinstance(value, list) else []


def mapping(value: JSON) -> Mapping[str, JSON]:
    return value if isinstance(value, dict) else {}


def as_list(value: JSON) -> list[JSON]:
    """A list as it is; a single thing as a list of one; nothing as an empty one."""
    return value if isinstance(value, list) else [] if value in (None, "", {}) else [value]


def dublin_core(element: str, content: str) -> Iterator[tuple[str, JSON]]:
    """(field, value) of one Dublin Core element, by its local name; also of a few that publishers' pages have."""
    name = element.lower().removeprefix("terms.")
    if name == "title":
        yield "titles", {"text": content}
    elif name in ("creator", "author"):
        yield "creators", person(content)
    elif name == "contributor":
        yield "contributors", {**person(content), "role": "Other"}
    elif name in ("description", "abstract"):
        yield "descriptions", {"text": prose(content), "type": "Abstract"}
    elif name in ("subject", "keywords"):
        yield from (("subjects", {"text": word}) for word in split_words(content))
    elif name == "publisher":
        yield "publisher", {"name": content}
    elif name in ("date", "issued", "publication_date") and (found := date(content)):
        yield "dates", {"date": found, "type": "Issued" if name != "date" else "Created"}
    elif name == "language":
        yield "languages", language(content)
    elif name in ("rights", "license"):
        yield "rights", rights(content)
    elif name == "type":
        yield "resource_type", resource_type(content)
    elif name in ("identifier", "doi") and (doi := doi_of(content)):
        yield "alternate_identifiers", {"identifier": doi, "type": "DOI"}
    elif name in ("relation", "references", "ispartof"):
        yield "related", related(content, "IsPartOf" if name == "ispartof" else "References")
    elif name in ("coverage", "spatial") and not re.fullmatch(r"[\d\s/.:-]+", content):
        yield "locations", {"place": content}
    elif name == "temporal" and (covered := period(content)):
        yield "dates", {"date": covered, "type": "Coverage"}
