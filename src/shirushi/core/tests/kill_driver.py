"""Runs deposit → describe → decide → publish → restrict → withdraw → dispose again and again, ends each run with ``kill -9`` at a chosen moment,
starts anew, and looks at what is there. A programme of its own, because it forks: see ``test_kill.py``.

Called with a folder to work in and the home of an installation just made; reads trials as JSON from stdin, one a line; writes one JSON result for each to stdout. A trial is
``{"kind": "none" | "point" | "step" | "time" | "race", "at": …, "again": n | null}``:

* ``point``: at the named place of :mod:`shirushi.core.crashpoints`, the ``hit``-th time it is reached;
* ``step``: before the ``at``-th step that touches the disk for good (fsync, rename, link, unlink, mkdir, SQL COMMIT);
* ``time``: ``at`` seconds after the start, from outside, while files are really read;
* ``again``: kill the recovery too, before its ``again``-th step, and recover once more;
* ``race``: nobody is killed; ``at`` processes edit and publish one draft at the same time instead.
"""

import hashlib
import io
import json
import logging
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shirushi.web.settings_test")
import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from shirushi.accounts.actors import Actor, person  # noqa: E402
from shirushi.accounts.models import Membership, Role, Space, User  # noqa: E402
from shirushi.core import crashpoints, followers, jobs, services, setup, usage, usage_reports  # noqa: E402
from shirushi.core.changing import Change, Held  # noqa: E402
from shirushi.core.check import check  # noqa: E402
from shirushi.core.errors import Conflict  # noqa: E402
from shirushi.core.home import blobs, engine, home, store  # noqa: E402
from shirushi.core.models import (  # noqa: E402
    Concept,
    Decision,
    DescribeRun,
    Draft,
    DraftFile,
    Event,
    ExactProfile,
    FeedEntry,
    Identifier,
    Record,
    Series,
    Suggestion,
    Upload,
)
from shirushi.core.tests import databases  # noqa: E402
from shirushi.core.values import of  # noqa: E402
from shirushi.describe.description import Description  # noqa: E402
from shirushi.describe.evidence import CellPlace, Evidence, LinePlace  # noqa: E402
from shirushi.describe.evidence import Suggestion as Proposal  # noqa: E402
from shirushi.metadata.work import Access  # noqa: E402

settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "asking"]}}
logging.disable(logging.INFO)

FILES = {
    "README.md": b"# Water levels of Lake Suwa\n\nHourly water levels at three gauges, 2019 to 2021.\n\nLicence: CC-BY-4.0\n",
    "levels.csv": b"time,level_m\n2019-01-01T00:00,1.25\n2019-01-01T01:00,1.26\n",
    "LICENSE": b"CC0-1.0\n",
}
ANSWERS: dict[str, Any] = {
    "titles": [{"text": "Water levels"}],
    "creators": [{"name": "Yamada, Hanako"}],
    "descriptions": [{"text": "Hourly water levels."}],
    "rights": [{"id": "CC0-1.0"}],
}


RESTRICTED = Access(rights="restricted")
PAST = timezone.localdate() - timedelta(days=2)
services.disposing.FRESH = 0.0
LATER = timedelta(hours=2)  # when every hour until now is over


# -- what is done, and said aloud as soon as it has been promised


def scenario(say: Callable[..., None]) -> None:
    setup.prepare()
    by = somebody()
    draft = services.create_draft(space=Space.objects.get(), by=by, name="levels")
    say("draft", draft.pk)
    first, *others = FILES
    file = services.put_file(draft=draft, path=first, content=FILES[first], by=by)
    say("file", first, file.sha256)
    *others, last = others
    together = {path: home().root.parent / path for path in others}
    for path, source in together.items():
        source.write_bytes(FILES[path])
    services.put_files(draft=draft, sources=together, by=by)
    for path in others:
        say("file", path, hashlib.sha256(FILES[path]).hexdigest())
    send_in_pieces(draft, by, last, say)
    run = services.start_describing(draft=draft, by=by)
    say("run", run.pk)
    jobs.run_description(run.pk)
    say("described", run.pk)
    jobs.run_counting(run.pk)
    say("counted", run.pk)
    decide(draft, by, say)
    record = services.publish(draft=draft, by=by, at_version=draft.version)
    say("published", record.pk, record.document["publication"]["identifier"]["value"])
    followers.follow_all()
    visit(record)
    say("visited", record.pk)
    usage.count_hours(now=timezone.now() + LATER)
    services.change_access(record=record, access=RESTRICTED, by=by)
    say("restricted", record.pk)
    services.withdraw(record=record, reason="A test.", by=by)
    say("withdrawn", record.pk)
    dispose(record, by)
    say("disposed", record.pk)
    services.disposing.finish_all()
    followers.follow_all()
    say("end")


def dispose(record: Record, by: Actor) -> None:
    if not Concept.objects.get(pk=record.concept_id).is_disposed:
        services.retain(record=record, until=PAST, by=by)
    services.disposing.dispose(record=record, reason="A test.", by=by, seen=PAST)


def visit(record: Record) -> None:
    usage.note(
        record=record.pk,
        concept=record.concept_id,
        kind="request",
        thing="levels.csv",
        who="someone",
        machine=False,
        size=59,
    )


def send_in_pieces(draft: Draft, by: Actor, path: str, say: Callable[..., None]) -> None:
    """Two pieces; how far the file is good is said as soon as it has been told."""
    data = FILES[path]
    upload = services.uploading.begin_upload(draft=draft, path=path, size=len(data), by=by)
    for start in range(0, len(data), 4):
        piece = data[start : start + 4]
        services.uploading.receive(upload=upload, content=io.BytesIO(piece), at=start, length=len(piece), by=by)
        say("piece", upload.pk, upload.offset)
    say("file", path, hashlib.sha256(data).hexdigest())


def decide(draft: Draft, by: Actor, say: Callable[..., None]) -> None:
    draft.refresh_from_db()
    for decision in services.accept_above(draft=draft, threshold=0.5, by=by, at_version=draft.version):
        say("decision", decision.pk)
    first = draft.suggestions.filter(state="accepted").first()
    if first is not None:
        done = services.decide(suggestion=first, action="reject", by=by, at_version=draft.version)
        say("decision", done.pk)
        draft.refresh_from_db()
        for undone in services.undo(draft=draft, by=by, at_version=draft.version):
            say("decision", undone.pk)
    type_in_the_rest(draft, by, say)


def type_in_the_rest(draft: Draft, by: Actor, say: Callable[..., None]) -> None:
    draft.refresh_from_db()
    for field, value in ANSWERS.items():
        if not draft.metadata.get(field):
            done = services.edit_field(draft=draft, field=field, value=value, by=by, at_version=draft.version)
            say("decision", done.pk)


def somebody() -> Actor:
    return person(User.objects.get())


def canned(*_: Any, exact: bool = False, **__: Any) -> Description:
    """What reading finds, without reading: the steps that touch the disk are then the same every time."""
    table = {"sampled": not exact, "delimiter": ",", "first_row": 2, "encoding": "utf-8", "header": ["time", "level_m"]}
    level = {"name": "level_m", "file": "levels.csv", "minimum": 1.25, "maximum": 1.26 if exact else 1.25}
    evidence = (Evidence("heading", {"text": "x", "level": 1}, LinePlace("README.md", 1, 1), "markdown/1"),)
    proposals = [
        Proposal("/titles/-", {"text": "Water levels of Lake Suwa"}, 0.9, evidence, "titles.test", "1"),
        Proposal("/subjects/-", {"text": "lake"}, 0.8, evidence, "subjects.test", "1"),
        Proposal("/variables/-", level if exact else {**level, "sampled": True}, 0.8, evidence, "variables.test", "1"),
    ]
    tables = [Evidence("table", table, CellPlace("levels.csv", 1, 1), "tabular/1")]
    return Description("levels", suggestions=proposals, file_count=len(FILES), evidence=tables)


# -- what must be true afterwards


def verify(said: list[list[Any]]) -> list[str]:
    """Start anew after a crash; everything that was promised must be there, and everything can be finished."""
    setup.prepare()
    wrong = [f"check: {finding}" for finding in check() if finding.severity == "error"]
    wrong += [f"lost: {words}" for words in said if not is_there(words)]
    wrong += [f"half done: {draft}" for draft in Draft.objects.all() if not is_consistent(draft)]
    wrong += finish()
    return wrong + [f"check at the end: {finding}" for finding in check() if finding.severity == "error"]


def is_there(words: list[Any]) -> bool:
    match words:
        case ["draft", pk]:
            return Draft.objects.filter(pk=pk).exists()
        case ["file", path, sha256]:
            row = DraftFile.objects.select_related("draft__concept").get(path=path, sha256=sha256)
            return row.draft.concept.is_disposed or blobs().sound(sha256)
        case ["piece", pk, offset]:
            upload = Upload.objects.get(pk=pk)
            return upload.offset >= offset and (upload.state == "done" or size_of(upload) >= offset)
        case ["run", pk]:
            return DescribeRun.objects.filter(pk=pk).exists()
        case ["described", pk]:
            run = DescribeRun.objects.get(pk=pk)
            # What was read goes with the files when they are disposed of.
            kept = blobs().exists(run.description_sha256) != run.draft.concept.is_disposed
            sound = run.draft.concept.is_disposed or blobs().sound(run.description_sha256)
            return run.state == "done" and kept and sound and Suggestion.objects.exists()
        case ["counted", pk]:
            exact = ExactProfile.objects.filter(run_id=pk).first()  # there is none where nothing was sampled
            return exact is None or exact.state == "done"
        case ["decision", pk]:
            return Decision.objects.filter(pk=pk).exists()
        case ["published", pk, value]:
            record = Record.objects.get(pk=pk)
            known = record.identifiers.filter(value=value).exists()
            if record.concept.is_disposed:
                return known and is_gone(record)
            held = {path: store().path(record.object_id, f"files/{path}", 1).read_bytes() for path in FILES}
            return known and held == FILES
        case ["restricted", pk]:
            record = Record.objects.get(pk=pk)
            kept = json.loads(store().path(record.object_id, "metadata/access/1.json").read_bytes())
            return record.access == kept["access"] == {"rights": "restricted"}
        case ["visited", pk]:
            for _ in range(2):
                usage.count_hours(now=timezone.now() + LATER)
            return usage_reports.totals([pk])[pk]["total-requests"] == 1
        case ["withdrawn", pk]:
            return Record.objects.get(pk=pk).is_withdrawn
        case ["disposed", pk]:
            return is_gone(Record.objects.get(pk=pk))
    return words == ["end"]


def is_gone(record: Record) -> bool:
    """Whether no byte of its files is left, and what stays of it tells what they were."""
    said = json.load(store().open(record.object_id, "metadata/disposal.json"))
    told = {file["path"]: file["sha256"] for file in said["versions"][0]["files"]}
    left = [path for path in home().root.rglob("*") if path.is_file() and path.read_bytes() in FILES.values()]
    return told == {path: hashlib.sha256(data).hexdigest() for path, data in FILES.items()} and not left


def size_of(upload: Upload) -> int:
    return (home().uploads / upload.pk).stat().st_size


def is_consistent(draft: Draft) -> bool:
    """Its fields hold what its decisions, made again one after the other, give; nothing is in between."""
    fields: dict[str, Held] = {}
    for decision in Decision.objects.filter(draft=draft):
        held = fields.setdefault(decision.field, Held(decision.field, of({}, decision.field)))
        held.make(Change(decision.position, decision.removed, decision.added))
    return draft.state != "publishing" and all(of(draft.metadata, name) == held.value for name, held in fields.items())


def finish() -> list[str]:
    """Go on from wherever it stopped, doing the last steps twice: there must be one record, one identifier, one of each event."""
    by = somebody()
    draft = Draft.objects.first() or services.create_draft(space=Space.objects.get(), by=by)
    if draft.state == Draft.State.OPEN:
        for upload in Upload.objects.filter(state="open"):
            rest = FILES[upload.path][upload.offset :]
            services.uploading.receive(
                upload=upload, content=io.BytesIO(rest), at=upload.offset, length=len(rest), by=by
            )
        for path, content in FILES.items():
            services.put_file(draft=draft, path=path, content=content, by=by)
        jobs.run_jobs()
        if not draft.runs.filter(state="done").exists():
            jobs.run_description(services.start_describing(draft=draft, by=by).pk)
        type_in_the_rest(draft, by, lambda *_: None)
    for _ in range(2):
        draft.refresh_from_db()
        record = services.publish(draft=draft, by=by, at_version=draft.version)
    for _ in range(0 if record.is_withdrawn else 2):
        services.change_access(record=record, access=RESTRICTED, by=by)
    for _ in range(2):
        services.withdraw(record=record, reason="A test.", by=by)
        dispose(record, by)
    services.disposing.finish_all()
    record.refresh_from_db()
    followers.follow_all()
    found = {
        "records": Record.objects.count(),
        "identifiers": Identifier.objects.count(),
        "published": Event.objects.filter(type="record.published").count(),
        "withdrawn": Event.objects.filter(type="record.withdrawn").count(),
        "restricted": Event.objects.filter(type="record.access-changed").count(),
        "disposed": Event.objects.filter(type="record.disposed").count(),
        "objects": len(list(store().objects())),
        "counted": Series.objects.get(name="records.published", subject="").value,
        "told": FeedEntry.objects.count(),
        "indexed": engine().count(),
        "object versions": store().inventory(record.object_id).head,
    }
    expected = {
        "records": 1, "identifiers": 2, "published": 1, "withdrawn": 1, "restricted": 1, "disposed": 1, "objects": 1, "counted": 1, "told": 2, "indexed": 0, "object versions": 4,
    }  # fmt: skip
    return [f"{name}: {found[name]}, not {expected[name]}" for name in expected if found[name] != expected[name]]


# -- killing


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Steps:
    """Counts the steps that touch the disk for good, and dies before one of them."""

    def __init__(self, last: int | None) -> None:
        self.done = 0
        self.last = last

    def watch(self) -> None:
        for name in ("fsync", "rename", "replace", "link", "unlink", "mkdir"):
            setattr(os, name, self._before(getattr(os, name)))
        database = type(connections["default"])
        database._commit = self._before(database._commit)

    def _before(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **options: Any) -> Any:
            self.done += 1
            if self.done == self.last:
                die()
            return function(*arguments, **options)

        return step


def install(trial: dict[str, Any], reached: list[str]) -> Steps:
    """Arrange for the moment of death."""
    steps = Steps(trial["at"] if trial["kind"] == "step" else None)
    if trial["kind"] != "time":
        jobs.describe = canned
        steps.watch()
    left = trial.get("hit", 1)

    def note(name: str) -> None:
        nonlocal left
        reached.append(name)
        if trial["kind"] == "point" and name == trial["at"]:
            left -= 1
            if left == 0:
                die()

    crashpoints.hook = note
    return steps


# -- one trial: forked processes, so that starting costs nothing


def in_child(work: Callable[[], Any], root: Path, kill_after: float | None = None) -> tuple[bool, Any]:
    """Do it in a process of its own. Returns whether it came to its end, and what it gave."""
    answer = root / "answer.json"
    answer.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            move_to(root / "home")
            answer.write_text(json.dumps(work()))
            code = 0
        except BaseException:  # noqa: BLE001 - whatever it is, the parent has to know
            answer.write_text(json.dumps({"error": traceback.format_exc()}))
        finally:
            os._exit(code)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return False, None
    return True, json.loads(answer.read_text())


def move_to(folder: Path) -> None:
    settings.SHIRUSHI_HOME = folder
    connection = connections["default"]
    if databases.POSTGRES:
        connection.settings_dict["NAME"] = databases.name_of(folder)
    else:
        connection.settings_dict["NAME"] = folder / "shirushi.sqlite3"


def lay_foundation(root: Path, made: Path) -> None:
    """The installation ``made`` with one person, to be copied for each trial."""

    def make() -> None:
        space = Space.objects.create(slug="uni", name_en="University", name_ja="大学")
        user = User.objects.create_user("hanako@example.org", None, name="Hanako")
        Membership.objects.create(space=space, user=user, role=Role.CURATOR)

    databases.copy_home(made, root / "home")
    ended, error = in_child(make, root)
    if not ended or error is not None:
        raise SystemExit(f"no foundation: {error}")


def try_once(root: Path, foundation: Path, trial: dict[str, Any]) -> dict[str, Any]:
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(foundation, root)
    databases.copy(foundation / "home", root / "home")
    said = root / "said.jsonl"
    reached: list[str] = []

    def act() -> dict[str, Any]:
        def say(*words: Any) -> None:
            with said.open("a") as file:
                file.write(json.dumps(words) + "\n")

        steps = install(trial, reached)
        scenario(say)
        return {"steps": steps.done, "reached": sorted(set(reached))}

    result: dict[str, Any] = {"trial": trial}
    ended, answer = in_child(act, root, trial["at"] if trial["kind"] == "time" else None)
    result |= {"ended": ended, **(answer or {})}
    spoken = [json.loads(line) for line in said.read_text().splitlines()] if said.exists() else []
    if trial.get("again"):

        def start_and_die() -> None:
            install({"kind": "step", "at": trial["again"]}, [])
            setup.prepare()

        in_child(start_and_die, root)

    def look() -> list[str]:
        jobs.describe = canned
        return verify(spoken)

    looked, wrong = in_child(look, root)
    if not looked:
        wrong = ["the recovery was killed"]
    elif isinstance(wrong, dict):
        wrong = [wrong["error"]]
    return result | {"said": len(spoken), "wrong": wrong}


def race(root: Path, foundation: Path, trial: dict[str, Any]) -> dict[str, Any]:
    """Processes that have all seen the same version: one of them may change it, and all of them publish one record."""
    shutil.copytree(foundation, root)
    databases.copy(foundation / "home", root / "home")

    def begin() -> str:
        draft = services.create_draft(space=Space.objects.get(), by=somebody())
        type_in_the_rest(draft, somebody(), lambda *_: None)
        return draft.pk

    _, draft_id = in_child(begin, root)
    version = in_child(lambda: Draft.objects.get(pk=draft_id).version, root)[1]

    def edit(number: int) -> str:
        draft = Draft.objects.get(pk=draft_id)
        try:
            services.edit_field(draft=draft, field="version", value=str(number), by=somebody(), at_version=version)
        except Conflict as told:
            return f"conflict at {told.version}"
        return f"took {Draft.objects.get(pk=draft_id).metadata['version'] == str(number)}"

    def publish(_: int) -> str:
        draft = Draft.objects.get(pk=draft_id)
        return str(services.publish(draft=draft, by=somebody(), at_version=version + 1).pk)

    edited = at_once(edit, root, trial["at"])
    published = at_once(publish, root, trial["at"])
    _, (records, errors) = in_child(
        lambda: (Record.objects.count(), [str(f) for f in check() if f.severity == "error"]), root
    )
    return {
        "edited": sorted(word.replace(f"at {version + 1}", "at the next") for word in edited),
        "published": len(set(published)),
        "records": records,
        "errors": errors,
    }


def at_once(work: Callable[[int], str], root: Path, number: int) -> list[str]:
    """Let ``number`` processes do it at the same moment."""
    start = time.time() + 0.3
    children = []
    for each in range(number):
        child = os.fork()
        if child == 0:
            answer = root / f"racer-{each}.txt"
            try:
                move_to(root / "home")
                home().make_folders()
                time.sleep(max(0.0, start - time.time()))
                answer.write_text(work(each))
            except BaseException:  # noqa: BLE001 - whatever it is, the parent has to know
                answer.write_text(traceback.format_exc())
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    return [(root / f"racer-{each}.txt").read_text() for each in range(number)]


def main() -> None:
    base = Path(sys.argv[1])
    foundation = base / "foundation"
    foundation.mkdir(parents=True)
    lay_foundation(foundation, Path(sys.argv[2]))
    for line in sys.stdin:
        trial = json.loads(line)
        run = race if trial["kind"] == "race" else try_once
        print(json.dumps(run(base / "trial", foundation, trial)), flush=True)


main()
