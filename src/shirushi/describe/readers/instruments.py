"""Exports of laboratory instruments: the device, its software, who measured what, when and how.

Any file whose head speaks like an instrument's (:mod:`.instrument_keys`) is read by its keys alone. Where the extra ``[lab]`` is
installed and knows the file, the parser's Allotrope Simple Model is read as well, and is believed first.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from shirushi.describe.evidence import JSON, AttributePlace, Evidence, FilePlace, LinePlace, Place, to_json
from shirushi.describe.readers import allotrope
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.instrument_keys import ENOUGH, Fact, facts, score
from shirushi.describe.readers.instrument_pairs import pairs_of
from shirushi.describe.text import decode

READER, PARSED = "instrument/1", "instrument-asm/1"
MOST_QUANTITIES = 60
MOST_ALIKE = 12
_LONGEST = 2_000_000

# ASM keys (Allotrope Simple Model, REC/2024-2026) → property of "measurement" evidence
_SAID: Mapping[str, str] = {
    "analyst": "analyst",
    "measurement time": "time",
    "detection type": "detection",
    "method identifier": "method",
    "analytical method identifier": "method",
    "experiment type": "method",
    "assay identifier": "method",
    "well plate identifier": "plate",
    "source well plate identifier": "plate",
    "destination well plate identifier": "plate",
    "detector wavelength setting": "wavelength",
    "excitation wavelength setting": "wavelength",
}
_DEVICE = {"model number": "model", "equipment serial number": "serial_number", "product manufacturer": "manufacturer", "device type": "type"}  # fmt: skip
_NOTHING = frozenset(("", "n/a", "unknown", "none", "nan", "not applicable", "default"))
_SETTING = re.compile(r"setting$|identifier$|^(?:retention time|peak )|index$")
_QUANTITIES = ("measurement document", "processed data document", "calculated data document", "sample document", "peak")


@reads(
    "text/plain", "text/csv", "text/tab-separated-values", "application/json", "application/xml", "application/zip",
    "application/x-ole-storage", "application/vnd.ms-excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)  # fmt: skip
def read_instrument(file: File) -> Iterator[Evidence]:
    """What an instrument's export says of the instrument and the measurement; nothing of any other file."""
    if file.size == 0 or _is_sidecar(file):
        return
    try:
        found = facts(pairs_of(file))
        parsed = _parsed(file)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - what is wrong with the file, its format's own reader tells
        return
    if parsed is not None:
        yield from of_document(file, parsed)
    if parsed is not None or score(found) >= ENOUGH:
        yield from of_facts(found)


def _is_sidecar(file: File) -> bool:
    """Whether it is the sidecar of an image, which another reader tells of."""
    if file.media_type != "application/json":
        return False
    from shirushi.describe.readers import bids

    return bids.may_be_sidecar(file)


def standard(path: str, name: str, size: int, media_type: str, format: str) -> JSON:  # noqa: A002 - as in File
    """The file in the Allotrope Simple Model; called in a worker. Raises as :func:`.allotrope.convert`."""
    return dict(allotrope.convert(File(Path(path), name, size, media_type, format)).document)


def read_facts(path: str, name: str, size: int, media_type: str, format: str) -> JSON:  # noqa: A002 - as in File
    """The evidence of :func:`read_instrument` as plain JSON; called in a worker."""
    return [to_json(item) for item in read_instrument(File(Path(path), name, size, media_type, format))]


def _parsed(file: File) -> allotrope.Recognised | None:
    """The file in the standard model; None when nobody knows it. What a parser refuses is still read by its keys."""
    if not allotrope.is_installed() or not allotrope.may_be_export(file):
        return None
    try:
        return allotrope.convert(file)
    except Unreadable:
        return None


def of_facts(found: Iterable[Fact]) -> Iterator[Evidence]:
    """Evidence from keys: one instrument, one program, and what else is said, each value once."""
    found = list(_preferred(list(found)))
    device = {
        name: next((f for f in found if f.property == name), None)
        for name in ("model", "serial_number", "manufacturer")
    }
    place = next((f.place for f in device.values() if f), None)
    if place is not None and (device["model"] or device["serial_number"]):
        yield Evidence("instrument", {name: tidy(name, f.value) for name, f in device.items() if f}, place, READER)
    program = next((f for f in found if f.property == "software"), None)
    version = next((f for f in found if f.property == "version" and _of_software(f.key)), None)
    if program is not None:
        value = {"name": program.value, **({"version": tidy("version", version.value)} if version else {})}
        yield Evidence("software-used", value, program.place, READER)
    said: set[tuple[str, str]] = set()
    for fact in found:
        if fact.property in ("analyst", "time", "method", "detection", "wavelength", "plate"):
            key = (fact.property, fact.value)
            if key not in said and sum(name == fact.property for name, _ in said) < MOST_ALIKE:
                said.add(key)
                yield Evidence("measurement", {"property": fact.property, "value": fact.value}, fact.place, READER)


def _preferred(found: list[Fact]) -> Iterator[Fact]:
    """The facts, a named model before the name that a laboratory gave, no serial number as a model, a plate's barcode before its
    position."""
    serials = {tidy("serial_number", fact.value) for fact in found if fact.property == "serial_number"}
    barcodes = any(fact.property == "plate" and re.search(r"bar ?code", fact.key, re.IGNORECASE) for fact in found)
    named = sorted(found, key=lambda fact: not re.search(r"model|type|機種|型", fact.key, re.IGNORECASE))
    for fact in named:
        is_position = fact.property == "plate" and barcodes and not re.search(r"bar ?code", fact.key, re.IGNORECASE)
        if not is_position and not (fact.property == "model" and fact.value in serials):
            yield fact


def _of_software(key: str) -> bool:
    return not re.search(r"firmware|protocol|method|plate", key, re.IGNORECASE)


def tidy(name: str, value: str) -> str:
    """A serial number without the words for one, a version without ``Version``."""
    if name == "serial_number":
        return re.sub(r"^(?:s/?n|serial(?: (?:number|no\.?))?)[\s:.#]+", "", value, flags=re.IGNORECASE)
    if name == "version":
        return re.sub(r"^(?:version|ver\.?|v)\s*(?=\d)", "", value, flags=re.IGNORECASE)
    return value


def of_document(file: File, parsed: allotrope.Recognised) -> Iterator[Evidence]:
    """Evidence from a document of the standard model: what stands in the file word for word at its line, the rest at its path in
    the document."""
    places = _Places(file)
    leaves = list(_leaves(parsed.document))
    device: dict[str, JSON] = {}
    at: Place | None = None
    for path, key, value in leaves:
        if (
            key in _DEVICE
            and _DEVICE[key] not in device
            and isinstance(value, str)
            and value.casefold() not in _NOTHING
        ):
            device[_DEVICE[key]] = value
            at = at if isinstance(at, LinePlace) else places.of(path, value)
    name = next(
        (v for p, k, v in leaves if k == "device identifier" and "device control" not in p and isinstance(v, str)), None
    )
    if name and name.casefold() not in _NOTHING:
        device["name"] = name
    if at is not None:
        yield Evidence("instrument", device, at, PARSED)
    software = [v for _, k, v in leaves if k == "software name" and isinstance(v, str) and v.casefold() not in _NOTHING]
    version = next(((p, v) for p, k, v in leaves if k == "software version"), None)
    if software:
        known: dict[str, JSON] = {"name": software[0], **({"version": str(version[1])} if version else {})}
        place = places.of(*version) if version else places.of("/software name", software[0])
        yield Evidence("software-used", known, place, PARSED)
    yield from _said(leaves, places)
    yield from _quantities(parsed.document, file)


def _said(leaves: list[tuple[str, str, Any]], places: "_Places") -> Iterator[Evidence]:
    said: dict[str, set[str]] = {}
    times = sorted(str(value) for _, key, value in leaves if key == "measurement time")
    ends = {times[0], times[-1]} if times else set()
    for path, key, value in leaves:
        name = _SAID.get(key) or ("wavelength" if key == "value" and "wavelength setting/" in path else None)
        text = f"{value:g} nm" if name == "wavelength" and isinstance(value, int | float) else str(value)
        known = said.setdefault(name or "", set())
        if name is None or text in known or len(known) >= MOST_ALIKE or text.casefold() in _NOTHING:
            continue
        if name == "time" and text not in ends:
            continue
        known.add(text)
        yield Evidence("measurement", {"property": name, "value": text}, places.of(path, text), PARSED)


def _quantities(document: Mapping[str, Any], file: File) -> Iterator[Evidence]:
    """What was measured, with its unit: members that hold a value and a unit and are no setting."""
    seen: set[str] = set()
    stack: list[tuple[str, Any]] = [("", document)]
    while stack and len(seen) < MOST_QUANTITIES:
        path, value = stack.pop()
        if isinstance(value, list):
            stack.extend((f"{path}/{i}", item) for i, item in reversed(list(enumerate(value[:200]))))
        elif isinstance(value, dict):
            for key, item in value.items():
                here = f"{path}/{key}"
                if isinstance(item, dict) and {"value", "unit"} <= item.keys():
                    if key not in seen and not _SETTING.search(key) and any(part in here for part in _QUANTITIES):
                        seen.add(key)
                        unit = str(item["unit"])
                        said = {
                            "property": "quantity",
                            "value": key,
                            **({"unit": unit} if unit != "(unitless)" else {}),
                        }
                        yield Evidence("measurement", said, AttributePlace(file.name, f"asm:{here}", None, key), PARSED)
                else:
                    stack.append((here, item))


def _leaves(document: Any) -> Iterator[tuple[str, str, Any]]:
    """(path, key, value) of every leaf, in order."""
    stack: list[tuple[str, str, Any]] = [("", "", document)]
    while stack:
        path, key, value = stack.pop()
        if isinstance(value, dict):
            stack.extend((f"{path}/{k}", str(k), v) for k, v in reversed(list(value.items())))
        elif isinstance(value, list):
            stack.extend((f"{path}/{i}", key, v) for i, v in reversed(list(enumerate(value))))
        else:
            yield path, key, value


class _Places:
    """Where a value of the standard model stands in a text file, if it stands there word for word."""

    def __init__(self, file: File) -> None:
        self.file = file.name
        self.lines: list[str] = []
        if allotrope.kind_of(file) in ("text", "xml", "json"):
            text = decode(file.head(_LONGEST), truncated=file.size > _LONGEST).text
            self.lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def of(self, path: str, value: object) -> Place:
        text = str(value).removesuffix(" nm")
        pattern = re.compile(rf"(?<![\w.]){re.escape(text)}(?![\w])")
        for number, line in enumerate(self.lines if len(text) > 1 else ()):
            if text in line and (match := pattern.search(line)):
                return LinePlace(self.file, number + 1, number + 1, match.start(), match.end(), text[:300])
        return AttributePlace(self.file, f"asm:{path}", None, str(value)[:300]) if path else FilePlace(self.file, text)
