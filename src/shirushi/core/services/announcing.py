"""Files that a program says it will send before it does, as InvenioRDM's clients do, so that it does not publish while one of them
is on its way. And drafts whose record keeps their id."""

from collections.abc import Sequence

from django.db import transaction

from shirushi.accounts.actors import Actor
from shirushi.core import rules
from shirushi.core.locking import hold, why_not
from shirushi.core.models import AnnouncedFile, Draft
from shirushi.core.paths import clean_path


def announced(draft: Draft) -> list[str]:
    """The paths of files that are on their way, in the order in which they were announced. One query."""
    return list(draft.announced_files.values_list("path", flat=True))


@transaction.atomic
def announce_files(*, draft: Draft, paths: Sequence[str], by: Actor) -> None:
    """Note that these files will come. To announce one again changes nothing.

    Raises:
        NotAllowed, Conflict: the draft may not be changed (any more).
        Invalid: a name that cannot be kept. None was noted.
    """
    rules.require(by, "fill-draft", draft)
    wanted = dict.fromkeys(clean_path(path) for path in paths)
    hold(draft)
    if not Draft.objects.filter(pk=draft.pk, state=Draft.State.OPEN).exists():
        raise why_not(draft)
    AnnouncedFile.objects.bulk_create(
        [AnnouncedFile(draft=draft, path=path) for path in wanted], batch_size=500, ignore_conflicts=True
    )


def arrived(*, draft: Draft, path: str, by: Actor) -> None:
    """Note that a file is complete, or will not come.

    Raises:
        NotAllowed: ``by`` may not fill the draft.
    """
    rules.require(by, "fill-draft", draft)
    draft.announced_files.filter(path=path).delete()


@transaction.atomic
def keep_id(*, draft: Draft, by: Actor) -> None:
    """Have the record published under the draft's own id, for programs that know only one id for both. Nothing changes for a draft
    whose publishing has begun.

    Raises:
        NotAllowed: ``by`` may not fill the draft.
    """
    rules.require(by, "fill-draft", draft)
    Draft.objects.filter(pk=draft.pk, state=Draft.State.OPEN, reserved={}).update(reserved={"record": draft.pk})
    draft.refresh_from_db()
