"""Training from folders whose metadata somebody typed: ``<case>/files`` beside ``<case>/gold.json`` (see :mod:`judging`)."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from shirushi.describe import judging
from shirushi.describe.evidence import JSON, Candidate
from shirushi.describe.learning import FOLDS, Measures, Trial, measures
from shirushi.describe.rank import Model, rank
from shirushi.describe.training import Judged, train

GOLD, FILES = "gold.json", "files"


@dataclass(frozen=True, slots=True)
class Taught:
    """A model trained from folders: its measures come from models that had not seen the folder (five-fold)."""

    model: Model
    folders: int
    candidates: int
    held_out: tuple[Trial, ...]

    @property
    def measures(self) -> Measures:
        return measures([(one.confidence, one.right) for one in self.held_out])


class NoCases(Exception):
    """The folder holds nothing to learn from; the message says what was looked for."""


def cases_in(folder: Path) -> list[Path]:
    """Folders with ``files`` and typed metadata, by name.

    Raises:
        NoCases: there is none.
    """
    cases = (
        sorted(p for p in folder.iterdir() if (p / GOLD).is_file() and (p / FILES).is_dir()) if folder.is_dir() else []
    )
    if not cases:
        raise NoCases(f"{folder} holds no case: a folder with {FILES}/ and {GOLD} in it.")
    return cases


def teach(cases: Sequence[Path], *, progress: Callable[[int, int], None] = lambda _done, _total: None) -> Taught:
    """Describe every case on all cores, judge what is proposed, and train.

    Raises:
        ValueError: the typed metadata of a case are not JSON of an object; the message names the file.
    """
    typed = [_typed(case) for case in cases]
    proposed: list[list[Candidate]] = []
    with ProcessPoolExecutor(os.cpu_count()) as executor:
        for found in executor.map(candidates_of, cases):
            proposed.append(found)
            progress(len(proposed), len(cases))
    weights = _weights(typed)
    folders = [judge(c, t, w) for c, t, w in zip(proposed, typed, weights, strict=True)]
    origins = _origins(typed)
    fold_of = {
        origin: number % FOLDS for number, origin in enumerate(dict.fromkeys(origins))
    }  # all of an origin in one fold
    trials: list[Trial] = []
    for fold in range(FOLDS):
        model = train([f for f, origin in zip(folders, origins, strict=True) if fold_of[origin] != fold])
        for folder, origin in zip(folders, origins, strict=True):
            if fold_of[origin] == fold:
                trials += verdicts(folder, model, origin)
    return Taught(train(folders), len(cases), sum(len(f.pairs) for f in folders), tuple(trials))


def candidates_of(case: Path) -> list[Candidate]:
    """Everything that the suggesters propose for one case."""
    from shirushi.describe import describe
    from shirushi.describe.seen import Context, EvidenceSet
    from shirushi.describe.suggesters import propose

    description = describe(case / FILES)
    return propose(EvidenceSet(description.evidence, description.name), Context())


def judge(candidates: Sequence[Candidate], typed: Mapping[str, JSON], weight: float = 1.0) -> Judged:
    """The candidates of fields that somebody typed, with their judgements."""
    pairs = []
    for candidate in candidates:
        right = judging.verdict(candidate.target.strip("/").split("/")[0], candidate.value, typed)
        if right is not None:
            pairs.append((candidate, right))
    return Judged(pairs, weight)


def verdicts(folder: Judged, model: Model, origin: str) -> list[Trial]:
    """The suggestions that a model makes of one folder's candidates, with their judgements."""
    right = {(c.target, _key(c.value)): verdict for c, verdict in folder.pairs}
    ranked = rank((c for c, _ in folder.pairs), model)
    return [
        Trial(origin, s.target.strip("/").split("/")[0], s.confidence, right[s.target, _key(s.value)])
        for s in ranked
        if not s.alternative
    ]


def _key(value: JSON) -> str:
    """Without what merging may add."""
    bare = {k: v for k, v in value.items() if k not in ("orcid", "affiliations")} if isinstance(value, dict) else value
    return json.dumps(bare, sort_keys=True)


def _typed(case: Path) -> dict[str, JSON]:
    """What somebody typed; where no resource type was typed, the sort of the case stands for it: names that begin with
    ``sw-`` are software, with ``art-`` articles, all others data."""
    path = case / GOLD
    try:
        typed = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}") from error
    if not isinstance(typed, dict):
        raise ValueError(f"{path} holds no JSON object")
    typed.setdefault("resource_type", {"sw": "software", "art": "article"}.get(case.name.split("-")[0], "dataset"))
    return typed


def _weights(typed: Sequence[Mapping[str, JSON]]) -> list[float]:
    """One over the number of cases that come from the same origin: they tell the same thing again."""
    origins = _origins(typed)
    return [1 / origins.count(origin) for origin in origins]


def _origins(typed: Sequence[Mapping[str, JSON]]) -> list[str]:
    """Where each case comes from; one that does not say stands for itself."""
    return [str(one.get("source", f"case {number}")).split("@")[0] for number, one in enumerate(typed)]


def dump(data: Mapping[str, JSON]) -> str:
    """A model's JSON with one method or field a line, so that changes can be read."""
    parts = []
    for key, value in data.items():
        if isinstance(value, dict):
            rows = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items())
            parts.append(f" {json.dumps(key)}: {{\n{rows}\n }}")
        else:
            parts.append(f" {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"
