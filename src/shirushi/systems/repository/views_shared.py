"""For those who come with a secret, or ask for one: links to files, anonymous review, requests for access and their answers."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from shirushi.accounts.actors import actor_of, address_of, keep_key
from shirushi.accounts.models import token_digest
from shirushi.core import anonymity, rules, services
from shirushi.core.errors import Conflict, Gone, Invalid, TooMany
from shirushi.core.models import DraftFile, RecordFile, SecretLink
from shirushi.core.stored import content_of_draft
from shirushi.metadata.fields import FIELDS, Text2
from shirushi.metadata.work import STORED, Work
from shirushi.systems.repository.downloads import send_record_file
from shirushi.systems.repository.landing import values_of
from shirushi.systems.repository.serving import send_file
from shirushi.systems.repository.variables import groups
from shirushi.systems.repository.views_records import open_record

FILES_SHOWN = 500
_IN_BODY = frozenset({"titles", "descriptions", "variables", "publication_date"})


@never_cache
@require_safe
def shared(request: HttpRequest, secret: str) -> HttpResponse:
    """A secret link: to the files of a record, it opens them for this browser; for review, it shows what may be judged."""
    link = link_of(secret)
    _note_use(link)
    if link.kind == SecretLink.Kind.FILES:
        keep_key(request, secret)
        newest = link.concept.newest_standing()
        if newest is None:
            raise Gone(
                Text2("Every version of this record was withdrawn.", "この記録のすべての版が取り下げられています。")
            )
        return _secretly(redirect("record", newest.pk))
    return _secretly(render(request, "records/review.html", _for_review(link, secret)))


@never_cache
@require_safe
def shared_file(request: HttpRequest, secret: str, file_path: str) -> HttpResponseBase:
    """One file of a link for review, as an attachment."""
    link = link_of(secret)
    if link.kind != SecretLink.Kind.REVIEW:
        raise Http404
    _note_use(link)
    file = get_object_or_404(_files(link), path=file_path)
    if isinstance(file, RecordFile):
        return _secretly(send_record_file(request, file.record, file, counted=False))
    return _secretly(
        send_file(request, content_of_draft(file), name=file.path, media_type=file.media_type, tag=file.sha256)
    )


def _note_use(link: SecretLink) -> None:
    SecretLink.objects.filter(pk=link.pk).update(last_used_at=timezone.now())


def link_of(secret: str) -> SecretLink:
    """The link that the secret opens.

    Raises:
        Http404: there is none.
        Gone: it has ended or was revoked, or what it leads to was withdrawn.
    """
    about = ("concept", "record", "draft__record")
    link = SecretLink.objects.select_related(*about).filter(digest=token_digest(secret)).first()
    if link is None:
        raise Http404
    gone = link.draft is not None and link.draft.state == "discarded"
    if link.kind == SecretLink.Kind.REVIEW and link.version:
        gone = link.version.is_withdrawn
    if not link.is_valid() or gone:
        raise Gone(
            Text2(
                "It has ended, was revoked, or what it led to was taken back.",
                "期限が切れたか、取り消されたか、リンク先が取り下げられています。",
            ),
            code="link-ended",
        )
    return link


def _files(link: SecretLink) -> Any:
    """The files of the draft or version that a link for review leads to. A draft that was published meanwhile holds the same."""
    if link.version:
        return RecordFile.objects.filter(record=link.version).select_related("record")
    return DraftFile.objects.filter(draft=link.draft_id)


def _for_review(link: SecretLink, secret: str) -> dict[str, Any]:
    language = get_language() or "en"
    about = link.version or link.draft
    assert about is not None
    work = Work.model_validate(about.metadata, context=STORED)
    held = anonymity.shown(about.metadata)
    facts: list[tuple[str, Sequence[Any]]] = [
        (spec.label.in_(language), list(values_of(spec, held, {}, language)))
        for spec in FIELDS
        if spec.name not in _IN_BODY and held.get(spec.name)
    ]
    files = _files(link)
    return {
        "link": link,
        "secret": secret,
        "work": work,
        "title": work.title(language) or _("Untitled"),
        "facts": facts,
        "groups": groups(held.get("variables", [])[:FILES_SHOWN]),
        "files": files[:FILES_SHOWN],
        "file_count": files.count(),
        "lang": language,
    }


# -- asking

_ASKED = ("message", "name", "email")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, record_id: str) -> HttpResponse:
    """Ask for the files of a record."""
    shown = open_record(record_id)
    actor = actor_of(request)
    if rules.can_read_files(actor, shown):
        return redirect("record", shown.pk)
    known = services.asking.waiting(shown, actor)
    sent = request.POST if request.method == "POST" else {name: getattr(known, name, "") for name in _ASKED}
    given = {name: sent.get(name, "") for name in _ASKED}
    wrong: dict[str, str] = {}
    enough: TooMany | None = None
    if request.method == "POST":
        try:
            _asked, address = services.request_access(record=shown, by=actor, source=address_of(request), **given)
        except Invalid as invalid:
            wrong = {error.pointer.removeprefix("/"): error.in_(get_language() or "en") for error in invalid.errors}
        except TooMany as refused:
            enough = refused
        else:
            if known:
                messages.success(request, _("Your request was changed. The answer will stand here."))
            else:
                keep_key(request, address)  # who asks once more from this browser gets this request
                messages.success(request, _("Sent. Keep the address of this page: the answer will stand here."))
            return _secretly(redirect("access-answer", address))
    context = {
        "record": shown,
        "given": given,
        "wrong": wrong,
        "access": shown.access_now,
        "guest": actor.user_id is None,
        "known": known,
        "enough": enough and enough.in_(get_language() or "en"),
    }
    response = render(request, "records/ask.html", context, status=enough.status if enough else 422 if wrong else 200)
    if enough:
        response["Retry-After"] = str(enough.retry_after)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, secret: str) -> HttpResponse:
    """What became of a request, for whoever has the address of this page, or made it; a POST takes it back."""
    asked = services.asking.asked_at(secret, actor_of(request))
    if asked is None:
        raise Http404
    if request.method == "POST":
        try:
            services.take_request_back(asked=asked)
        except Conflict as conflict:
            messages.error(request, conflict.in_(get_language() or "en"))
        return _secretly(redirect("access-answer", secret))
    if asked.is_granting() and secret != asked.pk:
        keep_key(request, secret)
    return _secretly(render(request, "records/answer.html", {"asked": asked, "record": asked.record}))


def _secretly(response: HttpResponseBase) -> Any:
    """The address must not be found by search engines. No other house is told it (``Referrer-Policy`` of every page); a browser that told
    this one nothing either would not say where a form comes from, and the form would be refused."""
    response["X-Robots-Tag"] = "noindex"
    return response
