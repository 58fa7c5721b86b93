"""The endpoint: a request in, an XML document out. What is wrong with a request is said in the document, with status 200."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from shirushi.web.protocols.oai.answers import answer, answered
from shirushi.web.protocols.oai.arguments import Asked, OaiError, asked


@csrf_exempt  # it changes nothing and knows nobody
@require_http_methods(["GET", "HEAD", "POST"])
def oai(request: HttpRequest) -> HttpResponse:
    understood: Asked | None = None
    try:
        understood = asked(request.POST if request.method == "POST" else request.GET)
        body = answer(understood, answered(understood))
    except OaiError as error:
        body = answer(understood, error)
    return HttpResponse(body, content_type="text/xml; charset=utf-8")
