"""From metres on a map to degrees, by formulas alone, for the systems that maps of Japan and the world's UTM zones are drawn in.

A system that is not known here exactly gives None: no box is better than a wrong one. Coordinates are easting and northing, as
map files keep them, whatever order of axes the register names. Results are WGS 84 degrees; JGD2000, JGD2011, ETRS89 and NAD83 differ
from it by a metre or two at most, and the old Tokyo datum is shifted by the three parameters of the Geospatial Information Authority
of Japan (some metres).

Sources: Kawase, Concise derivation of extensive coordinate conversion formulae in the Gauss-Krüger projection (Bulletin of the GSI 60,
2013); IOGP Geomatics Guidance Note 7-2 (pseudo-Mercator); GSI notice on the plane rectangular coordinate systems.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

GRS80, WGS84, BESSEL = (6378137.0, 298.257222101), (6378137.0, 298.257223563), (6377397.155, 299.1528128)
_TOKYO_SHIFT = (-146.414, 507.337, 680.507)  # metres, geocentric, from Tokyo to JGD2000
# Latitude and longitude of the origins of the plane rectangular systems I to XIX, degrees and minutes
_ORIGINS = (
    (33, 129, 30), (33, 131, 0), (36, 132, 10), (33, 133, 30), (36, 134, 20), (36, 136, 0), (36, 137, 10), (36, 138, 30), (36, 139, 50),
    (40, 140, 50), (44, 140, 15), (44, 142, 15), (44, 144, 15), (26, 142, 0), (26, 127, 30), (26, 124, 0), (26, 131, 0), (20, 136, 0),
    (26, 154, 0),
)  # fmt: skip
_EDGE = 20  # points looked at along each edge of a box
_FARTHEST = 1_000_000.0  # metres from the central meridian
_WIDEST_NORTH = 10_001_966.0  # metres from the equator to a pole
# Geographic systems in degrees whose difference from WGS 84 is a few metres at most
DEGREES = frozenset((4326, 4979, 4258, 4269, 4612, 6668, 6667, 6697, 4947, 4167, 4283, 7844, 6318))
TOKYO = 4301
_LIKE_WGS84 = re.compile(
    r"WGS_?(?:19)?84|JGD_?20(?:00|11)|Japanese_Geodetic_Datum_20(?:00|11)|ETRS_?(?:19)?89|European_Terrestrial_Reference_System_1989"
    r"|North_American(?:_Datum)?_1983|NAD83|GDA_?(?:19)?94|GDA_?2020|Geocentric_Datum_of_Australia_(?:1994|2020)|NZGD_?2000",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TransverseMercator:
    """Angles in degrees, lengths in metres. ``tokyo`` when the datum is the old Japanese one."""

    latitude: float
    longitude: float
    scale: float
    easting: float = 0.0
    northing: float = 0.0
    ellipsoid: tuple[float, float] = GRS80
    tokyo: bool = False

    def degrees(self, x: float, y: float) -> tuple[float, float] | None:
        """Longitude and latitude; None too far from the central meridian, where the series is not exact."""
        if abs(x - self.easting) > _FARTHEST or abs(y - self.northing) > 2 * _WIDEST_NORTH:
            return None
        axis, flattening = self.ellipsoid[0], 1 / self.ellipsoid[1]
        n = flattening / (2 - flattening)
        beta = (
            n / 2 - 2 * n**2 / 3 + 37 * n**3 / 96 - n**4 / 360,
            n**2 / 48 + n**3 / 15 - 437 * n**4 / 1440,
            17 * n**3 / 480 - 37 * n**4 / 840,
            4397 * n**4 / 161280,
        )
        radius = self.scale * axis / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
        origin = _meridian(math.radians(self.latitude), n, axis) * self.scale
        xi, eta = (y - self.northing + origin) / radius, (x - self.easting) / radius
        xi_, eta_ = xi, eta
        for j, factor in enumerate(beta, start=1):
            xi_ -= factor * math.sin(2 * j * xi) * math.cosh(2 * j * eta)
            eta_ -= factor * math.cos(2 * j * xi) * math.sinh(2 * j * eta)
        if abs(xi_) > math.pi / 2:
            return None
        latitude = _geodetic(math.asin(math.sin(xi_) / math.cosh(eta_)), flattening)
        longitude = self.longitude + math.degrees(math.atan2(math.sinh(eta_), math.cos(xi_)))
        found = (longitude, math.degrees(latitude))
        return tokyo_to_wgs84(*found) if self.tokyo else found


def _meridian(latitude: float, n: float, axis: float) -> float:
    """Length of the meridian from the equator to a latitude (radians), in metres."""
    return (
        axis
        / (1 + n)
        * (
            (1 + n**2 / 4 + n**4 / 64) * latitude
            - 3 / 2 * (n - n**3 / 8) * math.sin(2 * latitude)
            + 15 / 16 * (n**2 - n**4 / 4) * math.sin(4 * latitude)
            - 35 / 48 * n**3 * math.sin(6 * latitude)
            + 315 / 512 * n**4 * math.sin(8 * latitude)
        )
    )


def _geodetic(conformal: float, flattening: float) -> float:
    """The geodetic latitude (radians) of a conformal one, by iteration."""
    e = math.sqrt(flattening * (2 - flattening))
    if abs(conformal) >= math.pi / 2 - 1e-12:
        return conformal
    isometric = math.asinh(math.tan(conformal))
    latitude = conformal
    for _ in range(8):
        latitude = math.atan(math.sinh(isometric + e * math.atanh(e * math.sin(latitude))))
    return latitude


def tokyo_to_wgs84(longitude: float, latitude: float) -> tuple[float, float]:
    """Degrees of the Tokyo datum in WGS 84, at height 0."""
    (axis, inverse), (to_axis, to_inverse) = BESSEL, GRS80
    e2 = (2 - 1 / inverse) / inverse
    phi, lam = math.radians(latitude), math.radians(longitude)
    normal = axis / math.sqrt(1 - e2 * math.sin(phi) ** 2)
    x = normal * math.cos(phi) * math.cos(lam) + _TOKYO_SHIFT[0]
    y = normal * math.cos(phi) * math.sin(lam) + _TOKYO_SHIFT[1]
    z = normal * (1 - e2) * math.sin(phi) + _TOKYO_SHIFT[2]
    e2 = (2 - 1 / to_inverse) / to_inverse
    across = math.hypot(x, y)
    phi = math.atan2(z, across * (1 - e2))
    for _ in range(8):
        normal = to_axis / math.sqrt(1 - e2 * math.sin(phi) ** 2)
        phi = math.atan2(z + e2 * normal * math.sin(phi), across)
    return math.degrees(math.atan2(y, x)), math.degrees(phi)


def _utm(zone: int, ellipsoid: tuple[float, float] = GRS80, *, south: bool = False) -> TransverseMercator:
    return TransverseMercator(0, 6 * zone - 183, 0.9996, 500_000, 10_000_000 if south else 0, ellipsoid)


def _plane(number: int, ellipsoid: tuple[float, float] = GRS80, *, tokyo: bool = False) -> TransverseMercator:
    latitude, degrees, minutes = _ORIGINS[number]
    return TransverseMercator(latitude, degrees + minutes / 60, 0.9999, 0, 0, ellipsoid, tokyo)


def system_of(code: int) -> TransverseMercator | None:
    """The projection of an EPSG code, or None when it is none of these."""
    if 6669 <= code <= 6687:
        return _plane(code - 6669)
    if 2443 <= code <= 2461:
        return _plane(code - 2443)
    if 30161 <= code <= 30179:
        return _plane(code - 30161, BESSEL, tokyo=True)
    if 32601 <= code <= 32660:
        return _utm(code - 32600, WGS84)
    if 32701 <= code <= 32760:
        return _utm(code - 32700, WGS84, south=True)
    if 6688 <= code <= 6692:  # JGD2011, zones 51 to 55
        return _utm(code - 6688 + 51)
    if 3097 <= code <= 3101:  # JGD2000
        return _utm(code - 3097 + 51)
    if 25828 <= code <= 25838:  # ETRS89
        return _utm(code - 25800)
    if 26901 <= code <= 26923:  # NAD83
        return _utm(code - 26900)
    return None


def _corners_of(corners: Sequence[float]) -> Iterator[tuple[float, float]]:
    """Points along the edges of a box, corners included."""
    west, south, east, north = corners
    for step in range(_EDGE + 1):
        x, y = west + (east - west) * step / _EDGE, south + (north - south) * step / _EDGE
        yield from ((x, south), (x, north), (west, y), (east, y))


def epsg_of(name: str) -> int | None:
    """The code in ``EPSG:6677``, ``urn:ogc:def:crs:EPSG::6677`` or ``http://www.opengis.net/def/crs/EPSG/0/6677``."""
    found = re.fullmatch(r"\s*(?:.{0,60}[:/#])?EPSG(?:[:/][\d.]*)?[:/#](\d{4,5})\s*", name, re.IGNORECASE)
    return int(found[1]) if found else None


def box_in_degrees(system: str, corners: Sequence[float]) -> list[float] | None:
    """Bounds (west, south, east, north) of a system (``EPSG:6677`` or WKT) in WGS 84 degrees; None where it is not known here, or
    where the bounds lie outside what it is made for."""
    if len(corners) != 4 or not all(math.isfinite(side) for side in corners):
        return None
    if not (corners[0] <= corners[2] and corners[1] <= corners[3]):
        return None
    code = epsg_of(system)
    if code == 3857:
        return _checked([_pseudo_mercator(x, y) for x, y in ((corners[0], corners[1]), (corners[2], corners[3]))])
    if code in DEGREES or code == TOKYO:
        points = list(_corners_of(corners))
        if not all(abs(x) <= 180 and abs(y) <= 90 for x, y in points):
            return None
        return _checked([tokyo_to_wgs84(*point) if code == TOKYO else point for point in points])
    projection = system_of(code) if code is not None else from_wkt(system)
    return _checked([projection.degrees(*point) for point in _corners_of(corners)]) if projection else None


def to_degrees(system: str) -> Callable[[float, float], tuple[float, float] | None] | None:
    """What turns a point of a system (``EPSG:6677`` or WKT) into WGS 84 longitude and latitude, or gives None for a point outside of
    what the system is made for; None for a system that is not known here."""
    code = epsg_of(system)
    if code == 3857:
        return _pseudo_mercator
    if code == TOKYO:
        return lambda x, y: tokyo_to_wgs84(x, y) if _is_on_earth(x, y) else None
    if code in DEGREES or (code is None and is_degrees(system)):
        return lambda x, y: (x, y) if _is_on_earth(x, y) else None
    projection = system_of(code) if code is not None else from_wkt(system)
    return projection.degrees if projection else None


def _is_on_earth(x: float, y: float) -> bool:
    return abs(x) <= 180 and abs(y) <= 90


def _checked(points: Sequence[tuple[float, float] | None]) -> list[float] | None:
    good = [point for point in points if point is not None and abs(point[0]) <= 180 and abs(point[1]) <= 90]
    if len(good) < len(points):
        return None
    xs, ys = [x for x, _ in good], [y for _, y in good]
    return [round(side, 6) for side in (min(xs), min(ys), max(xs), max(ys))]


def _pseudo_mercator(x: float, y: float) -> tuple[float, float] | None:
    radius = WGS84[0]
    if abs(x) > math.pi * radius + 1 or abs(y) > math.pi * radius + 1:
        return None
    return max(-180.0, min(180.0, math.degrees(x / radius))), math.degrees(math.atan(math.sinh(y / radius)))


_PARAMETERS = ("latitude_of_origin", "central_meridian", "scale_factor", "false_easting", "false_northing")
_NUMBER = r"\s*,\s*(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"


def from_wkt(text: str) -> TransverseMercator | None:
    """The projection that a PROJCS of WKT 1 (OGC 01-009, or as ESRI writes it) spells out; None for any other, for another
    datum than those like WGS 84 or Tokyo, another meridian than Greenwich, another unit than the metre."""
    text = text[:10_000]
    datum = re.search(r'DATUM\s*\[\s*"([^"]{1,100})"', text)
    spheroid = re.search(rf'SPHEROID\s*\[\s*"[^"]{{1,100}}"{_NUMBER}{_NUMBER}', text)
    units = re.findall(rf'UNIT\s*\[\s*"[^"]{{1,60}}"{_NUMBER}', text)
    meridian = re.search(rf'PRIMEM\s*\[\s*"[^"]{{1,60}}"{_NUMBER}', text)
    named = {n.lower(): float(v) for n, v in re.findall(rf'PARAMETER\s*\[\s*"([^"]{{1,60}})"{_NUMBER}', text)}
    if not (text.lstrip().startswith("PROJCS") and re.search(r'PROJECTION\s*\[\s*"Transverse_Mercator"', text)):
        return None
    if datum is None or spheroid is None or meridian is None or not all(name in named for name in _PARAMETERS):
        return None
    old = re.fullmatch(r"(?:D_)?Tokyo", datum[1]) is not None
    like = _LIKE_WGS84.fullmatch(datum[1].removeprefix("D_")) is not None
    if not (old or like) or float(meridian[1]) != 0 or len(units) != 2 or float(units[1]) != 1:
        return None
    if abs(float(units[0]) - math.pi / 180) > 1e-9 or not (0.5 < named["scale_factor"] < 2):
        return None
    ellipsoid = (float(spheroid[1]), float(spheroid[2]))
    if not (6.3e6 < ellipsoid[0] < 6.4e6 and 290 < ellipsoid[1] < 310):
        return None
    latitude, longitude, scale, easting, northing = (named[name] for name in _PARAMETERS)
    return TransverseMercator(latitude, longitude, scale, easting, northing, ellipsoid, old)


def is_degrees(text: str) -> bool:
    """Whether the WKT of a geographic system means degrees from Greenwich on a datum like WGS 84."""
    datum = re.search(r'DATUM\s*\[\s*"([^"]{1,100})"', text[:10_000])
    units = re.findall(rf'UNIT\s*\[\s*"[^"]{{1,60}}"{_NUMBER}', text[:10_000])
    meridian = re.search(rf'PRIMEM\s*\[\s*"[^"]{{1,60}}"{_NUMBER}', text[:10_000])
    if datum is None or meridian is None or not units:
        return False
    right = float(meridian[1]) == 0 and abs(float(units[-1]) - math.pi / 180) < 1e-9
    return right and _LIKE_WGS84.fullmatch(re.sub(r"^D_", "", datum[1]).replace(" ", "_")) is not None
