"""What single values look like that must not be published by mistake, and how they are masked before anybody keeps them.

Sources: the check digit of マイナンバー is that of 平成26年総務省令第85号 第5条; token prefixes are those that the services
document for secret scanning (GitHub, GitLab, Slack, AWS, Google, Stripe, Hugging Face, npm, PyPI); private keys by RFC 7468.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from json import loads
from typing import Any, Literal

from shirushi.describe.text import LEFT, RIGHT, fold

Category = Literal[
    "personal-name",
    "e-mail",
    "phone",
    "postal-address",
    "precise-location",
    "patient",
    "national-id",
    "payment-card",
    "credential",
]
CATEGORIES: tuple[Category, ...] = (
    "personal-name", "e-mail", "phone", "postal-address", "precise-location", "patient", "national-id", "payment-card", "credential",
)  # fmt: skip
LONGEST_EXAMPLE = 40

EMAIL = re.compile(
    r"(?<![\w.%+\-])[A-Za-z0-9._%+\-]{1,64}@(?:[A-Za-z0-9\-]{1,63}\.){1,6}[A-Za-z]{2,24}(?![\w\-])", re.ASCII
)
_SHARED_MAILBOX = re.compile(
    r"(?:info|contact|admin\w*|support|office|webmaster|postmaster|mail|hello|enquir\w+|inquir\w+|help\w*|service\w*|sales|press|"
    r"no-?reply\w*|team|data|git|user|me|you|your\w*|name|someone|foo|test\w*|noc|abuse|security)[.\-+]?\w*@|"
    r"@(?:[\w\-]+\.)*example\.(?:com|org|net|jp)$|@(?:localhost|users\.noreply\.)|@(?:x|y|foo|bar|domain|test|email)\.",
    re.IGNORECASE,
)
_JA_PHONE = re.compile(
    r"(?<![\d\-])(?:0[5789]0-?\d{4}-?\d{4}|0\d{1,4}-\d{1,4}-\d{4}|0\d{1,4}\(\d{1,4}\)\d{4}|\(0\d{1,4}\)\s?\d{1,4}-\d{4}|"
    r"\+81[ \-]?\d{1,4}[ \-]\d{1,4}[ \-]\d{4})(?![\d\-])",
    re.ASCII,
)
MOBILE = re.compile(r"(?<![\d\-.])0[789]0-\d{4}-\d{4}(?![\d\-])", re.ASCII)
_PHONE = re.compile(
    r"(?:\+\d{1,3}[ \-.]?)?(?:\(\d{2,4}\)\s?|\d{2,4}[ \-.])\d{3,4}[ \-.]\d{3,4}|\+\d[\d \-.()]{7,18}", re.ASCII
)
_ANY_PHONE = re.compile(
    rf"{_JA_PHONE.pattern}|(?<![\w.\-])(?:\+\d{{1,3}}[ \-.]?)?(?:\(\d{{2,4}}\)\s?|\d{{2,4}}[ \-.])\d{{3,4}}[ \-.]\d{{4}}(?![\w\-]|\.\d)",
    re.ASCII,
)
_JA_ADDRESS = re.compile(
    r"(?:[都道府県]|市|区|郡)[^,、。\s]{0,20}?[市区町村][^,、。]{1,30}?(?:\d|[一二三四五六七八九十]+丁目)"
)
STREET = re.compile(
    r"\b\d{1,5}[A-Za-z]?\s+(?:[A-Za-z.'’\-]+\s+){1,4}(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|boulevard|blvd|"
    r"way|close|place|pl|terrace|crescent|square|sq)\b",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"(?:1[89]|20)\d\d[\-/.年]\s?\d{1,2}[\-/.月]\s?\d{1,2}日?(?:[T ].*)?|\d{1,2}[\-/.]\d{1,2}[\-/.](?:(?:1[89]|20)\d\d|\d\d)|(?:1[89]|20)\d{2}(?:0[1-9]|1[0-2])[0-3]\d|"
    r"(?:明治|大正|昭和|平成|令和|[MTSHR])\s?\.?(?:\d{1,2}|元)[年.\-/]\s?\d{1,2}[月.\-/]\s?\d{1,2}日?",
    re.ASCII,
)
_JA_NAME = re.compile(
    r"[\u4e00-\u9fff\u3005\u30f6\u3041-\u3096\u30a1-\u30fa\u30fc]{1,6}[ \u3000・]?[\u4e00-\u9fff\u3005\u3041-\u3096\u30a1-\u30fa\u30fc]{1,6}"
)
_LATIN_PART = r"[^\W\d_][^\W\d_'’.\-]*(?:['’\-][^\W\d_]+)*\.?"
_LATIN_NAME = re.compile(rf"{_LATIN_PART}(?:,?\s+{_LATIN_PART}){{0,3}}")
_FORMAT_OF_SSN = re.compile(r"(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}", re.ASCII)
# Issuers and lengths by ISO/IEC 7812: American Express has fifteen digits; JCB, Mastercard, Visa and Discover sixteen.
_CARD = re.compile(
    r"(?<![\d\-.])(?:3[47]\d{2}[ \-]?\d{6}[ \-]?\d{5}|(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|35[2-8]\d|6011|65\d{2})(?:[ \-]?\d{4}){3})(?![\d\-.]\d|\d)",
    re.ASCII,
)
_TWELVE = re.compile(rf"{LEFT}(?<!\d[\-\s])\d{{4}}[\-\s]?\d{{4}}[\-\s]?\d{{4}}(?![\-\s]?\d){RIGHT}", re.ASCII)

_TOKENS = re.compile(
    r"(?<![A-Za-z0-9_\-])(?:"
    r"(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,}|glpat-[A-Za-z0-9_\-]{20,}|"
    r"xox[abprs]-[0-9A-Za-z\-]{20,}|AIza[0-9A-Za-z_\-]{35}|(?:sk|rk)_live_[0-9A-Za-z]{20,}|sk-ant-[A-Za-z0-9_\-]{30,}|"
    r"sk-(?:proj-)?[A-Za-z0-9_\-]{40,}|hf_[A-Za-z]{34}|npm_[A-Za-z0-9]{36}|pypi-AgEI[A-Za-z0-9_\-]{50,}|"
    r"SG\.[A-Za-z0-9_\-]{20,}\.[A-Za-z0-9_\-]{40,}|ya29\.[A-Za-z0-9_\-]{40,}|dop_v1_[a-f0-9]{64})(?![A-Za-z0-9])",
    re.ASCII,
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ ){0,2}PRIVATE KEY(?: BLOCK)?-----(?=(?:\\n|\s)+[A-Za-z0-9+/:=\-, \s\\]{120})"
)
_LOGIN_IN_URL = re.compile(
    r"(?<![A-Za-z])(?:https?|ftp|sftp|postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis|amqp)://[A-Za-z0-9._\-]{1,40}:(?P<secret>[^\s:/@'\"<>{}$%\[\]]{6,80})@[A-Za-z0-9.\-]+"
)
_PASSWORD = re.compile(
    r"(?:password|passwd|passphrase|pwd)[\"']?\s*(?:=|:|<-|=>)\s*(?P<quote>[\"'])(?P<secret>[^\s\"'<>{}]{6,100})(?P=quote)",
    re.IGNORECASE,
)
# As shells and .env files write it, without quotes; names are in capitals there.
_EXPORTED = re.compile(
    r"^[ \t]*(?:export[ \t]+|set[ \t]+|ENV[ \t]+)?[A-Z][A-Z0-9_]{0,30}?(?P<kind>PASSWORD|PASSWD|PASS|PWD|SECRET|TOKEN|KEY)(?:_[A-Z]{1,8})?="
    r"(?P<secret>[^\s\"'$`<>(){}#]{6,200})[ \t]*(?:#.*)?$",
    re.MULTILINE,
)
_NO_PASSWORD = re.compile(
    r"example|sample|placeholder|change.?me|your|dummy|x{3}|\*{3}|\.{3}|insert|replace|todo|none|null|undefined|getpass|environ|input|required|"
    r"^(?:my|the|db|user|root|admin|test|some|default)?[_\-]?(?:password|passwd|pass|pwd|secret|token|key)[\d!]{0,4}$|^(?:foo|bar|test|abc|1234)\w{0,6}$|^[\[(%$]|^(?:\.{0,2}|~)/",
    re.IGNORECASE,
)
# The keyword first: trying the name before it at every letter of a text takes ten times as long.
_ASSIGNED = re.compile(
    r"(?:api[_\-]?key|secret(?:[_\-]?(?:key|access[_\-]?key))?|access[_\-]?token|auth[_\-]?token|"
    r"password|passwd|client[_\-]?secret|private[_\-]?key)[\"']?\s*(?:=|:|<-|=>)\s*[\"'](?P<secret>[^\s\"'<>{}$]{12,200})[\"']",
    re.IGNORECASE,
)
_IN_KEYWORDS = ("key", "secret", "token", "pass", "pwd")  # one of them is part of each
_LONGEST_NAME = 30
_NAME_BEFORE = re.compile(rf"(?<![A-Za-z])[A-Za-z0-9_\-]{{0,{_LONGEST_NAME}}}\Z", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"example|sample|placeholder|change.?me|your|dummy|secret|password|passwd|xxx|\*\*\*|\.\.\.|1234|abcd|test|todo|insert|replace|"
    r"none|null|env|token|api.?key|foo|bar|^[a-z_\-.]+$|/",
    re.IGNORECASE,
)
# Slashes are part of a key that is long, and mixed as no path is.
_BASE64 = re.compile(r"(?=[^/])(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9+/=]{32,200}")
_FOR_READERS = re.compile(
    r"^(?:read.?me|authors?|contributors?|contributing|maintainers|codeowners|citation|licen[cs]e|copying|notice|changelog|changes|history|news|"
    r"security|code.of.conduct|acknowledge?ments?|thanks|credits|package|package-lock|composer|cargo|pyproject|setup|description|metadata)(?:\W|$)",
    re.IGNORECASE,
)
_RANDOM = 3.4  # bits for each character: below it are words


def mask(value: str) -> str:
    """What may be kept of a value: the first letter of each word of two or more, and where the other characters were.

    Digits all go: a few of them, beside a name, are enough to recognise a number by.
    """
    text = " ".join(unicodedata.normalize("NFC", value).split())[:LONGEST_EXAMPLE]
    return re.sub(r"[^\W\d_]+|\d+", lambda run: _mask_run(run[0]), text)


def mask_secret(value: str) -> str:
    """What may be kept of a key or password: the sign that tells its kind (``ghp_``), if it has one. The first letters of its
    parts, as of a name, would be a good share of it."""
    kind = re.match(r"[A-Za-z]{2,8}[_-](?=.{12})", value)
    return (kind[0] if kind else "") + "*" * min(12, len(value))


def _mask_run(run: str) -> str:
    return run[0] + "*" * (len(run) - 1) if len(run) > 1 and run[0].isalpha() else "*" * len(run)


@cache
def words(name: str) -> frozenset[str]:
    """A list of ``data/sensitive.json``, folded; ``headers/phone`` is one inside another."""
    found: Any = loads(files("shirushi.describe").joinpath("data", "sensitive.json").read_text("utf-8"))
    for part in name.split("/"):
        found = found[part]
    return frozenset(fold(word) for word in found)


def is_meant_for_readers(file: str) -> bool:
    """Whether a file names people on purpose, by its name: README, AUTHORS, CITATION, package.json …"""
    return _FOR_READERS.match(file.rsplit("/", 1)[-1]) is not None


def is_my_number(text: str) -> bool:
    """Whether twelve digits are a マイナンバー by their check digit; blanks and hyphens between them are passed over."""
    digits = re.sub(r"[\s\-]", "", text)
    if not (len(digits) == 12 and digits.isascii() and digits.isdigit()) or len(set(digits)) == 1:
        return False
    body = [int(digit) for digit in reversed(digits[:11])]
    remainder = sum(p * (n + 1 if n <= 6 else n - 5) for n, p in enumerate(body, start=1)) % 11
    return int(digits[11]) == (0 if remainder <= 1 else 11 - remainder)


def my_numbers(text: str) -> Iterator[re.Match[str]]:
    return (match for match in _TWELVE.finditer(text) if is_my_number(match[0]))


def is_card_number(text: str) -> bool:
    """Whether digits are the number of a payment card: of an issuer, of the right length, with a right check digit."""
    return _CARD.fullmatch(text.strip()) is not None and _has_luhn_digit(text)


def card_numbers(text: str) -> Iterator[re.Match[str]]:
    return (match for match in _CARD.finditer(text) if _has_luhn_digit(match[0]))


def _has_luhn_digit(text: str) -> bool:
    digits = [int(digit) for digit in reversed(text) if digit.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return len(set(digits)) > 1 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def is_ssn(text: str) -> bool:
    """United States social security numbers, in the groups of three, two and four that were ever issued."""
    return _FORMAT_OF_SSN.fullmatch(text) is not None


def is_personal_email(text: str) -> bool:
    """An e-mail address that is neither a shared mailbox nor an example."""
    return EMAIL.fullmatch(text) is not None and not _SHARED_MAILBOX.search(text)


def personal_emails(text: str) -> Iterator[re.Match[str]]:
    return (match for match in EMAIL.finditer(text) if not _SHARED_MAILBOX.search(match[0]))


def phones(text: str) -> Iterator[re.Match[str]]:
    """Phone numbers that are written as such: with hyphens or brackets where Japan puts them, or in groups."""
    seen = 0
    for match in _ANY_PHONE.finditer(text):
        if match.start() >= seen:
            seen = match.end()
            yield match


def is_phone(text: str, *, named: bool) -> bool:
    """A phone number by its shape; where the column is ``named`` so, seven to fifteen digits are enough."""
    text = unicodedata.normalize("NFKC", text).strip()
    if _JA_PHONE.fullmatch(text) or _PHONE.fullmatch(text):
        return True
    digits = re.sub(r"[\s+()\-.]", "", text)
    return named and digits.isdigit() and 7 <= len(digits) <= 15 and not re.fullmatch(r"-?\d+\.\d+", text)


def is_address(text: str) -> bool:
    """Down to the house: a Japanese address with a number behind the town, or a number and a street."""
    text = unicodedata.normalize("NFKC", text)
    return _JA_ADDRESS.search(text) is not None or STREET.search(text) is not None


def is_day(text: str) -> bool:
    return _DAY.fullmatch(unicodedata.normalize("NFKC", text).strip()) is not None


def has_shape_of_name(text: str) -> bool:
    """Letters only, of the length and form of a name, in either script."""
    text = unicodedata.normalize("NFKC", text).strip()
    if not 1 <= len(text) <= 40:
        return False
    if _JA_NAME.fullmatch(text) or re.fullmatch(r"[\u4e00-\u9fff]", text):
        return True
    return _LATIN_NAME.fullmatch(text) is not None and any(character.isupper() for character in text)


def has_parts_of_name(text: str) -> bool:
    """A family and a given name by their form: two to four words with a capital each, or two runs of kanji or kana."""
    text = unicodedata.normalize("NFKC", text).strip()
    if not has_shape_of_name(text):
        return False
    parts = re.split(r"[\s,・]+", text)
    return (len(parts) >= 2 and all(not part[0].isascii() or part[0].isupper() for part in parts if part)) or _is_known(
        text
    )


def _is_known(text: str) -> bool:
    return not text.isascii() and is_known_name(text)


def is_known_name(text: str) -> bool:
    """A name whose parts dictionaries know as those of people: a family and a given name in Japanese, a common given name."""
    text = unicodedata.normalize("NFKC", text).strip()
    if not has_shape_of_name(text):
        return False
    if text.isascii() or not re.search("[\u3040-\u30ff\u4e00-\u9fff]", text):
        parts = [part.strip(".,").lower() for part in re.split(r"[\s,]+", text)]
        return len(parts) >= 2 and bool(words("given_names") & set(parts))
    return _is_japanese_person(text)


@cache
def _tokenizer() -> Any:
    from sudachipy import Dictionary, SplitMode  # 60 MB: only where a column may be names

    return Dictionary(dict="small").create(SplitMode.A)


def _is_japanese_person(text: str) -> bool:
    kinds = [token.part_of_speech() for token in _tokenizer().tokenize(text) if token.surface().strip(" ・\u3000")]
    people = [kind[3] for kind in kinds if kind[2] == "人名"]
    return len(kinds) in (2, 3) and len(people) == len(kinds) and "姓" in people and "名" in people


def credentials(text: str) -> Iterator[tuple[int, int]]:
    """Where keys, tokens and passwords stand (start, end). What documents put as an example is not one."""
    for pattern in (_TOKENS, _PRIVATE_KEY):
        for match in pattern.finditer(text):
            if "EXAMPLE" not in match[0] and (pattern is _PRIVATE_KEY or len(set(match[0][8:])) > 8):
                yield match.span()
    if "://" in text:
        yield from (match.span("secret") for match in _LOGIN_IN_URL.finditer(text) if is_secret(match["secret"]))
    if not _has_any(text, _IN_KEYWORDS):
        return
    at = 0
    while found := _ASSIGNED.search(text, at):
        at = found.end() if (named := _ends_a_name(text, found.start())) else found.start() + 1
        if named and is_secret(found["secret"]):
            yield found.span("secret")
    for match in _PASSWORD.finditer(text):
        if is_password(match["secret"]):
            yield match.span("secret")
    for match in _EXPORTED.finditer(text):
        said = match["secret"]
        if is_password(said) if match["kind"].startswith(("PASS", "PWD")) else is_secret(said):
            yield match.span("secret")


def _has_any(text: str, words: Iterable[str]) -> bool:
    """Whether one of some words stands in a text, in capitals or not: much quicker than a pattern that finds none."""
    folded = text.casefold()
    return any(word in folded for word in words)


def _ends_a_name(text: str, end: int) -> bool:
    """Whether what stands before a keyword is at most the beginning of a name: ``MY_APP_`` of ``MY_APP_PASSWORD``."""
    return _NAME_BEFORE.search(text[max(0, end - _LONGEST_NAME - 1) : end]) is not None


def is_secret(text: str) -> bool:
    """Whether a value looks drawn at random: letters and digits mixed, and no word of a placeholder in it."""
    mixed = re.search(r"[A-Za-z]", text) and re.search(r"\d", text)
    if _BASE64.fullmatch(text) and "example" not in text.lower() and _entropy(text) >= _RANDOM:
        return True
    return bool(mixed) and not _PLACEHOLDER.search(text) and _entropy(text) >= min(_RANDOM, math.log2(len(text)) * 0.8)


def is_password(text: str) -> bool:
    """Whether a value that is called a password may be one: a word in letters alone names it, or says what it is."""
    return (
        re.search(r"[A-Za-z]", text) is not None
        and re.search(r"[^A-Za-z_.\-]", text) is not None
        and not _NO_PASSWORD.search(text)
    )


def _entropy(text: str) -> float:
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())
