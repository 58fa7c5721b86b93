"""Looks for everything that the ledgers of the clients say was acknowledged. Prints ``{"counted": {...}, "wrong": [...]}``.

usage: verify.py LEDGER ..., in the environment of an installation that nobody uses any more. What a client tried and was not
answered may have happened or not; what was acknowledged must have.
"""

import hashlib
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from shirushi.cli.instance import open_instance

open_instance()

from django.conf import settings  # noqa: E402
from django.db.models import Count  # noqa: E402
from django_tasks_db.models import DBTaskResult  # noqa: E402

from shirushi.core import followers  # noqa: E402
from shirushi.core.check import check  # noqa: E402
from shirushi.core.home import blobs, engine, home, store  # noqa: E402
from shirushi.core.models import (  # noqa: E402
    Concept,
    Decision,
    DescribeRun,
    Draft,
    DraftFile,
    Event,
    FeedEntry,
    FollowerFailure,
    HarvestEntry,
    Identifier,
    Record,
    RecordFile,
    Series,
)

wrong: list[str] = []
counted: Counter[str] = Counter()


def see(condition: object, words: str) -> None:
    if not condition:
        wrong.append(words)


def main() -> None:
    rows = [json.loads(line) for ledger in sys.argv[1:] for line in Path(ledger).read_text("utf-8").splitlines()]
    for row in rows:
        counted[row["kind"]] += 1
        if row["kind"] == "broken":
            wrong.append(row["words"])
    see(counted["end"] == len(sys.argv) - 1, f"{len(sys.argv) - 1 - counted['end']} clients did not come to their end")
    look_at_drafts(rows)
    look_at_records(rows)
    look_at_the_whole()
    print(json.dumps({"counted": counted, "wrong": wrong}, ensure_ascii=False))


def look_at_drafts(rows: list[dict[str, Any]]) -> None:
    drafts = set(Draft.objects.values_list("pk", flat=True))
    decisions = dict(Decision.objects.filter(action="type").values_list("pk", "draft_id"))
    runs = dict(DescribeRun.objects.values_list("pk", "state"))
    for row in rows:
        if row["kind"] == "draft":
            see(row["draft"] in drafts, f"lost: draft {row['draft']}")
        elif row["kind"] == "decision":
            see(decisions.get(row["decision"]) == row["draft"], f"lost: decision {row['decision']} on {row['draft']}")
        elif row["kind"] == "run":
            see(runs.get(row["run"]) in ("done", "failed"), f"reading {row['run']} is {runs.get(row['run'])}")
    for (draft, path), may in last_words(rows, "path").items():
        file = DraftFile.objects.filter(draft=draft, path=path).first()
        here = file.sha256 if file else None
        see(here in may, f"lost: {draft}/{path} is {here}, not {may}")
        if here is not None:
            see(blobs().sound(here), f"lost: the bytes of {draft}/{path} ({here})")
            counted["bytes looked at"] += file.size if file else 0
    for (draft, field), may in last_words(rows, "field").items():
        held = Draft.objects.get(pk=draft).metadata.get(field)
        texts = [one.get("text") or one.get("name") or one.get("id") for one in held or []]
        see(texts in may, f"lost: {draft} has {texts} in {field}, not {may}")


def last_words(rows: list[dict[str, Any]], of: str) -> dict[tuple[str, str], list[Any]]:
    """What each place of a draft may hold: what was acknowledged last, or anything tried since."""
    may: defaultdict[tuple[str, str], list[Any]] = defaultdict(lambda: [None])
    for row in rows:
        if of not in row or "draft" not in row:
            continue
        place = row["draft"], row[of]
        if of == "path":
            value = row.get("sha256")
        else:
            value = [one.get("text") or one.get("name") or one.get("id") for one in row["value"]]
        if row["kind"].startswith("trying"):
            may[place].append(value)
        else:
            may[place] = [value]
    return may


def look_at_records(rows: list[dict[str, Any]]) -> None:
    withdrawn = {row["record"] for row in rows if row["kind"] == "withdrawn"}
    tried = {row["record"] for row in rows if row["kind"] == "trying-withdrawal"}
    known: dict[str, str] = {}
    for row in rows:
        if row["kind"] != "published":
            continue
        see(known.setdefault(row["draft"], row["record"]) == row["record"], f"{row['draft']} has two records")
        record = Record.objects.filter(pk=row["record"]).first()
        if record is None:
            wrong.append(f"lost: record {row['record']}")
            continue
        see(record.draft.pk == row["draft"], f"{record.pk} belongs to {record.draft.pk}, not {row['draft']}")
        see(record.identifiers.filter(value=row["identifier"]).exists(), f"lost: identifier {row['identifier']}")
        see(record.is_withdrawn or record.pk not in withdrawn, f"lost: the withdrawal of {record.pk}")
        see(not record.is_withdrawn or record.pk in tried, f"{record.pk} was withdrawn by nobody")
        files = dict(RecordFile.objects.filter(record=record).values_list("path", "sha256"))
        see(files == row["files"], f"{record.pk} holds other files than were acknowledged: {files} {row['files']}")
        for path, sha256 in files.items():
            with store().open(record.object_id, f"files/{path}", record.object_version) as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
            see(digest == sha256, f"{record.pk}/{path}: the store holds other bytes")
            counted["published files read"] += 1


def look_at_the_whole() -> None:
    twice = Event.objects.filter(type="record.published").values("record_id").annotate(n=Count("pk")).filter(n__gt=1)
    wrong.extend(f"{row['record_id']} was published {row['n']} times" for row in twice)
    numbers = {
        "events of publishing": Event.objects.filter(type="record.published").count(),
        "counted": sum(Series.objects.filter(name="records.published", subject="").values_list("value", flat=True)),
        "identifiers": Identifier.objects.exclude(record=None).count(),
        "harvested": HarvestEntry.objects.filter(set__spec="").count(),
    }
    for name, number in numbers.items():
        see(number == Record.objects.count(), f"{name}: {number}, of {Record.objects.count()} records")
    told = Event.objects.filter(type__in=["record.published", "record.withdrawn"]).count()
    see(FeedEntry.objects.count() == told, f"the feed tells of {FeedEntry.objects.count()}, of {told}")
    standing = Concept.objects.filter(records__withdrawn_at=None, records__isnull=False).distinct().count()
    see(engine().count() == standing, f"the index holds {engine().count()}, of {standing}")
    for name in followers.FOLLOWERS:
        see(followers.behind(name) == 0, f"{name} is {followers.behind(name)} events behind")
    wrong.extend(f"cannot be followed: {failure}" for failure in FollowerFailure.objects.all())
    wrong.extend(f"a job is {row.status}: {row.task_path}" for row in DBTaskResult.objects.filter(status__in=["READY", "RUNNING"]))  # fmt: skip
    wrong.extend(f"half published: {draft.pk}" for draft in Draft.objects.filter(state="publishing"))
    counted["jobs failed"] = DBTaskResult.objects.filter(status="FAILED").count()
    for finding in check():
        counted[f"check: {finding.severity}"] += 1
        if finding.severity == "error":
            wrong.append(f"check: {finding}")
    look_at_ocfl()
    counted["records"] = Record.objects.count()
    counted["events"] = Event.objects.count()


def look_at_ocfl() -> None:
    """By somebody else's validator (ocfl-py), where the store is a folder."""
    if settings.SHIRUSHI_STORE or not home().store.exists():
        return
    from ocfl.validator import Validator

    for place in home().store.rglob("0=ocfl_object_1.*"):
        judge = Validator()
        see(judge.validate_object(str(place.parent)), f"OCFL: {place.parent}: {judge.status_str()}")
        counted["OCFL objects judged"] += 1


main()
