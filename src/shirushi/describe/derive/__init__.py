"""Derived files: tables as Parquet, arrays as Zarr, for programs that learn from data. Plain Python, no Django.

:func:`derive` reads one file in an isolated worker, which writes into a folder of the caller's and nowhere else. What a file cannot
be made into, and what of it was left out, is always told. ``METHOD`` names how it was done: the same file, types and method
give the same values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from shirushi.describe.derive.media import ARRAYS, TABLES, is_derivable
from shirushi.describe.evidence import JSON
from shirushi.describe.isolate import MIB, Failure, Limits, Pool

METHOD = "derive/1"
PARQUET, ZARR = "application/vnd.apache.parquet", "application/zip"
LARGEST = 2_000_000_000  # bytes of a file, and of what its arrays unpack to
SLOWEST = 4_000_000  # bytes a second: a file may take as long as this says, and the limit
LIMITS = Limits(seconds=120, memory=1024 * MIB, file=4096 * MIB)

__all__ = [
    "ARRAYS",
    "LARGEST",
    "METHOD",
    "PARQUET",
    "TABLES",
    "ZARR",
    "Left",
    "Made",
    "derive",
    "is_derivable",
    "workers",
]


@dataclass(frozen=True, slots=True)
class Made:
    """One derived file, at ``place``. ``part`` is the sheet it was made from. Of a table: ``rows`` and ``columns`` as
    :func:`shirushi.describe.derive.parquet.write` tells them; of arrays: ``arrays`` as in :mod:`shirushi.describe.derive.zarr`.
    ``left_out`` tells in words what of the source is not in it."""

    place: Path
    media_type: str
    part: str | None
    rows: int | None
    columns: Sequence[Mapping[str, JSON]]
    arrays: Sequence[Mapping[str, JSON]]
    left_out: Sequence[str]


@dataclass(frozen=True, slots=True)
class Left:
    """Why nothing was made: ``code`` as in :mod:`shirushi.describe.problems`, or ``not-converted``."""

    code: str
    message: str


Types = Mapping[str | None, Mapping[str, str]]
"""The types that columns are described with: by sheet (None where there are none), by name."""


def workers(folder: Path) -> Pool:
    """One worker, which may write into ``folder`` alone; a context manager."""
    return Pool(1, limits=LIMITS, folder=folder)


def derive(
    path: Path,
    *,
    name: str,
    media_type: str,
    size: int,
    types: Types,
    about: Mapping[str, str],
    folder: Path,
    pool: Pool,
    largest: int = LARGEST,
) -> list[Made] | Left:
    """Make all that can be made of one file. ``folder`` is the pool's, and empty; ``about`` is written into what is made."""
    if size > largest:
        return Left("too-large", f"{size:,} bytes; up to {largest:,} are made into derived files")
    request = {
        "path": str(path),
        "name": name,
        "media_type": media_type,
        "size": size,
        "types": [[part, dict(known)] for part, known in types.items()],
        "about": dict(about),
        "folder": str(folder),
        "most": largest,
    }
    answers = list(pool.map("shirushi.describe.derive.work:make", [request], more=_more_seconds))
    answer = answers[0][1]
    if isinstance(answer, Failure):
        return Left(answer.code, answer.message)
    try:
        return [_made(one, folder) for one in answer]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return Left("crash", f"the answer was not one: {error}")


def _more_seconds(request: Mapping[str, JSON]) -> float:
    return float(request["size"]) / SLOWEST


def _made(told: JSON, folder: Path) -> Made:
    """A worker's answer, as far as it is one: it may have been taken over."""
    place = folder / f"{int(told['number'])}.made"
    if place.is_symlink() or not place.is_file():
        raise ValueError("it names no file")
    if told["media_type"] not in (PARQUET, ZARR):
        raise ValueError("it names no format")
    columns, arrays = told.get("columns", []), told.get("arrays", [])
    for column in columns:
        if not isinstance(column["name"], str) or not isinstance(column["source"], str):
            raise TypeError("a column without a name")
    rows = told.get("rows")
    return Made(
        place,
        told["media_type"],
        None if told.get("part") is None else str(told["part"]),
        None if rows is None else int(rows),
        cast("Sequence[Mapping[str, JSON]]", columns),
        cast("Sequence[Mapping[str, JSON]]", arrays),
        [str(words)[:500] for words in told.get("left_out", [])],
    )
