import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shirushi.search import FacetValue, Hits, IndexBusy, IndexDamaged, Put, Query, Remove
from shirushi.search.embedded import EmbeddedEngine

Make = Callable[..., Put]


@pytest.fixture
def filled(engine: EmbeddedEngine, record: Make) -> EmbeddedEngine:
    engine.apply(
        [
            record(
                "sst", "相模湾の海面水温 2021–2025", "Sea surface temperature of Sagami Bay",
                creators=["山田 花子"], descriptions=["12基のブイで毎時測りました。手作業で品質を確認しています。"],
                subjects=["海面水温", "oceanography"], date="2025-04-01", languages=["ja"], licences=["CC-BY-4.0"],
                files=["sst.csv", "README.md"],
            ),
            record(
                "shoes", "Running shoes dataset", creators=["Smith, John", "大野 一郎"],
                descriptions=["We measured the temperatures of shoes while people ran."], date="2020-05",
                languages=["en"], licences=["CC0-1.0"], files=["shoes.csv"], space="sport",
            ),
            record(
                "log", "サーバーのログ", creators=["斎藤 一郎"], descriptions=["東京都のコンピュータ室の記録。"],
                date="2021", languages=["ja"], licences=["CC-BY-4.0"], files=["a.log"],
            ),
            record("empty", date="2019-01-01", licences=["CC0-1.0"]),
        ]
    )  # fmt: skip
    return engine


def ids(hits: Hits) -> list[str]:
    return [hit.id for hit in hits.items]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("海面水温", ["sst"]),
        ("水温", ["sst"]),
        ("水温 相模湾", ["sst"]),
        ("海面　水温", ["sst"]),
        ("相模湾の水温", ["sst"]),
        ("やまだ", ["sst"]),
        ("ヤマダハナコ", ["sst"]),
        ("yamada", ["sst"]),
        ("YAMADA Hanako", ["sst"]),
        ("おおの", ["shoes"]),
        ("Ohno", ["shoes"]),
        ("いちろう", ["log", "shoes"]),
        ("かいめんすいおん", ["sst"]),
        ("山田花子", ["sst"]),
        ("サーバ", ["log"]),
        ("ｻｰﾊﾞｰ", ["log"]),
        ("コンピューター", ["log"]),
        ("京都", ["log"]),
        ("測る", ["sst"]),
        ("ＲＵＮＮＩＮＧ", ["shoes"]),
        ("run", ["shoes"]),
        ("temperature", ["sst", "shoes"]),
        ("temperatures of shoes", ["shoes"]),
        ("oceanography", ["sst"]),
        ('"running shoes"', ["shoes"]),
        ("temperature -shoes", ["sst"]),
        ("temperature NOT Sagami", ["shoes"]),
        ("サーバー OR shoes", ["shoes", "log"]),
        ("10.5072/sst", ["sst"]),
        ("https://doi.org/10.5072/SST", ["sst"]),
        ("doi:10.5072/log", ["log"]),
        ("creator:斎藤", ["log"]),
        ("creator:さいとう", ["log"]),
        ("作成者：山田", ["sst"]),
        ("title:temperature", ["sst"]),
        ("temperature year:2020", ["shoes"]),
        ("year:2020-2021", ["log", "shoes"]),
        ("type:dataset -licence:cc-by-4.0", ["shoes", "empty"]),
        ("lang:en", ["shoes"]),
        ("csv", ["shoes", "sst"]),
        ("format:CSV", ["shoes", "sst"]),
        ("the", ["shoes"]),
        ("。", []),
        ("の", []),
        ("存在しない単語", []),
        ("title:", []),
    ],
)
def test_words_find_records(filled: EmbeddedEngine, text: str, found: list[str]) -> None:
    assert sorted(ids(filled.search(Query(text)))) == sorted(found)


def test_better_matches_come_first(filled: EmbeddedEngine) -> None:
    assert ids(filled.search(Query("temperature"))) == ["sst", "shoes"]
    assert ids(filled.search(Query("海面水温"))) == ["sst"]


def test_nothing_typed_lists_everything_newest_first(filled: EmbeddedEngine) -> None:
    hits = filled.search(Query())
    assert (hits.total, ids(hits)) == (4, ["sst", "log", "shoes", "empty"])


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("newest", ["sst", "log", "shoes", "empty"]),
        ("oldest", ["empty", "shoes", "log", "sst"]),
        ("title", ["shoes", "sst", "log", "empty"]),  # letters, then readings: サガミ before サーバー; no title last
    ],
)
def test_orders(filled: EmbeddedEngine, sort: str, order: list[str]) -> None:
    assert ids(filled.search(Query(sort=sort))) == order  # type: ignore[arg-type]


def test_filters_narrow_and_facets_count(filled: EmbeddedEngine) -> None:
    query = Query(filters={"licence": ["CC-BY-4.0"]}, facets=["licence", "language", "year", "format", "space"])
    hits = filled.search(query)
    assert ids(hits) == ["sst", "log"]
    assert hits.facets == {
        "licence": [FacetValue("CC-BY-4.0", 2), FacetValue("CC0-1.0", 2)],  # its own filter does not hide the others
        "language": [FacetValue("ja", 2)],
        "year": [FacetValue("2025", 1), FacetValue("2021", 1)],
        "format": [FacetValue("csv", 1), FacetValue("log", 1), FacetValue("md", 1)],
        "space": [FacetValue("lab", 2)],
    }


def test_filters_of_one_field_are_alternatives_and_of_two_are_not(filled: EmbeddedEngine) -> None:
    assert ids(filled.search(Query(filters={"year": ["2025", "2019-2020"]}))) == ["sst", "shoes", "empty"]
    assert ids(filled.search(Query(filters={"year": ["2025", "2020"], "language": ["en"]}))) == ["shoes"]
    assert ids(filled.search(Query(filters={"creator": ["大野 一郎"]}))) == ["shoes"]
    assert ids(filled.search(Query(filters={"creator": ["大野"]}))) == []
    assert filled.search(Query(filters={"year": []})).total == 4


def test_limit_of_nothing_still_counts(filled: EmbeddedEngine) -> None:
    hits = filled.search(Query("temperature", limit=0, facets=["language"]))
    assert (hits.total, hits.items) == (2, [])
    assert hits.facets["language"] == [FacetValue("en", 1), FacetValue("ja", 1)]


def test_hit_shows_what_was_stored_and_what_matched(filled: EmbeddedEngine) -> None:
    (hit,) = filled.search(Query("水温 ブイ 山田")).items
    assert hit.document["identifier"] == "10.5072/sst"
    assert hit.document["date"] == "2025-04-01"
    assert hit.highlights == {
        "title": [("相模湾の海面", False), ("水温", True), (" 2021–2025", False)],
        "description": [("12基の", False), ("ブイ", True), ("で毎時測りました。手作業で品質を確認しています。", False)],
        "creators": [("山田", True), (" 花子", False)],
        "subjects": [("海面", False), ("水温", True)],
    }


def test_highlights_can_be_left_out(filled: EmbeddedEngine) -> None:
    (hit,) = filled.search(Query("水温 ブイ 山田", highlights=False)).items
    assert (hit.id, hit.highlights) == ("sst", {})


def test_question_is_answered_by_any_of_its_words_best_first(filled: EmbeddedEngine) -> None:
    hits = filled.search(Query("東京都のコンピュータ室で記録された海面水温は何度でしたか"))
    assert (ids(hits), hits.relaxed) == (["log", "sst"], False)


def test_translated_title_is_shown_where_it_matched(filled: EmbeddedEngine) -> None:
    (hit,) = filled.search(Query("Sagami")).items
    assert hit.highlights["other_title"] == [("Sea surface temperature of ", False), ("Sagami", True), (" Bay", False)]


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [("temprature", "temperature"), ("oceonography", "oceanography"), ("さいとえ", "斎藤"), ("サガミワム", "相模湾")],
)
def test_zero_hits_suggest_a_near_word(filled: EmbeddedEngine, typed: str, suggested: str) -> None:
    hits = filled.search(Query(typed))
    assert hits.total == 0
    assert hits.suggestions[:1] == [suggested]
    assert filled.search(Query(suggested)).total > 0


def test_words_that_are_not_all_found_are_relaxed_and_said_so(filled: EmbeddedEngine) -> None:
    hits = filled.search(Query("相模湾 zzzz"))
    assert (ids(hits), hits.relaxed) == (["sst"], True)
    assert not filled.search(Query("相模湾")).relaxed


def test_condition_is_not_relaxed(filled: EmbeddedEngine) -> None:
    assert filled.search(Query("相模湾 year:1999")).total == 0


@pytest.mark.parametrize("text", ["相模湾 -だ", "相模湾 NOT の", "相模湾 -title:だ", '相模湾 -"の"'])
def test_to_leave_out_what_no_text_is_without_leaves_out_nothing(filled: EmbeddedEngine, text: str) -> None:
    assert ids(filled.search(Query(text))) == ids(filled.search(Query("相模湾"))) == ["sst"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(max_size=80)
    | st.text(st.sampled_from('海面水温やまだyear:title-"OR NOT()*~^[]{}\\/+&|! \u3000ｱﾞ'), max_size=40)
)
def test_any_text_is_answered(filled: EmbeddedEngine, text: str) -> None:
    hits = filled.search(Query(text, facets=["year", "creator"]))
    assert hits.total >= len(hits.items)


def test_record_put_again_replaces_and_removed_is_gone(filled: EmbeddedEngine, record: Make) -> None:
    filled.apply([record("sst", "黒潮の塩分"), Remove("log"), Remove("never there")])
    assert list(filled.ids()) == ["empty", "shoes", "sst"]
    assert filled.count() == 3
    assert ids(filled.search(Query("海面水温"))) == []
    assert ids(filled.search(Query("塩分"))) == ["sst"]
    filled.apply([record("sst", "黒潮の塩分")])
    assert filled.count() == 3


def test_changes_to_one_record_in_one_call_hold_in_order(engine: EmbeddedEngine, record: Make) -> None:
    engine.apply(
        [record("a", "first"), record("a", "second"), Remove("a"), record("a", "third"), record("b", "x"), Remove("b")]
    )
    assert list(engine.ids()) == ["a"]
    assert ids(engine.search(Query("third"))) == ["a"]
    assert engine.search(Query("second")).total == 0


def test_change_that_fails_leaves_the_index_as_it_was(filled: EmbeddedEngine, record: Make) -> None:
    def broken() -> itertools.chain[Put]:
        yield record("new", "新しい")
        raise ConnectionError("the database went away")

    with pytest.raises(ConnectionError):
        filled.apply(broken())
    assert list(filled.ids()) == ["empty", "log", "shoes", "sst"]
    filled.apply([record("new", "新しい")])
    assert filled.count() == 5


def test_pages_hold_every_hit_once_even_when_all_scores_are_equal(engine: EmbeddedEngine, record: Make) -> None:
    for start in range(0, 120, 30):
        engine.apply(record(f"r{number:03}", "同じ題名", date="2020") for number in range(start, start + 30))
    for sort in ("relevance", "newest", "oldest", "title"):
        pages = [ids(engine.search(Query("題名", sort=sort, offset=offset, limit=7))) for offset in range(0, 126, 7)]  # type: ignore[arg-type]
        seen = [identifier for page in pages for identifier in page]
        assert sorted(seen) == [f"r{number:03}" for number in range(120)]
    assert ids(engine.search(Query("題名", offset=10_000))) == []


def test_order_does_not_depend_on_how_the_index_came_about(tmp_path: Path, record: Make) -> None:
    records = [record(f"r{number}", "海面水温" if number % 3 else "水温", date="2020") for number in range(40)]
    orders = []
    for name, batches in (("one", [records]), ("many", [[each] for each in reversed(records)])):
        engine = EmbeddedEngine(tmp_path / name)
        engine.clear()
        for batch in batches:
            engine.apply(batch)
        orders.append(
            [ids(engine.search(Query("水温", sort=sort, limit=40))) for sort in ("relevance", "newest", "title")]
        )  # type: ignore[arg-type]
    assert orders[0] == orders[1]


def test_other_engine_sees_a_commit_with_its_next_search(filled: EmbeddedEngine, record: Make) -> None:
    reader = EmbeddedEngine(filled.root)
    assert reader.count() == 4
    filled.apply([record("new", "新しい")])
    assert reader.count() == 5
    filled.clear()
    assert reader.count() == 0


def test_second_writer_waits_and_then_says_so(filled: EmbeddedEngine, record: Make) -> None:
    impatient = EmbeddedEngine(filled.root, wait=0.1)

    def while_writing() -> itertools.chain[Put]:
        with pytest.raises(IndexBusy):
            impatient.apply([record("b", "b")])
        assert impatient.count() == 4  # reading goes on
        yield record("a", "a")

    filled.apply(while_writing())
    impatient.apply([record("b", "b")])
    assert filled.count() == 6


def test_writers_of_several_processes_take_turns(engine: EmbeddedEngine, record: Make) -> None:
    script = (
        "import json, sys\n"
        "from shirushi.search import Put\n"
        "from shirushi.search.embedded import EmbeddedEngine\n"
        "document = json.loads(sys.argv[2])\n"
        "for number in range(5):\n"
        "    EmbeddedEngine(sys.argv[1]).apply([Put({**document, 'id': f'{sys.argv[3]}{number}'})])\n"
    )
    document = json.dumps(record("x", "海面水温").document)
    writers = [
        subprocess.Popen([sys.executable, "-c", script, str(engine.root), document, name]) for name in ("a", "b", "c")
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert engine.count() == 15
    assert engine.verify() == []


@pytest.mark.parametrize("seed", range(4))
def test_killed_writer_leaves_the_last_commit(engine: EmbeddedEngine, record: Make, seed: int) -> None:
    engine.apply([record("safe", "海面水温")])
    script = (
        "import itertools, json, sys\n"
        "from shirushi.search import Put\n"
        "from shirushi.search.embedded import EmbeddedEngine\n"
        "document = json.loads(sys.argv[2])\n"
        "for number in itertools.count():\n"
        "    changes = [Put({**document, 'id': f'{number}-{part}'}) for part in range(20)]\n"
        "    EmbeddedEngine(sys.argv[1]).apply(changes)\n"
    )
    document = json.dumps(record("x", "水温の記録").document)
    writer = subprocess.Popen([sys.executable, "-c", script, str(engine.root), document])
    while engine.count() < 2:
        assert writer.poll() is None
        time.sleep(0.01)
    time.sleep(0.013 * seed)
    writer.kill()
    writer.wait()
    assert engine.count() % 20 == 1  # every commit whole
    assert engine.verify() == []
    assert engine.state() == "ready"
    assert ids(engine.search(Query("海面水温"))) == ["safe"]
    engine.apply([record("after", "再開")])
    assert ids(engine.search(Query("再開"))) == ["after"]


def test_missing_index_is_reported_and_not_made_silently(tmp_path: Path, record: Make) -> None:
    engine = EmbeddedEngine(tmp_path / "index")
    assert engine.state() == "missing"
    assert engine.verify() == [f"{tmp_path / 'index'}: there is no index"]
    for action in (
        lambda: engine.search(Query()),
        engine.count,
        lambda: list(engine.ids()),
        lambda: engine.apply([record("a", "a")]),
    ):
        with pytest.raises(IndexDamaged) as caught:
            action()
        assert "shirushi rebuild index" in caught.value.en
        assert "作り直して" in caught.value.ja
    engine.clear()
    engine.apply([record("a", "a")])
    assert engine.count() == 1


@pytest.mark.parametrize(
    "suffix", ["meta.json", "shirushi.json", ".idx", ".term", ".store", ".fast", ".pos", ".fieldnorm"]
)
@pytest.mark.parametrize("how", ["gone", "cut off", "empty", "rubbish"])
def test_damaged_index_is_reported_and_made_again(filled: EmbeddedEngine, record: Make, suffix: str, how: str) -> None:
    path = next(path for path in sorted(filled.root.iterdir()) if path.name.endswith(suffix))
    data = path.read_bytes()
    path.unlink()
    if how != "gone":
        path.write_bytes({"cut off": data[: len(data) // 2], "empty": b"", "rubbish": b"\xff" * len(data)}[how])
    fresh = EmbeddedEngine(filled.root)
    assert fresh.state() == ("missing" if (suffix, how) == ("meta.json", "gone") else "damaged")
    assert fresh.verify() != []
    with pytest.raises(IndexDamaged):
        fresh.search(Query("海面水温"))
    fresh.clear()
    fresh.apply([record("sst", "海面水温")])
    assert ids(fresh.search(Query("海面水温"))) == ["sst"]
    assert fresh.verify() == []


def test_changed_byte_is_found_by_verifying(filled: EmbeddedEngine) -> None:
    path = next(filled.root.glob("*.store"))
    data = bytearray(path.read_bytes())
    data[10] ^= 1
    path.unlink()
    path.write_bytes(data)
    assert filled.verify() == [f"{path.name} has changed: its checksum differs"]


def test_index_of_another_version_has_to_be_made_again(filled: EmbeddedEngine) -> None:
    (filled.root / "shirushi.json").write_text('{"analysis": 0, "schema": 0}')
    fresh = EmbeddedEngine(filled.root)
    assert fresh.state() == "damaged"


def test_importing_the_search_loads_neither_dictionary_nor_engine() -> None:
    script = "import sys, shirushi.search; print(sorted({'sudachipy', 'tantivy', 'pydantic'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert done.stdout == "[]\n"
