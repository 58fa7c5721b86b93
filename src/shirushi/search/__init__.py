"""One query model over an index that can always be made again from the records. No Django; importing this is cheap."""

from shirushi.search.engine import (
    Change,
    Engine,
    FacetValue,
    Hit,
    Hits,
    IndexBusy,
    IndexDamaged,
    IndexFull,
    Put,
    Remove,
    SearchError,
)
from shirushi.search.query import FACETS, Query

__all__ = [
    "FACETS",
    "Change",
    "Engine",
    "FacetValue",
    "Hit",
    "Hits",
    "IndexBusy",
    "IndexDamaged",
    "IndexFull",
    "Put",
    "Query",
    "Remove",
    "SearchError",
]
