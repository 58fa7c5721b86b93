"""GML and CityGML: the envelope of the whole, its system and its name, from the head of the file.

Files of city models are large and their members alike; the envelope that speaks of the whole stands before the first of them.
Sources: OGC 07-036 (GML 3.2.1), section 10.1.4 ``Envelope``; OGC 12-019 (CityGML 2.0), section 8.1; the order of axes is that of
the EPSG register when the system is named by URN or address, and not known when it is named ``EPSG:…`` (OGC 09-048r5, section 9).
"""

import re
from collections.abc import Iterator
from math import isfinite

from shirushi.describe.evidence import AttributePlace, Evidence
from shirushi.describe.projections import DEGREES, box_in_degrees, epsg_of, system_of
from shirushi.describe.readers.base import File, reads
from shirushi.describe.text import decode

READER = "gml/1"
HEAD = 262_144
_MEMBER = re.compile(r"<(?:\w+:)?(?:cityObjectMember|featureMembers?|member|appearanceMember)[\s>]")
_ENVELOPE = re.compile(
    r"<(?:\w+:)?Envelope(?:WithTimePeriod)?(?P<attributes>\s[^>]{0,1000})?>(?P<inside>[\s\S]{0,4000}?)</(?:\w+:)?Envelope"
)
_CORNER = re.compile(r"<(?:\w+:)?(lowerCorner|upperCorner)(?:\s[^>]{0,300})?>([^<]{1,200})<")
_NAME = re.compile(r"<gml:(name|description)(?:\s[^>]{0,300})?>([^<&]{1,2000})<")
_NATIONAL = re.compile(
    r"JGD20(?:00|11)\s*/\s*\(\s*B\s*,\s*L\s*\)"
)  # latitude and longitude, as the Japanese profile writes it


@reads("application/gml+xml")
def read_gml(file: File) -> Iterator[Evidence]:
    """Where the whole lies, and what it is called. Nothing where the envelope's order of axes is not certain."""
    text = decode(file.head(HEAD), truncated=True).text
    first = _MEMBER.search(text)
    head = text[: first.start()] if first else text
    for match in _NAME.finditer(head):
        value = {"name": "title" if match[1] == "name" else match[1], "value": " ".join(match[2].split()), "owner": ""}
        if value["value"]:
            yield Evidence("attribute", value, _place(file.name, f"/gml:{match[1]}", head, match), READER)
    envelope = _ENVELOPE.search(head)
    if envelope is None:
        return
    name = re.search(r'srsName\s*=\s*["\']([^"\']{1,300})["\']', envelope["attributes"] or "")
    corners = {corner: _numbers(numbers) for corner, numbers in _CORNER.findall(envelope["inside"])}
    low, high = corners.get("lowerCorner", []), corners.get("upperCorner", [])
    if name is None or len(low) < 2 or len(high) < 2:
        return
    place = _place(file.name, "/gml:boundedBy/gml:Envelope", head, envelope)
    yield Evidence("attribute", {"name": "crs", "value": name[1], "owner": ""}, place, READER)
    box = _box(name[1], low, high)
    if box is not None:
        west, south, east, north = box
        extent = {"west": west, "south": south, "east": east, "north": north, "points": 2}
        yield Evidence("coordinates", extent, place, READER)


def _place(file: str, path: str, text: str, match: re.Match[str]) -> AttributePlace:
    return AttributePlace(file, path, text.count("\n", 0, match.start()) + 1, match[0][:300])


def _numbers(text: str) -> list[float]:
    try:
        found = [float(word) for word in text.split()[:3]]
    except ValueError:
        return []
    return found if all(isfinite(number) for number in found) else []


def _box(system: str, low: list[float], high: list[float]) -> list[float] | None:
    """West, south, east, north in degrees. Geographic systems and the plane rectangular ones of Japan name the axis to the north
    first, UTM the one to the east."""
    code = epsg_of(system)
    if _NATIONAL.fullmatch(system.strip()):
        code = 6668
    elif code is None or not re.match(r"urn:|https?:", system.strip(), re.IGNORECASE):
        return None
    projection = system_of(code)
    if code not in DEGREES and projection is None:
        return None
    north_first = projection is None or projection.latitude != 0
    corners = [low[1], low[0], high[1], high[0]] if north_first else [low[0], low[1], high[0], high[1]]
    return box_in_degrees(f"EPSG:{code}", corners)
