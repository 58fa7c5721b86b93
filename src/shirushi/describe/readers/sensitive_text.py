"""Texts, programs, notebooks and settings that hold what must not be published: keys and passwords, and data about people.

Whom to write to stands in READMEs, papers and headers of programs on purpose, so single addresses are passed over; a list of
them in a log is not on purpose. Tests and examples of software hold keys that open nothing.
"""

import itertools
import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shirushi.describe.evidence import JSON, AttributePlace, Evidence, LinePlace
from shirushi.describe.readers import sensitive_values
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.prose import read_text
from shirushi.describe.readers.screening import evidence_in, said
from shirushi.describe.readers.sensitive_values import MOBILE, Category, credentials

READER = "sensitive/1"
MOST_FOUND = 10_000  # in one file
FEWEST_EMAILS = 10  # different ones: a paper has a handful of authors
FEWEST_PHONES = 3
FEWEST_ADDRESSES = 3
FEWEST_PUBLICATIONS = 5

_OF_TESTS = re.compile(
    r"(?:^|/)(?:tests?|testing|fixtures?|examples?|mocks?|spec|__tests__|testdata|node_modules|vendor)/|(?:^|/)test_",
    re.IGNORECASE,
)
# What these say is looked at in what their readers give: there it stands without tags and commands.
_BY_THEIR_READERS = frozenset({"text/html", "application/xml"})
_PERSONAL_MEDIA = frozenset({"text/plain", "text/x-log", "application/jsonl", "application/sql", "application/yaml"})
_POSTCODE = re.compile(r"〒\s?\d{3}-?\d{4}\s*[^\s\d]{2,3}[都道府県][^\n]{2,60}\d")
_PUBLICATIONS = re.compile(
    r"PMID|doi(?:\.org/|:)|ISSN|^AU  - ", re.IGNORECASE | re.MULTILINE
)  # a bibliography names its authors' addresses
# Tables are looked at column by column; programs speak of people in what they are tested with.
_NOT_PROSE = frozenset({
    "text/csv", "text/tab-separated-values", "text/x-licence", "text/x-python", "text/x-r", "text/x-julia", "text/x-matlab", "text/x-shellscript",
    "text/x-stata", "text/x-spss", "application/json", "application/jsonl", "application/ld+json",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of a file."""

    file: str
    text: str

    def place(self, start: int, end: int, quote: str) -> LinePlace:
        """Where characters ``start`` to ``end`` stand; the quote is masked. Of what goes over several lines the first."""
        number = self.text.count("\n", 0, start) + 1
        begin = self.text.rfind("\n", 0, start) + 1
        line_end = self.text.find("\n", start)
        stop = min(end, line_end if line_end >= 0 else len(self.text))
        return LinePlace(self.file, number, number, start - begin, stop - begin, quote[: stop - start])


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
        yield from _said(text, "credential", credentials(decoded))
    if file.media_type == "application/x-ipynb+json":
        yield from _in_cells(file.name, decoded)
        return
    if file.media_type in _BY_THEIR_READERS:
        return
    for_readers = sensitive_values.is_meant_for_readers(file.name)
    for_readers_only = for_readers or file.media_type in _NOT_PROSE
    told = list(evidence_in(decoded, text.place, for_readers=for_readers_only, lists=False))
    yield from told
    if file.media_type not in _PERSONAL_MEDIA or for_readers:
        return
    known = {item.value["category"] for item in told}
    if "e-mail" not in known and len(_PUBLICATIONS.findall(decoded)) < FEWEST_PUBLICATIONS:
        emails = (match.span() for match in sensitive_values.personal_emails(decoded))
        yield from _said(text, "e-mail", emails, fewest=FEWEST_EMAILS)
    if "phone" not in known:
        yield from _said(text, "phone", (m.span() for m in MOBILE.finditer(decoded)), fewest=FEWEST_PHONES)
    if "postal-address" not in known:
        addresses = (match.span() for match in _POSTCODE.finditer(decoded))
        yield from _said(text, "postal-address", addresses, fewest=FEWEST_ADDRESSES)


def _in_cells(file: str, text: str) -> Iterator[Evidence]:
    """What the cells of a notebook and what they printed say about people; their own reader gives the prose alone."""
    try:
        cells = json.loads(text)["cells"]
        parts = ["\n".join(_strings_of_cell(cell)) for cell in cells]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return
    starts = list(itertools.accumulate((len(part) + 1 for part in parts), initial=0))

    def place(start: int, _: int, quote: str) -> AttributePlace:
        return AttributePlace(file, f"/cells/{bisect_right(starts, start) - 1}", quote=quote)

    yield from evidence_in("\n".join(parts), place, for_readers=sensitive_values.is_meant_for_readers(file))


def _strings_of_cell(cell: dict[str, JSON]) -> Iterator[str]:
    yield _one_text(cell.get("source"))
    for output in cell.get("outputs") or ():
        yield _one_text(output.get("text"))
        yield _one_text((output.get("data") or {}).get("text/plain"))


def _one_text(said: JSON) -> str:
    return "".join(map(str, said)) if isinstance(said, list) else str(said or "")


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


def _said(text: _Text, category: Category, spans: Iterable[tuple[int, int]], *, fewest: int = 1) -> Iterator[Evidence]:
    """One piece of evidence for all of a category, when at least ``fewest`` different ones are there."""
    taken = list(itertools.islice(spans, MOST_FOUND))
    found = [text.text[start:end] for start, end in taken]
    different = dict.fromkeys(found)
    if not taken or len(different) < fewest:
        return
    # secrets are looked for again in what every reader saw, by the names that they have there
    hide = () if category == "credential" else different
    yield said(category, found, hide, text.place, *taken[0])
