"""The operators' page of methods: measures, proofs, withdrawing a method and taking that back."""

import pytest
from django.urls import reverse
from lxml import html

from shirushi.accounts.models import Membership, Role, Space, User
from shirushi.core import ranking, services
from shirushi.describe.description import Description
from shirushi.describe.evidence import Evidence, LinePlace, Suggestion

pytestmark = pytest.mark.django_db
SEEN = (Evidence("heading", {"text": "x", "level": 1}, LinePlace("README.md", 1, 1), "markdown/1"),)


@pytest.fixture
def operator(client, curator):
    Membership.objects.create(space=Space.objects.get(), user_id=curator.user_id, role=Role.OPERATOR)
    client.force_login(User.objects.get(pk=curator.user_id))
    client.cookies["shirushi_language"] = "en"
    return client


@pytest.fixture
def drafts(curator):
    """Three drafts with a title and a keyword each; the first title was accepted, the second rejected."""
    made = []
    for number, action in enumerate(("accept", "reject", None)):
        draft = services.create_draft(space=Space.objects.get(), by=curator, name=f"d{number}")
        services.put_file(draft=draft, path="README.md", content=b"# x\n", by=curator)
        run = services.start_describing(draft=draft, by=curator)
        proposals = [
            Suggestion("/titles/-", {"text": f"T{number}"}, 0.8, SEEN, "titles.test", "1"),
            Suggestion("/subjects/-", {"text": f"k{number}"}, 0.8, SEEN, "subjects.test", "2"),
        ]
        services.save_description(run=run, description=Description("x", suggestions=proposals, file_count=1))
        draft.refresh_from_db()
        if action:
            title = draft.suggestions.get(field="titles")
            services.decide(suggestion=title, action=action, by=curator, at_version=draft.version)
        made.append(draft)
    return made


def page(response):
    return html.fromstring(response.content.decode())


def test_page_is_for_operators_alone(client, curator) -> None:
    assert client.get("/methods").status_code == 302
    client.force_login(User.objects.get(pk=curator.user_id))
    assert client.get("/methods").status_code == 404
    assert client.post("/methods", {"method": "titles.test", "reason": "x"}).status_code == 404


def test_account_leads_operators_there(client, operator, curator) -> None:
    assert page(operator.get("/account")).xpath("//a[@href='/methods']")
    Membership.objects.filter(role=Role.OPERATOR).delete()
    assert not page(operator.get("/account")).xpath("//a[@href='/methods']")


def test_empty_house_says_so(operator) -> None:
    text = page(operator.get("/methods")).text_content()
    assert "Nothing has been proposed here yet." in text
    assert "It is not offered" in text


def test_measures_and_proofs_are_shown(operator, drafts) -> None:
    proof = {"threshold": 0.95, "judged": 300, "wrong": 2, "bound": 0.03, "field": "titles"}
    ranking.write("ranking", {"proofs": [proof], "model": {"methods": {}, "weights": {}, "prior": {}, "winner": {}}})
    shown = page(operator.get("/methods"))
    titles = shown.xpath("//section[h2='Title']")[0].text_content()
    assert "1 of 2 judged values were right" in titles
    assert "Nobody has judged it yet." in shown.xpath("//section[h2='Keywords']")[0].text_content()
    assert [cell.text for cell in shown.xpath("//tbody//td")] == ["0.95", "300", "2", "3.0\u00a0%"]
    assert [cell.text for cell in shown.xpath("//tbody//th")] == ["Title"]
    assert "It is offered for these fields" in shown.text_content()


def test_method_is_withdrawn_with_a_reason_and_comes_back(operator, drafts) -> None:
    refused = operator.post("/methods", {"method": "titles.test", "reason": "  "})
    assert refused.status_code == 422
    (asked_again,) = page(refused).xpath("//details[@open]//input[@aria-invalid='true']")
    assert asked_again.get("autofocus") is not None  # far down the page: who sent nothing is led there
    done = page(operator.post("/methods", {"method": "titles.test", "reason": "It takes file names."}))
    assert "titles.test proposes nothing any more; 1 open suggestion was taken back." in done.text_content()
    second_look = done.xpath("//section[@aria-labelledby='second-look']//a/@href")
    assert second_look == [reverse("draft-review", args=[drafts[0].pk])]
    (undo,) = done.xpath("//section[@aria-labelledby='second-look']//form[.//button[@name='restore']]")
    assert undo.xpath("input[@name='method']/@value") == ["titles.test"]
    shown = page(operator.get("/methods"))
    assert "Withdrawn: It takes file names." in shown.text_content()
    operator.post("/methods", {"method": "titles.test", "restore": "1"})
    assert drafts[2].suggestions.get(field="titles").state == "open"
    assert "Withdrawn:" not in page(operator.get("/methods")).text_content()


def test_unknown_method_is_not_found(operator, drafts) -> None:
    assert operator.post("/methods", {"method": "titles.nothing", "reason": "x"}).status_code == 404
