"""Whether excerpts bear out what is not quoted word for word: a text in other words, a name's label, a place's.

A true quote with a false word beside it is as bad as no quote, and so is a true quote under the wrong field.
"""

import re

from shirushi.describe.denial import denied, sentence_around
from shirushi.describe.funders import named
from shirushi.describe.llm.orders import gives_orders
from shirushi.describe.llm.quotes import around as sentence_of
from shirushi.describe.llm.quotes import find
from shirushi.describe.names import is_byline, is_organisation, split_people
from shirushi.describe.suggesters.common import purpose
from shirushi.describe.suggesters.keywords import vocabulary_terms
from shirushi.describe.text import fold, has_cjk
from shirushi.describe.words import stem, stop_words, words

# Stop words that nevertheless say something: a text may only have them where the excerpts do.
_TELLING = frozenset(
    [
        "no",
        "not",
        "non",
        "none",
        "nor",
        "cannot",
        "without",
        "never",
        "only",
        "all",
        "always",
        "every",
        "everything",
        "most",
        "more",
        "least",
        "less",
        "many",
        "much",
        "few",
        "several",
        "best",
        "better",
        "good",
        "great",
        "important",
        "useful",
        "new",
        "latest",
        "recent",
        "current",
        "old",
        "original",
        "first",
        "last",
        "next",
        "one",
        "two",
        "three",
        "single",
        "both",
        "large",
        "high",
        "small",
        "little",
        "long",
        "simple",
        "easily",
        "open",
        "publicly",
        "available",
        "free",
        "university",
        "licence",
        "license",
        "copyright",
        "author",
        "authors",
        "created",
        "similar",
        "different",
        "several",
        "various",
        "total",
        "whole",
        "full",
        "required",
        "must",
        "shall",
        "全て",
        "すべて",
        "公開",
        "必要",
        "可能",
        "著作権",
        "以上",
        "以下",
        "以外",
    ]
)
_DENIAL_JA = re.compile(r"ない|ません|なし|なかっ|なく|せず|不可")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_PARTS = re.compile(r"[.\-'’]")


def own_words(value: str, quote: str, said: str) -> bool:
    """Whether a text says nothing that the excerpts (``said``) do not: each word that bears meaning stands in them (in any of
    its forms), so does each denial, and each number stands in the quote."""
    told = words(value)
    if not told or not set(_NUMBER.findall(fold(value))) <= set(_NUMBER.findall(fold(quote))):
        return False
    there = {term for word in words(said) for term in (word.term, *map(stem, _PARTS.split(word.term)))}
    plain_words = stop_words() - _TELLING
    latin = set(re.findall(r"[^\W\d_]+", fold(said)))
    if (_TELLING & set(re.findall(r"[^\W\d_]+", fold(value)))) - latin:
        return False
    if _DENIAL_JA.search(value) and not _DENIAL_JA.search(said):
        return False
    return all(
        word.term in there
        or (has_cjk(surface := value[word.start : word.end]) and (surface in said or surface in plain_words))
        or all(stem(part) in there or part in latin for part in _PARTS.split(fold(surface)))
        for word in told
    )


_NAME = re.compile(r"[A-ZÀ-Þ][\w'’\-]*(?:\s+(?:(?:of|for|the|de|des|du|für|and|&)\s+){0,2}[A-ZÀ-Þ][\w'’\-]*)+")


def names_of_others(value: str, said: str) -> bool:
    """Whether a text has a name that the excerpts give only where they deny it or tell of another work."""
    for match in _NAME.finditer(value):
        there = [m.span() for m in re.finditer(re.escape(match[0]), said)]
        if there and all(denied(said, *span) or of_others(sentence_around(said, *span)) for span in there):
            return True
    return False


# ---- creators

_MADE_BY = re.compile(r"\bby\s+(?:the\s+)?", re.IGNORECASE)
_NOT_MADE = re.compile(
    r"\b(?:support|fund|grant|sponsor|financ|review|cit(?=ed)|cite|licen[sc]|approv|own|us(?=ed|es?\b)|adopt|describ|propos|suggest|report|inspir|influenc|"
    r"manufactur|requir|mention|introduc|recommend|quot|defin|publish|trained|employ)\w*(?:\s+\w+){0,3}\s*$"
    # a work of somebody's, unless it is called this one
    r"|(?<!\bthis )(?<!\bour )(?<!\bpresent )\b(?:stud(?:y|ies)|surveys?|papers?|articles?|books?|methods?|works?|reports?|reviews?|theor(?:y|ies)|approach|"
    r"algorithms?|protocols?|models?|thesis|experiments?)(?:\s+\w+){0,2}\s*$",
    re.IGNORECASE,
)
# What somebody else did, or is thanked for
_OF_OTHERS = re.compile(
    r"\b(?:earlier|previous(?:ly)?|prior|former(?:ly)?|preceding|unlike|contrary to|compared (?:to|with)|in contrast|(?:an)?other (?:study|survey|paper|group|team|author|studies|surveys|works?|authors)|"
    r"thank(?:s|ed|ful)?|grateful|acknowledge[ds]?|following (?:the )?(?:methods?|approach|protocol|work|study) (?:of|by)|inspired by|based on (?:the |an? )?(?:work|study|survey|paper|methods?|protocol) (?:of|by)|"
    r"frühere\w*|vorherige\w*|bisherige\w*|im gegensatz|précédent\w*|antérieur\w*|contrairement|anterior(?:es)?)\b"
    r"|先行研究|以前の|従来の|既往|とは異なり|と違い|前回の|謝意|感謝|お礼",
    re.IGNORECASE,
)
_MAKERS = re.compile(
    r"\b(?:authors?|creators?|investigators?|PIs?|contributors?|curators?|maintain(?:ers?|ed)|collectors?|observers?|researchers?|"
    r"compiled|orcid|contact|correspond\w+|written|team|made\s+by)\b|\[e-mail\]|©|\(c\)|"
    r"著者|作成者|製作者|制作者|代表者|研究者|担当|氏名|提供者|観測者|測定者|調査者|記録者|責任者|作者|問い?合わ?せ|連絡先",
    re.IGNORECASE,
)
_AFTER_JA = re.compile(r"\s*(?:氏|さん|先生|教授|准教授|博士|らが|が|らにより|により|によって|ら[はに])")


def of_others(text: str) -> bool:
    """Whether a sentence tells of another work, or thanks somebody: whom it names made that, or helped."""
    return _OF_OTHERS.search(text) is not None


def names_a_maker(name: str, quote: str, text: str, section: str, said: str) -> bool:
    """Whether the words around a name say that it made the data: "by", a label such as "Author", a heading of authors, an
    ORCID iD; or the excerpt is a line of names and nothing in it an ordinary word of the other excerpts."""
    around = sentence_of(quote, text)
    if gives_orders(around) or of_others(around) or (_GEOGRAPHIC.search(name) and not is_organisation(name)):
        return False
    if purpose(section) in ("authors", "contributors", "contact") or _MAKERS.search(f"{section}\n{around}"):
        return True
    first = re.split(r"[\s,、]+", name)[0]
    start, _ = find(first, around) or (0, 0)
    end = max((span[1] for part in re.split(r"[\s,、]+", name) if (span := find(part, around))), default=0)
    for match in _MADE_BY.finditer(around, 0, start):
        between = re.sub(r"\([^()]*\)|\b(?:and|van|von|de|der|del|den|la|the)\b", " ", around[match.end() : start])
        if not re.search(r"\b[a-z]", between) and not _NOT_MADE.search(around[: match.start()]):
            return True
    if has_cjk(name) and _AFTER_JA.match(around, end):
        return True
    if not is_byline(text) or len(split_people(text)) < 2:
        return False
    ordinary = {w for term in vocabulary_terms() for w in term.split()} | set(re.findall(r"\b[a-z]{3,}", said))
    return not any(part.lower() in ordinary for part in re.split(r"[\s,]+", name))


# ---- places

_GEOGRAPHIC = re.compile(
    r"\b(?:river|lake|bay|islands?|sea|ocean|mountains?|mount|mt|valley|basin|coast|gulf|straits?|peninsula|archipelago|county|"
    r"prefecture|province|national park|park|reserve|city|town|village|district|region|catchment|watershed|estuary|creek|reservoir|"
    r"glacier|volcano|forest|desert|plateau|fjord|reef|lagoon|delta|canal|harbou?r|port|observatory|station)\b"
    r"|[都道府県市区町村郡湖湾川河海島山岳峡池沼森半岬]$|地方$|流域$|海峡$|平野$|諸島$|列島$|群島$|盆地$|高原$|演習林$|観測所$",
    re.IGNORECASE,
)
_PLACED_BEFORE = re.compile(
    r"\b(?:in|at|near|off|from|along|around|across|over|within|throughout|of|between|and|north|south|east|west|northern|southern|eastern|"
    r"western|central|coastal)\s+(?:the\s+)?$|,\s*$",
    re.IGNORECASE,
)
_PLACED_AFTER = re.compile(r"\s*(?:で|にて|において|における|周辺|付近|沿岸|沖|近郊|産)")
_PLACE_LABEL = re.compile(
    r"\b(?:locations?|sites?|study area|area|place|region|country|locality|geographic\w*|coverage)\b[^.\n]{0,20}[:=|]\s*$"
    r"|(?:場所|地点|調査地|観測地|採取地|地域|産地|国)[^。\n]{0,6}[:：|]\s*$",
    re.IGNORECASE,
)


def names_a_place(value: str, text: str) -> bool:
    """Whether a value is a place by its words ("River Tamar", 「琵琶湖」, a country) or by those beside it in the excerpt ("in Devon",
    "Location: "); an ordinary phrase is none, and neither is an organisation or a person."""
    span = find(value, text)
    if span is None:
        return False
    found = text[span[0] : span[1]]
    before, after = text[max(0, span[0] - 80) : span[0]], text[span[1] :]
    if _PLACE_LABEL.search(before) or fold(value) in vocabulary_terms("places"):
        return True
    if has_cjk(found):
        return bool(_GEOGRAPHIC.search(found) or _PLACED_AFTER.match(after))
    capital = re.search(r"(?<!^)\b[A-Z]|^[A-Z](?!.*\s[a-z]{4,})", found) is not None
    if not capital or (is_organisation(found) and not _GEOGRAPHIC.search(found)) or _in_a_longer_name(span, text):
        return False
    return bool(_GEOGRAPHIC.search(found) or _PLACED_BEFORE.search(before))


def _in_a_longer_name(span: tuple[int, int], text: str) -> bool:
    """Whether a phrase is only a part of the name of an organisation or a funder, as Wellcome is of the Wellcome Trust."""
    for match in _NAME.finditer(text):
        if match.start() <= span[0] and span[1] <= match.end() and match.span() != span:
            return is_organisation(match[0]) or any(pattern.search(match[0]) for pattern, _ in named())
    return False
