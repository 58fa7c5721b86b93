"""What a model says is let through only as far as the words it quotes bear it out.

A quote must stand in the named excerpt, exactly or but for width, case and white space. Identifiers, dates, licences and awards are
read again from the quote by the same rules that read texts without a model; names must stand in it, as names of makers or of
places; only a title, a description and keywords may be put in other words, and those words must come from the excerpts.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from shirushi.describe.denial import says_what_is_denied
from shirushi.describe.evidence import JSON, Candidate, Evidence, Place
from shirushi.describe.judging import address, plain
from shirushi.describe.llm.bearing import names_a_maker, names_a_place, names_of_others, of_others, own_words
from shirushi.describe.llm.excerpts import Excerpt, Excerpts
from shirushi.describe.llm.orders import gives_orders, leads_astray, orders_a_licence
from shirushi.describe.llm.quotes import around, find, is_denied, stands_in
from shirushi.describe.names import clean, creator, is_organisation, looks_like_person, orcid_of
from shirushi.describe.readers.prose import DOI, URL, tidy_url
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters.common import language
from shirushi.describe.suggesters.dates import read_dates, read_period
from shirushi.describe.suggesters.funding import funding
from shirushi.describe.suggesters.related import relation_of
from shirushi.describe.suggesters.rights import licences_in
from shirushi.describe.text import normalise
from shirushi.describe.words import words

READER = "language-model/1"
_MASK = re.compile(r"\[(?:e-mail|telephone|digits)\]")
_ARXIV = re.compile(r"arxiv(?:\.org/(?:abs|pdf)/|:\s?)(\d{4}\.\d{4,5})", re.IGNORECASE)
# Characters that no value has and that a terminal or a page would obey: controls, lone surrogates, changes of direction
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

Result = tuple[str, JSON] | str
"""(``quoted`` or ``derived``, the value), or the reason why not."""


def check_value(one: JSON, excerpts: Excerpts, *, version: str) -> Candidate | str:
    """A candidate with the quote as its evidence, or why there is none: ``malformed``, ``no-such-excerpt``, ``not-in-excerpt``,
    ``not-in-quote``, ``not-borne-out`` (a rule reads something else there), ``not-its-words``."""
    if not isinstance(one, Mapping) or not all(
        isinstance(one.get(k), str) for k in ("field", "value", "quote", "source")
    ):
        return "malformed"
    field = str(one["field"])
    if field not in FIELDS or _UNFIT.search(one["value"]):
        return "malformed"
    value, quote = _MASK.sub(" ", one["value"]).strip(), one["quote"].strip()
    excerpt = excerpts.by_id(one["source"].strip(" []"))
    if excerpt is None:
        return "no-such-excerpt"
    found = find(quote, excerpt.text)
    if found is None:
        return "not-in-excerpt"
    if leads_astray(excerpt.text, found[1]):
        return "not-borne-out"
    target, check = FIELDS[field]
    result = check(value, excerpt.text[found[0] : found[1]], excerpt, excerpts)
    if isinstance(result, str):
        return result
    how, proper = result
    words = excerpt.text[found[0] : found[1]]
    evidence = Evidence("quote", {"text": words, "source": excerpt.id}, _narrowed(excerpt.place, words), READER)
    return Candidate(target, proper, (evidence,), f"{target.strip('/').split('/')[0]}.llm-{how}/{version}")


def _narrowed(place: Place, words: str) -> Place:
    """The place of the excerpt with the quoted words; to the columns where the excerpt is one line and holds them."""
    quote = " ".join(words.split())[:400]
    if place.type == "line" and place.start == place.end and place.column is not None and words in place.quote:
        start = place.column + place.quote.index(words)
        return replace(place, column=start, end_column=start + len(words), quote=quote)
    return replace(place, quote=quote)


# ---- one check for each field


def _derived(value: str, quote: str, excerpts: Excerpts) -> bool:
    return own_words(value, quote, excerpts.said())


def _worded(value: str, quote: str, excerpt: Excerpt, excerpts: Excerpts) -> str | None:
    """``quoted`` or ``derived``; None for a text that says what the excerpts do not, or what they deny."""
    if stands_in(value, quote):
        return None if says_what_is_denied(value, around(quote, excerpt.text)) else "quoted"
    said = excerpts.said()
    if says_what_is_denied(value, said) or names_of_others(value, said):
        return None
    return "derived" if _derived(value, quote, excerpts) else None


def _text(value: str, lang_of: str, **more: JSON) -> dict[str, JSON]:
    lang = language(lang_of)
    return {"text": value, **({"lang": lang} if lang else {}), **more}


def _title(value: str, quote: str, excerpt: Excerpt, excerpts: Excerpts) -> Result:
    value = " ".join(value.split())
    if not 2 <= len(value) <= 300:
        return "malformed"
    if len(words(value)) < 2 and plain(value) != plain(excerpt.text):
        return "not-borne-out"  # one word of a sentence is no title
    how = _worded(value, quote, excerpt, excerpts)
    return (how, _text(value, value)) if how else "not-its-words"


def _description(value: str, quote: str, excerpt: Excerpt, excerpts: Excerpts) -> Result:
    if not 20 <= len(value) <= 3_000:
        return "malformed"
    how = _worded(value, quote, excerpt, excerpts)
    return (how, _text(value, value, type="Abstract")) if how else "not-its-words"


def _keyword(value: str, quote: str, excerpt: Excerpt, excerpts: Excerpts) -> Result:
    value = " ".join(value.split()).strip(" .,;、。")
    if not 2 <= len(value) <= 80:
        return "malformed"
    if gives_orders(around(quote, excerpt.text)):
        return "not-borne-out"
    if stands_in(value, quote):
        return "quoted", _text(value, value)
    return ("derived", _text(value, value)) if _derived(value, quote, excerpts) else "not-its-words"


def _creator(value: str, quote: str, excerpt: Excerpt, excerpts: Excerpts) -> Result:
    name = clean(value)
    if not (looks_like_person(name) or is_organisation(name)):
        return "malformed"
    words = plain(name).split()
    there = plain(quote)
    stands = (
        all(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", there) for word in words)
        if name.isascii()
        else ("".join(words) in there.replace(" ", ""))
    )
    if not stands:
        return "not-in-quote"
    if is_denied(value, quote, excerpt.text):
        return "not-borne-out"
    if not names_a_maker(name, quote, excerpt.text, excerpt.section, excerpts.said()):
        return "not-borne-out"
    alone = len(re.findall(r"\d{4}-\d{4}-\d{4}-\d{3}[\dXx]", quote)) == 1
    return "quoted", creator(name, orcid=orcid_of(quote) if alone else None)


# What grants a licence, rather than merely naming one or asking for one
_GRANTS = re.compile(
    r"(?:licen[sc]ed|released|distributed|available|published|shared|provided|covered|dedicated|governed|offered)\b.{0,80}?\b(?:under|to the|by|as|with)\b|"
    r"licen[sc]e\s*(?:[:：=]|is\b|\|)|lizenz\s*[:：]|(?:ライセンス|利用条件)\s*(?:[:：]|は)|(?:の下|のもと|に従って|に基づ|で)(?:公開|提供|配布|利用)",
    re.IGNORECASE | re.DOTALL,
)


def _licence(value: str, quote: str, excerpt: Excerpt, excerpts: Excerpts) -> Result:
    """The licence that the rule reads in the quote, provided that its words grant one, and that the model named it."""
    found = licences_in(normalise(quote).text)
    sentence = around(quote, excerpt.text)
    if len(found) != 1 or not _GRANTS.search(quote) or orders_a_licence(sentence) or of_others(sentence):
        return "not-borne-out"
    if is_denied(normalise(quote).text[found[0].start :], quote, excerpt.text):
        return "not-borne-out"
    named = licences_in(normalise(value).text) or licences_in(f"licence: {value}")
    if not (any(one.spdx == found[0].spdx for one in named) or plain(found[0].spdx) == plain(value)):
        return "not-borne-out"
    return "quoted", {"id": found[0].spdx}


def _coverage(value: str, quote: str, excerpt: Excerpt, excerpts: Excerpts) -> Result:
    read = read_period(quote) or next((found for found, _, _ in read_dates(quote)), None)
    said = read_period(value) or next((found for found, _, _ in read_dates(value)), None)
    if is_denied("", quote, excerpt.text):
        return "not-borne-out"
    if read is None or (read != said and value.replace(" ", "") != read):
        return "not-borne-out"
    return "quoted", {"date": read, "type": "Coverage"}


def _place(value: str, quote: str, excerpt: Excerpt, excerpts: Excerpts) -> Result:
    value = " ".join(value.split())
    if not 2 <= len(value) <= 120 or value.isdigit():
        return "malformed"
    if not stands_in(value, quote):
        return "not-in-quote"
    if is_denied(value, quote, excerpt.text):
        return "not-borne-out"
    return ("quoted", {"place": value}) if names_a_place(value, excerpt.text) else "not-borne-out"


def _funding(value: str, quote: str, excerpt: Excerpt, excerpts: Excerpts) -> Result:
    """What the rule for sentences on support reads in the quote, when the model's value names the same award or funder."""
    item = Evidence("paragraph", {"text": quote, "section": excerpt.section}, excerpt.place, READER)
    for read in funding(EvidenceSet([item]), Context()):
        award = read.value.get("award")
        if is_denied(award or read.value["funder"], quote, excerpt.text):
            continue
        if award and plain(award) in plain(value):
            return "quoted", read.value
        if not award and plain(read.value["funder"]) in plain(value):
            return "quoted", read.value
    return "not-borne-out"


def _related(value: str, quote: str, excerpt: Excerpt, excerpts: Excerpts) -> Result:
    relation = relation_of(excerpt.section, quote)
    dois = [m[1].rstrip(".,;)") for m in DOI.finditer(quote)] + [
        m[1].rstrip(".,;)") for m in re.finditer(r"doi\.org/(10\.\d{4,9}/[^\s\"<>]+)", quote)
    ]
    for doi in dois:
        if address(doi) == address(value):
            return "quoted", {"identifier": doi.lower(), "scheme": "DOI", "relation": relation}
    for match in _ARXIV.finditer(quote):
        if match[1] in value:
            return "quoted", {"identifier": match[1], "scheme": "arXiv", "relation": relation}
    for match in URL.finditer(quote):
        url = tidy_url(match[0])
        if address(url) == address(value):
            return "quoted", {"identifier": url, "scheme": "URL", "relation": relation}
    return "not-borne-out"


FIELDS: Mapping[str, tuple[str, Callable[[str, str, Excerpt, Excerpts], Result]]] = {
    "title": ("/titles/-", _title),
    "description": ("/descriptions/-", _description),
    "keyword": ("/subjects/-", _keyword),
    "creator": ("/creators/-", _creator),
    "licence": ("/rights/-", _licence),
    "coverage": ("/dates/-", _coverage),
    "place": ("/locations/-", _place),
    "funding": ("/funding/-", _funding),
    "related": ("/related/-", _related),
}
