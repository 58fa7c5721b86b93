"""Learning subjects from records: on a bilingual corpus made here it learns, and where there is too little it abstains."""

import json
import random
from pathlib import Path

import pytest

from shirushi.describe.classifier import Example, from_json, held_out, load, to_json, train
from shirushi.describe.rank import rank
from shirushi.describe.seen import Context

TOPICS = {
    "452": ("海洋学", "海水 塩分 潮汐 水温 係留 ブイ 深度 沿岸 波高 流速", "seawater salinity mooring buoy depth coastal wave current tide plankton"),
    "453": ("地震学", "地震 震源 断層 震度 余震 波形 観測点 走時 津波 発震", "earthquake hypocentre fault aftershock waveform magnitude seismic rupture slip tremor"),
    "488": ("鳥類", "野鳥 渡り 巣箱 繁殖 標識 雛 羽毛 越冬 鳴き声 干潟", "bird nest breeding ringing chick plumage wintering song migration heron"),
}  # fmt: skip
COMMON = "調査 記録 観測 年度 資料 集計 測定 結果 地点 期間 survey record year table value station project measurement result summary"


def corpus(each: int, seed: int = 7) -> list[Example]:
    """``each`` records of every topic, half of them Japanese; and as many of none."""
    chance = random.Random(seed)
    examples = []
    for code, (name, japanese, english) in TOPICS.items():
        for n in range(each):
            own = (japanese if n % 2 else english).split()
            chosen = chance.sample(own, 4) + chance.sample(COMMON.split(), 8)
            chance.shuffle(chosen)
            examples.append(Example(f"{code}-{n}", " ".join(chosen), {("NDC", code): name}))
    none = [Example(f"none-{n}", " ".join(chance.sample(COMMON.split(), 12)), {}) for n in range(each)]
    return examples + none


@pytest.fixture(scope="module")
def learnt():
    return train(corpus(30), at="2026-01-01T00:00:00+00:00")


def codes(classifier, text: str) -> list[str]:
    return [one.code for one in held_out(classifier, [(text, 1.0)])]


def test_it_learns_in_both_languages(learnt) -> None:
    assert sorted(code for _, code in learnt.classes) == ["452", "453", "488"]
    assert all(one.precision >= 0.8 and one.records == 30 for one in learnt.classes.values())
    assert codes(learnt, "震源と余震の記録 断層") == ["453"]
    assert codes(learnt, "Breeding survey of a heron: nest and chick record") == ["488"]
    assert codes(learnt, "salinity of the seawater at a mooring") == ["452"]


def test_it_is_right_about_records_it_has_not_seen(learnt) -> None:
    unseen = corpus(20, seed=99)
    proposed = [(code, ("NDC", code) in example.subjects) for example in unseen for code in codes(learnt, example.text)]
    assert len(proposed) >= 40
    assert sum(right for _, right in proposed) >= 0.9 * len(proposed)


def test_it_abstains_where_nothing_it_knows_is_spoken_of(learnt) -> None:
    assert codes(learnt, "測定 結果 summary of the project") == []
    assert codes(learnt, "") == []


def test_a_class_with_too_few_records_is_not_proposed() -> None:
    few = train(corpus(9), at="2026-01-01T00:00:00+00:00")
    assert few.classes == {}
    assert few.passed_over["NDC", "452"] == "9 records; 10 are needed"


def test_a_class_that_is_given_by_chance_does_not_pass_the_gate() -> None:
    chance = random.Random(3)
    examples = [
        Example(
            str(n),
            " ".join(chance.sample(COMMON.split(), 10)),
            {("NDC", "000"): "総記"} if chance.random() < 0.3 else {},
        )
        for n in range(120)
    ]
    classifier = train(examples, at="2026-01-01T00:00:00+00:00")
    assert classifier.classes == {}
    assert "right on records not seen" in classifier.passed_over["NDC", "000"]


def test_the_file_can_be_read_and_gives_the_same(learnt, tmp_path: Path) -> None:
    path = tmp_path / "subjects.json"
    path.write_text(json.dumps(to_json(learnt), ensure_ascii=False), encoding="utf-8")
    assert load(path) == learnt == from_json(to_json(learnt))
    assert train(reversed(corpus(30)), at=learnt.trained_at) == learnt
    path.write_text("{}", encoding="utf-8")
    assert load(path) is None
    assert load(tmp_path / "absent.json") is None


def test_what_was_learnt_is_suggested_with_its_measured_precision_and_places(learnt, suggest, tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(json.dumps(to_json(learnt), ensure_ascii=False), encoding="utf-8")
    readme = "# 記録\n\n震源と余震と断層の資料です。\n"
    ranked = rank(suggest({"README.md": readme}, "subjects", Context(classifier=path)))
    (found,) = [one for one in ranked if one.method == "subjects.learnt"]
    assert (found.value["scheme"], found.value["code"], found.value["text"]) == ("NDC", "453", "地震学")
    assert abs(found.confidence - learnt.classes["NDC", "453"].precision) < 0.05
    assert found.evidence[0].place.start == 3
    assert not [one for one in ranked if one.method.startswith("subjects.class") and one.value["scheme"] == "NDC"]
