"""``shirushi describe-many``: one description as JSON for each of many folders, on this machine or a Ray cluster."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shirushi.cli import CommandError

if TYPE_CHECKING:
    from shirushi.describe.many import Options, Outcome

SHOWN = 30  # folders in the table at the end: all when there are no more, else those that failed
BEAT = 0.5  # seconds between two lines of progress on a terminal
LINES = 1000  # folders between two lines of progress elsewhere
JOURNAL = "summary.jsonl"


def describe_many(arguments: argparse.Namespace) -> int:
    """Describe the folders. 0 when all are done, 1 when some failed."""
    from shirushi.describe.many import describe_many as run

    out = Path(arguments.out)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"{out}: cannot be written ({error.strerror}). Choose another place with --out.") from error
    folders = _folders(arguments.folder, arguments.list)
    told = _Told(quiet=arguments.quiet)
    try:
        with (out / JOURNAL).open("a", encoding="utf-8", errors="backslashreplace") as journal:
            options = _options(arguments)
            for outcome in run(folders, out, _answers(arguments, options), again=arguments.again, options=options):
                told.hear(outcome)
                if outcome.state != "kept":
                    journal.write(json.dumps(asdict(outcome), ensure_ascii=False) + "\n")
                    journal.flush()
    finally:
        told.sum_up()
    return 1 if told.counts["failed"] else 0


def _folders(named: list[str], listed: str | None) -> Iterator[str]:
    """The folders of the command line, then those of a list: a file with one path a line, or ``-`` for standard input."""
    yield from named
    if listed is None:
        return
    try:
        with os.fdopen(os.dup(0), "rb") if listed == "-" else Path(listed).open("rb") as lines:
            for line in lines:
                if path := line.rstrip(b"\r\n"):
                    yield os.fsdecode(path)
    except OSError as error:
        raise CommandError(f"{listed}: {error.strerror}. Check the path of the list.") from error


def _options(arguments: argparse.Namespace) -> "Options":
    from shirushi.cli.describing import context, lang
    from shirushi.cli.instance import home_path
    from shirushi.describe.many import Options

    cache = None if arguments.no_cache else Path(arguments.cache or home_path() / "cache").absolute()
    return Options(
        context=context(lang(arguments.lang)).to_json(),
        exact=arguments.exact,
        pronom=arguments.pronom,
        model=str(Path(arguments.model).absolute()) if arguments.model else None,
        models=str((home_path() / "models").absolute()),
        evidence=arguments.evidence,
        cache=None if cache is None else str(cache),
        seconds=arguments.time_limit,
    )


def _answers(arguments: argparse.Namespace, options: "Options") -> Callable[[Iterator[str]], Iterator[Any]]:
    from shirushi.describe.many import on_this_machine

    if arguments.ray is None:
        return lambda folders: on_this_machine(folders, options, arguments.workers or os.cpu_count() or 1)
    try:
        import ray  # noqa: F401
    except ImportError as error:
        raise CommandError("Ray is not installed. Install shirushi[ray], or leave --ray out.") from error
    from shirushi.describe.many_ray import on_ray

    return lambda folders: on_ray(folders, options, arguments.ray)


class _Told:
    """What the person is told, while it goes on and at the end."""

    def __init__(self, *, quiet: bool) -> None:
        self.counts = {"done": 0, "failed": 0, "kept": 0}
        self._quiet = quiet
        self._files = self._size = self._problems = 0
        self._seconds = 0.0
        self._first: list[Outcome] = []
        self._failed: list[Outcome] = []
        self._began = self._last = time.monotonic()

    def hear(self, outcome: "Outcome") -> None:
        self.counts[outcome.state] += 1
        self._files += outcome.files
        self._size += outcome.size
        self._seconds += outcome.seconds
        self._problems += outcome.problems
        if len(self._first) <= SHOWN:
            self._first.append(outcome)
        if outcome.state == "failed" and len(self._failed) < SHOWN:
            self._failed.append(outcome)
        if not self._quiet:
            self._progress(outcome)

    def _progress(self, outcome: "Outcome") -> None:
        from shirushi.cli.describing import printable

        total, now = sum(self.counts.values()), time.monotonic()
        if outcome.state == "failed":
            print(f"! {printable(outcome.folder)}: {outcome.code}: {printable(outcome.message)}", file=sys.stderr)
        if sys.stderr.isatty():
            if now - self._last > BEAT:
                self._last = now
                print(f"{total:,} folders, {self.counts['failed']:,} failed", end="\r", file=sys.stderr)
        elif total % LINES == 0:
            print(f"{total:,} folders, {self.counts['failed']:,} failed", file=sys.stderr)

    def sum_up(self) -> None:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        from shirushi.cli.describing import printable

        few = len(self._first) <= SHOWN
        table = Table("Folder", "State", "Files", "Seconds", "Problems", pad_edge=False)
        for item in self._first if few else self._failed:
            state = item.state if item.state != "failed" else f"failed: {item.code}"
            numbers = (
                (f"{item.files:,}", f"{item.seconds:.1f}", f"{item.problems:,}")
                if item.state == "done"
                else ("", "", "")
            )
            table.add_row(Text(printable(item.folder)), state, *numbers)
        table.add_section()
        total = sum(self.counts.values())
        state = ", ".join(f"{count:,} {word}" for word, count in self.counts.items() if count)
        table.add_row(f"{total:,} folders", state, f"{self._files:,}", f"{self._seconds:.1f}", f"{self._problems:,}")
        console = Console(width=None if sys.stdout.isatty() else 140, highlight=False, markup=False)
        console.print(table)
        print(f"{self._size / 1e6:,.1f} MB in {time.monotonic() - self._began:.1f} s.")
