"""Trains the confidence that ships in ``describe/data/ranking.json`` from folders whose metadata somebody typed.

usage: python bench/train_confidence.py [--cases ../shared/bench/describe/train] [--write]

Candidates are judged with the benchmark's own comparisons. Prints the calibration error by five-fold cross-validation; only
with ``--write`` is the shipped model replaced. The model holds counts and weights of methods, nothing of any folder.
"""

import argparse
import importlib.util
import json
import os
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

from shirushi.describe import describe
from shirushi.describe.evidence import Candidate
from shirushi.describe.rank import Model, rank
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import propose
from shirushi.describe.training import Judged, calibration_error, model_to_json, train

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[1] / "shared" / "bench" / "describe"
SORTS = {"sw": "software", "art": "article"}
MODEL = HERE.parent / "src" / "shirushi" / "describe" / "data" / "ranking.json"


def load(name: str, path: Path) -> ModuleType:
    """A module from a file outside the package."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


Judge = Callable[[Any, Mapping[str, Any]], float]


class Judges:
    """How right a value of a field is beside gold: a number, or None where the gold does not have the field."""

    def __init__(self) -> None:
        self.score = load("describe_score", SHARED / "score.py")
        self.bench = load("describe_bench", HERE / "describe.py")

    def __call__(self, field: str, value: Any, gold: Mapping[str, Any]) -> float | None:
        name = _GOLD.get(field)
        if name is None or not gold.get(name):
            return None
        verdict: float | None = getattr(self, f"_{field}")(value, gold[name])
        return verdict

    def _titles(self, value: Any, gold: Any) -> float:
        return _good_start(self.score.token_f1(value["text"], gold)["f1"], 0.5)

    def _descriptions(self, value: Any, gold: Any) -> float:
        return _good_start(self.score.rouge_l(value["text"], gold)["f1"], 0.25)

    def _rights(self, value: Any, gold: Any) -> float:
        return float(bool(value.get("id")) and self.score.licence(value["id"]) == self.score.licence(gold))

    def _resource_type(self, value: Any, gold: Any) -> float:
        general = value["general"]
        return float(self.bench.RESOURCE_TYPES.get(general, general.lower()) == self.score.fold(gold))

    def _creators(self, value: Any, gold: Any) -> float:
        return float(any(self.score.same_person(value["name"], name) for name in self.score.names_of(gold)))

    def _subjects(self, value: Any, gold: Any) -> float:
        return float(self.score.plain(value["text"]) in {self.score.plain(word) for word in gold})

    def _languages(self, value: Any, gold: Any) -> float:
        return float(value[:2] in {self.score.fold(code)[:2] for code in gold})

    def _related(self, value: Any, gold: Any) -> float:
        prefix = "https://arxiv.org/abs/" if value["scheme"] == "arXiv" else ""
        wanted = {self.score.ident(x.get("id", "") if isinstance(x, dict) else x) for x in gold}
        return float(self.score.ident(prefix + value["identifier"]) in wanted)

    def _funding(self, value: Any, gold: Any) -> float:
        plain = self.score.plain

        def same(other: Mapping[str, Any]) -> bool:
            if value.get("award") and other.get("award"):
                return bool(plain(value["award"]) == plain(other["award"]))
            line = " ".join(str(value.get(k) or "") for k in ("funder", "award"))
            other_line = " ".join(str(other.get(k) or "") for k in ("funder", "award"))
            return bool(self.score.token_f1(line, other_line)["f1"] >= 0.5)

        return float(any(same(x if isinstance(x, dict) else {"funder": str(x)}) for x in gold))

    def _variables(self, value: Any, gold: Any) -> float | None:
        asked = {self.score.stem(g.get("resource")) for g in gold}
        if all(asked) and value.get("file") and self.score.stem(value["file"]) not in asked:
            return None
        return float(
            any(
                self.score.fold(g.get("name")) == self.score.fold(value["name"])
                and (
                    not value.get("file")
                    or not g.get("resource")
                    or self.score.stem(value["file"]) == self.score.stem(g["resource"])
                )
                for g in gold
            )
        )

    def _locations(self, value: Any, gold: Any) -> float:
        box = value.get("box")
        shown = {"bbox": [box[s] for s in ("west", "south", "east", "north")]} if box else {"names": [value["place"]]}
        return _good_start(self.score.place(shown, gold), 0.5)

    def _dates(self, value: Any, gold: Any) -> float | None:
        if value["type"] != "Coverage":
            return None
        start, _, end = value["date"].partition("/")
        return _good_start(self.score.overlap({"start": start, "end": end or start}, gold), 0.5)


def _good_start(likeness: float, enough: float) -> float:
    """Free text and extents are hardly ever typed twice alike: they are right when like enough to be kept and edited."""
    return min(likeness / enough, 1.0)


_GOLD = {
    "titles": "title",
    "descriptions": "description",
    "rights": "license",
    "resource_type": "resource_type",
    "creators": "creators",
    "subjects": "keywords",
    "languages": "languages",
    "related": "related",
    "funding": "funding",
    "variables": "fields",
    "locations": "spatial",
    "dates": "temporal",
}


def candidates_of(case: Path) -> list[Candidate]:
    """Everything that the suggesters propose for one case."""
    description = describe(case / "files")
    return propose(EvidenceSet(description.evidence, description.name), Context())


def gold_of(case: Path) -> dict[str, Any]:
    """What somebody typed; where no resource type was typed, the sort of the case (see BASELINES.md) stands for it."""
    gold: dict[str, Any] = json.loads((case / "gold.json").read_text("utf-8"))
    gold.setdefault("resource_type", SORTS.get(case.name.split("-")[0], "dataset"))
    return gold


def weights(golds: list[Mapping[str, Any]]) -> list[float]:
    """One over the number of cases that come from the same repository."""
    origins = [str(gold.get("source", number)).split("@")[0] for number, gold in enumerate(golds)]
    return [1 / origins.count(origin) for origin in origins]


def judge(candidates: list[Candidate], gold: Mapping[str, Any], judges: Judges, weight: float = 1.0) -> Judged:
    """The candidates of fields that the gold has, with their judgements."""
    pairs = []
    for candidate in candidates:
        verdict = judges(candidate.target.strip("/").split("/")[0], candidate.value, gold)
        if verdict is not None:
            pairs.append((candidate, verdict))
    return Judged(pairs, weight)


def held_out(folders: list[Judged], folds: int = 5) -> list[tuple[float, float]]:
    """(confidence, judgement) of every suggestion by a model that never saw its folder."""
    found: list[tuple[float, float]] = []
    for fold in range(folds):
        model = train([f for n, f in enumerate(folders) if n % folds != fold])
        for folder in folders[fold::folds]:
            found += verdicts(folder, model)
    return found


def verdicts(folder: Judged, model: Model) -> list[tuple[float, float]]:
    """(confidence, judgement) of the suggestions that a model makes of one folder's candidates."""
    right = {(c.target, json.dumps(_bare(c.value), sort_keys=True)): verdict for c, verdict in folder.pairs}
    return [
        (s.confidence, right[s.target, json.dumps(_bare(s.value), sort_keys=True)])
        for s in rank((c for c, _ in folder.pairs), model)
        if not s.alternative
    ]


def _bare(value: Any) -> Any:
    """Without what merging may add."""
    return {k: v for k, v in value.items() if k not in ("orcid", "affiliations")} if isinstance(value, dict) else value


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=Path, default=SHARED / "train")
    parser.add_argument("--write", action="store_true", help="replace the shipped model")
    arguments = parser.parse_args()
    if not arguments.cases.is_dir():
        print(f"There are no cases at {arguments.cases}. Give their folder with --cases.", file=sys.stderr)
        return 2
    cases = sorted(p for p in arguments.cases.iterdir() if (p / "gold.json").is_file())
    with ProcessPoolExecutor(os.cpu_count()) as executor:
        proposed = list(executor.map(candidates_of, cases))
    judges = Judges()
    golds = [gold_of(case) for case in cases]
    folders = [
        judge(candidates, gold, judges, weight)
        for candidates, gold, weight in zip(proposed, golds, weights(golds), strict=True)
    ]
    pairs = held_out(folders)
    print(f"{len(cases)} folders, {sum(len(f.pairs) for f in folders)} judged candidates")
    print(f"calibration error, five-fold: {calibration_error(pairs):.3f} over {len(pairs)} suggestions")
    if arguments.write:
        words = f"{len(cases)} public folders whose typed metadata was taken away"
        MODEL.write_text(dump(model_to_json(train(folders), learned_from=words)), "utf-8")
        print(f"wrote {MODEL.relative_to(HERE.parent)}")
    return 0


def dump(data: Mapping[str, Any]) -> str:
    """JSON with one method or field a line."""
    parts = []
    for key, value in data.items():
        if isinstance(value, dict):
            rows = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items())
            parts.append(f" {json.dumps(key)}: {{\n{rows}\n }}")
        else:
            parts.append(f" {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    sys.exit(main())
