"""What PRONOM calls the formats of a draft's files, kept with them: found after the reading, in a job of its own."""

from dataclasses import asdict

from django.db import transaction

from shirushi.core.home import blobs
from shirushi.core.locking import hold
from shirushi.core.models import DescribeRun, Draft, DraftFile
from shirushi.core.values import JSON
from shirushi.describe import pronom
from shirushi.describe.description import Problem

MOST = 500  # files of one job, so that a large draft does not keep others from being read


def find_formats(run: DescribeRun, *, most: int = MOST) -> int:
    """Look up at most ``most`` files of the run's draft in PRONOM, those alone whose bytes have not been looked at yet. What
    failed, and conflicts with our own media types, goes to the run's problems. Gives how many files were looked at; doing it
    twice changes nothing."""
    draft = run.draft
    if draft.state != Draft.State.OPEN or not pronom.is_installed():
        return 0
    new = [file for file in draft.files.all() if (file.pronom or {}).get("of") != file.sha256][:most]
    problems: list[Problem] = []
    with blobs().held({file.sha256 for file in new}) as paths:
        asked = [(file.path, paths[file.sha256], file.media_type) for file in new]
        formats = pronom.formats_of(asked, problems) if asked else {}
    with transaction.atomic():
        hold(draft)
        for file in new:
            found = formats.get(file.path)
            kept: dict[str, JSON] = {**(asdict(found) if found else {}), "of": file.sha256}
            # A file that was replaced or taken out meanwhile waits for its own reading.
            DraftFile.objects.filter(pk=file.pk, sha256=file.sha256).update(pronom=kept)
        _note_problems(run, [item for item in problems if item.code != pronom.CONFLICT])
    return len(new)


def _note_problems(run: DescribeRun, others: list[Problem]) -> None:
    """The conflicts of all files, also of those that an earlier job looked at, and what failed in this one."""
    conflicts = [
        conflict
        for file in run.draft.files.all()
        if file.pronom and file.pronom.get("puid") and file.pronom.get("of") == file.sha256
        if (conflict := _format(file.pronom).problem(file.path, file.media_type))
    ]
    run.refresh_from_db()
    told = [item for item in run.problems if item["code"] != pronom.CONFLICT]
    run.problems = told + [asdict(item) for item in (*others, *conflicts) if asdict(item) not in told]
    run.save(update_fields=["problems"])


def _format(kept: dict[str, JSON]) -> pronom.Format:
    values = {name: item for name, item in kept.items() if name != "of"}
    return pronom.Format(**{**values, "conflict": tuple(values.get("conflict", ()))})
