"""Exact numbers in place of sampled ones: every row of a large table is read by DuckDB, after the describing.

It takes as long as reading the whole file takes, so it is a step of its own: ``describe(..., exact=True)``, and a job in the
background of the web application. What it finds replaces the numbers of ``table``, ``column``, ``time-range`` and ``coordinates``
evidence, which then say ``sampled: false``. Tables that cannot be read this way keep what the sample said, and a problem says so.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from shirushi.describe.description import Problem
from shirushi.describe.evidence import JSON, CellPlace, Evidence
from shirushi.describe.isolate import MIB, Failure, Limits, Pool
from shirushi.describe.problems import problem
from shirushi.describe.readers.columns import Column, Profile, pairs, time_ranges

PROFILE = "shirushi.describe.profiling:profile"
READER = "exact/1"
LIMITS = Limits(seconds=120, memory=1024 * MIB)
SLOWEST = 5_000_000  # bytes a second: a file may take as long as this says, and the limit
_RANGE = ("minimum", "maximum", "histogram", "quantiles")
_REPLACED = ("minimum", "maximum", "histogram", "distinct", "quantiles", "approximate", "missing", "count", "type")

Ask = Callable[[Mapping[str, JSON]], JSON | Failure]


def is_wanted(evidence: Iterable[Evidence]) -> bool:
    """Whether there is a table whose numbers come from a sample and could be had exactly."""
    return any(_can_be_read(item) for item in evidence)


def requests(evidence: Iterable[Evidence], files: Mapping[str, tuple[Path, int]]) -> list[dict[str, JSON]]:
    """What to ask a worker, one request for each sampled table. ``files`` gives path and size by name."""
    columns: defaultdict[str, list[JSON]] = defaultdict(list)
    tables: dict[str, JSON] = {}
    for item in evidence:
        if item.kind == "column" and item.value["sampled"]:
            columns[item.place.file].append(item.value)
        elif _can_be_read(item) and item.place.file in files:
            tables[item.place.file] = item.value
    return [
        {"path": str(files[name][0]), "name": name, "size": files[name][1], "table": table, "columns": columns[name]}
        for name, table in tables.items()
    ]


def more_seconds(request: Mapping[str, JSON]) -> float:
    return float(request["size"]) / SLOWEST


def workers() -> Pool:
    """One worker at a time: DuckDB uses several threads in it."""
    return Pool(1, limits=LIMITS)


def refine(evidence: Sequence[Evidence], answers: Mapping[str, JSON], problems: list[Problem]) -> list[Evidence]:
    """The evidence with exact numbers. ``answers`` are what :func:`~shirushi.describe.profiling.profile` returned, by file."""
    good = {}
    for file, answer in answers.items():
        try:
            good[file] = _checked(answer)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            problems.append(problem("crash", file, f"the answer was not a profile: {error}"))
    for item in evidence:
        if item.kind == "table" and item.place.file in good and item.value.get("counted"):
            rows, counted = good[item.place.file]["rows"], item.value["rows"]
            if abs(rows - counted) > 0.01 * counted:
                problems.append(problem("not-counted", item.place.file, f"{rows:,} rows, but {counted:,} were counted"))
                del good[item.place.file]
    for file, names in _left_out(evidence, good).items():
        words = f"the numbers of {', '.join(names[:5])}{' …' if len(names) > 5 else ''} stay those of the sample"
        problems.append(problem("not-counted", file, words))
    profiles = _profiles(evidence, good)
    return [
        _exact(item, good[item.place.file], profiles[item.place.file]) if item.place.file in good else item
        for item in evidence
    ]


def _left_out(evidence: Iterable[Evidence], good: Mapping[str, JSON]) -> dict[str, list[str]]:
    """Columns of tables that were counted whose own exact numbers cannot be had, by file."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for item in evidence:
        answered = good.get(item.place.file)
        if item.kind == "column" and answered and item.value["position"] not in answered["columns"]:
            found[item.place.file].append(str(item.value["name"]))
    return dict(found)


def _can_be_read(item: Evidence) -> bool:
    return bool(
        item.kind == "table"
        and item.value["sampled"]
        and item.value.get("first_row")
        and len(item.value.get("delimiter", "").strip(" ")) == 1
        and "sheet" not in item.value
    )


def _checked(answer: JSON) -> dict[str, JSON]:
    """The worker's answer, as far as it is one."""
    columns = {}
    for position, value in answer["columns"].items():
        columns[int(position)] = {key: value[key] for key in _REPLACED if value.get(key) is not None}
        if not isinstance(value["count"], int) or not isinstance(value["missing"], int):
            raise TypeError(f"column {position}")
    return {"rows": int(answer["rows"]), "columns": columns}


def _profiles(evidence: Iterable[Evidence], good: Mapping[str, JSON]) -> dict[str, list[Profile]]:
    """The columns of each table as profiles with their exact ranges, for what space and time they tell of."""
    found: defaultdict[str, list[Profile]] = defaultdict(list)
    for item in evidence:
        if item.kind != "column" or item.place.file not in good:
            continue
        value = good[item.place.file]["columns"].get(item.value["position"])
        if value is not None and not item.value.get("withheld"):
            found[item.place.file].append(
                Profile(
                    Column(item.value["name"], item.value["position"], ()),
                    value["type"], value["missing"], value["count"], value.get("distinct"), [], None, None,
                    value.get("minimum"), value.get("maximum"),
                )
            )  # fmt: skip
    return found


def _exact(item: Evidence, found: Mapping[str, JSON], profiles: Sequence[Profile]) -> Evidence:
    place = item.place
    value: JSON = None
    if item.kind == "table":
        value = {**item.value, "rows": found["rows"], "sampled": False}
        value.pop("counted", None)
    elif item.kind == "column" and item.value["position"] in found["columns"]:
        kept = {key: old for key, old in item.value.items() if key not in _REPLACED}
        new = found["columns"][item.value["position"]]
        if item.value.get("withheld"):
            new = {key: number for key, number in new.items() if key not in _RANGE}
        value = {**kept, **new, "sampled": False}
    elif item.kind == "time-range" and isinstance(place, CellPlace):
        value = next((new for own, new in time_ranges(profiles) if own.column.position == place.column), None)
    elif item.kind == "coordinates" and isinstance(place, CellPlace):
        value = next(
            (_box(item.value, one, two) for one, two in pairs(profiles) if one.column.position == place.column), None
        )
    return item if value is None else replace(item, value=value, reader=READER)


def _box(old: Mapping[str, JSON], latitude: Profile, longitude: Profile) -> JSON:
    """The extent, unless longitudes go round the other way (0 to 360), which minimum and maximum do not tell."""
    if not (
        isinstance(longitude.low, int | float) and isinstance(longitude.high, int | float) and longitude.high <= 180
    ):
        return None
    return {**old, "west": longitude.low, "east": longitude.high, "south": latitude.low, "north": latitude.high}
