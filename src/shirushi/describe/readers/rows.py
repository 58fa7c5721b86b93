"""The columns of a table that was read row by row, as evidence: profiles, what is sensitive, and extents in space and time."""

from collections.abc import Callable, Iterator, Sequence

from shirushi.describe.evidence import JSON, Evidence, Place
from shirushi.describe.readers.columns import Column, Profile, extents, profile, time_ranges
from shirushi.describe.readers.sensitive_columns import concerns, shield


def column_evidence(
    file: str,
    columns: Sequence[Column],
    place: Callable[[str], Place],
    reader: str,
    *,
    sampled: bool,
    sheet: str | None = None,
    told: Callable[[Profile], dict[str, JSON]] = lambda _: {},
) -> Iterator[Evidence]:
    """Evidence of each column at ``place(name)``. ``told`` adds what the file itself says of a column, over what its values show."""
    profiles = [profile(column) for column in columns]
    found = concerns(file, columns)
    shield(profiles, found)
    for concern in found:
        yield Evidence("sensitive", concern.value(), place(concern.name), reader)
    for item in profiles:
        value = item.value(sampled=sampled, sheet=sheet) | told(item)
        yield Evidence("column", value, place(item.column.name), reader)
    for kind, ranges in (("coordinates", extents(profiles)), ("time-range", time_ranges(profiles))):
        for item, value in ranges:
            yield Evidence(kind, value, place(item.column.name), reader)
