"""The registry of export formats. A format's module is imported when it is first asked for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import cast

from shirushi.exchange.pieces import Files
from shirushi.metadata.fields import Text2
from shirushi.metadata.published import Publication


@dataclass(frozen=True, slots=True)
class Format:
    """One export format. ``extension`` has its dot; ``function`` is "module:name" below this package, and so is ``streamed`` of formats that
    name every file."""

    name: str
    label: Text2
    media_type: str
    extension: str
    function: str
    streamed: str | None = None

    def render(self, publication: Publication) -> bytes:
        """The record in this format.

        Raises:
            NotExportable: when the record lacks what the format cannot do without.
        """
        return cast("Callable[[Publication], bytes]", _function(self.function))(publication)

    def pieces(self, publication: Publication, files: Files) -> Iterator[bytes]:
        """The same in pieces, for any number of files, which ``files`` gives whenever it is called; ``publication`` tells how many they are
        and how large together (``file_count``, ``total_size``). Of formats that do not name every file, what it holds of them itself is told.
        The bytes are those of :meth:`render`; only the statements of DCAT in Turtle come in another order.

        Raises:
            NotExportable: before the first piece.
        """
        if self.streamed is None:
            return iter([self.render(publication)])
        function = cast("Callable[[Publication, Files], Iterator[bytes]]", _function(self.streamed))
        return function(publication, files)


def _function(name: str) -> object:
    module, _, function = name.partition(":")
    return getattr(import_module(f"shirushi.exchange.{module}"), function)


_ALL = (
    Format(
        "datacite",
        Text2("DataCite XML 4.7", "DataCite XML 4.7"),
        "application/vnd.datacite.datacite+xml",
        ".datacite.xml",
        "datacite:to_xml",
    ),
    Format(
        "datacite-json",
        Text2("DataCite JSON", "DataCite JSON"),
        "application/vnd.datacite.datacite+json",
        ".datacite.json",
        "datacite:to_json",
    ),
    Format(
        "jpcoar", Text2("JPCOAR 2.1", "JPCOAR 2.1"), "application/xml", ".jpcoar.xml", "jpcoar:to_xml", "jpcoar:pieces"
    ),
    Format(
        "oai-dc",
        Text2("Dublin Core", "Dublin Core"),
        'application/xml; profile="http://www.openarchives.org/OAI/2.0/oai_dc/"',
        ".dc.xml",
        "oai_dc:to_xml",
    ),
    Format(
        "schema-org",
        Text2("schema.org (JSON-LD)", "schema.org（JSON-LD）"),
        "application/ld+json",
        ".jsonld",
        "schema_org:to_json",
        "schema_org:pieces",
    ),
    Format(
        "ro-crate",
        Text2("RO-Crate 1.2", "RO-Crate 1.2"),
        'application/ld+json; profile="https://w3id.org/ro/crate/1.2"',
        ".ro-crate-metadata.json",
        "ro_crate:to_json",
        "ro_crate:pieces",
    ),
    Format(
        "croissant",
        Text2("Croissant 1.1 (machine learning)", "Croissant 1.1（機械学習向け）"),
        'application/ld+json; profile="http://mlcommons.org/croissant/1.1"',
        ".croissant.json",
        "croissant:to_json",
        "croissant:pieces",
    ),
    Format(
        "datapackage",
        Text2("Data Package 2.0", "Data Package 2.0"),
        "application/vnd.datapackage+json",
        ".datapackage.json",
        "datapackage:to_json",
        "datapackage:pieces",
    ),
    Format(
        "dcat",
        Text2("DCAT-AP 3 (JSON-LD)", "DCAT-AP 3（JSON-LD）"),
        'application/ld+json; profile="http://data.europa.eu/r5r/"',
        ".dcat.jsonld",
        "dcat:to_json",
        "dcat:pieces",
    ),
    Format(
        "dcat-turtle",
        Text2("DCAT-AP 3 (Turtle)", "DCAT-AP 3（Turtle）"),
        "text/turtle",
        ".dcat.ttl",
        "dcat:to_turtle",
        "dcat:turtle_pieces",
    ),
    Format(
        "inveniordm",
        Text2("InvenioRDM JSON", "InvenioRDM JSON"),
        "application/vnd.inveniordm.v1+json",
        ".inveniordm.json",
        "inveniordm:to_json",
    ),
    Format("bibtex", Text2("BibTeX", "BibTeX"), "application/x-bibtex", ".bib", "bibtex:to_bibtex"),
    Format(
        "csl",
        Text2("CSL JSON (citation)", "CSL JSON（引用）"),
        "application/vnd.citationstyles.csl+json",
        ".csl.json",
        "csl:to_json",
    ),
    Format(
        "ris",
        Text2("RIS (reference managers)", "RIS（文献管理ソフト）"),
        "application/x-research-info-systems",
        ".ris",
        "ris:to_ris",
    ),
)

FORMATS: Mapping[str, Format] = MappingProxyType({entry.name: entry for entry in _ALL})


def export(name: str, publication: Publication) -> bytes:
    """The record in the format of that name.

    Raises:
        KeyError: when there is no such format.
        NotExportable: when the record lacks what the format cannot do without.
    """
    return FORMATS[name].render(publication)
