"""Official schemas load from their own files alone, and judge."""

from pathlib import Path

import pytest

from shirushi.exchange.xsd import SchemaUnusable, faults, load

TITLE = b'<titles xmlns="http://datacite.org/schema/kernel-4"/>'


@pytest.mark.parametrize(("name", "folder"), [("datacite", "datacite/4.7"), ("jpcoar", "jpcoar/2.1")])
def test_load_official_sets(shared: Path, name: str, folder: str) -> None:
    schema = load(name, shared / "schemas" / folder)
    samples = sorted((shared / "schemas" / folder).glob("example/*.xml")) or sorted(
        (shared / "schemas" / folder).glob("samples/*.xml")
    )
    assert samples
    assert [faults(schema, sample.read_bytes()) for sample in samples] == [[] for _ in samples]


def test_faults_name_the_line(shared: Path) -> None:
    schema = load("datacite", shared / "schemas" / "datacite" / "4.7")
    assert [fault.split(":")[0] for fault in faults(schema, TITLE)] == ["line 1"]
    assert [fault.split(":")[0] for fault in faults(schema, b"<a>\n<b></a>")] == ["line 2"]


def test_load_without_main_file_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(SchemaUnusable, match=r"there is no metadata\.xsd"):
        load("datacite", tmp_path)


def test_load_that_reaches_outside_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside.xsd").write_text('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>')
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "metadata.xsd").write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="../outside.xsd"/></xs:schema>'
    )
    with pytest.raises(SchemaUnusable, match="which is not in"):
        load("datacite", folder)


def test_load_of_something_else_says_so(tmp_path: Path) -> None:
    (tmp_path / "metadata.xsd").write_text("<html/>")
    with pytest.raises(SchemaUnusable, match="not a working XML Schema"):
        load("datacite", tmp_path)
