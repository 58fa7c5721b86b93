"""What the published records teach about subjects, and the command that learns from it."""

import argparse
import json

import pytest

from shirushi.cli import training
from shirushi.core import services
from shirushi.core.examples import subject_examples

pytestmark = pytest.mark.django_db

NDC = {"text": "海洋学", "scheme": "NDC", "code": "452"}


@pytest.fixture
def published(space, depositor, fill):
    def make(title: str, *subjects):
        draft = services.create_draft(space=space, by=depositor)
        fill(draft, depositor, title)
        services.edit_field(draft=draft, field="subjects", value=list(subjects), by=depositor, at_version=draft.version)
        return services.publish(draft=draft, by=depositor, at_version=draft.version)

    return make


def test_each_concept_gives_its_newest_standing_version(published, depositor) -> None:
    first = published("Buoys", NDC, {"text": "salinity"})
    (example,) = subject_examples()
    assert (example.id, example.subjects) == (first.concept_id, {("NDC", "452"): "海洋学"})
    assert example.text.split("\n") == ["Buoys", "What it is.", "salinity"]
    following = services.new_version(record=first, by=depositor)
    services.edit_field(draft=following, field="subjects", value=[], by=depositor, at_version=following.version)
    services.publish(draft=following, by=depositor, at_version=following.version)
    assert [example.subjects for example in subject_examples()] == [{}]


def test_command_keeps_what_it_learnt_where_readings_look(published, home, monkeypatch, capsys) -> None:
    monkeypatch.setattr("shirushi.cli.records.open_instance", lambda **_: None)
    published("Buoys", NDC)
    assert training.subjects(argparse.Namespace(json=False)) == 0
    kept = json.loads(home.subjects.read_text("utf-8"))
    assert (kept["records"], kept["classes"]) == (1, [])
    assert kept["passed_over"] == [{"scheme": "NDC", "code": "452", "why": "1 records; 10 are needed"}]
    assert "NDC 452: not proposed: 1 records; 10 are needed" in capsys.readouterr().out
