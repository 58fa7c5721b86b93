"""Pictures beside the words: what they show, what they leave out, and that all of it stays inside."""

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from shirushi.core.models import Record
from shirushi.systems.repository import pictures
from shirushi.systems.repository.variables import HIGH, WIDTH, groups


def work(identifier: str, relation: str = "IsSupplementTo", **more):
    return {"identifier": identifier, "scheme": "DOI", "relation": relation, **more}


def test_network_gathers_works_by_relation() -> None:
    drawn = pictures.network([work("10.1/a", title="The paper"), work("10.1/b", "IsCitedBy"), work("10.1/c")])
    assert drawn is not None
    assert [(spoke.name, spoke.relation, spoke.incoming) for spoke in drawn.spokes] == [
        ("The paper", "IsSupplementTo", False),
        ("10.1/c", "", False),
        ("10.1/b", "IsCitedBy", True),
    ]
    assert [spoke.y for spoke in drawn.spokes] == sorted(spoke.y for spoke in drawn.spokes)
    assert drawn.spokes[-1].y < drawn.height


def test_network_of_one_work_is_not_drawn_and_of_many_not_whole() -> None:
    assert pictures.network([work("10.1/a")]) is None
    drawn = pictures.network([work(f"10.1/{number}") for number in range(13)])
    assert drawn is not None
    assert (len(drawn.spokes), drawn.more) == (10, 3)


def test_long_names_are_shortened_by_their_width() -> None:
    drawn = pictures.network([work("a", title="相模湾の海面水温の長期的な変化について"), work("b", title="x" * 40)])
    assert drawn is not None
    assert [spoke.name for spoke in drawn.spokes] == ["相模湾の海面水温の長期的な…", "x" * 26 + "…"]


def box(west, south, east, north):
    return {"box": {"west": west, "south": south, "east": east, "north": north}}


def test_places_lie_on_named_degrees() -> None:
    drawn = pictures.graticule([box(139.1, 34.9, 139.7, 35.3), {"place": "相模湾"}])
    assert drawn is not None
    assert [name for _x, name in drawn.meridians] == ["139°E", "139.5°E", "140°E"]
    assert [name for _y, name in drawn.parallels] == ["34.8°N", "35°N", "35.2°N", "35.4°N"]
    (rect,) = drawn.boxes
    assert rect.x + rect.width / 2 == pytest.approx(drawn.width / 2, abs=1)
    assert pictures.graticule([{"place": "相模湾"}]) is None


def test_box_over_the_antimeridian_is_one_box_and_two_on_the_globe() -> None:
    drawn = pictures.graticule([box(175.0, -20.0, -175.0, -15.0)])
    assert drawn is not None
    assert (len(drawn.boxes), len(drawn.globe)) == (1, 2)
    assert "180°W" in [name for _x, name in drawn.meridians]


lon, lat = st.floats(-180, 180), st.floats(-90, 90)


@given(
    st.lists(st.builds(lambda w, e, a, b: box(w, min(a, b), e, max(a, b)), lon, lon, lat, lat), min_size=1, max_size=4)
)
def test_whatever_the_boxes_they_are_inside(places) -> None:
    drawn = pictures.graticule(places)
    assert drawn is not None
    for rect in drawn.boxes:
        assert rect.x >= -1
        assert rect.y >= -1
        assert rect.x + rect.width <= drawn.width + 1
        assert rect.y + rect.height <= drawn.height + 1


def entry(date, kind="Coverage"):
    return {"date": date, "type": kind}


def test_periods_are_drawn_on_one_scale() -> None:
    drawn = pictures.timeline(
        [entry("2021-04-01/2025-03-31"), entry("2024/..", "Collected"), entry("2025-06-01", "Issued")]
    )
    assert drawn is not None
    assert [(span.type, span.open) for span in drawn.spans] == [("Coverage", ""), ("Collected", "end"), ("Issued", "")]
    assert [year for _x, year in drawn.ticks] == ["2022", "2024"]
    assert drawn.spans[0].width > drawn.spans[1].width > drawn.spans[2].width


@pytest.mark.parametrize(
    ("period", "names"),
    [
        ("2021-02-10/2021-11-30", ["2021-04", "2021-07", "2021-10"]),
        ("2021-11-20/2022-02-10", ["2021-12", "2022-01", "2022-02"]),
        ("2021-04-03/2021-04-25", ["2021-04-03", "2021-04-13", "2021-04-23"]),
        ("2021-04-03/2021-04-05", ["2021-04-03", "2021-04-05"]),
        ("2019-01-01/2021-12-31", ["2020", "2022"]),
    ],
)
def test_timeline_has_a_scale_however_short_it_is(period, names) -> None:
    drawn = pictures.timeline([entry(period)])
    assert [name for _x, name in drawn.ticks] == names
    assert all(0 <= x <= drawn.width for x, _name in drawn.ticks)


def test_one_day_is_no_timeline() -> None:
    assert pictures.timeline([entry("2026-02-13")]) is None
    assert pictures.timeline([]) is None
    assert pictures.timeline([entry("2026-02-13/2026-02-13")]) is None


days = st.dates().map(str) | st.integers(0, 9999).map("{:04}".format) | st.just("2026-02-30") | st.just("..")


@given(st.lists(st.builds(lambda a, b: entry(f"{a}/{b}"), days, days), max_size=5))
def test_whatever_the_dates_they_are_inside(dates) -> None:
    drawn = pictures.timeline(dates)
    assert len(drawn.ticks if drawn else ()) <= 4
    for span in drawn.spans if drawn else ():
        assert span.x >= 0
        assert span.x + span.width <= drawn.width + 6


def test_years_without_records_are_gaps() -> None:
    drawn = pictures.by_year([("2024", "2024", 4, False), ("2021", "2021", 1, True)])
    assert [(year.value, year.count, year.length, year.chosen) for year in drawn] == [
        ("2021", 1, 25.0, True), ("2022", 0, 0, False), ("2023", 0, 0, False), ("2024", 4, 100.0, False),
    ]  # fmt: skip
    assert pictures.by_year([("2024", "2024", 4, False)]) == []
    assert pictures.by_year([("0001", "0001", 1, False), ("2024", "2024", 4, False)])[0].value == "1965"


def test_histogram_is_drawn_for_one_table_only() -> None:
    one = {"name": "t", "file": "a.csv", "type": "number", "minimum": 1, "maximum": 9, "histogram": [1, 0, 100]}
    ((row,),) = (group.rows for group in groups([one]))
    assert [(bar.x, bar.y, bar.height) for bar in row.histogram] == [(0.0, HIGH - 1.5, 1.5), (80.0, 0, HIGH)]
    assert all(bar.x + bar.width <= WIDTH for bar in row.histogram)
    ((row,),) = (group.rows for group in groups([one, {**one, "file": "b.csv"}]))
    assert row.histogram == ()


def test_record_has_its_pictures(client: Client, publish) -> None:
    record: Record = publish(
        related=[work("10.1234/abcd", title="The paper"), work("10.1234/efgh", "IsCitedBy")],
        locations=[box(139.1, 34.9, 139.7, 35.3)],
        dates=[entry("2021-04-01/2025-03-31")],
    )
    shown = html.fromstring(client.get(f"/records/{record.pk}").content.decode())
    (network, times, places) = shown.cssselect("figure.picture svg[aria-hidden=true]")
    assert [text.text for text in network.cssselect("text")] == [
        "Is supplement to",
        "The paper",
        "Is cited by",
        "10.1234/efgh",
    ]
    assert len(places.cssselect(".box")) == 2
    assert times.cssselect("text")[-1].text == "Coverage"
