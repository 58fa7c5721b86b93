"""Metres to degrees by formulas: against published values, against pyproj where it is there, and what must give no box."""

import math

import pytest

from shirushi.describe.projections import box_in_degrees, epsg_of, from_wkt, is_degrees, system_of
from shirushi.describe.suggesters.places import around

ZONE_9 = (
    'PROJCS["JGD_2011_Japan_Zone_9",GEOGCS["GCS_JGD_2011",DATUM["D_JGD_2011",SPHEROID["GRS_1980",6378137.0,298.257222101]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",0.0],'
    'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",139.8333333333333],PARAMETER["Scale_Factor",0.9999],'
    'PARAMETER["Latitude_Of_Origin",36.0],UNIT["Meter",1.0]]'
)
GEOGRAPHIC = (
    'GEOGCS["GCS_JGD_2011",DATUM["D_JGD_2011",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]]'
)
LOCAL = (-10_000.0, -40_000.0, 5_000.0, -30_000.0)


def test_the_origin_of_a_zone_is_where_the_notice_says() -> None:
    assert box_in_degrees("EPSG:6677", (0, 0, 0, 0)) == [139.833333, 36.0, 139.833333, 36.0]
    assert box_in_degrees("EPSG:6683", (0, 0, 0, 0)) == [127.5, 26.0, 127.5, 26.0]


@pytest.mark.parametrize(
    "code", [*range(6669, 6688), *range(2443, 2462), 6688, 6692, 3097, 3101, 32601, 32654, 32756, 25832, 26915, 30169]
)
def test_as_pyproj_has_it(code: int) -> None:
    pyproj = pytest.importorskip("pyproj")
    system = system_of(code)
    assert system is not None
    east, north = system.easting + 123_456.7, system.northing - 234_567.8 if system.northing else 3_945_678.9
    if system.latitude:
        north = -98_765.4
    longitude, latitude = pyproj.Transformer.from_crs(code, 4326, always_xy=True).transform(east, north)
    near = 1e-4 if code == 30169 else 2e-8  # two ways over the old datum differ by metres
    assert system.degrees(east, north) == pytest.approx((longitude, latitude), abs=near)


def test_the_old_datum_lies_some_hundred_metres_away() -> None:
    (old_west, old_south, *_), (west, south, *_) = (
        box_in_degrees("EPSG:30169", LOCAL),
        box_in_degrees("EPSG:2451", LOCAL),
    )  # type: ignore[misc]
    assert (old_west - west, old_south - south) == pytest.approx((-0.0032, 0.0032), abs=2e-4)


def test_wkt_that_spells_the_zone_out_is_the_zone() -> None:
    assert box_in_degrees(ZONE_9, LOCAL) == box_in_degrees("EPSG:6677", LOCAL)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Transverse_Mercator", "Hotine_Oblique_Mercator"),
        ("D_JGD_2011", "D_Potsdam"),
        ('"Greenwich",0.0', '"Paris",2.337229'),
        ('UNIT["Meter",1.0]', 'UNIT["Foot_US",0.3048006]'),
        ('PARAMETER["Scale_Factor",0.9999],', ""),
        ("6378137.0", "1.0"),
        ("0.9999", "1e300"),
    ],
)
def test_wkt_of_another_sort_gives_no_box(old: str, new: str) -> None:
    assert old in ZONE_9
    assert from_wkt(ZONE_9.replace(old, new)) is None


@pytest.mark.parametrize(
    "corners",
    [
        (0, 0, 2e6, 1),
        (5, 0, 1, 1),
        (0, math.nan, 1, 1),
        (-math.inf, 0, 1, 1),
        (0, 0, 1, 1e8),
        (0, 0, 1),
    ],
)
def test_bounds_that_cannot_be_give_no_box(corners: tuple[float, ...]) -> None:
    assert box_in_degrees("EPSG:6677", corners) is None


def test_degrees_and_the_webs_mercator() -> None:
    assert box_in_degrees("EPSG:6668", (135, 34, 136, 35)) == [135, 34, 136, 35]
    assert box_in_degrees("EPSG:4326", (135, 34, 136, 95)) is None
    assert box_in_degrees("EPSG:3857", (0, 0, 15556463.0, 4257980.0)) == pytest.approx([0, 0, 139.746085, 35.689495])


def test_names_of_systems() -> None:
    assert [epsg_of(name) for name in ("EPSG:6677", "urn:ogc:def:crs:EPSG::6677", "http://www.opengis.net/def/crs/EPSG/0/6697")] == [6677, 6677, 6697]  # fmt: skip
    assert epsg_of("EPSG:") is None
    assert epsg_of(ZONE_9) is None


def test_degrees_from_greenwich_only() -> None:
    assert is_degrees(GEOGRAPHIC)
    assert not is_degrees(GEOGRAPHIC.replace("0.0174532925199433", "0.01570796326794897"))  # grads
    assert not is_degrees(GEOGRAPHIC.replace("D_JGD_2011", "D_Tokyo"))
    assert not is_degrees(GEOGRAPHIC.replace('"Greenwich",0.0', '"Paris",2.337229'))


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(170, -170)], (170, -170)),
        ([(170, -170), (160, 175)], (160, -170)),
        ([(170, -170), (-160, -150)], (170, -150)),
        ([(-170, -160), (150, 160)], (-170, 160)),  # none of them crosses
        ([(100, -100), (-120, 120)], (-180, 180)),
    ],
)
def test_a_box_around_boxes_over_the_antimeridian(
    spans: list[tuple[float, float]], expected: tuple[float, float]
) -> None:
    found = around([{"west": w, "east": e, "south": -1, "north": 1} for w, e in spans])
    assert (found["west"], found["east"]) == expected
