"""Maps, rasters, databases and stores: small files made here, whole, cut and hostile."""

import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from shirushi.describe.evidence import Candidate, Evidence
from shirushi.describe.identify import identify
from shirushi.describe.readers.registry import read
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.suggesters.places import to_degrees

Look = Callable[..., list[dict[str, Any]]]
BIWA = {"west": 135.9, "south": 35.0, "east": 136.3, "north": 35.5}


@pytest.fixture
def look(tmp_path: Path) -> Look:
    def run(name: str, problems: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        path = tmp_path / name
        what = identify(path, name)
        answer = read(str(path), name, path.stat().st_size, what.media_type, what.format)
        assert tuple(p["code"] for p in answer["problems"]) == problems
        found: list[dict[str, Any]] = answer["evidence"]
        return found

    return run


def of(found: list[dict[str, Any]], kind: str) -> list[Any]:
    return [item["value"] for item in found if item["kind"] == kind]


def attribute(found: list[dict[str, Any]], name: str) -> Any:
    return next((v["value"] for v in of(found, "attribute") if v["name"] == name), None)


def box(value: dict[str, Any]) -> dict[str, float]:
    return {side: round(value[side], 6) for side in ("west", "south", "east", "north")}


# ---- KML, GPX

KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>琵琶湖の観測点</name><description>Twelve <b>buoys</b></description>
<Placemark><name>A</name><TimeStamp><when>2020-05-01T00:00:00Z</when></TimeStamp><Point><coordinates>135.9,35.0,84</coordinates></Point></Placemark>
<Placemark><TimeSpan><begin>2021-01</begin></TimeSpan><LineString><coordinates>136.0,35.2 136.3,35.5</coordinates></LineString></Placemark>
</Document></kml>"""


def test_kml(tmp_path: Path, look: Look) -> None:
    (tmp_path / "a.kml").write_text(KML)
    found = look("a.kml")
    assert attribute(found, "title") == "琵琶湖の観測点"
    assert box(of(found, "coordinates")[0]) == BIWA
    assert of(found, "time-range") == [{"start": "2020-05-01", "end": "2021-01", "count": 2}]


def test_kmz_is_read_inside(tmp_path: Path, look: Look) -> None:
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as archive:
        archive.writestr("doc.kml", KML)
    assert box(of(look("a.kmz"), "coordinates")[0]) == BIWA


def test_kml_with_entities_is_refused(tmp_path: Path, look: Look) -> None:
    (tmp_path / "a.kml").write_text('<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "b">]><kml>&a;</kml>')
    assert look("a.kml", ("entities",)) == []


def test_gpx(tmp_path: Path, look: Look) -> None:
    track = "".join(
        f'<trkpt lat="{lat}" lon="{lon}"><time>{day}T01:02:03Z</time></trkpt>'
        for lat, lon, day in ((35.0, 135.9, "2020-05-01"), (35.5, 136.3, "2020-05-03"), ("x", 1, "soon"))
    )
    (tmp_path / "walk.gpx").write_text(
        f'<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><metadata><name>A walk</name></metadata><trk><trkseg>{track}</trkseg></trk></gpx>'
    )
    found = look("walk.gpx")
    assert (attribute(found, "title"), box(of(found, "coordinates")[0])) == ("A walk", BIWA)
    assert of(found, "time-range") == [{"start": "2020-05-01", "end": "2020-05-03", "count": 2}]


# ---- shapefiles


def shp(bounds: tuple[float, ...]) -> bytes:
    return struct.pack(">i5ii", 9994, 0, 0, 0, 0, 0, 50) + struct.pack("<ii4d4d", 1000, 5, *bounds, 0, 0, 0, 0)


GEOGRAPHIC = 'GEOGCS["JGD2011",DATUM["Japanese_Geodetic_Datum_2011",SPHEROID["GRS 1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'


def test_shapefile_lies_where_its_prj_says(
    see: Callable[..., EvidenceSet], suggest: Callable[..., list[Candidate]]
) -> None:
    files = {"lake/shore.shp": shp((135.9, 35.0, 136.3, 35.5)), "lake/shore.prj": GEOGRAPHIC}
    (found,) = suggest(files, "locations")
    assert box(found.value["box"]) == BIWA
    assert found.evidence[0].place.file == "lake/shore.shp"


def test_shapefile_without_prj_lies_nowhere(suggest: Callable[..., list[Candidate]]) -> None:
    assert suggest({"shore.shp": shp((10, 20, 30, 40))}, "locations") == []


def test_projected_shapefile_is_turned_into_degrees(suggest: Callable[..., list[Candidate]]) -> None:
    pyproj = pytest.importorskip("pyproj")
    wkt = pyproj.CRS.from_epsg(6674).to_wkt("WKT1_ESRI")  # plane rectangular system VI: origin at 36 N, 136 E
    (found,) = suggest({"town.shp": shp((-1000, -2000, 1000, 2000)), "town.prj": wkt}, "locations")
    assert found.value["box"]["west"] == pytest.approx(136 - 0.0111, abs=1e-3)
    assert found.value["box"]["north"] == pytest.approx(36 + 0.018, abs=1e-3)


def test_unknown_systems_give_no_box() -> None:
    assert to_degrees("EPSG:999999", [0, 0, 1, 1]) is None
    assert to_degrees("garbage", [0, 0, 1, 1]) is None


def test_cut_shapefile(tmp_path: Path, look: Look) -> None:
    (tmp_path / "a.shp").write_bytes(shp((0, 0, 1, 1))[:60])
    assert look("a.shp", ("truncated",)) == []


def dbf(fields: list[tuple[str, str, int]], rows: list[list[str]], encoding: str) -> bytes:
    size = 1 + sum(width for *_, width in fields)
    head = struct.pack("<4BIHH20x", 3, 121, 4, 1, len(rows), 33 + 32 * len(fields), size)
    for name, kind, width in fields:
        head += name.encode(encoding)[:10].ljust(11, b"\0") + kind.encode() + b"\0" * 4 + bytes([width]) + b"\0" * 15
    body = b"".join(
        b" " + b"".join(cell.encode(encoding)[:w].ljust(w) for cell, (_, _, w) in zip(row, fields, strict=True))
        for row in rows
    )
    return head + b"\r" + body + b"\x1a"


@pytest.mark.parametrize("encoding", ["cp932", "utf-8"])
def test_dbf_in_japanese(encoding: str, tmp_path: Path, look: Look) -> None:
    fields = [("地点名", "C", 20), ("水温", "N", 8), ("観測日", "D", 8)]
    rows = [["彦根", "12.5", "20200501"], ["大津の浜", "13.0", "20200502"], ["長浜", "", "20200504"]]
    (tmp_path / "points.dbf").write_bytes(dbf(fields, rows, encoding))
    found = look("points.dbf")
    assert of(found, "table")[0]["rows"] == 3
    columns = of(found, "column")
    assert [(c["name"], c["type"]) for c in columns] == [("地点名", "string"), ("水温", "number"), ("観測日", "date")]
    assert (columns[1]["minimum"], columns[1]["maximum"], columns[1]["missing"]) == (12.5, 13, 1)
    assert of(found, "time-range")[0]["start"] == "2020-05-01"


def test_dbf_whose_fields_do_not_fit(tmp_path: Path, look: Look) -> None:
    whole = bytearray(dbf([("a", "C", 10)], [["x"]], "ascii"))
    whole[10:12] = struct.pack("<H", 3)
    (tmp_path / "a.dbf").write_bytes(whole)
    assert look("a.dbf", ("malformed",)) == []


# ---- GeoTIFF


def geotiff(path: Path, *, keys: list[int], tie: tuple[float, ...], scale: tuple[float, ...], **more: Any) -> None:
    directory = [1, 1, 0, len(keys) // 2]
    for number, value in zip(keys[::2], keys[1::2], strict=True):
        directory += [number, 0, 1, value]
    tags = [
        (33550, "d", 3, scale, True),
        (33922, "d", 6, tie, True),
        (34735, "H", len(directory), tuple(directory), True),
    ]
    tags += [(42113, "s", 0, "-9999", True)]
    tags += [(42112, "s", 0, '<GDALMetadata><Item name="DESCRIPTION" sample="0">NDVI</Item></GDALMetadata>', True)]
    tifffile.imwrite(path, np.zeros((50, 40), "f4"), extratags=tags, **more)


def test_geotiff_in_degrees(tmp_path: Path, look: Look) -> None:
    geotiff(
        tmp_path / "a.tif", keys=[1024, 2, 1025, 1, 2048, 4326], tie=(0, 0, 0, 135.9, 35.5, 0), scale=(0.01, 0.01, 0)
    )
    found = look("a.tif")
    assert box(of(found, "coordinates")[0]) == BIWA
    assert attribute(found, "no data value") == "-9999"
    assert attribute(found, "description") == "NDVI"


def test_geotiff_in_metres_keeps_its_system(tmp_path: Path, look: Look) -> None:
    geotiff(
        tmp_path / "a.tif", keys=[1024, 1, 1025, 1, 3072, 32653], tie=(0, 0, 0, 400000, 3900000, 0), scale=(30, 30, 0)
    )
    found = look("a.tif")
    assert of(found, "coordinates") == []
    (bounds,) = [v for v in of(found, "attribute") if v["name"] == "bounds"]
    assert (bounds["crs"], bounds["value"]) == ("EPSG:32653", [400000.0, 3898500.0, 401200.0, 3900000.0])


def test_geotiff_whose_tie_point_is_the_middle_of_a_pixel(tmp_path: Path, look: Look) -> None:
    geotiff(
        tmp_path / "a.tif",
        keys=[1024, 2, 1025, 2, 2048, 4326],
        tie=(0, 0, 0, 135.905, 35.495, 0),
        scale=(0.01, 0.01, 0),
    )
    assert box(of(look("a.tif"), "coordinates")[0]) == BIWA


def test_plain_tiff_has_no_place(tmp_path: Path, look: Look) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((4, 4), "u1"))
    assert not [e for e in look("a.tif") if e["reader"].startswith("geotiff")]


# ---- databases


def test_sqlite(tmp_path: Path, look: Look) -> None:
    with sqlite3.connect(tmp_path / "a.sqlite") as db:
        db.execute('CREATE TABLE "odd ""name" (station TEXT, depth_m REAL, picture BLOB, seen DATE)')
        db.executemany(
            'INSERT INTO "odd ""name" VALUES (?, ?, ?, ?)',
            [("彦根", 1.5, b"\x00\x01", "2020-05-01"), ("大津", None, b"", "2020-05-09")],
        )
        db.execute("CREATE TABLE empty (x INTEGER)")
    before = sorted(p.name for p in tmp_path.iterdir())
    found = look("a.sqlite")
    assert sorted(p.name for p in tmp_path.iterdir()) == before  # nothing is written beside it
    assert {t["name"]: t["rows"] for t in of(found, "table")} == {'odd "name': 2, "empty": 0}
    depth = next(c for c in of(found, "column") if c["name"] == "depth_m")
    assert (depth["type"], depth["missing"], depth["sheet"]) == ("number", 1, 'odd "name')


def test_sqlite_gives_the_type_of_its_keys(tmp_path: Path, suggest: Callable[..., list[Candidate]]) -> None:
    with sqlite3.connect(tmp_path / "a.sqlite") as db:
        db.execute("CREATE TABLE m (id INTEGER PRIMARY KEY, code TEXT)")
        db.executemany("INSERT INTO m (code) VALUES (?)", [("21",), ("22",), ("23",)])
    found = {
        c.value["name"]: c.value["type"]
        for c in suggest({"a.sqlite": (tmp_path / "a.sqlite").read_bytes()}, "variables")
    }
    assert found["id"] == "integer"


def test_sqlite_that_is_damaged(tmp_path: Path, look: Look) -> None:
    with sqlite3.connect(tmp_path / "a.sqlite") as db:
        db.execute("CREATE TABLE t (x)")
        db.executemany("INSERT INTO t VALUES (?)", [("y" * 500,)] * 200)
    whole = (tmp_path / "a.sqlite").read_bytes()
    (tmp_path / "b.sqlite").write_bytes(whole[:100] + b"\xff" * 3_996 + whole[4_096:])
    look("b.sqlite", ("malformed",))


def test_sqlite_whose_complaint_quotes_a_damaged_name(tmp_path: Path, look: Look) -> None:
    with sqlite3.connect(tmp_path / "a.sqlite") as db:
        db.execute("CREATE TABLE readings (x)")
    whole = (tmp_path / "a.sqlite").read_bytes()
    damaged = whole.replace(b"readings", b"\xf2eadings").replace(b"CREATE TABLE \xf2", b"CREATE !ABLE \xf2")
    (tmp_path / "b.sqlite").write_bytes(damaged)
    look("b.sqlite", ("malformed",))


def test_geopackage_states_its_extent(tmp_path: Path, look: Look) -> None:
    with sqlite3.connect(tmp_path / "a.gpkg") as db:
        db.execute(f"PRAGMA application_id = {0x47504B47}")
        db.execute(
            "CREATE TABLE gpkg_contents (table_name, data_type, identifier, description, last_change, min_x, min_y, max_x, max_y, srs_id)"
        )
        rows = [
            ("shore", "features", "Shore of Lake Biwa", "from maps", "", 135.9, 35.0, 136.3, 35.5, 6668),
            ("grid", "features", "grid", "", "", 1000, 2000, 3000, 4000, 6674),
        ]
        db.executemany("INSERT INTO gpkg_contents VALUES (?,?,?,?,?,?,?,?,?,?)", rows)
        db.execute("CREATE TABLE shore (fid INTEGER, geom POLYGON, name TEXT)")
    assert identify(tmp_path / "a.gpkg", "a.gpkg").format == "GeoPackage"
    found = look("a.gpkg")
    assert attribute(found, "title") == "Shore of Lake Biwa"
    assert [box(v) for v in of(found, "coordinates")] == [BIWA]
    assert [c["name"] for c in of(found, "column")] == ["fid", "name"]
    assert next(v for v in of(found, "attribute") if v["name"] == "bounds")["crs"] == "EPSG:6674"


def test_parquet(tmp_path: Path, look: Look) -> None:
    import duckdb

    path = tmp_path / "a.parquet"
    duckdb.execute(
        f"COPY (SELECT i AS id, i / 4.0 AS depth_m, DATE '2020-05-01' + i::INT AS day, '彦根' AS station, i % 2 = 0 AS even "
        f"FROM range(100000) t(i)) TO '{path}' (FORMAT parquet, KV_METADATA {{description: 'Casts of a lake'}})"
    )
    found = look("a.parquet")
    (table,) = of(found, "table")
    assert (table["rows"], table["columns"], table["sampled"]) == (100000, 5, True)
    types = {c["name"]: c["type"] for c in of(found, "column")}
    assert types == {"id": "integer", "depth_m": "number", "day": "date", "station": "string", "even": "boolean"}
    assert attribute(found, "description") == "Casts of a lake"


def test_parquet_that_is_cut(tmp_path: Path, look: Look) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1" + b"\x00" * 200)
    assert look("a.parquet", ("malformed",)) == []


# ---- FITS


def card(key: str, value: str) -> bytes:
    return f"{key:8}= {value}".ljust(80).encode()


def header(*cards: bytes) -> bytes:
    text = b"".join(cards) + b"END".ljust(80)
    return text.ljust(-(-len(text) // 2880) * 2880)


def fits() -> bytes:
    primary = header(
        card("SIMPLE", "T"), card("BITPIX", "-32"), card("NAXIS", "2"), card("NAXIS1", "30"), card("NAXIS2", "20"),
        card("OBJECT", "'M 31    '           / galaxy"), card("TELESCOP", "'Subaru'"), card("OBSERVER", "'O''Neill, K.'"),
        card("DATE-OBS", "'2020-05-01T12:00:00'"), card("BUNIT", "'Jy/beam'"), card("EXPTIME", "1.2D2"),
    ) + b"\0" * 2880  # fmt: skip
    table = header(
        card("XTENSION", "'BINTABLE'"), card("BITPIX", "8"), card("NAXIS", "2"), card("NAXIS1", "12"), card("NAXIS2", "7"),
        card("PCOUNT", "0"), card("GCOUNT", "1"), card("TFIELDS", "2"), card("TTYPE1", "'RA'"), card("TFORM1", "'1D'"), card("TUNIT1", "'deg'"),
        card("TTYPE2", "'ID'"), card("TFORM2", "'4A'"), card("EXTNAME", "'SOURCES'"),
    ) + b"\0" * 2880  # fmt: skip
    return primary + table


def test_fits(tmp_path: Path, look: Look) -> None:
    (tmp_path / "a.fits").write_bytes(fits())
    found = look("a.fits")
    assert (attribute(found, "OBJECT"), attribute(found, "OBSERVER"), attribute(found, "EXPTIME")) == (
        "M 31",
        "O'Neill, K.",
        120,
    )
    assert of(found, "time-range") == [{"start": "2020-05-01", "end": "2020-05-01", "count": 1}]
    (image,) = of(found, "array")
    assert (image["shape"], image["dtype"], image["unit"]) == ([20, 30], "float32", "Jy/beam")
    assert [(c["name"], c["type"], c.get("unit"), c["count"]) for c in of(found, "column")] == [
        ("RA", "number", "deg", 7),
        ("ID", "string", None, 7),
    ]
    assert next(e for e in found if e["kind"] == "column")["place"]["path"] == "/1@TTYPE1"


def test_fits_that_breaks_off(tmp_path: Path, look: Look) -> None:
    (tmp_path / "a.fits").write_bytes(fits()[:400])
    assert attribute(look("a.fits", ("truncated",)), "BITPIX") is None


def test_fits_that_announces_too_much(tmp_path: Path, look: Look) -> None:
    axes = [card(f"NAXIS{n}", "999999999") for n in range(1, 20)]
    (tmp_path / "a.fits").write_bytes(header(card("SIMPLE", "T"), card("BITPIX", "-64"), card("NAXIS", "19"), *axes))
    look("a.fits", ("malformed",))


# ---- Zarr

ARRAY = {"shape": [12, 50, 40], "chunks": [1, 50, 40], "dtype": "<f4", "zarr_format": 2}
ATTRIBUTES = {"_ARRAY_DIMENSIONS": ["time", "lat", "lon"], "units": "degC", "long_name": "sea surface temperature"}


def arrays(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(a["name"], a["group"], a["dtype"], a.get("unit"), a.get("dimensions")) for a in of(found, "array")]


def test_zarr_v2_with_its_metadata_together(tmp_path: Path, look: Look) -> None:
    nodes = {
        ".zgroup": {"zarr_format": 2},
        ".zattrs": {"title": "Sea of Sagami"},
        "obs/sst/.zarray": ARRAY,
        "obs/sst/.zattrs": ATTRIBUTES,
    }
    (tmp_path / "a.zarr" / "obs" / "sst").mkdir(parents=True)
    (tmp_path / "a.zarr" / ".zmetadata").write_text(json.dumps({"metadata": nodes, "zarr_consolidated_format": 1}))
    (tmp_path / "a.zarr" / "obs" / "sst" / ".zarray").write_text(json.dumps(ARRAY))
    found = look("a.zarr/.zmetadata")
    assert arrays(found) == [("sst", "obs", "float32", "degC", ["time", "lat", "lon"])]
    assert attribute(found, "title") == "Sea of Sagami"
    assert look("a.zarr/obs/sst/.zarray") == []  # told already


def test_zarr_v2_array_by_array(tmp_path: Path, look: Look) -> None:
    (tmp_path / "sst").mkdir()
    (tmp_path / "sst" / ".zarray").write_text(json.dumps(ARRAY))
    (tmp_path / "sst" / ".zattrs").write_text(json.dumps(ATTRIBUTES))
    assert arrays(look("sst/.zarray")) == [("sst", "", "float32", "degC", ["time", "lat", "lon"])]


def test_zarr_v3(tmp_path: Path, look: Look) -> None:
    node = {
        "zarr_format": 3, "node_type": "array", "shape": [5], "data_type": "int16", "dimension_names": ["x"],
        "attributes": {"units": "m"},
    }  # fmt: skip
    (tmp_path / "depth").mkdir()
    (tmp_path / "depth" / "zarr.json").write_text(json.dumps(node))
    assert arrays(look("depth/zarr.json")) == [("depth", "", "int16", "m", ["x"])]


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "nothing", '{"metadata": 7}', '{"metadata": {"a/.zarray": {"shape": ["x"]}}}']
)
def test_zarr_metadata_that_are_none(text: str, tmp_path: Path, look: Look) -> None:
    (tmp_path / ".zmetadata").write_text(text)
    assert look(".zmetadata", () if text.startswith("{") else ("malformed",)) == []


def test_evidence_of_these_readers_is_plain(tmp_path: Path, look: Look) -> None:
    (tmp_path / "a.fits").write_bytes(fits())
    (tmp_path / "a.kml").write_text(KML)
    for name in ("a.fits", "a.kml"):
        assert json.loads(json.dumps(look(name)))
        assert all(isinstance(Evidence(**{**e, "place": None}), Evidence) for e in look(name))


def test_geotiff_with_a_matrix_that_turns_it(tmp_path: Path, look: Look) -> None:
    matrix = (0.0, 0.1, 0.0, 135.0, 0.1, 0.0, 0.0, 34.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    keys = (1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326)
    tags = [(34264, "d", 16, matrix, True), (34735, "H", len(keys), keys, True)]
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((4, 8), "u1"), extratags=tags)
    (found,) = of(look("a.tif"), "coordinates")
    assert box(found) == {"west": 135.0, "south": 34.0, "east": 135.4, "north": 34.8}


def test_geotiff_of_a_plane_zone_lies_in_degrees_without_any_library(
    suggest: Callable[..., list[Candidate]], tmp_path: Path
) -> None:
    keys = [1024, 1, 1025, 1, 3072, 6677]
    geotiff(tmp_path / "b.tif", keys=keys, tie=(0.0, 0.0, 0.0, -10_000.0, -30_000.0, 0.0), scale=(1000.0, 1000.0, 0.0))
    (found,) = suggest({"town.tif": (tmp_path / "b.tif").read_bytes()}, "locations")
    assert found.value["box"]["north"] == pytest.approx(35.7296, abs=2e-3)
    assert found.value["box"]["west"] == pytest.approx(139.7228, abs=2e-3)
