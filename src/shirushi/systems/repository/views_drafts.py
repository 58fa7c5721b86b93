"""From a dropped folder to a draft that has been read: drop, list, reading, files."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext, ngettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from shirushi.accounts.actors import Actor, actor_of
from shirushi.accounts.models import Space
from shirushi.core import rules, services
from shirushi.core.errors import Conflict, Invalid, NotFound, TooMany
from shirushi.core.jobs import why_stopped
from shirushi.core.models import Decision, DescribeRun, Draft, Fetch, Suggestion
from shirushi.core.paths import LONGEST_PATH, shown
from shirushi.describe.problems import PROBLEMS
from shirushi.metadata.fields import Text2
from shirushi.systems.repository import file_lists, uploads

DRAFTS_A_PAGE = 30
FILES_A_PAGE = 100
UNFINISHED_SHOWN = 20
FETCHES_SHOWN = 50
FETCHES_TOLD = timedelta(hours=24)  # after they ended
REFUSED_TOLD = 20  # files named one by one
SIGNS = 3  # of what was found in a file
TELLING = 5  # files read before the time they took says something about the others

# What people look for in a file, by the kinds of describe.kinds; the first few that it has are its sign.
SIGN_WORDS = {
    "column": ngettext_lazy("%(n)s column", "%(n)s columns", "n"),
    "array": ngettext_lazy("%(n)s variable", "%(n)s variables", "n"),
    "page-text": ngettext_lazy("%(n)s page", "%(n)s pages", "n"),
    "heading": ngettext_lazy("%(n)s heading", "%(n)s headings", "n"),
    "codebook-row": ngettext_lazy("%(n)s described variable", "%(n)s described variables", "n"),
    "reference": ngettext_lazy("%(n)s reference", "%(n)s references", "n"),
    "software-used": ngettext_lazy("%(n)s package used", "%(n)s packages used", "n"),
    "stated": ngettext_lazy("%(n)s stated value", "%(n)s stated values", "n"),
}


def draft_of(request: HttpRequest, draft_id: str) -> tuple[Draft, Actor]:
    """A draft that this person may see; Http404 otherwise, so that nobody learns which drafts exist."""
    actor = actor_of(request)
    draft = _with_base(rules.visible_drafts(actor).select_related("space", "owner")).filter(pk=draft_id).first()
    if draft is None:
        raise Http404
    return draft, actor


def _with_base(drafts: QuerySet[Draft]) -> QuerySet[Draft]:
    """With the version that each goes on from, without what may be large of it."""
    return drafts.select_related("base_record").defer("base_record__document", "base_record__metadata")


def posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that takes what a form sends. Who opens its address, as after signing in again, is led to the draft."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @login_required
    @wraps(view)
    def answer(request: HttpRequest, draft_id: str, **more: str) -> HttpResponse:
        if request.method != "POST":
            return redirect("draft-review", draft_id)
        return view(request, draft_id, **more)

    return answer


def spaces_of(actor: Actor) -> list[Space]:
    """Where this person may deposit."""
    return list(rules.spaces_to_deposit_in(actor))


@uploads.real_names
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def drop(request: HttpRequest) -> HttpResponse:
    """The drop zone. A POST with files (a browser without scripts) makes the draft in one go."""
    actor = actor_of(request)
    spaces = spaces_of(actor)
    sent = uploads.sent_files(request)
    if not sent.files or not spaces:
        tell_refused(request, sent.refused)
        if request.method == "POST" and not sent.refused:
            messages.error(request, _("No file was chosen. Choose at least one and send it again."))
        context = {
            "spaces": spaces,
            "max_file_size": settings.SHIRUSHI_MAX_FILE_SIZE,
            "unfinished": services.uploading.unfinished(actor)[:UNFINISHED_SHOWN],
        }
        return render(request, "drafts/drop.html", context)
    wanted = request.POST.get("space", "")
    space = next((space for space in spaces if space.slug == wanted), spaces[0])
    draft = services.create_draft(space=space, by=actor)
    uploads.keep(sent, draft=draft, by=actor)
    tell_refused(request, sent.refused)
    if not sent.added:
        return redirect("draft-files", draft.pk)
    services.start_describing(draft=draft, by=actor, blank=settings.SHIRUSHI_BLANK_SHARE)
    return redirect("draft-reading", draft.pk)


def tell_refused(request: HttpRequest, refused: list[Text2]) -> None:
    """Say of each file why it was not kept; of very many only the first are named."""
    language = get_language() or "en"
    for words in refused[:REFUSED_TOLD]:
        messages.error(request, words.in_(language))
    if len(refused) > REFUSED_TOLD:
        more = len(refused) - REFUSED_TOLD
        messages.error(
            request, ngettext("%(n)s more file was refused.", "%(n)s more files were refused.", more) % {"n": more}
        )


@require_safe
@login_required
def drafts(request: HttpRequest) -> HttpResponse:
    """The drafts this person may see, newest first; with ``?state=discarded`` those that were put away."""
    actor = actor_of(request)
    state = Draft.State.DISCARDED if request.GET.get("state") == Draft.State.DISCARDED else Draft.State.OPEN
    open_runs = DescribeRun.objects.filter(
        draft=OuterRef("pk"), state__in=[DescribeRun.State.QUEUED, DescribeRun.State.RUNNING]
    )
    waiting = Count("suggestions", filter=Q(suggestions__state=Suggestion.State.OPEN))
    found = (
        _with_base(rules.visible_drafts(actor).select_related("space", "owner"))
        .filter(state=state)
        .annotate(is_being_read=Exists(open_runs), undecided=waiting)
        .order_by("-updated_at", "-id")
    )
    page = Paginator(found, DRAFTS_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "state": state, "may_deposit": bool(spaces_of(actor))}
    return render(request, "drafts/drafts.html", context)


@require_safe
@login_required
def reading(request: HttpRequest, draft_id: str) -> HttpResponse:
    """How far reading has come. HTMX asks for the fragment every second until it is over; then the review opens."""
    draft, _actor = draft_of(request, draft_id)
    run = draft.runs.last()
    is_fragment = bool(request.headers.get("HX-Request"))
    if run is not None and run.state == DescribeRun.State.DONE:
        from shirushi.systems.repository.views_packages import waits_for_unpacking  # which knows the pages of drafts

        review = redirect("draft-files" if waits_for_unpacking(draft) else "draft-review", draft.pk)
        if not is_fragment:
            return review
        return HttpResponse(headers={"HX-Redirect": review.url})
    template = "drafts/_reading.html" if is_fragment else "drafts/reading.html"
    context = {
        "draft": draft,
        "run": run,
        "file_count": draft.files.count(),
        "seconds_passed": seconds_passed(run),
        "seconds_left": seconds_left(run),
        "files_seen": files_seen(run) if run else [],
        "why_stopped": why_stopped(run.message).in_(get_language() or "en") if run else "",
    }
    return render(request, template, context)


def seconds_passed(run: DescribeRun | None) -> int | None:
    """How long reading has taken so far; None while none is under way."""
    if run is None or run.state != DescribeRun.State.RUNNING:
        return None
    return max(0, round((timezone.now() - (run.began_at or run.created_at)).total_seconds()))


def seconds_left(run: DescribeRun | None) -> int | None:
    """How long reading may still take, from how long it took so far; None before there is anything to go by."""
    passed = seconds_passed(run)
    if run is None or passed is None or run.done < TELLING or run.done >= run.total:
        return None
    return max(1, round(passed / run.done * (run.total - run.done)))


def files_seen(run: DescribeRun) -> list[tuple[str, str, str]]:
    """The files read last, each with what was found in it and what kept it from being read, if anything."""
    language = get_language() or "en"
    return [(item["file"], signs(item), what_happened(item["problem"], language)) for item in run.seen.get("files", [])]


def what_happened(code: str, language: str) -> str:
    return PROBLEMS[code].what.in_(language) if code in PROBLEMS else ""


def signs(seen: dict[str, Any]) -> str:
    """What was found in one file, in a few words: ``CSV, 12 columns``."""
    counts = seen["counts"]
    found = [str(text % {"n": counts[kind]}) for kind, text in SIGN_WORDS.items() if counts.get(kind)]
    facts = sum(counts.values())
    if not found and facts:
        found = [ngettext("%(n)s fact", "%(n)s facts", facts) % {"n": facts}]
    return _(", ").join([seen["format"], *found[:SIGNS]] if seen["format"] else found[:SIGNS])


@posted
def read_again(request: HttpRequest, draft_id: str) -> HttpResponse:
    draft, actor = draft_of(request, draft_id)
    try:
        services.start_describing(draft=draft, by=actor, blank=settings.SHIRUSHI_BLANK_SHARE)
    except Conflict as conflict:
        messages.error(request, conflict.in_(get_language() or "en"))
        return redirect("draft-files" if conflict.code == "no-files" else "draft-review", draft.pk)
    return redirect("draft-reading", draft.pk)


@uploads.real_names
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def files(request: HttpRequest, draft_id: str) -> HttpResponse:
    """The draft's files: look, add, take out, and undo that."""
    draft, actor = draft_of(request, draft_id)
    if request.method == "POST":
        return change_files(request, draft, actor)
    from shirushi.systems.repository.views_packages import packages_of  # which knows the pages of drafts

    wanted = request.GET.get("q", "").strip()[:500]
    place = {name: request.GET.get(name, "")[:LONGEST_PATH] for name in ("after", "before")}
    page = file_lists.turned(file_lists.narrowed(draft.files.all(), part=wanted), limit=FILES_A_PAGE, **place)
    context = {
        "draft": draft,
        "wanted": wanted,
        "page": page,
        "folders": sorted({file.path.rpartition("/")[0] for file in page.items} - {""}),
        "made_from": made_from(draft),
        "max_file_size": settings.SHIRUSHI_MAX_FILE_SIZE,
        "unfinished": [upload for upload in services.uploading.unfinished(actor) if upload.draft_id == draft.pk],
        "fetches": last_fetches(draft),
        **packages_of(draft),
        "readiness": services.readiness(draft),
        "undoable": undoable(draft) if rules.can_decide(actor, draft) else None,
    }
    return render(request, "drafts/files.html", context)


def made_from(draft: Draft) -> str:
    """What the draft was named after, or the first version of its record: the folder that was dropped to begin with."""
    named = draft.concept.drafts.exclude(name="").order_by("created_at", "pk")
    return draft.name or named.values_list("name", flat=True).first() or ""


@require_safe
@login_required
def fetches(request: HttpRequest, draft_id: str) -> HttpResponse:
    """The files that are fetched from the web: a part of the files' page, asked for again while one is under way."""
    draft, _actor = draft_of(request, draft_id)
    if not request.headers.get("HX-Request"):
        return redirect("draft-files", draft.pk)
    return render(request, "drafts/_fetches.html", {"draft": draft, "fetches": last_fetches(draft)})


def last_fetches(draft: Draft) -> list[Fetch]:
    """Those that people still want to hear of, the last asked for first."""
    since = timezone.now() - FETCHES_TOLD
    wanted = Q(finished_at=None) | Q(finished_at__gt=since)
    return list(draft.fetches.filter(wanted).order_by("-created_at", "-id")[:FETCHES_SHOWN])


def change_files(request: HttpRequest, draft: Draft, actor: Actor) -> HttpResponse:
    """Put in what was sent, take one out, or take the last of that back. Each says what it did."""
    if "undo" in request.POST:
        return undo_files(request, draft, actor)
    if path := request.POST.get("remove"):
        try:
            services.remove_file(draft=draft, path=path, by=actor)
        except NotFound:  # in another window
            messages.info(request, _("%(file)s was taken out already.") % {"file": shown(path)})
        return redirect(request.get_full_path())
    if "fetch" in request.POST or "cancel" in request.POST:
        return change_fetches(request, draft, actor)
    sent = uploads.sent_files(request)
    nothing = not sent.files and not sent.refused
    uploads.keep(sent, draft=draft, by=actor)
    if sent.added:
        messages.success(
            request, ngettext("%(n)s file was added.", "%(n)s files were added.", sent.added) % {"n": sent.added}
        )
    for name in sent.replaced[:REFUSED_TOLD]:
        messages.warning(request, _("%(file)s was here already: the new one took its place.") % {"file": shown(name)})
    if nothing:
        messages.error(request, _("No file was chosen. Choose at least one and send it again."))
    elif not sent.added and not sent.replaced and not sent.refused:
        messages.info(request, _("These files are here already. Nothing was changed."))
    tell_refused(request, sent.refused)
    return redirect("draft-files", draft.pk)


def change_fetches(request: HttpRequest, draft: Draft, actor: Actor) -> HttpResponse:
    """Have a file fetched from the web, or stop that."""
    if fetch := draft.fetches.filter(pk=request.POST.get("cancel", "")).first():
        services.fetching.cancel_fetch(fetch=fetch, by=actor)
        return redirect("draft-files", draft.pk)
    try:
        services.fetching.begin_fetch(draft=draft, url=request.POST.get("fetch", ""), by=actor)
    except (Invalid, TooMany) as refused:
        messages.error(request, refused.in_(get_language() or "en"))
    return redirect("draft-files", draft.pk)


def undoable(draft: Draft) -> dict[str, Any] | None:
    """The file that was taken out or replaced by the last decision, for its Undo; None when that was another one."""
    passed_over = [Decision.Action.SET, Decision.Action.UNDO]
    last = draft.decisions.exclude(action__in=passed_over).filter(undone_by__isnull=True).last()
    if last is None or last.action != Decision.Action.FILE or last.value["was"] is None:
        return None
    path = last.value["path"]
    taken = len(last.removed) - len(last.added)
    return {"path": path, "replaced": draft.files.filter(path=path).exists(), "variables": taken}


def undo_files(request: HttpRequest, draft: Draft, actor: Actor) -> HttpResponse:
    version = request.POST.get("at_version", "")
    try:
        taken_back = services.undo(draft=draft, by=actor, at_version=int(version) if version.isdecimal() else 0)
    except Conflict as conflict:
        messages.error(request, conflict.in_(get_language() or "en"))
        return redirect("draft-files", draft.pk)
    if taken_back[0].value and "path" in taken_back[0].value:
        messages.success(request, _("%(file)s is back as it was.") % {"file": shown(taken_back[0].value["path"])})
    return redirect("draft-files", draft.pk)


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
        newest = draft.concept.newest_standing() if draft.base_record_id else None
        if newest is not None and newest.pk != draft.base_record_id:
            words = _("Version %(number)s was published meanwhile: this draft cannot be published any more.")
            messages.warning(request, words % {"number": newest.number})
        return redirect("draft-review", draft.pk)
    services.discard_draft(draft=draft, by=actor)
    return redirect("draft-discard", draft.pk)
