"""Classes of vocabularies: what ships, an operator's own, and which of them a folder's words speak of."""

from collections import Counter
from pathlib import Path

import pytest

from shirushi.describe.evidence import LinePlace
from shirushi.describe.rank import rank
from shirushi.describe.seen import Context
from shirushi.describe.terms import NotAVocabulary, everyday_words, load, vocabularies
from shirushi.describe.words import words

SKOS = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#">
  <skos:Concept rdf:about="https://example.org/t/1"><skos:notation>T1</skos:notation>
    <skos:prefLabel xml:lang="en">Kelp forests</skos:prefLabel><skos:prefLabel xml:lang="ja">藻場</skos:prefLabel>
    <skos:altLabel xml:lang="en">seaweed beds</skos:altLabel></skos:Concept>
  <skos:Concept rdf:about="https://example.org/t/2"><skos:prefLabel xml:lang="en">Reefs</skos:prefLabel>
    <skos:broader rdf:resource="https://example.org/t/1"/></skos:Concept>
</rdf:RDF>
"""


def test_what_ships_is_whole_and_sound() -> None:
    ndc, kakenhi, ford = vocabularies()
    assert (ndc.scheme, kakenhi.scheme, ford.scheme) == ("NDC", "KAKENHI", "OECD FORD")
    assert Counter(len(code) for code in kakenhi.terms if code.isdigit()) == {5: 306, 2: 56, 1: 9}
    assert len(ford.terms) == 6 + 42
    assert sum(len(code) == 3 for code in ndc.terms) > 800
    for vocabulary in (kakenhi, ford):
        assert all(not term.broader or term.broader in vocabulary.terms for term in vocabulary.terms.values())
        assert all(set(term.labels) == {"ja", "en"} for term in vocabulary.terms.values())
    assert ndc.terms["453"].labels == {"ja": "地震学", "en": "Seismology, volcanology"}


def test_everyday_words_lead_to_classes_that_exist() -> None:
    known = {vocabulary.scheme: vocabulary.terms for vocabulary in vocabularies()}
    assert [(word, scheme, code) for word, scheme, code in everyday_words() if code not in known[scheme]] == []


def test_codes_and_names_agree_with_the_tables(shared: Path) -> None:
    names = {}
    for line in (shared / "schemas" / "ndc" / "ndc9.tsv").read_text("utf-8").splitlines()[1:]:
        code, name = line.split("\t")[:2]
        names[code] = name
    ndc = vocabularies()[0].terms
    assert [code for code in ndc if code not in names] == []
    agreeing = sum(bool(set(ndc[code].labels["ja"]) & set(names[code])) for code in ndc)
    assert agreeing >= 0.99 * len(ndc)


def test_own_table_and_skos_are_read(tmp_path: Path) -> None:
    (tmp_path / "themes.csv").write_text(
        "code,ja,en,synonyms\nA,干潟,Tidal flats,mudflats;mud flats\n", encoding="utf-8"
    )
    (tmp_path / "coast.rdf").write_text(SKOS, encoding="utf-8")
    (tmp_path / "broken.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    found = {vocabulary.scheme: vocabulary for vocabulary in vocabularies(tmp_path)}
    assert found["themes"].terms["A"].synonyms == ("mudflats", "mud flats")
    term = found["coast"].terms["T1"]
    assert (term.labels, term.synonyms, term.uri) == (
        {"en": "Kelp forests", "ja": "藻場"},
        ("seaweed beds",),
        "https://example.org/t/1",
    )
    assert found["coast"].terms["2"].broader == "T1"
    assert "broken" not in found
    with pytest.raises(NotAVocabulary, match="no column code"):
        load(tmp_path / "broken.csv")


def test_skos_with_entities_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.rdf"
    path.write_text('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', encoding="utf-8")
    with pytest.raises(NotAVocabulary):
        load(path)


def test_words_keep_their_places() -> None:
    text = "相模湾の海面水温 and Earthquakes"
    assert [(w.term, text[w.start : w.end]) for w in words(text)][-1] == ("earthquak", "Earthquakes")
    assert "".join(text[w.start : w.end] for w in words(text)[:-1]) == "相模湾海面水温"


def classes(candidates, scheme: str) -> list[str]:
    return [c.value["code"] for c in candidates if c.value.get("scheme") == scheme]


EARTHQUAKES = (
    "# Earthquake catalogue of the Kii Peninsula\n\nHypocentres of 1,200 earthquakes located with a seismic network.\n"
)
TEMPERATURES = "# 相模湾の海面水温\n\nブイで測った海面水温と塩分の観測値です。\n"


def test_english_folder_gets_its_classes_with_the_places_of_the_words(suggest) -> None:
    found = suggest({"README.md": EARTHQUAKES}, "subjects")
    assert classes(found, "NDC") == ["453"]
    assert classes(found, "KAKENHI") == ["17040"]
    assert classes(found, "OECD FORD") == ["1.5"]
    ndc = next(c for c in found if c.value.get("scheme") == "NDC")
    assert ndc.value == {
        "text": "Seismology, volcanology",
        "lang": "en",
        "scheme": "NDC",
        "code": "453",
        "scheme_uri": "https://www.jla.or.jp/committees/bunrui/",
    }
    assert ndc.evidence[0].place == LinePlace("README.md", 1, 1, 2, 12, "Earthquake")


def test_japanese_folder_gets_japanese_names(suggest) -> None:
    found = suggest({"README.md": TEMPERATURES}, "subjects")
    assert classes(found, "NDC") == ["452"]
    ndc = next(c for c in found if c.value.get("scheme") == "NDC")
    assert (ndc.value["text"], ndc.value["lang"]) == ("海洋学", "ja")
    assert ndc.evidence[0].place.quote in ("海面水温", "塩分", "ブイ")


def test_a_folder_about_nothing_in_particular_gets_none(suggest) -> None:
    text = (
        "# Files of the project\n\nThis folder holds data and code for analysis. See the documentation for details.\n"
    )
    assert [c for c in suggest({"README.md": text}, "subjects") if "scheme" in c.value] == []


def test_confidence_is_low_and_a_class_is_not_the_keyword_of_its_name(suggest) -> None:
    text = TEMPERATURES + "\nキーワード: 海洋学, 水温\n"
    ranked = rank(suggest({"README.md": text}, "subjects"))
    assert {s.value.get("scheme") for s in ranked if s.value["text"] == "海洋学"} == {None, "NDC"}
    assert all(s.confidence < 0.6 for s in ranked if s.method.startswith("subjects.class"))


def test_own_vocabulary_is_proposed_from(suggest, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "themes.csv").write_text("code,ja,en,synonyms\nA,干潟,Tidal flats,mudflats\n", encoding="utf-8")
    found = suggest(
        {"README.md": "# Mudflats of the bay\n\nBirds of tidal flats.\n"}, "subjects", Context(vocabularies=own)
    )
    assert classes(found, "themes") == ["A"]
