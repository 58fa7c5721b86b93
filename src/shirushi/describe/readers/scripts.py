"""Programs and notebooks beside data: what their header says, which packages they load, which files they read and write, and
what their plots say. Nothing is run or compiled."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from shirushi.describe.evidence import JSON, AttributePlace, Evidence
from shirushi.describe.readers import positions
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.positions import Located
from shirushi.describe.readers.prose import URL, Lines, key_value, links, read_text, tidy_url
from shirushi.describe.readers.script_facts import Watcher
from shirushi.describe.text import decode

READER = "scripts/1"
_MOST_NOTEBOOK = 12_000_000
_MOST_HEADER = 120  # lines
_MOST_IMPORTS = 200
_SHEBANG = re.compile(r"#!|.*coding[:=]")
_DUNDER = re.compile(r"^__(author|version|license|copyright|email|credits|maintainer)__\s*=\s*(['\"])(.+?)\2")
_DOCSTRING = re.compile(r"[rRuU]?(\"\"\"|''')")
_HEADING = re.compile(r"(#{1,6})\s+(\S.*?)\s*#*\s*$")


@dataclass(frozen=True, slots=True)
class _Language:
    """``comment`` starts a comment line; ``loads`` finds package names (groups hold one or a list with commas)."""

    comment: str
    loads: re.Pattern[str]
    own: frozenset[str] = frozenset()


_PYTHON_OWN = frozenset(
    ["os", "sys", "re", "json", "csv", "math", "time", "datetime", "random", "collections", "itertools", "functools", "pathlib", "typing", "subprocess", "glob", "shutil", "argparse", "logging", "pickle", "io", "string", "copy", "warnings", "abc", "enum", "dataclasses", "unittest", "tempfile", "threading", "multiprocessing", "statistics", "struct", "urllib", "gzip", "zipfile", "hashlib", "uuid", "operator", "inspect", "traceback", "contextlib", "configparser", "textwrap", "platform", "socket", "queue", "heapq", "bisect", "decimal", "fractions", "__future__", "ast"]
)  # fmt: skip
_LANGUAGES: Mapping[str, _Language] = {
    "text/x-python": _Language("#", re.compile(r"^\s*(?:import\s+([\w., ]+)|from\s+([\w.]+)\s+import\b)"), _PYTHON_OWN),
    "text/x-r": _Language(
        "#",
        re.compile(
            r"(?:\b(?:library|require|requireNamespace|loadNamespace)\(\s*[\"']?([A-Za-z][\w.]*)|\b([A-Za-z][\w.]+)::)"
        ),
    ),
    "text/x-julia": _Language("#", re.compile(r"^\s*(?:using|import)\s+([\w., ]+)")),
    "text/x-matlab": _Language("%", re.compile(r"(?!)")),
    "text/x-shellscript": _Language("#", re.compile(r"(?!)")),
    "text/x-stata": _Language("*", re.compile(r"^\s*ssc\s+install\s+(\w+)")),
    "text/x-spss": _Language("*", re.compile(r"(?!)")),
}


@reads(*_LANGUAGES, version=1)
def read_script(file: File) -> Iterator[Evidence]:
    """Paragraphs, ``key: value`` pairs and links of the header (leading comments, a module's docstring), and packages."""
    language = _LANGUAGES[file.media_type]
    lines = Lines.of(file.name, read_text(file).text)
    start, end, bare = _header(lines, language.comment)
    text = Lines(file.name, tuple(bare if start <= n < end else "" for n, bare in enumerate(bare)))
    yield from _paragraphs(lines, text, start, end)
    for number in range(start, end):
        if (pair := key_value(text, number, "", READER)) and (
            column := lines.lines[number].find(pair.value["value"])
        ) >= 0:
            place = lines.place(number, column, number, column + len(pair.value["value"]))
            yield Evidence("key-value", pair.value, place, READER)
    yield from links(lines, start, end, "", READER)
    yield from _dunders(lines)
    yield from _packages(lines, language)
    yield from _facts(lines, file.media_type, language.comment)


def _facts(lines: Lines, media_type: str, comment: str) -> Iterator[Evidence]:
    """Files read and written, labels of plots, of the lines that are no comments."""
    watcher = Watcher(media_type)
    for number, line in enumerate(lines.lines):
        if not line.lstrip().startswith((comment, "//")):
            for fact in watcher.facts(line):
                place = lines.place(number, fact.start, number, fact.end)
                yield Evidence(fact.kind, fact.value, place, READER)


_FENCE = re.compile(r"\s*(`{3,}|~{3,})\s*\{\s*(r|python|julia)\b", re.IGNORECASE)


@reads("text/markdown", version=1)
def read_chunks(file: File) -> Iterator[Evidence]:
    """The code chunks of an R Markdown or Quarto document, as of a script."""
    if not file.name.lower().endswith((".rmd", ".qmd")):
        return
    lines = Lines.of(file.name, read_text(file).text)
    chunks: dict[str, list[str]] = {}
    fence, kind = "", ""
    for number, line in enumerate(lines.lines):
        opened = None if fence else _FENCE.match(line)
        if opened:
            fence, kind = opened[1], f"text/x-{opened[2].lower()}"
        elif fence and line.strip() == fence:
            fence = ""
        elif fence:
            chunks.setdefault(kind, [""] * len(lines.lines))[number] = line
    for media_type, rows in chunks.items():
        code = Lines(file.name, tuple(rows))
        yield from _packages(code, _LANGUAGES[media_type])
        yield from _facts(code, media_type, "#")


def _header(lines: Lines, comment: str) -> tuple[int, int, list[str]]:
    """First line and end (exclusive, 0-based) of the header, and all lines without the marks of comments."""
    start = 0
    rows = lines.lines
    while start < len(rows) and (not rows[start].strip() or _SHEBANG.match(rows[start])):
        start += 1
    quote = _DOCSTRING.match(rows[start].strip()) if start < len(rows) and comment == "#" else None
    end = start
    if quote:
        mark = quote[1]
        opened = rows[start].split(mark, 1)[1]
        end = start + 1
        while mark not in opened and end < len(rows) and end - start < _MOST_HEADER:
            opened, end = rows[end], end + 1
        return start, end, [row.replace(mark, " ") for row in rows]
    while (
        end < len(rows)
        and end - start < _MOST_HEADER
        and (
            rows[end].lstrip().startswith((comment, "//", "/*") if comment == "*" else comment) or not rows[end].strip()
        )
    ):
        end += 1
    return (
        start,
        end,
        [
            row.lstrip().lstrip(comment + ("/" if comment == "*" else "'")).replace("===", "").replace("---", "")
            for row in rows
        ],
    )


_BYLINE = re.compile(
    r"\s*(?:(?:written|created|developed|authored|made|coded|prepared|modified|updated)\s+)?(?:by|on)\b|\s*(?:copyright|©|\(c\))|\s*作成",
    re.IGNORECASE,
)


def _paragraphs(lines: Lines, text: Lines, start: int, end: int) -> Iterator[Evidence]:
    """Runs of header lines with words."""
    first = None
    for number in range(start, end + 1):
        filled = number < end and bool(re.search(r"[^\W\d_]{2}", text.lines[number]))
        if filled and key_value(text, number, "", READER) is not None:
            filled = False  # "Author: …" is a pair, no part of what stands around it
        if filled and first is not None and _BYLINE.match(text.lines[number]):
            words = " ".join(" ".join(text.lines[first:number]).split())
            yield Evidence("paragraph", {"text": words, "section": ""}, lines.block(first, number), READER)
            first = number
        if filled and first is None:
            first = number
        elif not filled and first is not None:
            words = " ".join(" ".join(text.lines[first:number]).split())
            yield Evidence("paragraph", {"text": words, "section": ""}, lines.block(first, number), READER)
            first = None


def _dunders(lines: Lines) -> Iterator[Evidence]:
    """``__author__ = "…"`` and its like."""
    for number, line in enumerate(lines.lines[:400]):
        if found := _DUNDER.match(line):
            place = lines.place(number, found.start(3), number, found.end(3))
            yield Evidence("key-value", {"key": found[1], "value": found[3], "section": ""}, place, READER)


def _packages(lines: Lines, language: _Language) -> Iterator[Evidence]:
    seen: set[str] = set()
    for number, line in enumerate(lines.lines):
        if len(line) > 500 or line.lstrip().startswith(language.comment):
            continue
        for name in _names(line, language):
            if name not in seen and len(seen) < _MOST_IMPORTS:
                seen.add(name)
                column = max(0, line.find(name))
                place = lines.place(number, column, number, column + len(name))
                yield Evidence("software-used", {"name": name}, place, READER)


def _names(line: str, language: _Language) -> Iterator[str]:
    for match in language.loads.finditer(line):
        listed = next((group for group in match.groups() if group), "")
        for part in listed.split(","):
            name = part.split(" as ")[0].split(":")[0].strip().split(".")[0]
            if re.fullmatch(r"[A-Za-z][\w]*(?:\.\w+)*", name) and name not in language.own:
                yield name


# ---- notebooks


@reads("application/x-ipynb+json", version=1)
def read_notebook(file: File) -> Iterator[Evidence]:
    """Headings, paragraphs and links of the Markdown cells, packages that the code cells load, the language they run in."""
    if file.size > _MOST_NOTEBOOK:
        raise Unreadable("too-large", f"a notebook of more than {_MOST_NOTEBOOK:,} bytes is not read")
    located = positions.read_json(decode(file.head(_MOST_NOTEBOOK)).text)
    data = located.data if isinstance(located.data, dict) else {}
    info = positions.at(data, "/metadata/language_info") or {}
    name = str(info.get("name", "python")).lower() if isinstance(info, dict) else "python"
    if isinstance(info, dict) and info.get("version"):
        value = {"name": name, "version": str(info["version"])}
        yield Evidence("software-used", value, _place(file, located, "/metadata/language_info/version"), READER)
    media_type = f"text/x-{name}" if f"text/x-{name}" in _LANGUAGES else "text/x-python"
    language, watcher = _LANGUAGES[media_type], Watcher(media_type)
    section, seen = "", set[str]()
    cells = data.get("cells")
    for number, cell in enumerate(cells if isinstance(cells, list) else []):
        kind = cell.get("cell_type") if isinstance(cell, dict) else ""
        for pointer, line in _source(cell, f"/cells/{number}/source"):
            place = _place(file, located, pointer)
            if kind == "markdown":
                for evidence in _markdown(line, section, place):
                    section = evidence.value["text"] if evidence.kind == "heading" else section
                    yield evidence
            elif kind == "code":
                fresh = [package for package in _names(line, language) if package not in seen]
                seen.update(fresh)
                yield from (Evidence("software-used", {"name": package}, place, READER) for package in fresh)
                if not line.lstrip().startswith(language.comment):
                    yield from (Evidence(fact.kind, fact.value, place, READER) for fact in watcher.facts(line))


def _source(cell: JSON, pointer: str) -> Iterator[tuple[str, str]]:
    """(pointer, line) of a cell's source, which is a list of lines or one text."""
    source = cell.get("source") if isinstance(cell, dict) else None
    if isinstance(source, list):
        yield from ((f"{pointer}/{i}", line) for i, line in enumerate(source) if isinstance(line, str))
    elif isinstance(source, str):
        yield from ((pointer, line) for line in source.splitlines())


def _place(file: File, located: Located, pointer: str) -> AttributePlace:
    spot = located.spot(pointer)
    return AttributePlace(file.name, pointer, spot.line, spot.quote)


def _markdown(line: str, section: str, place: AttributePlace) -> Iterator[Evidence]:
    words = line.strip()
    if not words or words.startswith(("```", "|", "<", "$$")):
        return
    if heading := _HEADING.match(words):
        yield Evidence("heading", {"text": heading[2], "level": len(heading[1])}, place, READER)
        return
    item = re.match(r"(?:[*+-]|\d+[.)])\s+(.*)", words)
    plain = re.sub(r"[*`]{1,3}", "", item[1] if item else words)
    yield Evidence("list-item" if item else "paragraph", {"text": plain, "section": section}, place, READER)
    if pair := key_value(Lines(place.file, (plain,)), 0, section, READER):  # "**Author:** Olga Petrova"
        yield replace(pair, place=place)
    for url in URL.findall(words):
        yield Evidence("link", {"url": tidy_url(url), "text": plain[:500], "section": section}, place, READER)
