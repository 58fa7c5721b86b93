"""Gzipped FITS, GML, ASCII grids, world files, Zarr stores in folders and ZIPs: made here, whole, cut and hostile."""

import gzip
import json
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from shirushi.describe import describe
from shirushi.describe.evidence import Candidate
from shirushi.describe.formats import CHUNK
from shirushi.describe.identify import chunks, identify, identify_bytes
from shirushi.describe.readers.registry import read

Look = Callable[..., list[dict[str, Any]]]
ZONE_9 = (
    'PROJCS["Zone_9",GEOGCS["GCS",DATUM["D_JGD_2011",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",0.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",139.8333333333333],PARAMETER["Scale_Factor",0.9999],PARAMETER["Latitude_Of_Origin",36.0],UNIT["Meter",1.0]]'
)


@pytest.fixture
def look(tmp_path: Path) -> Look:
    def run(name: str, content: bytes | str, problems: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
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


# ---- FITS


def cards(*lines: str) -> bytes:
    text = "".join(line.ljust(80) for line in (*lines, "END"))
    return text.ljust(-(-len(text) // 2880) * 2880).encode()


IMAGE = cards(
    "SIMPLE  =                    T", "BITPIX  =                   16", "NAXIS   =                    2",
    "NAXIS1  =                    4", "NAXIS2  =                    2", "OBJECT  = 'Crab &'", "CONTINUE  'Nebula'",
    "DATE-OBS= '12/03/98'", "CTYPE1  = 'RA---TAN'", "CTYPE2  = 'DEC--TAN'", "CRVAL1  =             83.63308",
    "CRVAL2  =              22.0145", "RADESYS = 'ICRS'",
)  # fmt: skip
TABLE = cards(
    "XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 4", "NAXIS2  = 3", "PCOUNT  = 0", "GCOUNT  = 1",
    "TFIELDS = 1", "TTYPE1  = 'RATE'", "TFORM1  = 'E'", "TUNIT1  = 'count/s'",
)  # fmt: skip
WHOLE = IMAGE + bytes(2880) + TABLE + bytes(2880)


@pytest.mark.parametrize("packed", [False, True])
def test_fits_says_the_same_when_gzipped(packed: bool, look: Look) -> None:
    found = look("a.fits.gz" if packed else "a.fits", gzip.compress(WHOLE) if packed else WHOLE)
    assert attribute(found, "OBJECT") == "Crab Nebula"
    assert attribute(found, "sky position") == "83.6331 +22.0145 (ICRS)"
    assert of(found, "time-range") == [{"start": "1998-03-12", "end": "1998-03-12", "count": 1}]
    assert [(c["name"], c["unit"]) for c in of(found, "column")] == [("RATE", "count/s")]
    assert of(found, "coordinates") == []  # the sky is no place on the Earth


def test_gzipped_fits_is_known_by_its_bytes(look: Look) -> None:
    assert identify_bytes(gzip.compress(WHOLE), "anything").media_type == "application/fits+gzip"
    assert identify_bytes(gzip.compress(b"a,b\n1,2\n"), "a.fits.gz").media_type == "application/gzip"


def test_gzipped_fits_that_is_cut(look: Look) -> None:
    found = look("a.fits.gz", gzip.compress(WHOLE)[:-40], ("truncated",))
    assert attribute(found, "OBJECT") == "Crab Nebula"


def test_gzipped_fits_that_announces_too_much_is_not_unpacked(look: Look) -> None:
    huge = IMAGE.replace(b"NAXIS1  =                    4", b"NAXIS1  =           4000000000")
    before = time.process_time()
    assert attribute(look("a.fits.gz", gzip.compress(huge + bytes(2880))), "OBJECT") == "Crab Nebula"
    assert time.process_time() - before < 1


def test_a_string_that_never_ends_is_cut(look: Look) -> None:
    lines = [
        "SIMPLE  =                    T",
        "NAXIS   = 0",
        "OBJECT  = 'x&'",
        *["CONTINUE  '" + "y" * 60 + "&'"] * 5_000,
    ]
    assert len(attribute(look("a.fits", cards(*lines)), "OBJECT")) < 4_100


# ---- GML

CITY = """<?xml version="1.0" encoding="UTF-8"?>
<core:CityModel xmlns:core="http://www.opengis.net/citygml/2.0" xmlns:gml="http://www.opengis.net/gml">
<gml:name>港の建物</gml:name>
<gml:boundedBy><gml:Envelope srsName="{system}" srsDimension="3"><gml:lowerCorner>{low}</gml:lowerCorner>
<gml:upperCorner>{high}</gml:upperCorner></gml:Envelope></gml:boundedBy>
<core:cityObjectMember><gml:name>no title</gml:name></core:cityObjectMember>"""


def test_citygml_lies_in_latitude_and_longitude(look: Look) -> None:
    city = CITY.format(system="http://www.opengis.net/def/crs/EPSG/0/6697", low="35.6 139.7 0", high="35.7 139.8 90")
    found = look("a.gml", city)
    assert of(found, "coordinates") == [{"west": 139.7, "south": 35.6, "east": 139.8, "north": 35.7, "points": 2}]
    assert [v["value"] for v in of(found, "attribute") if v["name"] == "title"] == ["港の建物"]
    assert next(e["place"]["line"] for e in found if e["kind"] == "coordinates") == 4


def test_gml_in_a_plane_zone_names_north_first(look: Look) -> None:
    city = CITY.format(system="urn:ogc:def:crs:EPSG::6677", low="-40000 -10000", high="-30000 5000")
    [box] = of(look("a.gml", city), "coordinates")
    assert (box["west"], box["south"]) == (pytest.approx(139.7228, abs=2e-3), pytest.approx(35.6394, abs=2e-3))


def test_gml_in_utm_names_east_first(look: Look) -> None:
    city = CITY.format(system="urn:ogc:def:crs:EPSG::32654", low="380000 3940000", high="390000 3950000")
    [box] = of(look("a.xml", city), "coordinates")
    assert box["west"] == pytest.approx(139.67, abs=0.01)


@pytest.mark.parametrize("system", ["EPSG:4326", "urn:ogc:def:crs:EPSG::30800", "local", "x" * 250])
def test_gml_whose_axes_are_not_certain_lies_nowhere(system: str, look: Look) -> None:
    assert of(look("a.gml", CITY.format(system=system, low="35 36", high="37 38")), "coordinates") == []


@pytest.mark.parametrize(
    ("low", "high"), [("nan 1", "2 3"), ("a b", "c d"), ("1", "2"), ("50 0", "40 9"), ("1e400 0", "2 9")]
)
def test_gml_with_corners_that_cannot_be(low: str, high: str, look: Look) -> None:
    city = CITY.format(system="urn:ogc:def:crs:EPSG::4326", low=low, high=high)
    assert of(look("a.gml", city), "coordinates") == []


def test_gml_full_of_open_tags_ends_soon(look: Look) -> None:
    before = time.process_time()
    look("a.gml", CITY.split("<gml:boundedBy")[0] + "<gml:Envelope a='" * 20_000)
    assert time.process_time() - before < 2


# ---- ASCII grids and world files

GRID = "ncols 4\nnrows 3\nxllcorner -10000\nyllcorner -40000\ncellsize 1000\nNODATA_value -9999\n1 2 3 4\n"


def test_ascii_grid_lies_where_its_prj_says(suggest: Callable[..., list[Candidate]]) -> None:
    (found,) = suggest({"dem.asc": GRID, "dem.prj": ZONE_9}, "locations")
    assert found.value["box"]["south"] == pytest.approx(35.6394, abs=2e-3)
    assert suggest({"dem2.asc": GRID}, "locations") == []


def test_ascii_grid_header(look: Look) -> None:
    found = look("a.asc", GRID)
    assert attribute(found, "bounds") == [-10000, -40000, -6000, -37000]
    assert attribute(found, "no data value") == -9999
    assert of(found, "array")[0]["shape"] == [3, 4]
    middle = look("b.asc", GRID.replace("xllcorner", "xllcenter").replace("yllcorner", "yllcenter"))
    assert attribute(middle, "bounds") == [-10500, -40500, -6500, -37500]


@pytest.mark.parametrize(
    ("old", "new"), [("ncols 4", "ncols 9999999999999"), ("cellsize 1000", "cellsize -1"), ("nrows 3", "nrows 0")]
)
def test_ascii_grid_that_cannot_be(old: str, new: str, look: Look) -> None:
    assert look("a.asc", GRID.replace(old, new), ("malformed",)) == []


def test_world_file_places_the_picture_beside_it(look: Look, tmp_path: Path) -> None:
    Image.new("L", (40, 50)).save(tmp_path / "a.png")
    found = look("a.pgw", "10.0\n0.0\n0.0\n-10.0\n1005.0\n1995.0\n")
    assert attribute(found, "bounds") == [1000, 1500, 1400, 2000]
    assert look("alone.pgw", "10.0\n0.0\n0.0\n-10.0\n1005.0\n1995.0\n") == []


def test_dbf_is_read_as_its_cpg_says(look: Look, tmp_path: Path) -> None:
    name, cell = "名称", "ｶﾞ".encode("cp932").ljust(8)
    head = (
        struct.pack("<BBBBIHH20x", 3, 120, 1, 1, 1, 65, 9)
        + name.encode("cp932").ljust(11, b"\0")
        + b"C"
        + bytes(4)
        + bytes([8])
        + bytes(15)
        + b"\r"
    )
    (tmp_path / "a.cpg").write_text("SJIS\r\n")
    [column] = of(look("a.dbf", head + b" " + cell), "column")
    assert (column["name"], column["examples"]) == ("名称", ["ｶﾞ"])
    (tmp_path / "b.cpg").write_text("1252")
    [column] = of(look("b.dbf", head + b" " + cell), "column")
    assert column["name"] != "名称"  # the file states it, so it is so


# ---- Zarr

NODE = {"zarr_format": 3, "node_type": "array", "shape": [12, 5], "data_type": "float32", "attributes": {"units": "K"}}
GROUP = {"zarr_format": 3, "node_type": "group", "attributes": {"title": "Lake model"}}
OME = {"ome": {"version": "0.5", "multiscales": [{"name": "embryo", "axes": [
    {"name": "z", "type": "space", "unit": "micrometer"}, {"name": "y"}], "datasets": [
    {"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [2.0, 0.5]}]}]}]}}  # fmt: skip


def test_zarr_v3_with_its_metadata_together(look: Look) -> None:
    store = {**GROUP, "consolidated_metadata": {"kind": "inline", "metadata": {"lake/t": NODE}}}
    found = look("a.zarr/zarr.json", json.dumps(store))
    assert [(a["name"], a["group"], a["unit"]) for a in of(found, "array")] == [("t", "lake", "K")]
    assert attribute(found, "title") == "Lake model"
    assert look("a.zarr/lake/t/zarr.json", json.dumps(NODE)) == []  # told already


def test_ome_zarr_tells_axes_and_pixel_size(look: Look) -> None:
    found = look("a.zarr/zarr.json", json.dumps({**GROUP, "attributes": OME}))
    assert attribute(found, "image name") == "embryo"
    assert attribute(found, "axes") == "z (micrometer), y"
    assert attribute(found, "pixel size") == [2.0, 0.5]


@pytest.mark.parametrize(
    "broken", [7, [7], [{"axes": 3}], [{"axes": [{}], "datasets": [{"coordinateTransformations": [{"scale": 1}]}]}]]
)
def test_ome_zarr_that_is_broken(broken: Any, look: Look) -> None:
    found = look("a.zarr/zarr.json", json.dumps({**GROUP, "attributes": {"multiscales": broken}}))
    assert attribute(found, "pixel size") is None


def zipped(path: Path, entries: dict[str, str]) -> bytes:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path.read_bytes()


def test_zarr_in_a_zip(look: Look, tmp_path: Path) -> None:
    entries = {"zarr.json": json.dumps(GROUP), "lake/t/zarr.json": json.dumps(NODE), "lake/t/c/0/0": "x" * 80}
    found = look("a.zarr.zip", zipped(tmp_path / "x", entries))
    assert [(a["name"], a["group"], a["shape"]) for a in of(found, "array")] == [("t", "lake", [12, 5])]
    assert attribute(found, "title") == "Lake model"


def test_zip_with_a_bomb_for_metadata(look: Look, tmp_path: Path) -> None:
    found = look("a.zip", zipped(tmp_path / "x", {"zarr.json": " " * 30_000_000}))
    assert of(found, "array") == []


def test_chunks_are_told_by_the_array_they_lie_in() -> None:
    names = ["a/.zarray", "a/0.0", "a/1/2", "a/notes.txt", "b/zarr.json", "b/c/0/11", "b/c", "c/0.0", "b/x/0", "b/run1"]
    assert chunks(names) == {"a/0.0", "a/1/2", "b/c/0/11", "b/c"}


def test_a_store_of_many_chunks_is_one_array(tmp_path: Path) -> None:
    store = tmp_path / "a.zarr" / "t"
    store.mkdir(parents=True)
    (store / ".zarray").write_text(json.dumps({"shape": [3000], "chunks": [1], "dtype": "<f4", "zarr_format": 2}))
    for number in range(3_000):
        (store / str(number)).write_text("a,b\n1,2\n3,4\n5,6\n")  # would be a table anywhere else
    found = describe(tmp_path)
    assert [e.value["shape"] for e in found.evidence if e.kind == "array"] == [[3000]]
    assert sum(report.read for report in found.files) == 1
    assert {report.format for report in found.files} == {"Zarr", CHUNK.format}
    assert found.file_count == 3_001
