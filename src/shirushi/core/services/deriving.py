"""Derived files of published records, made in the background: tables as Parquet, arrays as Zarr.

They are no part of what was published: they lie apart, may go at any time, and are made again from it. The row of a record's
:class:`~shirushi.core.models.Derivation` is the queue. File by file the bytes are stored first, then the rows in one transaction, so that
a worker that dies leaves whole files and no half ones; whoever goes on skips what is done.
"""

import hashlib
import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from shirushi import __version__
from shirushi.core.home import derived, home, locked
from shirushi.core.models import Derivation, DerivedFile, Record, RecordFile
from shirushi.core.stored import path_of
from shirushi.describe.derive import METHOD, PARQUET, Left, Made, derive, is_derivable, workers
from shirushi.describe.isolate import Pool
from shirushi.storage import StorageError

MOST_ATTEMPTS = 3
MOST_FILES = 2_000  # of one record
_AT_ONCE = 500  # rows looked up together
_UNNEEDED = 3600  # seconds after which bytes that no row names are given up
_WAITING = (Derivation.State.QUEUED, Derivation.State.RUNNING)
_DIED = "Making derived files ended unexpectedly three times at this record."

Tell = Callable[[str, int], None]


def queue(records: Sequence[str]) -> None:
    """Have derived files made of records that stand and have none yet. Part of the caller's transaction."""
    known = Record.objects.filter(pk__in=records, withdrawn_at=None, derivation=None).values_list("pk", flat=True)
    Derivation.objects.bulk_create([Derivation(record_id=pk) for pk in known], ignore_conflicts=True)


def queue_again(record: Record) -> None:
    """Have a record's derived files made again whose bytes are gone; nothing while that is under way."""
    over = Derivation.objects.filter(record=record).exclude(state__in=_WAITING)
    over.update(state=Derivation.State.QUEUED, attempts=0, created_at=timezone.now())


def forget(records: Sequence[str] | None = None) -> None:
    """Forget the derived files of these records, or of all; their bytes are given up by :func:`clear`."""
    for rows in (DerivedFile.objects.all(), Derivation.objects.all()):
        (rows if records is None else rows.filter(record__in=records)).delete()


def derive_next() -> bool:
    """Make the derived files of the record that waits longest and that nobody is at. Returns whether there was one."""
    for pk in Derivation.objects.filter(state__in=_WAITING).values_list("pk", flat=True)[:50]:
        with locked(f"derive-{pk}", wait=False) as ours:
            if ours and _carry_out(pk):
                (home().locks / f"derive-{pk}").unlink(missing_ok=True)
                return True
    return False


def derive_record(record: Record, *, tell: Tell = lambda _path, _made: None) -> Derivation:
    """Make a record's derived files now, those that are there too unless they were made in the same way from the same bytes.
    Waits while another process is at it. ``tell`` hears of each file, and how many were made of it."""
    with locked(f"derive-{record.pk}"):
        again = {"state": Derivation.State.QUEUED, "left": [], "attempts": 0}
        Derivation.objects.update_or_create(record=record, defaults=again)
        _carry_out(record.pk, tell)
    return Derivation.objects.get(record=record)


def clear() -> int:
    """Give up bytes that no row names any more, and folders of workers that died; returns how many went."""
    gone = 0
    for sha256 in derived().iter():
        if not DerivedFile.objects.filter(sha256=sha256).exists() and (derived().age(sha256) or 0) > _UNNEEDED:
            derived().remove(sha256)
            gone += 1
    for folder in home().deriving.glob("*"):
        with locked(f"derive-{folder.name}", wait=False) as free:
            if free:
                shutil.rmtree(folder, ignore_errors=True)
    return gone + derived().recover()


# -- one record


def _carry_out(record_id: str, tell: Tell = lambda _path, _made: None) -> bool:
    """The caller holds its lock, so that a derivation which is said to be running belongs to a dead worker."""
    mine = Derivation.objects.filter(pk=record_id, state__in=_WAITING)
    if not mine.update(state=Derivation.State.RUNNING, attempts=F("attempts") + 1, heartbeat=timezone.now()):
        return False
    derivation = Derivation.objects.select_related("record__concept").get(pk=record_id)
    if derivation.record.is_withdrawn or derivation.record.concept.is_disposed:
        DerivedFile.objects.filter(record=record_id).delete()  # its bytes go when the worker clears up
        _end(derivation, Derivation.State.DONE)
        return True
    if derivation.attempts > MOST_ATTEMPTS:
        derivation.left = [*derivation.left, {"path": "", "code": "died", "message": _DIED}]
        _end(derivation, Derivation.State.FAILED)
        return True
    folder = home().deriving / record_id
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        with workers(folder) as pool:
            _make_all(derivation, folder, pool, tell)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _end(derivation, Derivation.State.DONE)
    return True


def _make_all(derivation: Derivation, folder: Path, pool: Pool, tell: Tell) -> None:
    record = derivation.record
    types = _types(record)
    sources: list[str] = []
    for file in _files(record):
        if len(sources) >= MOST_FILES:
            message = f"derived files are made of the first {MOST_FILES:,} tables and arrays of a record"
            derivation.left = [*derivation.left, {"path": file.path, "code": "too-many", "message": message}]
            break
        sources.append(file.path)
        recipe = _recipe(file, types.get(file.path, {}))
        if any(one.get("recipe") == recipe and one["path"] == file.path for one in derivation.left):
            continue
        made = _known(record, file, recipe)
        if made is None:
            made = _made_anew(derivation, file, recipe, types.get(file.path, {}), folder, pool)
        tell(file.path, made)
        Derivation.objects.filter(pk=derivation.pk).update(heartbeat=timezone.now())
    record.derived.exclude(source__in=sources).delete()


def _files(record: Record) -> Iterator[RecordFile]:
    after = ""
    while some := list(record.files.filter(path__gt=after).order_by("path")[:_AT_ONCE]):
        yield from (file for file in some if file.size and is_derivable(file.media_type))
        after = some[-1].path


def _types(record: Record) -> Mapping[str, Mapping[str | None, Mapping[str, str]]]:
    """The type that each column is described with: by file, by sheet, by name. Names that come twice say nothing."""
    found: defaultdict[str, defaultdict[str | None, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    variables = [v for v in record.metadata.get("variables", []) if v.get("file")]
    times = Counter((v["file"], v.get("part"), v["name"]) for v in variables)
    for variable in variables:
        place = variable["file"], variable.get("part"), variable["name"]
        if variable.get("type") and times[place] == 1:
            found[place[0]][place[1]][place[2]] = variable["type"]
    return found


def _recipe(file: RecordFile, types: Mapping[str | None, Mapping[str, str]]) -> str:
    """The digest of all that what is made depends on."""
    known = sorted((part or "", dict(sorted(names.items()))) for part, names in types.items())
    said = [METHOD, file.path, file.sha256, file.media_type, settings.SHIRUSHI_DERIVE_MAX_SIZE, known]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def _known(record: Record, file: RecordFile, recipe: str) -> int | None:
    """How many derived files were made by this recipe, here or for another version; None when they have to be made."""
    own = list(record.derived.filter(recipe=recipe))
    if own:
        return len(own) if all(derived().claim(one.sha256) for one in own) else None
    other = DerivedFile.objects.filter(recipe=recipe).values_list("record_id", flat=True).first()
    rows = list(DerivedFile.objects.filter(recipe=recipe, record_id=other)) if other else []
    if not rows or not all(derived().claim(one.sha256) for one in rows):
        return None
    for row in rows:
        row.pk, row.record = None, record
    _replace(record, file, rows)
    return len(rows)


def _made_anew(
    derivation: Derivation,
    file: RecordFile,
    recipe: str,
    types: Mapping[str | None, Mapping[str, str]],
    folder: Path,
    pool: Pool,
) -> int:
    about = {"source": file.path, "source_sha256": file.sha256, "software": f"shirushi {__version__}", "method": METHOD}
    try:
        found = derive(
            path_of(derivation.record, file),
            name=file.path,
            media_type=file.media_type,
            size=file.size,
            types=types,
            about=about,
            folder=folder,
            pool=pool,
            largest=settings.SHIRUSHI_DERIVE_MAX_SIZE,
        )
        rows = [] if isinstance(found, Left) else _stored(derivation.record, file, recipe, found)
    except StorageError as error:
        found, rows = Left("storage", error.en), []
    finally:
        for leftover in folder.iterdir():
            shutil.rmtree(leftover, ignore_errors=True) if leftover.is_dir() else leftover.unlink(missing_ok=True)
    with transaction.atomic():
        _replace(derivation.record, file, rows)
        if isinstance(found, Left):
            why = {"path": file.path, "recipe": recipe, "code": found.code, "message": found.message}
            derivation.left = [*derivation.left, why]
            derivation.save(update_fields=["left"])
    return len(rows)


def _stored(record: Record, file: RecordFile, recipe: str, found: Sequence[Made]) -> list[DerivedFile]:
    rows: list[DerivedFile] = []
    taken: set[str] = set()
    for made in found:
        with made.place.open("rb") as stream:
            blob = derived().write(stream)
        made.place.unlink()
        kind = DerivedFile.Kind.PARQUET if made.media_type == PARQUET else DerivedFile.Kind.ZARR
        rows.append(
            DerivedFile(
                record=record,
                path=_path(file.path, made.part, kind, taken),
                source=file.path,
                source_sha256=file.sha256,
                part=made.part or "",
                kind=kind,
                size=blob.size,
                sha256=blob.sha256,
                rows=made.rows,
                columns=list(made.columns),
                arrays=list(made.arrays),
                left_out=list(made.left_out),
                recipe=recipe,
                made_with=f"shirushi {__version__}, {METHOD}",
            )
        )
    return rows


def _path(source: str, part: str | None, kind: str, taken: set[str]) -> str:
    """``data/x.xlsx``, sheet ``A/B`` -> ``data/x.xlsx.A_B.parquet``; a second of the same name gets a number."""
    ending = ".parquet" if kind == DerivedFile.Kind.PARQUET else ".zarr.zip"
    sheet = "".join("_" if c in '/\\:*?"<>|' or not c.isprintable() else c for c in part or "")[:100]
    base = f"{source}.{sheet}" if sheet else source
    path, number = base + ending, 1
    while path in taken:
        number += 1
        path = f"{base}.{number}{ending}"
    taken.add(path)
    return path


@transaction.atomic
def _replace(record: Record, file: RecordFile, rows: Sequence[DerivedFile]) -> None:
    """Let these be all that is derived from a file. Nothing comes of a record that was withdrawn meanwhile."""
    record.derived.filter(source=file.path).delete()
    if Record.objects.filter(pk=record.pk, withdrawn_at=None).exists():
        # A file that is called as another one's derived file would be: the first keeps the name.
        held = set(record.derived.filter(path__in=[row.path for row in rows]).values_list("path", flat=True))
        DerivedFile.objects.bulk_create([row for row in rows if row.path not in held])


def _end(derivation: Derivation, state: Any) -> None:
    ended = {"state": state, "left": derivation.left, "finished_at": timezone.now()}
    Derivation.objects.filter(pk=derivation.pk).update(**ended)
