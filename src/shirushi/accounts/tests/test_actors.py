"""Who an actor is: roles inherited down the spaces, tokens with scopes, agents."""

from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone

from shirushi.accounts.actors import ANONYMOUS, SYSTEM, actor_for_token, actor_of, address_of, person
from shirushi.accounts.models import Membership, Role, Space, Token, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return User.objects.create_user("Hanako@Example.AC.jp", "a-long-password", name="山田 花子")


@pytest.fixture
def university() -> Space:
    return Space.objects.create(slug="uni", name_en="University", name_ja="大学")


@pytest.fixture
def lab(university: Space) -> Space:
    return Space.objects.create(slug="lab", name_en="Lab", name_ja="研究室", kind="community", parent=university)


def test_email_is_kept_in_lower_case(user: User) -> None:
    assert User.objects.get_by_natural_key("HANAKO@example.ac.jp") == user


def test_role_in_a_space_holds_in_the_spaces_below(user: User, university: Space, lab: Space) -> None:
    Membership.objects.create(space=university, user=user, role=Role.CURATOR)
    Membership.objects.create(space=lab, user=user, role=Role.DEPOSITOR)
    assert person(user).roles == {university.pk: frozenset({"curator"}), lab.pk: frozenset({"curator", "depositor"})}


def test_role_in_a_space_does_not_hold_above(user: User, university: Space, lab: Space) -> None:
    Membership.objects.create(space=lab, user=user, role=Role.CURATOR)
    assert person(user).spaces_with("curator") == [lab.pk]


def test_spaces_in_a_loop_do_not_hang(user: User, university: Space, lab: Space) -> None:
    Space.objects.filter(pk=university.pk).update(parent=lab)
    Membership.objects.create(space=lab, user=user, role=Role.CURATOR)
    assert person(user).spaces_with("curator") == [university.pk, lab.pk]


def test_token_gives_its_person_with_its_scopes(user: User) -> None:
    _, secret = Token.objects.issue(user=user, name="laptop", scopes=["deposit", "read"])
    actor = actor_for_token(secret)
    assert (actor.user_id, actor.kind, actor.scopes) == (user.pk, "person", frozenset({"deposit", "read"}))


def test_token_of_an_agent_acts_on_behalf_of_its_person(user: User) -> None:
    _, secret = Token.objects.issue(user=user, name="helper", scopes=["deposit"], agent="sorter/1")
    actor = actor_for_token(secret)
    assert actor.to_json() == {"kind": "agent", "user": user.pk, "agent": "sorter/1", "on_behalf_of": user.pk}


def test_secret_of_a_token_is_not_stored(user: User) -> None:
    token, secret = Token.objects.issue(user=user, name="laptop", scopes=["read"])
    assert secret not in str(vars(token))


@pytest.mark.parametrize(
    "change",
    [
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"revoked_at": timezone.now()},
    ],
)
def test_token_that_is_over_gives_nobody(user: User, change: dict) -> None:
    token, secret = Token.objects.issue(user=user, name="laptop", scopes=["read"])
    Token.objects.filter(pk=token.pk).update(**change)
    assert actor_for_token(secret) is None


def test_token_with_an_unknown_scope_is_refused(user: User) -> None:
    with pytest.raises(ValueError, match="no such scope: everything"):
        Token.objects.issue(user=user, name="laptop", scopes=["everything"])


def test_request_with_a_wrong_token_is_anonymous_even_in_a_session(user: User) -> None:
    request = RequestFactory().get("/", headers={"Authorization": "Bearer wrong"})
    request.user = user
    assert actor_of(request) is ANONYMOUS


def test_request_of_a_session_gives_the_person(user: User) -> None:
    request = RequestFactory().get("/")
    request.user = user
    assert actor_of(request).user_id == user.pk


def test_erased_user_keeps_only_a_number(user: User) -> None:
    _, secret = Token.objects.issue(user=user, name="laptop", scopes=["read"])
    user.erase()
    user.refresh_from_db()
    assert (user.name, user.email, user.is_active) == ("", f"erased-{user.pk}@invalid", False)
    assert actor_for_token(secret) is None


def test_system_has_every_role() -> None:
    assert SYSTEM.has_role(1, "operator")
    assert not ANONYMOUS.has_role(1, "depositor", "curator", "operator")


def test_roles_of_a_person_take_two_queries(user: User, lab: Space, django_assert_num_queries) -> None:
    Membership.objects.create(space=lab, user=user, role=Role.CURATOR)
    with django_assert_num_queries(2):
        person(user)


def test_use_of_a_token_is_noted_now_and_then(user: User, django_assert_num_queries) -> None:
    token, secret = Token.objects.issue(user=user, name="laptop", scopes=["read"])
    actor_for_token(secret)
    token.refresh_from_db()
    assert token.last_used_at is not None
    with django_assert_num_queries(2):  # the token and its person, their roles: nothing is written
        actor_for_token(secret)


def test_wrong_use_of_a_token_is_not_noted(user: User) -> None:
    token, secret = Token.objects.issue(user=user, name="laptop", scopes=["read"])
    token.revoke()
    actor_for_token(secret)
    token.refresh_from_db()
    assert token.last_used_at is None


@pytest.mark.parametrize(
    ("near", "forwarded", "address"),
    [
        ("8.8.4.4", "", "8.8.4.4"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"),
        ("8.8.8.8", "203.0.113.9", "8.8.8.8"),
        ("", "203.0.113.9", "203.0.113.9"),
        ("", "", ""),
    ],
)
def test_address_behind_a_proxy_is_the_one_that_it_saw(rf, near, forwarded, address):
    request = rf.get("/", REMOTE_ADDR=near, HTTP_X_FORWARDED_FOR=forwarded)
    assert address_of(request) == address
