"""What is asked before publishing, on the pages and over REST: shown masked, answered by the depositor, refused until then."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from shirushi.accounts.models import Membership, Role, Space, Token, User
from shirushi.core import jobs, services
from shirushi.core.models import Answer, Event

pytestmark = pytest.mark.django_db

PEOPLE = "氏名,得点\n佐藤 花子,12\n鈴木 一郎,15\n高橋 健,9\n".encode()
KEY = "ghp_" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY1zA2"
SCRIPT = f"import api\nclient = api.connect(token='{KEY}')\n".encode()
SENTENCE = "This column looks like names of people: data/p.csv, column 氏名, 3 values"


@pytest.fixture
def client(client, curator):
    client.force_login(User.objects.get(pk=curator.user_id))
    client.cookies["shirushi_language"] = "en"
    return client


@pytest.fixture
def make(curator, fill):
    """A draft with these files, read and complete."""

    def run(files):
        draft = services.create_draft(space=Space.objects.get(), by=curator, name="people")
        for path, content in files.items():
            services.put_file(draft=draft, path=path, content=content, by=curator)
        fill(
            draft,
            titles=[{"text": "Scores"}],
            creators=[{"name": "Yamada, Hanako"}],
            descriptions=[{"text": "Scores of a test."}],
            rights=[{"id": "CC0-1.0"}],
        )
        jobs.run_description(services.start_describing(draft=draft, by=curator).pk)
        draft.refresh_from_db()
        return draft

    return run


def page_of(response):
    return html.fromstring(response.content.decode())


def publish(client, draft):
    return client.post(reverse("draft-publish", args=[draft.pk]), {"at_version": draft.version})


def question_id(page) -> str:
    return page.xpath("string(//*[@data-question]/@data-question)")


def test_review_asks_and_the_answer_lets_it_be_published(client, make) -> None:
    draft = make({"data/p.csv": PEOPLE})
    page = page_of(client.get(reverse("draft-review", args=[draft.pk])))
    assert page.xpath("string(//*[@data-question]/p[1])").strip() == SENTENCE
    (named_by,) = page.xpath("//*[@data-question]//*[@role='group']/@aria-labelledby")
    assert page.xpath(f"string(//*[@id='{named_by}'])").strip() == SENTENCE
    assert [b.get("value") for b in page.xpath("//*[@data-question]//button")] == [
        "not-personal",
        "consented",
        "remove",
        "restrict",
    ]
    refused = publish(client, draft)
    assert refused.status_code == 422
    assert page_of(refused).xpath("//*[@data-publish]") == []
    assert SENTENCE in refused.content.decode()
    answer = {"question": question_id(page), "answer": "consented"}
    address = reverse("draft-answer", args=[draft.pk])
    assert client.post(address, answer).url == f"{reverse('draft-review', args=[draft.pk])}#questions"
    page = page_of(client.get(reverse("draft-publish", args=[draft.pk])))
    assert "With consent, or anonymised" in page.xpath("string(//*[@data-question])")
    assert len(page.xpath("//*[@data-publish]")) == 1
    assert publish(client, draft).url.startswith("/records/")


def test_several_questions_about_one_file_are_answered_at_once(client, make) -> None:
    rows = "".join(f"佐藤 花子{n},taro{n}@gmail.com,090-1234-{1000 + n}\n" for n in range(12))
    draft = make({"data/p.csv": f"氏名,email,電話\n{rows}".encode(), "data/q.csv": PEOPLE})
    page = page_of(client.get(reverse("draft-review", args=[draft.pk])))
    (together,) = page.xpath("//form[@data-together]")
    asked = together.xpath(".//input[@name='question']/@value")
    assert len(asked) >= 2
    assert [button.get("value") for button in together.xpath(".//button")] == ["consented", "remove", "restrict"]
    address = reverse("draft-answer", args=[draft.pk])
    assert client.post(address, {"question": [*asked, "0" * 16], "answer": "consented"}).status_code == 409
    assert Answer.objects.count() == 0  # all or none
    client.post(address, {"question": asked, "answer": "consented"})
    assert {answer.path for answer in Answer.objects.all()} >= {"data/p.csv"}
    page = page_of(client.get(reverse("draft-review", args=[draft.pk])))
    assert page.xpath("//form[@data-together]") == []


def test_a_single_question_has_no_answer_for_all(client, make) -> None:
    page = page_of(client.get(reverse("draft-review", args=[make({"data/p.csv": PEOPLE}).pk])))
    assert page.xpath("//form[@data-together]") == []


def test_nothing_is_asked_where_nothing_was_seen(client, make) -> None:
    draft = make({"sst.csv": b"t,sst\n1,2\n"})
    for name in ("draft-review", "draft-publish"):
        assert page_of(client.get(reverse(name, args=[draft.pk]))).xpath("//*[@data-questions]") == []


def test_page_says_it_in_japanese(client, make) -> None:
    draft = make({"data/p.csv": PEOPLE})
    client.cookies["shirushi_language"] = "ja"
    shown = page_of(client.get(reverse("draft-review", args=[draft.pk]))).xpath("string(//*[@data-questions])")
    assert "この列は人の名前のようです：data/p.csv の列「氏名」（値 3 件）" in shown
    assert "本人の同意がある・匿名化済み" in shown


def test_viewer_shows_the_place_with_the_values_masked(client, make) -> None:
    draft = make({"data/p.csv": PEOPLE, "run.py": SCRIPT})
    page = page_of(client.get(reverse("draft-review", args=[draft.pk])))
    found = {}
    for address in page.xpath("//*[@data-question]//a[@data-place]/@hx-get"):
        for headers in ({"HX-Request": "true"}, {}):
            shown = page_of(client.get(address, headers=headers)).xpath("//*[@data-viewed]")[0]
            found[shown.xpath("string(.//h2)")] = shown
            text = shown.text_content()
            assert not [secret for secret in ("花子", "一郎", KEY[4:], KEY[:8]) if secret in text]
    table, script = found.values()
    assert table.xpath(".//td[@class='is-marked']/text()") == ["佐* 花*", "鈴* 一*", "高* *"]
    assert script.xpath("string(.//mark)") == "*" * len(KEY)
    assert "client = api.connect(token='" in script.text_content()


def test_place_of_a_question_that_is_gone_is_not_found(client, make) -> None:
    draft = make({"data/p.csv": PEOPLE})
    assert client.get(reverse("draft-question", args=[draft.pk, "0" * 16])).status_code == 404


def test_answer_to_a_question_that_is_gone_changes_nothing(client, make, curator) -> None:
    draft = make({"data/p.csv": PEOPLE})
    asked = question_id(page_of(client.get(reverse("draft-review", args=[draft.pk]))))
    services.put_file(draft=draft, path="data/p.csv", content=PEOPLE + b"x,1\n", by=curator)
    answer = client.post(reverse("draft-answer", args=[draft.pk]), {"question": asked, "answer": "consented"})
    assert answer.status_code == 409
    assert "This question is no longer asked as you saw it" in answer.content.decode()
    assert Answer.objects.count() == 0


def test_who_may_only_look_sees_no_buttons(client, make) -> None:
    draft = make({"data/p.csv": PEOPLE})
    draft.state = draft.State.DISCARDED
    draft.save()
    page = page_of(client.get(reverse("draft-review", args=[draft.pk])))
    assert len(page.xpath("//*[@data-question]")) == 1
    assert page.xpath("//*[@data-question]//button") == []


@pytest.fixture
def api(curator):
    user = User.objects.get(pk=curator.user_id)
    token = Token.objects.issue(user=user, name="test", scopes=["read", "deposit", "decide", "publish"])[1]
    return Client(headers={"Authorization": f"Bearer {token}"})


def send(client, path, body):
    return client.post(path, json.dumps(body), content_type="application/json")


def test_rest_lists_answers_and_refuses_until_then(api, make) -> None:
    draft = make({"data/p.csv": PEOPLE, "run.py": SCRIPT})
    base = f"/api/drafts/{draft.pk}"
    listed = api.get(f"{base}/questions").json()["items"]
    first = next(item for item in listed if item["category"] == "personal-name")
    assert (first["question"], first["settled"], first["answer"]) == (SENTENCE, False, None)
    assert first["items"][0]["examples"] == ["佐* 花*", "鈴* 一*", "高* *"]
    assert (api.get(f"{base}/readiness").json()["ready"], api.get(f"{base}/readiness").json()["questions"]) == (
        False,
        2,
    )
    refused = send(api, f"{base}/publish", {"at_version": draft.version})
    assert (refused.status_code, refused.json()["code"]) == (422, "unanswered")
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/files", "/files"]
    for item in listed:
        answered = send(api, f"{base}/questions/{item['id']}", {"answer": "not-personal"})
        assert answered.status_code == 200
    assert [item["settled"] for item in answered.json()["items"]] == [True, True]
    assert send(api, f"{base}/publish", {"at_version": draft.version}).status_code == 201
    assert Event.objects.filter(type="draft.answered").count() == 2


def test_rest_says_what_is_wrong_with_an_answer(api, make) -> None:
    draft = make({"run.py": SCRIPT})
    base = f"/api/drafts/{draft.pk}/questions"
    asked = api.get(base).json()["items"][0]["id"]
    assert send(api, f"{base}/{asked}", {"answer": "consented"}).status_code == 422
    assert send(api, f"{base}/{asked}", {"answer": "yes"}).status_code == 422
    assert send(api, f"{base}/{'0' * 16}", {"answer": "remove"}).json()["code"] == "question-changed"


def test_agents_may_look_but_not_answer(make, curator) -> None:
    draft = make({"data/p.csv": PEOPLE})
    user = User.objects.get(pk=curator.user_id)
    token = Token.objects.issue(user=user, name="agent", scopes=["read", "deposit", "decide"], agent="helper")[1]
    agent = Client(headers={"Authorization": f"Bearer {token}"})
    asked = agent.get(f"/api/drafts/{draft.pk}/questions").json()["items"][0]["id"]
    assert send(agent, f"/api/drafts/{draft.pk}/questions/{asked}", {"answer": "consented"}).status_code == 403


def test_others_see_no_questions(make, client) -> None:
    draft = make({"data/p.csv": PEOPLE})
    other = User.objects.create_user("taro@example.org", None, name="Taro")
    Membership.objects.create(space=Space.objects.get(), user=other, role=Role.DEPOSITOR)
    client.force_login(other)
    assert client.get(reverse("draft-question", args=[draft.pk, "0" * 16])).status_code == 404
    assert client.get(f"/api/drafts/{draft.pk}/questions").status_code in (401, 404)


def test_files_that_nobody_looked_at_are_asked_about(client, make) -> None:
    draft = make({"a.7z": b"7z\xbc\xaf\x27\x1c" + bytes(80), "sst.csv": b"t,sst\n1,2\n"})
    page = page_of(client.get(reverse("draft-review", args=[draft.pk])))
    assert "1 file was not looked at for data about people or keys: a.7z" in page.xpath("string(//*[@data-question])")
    assert "Masked" not in page.xpath("string(//*[@data-question])")
    (address,) = page.xpath("//*[@data-question]//a[@data-place]/@hx-get")
    assert client.get(address).status_code == 200
    assert publish(client, draft).status_code == 422
    client.post(reverse("draft-answer", args=[draft.pk]), {"question": question_id(page), "answer": "not-personal"})
    assert publish(client, draft).url.startswith("/records/")


def test_place_of_a_chart_in_a_document_is_masked(client, make) -> None:
    text = "患者氏名：山田太郎　患者番号：1234567"
    page = page_of(client.get(reverse("draft-review", args=[make({"note.txt": text.encode()}).pk])))
    (address,) = page.xpath("//*[@data-question]//a[@data-place]/@hx-get")
    assert "山田太郎" not in client.get(address).content.decode()
