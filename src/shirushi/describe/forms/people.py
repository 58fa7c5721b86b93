"""People and how to reach them, read out of short texts: lists of names with notes in brackets, and blocks of contact details."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from shirushi.describe.names import ORCID, clean, is_organisation, looks_like_person, orcid_of
from shirushi.describe.suggesters.common import is_generic
from shirushi.describe.suggesters.keywords import reading
from shirushi.describe.text import fold, has_cjk, normalise
from shirushi.metadata.readings import key

EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}@[A-Za-z0-9][A-Za-z0-9.\-]{1,120}\.[A-Za-z]{2,24}")
ERAD = re.compile(r"(?:e-?\s?Rad|研究者番号|researcher\s(?:number|no\.?|id))[^\d\n]{0,14}(\d{8})(?!\d)", re.IGNORECASE)
_EIGHT = re.compile(r"(?<!\d)\d{8}(?!\d)")
_PHONE = re.compile(
    r"(?:(?:TEL|Tel(?:ephone)?|Phone|電話(?:番号)?|内線)\.?\s*[:：]?\s*)?(?<![\d\-/])(\+\d{1,3}[\s\-][\d\s\-()]{7,16}\d|\(?0\d{1,4}\)?[\-(]\d{1,4}[\-)]\d{3,4})(?![\d\-])"
)
_ADDRESS_JA = re.compile(
    r"〒\s*\d{3}[\-－]?\d{4}[^\n]{4,80}?(?=\s{2,}|\n|\s*[/／|]|\s*(?:TEL|Tel|電話|E-?mail|メール)|$)"
)
_ADDRESS_EN = re.compile(
    r"(?:\d{3}-\d{4}|\b\d{5}(?:-\d{4})?\b|\b(?:Japan|USA|UK|Germany|France|Korea|China|Australia|Canada)\.?$)"
)
_BRACKETS = re.compile(r"[（(]([^（）()]{1,120})[)）]")
_LABEL = re.compile(
    r"^[\s*_>#\-•・●■□◆]*(?:データ管理者|管理者|担当者?|担当|連絡先|問い?合わ?せ先?|氏名|contact(?: person)?|maintainer|questions|e-?mail|mail|メール(?:アドレス)?|"
    r"phone|tel|電話(?:番号)?|address|住所)\s*[*_]*\s*[:：→]\s*[*_]*",
    re.IGNORECASE,
)
_KEY = re.compile(r"^[\s*_>#\-•・●■□◆]*[^\s:：][^:：\n]{0,24}?[*_]*\s*[:：](?!//)[*_\s]*")
_HONORIFIC = re.compile(r"\s*(?:殿|氏|様|先生|教授|准教授|助教|講師|博士)$")
_NOT_A_NAME = re.compile(
    r"[はをがにでもへ]$|問い?合|連絡|担当|について|ください|^(?:氏名|名前|著者|作成者?|所属|なし|不明|未定)$"
)
_SECTION = re.compile(r"(?:係|部|課|室|班|専攻|学科|学域)$")


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of one person. ``names`` and ``affiliations`` by language (``ja`` in Japanese script, ``en`` in Latin)."""

    names: dict[str, str] = field(default_factory=dict)
    erad: str = ""
    orcid: str = ""
    email: str = ""
    affiliations: dict[str, str] = field(default_factory=dict)

    def same_as(self, other: "Person") -> bool:
        return any(
            key_of(self.names[lang]) == key_of(other.names[lang]) for lang in self.names.keys() & other.names.keys()
        )

    def with_more(self, other: "Person") -> "Person":
        """This person, with what only the other one tells."""
        return Person(
            {**other.names, **self.names},
            self.erad or other.erad,
            self.orcid or other.orcid,
            self.email or other.email,
            {**other.affiliations, **self.affiliations},
        )


@dataclass(frozen=True, slots=True)
class Block:
    """Contact details: ``addresses`` and ``organisations`` by language."""

    people: tuple[Person, ...] = ()
    organisations: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    phone: str = ""
    email: str = ""
    erad: str = ""


def key_of(name: str) -> str:
    """For telling whether two names are the same: no spaces in Japanese, words in any order in Latin."""
    text = fold(name).replace(",", " ")
    return text.replace(" ", "").replace("・", "") if has_cjk(text) else " ".join(sorted(text.replace(".", "").split()))


def romaji(name: str) -> str:
    """The family name of a Japanese name in Hepburn romaji without long vowels, as e-mail addresses write it: 森田 由美 is
    "morita". By the first reading of the dictionary; '' where there is none."""
    family = name.split()[0] if has_cjk(name) and name.split() else ""
    return key(reading(family[:10]))


def lang_of(text: str) -> str:
    return "ja" if has_cjk(text) else "en"


def is_place_of_work(text: str) -> bool:
    return bool(is_organisation(text) or (has_cjk(text) and _SECTION.search(text.split()[-1] if text.split() else "")))


def people_in(text: str) -> list[Person]:
    """The people in a list such as 「野々村 健吾（30598821）、Sofia Marchetti」 or "A. Smith, B. Jones (University of X)"."""
    found: list[Person] = []
    unplaced = 0
    organisation: list[str] = []
    for token in _split(normalise(text[:2_000]).text):
        notes = _BRACKETS.findall(token)
        head = _HONORIFIC.sub("", clean(_BRACKETS.sub(" ", token)))
        if looks_like_person(head) and not _NOT_A_NAME.search(head) and not is_generic(head):
            if organisation:
                found[unplaced:], unplaced, organisation = _placed(found[unplaced:], organisation), len(found), []
            found.append(
                _noted(Person({lang_of(head): head}, _erad(token), orcid_of(token) or "", _email(token)), notes)
            )
        elif found and is_place_of_work(head):
            organisation.append(head)
        places = [n for n in notes if is_place_of_work(n) and not EMAIL.search(n)]
        if places and found:
            found[unplaced:], unplaced = _placed(found[unplaced:], places[:1]), len(found)
        if found and not found[-1].email and _email(token):
            found[-1] = replace(found[-1], email=_email(token))
    if organisation:
        found[unplaced:] = _placed(found[unplaced:], organisation)
    return found


def _placed(people: list[Person], organisation: list[str]) -> list[Person]:
    text = ", ".join(organisation) if not has_cjk("".join(organisation)) else " ".join(organisation)
    return [p if p.affiliations else replace(p, affiliations={lang_of(text): text}) for p in people]


def _noted(person: Person, notes: list[str]) -> Person:
    """With what stands in brackets after a name: the name in the other script, numbers, an address."""
    for note in notes:
        for part in re.split(r"\s*[/／;；,、]\s*", note):
            name = clean(part)
            if (
                looks_like_person(name)
                and lang_of(name) not in person.names
                and not re.fullmatch(r"[ぁ-ゖー\s]+", name)
            ):
                person = replace(person, names={**person.names, lang_of(name): name})
            if not person.erad and _EIGHT.fullmatch(part.strip()):
                person = replace(person, erad=part.strip())
    return person


def _erad(text: str) -> str:
    match = ERAD.search(text)
    return match[1] if match else ""


def _email(text: str) -> str:
    match = EMAIL.search(text)
    return match[0] if match else ""


_SEPARATOR = re.compile(r"[、,，;；\n]|・(?=[A-Za-z])|(?<=[A-Za-z])・|\s+(?:and|&|および|及び|と)\s+")


def _split(text: str) -> Iterator[str]:
    """At separators that stand outside of brackets; "Family, Given; Family, Given" at semicolons only."""
    if ";" in text:
        yield from (part for part in text.split(";") if part.strip())
        return
    depths = []
    depth = 0
    for character in text:
        depth += character in "（(「『["
        depth -= character in "）)」』]"
        depths.append(max(0, depth))
    start = 0
    for match in _SEPARATOR.finditer(text):
        if depths[match.start()] == 0 and match.start() >= start:
            if text[start : match.start()].strip():
                yield text[start : match.start()]
            start = match.end()
    if text[start:].strip():
        yield text[start:]


def block_of(text: str) -> Block:
    """Who, where and how, from a few lines of contact details. Bounded: 2,000 characters are read."""
    rest = normalise(text[:2_000]).text
    rest, erad = _taken(rest, ERAD)
    rest, email = _taken(rest, EMAIL)
    addresses: dict[str, str] = {}
    if match := _ADDRESS_JA.search(rest):
        addresses["ja"] = " ".join(match[0].split())
        rest = rest.replace(match[0], "\n")
    rest, phone = _taken(rest, _PHONE)
    people: list[Person] = []
    organisations: dict[str, list[str]] = {}
    for line in re.split(r"\n|\s+[/／·|]\s+|\s{3,}", rest):
        line = re.sub(r"[（(]\s*[)）]", "", _KEY.sub("", _LABEL.sub("", line))).strip(" \t　,、·/|")
        if len(re.findall(r"[（(]", line)) != len(re.findall(r"[)）]", line)):
            line = line.strip(" ()（）")
        if not line:
            continue
        if "en" not in addresses and _is_address(line):
            addresses["en"] = line
            continue
        found = people_in(line)
        people += [p for p in found if not any(p.same_as(known) for known in people)]
        for piece in _places_of_work(line):
            organisations.setdefault(lang_of(piece), []).append(piece)
    if len(people) == 1 and erad:
        people = [replace(people[0], erad=erad)]
    joined = {lang: (" " if lang == "ja" else ", ").join(dict.fromkeys(parts)) for lang, parts in organisations.items()}
    return Block(tuple(people), joined, addresses, " ".join(phone.split()), email, erad)


def _taken(text: str, pattern: re.Pattern[str]) -> tuple[str, str]:
    match = pattern.search(text)
    if match is None:
        return text, ""
    return text[: match.start()] + "\n" + text[match.end() :], match[1] if match.lastindex else match[0]


def _is_address(line: str) -> bool:
    return (
        not has_cjk(line)
        and line.count(",") >= 2
        and re.search(r"\d", line) is not None
        and _ADDRESS_EN.search(line) is not None
        and len(line) <= 160
    )


def _places_of_work(line: str) -> Iterator[str]:
    """The organisations in a line, in each script: "Laboratory, University", 「大学 学部 研究室 (Laboratory)」."""
    for note in _BRACKETS.findall(line):
        if is_place_of_work(note):
            yield note.strip()
    bare = _BRACKETS.sub(" ", ORCID.sub(" ", line)).strip(" .。")
    if has_cjk(bare):
        if is_place_of_work(bare) and len(bare) <= 60 and not re.search(r"。|です|ます", bare):
            yield " ".join(bare.split())
        return
    parts = [p.strip() for p in bare.split(",") if p.strip()]
    while parts and not is_place_of_work(parts[0]):
        parts = parts[1:]
    if (
        parts
        and len(", ".join(parts)) <= 120
        and not re.search(r"\b(?:is|are|was|were|we|the data|please)\b", bare, re.IGNORECASE)
    ):
        yield ", ".join(p for p in parts if is_place_of_work(p) or not re.search(r"\d", p))
