"""``shirushi train subjects``: learning classes of vocabularies from what this installation has published."""

import argparse
import json
import os
from datetime import UTC, datetime

from shirushi.cli.records import spoken


@spoken
def subjects(arguments: argparse.Namespace) -> int:
    """Train the classifier of subjects and put it in the place of the one before, completely or not at all."""
    from shirushi.core.examples import subject_examples
    from shirushi.core.home import home
    from shirushi.describe.classifier import to_json, train

    classifier = train(subject_examples(), at=datetime.now(UTC).isoformat(timespec="seconds"))
    target = home().subjects
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = target.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8") as out:
        json.dump(to_json(classifier), out, ensure_ascii=False, indent=1)
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(target)
    if arguments.json:
        told = {name: item for name, item in to_json(classifier).items() if name not in ("idf", "classes")}
        shown = [{n: v for n, v in one.items() if n != "weights"} for one in to_json(classifier)["classes"]]
        print(json.dumps({**told, "classes": shown, "file": str(target)}, ensure_ascii=False, indent=1))
        return 0
    for (scheme, code), one in classifier.classes.items():
        print(f"{scheme} {code} {one.text}: {one.records} records, {one.precision:.0%} right on records not seen")
    for (scheme, code), why in classifier.passed_over.items():
        print(f"{scheme} {code}: not proposed: {why}")
    print(f"{classifier.records} records, {len(classifier.classes)} classes: {target}")
    return 0
