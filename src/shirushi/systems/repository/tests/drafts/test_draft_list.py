"""The list of drafts, those put away, and their names."""

import pytest
from django.urls import reverse

from shirushi.core.models import Draft
from shirushi.systems.repository.tests.drafts.made import PROPOSALS, page_of


@pytest.mark.parametrize("number", [1, 3])
def test_list_of_drafts_asks_a_fixed_number_of_queries(client, make_draft, django_assert_num_queries, number):
    for n in range(number):
        make_draft(*PROPOSALS, name=f"folder {n}")
    with django_assert_num_queries(7):
        page = page_of(client.get(reverse("drafts")))
    assert len(page.xpath("//article")) == number
    assert "4 suggestions to decide" in page.xpath("string(//article)")


def test_draft_put_away_is_taken_up_again(client, make_draft):
    draft = make_draft(*PROPOSALS)
    address = reverse("draft-discard", args=[draft.pk])
    assert client.post(address).url == address
    assert "was put away" in client.get(address).content.decode()
    assert "This draft was put away." in client.get(reverse("draft-review", args=[draft.pk])).content.decode()
    client.post(address, {"restore": "1"})
    draft.refresh_from_db()
    assert draft.state == "open"
    assert client.get(address).url == reverse("draft-review", args=[draft.pk])


def test_name_of_a_draft_cannot_disturb_the_page(client, make_draft):
    draft = make_draft(name="sea\u202etxt\nfolder")
    assert draft.name == "seatxt folder"
    draft.metadata["titles"] = [{"text": "sea \u202etxt"}]
    draft.save()
    for name, args in (("drafts", []), ("home", []), ("draft-review", [draft.pk]), ("draft-files", [draft.pk])):
        text = client.get(reverse(name, args=args)).content.decode()
        assert "\u202e" not in text
        assert "<bdi>sea \\u202etxt</bdi>" in text


def test_drafts_put_away_are_listed_and_taken_up_again(client, make_draft):
    kept, away = make_draft(name="kept"), make_draft(name="away")
    client.post(reverse("draft-discard", args=[away.pk]))
    assert page_of(client.get(reverse("drafts"))).xpath("//article//h2/a/bdi/text()") == ["kept"]
    page = page_of(client.get(reverse("drafts"), {"state": "discarded"}))
    assert page.xpath("//article//h2/a/bdi/text()") == ["away"]
    form = page.xpath("//article//form")[0]
    client.post(form.get("action"), {"restore": form.xpath("string(.//button/@value)")})
    assert {draft.pk for draft in (kept, away)} == set(Draft.objects.filter(state="open").values_list("pk", flat=True))
