"""Where and when arrays lie: coordinates in chunks of Zarr stores, times as digits and as texts, and what arrays are called."""

from pathlib import Path

import numpy as np
import pytest

from shirushi.describe.evidence import Evidence
from shirushi.describe.identify import identify
from shirushi.describe.readers.base import File
from shirushi.describe.readers.hdf import read_hdf
from shirushi.describe.readers.zarr import read_zarr

zarr = pytest.importorskip("zarr")
netcdf = pytest.importorskip("netCDF4")
h5py = pytest.importorskip("h5py")


def opened(path: Path, name: str = "") -> File:
    what = identify(path, path.name)
    return File(path, name or path.name, path.stat().st_size, what.media_type, what.format)


def of(evidence: list[Evidence], kind: str) -> list:
    return [item.value for item in evidence if item.kind == kind]


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("together", [True, False])
@pytest.mark.filterwarnings("ignore:Consolidated metadata")
def test_extent_of_a_zarr_store(tmp_path: Path, version: int, together: bool) -> None:
    store = tmp_path / "sst.zarr"
    group = zarr.open_group(str(store), mode="w", zarr_format=version)
    for name, data, units in (
        ("lat", np.linspace(25, 35, 11), "degrees_north"),
        ("lon", np.linspace(130, 145, 16), "degrees_east"),
        ("time", np.arange(31), "days since 2020-01-01"),
    ):
        named = {"dimension_names": [name]} if version == 3 else {}
        made = group.create_array(name, data=data, chunks=(7,), **named)
        made.attrs.update({"units": units, **({"_ARRAY_DIMENSIONS": [name]} if version == 2 else {})})
    if together:
        zarr.consolidate_metadata(group.store)
        found = list(read_zarr(opened(store / (".zmetadata" if version == 2 else "zarr.json"))))
        (box,) = of(found, "coordinates")
        assert (box["west"], box["south"], box["east"], box["north"]) == (130, 25, 145, 35)
    else:
        part = "time/.zarray" if version == 2 else "time/zarr.json"
        found = list(read_zarr(opened(store / part, f"sst.zarr/{part}")))
    (period,) = of(found, "time-range")
    assert (period["start"], period["end"]) == ("2020-01-01", "2020-01-31")


def test_zarr_chunks_behind_a_link_or_above_the_store_are_left_alone(tmp_path: Path) -> None:
    store = tmp_path / "a.zarr"
    group = zarr.open_group(str(store), mode="w", zarr_format=2)
    group.create_array("time", data=np.arange(3)).attrs.update(
        {"units": "days since 2020-01-01", "_ARRAY_DIMENSIONS": ["time"]}
    )
    zarr.consolidate_metadata(group.store)
    (store / "time").rename(tmp_path / "elsewhere")
    (store / "time").symlink_to(tmp_path / "elsewhere")
    assert of(list(read_zarr(opened(store / ".zmetadata"))), "time-range") == []
    text = (store / ".zmetadata").read_text().replace('"time/', '"../elsewhere/')
    (store / ".zmetadata").write_text(text)
    assert of(list(read_zarr(opened(store / ".zmetadata"))), "time-range") == []


def test_times_written_as_digits(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    with netcdf.Dataset(path, "w") as made:
        made.createDimension("time", 2)
        time = made.createVariable("time", "i4", ("time",))
        time.units = "day as %Y%m%d.%f"
        time[:] = [19810101, 19831231]
    (period,) = of(list(read_hdf(opened(path))), "time-range")
    assert (period["start"], period["end"]) == ("1981-01-01", "1983-12-31")


def test_times_written_as_texts(tmp_path: Path) -> None:
    path = tmp_path / "wrfout.nc"
    with netcdf.Dataset(path, "w") as made:
        made.createDimension("Time", None)
        made.createDimension("DateStrLen", 19)
        times = made.createVariable("Times", "S1", ("Time", "DateStrLen"))
        times[:] = netcdf.stringtochar(np.array(["2019-10-12_00:00:00", "2019-10-13_06:00:00"], "S19"))
    (period,) = of(list(read_hdf(opened(path))), "time-range")
    assert (period["start"], period["end"], period["count"]) == ("2019-10-12", "2019-10-13", 2)


def test_arrays_are_called_by_whatever_attribute_says_it(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as made:
        made.create_dataset("t2", data=[1.0]).attrs.update({"description": "TEMP at 2 M", "Units": "K"})
        made.create_dataset("packed", data=[1]).attrs.update({"scale_factor": 0.1, "long_name": "wind"})
    found = {a["name"]: a for a in of(list(read_hdf(opened(path))), "array")}
    assert (found["t2"]["long_name"], found["t2"]["unit"]) == ("TEMP at 2 M", "K")
    assert found["packed"]["dtype"] == "float64"
