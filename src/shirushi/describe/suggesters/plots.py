"""Units that scripts write on axes, for the columns of the tables that they read: ``ylabel("Water level [m]")`` of ``level``."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath

from shirushi.describe.evidence import Evidence
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.suggesters.quantities import spelled_out, words_of
from shirushi.describe.text import fold

_SHORT = {
    "t": "time",
    "temp": "temperature",
    "p": "pressure",
    "v": "velocity",
    "z": "depth",
    "x": "x",
    "y": "y",
    "conc": "concentration",
}


def plotted(seen: EvidenceSet) -> Iterator[Evidence]:
    """Rows of a codebook from the labels of axes. A label that fits several columns, or two that differ, tell nothing."""
    labels: defaultdict[str, list[Evidence]] = defaultdict(list)
    for item in seen.of("plot-label"):
        if item.value.get("axis") and item.value.get("unit"):
            labels[item.place.file].append(item)
    if not labels:
        return
    columns: defaultdict[str, list[str]] = defaultdict(list)
    for item in seen.of("column"):
        columns[fold(PurePosixPath(item.place.file).name)].append(str(item.value["name"]))
    found: defaultdict[tuple[str, str], dict[str, Evidence]] = defaultdict(dict)
    for script, items in labels.items():
        read = {
            fold(PurePosixPath(str(e.value["path"])).name) for e in seen.in_file(script) if e.kind == "script-reads"
        }
        for table in read & set(columns):
            for item in items:
                fitting = [name for name in columns[table] if _speaks_of(item.value["text"], name)]
                if len(fitting) == 1:
                    found[table, fitting[0]][fold(item.value["unit"])] = item
    for (table, name), units in found.items():
        if len(units) == 1:
            item = next(iter(units.values()))
            value = {"variable": name, "unit": item.value["unit"], "file": table}
            yield Evidence("codebook-row", value, item.place, item.reader)


def _speaks_of(label: str, name: str) -> bool:
    """Whether a label holds all the words of a column's name, short ones spelled out."""
    said = set(re.findall(r"[^\W_]+", fold(label)))
    words = [fold(word) for word in words_of(spelled_out(name) or name)]
    return bool(words) and all(word in said or _SHORT.get(word) in said for word in words)
