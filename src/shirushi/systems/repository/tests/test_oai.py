"""OAI-PMH 2.0: every verb and every error of the protocol, answers valid by its XML Schema, payloads by theirs."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core import signing
from django.test import Client
from lxml import etree

from shirushi.core import followers, harvesting, services
from shirushi.core.harvesting import Item, MetadataFormat
from shirushi.core.models import HarvestEntry, Record
from shirushi.exchange import oai_dc
from shirushi.metadata.published import Publication
from shirushi.metadata.work import Title, Work

OAI = "{http://www.openarchives.org/OAI/2.0/}"
PREFIXES = ["oai_dc", "jpcoar_2.1", "jpcoar_2.0", "datacite", "oai_datacite"]


@pytest.fixture(scope="session")
def schemas(shared):
    """The official schemas by the namespace of a payload; ``""`` is the protocol's own, which leaves payloads to theirs."""
    folder = shared / "schemas"

    class Offline(etree.Resolver):
        def resolve(self, system_url, public_id, context):
            if system_url.endswith("xml.xsd"):
                return self.resolve_filename(str(folder / "common/xml.xsd"), context)
            return None

    def load(path, *, lax=False):
        parser = etree.XMLParser(no_network=True)
        parser.resolvers.add(Offline())
        tree = etree.parse(str(folder / path), parser)
        if lax:
            for element in tree.iter("{*}any"):
                element.set("processContents", "lax")
        return etree.XMLSchema(tree)

    return {
        "": load("oai-pmh/OAI-PMH.xsd", lax=True),
        "http://www.openarchives.org/OAI/2.0/oai_dc/": load("oai-pmh/oai_dc.xsd"),
        "http://www.openarchives.org/OAI/2.0/oai-identifier": load("oai-pmh/oai-identifier.xsd"),
        "https://github.com/JPCOAR/schema/blob/master/2.1/": load("jpcoar/2.1/jpcoar_scm.xsd"),
        "https://github.com/JPCOAR/schema/blob/master/2.0/": load("jpcoar/2.0/jpcoar_scm.xsd"),
        "http://datacite.org/schema/kernel-4": load("datacite/4.7/metadata.xsd"),
    }


@pytest.fixture
def ask(client: Client, schemas):
    """Asks ``/oai`` and gives the root of the answer, when it and everything in it is valid."""

    def get(method="get", **values):
        response = getattr(client, method)("/oai", {name.rstrip("_"): value for name, value in values.items()})
        assert response.status_code == 200
        assert response["Content-Type"] == "text/xml; charset=utf-8"
        root = etree.fromstring(response.content)
        schemas[""].assertValid(root)
        for payload in [*root.iterfind(f".//{OAI}metadata/*"), *root.iterfind(f".//{OAI}description/*")]:
            namespace = etree.QName(payload).namespace
            if namespace == "http://schema.datacite.org/oai/oai-1.1/":
                (payload,) = payload.find("{*}payload")
                namespace = etree.QName(payload).namespace
            schemas[namespace].assertValid(etree.fromstring(etree.tostring(payload)))
        return root

    return get


def error(root) -> str:
    (found,) = root.iterfind(f"{OAI}error")
    return found.get("code")


def ids(root) -> list[str]:
    return [element.text.rpartition(":")[2] for element in root.iter(f"{OAI}identifier")]


@pytest.fixture
def harvested(record: Record) -> Record:
    followers.follow("harvesting")
    return record


def test_identify(ask, harvested, settings) -> None:
    settings.SHIRUSHI_BASE_URL = "https://data.example.ac.jp"
    root = ask(verb="Identify")
    values = {etree.QName(element).localname: element.text for element in root.find(f"{OAI}Identify")}
    assert values["repositoryName"] == "Example University / 例大学"
    assert values["baseURL"] == "https://data.example.ac.jp/oai"
    assert (values["deletedRecord"], values["granularity"]) == ("persistent", "YYYY-MM-DDThh:mm:ssZ")
    entry = HarvestEntry.objects.filter(record=harvested).first()
    assert values["earliestDatestamp"] == f"{entry.datestamp:%Y-%m-%dT%H:%M:%SZ}"
    assert root.findtext(".//{*}repositoryIdentifier") == "data.example.ac.jp"


@pytest.mark.django_db
def test_empty_repository_is_valid_too(ask) -> None:
    ask(verb="Identify")
    assert error(ask(verb="ListSets")) == "noSetHierarchy"
    assert error(ask(verb="ListRecords", metadataPrefix="oai_dc")) == "noRecordsMatch"


@pytest.mark.parametrize("method", ["get", "post"])
def test_records_in_every_format(ask, harvested, method) -> None:
    for prefix in PREFIXES:
        listed = ask(method, verb="ListRecords", metadataPrefix=prefix)
        got = ask(method, verb="GetRecord", metadataPrefix=prefix, identifier=f"oai:testserver:{harvested.pk}")
        assert ids(listed) == ids(got) == [harvested.pk]
        assert "Sea surface temperature of two buoys" in etree.tostring(got, encoding="unicode")
        assert [element.text for element in got.iter(f"{OAI}setSpec")] == ["space:uni", "type:Dataset"]


def test_formats_and_sets(ask, harvested) -> None:
    assert [element.text for element in ask(verb="ListMetadataFormats").iter(f"{OAI}metadataPrefix")] == PREFIXES
    of_one = ask(verb="ListMetadataFormats", identifier=f"oai:testserver:{harvested.pk}")
    assert [element.text for element in of_one.iter(f"{OAI}metadataPrefix")] == PREFIXES
    sets = ask(verb="ListSets")
    assert [element.text for element in sets.iter(f"{OAI}setSpec")] == ["space:uni", "type:Dataset"]
    assert next(sets.iter(f"{OAI}setName")).text == "Example University / 例大学"


ERRORS = [
    ({}, "badVerb"),
    ({"verb": "Nothing"}, "badVerb"),
    ({"verb": ["Identify", "Identify"]}, "badVerb"),
    ({"verb": "Identify", "set": "a"}, "badArgument"),
    ({"verb": "GetRecord", "metadataPrefix": "oai_dc"}, "badArgument"),
    ({"verb": "GetRecord", "identifier": "oai:testserver:x"}, "badArgument"),
    ({"verb": "GetRecord", "identifier": "a b<\x00", "metadataPrefix": "oai_dc"}, "badArgument"),
    ({"verb": "GetRecord", "identifier": "oai:testserver:nothing", "metadataPrefix": "oai_dc"}, "idDoesNotExist"),
    ({"verb": "GetRecord", "identifier": "oai:elsewhere:{id}", "metadataPrefix": "oai_dc"}, "idDoesNotExist"),
    ({"verb": "GetRecord", "identifier": "oai:testserver:{id}", "metadataPrefix": "marc"}, "cannotDisseminateFormat"),
    ({"verb": "ListMetadataFormats", "identifier": "oai:testserver:nothing"}, "idDoesNotExist"),
    ({"verb": "ListRecords"}, "badArgument"),
    ({"verb": "ListRecords", "metadataPrefix": "marc"}, "cannotDisseminateFormat"),
    ({"verb": "ListRecords", "metadataPrefix": "<&>"}, "badArgument"),
    ({"verb": "ListRecords", "metadataPrefix": ["oai_dc", "oai_dc"]}, "badArgument"),
    ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-02-30"}, "badArgument"),
    ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026"}, "badArgument"),
    ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-01-01", "until": "2026-01-01T00:00:00Z"}, "badArgument"),
    ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-01-02", "until": "2026-01-01"}, "badArgument"),
    ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "until": "2001-01-01"}, "noRecordsMatch"),
    ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "space:nobody"}, "noRecordsMatch"),
    ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "a set"}, "badArgument"),
    ({"verb": "ListRecords", "resumptionToken": "x", "metadataPrefix": "oai_dc"}, "badArgument"),
    ({"verb": "ListRecords", "resumptionToken": "x"}, "badResumptionToken"),
    ({"verb": "ListIdentifiers", "resumptionToken": ""}, "badResumptionToken"),
    ({"verb": "ListSets", "resumptionToken": "x"}, "badResumptionToken"),
]  # fmt: skip


def test_errors(ask, harvested) -> None:
    for values, code in ERRORS:
        filled = {
            name: value.replace("{id}", harvested.pk) if isinstance(value, str) else value
            for name, value in values.items()
        }
        root = ask(**filled)
        assert (error(root), values) == (code, values)
        repeats = set(root.find(f"{OAI}request").attrib)
        assert repeats == (set() if code in {"badVerb", "badArgument"} else set(values))


def test_withdrawn_record_is_a_deleted_one_for_ever(ask, harvested, curator) -> None:
    before = HarvestEntry.objects.filter(record=harvested).first().datestamp
    HarvestEntry.objects.update(datestamp=before - timedelta(days=3))
    services.withdraw(record=harvested, reason="Wrong.", by=curator)
    followers.follow("harvesting")
    since = f"{before:%Y-%m-%dT%H:%M:%SZ}"
    for root in (
        ask(verb="ListRecords", metadataPrefix="oai_dc", from_=since),
        ask(verb="GetRecord", metadataPrefix="jpcoar_2.1", identifier=f"oai:testserver:{harvested.pk}"),
    ):
        (header,) = root.iter(f"{OAI}header")
        assert header.get("status") == "deleted"
        assert header.findtext(f"{OAI}datestamp") >= since
        assert list(root.iter(f"{OAI}metadata")) == []


def test_datestamp_moves_with_a_change_and_never_without(harvested) -> None:
    HarvestEntry.objects.update(datestamp=datetime(2026, 1, 1, tzinfo=UTC))
    followers.rebuild("harvesting")
    assert set(HarvestEntry.objects.values_list("datestamp", flat=True)) == {datetime(2026, 1, 1, tzinfo=UTC)}


def test_from_and_until_take_in_their_ends(ask, harvested) -> None:
    HarvestEntry.objects.update(datestamp=datetime(2026, 3, 4, 23, 59, 59, tzinfo=UTC))
    inside = [
        {"from_": "2026-03-04", "until": "2026-03-04"},
        {"from_": "2026-03-04T23:59:59Z", "until": "2026-03-04T23:59:59Z"},
    ]
    outside = [{"from_": "2026-03-05"}, {"until": "2026-03-03"}, {"until": "2026-03-04T23:59:58Z"}]
    for span in inside:
        assert ids(ask(verb="ListIdentifiers", metadataPrefix="oai_dc", **span)) == [harvested.pk]
    for span in outside:
        assert error(ask(verb="ListIdentifiers", metadataPrefix="oai_dc", **span)) == "noRecordsMatch"


def test_control_characters_in_metadata_do_not_break_the_answer(ask, harvested) -> None:
    text = json.dumps(harvested.document).replace("Sea surface temperature of", "A\\u0000B\\u000b]]>&<\\ufffe of")
    Record.objects.filter(pk=harvested.pk).update(document=json.loads(text))
    for prefix in PREFIXES:
        told = etree.tostring(ask(verb="ListRecords", metadataPrefix=prefix), encoding="unicode")
        # PostgreSQL keeps no NUL: it is written as U+FFFD there.
        assert "AB]]&gt;&amp;&lt; of two buoys" in told.replace("A\ufffdB", "AB")


def test_record_that_cannot_be_written_holds_up_no_other(ask, harvested, publish, caplog) -> None:
    other = publish(titles=[{"text": "Another"}])
    followers.follow("harvesting")
    Record.objects.filter(pk=harvested.pk).update(document={})
    records = list(ask(verb="ListRecords", metadataPrefix="oai_dc").iter(f"{OAI}record"))
    held = {record.find(f"{OAI}header/{OAI}identifier").text: record.find(f"{OAI}metadata") for record in records}
    assert held.pop(f"oai:testserver:{harvested.pk}") is None
    assert list(held) == [f"oai:testserver:{other.pk}"]
    assert None not in held.values()
    assert harvested.pk in caplog.text


# -- lists


@pytest.fixture
def many(publish, settings) -> list[str]:
    """Seven records: five in one second, so that the order by id inside of a second counts."""
    settings.SHIRUSHI_OAI_PAGE = 2
    made = sorted(publish(titles=[{"text": f"Record {number}"}]).pk for number in range(7))
    followers.follow("harvesting")
    moments = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=max(0, number - 4)) for number in range(7)]
    for pk, moment in zip(made, moments, strict=True):
        HarvestEntry.objects.filter(record=pk).update(datestamp=moment)
    return made


def tokens_of(root) -> tuple[str | None, dict[str, str]]:
    found = root.find(f".//{OAI}resumptionToken")
    return (None, {}) if found is None else (found.text, dict(found.attrib))


def harvest(ask, verb: str, **values) -> tuple[list[str], list[dict[str, str]]]:
    root = ask(verb=verb, metadataPrefix="oai_dc", **values)
    seen, told = ids(root), []
    text, attributes = tokens_of(root)
    while text:
        told.append(attributes)
        root = ask(verb=verb, resumptionToken=text)
        seen += ids(root)
        text, attributes = tokens_of(root)
    return seen, [*told, attributes]


@pytest.mark.parametrize("verb", ["ListRecords", "ListIdentifiers"])
def test_pages_have_everything_once_in_order(ask, many, verb) -> None:
    for chosen in ({}, {"set": "space:uni"}, {"set": "type:Dataset"}, {"from_": "2026-01-01"}):
        seen, told = harvest(ask, verb, **chosen)
        assert seen == many
        assert [attributes["cursor"] for attributes in told] == ["0", "2", "4", "6"]
        assert {attributes["completeListSize"] for attributes in told} == {"7"}
        assert ["expirationDate" in attributes for attributes in told] == [True, True, True, False]


class Others:
    """A second system with three items of its own and one format."""

    name = "others"
    formats = {"oai_dc": MetadataFormat("oai_dc", oai_dc.SCHEMA, oai_dc.NAMESPACE)}
    items = [Item(f"o{n}", datetime(2025, 1, 1, tzinfo=UTC), ("type:Other",), deleted=False) for n in range(3)]

    def sets(self):
        return [("type:Other", "Others")]

    def earliest(self):
        return self.items[0].datestamp

    def page(self, selection, after, limit):
        chosen = [item for item in self.items if selection.set_spec in ("", *item.sets)]
        return [item for item in chosen if after is None or (item.datestamp, item.id) > after][:limit]

    def count(self, selection, most):
        return len(self.page(selection, None, most))

    def find(self, item_id):
        return next((item for item in self.items if item.id == item_id), None)

    def metadata(self, ids, prefix):
        return {item_id: oai_dc.to_xml(Publication(work=Work(titles=[Title(text=item_id)]))) for item_id in ids}


@pytest.fixture
def others(monkeypatch):
    monkeypatch.setattr(harvesting, "_PROVIDERS", {**harvesting._PROVIDERS, "others": Others()})


@pytest.mark.parametrize("verb", ["ListRecords", "ListIdentifiers"])
def test_lists_go_through_every_provider(ask, many, others, verb) -> None:
    seen, told = harvest(ask, verb)
    assert seen == [*many, "others/o0", "others/o1", "others/o2"]
    assert [attributes["cursor"] for attributes in told] == ["0", "2", "4", "6", "7", "9"]
    assert {attributes["completeListSize"] for attributes in told} == {"10"}
    assert harvest(ask, verb, set="type:Other")[0] == seen[7:]
    assert harvest(ask, verb, set="space:uni")[0] == many
    got = ask(verb="GetRecord", metadataPrefix="oai_dc", identifier="oai:testserver:others/o1")
    assert ids(got) == ["others/o1"]
    assert error(ask(verb="GetRecord", metadataPrefix="datacite", identifier="oai:testserver:others/o1")) == (
        "cannotDisseminateFormat"
    )


def test_list_that_fits_has_no_token(ask, many) -> None:
    assert tokens_of(ask(verb="ListRecords", metadataPrefix="oai_dc", from_="2026-01-01T00:00:02Z")) == (None, {})


def test_record_that_changes_meanwhile_comes_again_at_the_end(ask, many, curator) -> None:
    text, _ = tokens_of(ask(verb="ListRecords", metadataPrefix="oai_dc"))
    services.withdraw(record=Record.objects.get(pk=many[0]), reason="Wrong.", by=curator)
    followers.follow("harvesting")
    seen = []
    while text:
        root = ask(verb="ListRecords", resumptionToken=text)
        seen += ids(root)
        text, _ = tokens_of(root)
    assert seen == [*many[2:], many[0]]


def test_token_lasts_a_week_and_no_longer(ask, many, monkeypatch) -> None:
    text, attributes = tokens_of(ask(verb="ListRecords", metadataPrefix="oai_dc"))
    until = datetime.fromisoformat(attributes["expirationDate"])
    assert until - datetime.now(UTC) > timedelta(days=6)
    clock = signing.time.time
    monkeypatch.setattr(signing.time, "time", lambda: clock() + 6.9 * 86400)
    assert ids(ask(verb="ListRecords", resumptionToken=text)) == many[2:4]
    monkeypatch.setattr(signing.time, "time", lambda: clock() + 7.1 * 86400)
    assert error(ask(verb="ListRecords", resumptionToken=text)) == "badResumptionToken"


def test_token_of_somebody_else_or_another_list_is_refused(ask, many) -> None:
    text, _ = tokens_of(ask(verb="ListRecords", metadataPrefix="oai_dc"))
    body, _, signature = text.rpartition(":")
    for bad in (text[:-1], text + "A", f"{body[1:]}:{signature}", signing.dumps([1], salt="oai-pmh"), "é", "\x00"):
        assert error(ask(verb="ListRecords", resumptionToken=bad)) == "badResumptionToken"
    assert error(ask(verb="ListIdentifiers", resumptionToken=text)) == "badResumptionToken"


def test_record_is_in_the_sets_of_all_spaces_around_it(ask, curator, harvested) -> None:
    space = harvested.space
    parent = type(space).objects.create(slug="system", name_en="System", name_ja="機構")
    type(space).objects.filter(pk=space.pk).update(parent=parent)
    services.withdraw(record=harvested, reason="Wrong.", by=curator)
    followers.follow("harvesting")
    (header,) = ask(verb="ListIdentifiers", metadataPrefix="oai_dc", set="space:system").iter(f"{OAI}header")
    assert header.get("status") == "deleted"
    assert [element.text for element in header.iter(f"{OAI}setSpec")] == ["space:system", "space:uni", "type:Dataset"]


@pytest.mark.parametrize("number", [1, 3])
def test_page_costs_the_same_queries_for_one_and_three(client, publish, django_assert_num_queries, number) -> None:
    for _ in range(number):
        publish()
    followers.follow("harvesting")
    with django_assert_num_queries(4):  # count, page, sets, documents
        client.get("/oai", {"verb": "ListRecords", "metadataPrefix": "jpcoar_2.1"})
    with django_assert_num_queries(3):
        client.get("/oai", {"verb": "ListIdentifiers", "metadataPrefix": "jpcoar_2.1"})


def test_other_methods_and_head(client, harvested) -> None:
    assert client.put("/oai").status_code == 405
    head = client.head("/oai", {"verb": "Identify"})
    assert (head.status_code, head["Content-Type"]) == (200, "text/xml; charset=utf-8")
