"""Which events may be read: those that no later commit can come before.

SQLite has one writer, so events are committed in the order of their numbers. PostgreSQL gives numbers when rows are written, and
transactions commit in any order: a reader that has gone past number 7 would never see number 6, committed a moment later.

So there every transaction that adds events first takes, shared, an advisory lock whose key is the smallest number that it can
get; the server drops it when the transaction ends, after its rows can be seen. No number from the smallest such key on is read.
The lock is taken by a trigger, so nobody who adds events can forget it; shared locks wait for nobody, so nothing can deadlock. Unlike a
comparison of transaction numbers (``xid8`` against ``pg_snapshot_xmin``), this needs no column, survives a dump that is put
back on another server, and is not held up by open transactions of other databases.
"""

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Max, QuerySet

from shirushi.core.models import Event

_SPACE = 0x5348 << 48  # the advisory locks that are ours; the number of the event stands in the lower 48 bits

_FUNCTION = f"""
CREATE OR REPLACE FUNCTION shirushi_adding_events() RETURNS trigger AS $$
BEGIN
    IF coalesce(current_setting('shirushi.adding_events', true), '') = '' THEN
        PERFORM pg_advisory_xact_lock_shared({_SPACE} + last_value + is_called::int) FROM core_event_id_seq;
        PERFORM set_config('shirushi.adding_events', 'yes', true);
    END IF;
    RETURN NULL;
END $$ LANGUAGE plpgsql
"""
# A trigger for each statement runs before its rows are numbered.
_TRIGGER = (
    "CREATE TRIGGER core_event_adding BEFORE INSERT ON core_event FOR EACH STATEMENT "
    "EXECUTE FUNCTION shirushi_adding_events()"
)
# Our own are left out: what this transaction has added itself is there to be read.
_OPEN = f"""
SELECT min((classid::bigint << 32 | objid::bigint) - {_SPACE}) FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 16 = {_SPACE >> 48} AND mode = 'ShareLock'
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND pid IS DISTINCT FROM pg_backend_pid()
"""  # noqa: S608 - numbers of ours alone


def create_trigger(connection: BaseDatabaseWrapper) -> None:
    """Let transactions that add events be known (PostgreSQL; elsewhere nothing is done)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_FUNCTION)
            cursor.execute(_TRIGGER)


def drop_trigger(connection: BaseDatabaseWrapper) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER IF EXISTS core_event_adding ON core_event")


def readable(after: int) -> QuerySet[Event]:
    """Events behind a position that no later commit can come before, oldest first. Call it anew for every look."""
    events = Event.objects.filter(pk__gt=after).order_by("pk")
    if connection.vendor == "sqlite":
        return events
    # In this order: whoever has a number up to the newest had its lock before we look at the locks. If it holds it still, we stop
    # below; if not, it has ended, and what is read afterwards shows its events.
    newest = events.order_by().aggregate(newest=Max("pk"))["newest"]
    if newest is None:
        return events.none()
    with connection.cursor() as cursor:
        cursor.execute(_OPEN)
        (open_from,) = cursor.fetchone()
    return events.filter(pk__lte=newest if open_from is None else min(newest, open_from - 1))
