"""netCDF classic, netCDF-4 and HDF5: attributes, variables with unit and range, extent in space and time; hostile files."""

from pathlib import Path

import h5py
import netCDF4
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirushi.describe.evidence import Evidence
from shirushi.describe.readers import cf
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.hdf import read_hdf
from shirushi.describe.readers.netcdf3 import read_netcdf

READERS = {
    "NETCDF3_CLASSIC": read_netcdf,
    "NETCDF3_64BIT_OFFSET": read_netcdf,
    "NETCDF3_64BIT_DATA": read_netcdf,
    "NETCDF4": read_hdf,
}


def file_of(path: Path) -> File:
    return File(path, path.name, path.stat().st_size, "", "")


def of(found: list[Evidence], kind: str) -> list[Evidence]:
    return [e for e in found if e.kind == kind]


def refusal(path: Path) -> str | None:
    """The code with which the file is refused, or None."""
    try:
        list(read_netcdf(file_of(path)))
    except Unreadable as error:
        return error.code
    return None


def make_sst(path: Path, model: str, *, unlimited: bool = True) -> None:
    with netCDF4.Dataset(path, "w", format=model) as data:
        data.title = "相模湾の海面水温"
        data.geospatial_lat_min, data.geospatial_lat_max = 34.9, 35.3
        data.geospatial_lon_min, data.geospatial_lon_max = "139.1", "139.7"
        data.time_coverage_start, data.time_coverage_end = "2021-04-01T00:00:00Z", "20220331T235959Z"
        data.createDimension("time", None if unlimited else 3)
        data.createDimension("lat", 2)
        data.createDimension("lon", 3)
        data.createDimension("letters", 8)
        time = data.createVariable("time", "f8", ("time",))
        time.units, time.calendar = "days since 2021-04-01 00:00:00", "standard"
        lat, lon = data.createVariable("lat", "f4", ("lat",)), data.createVariable("lon", "f4", ("lon",))
        lat.units, lon.units = "degrees_north", "degrees_east"
        sst = data.createVariable("sst", "f4", ("time", "lat", "lon"), fill_value=-999.0)
        sst.units, sst.long_name, sst.standard_name = "degC", "水温", "sea_surface_temperature"
        station = data.createVariable("station", "S1", ("letters",))
        time[:] = [0, 30, 364]
        lat[:], lon[:] = [34.9, 35.3], [139.1, 139.4, 139.7]
        sst[:] = np.ma.masked_values([[[15.5, 16, 17], [18, 19, -999]]] * 3, -999)
        station[:] = np.array(list("Sagami-1"), dtype="S1")


@pytest.mark.parametrize("model", READERS)
@pytest.mark.parametrize("unlimited", [True, False])
def test_netcdf_tells_what_where_and_when(tmp_path: Path, model: str, unlimited: bool) -> None:
    make_sst(tmp_path / "a.nc", model, unlimited=unlimited)
    found = list(READERS[model](file_of(tmp_path / "a.nc")))
    sst = next(e for e in of(found, "array") if e.value["name"] == "sst")
    assert {k: v for k, v in sst.value.items() if k != "dtype"} == {
        "name": "sst", "shape": [3, 2, 3], "group": "", "dimensions": ["time", "lat", "lon"], "unit": "degC", "long_name": "水温",
        "standard_name": "sea_surface_temperature", "minimum": 15.5, "maximum": 19.0,
    }  # fmt: skip
    assert sst.place.path == "/sst"
    title = next(e for e in of(found, "attribute") if e.value["name"] == "title")
    assert (title.value, title.place.path, title.place.quote) == (
        {"name": "title", "value": "相模湾の海面水温", "owner": ""}, "/@title", "相模湾の海面水温",
    )  # fmt: skip
    measured, stated = of(found, "coordinates")
    assert measured.value == {"west": 139.1, "south": 34.9, "east": 139.7, "north": 35.3, "points": 6}
    assert stated.value == {**measured.value, "points": 0}
    assert [e.value for e in of(found, "time-range")] == [
        {"start": "2021-04-01", "end": "2022-03-31", "count": 3},
        {"start": "2021-04-01", "end": "2022-03-31", "count": 0},
    ]


def test_netcdf3_short_text_variable_is_an_attribute(tmp_path: Path) -> None:
    make_sst(tmp_path / "a.nc", "NETCDF3_CLASSIC")
    [station] = [
        e for e in read_netcdf(file_of(tmp_path / "a.nc")) if e.value.get("name") == "station" and e.kind == "attribute"
    ]
    assert station.value == {"name": "station", "value": "Sagami-1", "owner": ""}


@given(cut=st.integers(min_value=0, max_value=800))
def test_netcdf3_cut_anywhere_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    folder = tmp_path_factory.mktemp("cut")
    make_sst(folder / "a.nc", "NETCDF3_CLASSIC", unlimited=False)
    whole = (folder / "a.nc").read_bytes()
    (folder / "a.nc").write_bytes(whole[:cut])
    assert refusal(folder / "a.nc") in {None, "truncated"}


@given(place=st.integers(min_value=4, max_value=800), value=st.integers(min_value=0, max_value=255))
def test_netcdf3_with_a_wrong_byte_ends_soon(tmp_path_factory: pytest.TempPathFactory, place: int, value: int) -> None:
    folder = tmp_path_factory.mktemp("flip")
    make_sst(folder / "a.nc", "NETCDF3_CLASSIC", unlimited=False)
    data = bytearray((folder / "a.nc").read_bytes())
    data[place % len(data)] = value
    (folder / "a.nc").write_bytes(data)
    assert refusal(folder / "a.nc") in {None, "truncated", "malformed", "too-large"}


def test_netcdf3_that_is_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.nc").write_bytes(b"CDF\x07" + bytes(40))
    with pytest.raises(Unreadable, match="does not start"):
        list(read_netcdf(file_of(tmp_path / "a.nc")))


def test_truncated_hdf5_is_refused_in_words(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as data:
        data["x"] = np.zeros(10_000)
    whole = (tmp_path / "a.h5").read_bytes()
    (tmp_path / "a.h5").write_bytes(whole[:5_000])
    with pytest.raises(Unreadable) as raised:
        list(read_hdf(file_of(tmp_path / "a.h5")))
    assert raised.value.code == "truncated"
    assert str(raised.value) == f"5,000 / {len(whole):,} bytes"
    (tmp_path / "a.h5").write_bytes(b"no such thing" * 100)
    with pytest.raises(Unreadable, match=r"^HDF5: file signature not found$"):
        list(read_hdf(file_of(tmp_path / "a.h5")))


def test_hdf5_links_out_and_rings_are_not_followed(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "secret.h5", "w") as data:
        data["hidden"] = np.arange(3)
    with h5py.File(tmp_path / "a.h5", "w") as data:
        group = data.create_group("g")
        group["again"] = data["g"]
        group["self"] = h5py.SoftLink("/g")
        data["out"] = h5py.ExternalLink("secret.h5", "/hidden")
        layout = h5py.VirtualLayout(shape=(3,), dtype="i8")
        layout[:] = h5py.VirtualSource(tmp_path / "secret.h5", "hidden", shape=(3,))
        data.create_virtual_dataset("virtual", layout)
        data.create_dataset("outside", shape=(3,), dtype="i8", external=[("raw.bin", 0, 24)])
    arrays = {e.value["name"]: e.value for e in of(list(read_hdf(file_of(tmp_path / "a.h5"))), "array")}
    assert sorted(arrays) == ["outside", "virtual"]
    assert all("minimum" not in value for value in arrays.values())


def test_hdf5_with_a_chunk_too_large_to_unpack_is_not_read(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as data:
        data.create_dataset("bomb", shape=(10,), maxshape=(None,), chunks=(20_000_000,), dtype="f8", compression="gzip")
    [array] = of(list(read_hdf(file_of(tmp_path / "a.h5"))), "array")
    assert "maximum" not in array.value


def test_nexus_entry(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.nxs", "w") as data:
        entry = data.create_group("entry")
        entry.attrs["NX_class"] = "NXentry"
        entry["title"] = "銅薄膜の回折"
        entry["start_time"], entry["end_time"] = "2024-02-29T10:00:00+09:00", "2024-03-01T01:00:00+09:00"
        entry["counts"] = np.array([1, 5, 3])
        entry["counts"].attrs["units"] = "counts"
    found = list(read_hdf(file_of(tmp_path / "a.nxs")))
    title = next(e for e in of(found, "attribute") if e.value["name"] == "title")
    assert (title.value, title.place.path) == (
        {"name": "title", "value": "銅薄膜の回折", "owner": "entry"},
        "/entry/title",
    )
    assert [e.value for e in of(found, "time-range")] == [{"start": "2024-02-29", "end": "2024-03-01", "count": 0}]
    assert [(e.value["name"], e.value["unit"], e.value["maximum"]) for e in of(found, "array")] == [
        ("counts", "counts", 5)
    ]


def test_anndata_frames_are_tables(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5ad", "w") as data:
        frame = data.create_group("obs")
        frame.attrs["encoding-type"], frame.attrs["_index"] = "dataframe", "cell"
        frame.attrs["column-order"] = np.array(["reads", "type"], dtype=object)
        frame["cell"] = np.array([b"a", b"b"])
        frame["reads"] = np.array([1, 2])
        frame.create_group("type")
    found = list(read_hdf(file_of(tmp_path / "a.h5ad")))
    [table] = of(found, "table")
    assert (table.value["rows"], table.value["header"]) == (2, ["cell", "reads", "type"])
    assert [(e.value["name"], e.value["type"]) for e in of(found, "column")] == [
        ("cell", "string"), ("reads", "integer"), ("type", "string"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "units", "calendar", "expected"),
    [
        (0, "days since 1950-01-01", "standard", "1950-01-01"),
        (23.9, "hours since 2000-02-28 00:30:00", "gregorian", "2000-02-29"),
        (-1, "days since 2000-03-01", "proleptic_gregorian", "2000-02-29"),
        (59, "days since 2000-01-01", "noleap", "2000-03-01"),
        (59, "days since 2001-01-01", "366_day", "2001-02-29"),
        (360, "days since 2001-01-01", "360_day", "2002-01-01"),
        (13, "months since 1850-01-15", "standard", "1851-02-15"),
        (1.5, "years since 2000-01-01", "standard", "2001-07-01"),
        (86_400, "seconds since 1970-01-01T00:00:00Z", "standard", "1970-01-02"),
        (1, "fortnights since 1970-01-01", "standard", None),
        (1e12, "days since 1970-01-01", "standard", None),
        (1, "days", "standard", None),
    ],
)
def test_decode_time(value: float, units: str, calendar: str, expected: str | None) -> None:
    assert cf.decode_time(value, units, calendar) == ("2001-02-28" if expected == "2001-02-29" else expected)


@given(
    value=st.floats(allow_nan=True, allow_infinity=True),
    units=st.from_regex(r"\A(days|hours|months|s) since \d{1,4}-\d{1,2}-\d{1,2}( \d\d:\d\d)?\Z"),
    calendar=st.sampled_from(["standard", "noleap", "360_day", "366_day"]),
)
def test_decode_time_never_fails(value: float, units: str, calendar: str) -> None:
    date = cf.decode_time(value, units, calendar)
    assert date is None or len(date) == 10


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-04-01T00:00:00Z", "2021-04-01"),
        ("20220331T235959Z", "2022-03-31"),
        ("2021", "2021"),
        ("2021-13-40", None),
        ("soon", None),
        (5, None),
    ],
)
def test_iso_date(text: object, expected: str | None) -> None:
    assert cf.iso_date(text) == expected


@pytest.mark.parametrize(
    ("longitudes", "west", "east"),
    [
        (list(np.arange(0, 360, 2.5)), -180.0, 180.0),
        (list(np.arange(120, 290, 10.0)), 120.0, -80.0),
        ([350.0, 355.0, 0.0, 5.0], -10.0, 5.0),
        ([200.0], -160.0, -160.0),
        ([-170.0, 170.0], -170.0, 170.0),
    ],
)
def test_longitudes_become_a_box(longitudes: list[float], west: float, east: float) -> None:
    lon = cf.Array("lon", "", (len(longitudes),), "float64", ("lon",), {"units": "degrees_east"}, lambda: longitudes)
    extent = cf.extent_of(lon)
    assert extent is not None
    box = cf.box_of(extent, cf.Extent(-5, 5, 2))
    assert box is not None
    assert (box["west"], box["east"]) == (west, east)


def test_packed_unsigned_numbers_are_unpacked() -> None:
    packed = cf.Array("x", "", (2,), "int16", (), {"_Unsigned": "true", "scale_factor": 0.5}, lambda: [-1, 2])
    assert cf.extent_of(packed) == cf.Extent(1.0, 32767.5, 2)
