"""Words in files of an unknown format: what is said, at its bytes, and no chance letters."""

import random
from pathlib import Path

import pytest

from shirushi.describe.evidence import BytesPlace
from shirushi.describe.readers.base import File
from shirushi.describe.readers.registry import readers_for
from shirushi.describe.readers.strings import MOST, WINDOW, read_strings


def noise(length: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(length)


def strings(folder: Path, data: bytes) -> list[str]:
    path = folder / "run.xyz"
    path.write_bytes(data)
    found = list(read_strings(File(path, "run.xyz", len(data), "application/octet-stream", "")))
    for evidence in found:
        place = evidence.place
        assert isinstance(place, BytesPlace)
        spelt = data[place.offset : place.offset + place.length]
        assert evidence.value["text"] in {spelt.decode(e, "replace") for e in ("utf-8", "utf-16-le", "cp932")}
    return [e.value["text"] for e in found]


def test_unknown_files_have_this_reader() -> None:
    assert readers_for("application/octet-stream") == ("shirushi.describe.readers.strings:read_strings",)


def test_words_in_every_encoding_at_both_ends(tmp_path: Path) -> None:
    data = (
        b"\x01\x00\x02  Example Optics GmbH\x00\x00" + noise(500) + b"\x00" + "Acquisition Software 4.2.1".encode("utf-16-le") + b"\x00\x00\xff"
        + b"\x00" + "測定条件：標準".encode("cp932") + b"\x00\x00" + "試料の温度 25℃".encode() + b"\x00" + noise(3 * WINDOW) + b"\x00\x00Date 2021-03-04 10:11\x00"
    )  # fmt: skip
    assert strings(tmp_path, data) == [
        "Example Optics GmbH", "Acquisition Software 4.2.1", "測定条件：標準", "試料の温度 25℃", "Date 2021-03-04 10:11",
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_chance_letters_are_no_words(tmp_path: Path, seed: int) -> None:
    assert strings(tmp_path, noise(2 * WINDOW, seed)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Patient name: Yamada Hanako",
        "Created by yamada@example.org version 1.0",
        "Operator: Suzuki 2020-01-02",
        "患者氏名：山田 測定",
    ],
)
def test_what_may_be_about_a_person_is_left_out(tmp_path: Path, text: str) -> None:
    assert strings(tmp_path, b"\0\1" + text.encode() + b"\0\2") == []


def test_of_very_many_words_some(tmp_path: Path) -> None:
    many = b"\0".join(b"Software version %d.1" % n for n in range(2_000))
    assert len(strings(tmp_path, many)) == MOST


@pytest.mark.parametrize(
    "data",
    [
        b"\0",
        b"\0" * 200_000,
        b"a" * 200_000,
        b"\x81\x40" * 60_000,
        b" " * 130_000,
        b"aaa " * 40_000,
        b"\xe3\x81\x82" * 50_000,
    ],
)
def test_hostile_runs_are_quick(tmp_path: Path, data: bytes) -> None:
    assert strings(tmp_path, data) == []
