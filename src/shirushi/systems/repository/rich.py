"""Nodes of written text (:mod:`shirushi.describe.previews.nodes`) as HTML of a few harmless elements.

The nodes come from a worker that has read a stranger's bytes, so nothing in them is trusted: an element or attribute that is not
named here is not written, text is escaped, and where a link or picture leads is decided here.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from shirushi.describe.previews.nodes import DEEPEST, ELEMENTS

_EMPTY = frozenset(("hr", "br"))
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SCHEMES = frozenset(("http", "https", "mailto"))
Lead = Callable[[str], str | None]


def _nowhere(_address: str) -> None:
    return None


def written(nodes: Any, *, shift: int = 1, link: Lead = _nowhere, picture: Lead = _nowhere, prefix: str = "") -> Markup:
    """HTML. Headings are moved down by ``shift`` levels; ``link`` and ``picture`` say where a relative address leads, or None;
    ``prefix`` is put before the names of headings."""
    return _Writer(shift, link, picture, prefix).all(nodes, 0)


def addresses(nodes: Any, depth: int = 0) -> Iterator[str]:
    """All addresses of links and pictures in nodes."""
    for node in nodes if isinstance(nodes, list) and depth < 2 * DEEPEST else ():
        if isinstance(node, list) and len(node) == 3 and isinstance(node[1], dict):
            yield from (value for key in ("href", "src") if isinstance(value := node[1].get(key), str))
            yield from addresses(node[2], depth + 1)


def is_outside(address: str) -> bool:
    """Whether it is an address of the web or of mail that a reader may follow."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme.lower() in _SCHEMES and bool(parts.netloc or parts.scheme.lower() == "mailto")


class _Writer:
    def __init__(self, shift: int, link: Lead, picture: Lead, prefix: str) -> None:
        self._shift, self._link, self._picture, self._prefix = shift, link, picture, prefix

    def all(self, nodes: Any, depth: int) -> Markup:
        if not isinstance(nodes, list) or depth > 2 * DEEPEST:
            return Markup("")
        return Markup("").join(self._node(node, depth) for node in nodes)

    def _node(self, node: Any, depth: int) -> Markup:
        if isinstance(node, str):
            return escape(node)
        if not (isinstance(node, list) and len(node) == 3 and isinstance(node[1], dict)):
            return Markup("")
        tag, attributes, children = node
        inside = self.all(children, depth + 1)
        if not isinstance(tag, str) or tag not in ELEMENTS:
            return inside
        if tag in _EMPTY:
            return Markup(f"<{tag}>")  # noqa: S704 - one of two words
        if tag == "a":
            return self._anchor(str(attributes.get("href", "")), inside)
        if tag == "img":
            return self._image(str(attributes.get("src", "")), str(attributes.get("alt", "")))
        if tag in _HEADINGS:
            level = min(6, _HEADINGS[tag] + self._shift)
            name = escape(self._prefix + str(attributes.get("id", ""))) if attributes.get("id") else ""
            return Markup("<h{0}{1}>{2}</h{0}>").format(level, Markup(' id="{}"').format(name) if name else "", inside)
        more = "".join(self._numbers(tag, attributes))
        if tag == "table":
            return Markup('<div class="table-scroll" tabindex="0" role="group"><table>{}</table></div>').format(inside)
        return Markup(f"<{tag}{more}>{{}}</{tag}>").format(inside)  # noqa: S704 - of our own words and whole numbers

    @staticmethod
    def _numbers(tag: str, attributes: dict[str, Any]) -> Iterable[str]:
        if tag in ("td", "th"):
            if attributes.get("right") is True:
                yield ' class="numeric"'
            for name in ("colspan", "rowspan"):
                if isinstance(number := attributes.get(name), int) and 1 < number <= 1000:
                    yield f' {name}="{number}"'
        if tag == "ol" and isinstance(start := attributes.get("start"), int) and 0 <= start < 10**9:
            yield f' start="{start}"'

    def _anchor(self, address: str, inside: Markup) -> Markup:
        if address.startswith("#") and self._prefix:
            return Markup('<a href="#{}">{}</a>').format(self._prefix + address[1:], inside)
        if is_outside(address):
            return Markup('<a href="{}" rel="nofollow noopener noreferrer">{}</a>').format(address, inside)
        if (leads := self._link(address)) is not None:
            return Markup('<a href="{}">{}</a>').format(leads, inside)
        return inside

    def _image(self, address: str, words: str) -> Markup:
        """A picture of the same record; of any other its words, with a link where it lies on the web: no page of ours fetches it."""
        if not is_outside(address) and (leads := self._picture(address)) is not None:
            return Markup('<img src="{}" alt="{}" loading="lazy">').format(leads, words)
        told = Markup('<span class="tag">{}</span>').format(_("Picture: %(name)s") % {"name": words or address[:200]})
        return self._anchor(address, told) if is_outside(address) else told
