"""What stands above the numbers in the files of some archives and instruments, and names their columns.

PANGAEA's ``/* DATA DESCRIPTION: … */``, Sea-Bird's ``# name 0 = prDM: Pressure [db]`` to ``*END*``, and lists in comments
(``# 1: depth (m)``, ``# column 2 = temperature``).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shirushi.describe.evidence import JSON
from shirushi.describe.readers.units import is_unit, split_header

MOST_LINES = 5_000
_NAMED = re.compile(
    r"^\s*[#%!;*/]+\s*(?:(?:column|col|field|variable|var|name|parameter|列)s?\.?\s*)?[\[(]?(?P<number>\d{1,3})[\])]?\s*[:=.)\-]\s*(?P<said>[^\W\d].*?)\s*$",
    re.IGNORECASE,
)
_SHORT = re.compile(r"^(?P<name>[^\s:]{1,40}):\s+(?P<label>.+)$")
_PARAMETER = re.compile(
    r"^(?:Parameter\(s\):)?\s*(?P<label>[^\[\]*]+?)\s*(?:\[(?P<unit>[^\[\]]+)\])?\s*\((?P<name>[^()]+)\)\s*(?:\*|$)"
)


@dataclass(frozen=True, slots=True)
class Declared:
    """A column as the text above says it is."""

    name: str
    unit: str | None
    label: str | None


def length(lines: Sequence[str]) -> int:
    """How many lines a preamble with a sign for its end takes; 0 where there is none."""
    first = lines[0].strip() if lines else ""
    if first.startswith("/*"):
        end = next((n for n, line in enumerate(lines[:MOST_LINES]) if line.rstrip().endswith("*/")), -1)
    elif re.match(r"\*+\s*sea-?bird", first, re.IGNORECASE):
        end = next((n for n, line in enumerate(lines[:MOST_LINES]) if line.strip() == "*END*"), -1)
    else:
        return 0
    return end + 1


def declared(remarks: Sequence[str], width: int) -> list[Declared]:
    """The columns that comments number one by one, when they are as many as the table has; else []."""
    found: dict[int, str] = {}
    for remark in remarks:
        if match := _NAMED.match(remark):
            found[int(match["number"])] = match["said"]
    numbers = sorted(found)
    if len(found) != width or width < 2 or numbers not in (list(range(width)), list(range(1, width + 1))):
        return []
    return [_column(found[number]) for number in numbers]


def _column(said: str) -> Declared:
    match = _SHORT.match(said)
    name, label = (match["name"], match["label"]) if match else (said, None)
    text, unit = split_header(label or said)
    inner = re.search(r"\[([^\[\]]*)\]\s*$", label or said)
    if unit is None and inner:  # [ITS-90, deg C]
        unit = next(
            (part.strip() for part in reversed(inner[1].split(",")) if is_unit(part.strip().replace("deg C", "degC"))),
            None,
        )
    return Declared(name.strip(), unit, text if label else None)


def parameters(lines: Sequence[str]) -> Iterator[tuple[int, dict[str, JSON]]]:
    """(0-based line, value of ``codebook-row``) of PANGAEA's list of parameters."""
    inside = False
    for number, line in enumerate(lines[:MOST_LINES]):
        inside = line.startswith("Parameter(s):") or (inside and line[:1] in "\t ")
        match = _PARAMETER.match(line) if inside else None
        if match:
            value = {"variable": match["name"], "description": match["label"].strip()}
            yield number, value | ({"unit": match["unit"]} if match["unit"] else {})
