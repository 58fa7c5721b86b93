"""What running text says about people who may not want to be found: charts, forms, transcripts of interviews.

A name, an address or a number alone is no sign: papers and manuals name their authors and whom to write to. What counts is a
label of a chart or form, somebody who says who they are, or where a person without an institution lives and is called. Beside
such a sign everything counts that tells of the same person.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from shirushi.describe.readers import sensitive_values as values
from shirushi.describe.readers.sensitive_values import MOBILE, Category

NEAR = 400  # characters around a sign within which the rest of what is said of the person stands
CLOSE = 200  # between an address and a number that belong together
MOST_SIGNS = 1_000  # of one kind: whoever has seen so many knows what the text is
_WINDOW = 40  # characters before a number in which it is called by its name
_FIRST_BORN = 1900  # whoever was born before is dead

_STOP = r"\s,、。;；:：<>{}\[\]\"'|*_…()（）"
_WORD = rf"[^{_STOP}]{{1,40}}"
_VALUE = rf"(?P<value>{_WORD}(?:[ \u3000](?![^\s:：]{{1,20}}\s?[:：]){_WORD}){{0,2}})"
_HINT = re.compile(
    r"患者|受診者|カルテ|マイナンバー|個人番号|生年月日|誕生日|出生日|氏名|名前|住所|自宅|在住|住んで|申します|言います|いいます|電話|携帯|カード|"
    r"patient|medical record|\bmrn\b|birth|born|生まれ|\bdob\b|my ?number|my name is|i am called|i live|i'm called|card|"
    r"(?<!\d)0\d{1,4}-\d{1,4}-\d{4}|\d{3}[ .\-]\d{3,4}[ .\-]\d{4}",
    re.IGNORECASE,
)
_PATIENT_NAME = re.compile(
    r"(?:患者氏名|患者名|患者様?|受診者(?:氏)?名|被験者氏名|\bpatient(?:['’]s)?(?:[ _]full)?(?:[ _]name)?|name of patient)\s*[:：]\s*"
    + _VALUE,
    re.IGNORECASE,
)
_PATIENT_NUMBER = re.compile(
    r"(?:患者\s?(?:ID|ＩＤ|番号|No\.?)|カルテ\s?(?:番号|No\.?)|診察券番号|\bpatient[ _](?:id|no\.?|number)|medical record (?:number|no\.?)|\bMRN)"
    r"\s*[:：#]?\s*(?P<value>[A-Za-z]{0,3}[\-_]?\d[\d\-]{2,19})(?![\w.])",
    re.IGNORECASE,
)
_BIRTH = re.compile(
    r"(?:生年月日|誕生日|出生日|date of birth|birth ?date|birthday|\bborn(?: on)?|\bd\.?o\.?b\b\.?)\s*(?:[:：は]|is\b|was\b)?\s*(?P<value>"
    r"(?:明治|大正|昭和|平成|令和|[MTSHR])\s?\.?(?:\d{1,2}|元)[年./\-]\s?\d{1,2}[月./\-]\s?\d{1,2}日?|"
    r"(?P<year>(?:1[89]|20)\d\d)[年./\-]\s?\d{1,2}[月./\-]\s?\d{1,2}日?|\d{1,2}[./\-]\d{1,2}[./\-](?P<last>(?:1[89]|20)\d\d)|"
    r"\d{1,2}\s+[A-Z][a-z]{2,8}\.?,?\s+(?P<late>(?:1[89]|20)\d\d)|[A-Z][a-z]{2,8}\.?\s+\d{1,2},?\s+(?P<end>(?:1[89]|20)\d\d))",
    re.IGNORECASE,
)
_BORN = re.compile(
    r"(?P<value>(?:大正|昭和|平成|令和|19\d\d|20\d\d)(?:\d{1,2}|元)?年\s?\d{1,2}月\s?\d{1,2}日)(?:に)?生まれ"
)
_JA = r"[\u4e00-\u9fff\u3005\u3041-\u3096\u30a1-\u30fc]"
_SAYS_NAME = (
    re.compile(r"(?P<value>[\u4e00-\u9fff\u3005]{1,4}[ \u3000]?[\u4e00-\u9fff\u3005\u3041-\u3096\u30a1-\u30fc]{1,4}?)(?:と申します|と言います|といいます|です)"),
    re.compile(r"(?:my (?:full )?name is|my name['’]s|i am called|i['’]m called)\s+(?P<value>[A-Z][\w'’\-]+(?:\s+[A-Z][\w'’\-]+){0,2})", re.IGNORECASE),
)  # fmt: skip
_PERSON_LABEL = re.compile(
    r"(?:氏名|お名前|名前|本名|姓名|full name|(?<![A-Za-z] )\bname)\s*[:：]\s*" + _VALUE, re.IGNORECASE
)
_OF_A_PERSON = re.compile(
    r"(?:年齢|性別|職業|続柄|血液型|病名|診断名?|既往歴|保険証?番号|携帯(?:電話)?(?:番号)?|自宅(?:住所|電話)?|現住所|\bage|\bsex|\bgender|diagnosis|occupation|home (?:address|phone)|mobile)\s*[:：]",
    re.IGNORECASE,
)
_AT_HOME = re.compile(
    r"自宅|現住所|在住|住んで|住まい|暮らし|実家|\bi(?:['’]ve)? live|\blives? (?:at|in)\b|home address|residen",
    re.IGNORECASE,
)
_INSTITUTION = re.compile(
    r"大学|研究|学部|学科|学会|所属|連絡先|問い?合わ?せ|事務局|株式会社|有限会社|法人|センター|機構|病院|医院|診療所|図書館|博物館|学校|役所|役場|庁|協会|支所|編集|出版|店|"
    r"universit|department|institut|laborator|college|faculty|school|\binc\b|\bltd\b|corporation|company|hospital|clinic|library|museum|"
    r"contact|correspond|editor|publisher|office|center|centre|ministry|agency|affiliation",
    re.IGNORECASE,
)
# From the town on, which is quicker than to try every kanji as the beginning of one; what stands before it is looked for after.
_JA_HOUSE = re.compile(
    r"[市区町村郡][\u4e00-\u9fff\u3005\u3041-\u3096\u30a1-\u30fc]{1,16}(?:\d{1,4}(?:丁目|番地?|号|[\-−－の])){0,3}\d{1,4}(?:号|番地?)?"
)
_JA_TOWN = re.compile(
    r"(?:〒\s?\d{3}-?\d{4}\s*)?(?:[\u4e00-\u9fff]{2,3}[都道府県])?[\u4e00-\u9fff\u3041-\u3096\u30a1-\u30fc]{1,8}\Z"
)
_HONORIFIC = re.compile(rf"(?P<value>{_JA}{{2,6}})(?:さん|様|氏)(?![\u4e00-\u9fff])")
_TITLE = re.compile(r"\b(?:Mrs?|Ms|Miss)\.?\s+(?P<value>[A-Z][a-z'’\-]+(?:\s+[A-Z][a-z'’\-]+)?)")
_LATIN_PAIR = re.compile(r"\b[A-Z][a-z'’\-]+\s+[A-Z][a-z'’\-]+\b")
_MY_NUMBER_NAMED = re.compile(r"マイナンバー|個人番号|my ?number", re.IGNORECASE)
_CARD_NAMED = re.compile(r"カード|card|クレジット|credit|visa|master|amex", re.IGNORECASE)
_NO_VALUE = re.compile(
    r"^(?:anon\w*|x{3,}|n/?a$|none|null|unknown|匿名|非公開|なし|記入|入力|str$|string|int$|integer|text|varchar|the|an?$|is|unique|identifier|number|code|"
    r"名前|番号|数字|文字列|氏名|患者|pseudonym|仮名|削除|redacted|removed|required)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Passage:
    """Characters ``start`` to ``end`` of a text are of ``category``."""

    category: Category
    start: int
    end: int


def passages(text: str, *, for_readers: bool = False) -> list[Passage]:
    """What a text says about people, in the order in which it stands there. ``for_readers``: it names people on purpose, as a
    README does, so that only what nobody publishes on purpose counts."""
    if not _HINT.search(text):
        return []
    found = [*_numbers(text)]
    if not for_readers:
        kinds = (_patients(text), _introduced(text), _forms(text), _households(text))
        signs = [one for kind in kinds for one in islice(kind, MOST_SIGNS)]
        found += signs
        found += _beside(text, [*signs, *found])
    return _tidy(found)


def _tidy(found: Iterable[Passage]) -> list[Passage]:
    """In order; of those that overlap the first, and of those at one place the longest, a sign before what stands beside it."""
    kept: list[Passage] = []
    for item in sorted(dict.fromkeys(found), key=lambda item: (item.start, -item.end)):
        if not kept or item.start >= kept[-1].end:
            kept.append(item)
    return kept


def _numbers(text: str) -> Iterator[Passage]:
    """Numbers with a right check digit that are called マイナンバー or a card just before: one in ten is right by chance."""
    sorts: tuple[tuple[re.Pattern[str], Callable[[str], Iterator[re.Match[str]]], Category], ...] = (
        (_MY_NUMBER_NAMED, values.my_numbers, "national-id"),
        (_CARD_NAMED, values.card_numbers, "payment-card"),
    )
    for named, numbers, category in sorts:
        if named.search(text):
            for match in numbers(text):
                if named.search(text[max(0, match.start() - _WINDOW) : match.start()]):
                    yield Passage(category, *match.span())


def _patients(text: str) -> Iterator[Passage]:
    for match in _PATIENT_NAME.finditer(text):
        start, end = _name_span(match)
        whole = "name" in match[0].lower() or "名" in match[0][: match.start("value") - match.start()]
        name = text[start:end]
        if _NO_VALUE.match(name) or not values.has_shape_of_name(name):
            continue
        if whole or values.is_known_name(name):
            yield Passage("patient", start, end)
    for match in _PATIENT_NUMBER.finditer(text):
        yield Passage("patient", *match.span("value"))
    for match in _BIRTH.finditer(text):
        year = match["year"] or match["last"] or match["late"] or match["end"]
        if (year is None or int(year) >= _FIRST_BORN) and not match["value"].startswith("明治"):
            yield Passage("patient", *match.span("value"))
    for match in _BORN.finditer(text):
        yield Passage("patient", *match.span("value"))


def _name_span(match: re.Match[str]) -> tuple[int, int]:
    """Where the name in a value stands: without a title behind it, and without the words of a sentence that follow."""
    start, value = match.start("value"), match["value"]
    latin = re.match(r"[A-Z][\w'’.\-]*(?:[ \u3000][A-Z][\w'’.\-]*)*", value)
    if latin is not None and value.isascii():
        return start, start + latin.end()
    return start, start + len(re.sub(r"[ \u3000]?(?:様|さん|殿|氏)$", "", value))


def _introduced(text: str) -> Iterator[Passage]:
    """Names that somebody says are theirs, as in an interview."""
    for pattern in _SAYS_NAME:
        for match in pattern.finditer(text):
            said = match["value"]
            if match[0].endswith("です") and "名前" not in text[max(0, match.start() - 30) : match.start()]:
                continue
            if not said.isascii() and (part := _japanese_name(said)):
                start = match.start("value") + said.index(part)
                yield Passage("personal-name", start, start + len(part))
            elif said[:1].isupper() and not _NO_VALUE.match(said):
                yield Passage("personal-name", *match.span("value"))


def _japanese_name(text: str) -> str:
    """The family and given name at the end of some characters, or ''."""
    for start in range(len(text) - 1):
        if values.is_known_name(text[start:]):
            return text[start:].strip()
    return ""


def _forms(text: str) -> Iterator[Passage]:
    """Names in a form that asks for more of a person than where they work."""
    for match in _PERSON_LABEL.finditer(text):
        start, end = _name_span(match)
        around = text[max(0, start - CLOSE) : end + CLOSE]
        name = text[start:end]
        if _NO_VALUE.match(name) or not values.has_shape_of_name(name) or _INSTITUTION.search(around):
            continue
        asked = len({found[0].lower() for found in _OF_A_PERSON.finditer(around)})
        if asked >= 2 or (asked and values.is_known_name(name)):
            yield Passage("personal-name", start, end)


def _households(text: str) -> Iterator[Passage]:
    """Addresses down to the house with a phone number or a name close by, where no institution is spoken of."""
    for start, end in islice(_addresses(text), 2 * MOST_SIGNS):
        around = text[max(0, start - CLOSE) : end + CLOSE]
        at_home = _AT_HOME.search(text[max(0, start - _WINDOW) : end + _WINDOW]) is not None
        if not at_home and _INSTITUTION.search(around):
            continue
        phone = next(values.phones(around), None) is not None
        named = _names_somebody(around)
        if (at_home and (phone or named)) or (phone and named):
            yield Passage("postal-address", start, end)


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    if re.search("[市区町村]", text):
        for match in _JA_HOUSE.finditer(text):
            before = text[max(0, match.start() - 30) : match.start()]
            if town := _JA_TOWN.search(before):
                yield match.start() - len(before) + town.start(), match.end()
    yield from (match.span() for match in values.STREET.finditer(text))


def _names_somebody(text: str) -> bool:
    if any(values.is_known_name(match[0]) for match in _LATIN_PAIR.finditer(text)):
        return True
    named = (
        match["value"] for pattern in (_HONORIFIC, _PERSON_LABEL, _SAYS_NAME[0]) for match in pattern.finditer(text)
    )
    return any(_japanese_name(one) for one in named)


def _beside(text: str, signs: list[Passage]) -> Iterator[Passage]:
    """Names in forms, addresses, phone numbers and e-mail addresses near a sign that a person is spoken of."""
    for start, end in _merged((max(0, sign.start - NEAR), sign.end + NEAR) for sign in signs):
        part = text[start:end]
        for match in _PERSON_LABEL.finditer(part):
            at, to = _name_span(match)
            if values.has_shape_of_name(part[at:to]) and not _NO_VALUE.match(part[at:to]):
                yield Passage("personal-name", start + at, start + to)
        for match in _TITLE.finditer(part):
            yield Passage("personal-name", start + match.start("value"), start + match.end("value"))
        for match in _HONORIFIC.finditer(part):
            if name := _japanese_name(match["value"]):
                at = match.start("value") + match["value"].index(name)
                yield Passage("personal-name", start + at, start + at + len(name))
        for at, to in _addresses(part):
            if not _INSTITUTION.search(part[max(0, at - _WINDOW) : to + _WINDOW // 2]):
                yield Passage("postal-address", start + at, start + to)
        for match in values.phones(part):
            if MOBILE.fullmatch(match[0]) or not _INSTITUTION.search(
                part[max(0, match.start() - _WINDOW) : match.start()]
            ):
                yield Passage("phone", start + match.start(), start + match.end())
        for match in values.personal_emails(part):
            yield Passage("e-mail", start + match.start(), start + match.end())


def _merged(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    last: tuple[int, int] | None = None
    for start, end in sorted(spans):
        if last is not None and start <= last[1]:
            last = (last[0], max(last[1], end))
            continue
        if last is not None:
            yield last
        last = (start, end)
    if last is not None:
        yield last


def to_hide(text: str, found: Passage) -> list[str]:
    """What must not stand anywhere in what is kept of the file: the words found, and the parts of a name."""
    said = text[found.start : found.end]
    parts = [said]
    if found.category in ("patient", "personal-name") and not re.search(r"\d", said):
        parts += [part for part in re.split(r"[ \u3000]+", said) if len(part) >= (2 if not part.isascii() else 4)]
    plain = unicodedata.normalize("NFKC", said)
    return parts if plain == said else [*parts, plain]
