"""The instrument benchmark: real exports against their expected Allotrope Simple Model JSON.

usage: python bench/instruments.py [--cases DIR] [--verbose]

``DIR`` holds ``index.tsv`` (allotropy_vendor, input_path, expected_path, ...) and a folder for each vendor. Prints, vendor by
vendor: files recognised by content alone as what they are; files whose JSON is exact, and differing leaves of the rest; files
under ``errors/`` that are refused; and, without any vendor's parser, the share of metadata values (device model, serial number,
software, analyst, day, method, detection, plate, wavelength) that the reader of header blocks finds, and how many it says that
the expected JSON does not hold. Each file is given under a neutral name in a folder of its own, so that no name helps.
"""

import argparse
import csv
import json
import math
import re
import shutil
import tempfile
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shirushi.describe.identify import identify
from shirushi.describe.readers import allotrope
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.instrument_keys import ENOUGH, facts, score
from shirushi.describe.readers.instrument_pairs import pairs_of
from shirushi.describe.readers.instruments import of_facts
from shirushi.describe.suggesters.instruments import day_of

CASES = Path(__file__).resolve().parents[2] / "shared" / "bench" / "instruments"
# Key of the standard model → the sort of value that the generic reader calls it
SORTS = {
    "model number": "model", "device identifier": "model", "equipment serial number": "serial_number", "software name": "software",
    "software version": "version", "analyst": "analyst", "measurement time": "time", "detection type": "detection",
    "method identifier": "method", "analytical method identifier": "method", "experiment type": "method", "assay identifier": "method",
    "well plate identifier": "plate", "source well plate identifier": "plate", "destination well plate identifier": "plate",
}  # fmt: skip
NOTHING = frozenset(("", "n/a", "unknown", "none", "not applicable"))
# Identifiers inside texts: the expected JSON counts them, a release makes them anew each time
_MADE_ANEW = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Z0-9_]+_TEST_ID_\d+")
FAMILY = {"detection": "absorbance|fluorescence|luminescence"}


def leaves(document: Any, path: str = "", key: str = "") -> Iterator[tuple[str, str, Any]]:
    if isinstance(document, dict):
        for name, item in document.items():
            yield from leaves(item, f"{path}/{name}", name)
    elif isinstance(document, list):
        for number, item in enumerate(document):
            yield from leaves(item, f"{path}/{number}", key)
    else:
        yield path, key, document


def comparable(document: Any) -> dict[str, Any]:
    """Leaves by path, without identifiers (made anew each time), paths of files and the converter's version."""
    return {
        path: value
        for path, key, value in leaves(document)
        if not (key.endswith("identifier") or key in ("UNC path", "file name") or key.startswith("ASM converter"))
    }


def differing(made: Any, expected: Any) -> int:
    ours, theirs = comparable(made), comparable(expected)
    return sum(not _same(ours.get(path), theirs.get(path)) for path in ours.keys() | theirs.keys())


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-9)
    if isinstance(one, str) and isinstance(other, str):
        return _MADE_ANEW.sub("id", one) == _MADE_ANEW.sub("id", other)
    return bool(one == other)


def plain(sort: str, value: Any) -> str:
    text = str(value).casefold().strip()
    if sort == "time":
        return day_of(text) or _day(text)
    if sort == "detection":
        return next(iter(re.findall(FAMILY["detection"], text)), text)
    return re.sub(r"\W+", "", re.sub(r"^(?:s/?n|version)\s+", "", text))


def _day(text: str) -> str:
    """A day written with slashes as a set of numbers, since which comes first is not said."""
    match = re.search(r"(\d{1,4})[/\-.](\d{1,2})[/\-.](\d{2,4})", text)
    return "-".join(sorted(part.lstrip("0").removeprefix("20") for part in match.groups())) if match else text


def told(document: Any) -> dict[str, set[str]]:
    """The values of each sort that the expected JSON holds."""
    found: dict[str, set[str]] = defaultdict(set)
    for path, key, value in leaves(document):
        sort = SORTS.get(key)
        if key == "value" and "wavelength setting/" in path:
            found["wavelength"].add(f"{value:g}nm")
        elif sort and str(value).casefold() not in NOTHING:
            found[sort].add(plain(sort, value))
            if sort == "time":
                found[sort].add(_day(str(value)[:10]))
    return found


def said(file: File) -> dict[str, set[str]]:
    """The values of each sort that the generic reader says."""
    known = facts(pairs_of(file))
    found: dict[str, set[str]] = defaultdict(set)
    for item in of_facts(known) if score(known) >= ENOUGH else ():
        if item.kind == "measurement":
            found[item.value["property"]].add(plain(item.value["property"], item.value["value"]))
        elif item.kind == "software-used":
            found["software"].add(plain("software", item.value["name"]))
            if "version" in item.value:
                found["version"].add(plain("version", item.value["version"]))
        else:
            for part in ("model", "serial_number"):
                if part in item.value:
                    found[part].add(plain(part, item.value[part]))
    return found


def generic(file: File, expected: Any, tally: Counter[str], wrong: list[str]) -> None:
    """A sort counts as found when one of its values is; a value that agrees with none of its sort is wrong where the expected JSON
    has that sort, and merely more than it tells where it has none."""
    wanted, given = told(expected), said(file)
    for sort in wanted:
        tally[f"wanted {sort}"] += 1
        tally[f"found {sort}"] += any(_agree(a, b) for a in wanted[sort] for b in given.get(sort, ()))
    for sort, values in given.items():
        for value in values:
            if any(_agree(value, other) for other in wanted.get(sort, ())):
                tally["right"] += 1
            elif wanted.get(sort):
                tally["wrong"] += 1
                wrong.append(f"{file.name}: {sort} {value!r}, expected {sorted(wanted[sort])[:3]}")
            else:
                tally["more"] += 1


def _agree(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) > 3 and (one in other or other in one))


def given(source: Path, folder: Path, number: int) -> File:
    """A copy of a file under a name that says nothing but its ending."""
    path = folder / f"export{number}{source.suffix}"
    shutil.copyfile(source, path)
    what = identify(path, path.name)
    return File(path, path.name, path.stat().st_size, what.media_type, what.format)


def cases(folder: Path) -> Iterator[tuple[str, str, Path, Path]]:
    with (folder / "index.tsv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            source = folder / row["vendor"] / row["input_path"].partition("/testdata/")[2]
            expected = folder / row["vendor"] / row["expected_path"].partition("/testdata/")[2]
            if source.is_file() and expected.is_file():
                yield row["vendor"], row["allotropy_vendor"], source, expected


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=Path, default=CASES)
    parser.add_argument("--verbose", action="store_true", help="name what is wrong")
    arguments = parser.parse_args()
    if not (arguments.cases / "index.tsv").is_file():
        print(f"skipped: no instrument cases at {arguments.cases}")
        return 0
    warnings.simplefilter("ignore")
    total: Counter[str] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        vendors: dict[str, Counter[str]] = defaultdict(Counter)
        for number, (vendor, parser_name, source, expected) in enumerate(cases(arguments.cases)):
            file = given(source, Path(scratch), number)
            _one(file, source, parser_name, json.loads(expected.read_text("utf-8")), vendors[vendor], wrong)
        for number, source in enumerate(sorted(arguments.cases.glob("*/errors/*")), start=10_000):
            counts = vendors[source.parts[-3]]
            counts["errors"] += 1
            counts["refused"] += allotrope.is_installed() and _made(given(source, Path(scratch), number)) is None
    print(f"{'vendor':34} files  gate  right  exact  leaves off  no vendor parser: found/wanted  wrong  more")
    for vendor, counts in sorted(vendors.items()):
        total.update(counts)
        print(_row(vendor, counts))
    print(_row("all", total))
    print(f"refused {total['refused']} of {total['errors']} files with errors")
    for sort in sorted({key.split()[1] for key in total if key.startswith("wanted ")}):
        print(f"  {sort:14} {total[f'found {sort}']:3} of {total[f'wanted {sort}']:3} files")
    if arguments.verbose:
        print("\n".join(wrong))
    return 0


def _one(file: File, source: Path, parser_name: str, expected: Any, counts: Counter[str], wrong: list[str]) -> None:
    counts["files"] += 1
    counts["gate"] += allotrope.may_be_export(file)
    # Which parser claims a file is asked under neutral names; some parsers read a date or a device in the name of what is theirs
    named = File(source, source.name, file.size, file.media_type, file.format)
    made = (_made(file) or _made(named)) if allotrope.is_installed() and allotrope.may_be_export(file) else None
    if made is not None and made.vendor == parser_name:
        counts["recognised"] += 1
        off = differing((_made(named) or made).document, expected)
        counts["exact"] += off == 0
        counts["off"] += off
    elif made is not None:
        wrong.append(f"{source.name}: taken for {made.vendor}")
    generic(file, expected, counts, wrong)


def _made(file: File) -> allotrope.Recognised | None:
    try:
        return allotrope.convert(file)
    except Unreadable:
        return None


def _row(name: str, counts: Counter[str]) -> str:
    wanted = sum(n for key, n in counts.items() if key.startswith("wanted "))
    found = sum(n for key, n in counts.items() if key.startswith("found "))
    return (
        f"{name:34} {counts['files']:5} {counts['gate']:5} {counts['recognised']:6} {counts['exact']:6} {counts['off']:11}"
        f"  {found:22}/{wanted:<6} {counts['wrong']:6} {counts['more']:5}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
