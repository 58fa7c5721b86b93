"""Content negotiation (RFC 9110): one address for a record, and for each program the form that it understands.

A browser gets the page, a program is led (303) to the export that it likes best, and who accepts nothing that there is gets 406 with
the list of what there is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from shirushi.exchange.formats import FORMATS
from shirushi.metadata.fields import Text2
from shirushi.systems.repository.api_errors import said

HTML, CITATION = "text/html", "text/x-bibliography"
_PART = re.compile(r"""(?:[^,;"]|"(?:[^"\\]|\\.)*")+|[,;]""")
_MEDIA_RANGE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_MOST = 50  # ranges; nobody honest sends more
_NOTHING = Text2(
    "This record is not available in a form that you accept. The forms there are stand in available.",
    "受け入れられる形式がありません。使える形式は available にあります。",
)


@dataclass(frozen=True, slots=True)
class Range:
    """One media range of an ``Accept`` header, with its parameters in lower case names."""

    type: str
    parameters: Mapping[str, str]
    quality: float

    def fits(self, offer: "Offer") -> int:
        """How exactly it names an offer: 3 by its profile or what it is a version of, 2 by its type, 1 by its kind, 0 as anything;
        -1 not at all. A profile that nothing here has is passed over (RFC 6906, section 3)."""
        main, sub = self.type.split("/")
        if self.type == "*/*":
            return 0
        if sub == "*":
            return 1 if offer.type.startswith(f"{main}/") else -1
        if self.type != offer.type:
            return -1
        profiles = self.parameters.get("profile", "").split()
        has_it = any(offer.profile == one or (offer.profile or "").startswith(f"{one}/") for one in profiles)
        return 3 if has_it else 2


@dataclass(frozen=True, slots=True)
class Offer:
    type: str
    profile: str | None
    name: str


def _offers() -> list[Offer]:
    """What there is, in the order in which it is preferred: of what has the same type, the first is what that type alone means."""
    exports = []
    for name, item in FORMATS.items():
        kind, _, profile = item.media_type.partition(";")
        exports.append(Offer(kind, profile.partition("=")[2].strip('"') or None, name))
    others = {
        "application/vnd.schemaorg.ld+json": "schema-org",
        "application/x-dc+xml": "oai-dc",
        "application/rdf+turtle": "dcat-turtle",
    }
    return [
        Offer(HTML, None, HTML),
        *exports,
        Offer("application/json", None, "json"),
        *(Offer(kind, None, name) for kind, name in others.items()),
        Offer(CITATION, None, CITATION),
    ]


OFFERS: Sequence[Offer] = _offers()


def negotiated(request: HttpRequest, record_id: str) -> HttpResponse | None:
    """The answer for a program that asks for another form than the page; None for whom the page is right."""
    accepted = request.headers.get("Accept", "*/*")
    if accepted in ("*/*", HTML) or accepted.startswith("text/html,"):
        return None  # every browser
    ranges = ranges_of(accepted)
    offer = best(ranges)
    if offer is not None and offer.name == HTML:
        return None
    response = _not_acceptable(request) if offer is None else _elsewhere(record_id, offer, ranges)
    patch_vary_headers(response, ["Accept"])
    return response


def prefers_markdown(request: HttpRequest) -> bool:
    """Whether a program would rather have Markdown than a page."""
    ranges = ranges_of(request.headers.get("Accept", "*/*"))
    page, text = Offer(HTML, None, HTML), Offer("text/markdown", None, "markdown")

    def wish(offer: Offer) -> tuple[int, float]:
        return max(((wanted.fits(offer), wanted.quality) for wanted in ranges), default=(-1, 0.0))

    (fits, quality), (page_fits, page_quality) = wish(text), wish(page)
    return fits > 0 and quality > 0 and (quality, fits) > (page_quality if page_fits >= 0 else 0.0, page_fits)


def ranges_of(accepted: str) -> list[Range]:
    """The media ranges of an ``Accept`` header; what is not one is passed over, and nothing at all means anything."""
    found = []
    for entry in _split(accepted, ",")[:_MOST]:
        kind, *given = _split(entry, ";")
        parameters = {}
        for parameter in given:
            name, _, value = parameter.partition("=")
            parameters[name.strip().lower()] = re.sub(r"\\(.)", r"\1", value.strip().strip('"'))
        if _MEDIA_RANGE.fullmatch(kind):
            found.append(Range(kind.lower(), parameters, _quality(parameters.pop("q", "1"))))
    return found or [Range("*/*", {}, 1.0)]


def best(ranges: Sequence[Range]) -> Offer | None:
    """The offer of the highest quality; of equals the one that is named most exactly, then the first. None when nothing is accepted."""
    chosen: tuple[float, int, int] | None = None
    for number, offer in enumerate(OFFERS):
        exactness, quality = max(((wanted.fits(offer), wanted.quality) for wanted in ranges), default=(-1, 0.0))
        key = (quality, exactness, -number)
        if exactness >= 0 and quality > 0 and (chosen is None or key > chosen):
            chosen = key
    return None if chosen is None else OFFERS[-chosen[2]]


def _split(text: str, at: str) -> list[str]:
    """Split where no quotes are open."""
    parts, current = [], ""
    for piece in _PART.findall(text):
        if piece == at:
            parts.append(current)
            current = ""
        else:
            current += piece
    return [part.strip() for part in (*parts, current) if part.strip()] or [""]


def _quality(text: str) -> float:
    return float(text) if re.fullmatch(r"0(\.\d{0,3})?|1(\.0{0,3})?", text) else 0.0


def _elsewhere(record_id: str, offer: Offer, ranges: Sequence[Range]) -> HttpResponse:
    if offer.name == "json":
        address = f"/api/records/{record_id}"
    elif offer.name == CITATION:
        wanted = next((each.parameters for each in ranges if each.type == CITATION), {})
        chosen = {name: wanted[name] for name in ("style", "locale") if name in wanted}
        address = reverse("record-bibliography", args=[record_id]) + (f"?{urlencode(chosen)}" if chosen else "")
    else:
        address = reverse("record-export", args=[record_id, offer.name])
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def _not_acceptable(request: HttpRequest) -> HttpResponse:
    kinds = [offer.type if offer.profile is None else f'{offer.type}; profile="{offer.profile}"' for offer in OFFERS]
    return said(request, 406, "not-acceptable", _NOTHING, {"available": kinds})
