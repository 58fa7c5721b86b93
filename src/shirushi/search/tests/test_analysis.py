import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirushi.metadata.readings import key
from shirushi.search.analysis import analyse, bigrams, fold, stem
from shirushi.search.readings import keys
from shirushi.search.variants import VARIANTS


def terms(text: str) -> list[str]:
    return [token.term for token in analyse(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("相模湾の海面水温データ", ["相模", "湾", "海面", "水温", "データ"]),
        ("サーバとサーバー", ["サーバー", "サーバー"]),
        ("附属図書館", ["付属", "図書", "館"]),
        ("ﾃﾞｰﾀ", ["データ"]),
        ("観測している", ["観測"]),
        ("Running datasets of the Universities", ["run", "dataset", "of", "the", "universiti"]),
        ("ＡＢＣ　ｄｅｆ", ["abc", "def"]),
        ("Café naïve ÅNGSTRÖM", ["cafe", "naiv", "angstrom"]),
        ("sst_mean-2021.csv", ["sst", "mean", "2021", "csv"]),
        ("DNA配列の2021年", ["dna", "配列", "2021", "年"]),
        ("", []),
        ("、。！？ \n\t", []),
        ("の", []),
        ("Ελλάδα Россия 한국어", ["ελλαδα", "россия", "한국어"]),
    ],
)
def test_terms_of_a_text(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@given(st.text(max_size=300))
def test_any_text_is_analysed_and_offsets_point_into_it(text: str) -> None:
    at = 0
    for token in analyse(text):
        assert 0 <= at <= token.start < token.end <= len(text)
        assert token.term
        assert not any(character.isspace() for character in token.term)
        at = token.start
    for gram in bigrams(text):
        assert 1 <= len(gram) <= 2


@given(st.text(st.sampled_from("ｶﾞﾊﾟァアあ漢aＡé①㌔ﬁ \u3099\u0301"), max_size=40))
def test_folding_keeps_a_place_for_every_character(text: str) -> None:
    folded = fold(text)
    assert len(folded.starts) == len(folded.ends) == len(folded.text)
    assert list(folded.starts) == sorted(folded.starts)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))


def test_offsets_point_at_what_was_written_also_in_half_width() -> None:
    text = "ＴＨＥ ﾃﾞｰﾀﾍﾞｰｽ"
    assert [text[token.start : token.end] for token in analyse(text)] == ["ＴＨＥ", "ﾃﾞｰﾀﾍﾞｰｽ"]


def test_text_longer_than_the_dictionary_takes_at_once() -> None:
    assert len(terms("海面水温" * 20_000)) == 40_000


def test_several_threads_analyse_at_once() -> None:
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(terms("相模湾の海面水温" * 200))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["相模", "湾", "海面", "水温"] * 200] * 4


def test_codes_and_short_words_are_not_stemmed() -> None:
    assert [stem(word) for word in ("gse12345", "was", "ices", "temperatures")] == [
        "gse12345",
        "was",
        "ice",
        "temperatur",
    ]


@pytest.mark.parametrize(
    ("written", "usual"),
    [
        ("髙橋", "高橋"),
        ("髙﨑", "高崎"),
        ("𠮷野", "吉野"),
        ("渡邊と渡邉", "渡辺と渡辺"),
        ("齋藤 濵田", "斎藤 浜田"),
        ("國學院大學", "国学院大学"),
        ("﨑" + "ﾃﾞｰﾀ", "崎" + "データ"),
    ],
)
def test_variants_of_kanji_are_one(written: str, usual: str) -> None:
    assert terms(written) == terms(usual)
    assert analyse(written)[-1].end == len(written)


def test_a_variant_is_no_form_that_others_are_folded_to() -> None:
    assert not [form for form in VARIANTS.values() if ord(form) in VARIANTS]


@pytest.mark.parametrize(
    "spellings",
    [
        ("おおの", "オオノ", "ono", "Ohno", "Ōno", "ｵｵﾉ"),
        ("しんぶん", "shimbun", "sinbun", "shinbun"),
        ("じゅんいち", "Jun'ichi", "zyuniti", "junichi"),
        ("とうきょう", "Tokyo", "toukyou", "tōkyō"),
        ("まっちゃ", "matcha", "maccha"),
        ("やまだ", "ヤマダ", "yamada"),
    ],
)
def test_spellings_of_one_reading_have_one_key(spellings: tuple[str, ...]) -> None:
    assert len({key(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize("text", ["", "山田", "やまだ3", "123", "-", "Ελλάδα", "ー", "っ"])
def test_what_is_no_reading_has_no_key(text: str) -> None:
    assert key(text) == ""


@given(st.text(max_size=50))
def test_any_text_has_a_key_of_plain_letters(text: str) -> None:
    found = key(text)
    assert found == "" or (found.isascii() and found.isalpha() and found.islower())


def test_neighbours_are_read_together() -> None:
    assert keys("山田 花子") == [("yamada", "山田"), ("yamadahanako", "山田花子"), ("hanako", "花子")]
    assert ("kaimensuion", "海面水温") in keys("海面水温を")
    assert [reading for reading, _ in keys("海の水温")] == ["umi", "suion"]
