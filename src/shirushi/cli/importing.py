"""``shirushi import``: packages (a bag, an RO-Crate) and records from other repositories, one or very many."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from shirushi.cli import CommandError
from shirushi.cli.records import actor, space_named, spoken

if TYPE_CHECKING:
    from shirushi.accounts.actors import Actor
    from shirushi.accounts.models import Space
    from shirushi.core.services.importing import Outcome
    from shirushi.exchange.importing import Row, Source

SHOWN = 5  # values named of one record that were not carried over


@spoken
def take_in(arguments: argparse.Namespace) -> int:
    """Import what was named. 1 when something of it could not be."""
    by, space = actor(arguments.by), space_named(arguments.space)
    if arguments.source is None:
        if arguments.files or arguments.dry_run or arguments.publish or arguments.fetch:
            raise CommandError(
                "--files, --fetch, --publish and --dry-run belong to --from. A package is unpacked into a draft."
            )
        return max(_package(Path(path), by, space, arguments) for path in arguments.path)
    told = _Told(arguments)
    try:
        for row, packed in _rows(arguments.source, arguments.path):
            told.hear(row, _one(row, packed, by, space, arguments))
    finally:
        told.close()
    return 1 if told.counts["refused"] else 0


# -- packages


def _package(path: Path, by: "Actor", space: "Space", arguments: argparse.Namespace) -> int:
    from shirushi.core import jobs, services
    from shirushi.core.errors import DomainError
    from shirushi.core.services.unpacking import Refused

    if not path.exists():
        raise CommandError(f"{path}: is not there.")
    draft = services.create_draft(space=space, by=by, name=path.name)
    try:
        plan = services.unpacking.unpack_into(draft=draft, source=path, by=by, watch=_progress(quiet=arguments.quiet))
    except DomainError as error:
        services.discard_draft(draft=draft, by=by)
        print(f"! {path}: {error}", file=sys.stderr)
        if isinstance(error, Refused):
            for note in error.plan.report()["notes"]:
                print(f"!   {note['file']}: {note['en']}", file=sys.stderr)
        return 1
    for run in draft.runs.filter(state="queued"):
        jobs.run_description(run.pk)
    draft.refresh_from_db()
    print(f"draft {draft.pk}: {plan.kind}, files: {draft.files.count()}, checksums that hold: {len(plan.sums)}")
    for note in plan.report()["notes"]:
        print(f"  {note['file']}: {note['en']}")
    print(f"review it at /drafts/{draft.pk}, or: shirushi publish {draft.pk} --accept likely")
    return 0


def _progress(*, quiet: bool) -> Any:
    def tell(done: int, total: int) -> None:
        if not quiet and sys.stderr.isatty():
            print(f"{done:,} of {total:,} files", end="\r" if done < total else "\n", file=sys.stderr)

    return tell


# -- records


def _rows(source: "Source", paths: list[str]) -> Iterator[tuple["Row", Path | None]]:
    """Every record of the files and folders, the versions of one in their order; with the package that it came in, if any."""
    from shirushi.exchange.errors import NotReadable
    from shirushi.exchange.importing import Row, in_order, read

    found: list[Row] = []
    packed: dict[str, Path] = {}
    for path in _files(source, paths):
        name = str(path)
        try:
            if path.suffix == ".zip":
                rows = [_from_package(path)]
                packed[rows[0].where] = path
            else:
                rows = list(read(source, name, path.read_bytes()))
        except OSError as error:
            rows = [Row(name, NotReadable(f"it cannot be read: {error.strerror}"))]
        found += rows or [Row(name, NotReadable("there is no record in it"))]
    for row in in_order(found):
        yield row, packed.get(row.where)


def _files(source: "Source", paths: list[str]) -> Iterator[Path]:
    from shirushi.exchange.importing import ENDINGS

    endings = (*ENDINGS[source], ".zip") if source == "weko3" else ENDINGS[source]
    for named in paths:
        path = Path(named)
        if path.is_dir():
            yield from sorted(p for p in path.iterdir() if p.is_file() and p.suffix.lower() in endings)
        elif path.is_file():
            yield path
        else:
            raise CommandError(f"{path}: is not there. Nothing was imported.")


def _from_package(path: Path) -> "Row":
    """The record of one of WEKO3's packages: a bag with its ro-crate-metadata.json or its table among the files."""
    from shirushi.core.errors import DomainError
    from shirushi.core.services.unpacking import one_inside
    from shirushi.exchange.errors import NotReadable
    from shirushi.exchange.importing import Row, read

    try:
        name, data = one_inside(path, ("ro-crate-metadata.json", ".tsv", ".csv"))
    except DomainError as error:
        return Row(str(path), NotReadable(str(error)))
    rows = list(read("weko3", name, data))
    if len(rows) != 1:
        return Row(
            str(path), NotReadable(f"{name} holds {len(rows)} items; unpack it, and import the table with --files")
        )
    return Row(str(path), rows[0].record, rows[0].document)


def _one(row: "Row", packed: Path | None, by: "Actor", space: "Space", arguments: argparse.Namespace) -> dict[str, Any]:
    """Import one record; what became of it, for the report."""
    from shirushi.core import services
    from shirushi.core.errors import DomainError
    from shirushi.exchange.errors import NotReadable

    told: dict[str, Any] = {"where": row.where}
    if isinstance(row.record, NotReadable):
        return told | {"state": "refused", "code": "not-readable", "why": str(row.record)}
    record = row.record
    told |= {
        "key": record.key,
        "title": record.work.title(),
        "identifier": record.identifier and record.identifier.value,
        "untaken": [{"path": u.path, "why": u.why.en, "value": u.value} for u in record.untaken],
    }
    try:
        if arguments.dry_run:
            outcome = services.importing.look_up(imported=record, space=space, by=by)
        else:
            outcome = services.importing.import_record(
                imported=record, document=row.document, space=space, by=by, files=_given(row, arguments.files),
                publish_it=arguments.publish and packed is None,
            )  # fmt: skip
            if packed is not None:
                outcome = _with_package(outcome, packed, by, arguments)
            if arguments.fetch and outcome.draft:
                told["fetching"] = _fetch(row, outcome, by)
    except DomainError as error:
        return told | {"state": "refused", "code": error.code, "why": str(error)}
    return told | {
        "state": outcome.state,
        "draft": outcome.draft and outcome.draft.pk,
        "record": outcome.record and outcome.record.pk,
        "absent": outcome.absent,
        "waits": outcome.waits and outcome.waits.en,
    }


def _with_package(outcome: "Outcome", packed: Path, by: "Actor", arguments: argparse.Namespace) -> "Outcome":
    from shirushi.core import services
    from shirushi.core.errors import DomainError

    draft = outcome.draft
    if draft is None or draft.state != "open":
        return outcome
    try:
        services.unpacking.unpack_into(draft=draft, source=packed, by=by)
    except DomainError:
        if outcome.state == "new":
            services.discard_draft(draft=draft, by=by)
        raise
    outcome.absent = []
    if arguments.publish:
        services.importing.publish_draft(outcome, by)
    return outcome


def _given(row: "Row", folder: str | None) -> Mapping[str, Path]:
    """The files of a record below --files: in the folder named like its file or its id, or (for one record) in that very folder."""
    if folder is None:
        return {}
    root = Path(folder)
    if not root.is_dir():
        raise CommandError(f"{folder}: is not a folder. Nothing was imported.")
    from shirushi.exchange.errors import NotReadable

    assert not isinstance(row.record, NotReadable)
    stem = Path(row.where.partition(" #")[0]).stem
    last = row.record.key.rpartition(":")[2]
    names = [last, last.replace("/", "_"), last.rpartition("/")[2], stem]
    own = next((root / name for name in names if name and (root / name).is_dir()), None)
    if own is None:
        wanted = {file.path for file in row.record.files}
        own = root if any((root / path).is_file() for path in wanted) else None
        return {} if own is None else {path: own / path for path in wanted if (own / path).is_file()}
    return {p.relative_to(own).as_posix(): p for p in sorted(own.rglob("*")) if p.is_file() and not p.is_symlink()}


def _fetch(row: "Row", outcome: "Outcome", by: "Actor") -> int:
    """Have the files that are not here fetched from where the source says they lie; a worker does it."""
    from shirushi.core import services
    from shirushi.exchange.errors import NotReadable

    assert not isinstance(row.record, NotReadable)
    assert outcome.draft is not None
    if outcome.draft.state != "open":
        return 0
    begun = 0
    known = set(outcome.draft.fetches.exclude(state="failed").values_list("path", flat=True))
    for file in row.record.files:
        if file.url and file.path in outcome.absent and file.path not in known:
            services.fetching.begin_fetch(draft=outcome.draft, url=file.url, path=file.path, by=by)
            begun += 1
    return begun


class _Told:
    """What the person is told: a line for each record, the sum at the end, and all of it as JSON Lines with --report."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.counts: Counter[str] = Counter()
        self._dry = arguments.dry_run
        self._json = arguments.json
        self._report: TextIO | None = None
        if arguments.report:
            self._report = Path(arguments.report).open("a", encoding="utf-8")  # noqa: SIM115 - for the length of the command

    def hear(self, row: "Row", told: dict[str, Any]) -> None:
        from shirushi.cli.describing import one_line

        self.counts[told["state"]] += 1
        line = json.dumps(told, ensure_ascii=False)
        if self._report:
            self._report.write(line + "\n")
            self._report.flush()
        if self._json:
            print(line)
            return
        if told["state"] == "refused":
            print(f"! {one_line(row.where)}: {one_line(told['why'])}", file=sys.stderr)
            return
        became = (
            f"record {told['record']}"
            if told["record"]
            else f"draft {told['draft']}"
            if told["draft"]
            else "would be made"
        )
        if told["state"] == "unchanged" and not told["draft"]:
            became = "is here"
        print(
            f"{told['state']:<10}{one_line(told['identifier'] or told['key'])}  {one_line(told['title'])}  → {became}"
        )
        for one in told["untaken"][:SHOWN]:
            print(
                f"    not carried over: {one_line(one['path'])}: {one_line(one['value'])[:80]} ({one_line(one['why'])})"
            )
        if len(told["untaken"]) > SHOWN:
            print(f"    and {len(told['untaken']) - SHOWN} more; --json or --report names them all")
        if told["absent"]:
            print(
                f"    files not given: {one_line(', '.join(told['absent'][:SHOWN]))}{' …' if len(told['absent']) > SHOWN else ''}"
            )
        if told.get("fetching"):
            print(f"    a worker fetches {told['fetching']} of them; run this again when they are here")
        elif told["waits"]:
            print(f"    not published: {one_line(told['waits'])}")

    def close(self) -> None:
        if self._report:
            self._report.close()
        if not self._json:
            numbers = ", ".join(
                f"{self.counts[state]} {state}"
                for state in ("new", "changed", "unchanged", "refused")
                if self.counts[state]
            )
            print(f"{numbers or 'nothing'}{' (dry run: nothing was made)' if self._dry else ''}")
