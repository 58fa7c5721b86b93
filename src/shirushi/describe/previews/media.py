"""Pages of a PDF and images as bounded pictures; named values of structured files as their readers say them."""

import base64
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from itertools import islice
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from shirushi.describe.evidence import JSON, AttributePlace, Evidence
from shirushi.describe.previews.strided import plain_tiff
from shirushi.describe.readers import images, pdf
from shirushi.describe.readers.base import File, Unreadable

LONG_SIDE = 1_400  # pixels of a page
THUMBNAIL = 900
LARGE = 3_000  # pixels of a picture to be looked at closely
MOST_PIXELS = 60_000_000  # of an image that is unpacked
MOST_UNPACKED = 160_000_000  # bytes of it
MOST_ITEMS = 400
MOST_PDF = 2_000_000_000  # bytes
MAX_VALUE = 2_000
MOST_PROBLEMS = 10
MOST_WORDS = 20_000  # characters of a page's text
_MOST_EVIDENCE = 5_000
_MOST_PNG = 300_000  # bytes: beyond, a picture without transparency is packed as JPEG
_SHARES = (0.2, 99.8)  # percent of measured values between which greys are spread, so that a hot pixel darkens nothing
_BYTES = {"F": 4, "I": 4, "RGB": 3, "RGBA": 4, "CMYK": 4, "YCbCr": 3, "LAB": 3, "HSV": 3}


def preview_page(file: File, *, page: int, box: Sequence[float] | None) -> dict[str, JSON]:
    """``{"type": "page", ...}``; a page beyond the last shows the last. ``box`` is handed through; ``words`` is the page's text."""
    if file.size > MOST_PDF:
        raise Unreadable("too-large", f"a PDF of more than {MOST_PDF:,} bytes is not opened")
    document = pdf.open_pdf(file)
    try:
        number = min(max(1, page), len(document))
        sheet = document[number - 1]
        result = {
            "type": "page",
            "page": number,
            "pages": len(document),
            "box": list(box) if box and number == page else None,
            "words": _words(sheet),
        }
        picture = _rendered(sheet, LONG_SIDE)
    finally:
        document.close()
    return result | packed(picture)


def _rendered(sheet: Any, side: int) -> Image.Image:
    """A page without what could act in it: forms and scripts are not loaded."""
    width, height = sheet.get_size()
    picture: Image.Image = sheet.render(scale=min(side / LONG_SIDE * 2.0, side / max(width, height, 1))).to_pil()
    return picture


def _words(sheet: Any) -> str:
    try:
        said = sheet.get_textpage().get_text_bounded()
    except (RuntimeError, ValueError):
        return ""
    lines = (line.strip() for line in said.replace("\r", "").replace("\0", "")[:MOST_WORDS].split("\n"))
    return "\n".join(line for line in lines if line).encode("utf-8", "replace").decode()


def preview_image(file: File, *, highlight: str | None, readers: Sequence[str] = (), frame: int = 1) -> dict[str, JSON]:
    """``{"type": "image", ...}``, no side longer than ``THUMBNAIL``; one that is too large, or of a kind that cannot be shown,
    has its attributes only. What other ``readers`` than that of images see at named places is added to them. ``frame`` counts from
    1; ``full`` is the size of the original, ``stretched`` the values that black and white stand for, of measured values."""
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
    seen = list(evidence_of(file, others))
    items.extend(
        {"path": evidence.place.path, "value": shown(evidence)[:MAX_VALUE]}
        for evidence in seen
        if isinstance(evidence.place, AttributePlace) and evidence.kind in ("attribute", "instrument", "software-used")
    )
    with images.open_image(file) as opened:
        size = {"path": "image:size", "value": f"{opened.width} × {opened.height}"}
        items.insert(0, size)
        full, frames = [opened.width, opened.height], images.frames(opened)
        picture, stretched, number = _unpacked(opened, frame, frames, THUMBNAIL)
        if picture is None:
            picture, stretched = _thinned(file, number, THUMBNAIL)
        told: dict[str, JSON] = {"highlight": highlight, "full": full, "problems": problems_among(seen)}
        if picture is None:
            return told | {"type": "attributes", "items": items, "reason": "too-large"}
    told |= {"attributes": items, "stretched": stretched}
    return {"type": "image", "page": number, "pages": frames} | told | packed(picture)


def _unpacked(
    opened: Image.Image, frame: int, frames: int, side: int
) -> tuple[Image.Image | None, list[float] | None, int]:
    """The picture no larger than ``side`` and the right way up, what it was stretched between, and which frame it is; no picture
    where it is too large to be unpacked.

    Raises:
        Unreadable: it is damaged.
    """
    number = min(max(1, frame), frames)
    try:
        if number > 1:
            opened.seek(number - 1)
        opened.draft("RGB", (side, side))  # a JPEG is unpacked at a fraction of its size
        pixels = opened.width * opened.height
        if pixels > MOST_PIXELS or pixels * _BYTES.get(opened.mode, 2) > MOST_UNPACKED:
            return None, None, number
        picture, stretched = _eight_bits(opened)
        picture.thumbnail((side, side))
    except (OSError, ValueError, SyntaxError, EOFError, TypeError) as error:
        raise Unreadable("truncated", f"the image cannot be unpacked: {error}"[:300]) from error
    return ImageOps.exif_transpose(picture), stretched, number


def enlarge(path: str, media_type: str, page: int | None) -> dict[str, JSON]:
    """``{"picture", "picture_type", "width", "height"}`` of a page or an image, no side longer than ``LARGE``; called in a worker.

    Raises:
        Unreadable: it is damaged, locked, too large, or neither a page nor an image.
        OSError: it is not there.
    """
    from pathlib import Path

    file = File(Path(path), Path(path).name, Path(path).stat().st_size, media_type, "")
    if media_type == "application/pdf":
        document = pdf.open_pdf(file)
        try:
            return packed(_rendered(document[min(max(1, page or 1), len(document)) - 1], LARGE))
        finally:
            document.close()
    if not media_type.startswith("image/"):
        raise Unreadable("nothing-to-show", "neither a page nor an image")
    with images.open_image(file) as opened:
        picture, _, number = _unpacked(opened, page or 1, images.frames(opened), LARGE)
    if picture is None:
        picture, _ = _thinned(file, number, LARGE)
    if picture is None:
        raise Unreadable("too-large", f"an image of more than {MOST_PIXELS:,} pixels is not unpacked")
    return packed(picture)


def _thinned(file: File, frame: int, side: int) -> tuple[Image.Image | None, list[float] | None]:
    """An image that is too large to be unpacked whole, every so many pixels, where it lies in the file without being packed."""
    if file.media_type != "image/tiff":
        return None, None
    try:
        values = plain_tiff(file, frame, side)
    except (ValueError, TypeError, KeyError, IndexError, OSError):
        return None, None
    if values is None:
        return None, None
    if values.ndim == 3 or values.dtype == np.uint8:
        return Image.fromarray(np.ascontiguousarray(values)), None
    greys, low, high = greyed(values.astype(float))
    return Image.fromarray(greys), [low, high]


def _image_attributes(file: File) -> Iterator[tuple[str, JSON]]:
    with images.open_image(file) as opened:
        yield from images.attributes(opened).items()


def _eight_bits(image: Image.Image) -> tuple[Image.Image, list[float] | None]:
    """Colours or greys of eight bits. Measured values (16 bits, floats) are stretched over nearly all of the range that they use."""
    if image.mode in ("1", "L", "RGB", "RGBA"):
        return image.copy(), None
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        greys, low, high = greyed(np.asarray(image.convert("F") if image.mode != "F" else image))
        picture = Image.fromarray(greys)
        picture.info.update(image.info)
        if "exif" not in picture.info and 0x0112 in image.getexif():
            picture.getexif()[0x0112] = image.getexif()[0x0112]
        return picture, [low, high]
    return image.convert("RGBA" if "A" in image.mode or image.mode == "P" else "RGB"), None


def greyed(values: Any) -> tuple[Any, float, float]:
    """Numbers of any shape as bytes from black to white, and what those stand for. What is no number is black."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return np.zeros(values.shape, "u1"), 0.0, 0.0
    step = max(1, finite.size // 2_000_000)
    low, high = (float(value) for value in np.percentile(finite[::step], _SHARES))
    if high <= low:
        low, high = float(finite.min()), float(finite.max())
    factor = 255 / (high - low) if high > low else 0.0
    with np.errstate(invalid="ignore"):
        greys = np.clip((np.nan_to_num(values, nan=low, posinf=high, neginf=low) - low) * factor, 0, 255)
    return greys.astype("u1"), low, high


def packed(picture: Image.Image) -> dict[str, JSON]:
    """``picture`` (base64), ``picture_type``, ``width``, ``height``: without loss, or as JPEG where that would be large."""
    stream = io.BytesIO()
    kind = "image/png"
    picture.save(stream, "PNG")
    if stream.tell() > _MOST_PNG and picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255):
        picture = picture.convert("RGB")
    if stream.tell() > _MOST_PNG and picture.mode in ("L", "RGB"):
        stream, kind = io.BytesIO(), "image/jpeg"
        picture.save(stream, "JPEG", quality=86, exif=b"")
    return {
        "picture": base64.b64encode(stream.getvalue()).decode("ascii"),
        "picture_type": kind,
        "width": picture.width,
        "height": picture.height,
    }


def preview_attributes(file: File, readers: Sequence[str], *, highlight: str | None) -> dict[str, JSON]:
    """``{"type": "attributes", ...}``: what the file's readers say at named places, in their order; when there are many,
    those around the highlighted one."""
    found: dict[str, str] = {}
    failures: list[Unreadable] = []
    seen = list(evidence_of(file, readers, failures.append))
    problems = problems_among(seen)
    for evidence in seen:
        if evidence.kind != "problem" and isinstance(evidence.place, AttributePlace):
            value = shown(evidence)
            if len(value) > len(
                found.get(evidence.place.path, "")
            ):  # several facts may stand at one place: show all of it
                found[evidence.place.path] = value[:MAX_VALUE]
    items: list[JSON] = [{"path": path, "value": value} for path, value in found.items()]
    if not items:
        problems += [{"code": error.code, "detail": error.message} for error in failures]
        first_one = next(iter(problems), {"code": "nothing-to-show", "detail": ""})
        return {"type": "none", "reason": first_one["code"], "detail": first_one["detail"]}
    at = next((i for i, path in enumerate(found) if path == highlight), 0)
    first = max(0, min(at - MOST_ITEMS // 2, len(items) - MOST_ITEMS))
    return {
        "type": "attributes",
        "items": items[first : first + MOST_ITEMS],
        "total": len(items),
        "highlight": highlight,
        "problems": problems,
    }


def problems_among(seen: Iterable[Evidence]) -> list[JSON]:
    """[{code, detail}]: what the readers found wrong with the file, each once."""
    told = ((str(one.value["code"]), str(one.value.get("message", ""))) for one in seen if one.kind == "problem")
    return [{"code": code, "detail": detail[:300]} for code, detail in islice(dict.fromkeys(told), MOST_PROBLEMS)]


def evidence_of(
    file: File, readers: Sequence[str], failed: Callable[[Unreadable], None] | None = None
) -> Iterator[Evidence]:
    """What the readers see until one fails: what was seen before can still be shown. ``failed`` is told why."""
    for name in readers:
        module, _, function = name.partition(":")
        try:
            for number, evidence in enumerate(getattr(import_module(module), function)(file)):
                if number >= _MOST_EVIDENCE:
                    break
                yield evidence
        except Unreadable as error:
            if len(readers) == 1:
                raise
            if failed is not None:
                failed(error)


def shown(evidence: Evidence) -> str:
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
