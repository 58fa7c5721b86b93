"""What processes that died left half done, found and put right while others are at work.

Every process that uses the installation has a marker in ``locks/processes`` and holds a lock on it, which the operating system
drops when the process ends, however that happens. Who ends in good order takes the marker away; one that nobody holds tells of
a death.
"""

import fcntl
import logging
import os
import secrets
from multiprocessing.util import Finalize
from pathlib import Path

from shirushi.core.home import blobs, home, locked, store
from shirushi.core.models import Concept, Draft
from shirushi.core.objects import (
    DatabaseOlder,
    concept_id_of,
    confirm,
    confirmation,
    head_of,
    last_version,
    set_aside_from,
)
from shirushi.core.services import disposing
from shirushi.core.services.publishing import reopen

logger = logging.getLogger(__name__)

_OLD_MARKER = "unclean"  # one for all processes, as installations had it before


def enter() -> None:
    """Note that this process uses the installation, then put right what dead ones left. Call it in every process, in forked
    ones too; a second time it does the latter only."""
    key = home().root, os.getpid()
    if key not in _present:
        _present[key] = _mark(_processes())
    clear_up()


def clear_up() -> None:
    """Put right what dead processes left, if any died. Safe at any time, in any number of processes."""
    if not _dead():
        return
    with locked("recovery"):
        dead = _dead()
        if dead and recover():
            for marker in dead:
                marker.unlink(missing_ok=True)


def recover() -> bool:
    """Put right what dead processes left in the store and on the drafts. Nothing is deleted but what was decided to go.

    Returns False when somebody was writing to an object that may have to be put right: do it again later.
    """
    reopen_drafts()
    disposing.finish_all()  # first: the store must not take an object that is half gone for one that is half made
    blobs().recover()
    store().recover()
    return not set_abandoned_aside()


def reopen_drafts() -> list[str]:
    """Open the drafts whose publishing died, and set aside what it had put into the store. Returns their ids. Who publishes
    holds the concept's lock, so a draft that is being published just now is left alone; so is one that has been published by
    what the store says: ``rebuild`` finishes it."""
    done = []
    for draft in Draft.objects.filter(state=Draft.State.PUBLISHING).select_related("concept"):
        with locked(f"concept-{draft.concept_id}", wait=False) as free:
            if free and _clear(draft.concept):
                reopen(draft)
                done.append(draft.pk)
    return done


def set_abandoned_aside() -> list[str]:
    """Set aside object versions whose transaction was never committed. Returns the objects that have such a version while
    somebody holds their lock: it may be on its way.

    An object whose concept the database has never heard of is left alone, and so is one that was committed further than the
    database knows: it is the database that is too old.
    """
    busy = []
    for object_id in list(store().objects()):
        concept = concept_of(object_id)
        if concept is None:
            continue
        with locked(f"concept-{concept.pk}", wait=False) as free:
            concept.refresh_from_db()
            if free:
                if object_id != concept.object_id:
                    _clear_rest(concept)
                elif _clear(concept):
                    confirm_known(concept)
            elif head_of(object_id) > (last_version(concept) if object_id == concept.object_id else 0):
                busy.append(object_id)
        if concept.is_disposed and object_id == concept.first_object_id:
            disposing.finish(concept)  # as an older copy of the store has it
    return busy


def clear(concept: Concept) -> None:
    """Set aside what of a concept was never committed, once nobody is writing to it."""
    with locked(f"concept-{concept.pk}"):
        concept.refresh_from_db()
        _clear(concept)
        _clear_rest(concept)


def _clear(concept: Concept) -> bool:
    """False where something was committed that the database does not know: then nothing was touched."""
    return _set_aside(concept.object_id, last_version(concept) + 1)


def _clear_rest(concept: Concept) -> None:
    """Set aside what would be left of a disposal that was never decided. Of one that the database does not know it stays."""
    if not concept.is_disposed:
        _set_aside(concept.disposed_object_id, 1)


def _set_aside(object_id: str, number: int) -> bool:
    try:
        set_aside_from(object_id, number)
    except DatabaseOlder as error:
        logger.warning("%s", error)
        return False
    return True


def confirm_known(concept: Concept) -> None:
    """Note that the newest version of a concept's object was committed, where who committed it died before noting it."""
    if (number := last_version(concept)) and not is_confirmed(concept):
        confirm(concept, number)


def is_confirmed(concept: Concept) -> bool:
    return confirmation(last_version(concept)) in store().logged(concept.object_id)


def concept_of(object_id: str) -> Concept | None:
    return Concept.objects.filter(pk=concept_id_of(object_id)).first()


# -- who is there


def _processes() -> Path:
    folder = home().locks / "processes"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _mark(folder: Path) -> Path:
    marker = folder / f"{os.getpid()}-{secrets.token_hex(4)}"
    with locked("arriving"):  # nobody looks while the marker is there and its lock is not
        descriptor = os.open(marker, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        # A lock of the process: unlike one of flock, a fork does not share it, so a child cannot keep a dead parent's.
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    # Runs at the end of any process, and at that of one made by multiprocessing, which atexit passes over; not in its forks.
    Finalize(None, marker.unlink, kwargs={"missing_ok": True}, exitpriority=0)
    return marker


def _dead() -> list[Path]:
    """The markers of processes that ended without taking them away."""
    own = set(_present.values())
    old = home().root / _OLD_MARKER
    with locked("arriving"):
        dead = [marker for marker in _processes().iterdir() if marker not in own and not _is_held(marker)]
    return [*dead, old] if old.exists() else dead


def _is_held(marker: Path) -> bool:
    try:
        descriptor = os.open(marker, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:  # left in good order just now
        return True
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


_present: dict[tuple[Path, int], Path] = {}  # by home and process: a fork is another process
