"""Who sees the pages of a draft, and what becomes of those who do not."""

import pytest
from django.test import Client
from django.urls import reverse

from shirushi.accounts.models import Membership, Role, User
from shirushi.systems.repository.tests.drafts.made import PROPOSALS, decide, form_of


def test_draft_of_somebody_else_does_not_exist_for_me(client, make_draft, space):
    draft = make_draft(*PROPOSALS)
    other = User.objects.create_user("taro@example.org", None, name="Taro")
    Membership.objects.create(space=space, user=other, role=Role.DEPOSITOR)
    client.force_login(other)
    for name in ("draft-review", "draft-reading", "draft-files", "draft-publish"):
        assert client.get(reverse(name, args=[draft.pk])).status_code == 404
    assert decide(client, draft).status_code == 404


@pytest.mark.parametrize("name", ["decide", "accept-all", "undo", "read-again"])
def test_address_that_only_takes_forms_leads_to_the_draft(client, make_draft, name):
    draft = make_draft()
    assert client.get(reverse(f"draft-{name}", args=[draft.pk])).url == reverse("draft-review", args=[draft.pk])


def test_session_that_is_over_asks_htmx_to_sign_in_and_come_back(client, make_draft):
    draft = make_draft(*PROPOSALS)
    client.logout()
    here = reverse("draft-review", args=[draft.pk])
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{here}"}
    answers = [
        decide(client, draft, **headers),
        client.post(reverse("draft-accept-all", args=[draft.pk]), headers=headers),
        client.post(reverse("draft-undo", args=[draft.pk]), headers=headers),
        client.get(reverse("draft-place", args=[draft.pk, draft.suggestions.first().pk]), headers=headers),
        client.get(reverse("draft-reading", args=[draft.pk]), headers=headers),
    ]
    assert {answer.headers.get("HX-Redirect") for answer in answers} == {f"/sign-in?next={here}"}


def test_no_page_of_drafts_is_shown_to_a_stranger(client, make_draft):
    draft = make_draft()
    client.logout()
    for name, args in (("drop", []), ("drafts", []), ("draft-review", [draft.pk])):
        response = client.get(reverse(name, args=args))
        assert (response.status_code, response.url.partition("?")[0]) == (302, reverse("sign-in"))


def test_form_without_its_token_is_refused(hanako, make_draft):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(hanako)
    for address in (reverse("drop"), reverse("draft-files", args=[make_draft().pk])):
        assert form_of(strict, ("a.csv", b"1"), address=address).status_code == 403
