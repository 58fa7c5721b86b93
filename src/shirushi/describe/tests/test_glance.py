"""Files that are not read are looked through for data about people; what nobody looked at is told of."""

import io
import json
import tarfile
import zipfile
from pathlib import Path

import docx
import pytest

from shirushi.describe import describe, reading
from shirushi.describe.isolate import Pool
from shirushi.describe.readers import inside
from shirushi.describe.readers.glance import cost, tells
from shirushi.describe.tests.test_readers_sensitive import photograph

PLAIN = "t,sst\n1,12.5\n2,12.7\n"
PEOPLE = (
    "id,score,氏名,電話番号\n1,12,佐藤 花子,090-1234-5678\n2,15,鈴木 一郎,080-2345-6789\n3,9,高橋 健,070-3456-7890\n"
)
CHART = "患者氏名：山田太郎　患者番号：1234567\n"


@pytest.fixture(scope="module")
def pool():
    with Pool(2) as workers:
        yield workers


@pytest.fixture
def family(tmp_path):
    """150 files that are alike, of which number 77 is another; an ending says of what kind they are."""

    def make(ending: str, usual: str | bytes, odd: str | bytes) -> Path:
        for number in range(1, 151):
            content = odd if number == 77 else usual
            path = tmp_path / f"s_{number}.{ending}"
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path

    return make


def word(text: str) -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("ending", "usual", "odd", "categories"),
    [
        ("csv", PLAIN, PEOPLE, ["personal-name", "phone"]),
        ("csv", PLAIN, "name,score\nJohn Smith,1\nMary Jones,2\nAnna Lee,3\nJames Roe,4\nPeter Fox,5\n", ["personal-name"]),
        ("tsv", PLAIN.replace(",", "\t"), PEOPLE.replace(",", "\t"), ["personal-name", "phone"]),
        ("json", '[{"t": 1}, {"t": 2}]', '[{"氏名": "佐藤 花子"}, {"氏名": "鈴木 一郎"}]', ["personal-name"]),
        ("txt", "Station: Misaki\n", CHART, ["patient"]),
        ("txt", "Station: Misaki\n".encode("cp932"), CHART.encode("cp932"), ["patient"]),
        ("py", "x = 1\n", 'password = "hunter2hunter"\n', ["credential"]),
        ("docx", word("Station: Misaki"), word(CHART), ["patient"]),
        ("jpg", photograph(with_place=False), photograph(with_place=True), ["precise-location"]),
    ],
)  # fmt: skip
def test_one_of_many_alike_is_found(family, pool, ending, usual, odd, categories) -> None:
    description = describe(family(ending, usual, odd), pool=pool)
    assert description.concerns() == {f"s_77.{ending}": categories}
    report = next(file for file in description.files if file.path == f"s_77.{ending}")
    assert (report.read, report.screened) == (False, True)
    assert sum(file.read for file in description.files) < 20
    assert [p.code for p in description.problems] == ["sampled"]
    assert not [item for item in description.evidence if item.kind == "not-looked-at"]


def test_what_is_found_is_masked_and_nothing_else_is_kept(family, pool) -> None:
    description = describe(family("csv", PLAIN, PEOPLE), pool=pool)
    kinds = {item.kind for item in description.evidence if item.place.file == "s_77.csv"}
    assert kinds == {"file", "sensitive"}
    assert "花子" not in json.dumps(description.to_json(evidence=True), ensure_ascii=False)


def test_very_many_that_are_unlike_are_looked_through_too(tmp_path, pool, monkeypatch) -> None:
    monkeypatch.setattr("shirushi.describe.families.MOST_READ", 10)
    for letter in "abcdefghijklmnopqrstuvwxyz":
        (tmp_path / f"{letter}.csv").write_text(PEOPLE if letter == "q" else PLAIN)
    assert describe(tmp_path, pool=pool).concerns() == {"q.csv": ["personal-name", "phone"]}


def test_files_beyond_the_bound_are_told_of(family, pool, monkeypatch) -> None:
    monkeypatch.setattr(reading, "MOST_LOOKED_THROUGH", 100)
    description = describe(family("csv", PLAIN, PLAIN), pool=pool)
    (item,) = (item for item in description.evidence if item.kind == "not-looked-at")
    assert (item.value["count"], len(item.value["names"])) == (38, 38)
    assert item.place.file == item.value["names"][0]
    told = {p.code: p for p in description.problems}
    assert told["unscreened"].detail == "38 of 138 files"
    assert "Look at the others yourself before you publish" in told["unscreened"].message


def test_many_tables_about_people_are_read_in_part_and_the_rest_told_of(family, pool) -> None:
    description = describe(family("csv", PEOPLE, PEOPLE), pool=pool)
    (item,) = (item for item in description.evidence if item.kind == "not-looked-at")
    assert len(description.concerns()) + item.value["count"] == 150
    assert len(description.concerns()) > 40


def test_folder_gives_the_same_each_time(family, pool) -> None:
    folder = family("csv", PEOPLE, PLAIN)
    first, second = (describe(folder, pool=pool).to_json(evidence=True) for _ in range(2))
    assert first | {"seconds": 0} == second | {"seconds": 0}


def test_what_a_locked_file_holds_nobody_knows(tmp_path, pool) -> None:
    (tmp_path / "a.7z").write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(100))
    (tmp_path / "t.csv").write_text(PLAIN)
    (item,) = (item for item in describe(tmp_path, pool=pool).evidence if item.kind == "not-looked-at")
    assert item.value == {"count": 1, "names": ["a.7z"]}


def test_worker_that_gives_no_answer_has_looked_at_nothing(family, pool, monkeypatch) -> None:
    monkeypatch.setattr(reading, "LOOK_THROUGH", "shirushi.describe.readers.glance:absent")
    (item,) = (i for i in describe(family("csv", PLAIN, PLAIN), pool=pool).evidence if i.kind == "not-looked-at")
    assert item.value["count"] == 138


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        '{"rate": 24, "name": "CTD"}',
        "name,depth\nCTD,12\nADCP,30\n",
        "Station: Misaki\n\nMeasured by hand, twice a day. See https://example.org/a:b.\n",
        "#!/bin/sh\nset -e\n./run --year 2020\n",
    ],
)
def test_ordinary_small_files_are_not_read_whole(text) -> None:
    assert not tells(text.encode(), "a.csv")


def test_arrays_cost_nothing() -> None:
    assert [cost(kind) for kind in ("application/x-netcdf4", "application/x-npy", "text/x-fasta", "audio/wav")] == [
        0
    ] * 4


# ---- archives


def packed(files: dict[str, str | bytes], *, tar: bool) -> bytes:
    stream = io.BytesIO()
    if tar:
        with tarfile.open(fileobj=stream, mode="w:gz") as archive:
            for name, content in files.items():
                data = content if isinstance(content, bytes) else content.encode()
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    else:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize("tar", [False, True])
@pytest.mark.parametrize(
    ("name", "content", "category"),
    [
        ("s_77.csv", PEOPLE, "personal-name"),
        ("notes/z.log", CHART, "patient"),
        ("conf/.env", "DB_PASSWORD=S3cr3t!pw\n", "credential"),
        ("z.docx", word(CHART), "patient"),
        ("z.jpg", photograph(with_place=True), "precise-location"),
    ],
)
def test_files_inside_an_archive_are_looked_through(see, tar, name, content, category) -> None:
    files: dict[str, str | bytes] = {f"s_{number}.csv": PLAIN for number in range(1, 151)} | {name: content}
    seen = see({"a.tar.gz" if tar else "a.zip": packed(files, tar=tar)})
    found = [item for item in seen.of("sensitive") if item.value["category"] == category]
    assert [item.place.path.partition("#")[0] for item in found] == [name]
    assert seen.of("not-looked-at") == []


@pytest.mark.parametrize("tar", [False, True])
def test_files_inside_that_are_not_looked_at_are_counted(see, tar, monkeypatch) -> None:
    monkeypatch.setattr(inside, "MOST_LOOKED_THROUGH", 50)
    files: dict[str, str | bytes] = {f"n_{number:03}.log": "all is well\n" for number in range(80)}
    files["inner.zip"] = packed({"a.csv": PEOPLE}, tar=False)
    (item,) = see({"a.tar.gz" if tar else "a.zip": packed(files, tar=tar)}).of("not-looked-at")
    assert item.value["count"] == 31
    assert item.place.file.startswith("a.")


def test_arrays_inside_an_archive_are_no_question(see) -> None:
    files: dict[str, str | bytes] = {f"{number}.npy": b"\x93NUMPY\x01\x00" + bytes(200) for number in range(40)}
    assert see({"a.zip": packed(files, tar=False)}).of("not-looked-at") == []


@pytest.mark.parametrize(("content", "counted"), [(PLAIN, 0), (PEOPLE, 1)])
def test_archive_inside_counts_where_it_may_tell_of_people(see, content, counted) -> None:
    inner = packed({"a.csv": content}, tar=False)
    seen = see({"a.zip": packed({"README.md": "# Data\n", "inner.zip": inner}, tar=False)})
    assert sum(item.value["count"] for item in seen.of("not-looked-at")) == counted
