"""Texts, programs, notebooks and settings that hold what must not be published: keys and passwords, and data about people.

Whom to write to stands in READMEs, papers and headers of programs on purpose, so single addresses are passed over; a list of
them in a log is not on purpose. Tests and examples of software hold keys that open nothing.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from shirushi.describe.evidence import AttributePlace, Evidence, LinePlace
from shirushi.describe.readers import sensitive_values
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.prose import read_text
from shirushi.describe.readers.sensitive_values import MOBILE, Category, mask, mask_secret

READER = "sensitive/1"
EXAMPLES = 3
MOST_FOUND = 10_000  # in one file
FEWEST_EMAILS = 10  # different ones: a paper has a handful of authors
FEWEST_PHONES = 3
FEWEST_ADDRESSES = 3
FEWEST_PUBLICATIONS = 5
_WINDOW = 40  # characters before a number in which it is called by its name

_OF_TESTS = re.compile(
    r"(?:^|/)(?:tests?|testing|fixtures?|examples?|mocks?|spec|__tests__|testdata|node_modules|vendor)/|(?:^|/)test_",
    re.IGNORECASE,
)
_PERSONAL_MEDIA = frozenset({"text/plain", "text/x-log", "application/jsonl", "application/sql", "application/yaml"})
_POSTCODE = re.compile(r"〒\s?\d{3}-?\d{4}\s*[^\s\d]{2,3}[都道府県][^\n]{2,60}\d")
_MY_NUMBER_NAMED = re.compile(r"マイナンバー|個人番号|my ?number", re.IGNORECASE)
_PATIENT = re.compile(
    r"(?:患者氏名|患者名|受診者氏名|患者\s?ID|患者番号|カルテ番号|patient(?:'s)?[ _]name|patient[ _]id|medical record (?:number|no\.?)|MRN)\s*[:：]\s*"
    r"(?P<value>[^\s,、。;:：<>{}\[\]\"'|*_…]{2,40}(?:[ \u3000][^\s,、。;:：<>{}\[\]\"'|*_…]{1,20})?)",
    re.IGNORECASE,
)
_PUBLICATIONS = re.compile(
    r"PMID|doi(?:\.org/|:)|ISSN|^AU  - ", re.IGNORECASE | re.MULTILINE
)  # a bibliography names its authors' addresses
_NO_VALUE = re.compile(
    r"^(?:anon\w*|xxx+|n/?a|none|null|unknown|匿名|非公開|なし|記入|入力|str|string|int|integer|text|varchar|the|a|an|is|unique|identifier|number|code|名前|番号|数字|文字列)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of a file."""

    file: str
    text: str

    def place(self, start: int, end: int, masking: Callable[[str], str]) -> LinePlace:
        """Where characters ``start`` to ``end`` stand; the quote is masked. Of what goes over several lines the first."""
        number = self.text.count("\n", 0, start) + 1
        begin = self.text.rfind("\n", 0, start) + 1
        line_end = self.text.find("\n", start)
        stop = min(end, line_end if line_end >= 0 else len(self.text))
        return LinePlace(self.file, number, number, start - begin, stop - begin, masking(self.text[start:stop]))


@reads(
    "text/*", "application/json", "application/jsonl", "application/ld+json", "application/yaml", "application/toml",
    "application/xml", "application/sql", "application/x-tex", "application/x-ipynb+json",
)  # fmt: skip
def read_sensitive_text(file: File) -> Iterator[Evidence]:
    """``sensitive`` evidence, one for each category that occurs, at the first place where it does."""
    if file.size == 0:
        return
    decoded = read_text(file).text.replace("\r\n", "\n").replace("\r", "\n")
    text = _Text(file.name, decoded)
    if not _OF_TESTS.search(file.name):
        yield from _said(text, "credential", _credentials(decoded))
    yield from _said(text, "national-id", _my_numbers(decoded))
    if file.media_type == "text/x-licence" or sensitive_values.is_meant_for_readers(file.name):
        return
    if file.media_type in _PERSONAL_MEDIA | {"text/markdown"}:
        yield from _said(text, "patient", _patients(decoded))
    if file.media_type in _PERSONAL_MEDIA:
        if len(_PUBLICATIONS.findall(decoded)) < FEWEST_PUBLICATIONS:
            emails = (match.span() for match in sensitive_values.personal_emails(decoded))
            yield from _said(text, "e-mail", emails, fewest=FEWEST_EMAILS)
        yield from _said(text, "phone", (m.span() for m in MOBILE.finditer(decoded)), fewest=FEWEST_PHONES)
        addresses = (match.span() for match in _POSTCODE.finditer(decoded))
        yield from _said(text, "postal-address", addresses, fewest=FEWEST_ADDRESSES)


@reads("image/jpeg", "image/tiff", "image/png", "image/webp")
def read_photograph(file: File) -> Iterator[Evidence]:
    """Where a camera says that it stood, as ``sensitive`` evidence: a home, or a rare plant."""
    from shirushi.describe.readers import images  # which texts do not need

    try:
        with images.open_image(file) as image:
            seen = images.attributes(image)
    except (Unreadable, OSError, ValueError, SyntaxError):
        return  # the reader of images says what is wrong with it
    by_camera = any(f"EXIF:{name}" in seen for name in ("Make", "Model", "DateTimeOriginal"))
    latitude = seen.get("GPS:GPSLatitude")
    if by_camera and isinstance(latitude, list) and any(latitude):
        value = {"category": "precise-location", "count": 1}
        yield Evidence("sensitive", value, AttributePlace(file.name, "GPS:GPSLatitude"), READER)


def _said(text: _Text, category: Category, spans: Iterator[tuple[int, int]], *, fewest: int = 1) -> Iterator[Evidence]:
    """One piece of evidence for all of a category, when at least ``fewest`` different ones are there."""
    first: tuple[int, int] | None = None
    count = 0
    different: set[str] = set()
    for start, end in spans:
        first = first or (start, end)
        count += 1
        different.add(text.text[start:end][:200])
        if count == MOST_FOUND:
            break
    if first is None or len(different) < fewest:
        return
    masking = mask_secret if category == "credential" else mask
    shown = sorted({masking(one) for one in different})[:EXAMPLES]
    value = {"category": category, "count": count, "examples_masked": shown}
    yield Evidence("sensitive", value, text.place(*first, masking), READER)


def _credentials(text: str) -> Iterator[tuple[int, int]]:
    yield from sensitive_values.credentials(text)


def _my_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Numbers with a right check digit that are called マイナンバー just before: one in eleven is right by chance."""
    if not _MY_NUMBER_NAMED.search(text):
        return
    for match in sensitive_values.my_numbers(text):
        if _MY_NUMBER_NAMED.search(text[max(0, match.start() - _WINDOW) : match.start()]):
            yield match.span()


def _patients(text: str) -> Iterator[tuple[int, int]]:
    for match in _PATIENT.finditer(text):
        if not _NO_VALUE.match(match["value"]):
            yield match.span("value")
