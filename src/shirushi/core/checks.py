"""What :func:`shirushi.core.check.check` looks at, one function for each thing that two places must agree on."""

from collections.abc import Iterator

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from pydantic import ValidationError

from shirushi.core import followers, indexing, jobs, objects, rebuilding, recovery, scrubbing
from shirushi.core.check import Finding, Found, Look, Severity
from shirushi.core.check_derived import look_at_derived
from shirushi.core.home import blobs, engine, locked, store
from shirushi.core.models import (
    Concept,
    Decision,
    DescribeRun,
    Draft,
    DraftFile,
    Event,
    FeedEntry,
    FollowerFailure,
    Identifier,
    Record,
)
from shirushi.core.objects import confirmed, is_confirmed_disposal, last_version
from shirushi.core.paths import shown
from shirushi.core.services import disposing
from shirushi.metadata.fields import Text2
from shirushi.storage import NotStored, StoreDamaged

_BACKUP = Text2("Restore it from the backup, then check again.", "バックアップから戻して、もう一度検査してください。")
_REPAIR = Text2("Run: shirushi check --repair", "shirushi check --repair を実行してください。")
_REBUILD = Text2(
    "Stop the server, then run: shirushi rebuild", "サーバーを止めてから shirushi rebuild を実行してください。"
)
_NOTHING = Text2("Nothing needs to be done.", "対応は不要です。")


def look_at_database(*, deep: bool) -> Iterator[Found]:
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA quick_check")
        wrong = [row[0] for row in cursor.fetchall() if row[0] != "ok"]
        cursor.execute("PRAGMA foreign_key_check")
        wrong += [f"{table} row {row} points to nothing" for table, row, *_ in cursor.fetchall()]
    for words in wrong[:100]:
        yield (
            _found(
                "database-damaged", "error", "shirushi.sqlite3", words, f"データベースの異常です（{words}）。", _BACKUP
            ),
            None,
        )


def look_at_store(*, deep: bool) -> Iterator[Found]:
    """Every object is sound, belongs to a concept, and has no version that the database does not know."""
    for wrong in store().verify_root():
        if wrong.code in ("E063", "E073"):  # the former only in a bucket, where an object comes piece by piece
            words = (
                "Left by a crash, or being written just now.",
                "途中で終わった処理の残りか、書き込み中のものです。",
            )
            yield _found("store-leftover", "note", wrong.place, *words, _REPAIR), store().recover
        else:
            words = (f"{wrong.code}: {wrong.message}.", f"保管庫の異常です（{wrong.code}）。")
            yield _found("store-damaged", "error", wrong.place, *words, _BACKUP), None
    for place in store().scan():
        if place.object_id is None:
            yield (
                _found(
                    "object-unreadable",
                    "error",
                    place.root,
                    "Its inventory cannot be read.",
                    "目録を読めません。",
                    _BACKUP,
                ),
                None,
            )
            continue
        yield from _look_at_object(place.object_id, deep=deep)


def _look_at_object(object_id: str, *, deep: bool) -> Iterator[Found]:
    concept = recovery.concept_of(object_id)
    if concept is not None and object_id != concept.object_id:
        yield from _look_at_other_object(concept)
        return
    if deep:
        for wrong in store().verify(object_id):
            if wrong.is_error:
                yield (
                    _found(
                        "object-damaged",
                        "error",
                        wrong.place,
                        f"{wrong.code}: {wrong.message}.",
                        f"保管物の異常です（{wrong.code}）。",
                        _BACKUP,
                    ),
                    None,
                )
    if concept is None and not rebuilding.was_promised(object_id):
        # What rebuilding leaves alone as well: nothing and nobody knows of it.
        yield (
            _found(
                "object-without-transaction", "error", object_id,
                "Bytes were stored, but what they were stored for was never completed.", "保存の途中で終わった保管物です。", _REPAIR,
            ),
            lambda: objects.set_aside_from(object_id, 1),
        )  # fmt: skip
        return
    if concept is None:
        words = "The database does not know this object: it is older than the store."
        yield (
            _found("object-unknown", "error", object_id, words, "データベースにない保管物です（データベースが保管庫より古い）。", _REBUILD),
            None,
        )  # fmt: skip
        return
    with locked(f"concept-{concept.pk}", wait=False) as free:
        expected = last_version(concept)
        head = store().inventory(object_id).head
        promised = confirmed(object_id) if head > expected else 0
    if free and promised > expected:
        words = "The database is older than the store, which says that this version was completed."
        yield (
            _found("database-older", "error", f"{object_id} v{promised}", words, "データベースが保管庫より古く、完了した版がありません。", _REBUILD),
            None,
        )  # fmt: skip
    elif free and head > expected:
        yield (
            _found(
                "object-without-transaction", "error", f"{object_id} v{expected + 1}",
                "Bytes were stored, but what they were stored for was never completed.", "保存の途中で終わった版です。", _REPAIR,
            ),
            lambda: recovery.clear(concept),
        )  # fmt: skip
    elif free and head == expected and not recovery.is_confirmed(concept):
        yield (
            _found(
                "object-unconfirmed", "note", f"{object_id} v{expected}",
                "The store alone does not tell yet that this version was completed.", "保管庫だけでは、この版の完了が分かりません。", _REPAIR,
            ),
            lambda: recovery.confirm_known(concept),
        )  # fmt: skip


def _look_at_other_object(concept: Concept) -> Iterator[Found]:
    """One that the database does not name: what has to go of a record that was disposed of, or what would be left of one."""
    with locked(f"concept-{concept.pk}", wait=False) as free:
        concept.refresh_from_db()
    if not free:
        return
    if concept.is_disposed:
        yield (
            _found(
                "disposal-unfinished", "error", concept.first_object_id,
                "Its files were decided to go and are not gone yet.", "廃棄が決まったファイルがまだ残っています。", _REPAIR,
            ),
            lambda: disposing.finish(concept),
        )  # fmt: skip
    elif is_confirmed_disposal(concept):
        yield (
            _found(
                "disposal-unknown", "error", concept.disposed_object_id,
                "The store tells of a disposal that the database does not know.", "データベースにない廃棄の記録があります。",
                _REBUILD,
            ),
            None,
        )  # fmt: skip
    else:
        yield (
            _found(
                "object-without-transaction", "error", concept.disposed_object_id,
                "A disposal was begun and never decided.", "決まらずに終わった廃棄の残りです。", _REPAIR,
            ),
            lambda: recovery.clear(concept),
        )  # fmt: skip


def look_at_records(*, deep: bool) -> Iterator[Found]:
    """Every record's files and tombstone are in the store as the database says, and it has an identifier."""
    for record in Record.objects.select_related("concept").prefetch_related("identifiers").iterator(chunk_size=200):
        where = f"record {record.pk}"
        if not record.identifiers.all():
            yield (
                _found(
                    "record-without-identifier",
                    "error",
                    where,
                    "It has no identifier.",
                    "識別子がありません。",
                    _BACKUP,
                ),
                None,
            )
        try:
            inventory = store().inventory(record.object_id)
            state = inventory.version(record.object_version).state
            if record.tombstone_version is not None:
                inventory.version(record.tombstone_version)
        except (NotStored, StoreDamaged, KeyError):
            yield (
                _found(
                    "record-without-object",
                    "error",
                    where,
                    "Its bytes are not in the store.",
                    "内容が保管庫にありません。",
                    _BACKUP,
                ),
                None,
            )
            continue
        if record.concept.is_disposed:
            continue
        for path, sha512 in record.files.values_list("path", "sha512"):
            if state.get(f"files/{path}") != sha512:
                yield (
                    _found(
                        "record-file-differs",
                        "error",
                        f"{where} {shown(path)}",
                        "The store holds another file or none.",
                        "保管庫のファイルと一致しません。",
                        _BACKUP,
                    ),
                    None,
                )


def look_at_identifiers(*, deep: bool) -> Iterator[Found]:
    for identifier in Identifier.objects.filter(record__isnull=True, concept__isnull=True):
        yield (
            _found(
                "identifier-without-target",
                "error",
                identifier.value,
                "It leads nowhere.",
                "指す先がありません。",
                _BACKUP,
            ),
            None,
        )


def look_at_drafts(*, deep: bool) -> Iterator[Found]:
    """Files of drafts that are not published are there and whole; no publishing hangs; metadata can be read."""
    live = Q(draft__state__in=[Draft.State.OPEN, Draft.State.PUBLISHING, Draft.State.DISCARDED])
    for file in DraftFile.objects.filter(live, draft__concept__disposed_version=None).iterator(chunk_size=500):
        yield from _look_at_draft_file(file, deep=deep)
    for draft in Draft.objects.filter(state=Draft.State.PUBLISHING).select_related("concept"):
        with locked(f"concept-{draft.concept_id}", wait=False) as free:
            is_published = confirmed(draft.concept.object_id) > last_version(draft.concept)  # told as database-older
        if free and not is_published:
            yield (
                _found(
                    "publishing-unfinished",
                    "error",
                    f"draft {draft.pk}",
                    "Its publishing ended halfway.",
                    "公開の処理が途中で終わっています。",
                    _REPAIR,
                ),
                recovery.reopen_drafts,
            )
    for draft in Draft.objects.filter(state=Draft.State.OPEN).iterator(chunk_size=200):
        try:
            draft.work  # noqa: B018
        except ValidationError as error:
            yield (
                _found(
                    "metadata-unreadable",
                    "error",
                    f"draft {draft.pk}",
                    f"Its metadata cannot be read: {error.error_count()} errors.",
                    "メタデータを読めません。",
                    _BACKUP,
                ),
                None,
            )


def _look_at_draft_file(file: DraftFile, *, deep: bool) -> Iterator[Found]:
    where = f"draft {file.draft_id} {shown(file.path)}"
    again = Text2("Upload the file again.", "ファイルをもう一度アップロードしてください。")
    size = blobs().size(file.sha256)
    if size is None:
        yield (
            _found("draft-file-missing", "error", where, "Its bytes are gone.", "ファイルの内容がありません。", again),
            None,
        )
    elif size != file.size or (deep and not blobs().sound(file.sha256)):
        yield (
            _found(
                "draft-file-damaged",
                "error",
                where,
                "Its bytes have changed.",
                "ファイルの内容が変わっています。",
                again,
            ),
            None,
        )


def look_at_blobs(*, deep: bool) -> Iterator[Found]:
    """Bytes that nothing needs, and results of reading that are gone."""
    kept = DraftFile.objects.filter(draft__concept__disposed_version=None)
    needed = set(kept.values_list("sha256", flat=True)) | set(_to_put_back().values_list(_WAS, flat=True))
    results = DescribeRun.objects.filter(state="done", draft__concept__disposed_version=None)
    described = dict(results.values_list("description_sha256", "pk"))
    for sha256, run in described.items():
        if not blobs().exists(sha256):
            yield (
                _found(
                    "description-missing",
                    "error",
                    f"run {run}",
                    "What it found is gone.",
                    "読み取りの結果がありません。",
                    _BACKUP,
                ),
                None,
            )
    for sha256 in blobs().iter():
        if sha256 not in needed and sha256 not in described:
            old = _age(sha256) > _FRESH
            yield (
                _found(
                    "blob-unused",
                    "note",
                    sha256,
                    "Nothing uses these bytes.",
                    "どこからも使われていない内容です。",
                    _REPAIR if old else _NOTHING,
                ),
                (lambda sha256=sha256: _set_blob_aside(sha256)) if old else None,
            )


_WAS = "value__was__sha256"


def _to_put_back() -> QuerySet[Decision]:
    """What undo may put into a draft again: files that were taken out or replaced in one that is not published."""
    files = Decision.objects.filter(action=Decision.Action.FILE, draft__concept__disposed_version=None)
    return files.exclude(draft__state=Draft.State.PUBLISHED)


def _age(sha256: str) -> float:
    """Seconds since the blob was written or claimed; 0 when it has just been moved."""
    return blobs().age(sha256) or 0.0


_FRESH = 24 * 3600  # seconds: younger ones may belong to an upload that is going on


def _set_blob_aside(sha256: str) -> None:
    """Look again first: the same bytes may have been uploaded since."""

    blobs().set_aside(sha256, age=_FRESH, unless=lambda: disposing.is_needed(sha256))


def look_at_scrub(*, deep: bool) -> Iterator[Found]:
    """What the last reading of every byte found, where it is still so."""
    for run, found in scrubbing.open_findings():
        words = (f"{found['code']}: {found['message']}. Seen {found['seen']}, reading {run.pk}.", f"内容の異常です（{found['code']}、{found['seen']}）。")  # fmt: skip
        yield _found("scrub-damaged", "error", found["place"], *words, _BACKUP), None


def look_at_jobs(*, deep: bool) -> Iterator[Found]:
    for run in jobs.orphaned_runs():
        yield (
            _found(
                "run-abandoned",
                "error",
                f"run {run.pk}",
                "Nobody is reading these files any more.",
                "読み取りが止まっています。",
                _REPAIR,
            ),
            jobs.requeue_dead,
        )
    hanging = DescribeRun.objects.filter(state="running", heartbeat__lt=timezone.now() - jobs.STILL)
    for run in hanging:
        yield (
            _found(
                "run-still", "note", f"run {run.pk}", f"No progress at {shown(run.current_file)!r} for some time.", "しばらく進んでいません。",
                Text2("Wait, or restart the worker.", "待つか、ワーカーを再起動してください。"),
            ),
            None,
        )  # fmt: skip


def look_at_followers(*, deep: bool) -> Iterator[Found]:
    for name in followers.FOLLOWERS:
        if waiting := followers.behind(name):
            yield (
                _found(
                    "follower-behind",
                    "note",
                    name,
                    f"{waiting} events wait.",
                    f"{waiting}件のイベントが残っています。",
                    _NOTHING,
                ),
                (lambda name=name: followers.follow(name)),
            )
    for failure in FollowerFailure.objects.all():
        where = f"{failure.follower} event {failure.event_id}"
        yield (
            _found(
                "follower-failure",
                "error",
                where,
                f"It failed {failure.attempts} times: {failure.error}.",
                f"{failure.attempts}回失敗しました。",
                _REPAIR,
            ),
            lambda failure=failure: followers.retry_now(failure.follower),
        )


def look_at_index(*, deep: bool) -> Iterator[Found]:
    """The index holds exactly the records it should, once its follower has come to the end."""
    rebuild = Text2("Run: shirushi rebuild index", "shirushi rebuild index を実行してください。")
    if followers.behind("index") or FollowerFailure.objects.filter(follower="index").exists():
        return
    if (state := engine().state()) != "ready":
        severity: Severity = "error" if Record.objects.exists() else "note"
        yield (
            _found(
                f"index-{state}", severity, "index", f"The search index is {state}.", "検索索引を使えません。", rebuild
            ),
            _rebuild_index,
        )
        return
    if deep:
        for words in engine().verify():
            yield _found("index-damaged", "error", "index", words, "検索索引が壊れています。", rebuild), _rebuild_index
    wanted, held = set(indexing.shown().values_list("pk", flat=True)), set(engine().ids())
    for record_id in sorted(wanted - held):
        yield (
            _found(
                "index-lacks",
                "error",
                f"record {record_id}",
                "Search does not find it.",
                "検索で見つかりません。",
                rebuild,
            ),
            _rebuild_index,
        )
    for record_id in sorted(held - wanted):
        yield (
            _found(
                "index-too-much",
                "error",
                f"record {record_id}",
                "Search finds what should not be found.",
                "検索結果に残っています。",
                rebuild,
            ),
            _rebuild_index,
        )


def _rebuild_index() -> None:
    followers.rebuild("index")


def look_at_feed(*, deep: bool) -> Iterator[Found]:
    if followers.behind("feeds") or FollowerFailure.objects.filter(follower="feeds").exists():
        return
    told = Event.objects.filter(type__in=["record.published", "record.withdrawn"])
    for event in told.exclude(pk__in=FeedEntry.objects.values("event")):
        yield (
            _found(
                "feed-lacks",
                "error",
                f"event {event.pk}",
                "The feed does not tell of it.",
                "フィードにありません。",
                Text2("Run: shirushi rebuild feeds", "shirushi rebuild feeds を実行してください。"),
            ),
            lambda: followers.rebuild("feeds"),
        )


def _found(code: str, severity: Severity, where: str, en: str, ja: str, todo: Text2) -> Finding:
    return Finding(code, severity, where, Text2(en, ja), todo)


LOOKS: tuple[Look, ...] = (
    look_at_database,
    look_at_jobs,
    look_at_drafts,
    look_at_store,
    look_at_records,
    look_at_identifiers,
    look_at_blobs,
    look_at_derived,
    look_at_scrub,
    look_at_followers,
    look_at_index,
    look_at_feed,
)
