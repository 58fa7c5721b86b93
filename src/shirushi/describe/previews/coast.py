"""The land of the world in coarse outline, where an installed package has it: the file that comes with ``pyogrio`` (the extra ``geo``),
Natural Earth 1:110 million, public domain. Nothing of it is copied; where it is not there, maps have their net of degrees alone."""

from collections import Counter
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from shirushi.describe.previews.vectors import Point, shapes_of
from shirushi.describe.readers.base import Unreadable

_FILE = "tests/fixtures/naturalearth_lowres/naturalearth_lowres.shp"


@cache
def shore() -> tuple[tuple[Point, Point], ...]:
    """The edges between land and water. The file has countries: an edge that two of them share is no shore."""
    edges: Counter[tuple[Point, Point]] = Counter()
    for ring in land():
        edges.update((min(a, b), max(a, b)) for a, b in pairwise(ring))
    return tuple(edge for edge, times in edges.items() if times == 1)


@cache
def land() -> tuple[tuple[Point, ...], ...]:
    """Rings of longitudes and latitudes; none where there is no such file."""
    found = find_spec("pyogrio")
    folders = found.submodule_search_locations if found is not None else None
    for folder in folders or ():
        path = Path(folder) / _FILE
        try:
            return tuple(tuple(ring) for parts in shapes_of(path) for sort, ring in parts if sort == "area")
        except (OSError, Unreadable):
            continue
    return ()
