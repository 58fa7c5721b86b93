"""Tables as people write them: what the exports say of each is true of its file."""

import csv
import json
from pathlib import Path

import pytest

from shirushi.cli import main
from shirushi.describe import describe

TABLES = {
    "sjis.csv": ("年,水温\n2024,15.2\n2025,15.3\n", "cp932"),
    "semicolon.csv": ("a;b\n1,5;2\n2,5;3\n", "utf-8"),
    "comment.csv": ("# made by X\na,b\n1,2\n3,4\n", "utf-8"),
    "formatted.csv": ('day,count\n2024/1/5,"1,234"\n2024/1/6,"2,345"\n', "utf-8"),
    "twice.csv": ("a,a,b\n1,2,3\n4,5,6\n", "utf-8"),
    "plain.tsv": ("x\ty\n1\t2.5\n3\t4.5\n", "utf-8"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    for name, (text, encoding) in TABLES.items():
        (folder / name).write_bytes(text.encode(encoding))
    return folder


def exported(folder: Path, form: str, to: Path) -> dict:
    assert main(["describe", str(folder), "-q", "--as", form, "--above", "0", "-o", str(to)]) == 0
    return json.loads(to.read_text("utf-8"))


def test_forms_of_tables(folder: Path) -> None:
    forms = describe(folder).tables()
    told = {name: (f.encoding, f.delimiter, f.header_row, f.header, f.formatted) for name, f in forms.items()}
    assert told == {
        "sjis.csv": ("cp932", ",", 1, ["年", "水温"], []),
        "semicolon.csv": ("utf-8", ";", 1, ["a", "b"], ["a"]),
        "comment.csv": ("utf-8", ",", 2, ["a", "b"], []),
        "formatted.csv": ("utf-8", ",", 1, ["day", "count"], ["day", "count"]),
        "twice.csv": ("utf-8", ",", 1, ["a", "a", "b"], []),
        "plain.tsv": ("utf-8", "\t", 1, ["x", "y"], []),
    }


@pytest.mark.clients
@pytest.mark.filterwarnings("ignore")
def test_every_record_set_of_croissant_loads(folder: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    exported(folder, "croissant", folder / "croissant.json")
    dataset = mlcroissant.Dataset(str(folder / "croissant.json"))
    first = {
        sets.id.split("/")[1]: [str(value) for value in next(iter(dataset.records(sets.id))).values()]
        for sets in dataset.metadata.record_sets
    }
    assert first == {"formatted.csv": ["b'2024/1/5'", "b'1,234'"], "plain.tsv": ["1", "2.5"]}


def test_data_package_reads_every_table_as_it_says(folder: Path) -> None:
    package = exported(folder, "datapackage", folder / "datapackage.json")
    resources = {r["path"]: r for r in package["resources"] if r["path"] in TABLES}
    for name, resource in resources.items():
        dialect = resource.get("dialect", {})
        with (folder / name).open(encoding=resource.get("encoding", "utf-8"), newline="") as file:
            rows = list(csv.reader(file, delimiter=dialect.get("delimiter", ",")))
        header = rows[dialect.get("headerRows", [1])[0] - 1]
        assert [f["name"].rstrip("2") for f in resource["schema"]["fields"]] == header, name
    types = {f["name"]: f["type"] for f in resources["formatted.csv"]["schema"]["fields"]}
    assert (types, list(resources)) == ({"day": "date", "count": "any"}, sorted(TABLES))


def test_hidden_files_are_no_resources(tmp_path: Path) -> None:
    for name in ("data.csv", ".zenodo.json", "~x.csv"):
        (tmp_path / name).write_text("a,b\n1,2\n" if name.endswith("csv") else '{"title": "T"}')
    package = exported(tmp_path, "datapackage", tmp_path.parent / "package.json")
    assert [resource["path"] for resource in package["resources"]] == ["data.csv"]
