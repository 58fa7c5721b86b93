"""XML written and read safely: control characters never reach the output, entities and external files never the input."""

import re
from urllib.parse import quote

from lxml import etree

from shirushi.exchange.errors import NotReadable

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
MAX_BYTES = 20_000_000

# What XML 1.0 (fifth edition), production 2 "Char", leaves out.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_PCHAR = r"""(?:[^\s\x00-\x1f\x7f<>"{}|\\^`%\[\]?#]|%[0-9A-Fa-f]{2})"""
_URI = re.compile(
    rf"(?:[A-Za-z][A-Za-z0-9+.\-]*:(?!//)|(?:[A-Za-z][A-Za-z0-9+.\-]*:)?//[A-Za-z0-9._~\-\u00a0-\U0010ffff]+(?::\d{{1,5}})?(?=[/?#]|$)|(?![^/?#]*:)(?!//))"
    rf"{_PCHAR}*(?:\?(?:{_PCHAR}|\?)*)?(?:\#(?:{_PCHAR}|\?)*)?"
)


def legal(text: str) -> str:
    """``text`` without the control characters that XML 1.0 cannot hold, however they are escaped."""
    return _ILLEGAL.sub("", text)


def uri(value: str) -> str:
    """``value`` as something ``xs:anyURI`` accepts: itself when it is a URI or IRI, percent-encoded otherwise."""
    value = legal(value).strip()
    if _URI.fullmatch(value):
        return value
    encoded = quote(value, safe="%/:?#[]@!$&'()*+,;=~")
    return encoded if _URI.fullmatch(encoded) else quote(value, safe="/~")


def child(
    parent: etree._Element, tag: str, text: str | None = None, *, lang: str | None = None, **attributes: str | None
) -> etree._Element:
    """Append ``<tag>`` to ``parent``. Attributes that are None are left out; values lose illegal control characters."""
    element = etree.SubElement(parent, tag)
    if text is not None:
        element.text = legal(text)
    if lang:
        element.set(XML_LANG, lang)
    for name, value in attributes.items():
        if value is not None:
            element.set(name, legal(value))
    return element


def serialise(root: etree._Element) -> bytes:
    """The document as UTF-8 bytes with a declaration, indented by two spaces."""
    etree.indent(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def parse(data: bytes) -> etree._Element:
    """The root of an XML document that comes from outside.

    Raises:
        NotReadable: when it is too long, not well-formed, nested absurdly deep, or carries a document type declaration,
            which no metadata needs and which is how entity bombs and file inclusion come in.
    """
    if len(data) > MAX_BYTES:
        raise NotReadable(f"{len(data):,} bytes of XML are more than the {MAX_BYTES:,} allowed")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotReadable(f"not well-formed XML: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotReadable("the XML has a document type declaration (DOCTYPE); remove it")
    return root
