"""Looks into files for pages. They happen in isolated workers that all pages of this process share."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.http import HttpRequest


def preview(
    file: Path, *, media_type: str, place: Mapping[str, Any] | None = None, page: int | None = None
) -> dict[str, Any]:
    """What ``describe.preview`` shows of a file, opened and marked at ``place`` (JSON) when there is one."""
    from shirushi.describe import preview as engine  # only pages that look into files pay for it

    return dict(engine.preview(file, media_type=media_type, place=place, page=page))


def page_number(request: HttpRequest) -> int | None:
    """The page asked for with ``?page=``; None for anything that is not a page number."""
    wanted = request.GET.get("page", "")
    return int(wanted) if wanted.isascii() and wanted.isdigit() and 0 < len(wanted) < 7 else None
