"""Accept, edit, reject, type, accept many, undo; and two people at one draft."""

import gc
import time
from collections.abc import Iterable

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shirushi.core import services
from shirushi.core.append_only import create_triggers, drop_triggers
from shirushi.core.documents import decisions_jsonl
from shirushi.core.errors import Conflict, Invalid, NotAllowed
from shirushi.core.models import AppendOnlyError, Decision, Event, Suggestion
from shirushi.describe.description import Description

pytestmark = pytest.mark.django_db


@pytest.fixture
def decide(described, depositor):
    """Decide on one suggestion at the draft's newest version."""

    def do(suggestion: Suggestion, action: str, value: object = None) -> Decision:
        described.refresh_from_db()
        done = services.decide(
            suggestion=suggestion, action=action, value=value, by=depositor, at_version=described.version
        )
        described.refresh_from_db()
        return done

    return do


def names(draft) -> list[str]:
    return [creator["name"] for creator in draft.metadata.get("creators", [])]


def test_accepted_value_is_in_the_draft(described, suggestion_of, decide) -> None:
    decision = decide(suggestion_of("titles"), "accept")
    assert described.metadata["titles"] == [{"text": "Sea surface temperature of Sagami Bay", "lang": "en"}]
    assert (decision.action, decision.removed, decision.added) == ("accept", [], described.metadata["titles"])
    assert suggestion_of("titles").state == "accepted"


def test_every_decision_moves_the_version(described, suggestion_of, decide) -> None:
    before = described.version
    decide(suggestion_of("titles"), "accept")
    assert described.version == before + 1


def test_list_keeps_the_order_of_the_suggestions(described, suggestion_of, decide) -> None:
    for order in (2, 0, 1):
        decide(suggestion_of("creators", order), "accept")
    assert names(described) == ["Yamada, Hanako", "鈴木 一郎", "Sato, Ken"]


def test_typed_value_stays_where_it_was_put(described, suggestion_of, decide, depositor) -> None:
    services.edit_field(
        draft=described, field="creators", value=[{"name": "First"}], by=depositor, at_version=described.version
    )
    decide(suggestion_of("creators", 2), "accept")
    decide(suggestion_of("creators", 0), "accept")
    assert names(described) == ["First", "Yamada, Hanako", "Sato, Ken"]


def test_value_that_is_there_already_is_not_added_twice(described, suggestion_of, decide, depositor) -> None:
    services.edit_field(
        draft=described,
        field="creators",
        value=[{"name": "Yamada, Hanako"}],
        by=depositor,
        at_version=described.version,
    )
    decide(suggestion_of("creators"), "accept")
    assert names(described) == ["Yamada, Hanako"]


def test_edited_value_takes_the_place_of_the_accepted_one(described, suggestion_of, decide) -> None:
    decide(suggestion_of("creators", 0), "accept")
    decide(suggestion_of("creators", 1), "accept")
    decide(suggestion_of("creators", 0), "edit", {"name": "Yamada, H."})
    assert (names(described), suggestion_of("creators").state) == (["Yamada, H.", "鈴木 一郎"], "edited")


def test_edit_that_changes_nothing_is_an_acceptance(suggestion_of, decide) -> None:
    suggestion = suggestion_of("creators")
    assert decide(suggestion, "edit", suggestion.value).action == "accept"


def test_rejecting_an_accepted_value_takes_it_out(described, suggestion_of, decide) -> None:
    decide(suggestion_of("creators", 0), "accept")
    decide(suggestion_of("creators", 0), "reject")
    assert (names(described), suggestion_of("creators").state) == ([], "rejected")


def test_rejecting_leaves_what_others_put_there(described, suggestion_of, decide) -> None:
    decide(suggestion_of("creators", 0), "accept")
    decide(suggestion_of("creators", 1), "reject")
    assert names(described) == ["Yamada, Hanako"]


def test_other_value_of_a_single_field_takes_its_place(described, suggestion_of, decide) -> None:
    decide(suggestion_of("resource_type"), "accept")
    decide(suggestion_of("resource_type", 1), "accept")
    assert described.metadata["resource_type"] == {"general": "Software"}
    assert (suggestion_of("resource_type").state, suggestion_of("resource_type", 1).state) == ("open", "accepted")


def test_rejecting_a_single_value_empties_only_what_it_had_put_there(described, suggestion_of, decide) -> None:
    decide(suggestion_of("resource_type"), "accept")
    decide(suggestion_of("resource_type", 1), "reject")
    assert described.metadata["resource_type"] == {"general": "Dataset"}
    decide(suggestion_of("resource_type"), "reject")
    assert "resource_type" not in described.metadata


def test_edit_with_a_wrong_value_names_the_place(described, suggestion_of, decide) -> None:
    with pytest.raises(Invalid) as refused:
        decide(suggestion_of("creators"), "edit", {"name": "A", "orcid": "0000-0002-1825-0098"})
    (error,) = refused.value.errors
    assert error.pointer == "/creators/0/orcid"
    assert error.in_("ja").startswith("ORCID")
    described.refresh_from_db()
    assert described.metadata.get("creators") is None
    assert Decision.objects.filter(action="edit").count() == 0


def test_unknown_action_is_refused(suggestion_of, decide) -> None:
    with pytest.raises(Invalid):
        decide(suggestion_of("creators"), "bless")


def test_unknown_field_is_refused(described, depositor) -> None:
    with pytest.raises(Invalid) as refused:
        services.edit_field(draft=described, field="colour", value="red", by=depositor, at_version=described.version)
    assert refused.value.errors[0].pointer == "/colour"


# -- many at once


def test_accept_above_takes_what_is_sure_enough(described, depositor) -> None:
    decisions = services.accept_above(draft=described, threshold=0.9, by=depositor, at_version=described.version)
    assert [decision.field for decision in decisions] == [
        "creators",
        "descriptions",
        "resource_type",
        "rights",
        "titles",
    ]
    assert len({decision.group for decision in decisions}) == 1


def test_accept_above_takes_those_of_one_field_alone_where_it_is_named(described, depositor) -> None:
    options = {"threshold": 0.75, "by": depositor, "at_version": described.version}
    decisions = services.accept_above(draft=described, field="creators", **options)
    assert [(decision.field, decision.value["name"]) for decision in decisions] == [
        ("creators", "Yamada, Hanako"),
        ("creators", "鈴木 一郎"),
    ]


def test_accept_above_leaves_alternatives(described, depositor) -> None:
    services.accept_above(draft=described, threshold=0.0, by=depositor, at_version=described.version)
    assert [s.value for s in described.suggestions.filter(state="open")] == [{"general": "Software"}, {"text": "Buoys"}]


def test_second_main_title_takes_the_place_of_the_accepted_one(described, suggestion_of, decide, depositor) -> None:
    decide(suggestion_of("titles", 0), "accept")
    decide(suggestion_of("titles", 1), "accept")
    assert described.metadata["titles"] == [{"text": "Buoys"}]
    assert (suggestion_of("titles", 0).state, suggestion_of("titles", 1).state) == ("open", "accepted")
    services.undo(draft=described, by=depositor, at_version=described.version)
    described.refresh_from_db()
    assert described.metadata["titles"] == [{"text": "Sea surface temperature of Sagami Bay", "lang": "en"}]
    assert (suggestion_of("titles", 0).state, suggestion_of("titles", 1).state) == ("accepted", "open")


def test_main_title_beside_a_typed_one_is_an_alternative_title(described, suggestion_of, decide, depositor) -> None:
    typed = {"text": "What I call it", "lang": "en"}
    services.edit_field(draft=described, field="titles", value=[typed], by=depositor, at_version=described.version)
    decision = decide(suggestion_of("titles", 1), "accept")
    alternative = {"text": "Buoys", "type": "AlternativeTitle"}
    assert described.metadata["titles"] == [typed, alternative]
    assert (decision.action, decision.value) == ("accept", alternative)
    decide(suggestion_of("titles", 1), "reject")
    assert described.metadata["titles"] == [typed]
    services.undo(draft=described, by=depositor, at_version=described.version)
    described.refresh_from_db()
    assert described.metadata["titles"] == [typed, alternative]


def test_main_title_in_another_language_stands_beside_it(described, suggestion_of, decide) -> None:
    decide(suggestion_of("titles", 0), "accept")
    decide(suggestion_of("titles", 1), "edit", {"text": "ブイ", "lang": "ja"})
    assert [title["text"] for title in described.metadata["titles"]] == [
        "Sea surface temperature of Sagami Bay",
        "ブイ",
    ]


def test_accept_above_leaves_a_second_main_title(described, suggestion_of, decide, depositor) -> None:
    decide(suggestion_of("titles", 1), "accept")
    services.accept_above(draft=described, threshold=0.9, by=depositor, at_version=described.version)
    described.refresh_from_db()
    assert described.metadata["titles"] == [{"text": "Buoys"}]


def test_undo_is_offered_while_a_decision_stands(described, suggestion_of, decide, depositor) -> None:
    assert not services.may_undo(described)
    decide(suggestion_of("titles"), "accept")
    assert services.may_undo(described)
    services.undo(draft=described, by=depositor, at_version=described.version)
    assert not services.may_undo(described)


def test_accept_above_leaves_a_filled_single_field(described, depositor) -> None:
    services.edit_field(
        draft=described,
        field="resource_type",
        value={"general": "Image"},
        by=depositor,
        at_version=described.version,
    )
    services.accept_above(draft=described, threshold=0.5, by=depositor, at_version=described.version)
    assert described.metadata["resource_type"] == {"general": "Image"}


def test_accept_above_with_nothing_to_accept_changes_nothing(described, depositor) -> None:
    before = described.version
    assert services.accept_above(draft=described, threshold=1.0, by=depositor, at_version=before) == []
    described.refresh_from_db()
    assert described.version == before


def test_accept_above_of_no_confidence_is_refused(described, depositor) -> None:
    with pytest.raises(Invalid):
        services.accept_above(draft=described, threshold=2, by=depositor, at_version=described.version)


def test_group_is_undone_together(described, depositor) -> None:
    before = described.metadata
    services.accept_above(draft=described, threshold=0.5, by=depositor, at_version=described.version)
    undone = services.undo(draft=described, by=depositor, at_version=described.version)
    assert (described.metadata, len(undone)) == (before, 7)
    assert set(described.suggestions.values_list("state", flat=True)) == {"open"}


# -- undo


def test_undo_takes_back_the_last_decision_that_stands(described, suggestion_of, decide, depositor) -> None:
    decide(suggestion_of("creators", 0), "accept")
    decide(suggestion_of("creators", 1), "accept")
    services.undo(draft=described, by=depositor, at_version=described.version)
    assert names(described) == ["Yamada, Hanako"]
    services.undo(draft=described, by=depositor, at_version=described.version)
    assert names(described) == []


def test_undo_gives_a_displaced_suggestion_its_place_back(described, suggestion_of, decide, depositor) -> None:
    decide(suggestion_of("resource_type"), "accept")
    decide(suggestion_of("resource_type", 1), "accept")
    services.undo(draft=described, by=depositor, at_version=described.version)
    assert described.metadata["resource_type"] == {"general": "Dataset"}
    assert (suggestion_of("resource_type").state, suggestion_of("resource_type", 1).state) == ("accepted", "open")


def test_undo_of_typing_restores_field_and_suggestions(described, suggestion_of, decide, depositor) -> None:
    decide(suggestion_of("creators"), "accept")
    services.edit_field(draft=described, field="creators", value=[], by=depositor, at_version=described.version)
    assert suggestion_of("creators").state == "rejected"
    services.undo(draft=described, by=depositor, at_version=described.version)
    assert (names(described), suggestion_of("creators").state) == (["Yamada, Hanako"], "accepted")


def test_typing_over_an_accepted_value_counts_as_editing_it(described, suggestion_of, decide, depositor) -> None:
    decide(suggestion_of("creators"), "accept")
    services.edit_field(
        draft=described, field="creators", value=[{"name": "Yamada, H."}], by=depositor, at_version=described.version
    )
    assert suggestion_of("creators").state == "edited"


def test_undo_does_not_touch_what_the_house_filled_in(described, depositor) -> None:
    with pytest.raises(Conflict) as refused:
        services.undo(draft=described, by=depositor, at_version=described.version)
    assert refused.value.code == "nothing-to-undo"
    assert described.metadata["publisher"]["name"] == "Example University"


STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["accept", "reject", "edit"]), st.integers(0, 8)),
        st.tuples(st.just("type"), st.sampled_from([0, 1, 2])),
        st.tuples(st.just("many"), st.sampled_from([0.5, 0.9])),
    ),
    max_size=7,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_undoing_everything_gives_back_the_beginning(described, depositor, steps) -> None:
    with transaction.atomic():
        described.refresh_from_db()
        start = described.metadata
        suggestions = list(described.suggestions.order_by("pk"))
        for kind, what in steps:
            described.refresh_from_db()
            version = described.version
            if kind == "type":
                value = [{"name": f"Typed {number}"} for number in range(what)]
                services.edit_field(draft=described, field="creators", value=value, by=depositor, at_version=version)
            elif kind == "many":
                services.accept_above(draft=described, threshold=what, by=depositor, at_version=version)
            else:
                chosen = Suggestion.objects.get(pk=suggestions[what].pk)
                value = {**chosen.value, "general": "Image"} if chosen.field == "resource_type" else chosen.value
                if kind == "edit" and "name" in value:
                    value = {"name": f"{value['name']} edited"}
                services.decide(suggestion=chosen, action=kind, value=value, by=depositor, at_version=version)
        while True:
            described.refresh_from_db()
            try:
                services.undo(draft=described, by=depositor, at_version=described.version)
            except Conflict:
                break
        assert described.metadata == start
        assert set(described.suggestions.values_list("state", flat=True)) == {"open"}
        transaction.set_rollback(True)


# -- how much it takes


@pytest.fixture
def many(draft, depositor, make_proposal):
    """The draft with ``n`` columns suggested."""

    def make(number: int):
        run = services.start_describing(draft=draft, by=depositor)
        found = [
            make_proposal("/variables/-", {"name": f"column {at}", "description": "m" * 50}, order=at)
            for at in range(number)
        ]
        services.save_description(run=run, description=Description("x", suggestions=found, file_count=1))
        draft.refresh_from_db()
        return draft

    return make


def bytes_of(decisions: Iterable[Decision]) -> int:
    return len(decisions_jsonl(decisions))


@pytest.mark.parametrize("number", [200, 400])
def test_each_decision_takes_room_for_what_it_changes(many, depositor, number) -> None:
    draft = many(number)
    done = services.accept_above(draft=draft, threshold=0.5, by=depositor, at_version=draft.version)
    middle = draft.suggestions.get(order=number // 2)
    draft.refresh_from_db()
    one = services.decide(suggestion=middle, action="reject", by=depositor, at_version=draft.version)
    draft.refresh_from_db()
    value = draft.metadata["variables"]
    typed = services.edit_field(
        draft=draft,
        field="variables",
        value=[*value[:9], {**value[9], "name": "another"}, *value[10:]],
        by=depositor,
        at_version=draft.version,
    )
    assert bytes_of(done) < 1000 * number
    assert max(bytes_of([one]), bytes_of([typed])) < 1000


def test_many_are_decided_and_undone_in_few_statements(many, depositor, django_assert_max_num_queries) -> None:
    draft = many(400)
    with django_assert_max_num_queries(30):
        services.accept_above(draft=draft, threshold=0.5, by=depositor, at_version=draft.version)
    with django_assert_max_num_queries(30):
        services.undo(draft=draft, by=depositor, at_version=draft.version)
    assert "variables" not in draft.metadata


def test_time_to_decide_grows_with_the_number_of_values_and_no_faster(many, depositor) -> None:
    took = {}
    for number in (400, 800):
        draft = many(number)
        gc.collect()
        gc.disable()  # looking through what all tests of this process have left takes as long as this
        try:
            began = time.process_time()
            services.accept_above(draft=draft, threshold=0.5, by=depositor, at_version=draft.version)
            services.undo(draft=draft, by=depositor, at_version=draft.version)
            took[number] = time.process_time() - began
        finally:
            gc.enable()
    assert took[800] < 3 * took[400] + 0.3  # quadratic, as it once was, would be seconds


def test_decisions_made_before_they_were_kept_as_changes_can_be_undone(described, depositor) -> None:
    """What migration 0004 makes of whole fields before and after."""
    from importlib import import_module

    difference = import_module("shirushi.core.migrations.0004_what_decisions_changed").difference
    services.accept_above(draft=described, threshold=0.5, by=depositor, at_version=described.version)
    fields: dict[str, list] = {}
    for decision in Decision.objects.filter(draft=described):
        before = fields.get(decision.field, [])
        after = [*before]
        after[decision.position : decision.position + len(decision.removed)] = decision.added
        assert difference(before, after) == (decision.position, decision.removed, decision.added)
        fields[decision.field] = after


# -- two people, one draft


@pytest.mark.parametrize("change", ["decide", "accept_above", "edit_field", "undo", "publish"])
def test_second_editor_is_told_and_nothing_is_overwritten(described, suggestion_of, depositor, curator, change) -> None:
    seen = described.version
    services.edit_field(draft=described, field="version", value="2", by=curator, at_version=seen)
    calls = {
        "decide": lambda: services.decide(
            suggestion=suggestion_of("titles"), action="accept", by=depositor, at_version=seen
        ),
        "accept_above": lambda: services.accept_above(draft=described, threshold=0.5, by=depositor, at_version=seen),
        "edit_field": lambda: services.edit_field(
            draft=described, field="version", value="3", by=depositor, at_version=seen
        ),
        "undo": lambda: services.undo(draft=described, by=depositor, at_version=seen),
        "publish": lambda: services.publish(draft=described, by=depositor, at_version=seen),
    }
    with pytest.raises(Conflict) as refused:
        calls[change]()
    assert refused.value.version == seen + 1
    described.refresh_from_db()
    assert (described.metadata["version"], described.version) == ("2", seen + 1)


# -- what is written stays written


def test_decision_and_its_event_stand_together(described, suggestion_of, decide) -> None:
    decision = decide(suggestion_of("titles"), "accept")
    event = Event.objects.get(type="draft.decided")
    assert event.payload == {
        "decision": decision.pk,
        "field": "titles",
        "action": "accept",
        "method": "titles.test",
        "version": described.version,
    }


@pytest.mark.parametrize("model", [Decision, Event])
def test_rows_that_stand_cannot_be_changed_or_deleted_through_the_models(described, model) -> None:
    row = model.objects.first()
    for attempt in (row.save, row.delete, model.objects.all().delete, lambda: model.objects.update(at=None)):
        with pytest.raises(AppendOnlyError):
            attempt()


@pytest.mark.parametrize("table", ["core_decision", "core_event"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = '2000-01-01'", "DELETE FROM {}"])
def test_database_refuses_to_change_or_delete_them(described, table, statement) -> None:
    drop_triggers(connection)
    create_triggers(connection)
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_agent_may_not_decide(described, suggestion_of, depositor) -> None:
    from dataclasses import replace

    with pytest.raises(NotAllowed) as refused:
        services.decide(
            suggestion=suggestion_of("titles"),
            action="accept",
            by=replace(depositor, agent="sorter/1"),
            at_version=described.version,
        )
    assert refused.value.code == "agents-may-not"
