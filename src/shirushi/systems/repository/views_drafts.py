"""From a dropped folder to a draft that has been read: drop, list, reading, files."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from shirushi.accounts.actors import Actor, actor_of
from shirushi.accounts.models import Space
from shirushi.core import rules, services
from shirushi.core.models import DescribeRun, Draft, Suggestion

DRAFTS_A_PAGE = 30
FILES_A_PAGE = 100
TELLING = 5  # files read before the time they took says something about the others


def draft_of(request: HttpRequest, draft_id: str) -> tuple[Draft, Actor]:
    """A draft that this person may see; Http404 otherwise, so that nobody learns which drafts exist."""
    actor = actor_of(request)
    draft = rules.visible_drafts(actor).select_related("space").filter(pk=draft_id).first()
    if draft is None:
        raise Http404
    return draft, actor


def posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that takes what a form sends. Who opens its address, as after signing in again, is led to the draft."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @login_required
    @wraps(view)
    def answer(request: HttpRequest, draft_id: str) -> HttpResponse:
        if request.method != "POST":
            return redirect("draft-review", draft_id)
        return view(request, draft_id)

    return answer


def spaces_of(actor: Actor) -> list[Space]:
    """Where this person may deposit."""
    return list(rules.spaces_to_deposit_in(actor))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def drop(request: HttpRequest) -> HttpResponse:
    """The drop zone. A POST with files (a browser without scripts) makes the draft in one go."""
    actor = actor_of(request)
    spaces = spaces_of(actor)
    uploads = request.FILES.getlist("files")
    if request.method != "POST" or not uploads or not spaces:
        if request.method == "POST":
            messages.error(request, _("No file was chosen. Choose at least one and send it again."))
        return render(request, "drafts/drop.html", {"spaces": spaces, "max_file_size": settings.SHIRUSHI_MAX_FILE_SIZE})
    wanted = request.POST.get("space", "")
    space = next((space for space in spaces if space.slug == wanted), spaces[0])
    draft = services.create_draft(space=space, by=actor)
    for upload in uploads:
        services.put_file(draft=draft, path=upload.name, content=upload.file, by=actor, size=upload.size)
    services.start_describing(draft=draft, by=actor)
    return redirect("draft-reading", draft.pk)


@require_safe
@login_required
def drafts(request: HttpRequest) -> HttpResponse:
    """The drafts this person may see, newest first."""
    actor = actor_of(request)
    open_runs = DescribeRun.objects.filter(
        draft=OuterRef("pk"), state__in=[DescribeRun.State.QUEUED, DescribeRun.State.RUNNING]
    )
    waiting = Count("suggestions", filter=Q(suggestions__state=Suggestion.State.OPEN))
    found = (
        rules.visible_drafts(actor)
        .filter(state=Draft.State.OPEN)
        .select_related("space", "owner")
        .annotate(is_being_read=Exists(open_runs), undecided=waiting)
        .order_by("-updated_at", "-id")
    )
    page = Paginator(found, DRAFTS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "drafts/drafts.html", {"page": page, "may_deposit": bool(spaces_of(actor))})


@require_safe
@login_required
def reading(request: HttpRequest, draft_id: str) -> HttpResponse:
    """How far reading has come. HTMX asks for the fragment every second until it is over; then the review opens."""
    draft, _actor = draft_of(request, draft_id)
    run = draft.runs.last()
    is_fragment = bool(request.headers.get("HX-Request"))
    if run is not None and run.state == DescribeRun.State.DONE:
        review = redirect("draft-review", draft.pk)
        if not is_fragment:
            return review
        return HttpResponse(headers={"HX-Redirect": review.url})
    template = "drafts/_reading.html" if is_fragment else "drafts/reading.html"
    context = {"draft": draft, "run": run, "file_count": draft.files.count(), "seconds_left": seconds_left(run)}
    return render(request, template, context)


def seconds_left(run: DescribeRun | None) -> int | None:
    """How long reading may still take, from how long it took so far; None before there is anything to go by."""
    if run is None or run.state != DescribeRun.State.RUNNING or run.done < TELLING or run.done >= run.total:
        return None
    passed = (timezone.now() - run.created_at).total_seconds()
    return max(1, round(passed / run.done * (run.total - run.done)))


@posted
def read_again(request: HttpRequest, draft_id: str) -> HttpResponse:
    draft, actor = draft_of(request, draft_id)
    services.start_describing(draft=draft, by=actor)
    return redirect("draft-reading", draft.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def files(request: HttpRequest, draft_id: str) -> HttpResponse:
    """The draft's files: look, add, take out."""
    draft, actor = draft_of(request, draft_id)
    if request.method == "POST":
        for upload in request.FILES.getlist("files"):
            services.put_file(draft=draft, path=upload.name, content=upload.file, by=actor, size=upload.size)
        if path := request.POST.get("remove"):
            services.remove_file(draft=draft, path=path, by=actor)
        return redirect("draft-files", draft.pk)
    page = Paginator(draft.files.all(), FILES_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "drafts/files.html", {"draft": draft, "page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def discard(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Put a draft away, or with ``restore`` take it up again: undo instead of "are you sure". Then the page that says so."""
    draft, actor = draft_of(request, draft_id)
    if request.method != "POST":
        is_away = draft.state == Draft.State.DISCARDED
        return (
            render(request, "drafts/discarded.html", {"draft": draft})
            if is_away
            else redirect("draft-review", draft.pk)
        )
    if "restore" in request.POST:
        services.restore_draft(draft=draft, by=actor)
        return redirect("draft-review", draft.pk)
    services.discard_draft(draft=draft, by=actor)
    return redirect("draft-discard", draft.pk)
