"""Licence texts: which licence a file holds, where it starts, and whether a notice allows later versions.

A file is looked at closely when its name says that it is a licence or its first words speak of one. Three witnesses,
the surest first: the full text (:mod:`.licence_match`), a notice that stands for the text (``SPDX-License-Identifier``,
the Apache header, the GNU notice), and the title of a licence in another language than the SPDX list has it in.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from shirushi.describe.evidence import Evidence
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.licence_match import Match, match
from shirushi.describe.readers.prose import Lines
from shirushi.describe.text import decode

READER = "licences/1"
_MOST_BYTES = 300_000
_NAMED = re.compile(r"licen[cs]|copying|lizenz|unlicense|ライセンス|利用規約|利用条件|terms", re.IGNORECASE)
_SPEAKS = re.compile(
    r"permission is hereby granted|redistribution and use in source|creative commons|public domain|"
    r"terms and conditions|general public license|open government licen[cs]e|open data commons|"
    r"spdx-license-identifier|licensed under the apache|利用規約|標準利用",
    re.IGNORECASE,
)

_SPDX_TAG = re.compile(r"SPDX-License-Identifier:\s*([A-Za-z0-9.+-]+(?:\s+(?:OR|AND|WITH)\s+[A-Za-z0-9.+-]+)*)")
_APACHE = re.compile(r"Licensed\s+under\s+the\s+Apache\s+License,\s+Version\s+2\.0")
_GNU = re.compile(
    r"GNU\s+(?:(?P<family>Lesser|Library|Affero)\s+)?General\s+Public\s+License\s*,?\s*(?:as\s+published\s+by\s+the\s+"
    r"Free\s+Software\s+Foundation)?[\s,;]*(?P<either>either\s+)?version\s+(?P<version>[123](?:\.\d)?)",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"\bany\s+later\s+version|\bor\s+\(at\s+your\s+option\)\s+any\s+later|\bor\s+later\b", re.IGNORECASE
)
_FAMILIES = {"": "GPL", "lesser": "LGPL", "library": "LGPL", "affero": "AGPL"}
_GNU_VERSIONS = {"GPL": ("1.0", "2.0", "3.0"), "LGPL": ("2.0", "2.1", "3.0"), "AGPL": ("1.0", "3.0")}

# The elements of the Creative Commons licences in their own translations: (NonCommercial, NoDerivatives, ShareAlike)
# beside the word for Attribution, as the titles on creativecommons.org spell them.
_CC_TITLES: tuple[tuple[str, str, str, str], ...] = (
    ("Namensnennung", r"Nicht[\s-]*kommerziell", r"Keine\s+Bearbeitung", r"Weitergabe\s+unter\s+gleichen\s+Bedingungen"),
    ("表示", "非営利", "改変禁止", "継承"),
    ("Attribution", r"Non[\s-]*Commercial|Pas\s+d.Utilisation\s+Commerciale", r"No[\s-]*Deriv|Pas\s+de\s+Modification",
     r"Share[\s-]*Alike|Partage\s+dans\s+les\s+M[êe]mes\s+Conditions"),
    (r"Atribuci[óo]n|Reconocimiento", r"No[\s-]*Comercial", r"Sin\s*(?:Obra\s*)?Derivad[ao]s?", r"Compartir\s*Igual"),
    (r"Atribui[çc][ãa]o", r"N[ãa]o\s*Comercial", r"Sem\s*Deriva[çc][õo]es", r"Compartilha\s*Igual"),
    (r"署名", r"非商业性使用", r"禁止演绎", r"相同方式共享"),
)  # fmt: skip
_CC_VERSION = re.compile(r"\s([1-4]\.[0-9])(?:\s|$)")
_TITLE_LINES = 12
_SHORT = 5_000  # characters of a licence file that states a licence in its own words
_FULL_TEXT = 3_000  # characters: a translated legal code is longer, a sentence about one is shorter

# Terms of the Japanese government; not on the SPDX list, so under LicenseRef names.
_JAPANESE_TERMS = (
    (
        re.compile(r"公共データ利用規約[（(]第\s*([0-9０-９.．]+)\s*版"),
        "LicenseRef-PDL-{}",
        "公共データ利用規約（第{}版）",
    ),
    (
        re.compile(r"政府標準利用規約[（(]第\s*([0-9０-９.．]+)\s*版"),
        "LicenseRef-GJSTU-{}",
        "政府標準利用規約（第{}版）",
    ),
)
_JAPANESE_TERMS_WORDS = ("出典", "第三者", "利用", "コンテンツ", "準拠法", "免責")


@reads(
    "text/x-licence", "text/plain", "text/markdown", "text/x-rst", version=1
)  # fmt: skip
def read_licence(file: File) -> Iterator[Evidence]:
    """``licence-text`` evidence, one for each licence whose text or notice stands in the file; and the paragraphs of a short
    licence file that has no such text, since it says in its own words what is allowed."""
    if file.size > _MOST_BYTES:
        return
    text = decode(file.head(_MOST_BYTES)).text
    if not (file.media_type == "text/x-licence" or _NAMED.search(file.name) or _SPEAKS.search(text)):
        return
    pages = _Offsets(Lines.of(file.name, text), text)
    found = match(text)
    for licence in found:
        yield pages.evidence(_with_notice(licence, text), licence.score, licence.name, licence.start, licence.end)
    if not found:
        yield from _notices(pages, text)
        if file.media_type == "text/x-licence" and len(text) <= _SHORT:
            yield from pages.paragraphs()


def _with_notice(licence: Match, text: str) -> str:
    """The text of a GNU licence is the same for -only and -or-later; a notice outside of it tells."""
    if not licence.spdx.endswith("-only"):
        return licence.spdx
    outside = text[: licence.start] + "\n" + text[licence.end :]
    # After the text itself stand its instructions, which always speak of later versions as an example.
    before_instructions = re.split(r"How to Apply These Terms", outside, maxsplit=1)[0]
    return licence.spdx.replace("-only", "-or-later") if _LATER.search(before_instructions) else licence.spdx


def _notices(pages: "_Offsets", text: str) -> Iterator[Evidence]:
    """What stands for a licence where its text does not."""
    for tag in _SPDX_TAG.finditer(text):
        yield pages.evidence(" ".join(tag[1].split()), 1.0, tag[1], tag.start(), tag.end())
        return
    if apache := _APACHE.search(text):
        yield pages.evidence("Apache-2.0", 0.95, "Apache License 2.0", apache.start(), apache.end())
    elif gnu := _gnu_notice(text):
        yield pages.evidence(*gnu)
    elif title := _translated_title(text):
        yield pages.evidence(*title)
    elif terms := _japanese_terms(text):
        yield pages.evidence(*terms)


_Found = tuple[str, float, str, int, int]


def _gnu_notice(text: str) -> _Found | None:
    """The notice "under the terms of the GNU ... version N of the License, or (at your option) any later version"."""
    notice = _GNU.search(text)
    if notice is None:
        return None
    family = _FAMILIES[(notice["family"] or "").lower()]
    version = notice["version"] if "." in notice["version"] else f"{notice['version']}.0"
    if version not in _GNU_VERSIONS[family]:
        return None
    later = _LATER.search(text, notice.end(), notice.end() + 200)
    suffix = "or-later" if later or notice["either"] else "only"
    end = later.end() if later else notice.end()
    return f"{family}-{version}-{suffix}", 0.9, f"GNU {family} {version}", notice.start(), end


def _translated_title(text: str) -> _Found | None:
    """A Creative Commons legal code in another language than English, by its title and its length."""
    if len(text) < _FULL_TEXT or not re.search(
        r"creative\s+commons|クリエイティブ・コモンズ|知识共享", text, re.IGNORECASE
    ):
        return None
    offset = 0
    for line in text.splitlines(keepends=True)[:_TITLE_LINES]:
        if spdx := _cc_of_title(line):
            start = offset + len(line) - len(line.lstrip())
            return spdx, 0.9, line.strip()[:200], start, offset + len(line.rstrip())
        offset += len(line)
    return None


def _cc_of_title(line: str) -> str | None:
    version = _CC_VERSION.search(line)
    if version is None or len(line) > 200:
        return None
    for attribution, *others in _CC_TITLES:
        if re.search(attribution, line, re.IGNORECASE):
            parts = [
                part
                for part, word in zip(("NC", "ND", "SA"), others, strict=True)
                if re.search(word, line, re.IGNORECASE)
            ]
            return "-".join(["CC-BY", *parts, version[1]])
    return None


def _japanese_terms(text: str) -> _Found | None:
    """The Japanese government's standard terms, when the file holds terms and not only their name."""
    if sum(word in text for word in _JAPANESE_TERMS_WORDS) < len(_JAPANESE_TERMS_WORDS) // 2 + 1:
        return None
    for pattern, spdx, name in _JAPANESE_TERMS:
        if found := pattern.search(text):
            version = found[1].translate(str.maketrans("０１２３４５６７８９．", "0123456789."))
            return spdx.format(version), 0.85, name.format(version), found.start(), found.end()
    return None


class _Offsets:
    """From offsets in the decoded text to places in its lines."""

    def __init__(self, lines: Lines, text: str) -> None:
        self._lines = lines
        self._text = text
        self._starts = [0, *accumulate(len(part) for part in _split(text))]

    def evidence(self, spdx: str, score: float, name: str, start: int, end: int) -> Evidence:
        first, last = self._line(start), self._line(max(start, end - 1))
        place = self._lines.place(first, start - self._starts[first], last, end - self._starts[last])
        return Evidence("licence-text", {"spdx": spdx, "score": score, "name": name}, place, READER)

    def paragraphs(self) -> Iterator[Evidence]:
        """The blocks of lines between empty ones, for whoever reads statements in prose."""
        lines = self._lines.lines
        starts = [i for i, line in enumerate(lines) if line.strip() and (i == 0 or not lines[i - 1].strip())]
        for start in starts:
            end = next((i for i in range(start, len(lines)) if not lines[i].strip()), len(lines))
            words = " ".join(" ".join(lines[start:end]).split())
            value = {"text": words, "section": "License"}
            yield Evidence("paragraph", value, self._lines.block(start, end), READER)

    def _line(self, offset: int) -> int:
        return bisect_right(self._starts, offset) - 1


def _split(text: str) -> Sequence[str]:
    """Lines with their ends, at the same line ends as :class:`Lines`."""
    return re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
