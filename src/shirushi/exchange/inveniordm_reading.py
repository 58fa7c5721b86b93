"""A Work's fields from InvenioRDM's record JSON: what its clients send when they make or change a draft.

The JSON holds less than a Work does, so what is sent is compared with what was shown: a value that came back as it was shown stays
what it is, with everything that InvenioRDM has no place for. What has no place in a Work is told, never dropped without a word.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shirushi.exchange import inveniordm
from shirushi.exchange.common import compact, unique
from shirushi.exchange.inveniordm_fields import AS_IT_IS, JSON, READERS, Node, dumped
from shirushi.metadata.fields import Text2
from shirushi.metadata.published import Publication
from shirushi.metadata.work import Work

# The field of a Work that each key of InvenioRDM's metadata belongs to. ``formats`` and ``sizes`` are what the files are; they are
# shown and never taken.
FIELDS = {
    "resource_type": "resource_type",
    "creators": "creators",
    "title": "titles",
    "additional_titles": "titles",
    "publisher": "publisher",
    "publication_date": "publication_date",
    "subjects": "subjects",
    "contributors": "contributors",
    "dates": "dates",
    "languages": "languages",
    "identifiers": "alternate_identifiers",
    "related_identifiers": "related",
    "version": "version",
    "rights": "rights",
    "description": "descriptions",
    "additional_descriptions": "descriptions",
    "locations": "locations",
    "funding": "funding",
}
_OF_THE_FILES = {"formats", "sizes"}
_KEPT_WHERE_ABSENT = {"publisher", "resource_type"}  # a draft has them from the start

_NO_PLACE = Text2(
    "This repository has no place for it, so it was not kept. Put it into the description or into a file.",
    "この項目を入れる場所がないため、保存していません。説明文かファイルに書いてください。",
)
_NOT_READ = Text2(
    "This is not of the form that InvenioRDM gives it, so it was not kept. Please check it.",
    "InvenioRDM の形式と合わないため、保存していません。見直してください。",
)
_CLOSED = Text2(
    "What is written about a record is always public here; only its files can be restricted. Nothing was kept.",
    "ここではメタデータは常に公開されます。制限できるのはファイルだけです。何も保存していません。",
)


class Refused(ValueError):
    """What is asked for cannot be had here, and doing without it would be worse than not doing it."""

    def __init__(self, path: str, message: Text2) -> None:
        super().__init__(message.en)
        self.path = path
        self.message = message


@dataclass(slots=True)
class Reading:
    """``fields``: the whole new value of each field of a Work that was spoken of, not yet checked. ``untaken``: what was not
    taken, by its dotted path in the JSON, and why."""

    fields: dict[str, JSON] = field(default_factory=dict)
    untaken: list[tuple[str, Text2]] = field(default_factory=list)


def read(record: Node, held: Work) -> Reading:
    """What a record's JSON says, for a draft that holds ``held``. ``metadata`` stands for all of the metadata: a key that is not
    there empties its field; where there is no ``metadata`` at all, nothing is emptied.

    Raises:
        Refused: the record itself is to be closed. Its metadata would be public all the same.
    """
    reading = Reading()
    if isinstance(sent := record.get("metadata"), Mapping):
        _metadata(sent, held, reading)
    if isinstance(access := record.get("access"), Mapping):
        reading.fields["access"] = _access(access, held)
    _outer_identifier(record, held, reading)
    if record.get("custom_fields"):
        reading.untaken.append(("custom_fields", _NO_PLACE))
    return reading


def path_of(pointer: str) -> str:
    """The dotted path in InvenioRDM's JSON of what a JSON Pointer into a Work's JSON points at, as near as it has one."""
    name, *rest = pointer.strip("/").split("/")
    if name in ("access", "files", ""):
        return name
    single = {"titles": "title", "descriptions": "description"}.get(name)
    if single:
        return f"metadata.{single}" if rest[:1] in ([], ["0"]) else f"metadata.additional_{name}"
    known = {ours: theirs for theirs, ours in FIELDS.items()}
    return (
        ".".join(["metadata", known.get(name, name), *rest]) if name in known else pointer.strip("/").replace("/", ".")
    )


def _metadata(sent: Node, held: Work, reading: Reading) -> None:
    for key in sent:
        if key not in FIELDS and key not in _OF_THE_FILES and sent[key]:
            reading.untaken.append((f"metadata.{key}", _NO_PLACE))
    shown = inveniordm.metadata(Publication(work=held))
    if held.publication_date is None:
        del shown["publication_date"]  # the day of today, until there is one
    for name in unique(FIELDS.values()):
        keys = [key for key, of in FIELDS.items() if of == name]
        if all(sent.get(key) == shown.get(key) for key in keys):
            continue
        if name in _KEPT_WHERE_ABSENT and not sent.get(keys[0]):
            continue
        try:
            value = READERS[name](sent, held)
        except (TypeError, ValueError, AttributeError, KeyError, IndexError, RecursionError):
            reading.untaken.append((f"metadata.{keys[0]}", _NOT_READ))
        else:
            if value is not AS_IT_IS:
                reading.fields[name] = value


# -- beside the metadata


def _access(sent: Node, held: Work) -> JSON:
    if sent.get("record", "public") != "public":
        raise Refused("access.record", _CLOSED)
    embargo = sent.get("embargo")
    embargo = embargo if isinstance(embargo, Mapping) else {}
    note = held.access.note if held.access else None
    if embargo.get("active"):
        return compact({"rights": "embargoed", "until": embargo.get("until"), "note": embargo.get("reason") or note})
    if sent.get("files") == "restricted":
        return compact({"rights": "restricted", "note": note})
    return dumped(held.access) if held.access and held.access.rights == "open" else None


def _outer_identifier(record: Node, held: Work, reading: Reading) -> None:
    """A DOI that it has from elsewhere is kept as another identifier; those of this house are minted when it is published."""
    pids = record.get("pids")
    doi = pids.get("doi") if isinstance(pids, Mapping) else None
    value = doi.get("identifier") if isinstance(doi, Mapping) and doi.get("provider") == "external" else None
    if not value:
        return
    others = reading.fields.get("alternate_identifiers", [dumped(each) for each in held.alternate_identifiers])
    if all(other["identifier"] != value for other in others):
        reading.fields["alternate_identifiers"] = [*others, {"identifier": value, "type": "DOI"}]
