"""Which files a script reads and writes, and what its plots say on their axes, from literal texts in its calls.

One line is looked at at a time, and nothing is run: a name that is put together while the script runs is not seen.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from shirushi.describe.readers.units import split_header

MOST_LINE = 500
_MOST = 300
_LITERAL = re.compile(r"(?P<mark>[rRuUbBfF]{0,2})(?P<quote>[\"'])(?P<text>(?:(?!(?P=quote)).){1,300})(?P=quote)")
_NAME = re.compile(r"[^\0-\x1f<>|?*{}$`\"';=]{1,280}\.[A-Za-z][A-Za-z0-9]{0,9}")
_NO_FILE = re.compile(r"://|%[-\d.]*[a-z]|\\[ntd(]|^\.\w+$|\s{2}")

_READS: Mapping[str, str] = {
    "text/x-python": r"(?:\w+\.)*(?:read_(?!text\b)\w+|open_(?:dataset|mfdataset|dataarray|zarr|datatree)|loadtxt|genfromtxt|fromfile|imread|"
    r"load_workbook|loadmat|load|File|Dataset|ZipFile|open|read)",
    "text/x-r": r"(?:[\w.]+::)?(?:read[._]\w+(?:\.\w+)?|readRDS|readLines|load|fread|st_read|rast|raster|stack|brick|vect|nc_open|readOGR|"
    r"read_excel|scan|open_dataset|readxl)",
    "text/x-julia": r"(?:\w+\.)?(?:read|File|load|readdlm|open|NCDataset|h5open|matread|jldopen|readtable)",
    "text/x-matlab": r"(?:load|readtable|readmatrix|readtimetable|readcell|csvread|xlsread|dlmread|imread|ncread|ncinfo|h5read|fopen|"
    r"audioread|importdata|fitsread|VideoReader|edfread)",
    "text/x-stata": r"(?:use|insheet\s+using|import\s+\w+|infile|infix|(?:merge|append|joinby)\b[^\"']*\busing)",
    "text/x-spss": r"(?:GET\s+(?:FILE|DATA|SAS|STATA)\b[^\"']*|/FILE\s*|MATCH\s+FILES[^\"']*)",
}  # fmt: skip
_WRITES: Mapping[str, str] = {
    "text/x-python": r"(?:\w+\.)*(?:to_(?!string\b|datetime\b|numeric\b)\w+|savefig|savetxt|savez(?:_compressed)?|save|imsave|imwrite|savemat|dump|"
    r"write_\w+|writeto|write)",
    "text/x-r": r"(?:[\w.]+::)?(?:write[._]\w+(?:\.\w+)?|saveRDS|save|ggsave|fwrite|st_write|writeRaster|sink|pdf|png|jpeg|tiff|svg|"
    r"save_plot|writeLines|writexl)",
    "text/x-julia": r"(?:\w+\.)?(?:write|save|savefig|writedlm|matwrite|jldsave)",
    "text/x-matlab": r"(?:save|writetable|writematrix|writecell|csvwrite|xlswrite|dlmwrite|saveas|savefig|imwrite|print|exportgraphics|"
    r"audiowrite|nccreate|h5create|h5write|ncwrite)",
    "text/x-stata": r"(?:save|saveold|outsheet\b[^\"']*\busing|export\s+\w+(?:[^\"']*\busing)?|graph\s+export)",
    "text/x-spss": r"(?:(?:SAVE|EXPORT|XSAVE)\b[^\"']*\bOUTFILE\s*|SAVE\s+TRANSLATE\b[^\"']*|/OUTFILE\s*)",
}  # fmt: skip
_COMMANDS = frozenset(
    {"text/x-stata", "text/x-spss"}
)  # languages whose commands have no parentheses around what they take


def _call(pattern: str, media_type: str) -> re.Pattern[str]:
    if media_type == "text/x-stata":
        return re.compile(rf"^\s*(?:qui(?:etly)?\s+|cap(?:ture)?\s+)*{pattern}\s*(?=[\"'\w])", re.IGNORECASE)
    if media_type == "text/x-spss":
        return re.compile(rf"^\s*{pattern}[=\s]*", re.IGNORECASE)
    return re.compile(rf"(?<![\w.]){pattern}\(")


_READ_CALLS = {media_type: _call(pattern, media_type) for media_type, pattern in _READS.items()}
_WRITE_CALLS = {media_type: _call(pattern, media_type) for media_type, pattern in _WRITES.items()}

_LABELS = {"xlabel": "x", "xlab": "x", "xtitle": "x", "ylabel": "y", "ylab": "y", "ytitle": "y", "zlabel": "z", "zlab": "z",
    "clabel": "colour", "cblabel": "colour", "title": "", "suptitle": "", "ggtitle": "", "main": "", "subtitle": ""}  # fmt: skip
_LABEL = re.compile(
    r"(?:(?P<call>(?<![\w])(?:set_)?(?:[xyz]label|suptitle|ggtitle|[xyz]lab|[xy]title|title|clabel)!?\s*\()|"
    r"(?:(?<=[(,])\s*|^\s+)(?P<word>[xyz]label|[xyz]lab|title|subtitle|main|clabel)\s*=)\s*(?:label\s*=\s*|s\s*=\s*)?"
    r"(?P<mark>[rRuUbBfF]{0,2})(?P<quote>[\"'])(?P<text>(?:(?!(?P=quote)).){2,200})(?P=quote)"
)
_LABS = re.compile(r"(?<![\w.])labs\s*\(")
_LABS_ITEM = re.compile(
    r"(?:(?<=[(,])|^)\s*(?P<word>x|y|title|subtitle|colou?r|fill)\s*=\s*(?P<quote>[\"'])(?P<text>(?:(?!(?P=quote)).){2,200})(?P=quote)"
)


@dataclass(frozen=True, slots=True)
class Fact:
    """``kind`` is script-reads, script-writes or plot-label; its words stand at ``start`` to ``end`` of the line."""

    kind: str
    value: dict[str, str]
    start: int
    end: int


@dataclass(slots=True)
class Watcher:
    """Looks at the lines of one script in order. It says each thing once, and remembers an open ``labs(`` of ggplot2."""

    media_type: str
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _open: int = 0

    def facts(self, line: str) -> Iterator[Fact]:
        """What one line says, comments not left out: the caller knows which lines those are."""
        if len(line) > MOST_LINE:
            return
        for fact in (*self._files(line), *self._labels(line)):
            key = (fact.kind, next(iter(fact.value.values())))
            if key not in self._seen and len(self._seen) < _MOST:
                self._seen.add(key)
                yield fact

    def _files(self, line: str) -> Iterator[Fact]:
        for calls, kind in ((_WRITE_CALLS, "script-writes"), (_READ_CALLS, "script-reads")):
            pattern = calls.get(self.media_type)
            for match in pattern.finditer(line) if pattern else ():
                if (found := self._name(line, match.end())) is None:
                    continue
                start, end = found
                named = match[0].rstrip("(").rpartition(".")[2]
                writes = named == "open" and re.match(r"[\"']\s*,\s*(?:mode\s*=\s*)?[\"'][wax]", line[end:])
                yield Fact("script-writes" if writes else kind, {"path": line[start:end]}, start, end)

    def _name(self, line: str, start: int) -> tuple[int, int] | None:
        """Where the first literal text among a call's arguments stands that is a file's name."""
        stop = len(line) if self.media_type in _COMMANDS else _closing(line, start)
        bare = re.compile(r"[\w./\\-]+").match(line, start)
        if self.media_type == "text/x-stata" and bare and is_file_name(bare[0]):
            return bare.span()
        for literal in _LITERAL.finditer(line, max(0, start - 1 if self.media_type in _COMMANDS else start), stop):
            if "f" not in literal["mark"].lower() and is_file_name(literal["text"]):
                return literal.span("text")
        return None

    def _labels(self, line: str) -> Iterator[Fact]:
        for match in _LABEL.finditer(line):
            name = (match["call"] or match["word"]).strip(" (!").removeprefix("set_")
            if "f" not in match["mark"].lower():
                yield from _label(match, _LABELS.get(name, ""))
        begin = _LABS.search(line)
        if begin or self._open > 0:
            start = begin.end() if begin else 0
            for match in _LABS_ITEM.finditer(line, start - 1 if begin else 0):
                yield from _label(match, {"x": "x", "y": "y", "title": "", "subtitle": ""}.get(match["word"], "colour"))
            bare = _LITERAL.sub("", line[start:])
            self._open = max(0, (1 if begin else self._open) + bare.count("(") - bare.count(")"))


def _label(match: re.Match[str], axis: str) -> Iterator[Fact]:
    text = match["text"]
    if not re.search(r"[^\W\d_]{2}", text) or re.fullmatch(r"[\w./-]*\.\w{1,5}", text):
        return
    unit = split_header(text)[1] if axis else None
    value = {"text": text, **({"axis": axis} if axis else {}), **({"unit": unit} if unit else {})}
    yield Fact("plot-label", value, match.start("text"), match.end("text"))


def _closing(line: str, start: int) -> int:
    """Where the call ends that is open at ``start``, or the line's end. Parentheses in texts do not count."""
    depth, quote = 1, ""
    for position in range(start, len(line)):
        character = line[position]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        else:
            depth += (character == "(") - (character == ")")
            if depth == 0:
                return position
    return len(line)


def is_file_name(text: str) -> bool:
    """Whether a literal text can be a file's name: it has an ending, and is no address, pattern or format."""
    return _NAME.fullmatch(text) is not None and _NO_FILE.search(text) is None and not text.endswith((".com", ".org"))
