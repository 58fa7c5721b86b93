"""The values of one field while decisions are made on it. Each decision costs, and keeps, what it changes; how much the field
holds does not matter."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shirushi.core import values
from shirushi.core.values import JSON


@dataclass(frozen=True, slots=True)
class Change:
    """At ``position`` among the single values of a field, ``removed`` gave way to ``added``."""

    position: int = 0
    removed: Sequence[JSON] = ()
    added: Sequence[JSON] = ()

    def back(self) -> "Change":
        return Change(self.position, self.added, self.removed)


class Held:
    """The single values of a field in their order: at most one in a field of one value."""

    def __init__(self, field: str, value: JSON) -> None:
        self.field = field
        self._items = values.items(field, value)
        self._keys = [values.key(item) for item in self._items]
        self._count = Counter(self._keys)

    @property
    def value(self) -> JSON:
        """The whole field: a list for a field of many values, else the value or None."""
        if values.spec_of(self.field).many:
            return list(self._items)
        return self._items[0] if self._items else None

    def make(self, change: Change) -> None:
        """Raises ValueError when the values to be removed are not there."""
        added, removed = ([values.key(item) for item in part] for part in (change.added, change.removed))
        place = slice(change.position, change.position + len(removed))
        if self._keys[place] != removed:
            raise ValueError(f"{self.field} does not hold at {change.position} what is to be taken out")
        self._keys[place] = added
        self._items[place] = change.added
        self._count.subtract(removed)
        self._count.update(added)

    def filling(self, item: JSON) -> Change:
        """``item`` alone in place of everything, None for nothing."""
        return Change(0, tuple(self._items), () if item is None else (item,))

    def inserting(self, item: JSON, *, rank: int, ranks: "Ranks") -> Change:
        """``item`` before the first value that ranks behind it, else at the end. A value without a rank (typed by somebody)
        is passed over; one that is there already is not added again."""
        if self._count[values.key(item)] > 0:
            return Change()
        position = len(self._items)
        if ranks.highest > rank:
            position = next((at for at, key in enumerate(self._keys) if ranks.of(key, rank) > rank), position)
        return Change(position, (), (item,))

    def replacing(self, old: JSON, new: JSON) -> Change | None:
        """``new`` in the place of ``old``; None when ``old`` is not there."""
        wanted = values.key(old)
        if self._count[wanted] <= 0:
            return None
        return Change(self._keys.index(wanted), (old,), (new,))

    def removing(self, item: JSON) -> Change:
        """Without the first value equal to ``item``; nothing when it is not there."""
        wanted = values.key(item)
        return Change(self._keys.index(wanted), (item,), ()) if self._count[wanted] > 0 else Change()

    def becoming(self, value: JSON) -> Change:
        """The field with another whole value: what lies between the part that stays before and the part that stays after."""
        items = values.items(self.field, value)
        keys = [values.key(item) for item in items]
        shorter = min(len(keys), len(self._keys))
        start = next((at for at in range(shorter) if keys[at] != self._keys[at]), shorter)
        end = next((at for at in range(shorter - start) if keys[-1 - at] != self._keys[-1 - at]), shorter - start)
        return Change(start, tuple(self._items[start : len(self._items) - end]), tuple(items[start : len(items) - end]))


class Ranks:
    """Where values belong in a list, by their :func:`values.key`."""

    def __init__(self, known: Iterable[tuple[JSON, int]] = ()) -> None:
        self._of: dict[str, int] = {}
        self.highest = -(
            2**31
        )  # of all there ever were: what is accepted in order goes to the end without a look at the list
        for value, rank in known:
            self.add(value, rank)

    def add(self, value: JSON, rank: int) -> None:
        self._of[values.key(value)] = rank
        self.highest = max(self.highest, rank)

    def of(self, key: str, otherwise: int) -> int:
        return self._of.get(key, otherwise)
