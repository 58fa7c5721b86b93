"""``shirushi retention``: the records whose retention is over, and disposing of one."""

import argparse
import json
from typing import TYPE_CHECKING

from shirushi.cli import CommandError
from shirushi.cli.records import actor, spoken

if TYPE_CHECKING:
    from shirushi.core.retention import Kept


@spoken
def listing(arguments: argparse.Namespace) -> int:
    """Print what waits for a decision, or what the state says, page by page until the end."""
    from shirushi.core import retention

    by, after, told = actor(arguments.by), "", 0
    while True:
        page = retention.listed(by=by, state=arguments.state, after=after, limit=200)
        for one in page.items:
            told += 1
            if arguments.json:
                print(json.dumps(_to_json(one), ensure_ascii=False))
            else:
                print(_line(one))
        after = page.following
        if not after:
            break
    if not told and not arguments.json:
        print("nothing")
    return 0


@spoken
def dispose(arguments: argparse.Namespace) -> int:
    """Decide it and take the bytes away now; exit 1 when some have to wait."""
    from shirushi.core.models import Record
    from shirushi.core.services import disposing

    by = actor(arguments.by)
    record = Record.objects.select_related("concept", "space").filter(pk=arguments.record).first()
    if record is None:
        raise CommandError(f"there is no record {arguments.record}")
    if not arguments.yes:
        raise CommandError("the files of all versions would go for good. Say --yes when that is meant.")
    seen = record.concept.retain_until
    disposal = disposing.dispose(record=record, reason=arguments.reason, by=by, seen=seen)
    print(f"{record.pk}: {disposal.files:,} files, {disposal.size:,} bytes are disposed of")
    if disposing.finish(disposal.concept):
        print("all of them are gone; backups hold them until they are replaced")
        return 0
    print("some came within the last hour, or are in use: the worker, or this command again, takes them away later")
    return 1


def _line(one: "Kept") -> str:
    marks = ", held" * (one.hold is not None) + ", a draft is open" * one.is_continued
    if one.disposal:
        marks += ", gone" if one.disposal.finished_at else ", going"
    return f"{one.record.pk}  {one.until}  {one.versions} versions, {one.files:,} files, {one.size:,} bytes{marks}  {one.record.title}"


def _to_json(one: "Kept") -> dict[str, object]:
    return {
        "record": one.record.pk,
        "title": one.record.title,
        "versions": one.versions,
        "retain_until": one.until and one.until.isoformat(),
        "why": one.why,
        "files": one.files,
        "size": one.size,
        "held": one.hold is not None,
        "draft_open": one.is_continued,
        "disposed": one.disposal and one.disposal.decided_at.isoformat(),
    }
