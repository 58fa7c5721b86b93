"""What has to be right before an installation is used: folders, what a crash left, jobs, followers."""

import atexit
import fcntl
import os
from pathlib import Path

from shirushi.core import followers, jobs
from shirushi.core.home import blobs, home, locked, store
from shirushi.core.models import Concept, Draft
from shirushi.core.objects import last_version, set_aside_from
from shirushi.core.services.publishing import reopen

_UNCLEAN = (
    "unclean"  # there while somebody uses the installation; still there at start: somebody ended without saying so
)


def prepare() -> None:
    """Make the installation ready: call it at the start of every process that uses it, after the migrations.

    Only the first process of all repairs what a crash may have left, and only when there was one: looking through a large store
    takes its time. The others find everything in order, or in use.
    """
    home().make_folders()
    if _arrive():
        recover()
    jobs.requeue_dead()
    followers.follow_all()


def recover() -> None:
    """Put right what processes that died left in the store and on the drafts. Nothing is deleted."""
    blobs().recover()
    store().recover()
    reopen_drafts()
    set_abandoned_aside()


def reopen_drafts() -> list[str]:
    """Open the drafts whose publishing died, and set aside what it had put into the store. Returns their ids."""
    done = []
    for draft in Draft.objects.filter(state=Draft.State.PUBLISHING).select_related("concept"):
        with locked(f"concept-{draft.concept_id}", wait=False) as free:
            if free:
                set_aside_from(draft.concept.object_id, last_version(draft.concept) + 1)
                reopen(draft)
                done.append(draft.pk)
    return done


def set_abandoned_aside() -> list[tuple[str, int]]:
    """Set aside object versions whose transaction was never committed. Returns their object ids and numbers.

    An object whose concept the database has never heard of is left alone: it may be the database that is too old.
    """
    done = []
    for object_id in list(store().objects()):
        concept = concept_of(object_id)
        if concept is None:
            continue
        with locked(f"concept-{concept.pk}", wait=False) as free:
            if free:
                done += [(object_id, number) for number in set_aside_from(object_id, last_version(concept) + 1)]
    return done


def concept_of(object_id: str) -> Concept | None:
    return Concept.objects.filter(pk=object_id.removeprefix("urn:shirushi:")).first()


def _arrive() -> bool:
    """Note that this process uses the installation. Returns whether a crash has to be cleared up, and by us."""
    known = _presence.get(home().root)
    if known is not None:
        return False
    descriptor = os.open(home().locks / "instance", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    _presence[home().root] = descriptor
    marker = home().root / _UNCLEAN
    alone = _try_lock(descriptor, fcntl.LOCK_EX)
    must_recover = alone and marker.exists()
    marker.touch()
    _try_lock(descriptor, fcntl.LOCK_SH)
    atexit.register(_leave, descriptor, marker, os.getpid())
    return must_recover


def _leave(descriptor: int, marker: Path, process: int) -> None:
    """The last one to leave in good order takes the marker down."""
    if os.getpid() == process and _try_lock(descriptor, fcntl.LOCK_EX):
        marker.unlink(missing_ok=True)
    os.close(descriptor)


def _try_lock(descriptor: int, mode: int) -> bool:
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


_presence: dict[Path, int] = {}
