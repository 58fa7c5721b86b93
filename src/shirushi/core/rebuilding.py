"""Published records made again from the object store alone: what is left when the database is lost, or older than the store.

Of each version the store holds the whole document, every decision and answer, the tombstone, who may have the files or that they were
disposed of, and beside it a note that its transaction was committed. A version without that note was promised to nobody: it is told
and left alone. What the database has already is not touched, so that it may be called again at any time. Accounts, drafts, forms,
holds and requests are not in the store: they come from the backup; the numbers of people who are not there (yet) are kept where they
stand in JSON.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.management.color import no_style
from django.db import connection, transaction

from shirushi.accounts.models import Space, people_at
from shirushi.core import datestamps, documents, objects
from shirushi.core.followers import FOLLOWERS
from shirushi.core.followers import rebuild as start_again
from shirushi.core.home import locked, store
from shirushi.core.ids import new_id
from shirushi.core.models import Answer, Concept, Decision, Draft, Event, Identifier, ImportSource, Record, RecordFile
from shirushi.core.services import disposing
from shirushi.core.services.publishing import SOURCE
from shirushi.metadata.work import STORED, Work
from shirushi.storage import StorageError
from shirushi.storage.inventory import Inventory, ObjectVersion

logger = logging.getLogger(__name__)

_PREFIX = "urn:shirushi:"
_USER = f"{_PREFIX}user:"


@dataclass(slots=True)
class Rebuilt:
    """``records`` were made again, ``known`` were there; ``disposed`` concepts are without files; ``unconfirmed`` are versions (object,
    number) whose transaction was never committed, ``unreadable`` objects (name, why) that could not be read. ``spaces`` were made anew, with the names that records
    give them: roles in them have to be given again, or come with the backup."""

    records: int = 0
    known: int = 0
    tombstones: int = 0
    disposed: int = 0
    spaces: list[str] = field(default_factory=list)
    unconfirmed: list[tuple[str, int]] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Happened:
    """An event as it was, to be told again in the order of time."""

    at: datetime
    type: str
    record_id: str
    draft_id: str
    actor: Mapping[str, Any]
    payload: Mapping[str, Any]


def rebuild(*, tell: Callable[[str], None] = lambda _: None, index: bool = True) -> Rebuilt:
    """Make again what the database lacks, each object in a transaction of its own, then the events, then all that follows them."""
    found = Rebuilt()
    happened: list[_Happened] = []
    datestamps_of: dict[str, datetime | None] = {}
    for place in store().scan():
        name = place.object_id
        if name is None or not name.startswith(_PREFIX):
            found.unreadable.append((name or place.root, "it is none of ours, or its inventory cannot be read"))
            continue
        tell(name)
        concept = Concept(pk=objects.concept_id_of(name))
        try:
            is_rest, is_disposed = name == concept.disposed_object_id, objects.is_confirmed_disposal(concept)
            if is_rest != is_disposed:
                if is_rest:  # it was never promised; the other way round the first object is on its way out
                    found.unconfirmed.append((name, store().inventory(name).head))
                continue
            with locked(f"concept-{concept.pk}"), transaction.atomic():
                read = _Object(name, found)
                happened += read.make_again()
                datestamps_of |= read.datestamps()
        except (StorageError, ValueError, KeyError, TypeError) as error:
            logger.exception("%s could not be made again", name)
            found.unreadable.append((name, f"{type(error).__name__}: {error}"))
    disposing.finish_all()
    _tell_again(happened)
    datestamps.restore(datestamps_of)
    _go_on_counting()
    told = {name for name, _ in (*found.unconfirmed, *found.unreadable)}
    found.unreadable += [
        (name, f"version {number} was committed, but the store does not hold it (any more)")
        for name, number in objects.lacking()
        if name not in told
    ]
    objects.forget_lacking()
    for follower in FOLLOWERS if index else ():
        start_again(follower)
    return found


def _tell_again(happened: list[_Happened]) -> None:
    """Add the events that the log lacks, oldest first. Followers begin anew afterwards, so their place among others does not matter."""
    with transaction.atomic():
        known = set(
            Event.objects.filter(type__in={one.type for one in happened}).values_list(
                "type", "record_id", "payload__object_version"
            )
        )
        spaces = dict(Record.objects.values_list("pk", "space_id"))
        new = [
            Event(
                type=one.type, space_id=spaces.get(one.record_id), record_id=one.record_id, draft_id=one.draft_id,
                actor=dict(one.actor), at=one.at, payload=dict(one.payload),
            )
            for one in sorted(happened, key=lambda one: one.at)
            if (one.type, one.record_id, one.payload["object_version"]) not in known
        ]  # fmt: skip
        for start in range(0, len(new), 1_000):
            Event.objects.bulk_create(new[start : start + 1_000])


def _go_on_counting() -> None:
    """Let the database number the next decision behind those that kept their numbers (PostgreSQL)."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Decision]):
            cursor.execute(statement)


def was_promised(object_id: str) -> bool:
    """Whether the first version of an object was committed, as far as the store tells: else rebuilding leaves it alone. True as well
    where nothing can be read, which rebuilding then names."""
    try:
        one = _Object(object_id, Rebuilt())
        return one.is_confirmed(one.inventory.version(1))
    except (StorageError, ValueError, LookupError):
        return True


class _Object:
    """One object while it is read, version by version."""

    def __init__(self, name: str, found: Rebuilt) -> None:
        self.name = name
        self.found = found
        self.inventory: Inventory = store().inventory(name)
        self.notes = frozenset(store().logged(name))
        self.records: dict[int, Record] = {}  # by number

    def make_again(self) -> list[_Happened]:
        happened: list[_Happened] = []
        before: Mapping[str, str] = {}
        for number in range(1, self.inventory.head + 1):
            version = self.inventory.version(number)
            if not self.is_confirmed(version):
                self.found.unconfirmed.append((self.name, number))
                break  # what stands on it cannot have been promised either
            for path in sorted(version.state, key=_order):
                if version.state[path] != before.get(path):
                    happened += self.changed(path, version)
            before = version.state
        return happened + list(self.ended())

    def datestamps(self) -> dict[str, datetime | None]:
        """What harvesters were told of each version last, as it was noted beside the object; None where nothing was."""
        found: dict[str, datetime | None] = {record.pk: None for record in self.records.values()}
        for one in sorted(datestamps.noted(self.notes), key=lambda one: one.datestamp):
            if one.number in self.records:
                found[self.records[one.number].pk] = one.datestamp
        return found

    def ended(self) -> Iterator[_Happened]:
        """Embargoes that ended, which the datestamps tell of."""
        told = {(one.number, one.until): one for one in sorted(datestamps.noted(self.notes), key=_newest_first)}
        for one in told.values():
            if one.until and one.number in self.records:
                payload = {"until": one.until.isoformat(), "object_version": one.object_version}
                who = {"kind": "system", "user": None}
                pk = self.records[one.number].pk
                yield _Happened(one.datestamp, "record.embargo-ended", pk, "", who, payload)

    def is_confirmed(self, version: ObjectVersion) -> bool:
        """By its note or that of a later one, which was built on it; objects that were written before there were notes name no
        draft in their documents."""
        noted = any(objects.confirmation(n) in self.notes for n in range(version.number, self.inventory.head + 1))
        return noted or "draft" not in self.read("metadata/record.json", version.number)

    def read(self, path: str, number: int) -> Any:
        with store().open(self.name, path, number) as content:
            return json.load(content)

    def lines(self, path: str, version: ObjectVersion) -> Iterator[dict[str, Any]]:
        if path in version.state:
            with store().open(self.name, path, version.number) as content:
                yield from (json.loads(line) for line in content if line.strip())

    def changed(self, path: str, version: ObjectVersion) -> Iterator[_Happened]:
        if path == "metadata/record.json":
            yield self.published(self.read(path, version.number), version)
        elif path.startswith("metadata/tombstones/"):
            yield self.withdrawn(self.read(path, version.number), version)
        elif path == disposing.DOCUMENT:
            yield self.disposed(self.read(path, version.number), version)
        elif path.startswith("metadata/access/"):
            yield self.decided(self.read(path, version.number), version)

    # -- what each kind of version says

    def published(self, whole: dict[str, Any], version: ObjectVersion) -> _Happened:
        known = Record.objects.filter(pk=whole["id"]).select_related("draft").first()
        if known is None:
            known = self.record(whole, version)
            self.found.records += 1
        else:
            self.found.known += 1
        self.records[known.number] = known
        publication = whole["publication"]
        payload = {
            "draft": known.draft.pk,
            "concept": known.concept_id,
            "number": known.number,
            "object_version": version.number,
            "identifier": publication["identifier"]["value"],
        }
        return _Happened(known.published_at, "record.published", known.pk, "", _actor(version), payload)

    def record(self, whole: dict[str, Any], version: ObjectVersion) -> Record:
        publication = whole["publication"]
        metadata = {name: item for name, item in publication["work"].items() if item not in ([], {})}
        concept, _new = Concept.objects.get_or_create(pk=whole["concept"], defaults={"space": self.space(whole)})
        by = _user(_actor(version)["user"], version.created)
        record = Record.objects.create(
            id=whole["id"],
            concept=concept,
            number=whole["number"],
            space=self.space(whole),
            title=Work.model_validate(metadata, context=STORED).title()[:2000],
            metadata=metadata,
            document=documents.stored(whole),
            object_id=self.name,
            object_version=version.number,
            published_at=datetime.fromisoformat(publication["published_at"]),
            published_by_id=by,
            owner_id=_user(whole["owner"], version.created) if "owner" in whole else by,
        )
        RecordFile.objects.bulk_create(
            [_file(record, entry, version.state, self.inventory) for entry in publication.get("files", [])],
            batch_size=500,
        )
        self.identifiers(publication, record)
        self.draft(whole, record, version)
        return record

    def space(self, whole: Mapping[str, Any]) -> Space:
        names = whole["space"]["name"]
        space, new = Space.objects.get_or_create(
            slug=whole["space"]["slug"], defaults={"name_en": names["en"], "name_ja": names["ja"]}
        )
        if new:
            self.found.spaces.append(space.slug)
        return space

    def identifiers(self, publication: Mapping[str, Any], record: Record) -> None:
        own, above = publication["identifier"], publication.get("concept_identifier")
        state = own.get("state", Identifier.State.LOCAL)
        known, new = Identifier.objects.get_or_create(
            scheme=own["scheme"], value=own["value"], defaults={"record": record, "state": state}
        )
        if (
            not new
            and known.record
            and known.record.concept_id == record.concept_id
            and known.record.number < record.number
        ):
            known.record = record  # it came with an import and stands for the newest version that has it
            known.save(update_fields=["record"])
        if above:
            state = above.get("state", Identifier.State.LOCAL)
            Identifier.objects.get_or_create(
                scheme=above["scheme"], value=above["value"], defaults={"concept": record.concept, "state": state}
            )

    def draft(self, whole: Mapping[str, Any], record: Record, version: ObjectVersion) -> None:
        """The draft that became the record, with every decision and answer; one that the backup brought is finished."""
        publication = whole["publication"]
        reserved = {
            "record": record.pk,
            "identifier": publication["identifier"]["value"],
            "concept_identifier": (publication.get("concept_identifier") or {}).get("value"),
            "at": publication["published_at"],
        }
        draft, _new = Draft.objects.update_or_create(
            pk=whole.get("draft") or new_id(),
            defaults={
                "state": Draft.State.PUBLISHED,
                "record": record,
                "metadata": record.metadata,
                "reserved": reserved,
            },
            create_defaults={
                "state": Draft.State.PUBLISHED,
                "record": record,
                "metadata": record.metadata,
                "reserved": reserved,
                "space": record.space,
                "concept": record.concept,
                "owner_id": record.owner_id,
                "base_record": self.records.get(max(self.records, default=0)),
            },
        )
        record.draft = draft
        self.source(whole, draft, version)
        self.decisions(draft, version)
        self.answers(draft, version)

    def source(self, whole: Mapping[str, Any], draft: Draft, version: ObjectVersion) -> None:
        """Where it was imported from, so that importing it again finds it."""
        if (told := whole.get("imported")) is None or ImportSource.objects.filter(draft=draft).exists():
            return
        text = ""
        if SOURCE in version.state:
            with store().open(self.name, SOURCE, version.number) as content:
                text = content.read().decode("utf-8", "replace")
        names = ("system", "key", "concept_key", "ordinal", "url", "digest", "untaken")
        ImportSource.objects.create(
            draft=draft,
            document=text,
            created_at=datetime.fromisoformat(told["at"]),
            **{name: told[name] for name in names},
        )

    def decisions(self, draft: Draft, version: ObjectVersion) -> None:
        """Those that are not there, in their order, under the numbers they had where these are free. Suggestions are not in the store as rows: what was
        proposed stands in the provenance and in ``metadata/description.json``."""
        there = {(one.at, one.field, one.action): one for one in Decision.objects.filter(draft=draft)}
        told = list(self.lines("metadata/decisions.jsonl", version))
        taken = set(Decision.objects.filter(pk__in=[one["id"] for one in told]).values_list("pk", flat=True))
        made: dict[int, Decision] = {}
        for one in told:
            at = datetime.fromisoformat(one["at"])
            if known := there.get((at, one["field"], one["action"])):
                made[one["id"]] = known
                continue
            decision = Decision(
                pk=one["id"] if one["id"] not in taken else None,
                draft=draft,
                field=one["field"],
                action=one["action"],
                value=one["value"],
                position=one.get("position", 0),
                removed=one.get("removed", []),
                added=one.get("added", []),
                by_id=_user(one["actor"].get("user"), at),
                actor=one["actor"],
                at=at,
                undoes=made.get(one["undoes"]),
                group=one.get("group", ""),
            )
            decision.save()
            made[one["id"]] = decision

    def answers(self, draft: Draft, version: ObjectVersion) -> None:
        told = set(Answer.objects.filter(concept=draft.concept_id).values_list("item", "at"))
        for one in self.lines("metadata/answers.jsonl", version):
            at = datetime.fromisoformat(one["at"])
            if (one["item"], at) not in told:
                Answer.objects.create(
                    concept_id=draft.concept_id, draft=draft, item=one["item"], category=one["category"], path=one["file"],
                    sha256=one["sha256"], answer=one["answer"], by_id=_user(one["actor"].get("user"), at), actor=one["actor"], at=at,
                )  # fmt: skip

    def withdrawn(self, stone: Mapping[str, Any], version: ObjectVersion) -> _Happened:
        record = self.records[stone["number"]]
        at = datetime.fromisoformat(stone["withdrawn_at"])
        if not record.is_withdrawn:
            record.withdrawn_at, record.withdrawal_reason = at, stone["reason"]
            record.withdrawn_by_id, record.tombstone_version = _user(_actor(version)["user"], at), version.number
            record.save(update_fields=["withdrawn_at", "withdrawal_reason", "withdrawn_by", "tombstone_version"])
            record.identifiers.update(state=Identifier.State.TOMBSTONED)
            self.found.tombstones += 1
        payload = {"number": record.number, "object_version": version.number}
        return _Happened(at, "record.withdrawn", record.pk, "", _actor(version), payload)

    def disposed(self, said: Mapping[str, Any], version: ObjectVersion) -> _Happened:
        """Comes before the tombstones of the same version: the records are there by then, and are withdrawn by these."""
        newest = self.records[max(self.records)]
        at = datetime.fromisoformat(said["disposed_at"])
        files, size = disposing.totals(said["versions"])
        if not newest.concept.is_disposed:
            by = _user(_actor(version)["user"], at)
            disposing.mark(newest.concept, version.number, reason=said["reason"], by=by, at=at, files=files, size=size)
            self.found.disposed += 1
        for told in said["versions"]:
            untold = set(RecordFile.objects.filter(record=told["record"], sha512="").values_list("path", flat=True))
            for file in told["files"] if untold else ():
                if file["path"] in untold:
                    RecordFile.objects.filter(record=told["record"], path=file["path"]).update(sha512=file["sha512"])
        payload = {"object_version": version.number, "files": files, "size": size}
        return _Happened(at, "record.disposed", newest.pk, "", _actor(version), payload)

    def decided(self, said: Mapping[str, Any], version: ObjectVersion) -> _Happened:
        record, access = self.records[said["number"]], said["access"]
        if (record.access_version or 0) < version.number:
            record.access, record.access_version = access, version.number
            record.save(update_fields=["access", "access_version"])
        payload = {"rights": access["rights"], "until": access.get("until"), "object_version": version.number}
        return _Happened(
            datetime.fromisoformat(said["decided_at"]), "record.access-changed", record.pk, "", _actor(version), payload
        )


def _newest_first(one: datestamps.Noted) -> float:
    return -one.datestamp.timestamp()


def _order(path: str) -> tuple[bool, str]:
    """The record before what is said about it."""
    return path != "metadata/record.json", path


def _actor(version: ObjectVersion) -> dict[str, Any]:
    """Who wrote a version, as events name them."""
    address = version.user_address or ""
    number = address.removeprefix(_USER)
    if address.startswith(_USER) and number.isdigit():
        return {"kind": "person", "user": int(number)}
    return {"kind": "system", "user": None}


def _user(number: int | None, at: datetime) -> int | None:
    """The number of somebody who was there at that time; None for those who are not. Accounts made since, as in a new database, have
    the numbers of others."""
    return number if number is not None and number in people_at({number: at}) else None


def _file(record: Record, entry: Mapping[str, Any], state: Mapping[str, str], inventory: Inventory) -> RecordFile:
    # Old documents do not name it; where the files were disposed of what tells of the disposal does, which is read later.
    sha512 = entry.get("sha512") or state.get(f"files/{entry['path']}", "")
    pronom = {"puid": entry.get("puid"), "name": entry.get("pronom_format"), "version": entry.get("pronom_version")}
    return RecordFile(
        record=record,
        path=entry["path"],
        size=entry["size"],
        sha256=entry["sha256"],
        sha512=sha512,
        crc32=entry.get("crc32"),
        content_path=objects.content_path(inventory.manifest, sha512),
        media_type=entry["media_type"],
        table=entry.get("table"),
        pronom={name: item for name, item in pronom.items() if item} if entry.get("puid") else None,
    )
