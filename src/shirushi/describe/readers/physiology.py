"""EEG and other physiological signals: EDF, EDF+, BDF and BrainVision headers. The patient field is never kept.

Sources: Kemp et al. 1992, doi:10.1016/0013-4694(92)90009-7 (EDF); Kemp and Olivan 2003, doi:10.1016/S1388-2457(03)00123-8
(EDF+); BioSemi (BDF); BrainVision Core Data Format 1.0.
"""

import re
from collections import Counter
from collections.abc import Iterator

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.facts import Facts
from shirushi.describe.readers.streams import whole
from shirushi.describe.text import decode

EDF, BRAINVISION = "edf/1", "brainvision/1"
MOST_SIGNALS = 1_024
_MONTHS = {
    name: f"{n:02d}"
    for n, name in enumerate(
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], start=1
    )
}
_WIDTHS = (("label", 16), ("transducer", 80), ("unit", 8), ("minimum", 8), ("maximum", 8), ("low", 8), ("high", 8), ("filter", 80),
    ("samples", 8))  # fmt: skip


@reads("application/x-edf", "application/x-bdf", version=1)
def read_edf(file: File) -> Iterator[Evidence]:
    """When and how long, at which rate, and every signal as an ``array`` with its unit.

    Raises:
        Unreadable: ``truncated`` or ``malformed``.
    """
    facts = Facts(file, EDF)
    head = file.head(256)
    if len(head) < 256:
        raise Unreadable("truncated", f"{len(head)} of the first 256 bytes are there")
    version = "BDF" if head[:1] == b"\xff" else "EDF"
    reserved = head[192:236].decode("latin-1").strip()
    records, seconds, signals = (_number(head[a:b]) for a, b in ((236, 244), (244, 252), (252, 256)))
    if signals is None or not 0 < signals <= MOST_SIGNALS or seconds is None or records is None:
        raise Unreadable("malformed", "its numbers of records and signals cannot be read")
    count = int(signals)
    body = file.head(256 + 256 * count)[256:]
    if len(body) < 256 * count:
        raise Unreadable("truncated", f"the headers of {count} signals are not all there")
    yield from facts.attribute("format version", reserved or version, path="version")
    # "X X X X" says that a patient was there and is not named any more
    patient = head[8:88].decode("latin-1").split()
    yield from facts.sensitive(
        "patient", sum(1 for part in patient if part.upper() != "X" and len(part) > 1), "patient"
    )
    yield from _recorded(facts, head)
    duration = seconds * records if records > 0 else 0.0
    if duration > 0:
        yield from facts.attribute("duration", f"{duration:g} s", path="records")
    yield from facts.attribute("signals", count)
    yield from _signals(facts, body, count, int(records), seconds, "int24" if version == "BDF" else "int16")


def _number(data: bytes) -> float | None:
    text = data.decode("latin-1").strip("\0 ")
    return float(text) if re.fullmatch(r"[-+]?\d{1,8}(?:[.,]\d{1,6})?", text) and "," not in text else None


def _recorded(facts: Facts, head: bytes) -> Iterator[Evidence]:
    """The start, by EDF+'s recording field where it has the year in full; the equipment that this names."""
    field = head[88:168].decode("latin-1").strip()
    day, month, year = (part for part in (head[168:176].decode("latin-1") + "...").split(".")[:3])
    match = re.match(r"Startdate (\d{2})-([A-Z]{3})-(\d{4})", field)
    if match and match[2] in _MONTHS:
        yield from facts.period(f"{match[3]}-{_MONTHS[match[2]]}-{match[1]}", path="startdate", quote=match[0])
    elif (day + month + year).isdecimal():  # 85 to 99 are 1985 to 1999 (EDF+, 2.1.3.4)
        full = f"19{year}" if int(year) >= 85 else f"20{year}"
        yield from facts.period(f"{full}-{month}-{day}", path="startdate", quote=head[168:176].decode("latin-1"))
    parts = field.split(" ")
    if match and len(parts) >= 5:
        # Startdate, date, code of the investigation, code of the investigator, code of the equipment
        named = parts[3].upper() not in ("X", "")
        yield from facts.sensitive("personal-name", int(named), "recording")
        equipment = parts[4].replace("_", " ")
        yield from facts.instrument(
            "recording/equipment", {"name": equipment if parts[4].upper() != "X" else ""}, quote=parts[4]
        )


def _signals(facts: Facts, body: bytes, count: int, records: int, seconds: float, dtype: str) -> Iterator[Evidence]:
    rates: Counter[float] = Counter()
    at, columns = 0, {}
    for name, width in _WIDTHS:
        part = body[at : at + width * count]
        columns[name] = [part[i * width : (i + 1) * width].decode("latin-1").strip("\0 ") for i in range(count)]
        at += width * count
    for number in range(count):
        label = columns["label"][number]
        samples = int(columns["samples"][number]) if columns["samples"][number].isdecimal() else 0
        if not label or label in ("EDF Annotations", "BDF Annotations"):
            continue
        if seconds > 0 and samples:
            rates[round(samples / seconds, 4)] += 1
        value: dict[str, JSON] = {"name": label, "shape": [samples * max(records, 0)], "dtype": dtype,
            "dimensions": ["time"], "group": ""}  # fmt: skip
        if unit := columns["unit"][number]:
            value["unit"] = "µV" if unit == "uV" else unit
        if transducer := columns["transducer"][number]:
            value["long_name"] = f"{label} ({transducer})"
        yield Evidence("array", value, facts.place(f"signal[{number}]", label), EDF)
    listed = [f"{rate:g} Hz ({number} signals)" for rate, number in rates.most_common(4)]
    yield from facts.attribute("sampling frequency", listed[0].split(" (")[0] if len(rates) == 1 else listed)
    filters = Counter(text for text in columns["filter"] if text)
    yield from facts.attribute("prefiltering", [text for text, _ in filters.most_common(3)])


# ---- BrainVision


_SECTION = re.compile(r"^\[([^\]]+)\]\s*$")


@reads("text/x-brainvision", version=1)
def read_brainvision(file: File) -> Iterator[Evidence]:
    """A ``.vhdr``: the channels as arrays, the sampling rate, the recorder and its amplifier.

    Raises:
        Unreadable: ``malformed`` when there are no common infos.
    """
    facts = Facts(file, BRAINVISION)
    section = ""
    common: dict[str, tuple[str, int]] = {}
    channels: list[tuple[int, int, list[str]]] = []
    for number, line in enumerate(decode(whole(file, 2_000_000)).text.splitlines(), start=1):
        if match := _SECTION.match(line):
            section = match[1].strip().lower()
        elif line.startswith(";") or not line.strip():
            continue
        elif section == "comment":
            yield from _comment(facts, line, number)
        elif section in ("common infos", "binary infos") and "=" in line:
            key, _, value = line.partition("=")
            common[key.strip()] = (value.strip(), number)
        elif (
            section == "channel infos"
            and (match := re.match(r"Ch(\d{1,5})=(.*)", line))
            and len(channels) < MOST_SIGNALS
        ):
            parts = [part.replace("\\1", ",").strip() for part in match[2].split(",")]
            channels.append((int(match[1]), number, parts))
    if not common:
        raise Unreadable("malformed", "no common infos in it")
    for key, name in (
        ("DataFormat", "data format"),
        ("DataOrientation", "data orientation"),
        ("BinaryFormat", "binary format"),
    ):
        text, line_number = common.get(key, ("", 0))
        yield from facts.attribute(name, text, path=key, line=line_number)
    interval, line_number = common.get("SamplingInterval", ("", 0))
    if (step := _number(interval.encode()[:16])) and step > 0:
        quote = f"SamplingInterval={interval}"
        yield from facts.attribute(
            "sampling frequency", f"{1_000_000 / step:g} Hz", path="SamplingInterval", quote=quote, line=line_number
        )
    yield from facts.attribute("channels", len(channels), path="NumberOfChannels")
    points, _ = common.get("DataPoints", ("", 0))
    for position, line_number, parts in channels:
        channel: dict[str, JSON] = {"name": parts[0] or f"Ch{position}", "shape": [int(points[:12])] if points.isdecimal() else [],
            "dtype": common.get("BinaryFormat", ("", 0))[0].lower().replace("_", ""), "dimensions": ["time"], "group": "",
            "unit": parts[3] if len(parts) > 3 and parts[3] else "µV"}  # fmt: skip
        yield Evidence("array", channel, facts.place(f"Ch{position}", ",".join(parts), line_number), BRAINVISION)


def _comment(facts: Facts, line: str, number: int) -> Iterator[Evidence]:
    """Lines that BrainVision Recorder adds: its version and the amplifier."""
    if match := re.match(r"\s*(?:Amplifier(?: (?:Type|Name))?)\s*[:=]\s*(\S.*)", line, re.IGNORECASE):
        yield from facts.instrument(
            "Comment/Amplifier", {"name": match[1], "type": "amplifier"}, quote=line, line=number
        )
    elif match := re.match(r"\s*(BrainVision Recorder|BrainVision Analyzer)\b.*?([\d.]{3,})?\s*$", line):
        yield from facts.software(match[1], match[2] or "", path="Comment", quote=line, line=number)
    elif match := re.match(r"\s*Reference Channel Name\s*[:=]\s*(\S.*)", line, re.IGNORECASE):
        yield from facts.attribute("reference channel", match[1], path="Comment/Reference", quote=line, line=number)
