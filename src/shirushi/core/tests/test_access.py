"""Who may have the files: decided anew, embargoes that end, links, requests, holds and retention."""

import json
from datetime import date, timedelta

import pytest
from django.utils import timezone

from shirushi.accounts.actors import ANONYMOUS, Actor
from shirushi.accounts.models import Role, token_digest
from shirushi.core import rules, services
from shirushi.core.documents import publication_of
from shirushi.core.errors import Conflict, Invalid, NotAllowed
from shirushi.core.home import store
from shirushi.core.models import AccessRequest, Answer, Event, SecretLink
from shirushi.metadata.work import Access

RESTRICTED = Access(rights="restricted", note="Interviews")
OPEN = Access()


@pytest.fixture
def closed(record, depositor):
    return services.change_access(record=record, access=RESTRICTED, by=depositor)


@pytest.fixture
def reader(make_actor) -> Actor:
    return make_actor("reader")


def embargo(days: int) -> Access:
    return Access(rights="embargoed", until=(timezone.localdate() + timedelta(days=days)).isoformat())


def bearer(secret: str) -> Actor:
    return Actor(keys=frozenset({token_digest(secret)}))


def test_files_are_open_unless_somebody_says_otherwise(record) -> None:
    assert record.files_are_open
    assert rules.can_read_files(ANONYMOUS, record)


def test_decided_anew_it_stands_in_database_store_and_event(record, depositor, reader) -> None:
    services.change_access(record=record, access=RESTRICTED, by=depositor)
    record.refresh_from_db()
    assert (record.access_now, record.access_version) == (RESTRICTED, 2)
    with store().open(record.object_id, "metadata/access/1.json") as kept:
        assert json.load(kept)["access"] == {"rights": "restricted", "note": "Interviews"}
    event = Event.objects.get(type="record.access-changed")
    assert event.payload == {"rights": "restricted", "until": None, "object_version": 2}
    assert [rules.can_read_files(who, record) for who in (ANONYMOUS, reader, depositor)] == [False, False, True]
    assert publication_of(record).access == RESTRICTED
    with pytest.raises(NotAllowed) as refused:
        rules.require_files(reader, record)
    assert refused.value.code == "files-restricted"


def test_to_decide_the_same_again_changes_nothing(closed, depositor) -> None:
    services.change_access(record=closed, access=RESTRICTED, by=depositor)
    assert (closed.access_version, Event.objects.filter(type="record.access-changed").count()) == (2, 1)


def test_only_those_who_care_for_it_may_decide(record, reader, curator) -> None:
    agent = Actor(user_id=curator.user_id, agent="helper", roles=curator.roles)
    for who in (ANONYMOUS, reader, agent):
        with pytest.raises(NotAllowed):
            services.change_access(record=record, access=RESTRICTED, by=who)
    services.change_access(record=record, access=RESTRICTED, by=curator)
    assert not record.files_are_open


def test_embargo_ends_on_its_day(record, depositor, monkeypatch) -> None:
    services.change_access(record=record, access=embargo(days=1), by=depositor)
    assert not rules.can_read_files(ANONYMOUS, record)
    assert publication_of(record).access.rights == "embargoed"
    last = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr("shirushi.core.models.timezone.localdate", lambda: last)
    assert rules.can_read_files(ANONYMOUS, record)
    assert publication_of(record).access == OPEN


@pytest.mark.parametrize("days", [0, -1, -3000])
def test_embargo_that_is_over_opens_nothing(closed, depositor, days) -> None:
    with pytest.raises(Invalid) as refused:
        services.change_access(record=closed, access=embargo(days=days), by=depositor)
    assert refused.value.errors[0].pointer == "/until"
    assert not rules.can_read_files(ANONYMOUS, closed)


@pytest.mark.parametrize("values", [{"rights": "embargoed"}, {"rights": "open", "until": "2030-01-01"}])
def test_embargo_and_its_end_belong_together(values) -> None:
    with pytest.raises(ValueError, match="embargo"):
        Access(**values)


def test_later_versions_keep_it_and_the_store_keeps_all(closed, depositor, renew) -> None:
    draft = services.new_version(record=closed, by=depositor)
    assert draft.metadata["access"]["rights"] == "restricted"
    assert services.readiness(draft).unchanged
    second = renew(closed, depositor)
    assert (second.access_now.rights, second.object_version) == ("restricted", 3)
    with store().open(second.object_id, "metadata/access/1.json") as kept:
        assert json.load(kept)["number"] == 1


@pytest.mark.parametrize(
    ("of_draft", "decided", "then"),
    [
        (None, RESTRICTED, "restricted"),
        (embargo(9), RESTRICTED, "restricted"),
        (None, embargo(9), "embargoed"),
        (RESTRICTED, embargo(9), "restricted"),
    ],
)
@pytest.mark.parametrize("put_away", [False, True])
def test_version_under_way_takes_over_what_is_stricter(
    record, depositor, curator, of_draft, decided, then, put_away
) -> None:
    draft = services.new_version(record=record, by=depositor)
    edit = {"draft": draft, "field": "access", "by": depositor}
    if of_draft is not None:
        value = of_draft.model_dump(mode="json", exclude_none=True)
        services.edit_field(**edit, value=value, at_version=draft.version)
    services.edit_field(draft=draft, field="version", value="2", by=depositor, at_version=draft.version)
    seen = draft.version
    if put_away:
        services.discard_draft(draft=draft, by=depositor, at_version=draft.version)
    services.change_access(record=record, access=decided, by=curator)
    if put_away:
        draft.refresh_from_db()
        services.restore_draft(draft=draft, by=depositor)
    elif of_draft != RESTRICTED:
        with pytest.raises(Conflict):  # whoever has the page open learns that somebody changed it
            services.publish(draft=draft, by=depositor, at_version=seen)
        assert Event.objects.filter(type="draft.decided", draft_id=draft.pk).latest("pk").payload["from"] == record.pk
    draft.refresh_from_db()
    second = services.publish(draft=draft, by=depositor, at_version=draft.version)
    assert (second.access_now.rights, rules.can_read_files(ANONYMOUS, second)) == (then, False)


def test_version_under_way_may_be_opened_again_by_who_cares_for_it(record, depositor, curator) -> None:
    draft = services.new_version(record=record, by=depositor)
    services.change_access(record=record, access=RESTRICTED, by=curator)
    draft.refresh_from_db()
    open_ = OPEN.model_dump(mode="json", exclude_none=True)
    services.edit_field(draft=draft, field="access", value=open_, by=depositor, at_version=draft.version)
    second = services.publish(draft=draft, by=depositor, at_version=draft.version)
    assert rules.can_read_files(ANONYMOUS, second)


def test_decision_on_an_older_version_leaves_the_next_one_alone(record, depositor, renew) -> None:
    second = renew(record, depositor)
    draft = services.new_version(record=second, by=depositor)
    services.change_access(record=record, access=RESTRICTED, by=depositor)
    draft.refresh_from_db()
    assert "access" not in draft.metadata


def test_withdrawn_files_cannot_be_opened(closed, depositor, curator) -> None:
    services.withdraw(record=closed, reason="Wrong.", by=curator)
    with pytest.raises(Conflict) as refused:
        services.change_access(record=closed, access=OPEN, by=depositor)
    assert refused.value.code == "withdrawn"


def test_what_only_some_may_see_is_not_opened_unknowingly(closed, depositor) -> None:
    file = closed.files.get()
    Answer.objects.create(
        concept=closed.concept, draft=closed.draft, item="x", category="personal-name", path=file.path,
        sha256=file.sha256, answer=Answer.Choice.RESTRICT, actor={},
    )  # fmt: skip
    with pytest.raises(Conflict) as refused:
        services.change_access(record=closed, access=OPEN, by=depositor)
    assert refused.value.code == "answered-restrict"
    following = services.new_version(record=closed, by=depositor)
    open_ = OPEN.model_dump(mode="json", exclude_none=True)
    services.edit_field(draft=following, field="access", value=open_, by=depositor, at_version=following.version)
    with pytest.raises(Conflict) as refused:
        services.publish(draft=following, by=depositor, at_version=following.version)
    assert refused.value.code == "answered-restrict"
    services.change_access(record=closed, access=OPEN, by=depositor, knowingly=True)
    assert closed.files_are_open


# -- links


def test_link_opens_the_files_of_every_version_until_it_ends(closed, depositor, renew) -> None:
    link, secret = services.make_link(of=closed, kind=SecretLink.Kind.FILES, by=depositor, days=7, label="Reviewer 2")
    second = renew(closed, depositor)
    assert secret not in str(vars(link))
    assert [rules.can_read_files(bearer(secret), one) for one in (closed, second)] == [True, True]
    assert not rules.can_read_files(bearer("guess"), closed)
    SecretLink.objects.update(expires_at=timezone.now())
    assert not rules.can_read_files(bearer(secret), closed)


def test_revoked_link_opens_nothing(closed, depositor) -> None:
    link, secret = services.make_link(of=closed, kind=SecretLink.Kind.FILES, by=depositor)
    for _ in range(2):
        services.revoke_link(link=link, by=depositor)
    assert not rules.can_read_files(bearer(secret), closed)
    assert Event.objects.filter(type="access.link-revoked").count() == 1


def test_review_link_opens_no_other_door(closed, depositor) -> None:
    _, secret = services.make_link(of=closed, kind=SecretLink.Kind.REVIEW, by=depositor)
    assert not rules.can_read_files(bearer(secret), closed)


@pytest.mark.parametrize("days", [0, -1, 367])
def test_links_end(closed, depositor, days) -> None:
    with pytest.raises(Invalid) as refused:
        services.make_link(of=closed, kind=SecretLink.Kind.FILES, by=depositor, days=days)
    assert refused.value.errors[0].pointer == "/days"


def test_files_of_a_draft_are_shared_for_review_only(draft, depositor) -> None:
    with pytest.raises(Invalid):
        services.make_link(of=draft, kind=SecretLink.Kind.FILES, by=depositor)
    link, _ = services.make_link(of=draft, kind=SecretLink.Kind.REVIEW, by=depositor)
    assert (link.draft, link.record) == (draft, None)


def test_stranger_makes_no_link(closed, reader) -> None:
    with pytest.raises(NotAllowed):
        services.make_link(of=closed, kind=SecretLink.Kind.FILES, by=reader)


# -- requests


def test_granted_request_lets_in_until_it_ends(closed, reader, depositor) -> None:
    asked, secret = services.request_access(record=closed, by=reader, message="For my thesis.")
    assert not rules.can_read_files(reader, closed)
    services.answer_request(asked=asked, grant=True, by=depositor, days=10, answer="Good luck.")
    assert [rules.can_read_files(who, closed) for who in (reader, bearer(secret), ANONYMOUS)] == [True, True, False]
    AccessRequest.objects.update(expires_at=timezone.now())
    assert not rules.can_read_files(reader, closed)


def test_refused_after_all(closed, reader, depositor) -> None:
    asked, _ = services.request_access(record=closed, by=reader, message="For my thesis.")
    asked = services.answer_request(asked=asked, grant=True, by=depositor)
    services.answer_request(asked=asked, grant=False, by=depositor)
    assert not rules.can_read_files(reader, closed)


def test_asking_twice_is_one_request(closed, reader) -> None:
    first, one = services.request_access(record=closed, by=reader, message="First words.")
    second, two = services.request_access(record=closed, by=reader, message="Better words.")
    assert (first.pk, second.message, two) == (second.pk, "Better words.", first.pk)
    for address, by in ((one, ANONYMOUS), (one, reader), (two, reader)):  # the address that was told first goes on
        assert services.asking.asked_at(address, by) == first
    assert services.asking.asked_at(two, ANONYMOUS) is None
    assert Event.objects.filter(type="access.requested").count() == 1


def test_guest_says_who_they_are(closed) -> None:
    with pytest.raises(Invalid) as refused:
        services.request_access(record=closed, by=ANONYMOUS, message=" ", name="", email="x")
    assert [error.pointer for error in refused.value.errors] == ["/message", "/name", "/email"]
    for number in range(2):
        services.request_access(
            record=closed, by=ANONYMOUS, message="Please.", name="Ann", email=f"ann{number}@example.org"
        )
    assert AccessRequest.objects.filter(by=None).count() == 2


def test_open_files_need_no_request(record, reader) -> None:
    with pytest.raises(Conflict) as refused:
        services.request_access(record=record, by=reader, message="Please.")
    assert refused.value.code == "files-open"


def test_taken_back_what_was_written_is_erased(closed, reader, depositor) -> None:
    asked, secret = services.request_access(record=closed, by=reader, message="Please.")
    services.answer_request(asked=asked, grant=True, by=depositor, answer="Yes.")
    services.take_request_back(asked=asked)
    assert (asked.message, asked.answer, asked.state) == ("", "", "withdrawn")
    assert not rules.can_read_files(bearer(secret), closed)
    with pytest.raises(Conflict):
        services.answer_request(asked=asked, grant=True, by=depositor)


# -- holds and retention


def test_nothing_is_taken_away_under_a_hold(record, curator, depositor) -> None:
    for _ in range(2):
        services.place_hold(record=record, reason="A lawsuit.", by=curator)
    with pytest.raises(Conflict) as refused:
        services.withdraw(record=record, reason="Wrong.", by=curator)
    assert refused.value.code == "held"
    with pytest.raises(NotAllowed):
        services.lift_hold(record=record, by=depositor)
    for _ in range(2):
        services.lift_hold(record=record, by=curator)
    services.withdraw(record=record, reason="Wrong.", by=curator)
    assert Event.objects.filter(type="curation.held").count() == 2


def test_hold_needs_a_reason(record, curator) -> None:
    with pytest.raises(Invalid):
        services.place_hold(record=record, reason=" ", by=curator)


def test_retention_is_set_by_who_keeps_the_space(record, curator, make_actor) -> None:
    with pytest.raises(NotAllowed):
        services.retain(record=record, until=date(2036, 4, 1), by=make_actor("other", Role.DEPOSITOR))
    services.retain(record=record, until=date(2036, 4, 1), by=curator)
    record.concept.refresh_from_db()
    assert record.concept.retain_until == date(2036, 4, 1)
    assert Event.objects.get(type="curation.retained").payload == {"until": "2036-04-01"}


def test_draft_is_not_published_with_an_embargo_that_is_over(draft, depositor, fill) -> None:
    fill(draft, depositor)
    draft.metadata["access"] = embargo(days=-1).model_dump(mode="json", exclude_none=True)
    draft.save()
    with pytest.raises(Invalid) as refused:
        services.publish(draft=draft, by=depositor, at_version=draft.version)
    assert (refused.value.code, refused.value.errors[0].pointer) == ("embargo-over", "/access/until")
