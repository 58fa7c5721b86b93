"""Mass spectra: mzML and mzXML, as far as the first spectrum. No entity is expanded, no spectrum is read.

Sources: mzML 1.1.1 (HUPO-PSI), the PSI-MS vocabulary (accessions MS:…), mzXML 3.2 (Seattle Proteome Center).
"""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from shirushi.describe.evidence import Evidence
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.facts import Facts
from shirushi.describe.readers.safe_xml import local
from shirushi.describe.readers.streams import Stream

READER = "mass-spectra/1"
MOST_HEADER = 8_000_000
DEEPEST = 60
MOST_ELEMENTS = 100_000
_MODEL_TERMS = frozenset(("MS:1000031",))  # "instrument model", its name is the model's where no child term is used
_SERIAL, _COMPLETE = "MS:1000529", "MS:1000127"
_CONTACT = frozenset(("MS:1000586", "MS:1000587", "MS:1000588", "MS:1000589", "MS:1000590"))
_MAKERS = (
    ("Thermo Fisher Scientific", r"LTQ|Orbitrap|Exploris|Q Exactive|TSQ|LCQ|Fusion|Exactive|Astral|Thermo"),
    ("Bruker", r"timsTOF|Bruker|solariX|micrOTOF|maXis|impact|ultraflex|autoflex|rapifleX"),
    ("SCIEX", r"TripleTOF|SCIEX|ZenoTOF|QTRAP|API \d"),
    ("Waters", r"Synapt|Xevo|Waters|Q-Tof|MALDI Synapt"),
    ("Agilent", r"Agilent|\b6\d{3} (?:Series|Q-TOF|Quad)"),
    ("Shimadzu", r"Shimadzu|LCMS-\w+|GCMS-\w+"),
    ("JEOL", r"JEOL|JMS-\w+"),
)


@reads(
    "application/x-mzml+xml",
    "application/x-mzxml+xml",
    "application/x-mzml+gzip",
    "application/x-mzxml+gzip",
    version=1,
)
def read_mass_spectra(file: File) -> Iterator[Evidence]:
    """Instruments, programs, source files, samples, when the run started, and how many spectra it has.

    Raises:
        Unreadable: ``entities``, ``malformed``, ``too-deep`` or ``truncated``.
    """
    facts = Facts(file, READER)
    yield from _mzxml(facts, file) if "mzxml" in file.media_type else _mzml(facts, file)


def _elements(file: File, until: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """(``start`` or ``end``, element) up to the start of one of ``until``."""
    stream = Stream(file, MOST_HEADER)
    parser = etree.XMLPullParser(
        ("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    depth, count, tail = 0, 0, b""
    for chunk in stream.chunks():
        if re.search(rb"<!(?:ENTITY|DOCTYPE)", tail + chunk):
            raise Unreadable("entities", "")
        tail = chunk[-20:]
        try:
            parser.feed(chunk)
        except etree.XMLSyntaxError as error:
            raise Unreadable("malformed", f"not well-formed XML: {error}"[:300]) from error
        for event, element in parser.read_events():
            depth += 1 if event == "start" else -1
            if depth > DEEPEST:
                raise Unreadable("too-deep", f"more than {DEEPEST} levels")
            count += event == "start"
            if count > MOST_ELEMENTS:
                raise Unreadable("too-large", f"no spectrum among the first {MOST_ELEMENTS:,} elements")
            yield event, element
            if event == "start" and local(element) in until:
                return
    if stream.bomb:
        raise Unreadable("bomb", f"{file.size:,} bytes would become more than {stream.count:,}")
    raise Unreadable("too-large" if stream.cut else "truncated", f"no spectrum in the first {stream.count:,} bytes")


def _path(element: Any) -> str:
    names = [local(step) for step in [element, *element.iterancestors()]]
    return "/" + "/".join(reversed(names))


# ---- mzML


def _mzml(facts: Facts, file: File) -> Iterator[Evidence]:
    groups: dict[str, list[Any]] = {}
    for event, element in _elements(file, frozenset(("spectrumList", "chromatogramList"))):
        name = local(element)
        if event == "start":
            if name == "run":
                start = element.get("startTimeStamp", "")
                yield from facts.attribute("run", element.get("id", ""), owner="mzML", path="/mzML/run/@id")
                yield from facts.period(start, path="/mzML/run/@startTimeStamp")
            elif name == "spectrumList":
                count = element.get("count", "")
                yield from facts.attribute(
                    "spectra",
                    int(count[:9]) if count.isdecimal() else "",
                    path="/mzML/run/spectrumList/@count",
                    quote=count,
                )
        elif name == "referenceableParamGroup":
            groups[element.get("id", "")] = _params(element, {})
        elif name == "sourceFile":
            yield from facts.attribute("source file", element.get("name", ""), path=_path(element))
        elif name == "sample":
            yield from facts.attribute("sample", element.get("name", ""), owner="sampleList", path=_path(element))
        elif name == "fileContent":
            content = [param.get("name", "") for param in _params(element, groups)]
            yield from facts.attribute("file content", content, path=_path(element))
        elif name == "contact":
            told = [p for p in _params(element, groups) if p.get("accession") in _CONTACT and p.get("value")]
            yield from facts.sensitive("personal-name", len(told), _path(element))
        elif name == "software":
            yield from _software(facts, element, groups)
        elif name == "instrumentConfiguration":
            yield from _instrument(facts, element, groups)


def _params(element: Any, groups: dict[str, list[Any]]) -> list[Any]:
    """Its own parameters and those of the groups that it refers to."""
    found = []
    for child in element:
        if local(child) in ("cvParam", "userParam"):
            found.append(child)
        elif local(child) == "referenceableParamGroupRef":
            found += groups.get(child.get("ref", ""), [])
    return found[:200]


def _software(facts: Facts, element: Any, groups: dict[str, list[Any]]) -> Iterator[Evidence]:
    named = [param for param in _params(element, groups) if param.get("name")]
    first = named[0] if named else None
    name = ""
    if first is not None:
        custom = first.get("accession") == "MS:1000799" or local(first) == "userParam"
        name = (first.get("value") if custom else "") or first.get("name", "")
    yield from facts.software(name or element.get("id", ""), element.get("version", ""), path=_path(element))


def _instrument(facts: Facts, element: Any, groups: dict[str, list[Any]]) -> Iterator[Evidence]:
    model, serial = "", ""
    for param in _params(element, groups):
        if param.get("accession") == _SERIAL:
            serial = param.get("value", "")
        elif not model and param.get("accession") not in (*_MODEL_TERMS, _COMPLETE):
            model = param.get("value") if local(param) == "userParam" else param.get("name", "")
    yield from facts.instrument(
        _path(element),
        {
            "manufacturer": maker_of(model or ""),
            "model": model or "",
            "serial_number": serial,
            "type": "mass spectrometer",
        },
    )
    for part in element.iter():
        if local(part) in ("source", "analyzer", "detector"):
            said = [param.get("name", "") for param in _params(part, groups)]
            yield from facts.attribute(local(part), said[:4], owner="instrument", path=_path(part))


def maker_of(model: str) -> str:
    """Who makes a model, where its name tells; ''."""
    return next((maker for maker, pattern in _MAKERS if re.search(pattern, model, re.IGNORECASE)), "")


# ---- mzXML


def _mzxml(facts: Facts, file: File) -> Iterator[Evidence]:
    parts: dict[str, str] = {}
    for event, element in _elements(file, frozenset(("scan",))):
        name = local(element)
        if event == "start" and name == "msRun":
            count = element.get("scanCount", "")
            yield from facts.attribute(
                "spectra", int(count[:9]) if count.isdecimal() else "", path="/mzXML/msRun/@scanCount", quote=count
            )
        elif event == "start" and name == "parentFile":
            source = element.get("fileName", "").replace("\\", "/").rpartition("/")[2]  # folders may name people
            yield from facts.attribute("source file", source, path=_path(element))
        elif event == "start" and name == "software":
            yield from facts.software(element.get("name", ""), element.get("version", ""), path=_path(element))
        elif event == "start" and name in ("msManufacturer", "msModel", "msIonisation", "msMassAnalyzer", "msDetector"):
            parts[name] = element.get("value", "")
        elif event == "start" and name == "operator":
            yield from facts.sensitive("personal-name", 1, _path(element))
        elif event == "end" and name == "msInstrument":
            maker, model = parts.get("msManufacturer", ""), parts.get("msModel", "")
            yield from facts.instrument(
                _path(element), {"manufacturer": maker, "model": model, "type": "mass spectrometer"}
            )
            for key, word in (("msIonisation", "source"), ("msMassAnalyzer", "analyzer"), ("msDetector", "detector")):
                yield from facts.attribute(word, parts.get(key, ""), owner="instrument", path=_path(element))
