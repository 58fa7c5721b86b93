"""Who may have the files, as each format says it."""

import json

import pytest
from lxml import etree

from shirushi.exchange import datacite, datacite_json, inveniordm, jpcoar, schema_org
from shirushi.metadata.published import Publication
from shirushi.metadata.work import Access

EMBARGO = Access(rights="embargoed", until="2031-04-01", note="Until the thesis is out")
RESTRICTED = Access(rights="restricted", note="Interviews")


def with_access(publication: Publication, access: Access) -> Publication:
    return publication.model_copy(update={"work": publication.work.model_copy(update={"access": access})})


@pytest.mark.parametrize(
    ("access", "label", "code"),
    [
        (Access(), "open access", "c_abf2"),
        (EMBARGO, "embargoed access", "c_f1cf"),
        (RESTRICTED, "restricted access", "c_16ec"),
    ],
)
def test_jpcoar(made, access, label, code):
    tree = etree.fromstring(jpcoar.to_xml(with_access(made.rich, access)))
    (said,) = tree.iter("{http://purl.org/dc/terms/}accessRights")
    assert said.text == label
    assert said.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource").endswith(code)
    days = [e.text for e in tree.iter("{*}date") if e.get("dateType") == "Available"]
    assert days == (["2031-04-01"] if access.until else [])


def test_record_without_files_is_metadata_only(made):
    tree = etree.fromstring(jpcoar.to_xml(made.minimal))
    assert [e.text for e in tree.iter("{http://purl.org/dc/terms/}accessRights")] == ["metadata only access"]


@pytest.mark.parametrize("access", [EMBARGO, RESTRICTED])
def test_datacite_tells_it_and_reads_it_back(made, access):
    once = with_access(made.rich, access)
    terms = [r.get("rightsUri") for r in datacite_json.attributes(once)["rightsList"]]
    assert sum("coar/access_right" in str(term) for term in terms) == 1
    read = datacite.from_xml(datacite.to_xml(once))
    assert read.access == access.model_copy(update={"note": None})
    assert [r.id or r.text for r in read.rights] == [r.id or r.text for r in made.rich.work.rights]


def test_embargo_without_an_end_is_read_as_restricted():
    xml = b"""<resource xmlns="http://datacite.org/schema/kernel-4"><rightsList>
      <rights rightsURI="info:eu-repo/semantics/embargoedAccess"/></rightsList></resource>"""
    assert datacite.from_xml(xml).access == Access(rights="restricted")


def test_schema_org_and_inveniordm(made):
    closed = with_access(made.rich, EMBARGO)
    said = json.loads(schema_org.to_json(closed))
    assert said["isAccessibleForFree"] is False
    assert said["conditionsOfAccess"] == "embargoed access until 2031-04-01. Until the thesis is out"
    assert inveniordm.document(closed)["access"] == {
        "record": "public",
        "files": "restricted",
        "embargo": {"active": True, "until": "2031-04-01", "reason": "Until the thesis is out"},
    }
    assert json.loads(schema_org.to_json(made.rich))["isAccessibleForFree"] is True


def test_what_was_decided_last_counts(made):
    lifted = with_access(made.rich, EMBARGO).model_copy(update={"access": Access()})
    tree = etree.fromstring(jpcoar.to_xml(lifted))
    assert [e.text for e in tree.iter("{http://purl.org/dc/terms/}accessRights")] == ["open access"]
