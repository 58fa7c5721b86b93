"""Variables gathered for people: like files together, ranges side by side."""

from hypothesis import given
from hypothesis import strategies as st

from shirushi.systems.repository.variables import WIDTH, groups


def variable(name: str, file: str, low=None, high=None, **more):
    return {"name": name, "file": file, "type": "number", "minimum": low, "maximum": high, **more}


def test_files_with_the_same_variables_are_one_group() -> None:
    (group,) = groups([variable("t", "a.csv", 1, 3), variable("t", "b.csv", 2, 5), variable("t", "c.csv", 0, 1)])
    assert [file for file, _ in group.files] == ["a.csv", "b.csv", "c.csv"]
    (row,) = group.rows
    assert (row.low, row.high) == (0, 5)
    assert [(bar.x, bar.width) for bar in row.bars] == [(23.4, 49.8), (46.8, 73.2), (0.0, 26.4)]


def test_other_units_are_other_groups() -> None:
    found = groups([variable("t", "a.csv", unit="K"), variable("t", "b.csv", unit="degC")])
    assert [[row.unit for row in group.rows] for group in found] == [["K"], ["degC"]]


def test_moments_are_compared_too() -> None:
    (group,) = groups(
        [variable("time", "a", "2025-07-01", "2025-07-11"), variable("time", "b", "2025-07-11", "2025-07-21")]
    )
    assert (group.rows[0].low, group.rows[0].high) == ("2025-07-01", "2025-07-21")
    assert [bar.x for bar in group.rows[0].bars] == [0.0, 58.5]


def test_latitude_and_longitude_are_not_compared() -> None:
    (group,) = groups(
        [variable("lat", "a", 35.0, 35.2, unit="degree"), variable("lon", "a", 139.2, 139.6, unit="degree")]
    )
    assert [row.bars for row in group.rows] == [(), ()]


def test_missing_values_are_added_up() -> None:
    (group,) = groups([variable("t", "a", missing=1, count=10), variable("t", "b", missing=2, count=10)])
    assert (group.rows[0].missing, group.rows[0].count) == (3, 20)


ends = st.one_of(st.none(), st.floats(), st.integers(), st.text(max_size=12), st.dates().map(str))
values = st.builds(variable, st.sampled_from("ab"), st.sampled_from(["x", "y", ""]), ends, ends)


@given(st.lists(values, max_size=8))
def test_whatever_the_ranges_the_bars_stay_in_the_picture(variables) -> None:
    for group in groups(variables):
        for row in group.rows:
            assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH + 0.2 for bar in row.bars)
