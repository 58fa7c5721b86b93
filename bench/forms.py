"""The benchmark of filling forms: ten folders made here, their forms filled by hand before the program saw them.

usage: python bench/forms.py [--only GLOB] [--each] [--form NAME] [--later] [--fit]

For each folder of ``bench/forms/folders`` and each of its forms in ``bench/forms/answers`` the program's answers are compared with
the person's; the rules stand in ``bench/forms/README.md``. Prints per question how often it was asked, answered, right, wrong and
left out, and over all: the share filled right, precision, characters that nobody has to type, and how far the confidence is off.
"""

import argparse
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from shirushi.describe import describe
from shirushi.describe.forms import Form, read_form
from shirushi.describe.forms.convert import bytes_of
from shirushi.describe.forms.known import uncalibrated
from shirushi.describe.rank import logit, sigmoid

HERE = Path(__file__).resolve().parent / "forms"
E_RAD = Path(__file__).resolve().parents[2] / "shared" / "schemas" / "grdm" / "e-rad-metadata-1.json"
FORMS = {"e-rad": E_RAD, "data-management": HERE / "data-management.schema.json"}
LONG = 80  # characters from which an answer is a text
SAME_TEXT = 0.6  # F1 of pairs of characters
BINS = 5


@dataclass
class Count:
    """Of one question, or of all: ``asked`` had an answer of the person's, ``extra`` are answers where there was none."""

    asked: int = 0
    answered: int = 0
    right: int = 0
    optional: int = 0
    extra: int = 0
    typed: int = 0
    saved: int = 0
    judged: list[tuple[float, bool]] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        return sum(not right for _, right in self.judged)

    def add(self, other: "Count") -> None:
        for name in ("asked", "answered", "right", "optional", "extra", "typed", "saved"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.judged += other.judged


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """(path, what was written) of every answer of the person's; lists are given whole."""
    if isinstance(value, Mapping) and not {"any", "bytes", "files"} & set(value):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    else:
        yield path, value


def wanted(gold: Any) -> tuple[list[Any], bool]:
    """What is right, and whether it may be left out."""
    if isinstance(gold, Mapping) and "any" in gold:
        return list(gold["any"]), bool(gold.get("optional"))
    return [gold], False


def is_right(gold: Any, given: Any, name: str, *, text: bool, unit: str | None = None) -> bool:
    """Whether an answer is the person's, by the rules of the README."""
    if isinstance(gold, Mapping) and "files" in gold:
        listed = set(str(given).split("\n"))
        return set(gold["files"]) <= listed <= set(gold["files"]) | set(gold.get("optional", []))
    if isinstance(gold, Mapping) and "bytes" in gold:
        amount = bytes_of(f"{given}{unit or 'kB'}" if isinstance(given, int | float) else given)
        low, high = gold["bytes"]
        inside = amount is not None and 0.7 * low <= amount <= 1.3 * high
        return inside or any(plain(given) == plain(other) and given[:1] == other[:1] for other in gold.get("any", []))
    return any(same(right, given, name, text=text) for right in wanted(gold)[0])


def same(right: Any, given: Any, name: str, *, text: bool) -> bool:
    if not isinstance(right, str) or not isinstance(given, str):
        return bool(right == given) and isinstance(right, bool) == isinstance(given, bool)
    if text or len(right) > LONG:
        return pairs_f1(right, given) >= SAME_TEXT
    if re.search(r"name|family|given", name, re.IGNORECASE) and not re.search(r"project|program", name):
        return words(right) == words(given)
    return plain(right) == plain(given)


def plain(text: str) -> str:
    """Letters and digits after NFKC and case folding."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", str(text)).casefold())


def words(name: str) -> list[str]:
    bare = unicodedata.normalize("NFKC", name).casefold()
    if re.search(r"[぀-ヿ一-鿿]", bare):
        return [re.sub(r"[\W_]+", "", bare)]
    return sorted(re.findall(r"\w+", bare))


def pairs_f1(right: str, given: str) -> float:
    """F1 of pairs of characters, as often as they occur."""
    a, b = (Counter(x[i : i + 2] for i in range(len(x) - 1)) for x in (plain(right), plain(given)))
    shared = sum((a & b).values())
    return 2 * shared / (sum(a.values()) + sum(b.values())) if shared else 0.0


def key_strokes(value: Any) -> int:
    """Characters that the person typed; a choice is one act."""
    return len(value) if isinstance(value, str) else 1


class Judge:
    """Compares one filled form with the person's, counting by question."""

    def __init__(self, form: Form, gold: Mapping[str, Any], filled: Any) -> None:
        self.form, self.gold = form, dict(leaves(gold))
        self.questions = {q.path: q for q in form.questions}
        self.given = {s.target: s for s in filled.suggestions if not s.alternative}
        self.counts: defaultdict[str, Count] = defaultdict(Count)
        self.notes: list[str] = []

    def run(self) -> None:
        for path, question in self.questions.items():
            if "*" not in path:
                self.one("/".join(path), question, self.gold.get(path), self.given.get(pointer(path)))
        for path in sorted({p[: p.index("*")] for p in self.questions if "*" in p}):
            self.many(path, self.gold.get(path))

    def one(self, name: str, question: Any, gold: Any, suggestion: Any) -> None:
        count = self.counts[name]
        right = (
            suggestion is not None
            and gold is not None
            and is_right(gold, suggestion.value, question.path[-1], text=question.type == "text", unit=question.unit)
        )
        optional = gold is not None and wanted(gold)[1]
        if gold is not None and not optional:
            count.asked += 1
            count.answered += suggestion is not None
            count.right += right
            person = wanted(gold)[0][0] if not isinstance(gold, Mapping) or "any" in gold else ""
            typed = 1 if question.options else key_strokes(person) if person != "" else 0
            count.typed += typed
            count.saved += typed if right else 0
        elif suggestion is not None:
            count.optional += optional and right
            count.extra += not (optional and right)
        if suggestion is not None:
            count.judged.append((suggestion.confidence, right))
        if gold is not None and not optional and suggestion is None:
            self.notes.append(f"  left out  {name}: {_short(gold)}")
        elif suggestion is not None and not right:
            self.notes.append(
                f"  WRONG     {name} ({suggestion.confidence:.2f}): {_short(suggestion.value)}  instead of {_short(gold)}"
            )

    def many(self, path: tuple[str, ...], gold: Any) -> None:
        """Entries of a list, each matched to the one it agrees with most; of several right lists the one that fits best."""
        parts = [q for p, q in self.questions.items() if p[: len(path) + 1] == (*path, "*")]
        rows = self.rows(path, parts)
        choices = wanted(gold)[0] if gold is not None else [[]]
        best = max(choices, key=lambda choice: self.agreement(choice, rows, parts))
        left = dict(rows)
        paired = []
        for entry in best:
            scored = [(self.score(entry, cells, parts), -row) for row, cells in left.items()]
            score, row = max(scored, default=(0, 0))
            paired.append((entry, left.pop(-row) if score else {}))
        paired += [({}, cells) for cells in left.values()]
        for entry, cells in paired:
            for question in parts:
                name = "/".join(question.path)
                key = question.path[-1]
                value = (
                    entry
                    if key == "*" and not isinstance(entry, Mapping)
                    else entry.get(key)
                    if isinstance(entry, Mapping)
                    else None
                )
                self.one(name, question, value, cells.get(key))

    def rows(self, path: tuple[str, ...], parts: Sequence[Any]) -> dict[int, dict[str, Any]]:
        found: dict[int, dict[str, Any]] = {}
        for target, suggestion in self.given.items():
            if target.startswith(pointer(path) + "/"):
                rest = target[len(pointer(path)) + 1 :].split("/")
                found.setdefault(int(rest[0]), {})[rest[1] if len(rest) > 1 else "*"] = suggestion
        return found

    def score(self, entry: Any, cells: Mapping[str, Any], parts: Sequence[Any]) -> int:
        total = 0
        for question in parts:
            key = question.path[-1]
            value = entry if key == "*" else entry.get(key) if isinstance(entry, Mapping) else None
            if value is not None and key in cells:
                total += is_right(value, cells[key].value, key, text=False)
        return total

    def agreement(self, choice: Sequence[Any], rows: Mapping[int, Any], parts: Sequence[Any]) -> int:
        return sum(max((self.score(entry, cells, parts) for cells in rows.values()), default=0) for entry in choice)


def pointer(path: Sequence[str]) -> str:
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 90 else text[:89] + "…"


def report(form: str, folders: int, counts: Mapping[str, Count]) -> Count:
    total = Count()
    width = max(len(name) for name in counts)
    print(f"\n{form}, {folders} folders\n{'question':{width}} asked answered right wrong left out extra")
    for name, count in counts.items():
        total.add(count)
        print(
            f"{name:{width}} {count.asked:5} {count.answered:8} {count.right:5} {count.wrong:5} "
            f"{count.asked - count.answered:8} {count.extra:5}"
        )
    summary(form, total)
    return total


def summary(name: str, total: Count) -> None:
    given = len(total.judged)
    right = sum(r for _, r in total.judged)
    print(
        f"{name}: {total.right} of {total.asked} answers filled right ({total.right / max(1, total.asked):.3f}); "
        f"precision {right / max(1, given):.3f} of {given} given; characters saved {total.saved} of {total.typed} "
        f"({total.saved / max(1, total.typed):.3f}); calibration error {calibration_error(total.judged):.3f}"
    )
    sure = [r for c, r in total.judged if c >= 0.5]
    print(f"  at confidence 0.5 or more: {sum(sure)} right of {len(sure)} ({sum(sure) / max(1, len(sure)):.3f})")


def calibration_error(judged: Sequence[tuple[float, bool]]) -> float:
    """ECE over bins of equal width; with so few answers it is itself uncertain by some hundredths."""
    error = 0.0
    for number in range(BINS):
        inside = [
            (c, r) for c, r in judged if number / BINS <= c < (number + 1) / BINS or (c == 1 and number == BINS - 1)
        ]
        if inside:
            error += abs(sum(c for c, _ in inside) - sum(r for _, r in inside)) / len(judged)
    return error


def fit(judged: Mapping[str, Sequence[tuple[float, bool]]]) -> None:
    """Scale and shift of the log-odds, and the error that is left on folders they were not fitted to.

    One hand made the folders, the answers and the program, so that a right answer counts as 0.92 of one.
    """
    raw = {folder: [(uncalibrated(c), r) for c, r in pairs] for folder, pairs in judged.items()}
    beside: list[tuple[float, bool]] = []
    for folder, pairs in raw.items():
        scale, shift = line([p for other, items in raw.items() if other != folder for p in items])
        beside += [(sigmoid(scale * logit(c) + shift), r) for c, r in pairs]
    scale, shift = line([p for items in raw.values() for p in items])
    print(
        f"\nscale {scale:.3f}, shift {shift:.3f}; calibration error leaving each folder out {calibration_error(beside):.3f}"
    )


def line(pairs: Sequence[tuple[float, bool]], steps: int = 4000) -> tuple[float, float]:
    """Logistic regression of one number by gradient descent."""
    scale, shift = 1.0, 0.0
    points = [(logit(c), 0.92 if r else 0.08) for c, r in pairs]
    for _ in range(steps):
        slopes = [(sigmoid(scale * x + shift) - y, x) for x, y in points]
        shift -= 0.5 * sum(e for e, _ in slopes) / len(points)
        scale -= 0.5 * sum(e * x for e, x in slopes) / len(points)
    return scale, shift


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="*", help="only the folders whose name matches")
    parser.add_argument("--later", action="store_true", help="the four folders made after the program, run once")
    parser.add_argument("--form", choices=FORMS, help="only this form")
    parser.add_argument(
        "--fit", action="store_true", help="fit what makes confidence of certainty, leaving each folder out"
    )
    parser.add_argument(
        "--each", action="store_true", help="print what was wrong and what was left out, folder by folder"
    )
    arguments = parser.parse_args()
    base = HERE / "later" if arguments.later else HERE
    overall = Count()
    judged: dict[str, list[tuple[float, bool]]] = {}
    for name, path in FORMS.items():
        if arguments.form not in (None, name):
            continue
        if not path.is_file():
            print(f"SKIPPED LOUDLY: the form {name} is not beside this checkout ({path.name})", file=sys.stderr)
            continue
        form = read_form(path)
        if not any((base / "answers").glob(f"*/{name}.json")):
            continue
        counts: dict[str, Count] = {"/".join(q.path): Count() for q in form.questions}
        folders = [
            p.parent.name
            for p in sorted((base / "answers").glob(f"*/{name}.json"))
            if fnmatch(p.parent.name, arguments.only)
        ]
        for folder in folders:
            gold = json.loads((base / "answers" / folder / f"{name}.json").read_text("utf-8"))
            judge = Judge(form, gold, describe(base / "folders" / folder, target=form).filled)
            judge.run()
            judged.setdefault(folder, []).extend(j for count in judge.counts.values() for j in count.judged)
            for question, count in judge.counts.items():
                counts[question].add(count)
            if arguments.each:
                print(f"\n{folder}", *judge.notes, sep="\n")
        overall.add(report(name, len(folders), counts))
    print()
    summary("all forms", overall)
    if arguments.fit:
        fit(judged)
    return 0


if __name__ == "__main__":
    sys.exit(main())
