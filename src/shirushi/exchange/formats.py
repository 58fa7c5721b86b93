"""The registry of export formats. A format's module is imported when it is first asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import cast

from shirushi.metadata.fields import Text2
from shirushi.metadata.published import Publication


@dataclass(frozen=True, slots=True)
class Format:
    """One export format. ``extension`` has its dot; ``function`` is "module:name" below this package."""

    name: str
    label: Text2
    media_type: str
    extension: str
    function: str

    def render(self, publication: Publication) -> bytes:
        """The record in this format.

        Raises:
            NotExportable: when the record lacks what the format cannot do without.
        """
        module, _, name = self.function.partition(":")
        function = getattr(import_module(f"shirushi.exchange.{module}"), name)
        return cast("Callable[[Publication], bytes]", function)(publication)


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
    Format("jpcoar", Text2("JPCOAR 2.1", "JPCOAR 2.1"), "application/xml", ".jpcoar.xml", "jpcoar:to_xml"),
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
    ),
    Format(
        "ro-crate",
        Text2("RO-Crate 1.2", "RO-Crate 1.2"),
        'application/ld+json; profile="https://w3id.org/ro/crate/1.2"',
        ".ro-crate-metadata.json",
        "ro_crate:to_json",
    ),
    Format(
        "croissant",
        Text2("Croissant 1.1 (machine learning)", "Croissant 1.1（機械学習向け）"),
        'application/ld+json; profile="http://mlcommons.org/croissant/1.1"',
        ".croissant.json",
        "croissant:to_json",
    ),
    Format(
        "datapackage",
        Text2("Data Package 2.0", "Data Package 2.0"),
        "application/vnd.datapackage+json",
        ".datapackage.json",
        "datapackage:to_json",
    ),
    Format(
        "dcat",
        Text2("DCAT-AP 3 (JSON-LD)", "DCAT-AP 3（JSON-LD）"),
        'application/ld+json; profile="http://data.europa.eu/r5r/"',
        ".dcat.jsonld",
        "dcat:to_json",
    ),
    Format(
        "dcat-turtle", Text2("DCAT-AP 3 (Turtle)", "DCAT-AP 3（Turtle）"), "text/turtle", ".dcat.ttl", "dcat:to_turtle"
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
