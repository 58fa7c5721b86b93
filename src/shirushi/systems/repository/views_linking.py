"""What programs find from a record's page on: its links as one set, and its citation as text."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from shirushi.accounts.actors import actor_of
from shirushi.core import rules
from shirushi.core.documents import publication_of
from shirushi.exchange import csl_styles
from shirushi.metadata.fields import Text2
from shirushi.systems.repository import linking
from shirushi.systems.repository.api_errors import said
from shirushi.systems.repository.downloads import for_whom_it_is
from shirushi.systems.repository.negotiation import CITATION
from shirushi.systems.repository.views_records import open_record


@require_safe
def linkset(request: HttpRequest, record_id: str) -> HttpResponseBase:
    """Every typed link of the record, however many files it has: JSON, or for who asks for it the form of the header."""
    shown = open_record(record_id)
    wants_text = request.get_preferred_type([linking.JSON_SET, linking.TEXT_SET]) == linking.TEXT_SET
    kind = linking.TEXT_SET if wants_text else linking.JSON_SET
    write = linking.linkset_text if wants_text else linking.linkset_json
    may_read = rules.can_read_files(actor_of(request), shown)
    pieces = () if request.method == "HEAD" else write(shown, may_read=may_read)
    response = StreamingHttpResponse(pieces, content_type=kind)
    patch_vary_headers(response, ["Accept"])
    return for_whom_it_is(response, shown)


@require_safe
def bibliography(request: HttpRequest, record_id: str) -> HttpResponse:
    """The citation in a style of CSL and a locale, as text: ``?style=apa&locale=ja-JP``."""
    shown = open_record(record_id)
    style, locale = request.GET.get("style") or "apa", request.GET.get("locale") or csl_styles.LOCALE
    try:
        text = csl_styles.bibliography(publication_of(shown, all_files=False), style, locale)
    except csl_styles.UnknownStyle as error:
        return said(request, 406, "no-such-style", Text2(f"{error}.", f"その書式か言語はありません（{error}）。"))
    links = linking.header(linking.of_export(shown))
    return HttpResponse(f"{text}\n", content_type=f"{CITATION}; charset=utf-8", headers={"Link": links})
