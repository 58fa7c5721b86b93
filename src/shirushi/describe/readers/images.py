"""Images: size and kind, EXIF (when, where, with which camera), XMP and IPTC basics. Pixels are never unpacked here.

Sources: CIPA DC-008 (EXIF 2.32), IPTC-IIM 4.2, Adobe XMP part 2 (dc, xmpRights, photoshop namespaces).
"""

import re
import warnings
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from PIL import ExifTags, Image, IptcImagePlugin, UnidentifiedImageError

from shirushi.describe.evidence import JSON, AttributePlace, Evidence
from shirushi.describe.readers import safe_xml
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.cf import iso_date
from shirushi.describe.readers.ome_tiff import size_of
from shirushi.describe.text import decode

READER = "images/1"
_SMALL = 20_000_000  # pixels
_MAX_VALUE = 4_000
_MAX_QUOTE = 300
_MOST_XMP = 2_000_000

# EXIF tags that say something about the making of the picture, by the names the standard gives them.
_WANTED = {"ImageDescription", "Artist", "Copyright", "Make", "Model", "Software", "DateTime", "DateTimeOriginal",
    "DateTimeDigitized", "OffsetTimeOriginal", "LensModel", "LensMake", "ExposureTime", "FNumber", "ISOSpeedRatings",
    "FocalLength", "UserComment", "CameraOwnerName", "BodySerialNumber", "XPTitle", "XPComment", "XPAuthor", "XPKeywords",
    "XPSubject", "ImageUniqueID", "DocumentName", "HostComputer"}  # fmt: skip
_IPTC = {(2, 5): "ObjectName", (2, 25): "Keywords", (2, 55): "DateCreated", (2, 80): "By-line", (2, 90): "City",
    (2, 101): "Country", (2, 105): "Headline", (2, 116): "CopyrightNotice", (2, 120): "Caption-Abstract"}  # fmt: skip
_XMP_NAMES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://creativecommons.org/ns#": "cc",
}
_XMP_WANTED = {"dc:title", "dc:creator", "dc:description", "dc:subject", "dc:rights", "dc:date", "dc:language", "dc:publisher",
    "xmpRights:UsageTerms", "xmpRights:WebStatement", "photoshop:City", "photoshop:Country", "photoshop:DateCreated",
    "xmp:CreateDate", "cc:license", "cc:attributionName"}  # fmt: skip
_DAMAGE = (OSError, ValueError, SyntaxError, KeyError, TypeError, EOFError, Unreadable)
_TECHNICAL = re.compile(r"Raw profile|XML:|xmp$|date:|pdf:|plantuml|mxfile|[^ -~]")
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


@reads(
    "image/png",
    "image/jpeg",
    "image/tiff",
    "image/gif",
    "image/webp",
    "image/bmp",
    "image/jp2",
    "image/avif",
    version=1,
)
def read_image(file: File) -> Iterator[Evidence]:
    """``image``, ``exif``, ``coordinates`` and ``time-range`` evidence.

    Raises:
        Unreadable: ``malformed`` or ``truncated`` when it is not the image it claims to be.
    """
    try:
        opened = open_image(file)
    except Unreadable:
        if file.media_type != "image/tiff" or not (value := _unknown_tiff(file)):
            raise
        shown = f"{value['width']} × {value['height']}"
        yield Evidence("image", value, AttributePlace(file.name, "image:size", quote=shown), READER)
        return
    with opened as image:
        value = {
            "width": image.width,
            "height": image.height,
            "mode": image.mode,
            "format": image.format or "",
            "frames": frames(image),
        }
        shown = f"{image.width} × {image.height}"
        yield Evidence("image", value, AttributePlace(file.name, "image:size", quote=shown), READER)
        seen = attributes(image)
        for name, found in seen.items():
            place = AttributePlace(file.name, name, quote=shown_value(found)[:_MAX_QUOTE])
            yield Evidence("exif", {"name": name, "value": found}, place, READER)
        yield from _camera(file.name, seen)
        yield from _where(file.name, seen)
        yield from _when(file.name, seen)


def _unknown_tiff(file: File) -> dict[str, JSON]:
    """The size of a TIFF whose pixels Pillow has no word for, as microscopes write them; {} when it is none."""
    with file.open() as stream:
        width, height = size_of(stream)
    return {"width": width, "height": height, "mode": "", "format": "TIFF", "frames": 1} if width and height else {}


def open_image(file: File) -> Image.Image:
    """The image, opened but not unpacked."""
    most = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = None  # its size is to be told even when it is too large to be unpacked
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about damaged tags, which are left out
            return Image.open(file.path)
    except UnidentifiedImageError as error:
        raise Unreadable("malformed", f"it is not the {file.format or 'image'} that it claims to be") from error
    except (OSError, SyntaxError, ValueError, TypeError, KeyError) as error:
        raise Unreadable("truncated", f"the image cannot be opened: {error}"[:300]) from error
    finally:
        Image.MAX_IMAGE_PIXELS = most


def frames(image: Image.Image) -> int:
    """Pages of a TIFF, frames of an animation. A chain of pages that leads nowhere counts as one."""
    try:
        return int(getattr(image, "n_frames", 1))
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, KeyError):
        return 1


def attributes(image: Image.Image) -> dict[str, JSON]:
    """``EXIF:…``, ``GPS:…``, ``IPTC:…``, ``XMP:…`` and text chunks (``PNG:…``) by name; what is damaged is left out."""
    found: dict[str, JSON] = {}
    for read in (_exif, _iptc, _xmp, _text_chunks):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about damaged metadata, which is left out
            try:
                found.update(read(image))
            except _DAMAGE:  # costs that block only
                continue
    return found


def shown_value(value: JSON) -> str:
    return value if isinstance(value, str) else ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _exif(image: Image.Image) -> Mapping[str, JSON]:
    found: dict[str, JSON] = {}
    if image.format == "PNG" and not _has_exif_chunk(image):  # Pillow would unpack it all to look behind the pixels
        return found
    exif = image.getexif()
    for table in (exif, exif.get_ifd(ExifTags.IFD.Exif)):
        for tag, raw in table.items():
            name = ExifTags.TAGS.get(tag, "")
            if name in _WANTED and (value := _plain(raw, name)) not in ("", None) and not _is_ome(value):
                found[f"EXIF:{name}"] = value
    for tag, raw in exif.get_ifd(ExifTags.IFD.GPSInfo).items():
        name = ExifTags.GPSTAGS.get(tag, "")
        if name in {
            "GPSLatitude",
            "GPSLatitudeRef",
            "GPSLongitude",
            "GPSLongitudeRef",
            "GPSAltitude",
            "GPSDateStamp",
            "GPSMapDatum",
        }:
            found[f"GPS:{name}"] = _plain(raw, name)
    return found


def _is_ome(value: JSON) -> bool:
    """Whether a description is OME-XML, which has a reader of its own."""
    return isinstance(value, str) and value.lstrip()[:5] in ("<?xml", "<OME ", "<!DOC") and "<OME" in value[:2_000]


def _has_exif_chunk(image: Image.Image) -> bool:
    small = image.width * image.height <= _SMALL
    return "exif" in image.info or (small and "Raw profile type exif" in image.info)


def _plain(value: Any, name: str) -> JSON:
    """JSON of an EXIF value. XP… tags are UTF-16; a UserComment starts with eight bytes that name its code."""
    if isinstance(value, bytes):
        if name.startswith("XP"):
            return value.decode("utf-16-le", "replace").rstrip("\0").strip()
        return decode(value[8:] if name == "UserComment" else value).text.strip("\0 ")[:_MAX_VALUE]
    if isinstance(value, str):
        return _mended(value).strip("\0 ")[:_MAX_VALUE]
    if isinstance(value, tuple | list):
        return [_plain(item, name) for item in value[:20]]
    if isinstance(value, int):
        return value
    try:
        return float(Fraction(value).limit_denominator(10_000_000))
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None


def _mended(value: str) -> str:
    """Pillow reads text tags as Latin-1; cameras and programs write UTF-8 or CP932."""
    try:
        data = value.encode("latin-1")
    except UnicodeEncodeError:
        return value
    return value if value.isascii() else decode(data).text


def _iptc(image: Image.Image) -> Mapping[str, JSON]:
    found: dict[str, JSON] = {}
    for key, raw in (IptcImagePlugin.getiptcinfo(image) or {}).items():  # type: ignore[arg-type]
        if key in _IPTC:
            items = [decode(item).text.strip("\0 ")[:_MAX_VALUE] for item in (raw if isinstance(raw, list) else [raw])]
            found[f"IPTC:{_IPTC[key]}"] = items[0] if len(items) == 1 else items
    return found


def _xmp(image: Image.Image) -> Mapping[str, JSON]:
    """Simple properties and the items of lists in the XMP packet."""
    raw = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    data = raw.encode() if isinstance(raw, str) else bytes(raw)
    if not data or len(data) > _MOST_XMP:
        return {}
    root = safe_xml.parse(data.strip(b"\0 \r\n\t"))
    found: dict[str, JSON] = {}
    for description in root.iter(f"{_RDF}Description"):
        for attribute, text in description.attrib.items():
            _keep(found, str(attribute), [str(text)])
        for child in description:
            items = [str(item.text).strip() for item in child.iter(f"{_RDF}li") if item.text and str(item.text).strip()]
            resource = child.get(f"{_RDF}resource")
            own = (
                [resource] if resource else [str(child.text).strip()] if child.text and str(child.text).strip() else []
            )
            _keep(found, str(child.tag), items or own)
    return found


def _keep(found: dict[str, JSON], tag: str, items: list[str]) -> None:
    namespace, _, local = tag.removeprefix("{").partition("}")
    name = f"{_XMP_NAMES.get(namespace, '')}:{local}"
    if name in _XMP_WANTED and items:
        found[f"XMP:{name}"] = items[0][:_MAX_VALUE] if len(items) == 1 else [item[:_MAX_VALUE] for item in items[:50]]


def _text_chunks(image: Image.Image) -> Mapping[str, JSON]:
    """The text chunks of a PNG: Title, Author, Description, Copyright, Software, ..."""
    if image.format != "PNG":
        return {}
    chunks = {
        name: value.strip() for name, value in image.info.items() if isinstance(name, str) and isinstance(value, str)
    }
    return {f"PNG:{name}": text[:_MAX_VALUE] for name, text in chunks.items() if text and not _TECHNICAL.match(name)}


def _camera(file: str, seen: Mapping[str, JSON]) -> Iterator[Evidence]:
    """The camera, microscope or scanner that took the picture, as its maker wrote it."""
    tags = {"manufacturer": "EXIF:Make", "model": "EXIF:Model", "serial_number": "EXIF:BodySerialNumber"}
    parts = {key: value for key, tag in tags.items() if isinstance(value := seen.get(tag), str) and value}
    if parts.get("model") or parts.get("manufacturer"):
        quote = ", ".join(parts.values())[:_MAX_QUOTE]
        place = AttributePlace(file, "EXIF:Model", quote=quote)
        kind = {"type": "camera"} if seen.get("EXIF:DateTimeOriginal") or "EXIF:BodySerialNumber" in seen else {}
        yield Evidence("instrument", {**parts, **kind}, place, READER)


def _where(file: str, seen: Mapping[str, JSON]) -> Iterator[Evidence]:
    latitude = _degrees(seen.get("GPS:GPSLatitude"), seen.get("GPS:GPSLatitudeRef"), 90)
    longitude = _degrees(seen.get("GPS:GPSLongitude"), seen.get("GPS:GPSLongitudeRef"), 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):  # 0, 0 is a camera without a fix
        return
    value = {"west": longitude, "south": latitude, "east": longitude, "north": latitude, "points": 1}
    quote = shown_value(seen["GPS:GPSLatitude"])[:_MAX_QUOTE]
    yield Evidence("coordinates", value, AttributePlace(file, "GPS:GPSLatitude", quote=quote), READER)


def _degrees(parts: JSON, side: JSON, limit: int) -> float | None:
    """Degrees, minutes and seconds as signed degrees; None when they cannot be a place."""
    if (
        not isinstance(parts, list)
        or not 1 <= len(parts) <= 3
        or not all(isinstance(part, int | float) for part in parts)
    ):
        return None
    degrees: float = sum(float(part) / 60.0**power for power, part in enumerate(parts))
    if not 0 <= degrees <= limit or not isinstance(side, str) or side[:1].upper() not in "NSEW":
        return None
    return round(-degrees if side[:1].upper() in "SW" else degrees, 7)


def _when(file: str, seen: Mapping[str, JSON]) -> Iterator[Evidence]:
    for name in ("EXIF:DateTimeOriginal", "EXIF:DateTimeDigitized", "XMP:photoshop:DateCreated", "IPTC:DateCreated"):
        value = seen.get(name)
        date = (
            iso_date(value.replace(":", "-", 2) if name.startswith("EXIF") else value)
            if isinstance(value, str)
            else None
        )
        if date and not date.startswith("0000"):
            place = AttributePlace(file, name, quote=str(value)[:_MAX_QUOTE])
            yield Evidence("time-range", {"start": date, "end": date, "count": 1}, place, READER)
            return
