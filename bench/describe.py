"""The describe benchmark: metadata proposed from files alone, against what researchers typed.

usage: python bench/describe.py [--cases DIR] [--out DIR] [--only GLOB]

For every ``DIR/<case>/files`` writes ``<case>.json`` in the schema of ``gold.json``, each value with its confidence. Where the
scorer and the peers' results stand beside the checkout (``../shared/bench/describe``) and the cases have gold, prints the
scores beside the peers', and whether each bar is met.
"""

import argparse
import importlib.util
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from fnmatch import fnmatch
from pathlib import Path
from types import ModuleType
from typing import Any

from shirushi.describe import describe
from shirushi.describe.description import Description
from shirushi.describe.evidence import Suggestion
from shirushi.describe.learning import Bin, measures, reliability

SHARED = Path(__file__).resolve().parents[2] / "shared" / "bench" / "describe"
CASES = SHARED / "cases"
DIAGRAM = Path(__file__).resolve().parents[1] / "docs" / "images" / "reliability.svg"
RESOURCE_TYPES = {
    "JournalArticle": "article",
    "ConferencePaper": "article",
    "DataPaper": "article",
    "Preprint": "article",
}
MACRO_BAR = 0.20
# names of the scorer's metrics as BASELINES.md writes them
ROWS = {
    "overall": "overall macro",
    "typing_saved": "typing saved",
    "title": "title, token F1",
    "title.exact": "title, exact",
    "description": "description, ROUGE-L",
    "creators": "creators, name F1",
    "creators.orcid": "creators, ORCID",
    "creators.affiliation": "creators, affiliation",
    "keywords": "keywords, set F1",
    "license": "license, exact SPDX",
    "languages": "languages",
    "related": "related identifiers",
    "funding": "funding",
    "resource_type": "resource type",
    "fields.name": "fields, name F1",
    "fields.type": "fields, type accuracy",
    "fields.unit": "fields, unit accuracy",
    "fields.description": "fields, description token F1",
    "spatial": "spatial",
    "temporal": "temporal",
}


def prediction(description: Description) -> dict[str, Any]:
    """A Description in the schema of gold.json. The one place where names of a Work meet names of the benchmark."""
    fields = {name: [s for s in description.for_field(name) if not s.alternative] for name in _READ}
    values = {
        "title": _best(fields["titles"], lambda v: v["text"]),
        "description": _best(
            [s for s in fields["descriptions"] if s.value.get("type") == "Abstract"], lambda v: v["text"]
        ),
        "license": _best(_for_content(fields["rights"]), lambda v: v.get("id")),
        "resource_type": _best(fields["resource_type"], _type),
        "creators": _list(fields["creators"], _creator),
        "keywords": _list([s for s in fields["subjects"] if not s.value.get("code")], lambda v: {"value": v["text"]}),
        "languages": _list(fields["languages"], lambda v: {"value": v}),
        "related": _list(fields["related"], _related),
        "funding": _list(fields["funding"], lambda v: {k: v[k] for k in ("funder", "award") if v.get(k)}),
        "fields": _list(fields["variables"], _variable),
        "spatial": _spatial(fields["locations"]),
        "temporal": _temporal(fields["dates"]),
    }
    return {key: value for key, value in values.items() if value}


_READ = (
    "titles", "descriptions", "rights", "resource_type", "creators", "subjects", "languages", "related", "funding", "variables",
    "locations", "dates",
)  # fmt: skip


def _for_content(rights: list[Suggestion]) -> list[Suggestion]:
    """The benchmark asks for one licence: that of the content, where the code beside it has another."""
    return [s for s in rights if s.value.get("covers") != "code"] or rights


def _best(suggestions: list[Suggestion], pick: Any) -> dict[str, Any] | None:
    best = max(suggestions, key=lambda s: s.confidence, default=None)
    value = pick(best.value) if best else None
    return {"value": value, "confidence": best.confidence} if best and value else None


def _list(suggestions: list[Suggestion], pick: Any) -> list[dict[str, Any]]:
    return [{**pick(s.value), "confidence": s.confidence} for s in suggestions]


def _type(value: Mapping[str, Any]) -> str:
    general: str = value["general"]
    return RESOURCE_TYPES.get(general, general.lower())


def _creator(value: Mapping[str, Any]) -> dict[str, Any]:
    creator = {"name": value["name"]}
    if value.get("orcid"):
        creator["orcid"] = value["orcid"]
    if value.get("affiliations"):
        creator["affiliation"] = value["affiliations"][0]["name"]
    return creator


def _related(value: Mapping[str, Any]) -> dict[str, Any]:
    prefix = "https://arxiv.org/abs/" if value["scheme"] == "arXiv" else ""
    relation = value["relation"]
    return {"id": prefix + value["identifier"], "relation": relation[0].lower() + relation[1:]}


def _variable(value: Mapping[str, Any]) -> dict[str, Any]:
    field = {"resource": value.get("file"), "name": value["name"]}
    field.update({key: value[key] for key in ("type", "unit") if value.get(key)})
    field["description"] = value.get("description") or value.get("label")
    return {key: item for key, item in field.items() if item}


def _spatial(suggestions: list[Suggestion]) -> dict[str, Any] | None:
    boxed = max((s for s in suggestions if s.value.get("box")), key=lambda s: s.confidence, default=None)
    named = max((s for s in suggestions if s.value.get("place")), key=lambda s: s.confidence, default=None)
    value: dict[str, Any] = {}
    if boxed:
        value["bbox"] = [boxed.value["box"][side] for side in ("west", "south", "east", "north")]
    if named:
        value["names"] = [named.value["place"]]
    confidence = max((s.confidence for s in (boxed, named) if s), default=0.0)
    return {"value": value, "confidence": confidence} if value else None


def _temporal(suggestions: list[Suggestion]) -> dict[str, Any] | None:
    best = max((s for s in suggestions if s.value["type"] == "Coverage"), key=lambda s: s.confidence, default=None)
    if best is None:
        return None
    start, _, end = best.value["date"].partition("/")
    value = {key: date for key, date in (("start", start), ("end", end or start)) if date and date != ".."}
    return {"value": value, "confidence": best.confidence}


def run_case(case: Path, out: Path) -> tuple[str, float, int]:
    """Describe one case and write its prediction; (name, seconds, number of problems)."""
    description = describe(case / "files")
    (out / f"{case.name}.json").write_text(json.dumps(prediction(description), ensure_ascii=False, indent=1), "utf-8")
    return case.name, description.seconds, len(description.problems)


def run(cases: list[Path], out: Path) -> None:
    """Describe all cases on all cores."""
    started = time.monotonic()
    with ProcessPoolExecutor(os.cpu_count()) as executor:
        for number, (name, seconds, problems) in enumerate(executor.map(run_case, cases, [out] * len(cases)), start=1):
            if sys.stderr.isatty():
                note = f"  ({problems} problems)" if problems else ""
                print(f"\r{number}/{len(cases)}  {name}  {seconds:.1f} s{note}".ljust(90), end="\r", file=sys.stderr)
    print(f"{len(cases)} cases described in {time.monotonic() - started:.0f} s".ljust(90), file=sys.stderr)


def scorer() -> ModuleType | None:
    """The benchmark's own scorer, read in place."""
    path = SHARED / "score.py"
    if not path.is_file():
        return None
    spec = importlib.util.spec_from_file_location("describe_score", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def peers() -> tuple[list[str], dict[str, list[float]]]:
    """The peers' names and their columns of BASELINES.md, by the name of the metric."""
    path = SHARED / "BASELINES.md"
    if not path.is_file():
        return [], {}
    rows = [
        [cell.strip(" *") for cell in line.strip("|\n ").split("|")]
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("|")
    ]
    columns = {
        re.sub(r"\*|\s*\(.*\)$", "", row[0]).strip(): [float(c.strip("* ").split()[0]) for c in row[2:]]
        for row in rows[2:]
    }
    return rows[0][2:], columns


def report(score: ModuleType, cases: Path, out: Path, only: str) -> None:
    """Print our scores beside the peers', and whether each of their best is beaten with and without a confidence floor."""
    gold = score.load_gold(cases, only)
    if not gold:
        print("no gold among these cases: nothing to score")
        return
    floors = (0.0, 0.5)
    summaries = {
        floor: score.run(gold, lambda name: score.read_prediction(str(out), name), floor)[1] for floor in floors
    }
    names, columns = peers() if cases.resolve() == CASES.resolve() else ([], {})
    heads = "".join(f"{name.split()[0][:11]:>12}" for name in names)
    print(f"\n{'metric':34}{'cases':>6}{'at 0':>8}{'at 0.5':>8}{'P at 0.5':>10}{heads}  bar at 0, at 0.5")
    for key, label in ROWS.items():
        values = [_value(summaries[floor], key) for floor in floors]
        if None in values:
            continue
        beside = columns.get(label, [])
        bar = max([*beside, MACRO_BAR if key == "overall" else 0.0])
        verdict = ", ".join("met" if value > bar else "NOT MET" for value in values if value is not None)
        metric = summaries[0.5]["metrics"].get(key, {})
        precision = f"{metric['p']:10.3f}" if "p" in metric else " " * 10
        numbers = "".join(f"{value:8.3f}" for value in values)
        shown = "".join(f"{value:12.3f}" for value in beside)
        print(f"{label:34}{metric.get('n', len(gold)):6}{numbers}{precision}{shown}  {verdict if beside else ''}")
    _by_language(score, gold, out, floors)
    told = summaries[0.0].get("calibration")
    if told:
        print(
            f"\nconfidence as the scorer prints it: {told['n']} values, Brier {told['brier']:.3f}, ECE {told['ece']:.3f}"
        )
        _calibration(score, gold, out)


def _by_language(score: ModuleType, gold: Mapping[str, Any], out: Path, floors: tuple[float, ...]) -> None:
    """Overall macro of the Japanese cases (the benchmark names them ``ja-…``) beside that of the rest."""
    for words, chosen in (("Japanese cases", True), ("all other cases", False)):
        some = {name: case for name, case in gold.items() if name.startswith("ja-") is chosen}
        if some:
            totals = [
                score.run(some, lambda name: score.read_prediction(str(out), name), f)[1]["overall"] for f in floors
            ]
            print(f"{'overall macro, ' + words:34}{len(some):6}" + "".join(f"{total:8.3f}" for total in totals))


def _calibration(score: ModuleType, gold: Mapping[str, Any], out: Path) -> None:
    """Calibration over the values that were asked for. The scorer numbers the columns after leaving out those of files that
    nobody described, but looks their numbers up in the whole list: its own figure takes right columns for wrong ones."""
    for words, fields in (("", True), (", without columns of tables", False)):
        pairs: list[tuple[float, float]] = []
        for name, case in gold.items():
            proposed = score.read_prediction(str(out), name)
            asked = {score.stem(field.get("resource")) for field in case.get("fields") or []}
            if proposed.get("fields") and asked and all(asked):
                kept = [f for f in proposed["fields"] if not f.get("resource") or score.stem(f["resource"]) in asked]
                proposed = {**proposed, "fields": kept}
            typed = case if fields else {key: value for key, value in case.items() if key != "fields"}
            score.score_case(proposed, typed, 0.0, pairs)
        found = measures(pairs)
        area = "-" if found.auroc is None else f"{found.auroc:.3f}"
        print(
            f"confidence of values asked for{words}: {found.judged} values, Brier {found.brier:.3f}, ECE {found.ece:.3f}, AUROC {area}"
        )
        if fields:
            DIAGRAM.write_text(diagram(reliability(pairs)), "utf-8")


def diagram(bins: list[Bin]) -> str:
    """A reliability diagram as SVG: a dot for each tenth of confidence, its area the number of values; on the line they are calibrated."""
    side, pad = 320, 44
    most = max((one.judged for one in bins), default=1)
    dots = "".join(
        f'<circle cx="{pad + side * one.confidence:.1f}" cy="{pad + side * (1 - one.right):.1f}" r="{3 + 13 * (one.judged / most) ** 0.5:.1f}">'
        f"<title>{one.low:.1f} to {one.high:.1f}: {one.judged} values, said {one.confidence:.2f}, right {one.right:.2f}</title></circle>"
        for one in bins
    )
    ticks = "".join(
        f'<text x="{pad + side * n / 5:.0f}" y="{pad + side + 18}" text-anchor="middle">{n / 5:.1f}</text>'
        f'<text x="{pad - 8}" y="{pad + side * (1 - n / 5) + 4:.0f}" text-anchor="end">{n / 5:.1f}</text>'
        for n in range(6)
    )
    whole = side + 2 * pad
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" role="img" font-family="sans-serif" font-size="12">\n'
        "<title>Reliability of the confidence on the describe benchmark (dev)</title>\n"
        f'<rect width="{whole}" height="{whole}" fill="#fff"/>'
        f'<rect x="{pad}" y="{pad}" width="{side}" height="{side}" fill="none" stroke="#888"/>'
        f'<path d="M{pad} {pad + side}L{pad + side} {pad}" stroke="#888" stroke-dasharray="4"/>\n'
        f'<g fill="#1f5fa8" fill-opacity="0.75">{dots}</g>\n<g fill="#333">{ticks}'
        f'<text x="{pad + side / 2}" y="{whole - 6}" text-anchor="middle">confidence</text>'
        f'<text x="12" y="{pad + side / 2}" text-anchor="middle" transform="rotate(-90 12 {pad + side / 2})">share right</text></g>\n</svg>\n'
    )


def _value(summary: Mapping[str, Any], key: str) -> float | None:
    if key in ("overall", "typing_saved"):
        return float(summary[key])
    metric = summary["metrics"].get(key)
    return float(metric["f1"]) if metric else None


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=Path, default=CASES, help="folder of cases, each with a folder 'files'")
    parser.add_argument("--out", type=Path, help="where to write <case>.json; a temporary folder when absent")
    parser.add_argument("--only", default="*", help="only the cases whose name matches")
    arguments = parser.parse_args()
    if not arguments.cases.is_dir():
        print(f"There are no cases at {arguments.cases}. Give their folder with --cases.", file=sys.stderr)
        return 2
    cases = sorted(p for p in arguments.cases.iterdir() if (p / "files").is_dir() and fnmatch(p.name, arguments.only))
    with tempfile.TemporaryDirectory() as scratch:
        out = arguments.out or Path(scratch)
        out.mkdir(parents=True, exist_ok=True)
        run(cases, out)
        score = scorer()
        if score is None:
            print(
                "SKIPPED LOUDLY: ../shared/bench/describe/score.py is not beside this checkout; nothing scored",
                file=sys.stderr,
            )
            return 0
        report(score, arguments.cases, out, arguments.only)
        return 0


if __name__ == "__main__":
    sys.exit(main())
