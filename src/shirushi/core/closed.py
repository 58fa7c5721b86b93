"""What a record tells of closed files to those who may not have them: the one room of these rules.

What its depositor decided to say stays public: names, paths, sizes and formats of files; names, types, units, explanations and counts of
variables; places, dates, texts. What only the bytes tell does not: least and greatest values, words and values that were read (evidence),
digests, and whatever was made from the files. A digest is among it because it proves what a guessed file holds.

Nothing here asks who somebody is: callers say whether the reader may have the files (:func:`shirushi.core.rules.can_read_files`), and who
says nothing gets what strangers get.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings

from shirushi.core.models import Record
from shirushi.core.values import JSON

OF_VALUES = frozenset({"minimum", "maximum"})  # of a variable
DIGESTS = ("sha256", "sha512", "crc32")  # of a file


def tells_all(record: Record, *, may_read: bool = False) -> bool:
    """Whether everything may be told: the files are open to everybody today, or to this reader. No query."""
    return may_read or record.files_are_open


def ask_url(record_id: str) -> str:
    """The public address where the files are asked for."""
    return f"{settings.SHIRUSHI_BASE_URL}/records/{record_id}/ask"


def metadata_of(record: Record, *, may_read: bool = False) -> dict[str, JSON]:
    """The record's metadata, a Work as JSON, as the reader may see it."""
    metadata: dict[str, JSON] = record.metadata
    return metadata if tells_all(record, may_read=may_read) else without_values(metadata)


def work_of(record: Record, *, may_read: bool = False) -> dict[str, JSON]:
    """The same from its stored document."""
    work: dict[str, JSON] = record.document["publication"]["work"]
    return work if tells_all(record, may_read=may_read) else without_values(work)


def provenance_of(record: Record, *, may_read: bool = False) -> list[dict[str, Any]]:
    """Where each value came from; for those who may not have the files without the words and values that were read in them."""
    entries: list[dict[str, Any]] = record.document.get("provenance", [])
    if tells_all(record, may_read=may_read):
        return entries
    return provenance_without_words(entries)


def provenance_without_words(provenance: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Where each value came from, without the words and values that were read in the files."""
    return [{**entry, "evidence": evidence_without_words(entry["evidence"])} for entry in provenance]


def evidence_without_words(evidence: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Where something was seen, without what was seen there."""
    return [_without(seen, "value") | {"place": _without(seen["place"], "quote")} for seen in evidence]


def without_values(work: Mapping[str, JSON]) -> dict[str, JSON]:
    """A Work as JSON without the values of its data."""
    if not work.get("variables"):
        return dict(work)
    variables = [_without(one, *OF_VALUES) for one in work["variables"]]
    return {**work, "variables": variables}


def without_digests(file: Mapping[str, JSON]) -> dict[str, JSON]:
    """A file as JSON without what proves its bytes."""
    return _without(file, *DIGESTS)


def _without(told: Mapping[str, JSON], *names: str) -> dict[str, JSON]:
    return {name: item for name, item in told.items() if name not in names}
