import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirushi.storage import BadLogicalPath
from shirushi.storage.names import check_logical_paths, content_names, object_root

PARTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=120).filter(
    lambda part: part not in (".", "..")
)
PATHS = st.lists(PARTS, min_size=1, max_size=8).map("/".join)


@pytest.mark.parametrize(
    ("object_id", "place"),
    [  # the examples of the extension's own text
        ("object-01", "3c0/ff4/240/object-01"),
        ("..hor/rib:le-$id", "487/326/d8c/%2e%2ehor%2frib%3ale-%24id"),
        ("..Hor/rib:lè-$id", "373/529/21a/%2e%2eHor%2frib%3al%c3%a8-%24id"),
        (
            "abcdefghij" * 10 + "a",
            f"5cc/73e/648/{'abcdefghij' * 10}-5cc73e648fbcff136510e330871180922ddacf193b68fdeff855683a01464220",
        ),
        (
            "abcdefghij" * 26,
            f"55b/432/806/{'abcdefghij' * 10}-55b432806f4e270da0cf23815ed338742179002153cd8d896f23b3e2d8a14359",
        ),
    ],
)
def test_object_root_follows_extension_0003(object_id: str, place: str) -> None:
    assert object_root(object_id) == place


@pytest.mark.parametrize(
    "path",
    ["", "/", "/etc/passwd", "a/", "a//b", ".", "..", "a/../b", "./a", "a\0b", "\udcff", "x" * 4_097, "あ" * 1_400],
)
def test_logical_path_that_leads_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(BadLogicalPath) as caught:
        check_logical_paths([path])
    assert caught.value.where == path
    assert "Rename the file" in caught.value.en
    assert "もう一度お試しください" in caught.value.ja


def test_file_that_is_also_a_folder_is_refused() -> None:
    with pytest.raises(BadLogicalPath):
        check_logical_paths(["data", "data/a.csv"])


def test_ordinary_names_stay_readable() -> None:
    paths = ["README.md", "データ/観測 2021.csv", "data/Ünïcode.txt", ".gitignore"]
    assert content_names(paths) == {path: path for path in paths}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a\nb", "a%0ab"),
        ("\u202efdp.exe", "%e2%80%aefdp.exe"),
        ("a\\b", "a%5cb"),
        ("what?.txt", "what%3f.txt"),
        ("100%.csv", "100%25.csv"),
        ("~a", "%7ea"),
        ("CON", "%43ON"),
        ("aux.txt", "%61ux.txt"),
        ("trailing.", "trailing%2e"),
        ("trailing ", "trailing%20"),
        (" leading", "%20leading"),
        ("cafe\u0301", "caf\u00e9"),
        ("a" * 300 + ".csv", "a" * 179 + "~" + "f87ad7ea824d5678" + ".csv"),
    ],
)
def test_odd_name_is_written_so_that_any_file_system_takes_it(path: str, name: str) -> None:
    assert content_names([path]) == {path: name}


@pytest.mark.parametrize(
    "twins", [("Data.csv", "data.csv"), ("caf\u00e9", "cafe\u0301"), ("ﬁg", "fig"), ("A", "a/b"), ("straße", "STRASSE")]
)
def test_twins_get_different_names(twins: tuple[str, str]) -> None:
    names = list(content_names(twins).values())
    folded = {unicodedata.normalize("NFKD", name).casefold() for name in names}
    assert len(folded) == 2
    assert sum(name.startswith("~") for name in names) == 1


@given(st.sets(PATHS, max_size=12))
def test_names_are_unique_safe_and_short(paths: set[str]) -> None:
    names = content_names(paths)
    assert names.keys() == paths
    folded = [unicodedata.normalize("NFKD", name).casefold() for name in names.values()]
    assert len(set(folded)) == len(paths)
    for name in names.values():
        assert len(name.encode()) <= 700
        assert all(0 < len(part.encode()) <= 255 and part not in (".", "..") for part in name.split("/"))
        assert not any(unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") for character in name)
    for name in folded:
        assert not any(other.startswith(name + "/") for other in folded)
