"""MATLAB files of level 4, as old rigs still write them."""

import struct
from pathlib import Path

import pytest

from shirushi.describe.tests.made import Read


def matrix(name: str, rows: int, columns: int, kind: int = 0, order: str = "<", size: int = 8) -> bytes:
    text = name.encode() + b"\0"
    return struct.pack(order + "5i", kind, rows, columns, 0, len(text)) + text + bytes(rows * columns * size)


@pytest.mark.parametrize(("order", "kind"), [("<", 0), (">", 1000)])
def test_matrices_of_level_4(tmp_path: Path, order: str, kind: int) -> None:
    data = matrix("force", 10, 1, kind, order) + matrix("note", 1, 6, kind + 51, order, 1)
    found = Read(tmp_path, data, "rig.mat")
    assert [(a["name"], a["shape"], a["dtype"]) for a in found.of("array")] == [
        ("force", [10, 1], "float64"),
        ("note", [1, 6], "string"),
    ]
    assert found.problems == []


def test_what_is_cut_off_or_no_matrix(tmp_path: Path) -> None:
    whole = matrix("force", 10, 1)
    assert [code for code, _ in Read(tmp_path, whole[:40], "a.mat").problems] == ["truncated"]
    assert [code for code, _ in Read(tmp_path, whole + b"\xff" * 30, "a.mat").problems] == ["malformed"]
    assert [code for code, _ in Read(tmp_path, b"\xff\0" * 30, "a.mat").problems] == ["malformed"]
