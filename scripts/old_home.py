#!/usr/bin/env python3
"""A home as shirushi 0.1 left it, made by the code of that time: the state in which the main job was finished.

usage: python scripts/old_home.py HOME

Takes the code from the tag v0.1 of this clone's history (or from the commit that it stands for), runs it in today's environment, and
prints as JSON what it said of its records. HOME must not be there yet. Exit code 2: the history is not here (a shallow clone, an archive).
"""

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMMIT = "c9aa789d5900c278d71caaa54072f46f696cc339"  # v0.1
MAKING = r"""
import json, sys
import shirushi
assert shirushi.__file__.startswith(sys.argv[1]), shirushi.__file__
from shirushi.cli.instance import open_instance
open_instance()
from shirushi.accounts.actors import person
from shirushi.accounts.models import Membership, Role, Space, Token, User
from shirushi.core import followers, jobs, services
from shirushi.core.check import check
from shirushi.core.documents import publication_of
from shirushi.core.models import Decision, Event, Record
from shirushi.exchange.errors import NotExportable
from shirushi.exchange.formats import FORMATS

space = Space.objects.create(slug="uni", name_en="Example University", name_ja="例大学")
user = User.objects.create_user("hanako@example.org", "a long password", name="見本 花子")
for role in Role.values:
    Membership.objects.create(space=space, user=user, role=role)
by = person(user)
README = "# Water levels of {}\n\nHourly water levels, measured in 2021 at two gauges by Hanako Yamada.\n\nLicence: CC-BY-4.0\n"
FIELDS = {
    "creators": [{"name": "Yamada, Hanako", "orcid": "0000-0002-1825-0097"}, {"name": "鈴木 一郎"}],
    "descriptions": [{"text": "Hourly water levels.", "lang": "en"}],
    "rights": [{"id": "CC-BY-4.0"}], "subjects": [{"text": "水位", "lang": "ja"}],
}

def described(lake):
    draft = services.create_draft(space=space, by=by, name=lake)
    services.put_file(draft=draft, path="README.md", content=README.format(lake).encode(), by=by)
    services.put_file(draft=draft, path="data/水位.csv", content=f"time,level (m)\n2021-01-01,{len(lake)}\n2021-01-02,2.5\n".encode(), by=by)
    run = services.start_describing(draft=draft, by=by)
    jobs.run_description(run.pk)
    draft.refresh_from_db()
    return draft

def fill(draft, **more):
    for field, value in {**FIELDS, **more}.items():
        draft.refresh_from_db()
        services.edit_field(draft=draft, field=field, value=value, by=by, at_version=draft.version)
    draft.refresh_from_db()
    return draft

def publish(lake, **more):
    draft = fill(described(lake), titles=[{"text": f"Water levels of {lake}", "lang": "en"}], **more)
    services.accept_above(draft=draft, threshold=0.9, by=by, at_version=draft.version)
    draft.refresh_from_db()
    return services.publish(draft=draft, by=by, at_version=draft.version)

suwa = publish("Lake Suwa", version="1.0")
again = services.new_version(record=suwa, by=by)
services.put_file(draft=again, path="data/more.csv", content=b"a\n1\n", by=by)
again = fill(again, version="1.1")
newer = services.publish(draft=again, by=by, at_version=again.version)
biwa = publish("Lake Biwa")
services.withdraw(record=biwa, reason="The gauge was broken.", by=by)
going = described("Lake Towada")  # decisions of each kind, one undone, the rest open
first = going.suggestions.order_by("pk").first()
services.decide(suggestion=first, action="accept", by=by, at_version=going.version)
going.refresh_from_db()
fill(going, titles=[{"text": "Levels"}])
services.undo(draft=going, by=by, at_version=going.version)
thrown = services.create_draft(space=space, by=by, name="thrown away")
services.discard_draft(draft=thrown, by=by)
waiting = services.create_draft(space=space, by=by, name="being read")  # its reading is queued when the old server stops
services.put_file(draft=waiting, path="README.md", content=README.format("Lake Tazawa").encode(), by=by)
services.start_describing(draft=waiting, by=by)
secret = Token.objects.issue(user=user, name="script", scopes=["read", "deposit", "decide", "publish"])[1]
while followers.follow_all():
    pass

def export(one, record):
    try:
        return one.render(publication_of(record)).decode()
    except NotExportable as error:
        return f"not exportable: {error}"

print(json.dumps({
    "token": secret, "going": going.pk, "waiting": waiting.pk, "thrown": thrown.pk, "suwa": suwa.pk, "newer": newer.pk, "biwa": biwa.pk,
    "exports": {f"{record.pk} {name}": export(one, record) for record in Record.objects.order_by("pk") for name, one in FORMATS.items()},
    "documents": {record.pk: record.document for record in Record.objects.order_by("pk")},
    "decisions": Decision.objects.count(), "events": Event.objects.count(),
    "wrong": [str(finding) for finding in check() if finding.severity == "error"],
}))
"""


def commit() -> str | None:
    """What v0.1 is in this history, or None."""
    for name in ("v0.1", COMMIT):
        found = git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        if found.returncode == 0:
            return found.stdout.decode().strip()
    return None


def make(home: Path, known: str) -> dict[str, object]:
    """Make the home by the code of the commit ``known``; what that said of it."""
    with tempfile.TemporaryDirectory() as folder:
        archive = git("archive", known, "src")
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
            tar.extractall(folder, filter="data")
        code = Path(folder).resolve() / "src"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SHIRUSHI_", "DJANGO_"))}
        environment = {**kept, "SHIRUSHI_HOME": str(home), "PYTHONPATH": str(code)}
        command = [sys.executable, "-c", MAKING, str(code)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=folder)
        if done.returncode:
            raise RuntimeError(f"the code of {known} failed:\n{done.stderr[-3000:]}")
        told: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
        return told


def git(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        return subprocess.CompletedProcess(arguments, 127, b"", b"")


def main() -> int:
    home = Path(sys.argv[1]).resolve()
    if home.exists():
        raise SystemExit(f"{home} is there already")
    known = commit()
    if known is None:
        print("v0.1 is not in this history", file=sys.stderr)
        return 2
    print(json.dumps(make(home, known), ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
