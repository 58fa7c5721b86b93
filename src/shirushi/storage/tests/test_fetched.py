"""The folder of copies: bounded, verified, and what is in use stays."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from shirushi.storage import StoreDamaged
from shirushi.storage.fetched import Fetched


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def get(fetched: Fetched, data: bytes) -> Path:
    return fetched.get(digest(data), "sha256", lambda: iter([data[:3], data[3:]]))


def make_old(fetched: Fetched) -> None:
    for path in fetched.folder.glob("??/*"):
        os.utime(path, (1, 1))


def held(fetched: Fetched) -> set[str]:
    return {path.name for path in fetched.folder.glob("??/*")}


def test_copy_is_made_once(tmp_path: Path) -> None:
    fetched = Fetched(tmp_path, 1000)
    assert get(fetched, b"bytes").read_bytes() == b"bytes"

    def never() -> Iterator[bytes]:
        raise AssertionError("asked for again")

    assert fetched.get(digest(b"bytes"), "sha256", never).read_bytes() == b"bytes"


def test_copy_with_another_digest_is_refused_and_not_kept(tmp_path: Path) -> None:
    fetched = Fetched(tmp_path, 1000)
    with pytest.raises(StoreDamaged):
        fetched.get(digest(b"right"), "sha256", lambda: iter([b"wrong"]))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_copy_that_breaks_off_is_not_kept(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"ri"
        raise ConnectionResetError

    fetched = Fetched(tmp_path, 1000)
    with pytest.raises(ConnectionResetError):
        fetched.get(digest(b"right"), "sha256", broken)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_was_not_asked_for_the_longest_goes_first(tmp_path: Path) -> None:
    fetched = Fetched(tmp_path, 1000)
    for used, name in ((3, b"a"), (1, b"b"), (2, b"c")):
        os.utime(get(fetched, name * 300), (used, used))
    get(fetched, b"d" * 300)
    assert held(fetched) == {digest(name * 300) for name in (b"a", b"c", b"d")}


def test_what_was_asked_for_just_now_stays_whatever_the_limit(tmp_path: Path) -> None:
    fetched = Fetched(tmp_path, 10)
    paths = [get(fetched, name * 300) for name in (b"a", b"b", b"c")]
    assert [path.exists() for path in paths] == [True] * 3


def test_held_copies_stay_although_they_go_from_the_folder(tmp_path: Path) -> None:
    fetched = Fetched(tmp_path, 10)
    with fetched.held() as hold:
        path = hold(digest(b"a" * 300), get(fetched, b"a" * 300))
        make_old(fetched)
        get(fetched, b"b" * 300)
        assert digest(b"a" * 300) not in held(fetched)
        assert fetched.recover() == 0
        assert path.read_bytes() == b"a" * 300
    assert not path.exists()
    assert list((tmp_path / "held").iterdir()) == []
