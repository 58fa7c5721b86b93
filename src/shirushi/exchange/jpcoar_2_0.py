"""JPCOAR 2.0 XML, for harvesters that do not read 2.1 yet: the same document, with the words that 2.0 lacks said by others.

Source: the differences between ``jpcoar_scm.xsd`` and ``datacite.xsd`` of the two versions.
"""

from lxml import etree

from shirushi.exchange import jpcoar
from shirushi.exchange.jpcoar_terms import COAR, COAR_TYPES
from shirushi.exchange.xmltools import serialise
from shirushi.metadata.published import Publication

NAMESPACE = "https://github.com/JPCOAR/schema/blob/master/2.0/"
SCHEMA = f"{NAMESPACE}jpcoar_scm.xsd"

_TYPES_OF_2_1 = frozenset(
    {
        "archival collection", "artistic work", "collection", "court documents", "knowledge organization system",
        "knowledge synthesis protocol", "magazine article", "physical sample", "research instrument",
    }
)  # fmt: skip
_IDENTIFIERS_OF_2_1 = frozenset({"CSTR", "RRID"})
# A relation that has no counterpart is only told to be one: the attribute may be absent.
_RELATIONS = {
    "cites": "Cites",
    "collects": None,
    "continues": None,
    "hasTranslation": None,
    "isCollectedBy": None,
    "isContinuedBy": None,
    "isTranslationOf": None,
}


def to_xml(publication: Publication) -> bytes:
    """The record as a JPCOAR 2.0 document, always valid."""
    newer = jpcoar.document(publication)
    namespaces = {str(prefix): address for prefix, address in newer.nsmap.items()} | {"jpcoar": NAMESPACE}
    root = etree.Element(_renamed(newer.tag), nsmap=namespaces)
    for name, value in newer.attrib.items():
        root.set(name, str(value).replace(jpcoar.NAMESPACE, NAMESPACE))
    root.extend(list(newer))
    for element in root.iter():
        element.tag = _renamed(element.tag)
        _say_otherwise(element)
    for entry in root.findall("{*}date[@dateType='Coverage']"):
        root.remove(entry)  # dcterms:temporal says it in both versions
    etree.cleanup_namespaces(root, keep_ns_prefixes=["xsi"])
    return serialise(root)


def _renamed(tag: str | bytes | bytearray | etree.QName) -> str:
    return str(tag).replace(jpcoar.NAMESPACE, NAMESPACE)


def _say_otherwise(element: etree._Element) -> None:
    name = etree.QName(element).localname
    if name == "type" and element.text in _TYPES_OF_2_1:
        element.text = "other"
        for attribute in element.attrib:
            element.set(attribute, f"{COAR}resource_type/{COAR_TYPES['other']}")
    elif name == "contributor" and element.get("contributorType") == "Translator":
        element.set("contributorType", "Other")
    elif name == "relatedIdentifier" and element.get("identifierType") in _IDENTIFIERS_OF_2_1:
        element.set("identifierType", "Local")
    elif name == "relation" and element.get("relationType") in _RELATIONS:
        instead = _RELATIONS[str(element.attrib.pop("relationType"))]
        if instead:
            element.set("relationType", instead)
