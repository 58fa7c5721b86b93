"""A field as a form: what was typed is kept, whatever comes between."""

from django.urls import reverse

from shirushi.accounts.actors import person
from shirushi.core import services
from shirushi.systems.repository.tests.drafts.made import PROPOSALS, page_of


def test_edit_of_a_suggestion_takes_it_with_the_change(client, make_draft):
    draft = make_draft(*PROPOSALS)
    suggestion = draft.suggestions.get(field="creators")
    address = reverse("draft-edit", args=[draft.pk, "creators"])
    form = page_of(client.get(address, {"suggestion": suggestion.pk}))
    assert form.xpath("string(//input[@name='/creators/0/name']/@value)") == "Yamada, Hanako"
    data = {"suggestion": suggestion.pk, "at_version": draft.version, "/creators/0/name": "Yamada, H."}
    assert client.post(address, data).status_code == 302
    suggestion.refresh_from_db()
    draft.refresh_from_db()
    assert (suggestion.state, draft.metadata["creators"][0]["name"]) == ("edited", "Yamada, H.")


def test_edit_keeps_what_was_typed_when_it_is_wrong_or_late(client, make_draft):
    draft = make_draft()
    address = reverse("draft-edit", args=[draft.pk, "publication_date"])
    wrong = client.post(address, {"at_version": draft.version, "/publication_date": "last week"})
    assert wrong.status_code == 422
    assert page_of(wrong).xpath("string(//input[@name='/publication_date']/@value)") == "last week"
    late = client.post(address, {"at_version": draft.version - 1, "/publication_date": "2026-11-23"})
    assert late.status_code == 409
    assert page_of(late).xpath("string(//input[@name='/publication_date']/@value)") == "2026-11-23"
    assert page_of(late).xpath("string(//input[@name='at_version']/@value)") == str(draft.version)


def test_edit_of_an_empty_list_opens_with_an_entry_to_type_into(client, make_draft):
    draft = make_draft()
    address = reverse("draft-edit", args=[draft.pk, "creators"])
    form = page_of(client.get(address))
    assert form.xpath("//input[@name='/creators/0/name']/@autofocus") == [""]
    assert form.xpath("//*[@name='/creators/1/name']") == []
    assert client.post(address, {"at_version": draft.version, "/creators/0/name": ""}).status_code == 302


def test_edit_keeps_the_version_that_was_seen_when_the_form_is_drawn_again(client, make_draft, hanako):
    draft = make_draft()
    services.edit_field(draft=draft, field="version", value="2", by=person(hanako), at_version=draft.version)
    address = reverse("draft-edit", args=[draft.pk, "creators"])
    typed = {"at_version": draft.version - 1, "/creators/0/name": "Yamada"}
    again = page_of(client.post(address, typed | {"_add": "/creators"}))
    assert again.xpath("string(//input[@name='at_version']/@value)") == str(draft.version - 1)


def test_edit_puts_back_what_was_typed_and_says_that_it_is_not_saved(client, make_draft):
    draft = make_draft()
    address = reverse("draft-edit", args=[draft.pk, "creators"])
    typed = {"at_version": draft.version, "/creators/0/name": "Yamada", "/creators/1/name": "鈴木", "_put_back": "1"}
    page = page_of(client.post(address, typed))
    assert page.xpath("//input[contains(@name, '/name') and @type='text']/@value")[:2] == ["Yamada", "鈴木"]
    assert "It is not saved yet." in page.text_content()
    assert page.xpath("//form[@data-typed]/@data-keep") == [f"{draft.pk}/creators"]
    draft.refresh_from_db()
    assert "creators" not in draft.metadata


def test_edit_of_a_suggestion_says_what_was_saved_so_that_it_is_no_longer_kept(client, make_draft):
    draft = make_draft(*PROPOSALS)
    suggestion = draft.suggestions.get(field="creators")
    address = f"{reverse('draft-edit', args=[draft.pk, 'creators'])}?suggestion={suggestion.pk}"
    form = page_of(client.get(address)).xpath("//form[@data-keep]")[0]
    assert (form.get("action"), form.get("data-keep")) == (address, f"{draft.pk}/creators/{suggestion.pk}")
    data = {"suggestion": suggestion.pk, "at_version": draft.version, "/creators/0/name": "Yamada, H."}
    page = page_of(client.post(address, data, follow=True))
    assert page.xpath("//*[@data-saved]/@data-saved") == [form.get("data-keep")]
    assert "Saved: Creators" in page.xpath("string(//*[@data-saved])")


def test_edit_of_a_field_that_does_not_exist_is_not_found(client, make_draft):
    assert client.get(reverse("draft-edit", args=[make_draft().pk, "colour"])).status_code == 404
