"""Official XML Schemas, loaded from the files an operator imported, with nothing fetched from anywhere.

``shirushi schema import datacite FOLDER`` keeps the XSD set; ``shirushi check`` then holds every published record's export
against it.
"""

from pathlib import Path
from typing import Any

from lxml import etree

MAIN_FILE = {"datacite": "metadata.xsd", "jpcoar": "jpcoar_scm.xsd"}
MOST_BYTES = 5_000_000

# The attributes of the xml namespace that the schemas refer to (XML 1.0 section 2.10 and 2.12, XML Base, xml:id).
# Sets that do not bring xml.xsd along import it from the W3C's site, which is never asked.
_XML_NAMESPACE = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/XML/1998/namespace">
<xs:attribute name="lang"><xs:simpleType><xs:union memberTypes="xs:language"><xs:simpleType><xs:restriction base="xs:string">
<xs:enumeration value=""/></xs:restriction></xs:simpleType></xs:union></xs:simpleType></xs:attribute>
<xs:attribute name="space"><xs:simpleType><xs:restriction base="xs:NCName"><xs:enumeration value="default"/>
<xs:enumeration value="preserve"/></xs:restriction></xs:simpleType></xs:attribute>
<xs:attribute name="base" type="xs:anyURI"/><xs:attribute name="id" type="xs:ID"/>
<xs:attributeGroup name="specialAttrs"><xs:attribute ref="xml:base"/><xs:attribute ref="xml:lang"/>
<xs:attribute ref="xml:space"/><xs:attribute ref="xml:id"/></xs:attributeGroup></xs:schema>"""


_NOTHING = b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>'


class SchemaUnusable(Exception):
    """The files are not a working schema set; the message names the file and what to do."""


class _OnlyHere(etree.Resolver):
    """Answers every reference from the schema's own folder, or not at all."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder.resolve()
        self.refused: list[str] = []

    def resolve(self, system_url: str, public_id: str, context: Any) -> Any:  # type: ignore[override]
        name = system_url.rsplit("/", 1)[-1]
        local = Path(system_url.removeprefix("file://"))
        if local.is_file() and local.resolve().is_relative_to(self._folder):
            return self.resolve_string(local.read_bytes(), context, base_url=str(local))
        if name == "xml.xsd":
            return self.resolve_string(_XML_NAMESPACE, context, base_url=system_url)
        self.refused.append(system_url)
        return self.resolve_string(_NOTHING, context, base_url=system_url)


def load(name: str, folder: Path) -> etree.XMLSchema:
    """The schema ``name`` (a key of :data:`MAIN_FILE`) from the official files in ``folder``.

    Raises:
        SchemaUnusable: a file is missing, too large, or not a schema.
    """
    main = folder / MAIN_FILE[name]
    if not main.is_file():
        raise SchemaUnusable(f"{folder}: there is no {MAIN_FILE[name]}. Give the folder of the official {name} schema.")
    if main.stat().st_size > MOST_BYTES:
        raise SchemaUnusable(f"{main}: larger than any real schema. Give the folder of the official {name} schema.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    resolver = _OnlyHere(folder)
    parser.resolvers.add(resolver)
    try:
        schema = etree.XMLSchema(etree.parse(str(main), parser))
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        _refuse(main, resolver.refused)
        raise SchemaUnusable(
            f"{main}: not a working XML Schema ({error}). Give the folder of the official {name} schema."
        ) from error
    _refuse(main, resolver.refused)
    return schema


def _refuse(main: Path, wanted: list[str]) -> None:
    if wanted:
        raise SchemaUnusable(
            f"{main} refers to {', '.join(wanted)}, which is not in {main.parent}. Put it there and try again."
        )


def faults(schema: etree.XMLSchema, document: bytes) -> list[str]:
    """What is wrong with a document by the schema, each with its line; nothing when it is valid."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        tree = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        return [f"line {error.lineno}: {error.msg}"]
    if schema.validate(tree):
        return []
    return [f"line {entry.line}: {entry.message}" for entry in schema.error_log]  # type: ignore[attr-defined]
