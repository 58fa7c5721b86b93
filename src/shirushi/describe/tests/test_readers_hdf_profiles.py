"""NWB, NeXus and AnnData: what such files state of a work, and what they must not say of the one who was studied."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from shirushi.describe.evidence import Candidate, Evidence
from shirushi.describe.readers.base import File
from shirushi.describe.readers.hdf import read_hdf


def read(path: Path) -> list[Evidence]:
    return list(read_hdf(File(path, path.name, path.stat().st_size, "", "")))


def stated(found: list[Evidence], field: str) -> list[Any]:
    return [e.value["value"] for e in found if e.kind == "stated" and e.value["field"] == field]


def make_nwb(path: Path, *, experimenters: object = ("Sato, Hanako", "Suzuki, Ichiro")) -> None:
    with h5py.File(path, "w") as data:
        data.attrs["nwb_version"] = "2.8.0"
        data["session_description"] = "Two-photon imaging of area V1 while drifting gratings were shown"
        data["session_start_time"] = "2023-04-05T10:00:00+09:00"
        general = data.create_group("general")
        general["experimenter"] = np.array(experimenters, dtype=object)
        general["institution"] = "Biwako University"
        general["keywords"] = np.array(["vision", "two-photon"], dtype=object)
        general["related_publications"] = np.array(["https://doi.org/10.5555/abc.1", "in preparation"], dtype=object)
        subject = general.create_group("subject")
        subject["subject_id"], subject["age"] = "M-17", "P90D"
        subject["weight_log"] = np.arange(3.0)


def test_nwb_names_its_makers_words_and_papers(tmp_path: Path) -> None:
    make_nwb(tmp_path / "a.nwb")
    found = read(tmp_path / "a.nwb")
    people = stated(found, "creators")
    assert [(p["family_name"], p["affiliations"][0]["name"]) for p in people] == [
        ("Sato", "Biwako University"),
        ("Suzuki", "Biwako University"),
    ]
    assert [s["text"] for s in stated(found, "subjects")] == ["vision", "two-photon"]
    assert [(r["identifier"], r["relation"]) for r in stated(found, "related")] == [("10.5555/abc.1", "IsDescribedBy")]
    assert [e.value for e in found if e.kind == "time-range"] == [
        {"start": "2023-04-05", "end": "2023-04-05", "count": 0}
    ]


def test_nwb_says_nothing_of_the_individual(tmp_path: Path) -> None:
    make_nwb(tmp_path / "a.nwb")
    assert not [e for e in read(tmp_path / "a.nwb") if "M-17" in str(e.value) or "subject/" in str(e.place)]


def test_nwb_with_one_experimenter(tmp_path: Path) -> None:
    make_nwb(tmp_path / "a.nwb", experimenters=["山田 花子"])
    assert [p["name"] for p in stated(read(tmp_path / "a.nwb"), "creators")] == ["山田 花子"]


def test_nwb_people_are_suggested(suggest: Callable[..., list[Candidate]], tmp_path: Path) -> None:
    make_nwb(tmp_path / "b.nwb")
    found = suggest({"a.nwb": (tmp_path / "b.nwb").read_bytes()}, "creators")
    assert [(c.value["name"], c.method) for c in found] == [
        ("Sato, Hanako", "creators.data-file/1"),
        ("Suzuki, Ichiro", "creators.data-file/1"),
    ]


def test_nexus_user_takes_part(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.nxs", "w") as data:
        entry = data.create_group("entry")
        entry.attrs["NX_class"] = "NXentry"
        for number, (name, role) in enumerate((("Sato Hanako", "principal_investigator"), ("Ito, Ken", ""), ("", "x"))):
            user = entry.create_group(f"user_{number}")
            user.attrs["NX_class"] = "NXuser"
            if name:
                user["name"] = name
            if role:
                user["role"] = role
            user["affiliation"] = "Institute of Neutrons"
    people = stated(read(tmp_path / "a.nxs"), "contributors")
    assert [p.get("role", "Other") for p in people] == ["ProjectLeader", "Other"]
    assert people[1]["family_name"] == "Ito"
    assert people[0]["affiliations"] == [{"name": "Institute of Neutrons"}]


def test_anndata_has_a_title_categories_and_a_sparse_matrix(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5ad", "w") as data:
        data.attrs["encoding-type"] = "anndata"
        data["uns/title"] = "Cells of the retina"
        data.create_group("X").attrs.update({"encoding-type": "csr_matrix", "shape": np.array([2, 30])})
        frame = data.create_group("obs")
        frame.attrs["encoding-type"], frame.attrs["_index"] = "dataframe", "cell"
        frame.attrs["column-order"] = np.array(["tissue"], dtype=object)
        frame["cell"] = np.array([b"a", b"b"])
        tissue = frame.create_group("tissue")
        tissue["categories"], tissue["codes"] = np.array([b"fovea", b"macula"]), np.array([0, 1], "i1")
    found = read(tmp_path / "a.h5ad")
    assert [t["text"] for t in stated(found, "titles")] == ["Cells of the retina"]
    [matrix] = [e.value for e in found if e.kind == "array"]
    assert (matrix["name"], matrix["shape"], matrix["dimensions"]) == ("X", [2, 30], ["obs", "var"])
    [column] = [e.value for e in found if e.kind == "column" and e.value["name"] == "tissue"]
    assert (column["examples"], column["distinct"]) == (["fovea", "macula"], 2)


def test_a_sparse_matrix_with_an_absurd_shape_is_only_told(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5ad", "w") as data:
        data.create_group("X").attrs.update({"encoding-type": "csr_matrix", "shape": np.array([2**60, 2**60])})
        data.create_group("Y").attrs.update({"encoding-type": "csr_matrix", "shape": np.array([-1, 5])})
        data["words"] = np.array([b"a" * 5_000, b"b"])
    assert [(e.value["name"], e.value["shape"]) for e in read(tmp_path / "a.h5ad") if e.kind == "array"] == [
        ("X", [2**60, 2**60]),
        ("words", [2]),
    ]


def test_title_and_instrument_of_a_nexus_run(tmp_path: Path, suggest: Callable[..., list[Candidate]]) -> None:
    with h5py.File(tmp_path / "b.nxs", "w") as data:
        entry = data.create_group("entry")
        entry.attrs["NX_class"] = "NXentry"
        entry["title"] = "Powder of nickel at 300 K"
        entry.create_group("instrument").attrs["NX_class"] = "NXinstrument"
        entry["instrument/name"] = "BL99 Diffractometer"
    files = {"a.nxs": (tmp_path / "b.nxs").read_bytes()}
    assert "Powder of nickel at 300 K" in [c.value["text"] for c in suggest(files, "titles")]
    assert [c.value for c in suggest(files, "instruments")] == [{"name": "BL99 Diffractometer"}]
