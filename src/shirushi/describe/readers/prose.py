"""What Markdown, plain text, reStructuredText, TeX and HTML readers share: places in lines, links, ``key: value`` pairs and
the language of a text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shirushi.describe.evidence import Evidence, FilePlace, LinePlace
from shirushi.describe.readers.base import File
from shirushi.describe.text import Decoded, decode, has_cjk, script_language

MAX_TEXT = 2_000_000
MAX_QUOTE = 400
MAX_VALUE = 20_000

URL = re.compile(r"(?:https?|ftp)://[^\s<>\"'`\u3000-\u303f\uff00-\uff0f\uff3b-\uff60{}|\\^\[\]]+", re.IGNORECASE)
DOI = re.compile(r"(?:\bdoi:\s*|(?<![\w./]))(10\.\d{4,9}/[^\s<>\"'`、。，．「」『』（）\[\]{}|\\^]+)", re.IGNORECASE)
_KEY = re.compile(
    r"^(?P<mark>[\s>*\-•・●◆■□▪○◎※#]*)(?P<key>[^\s:：*_`#|=<>][^:：|=<>\n]{0,60}?)(?P<close>[*_`】\]]*)\s*(?P<colon>[:：])"
    r"(?!//)[*_`]*\s*(?P<value>\S.*?)\s*$"
)
_BRACKET_KEY = re.compile(r"^\s*[【［\[〔■□●◆]\s*(?P<key>[^】］\]〕\n:：]{1,30}?)\s*[】］\]〕]\s*(?P<value>\S.*?)?\s*$")
_MARK_KEY = re.compile(r"^\s*[■□●◆◇▼○◎]\s*(?P<key>[^\s:：。、]{1,20})(?:[\s　]+(?P<value>\S.*?))?\s*$")
_FIELD_KEY = re.compile(
    r"^\s*:(?P<key>[^\W\d_][^:`\n]{0,40}):\s+(?P<value>\S.*?)\s*$"
)  # a field list of reStructuredText
# A numbered question of a form, or one of those that the templates of many archives put: longer than other keys
_FORM_KEY = re.compile(
    r"^(?P<mark>[\s>*\-•#]*)(?P<number>(?:\d{1,2}|[A-Z])[.)]\s+)?(?P<key>[^\W\d_][^:：|=<>\n]{2,120}?)[*_`]*\s*[:：](?!//)[*_`]*\s*(?P<value>\S.*?)\s*$"
)
_TEMPLATE = re.compile(
    r"(?:information about|links? to|licen[sc]es?(?:/| or )restrictions|recommended citation|geographic location|dates? of|title of)\b",
    re.IGNORECASE,
)
_MOST_WORDS = 16  # of a form's question
_CLOSING = {")": "(", "]": "[", "）": "（"}


@dataclass(frozen=True, slots=True)
class Lines:
    """A text split into lines; columns count characters of a line as decoded."""

    file: str
    lines: tuple[str, ...]

    @classmethod
    def of(cls, file: str, text: str) -> "Lines":
        return cls(file, tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")))

    def place(self, start: int, column: int, end: int, end_column: int) -> LinePlace:
        """From 0-based line ``start`` and column to line ``end`` and column (exclusive); quotes what stands there."""
        if start == end:
            quote = self.lines[start][column:end_column]
        else:
            quote = "\n".join([self.lines[start][column:], *self.lines[start + 1 : end], self.lines[end][:end_column]])
        return LinePlace(self.file, start + 1, end + 1, column, end_column, quote[:MAX_QUOTE])

    def block(self, start: int, end: int) -> LinePlace:
        """The 0-based lines ``start`` to ``end`` (exclusive), without white space around."""
        while end - 1 > start and not self.lines[end - 1].strip():
            end -= 1
        first, last = self.lines[start], self.lines[end - 1]
        return self.place(start, len(first) - len(first.lstrip()), end - 1, len(last.rstrip()))


def read_text(file: File) -> Decoded:
    """The file's text, at most its first ``MAX_TEXT`` bytes."""
    return decode(file.head(MAX_TEXT), truncated=file.size > MAX_TEXT)


def shortcomings(file: File, decoded: Decoded, reader: str) -> Iterator[Evidence]:
    """What keeps a text from being known as it was written: an encoding that could not be told, or its length."""
    if decoded.problem:
        value = {"code": "wrong-encoding", "message": f"read as {decoded.encoding}"}
        yield Evidence("problem", value, FilePlace(file.name), reader)
    if file.size > MAX_TEXT:
        value = {"code": "too-large", "message": f"the first {MAX_TEXT:,} of {file.size:,} bytes"}
        yield Evidence("problem", value, FilePlace(file.name), reader)


def tidy_url(url: str) -> str:
    """A URL without the punctuation of the sentence around it."""
    while url:
        last = url[-1]
        if last in ".,;:!?*_'\"、。»" or (last in _CLOSING and url.count(last) > url.count(_CLOSING[last])):
            url = url[:-1]
        else:
            break
    return url


def links(lines: Lines, start: int, end: int, section: str, reader: str) -> Iterator[Evidence]:
    """Bare URLs and DOIs in the 0-based lines ``start`` to ``end`` (exclusive), with the sentence around as text."""
    for number in range(start, end):
        line = lines.lines[number]
        taken: list[tuple[int, int]] = []
        for match in URL.finditer(line):
            url = tidy_url(match[0])
            taken.append(match.span())
            place = lines.place(number, match.start(), number, match.start() + len(url))
            yield Evidence("link", {"url": url, "text": _around(lines, number), "section": section}, place, reader)
        for match in DOI.finditer(line):
            if any(a <= match.start(1) < b for a, b in taken):
                continue
            doi = tidy_url(match[1])
            place = lines.place(number, match.start(1), number, match.start(1) + len(doi))
            url = f"https://doi.org/{doi}"
            yield Evidence("link", {"url": url, "text": _around(lines, number), "section": section}, place, reader)


def _around(lines: Lines, number: int) -> str:
    """The line with the one before it, for the words that say what a link is."""
    before = lines.lines[number - 1].strip() if number else ""
    return f"{before} {lines.lines[number].strip()}".strip()[-500:]


def key_value(lines: Lines, number: int, section: str, reader: str) -> Evidence | None:
    """``Key: value``, ``**Key:** value``, ``【キー】値`` or ``■キー　値`` on one line, or None."""
    line = lines.lines[number]
    if len(line) > 2_000:
        return None
    match = _FIELD_KEY.match(line) or _KEY.match(line) or _BRACKET_KEY.match(line) or _MARK_KEY.match(line)
    key = match["key"].strip().strip("*_`") if match and match["value"] else ""
    if not is_key(key):
        match = _FORM_KEY.match(line)
        key = match["key"].strip().strip("*_`") if match else ""
        if not match or not _is_question(key, numbered=match["number"] is not None):
            return None
    assert match is not None
    value = match["value"]
    start = match.start("value")
    bare = value.rstrip("*_`").rstrip() if value.count("*") % 2 or value.count("`") % 2 else value
    if not bare:
        return None
    place = lines.place(number, start, number, start + len(bare))
    return Evidence("key-value", {"key": key, "value": bare[:MAX_VALUE], "section": section}, place, reader)


_ALIGNED = re.compile(r"\s*(?P<first>\S+(?: \S+){0,3})(?:\t+| {2,}|　{2,})\s*(?P<rest>\S.*?)\s*$")
_FEWEST_ALIGNED = 3


def aligned(lines: Lines, start: int, end: int, section: str, reader: str) -> Iterator[Evidence]:
    """Lines that blanks or tabs part into columns, as texts set out what is in a file; one such line alone is a chance."""
    found = [(n, m) for n in range(start, end) if (m := _ALIGNED.match(lines.lines[n])) and len(m[0]) < 1_000]
    if len(found) < max(_FEWEST_ALIGNED, (end - start) // 2):
        return
    for number, match in found:
        cells = [match["first"], *(cell.strip() for cell in re.split(r"\t+| {2,}|　{2,}", match["rest"]))]
        if any(c.isalpha() for c in match["rest"]):
            value = {"cells": cells, "header": [], "section": section}
            yield Evidence("table-row", value, lines.block(number, number + 1), reader)


def is_key(key: str) -> bool:
    """A key is short and not a sentence: at most five words, or 20 Japanese characters."""
    if not key or not re.search(r"[^\W\d_]", key):
        return False
    if has_cjk(key):
        return len(key) <= 20 and not re.search(r"[。、はがを]$", key)
    return len(key.split()) <= 5 and len(key) <= 45


def _is_question(key: str, *, numbered: bool) -> bool:
    """Whether a longer key is one of a form: without what its brackets explain, it is short, or words of a known template."""
    bare = re.sub(r"\s*\([^()]*\)", "", key)
    if numbered and is_key(bare):
        return True
    return (_TEMPLATE.match(bare) is not None or (bare != key and is_key(bare))) and len(bare.split()) <= _MOST_WORDS


# ---- blocks that describe a person: the contact information of many templates for README files

CONTACT_HEADER = ["Name", "Affiliation", "ORCID", "Email"]
_NAME_LINE = re.compile(
    r"^[\s>*\-•]*(?:[a-z0-9]{1,2}[.)]\s+)?[*_]*(?:full )?(?:name|氏名|名前)[*_]*\s*[:：][*_]*\s*(?P<value>[^\s*_].{1,100}?)[*_\s]*$",
    re.IGNORECASE,
)
_OF_PERSON = re.compile(
    r"^[\s>*\-•]*(?:[a-z0-9]{1,2}[.)]\s+)?[*_]*(?P<key>institution|affiliation|organi[sz]ation|university|department|address|e-?mail(?: address)?|orcid(?: id)?|phone|"
    r"telephone|website|url|role|position|title|所属(?:機関)?|住所|e?メール(?:アドレス)?|電話)[*_]*\s*[:：][*_]*\s*(?P<value>.*?)[*_\s]*$",
    re.IGNORECASE,
)
_ABOUT_MAKER = re.compile(
    r"investigator|author|creator|associate|researcher|研究者|研究代表者|作成者|著者", re.IGNORECASE
)
_ABOUT_CONTACT = re.compile(r"contact|corresponding|連絡先|問い?合わ?せ", re.IGNORECASE)
_LONGEST_BLOCK, _LONGEST_LINE = 12, 500


def contacts(lines: Lines, reader: str) -> Iterator[Evidence]:
    """Blocks of ``Name: …``, ``Institution: …``, ``Email: …`` as rows of a table of people; the line above says of whom. A block
    that is for contact alone stands under "Contact"."""
    number = 0
    while number < len(lines.lines):
        name = _NAME_LINE.match(lines.lines[number][:_LONGEST_LINE])
        if name is None:
            number += 1
            continue
        told: dict[str, str] = {}
        last = at = number + 1
        while at < len(lines.lines) and at - number <= _LONGEST_BLOCK:
            match = _OF_PERSON.match(lines.lines[at][:_LONGEST_LINE])
            if match:
                told.setdefault(match["key"].lower(), match["value"])
                last = at + 1
            elif lines.lines[at].strip():
                break
            at += 1
        if told:
            home = next((told[k] for k in _HOMES if told.get(k)), "")
            orcid = next((v for k, v in told.items() if k.startswith("orcid")), "")
            mail = next((v for k, v in told.items() if "mail" in k or "メール" in k), "")
            cells = [name["value"], home, orcid, mail]
            value = {"cells": cells, "header": CONTACT_HEADER, "section": _of_whom(lines, number)}
            yield Evidence("table-row", value, lines.block(number, last), reader)
        number = max(last, number + 1)


_HOMES = ("institution", "affiliation", "organization", "organisation", "university", "所属機関", "所属", "department")


def _of_whom(lines: Lines, number: int) -> str:
    """``Authors`` or ``Contact``, by the nearest line above without a value."""
    for above in reversed(lines.lines[max(0, number - 3) : number]):
        bare = above.strip(" \t#*_>-•:：")
        if bare and not _OF_PERSON.match(above[:_LONGEST_LINE]):
            if _ABOUT_CONTACT.search(bare) and not _ABOUT_MAKER.search(bare):
                return "Contact"
            break
    return "Authors"


# Languages in which a short text may well be written. Of the others that the classifier knows many share most of their words with
# one of these (Nigerian Pidgin, Jamaican with English), so that they are told of a long text only.
_COMMON = frozenset(("en", "de", "fr", "es", "pt", "it", "nl", "sv", "da", "no", "fi", "pl", "cs", "sk", "sl", "hr", "bs", "sr", "hu", "ro", "et", "lv", "lt", "id", "ms", "vi", "tr", "ca", "gl", "eu", "is", "ga", "cy", "la", "sq", "af", "sw", "tl", "ru", "uk", "be", "bg", "mk", "el", "he", "ar", "fa", "ur", "hi", "bn", "mr", "ne", "ta", "te", "kn", "ml", "gu", "pa", "si", "th", "lo", "km", "my", "ka", "hy", "am", "mn", "kk", "uz", "zh", "ja", "ko"))  # fmt: skip
_EAST_ASIAN = frozenset(("ja", "zh", "ko"))
_LONG = 400  # letters from which any language may be told
_SURE, _SURE_OF_SHORT, _SURE_OF_ANY = 0.5, 0.7, 0.95
_SHORT = 200


def language_of(text: str, file: str, reader: str) -> Evidence | None:
    """The language of a text of 60 letters or more (20 of kanji), with its probability as ``share``; None where that is in doubt."""
    sample = re.sub(r"\s+", " ", URL.sub(" ", text))[:20_000].strip()
    letters = sum(1 for c in sample if c.isalpha())
    if letters < (20 if has_cjk(sample) else 60):
        return None
    kana = sum(1 for c in sample if "\u3040" <= c <= "\u30ff")
    if script_language(sample) == "ja" and kana / letters > 0.05:
        found: tuple[str, float] | None = ("ja", 1.0)
    else:
        found = classify(sample, letters)
    if found is None:
        return None
    value = {"lang": found[0], "share": round(found[1], 4), "characters": letters}
    return Evidence("text-language", value, FilePlace(file, sample[:80]), reader)


def classify(sample: str, letters: int) -> tuple[str, float] | None:
    """Language code (ISO 639-1 where there is one) and its probability among the languages that the text may be in; None where no
    language is likely enough: the shorter a text, the surer it must be."""
    from shirushi.describe.readers.language_model import identifier

    ranked = [(str(lang), float(share)) for lang, share in identifier().rank(sample)]
    first, share = ranked[0]
    if letters >= _LONG and share >= _SURE_OF_ANY:
        return first, share
    cjk = sum(1 for c in sample if has_cjk(c))
    if 2 * cjk > letters and letters < _SHORT and _in_japanese_letters(sample):
        return None  # kanji alone: names and terms that a Japanese or a Chinese text may hold
    allowed = _EAST_ASIAN if 2 * cjk > letters else _COMMON
    likely = [(lang, part) for lang, part in ranked if lang in allowed]
    total = sum(part for _, part in likely)
    if not total:
        return None
    lang, share = likely[0][0], likely[0][1] / total
    # what the common languages have together may be a sliver of what the others have
    enough = _SURE_OF_SHORT if letters < _SHORT else _SURE
    return (lang, share) if share >= enough and total >= _LEAST else None


_LEAST = 0.2


def _in_japanese_letters(text: str) -> bool:
    """Whether Japanese has all of a text's characters; it lacks most of those that were simplified in China."""
    try:
        text.encode("cp932", "strict")
    except UnicodeEncodeError:
        return False
    return True
