"""The database is lost: everything published comes back from the object store alone, and every export byte for byte."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shirushi.core.tests import databases

# Each part runs in a process of its own: the second one on an empty database beside the same store.
COMMON = """
import json, sys
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from shirushi.accounts.actors import person
from shirushi.accounts.models import Membership, Role, Space, User
from datetime import UTC, date, datetime
from shirushi.core import deadlines, setup, services, followers
from shirushi.core.check import check
from shirushi.core.documents import publication_of
from shirushi.core.home import engine, store
from shirushi.core.models import *
from shirushi.core.models import Answer, Decision, Event, FeedEntry, Identifier, Record, RecordFile
from shirushi.exchange.errors import NotExportable
from shirushi.exchange.formats import FORMATS
from shirushi.metadata.work import Access
from shirushi.search.query import Query
setup.prepare(even_if_old=True)

def told():
    exports = {}
    for record in Record.objects.order_by("pk"):
        for name, one in FORMATS.items():
            try:
                exports[f"{record.pk} {name}"] = one.render(publication_of(record)).hex()
            except NotExportable as error:
                exports[f"{record.pk} {name}"] = str(error)
    people = {"published_by_id", "owner_id", "withdrawn_by_id"}
    rows = lambda model, *out: sorted(
        json.dumps({k: v for k, v in row.items() if k not in out}, sort_keys=True, default=str)
        for row in model.objects.values()
    )
    hits = engine().search(Query(text="water"))
    return {
        "exports": exports,
        "records": rows(Record, *people),
        "files": rows(RecordFile, "id"),
        "identifiers": sorted(map(str, Identifier.objects.values_list("scheme", "value", "record", "concept", "state"))),
        "decisions": rows(Decision, "suggestion_id", "states", "by_id"),
        "answers": rows(Answer, "id", "by_id"),
        "events": sorted(
            [e.type, e.record_id, e.at.isoformat(timespec="seconds") if "ended" not in e.type else "", str(e.payload)]
            for e in Event.objects.filter(type__startswith="record.")
        ),
        "harvest": sorted(
            [e.record_id, e.set.spec, e.datestamp.isoformat(), e.deleted] for e in HarvestEntry.objects.select_related("set")
        ),
        "deadlines": [[d.record_id, str(d.day), d.done_at is not None] for d in Deadline.objects.all()],
        "feed": [[e.record_id, e.kind] for e in FeedEntry.objects.order_by("event_id")],
        "found": sorted((hit.id, hit.document["titles"][0]["text"]) for hit in hits.items),
        "provenance": [r.document["provenance"] for r in Record.objects.order_by("pk")],
        "access": [r.access_now.rights for r in Record.objects.order_by("pk")],
        "drafts": sorted(map(str, Draft.objects.filter(state="published").values_list("pk", "record"))),
        "check": [str(finding) for finding in check() if finding.severity == "error"],
    }
"""
MAKE = (
    COMMON
    + """
space = Space.objects.create(slug="uni", name_en="Example University", name_ja="例大学")
user = User.objects.create_user("a@example.org", None, name="A")
Membership.objects.create(space=space, user=user, role=Role.CURATOR)
by = person(user)
fields = {
    "creators": [{"name": "Yamada, Hanako"}], "descriptions": [{"text": "Water levels."}], "rights": [{"id": "CC0-1.0"}],
}
def fill(draft, **more):
    for field, value in {**fields, **more}.items():
        draft.refresh_from_db()
        services.edit_field(draft=draft, field=field, value=value, by=by, at_version=draft.version)
    draft.refresh_from_db()
    return draft
def publish(title, content, **more):
    draft = services.create_draft(space=space, by=by, name=title)
    services.put_file(draft=draft, path="data/水位.csv", content=content, by=by)
    for name in ("end", " end", "end ", "\u3000全角/a.csv", "\u00a0"):  # names that differ by the blanks at their ends
        services.put_file(draft=draft, path=name, content=content + name.encode(), by=by)
    fill(draft, titles=[{"text": title}], **more, version="1")
    services.undo(draft=draft, by=by, at_version=draft.version)
    draft.refresh_from_db()
    Answer.objects.create(
        concept=draft.concept, draft=draft, item=title, category="e-mail", path="data/水位.csv",
        sha256=draft.files.get(path="data/水位.csv").sha256, answer="consented", actor=by.to_json(), by=user,
    )
    return services.publish(draft=draft, by=by, at_version=draft.version)
one = publish("Water levels of Lake Suwa", b"a,b\\n1,2\\n")
two = publish("Water temperatures", b"c\\n3\\n")
three = publish("Rain water", b"d\\n4\\n", access={"rights": "embargoed", "until": "2027-01-01"})
renewed = services.publish(draft=(d := fill(services.new_version(record=one, by=by), version="2")), by=by, at_version=d.version)
services.withdraw(record=one, reason="Wrong.", by=by)
followers.follow_all()
assert deadlines.keep_due(date(2027, 1, 1)) == 1
followers.follow_all()
HarvestEntry.objects.update(datestamp=datetime(2099, 2, 3, 4, 5, 6, tzinfo=UTC))  # at another time than now
followers.rebuild("datestamps")
services.change_access(record=two, access=Access(rights="restricted", note="Ask."), by=by)
followers.follow_all()
print(json.dumps(told()))
"""
)
AGAIN = (
    COMMON
    + """
from dataclasses import asdict
from shirushi.core.rebuilding import rebuild
results = [asdict(rebuild()) for _ in range(2)]
print(json.dumps([results, told()]))
"""
)


def run(script: str, home: Path) -> object:
    environment = {**os.environ, "SHIRUSHI_HOME": str(home), "DJANGO_SETTINGS_MODULE": "shirushi.web.settings"}
    environment |= databases.environment(home)
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def made(foundation, tmp_path_factory):
    home = databases.copy_home(foundation, tmp_path_factory.mktemp("rebuilt") / "home")
    return home, run(MAKE, home)


def test_everything_published_comes_back(made) -> None:
    home, before = made
    assert before["check"] == []
    assert len(before["found"]) == 3
    databases.forget(home)
    (first, second), after = run(AGAIN, home)
    assert (first["records"], first["tombstones"], first["spaces"]) == (4, 1, ["uni"])
    assert (first["unconfirmed"], first["unreadable"]) == ([], [])
    assert (second["records"], second["known"], second["tombstones"]) == (0, 4, 0)
    for part, held in before.items():
        assert after[part] == held, part


def test_version_that_nobody_was_promised_is_told_and_left_alone(made, tmp_path) -> None:
    home, _before = made
    databases.forget(home)
    last = sorted(home.glob("store/**/logs/committed-v1"))
    alone = [note for note in last if not (note.parent / "committed-v2").exists()]
    assert len(alone) == 1
    alone[0].unlink()
    (first, _second), after = run(AGAIN, home)
    assert first["records"] == 3
    assert [number for _name, number in first["unconfirmed"]] == [1]
    assert len(after["records"]) == 3
