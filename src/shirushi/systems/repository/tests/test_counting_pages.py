"""The exact numbers that follow a reading, as the pages and the API tell of them."""

import pytest
from django.urls import reverse
from lxml import html

from shirushi.accounts.models import Space, User
from shirushi.core import services
from shirushi.core.models import ExactProfile
from shirushi.systems.repository import views_review
from shirushi.systems.repository.review_fields import field_views

pytestmark = pytest.mark.django_db

SAMPLED = "The numbers of large tables come from a sample so far."


@pytest.fixture
def client(client, curator):
    client.force_login(User.objects.get(pk=curator.user_id))
    client.cookies["shirushi_language"] = "en"
    return client


@pytest.fixture
def draft(curator):
    draft = services.create_draft(space=Space.objects.get(), by=curator, name="big")
    services.put_file(draft=draft, path="a.csv", content=b"t,sst\n1,2\n", by=curator)
    run = services.start_describing(draft=draft, by=curator)
    run.exact_profile = ExactProfile.objects.create(run=run, total=3, done=1, current_file="a.csv", state="running")
    return draft


def notice(client, draft, **headers):
    page = client.get(reverse("draft-review", args=[draft.pk]), headers=headers).content.decode()
    return html.fromstring(page).xpath("//*[@id='counting']")


def fragment(client, draft):
    answer = client.get(reverse("draft-counting", args=[draft.pk]), headers={"HX-Request": "true"})
    return html.fromstring(answer.content.decode())


def test_review_tells_how_far_it_is_and_asks_on(client, draft) -> None:
    (shown,) = notice(client, draft)
    assert SAMPLED in shown.text_content()
    assert "1 of 3 tables counted · a.csv" in shown.text_content()
    assert shown.get("hx-get") == reverse("draft-counting", args=[draft.pk])
    assert shown.xpath(".//progress/@aria-label") == ["Tables counted"]


def test_counting_that_ends_while_the_page_is_drawn_is_asked_for_again(client, draft, monkeypatch) -> None:
    def ending(*given):
        found = field_views(*given)
        ExactProfile.objects.update(state="done", done=3, renewed=12)
        return found

    monkeypatch.setattr(views_review, "field_views", ending)
    (shown,) = notice(client, draft)
    assert shown.get("hx-get")


def test_one_who_waits_is_told_when_it_is_done_and_asks_no_more(client, draft) -> None:
    ExactProfile.objects.update(state="done", done=3, renewed=12)
    shown = fragment(client, draft)
    assert "12 suggestions have exact numbers now." in shown.text_content()
    assert shown.xpath("//a/@href") == [reverse("draft-review", args=[draft.pk])]
    assert shown.xpath("//@hx-get") == []
    (later,) = notice(client, draft)
    assert later.text_content().strip() == ""


def test_failure_says_that_the_sample_stands(client, draft) -> None:
    ExactProfile.objects.update(state="failed", message="OSError: disk on fire")
    (shown,) = notice(client, draft)
    assert "could not be counted exactly" in shown.text_content()
    assert "disk on fire" in shown.text_content()


def test_counting_that_was_given_up_is_told_in_the_readers_language(client, draft) -> None:
    given_up = "Counting ended unexpectedly three times. The numbers stay those of the sample."
    ExactProfile.objects.update(state="failed", message=given_up)
    assert given_up in notice(client, draft)[0].text_content()
    client.cookies["shirushi_language"] = "ja"
    shown = notice(client, draft)[0].text_content()
    assert "集計が三度、途中で終わりました" in shown
    assert given_up not in shown


def test_outdated_or_absent_counting_shows_nothing(client, draft) -> None:
    ExactProfile.objects.update(state="outdated")
    assert notice(client, draft) == []
    assert fragment(client, draft).text_content().strip() == ""


def test_browser_without_scripts_is_led_to_the_review(client, draft) -> None:
    answer = client.get(reverse("draft-counting", args=[draft.pk]))
    assert answer.url == reverse("draft-review", args=[draft.pk])


def test_publishing_meanwhile_says_what_the_numbers_are(client, draft) -> None:
    page = client.get(reverse("draft-publish", args=[draft.pk])).content.decode()
    assert "their numbers are those of a sample and say so" in page


def test_api_tells_of_it(client, draft) -> None:
    told = client.get(f"/api/drafts/{draft.pk}/describe").json()
    assert told["exact"] == {"state": "running", "done": 1, "total": 3, "renewed": 0, "message": ""}
    ExactProfile.objects.all().delete()
    assert client.get(f"/api/drafts/{draft.pk}/describe").json()["exact"] is None
