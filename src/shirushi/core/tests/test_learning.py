"""What decisions teach an installation: which of them count, what is kept, blank fields, withdrawn methods."""

import json

import pytest

from shirushi.core import ranking, services
from shirushi.core.errors import Conflict
from shirushi.core.models import Draft, Event, Suggestion
from shirushi.core.services import learning
from shirushi.core.services.describing import is_held
from shirushi.describe.description import Description
from shirushi.describe.rank import default_model
from shirushi.describe.training import model_to_json


def state_of(draft: Draft, field: str) -> list[str]:
    return list(draft.suggestions.filter(field=field).order_by("order").values_list("state", flat=True))


def test_only_a_look_at_one_value_teaches(described, depositor, suggestion_of) -> None:
    draft = described
    services.decide(suggestion=suggestion_of("titles"), action="accept", by=depositor, at_version=draft.version)
    draft.refresh_from_db()
    services.decide(suggestion=suggestion_of("creators", 2), action="reject", by=depositor, at_version=draft.version)
    draft.refresh_from_db()
    services.decide(
        suggestion=suggestion_of("descriptions"), action="edit", value={"text": "Other words."}, by=depositor,
        at_version=draft.version,
    )  # fmt: skip
    draft.refresh_from_db()
    services.accept_above(draft=draft, threshold=0.9, by=depositor, at_version=draft.version)
    found = {(v.field, v.right) for v in learning.verdicts()}
    assert found == {("titles", 1.0), ("creators", 0.0), ("descriptions", 0.0)}


def test_what_was_undone_teaches_nothing(described, depositor, suggestion_of) -> None:
    services.decide(suggestion=suggestion_of("titles"), action="reject", by=depositor, at_version=described.version)
    described.refresh_from_db()
    services.undo(draft=described, by=depositor, at_version=described.version)
    assert list(learning.verdicts()) == []


def test_the_last_decision_on_a_suggestion_counts(described, depositor, suggestion_of) -> None:
    for action in ("reject", "accept"):
        described.refresh_from_db()
        services.decide(suggestion=suggestion_of("titles"), action=action, by=depositor, at_version=described.version)
    assert [(v.right, v.confidence) for v in learning.verdicts()] == [(1.0, 0.97)]


def test_proposals_of_people_and_agents_are_no_method(draft, depositor, described) -> None:
    proposal = services.propose(
        draft=described, target="/subjects/-", value={"text": "sea"}, confidence=0.5, by=depositor,
        evidence=[suggestion_evidence()],
    )  # fmt: skip
    services.decide(suggestion=proposal, action="accept", by=depositor, at_version=described.version)
    assert list(learning.verdicts()) == []


def suggestion_evidence():
    from shirushi.describe.evidence import Evidence, LinePlace

    return Evidence("paragraph", {"text": "sea", "section": ""}, LinePlace("README.md", 1, 1, quote="sea"), "x/1")


def test_features_are_kept_with_the_suggestion(draft, depositor, make_proposal) -> None:
    run = services.start_describing(draft=draft, by=depositor)
    one = make_proposal("/titles/-", {"text": "A"}, features={"front": 0.5})
    services.save_description(run=run, description=Description("x", suggestions=[one], file_count=1))
    assert draft.suggestions.get().features == {"front": 0.5}


def test_too_few_decisions_leave_the_shipped_model(described, depositor) -> None:
    lesson = services.learn()
    assert (lesson.adopted, lesson.why) == (False, "too-few")
    assert ranking.current_model().methods == default_model().methods
    assert learning.safe_thresholds() == {}


def many_decisions(space, depositor, make_proposal, drafts: int = 40) -> None:
    """A method that the shipped model does not know and that is always wrong here, and one that is always right."""
    for number in range(drafts):
        draft = services.create_draft(space=space, by=depositor, name=f"d{number}")
        services.put_file(draft=draft, path="a.csv", content=b"x\n1\n", by=depositor)
        run = services.start_describing(draft=draft, by=depositor)
        proposals = [
            make_proposal("/titles/-", {"text": f"Right {number}"}, 0.6, method="titles.always-right"),
            make_proposal("/subjects/-", {"text": f"wrong {number}"}, 0.6, method="subjects.always-wrong"),
        ]
        services.save_description(run=run, description=Description("x", suggestions=proposals, file_count=1))
        for suggestion in draft.suggestions.all():
            draft.refresh_from_db()
            action = "accept" if suggestion.field == "titles" else "reject"
            services.decide(suggestion=suggestion, action=action, by=depositor, at_version=draft.version)


def test_a_better_model_is_kept_and_used(space, depositor, make_proposal, settings) -> None:
    many_decisions(space, depositor, make_proposal)
    lesson = services.learn()
    assert (lesson.adopted, lesson.why) == (True, "better")
    model = ranking.current_model()
    right, wrong = (
        model.precision(m, f) for m, f in (("titles.always-right", "titles"), ("subjects.always-wrong", "subjects"))
    )
    assert right > 0.85 > 0.2 > wrong
    kept = json.loads((ranking.folder() / "ranking.json").read_text())
    assert kept["adopted"] is True
    assert kept["model"]["learned_from"] == "80 decisions of 40 drafts, over the shipped model"
    settings.SHIRUSHI_ACCEPT_ERROR = 0.2
    assert set(learning.safe_thresholds()) == {"titles"}
    settings.SHIRUSHI_ACCEPT_ERROR = 0.01
    assert learning.safe_thresholds() == {}  # forty right ones cannot prove one in a hundred


def test_learning_twice_gives_the_same(space, depositor, make_proposal) -> None:
    many_decisions(space, depositor, make_proposal, 12)
    first, second = services.learn(), services.learn()
    assert model_to_json(first.model, learned_from="") == model_to_json(second.model, learned_from="")


def test_a_damaged_model_does_not_stop_describing(home, caplog) -> None:
    ranking.folder().mkdir()
    (ranking.folder() / "ranking.json").write_text('{"model": ')
    assert ranking.current_model().methods == default_model().methods
    assert "cannot be read" in caplog.text


# ---- fields shown without suggestions


def read_blank(draft, depositor, proposals) -> None:
    run = services.start_describing(draft=draft, by=depositor, blank=1.0)
    services.save_description(run=run, description=Description("x", suggestions=proposals, file_count=1))


def test_blank_fields_keep_their_suggestions_back_until_typed(draft, depositor, make_proposal) -> None:
    read_blank(draft, depositor, [make_proposal("/titles/-", {"text": "Sea of Sagami"}, features={"front": 1.0})])
    assert state_of(draft, "titles") == ["held"]
    draft.refresh_from_db()
    services.edit_field(
        draft=draft, field="titles", value=[{"text": "The sea of Sagami"}], by=depositor, at_version=draft.version
    )
    assert state_of(draft, "titles") == ["open"]
    (event,) = Event.objects.filter(type="draft.measured")
    assert event.payload["field"] == "titles"
    (one,) = event.payload["values"]
    assert (one["method"], one["right"], one["features"]) == ("titles.test", 1.0, {"front": 1.0})
    assert [(v.method, v.right) for v in learning.verdicts()] == [("titles.test", 1.0)]


def test_asking_for_them_measures_nothing(draft, depositor, make_proposal) -> None:
    read_blank(draft, depositor, [make_proposal("/titles/-", {"text": "Sea"})])
    draft.refresh_from_db()
    with pytest.raises(Conflict):
        services.show_held(draft=draft, field="titles", by=depositor, at_version=draft.version + 1)
    assert services.show_held(draft=draft, field="titles", by=depositor, at_version=draft.version) == 1
    assert state_of(draft, "titles") == ["open"]
    assert not Event.objects.filter(type="draft.measured").exists()


def test_what_is_kept_back_is_not_accepted_in_bulk(draft, depositor, make_proposal) -> None:
    read_blank(draft, depositor, [make_proposal("/titles/-", {"text": "Sea"}, 0.99)])
    draft.refresh_from_db()
    assert services.accept_above(draft=draft, threshold=0.5, by=depositor, at_version=draft.version) == []


def test_reading_again_replaces_what_is_kept_back(draft, depositor, make_proposal) -> None:
    read_blank(draft, depositor, [make_proposal("/titles/-", {"text": "Sea"})])
    read_blank(draft, depositor, [make_proposal("/titles/-", {"text": "Sea ice"})])
    assert sorted(draft.suggestions.values_list("state", flat=True)) == ["held", "superseded"]


def test_the_share_of_blank_fields_is_kept(space, depositor) -> None:
    drafts = [Draft(id=f"d{number}") for number in range(4000)]
    share = sum(is_held(draft, "titles", 0.05) for draft in drafts) / len(drafts)
    assert 0.04 < share < 0.06
    assert not any(is_held(draft, "variables", 0.5) for draft in drafts)
    assert not any(is_held(Draft(id="x", metadata={"titles": [{"text": "T"}]}), "titles", 1.0) for _ in range(1))


# ---- methods


def test_withdrawing_a_method_finds_what_it_led_to(record, described, draft, depositor, make_proposal) -> None:
    run_draft = services.create_draft(space=described.space, by=depositor, name="more")
    services.put_file(draft=run_draft, path="a.csv", content=b"x\n1\n", by=depositor)
    run = services.start_describing(draft=run_draft, by=depositor)
    services.save_description(
        run=run, description=Description("x", suggestions=[make_proposal("/titles/-", {"text": "Open"})], file_count=1)
    )
    done = learning.withdraw_method(method="titles.test", reason="reads logos")
    assert (done.suggestions, done.drafts, done.records) == (2, [], [record.pk])
    assert "withdrawn" in state_of(run_draft, "titles")
    assert not ranking.current_model().allows("titles.test/1")
    (report,) = [r for r in learning.methods() if r.method == "titles.test"]
    assert (report.withdrawn, report.open, report.accepted) == (True, 0, 1)
    assert learning.withdraw_method(method="titles.test", reason="again").suggestions == 0
    assert learning.restore_method(method="titles.test") == 2
    assert state_of(run_draft, "titles") == ["open"]
    assert ranking.current_model().allows("titles.test/1")


def test_versions_of_a_method_are_judged_apart(described, depositor, suggestion_of) -> None:
    old = suggestion_of("creators")
    described.suggestions.exclude(pk=old.pk).filter(field="creators").update(method_version="2")
    services.decide(suggestion=old, action="reject", by=depositor, at_version=described.version)
    fared = {r.version: (r.judged, r.right) for r in learning.methods() if r.method == "creators.test"}
    assert fared == {"1": (1, 0), "2": (0, 0)}


def test_what_people_and_agents_propose_is_not_among_the_methods(described, depositor) -> None:
    services.propose(
        draft=described, target="/subjects/-", value={"text": "sea"}, confidence=0.5, by=depositor,
        evidence=[suggestion_evidence()],
    )  # fmt: skip
    assert "by" not in {report.method.partition(".")[0] for report in learning.methods()}


def test_methods_cost_the_same_however_many_drafts_there_are(
    described, make_proposal, depositor, django_assert_num_queries
) -> None:
    with django_assert_num_queries(3):
        learning.methods()
    for number in range(3):
        more = services.create_draft(space=described.space, by=depositor, name=str(number))
        services.put_file(draft=more, path="a.csv", content=b"x\n1\n", by=depositor)
        found = [make_proposal("/titles/-", {"text": f"T{number}"}, method=f"titles.other-{number}")]
        run = services.start_describing(draft=more, by=depositor)
        services.save_description(run=run, description=Description("x", suggestions=found, file_count=1))
    with django_assert_num_queries(3):
        assert len(learning.methods()) > 3


def test_withdrawing_one_version_leaves_the_others(described) -> None:
    learning.withdraw_method(method="creators.test/1", reason="")
    assert set(state_of(described, "creators")) == {Suggestion.State.WITHDRAWN}
    assert ranking.current_model().allows("creators.test/2")


def test_withdrawing_what_nobody_proposed(described) -> None:
    with pytest.raises(KeyError):
        learning.withdraw_method(method="titles.misspelt", reason="")
