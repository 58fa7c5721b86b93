"""What programs that learn get of a record: Croissant whose records load over HTTP, Zarr that opens, and a card that says so."""

import gzip
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import netCDF4
import numpy as np
import openpyxl
import pytest
from django.utils import timezone

from shirushi.core import jobs, services
from shirushi.core.models import Record, Space
from shirushi.core.services import deriving
from shirushi.metadata.work import Access

CLIENT = Path(__file__).parent / "clients" / "croissant_records.py"
CSV = "駅,temp,when,flag,count,code\n東京,12.5,2024-01-02,true,1,007\n横浜,NA,2024-01-03,false,,008\n"
TITLED = "相模湾 定点観測\n採水日 2024年\n\n地点,水温(℃),採水日\nA,12.5,2024/1/5\nB,欠測,2024/1/6\nC,13.1,2024/1/7\n"
TSV = "time\tvalue\n2024-01-01 00:00:00\t1.5\n2024-01-02 06:30:00\t-2\n2024-01-03 00:00:00\t1e3\n"
LINES = [{"depth": 1, "name": "x", "at": {"lat": 35.5}}, {"depth": 2, "name": None, "at": {"lat": 36}, "tags": ["a"]}]


def workbook() -> bytes:
    book = openpyxl.Workbook()
    first = book.active
    first.title = "水質"
    for row in (["site", "ph"], ["A", 7.1], ["B", 7.25], ["C", 6.9]):
        first.append(row)
    second = book.create_sheet("bottles")
    for row in (["bottle", "volume"], ["p", 1], ["q", 2], ["r", 3]):
        second.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def grid(folder: Path) -> bytes:
    path = folder / "grid.nc"
    with netCDF4.Dataset(path, "w") as data:
        data.createDimension("time", None)
        data.createDimension("lat", 2)
        time = data.createVariable("time", "f8", ("time",))
        time.units = "days since 2024-01-01"
        time[:] = [0, 1, 2]
        sst = data.createVariable("sst", "i2", ("time", "lat"), fill_value=-99, zlib=True)
        sst.scale_factor, sst.units = 0.5, "degC"
        sst[:] = np.ma.masked_equal([[1.0, 2.0], [3.5, 4.0], [5.0, -1.0]], -1.0)
    return path.read_bytes()


@pytest.fixture
def ready(curator, fill, tmp_path) -> Callable[[dict[str, bytes]], Record]:
    """Publishes files that were really read, every suggestion accepted, and makes what is derived from them."""

    def make(files: dict[str, bytes], **fields: object) -> Record:
        draft = services.create_draft(space=Space.objects.get(), by=curator, name="bay")
        for path, content in files.items():
            services.put_file(draft=draft, path=path, content=content, by=curator)
        run = services.start_describing(draft=draft, by=curator)
        jobs.run_description(run.pk)
        draft.refresh_from_db()
        services.accept_above(draft=draft, threshold=0.0, by=curator, at_version=draft.version)
        fill(
            draft,
            titles=[{"text": "The bay", "lang": "en"}],
            creators=[{"name": "Yamada, Hanako"}],
            descriptions=[{"text": "What was measured.", "lang": "en"}, {"text": "By bottle.", "type": "Methods"}],
            rights=[{"id": "CC-BY-4.0"}],
            **fields,
        )
        record = services.publish(draft=draft, by=curator, at_version=draft.version)
        deriving.derive_record(record)
        return record

    return make


@pytest.fixture
def files(tmp_path) -> dict[str, bytes]:
    return {
        "data/駅.csv": CSV.encode(),
        "titled.csv": TITLED.encode("cp932"),
        "series.tsv.gz": gzip.compress(TSV.encode(), mtime=0),
        "lab.xlsx": workbook(),
        "grid.nc": grid(tmp_path),
        "lines.jsonl": "\n".join(map(json.dumps, LINES)).encode(),
    }


def ask(address: str, stores: list[str], folder: Path) -> dict:
    """What the clients tell, in a process of their own, with a cache of their own."""
    environment = {**os.environ, "CROISSANT_CACHE": str(folder / "croissant"), "HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, CLIENT, address, *stores], capture_output=True, text=True, check=False, timeout=240, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_records_load_over_http_and_equal_the_source(
    transactional_db, live_server, settings, ready, files, tmp_path
) -> None:
    settings.SHIRUSHI_BASE_URL = live_server.url
    record = ready(files)
    page = f"{live_server.url}/records/{record.pk}"
    told = ask(f"{page}/export/croissant", [f"{page}/derived/grid.nc.zarr"], tmp_path)
    assert (told["errors"], told["warnings"]) == ([], [])
    assert told["records"] == {
        f"files/{quote('data/駅.csv')}/records": [
            {quote("駅"): "東京", "temp": 12.5, "when": "2024-01-02T00:00:00", "flag": True, "count": 1, "code": "007"},
            {quote("駅"): "横浜", "temp": None, "when": "2024-01-03T00:00:00", "flag": False, "count": None, "code": "008"},
        ],
        f"files/lab.xlsx/{quote('水質')}/records": [
            {"site": "A", "ph": 7.1}, {"site": "B", "ph": 7.25}, {"site": "C", "ph": 6.9},
        ],
        "files/lab.xlsx/bottles/records": [
            {"bottle": "p", "volume": 1}, {"bottle": "q", "volume": 2}, {"bottle": "r", "volume": 3},
        ],
        "files/lines.jsonl/records": [
            {"depth": 1, "name": "x", "at.lat": 35.5, "tags": None},
            {"depth": 2, "name": None, "at.lat": 36.0, "tags": '["a"]'},
        ],
        "files/series.tsv.gz/records": [
            {"time": "2024-01-01T00:00:00", "value": 1.5},
            {"time": "2024-01-02T06:30:00", "value": -2.0},
            {"time": "2024-01-03T00:00:00", "value": 1000.0},
        ],
        "files/titled.csv/records": [
            {quote("地点"): "A", quote("水温(℃)", safe=""): 12.5, quote("採水日"): "2024-01-05T00:00:00"},
            {quote("地点"): "B", quote("水温(℃)", safe=""): None, quote("採水日"): "2024-01-06T00:00:00"},
            {quote("地点"): "C", quote("水温(℃)", safe=""): 13.1, quote("採水日"): "2024-01-07T00:00:00"},
        ],
    }  # fmt: skip
    opened = told["arrays"]["grid.nc.zarr"]
    assert opened["sst"]["values"] == [["1.0", "2.0"], ["3.5", "4.0"], ["5.0", "nan"]]
    assert opened["sst"]["dims"] == ["time", "lat"]
    assert [value[:10] for value in opened["time"]["values"]] == ["2024-01-01", "2024-01-02", "2024-01-03"]


def test_croissant_and_data_card_tell_what_is_known_and_what_is_derived(ready, client, files) -> None:
    data = {"titled.csv": files["titled.csv"], "grid.nc": files["grid.nc"]}
    record = ready(data, instruments=[{"name": "CTD 1", "manufacturer": "Example"}])
    told = client.get(f"/records/{record.pk}/export/croissant").json()
    assert told["rai:dataCollection"] == "By bottle.\n\nInstrument: CTD 1; manufacturer: Example"
    assert told["rai:dataCollectionMissingData"] == (
        "Missing values by column: 水温(℃) (titled.csv): 1 of 3. In the files they are marked “欠測”."
    )
    assert not {"rai:dataBiases", "rai:dataUseCases", "rai:personalSensitiveInformation"} & set(told)
    _, source, store, made = told["distribution"]
    assert store["name"] == "grid.nc.zarr.zip"
    assert made["prov:wasDerivedFrom"] == {"@id": source["@id"]}
    assert made["contentUrl"] == f"http://testserver/records/{record.pk}/derived/titled.csv.parquet"
    (records,) = told["recordSet"]
    warmth = next(field for field in records["field"] if field["name"] == "水温(℃)")
    assert {one["name"]: one["value"] for one in warmth["annotation"]} == {
        "minimum": 12.5,
        "maximum": 13.1,
        "missing": 1,
    }
    assert [one["value"] for one in records["annotation"]] == [3]
    graph = client.get(f"/records/{record.pk}/export/ro-crate").json()["@graph"]
    crate = {entity["@id"]: entity for entity in graph}
    assert crate[made["contentUrl"]]["isBasedOn"] == {"@id": source["contentUrl"]}
    action = next(e for e in graph if e["@type"] == "CreateAction" and e.get("result") == {"@id": made["contentUrl"]})
    assert action["object"] == {"@id": source["contentUrl"]}

    page = client.get(f"/records/{record.pk}/data-card").text
    for words in (
        "By bottle.",
        "titled.csv.parquet",
        "read_parquet",
        "open_zarr",
        "files/titled.csv/records",
        "欠測",
        "derived",
    ):
        assert words in page
    text = client.get(f"/records/{record.pk}/data-card", headers={"Accept": "text/markdown"})
    assert text["Content-Type"].startswith("text/markdown")
    assert text.text == client.get(f"/records/{record.pk}/data-card.md").text
    assert "`水温(℃)` number, missing: 1" in text.text
    assert "- `水温(℃)` Number [℃]: 水温; 12.5 – 13.1; missing: 1 / 3" in text.text
    assert "The record does not say: where they were collected;" in text.text
    assert f"http://testserver/records/{record.pk}/derived/grid.nc.zarr" in text.text
    assert client.get(f"/api/records/{record.pk}/derived").json()["total"] == 2
    assert f"/records/{record.pk}/data-card" in client.get(f"/records/{record.pk}").text


def test_derivatives_are_for_whom_the_files_are_for(ready, client, curator, files) -> None:
    record = ready(
        {"grid.nc": files["grid.nc"], "titled.csv": files["titled.csv"]},
        access={"rights": "embargoed", "until": f"{timezone.localdate().year + 1}-01-01"},
    )
    page = f"/records/{record.pk}/derived"
    for path in ("titled.csv.parquet", "grid.nc.zarr.zip", "grid.nc.zarr/.zmetadata", "grid.nc.zarr/sst/0.0"):
        assert client.get(f"{page}/{path}").status_code == 403
    services.change_access(record=record, access=Access(rights="open"), by=curator)
    for path in ("titled.csv.parquet", "grid.nc.zarr.zip", "grid.nc.zarr/.zmetadata", "grid.nc.zarr/sst/0.0"):
        assert client.get(f"{page}/{path}").status_code == 200
    whole = client.get(f"{page}/grid.nc.zarr.zip").getvalue()
    key = client.get(f"{page}/grid.nc.zarr/sst/.zarray").getvalue()
    assert key in whole
    assert client.get(f"{page}/grid.nc.zarr/sst/.zarray", headers={"Range": "bytes=1-4"}).getvalue() == key[1:5]
    for path in ("nothing.parquet", "grid.nc.zarr/nothing", "grid.nc.zarr/", "grid.nc.zarr", "../files/grid.nc"):
        assert client.get(f"{page}/{path}").status_code == 404
    services.withdraw(record=record, reason="wrong", by=curator)
    assert client.get(f"{page}/titled.csv.parquet").status_code == 410


def test_markdown_stays_text_whatever_a_record_says(publish, client) -> None:
    record = publish(descriptions=[{"text": "<script>alert(1)</script> & {{ 7*7 }}", "lang": "en"}])
    assert "&lt;script&gt;" in client.get(f"/records/{record.pk}/data-card").text
    assert "&lt;script>alert(1)&lt;/script> & {{ 7*7 }}" in client.get(f"/records/{record.pk}/data-card.md").text
