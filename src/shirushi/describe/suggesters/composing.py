"""A description composed from what was read where nobody wrote one: each sentence rests on evidence, and says only what it shows."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from shirushi.describe.evidence import Evidence
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.suggesters.bids_names import participants

MOST_TABLES = 4
MOST_COLUMNS = 12
MOST_ARRAYS = 8
MOST_INSTRUMENTS = 4
_ASIDE = frozenset(("text/x-licence", "application/x-git-authors", "text/markdown", "text/plain"))


@dataclass(frozen=True, slots=True)
class Composed:
    """Sentences in one text, and the evidence they rest on, in their order."""

    text: str
    evidence: tuple[Evidence, ...]


def composed(seen: EvidenceSet, language: str) -> Composed | None:
    """What the folder holds: its files, tables with their columns, arrays with their names, the time and area that data cover."""
    ja = language.startswith("ja")
    told = [*participants(seen, ja=ja), *_tables(seen, ja=ja), *_arrays(seen, ja=ja), *_instruments(seen, ja=ja)]
    if not told:
        return None
    told = [*_files(seen, ja=ja), *told, *_time(seen, ja=ja)]
    evidence: dict[int, Evidence] = {id(item): item for _, items in told for item in items}
    return Composed(("" if ja else " ").join(sentence for sentence, _ in told), tuple(evidence.values()))


Sentence = tuple[str, list[Evidence]]


def _files(seen: EvidenceSet, *, ja: bool) -> Iterator[Sentence]:
    files = [e for e in seen.of("file") if e.value.get("media_type") not in _ASIDE]
    formats = Counter(str(e.value.get("format") or "") for e in files)
    named = [f"{count:,} {name}" for name, count in formats.most_common(3) if name and name != "unknown"]
    if not named:
        return
    firsts = [
        next(e for e in files if e.value.get("format") == name)
        for name, _ in formats.most_common(3)
        if name and name != "unknown"
    ]
    listed = "、".join(named) if ja else ", ".join(named)
    noun = "file" if len(files) == 1 else "files"
    yield (f"{len(files):,} 個のファイル（{listed}）からなる。" if ja else f"{len(files):,} {noun} ({listed})."), firsts


def _tables(seen: EvidenceSet, *, ja: bool) -> Iterator[Sentence]:
    tables = sorted(seen.of("table"), key=lambda e: (e.place.file.count("/"), -(e.value.get("rows") or 0)))
    for table in tables[:MOST_TABLES]:
        sheet = table.value.get("sheet")
        columns = [c for c in seen.in_file(table.place.file) if c.kind == "column" and c.value.get("sheet") == sheet]
        if not columns:
            continue
        names = [_named(c) for c in columns[:MOST_COLUMNS]]
        more = len(columns) - len(names)
        name = PurePosixPath(table.place.file).name + (f" ({sheet})" if sheet else "")
        rows = table.value.get("rows")
        if ja:
            size = f"{rows:,} 行、" if isinstance(rows, int) else ""
            listed = "、".join(names) + (f"ほか {more} 列" if more else "")
            yield f"{name} は{size}{len(columns)} 列の表（{listed}）。", [table, *columns[:MOST_COLUMNS]]
        else:
            size = f"{rows:,} rows and " if isinstance(rows, int) else ""
            listed = ", ".join(names) + (f" and {more} more" if more else "")
            yield f"{name} is a table of {size}{len(columns)} columns: {listed}.", [table, *columns[:MOST_COLUMNS]]


def _named(column: Evidence) -> str:
    name = str(column.value.get("label") or column.value["name"]).strip()
    unit = column.value.get("unit")
    return f"{name} ({unit})" if unit else name


def _arrays(seen: EvidenceSet, *, ja: bool) -> Iterator[Sentence]:
    by_name: dict[str, Evidence] = {}
    for item in seen.of("array"):
        if item.reader.startswith("nifti/"):
            continue  # its array is an image, not a variable
        by_name.setdefault(str(item.value.get("long_name") or item.value["name"]), item)
    chosen = list(by_name.items())[:MOST_ARRAYS]
    if chosen:
        names = [f"{name} ({item.value['unit']})" if item.value.get("unit") else name for name, item in chosen]
        more = len(by_name) - len(chosen)
        if ja:
            yield "変数：" + "、".join(names) + (f"ほか {more}" if more else "") + "。", [item for _, item in chosen]
        else:
            yield (
                "Variables: " + ", ".join(names) + (f" and {more} more" if more else "") + ".",
                [item for _, item in chosen],
            )


def _instruments(seen: EvidenceSet, *, ja: bool) -> Iterator[Sentence]:
    """What the files say they were made with, the most named first."""
    by_name: dict[str, list[Evidence]] = {}
    for item in seen.of("instrument"):
        said = item.value
        name = " ".join(str(said[key]) for key in ("manufacturer", "model") if said.get(key)) or str(
            said.get("name", "")
        )
        if name:
            by_name.setdefault(f"{name} ({said['type']})" if said.get("type") else name, []).append(item)
    chosen = sorted(by_name.items(), key=lambda pair: -len(pair[1]))[:MOST_INSTRUMENTS]
    if chosen:
        names = [name for name, _ in chosen]
        text = f"使用機器：{'、'.join(names)}。" if ja else f"Made with {', '.join(names)}."
        yield text, [items[0] for _, items in chosen]


def _time(seen: EvidenceSet, *, ja: bool) -> Iterator[Sentence]:
    ranges = [e for e in seen.of("time-range") if e.value.get("start") and e.value.get("end")]
    if ranges:
        first = min(ranges, key=lambda e: str(e.value["start"]))
        last = max(ranges, key=lambda e: str(e.value["end"]))
        start, end = str(first.value["start"])[:10], str(last.value["end"])[:10]
        if start == end:
            text = f"データは {start} のもの。" if ja else f"The data are of {start}."
        else:
            text = f"データの期間は {start} から {end} まで。" if ja else f"The data cover {start} to {end}."
        yield text, [first, last]
