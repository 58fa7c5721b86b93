"""Spectra with labelled headers: JCAMP-DX, and the parameter files of Bruker's NMR spectrometers.

Sources: McDonald and Wilks 1988, doi:10.1366/0003702884428734 (JCAMP-DX 4.24); Davies and Lampen 1993,
doi:10.1366/0003702934067874 (NMR); Bruker TopSpin's acquisition and processing parameters (``acqus``, ``procs``).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.facts import Facts
from shirushi.describe.readers.streams import Stream

JCAMP, BRUKER = "jcamp-dx/1", "bruker/1"
MOST_BYTES = 8_000_000
MOST_BLOCKS = 20
MOST_LABELS = 2_000
_LABEL = re.compile(r"\s*##\s*(?P<label>[^=]{0,80})=\s*(?P<value>.*)")
_COMMENT = re.compile(r"\$\$.*")
# labels as they compare: capitals, without blanks, dashes, slashes and underscores
_KEPT = {
    "DATATYPE": "data type", "JCAMPDX": "JCAMP-DX version", "ORIGIN": "origin", "OWNER": "owner", "CLASS": "class", "MOLFORM": "molecular formula",
    "CASREGISTRYNO": "CAS registry number", "CASNAME": "CAS name", "NAMES": "names", "SAMPLEDESCRIPTION": "sample description", "STATE": "state",
    "SAMPLINGPROCEDURE": "sampling procedure", "RESOLUTION": "resolution", "PRESSURE": "pressure", "TEMPERATURE": "temperature",
    "PATHLENGTH": "path length", "CONCENTRATIONS": "concentrations", "INSTRUMENTPARAMETERS": "instrument parameters",
    "DATAPROCESSING": "data processing", ".OBSERVEFREQUENCY": "observe frequency (MHz)", ".OBSERVENUCLEUS": "observe nucleus",
    ".SOLVENTNAME": "solvent", ".SOLVENTREFERENCE": "solvent reference", ".PULSESEQUENCE": "pulse sequence", ".ACQUISITIONMODE": "acquisition mode",
    "MP": "melting point", "BP": "boiling point", "MW": "molecular weight", ".IONIZATIONMODE": "ionization mode", "INCHI": "InChI", "INCHIKEY": "InChIKey",
}  # fmt: skip
_DATE_ORDERS = (
    r"(?P<y>\d{4})[/\-.](?P<m>\d{1,2})[/\-.](?P<d>\d{1,2})",
    r"(?P<y>\d{2})[/\-.](?P<m>\d{1,2})[/\-.](?P<d>\d{1,2})$",
)


@reads("chemical/x-jcamp-dx", "application/x-jcamp+gzip", version=1)
def read_jcamp(file: File) -> Iterator[Evidence]:
    """Title, kind, sample, instrument, date and axes of every block.

    Raises:
        Unreadable: ``malformed`` when there is no label.
    """
    facts, stream = Facts(file, JCAMP), Stream(file, MOST_BYTES)
    blocks = 0
    for block in _blocks(stream):
        blocks += 1
        if blocks > MOST_BLOCKS:
            yield facts.problem("too-large", f"the first {MOST_BLOCKS} blocks were read")
            break
        yield from _block(facts, block)
    if trouble := stream.trouble():
        yield facts.problem(*trouble)
    elif not blocks:
        raise Unreadable("malformed", "no label in it")


Block = dict[str, tuple[str, int | None, str]]
"""By label: the value, its line, and the line itself."""


def _blocks(stream: Stream) -> Iterator[Block]:
    block: Block = {}
    last = ""
    for number, raw in stream.texts():
        line = _COMMENT.sub("", raw)
        if not (match := _LABEL.match(line)):
            if last in _KEPT and last in block and line.strip() and len(block[last][0]) < 4_000:
                value, where, quote = block[last]
                block[last] = (f"{value}\n{line.strip()}".strip(), where, quote)
            continue
        last = re.sub(r"[\s\-/_]", "", match["label"]).upper()
        if last in ("TITLE", "END") and len(block) > 1:
            yield block
            block = {}
        if len(block) < MOST_LABELS:
            block.setdefault(last, (match["value"].strip(), stream.line(number), raw.strip()))
    if len(block) > 1:
        yield block


def _block(facts: Facts, block: Block) -> Iterator[Evidence]:
    title, line, quote = block.get("TITLE", ("", None, ""))
    yield from facts.attribute("spectrum", title, path="##TITLE", quote=quote, line=line)
    yield from facts.state("titles", {"text": title} if len(title) > 3 else {}, "##TITLE", quote=quote, line=line)
    for label, name in _KEPT.items():
        if label in block:
            value, line, quote = block[label]
            yield from facts.attribute(name, value, owner="spectrum", path=f"##{label}", quote=quote, line=line)
    for label in ("SPECTROMETER/DATASYSTEM", "SPECTROMETERDATASYSTEM", "SPECTROMETER"):
        if label in block:
            value, line, quote = block[label]
            kind = block.get("DATATYPE", ("", None, ""))[0].split(" ")[0].lower()
            parts = {"name": value, "type": f"{kind} spectrometer" if kind.isalpha() else ""}
            yield from facts.instrument("##SPECTROMETER/DATA SYSTEM", parts if value else {}, quote=quote, line=line)
    for label in ("LONGDATE", "DATE"):
        if label in block:
            value, line, quote = block[label]
            yield from facts.period(day_of(value), path=f"##{label}", quote=quote, line=line)
            break
    yield from _axes(facts, block)


def day_of(text: str) -> str:
    """An ISO date from what JCAMP-DX prescribes (``94/01/31``, ``1994/01/31``); '' for other orders, which nobody can tell."""
    for pattern in _DATE_ORDERS:
        if match := re.match(pattern, text.strip()):
            year = int(match["y"])
            year += 0 if year > 99 else 1900 if year >= 70 else 2000
            if int(match["m"]) <= 12 and int(match["d"]) <= 31:
                return f"{year}-{int(match['m']):02d}-{int(match['d']):02d}"
    return ""


def _axes(facts: Facts, block: Block) -> Iterator[Evidence]:
    """Abscissa and ordinate as arrays, each with its unit and range."""
    for axis in "XY":
        unit, line, quote = block.get(f"{axis}UNITS", ("", None, ""))
        if not unit:
            continue
        value: dict[str, JSON] = {
            "name": axis.lower(),
            "shape": [_count(block)],
            "dtype": "float",
            "unit": unit,
            "group": "",
        }
        if label := block.get(f"{axis}LABEL", ("", None, ""))[0]:
            value["long_name"] = label
        names = ("FIRSTX", "LASTX", "MINX", "MAXX") if axis == "X" else ("MINY", "MAXY")
        ends = [number for name in names if (number := _number(block.get(name, ("", None, ""))[0])) is not None]
        if len(ends) > 1:
            value |= {"minimum": min(ends), "maximum": max(ends)}
        yield Evidence("array", value, facts.place(f"##{axis}UNITS", quote, line), facts.reader)


def _count(block: Block) -> int:
    text = block.get("NPOINTS", ("", None, ""))[0]
    return int(text[:12]) if text.isdecimal() else 0


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[-+]?\d{1,20}(?:\.\d{0,20})?(?:[eE][-+]?\d{1,3})?", text) else None


# ---- Bruker


_PARAMETERS = {
    "NUC1": "nucleus", "NUC2": "second nucleus", "SOLVENT": "solvent", "PULPROG": "pulse program", "EXP": "experiment", "SFO1": "frequency (MHz)",
    "BF1": "basic frequency (MHz)", "TE": "temperature (K)", "NS": "scans", "DS": "dummy scans", "TD": "data points", "SW": "spectral width (ppm)",
    "SW_h": "spectral width (Hz)", "RG": "receiver gain", "AQ_mod": "acquisition mode", "PROBHD": "probe head", "LOCNUC": "lock nucleus",
    "MASR": "spinning rate (Hz)", "SI": "processed points", "WDW": "window function", "LB": "line broadening (Hz)",
}  # fmt: skip


@reads("text/x-bruker-parameters", version=1)
def read_bruker(file: File) -> Iterator[Evidence]:
    """Nucleus, solvent, frequency, pulse program, temperature, date, spectrometer and program of a parameter file.

    Raises:
        Unreadable: ``malformed`` when there is no parameter.
    """
    facts, stream = Facts(file, BRUKER), Stream(file, MOST_BYTES)
    said: dict[str, tuple[str, int | None, str]] = {}
    for number, line in stream.texts():
        if len(said) < MOST_LABELS and (match := re.match(r"##(\$?[\w ]+)=\s*(.*)", line)):
            value = match[2].strip()
            said.setdefault(match[1].strip(), (value[1:-1] if value[:1] == "<" else value, number, line.strip()))
    if not any(key.startswith("$") for key in said):
        raise Unreadable("malformed", "no parameter in it")
    for key, name in _PARAMETERS.items():
        value, where, quote = said.get(f"${key}", ("", None, ""))
        if value not in ("", "off", "0"):
            yield from facts.attribute(
                name, value.strip(), owner="acquisition", path=f"${key}", quote=quote, line=where
            )
    title, where, quote = said.get("TITLE", ("", None, ""))
    if match := re.search(r"(TopSpin|XWIN-NMR)\s*(?:Version\s*)?([\d.]+(?: pl \d+)?)?", title):
        yield from facts.software(match[1], match[2] or "", path="TITLE", quote=quote, line=where)
    name, where, quote = said.get("$INSTRUM", ("", None, ""))
    if origin := said.get("ORIGIN", ("", None, ""))[0]:
        parts = {"name": name, "manufacturer": origin, "type": "NMR spectrometer"}
        yield from facts.instrument("$INSTRUM", parts, quote=quote or origin, line=where or said["ORIGIN"][1])
    moment, where, quote = said.get("$DATE", ("", None, ""))
    if moment.isdecimal() and 0 < int(moment[:12]) < 4_102_444_800:  # seconds since 1970, before 2100
        day = datetime.fromtimestamp(int(moment[:12]), UTC).date().isoformat()
        yield from facts.period(day, path="$DATE", quote=quote, line=where)
    nucleus = said.get("$NUC1", ("", None, ""))
    if re.fullmatch(r"\d{1,3}[A-Z][a-z]?", nucleus[0]):
        yield from facts.state("subjects", {"text": f"{nucleus[0]} NMR"}, "$NUC1", quote=nucleus[2], line=nucleus[1])
