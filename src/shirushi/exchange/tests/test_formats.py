"""The registry: every format it names exists, is distinct, and renders."""

import json
import re

import pytest
from lxml import etree

from shirushi.exchange.errors import NotExportable
from shirushi.exchange.formats import FORMATS, export

NAMES = [
    "datacite", "datacite-json", "jpcoar", "oai-dc", "schema-org", "ro-crate", "croissant", "datapackage", "dcat", "dcat-turtle",
    "inveniordm", "bibtex", "csl", "ris",
]  # fmt: skip


def test_names():
    assert list(FORMATS) == NAMES
    assert len({entry.media_type for entry in FORMATS.values()}) == len(NAMES)
    assert len({entry.extension for entry in FORMATS.values()}) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["titled", "rich", "registered", "unpublished"])
def test_every_format_renders(made, name, kind):
    data = export(name, getattr(made, kind))
    media_type = FORMATS[name].media_type
    if "xml" in media_type:
        etree.fromstring(data)
    elif "json" in media_type:
        json.loads(data)
    else:
        assert data.decode()


@pytest.mark.parametrize("name", NAMES)
def test_what_no_agency_knows_is_no_doi_anywhere(made, name):
    """An identifier of this installation's own may be named, never followed or called a DOI."""
    shown = export(name, made.rich).decode()
    assert "doi.org/10.5072" not in shown
    assert not re.search(r"doi\W{1,5}10\.5072", shown, re.IGNORECASE)
    assert not re.search(r"\bDO  - ", shown)


@pytest.mark.parametrize("name", ["datacite", "datacite-json", "jpcoar", "bibtex", "csl", "ris"])
def test_a_registered_doi_is_in_every_format_for_catalogues(made, name):
    assert "10.5072/abcd-1234" in export(name, made.registered).decode()


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"datapackage"}))
def test_a_record_of_nothing_exports_too(made, name):
    assert export(name, made.minimal)


def test_data_package_of_nothing_is_refused(made):
    with pytest.raises(NotExportable):
        export("datapackage", made.minimal)


def test_unknown_format_is_a_key_error(made):
    with pytest.raises(KeyError):
        export("marc", made.rich)
