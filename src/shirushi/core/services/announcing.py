"""Files that a program says it will send before it does, as InvenioRDM's clients do, so that it does not publish while one of them
is on its way. And drafts whose record keeps their id."""

from collections.abc import Callable, Sequence

from django.db import transaction

from shirushi.accounts.actors import Actor
from shirushi.core import rules
from shirushi.core.locking import why_not
from shirushi.core.models import Draft
from shirushi.core.paths import clean_path

_ANNOUNCED = "announced"


def announced(draft: Draft) -> list[str]:
    """The paths of files that are on their way, in the order in which they were announced."""
    return list(draft.reserved.get(_ANNOUNCED, []))


@transaction.atomic
def announce_files(*, draft: Draft, paths: Sequence[str], by: Actor) -> list[str]:
    """Note that these files will come. Returns all that are on their way.

    Raises:
        NotAllowed, Conflict: the draft may not be changed (any more).
        Invalid: a name that cannot be kept. None was noted.
    """
    rules.require(by, "fill-draft", draft)
    wanted = [clean_path(path) for path in paths]
    return _set(draft, lambda known: [*known, *(path for path in dict.fromkeys(wanted) if path not in known)])


@transaction.atomic
def arrived(*, draft: Draft, path: str, by: Actor) -> list[str]:
    """Note that a file is complete, or will not come. Returns those that are still on their way."""
    rules.require(by, "fill-draft", draft)
    return _set(draft, lambda known: [each for each in known if each != path])


@transaction.atomic
def keep_id(*, draft: Draft, by: Actor) -> None:
    """Have the record published under the draft's own id, for programs that know only one id for both. Nothing changes for a draft
    whose publishing has begun."""
    rules.require(by, "fill-draft", draft)
    locked = Draft.objects.select_for_update().get(pk=draft.pk)
    if "record" not in locked.reserved:
        draft.reserved = locked.reserved | {"record": draft.pk}
        Draft.objects.filter(pk=draft.pk, state=Draft.State.OPEN).update(reserved=draft.reserved)


def _set(draft: Draft, change: Callable[[list[str]], list[str]]) -> list[str]:
    locked = Draft.objects.select_for_update().get(pk=draft.pk)
    if locked.state != Draft.State.OPEN:
        raise why_not(draft)
    paths = change(announced(locked))
    draft.reserved = {**locked.reserved, _ANNOUNCED: paths}
    Draft.objects.filter(pk=draft.pk).update(reserved=draft.reserved)
    return paths
