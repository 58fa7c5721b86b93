"""Instruments, and what their exports say of who measured, when, and what."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from shirushi.describe.evidence import JSON, Candidate, Evidence
from shirushi.describe.names import clean, looks_like_person
from shirushi.describe.readers.instrument_keys import property_of
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import suggests
from shirushi.describe.suggesters.common import stated_by, unique
from shirushi.describe.suggesters.dates import read_dates
from shirushi.describe.text import fold

TARGET = "/instruments/-"
MOST = 12
# Attributes of netCDF (ACDD: instrument, instrument_vocabulary aside), FITS (4.0, 4.4.2), HDF5/NeXus, BIDS sidecars and DICOM
_NAMES = ("instrument", "instrument name", "instrume", "sensor", "sensor name", "instrument id")
_MODELS = (
    "model",
    "camera model name",
    "manufacturers model name",
    "manufacturer model name",
    "instrument model",
    "sensor model",
)
_MAKERS = ("make", "manufacturer", "instrument manufacturer", "sensor manufacturer")
_SERIALS = (
    "serial number",
    "body serial number",
    "device serial number",
    "instrument serial number",
    "sensor serial number",
)
_TELESCOPES = ("telescop", "telescope")
_KINDS = ("modality", "instrument type", "sensor type")
_PARTS = {
    "name": _NAMES,
    "model": _MODELS,
    "manufacturer": _MAKERS,
    "serial_number": _SERIALS,
    "type": _KINDS,
    "telescope": _TELESCOPES,
}
_PART_OF = {key: part for part, keys in _PARTS.items() for key in keys}
_PARTS_OF_VALUE = ("manufacturer", "model", "serial_number", "type")
_MODALITIES = frozenset(("mr", "ct", "pt", "us", "xa", "meg", "eeg", "ieeg", "nirs"))
_NOT_NAMES = re.compile(r"^(?:n/?a|none|unknown|other|various|-+|[\d.\s]+|.{121,})$|^https?://", re.IGNORECASE)


@suggests("instruments")
def instruments(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Stated ones; those of exports, of attributes and EXIF (maker and model of one file belong together), of labelled lines."""
    for item in seen.stated("instruments"):
        yield Candidate(TARGET, item.value["value"], (item,), stated_by("instruments", item))
    parsed = {item.place.file for item in seen.of("instrument") if "asm" in item.reader}
    exports = [item for item in seen.of("instrument") if "asm" in item.reader or item.place.file not in parsed]
    yield from _gathered(((item.value, [item]) for item in exports), "instruments.export")
    yield from _gathered(_of_attributes(seen), "instruments.attribute")
    yield from _gathered(_of_lines(seen), "instruments.key-value")


def _gathered(found: Iterable[tuple[JSON, list[Evidence]]], method: str) -> Iterator[Candidate]:
    """One candidate for each different instrument, with the evidence of all files that name it; those of most files first."""
    values: dict[tuple[str, str], dict[str, JSON]] = {}
    evidence: defaultdict[tuple[str, str], list[Evidence]] = defaultdict(list)
    for parts, items in found:
        value = _value(parts)
        if value is not None:
            key = (fold(str(value["name"])), fold(str(value.get("serial_number", ""))))
            values.setdefault(key, value)
            evidence[key] += items
    for key in sorted(values, key=lambda key: -len(evidence[key]))[:MOST]:
        named_by = unique(evidence[key][:40])
        yield Candidate(
            TARGET,
            values[key],
            named_by,
            method,
            score=min(1.0, len(named_by) / 10),
            features={"found": min(len(named_by), 5) / 5},
        )


def _value(parts: JSON) -> dict[str, JSON] | None:
    """The field's value; the maker and model are its name where no other is given. None where nothing names it."""
    clean_parts = {
        key: " ".join(str(value).split()) for key, value in parts.items() if value and not _NOT_NAMES.search(str(value))
    }
    if parts.get("serial_number"):
        clean_parts["serial_number"] = " ".join(str(parts["serial_number"]).split())[:100]
    maker, model = clean_parts.get("manufacturer", ""), clean_parts.get("model", "")
    named = model if not maker or fold(model).startswith(fold(maker).split(" ")[0]) else f"{maker} {model}"
    name = clean_parts.get("name") or (named if model else "") or clean_parts.get("type", "")
    if not name and maker and clean_parts.get("serial_number"):
        name = maker
    if not name:
        return None
    return {"name": name, **{key: clean_parts[key] for key in _PARTS_OF_VALUE if key in clean_parts}}


def _of_attributes(seen: EvidenceSet) -> Iterator[tuple[JSON, list[Evidence]]]:
    """For each file, the attributes that name its instrument: of the file itself, not of its variables."""
    files: defaultdict[str, list[tuple[str, Evidence]]] = defaultdict(list)
    for item in seen.of("attribute", "exif", "key-value"):
        if item.kind == "key-value" and not item.place.file.lower().endswith(".json"):
            continue
        if item.kind == "attribute" and item.value.get("owner"):
            continue
        part = _PART_OF.get(_folded(str(item.value.get("name") or item.value.get("key"))))
        if part and isinstance(item.value.get("value"), str) and item.value["value"].strip():
            files[item.place.file].append((part, item))
    for found in files.values():
        parts: dict[str, JSON] = {}
        for part, item in found:
            parts.setdefault(part, item.value["value"].strip())
        if fold(str(parts.get("type", ""))) in _MODALITIES and not {"model", "name"} & parts.keys():
            continue
        # a telescope is an instrument of its own, not the kind of what hangs on it
        told = [item for part, item in found if part != "telescope"]
        if telescope := parts.pop("telescope", None):
            yield {"name": telescope, "type": "telescope"}, [item for part, item in found if part == "telescope"][:1]
        if parts and parts.keys() != {"manufacturer"}:
            yield parts, told


def _folded(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.rpartition(":")[2].rpartition("/")[2])
    return fold(spaced.replace("_", " ").replace("'", ""))


def _of_lines(seen: EvidenceSet) -> Iterator[tuple[JSON, list[Evidence]]]:
    """Labelled lines of texts: ``Instrument: …``, ``測定装置：…``; the serial number and maker of the same file and section go with it."""
    groups: defaultdict[tuple[str, str], list[tuple[str, Evidence]]] = defaultdict(list)
    for item in seen.of("key-value"):
        value = item.value["value"]
        if isinstance(value, str) and (part := property_of(str(item.value["key"]))) in (
            "model",
            "serial_number",
            "manufacturer",
        ):
            groups[item.place.file, str(item.value.get("section") or "")].append((str(part), item))
    for found in groups.values():
        by = dict(reversed(found))
        if "model" not in by or fold(str(by["model"].value["key"])) in (
            "system",
            "unit",
            "reader",
            "model",
            "machine",
            "device id",
            "unit id",
        ):
            continue  # a model may be a statistical one
        for kind, item in found:
            value = item.value["value"].strip()
            if kind == "model" and 2 < len(value) <= 120 and not re.search(r"[。.]\s*$", value):
                rest = {key: by[key].value["value"] for key in ("serial_number", "manufacturer") if key in by}
                one = sum(p == "model" for p, _ in found) == 1
                yield {"name": value, **(rest if one else {})}, [item, *(by[key] for key in rest if one)]


@suggests("dates")
def measured(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """The days of measurement that exports tell, as the time of collection: one day, or from the first to the last."""
    days: list[tuple[str, Evidence]] = []
    parsed = {item.place.file for item in _said(seen, "time") if "asm" in item.reader}
    for item in _said(seen, "time"):
        if item.place.file in parsed and "asm" not in item.reader:
            continue
        day = day_of(str(item.value["value"]))
        if day and (context.today is None or day <= context.today.isoformat()):
            days.append((day, item))
    if days:
        days.sort(key=lambda pair: pair[0])
        first, last = days[0], days[-1]
        value = first[0] if first[0] == last[0] else f"{first[0]}/{last[0]}"
        yield Candidate(
            "/dates/-", {"date": value, "type": "Collected"}, unique([first[1], last[1]]), "dates.instrument"
        )


def day_of(text: str) -> str | None:
    """The first whole day in a text (EDTF), also one written without marks: 20231120."""
    spread = re.sub(r"(?<!\d)(20\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(?!\d)", r"\1-\2-\3", text)
    return next((value for value, _, _ in read_dates(spread) if len(value) == 10), None)


@suggests("contributors")
def analysts(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Who operated the instrument, where the export names a person and not an account."""
    found: defaultdict[str, list[Evidence]] = defaultdict(list)
    for item in _said(seen, "analyst"):
        name = clean(str(item.value["value"]))
        if name and " " in name.strip() and looks_like_person(name):
            found[name].append(item)
    for name, items in found.items():
        yield Candidate(
            "/contributors/-", {"name": name, "role": "DataCollector"}, unique(items[:10]), "contributors.instrument"
        )


@suggests("variables")
def quantities(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """What an export measured, with its unit, where its table gave no columns to speak of it."""
    columns = {(item.place.file, fold(str(item.value["name"]))) for item in seen.of("column")}
    for item in _said(seen, "quantity"):
        name = str(item.value["value"])
        if (item.place.file, fold(name)) not in columns:
            unit = {"unit": item.value["unit"]} if item.value.get("unit") else {}
            value = {"name": name, "file": item.place.file, "type": "number", **unit}
            yield Candidate("/variables/-", value, (item,), "variables.instrument")


def _said(seen: EvidenceSet, name: str) -> list[Evidence]:
    return [item for item in seen.of("measurement") if item.value["property"] == name]
