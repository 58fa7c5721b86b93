"""Pages of a PDF and images as bounded PNG; named values of structured files as their readers say them."""

import base64
import io
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from PIL import Image, ImageOps

from shirushi.describe.evidence import JSON, AttributePlace, Evidence
from shirushi.describe.readers import images, pdf
from shirushi.describe.readers.base import File, Unreadable

LONG_SIDE = 1_400  # pixels of a page
THUMBNAIL = 900
MOST_PIXELS = 60_000_000  # of an image that is unpacked
MOST_ITEMS = 400
MAX_VALUE = 2_000
_MOST_EVIDENCE = 5_000


def preview_page(file: File, *, page: int, box: Sequence[float] | None) -> dict[str, JSON]:
    """``{"type": "page", ...}``; a page beyond the last shows the last. ``box`` is handed through."""
    document = pdf.open_pdf(file)
    try:
        number = min(max(1, page), len(document))
        sheet = document[number - 1]
        width, height = sheet.get_size()
        scale = min(2.0, LONG_SIDE / max(width, height, 1))
        picture = sheet.render(scale=scale).to_pil()
        result = {
            "type": "page",
            "page": number,
            "pages": len(document),
            "box": list(box) if box and number == page else None,
        }
    finally:
        document.close()
    return result | _png(picture)


def preview_image(file: File, *, highlight: str | None, readers: Sequence[str] = ()) -> dict[str, JSON]:
    """``{"type": "image", ...}``, no side longer than ``THUMBNAIL``; one that is too large, or of a kind that cannot be shown,
    has its attributes only. What other ``readers`` than that of images see at named places is added to them."""
    others = [reader for reader in readers if not reader.endswith(":read_image")]
    try:
        items = [
            {"path": name, "value": images.shown_value(value)[:MAX_VALUE]} for name, value in _image_attributes(file)
        ]
    except Unreadable:
        beside = preview_attributes(file, others, highlight=highlight) if others else {"type": "none"}
        if beside["type"] == "none":
            raise
        return beside
    items.extend(
        {"path": evidence.place.path, "value": _shown(evidence)[:MAX_VALUE]}
        for evidence in _evidence(file, others)
        if isinstance(evidence.place, AttributePlace) and evidence.kind in ("attribute", "instrument", "software-used")
    )
    with images.open_image(file) as opened:
        size = {"path": "image:size", "value": f"{opened.width} × {opened.height}"}
        items.insert(0, size)
        opened.draft("RGB", (THUMBNAIL, THUMBNAIL))  # a JPEG is unpacked at a fraction of its size
        if opened.width * opened.height > MOST_PIXELS:
            return {"type": "attributes", "items": items, "highlight": highlight, "reason": "too-large"}
        try:
            picture = _eight_bits(opened)
            picture.thumbnail((THUMBNAIL, THUMBNAIL))
        except (OSError, ValueError, SyntaxError) as error:
            raise Unreadable("truncated", f"the image cannot be unpacked: {error}"[:300]) from error
        picture = ImageOps.exif_transpose(picture)
    return {"type": "image", "attributes": items, "highlight": highlight} | _png(picture)


def _image_attributes(file: File) -> Iterator[tuple[str, JSON]]:
    with images.open_image(file) as opened:
        yield from images.attributes(opened).items()


def _eight_bits(image: Image.Image) -> Image.Image:
    """Colours or greys of eight bits. Measured values (16 bits, floats) are stretched over the range that they use."""
    if image.mode in ("1", "L", "RGB", "RGBA"):
        return image.copy()
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        values = image.convert("F")
        extrema: Any = values.getextrema()
        low, high = extrema
        factor = 255 / (high - low) if high > low else 0.0
        return values.point(lambda value: value * factor - low * factor).convert("L")
    return image.convert("RGBA" if "A" in image.mode or image.mode == "P" else "RGB")


def _png(picture: Image.Image) -> dict[str, JSON]:
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return {
        "png": base64.b64encode(stream.getvalue()).decode("ascii"),
        "width": picture.width,
        "height": picture.height,
    }


def preview_attributes(file: File, readers: Sequence[str], *, highlight: str | None) -> dict[str, JSON]:
    """``{"type": "attributes", ...}``: what the file's readers say at named places, in their order; when there are many,
    those around the highlighted one."""
    found: dict[str, str] = {}
    for evidence in _evidence(file, readers):
        if isinstance(evidence.place, AttributePlace):
            value = _shown(evidence)
            if len(value) > len(
                found.get(evidence.place.path, "")
            ):  # several facts may stand at one place: show all of it
                found[evidence.place.path] = value[:MAX_VALUE]
    items: list[JSON] = [{"path": path, "value": value} for path, value in found.items()]
    if not items:
        return {"type": "none", "reason": "nothing-to-show"}
    at = next((i for i, path in enumerate(found) if path == highlight), 0)
    first = max(0, min(at - MOST_ITEMS // 2, len(items) - MOST_ITEMS))
    return {
        "type": "attributes",
        "items": items[first : first + MOST_ITEMS],
        "total": len(items),
        "highlight": highlight,
    }


def _evidence(file: File, readers: Sequence[str]) -> Iterator[Evidence]:
    """What the readers see until one fails: what was seen before can still be shown."""
    for name in readers:
        module, _, function = name.partition(":")
        try:
            for number, evidence in enumerate(getattr(import_module(module), function)(file)):
                if number >= _MOST_EVIDENCE:
                    break
                yield evidence
        except Unreadable:
            if len(readers) == 1:
                raise


def _shown(evidence: Evidence) -> str:
    """A value in one line; an array by its type and dimensions."""
    value = evidence.value
    if evidence.kind == "array":
        names = value.get("dimensions") or [""] * len(value["shape"])
        extent = ", ".join(
            f"{name}: {size}" if name else str(size) for name, size in zip(names, value["shape"], strict=False)
        )
        unit = f" [{value['unit']}]" if "unit" in value else ""
        return f"{value['dtype']} ({extent}){unit}"
    if evidence.kind in ("coordinates", "time-range", "stated", "instrument", "software-used", "image"):
        return evidence.place.quote
    if evidence.kind == "sensitive":
        return f"{value['category']}: {value['count']}"
    if evidence.kind == "table-row":
        return " | ".join(value["cells"])
    for key in ("value", "text", "name"):
        if isinstance(value, dict) and key in value:
            return images.shown_value(value[key])
    return images.shown_value(value)
