"""Looks into files for pages. They happen in isolated workers that all pages of this process share."""

import base64
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from shirushi.systems.repository import preview_cache

LINES = 200
_STEP = 100_000  # bytes back from where a page of a very large text begins
_BESIDE = {
    "application/vnd.shp": (".dbf", ".prj", ".cpg"),
    "application/x-esri-grid": (".prj",),
}


class Shown(dict[str, Any]):
    """JSON of a preview for templates: what is not there is None."""

    def __missing__(self, key: str) -> None:
        return None


def _for_templates(found: Any) -> Any:
    if isinstance(found, Mapping):
        return Shown((key, _for_templates(value)) for key, value in found.items())
    return [_for_templates(item) for item in found] if isinstance(found, list) else found


@dataclass(frozen=True, slots=True)
class Turning:
    """Addresses of the pages around the one that is shown; None where there is none. ``sheets``: name, address, shown. ``first`` and
    ``last``: the ends of a file whose pages are not counted."""

    previous: str | None
    next: str | None
    sheets: tuple[tuple[str, str, bool], ...] = ()
    first: str | None = None
    last: str | None = None

    def __bool__(self) -> bool:
        return bool(self.previous or self.next or self.sheets or self.last)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks to see of a file. ``plain``: its lines or attributes, in place of the view made for its kind."""

    page: int | None = None
    sheet: str | None = None
    offset: int | None = None
    byte: int | None = None
    variable: str | None = None
    at: tuple[int, ...] = ()
    plain: bool = False


def asked(request: HttpRequest) -> Asked:
    """What the address asks for; what cannot be meant is as if it were not there."""
    steps = tuple(int(text) for text in request.GET.getlist("at")[:32] if _is_number(text))
    return Asked(
        page_number(request),
        request.GET.get("sheet", "")[:500] or None,
        number(request, "offset"),
        -1 if request.GET.get("byte") == "end" else number(request, "byte"),
        request.GET.get("variable", "")[:2_000] or None,
        steps,
        request.GET.get("as") == "text",
    )


def beside(media_type: str, path: str) -> dict[str, tuple[str, ...]]:
    """Paths at which files may lie that tell more of one at ``path``, by their endings in lower case."""
    stem = path.rpartition(".")[0]
    return {end: (stem + end, stem + end.upper()) for end in _BESIDE.get(media_type, ()) if stem}


@dataclass(frozen=True, slots=True)
class Kept:
    """Stored bytes: where they lie, their SHA-256, and the path that they have in their record."""

    path: Path
    sha256: str
    name: str = ""


def look(file: Kept, *, media_type: str, wanted: Asked, others: Mapping[str, Kept]) -> dict[str, Any]:
    """A file as its kind deserves, from the cache where that was asked for before; ``others`` are those beside it."""
    from shirushi.describe import preview as engine

    def now() -> dict[str, Any]:
        return dict(
            engine.preview(
                file.path,
                media_type=media_type,
                page=wanted.page,
                sheet=wanted.sheet,
                offset=wanted.offset,
                limit=LINES,
                full=not wanted.plain,
                byte=wanted.byte,
                variable=wanted.variable,
                at=wanted.at,
                beside={end: other.path for end, other in others.items()},
                name=file.name,
            )
        )

    told = {end: other.sha256 for end, other in others.items()}
    found = preview_cache.shown(
        {"file": file.sha256, "name": file.name, "as": media_type, **asdict(wanted), "beside": told}, now
    )
    return Shown(_for_templates(found))


def large_picture(file: Kept, *, media_type: str, page: int | None) -> tuple[bytes, str] | None:
    """An image or a page of a PDF, large: its bytes and their type; None where there is none to be had."""
    from shirushi.describe import preview as engine
    from shirushi.describe.isolate import Failure

    def now() -> dict[str, Any]:
        try:
            return dict(engine.enlarged(file.path, media_type=media_type, page=page))
        except Failure as failure:
            return {"reason": failure.code}

    found = preview_cache.shown({"file": file.sha256, "as": media_type, "enlarged": page}, now)
    kind = found.get("picture_type")
    if kind not in ("image/png", "image/jpeg"):
        return None
    return base64.b64decode(found["picture"]), kind


def preview(
    file: Path,
    *,
    media_type: str,
    place: Mapping[str, Any] | None = None,
    page: int | None = None,
    sheet: str | None = None,
    offset: int | None = None,
) -> dict[str, Any]:
    """What ``describe.preview`` shows of a file, opened and marked at ``place`` (JSON) when there is one."""
    from shirushi.describe import preview as engine  # only pages that look into files pay for it

    shown = engine.preview(file, media_type=media_type, place=place, page=page, sheet=sheet, offset=offset, limit=LINES)
    return Shown(_for_templates(shown))


def masked(shown: dict[str, Any], place: Mapping[str, Any]) -> dict[str, Any]:
    """A preview in which the values at the marked place cannot be read, only their form."""
    from shirushi.describe.readers.sensitive_values import mask

    match shown["type"]:
        case "table":
            column = (shown["highlight"] or {}).get("column") or place.get("column", 0)
            for row in (*shown["rows"], *(shown.get("above") or ())):
                if 0 < column <= len(row["cells"]):
                    row["cells"][column - 1] = mask(row["cells"][column - 1])
        case "text":
            first, last = shown["highlight"] or (0, -1)
            start, end = shown["columns"] if shown["columns"] and first == last else (0, None)
            for line in shown["lines"]:
                if first <= line["number"] <= last:
                    text = line["text"]
                    covered = re.sub(r"\w", "*", text[start:end])  # of one length with it, so that the mark fits
                    line["text"] = text[:start] + covered + ("" if end is None else text[end:])
        case "attributes" | "image":
            for item in shown.get("items") or shown.get("attributes") or []:
                if item["path"] == shown.get("highlight"):
                    item["value"] = mask(str(item["value"]))
    return shown


def turning(shown: Mapping[str, Any], address: str) -> Turning:
    """Where to go on from a preview at ``address``."""
    match shown["type"]:
        case "page" | "image":
            here, last = shown.get("page", 1), shown.get("pages", 1)
            return Turning(
                f"{address}?page={here - 1}" if here > 1 else None,
                f"{address}?page={here + 1}" if here < last else None,
            )
        case "text" if shown.get("bytes"):
            start, end, size = shown["bytes"]
            return Turning(
                f"{address}?as=text&byte={max(0, start - _STEP)}" if start else None,
                f"{address}?as=text&byte={end}" if end < size else None,
                first=f"{address}?as=text",
                last=f"{address}?as=text&byte=end",
            )
        case "text":
            lines = [line["number"] for line in shown["lines"]]
            around = _by_number(address, lines, shown["total_lines"], {"as": "text"})
            return around if shown["total_lines"] is not None else replace(around, last=f"{address}?as=text&byte=end")
        case "table" | "map":
            sheets = shown.get("sheets") or shown.get("layers") or []
            here = shown.get("sheet") or shown.get("layer") or ""
            named = {"sheet": here} if here else {}
            total = shown.get("total_rows") if shown["type"] == "table" else shown.get("read", 0)
            first, last = shown.get("ends") or (1, None)
            around = _by_number(address, [row["number"] for row in shown["rows"]], last or total, named, first=first)
            choices = tuple((name, f"{address}?{urlencode({'sheet': name})}", name == here) for name in sheets)
            return replace(around, sheets=choices if len(choices) > 1 else ())
        case "notebook":
            return _by_part(address, shown["start"], len(shown["cells"]), shown["total"])
        case "members":
            return _by_part(address, shown["start"], len(shown["members"]), shown["total"], step=LINES)
        case _:
            return Turning(None, None)


def _by_part(address: str, start: int, count: int, total: int | None, step: int = 40) -> Turning:
    """Around ``count`` parts from ``start`` on, ``step`` to a page."""
    is_last = start + count > total if total is not None else count < step
    return Turning(
        f"{address}?offset={max(1, start - step)}" if start > 1 else None,
        None if is_last else f"{address}?offset={start + count}",
    )


def _by_number(
    address: str, numbers: list[int], total: int | None, more: Mapping[str, str], *, first: int = 1
) -> Turning:
    """Around the lines or rows of these numbers; ``first`` is the number of the first one that there may be."""
    if not numbers:
        return Turning(None, None)
    beginning, (first, last) = first, (numbers[0], numbers[-1])
    before = {"offset": max(1, first - LINES), **more}
    after = {"offset": last + 1, **more}
    is_last = len(numbers) < LINES if total is None else last >= total
    return Turning(
        f"{address}?{urlencode(before)}" if first > max(2, beginning) else None,
        None if is_last else f"{address}?{urlencode(after)}",
    )


def page_number(request: HttpRequest) -> int | None:
    """The page asked for with ``?page=``; None for anything that is not a page number."""
    return number(request, "page")


def number(request: HttpRequest, name: str) -> int | None:
    """A whole number from the address; None for anything else."""
    wanted = request.GET.get(name, "")
    return int(wanted) if _is_number(wanted) else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16
