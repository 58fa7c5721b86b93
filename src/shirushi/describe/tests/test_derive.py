"""Derived files: rows equal to the source's, types only where nothing is lost, arrays that others open, and nothing half made."""

import bz2
import gzip
import json
import tempfile
import zipfile
from datetime import UTC, date, datetime, time
from pathlib import Path

import h5py
import netCDF4
import numpy as np
import pyarrow.parquet
import pytest
import xarray

from shirushi.describe.derive import Left, derive, parquet, work, workers
from shirushi.describe.derive.keys import index_of
from shirushi.describe.derive.parquet import unique
from shirushi.describe.readers import tabular
from shirushi.describe.readers.base import Unreadable

CSV, TSV, JSONL, GZIP, BZ2 = (
    "text/csv",
    "text/tab-separated-values",
    "application/jsonl",
    "application/gzip",
    "application/x-bzip2",
)
PYARROW = pytest.mark.filterwarnings("ignore")


def made(folder: Path, data: bytes, media_type: str, name: str = "x.csv", types: dict | None = None) -> list[dict]:
    """What the inside of a worker makes of these bytes; the tables are read by pyarrow."""
    source, target = folder / name, folder / "made"
    source.write_bytes(data)
    target.mkdir(exist_ok=True)
    told = work.make(
        str(source), name, media_type, len(data), [[part, known] for part, known in (types or {}).items()], {"source": name},
        str(target), 20_000_000,
    )  # fmt: skip
    for one in told:
        if "rows" in one:
            one["table"] = pyarrow.parquet.read_table(target / f"{one['number']}.made").to_pydict()
            assert pyarrow.parquet.read_metadata(target / f"{one['number']}.made").metadata[b"source"] == name.encode()
    return told


def columns(told: dict, *wanted: str) -> dict[str, list]:
    return {c["source"]: [c.get(name) for name in wanted] for c in told["columns"]}


@pytest.mark.parametrize(
    ("cells", "kind", "values", "more"),
    [
        (["1", "-2", "3"], "integer", [1, -2, 3], {}),
        (["1", "2.5", "-1e3"], "number", [1.0, 2.5, -1000.0], {}),
        (["1.5", "NA", "-", "2.5", "欠測"], "number", [1.5, None, None, 2.5, None], {"marks": {"NA": 1, "-": 1, "欠測": 1}}),
        (["11", "-999", "12", "-999", "13"], "integer", [11, None, 12, None, 13], {"marks": {"-999": 2}}),
        (["1,234", "2,345", "12,000"], "integer", [1234, 2345, 12000], {}),
        (["007", "008", "010"], "string", ["007", "008", "010"], {}),
        (["9007199254740993", "1", "2"], "integer", [9007199254740993, 1, 2], {}),
        (["0.1234567890123456789", "1.5", "2.5"], "string", ["0.1234567890123456789", "1.5", "2.5"], {"note": "kept as text"}),
        (["1.10", "2.50", "3e400"], "string", ["1.10", "2.50", "3e400"], {"note": "kept as text"}),
        (["1.10", "2.50", "4e-400"], "string", ["1.10", "2.50", "4e-400"], {"note": "kept as text"}),
        ([*map(str, range(19)), "<0.1"], "string", [*map(str, range(19)), "<0.1"], {"note": "“<0.1”"}),
        (["true", "false", "true"], "boolean", [True, False, True], {}),
        (["2024-01-31", "2024-02-29", "2024-03-01"], "date", [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 1)], {}),
        (["2024/1/5", "2024/1/6", "2024/1/7"], "date", [date(2024, 1, 5), date(2024, 1, 6), date(2024, 1, 7)], {}),
        (["令和6年1月5日", "令和6年1月6日", "令和6年1月7日"], "date", [date(2024, 1, n) for n in (5, 6, 7)], {}),
        (["13/04/2021", "01/05/2021", "02/05/2021"], "date", [date(2021, 4, 13), date(2021, 5, 1), date(2021, 5, 2)], {}),
        (["03/04/2021", "01/05/2021", "02/05/2021"], "string", ["03/04/2021", "01/05/2021", "02/05/2021"], {"note": "day and month"}),
        (["2016", "2016-05", "2016-05-03", "2016-05-04"], "string", ["2016", "2016-05", "2016-05-03", "2016-05-04"], {"note": "kept as text"}),
        (["2024-01-01T00:00:00.25", "2024-01-01T00:00:01"], "datetime", [datetime.fromisoformat("2024-01-01T00:00:00.250"), datetime.fromisoformat("2024-01-01T00:00:01")], {}),
        (["2024-01-01T09:00:00+09:00", "2024-01-01T00:30:00Z"], "datetime", [datetime(2024, 1, 1, 0, 0, tzinfo=UTC), datetime(2024, 1, 1, 0, 30, tzinfo=UTC)], {"note": "UTC"}),
        (["2024-01-01T09:00:00+09:00", "2024-01-01T00:30:00"], "string", ["2024-01-01T09:00:00+09:00", "2024-01-01T00:30:00"], {"note": "zone"}),
        (["10:30:00", "11:45:10", "09:00:00"], "time", [time(10, 30), time(11, 45, 10), time(9, 0)], {}),
    ],
)  # fmt: skip
def test_column_takes_the_type_that_keeps_all_of_it(tmp_path, cells, kind, values, more) -> None:
    data = "name;v\n" + "".join(f"n{i};{cell}\n" for i, cell in enumerate(cells))
    (told,) = made(tmp_path, data.encode(), CSV)
    (column,) = (c for c in told["columns"] if c["source"] == "v")
    assert (column["type"], told["table"]["v"]) == (kind, values)
    assert column["nulls"] == values.count(None)
    assert column.get("marks", {}) == more.get("marks", {})
    assert more.get("note", "") in column.get("note", "")
    assert ("note" in column) == ("note" in more)


def test_column_is_of_the_type_it_is_described_with(tmp_path) -> None:
    data = b"plot,on,level,odd\n1,0,3,1\n2,1,4,x\n3,1,5,2\n"
    types = {None: {"plot": "string", "on": "boolean", "level": "number", "odd": "integer"}}
    (told,) = made(tmp_path, data, CSV, types=types)
    assert told["table"] == {
        "plot": ["1", "2", "3"], "on": [False, True, True], "level": [3.0, 4.0, 5.0], "odd": ["1", "x", "2"],
    }  # fmt: skip
    assert "kept as text" in columns(told, "note")["odd"][0]


def test_title_lines_units_and_totals_are_no_rows(tmp_path) -> None:
    data = "観測所の記録\n\n地点,水深,計\n,m,個\nA,1.5,10\nB,2.5,20\nC,3.5,30\n合計,7.5,60\n"
    (told,) = made(tmp_path, data.encode("cp932"), CSV)
    assert told["table"] == {"地点": ["A", "B", "C"], "水深": [1.5, 2.5, 3.5], "計": [10, 20, 30]}
    assert columns(told, "unit")["水深"] == ["m"]
    assert told["left_out"] == ["the row of totals at the end"]


@pytest.mark.parametrize(("pack", "kind", "ending"), [(gzip.compress, GZIP, "gz"), (bz2.compress, BZ2, "bz2")])
def test_packed_tables_and_names_that_come_twice(tmp_path, pack, kind, ending) -> None:
    data = pack(b"depth\tDepth\tdepth\n1\t2\t3\n4\t5\t6\n7\t8\t9\n")
    (told,) = made(tmp_path, data, kind, name=f"x.tsv.{ending}")
    assert told["table"] == {"depth": [1, 4, 7], "Depth (2)": [2, 5, 8], "depth (3)": [3, 6, 9]}
    assert unique(["a", "A", "", "a (2)"]) == ["a", "A (2)", "column", "a (2) (2)"]


@pytest.fixture
def sampled(monkeypatch, tmp_path) -> None:
    """What is read in full is small, and few values are looked at one by one."""
    monkeypatch.setattr(tabular, "WHOLE", 60_000)
    monkeypatch.setattr(tabular, "HEAD", 20_000)
    monkeypatch.setattr(parquet, "MANY_DIFFERENT", 1_000)
    (tmp_path / "made").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "made"))  # as in a worker: the one place to write


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_large_tables_are_read_by_duckdb_in_their_encoding_and_order(tmp_path, sampled, encoding) -> None:
    rows = [
        (
            i,
            f"駅{i % 7}",
            f"{i * 0.37:.6f}",
            "-99.9" if i % 100 == 0 else f"{i % 50}.5",
            f"2024/{i % 12 + 1}/{i % 28 + 1}",
        )
        for i in range(5_000)
    ]
    data = "番号,名,x,低,日\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)
    (told,) = made(tmp_path, data.encode(encoding), CSV)
    table = told["table"]
    assert table["番号"] == [row[0] for row in rows]
    assert table["名"] == [row[1] for row in rows]
    assert table["x"] == [float(row[2]) for row in rows]
    assert table["低"] == [None if row[3] == "-99.9" else float(row[3]) for row in rows]
    assert table["日"] == [date(*map(int, row[4].split("/"))) for row in rows]
    assert columns(told, "marks")["低"] == [{"-99.9": 50}]


def test_one_value_among_very_many_keeps_its_column_text(tmp_path, sampled) -> None:
    data = "i,x\n" + "".join(f"{i},{i / 8}\n" for i in range(9_000)) + "9000,<0.1\n"
    (told,) = made(tmp_path, data.encode(), CSV)
    assert told["table"]["x"][-1] == "<0.1"
    assert "“<0.1”" in columns(told, "note")["x"][0]


def test_large_table_whose_rows_are_not_of_one_form_is_left(tmp_path, sampled) -> None:
    with pytest.raises(Unreadable, match="not all of one form"):
        made(tmp_path, ("a,b\n" + "1,2\n" * 20_000 + "1,2,3,4\n").encode(), CSV)


def test_lines_of_json(tmp_path) -> None:
    lines = [
        {"n": 1, "at": {"lat": 1.5}, "d": "2024-01-02", "m": 1},
        {"n": None, "d": "2024-01-03", "m": "x", "l": [1]},
    ]
    (told,) = made(tmp_path, "\n".join(map(json.dumps, lines)).encode(), JSONL, name="x.jsonl")
    assert told["table"] == {
        "n": [1, None], "at.lat": [1.5, None], "d": [date(2024, 1, 2), date(2024, 1, 3)], "m": ["1", "x"], "l": [None, "[1]"],
    }  # fmt: skip


def test_stata(tmp_path) -> None:
    import pandas as pd

    frame = pd.DataFrame({"code": [1, 2, 3], "level": [1.5, None, 2.5], "name": ["a", "い", ""]})
    frame.to_stata(tmp_path / "y.dta", write_index=False, version=118)
    (told,) = made(tmp_path, (tmp_path / "y.dta").read_bytes(), "application/x-stata-dta", name="x.dta")
    assert told["table"] == {"code": [1, 2, 3], "level": [1.5, None, 2.5], "name": ["a", "い", None]}


# ---- arrays


def opened(folder: Path, data: bytes, media_type: str, name: str) -> tuple[dict, xarray.Dataset]:
    (told,) = made(folder, data, media_type, name=name)
    store = folder / "store"
    with zipfile.ZipFile(folder / "made" / "0.made") as archive:
        archive.extractall(store)
    return told, xarray.open_zarr(store)


@PYARROW
@pytest.mark.parametrize("form", ["NETCDF4", "NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET"])
def test_netcdf_opens_with_the_same_values(tmp_path, form) -> None:
    path = tmp_path / "y.nc"
    with netCDF4.Dataset(path, "w", format=form) as data:
        data.title = "格子"
        data.createDimension("time", None)
        data.createDimension("x", 700)
        moment = data.createVariable("time", "f8", ("time",))
        moment.units = "hours since 2024-01-01"
        packed = data.createVariable("t", "i2", ("time", "x"), fill_value=-1)
        packed.scale_factor = 0.25
        plain = data.createVariable("p", "f4", ("time", "x"), fill_value=np.nan)
        values = np.arange(3 * 700).reshape(3, 700) / 4.0
        moment[:], packed[:], plain[:] = [0, 1, 2], np.ma.masked_equal(values, 5.0), values
        data.createVariable("s", "i4")[...] = 7
    media_type = "application/x-netcdf4" if form == "NETCDF4" else "application/x-netcdf"
    told, dataset = opened(tmp_path, path.read_bytes(), media_type, "x.nc")
    assert dataset.attrs["title"] == "格子"
    assert dataset["t"].dims == ("time", "x")
    np.testing.assert_array_equal(dataset["t"].values, np.where(values == 5.0, np.nan, values))
    np.testing.assert_array_equal(dataset["p"].values, values.astype("f4"))
    assert dataset["time"].values[-1] == np.datetime64("2024-01-01T02")
    assert int(dataset["s"]) == 7
    assert told["left_out"] == []


@PYARROW
def test_hdf_leaves_out_what_is_no_array_and_says_so(tmp_path) -> None:
    path = tmp_path / "y.h5"
    with h5py.File(path, "w") as data:
        data["g/a"] = np.arange(6).reshape(2, 3)
        data["g/names"] = np.array(["x", "い"], dtype=h5py.string_dtype())
        data["g/b"] = np.array([True, False])
        data["table"] = np.zeros(2, dtype=[("x", "i4"), ("y", "f8")])
        data["far"] = h5py.ExternalLink("/etc/passwd", "/")
    told, _ = opened(tmp_path, path.read_bytes(), "application/x-hdf5", "x.h5")
    group = xarray.open_zarr(tmp_path / "store", group="g")
    assert group["a"].values.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert group["names"].values.tolist() == ["x", "い"]
    assert group["b"].values.tolist() == [True, False]
    assert told["left_out"] == ["table: no plain array"]


@PYARROW
def test_numpy_and_where_its_keys_lie(tmp_path) -> None:
    np.save(tmp_path / "y.npy", np.arange(3_000_000, dtype=">f4").reshape(3000, 1000))
    _, dataset = opened(tmp_path, (tmp_path / "y.npy").read_bytes(), "application/x-npy", "x.npy")
    np.testing.assert_array_equal(dataset["x"].values, np.arange(3_000_000, dtype="f4").reshape(3000, 1000))
    archive = tmp_path / "made" / "0.made"
    with archive.open("rb") as stream:
        index = index_of(stream)
        for key, (start, length) in index.items():
            stream.seek(start)
            assert stream.read(length) == (tmp_path / "store" / key).read_bytes()
    assert len(index) > 5


def test_arrays_larger_than_may_be_are_left(tmp_path) -> None:
    path = tmp_path / "y.h5"
    with h5py.File(path, "w") as data:
        data.create_dataset("huge", shape=(10**7, 10**6), chunks=(100, 100), dtype="f8")
    with pytest.raises(Unreadable, match="bytes of arrays"):
        made(tmp_path, path.read_bytes(), "application/x-hdf5", name="x.h5")


# ---- the worker


def test_worker_writes_into_its_folder_and_what_fails_is_told(tmp_path) -> None:
    good, bad, folder = tmp_path / "a.csv", tmp_path / "b.xlsx", tmp_path / "out"
    good.write_bytes(b"a,b\n1,x\n2,y\n3,z\n")
    bad.write_bytes(b"PK\x03\x04 and no more")
    folder.mkdir()
    with workers(folder) as pool:
        ask = {"types": {}, "about": {}, "folder": folder, "pool": pool}
        (one,) = derive(good, name="a.csv", media_type=CSV, size=18, **ask)
        assert [(path, path.parent) for path in folder.iterdir()] == [(one.place, folder)]
        workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        left = derive(bad, name="b.xlsx", media_type=workbook, size=18, **ask)
        assert isinstance(left, Left)
        assert left.code in ("truncated", "malformed")
        assert derive(good, name="a.csv", media_type=CSV, size=18, largest=10, **ask) == Left(
            "too-large", "18 bytes; up to 10 are made into derived files"
        )
