"""Decisions of installations that kept the whole field before and after each."""

import os
import subprocess
import sys

from shirushi.core.tests import databases

SCRIPT = """
import json, sys
import django
django.setup()
from django.core.management import call_command
from django.db import DatabaseError, connection
call_command("migrate", "core", "0002", verbosity=0)
call_command("migrate", "accounts", verbosity=0)
from shirushi.accounts.actors import person
from shirushi.accounts.models import Membership, Role, Space, User
space = Space.objects.create(slug="uni", name_en="U", name_ja="大")
user = User.objects.create_user("a@example.org", None, name="A")
Membership.objects.create(space=space, user=user, role=Role.CURATOR)
from django.utils import timezone
from django.db.migrations.executor import MigrationExecutor
then = MigrationExecutor(connection).loader.project_state(("core", "0002_append_only")).apps
Concept, Draft = then.get_model("core", "Concept"), then.get_model("core", "Draft")
concept = Concept.objects.create(space_id=space.pk)
names = lambda *all: [{"name": one} for one in all]
metadata = {"creators": names("a", "x", "c"), "version": "2"}
draft = Draft.objects.create(space_id=space.pk, owner_id=user.pk, concept=concept, metadata=metadata)
rows = [
    ("creators", "type", names("a"), [], names("a"), ""),
    ("creators", "type", names("a", "b", "c"), names("a"), names("a", "b", "c"), "g"),
    ("creators", "type", names("a", "x", "c"), names("a", "b", "c"), names("a", "x", "c"), "g"),
    ("version", "type", "1", None, "1", ""),
    ("version", "type", "2", "1", "2", ""),
]
with connection.cursor() as cursor:
    for field, action, value, before, after, group in rows:
        data = [json.dumps(part) for part in (value, before, after)]
        cursor.execute(
            'INSERT INTO core_decision (draft_id, field, action, value, "before", "after", states, actor, at, "group") '
            "VALUES (%s, %s, %s, %s, %s, %s, '[]', '{}', %s, %s)",
            [draft.pk, field, action, *data, timezone.now(), group],
        )
call_command("migrate", verbosity=0)
from shirushi.core import services
from shirushi.core.models import Decision, Draft
draft = Draft.objects.get()
for statement in ("UPDATE core_decision SET field = 'x'", "DELETE FROM core_decision"):
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
        print("changed!")
    except DatabaseError:
        pass
print(json.dumps(list(Decision.objects.values_list("position", "removed", "added", "value"))))
for _ in range(4):
    services.undo(draft=draft, by=person(user), at_version=draft.version)
    draft.refresh_from_db()
    print(json.dumps(draft.metadata, sort_keys=True))
"""


def test_old_decisions_are_kept_as_changes_and_can_be_undone(tmp_path) -> None:
    environment = {**os.environ, "SHIRUSHI_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "shirushi.web.settings"}
    environment |= databases.environment(tmp_path)
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        (
            '[[0, [], [{"name": "a"}], null], [1, [], [{"name": "b"}, {"name": "c"}], null], '
            '[1, [{"name": "b"}], [{"name": "x"}], null], [0, [], ["1"], "1"], [0, ["1"], ["2"], "2"]]'
        ),
        '{"creators": [{"name": "a"}, {"name": "x"}, {"name": "c"}], "version": "1"}',
        '{"creators": [{"name": "a"}, {"name": "x"}, {"name": "c"}]}',
        '{"creators": [{"name": "a"}]}',
        "{}",
    ], done.stderr
