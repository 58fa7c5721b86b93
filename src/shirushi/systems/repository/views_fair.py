"""The FAIR score of a published version, metric by metric."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from shirushi.accounts.actors import actor_of
from shirushi.core import rules
from shirushi.core.documents import publication_of
from shirushi.core.fair import fair as score
from shirushi.systems.repository import fair_views
from shirushi.systems.repository.views_records import open_record


@require_safe
def fair(request: HttpRequest, record_id: str) -> HttpResponse:
    """Every metric with its tests, and what each saw."""
    shown = open_record(record_id)
    language = get_language() or "en"
    context = {
        "record": shown,
        "lang": language,
        "fair": score(publication_of(shown, all_files=False)),
        "may_make_version": rules.can_make_new_version(actor_of(request), shown),
        **fair_views.words(language),
    }
    return render(request, "records/fair.html", context)
