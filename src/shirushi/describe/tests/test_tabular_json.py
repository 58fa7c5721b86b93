"""JSON as tables, GeoJSON with its extent, JSON Lines, and what else stands near the top of a document."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shirushi.describe.evidence import AttributePlace, Evidence
from shirushi.describe.readers import json_files
from shirushi.describe.readers.base import File, Unreadable

Read = Callable[..., list[Evidence]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: object, reader: str = "read_json") -> list[Evidence]:
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        path = tmp_path / "x.json"
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        return list(getattr(json_files, reader)(File(path, "x.json", path.stat().st_size, "application/json", "JSON")))

    return read


def of(evidence: list[Evidence], kind: str) -> list:
    return [item.value for item in evidence if item.kind == kind]


def test_list_of_objects_is_a_table(read: Read) -> None:
    found = read([{"site": "A", "temp": 1.5}, {"site": "B", "temp": None, "ok": True}])
    assert of(found, "table") == [
        {"name": "x", "rows": 2, "columns": 3, "sampled": False, "header": ["site", "temp", "ok"]}
    ]
    assert [(v["name"], v["type"], v["missing"]) for v in of(found, "column")] == [
        ("site", "string", 0),
        ("temp", "number", 1),
        ("ok", "boolean", 1),
    ]
    assert [e.place for e in found if e.kind == "column"][2] == AttributePlace("x.json", "/1/ok", quote="ok")


def test_list_inside_an_object_is_a_table_with_its_own_name(read: Read) -> None:
    found = read({"meta": {"n": 2}, "data/all": [{"a": 1}, {"a": 2}]})
    assert of(found, "table")[0]["name"] == "data~1all"
    assert [e.place.path for e in found if e.kind == "column"] == ["/data~1all/0/a"]


def test_list_of_unlike_objects_is_none(read: Read) -> None:
    assert of(read([{"a": 1}, {"b": 2}, {"c": 3}, {"d": 4}, {"e": 5}]), "table") == []


def test_document_gives_named_values(read: Read) -> None:
    found = read({"instrument": {"name": "CTD", "channels": ["t", "s"]}, "rate": 24})
    assert [(v["owner"], v["name"], v["value"]) for v in of(found, "attribute")] == [
        ("/instrument", "name", "CTD"),
        ("/instrument", "channels", ["t", "s"]),
        ("", "rate", 24),
    ]


def test_large_list_is_read_at_its_head(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_files, "WHOLE", 1000)
    monkeypatch.setattr(json_files, "HEAD", 500)
    (table,) = of(read({"rows": [{"n": n, "name": "x"} for n in range(200)]}), "table")
    assert (table["header"], table["sampled"], 5 < table["rows"] < 30) == (["n", "name"], True, True)


def test_json_lines(read: Read) -> None:
    found = read('{"a": 1}\n\n{"a": 2}\nnot json\n{"a": 3}\n', "read_json_lines")
    assert [v["count"] for v in of(found, "column")] == [3]
    assert of(found, "problem") == [{"code": "malformed", "message": "1 lines are not JSON"}]


FEATURES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [139.5, 35.2]},
            "properties": {"駅": "逗子", "n": 1},
        },
        {
            "type": "Feature",
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[139.0, 35.0], [140.0, 35.0], [140.0, 36.0], [139.0, 35.0]]],
            },
            "properties": {"駅": "横浜", "n": 2},
        },
    ],
}


@pytest.mark.parametrize("reader", ["read_geojson", "read_json"])
def test_geojson_has_an_extent_and_columns(read: Read, reader: str) -> None:
    found = read(FEATURES, reader)
    assert of(found, "coordinates") == [{"west": 139.0, "south": 35.0, "east": 140.0, "north": 36.0, "points": 5}]
    assert [(e.value["name"], e.place.path) for e in found if e.kind == "column"] == [
        ("駅", "/features/0/properties/駅"),
        ("n", "/features/0/properties/n"),
    ]


def test_geojson_in_metres_has_no_extent(read: Read) -> None:
    data = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [500_000, 4_000_000]}, "properties": None}
    assert read(data, "read_geojson") == []


@pytest.mark.parametrize(
    ("text", "code"),
    [('[{"a": 1}, {"a"', "truncated"), ("{]}", "malformed"), ("[" * 50_000, "too-deep"), ("", "truncated")],
)
def test_what_is_not_json_is_refused(read: Read, text: str, code: str) -> None:
    with pytest.raises(Unreadable) as error:
        read(text)
    assert error.value.code == code


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY, st.sampled_from(["read_json", "read_geojson"]))
def test_any_json_is_read_without_an_error(read: Read, data: object, reader: str) -> None:
    assert all(item.place.file == "x.json" for item in read(json.dumps(data), reader))


def test_nested_records_have_dotted_columns(read: Read) -> None:
    rows = [
        {"id": 1, "at": {"latitude": 35.0, "longitude": 136.0}, "tags": ["a"], "none": {}},
        {"id": 2, "at": {"latitude": 35.5, "longitude": 136.5, "a/b": {"c": {"d": {"e": 5}}}}},
    ]
    for found in (read(rows), read("\n".join(map(json.dumps, rows)), "read_json_lines")):
        told = {item.value["name"]: (item.value, item.place.path) for item in found if item.kind == "column"}
        assert list(told) == ["id", "at.latitude", "at.longitude", "tags", "none", "at.a/b.c.d"]
        assert told["at.latitude"][0]["maximum"] == 35.5
        assert told["at.a/b.c.d"][1] == "/1/at/a~1b/c/d"
        assert told["at.a/b.c.d"][0]["examples"] == ['{"e": 5}']
        [extent] = [item.value for item in found if item.kind == "coordinates"]
        assert (extent["west"], extent["north"]) == (136, 35.5)


def test_who_a_patient_was_is_never_kept(read: Read) -> None:
    header = {
        "PatientName": "YAMADA^HANAKO",
        "PatientID": "8812345",
        "OperatorsName": "Sato",
        "Rows": 512,
        "PatientPosition": "HFS",
    }
    found = read({"header": header, "00100010": {"Value": ["YAMADA^HANAKO"]}, "patient": {"name": "Hanako"}})
    assert [v["name"] for v in of(found, "attribute")] == ["Rows", "PatientPosition"]
    found = read([header, {**header, "PatientID": "8812346"}])
    assert "YAMADA" not in repr([v for v in of(found, "column") if v["name"] == "PatientName"])
    assert "8812345" not in repr(found)


def test_geojson_in_a_projected_system_says_which(read: Read) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::6677"}}
    shape = {"type": "Point", "coordinates": [-7000, -35000]}
    found = read(
        {
            "type": "FeatureCollection",
            "crs": crs,
            "features": [{"type": "Feature", "properties": {}, "geometry": shape}],
        }
    )
    assert of(found, "coordinates") == []
    (bounds,) = of(found, "attribute")
    assert (bounds["crs"], bounds["value"]) == ("EPSG:6677", [-7000, -35000, -7000, -35000])
