"""Each field of a Work from InvenioRDM's metadata, beside what the draft holds in it.

A reader takes all of the metadata and the Work that is there, and gives the field's whole new value, not yet checked; or
:data:`AS_IT_IS`. It raises TypeError, ValueError, AttributeError, KeyError or IndexError for what is not of InvenioRDM's form.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from shirushi.exchange import inveniordm
from shirushi.exchange.common import ROR_ID, UNKNOWN_CODES, compact, guess_language, tools_related, unique
from shirushi.exchange.inveniordm import DESCRIPTIONS, TITLES, TYPES
from shirushi.exchange.languages import ISO_639_3
from shirushi.exchange.licences import LICENCES
from shirushi.exchange.plain_text import without_html
from shirushi.metadata.vocabularies import ContributorRole, DateType, IdentifierScheme, RelationType, terms
from shirushi.metadata.work import Part, Work, is_web_address, scheme_of

Node = Mapping[str, Any]
JSON = Any
P = TypeVar("P", bound=Part)

_TYPES = {name: general for general, name in TYPES.items()} | {"publication": "Text", "other": "Other"}
_TITLES = {name: term for term, name in TITLES.items()}
_DESCRIPTIONS = {name: term for term, name in DESCRIPTIONS.items()}
_SCHEMES = {term.lower(): term for term in terms(IdentifierScheme)} | {"ads": "bibcode"}
_RELATIONS = {term.lower(): term for term in terms(RelationType)}
_ROLES = {term.lower(): term for term in terms(ContributorRole)}
_DATES = {term.lower(): term for term in terms(DateType)}
_LANGUAGES = {code: tag for tag, code in ISO_639_3.items()}
_LICENCES = {name.lower(): name for name in LICENCES}
_LICENCE_PAGES = {re.sub(r"^https?", "", known.url).rstrip("/"): name for name, known in LICENCES.items()}
AS_IT_IS = object()


def _kept(
    sent: object,
    held: Iterable[P],
    show: Callable[[P], Node | None],
    take: Callable[[Node], Node],
    *,
    once: bool = False,
) -> list[JSON]:
    """A list of values: those that came back as they were shown as they are held, the others as they are sent. ``once``: what looks
    the same there was shown once, and stands for all of them."""
    left = [(show(each), each) for each in held]
    values = []
    for node in _list(sent):
        same = [pair for pair in left if pair[0] == node]
        same = same if once else same[:1]
        values += [dumped(each) for _, each in same] or [take(node)]
        left = [pair for pair in left if all(pair[1] is not each for _, each in same)]
    return values


def dumped(part: Part) -> JSON:
    return part.model_dump(mode="json", exclude_none=True)


def _list(sent: object) -> list[Any]:
    if sent is None:
        return []
    if not isinstance(sent, list):
        raise TypeError("not a list")
    return sent


def _id(node: object) -> str:
    """The id of a term: ``{"id": "dataset"}``."""
    return str(node["id"]) if isinstance(node, Mapping) else ""


def _text(item: object) -> str:
    """Words as they were sent, '' for none. Raises TypeError for what is no text and no number."""
    if item is not None and not isinstance(item, str | int | float):
        raise TypeError("not words")
    return "" if item is None else str(item).strip()


def _words(item: object) -> str:
    """Words, or words by language."""
    if isinstance(item, Mapping):
        return _text(item.get("en") or item.get("ja") or next(iter(item.values()), None))
    return _text(item)


# -- one reader for each field


def _resource_type(sent: Node, held: Work) -> JSON:
    kind = _id(sent["resource_type"])
    if kind == TYPES.get(held.resource_type.general, "other"):
        return AS_IT_IS
    general = _TYPES.get(kind) or _TYPES.get(kind.split("-", 1)[0], "Other")
    return compact({"general": general, "text": None if kind in _TYPES else kind})


def _titles(sent: Node, held: Work) -> JSON:
    main = _text(sent.get("title"))
    first = held.titles[0] if held.titles else None
    same = first is not None and first.text == main
    titles = [dumped(first)] if same and first else [{"text": main}] if main else []
    return titles + _kept(sent.get("additional_titles"), held.titles[1:], inveniordm.shown_title, _additional_title)


def _additional_title(node: Node) -> Node:
    kind = _TITLES.get(_id(node.get("type")), "AlternativeTitle")
    return compact({"text": node["title"], "type": kind, "lang": _tag(node.get("lang"))})


def _descriptions(sent: Node, held: Work) -> JSON:
    texts = sorted(held.descriptions, key=lambda entry: entry.type != "Abstract")
    main = without_html(_text(sent.get("description")))
    found = []
    if main:
        same = texts and texts[0].text in (main, sent["description"])
        found = [dumped(texts[0]) if same else {"text": main, "type": "Abstract"}]
    derived = [
        inveniordm.shown_description(text) for text in inveniordm.tools_texts(held)
    ]  # the fields of their own say it
    others = [node for node in _list(sent.get("additional_descriptions")) if node not in derived]
    return found + _kept(others, texts[1:], inveniordm.shown_description, _additional_description)


def _additional_description(node: Node) -> Node:
    kind = _DESCRIPTIONS.get(_id(node.get("type")), "Other")
    return compact({"text": without_html(_text(node["description"])), "type": kind, "lang": _tag(node.get("lang"))})


def _creators(sent: Node, held: Work) -> JSON:
    return _kept(sent.get("creators"), held.creators, inveniordm.shown_agent, _agent)


def _contributors(sent: Node, held: Work) -> JSON:
    def take(node: Node) -> Node:
        return {**_agent(node), "role": _ROLES.get(_id(node.get("role")), "Other")}

    return _kept(sent.get("contributors"), held.contributors, inveniordm.shown_agent, take)


def _agent(node: Node) -> Node:
    who = node["person_or_org"]
    is_person = who.get("type") != "organizational"
    family, given = (_text(who.get(key)) for key in ("family_name", "given_name"))
    identifiers = {
        str(each.get("scheme", "")).lower(): str(each["identifier"]) for each in _list(who.get("identifiers"))
    }
    orcid = re.search(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]$", identifiers.get("orcid", ""))
    return compact(
        {
            "name": _name(_text(who.get("name")), family, given) if is_person else who["name"],
            "name_type": "Personal" if is_person else "Organizational",
            "family_name": family if is_person else None,
            "given_name": given if is_person else None,
            "orcid": orcid[0] if orcid else identifiers.get("orcid"),
            "ror": _ror(identifiers.get("ror")),
            "affiliations": [_affiliation(each) for each in _list(node.get("affiliations"))],
        }
    )


def _name(name: str, family: str, given: str) -> str:
    """InvenioRDM makes the name from its parts; the script says in which way it is cited."""
    if not family:
        return name or given
    if guess_language(family + given) in ("ja", "zh", "ko"):
        return name if name and "," not in name else f"{family} {given}".strip()
    return f"{family}, {given}" if given else family


def _affiliation(node: Node) -> Node:
    ror = _ror(node.get("id"))
    return compact({"name": node.get("name") or ror or node.get("id"), "ror": ror})


def _ror(value: object) -> str | None:
    text = str(value or "")
    match = ROR_ID.fullmatch(text) or re.fullmatch(r"(0[a-hj-km-np-tv-z0-9]{6}\d{2})", text)
    return f"https://ror.org/{match[1]}" if match else None


def _publisher(sent: Node, held: Work) -> JSON:
    name = _words(sent["publisher"])
    if name in UNKNOWN_CODES or (held.publisher and held.publisher.name == name):
        return AS_IT_IS
    return {"name": name}


def _single(name: str) -> Callable[[Node, Work], JSON]:
    return lambda sent, held: _text(sent.get(name)) or None


def _subjects(sent: Node, held: Work) -> JSON:
    def take(node: Node) -> Node:
        code = str(node.get("id") or "")
        address = is_web_address(code)
        return compact(
            {
                "text": node.get("subject") or code,
                "scheme": node.get("scheme"),
                "value_uri": code if address else None,
                "code": code if not address else None,
            }
        )

    return _kept(sent.get("subjects"), held.subjects, lambda each: {"subject": each.text}, take, once=True)


def _dates(sent: Node, held: Work) -> JSON:
    def take(node: Node) -> Node:
        kind = _DATES.get(_id(node.get("type")), "Other")
        return compact({"date": node["date"], "type": kind, "information": node.get("description")})

    embargo = held.access.until if held.access else None
    derived = {"date": embargo, "type": {"id": "available"}}  # shown of an embargo
    has_own = any(entry.type == "Available" for entry in held.dates)
    nodes = [node for node in _list(sent.get("dates")) if has_own or node != derived]
    return _kept(nodes, held.dates, inveniordm.shown_date, take)


def _languages(sent: Node, held: Work) -> JSON:
    known = [(_id(inveniordm.language_id(tag)), tag) for tag in held.languages]
    found = []
    for code in [_id(node) for node in _list(sent.get("languages"))]:
        found += [tag for shown, tag in known if shown == code] or [_LANGUAGES.get(code, code)]
    return unique(found)


def _tag(node: object) -> str | None:
    code = _id(node)
    return _LANGUAGES.get(code, code) or None


def _alternate(sent: Node, held: Work) -> JSON:
    def take(node: Node) -> Node:
        scheme = str(node.get("scheme") or scheme_of(str(node["identifier"])) or "other")
        return {"identifier": node["identifier"], "type": _SCHEMES.get(scheme.lower(), scheme)}

    def show(each: Any) -> Node:
        return {"identifier": each.identifier, "scheme": "other"}

    return _kept(sent.get("identifiers"), held.alternate_identifiers, show, take, once=True)


def _related(sent: Node, held: Work) -> JSON:
    def take(node: Node) -> Node:
        scheme = _SCHEMES.get(str(node.get("scheme") or "").lower()) or scheme_of(str(node["identifier"]))
        kind = _id(node.get("resource_type"))
        relation = _RELATIONS[_id(node["relation_type"]).lower()]
        return compact(
            {
                "identifier": node["identifier"],
                "scheme": scheme,
                "relation": relation,
                "resource_type": (_TYPES.get(kind) or _TYPES.get(kind.split("-", 1)[0], "Other")) if kind else None,
            }
        )

    derived = [inveniordm.shown_related(each) for each in tools_related(held)]
    own = [inveniordm.shown_related(each) for each in held.related]
    nodes = [node for node in _list(sent.get("related_identifiers")) if node in own or node not in derived]
    return _kept(nodes, held.related, inveniordm.shown_related, take)


def _rights(sent: Node, held: Work) -> JSON:
    def take(node: Node) -> Node:
        props = node.get("props")
        link = str(node.get("link") or (props.get("url") if isinstance(props, Mapping) else None) or "")
        title = _words(node.get("title"))
        named = str(node.get("id") or "")
        spdx = (
            _LICENCES.get(named.lower(), named)
            or _LICENCE_PAGES.get(re.sub(r"^https?|/(deed|legalcode)(\.\w+)?$", "", link).rstrip("/"))
            or _LICENCES.get(title.lower().replace(" ", "-"))
        )
        if spdx:
            return {"id": spdx}
        text = "\n".join(unique(each for each in (title, _words(node.get("description"))) if each))
        return compact({"text": text, "uri": link})

    return _kept(sent.get("rights"), held.rights, inveniordm.shown_rights, take)


def _locations(sent: Node, held: Work) -> JSON:
    def take(node: Node) -> Node:
        return compact({"place": node.get("place") or node.get("description"), "box": _box(node.get("geometry"))})

    features = (sent.get("locations") or {}).get("features")
    return _kept(features, held.locations, inveniordm.shown_feature, take)


def _box(geometry: Any) -> Node | None:
    """The box around any GeoJSON geometry."""
    points: list[tuple[float, float]] = []

    def walk(part: Any) -> None:
        if part and isinstance(part[0], int | float):
            points.append((float(part[0]), float(part[1])))
        else:
            for each in part:
                walk(each)

    walk((geometry or {}).get("coordinates") or [])
    if not points:
        return None
    longitudes, latitudes = [x for x, _ in points], [y for _, y in points]
    return {"west": min(longitudes), "east": max(longitudes), "south": min(latitudes), "north": max(latitudes)}


def _funding(sent: Node, held: Work) -> JSON:
    def take(node: Node) -> Node:
        funder, award = node.get("funder") or {}, node.get("award") or {}
        code = str(funder.get("id") or "")
        addresses = [str(each["identifier"]) for each in _list(award.get("identifiers"))]
        return compact(
            {
                "funder": funder.get("name") or _ror(code) or code,
                "funder_id": _ror(code),
                "award": award.get("number") or str(award.get("id") or "").rpartition("::")[2],
                "award_title": _words(award.get("title")),
                "award_uri": next((each for each in addresses if is_web_address(each)), None),
            }
        )

    return _kept(sent.get("funding"), held.funding, inveniordm.shown_funding, take)


READERS: dict[str, Callable[[Node, Work], JSON]] = {
    "resource_type": _resource_type,
    "titles": _titles,
    "descriptions": _descriptions,
    "creators": _creators,
    "contributors": _contributors,
    "publisher": _publisher,
    "publication_date": _single("publication_date"),
    "version": _single("version"),
    "subjects": _subjects,
    "dates": _dates,
    "languages": _languages,
    "alternate_identifiers": _alternate,
    "related": _related,
    "rights": _rights,
    "locations": _locations,
    "funding": _funding,
}
