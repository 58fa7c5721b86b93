from pathlib import Path

import pytest

from shirushi.describe.readers import language_model
from shirushi.describe.readers.language_model import identifier
from shirushi.describe.readers.prose import language_of

TEXTS = (
    "The temperature of the sea was measured by hand, twice a day, from the end of the pier.",
    "Die Temperatur des Meeres wurde zweimal am Tag am Ende des Stegs von Hand gemessen.",
    "海水温度每天两次在码头尽头用手测量。",
    "",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(language_model, "_folder", lambda source: tmp_path / "kept" / "py3langid-1-2")
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    identifier.cache_clear()
    return tmp_path / "kept"


def test_what_is_kept_says_the_same_as_what_was_unpacked(folder: Path) -> None:
    (folder / "py3langid-0-0").mkdir(parents=True)
    first = [identifier().classify(text) for text in TEXTS]
    assert [path.name for path in folder.iterdir()] == ["py3langid-1-2"]  # that of an older model is gone
    identifier.cache_clear()
    assert [identifier().classify(text) for text in TEXTS] == first
    assert [lang for lang, _ in first[:3]] == ["en", "de", "zh"]


@pytest.mark.parametrize("damage", ["missing", "cut", "no array"])
def test_what_is_kept_and_damaged_is_done_without(folder: Path, damage: str) -> None:
    expected = identifier().classify(TEXTS[1])
    path = folder / "py3langid-1-2" / "3.npy"
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:1000] if damage == "cut" else b"nothing")
    identifier.cache_clear()
    assert identifier().classify(TEXTS[1]) == expected
    assert language_model._kept(folder / "py3langid-1-2") is not None  # and mended


def test_where_nothing_may_be_written_it_is_unpacked_each_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write_text("a file where a folder should be")
    assert identifier().classify(TEXTS[0])[0] == "en"


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Name: Keiko Arai Institution: Fukui University Email: k.arai@example.ac.jp", None),
        (
            "Data from field trial 2019. Plot size 2 m x 5 m. Harvest dates: 3 July, 20 July. Variety: Koshihikari.",
            None,
        ),
        (
            (
                "Pollen of lakes. Principal Investigator Contact Information Name: Keiko Arai Institution: Fukui University "
                "Methods We counted pollen grains of cores that were taken from the lake and wrote them down."
            ),
            "en",
        ),
        ("Ce jeu de données contient les mesures de température de la rivière Loire entre 2001 et 2010.", "fr"),
        ("Dieser Datensatz enthält stündliche Messungen der Wassertemperatur im Bodensee.", "de"),
        ("琵琶湖水質測定結果 平成二十年度 全窒素 全燐 化学的酸素要求量 溶存酸素量", None),
        ("琵琶湖の水質を測定した結果である。全窒素と全燐を含む。", "ja"),
        ("中国科学院湖泊水质监测数据集，包括水温、溶解氧等指标。", "zh"),
    ],
)
def test_language_of_short_texts(text: str, lang: str | None) -> None:
    found = language_of(text, "README.md", "x/1")
    assert (found.value["lang"] if found else None) == lang
