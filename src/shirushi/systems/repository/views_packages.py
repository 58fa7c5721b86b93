"""Packages and records from elsewhere: an archive of a draft unpacked, and the page on which records of other repositories come in."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from shirushi.accounts.actors import Actor, actor_of
from shirushi.accounts.models import Space
from shirushi.core import services
from shirushi.core.errors import DomainError, NotFound, TooMany
from shirushi.core.home import blobs
from shirushi.core.models import Draft, DraftFile, Unpacking
from shirushi.describe.isolate import MIB, Failure, Limits, Pool
from shirushi.exchange.errors import NotReadable
from shirushi.exchange.importing import SOURCES, Row, Source, in_order, read
from shirushi.storage import StorageError, TooLarge
from shirushi.systems.repository.views_drafts import draft_of, posted, spaces_of

MOST_BYTES = 20 * MIB
MOST_ROWS = 100  # on the page; the command line takes any number
KEPT = 86_400  # seconds between the look and the import
_SALT = "shirushi-import"
_LIMITS = Limits(seconds=60.0, memory=512 * MIB, answer=MIB)


@posted
def unpack(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Have an archive of the draft unpacked."""
    draft, actor = draft_of(request, draft_id)
    try:
        services.unpacking.begin_unpacking(draft=draft, path=request.POST.get("path", ""), by=actor)
    except (NotFound, TooMany) as refused:
        messages.error(request, refused.in_(get_language() or "en"))
    return redirect("draft-files", draft.pk)


@require_safe
@login_required
def unpacking(request: HttpRequest, draft_id: str) -> HttpResponse:
    """How far unpacking has come: a part of the files' page, asked for again while one is under way. At its end the page is drawn anew."""
    draft, _actor = draft_of(request, draft_id)
    if not request.headers.get("HX-Request"):
        return redirect("draft-files", draft.pk)
    shown = packages_of(draft)
    last = shown["unpacking"]
    if last is None or last.is_over:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "drafts/_unpacking.html", {"draft": draft, **shown})


def packages_of(draft: Draft) -> dict[str, Any]:
    """For the files' page: the archives that may be unpacked, and the last unpacking. Two queries."""
    last: Unpacking | None = draft.unpackings.last()
    under_way = last is not None and not last.is_over
    found: list[DraftFile] = [] if under_way or draft.state != Draft.State.OPEN else services.unpacking.offered(draft)
    return {"offered": found, "unpacking": last}


def waits_for_unpacking(draft: Draft) -> bool:
    """Whether a package is there about which nobody has decided: it is offered before the review."""
    return bool(services.unpacking.offered(draft)) and not draft.unpackings.exists()


# -- records from elsewhere


@dataclass(slots=True)
class Line:
    """One record in the report: what would become, or became, of it."""

    row: Row
    outcome: services.importing.Outcome | None = None
    refused: str = ""

    @property
    def record(self) -> Any:
        return None if isinstance(self.row.record, NotReadable) else self.row.record


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def import_records(request: HttpRequest) -> HttpResponse:
    """Look at a file of records from another repository, then import what it holds. Looking changes nothing; the file is kept for a day."""
    actor = actor_of(request)
    spaces = spaces_of(actor)
    context: dict[str, Any] = {
        "spaces": spaces,
        "sources": SOURCES,
        "most": MOST_BYTES,
        "asked": request.POST,
        "lines": None,
    }
    if request.method == "POST" and spaces:
        try:
            context |= _imported(request, actor, spaces) if "kept" in request.POST else _looked(request, actor, spaces)
        except _Problem as problem:
            context["problem"] = str(problem)
            return render(request, "records/import.html", context, status=422)
    return render(request, "records/import.html", context)


class _Problem(Exception):
    """What keeps the file from being looked at, in the reader's language."""


def _looked(request: HttpRequest, actor: Actor, spaces: list[Space]) -> dict[str, Any]:
    sent = request.FILES.get("file")
    source = next((name for name in SOURCES if name == request.POST.get("source")), None)
    if sent is None or source is None:
        raise _Problem(_("Choose where the records come from, and a file."))
    try:
        blob = blobs().write(sent.file, limit=MOST_BYTES)
    except TooLarge as error:
        raise _Problem(
            _("The file is too large for this page. Split it, or import it with the command line.")
        ) from error
    except StorageError as error:
        raise _Problem(error.ja if _is_japanese() else error.en) from error
    space = next((one for one in spaces if one.slug == request.POST.get("space")), spaces[0])
    name = (sent.name or "file")[:200]
    lines = _lines(source, name, blob.sha256, space, actor)
    kept = {"sha256": blob.sha256, "source": source, "name": name, "space": space.slug, "user": actor.user_id}
    may = [line for line in lines if line.outcome and line.outcome.state != "unchanged"]
    return {"lines": lines, "kept": signing.dumps(kept, salt=_SALT), "may": len(may), "name": name, "done": False}


def _imported(request: HttpRequest, actor: Actor, spaces: list[Space]) -> dict[str, Any]:
    try:
        kept = signing.loads(request.POST["kept"], salt=_SALT, max_age=KEPT)
    except signing.BadSignature as error:
        raise _Problem(_("The file was kept for a day only. Choose it again.")) from error
    space = next((one for one in spaces if one.slug == kept["space"]), None)
    if space is None or kept["user"] != actor.user_id:
        raise _Problem(_("The file was kept for a day only. Choose it again."))
    lines = _lines(
        kept["source"], kept["name"], kept["sha256"], space, actor, publish="publish" in request.POST, dry=False
    )
    return {"lines": lines, "name": kept["name"], "done": True}


def _lines(
    source: Source, name: str, sha256: str, space: Space, actor: Actor, *, publish: bool = False, dry: bool = True
) -> list[Line]:
    """Every record of a kept file, with what would become of it or (not ``dry``) what became of it."""
    if not blobs().claim(sha256):
        raise _Problem(_("The file was kept for a day only. Choose it again."))
    with blobs().held([sha256]) as paths, Pool(1, limits=_LIMITS) as pool:
        try:
            number = pool.call("shirushi.exchange.importing:check", source=source, name=name, path=str(paths[sha256]))
        except Failure as failure:
            raise _Problem(_("The file cannot be read: it is damaged, or far too deep or large inside.")) from failure
        if number > MOST_ROWS:
            raise _Problem(
                _(
                    "The file holds %(number)s records; this page takes %(most)s. Import it with the command line: shirushi import."
                )
                % {"number": f"{number:,}", "most": MOST_ROWS}
            )
        rows = in_order(list(read(source, name, paths[sha256].read_bytes())))
    return [_line(row, space, actor, publish=publish, dry=dry) for row in rows]


def _line(row: Row, space: Space, actor: Actor, *, publish: bool, dry: bool) -> Line:
    if isinstance(row.record, NotReadable):
        return Line(row, refused=str(row.record))
    try:
        if dry:
            return Line(row, services.importing.look_up(imported=row.record, space=space, by=actor))
        outcome = services.importing.import_record(
            imported=row.record, document=row.document, space=space, by=actor, publish_it=publish
        )
    except DomainError as error:
        return Line(row, refused=error.in_(get_language() or "en"))
    return Line(row, outcome)


def _is_japanese() -> bool:
    return (get_language() or "en").startswith("ja")
