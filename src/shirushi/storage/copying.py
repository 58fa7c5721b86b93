"""The files of a storage root in an order, and with inventories, that make a whole copy while others commit."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

from shirushi.storage import inventory as inventories
from shirushi.storage.errors import StoreDamaged
from shirushi.storage.inventory import SIDECAR, Inventory, Unusable

Member = tuple[Path, bytes | None]  # a file, and its bytes where they were read already
_VERSION = re.compile(r"v[1-9]\d*")
_LOGS = "logs"
_PATIENCE = 2.0  # seconds that an inventory and its sidecar may differ: between the two renames of a commit


def members(folder: Path) -> Iterator[Member]:
    """Every file below a folder of a store. Of each object exactly what one inventory names: its versions and the notes about them,
    then that inventory and its sidecar, as they were together at one moment.

    Raises:
        StoreDamaged: a version was taken out of the store meanwhile. Copy again.
    """
    entries = sorted(folder.iterdir())
    if any(entry.name.startswith("0=ocfl_object_") for entry in entries):
        yield from _object(folder)
        return
    yield from ((entry, None) for entry in entries if not entry.is_dir())
    for entry in entries:
        if entry.is_dir():
            yield from members(entry)


def _object(root: Path) -> Iterator[Member]:
    notes = (
        sorted((root / _LOGS).iterdir()) if (root / _LOGS).is_dir() else []
    )  # first: what they tell of is named below
    pair = _pair(root)
    if pair is None:  # damaged, or left halfway by a dead writer: checking and recovering the copy tell
        yield from _all(root)
        return
    inventory = inventories.parse(pair[0])
    versions = {f"v{number}" for number in range(1, inventory.head + 1)}
    yield from ((note, None) for note in notes)
    for entry in sorted(root.iterdir()):
        if entry.name in versions or (entry.is_dir() and not _VERSION.fullmatch(entry.name) and entry.name != _LOGS):
            yield from _all(entry)
        elif not entry.is_dir() and entry.name not in (inventories.NAME, SIDECAR):
            yield entry, None
    _see_that_it_stands(root, pair[0], inventory)
    yield root / inventories.NAME, pair[0]
    yield root / SIDECAR, pair[1]


def _all(folder: Path) -> Iterator[Member]:
    for below, _, names in os.walk(folder):
        yield from ((Path(below) / name, None) for name in sorted(names))


def _pair(root: Path) -> tuple[bytes, bytes] | None:
    """An inventory and the sidecar that belongs to it; None where they do not agree, however long one waits."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            data, sidecar = (root / inventories.NAME).read_bytes(), (root / SIDECAR).read_bytes()
            if sidecar == inventories.sidecar(data):
                inventories.parse(data)
                return data, sidecar
        except (FileNotFoundError, Unusable):
            return None
        if time.monotonic() > until:
            return None
        time.sleep(0.01)


def _see_that_it_stands(root: Path, data: bytes, copied: Inventory) -> None:
    try:
        found = (root / inventories.NAME).read_bytes()
        now = copied if found == data else inventories.parse(found)
    except (FileNotFoundError, Unusable):
        now = None
    if now is None or now.versions[: copied.head] != copied.versions:
        raise StoreDamaged(
            f"A version of {copied.object_id} was taken out of the store while it was copied. Copy again.",
            f"コピー中に {copied.object_id} の版が保管庫から外されました。もう一度コピーしてください。",
            where=copied.object_id,
        )
