"""Who may do what: every action for every kind of actor, as one table."""

from dataclasses import replace

import pytest

from shirushi.accounts.actors import ANONYMOUS, SYSTEM, Actor
from shirushi.accounts.models import Space
from shirushi.core import rules
from shirushi.core.errors import NotAllowed

pytestmark = pytest.mark.django_db

ACTIONS = (
    "create-draft",
    "see-draft",
    "fill-draft",
    "decide",
    "publish",
    "discard",
    "new-version",
    "withdraw",
    "operate",
)
# one letter for each of ACTIONS, "." where it is refused
MATRIX = {
    "owner": "csfdpxn..",
    "other depositor": "c........",
    "curator": "csfdpxnw.",
    "operator": "csfdpxnwo",
    "curator of the space above": "csfdpxnw.",
    "curator of another space": ".........",
    "owner who lost the role": ".........",
    "person without roles": ".........",
    "anonymous": ".........",
    "system": "csfdpxnwo",
    "owner's agent": "csf...n..",
    "operator's agent": "csf...n..",
    "owner's token to read": ".s.......",
    "owner's token to deposit": "c.f..xn..",
    "owner's token to decide": "...d.....",
    "owner's token to publish": "....p....",
    "operator's token to operate": "........o",
    "curator's token to publish": "....p..w.",
}


@pytest.fixture
def actors(space, make_actor, depositor, curator) -> dict[str, Actor]:
    elsewhere = Space.objects.create(slug="other", name_en="Other", name_ja="別")
    above = Space.objects.create(slug="above", name_en="Above", name_ja="上")
    space.parent = above
    space.save()
    operator = make_actor("op", "operator")

    def token(actor: Actor, *scopes: str) -> Actor:
        return replace(actor, scopes=frozenset(scopes))

    return {
        "owner": depositor,
        "other depositor": make_actor("other", "depositor"),
        "curator": curator,
        "operator": operator,
        "curator of the space above": make_actor("high", "curator", where=above),
        "curator of another space": make_actor("far", "curator", where=elsewhere),
        "owner who lost the role": replace(depositor, roles={}),
        "person without roles": make_actor("nobody"),
        "anonymous": ANONYMOUS,
        "system": SYSTEM,
        "owner's agent": replace(depositor, agent="a/1"),
        "operator's agent": replace(operator, agent="a/1"),
        "owner's token to read": token(depositor, "read"),
        "owner's token to deposit": token(depositor, "deposit"),
        "owner's token to decide": token(depositor, "decide"),
        "owner's token to publish": token(depositor, "publish"),
        "operator's token to operate": token(operator, "operate"),
        "curator's token to publish": token(curator, "publish"),
    }


def test_every_action_for_every_actor(actors, space, record) -> None:
    draft = record.draft
    subjects = {"create-draft": space, "operate": space, "new-version": record, "withdraw": record}
    letters = "csfdpxnwo"
    found = {}
    for name, actor in actors.items():
        allowed = []
        for action, letter in zip(ACTIONS, letters, strict=True):
            try:
                rules.require(actor, action, subjects.get(action, draft))
                allowed.append(letter)
            except NotAllowed:
                allowed.append(".")
        found[name] = "".join(allowed)
    assert found == MATRIX


def test_visible_drafts_are_those_that_can_be_seen(actors, draft) -> None:
    for name, actor in actors.items():
        assert rules.visible_drafts(actor).filter(pk=draft.pk).exists() == rules.can_see_draft(actor, draft), name


def test_spaces_to_deposit_in_are_those_where_drafts_can_be_made(actors, space) -> None:
    for name, actor in actors.items():
        listed = rules.spaces_to_deposit_in(actor).filter(pk=space.pk).exists()
        assert listed == rules.can_create_draft(actor, space), name


def test_refusal_tells_an_anonymous_visitor_to_sign_in(draft) -> None:
    with pytest.raises(NotAllowed) as refused:
        rules.require(ANONYMOUS, "see-draft", draft)
    assert (refused.value.code, refused.value.in_("ja")) == (
        "not-signed-in",
        "この下書きを見ることはできません。サインインしてください。",
    )
