"""Tags of sound and video files as facts: what they say of the file, and where they speak of a record's fields."""

import re
import struct
from collections.abc import Iterator

from shirushi.describe.evidence import Evidence
from shirushi.describe.readers.cf import iso_date
from shirushi.describe.readers.facts import Facts
from shirushi.describe.text import decode

MOST_COMMENTS = 200
_VORBIS = {"TITLE": "title", "ARTIST": "artist", "DATE": "date", "COPYRIGHT": "copyright", "LICENSE": "license", "DESCRIPTION": "comment",
    "COMMENT": "comment", "LOCATION": "location", "GENRE": "genre", "ORGANIZATION": "organization", "CONTACT": "", "ENCODER": "software",
    "ALBUM": "album", "LANGUAGE": "language"}  # fmt: skip
_PROGRAM = re.compile(r"(?P<name>.*?)[\s/]*v?(?P<version>\d+(?:\.\d+)+)?\s*(?:\(.*\))?")


def tag(facts: Facts, name: str, text: str) -> Iterator[Evidence]:
    """One tag, called ``format:what``. Programs, places and dates also say what they are; the date of a tag is the work's."""
    text = text.strip("\0 \r\n")
    what = name.partition(":")[2]
    if not text or not what:
        return
    yield from facts.attribute(name, text)
    if what == "software" and (match := _PROGRAM.fullmatch(text[:200])):
        yield from facts.software(match["name"], match["version"] or "", path=name, quote=text)
    elif what == "date" and (day := iso_date(text)) and day > "1850":
        yield from facts.state("dates", {"date": day[:10], "type": "Created"}, name, quote=text)


def vorbis_comments(facts: Facts, data: bytes) -> Iterator[Evidence]:
    """``KEY=value`` pairs, each behind its length (Vorbis I specification, 5.2.1)."""
    if len(data) < 8:
        return
    at = 4 + struct.unpack("<I", data[:4])[0]
    vendor = decode(data[4 : min(at, 504)]).text
    yield from tag(facts, "Vorbis:software", vendor)
    count = struct.unpack("<I", data[at : at + 4])[0] if at + 4 <= len(data) else 0
    at += 4
    for _ in range(min(count, MOST_COMMENTS)):
        if at + 4 > len(data):
            return
        length = struct.unpack("<I", data[at : at + 4])[0]
        key, _, value = decode(data[at + 4 : at + 4 + min(length, 8_000)]).text.partition("=")
        if what := _VORBIS.get(key.upper(), ""):
            yield from tag(facts, f"Vorbis:{what}", value)
        at += 4 + length


def gps(facts: Facts, latitude: float, longitude: float, path: str, quote: str) -> Iterator[Evidence]:
    """A place in WGS 84; not 0, 0, which is a device without a fix."""
    if abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude or longitude):
        box = {"west": longitude, "south": latitude, "east": longitude, "north": latitude, "points": 1}
        yield Evidence("coordinates", box, facts.place(path, quote), facts.reader)


_ISO_6709 = re.compile(r"(?P<lat>[+-]\d{2}(?:\.\d+)?)(?P<lon>[+-]\d{3}(?:\.\d+)?)")


def iso_6709(facts: Facts, text: str, path: str) -> Iterator[Evidence]:
    """A location in degrees as QuickTime and MP4 write it: ``+35.2600+139.5000+012.3/``."""
    if match := _ISO_6709.match(text.strip()):
        yield from gps(facts, float(match["lat"]), float(match["lon"]), path, text.strip())
        yield from facts.sensitive("precise-location", 1, path)  # where somebody stood with a camera
