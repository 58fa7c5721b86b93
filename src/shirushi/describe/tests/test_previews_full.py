"""The view that each sort of file deserves: what is in it is seen, what is hostile is not let through, what is huge is not read."""

import base64
import gzip
import io
import json
import re
import sqlite3
import struct
import tarfile
import time
import wave
import zipfile
from pathlib import Path
from typing import Any

import h5py
import netCDF4
import numpy as np
import openpyxl
import pytest
import tifffile
from PIL import Image

from shirushi.describe import preview as engine
from shirushi.describe.previews import formulas, maps, nodes, registry
from shirushi.describe.readers.base import File

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def look(path: Path, media_type: str, **asked: Any) -> dict[str, Any]:
    """What a worker would answer."""
    usual = {
        "page": None,
        "sheet": None,
        "offset": None,
        "limit": 200,
        "byte": None,
        "variable": None,
        "at": [],
        "beside": {},
    }
    shown = engine.render_full(str(path), media_type, None, **(usual | asked))
    assert shown is not None
    json.dumps(shown, allow_nan=False)
    return shown


def picture_of(shown: dict[str, Any]) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(shown["picture"])))


def all_tags(found: Any) -> set[str]:
    return {tag for node in found if not isinstance(node, str) for tag in {node[0], *all_tags(node[2])}}


# ---- written text


def test_markdown_becomes_nodes_and_html_in_it_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        "# One *two*\n\n<script>x</script> [go](javascript:x) [to](b.csv)\n\n|a|b|\n|-|-:|\n|1|2|\n\n3. c\n"
    )
    shown = look(path, "text/markdown")
    assert (shown["type"], shown["whole"]) == ("writing", True)
    assert shown["nodes"][0] == ["h1", {"id": "one-two"}, ["One ", ["em", {}, ["two"]]]]
    assert all_tags(shown["nodes"]) == {"h1", "em", "p", "a", "table", "thead", "tbody", "tr", "th", "td", "ol", "li"}
    assert "<script>x</script> [go](javascript:x) " in "".join(nodes.words(shown["nodes"]))


def test_long_markdown_says_that_it_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# Title\n\n" + "word " * 50_000)
    assert look(path, "text/markdown")["whole"] is False


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<b>a</b><script>b</script>c", [["strong", {}, ["a"]], "c"]),
        ("<p onclick=x>a<iframe src=y>z</iframe></p>", [["p", {}, ["a"]]]),
        ("<svg><a href='javascript:x'>k</a></svg>t", ["t"]),
        ("<td colspan='2' style='x'>a</td>", [["td", {"colspan": 2}, ["a"]]]),
        ("<div>" * 200 + "deep", None),
        ("", []),
    ],
)
def test_html_keeps_words_and_structure_alone(written: str, expected: Any) -> None:
    found, _ = nodes.of_html(written)
    assert "".join(nodes.words(found)) == "deep" if expected is None else found == expected


def test_notebook_is_shown_cell_by_cell_without_anything_that_acts(tmp_path: Path) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (30, 20)).save(drawn, "PNG")
    outputs = [
        {"output_type": "stream", "name": "stderr", "text": ["\x1b[31mred", "\n"]},
        {
            "output_type": "execute_result",
            "data": {"text/html": "<table><tr><td>1</td></tr></table><script>x</script>"},
        },
        {"output_type": "display_data", "data": {"image/png": base64.b64encode(drawn.getvalue()).decode()}},
        {"output_type": "display_data", "data": {"application/javascript": "alert(1)"}},
        {"output_type": "display_data", "data": {"image/svg+xml": "<svg onload='x'/>", "text/plain": "a plot"}},
    ]
    cells: list[Any] = [
        {"cell_type": "code", "source": ["a\n", "b"], "execution_count": 7, "outputs": outputs},
        *({"cell_type": "markdown", "source": f"# {n}"} for n in range(60)),
    ]
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {"kernelspec": {"language": "R"}}, "nbformat": 4}))
    shown = look(path, "application/x-ipynb+json")
    first = shown["cells"][0]
    assert (shown["total"], len(shown["cells"]), shown["language"]) == (61, 40, "R")
    assert (first["text"], first["count"]) == ("a\nb", 7)
    assert [output["kind"] for output in first["outputs"]] == ["text", "writing", "picture", "left-out", "text"]
    assert first["outputs"][0]["text"] == "red"
    assert all_tags(first["outputs"][1]["nodes"]) == {"table", "tr", "td"}
    assert picture_of(first["outputs"][2]).size == (30, 20)
    assert look(path, "application/x-ipynb+json", offset=41)["cells"][-1]["nodes"][0][2] == ["59"]


@pytest.mark.parametrize(
    "data", [b"{", b"[]", b'{"cells": 3}', b'{"cells": [1, {"outputs": 3}, {"cell_type": "code", "outputs": [1, {}]}]}']
)
def test_odd_notebooks_are_refused_or_shown(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(data)
    shown = engine.preview(path, media_type="application/x-ipynb+json", full=True)
    assert shown["type"] == "notebook" or shown["trouble"]["code"] == "malformed"


# ---- tables


def test_table_tells_what_each_column_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "sst (degC),station,note\n" + "".join(f"{n / 10},{'AB'[n % 2]},{'x' if n == 3 else ''}\n" for n in range(500))
    )
    shown = look(path, "text/csv")
    sst, station, note = shown["profile"]
    assert (sst["type"], sst["unit"], sst["minimum"], sst["maximum"], sum(sst["histogram"])) == (
        "number",
        "degC",
        0,
        49.9,
        500,
    )
    assert station["values"] == [["A", 250], ["B", 250]]
    assert (note["missing"], note["count"], note["values"]) == (499, 500, [["x", 1]])
    assert len(shown["rows"]) == 200
    assert "profile" not in look(path, "text/csv", offset=202)
    assert shown["uncounted"] == 0


@pytest.mark.parametrize(
    ("text", "uncounted", "values"),
    [
        (
            "a,b,c\n1\n\n1,2,3,4,5\n,,\n",
            1,
            [["1", 2]],
        ),  # of the sheet it is the blank row, of the text the one with commas
        ("a,b\nkg,m\n1,2\n3,4\n1,6\n7,8\nTotal,20\n", 2, [["1", 2], ["3", 1], ["7", 1]]),
    ],
)
def test_rows_that_are_no_data_are_shown_and_told_of(
    tmp_path: Path, text: str, uncounted: int, values: list[Any]
) -> None:
    (tmp_path / "a.csv").write_text(text)
    (tmp_path / "b.xlsx").write_bytes(workbook([line.split(",") for line in text.splitlines()]))
    for name, kind in (("a.csv", "text/csv"), ("b.xlsx", XLSX)):
        shown = look(tmp_path / name, kind)
        first = shown["profile"][0]
        assert shown["uncounted"] == uncounted
        assert shown["records"] - shown["uncounted"] == first["count"]
        assert (first["values"], "counted" in first) == (values, False)


def test_rows_above_the_header_stand_above_the_table(tmp_path: Path) -> None:
    lines = ["My experiment,,", "Date: 2024,,", "", "t,v,u", "1,2,3", "2,3,4", "", ""]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    (tmp_path / "b.xlsx").write_bytes(workbook([line.split(",") for line in lines]))
    for name, kind in (("a.csv", "text/csv"), ("b.xlsx", XLSX)):
        shown = look(tmp_path / name, kind)
        assert [row["cells"][0] for row in shown["above"]] == ["My experiment", "Date: 2024"]
        assert [row["number"] for row in shown["rows"]] == [5, 6]
        assert (shown["records"], shown["uncounted"], shown["ends"]) == (2, 0, [5, 6])
        assert shown["profile"][0]["values"] == [["1", 1], ["2", 1]]


def test_marks_of_missing_values_are_no_values_of_the_chart(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("t,v\n1,2\n2,-999\n3,4\n4,NA\n5,\n6,4\n")
    column = look(tmp_path / "a.csv", "text/csv")["profile"][1]
    assert (column["missing"], column["distinct"], column["values"]) == (3, 2, [["4", 2], ["2", 1]])


def test_chart_of_a_large_table_has_the_shape_of_all_of_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("i,v\n" + "".join(f"{n},{n % 7}\n" for n in range(1_000_000, 1_400_000)))
    bins = look(tmp_path / "a.csv", "text/csv")["profile"][0]["histogram"]
    assert max(bins) < 1.3 * min(bins)


def workbook(rows: list[list[str]]) -> bytes:
    stream = io.BytesIO()
    book = openpyxl.Workbook()
    for cells in rows:
        book.active.append([float(cell) if cell.replace(".", "").isdigit() else cell or None for cell in cells])
    book.save(stream)
    return stream.getvalue()


def test_formulas_without_results_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(workbook([["a", "b"], ["1", "=A2*2"], ["2", "=A3*2"]]))
    assert look(tmp_path / "a.xlsx", XLSX)["uncalculated"] == 2
    with zipfile.ZipFile(tmp_path / "a.xlsx") as made, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as other:
        for name in made.namelist():
            data = made.read(name)
            if name.endswith("sheet1.xml"):
                data, count = re.subn(rb"(<f>A2[*]2</f>)<v ?/>", rb"\1<v>2</v>", data.replace(b"<v></v>", b"<v/>"))
                assert count == 1
                # a text of no letters is a result too
                data = data.replace(b'<c r="B3">', b'<c r="B3" t="str">')
            other.writestr(name, data)
    assert look(tmp_path / "b.xlsx", XLSX)["uncalculated"] == 0
    (tmp_path / "c.xlsx").write_bytes(
        (tmp_path / "a.xlsx").read_bytes().replace(b"xl/workbook.xml", b"xl/workbooK.xml")
    )
    assert formulas.uncalculated(File(tmp_path / "c.xlsx", "c.xlsx", 1, XLSX, ""), "Sheet") == 0


def test_parquet_and_sqlite_are_tables_of_pages(tmp_path: Path) -> None:
    import duckdb

    parquet = tmp_path / "it's.parquet"
    duckdb.sql("SELECT i AS id, 'x' || i AS name FROM range(1000) t(i)").write_parquet(str(parquet))
    shown = look(parquet, "application/vnd.apache.parquet", offset=901)
    assert (shown["header"], shown["total_rows"], shown["rows"][0]) == (
        ["id", "name"],
        1000,
        {"number": 901, "cells": ["900", "x900"]},
    )
    assert len(shown["rows"]) == 100
    base = tmp_path / "a.sqlite"
    with sqlite3.connect(base) as made:
        made.execute("CREATE TABLE a(x)")
        made.execute('CREATE TABLE "b ""q"(y INTEGER)')
        made.executemany('INSERT INTO "b ""q" VALUES (?)', [(n,) for n in range(300)])
    made.close()
    shown = look(base, "application/vnd.sqlite3", sheet='b "q', offset=201)
    assert (shown["sheets"], shown["total_rows"], len(shown["rows"])) == (["a", 'b "q'], 300, 100)
    assert look(base, "application/vnd.sqlite3", sheet='b "q')["profile"][0]["type"] == "integer"


# ---- arrays


def test_netcdf_plane_is_drawn_north_up_with_gaps(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(path, "w") as made:
        for name, size in (("time", 3), ("lat", 4), ("lon", 5)):
            made.createDimension(name, size)
        made.createVariable("lat", "f4", ("lat",))[:] = [10, 20, 30, 40]
        variable = made.createVariable("sst", "i2", ("time", "lat", "lon"), fill_value=-1)
        variable.set_auto_maskandscale(False)
        variable.scale_factor, variable.units = 0.5, "degC"
        values = np.arange(60, dtype="i2").reshape(3, 4, 5)
        values[2, 3, 4] = -1
        variable[:] = values
    shown = look(path, "application/x-netcdf4", variable="/sst", at=[2])
    chosen = shown["chosen"]
    assert (chosen["kind"], chosen["upward"], chosen["unit"]) == ("plane", True, "degC")
    assert chosen["numbers"][0] == [20, 20.5, 21, 21.5, 22]
    assert chosen["numbers"][3][4] is None
    assert chosen["axes"][0] == {"name": "lat", "size": 4, "shown": 4, "ends": [10, 40]}
    drawn = picture_of(chosen).convert("RGBA")
    assert drawn.getpixel((drawn.width - 1, 0))[3] == 0  # the gap in the north-east
    assert [a["name"] for a in shown["groups"][0]["arrays"]] == ["lat", "sst"]
    assert look(path, "application/x-netcdf4", variable="/sst", at=[99])["chosen"]["steps"][0]["at"] == 2


def test_classic_netcdf_line_of_a_growing_dimension(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(path, "w", format="NETCDF3_CLASSIC") as made:
        made.createDimension("time", None)
        made.createVariable("time", "f8", ("time",))[:] = np.arange(1000) * 2.0
        made.createVariable("level", "f4", ("time",))[:] = np.arange(1000)
    chosen = look(path, "application/x-netcdf", variable="/level")["chosen"]
    assert (chosen["kind"], chosen["size"], chosen["step"], chosen["axis"]) == ("line", 1000, 2, "time")
    assert chosen["points"][:2] == [[0, 0], [4, 2]]
    assert chosen["numbers"][:3] == [0, 1, 2]


def test_values_behind_links_and_in_huge_chunks_are_not_read(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as made:
        made["secret"] = [1, 2, 3]
    layout = h5py.VirtualLayout((3,), "i8")
    layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "secret", (3,))
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as made:
        made.create_virtual_dataset("virtual", layout)
        made["linked"] = h5py.ExternalLink("other.h5", "secret")
        made.create_dataset("bomb", (20_000, 20_000), "f8", chunks=(10_000, 10_000), compression="gzip")
        made["own"] = [4, 5]
    for name in ("virtual", "bomb"):
        assert look(path, "application/x-hdf5", variable=f"/{name}")["chosen"]["kind"] == "none"
    assert look(path, "application/x-hdf5", variable="/linked")["chosen"] is None
    assert look(path, "application/x-hdf5", variable="/own")["chosen"]["numbers"] == [4, 5]


def test_values_are_shown_with_all_their_digits(tmp_path: Path) -> None:
    whole = [1_234_567, 2**53 + 1, -3]
    np.save(tmp_path / "a.npy", np.array(whole))
    chosen = look(tmp_path / "a.npy", "application/x-npy")["chosen"]
    assert (chosen["numbers"], chosen["low"], chosen["high"]) == (whole, -3, 2**53 + 1)
    np.save(tmp_path / "b.npy", np.array([[0.1, 20240101.5]]))
    assert look(tmp_path / "b.npy", "application/x-npy")["chosen"]["numbers"] == [[0.1, 20240101.5]]
    np.save(tmp_path / "c.npy", np.array([0.1, np.nan], "f4"))
    assert look(tmp_path / "c.npy", "application/x-npy")["chosen"]["numbers"] == [0.1, None]


@pytest.mark.parametrize("form", ["NETCDF4", "NETCDF3_CLASSIC"])
def test_dimensions_without_a_variable_and_values_never_written(tmp_path: Path, form: Any) -> None:
    with netCDF4.Dataset(tmp_path / "a.nc", "w", format=form) as made:
        made.createDimension("lat", 2)
        made.createDimension("lon", 3)
        made.createVariable("station", "i4", ("lat", "lon"))[0, :] = [12_345_678, 1, 2]
    kind = "application/x-netcdf4" if form == "NETCDF4" else "application/x-netcdf"
    chosen = look(tmp_path / "a.nc", kind, variable="/station")["chosen"]
    assert [axis["ends"] for axis in chosen["axes"]] == [None, None]
    assert chosen["numbers"] == [[12_345_678, 1, 2], [None, None, None]]


@pytest.mark.parametrize("order", ["C", "F"])
def test_numpy_array_is_shown_at_once(tmp_path: Path, order: Any) -> None:
    np.save(tmp_path / "a.npy", np.asarray(np.arange(12.0).reshape(3, 4), order=order))
    assert look(tmp_path / "a.npy", "application/x-npy")["chosen"]["numbers"][2] == [8, 9, 10, 11]


# ---- maps


def made_geopackage(path: Path) -> None:
    ring = [(-60_000.0, -70_000.0), (-59_000.0, -70_000.0), (-59_000.0, -69_000.0), (-60_000.0, -70_000.0)]
    shape = struct.pack("<BII", 1, 3, 1) + struct.pack("<I", 4) + b"".join(struct.pack("<2d", *p) for p in ring)
    with sqlite3.connect(path) as made:
        made.executescript(
            "CREATE TABLE gpkg_geometry_columns(table_name, column_name, srs_id); INSERT INTO gpkg_geometry_columns VALUES ('plots', 'geom', 7);"
            "CREATE TABLE gpkg_spatial_ref_sys(srs_id, organization, organization_coordsys_id); INSERT INTO gpkg_spatial_ref_sys VALUES (7, 'EPSG', 6677);"
            "CREATE TABLE plots(name TEXT, geom POLYGON);"
        )
        made.execute("INSERT INTO plots VALUES (?, ?)", ("あ", b"GP\0\1" + struct.pack("<i", 7) + shape))
        made.execute("INSERT INTO plots VALUES (?, ?)", ("damaged", b"GP\0\1\0\0\0\0\1\3\0\0\0\xff\xff\xff\xff"))
    made.close()


def made_shapefile(folder: Path) -> dict[str, str]:
    points = [(139.0, 35.0), (140.0, 36.0)]
    records = b"".join(struct.pack(">2I", n, 10) + struct.pack("<i2d", 1, *p) for n, p in enumerate(points, 1))
    (folder / "a.shp").write_bytes(struct.pack(">I", 9994) + bytes(28) + struct.pack("<i", 1) + bytes(64) + records)
    field = b"name".ljust(11, b"\0") + b"C" + bytes(4) + bytes([6]) + bytes(15)
    head = b"\3" + bytes(3) + struct.pack("<IHH", 2, 65, 7) + bytes(20) + field + b"\r"
    (folder / "x.dbf").write_bytes(head + b" " + "東京".encode("cp932").ljust(6) + b" " + b"B".ljust(6))
    (folder / "x.cpg").write_text("CP932")
    wgs = 'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["W",6378137,298.25]],PRIMEM["Greenwich",0],UNIT["Degree",0.0174532925199433]]'
    (folder / "x.prj").write_text(wgs)
    return {end: str(folder / f"x{end}") for end in (".dbf", ".cpg", ".prj")}


def test_shapes_of_every_format_lie_where_they_are(tmp_path: Path) -> None:
    bay = {"type": "Polygon", "coordinates": [[[139, 35], [139.5, 35], [139.5, 35.5], [139, 35]]]}
    collection = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {"name": "湾", "n": [1]}, "geometry": bay}],
    }
    (tmp_path / "a.geojson").write_text(json.dumps(collection))
    (tmp_path / "a.kml").write_text(
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>湾</name><LineString><coordinates>139,35 139.5,35.5</coordinates></LineString></Placemark></kml>'
    )
    (tmp_path / "a.gpx").write_text(
        '<gpx><trk><trkseg><trkpt lat="35" lon="139"/><trkpt lat="35.5" lon="139.5"/></trkseg></trk></gpx>'
    )
    made_geopackage(tmp_path / "a.gpkg")
    seen = {
        "area": look(tmp_path / "a.geojson", "application/geo+json"),
        "line": look(tmp_path / "a.kml", "application/vnd.google-earth.kml+xml"),
    }
    for sort, shown in seen.items():
        assert (shown["degrees"], shown["bounds"]) == (True, [139, 35, 139.5, 35.5])
        assert [(s["sort"], s["name"]) for s in shown["shapes"]] == [(sort, "湾")]
        assert shown["rows"][0]["cells"][0] == "湾"
    assert look(tmp_path / "a.gpx", "application/gpx+xml")["bounds"] == [139, 35, 139.5, 35.5]
    plots = look(tmp_path / "a.gpkg", "application/geopackage+sqlite3")
    assert (plots["system"], plots["layers"], plots["total"], len(plots["shapes"])) == ("EPSG:6677", ["plots"], 2, 1)
    assert plots["bounds"] == pytest.approx([139.17, 35.37, 139.19, 35.38], abs=0.02)
    beside = made_shapefile(tmp_path)
    shown = look(tmp_path / "a.shp", "application/vnd.shp", beside=beside)
    assert [row["cells"] for row in shown["rows"]] == [["東京"], ["B"]]
    assert (shown["degrees"], shown["bounds"]) == (True, [139, 35, 140, 36])
    alone = look(tmp_path / "a.shp", "application/vnd.shp")
    assert (alone["degrees"], alone["system"], alone["globe"], alone["unit"]) == (False, "", None, "")


def test_map_of_very_many_points_stays_bounded(tmp_path: Path) -> None:
    many = [[n / 1000 % 170, (n * 7 % 16_000) / 100 - 80] for n in range(60_000)]
    (tmp_path / "a.geojson").write_text(json.dumps({"type": "LineString", "coordinates": many}))
    shown = look(tmp_path / "a.geojson", "application/geo+json")
    assert len(shown["shapes"][0]["d"]) < 20 * maps.MOST_DRAWN


@pytest.mark.parametrize(
    "data",
    [b"{", b"[]", b'{"type": "Point", "coordinates": "x"}', b'{"features": [{"geometry": {"type": "Polygon", "coordinates": [[1]]}}, 3]}',
     b'{"type": "Point", "coordinates": [1e400, 2]}', b'{"type":"GeometryCollection","geometries":' * 20 + b"[]" + b"}" * 20],
)  # fmt: skip
def test_odd_shapes_are_no_map(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.geojson").write_bytes(data)
    shown = engine.preview(tmp_path / "a.geojson", media_type="application/geo+json", full=True)
    assert shown["type"] == "text"
    assert shown["trouble"]["code"] in ("malformed", "nothing-to-draw", "too-deep")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ('{"type": "FeatureCollection", "features": []}', "it has no features"),
        ('{"type": "Point", "coordinates": ["a", null]}', "features: 1; none has coordinates that can be drawn"),
        ('{"type": "Point", "coordinates": [1e6, 1e9]}', "features: 1; all lie outside of longitudes and latitudes"),
    ],
)
def test_map_without_anything_to_draw_says_why(tmp_path: Path, data: str, why: str) -> None:
    (tmp_path / "a.geojson").write_text(data)
    shown = engine.preview(tmp_path / "a.geojson", media_type="application/geo+json", full=True)
    assert (shown["type"], shown["trouble"]) == ("text", {"code": "nothing-to-draw", "detail": why})


def test_rasters_are_drawn_in_their_place(tmp_path: Path) -> None:
    values = np.arange(12, dtype="f4").reshape(3, 4)
    values[0, 0] = -9999
    keys = [(33550, "d", 3, (0.5, 0.5, 0.0)), (33922, "d", 6, (0, 0, 0, 139.0, 36.0, 0)), (42113, "s", 6, "-9999"),
        (34735, "H", 16, (1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326))]  # fmt: skip
    tifffile.imwrite(tmp_path / "a.tif", values, extratags=keys)
    (tmp_path / "a.asc").write_text(
        "ncols 4\nnrows 3\nxllcorner 139\nyllcorner 34.5\ncellsize 0.5\nnodata_value -9999\n-9999 1 2 3\n4 5 6 7\n8 9 10 11\n"
    )
    for name, kind in (("a.tif", "image/tiff"), ("a.asc", "application/x-esri-grid")):
        shown = look(tmp_path / name, kind)
        assert (shown["type"], shown["bounds"], shown["degrees"]) == ("map", [139, 34.5, 141, 36], name == "a.tif")
        drawn = picture_of(shown).convert("RGBA")
        assert [drawn.getpixel((x, 0))[3] for x in (0, 1)] == [0, 255]
        assert (round(shown["low"], 1), round(shown["high"], 1)) == (1.1, 10.9)


# ---- the rest


def test_archives_list_their_members(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        for number in range(250):
            made.writestr(f"d/{number}.txt", "x")
        made.writestr("../out.txt", "x")
    shown = look(tmp_path / "a.zip", "application/zip", offset=201)
    assert (shown["total"], len(shown["members"]), shown["members"][-1]["leads_out"]) == (251, 51, True)
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as made_tar:
        entry = tarfile.TarInfo("d/a.txt")
        entry.size, entry.mtime = 3, 1_700_000_000
        made_tar.addfile(entry, io.BytesIO(b"abc"))
    (member,) = look(tmp_path / "a.tgz", "application/gzip")["members"]
    assert (member["name"], member["size"], member["when"]) == ("d/a.txt", 3, "2023-11-14 22:13")


def test_shape_of_a_sound_is_seen(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as made:
        made.setparams((1, 2, 8000, 0, "NONE", ""))
        made.writeframes((np.sin(np.arange(8000)) * np.linspace(0, 32767, 8000)).astype("<i2").tobytes())
    shown = look(tmp_path / "a.wav", "audio/wav")
    assert (shown["kind"], len(shown["wave"])) == ("audio", 400)
    assert shown["wave"][0][1] < 0.01 < 0.95 < shown["wave"][-1][1]
    assert {"path": "duration", "value": "1 s"} in shown["items"]
    assert shown["problems"] == []
    (tmp_path / "b.wav").write_bytes((tmp_path / "a.wav").read_bytes()[:1044])
    shown = look(tmp_path / "b.wav", "audio/wav")
    told = {"code": "truncated", "detail": "16,000 bytes of sound are announced, 1,000 are there"}
    assert shown["problems"] == [told]
    assert all("truncated" not in item["value"] for item in shown["items"])


@pytest.mark.parametrize(
    "kind", ["text/csv", "text/plain", "image/png", "application/pdf", "application/x-empty", XLSX]
)
def test_empty_file_is_told_as_empty(tmp_path: Path, kind: str) -> None:
    (tmp_path / "a").touch()
    for full in (True, False):
        shown = engine.preview(tmp_path / "a", media_type=kind, full=full)
        assert (shown["type"], shown["reason"]) == ("none", "empty-file")


def test_text_that_is_no_json_says_where_it_breaks(tmp_path: Path) -> None:
    for text, trouble in (
        ('{"a":', {"code": "malformed", "detail": "not JSON: Expecting value: line 1 column 6 (char 5)"}),
        ('{"a": NaN}', None),
        ("[" * 20_000 + "]" * 20_000, None),
    ):
        (tmp_path / "a.json").write_text(text)
        shown = engine.preview(tmp_path / "a.json", media_type="application/json", full=True)
        assert (shown["type"], shown.get("trouble")) == ("text", trouble)


def test_what_lies_under_another_name_is_called_by_its_own(tmp_path: Path) -> None:
    np.save(tmp_path / "0123456789abcdef.npy", np.arange(3))
    shown = look(tmp_path / "0123456789abcdef.npy", "application/x-npy", name="data/heights.npy")
    assert shown["groups"][0]["arrays"][0]["name"] == "heights"


def test_packed_text_that_is_cut_off_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(np.random.default_rng(1).bytes(3_000))[:1_000])
    shown = engine.preview(tmp_path / "a.csv.gz", media_type="application/gzip", full=True)
    assert (shown["type"], shown["reason"]) == ("none", "truncated")


def test_text_is_read_from_any_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(b"line %06d\r\n" % n for n in range(50_000)))
    seen, byte = [], 0
    while byte < path.stat().st_size:
        shown = engine.render(str(path), "text/plain", None, None, None, None, 2_000, byte)
        seen += [line["text"] for line in shown["lines"]]
        assert shown["bytes"][0] == byte
        byte = shown["bytes"][1]
    assert seen == [f"line {n:06d}" for n in range(50_000)]
    last = engine.render(str(path), "text/plain", None, None, None, None, 2_000, -1)
    assert (last["lines"][-1]["text"], last["bytes"][1]) == ("line 049999", path.stat().st_size)
    assert engine.render(str(path), "text/plain", None, None, None, None, 5, 17)["lines"][0]["text"] == "line 000002"


def test_camera_picture_stands_upright_and_frames_are_turned(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (300, 200)).save(tmp_path / "a.jpg", exif=turned)
    shown = engine.render(str(tmp_path / "a.jpg"), "image/jpeg", None, None, None, None, 9)
    assert (shown["width"], shown["height"], shown["full"]) == (200, 300, [300, 200])
    tifffile.imwrite(
        tmp_path / "a.tif", np.stack([np.full((9, 9), n, "u2") for n in range(4)]), photometric="minisblack"
    )
    shown = engine.render(str(tmp_path / "a.tif"), "image/tiff", None, 3, None, None, 9)
    assert (shown["page"], shown["pages"], shown["stretched"]) == (3, 4, [2, 2])


def sparse(path: Path, head: bytes, size: int) -> Path:
    with path.open("wb") as stream:
        stream.write(head)
        stream.truncate(size)
    return path


def test_gigabytes_are_not_read(tmp_path: Path) -> None:
    """Five gigabytes of each, in a worker with little memory; a spinning disk would take a minute to read one."""
    big = 5_000_000_000
    npy = io.BytesIO()
    np.lib.format.write_array_header_1_0(npy, {"descr": "<f8", "fortran_order": False, "shape": (25_000, 25_000)})
    tifffile.imwrite(tmp_path / "a.tif", shape=(40_000, 40_000), dtype="uint16", photometric="minisblack")
    point = (
        b'{"type": "FeatureCollection", "features": ['
        + b'{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]}},' * 9
    )
    wav = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\xff\xff\xff\xff"
    cases = [
        (sparse(tmp_path / "a.csv", b"a,b\n1,2\n" * 9, big), "text/csv", "table"),
        (sparse(tmp_path / "a.geojson", point, big), "application/geo+json", "map"),
        (sparse(tmp_path / "a.ipynb", b'{"cells": [', big), "application/x-ipynb+json", "text"),
        (sparse(tmp_path / "a.wav", wav, big), "audio/wav", "media"),
        (sparse(tmp_path / "a.npy", npy.getvalue(), big + 1_000), "application/x-npy", "tree"),
        (tmp_path / "a.tif", "image/tiff", "image"),
    ]
    engine.preview(cases[0][0], media_type="text/csv", full=True)  # a worker starts
    for path, kind, expected in cases:
        began = time.monotonic()
        shown = engine.preview(path, media_type=kind, full=True)
        assert (path.name, shown["type"]) == (path.name, expected)
        assert time.monotonic() - began < 8
    assert shown["full"] == [40_000, 40_000]


def test_other_packages_bring_views_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @registry.shows("application/x-own*")
    def show_own(file: Any, wanted: Any) -> dict[str, Any]:
        return {"type": "attributes", "items": [{"path": "size", "value": str(file.size)}], "highlight": None}

    class Brought:
        found = (("own:show_own", show_own),)

    monkeypatch.setattr(registry, "brought", lambda group: Brought)
    (tmp_path / "a.own").write_bytes(b"abc")
    assert look(tmp_path / "a.own", "application/x-own+v2")["items"] == [{"path": "size", "value": "3"}]
