"""Resumption tokens: where in which list a harvester is. The server keeps nothing; a token is signed, so that nobody makes one up,
and good for a week, so that a harvest may rest. It outlives restarts, since the secret key is kept."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core import signing
from django.utils import timezone

from shirushi.core.harvesting import Selection
from shirushi.web.protocols.oai.arguments import OaiError

LASTS = timedelta(days=7)
_SALT = "oai-pmh"
_BAD = "This token is not one of ours, or older than a week. Begin again, from the last datestamp that you have."


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a list: the list, the provider that is being read, the item after which to go on, and how many came before.
    ``size`` is how many items the list had when it was begun, where that was soon counted."""

    verb: str
    prefix: str
    selection: Selection
    provider: int = 0
    after: tuple[datetime, str] | None = None
    cursor: int = 0
    size: int | None = None

    def further(self, *, provider: int, after: tuple[datetime, str] | None, by: int) -> "Place":
        return replace(self, provider=provider, after=after, cursor=self.cursor + by)


def token(place: Place) -> tuple[str, datetime]:
    """The token for a place, and until when it is good."""
    chosen, after = place.selection, place.after
    values = [
        place.verb,
        place.prefix,
        chosen.set_spec,
        _number(chosen.since),
        _number(chosen.until),
        place.provider,
        None if after is None else [_number(after[0]), after[1]],
        place.cursor,
        place.size,
    ]
    return signing.dumps(values, salt=_SALT), timezone.now().astimezone(UTC).replace(microsecond=0) + LASTS


def place(text: str, verb: str) -> Place:
    """The place that a token of ours stands for.

    Raises:
        OaiError: ``badResumptionToken``: changed, too old, or from another list.
    """
    try:
        values: list[Any] = signing.loads(text, salt=_SALT, max_age=LASTS)
        of, prefix, set_spec, since, until, provider, after, cursor, size = values
    except (signing.BadSignature, ValueError, TypeError):
        raise OaiError("badResumptionToken", _BAD) from None
    if of != verb:
        raise OaiError("badResumptionToken", f"This token goes on with {of}.")
    selection = Selection(set_spec, _time(since), _time(until))
    moment = None if after is None else _time(after[0])
    return Place(verb, prefix, selection, provider, None if moment is None else (moment, after[1]), cursor, size)


def _number(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def _time(number: int | None) -> datetime | None:
    return None if number is None else datetime.fromtimestamp(number, UTC)
