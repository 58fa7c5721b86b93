"""A folder goes in, a description comes out: always the same one, telling what was done while it is done."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from shirushi.describe import Description, Progress, describe
from shirushi.describe.families import families
from shirushi.describe.formats import Identified
from shirushi.describe.isolate import Pool
from shirushi.describe.kinds import KINDS
from shirushi.describe.problems import PROBLEMS, problem, say
from shirushi.describe.readers.registry import READERS
from shirushi.describe.sources import printable, walk

CSV = "date,temp (degC)\n2021-04-01,12.5\n2021-04-02,13\n"


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(2) as pool:
        yield pool


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "bay"
    (folder / "data").mkdir(parents=True)
    (folder / "README.md").write_text("# Temperatures of a bay\n\nMeasured every day by a buoy off the coast.\n")
    (folder / "data" / "buoy.csv").write_text(CSV)
    (folder / ".DS_Store").write_bytes(b"junk")
    return folder


def codes(description: Description) -> list[tuple[str, str]]:
    return [(item.code, item.file) for item in description.problems]


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, shirushi.describe; print(sorted(m for m in sys.modules if m.startswith(('shirushi', 'pydantic'))))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert shown == "['shirushi', 'shirushi.describe']"


def test_describe_reports_every_file_and_what_was_found(folder: Path, pool: Pool) -> None:
    description = describe(folder, pool=pool)
    assert (description.name, description.file_count) == ("bay", 2)
    assert description.total_size == sum(p.stat().st_size for p in (folder / "README.md", folder / "data" / "buoy.csv"))
    assert [(f.path, f.format, f.read) for f in description.files] == [
        ("README.md", "Markdown", True),
        ("data/buoy.csv", "CSV", True),
    ]
    assert codes(description) == [("junk", "")]
    assert {item.kind for item in description.evidence} <= KINDS.keys()
    assert sum(f.found for f in description.files) + len(description.files) == len(description.evidence)


def test_describe_gives_the_same_twice(folder: Path, pool: Pool) -> None:
    first, second = (describe(folder, pool=pool).to_json(evidence=True) for _ in range(2))
    del first["seconds"], second["seconds"]
    assert first == second


def test_description_survives_its_own_json(folder: Path, pool: Pool) -> None:
    data = describe(folder, pool=pool).to_json(evidence=True)
    assert Description.from_json(data).to_json(evidence=True) == data


def test_describe_suggests_the_title_of_the_readme(folder: Path, pool: Pool) -> None:
    best = describe(folder, pool=pool).for_field("titles")[0]
    assert best.value["text"] == "Temperatures of a bay"
    assert best.evidence[0].place.file == "README.md"


def test_progress_goes_through_the_stages_in_order(folder: Path, pool: Pool) -> None:
    seen: list[Progress] = []
    describe(folder, pool=pool, progress=seen.append)
    assert list(dict.fromkeys(item.stage for item in seen)) == ["walking", "reading", "suggesting"]
    reading = [item for item in seen if item.stage == "reading"]
    assert [(item.done, item.total) for item in reading] == [(1, 2), (2, 2)]
    assert {item.file for item in reading} == {"README.md", "data/buoy.csv"}
    table = next(item.seen for item in reading if item.file == "data/buoy.csv")
    assert table is not None
    assert (table.format, table.counts["column"] > 0, table.problem) == ("CSV", True, "")


def test_digests_are_computed_on_request(folder: Path, pool: Pool) -> None:
    (folder / "README.md").write_bytes(b"abc")
    report = describe(folder, pool=pool, digests=True).files[0]
    assert report.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_sources_may_be_a_mapping_of_names_to_files(folder: Path, pool: Pool) -> None:
    description = describe({"shown/as.csv": folder / "data" / "buoy.csv"}, pool=pool, name="draft")
    assert (description.name, [f.path for f in description.files]) == ("draft", ["shown/as.csv"])


def test_sources_may_be_several_with_names_told_apart(folder: Path, pool: Pool) -> None:
    other = folder.parent / "buoy.csv"
    other.write_text(CSV)
    description = describe([folder, other, folder / "data" / "buoy.csv"], pool=pool)
    assert [f.path for f in description.files] == ["bay/README.md", "bay/data/buoy.csv", "buoy.csv", "buoy.csv (2)"]


def test_a_source_that_does_not_exist_is_refused(tmp_path: Path, pool: Pool) -> None:
    with pytest.raises(FileNotFoundError):
        describe(tmp_path / "nothing", pool=pool)


def test_git_history_is_read_and_its_internals_are_not_files(folder: Path, pool: Pool) -> None:
    git = ["git", "-C", str(folder), "-c", "user.name=Yamada Hanako", "-c", "user.email=hanako@example.org"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "README.md"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "First"], check=True)
    description = describe(folder, pool=pool)
    assert [f.path for f in description.files] == ["README.md", "data/buoy.csv"]
    (author,) = [item for item in description.evidence if item.kind == "git-author"]
    assert (author.value["name"], author.value["commits"]) == ("Yamada Hanako", 1)


def test_many_files_alike_are_read_in_part_and_said_so(tmp_path: Path, pool: Pool) -> None:
    for number in range(100):
        (tmp_path / f"run_{number:03}.csv").write_text(CSV)
    (tmp_path / "README.md").write_text("# Runs\n")
    description = describe(tmp_path, pool=pool)
    assert sum(f.read for f in description.files) == 13
    assert description.files[0].read is True
    assert [(p.code, p.detail) for p in description.problems] == [("sampled", "13 of 101 files were read")]
    (alike,) = [item.value for item in description.evidence if item.kind == "files-alike"]
    assert (alike["pattern"], alike["count"], alike["media_type"]) == ("run_#.csv", 100, "text/csv")


@pytest.mark.parametrize(("media_type", "reader"), READERS)
def test_every_reader_of_the_registry_exists_and_says_what_it_reads(media_type: str, reader: str) -> None:
    module, _, function = reader.partition(":")
    assert media_type in getattr(import_module(module), function).media_types


def test_families_differ_in_digits_only() -> None:
    what = Identified("text/csv", "CSV")
    names = ["a1.csv", "a2.csv", "a10.csv", "b.csv", "b1.csv"]
    assert [(f.pattern, f.count, f.size) for f in families([(n, 5, what) for n in names])] == [("a#.csv", 3, 15)]


def test_every_problem_says_what_happened_and_what_to_do_in_both_languages() -> None:
    for code in PROBLEMS:
        item = problem(code, "a.csv", "line 3")
        assert item.message == say(item, "en")
        assert "(line 3)" in say(item, "en")
        assert say(item, "ja").endswith("。")
        assert say(item, "ja") != say(item, "en")


def test_printable_shows_what_cannot_be_shown() -> None:
    names = ("plain.txt", "日本語.txt", "a\nb", os.fsdecode(b"caf\xe9"), "x\u202egpj.exe", "back\\slash")
    assert [printable(name) for name in names] == [
        "plain.txt", "日本語.txt", "a\\x0ab", "caf\\xe9", "x\\u202egpj.exe", "back\\\\slash",
    ]  # fmt: skip


def test_walk_is_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b", "a", "Z", "é"):
        (tmp_path / name).write_text("x")
    assert [found.name for found in walk(tmp_path).files] == ["Z", "a", "b", "é"]


def test_walk_stops_at_the_most_files(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"f{number}").write_text("x")
    walked = walk(tmp_path, most=3)
    assert [found.name for found in walked.files] == ["f0", "f1", "f2"]
    assert [p.code for p in walked.problems] == ["too-many-files"]
