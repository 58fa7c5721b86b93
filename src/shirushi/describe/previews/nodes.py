"""Written text as a tree of a few harmless elements: what Markdown and HTML of strangers become before a page shows them.

A node is a string, or ``[tag, attributes, children]``. A worker gives nodes, never markup: the page that shows them knows the same
elements and lets no others through, so that even a worker that hostile bytes took over cannot write HTML.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree, html
from markdown_it import MarkdownIt
from markdown_it.token import Token

from shirushi.describe.evidence import JSON

MOST_NODES = 20_000
DEEPEST = 40
ELEMENTS = frozenset(
    ("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "s", "sub", "sup", "hr", "br",
    "table", "thead", "tbody", "tr", "th", "td", "a", "img", "dl", "dt", "dd", "caption")
)  # fmt: skip
_SAME = {
    "b": "strong",
    "i": "em",
    "del": "s",
    "strike": "s",
    "tt": "code",
    "samp": "code",
    "kbd": "code",
    "div": "p",
    "tfoot": "tbody",
}
_DROPPED = frozenset(
    ("script", "style", "iframe", "object", "embed", "svg", "math", "form", "input", "button", "select", "textarea", "template", "head",
    "noscript", "audio", "video", "canvas", "link", "meta", "base", "frame", "frameset", "applet")
)  # fmt: skip
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)


class _Left:
    """How many more nodes there may be."""

    def __init__(self) -> None:
        self.nodes = MOST_NODES

    def take(self) -> bool:
        self.nodes -= 1
        return self.nodes >= 0


def of_markdown(text: str) -> tuple[list[JSON], bool]:
    """The nodes of CommonMark with tables and strikethrough, and whether that is all. HTML in it is shown as it was typed."""
    found: list[JSON] = []
    if front := _FRONT.match(text):
        found.append(["pre", {}, [["code", {}, [front[1]]]]])
        text = text[front.end() :]
    left = _Left()
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    found += _of_tokens(iter(parser.parse(text)), left)
    return found, left.nodes >= 0


def _of_tokens(tokens: Iterator[Token], left: _Left, depth: int = 0) -> list[JSON]:
    """The nodes up to the end of the element that is open, or of the text."""
    found: list[JSON] = []
    for token in tokens:
        if token.nesting < 0:
            break
        if token.nesting > 0:
            inside = _of_tokens(tokens, left, depth + 1)
            if left.take() and depth < DEEPEST and token.tag in ELEMENTS:
                found += inside if token.hidden else [[token.tag, _attributes(token, inside), inside]]
            continue
        found += _of_leaf(token, left, depth)
    return found


def _of_leaf(token: Token, left: _Left, depth: int) -> list[JSON]:
    if not left.take():
        return []
    match token.type:
        case "inline":
            return _of_tokens(iter(token.children or ()), left, depth + 1)
        case "fence" | "code_block":
            return [["pre", {}, [["code", {}, [token.content.rstrip("\n")]]]]]
        case "code_inline":
            return [["code", {}, [token.content]]]
        case "softbreak":
            return ["\n"]
        case "hardbreak":
            return [["br", {}, []]]
        case "hr":
            return [["hr", {}, []]]
        case "image":
            return [["img", {"src": str(token.attrs.get("src", "")), "alt": token.content}, []]]
        case _:
            return [token.content] if token.content else []


def _attributes(token: Token, inside: list[JSON]) -> dict[str, JSON]:
    if token.tag == "a":
        return {"href": str(token.attrs.get("href", ""))}
    if token.tag == "ol" and str(token.attrs.get("start", "")).isdigit():
        return {"start": int(token.attrs["start"])}
    if token.tag in ("td", "th") and "right" in str(token.attrs.get("style", "")):
        return {"right": True}
    if token.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
        return {"id": slug("".join(words(inside)))}
    return {}


def words(nodes: Iterable[JSON]) -> Iterator[str]:
    """All text in nodes."""
    for node in nodes:
        if isinstance(node, str):
            yield node
        else:
            yield from words(node[2])


def slug(title: str) -> str:
    """The name that links within a README give a heading: lower case, spaces as hyphens, no punctuation."""
    kept = (letter for letter in title.lower() if letter in "-_ " or unicodedata.category(letter)[0] in "LNM")
    return "".join(kept).strip().replace(" ", "-")[:200]


def of_html(text: str) -> tuple[list[JSON], bool]:
    """The nodes of a piece of HTML, and whether that is all: its text and structure. What could act is left out with all that is
    in it; other elements are left out without it."""
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = html.fragment_fromstring(text, create_parent="div", parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return [], False
    left = _Left()
    return _inside(root, left, 0), left.nodes >= 0


def _inside(element: Any, left: _Left, depth: int) -> list[JSON]:
    found: list[JSON] = [element.text] if element.text else []
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _DROPPED and left.take():
            found += _of_element(child, left, depth + 1)
        if child.tail:
            found.append(child.tail)
    return found


def _of_element(element: Any, left: _Left, depth: int) -> list[JSON]:
    if depth > DEEPEST:
        return ["".join(element.itertext())]
    inside = _inside(element, left, depth)
    tag = _SAME.get(element.tag, element.tag)
    if tag == "p" and any(isinstance(node, list) and node[0] not in _INLINE for node in inside):
        return inside  # a paragraph holds no blocks
    if tag not in ELEMENTS:
        return inside
    attributes: dict[str, JSON] = {}
    if tag == "a":
        attributes["href"] = str(element.get("href", ""))
    elif tag == "img":
        attributes |= {"src": "", "alt": str(element.get("alt", ""))}
    elif tag in ("td", "th"):
        for name in ("colspan", "rowspan"):
            if (said := str(element.get(name, ""))).isdigit() and 1 < int(said) <= 1000:
                attributes[name] = int(said)
    return [[tag, attributes, inside]]


_INLINE = frozenset(("code", "em", "strong", "s", "sub", "sup", "br", "a", "img"))
