"""XML from strangers: no entities of its own, nothing from outside, bounded size and depth."""

import re
from typing import Any

from lxml import etree

from shirushi.describe.readers.base import Unreadable

MOST_BYTES = 20_000_000
_ENTITIES = re.compile(rb"<!DOCTYPE[^>]*\[[^\0]*?<!ENTITY", re.IGNORECASE)


def parse(data: bytes) -> Any:
    """The root element, with ``sourceline`` on each.

    libxml2 expands entities in attributes whatever it is told, so a document that declares any is refused.

    Raises:
        Unreadable: ``too-large``, ``entities`` or ``malformed``.
    """
    if len(data) > MOST_BYTES:
        raise Unreadable("too-large", f"XML of more than {MOST_BYTES:,} bytes is not read")
    if _ENTITIES.search(data.replace(b"\0", b"") if b"\0" in data[:200] else data):
        raise Unreadable("entities", "")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, remove_pis=True,
        remove_comments=True,
    )  # fmt: skip
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("malformed", f"not well-formed XML: {getattr(error, 'msg', error)}"[:300]) from error


def text(element: Any) -> str:
    """All text inside, white space collapsed; '' for None."""
    return "" if element is None else " ".join("".join(element.itertext()).split())


def local(element: Any) -> str:
    """The name without its namespace."""
    return str(element.tag).rpartition("}")[2]
