"""``shirushi train`` and ``shirushi method``: what decisions taught, and methods that were found wanting."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from shirushi.cli import CommandError
from shirushi.cli.records import spoken

if TYPE_CHECKING:
    from shirushi.describe.learning import Measures, Proof

_WHY = {
    "better": "The new model is better on drafts it had not seen, and is used from now on.",
    "too-few": "Too few decisions yet (30 in at least five drafts are needed). Nothing was changed.",
    "no-gain": "What was learnt is no better on drafts it had not seen. Nothing was changed.",
}


def train(arguments: argparse.Namespace) -> int:
    """Train the ranking: from this installation's decisions, or from folders whose metadata somebody typed (``--cases``)."""
    if arguments.cases:
        return from_folders(arguments)
    if arguments.out:
        raise CommandError("--out belongs to --cases: what decisions teach is kept in this installation.")
    return from_decisions(arguments)


def from_folders(arguments: argparse.Namespace) -> int:
    """Print the measures of five-fold models; write the model of all folders where ``--out`` says."""
    from shirushi.describe.learning import prove
    from shirushi.describe.teaching import NoCases, cases_in, dump, teach
    from shirushi.describe.training import model_to_json

    def tell(done: int, total: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done}/{total} folders", end="" if done < total else "\n", file=sys.stderr)

    try:
        taught = teach(cases_in(Path(arguments.cases)), progress=tell)
    except (NoCases, ValueError) as error:
        raise CommandError(str(error)) from error
    proofs = prove(taught.held_out)
    if arguments.json:
        print(
            json.dumps(
                {
                    "folders": taught.folders,
                    "measures": _as_json(taught.measures),
                    "proofs": [asdict(p) for p in proofs],
                }
            )
        )
    else:
        print(f"{taught.folders} folders, {taught.candidates:,} judged candidates; measured on folders not seen:")
        show_measures("", taught.measures)
        show_proofs(proofs)
    if arguments.out:
        words = f"{taught.folders} public folders whose typed metadata was taken away"
        Path(arguments.out).write_text(dump(model_to_json(taught.model, learned_from=words)), "utf-8")
        print(f"wrote {arguments.out}", file=sys.stderr)
    return 0


@spoken
def from_decisions(arguments: argparse.Namespace) -> int:
    """Train on what people decided here."""
    from shirushi.core import services

    lesson = services.learn()
    if arguments.json:
        proofs = [asdict(proof) for proof in lesson.proofs]
        before, after = _as_json(lesson.before), _as_json(lesson.after)
        told = {"adopted": lesson.adopted, "why": lesson.why, "before": before, "after": after, "proofs": proofs}
        print(json.dumps(told))
        return 0
    print(f"{lesson.before.judged} decisions on single suggestions.")
    if lesson.before.judged:
        show_measures("model in use until now", lesson.before)
    if lesson.why != "too-few":
        show_measures("new model, on drafts it had not seen", lesson.after)
    print(_WHY[lesson.why])
    show_proofs(lesson.proofs)
    return 0


def _as_json(found: "Measures") -> dict[str, float | None]:
    """Measures of nothing are null: a calibration error of 0.0 would read as perfect."""
    return asdict(found) if found.judged else {**dict.fromkeys(asdict(found)), "judged": 0}


def show_measures(label: str, found: "Measures") -> None:
    area = "-" if found.auroc is None else f"{found.auroc:.3f}"
    print(
        f"  {label + ': ' if label else ''}calibration error {found.ece:.3f}, AUROC {area}, Brier {found.brier:.3f}, "
        f"log loss {found.log_loss:.3f} over {found.judged:,} values"
    )


def show_proofs(proofs: "tuple[Proof, ...]") -> None:
    if not any(proof.judged for proof in proofs):
        print("  nothing is proven of any confidence yet")
        return
    print(f"  {'field':20}from confidence   judged   wrong   wrong at most (95 %), one value of each folder")
    for proof in proofs:
        if proof.judged:
            print(f"  {proof.field:20}{proof.threshold:15.2f}{proof.judged:9,}{proof.wrong:8,}{proof.bound:14.1%}")


@spoken
def methods(arguments: argparse.Namespace) -> int:
    """Print every method that has proposed something here, with how it fared."""
    from shirushi.core.services import learning

    reports = learning.methods()
    if arguments.json:
        print(json.dumps([asdict(report) for report in reports], indent=1))
        return 0
    if not reports:
        print("Nothing has been proposed here yet.")
        return 0
    print(f"{'method':44}{'judged':>8}{'right':>7}{'wrong at most':>15}{'open':>7}{'accepted':>10}")
    for one in reports:
        bound = f"{one.wrong_at_most:.0%}" if one.judged else "-"
        name = f"{one.method}/{one.version}"
        gone = "  withdrawn" if one.withdrawn else ""
        print(f"{name:44}{one.judged:8,}{one.right:7,}{bound:>15}{one.open:7,}{one.accepted:10,}{gone}")
    return 0


@spoken
def withdraw(arguments: argparse.Namespace) -> int:
    """Propose nothing by a method any more; say where its values were accepted."""
    from shirushi.core.services import learning

    try:
        done = learning.withdraw_method(method=arguments.method, reason=arguments.reason)
    except KeyError as error:
        raise CommandError(
            f"no suggestion here is by {arguments.method!r}. `shirushi method list` shows those that are."
        ) from error
    print(f"{arguments.method} proposes nothing any more; {done.suggestions} open suggestions were taken back.")
    for label, ids in (("drafts", done.drafts), ("published records", done.records)):
        if ids:
            print(f"Accepted values of it stand in {len(ids)} {label}, which want a second look:")
            print("\n".join(f"  {one}" for one in ids))
    return 0


@spoken
def restore(arguments: argparse.Namespace) -> int:
    """Let a withdrawn method propose again."""
    from shirushi.core.services import learning

    print(
        f"{arguments.method} may propose again; {learning.restore_method(method=arguments.method)} suggestions are open again."
    )
    return 0
