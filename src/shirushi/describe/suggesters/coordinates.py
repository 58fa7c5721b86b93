"""Where, by what people write: points and boxes in degrees in running text and pairs, names of places in titles."""

import re
from collections.abc import Iterator

from shirushi.describe.denial import denied
from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.suggesters.common import around_table, fronts, key_of
from shirushi.describe.suggesters.periods import titles
from shirushi.describe.text import normalise

_SIGN = r"[-−–+]?"
_ANGLE = r"\d{1,3}(?:[.,]\d+)?(?:\s?(?:°|º|˚|deg(?:rees?)?|度|\s)\s?(?:\d{1,2}(?:[.,]\d+)?\s?(?:['’′分]|\s)?\s?(?:\d{1,2}(?:[.,]\d+)?\s?(?:[\"”″秒]|'')?)?)?)?"
_LAT = rf"(?:(?P<la>{_ANGLE})\s?(?P<lah>[NS](?:orth|outh)?\b)|(?P<lah2>[NS]|北緯|南緯)\s?(?P<la2>{_ANGLE}))"
_LON = rf"(?:(?P<lo>{_ANGLE})\s?(?P<loh>[EW](?:ast|est)?\b)|(?P<loh2>[EW]|東経|西経)\s?(?P<lo2>{_ANGLE}))"
_POINT = re.compile(rf"(?<![\w.]){_LAT}[\s,;/、]{{0,4}}(?:and\s|x\s|by\s)?{_LON}")
_LABELLED = re.compile(
    r"(?i)\blat(?:itude)?\.?\s*[:=]?\s*(?P<la>[-−+]?\d{1,2}\.\d+)\s*°?[\s,;*]{1,4}(?:and\s)?(?:lon(?:g(?:itude)?)?)\.?\s*[:=]?\s*(?P<lo>[-−+]?\d{1,3}\.\d+)"
)
_RANGE = re.compile(
    r"(?P<s>\d{1,2}(?:\.\d+)?)\s?°?\s?(?P<sh>[NS])?\s?(?:-|–|—|~|to|～)\s?(?P<n>\d{1,2}(?:\.\d+)?)\s?°?\s?(?P<nh>[NS])\b[\s,;/and]{1,6}"
    r"(?P<w>\d{1,3}(?:\.\d+)?)\s?°?\s?(?P<wh>[EW])?\s?(?:-|–|—|~|to|～)\s?(?P<e>\d{1,3}(?:\.\d+)?)\s?°?\s?(?P<eh>[EW])\b"
)
_EXACT = re.compile(r"[.°º˚度'′’]|\d,\d|deg")  # "N 5 E 3" may be anything
_BOUNDS = re.compile(
    r"(?i)south(?:-bound)?\s+lat(?:itude)?\s*[:=]\s*(?P<s>-?[\d.]+)\W+west(?:-bound)?\s+lon(?:gitude)?\s*[:=]\s*(?P<w>-?[\d.]+)\W+"
    r"north(?:-bound)?\s+lat(?:itude)?\s*[:=]\s*(?P<n>-?[\d.]+)\W+east(?:-bound)?\s+lon(?:gitude)?\s*[:=]\s*(?P<e>-?\d[\d.]*)"
)
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)?")
MOST = 60


def boxes(text: str) -> list[dict[str, JSON]]:
    """Boxes of the points and ranges in a text, in order: a point is a box without width."""
    plain = normalise(text).text
    found = []
    taken: list[tuple[int, int]] = []
    for match in _RANGE.finditer(plain):
        if denied(plain, *match.span()):
            continue
        taken.append(match.span())
        south, north = _turned(match["s"], match["sh"] or match["nh"]), _turned(match["n"], match["nh"])
        west, east = _turned(match["w"], match["wh"] or match["eh"]), _turned(match["e"], match["eh"])
        found.append(_box(west, min(south, north), east, max(south, north)))
    for match in _POINT.finditer(plain):
        if not _EXACT.search(match[0]) or denied(plain, *match.span()) or any(a <= match.start() < b for a, b in taken):
            continue
        y = _degrees(match["la"] or match["la2"], match["lah"] or match["lah2"])
        x = _degrees(match["lo"] or match["lo2"], match["loh"] or match["loh2"])
        found.append(_box(x, y, x, y))
    for match in _BOUNDS.finditer(plain):
        sides = [float(match[side].strip(".") or 0) for side in "wsen"]
        found.append(_box(*sides))
    for match in _LABELLED.finditer(plain):
        y, x = (float(match[side].replace("−", "-")) for side in ("la", "lo"))
        found.append(_box(x, y, x, y))
    return [
        box
        for box in found
        if -180 <= box["west"] <= 180 and -180 <= box["east"] <= 180 and -90 <= box["south"] <= box["north"] <= 90
    ]


def _turned(number: str, side: str) -> float:
    return -float(number) if side in ("S", "W") else float(number)


def _degrees(angle: str, side: str) -> float:
    """Degrees, minutes and seconds as one number; south and west are below zero."""
    parts = [float(part.replace(",", ".")) for part in _NUMBERS.findall(angle)[:3]]
    value = sum(part / scale for part, scale in zip(parts, (1, 60, 3_600), strict=False))
    return round(-value if side[0] in "SW南西" else value, 6)


def _box(west: float, south: float, east: float, north: float) -> dict[str, JSON]:
    return {"west": west, "south": south, "east": east, "north": north}


def in_texts(seen: EvidenceSet) -> Iterator[tuple[dict[str, JSON], Evidence]]:
    """Boxes that front texts, comments above tables and pairs of latitude and longitude give."""
    files = {file for file, _ in fronts(seen)[:3]} | {
        e.place.file for e in seen.of("paragraph", "key-value") if around_table(e)
    }
    half: dict[tuple[str, str], tuple[float, Evidence]] = {}
    told = 0
    for item in seen.of("paragraph", "list-item", "key-value", "heading"):
        if item.place.file not in files or told >= MOST:
            continue
        text = item.value.get("text") or item.value.get("value")
        if not isinstance(text, str):
            continue
        for box in boxes(text[:4_000]):
            told += 1
            yield box, item
        if item.kind == "key-value" and (axis := _AXES.get(key_of(item).removeprefix("nmea ").removeprefix("site "))):
            value = _lone(text, axis)
            other = half.pop((item.place.file, "lon" if axis == "lat" else "lat"), None)
            if value is not None and other is not None:
                (y, x) = (value, other[0]) if axis == "lat" else (other[0], value)
                told += 1
                yield _box(x, y, x, y), item
            elif value is not None:
                half[item.place.file, axis] = (value, item)


_AXES = {
    "latitude": "lat",
    "lat": "lat",
    "緯度": "lat",
    "北緯": "lat",
    "longitude": "lon",
    "lon": "lon",
    "long": "lon",
    "経度": "lon",
    "東経": "lon",
}
_LONE = re.compile(
    rf"(?P<sign>[-−]?)(?P<side>[NSEW]|北緯|南緯|東経|西経)?\s?(?P<angle>{_ANGLE})\s?(?P<after>[NSEW])?(?:\s*\(?(?:degrees?|deg|°|WGS.?84|度).*)?"
)


def _lone(text: str, axis: str) -> float | None:
    match = _LONE.fullmatch(normalise(text).text.strip())
    if match is None:
        return None
    value = _degrees(match["angle"], match["side"] or match["after"] or ("N" if axis == "lat" else "E"))
    value = -value if match["sign"] else value
    return value if abs(value) <= (90 if axis == "lat" else 180) else None


# ---- names of places in titles

_KINDS = (
    "River|Lake|Bay|Islands?|Sea|Ocean|Mountains?|Mount|Valley|Basin|Coast|Gulf|Straits?|Peninsula|Archipelago|County|Prefecture|Province|National Park|"
    "Park|Forest|Desert|Creek|Watershed|Wetlands?|Station|Reserve|Region|City|Glacier|Volcano|Plateau|Estuary|Reef|Harbou?r|Canyon|Plain|Delta|Trench|"
    "Current|Sound|Fjord|Observatory|Catchment|District|Ridge"
)
_WORD = r"[A-Z][\w'’.\-‑]*[\w]"
_IN = re.compile(
    rf"\b(?:in|from|off|near|across|around|at|along|over)\s+(?:the\s+)?(?P<place>(?:(?:Northern|Southern|Eastern|Western|Central)\s+)?{_WORD}"
    rf"(?:(?:,\s|\s(?:of|de|la|du|del|and|&)\s|\s)(?:{_WORD}|wetlands?|river|lake|bay|islands?|basin|coast|sea|region|forest))*)"
)
_KIND = re.compile(rf"(?P<place>(?:{_WORD}\s){{1,3}}(?:{_KINDS})\b(?:,\s{_WORD}(?:\s{_WORD})?)?)")
_JA = re.compile(
    r"(?P<place>[\u4e00-\u9fff\u30a0-\u30ff]{1,8}(?:都|道|府|県|市|町|村|湖|川|湾|島|諸島|半島|海|山|岳|平野|盆地|流域|高原|湿原|海峡|灘|沖|沼))(?![\u4e00-\u9fff])"
)
_NO_PLACE = re.compile(
    r"(?i)^(?:r|python|julia|matlab|english|japanese|french|german|spanish|chinese|silico|situ|vivo|vitro|january|february|march|april|may|june|july|august|"
    r"september|october|november|december|spring|summer|autumn|winter|fall|covid.*|dna|rna|[A-Z0-9]{1,3}|csv|json|excel|the|a|an|our|this|nature|science|"
    r"github|zenodo|figshare|dryad|wikipedia|wikidata|twitter|reddit|open .*|supplement.*)$"
)


def places_in(title: str) -> list[str]:
    """Names of places that a title gives: behind "in" and its like, by the kind of place, by Japanese endings."""
    found = (
        [m["place"] for m in _IN.finditer(title)]
        + [m["place"] for m in _KIND.finditer(title)]
        + [m["place"] for m in _JA.finditer(title)]
    )
    kept: list[str] = []
    for place in found:
        place = re.sub(r"[\s,]+(?:(?:1[5-9]|20)\d\d.*|and|of|the)?$", "", place).strip(" ,.")
        if len(place) >= 2 and not _NO_PLACE.match(place) and not any(place in other for other in kept):
            kept.append(place)
    return kept


def in_titles(seen: EvidenceSet) -> Iterator[tuple[str, Evidence]]:
    """Names of places in titles."""
    for title, item in titles(seen):
        for place in places_in(title)[:2]:
            yield place, item
