import json
from datetime import UTC, date, datetime

import pytest

from shirushi.metadata.published import FileEntry, Publication
from shirushi.metadata.work import STORED, Creator, Funding, NameForm, Rights, Subject, Title, Variable, Work
from shirushi.search.documents import SEARCHED, document, file_format


def entry(path: str, media_type: str = "application/octet-stream") -> FileEntry:
    return FileEntry(path=path, size=1, sha256="0" * 64, media_type=media_type)


def test_document_of_an_empty_work_is_whole_and_plain_json() -> None:
    made = document(Publication(work=Work()), id="x", space="lab")
    assert json.loads(json.dumps(made)) == made
    assert made["facets"] == {
        "resource_type": ["Dataset"],
        "year": [],
        "language": [],
        "licence": [],
        "creator": [],
        "subject": [],
        "space": ["lab"],
        "format": [],
    }
    assert made["sort"] == {"day": 0, "title": ""}


def test_document_gathers_what_is_searched_and_counted() -> None:
    work = Work(
        titles=[Title(text="海面水温"), Title(text="Sea surface", type="TranslatedTitle", lang="en")],
        creators=[
            Creator(
                name="山田 花子", orcid="0000-0002-1825-0097", other_names=[NameForm(name="Yamada, Hanako", lang="en")]
            )
        ],
        subjects=[Subject(text="海"), Subject(text="海")],
        rights=[Rights(id="CC-BY-4.0"), Rights(text="Ask us")],
        funding=[Funding(funder="JSPS", award="JP21K12345")],
        variables=[Variable(name="sst", label="水温")],
        publication_date="2025-04",
    )
    made = document(
        Publication(work=work, files=[entry("d/a.CSV"), entry("b", "image/x-raw"), entry("c.csv")]),
        id="r1",
        space="lab",
    )
    assert made["texts"]["title"] == ["海面水温", "Sea surface"]
    assert made["texts"]["body"] == ["JSPS", "sst", "水温", "d/a.CSV", "b", "c.csv"]
    assert made["identifiers"] == ["r1", "JP21K12345", "0000-0002-1825-0097"]
    assert made["texts"]["people"] == ["山田 花子", "Yamada, Hanako"]
    assert made["facets"]["format"] == ["csv", "raw"]
    assert made["facets"]["subject"] == ["海"]
    assert made["facets"]["licence"] == ["CC-BY-4.0"]
    assert made["facets"]["year"] == ["2025"]
    assert made["sort"]["day"] == date(2025, 4, 1).toordinal()
    assert made["shown"]["date"] == "2025-04-01"
    assert made["shown"]["file_count"] == 3


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2026", "2026-01-01"),
        ("2026-02-31", "2026-02-01"),
        ("2026-01/2026-03", "2026-01-01"),
        ("../2020", "2026-11-23"),
        (None, "2026-11-23"),
    ],
)
def test_day_of_a_record(written: str | None, shown: str) -> None:
    work = Work.model_validate({"publication_date": written}, context=STORED)  # 31 February was once taken in
    publication = Publication(work=work, published_at=datetime(2026, 11, 23, tzinfo=UTC))
    assert document(publication, id="x", space="lab")["shown"]["date"] == shown


@pytest.mark.parametrize(
    ("path", "media_type", "name"),
    [
        ("a.nc", "application/x-netcdf", "nc"),
        ("README", "text/markdown", "markdown"),
        ("a.not an extension", "image/tiff", "tiff"),
        ("archive.tar.gz", "application/gzip", "gz"),
    ],
)
def test_format_has_a_name_people_know(path: str, media_type: str, name: str) -> None:
    assert file_format(path, media_type) == name


def test_formats_of_all_files_count_and_the_first_names_are_searched() -> None:
    files = [(f"{n:05}.csv", "text/csv") for n in range(SEARCHED)] + [("zz.nc", "application/x-netcdf")]
    made = document(Publication(work=Work(), files=[entry("00000.csv")]), id="x", space="lab", files=iter(files))
    assert made["facets"]["format"] == ["csv", "nc"]
    assert made["texts"]["body"] == [path for path, _ in files[:SEARCHED]]
