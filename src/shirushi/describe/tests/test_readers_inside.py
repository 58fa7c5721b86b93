"""What files inside archives say, without unpacking them to disk."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from shirushi.describe.evidence import AttributePlace
from shirushi.describe.readers import inside
from shirushi.describe.tests.made import Read

FILES = {
    "data/README.md": "# Ice cores\n\nAuthors: Ken Abe\n\n- `d18O`: oxygen isotope ratio (‰)\n",
    "data/core.csv": "depth_m,lat,lon\n1.5,35.1,139.2\n2.5,35.3,139.5\n",
}


def zipped(files: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(files: dict[str, str], mode: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content.encode())
            archive.addfile(info, io.BytesIO(content.encode()))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.zip", zipped(dict(FILES))), ("a.tar", tarred(FILES, "w:")), ("a.tar.gz", tarred(FILES, "w:gz"))],
)
def test_texts_and_tables_inside(tmp_path: Path, name: str, content: bytes) -> None:
    found = Read(tmp_path, content, name)
    assert found.problems == []
    (heading,) = [item for item in found.evidence if item.kind == "heading"]
    assert heading.value["text"] == "Ice cores"
    assert heading.place == AttributePlace(name, "data/README.md", 1, "Ice cores")
    assert next((c["name"], c["sheet"], c["member"]) for c in found.of("column")) == (
        "depth_m",
        "data/core.csv",
        "data/core.csv",
    )
    assert (found.of("coordinates")[0]["south"], found.of("coordinates")[0]["north"]) == (35.1, 35.3)
    assert {item.place.file for item in found.evidence} == {name}


def test_what_is_not_looked_into(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "../README.md": "# Out",
        "__MACOSX/README.md": "# Junk",
        "big.csv": b"a,b\n" + b"1,2\n" * 2_000_000,
        "again.zip": zipped({"README.md": "# Deeper"}),
        "x/.git/README.md": "# Git",
    }
    found = Read(tmp_path, zipped(files), "a.zip")
    assert found.of("heading") == found.of("table") == []


def test_only_some_are_read_what_explains_first() -> None:
    sizes = {f"t{n:03}.csv": 10 for n in range(100)} | {"deep/er/README.txt": 10, "datapackage.json": 10}
    picked = inside.chosen(sizes)
    assert picked[:3] == ["datapackage.json", "deep/er/README.txt", "t000.csv"]
    assert len(picked) == inside.MOST_MEMBERS


def test_a_damaged_member_costs_the_rest_at_most(tmp_path: Path) -> None:
    content = zipped(dict(FILES))
    broken = content.replace(b"oxygen isotope", b"OXYGEN ISOTOPE")
    found = Read(tmp_path, broken, "a.zip")
    assert found.attributes["files"] == 2
