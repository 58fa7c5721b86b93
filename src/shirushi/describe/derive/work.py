"""The inside of a worker that makes derived files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from shirushi.describe.derive import ARRAYS, PARQUET, ZARR
from shirushi.describe.evidence import JSON
from shirushi.describe.readers.base import File

MOST_SHEETS = 40


def make(
    path: str,
    name: str,
    media_type: str,
    size: int,
    types: Sequence[Sequence[JSON]],
    about: Mapping[str, str],
    folder: str,
    most: int,
) -> list[dict[str, JSON]]:
    """Write ``0.made``, ``1.made``, … into the folder, and tell of each. Raises Unreadable."""
    file = File(Path(path), name, size, media_type, "")
    if media_type in ARRAYS:
        return _arrays(file, Path(folder), about, most)
    return _tables(file, Path(folder), dict(map(tuple, types)), about)


def _tables(
    file: File, folder: Path, types: Mapping[str | None, Mapping[str, str]], about: Mapping[str, str]
) -> list[dict[str, JSON]]:
    from shirushi.describe.derive import parquet, tables

    made: list[dict[str, JSON]] = []
    for number, sheet in enumerate(tables.sheets(file)):
        if number >= MOST_SHEETS:
            made[-1]["left_out"].append(f"the sheets after the first {MOST_SHEETS}")
            break
        told = parquet.write(
            sheet, file, folder, folder / f"{number}.made", types=types.get(sheet.part, {}), about=about
        )
        made.append({"number": number, "media_type": PARQUET, "part": sheet.part, **told})
    return made


def _arrays(file: File, folder: Path, about: Mapping[str, str], most: int) -> list[dict[str, JSON]]:
    from shirushi.describe.derive import zarr

    written = zarr.write(file, folder / "0.made", most=most, about=about)
    if written is None:
        return []
    return [{"number": 0, "media_type": ZARR, "arrays": written.arrays, "left_out": written.left_out}]
