"""InvenioRDM's JSON read into a Work: what came back as it was shown is what it was, and nothing is dropped without a word."""

import json

import pytest
from hypothesis import given, settings

from shirushi.exchange import inveniordm, inveniordm_reading
from shirushi.exchange.inveniordm_reading import FIELDS, Refused, read
from shirushi.metadata.published import Publication
from shirushi.metadata.work import STORED, Work


def shown(work: Work) -> dict:
    """What a client gets of a draft, through JSON."""
    record = json.loads(inveniordm.to_json(Publication(work=work)))
    if work.publication_date is None:
        del record["metadata"]["publication_date"]
    return record


def after(record: dict, held: Work) -> Work:
    """The Work that is there when what was read has been put into ``held``."""
    reading = read(record, held)
    assert reading.untaken == []
    kept = {name: value for name, value in reading.fields.items() if value not in (None, [])}
    untouched = held.model_dump(mode="json", exclude_none=True, exclude=set(reading.fields))
    return Work.model_validate(untouched | kept, context=STORED)


@pytest.mark.parametrize("kind", ["minimal", "titled", "rich", "registered", "unpublished"])
def test_what_comes_back_as_it_was_shown_stays(made, kind):
    held = getattr(made, kind).work
    assert after(shown(held), held) == held


def test_any_work_stays(made):
    @settings(max_examples=30, deadline=None)
    @given(made.publications)
    def check(publication):
        held = publication.work
        assert after(shown(held), held) == held

    check()


def test_one_value_more_leaves_the_others_as_they_are(made):
    held = made.rich.work
    record = shown(held)
    for key, added in {
        "subjects": {"subject": "tide"},
        "creators": {"person_or_org": {"type": "personal", "family_name": "Sato", "given_name": "Ken"}},
        "languages": {"id": "fra"},
        "additional_titles": {"title": "Levels", "type": {"id": "subtitle"}},
        "rights": {"id": "mit"},
        "related_identifiers": {"identifier": "10.1234/x", "scheme": "doi", "relation_type": {"id": "cites"}},
        "dates": {"date": "2020", "type": {"id": "valid"}},
        "identifiers": {"identifier": "77", "scheme": "local"},
        "additional_descriptions": {"description": "By hand.", "type": {"id": "methods"}},
        "funding": {"funder": {"name": "JSPS"}},
        "contributors": {"person_or_org": {"type": "organizational", "name": "Lab"}, "role": {"id": "sponsor"}},
    }.items():
        record["metadata"].setdefault(key, []).append(added)
    again = after(record, held)
    for name in set(FIELDS.values()) - {
        "resource_type",
        "publisher",
        "publication_date",
        "version",
        "locations",
        "titles",
    }:
        before, now = getattr(held, name), getattr(again, name)
        assert all(item in now for item in before), name
        assert len(now) == len(before) + 1, name
    assert again.titles[:-1] == held.titles


def test_values_that_look_the_same_there_stay_both():
    held = Work.model_validate(
        {
            "subjects": [{"text": "sea", "lang": "en"}, {"text": "bay"}, {"text": "sea", "scheme": "S"}],
            "languages": ["zh-Hans", "zh-Hant"],
        }
    )
    record = shown(held)
    record["metadata"]["subjects"].append({"subject": "tide"})
    record["metadata"]["languages"].append({"id": "jpn"})
    again = after(record, held)
    assert sorted(map(repr, again.subjects[:3])) == sorted(map(repr, held.subjects))
    assert again.languages == ["zh-Hans", "zh-Hant", "ja"]


def test_new_record_is_read(made):
    record = {
        "access": {"record": "public", "files": "restricted", "embargo": {"active": True, "until": "2030-01-31"}},
        "pids": {"doi": {"identifier": "10.1234/old", "provider": "external"}},
        "metadata": {
            "resource_type": {"id": "image-photo"},
            "title": "Levels",
            "additional_titles": [{"title": "水位", "type": {"id": "translated-title"}, "lang": {"id": "jpn"}}],
            "creators": [
                {
                    "person_or_org": {
                        "type": "personal",
                        "family_name": "山田",
                        "given_name": "花子",
                        "name": "山田, 花子",
                        "identifiers": [{"scheme": "orcid", "identifier": "https://orcid.org/0000-0002-1825-0097"}],
                    },
                    "affiliations": [{"id": "057zh3y96", "name": "The University of Tokyo"}],
                },
                {"person_or_org": {"type": "organizational", "name": "Example Lab"}},
            ],
            "contributors": [
                {"person_or_org": {"type": "personal", "family_name": "Sato", "given_name": "Ken"}, "role": {"id": "datacurator"}}
            ],
            "description": "<p>One &amp; two.</p><ul><li>three</li></ul>",
            "rights": [
                {"id": "cc-by-4.0"},
                {"link": "http://creativecommons.org/publicdomain/zero/1.0/deed.ja"},
                {"title": {"en": "Ask us"}, "link": "https://example.org/terms"},
            ],
            "subjects": [{"subject": "sea"}, {"id": "http://id.nlm.nih.gov/mesh/D1", "subject": "Water", "scheme": "MeSH"}],
            "dates": [{"date": "2026-01/2026-03", "type": {"id": "collected"}}],
            "languages": [{"id": "jpn"}],
            "identifiers": [{"identifier": "2026abc", "scheme": "ads"}],
            "related_identifiers": [{"identifier": "10.1234/x", "scheme": "doi", "relation_type": {"id": "cites"}}],
            "locations": {"features": [{"place": "Bay", "geometry": {"type": "LineString", "coordinates": [[139, 35], [140, 36]]}}]},
            "funding": [{"funder": {"name": "JSPS"}, "award": {"number": "JP21K12345", "title": {"en": "Levels"}}}],
            "sizes": ["11 pages"],
        },
    }  # fmt: skip
    work = after(record, Work())
    assert (work.resource_type.general, work.resource_type.text) == ("Image", "image-photo")
    assert [(title.text, title.lang, title.type) for title in work.titles] == [
        ("Levels", None, None),
        ("水位", "ja", "TranslatedTitle"),
    ]
    assert [(who.name, who.name_type) for who in work.creators] == [
        ("山田 花子", "Personal"),
        ("Example Lab", "Organizational"),
    ]
    assert work.creators[0].orcid == "0000-0002-1825-0097"
    assert work.creators[0].affiliations[0].ror == "https://ror.org/057zh3y96"
    assert (work.contributors[0].name, work.contributors[0].role) == ("Sato, Ken", "DataCurator")
    assert work.description() == "One & two.\nthree"
    assert [rights.id or (rights.text, rights.uri) for rights in work.rights] == [
        "CC-BY-4.0",
        "CC0-1.0",
        ("Ask us", "https://example.org/terms"),
    ]
    assert work.subjects[1].value_uri == "http://id.nlm.nih.gov/mesh/D1"
    assert (work.dates[0].date, work.dates[0].type, work.languages) == ("2026-01/2026-03", "Collected", ["ja"])
    assert [(each.identifier, each.type) for each in work.alternate_identifiers] == [
        ("2026abc", "bibcode"),
        ("10.1234/old", "DOI"),
    ]
    assert (work.related[0].scheme, work.related[0].relation) == ("DOI", "Cites")
    assert work.locations[0].box is not None
    assert (work.locations[0].box.west, work.locations[0].box.north) == (139, 36)
    assert (work.funding[0].award, work.funding[0].award_title) == ("JP21K12345", "Levels")
    assert work.access is not None
    assert (work.access.rights, work.access.until) == ("embargoed", "2030-01-31")


def test_absent_key_empties_its_field_and_no_metadata_empty_nothing():
    held = Work.model_validate(
        {
            "titles": [{"text": "A"}],
            "subjects": [{"text": "sea"}],
            "publisher": {"name": "P"},
            "software": [{"name": "R"}],
        }
    )
    reading = read({"metadata": {"title": "A"}}, held)
    assert reading.fields["subjects"] == []
    assert {"publisher", "resource_type", "software"}.isdisjoint(reading.fields)
    assert read({"files": {"enabled": True}}, held).fields == {}


def test_what_has_no_place_or_no_form_is_told():
    sent = {"title": ["A"], "references": [{"reference": "B"}], "creators": [{"name": "C"}], "subjects": "sea",
            "locations": {"features": [{"geometry": {"coordinates": "up"}}]}, "version": {}}  # fmt: skip
    reading = read({"metadata": sent, "custom_fields": {"a": 1}}, Work())
    paths = {"references", "title", "creators", "subjects", "locations", "version"}
    assert {path for path, _ in reading.untaken} == {f"metadata.{path}" for path in paths} | {"custom_fields"}


def test_closed_record_is_refused():
    with pytest.raises(Refused) as refused:
        read({"access": {"record": "restricted", "files": "restricted"}, "metadata": {}}, Work())
    assert refused.value.path == "access.record"


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ("/titles", "metadata.title"),
        ("/titles/1/text", "metadata.additional_titles"),
        ("/creators/0/orcid", "metadata.creators.0.orcid"),
        ("/related/2/identifier", "metadata.related_identifiers.2.identifier"),
        ("/files", "files"),
        ("/size", "size"),
    ],
)
def test_pointer_is_told_as_its_path(pointer, path):
    assert inveniordm_reading.path_of(pointer) == path
