"""Looks into files for pages. They happen in isolated workers that all pages of this process share."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

LINES = 200


@dataclass(frozen=True, slots=True)
class Turning:
    """Addresses of the pages around the one that is shown; None where there is none. ``sheets``: name, address, shown."""

    previous: str | None
    next: str | None
    sheets: tuple[tuple[str, str, bool], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.previous or self.next or self.sheets)


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

    return dict(
        engine.preview(file, media_type=media_type, place=place, page=page, sheet=sheet, offset=offset, limit=LINES)
    )


def masked(shown: dict[str, Any], place: Mapping[str, Any]) -> dict[str, Any]:
    """A preview in which the values at the marked place cannot be read, only their form."""
    from shirushi.describe.readers.sensitive_values import mask

    match shown["type"]:
        case "table":
            column = (shown["highlight"] or {}).get("column") or place.get("column", 0)
            for row in shown["rows"]:
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
        case "page":
            here, last = shown["page"], shown["pages"]
            return Turning(
                f"{address}?page={here - 1}" if here > 1 else None,
                f"{address}?page={here + 1}" if here < last else None,
            )
        case "text":
            return _by_number(address, [line["number"] for line in shown["lines"]], shown["total_lines"], {})
        case "table":
            sheets = shown.get("sheets") or []
            named = {"sheet": shown["sheet"]} if shown.get("sheet") else {}
            around = _by_number(address, [row["number"] for row in shown["rows"]], shown.get("total_rows"), named)
            choices = tuple(
                (name, f"{address}?{urlencode({'sheet': name})}", name == shown["sheet"]) for name in sheets
            )
            return Turning(around.previous, around.next, choices if len(choices) > 1 else ())
        case _:
            return Turning(None, None)


def _by_number(address: str, numbers: list[int], total: int | None, more: Mapping[str, str]) -> Turning:
    if not numbers:
        return Turning(None, None)
    first, last = numbers[0], numbers[-1]
    before = {"offset": max(1, first - LINES), **more}
    after = {"offset": last + 1, **more}
    is_last = len(numbers) < LINES if total is None else last >= total
    return Turning(
        f"{address}?{urlencode(before)}" if first > 2 else None, None if is_last else f"{address}?{urlencode(after)}"
    )


def page_number(request: HttpRequest) -> int | None:
    """The page asked for with ``?page=``; None for anything that is not a page number."""
    return number(request, "page")


def number(request: HttpRequest, name: str) -> int | None:
    """A whole number from the address; None for anything else."""
    wanted = request.GET.get(name, "")
    return int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else None
