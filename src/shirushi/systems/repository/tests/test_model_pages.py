"""Asking a language model: nothing leaves before consent, and what leaves is what was shown."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from shirushi.accounts.actors import person
from shirushi.accounts.models import Membership, Role, Space, User
from shirushi.core import jobs, services
from shirushi.core.home import home as current_home
from shirushi.core.models import Event, ModelCall
from shirushi.describe.llm.tests.conftest import Played, Player, player, value  # noqa: F401 - a fixture
from shirushi.describe.llm.tests.test_llm import says

README = b"# Hourly temperatures of Lake Biwa\n\nThese data were measured by Hanako Yamada. They cover 2019-04-01 to 2021-03-31.\n"


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Any) -> None:
    settings.SHIRUSHI_HOME = tmp_path / "home"
    settings.TASKS = {
        "default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend", "QUEUES": ["default", "asking"]}
    }
    current_home().make_folders()


@pytest.fixture
def hanako(db: None) -> User:
    space = Space.objects.create(slug="uni", name_en="Example University", name_ja="例大学")
    user = User.objects.create_user("hanako@example.org", None, name="Hanako")
    Membership.objects.create(space=space, user=user, role=Role.DEPOSITOR)
    return user


@pytest.fixture
def client(client: Client, hanako: User) -> Client:
    client.force_login(hanako)
    client.cookies["shirushi_language"] = "en"
    return client


def read_draft(hanako: User) -> Any:
    by = person(hanako)
    draft = services.create_draft(space=Space.objects.get(), by=by, name="biwa")
    services.put_file(draft=draft, path="README.md", content=README, by=by)
    run = services.start_describing(draft=draft, by=by)
    jobs.run_description(run.pk)
    draft.refresh_from_db()
    return draft


@pytest.fixture
def draft(hanako: User, settings: Any, player: Player) -> Any:  # noqa: F811
    settings.SHIRUSHI_LLM = player.endpoint(key="s3cret-key")
    player.play = lambda played, body: played.say(
        says(
            value("place", "Lake Biwa", "temperatures of Lake Biwa", "E1"),
            value("place", "Lake Superior", "temperatures of Lake Biwa", "E1"),
            value("title", "Temperatures of Lake Biwa", "temperatures of Lake Biwa", "E1"),
        )
    )
    return read_draft(hanako)


def fields(page: bytes) -> dict[str, str]:
    return {
        one.get("name"): one.get("value")
        for one in html.fromstring(page).xpath("//form[.//button[@name='consent']]//input")
    }


def test_without_a_model_nothing_of_it_shows(client: Client, hanako: User) -> None:
    draft = read_draft(hanako)
    assert b"language model" not in client.get(reverse("draft-review", args=[draft.pk])).content
    assert client.get(reverse("draft-model", args=[draft.pk])).status_code == 404
    assert draft.runs.get().excerpts == []


def test_what_is_shown_is_sent_only_after_consent(client: Client, draft: Any, player: Player) -> None:  # noqa: F811
    address = reverse("draft-model", args=[draft.pk])
    assert b"Ask a language model" in client.get(reverse("draft-review", args=[draft.pk])).content
    page = client.get(address).content
    assert player.requests == []
    shown = html.fromstring(page).xpath("string(//pre)")
    answer = client.post(address, {"digest": fields(page)["digest"], "consent": "1"})
    assert answer.status_code == 302
    (body,) = player.requests
    assert body["messages"][1]["content"] == shown
    call = ModelCall.objects.get()
    assert (call.state, call.digest, call.consented_by.name) == ("done", fields(page)["digest"], "Hanako")
    assert call.result["let_through"] == 2
    assert call.result["dropped"] == {"not-in-quote": 1}
    asked = Event.objects.get(type="draft.model-asked")
    assert asked.payload["excerpts_sha256"] == call.digest
    assert "s3cret" not in str(call.result) + str(list(Event.objects.values_list("payload", flat=True)))


def test_what_comes_back_is_marked_and_stands_behind(client: Client, draft: Any) -> None:
    client.post(reverse("draft-model", args=[draft.pk]), {"digest": digest(client, draft), "consent": "1"})
    place = draft.suggestions.get(field="locations")
    assert (place.value, place.method, place.alternative) == ({"place": "Lake Biwa"}, "locations.llm-quoted", False)
    assert place.method_version.startswith("tiny-7b#")
    title = draft.suggestions.get(field="titles", method__contains=".llm-")
    assert title.alternative
    page = client.get(reverse("draft-review", args=[draft.pk])).content.decode()
    assert "pointed at by a language model" in page
    assert "pointed at 3 values; 2 are borne out by its quotes, 2 are new." in page
    assert "not in the words it quoted" in page
    client.post(reverse("draft-model-take-back", args=[draft.pk]))
    assert set(draft.suggestions.filter(method__contains=".llm-").values_list("state", flat=True)) == {"withdrawn"}


def digest(client: Client, draft: Any, **posted: Any) -> str:
    address = reverse("draft-model", args=[draft.pk])
    page = client.post(address, posted) if posted else client.get(address)
    return fields(page.content)["digest"]


def test_an_excerpt_that_is_left_out_is_not_sent(client: Client, draft: Any, player: Player) -> None:  # noqa: F811
    address = reverse("draft-model", args=[draft.pk])
    refused = client.post(address, {"digest": digest(client, draft), "leave_out": ["E2"], "consent": "1"})
    assert refused.status_code == 409  # that text was not looked at
    assert "Nothing was sent: you left out something else than before." in refused.content.decode()
    assert player.requests == []
    seen = digest(client, draft, leave_out=["E2"], look="1")
    assert (
        client.post(address, {"digest": seen, "shown_without": "E2", "leave_out": ["E2"], "consent": "1"}).status_code
        == 302
    )
    assert "Hanako" not in player.requests[0]["messages"][1]["content"]


def test_a_model_that_fails_changes_nothing(client: Client, draft: Any, player: Player) -> None:  # noqa: F811
    def play(played: Played, body: dict[str, Any]) -> None:
        played.send(403, b"go away")

    player.play = play
    before = draft.suggestions.count()
    client.post(reverse("draft-model", args=[draft.pk]), {"digest": digest(client, draft), "consent": "1"})
    assert draft.suggestions.count() == before
    page = client.get(reverse("draft-review", args=[draft.pk])).content.decode()
    assert "The language model gave nothing that can be used. Nothing was changed. It refused the request." in page
    client.cookies["shirushi_language"] = "ja"
    page = client.get(reverse("draft-review", args=[draft.pk])).content.decode()
    assert "要求が受け付けられませんでした。" in page


def test_page_asks_until_the_model_has_answered(client: Client, draft: Any, settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "asking"]}}
    client.post(reverse("draft-model", args=[draft.pk]), {"digest": digest(client, draft), "consent": "1"})
    address = reverse("draft-model-status", args=[draft.pk])
    (shown,) = html.fromstring(client.get(reverse("draft-review", args=[draft.pk])).content).xpath("//*[@id='model']")
    assert shown.get("hx-get") == address
    jobs.ask_language_model.func(ModelCall.objects.get().pk)
    after = html.fromstring(client.get(address, headers={"HX-Request": "true"}).content)
    assert after.xpath("//@hx-get") == []
    assert "2 are borne out by its quotes" in after.text_content()
    assert after.xpath("//a[.='Show them']/@href") == [reverse("draft-review", args=[draft.pk])]
    assert client.get(address).url == reverse("draft-review", args=[draft.pk])


def test_a_whole_file_is_left_out_by_one_box(client: Client, draft: Any) -> None:
    page = client.post(reverse("draft-model", args=[draft.pk]), {"leave_out_file": ["README.md"], "look": "1"})
    shown = html.fromstring(page.content)
    boxes = shown.xpath("//input[@name='leave_out']")
    assert boxes
    assert all(box.get("checked") is not None for box in boxes)
    assert shown.xpath("string(//pre)").strip() == ""


def test_the_same_consent_twice_asks_once_more_only_when_over(client: Client, draft: Any, settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "asking"]}}
    seen = digest(client, draft)
    for _ in range(2):
        client.post(reverse("draft-model", args=[draft.pk]), {"digest": seen, "consent": "1"})
    assert ModelCall.objects.count() == 1
    assert b"is being asked" in client.get(reverse("draft-review", args=[draft.pk])).content


def test_others_may_not_send_it(draft: Any, db: None) -> None:
    other = User.objects.create_user("taro@example.org", None, name="Taro")
    client = Client()
    client.force_login(other)
    assert client.get(reverse("draft-model", args=[draft.pk])).status_code in (403, 404)


def test_field_kept_blank_is_not_filled_by_the_model_either(client: Client, draft: Any) -> None:
    draft.suggestions.filter(field="titles").update(state="held")
    client.post(reverse("draft-model", args=[draft.pk]), {"digest": digest(client, draft), "consent": "1"})
    assert draft.suggestions.get(field="titles", method__contains=".llm-").state == "held"
    assert draft.suggestions.get(field="locations", method__contains=".llm-").state == "open"
    page = client.get(reverse("draft-review", args=[draft.pk])).content.decode()
    assert "Temperatures of Lake Biwa" not in page
    assert "Take back its 2 open suggestions" in page
    client.post(reverse("draft-model-take-back", args=[draft.pk]))
    assert set(draft.suggestions.filter(method__contains=".llm-").values_list("state", flat=True)) == {"withdrawn"}


def test_page_stops_asking_when_the_asking_breaks_down(client: Client, draft: Any, monkeypatch: Any) -> None:
    def break_down(*_: Any) -> None:
        raise RuntimeError("no such thing")

    monkeypatch.setattr(services.modelling, "ask_model", break_down)
    client.post(reverse("draft-model", args=[draft.pk]), {"digest": digest(client, draft), "consent": "1"})
    assert ModelCall.objects.get().state == "failed"
    status = client.get(reverse("draft-model-status", args=[draft.pk]), headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in status
    assert "gave nothing that can be used" in status


def test_model_that_was_replaced_meanwhile_is_told_in_the_readers_language(client: Client, draft: Any) -> None:
    client.post(reverse("draft-model", args=[draft.pk]), {"digest": digest(client, draft), "consent": "1"})
    ModelCall.objects.update(host="elsewhere.example", state="queued")
    services.modelling.carry_out(ModelCall.objects.get().pk)
    client.cookies["shirushi_language"] = "ja"
    page = client.get(reverse("draft-review", args=[draft.pk])).content.decode()
    assert "言語モデルの設定が変わりました" in page
    assert "No language model" not in page
