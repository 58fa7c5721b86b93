"""Decisions on the review: taken, refused when they come too late, and taken back."""

import pytest
from django.urls import reverse
from lxml import html

from shirushi.accounts.actors import person
from shirushi.core import services
from shirushi.describe.description import Description
from shirushi.systems.repository.tests.drafts.made import PROPOSALS, TITLE, decide, page_of, proposal


def test_many_suggestions_of_a_field_are_accepted_together_and_those_of_others_stay(client, make_draft):
    words = [proposal("/subjects/-", {"text": f"word {n}"}, order=n) for n in range(4)]
    draft = make_draft(TITLE, *words)
    page = page_of(client.get(reverse("draft-review", args=[draft.pk])))
    (form,) = page.xpath("//section[@id='field-subjects']//form[.//input[@name='field']]")
    assert form.xpath("string(.//button)") == "Accept the 4 sure or likely here"
    assert page.xpath("//section[@id='field-titles']//form[.//input[@name='field']]") == []
    sent = {"above": "likely", "at_version": draft.version, "field": "subjects"}
    client.post(form.get("action"), sent)
    draft.refresh_from_db()
    assert len(draft.metadata["subjects"]) == 4
    assert "titles" not in draft.metadata
    assert client.post(form.get("action"), {**sent, "field": "nonsense"}).status_code == 404


def test_decision_without_scripts_leads_back_to_its_field(client, make_draft):
    draft = make_draft(*PROPOSALS)
    response = decide(client, draft)
    assert (response.status_code, response.url) == (302, f"/drafts/{draft.pk}#field-titles")
    draft.refresh_from_db()
    assert draft.metadata["titles"] == [{"text": "Sea surface temperature"}]


def test_decision_by_htmx_gives_the_left_side_at_its_new_version(client, make_draft):
    draft = make_draft(*PROPOSALS)
    response = decide(client, draft, "reject", **{"HX-Request": "true"})
    fragment, news = html.fragments_fromstring(response.content.decode())
    assert (fragment.get("id"), news.get("id"), news.text_content().strip()) == ("review", "news", "")
    assert set(fragment.xpath("//input[@name='at_version']/@value")) == {str(draft.version + 1)}


def test_decision_on_an_old_version_changes_nothing_and_says_so(client, make_draft):
    draft = make_draft(*PROPOSALS)
    version = draft.version
    decide(client, draft, "reject")
    late = decide(client, draft, "accept", field="creators", at_version=version)
    assert late.status_code == 409
    assert "Somebody changed this draft" in page_of(late).xpath("string(//*[@role='alert'])")
    draft.refresh_from_db()
    assert draft.metadata.get("creators") is None


def test_news_by_htmx_is_put_where_the_person_is_looking(client, make_draft):
    draft = make_draft(*PROPOSALS)
    version = draft.version
    decide(client, draft, "reject")
    late = decide(client, draft, "accept", field="creators", at_version=version, **{"HX-Request": "true"})
    review, news = html.fragments_fromstring(late.content.decode())
    assert (late.status_code, news.get("id"), news.get("hx-swap-oob")) == (200, "news", "innerHTML")
    told = news.xpath("string(.//*[@role='alert'])")
    assert "You now see the draft as it is" in told
    assert "Reload" not in told
    assert review.xpath(".//*[@role='alert']") == []


def test_undo_is_offered_only_while_there_is_something_to_undo(client, make_draft):
    draft = make_draft(*PROPOSALS)
    address = reverse("draft-review", args=[draft.pk])
    button = "//form[@data-undo]/button"
    assert page_of(client.get(address)).xpath(f"{button}/@disabled") == ["disabled"]
    decide(client, draft)
    assert page_of(client.get(address)).xpath(f"{button}/@disabled") == []


def test_nothing_to_undo_is_said_as_no_fault(client, make_draft):
    draft = make_draft(*PROPOSALS)
    data, headers = {"at_version": draft.version}, {"HX-Request": "true"}
    answer = client.post(reverse("draft-undo", args=[draft.pk]), data, headers=headers)
    _review, news = html.fragments_fromstring(answer.content.decode())
    assert news.xpath("string(.//*[@role='status']/p)") == "There is nothing left to undo."
    assert news.xpath(".//*[@role='alert']") == []


@pytest.mark.parametrize("wanted", ["", "abc", "-1", "9" * 30, "999999"])
def test_decision_on_no_suggestion_is_not_found(client, make_draft, wanted):
    draft = make_draft(*PROPOSALS)
    data = {"suggestion": wanted, "action": "accept", "at_version": draft.version}
    assert client.post(reverse("draft-decide", args=[draft.pk]), data).status_code == 404


def test_accept_all_above_is_undone_together(client, make_draft):
    draft = make_draft(*PROPOSALS)
    client.post(reverse("draft-accept-all", args=[draft.pk]), {"above": "likely", "at_version": draft.version})
    draft.refresh_from_db()
    assert (len(draft.metadata["titles"]), len(draft.metadata["creators"])) == (1, 1)
    client.post(reverse("draft-undo", args=[draft.pk]), {"at_version": draft.version})
    draft.refresh_from_db()
    assert (draft.metadata.get("titles"), draft.metadata.get("creators")) == (None, None)
    again = client.post(reverse("draft-undo", args=[draft.pk]), {"at_version": draft.version}, follow=True)
    assert "nothing left to undo" in again.content.decode()


def test_field_kept_blank_shows_its_suggestions_when_asked(client, hanako, space, settings):
    settings.SHIRUSHI_BLANK_SHARE = 1.0
    draft = services.create_draft(space=space, by=person(hanako), name="x")
    services.put_file(draft=draft, path="README.md", content=b"# Sea\n", by=person(hanako))
    run = services.start_describing(draft=draft, by=person(hanako), blank=1.0)
    services.save_description(run=run, description=Description("x", suggestions=[TITLE], file_count=1))
    address = reverse("draft-review", args=[draft.pk])
    page = client.get(address).content.decode()
    assert "what stands there" not in page
    assert "keep our suggestions back" in page
    (button,) = html.fromstring(page).xpath("//form[contains(@action, '/show/titles')]//button")
    assert button.get("aria-describedby") == "label-titles"
    assert "split" not in button.xpath("ancestor::div[1]/@class")[0]  # beside the text it is a letter wide
    draft.refresh_from_db()
    answer = client.post(
        reverse("draft-show-held", args=[draft.pk, "titles"]), {"at_version": draft.version}, follow=True
    )
    assert "what stands there" in answer.content.decode()
    assert "keep our suggestions back" not in answer.content.decode()
    assert client.post(reverse("draft-show-held", args=[draft.pk, "nothing"]), {"at_version": 1}).status_code == 404


def test_automatic_accepting_is_offered_only_when_proven(client, make_draft, settings):
    draft = make_draft(TITLE)
    from shirushi.core import ranking

    address = reverse("draft-review", args=[draft.pk])
    assert "automatically" not in client.get(address).content.decode()
    proof = {"threshold": 0.95, "judged": 300, "wrong": 2, "bound": 0.03, "field": "titles"}
    other = {"threshold": 0.5, "judged": 300, "wrong": 90, "bound": 0.4, "field": "creators"}
    ranking.write(
        "ranking", {"proofs": [other, proof], "model": {"methods": {}, "weights": {}, "prior": {}, "winner": {}}}
    )
    page = client.get(address).content.decode()
    assert "Accept 1 automatically" in page
    assert "at most 5\u00a0% of values so sure are wrong" in page
    draft.refresh_from_db()
    client.post(reverse("draft-accept-all", args=[draft.pk]), {"at_version": draft.version, "above": "safe"})
    draft.refresh_from_db()
    assert draft.metadata["titles"] == [{"text": "Sea surface temperature"}]
    settings.SHIRUSHI_ACCEPT_ERROR = 0.01
    assert "automatically" not in client.get(address).content.decode()
