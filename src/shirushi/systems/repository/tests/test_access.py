"""Files that not everybody may have, as readers, keepers and programs meet them."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from shirushi.accounts.models import Role, Token, User
from shirushi.core import services
from shirushi.core.models import AccessRequest, SecretLink
from shirushi.metadata.work import Access

RESTRICTED = Access(rights="restricted", note="Interviews with fishers")
FILE = "data/sst.csv"


@pytest.fixture
def closed(publish, curator):
    record = publish()
    return services.change_access(record=record, access=RESTRICTED, by=curator)


@pytest.fixture
def keeper(curator) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=curator.user_id))
    return client


@pytest.fixture
def stranger(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("reader@example.org", None, name="Reader"))
    return client


def file_of(record) -> str:
    return f"/records/{record.pk}/files/{FILE}"


def every_door(record) -> list[str]:
    page, rest = f"/records/{record.pk}", f"/api/records/{record.pk}"
    return [
        file_of(record),
        f"{page}/preview/{FILE}",
        f"{page}/files.zip",
        f"{rest}/files/{FILE}",
        f"{rest}/files-archive",
    ]


def test_every_door_to_the_files_is_closed(closed, client, stranger, keeper) -> None:
    for door in every_door(closed):
        assert [who.get(door).status_code for who in (client, stranger, keeper)] == [403, 403, 200], door
    problem = client.get(f"/api/records/{closed.pk}/files/{FILE}").json()
    assert problem["type"] == "urn:shirushi:problem:files-restricted"


def test_page_says_so_and_leads_to_asking(closed, client, keeper) -> None:
    page = client.get(f"/records/{closed.pk}").content.decode()
    assert "Interviews with fishers" in page
    assert f"/records/{closed.pk}/ask" in page
    assert f"/records/{closed.pk}/access" not in page
    kept = keeper.get(f"/records/{closed.pk}").content.decode()
    assert "You may have them." in kept
    assert f"/records/{closed.pk}/access" in kept


def test_page_that_is_kept_for_readers_follows_the_decision(publish, curator, client) -> None:
    record = publish()
    address = f"/records/{record.pk}"
    assert "/ask" not in client.get(address).content.decode()
    services.change_access(record=record, access=RESTRICTED, by=curator)
    assert "/ask" in client.get(address).content.decode()
    services.change_access(record=record, access=Access(), by=curator)
    assert "/ask" not in client.get(address).content.decode()


def test_embargo_that_is_over_needs_no_visit_of_anybody(publish, curator, client, monkeypatch) -> None:
    record = publish()
    until = timezone.localdate() + timedelta(days=2)
    services.change_access(record=record, access=Access(rights="embargoed", until=until.isoformat()), by=curator)
    assert client.get(file_of(record)).status_code == 403
    assert f"{until}" in client.get(f"/records/{record.pk}").content.decode()
    monkeypatch.setattr("shirushi.core.models.timezone.localdate", lambda: until)
    assert client.get(file_of(record)).status_code == 200
    assert "/ask" not in client.get(f"/records/{record.pk}").content.decode()


def test_words_read_in_the_files_are_not_told(closed, client, keeper) -> None:
    page = f"/records/{closed.pk}/provenance"
    assert '<blockquote class="quote">' not in client.get(page).content.decode()
    assert '<blockquote class="quote">' in keeper.get(page).content.decode()
    told = client.get(f"/api/records/{closed.pk}").json()
    assert told["access"] == {
        "rights": "restricted",
        "note": "Interviews with fishers",
        "may_read": False,
        "until": None,
    }
    seen = [evidence for entry in told["provenance"] for evidence in entry["evidence"]]
    assert seen
    assert not [one for one in seen if "value" in one or "quote" in one["place"]]


def test_exports_say_what_holds_now(closed, client) -> None:
    assert "restricted access" in client.get(f"/records/{closed.pk}/export/jpcoar").content.decode()


# -- links


def test_link_opens_the_files_for_the_browser_that_followed_it(closed, curator, client) -> None:
    link, secret = services.make_link(of=closed, kind=SecretLink.Kind.FILES, by=curator, label="Ann")
    answer = client.get(f"/shared/{secret}")
    assert (answer.status_code, answer["Location"]) == (302, f"/records/{closed.pk}")
    assert (answer["Referrer-Policy"], answer["X-Robots-Tag"]) == ("same-origin", "noindex")
    assert [client.get(door).status_code for door in every_door(closed)] == [200] * 5
    assert "You may have them." in client.get(f"/records/{closed.pk}").content.decode()
    assert "/ask" in Client().get(f"/records/{closed.pk}").content.decode()
    services.revoke_link(link=link, by=curator)
    assert client.get(file_of(closed)).status_code == 403
    assert client.get(f"/shared/{secret}").status_code == 410


def test_program_shows_the_key_of_a_link(closed, curator, client) -> None:
    _, secret = services.make_link(of=closed, kind=SecretLink.Kind.FILES, by=curator)
    answer = client.get(f"{file_of(closed)}?key={secret}")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    assert client.get(f"{file_of(closed)}?key=x{secret}").status_code == 403
    assert client.get(file_of(closed)).status_code == 403


def test_reviewer_learns_nothing_of_who_made_it(closed, curator, client) -> None:
    _, secret = services.make_link(of=closed, kind=SecretLink.Kind.REVIEW, by=curator)
    page = client.get(f"/shared/{secret}")
    words = page.content.decode()
    assert page.status_code == 200
    for telling in (
        "Yamada",
        "鈴木",
        "0000-0002-1825-0097",
        "Example University",
        "例大学",
        "The paper",
        "10.1234",
        closed.pk,
    ):
        assert telling not in words, telling
    assert "Hourly values of two buoys" in words
    file = client.get(f"/shared/{secret}/files/{FILE}")
    assert b"".join(file.streaming_content).startswith(b"time,sst")
    assert client.get(file_of(closed)).status_code == 403
    assert client.get(f"/shared/{secret}/files/nothing").status_code == 404


def test_draft_is_reviewed_before_and_after_it_is_published(publish, curator, fill, client) -> None:
    draft = services.new_version(record=publish(), by=curator)
    _, secret = services.make_link(of=draft, kind=SecretLink.Kind.REVIEW, by=curator)
    fill(draft, version="2")
    assert client.get(f"/shared/{secret}").status_code == 200
    assert client.get(f"/shared/{secret}/files/{FILE}").status_code == 200
    draft.refresh_from_db()
    services.publish(draft=draft, by=curator, at_version=draft.version)
    assert client.get(f"/shared/{secret}/files/{FILE}").status_code == 200
    assert client.get("/shared/nothing").status_code == 404


@pytest.fixture
def reviewed(publish, curator, fill):
    """A record of two versions, the second with a link for review that was made while it was a draft: the version and the secret."""
    draft = services.new_version(record=publish(), by=curator)
    fill(draft, version="2")
    _, secret = services.make_link(of=draft, kind=SecretLink.Kind.REVIEW, by=curator, label="Reviewer 2")
    draft.refresh_from_db()
    record = services.publish(draft=draft, by=curator, at_version=draft.version)
    services.change_access(record=record, access=RESTRICTED, by=curator)
    return record, secret


@pytest.mark.parametrize("way", ["page", "rest"])
def test_link_made_on_a_draft_is_revoked_where_the_record_is_kept(reviewed, keeper, client, way) -> None:
    record, secret = reviewed
    listed = keeper.get(f"/api/records/{record.pk}/links").json()["items"]
    assert [(one["label"], one["kind"]) for one in listed] == [("Reviewer 2", "review")]
    assert "Reviewer 2" in keeper.get(f"/records/{record.pk}/access").content.decode()
    assert client.get(f"/shared/{secret}/files/{FILE}").status_code == 200
    if way == "page":
        keeper.post(f"/records/{record.pk}/access/links/{listed[0]['id']}")
    else:
        assert keeper.delete(f"/api/records/{record.pk}/links/{listed[0]['id']}").status_code == 204
    assert [client.get(f"/shared/{secret}{rest}").status_code for rest in ("", f"/files/{FILE}")] == [410, 410]


def test_withdrawing_closes_every_way_that_a_draft_had(reviewed, keeper, curator, client) -> None:
    record, secret = reviewed
    draft = record.draft
    services.withdraw(record=record, reason="A mistake.", by=curator)
    for address in (f"/shared/{secret}", f"/shared/{secret}/files/{FILE}"):
        assert client.get(address).status_code == 410
    for address in (f"/api/drafts/{draft.pk}/files/{FILE}", f"/drafts/{draft.pk}/preview/{FILE}"):
        assert keeper.get(address).status_code == 410


def test_pages_say_what_is_in_the_way(reviewed, keeper, curator, client) -> None:
    record, secret = reviewed
    first = services.new_version(record=record, by=curator)
    services.discard_draft(draft=first, by=curator)
    second = services.new_version(record=record, by=curator)
    refused = keeper.post(f"/drafts/{first.pk}/discard", {"restore": "1"})
    assert (refused.status_code, "<h1>This cannot be done now" in refused.content.decode()) == (409, True)
    services.discard_draft(draft=second, by=curator)
    assert keeper.post(f"/drafts/{first.pk}/discard", {"restore": "1"}).status_code == 302
    services.revoke_link(link=SecretLink.objects.get(), by=curator)
    assert "<h1>This link has ended" in client.get(f"/shared/{secret}").content.decode()


def test_nothing_is_offered_of_what_was_withdrawn(publish, curator, keeper, stranger) -> None:
    record = services.change_access(record=publish(), access=RESTRICTED, by=curator)
    stranger.post(f"/records/{record.pk}/ask", {"message": "Please."})
    asked = AccessRequest.objects.get()
    services.withdraw(record=record, reason="A mistake.", by=curator)
    page = keeper.get(f"/records/{record.pk}/access").content.decode()
    assert "was withdrawn on" in page
    assert 'name="grant"' not in page
    assert 'name="days" ' not in page.partition('id="links"')[2]
    rest = f"/api/records/{record.pk}"
    sent = {"kind": "files", "days": 5}
    assert keeper.post(f"{rest}/links", sent, content_type="application/json").json()["code"] == "withdrawn"
    answered = keeper.post(f"{rest}/requests/{asked.pk}", {"grant": True}, content_type="application/json")
    assert (answered.status_code, answered.json()["code"]) == (409, "withdrawn")
    assert (
        keeper.post(f"{rest}/requests/{asked.pk}", {"grant": False}, content_type="application/json").status_code == 200
    )
    assert stranger.get(f"/records/{record.pk}/ask").status_code == 410
    assert stranger.post(f"{rest}/requests", {"message": "x"}, content_type="application/json").status_code == 410


# -- asking and answering


def test_guest_asks_and_gets_the_answer_where_the_address_leads(closed, client, keeper) -> None:
    wrong = client.post(f"/records/{closed.pk}/ask", {"message": "", "name": "", "email": "x"})
    assert (wrong.status_code, wrong.content.decode().count('class="field-error"')) == (422, 3)
    given = {"message": "For my thesis.", "name": "Ann", "email": "ann@example.org"}
    sent = client.post(f"/records/{closed.pk}/ask", given)
    assert re.fullmatch(r"/requests/[\w-]{43}", sent["Location"])
    assert "waits for an answer" in client.get(sent["Location"]).content.decode()
    asked = AccessRequest.objects.get()
    page = keeper.get(f"/records/{closed.pk}/access").content.decode()
    assert "For my thesis." in page
    assert "ann@example.org" in page
    keeper.post(f"/records/{closed.pk}/access/requests/{asked.pk}", {"grant": "1", "days": "10", "answer": "Welcome."})
    elsewhere = Client()
    for who in (client, elsewhere):  # the browser that asked, and another where the page with the answer was opened
        assert who.get(file_of(closed)).status_code == (403 if who is elsewhere else 200)
        assert "Welcome." in who.get(sent["Location"]).content.decode()
        assert who.get(file_of(closed)).status_code == 200
    client.post(sent["Location"])
    assert client.get(file_of(closed)).status_code == 403
    asked.refresh_from_db()
    assert (asked.name, asked.email, asked.message) == ("", "", "")


def test_days_that_are_none_are_told_where_they_stand(closed, stranger, keeper) -> None:
    stranger.post(f"/records/{closed.pk}/ask", {"message": "Please."})
    asked = AccessRequest.objects.get()
    answer = keeper.post(f"/records/{closed.pk}/access/requests/{asked.pk}", {"grant": "1", "days": "many"})
    assert answer.status_code == 422
    assert f'id="error-{asked.pk}"' in answer.content.decode()


def test_who_may_have_them_is_not_asked_to_ask(closed, keeper) -> None:
    assert keeper.get(f"/records/{closed.pk}/ask").status_code == 302


# -- keeping


def test_keeper_decides_in_the_form(publish, keeper, client) -> None:
    record = publish()
    address = f"/records/{record.pk}/access"
    wrong = keeper.post(address, {"/access/rights": "embargoed"})
    assert wrong.status_code == 422
    assert "An embargo needs the day on which it ends" in wrong.content.decode()
    done = keeper.post(address, {"/access/rights": "restricted", "/access/note": "Ask us."})
    assert done.status_code == 302
    record.refresh_from_db()
    assert record.access == {"rights": "restricted", "note": "Ask us."}


def test_closed_record_is_opened_in_the_form_without_another_word(closed, keeper, client) -> None:
    address = f"/records/{closed.pk}/access"
    answer = keeper.post(address, {"/access/rights": "open", "/access/until": "", "/access/note": ""})
    assert answer.status_code == 302
    assert client.get(file_of(closed)).status_code == 200


def test_form_with_an_error_keeps_what_was_given(closed, keeper) -> None:
    address = f"/records/{closed.pk}/access/links"
    given = {"kind": "review", "days": "999", "label": "for Ann"}
    page = keeper.post(address, given).content.decode()
    for field in ('value="review" checked', 'value="999"', 'value="for Ann"'):
        assert field in page
    assert keeper.get(address)["Location"] == f"/records/{closed.pk}/access"  # as after choosing another language


def test_what_databases_do_not_take_is_left_out_of_words(closed, client, fresh) -> None:
    sent = {"message": "For\0 my\x07 thesis.", "name": "A\0nn", "email": "ann@example.org"}
    answer = client.post(f"/api/records/{closed.pk}/requests", sent, content_type="application/json")
    asked = AccessRequest.objects.get()
    assert (answer.status_code, asked.message, asked.name) == (201, "For my thesis.", "Ann")


def test_withdrawn_page_leads_its_keepers_on(closed, keeper, curator, client) -> None:
    services.withdraw(record=closed, reason="Wrong.", by=curator)
    for who, led in ((keeper, True), (client, False)):
        page = who.get(f"/records/{closed.pk}").content.decode()
        assert (f"/records/{closed.pk}/activity" in page, f"/records/{closed.pk}/access" in page) == (led, led)


def test_link_is_shown_once(closed, keeper) -> None:
    made = keeper.post(f"/records/{closed.pk}/access/links", {"kind": "files", "days": "7", "label": "Ann"})
    secret = re.search(r"/shared/([\w-]{43})", made.content.decode())[1]
    assert secret not in keeper.get(f"/records/{closed.pk}/access").content.decode()
    link = SecretLink.objects.get()
    keeper.post(f"/records/{closed.pk}/access/links/{link.pk}")
    link.refresh_from_db()
    assert link.revoked_at is not None


def test_hold_and_retention(closed, keeper, curator) -> None:
    address = f"/records/{closed.pk}/access/hold"
    assert keeper.post(address, {"reason": " "}).status_code == 422
    keeper.post(address, {"reason": "A lawsuit."})
    assert "A lawsuit." in keeper.get(f"/records/{closed.pk}/withdraw").content.decode()
    refused = keeper.post(f"/records/{closed.pk}/withdraw", {"reason": "Wrong data."})
    assert (refused.status_code, "Wrong data." in refused.content.decode()) == (409, True)
    keeper.post(address, {"lift": "1"})
    assert keeper.post(address, {"retain": "1", "until": "soon"}).status_code == 422
    keeper.post(address, {"retain": "1", "until": "2036-04-01"})
    closed.concept.refresh_from_db()
    assert closed.concept.retain_until.isoformat() == "2036-04-01"
    for day in ("2001-04-01", "2036-W10-1", "2036-02-30"):
        refused = keeper.post(address, {"retain": "1", "until": day})
        assert (refused.status_code, f'value="{day}"' in refused.content.decode()) == (422, True)
    keeper.post(address, {"retain": "1", "until": "", "for_good": "1"})
    closed.concept.refresh_from_db()
    assert closed.concept.kept_for_good
    keeper.post(address, {"retain": "1", "until": "2037-04-01", "why": "The funder asks it."})
    services.withdraw(record=closed, reason="Wrong values.", by=curator)
    told = keeper.get(f"/records/{closed.pk}/activity").content.decode()
    steps = ("A version was withdrawn", "Wrong values.", "The funder asks it.", "2036-04-01",
             "A hold was lifted", "A lawsuit.", "A hold was placed", "A lawsuit.")  # fmt: skip
    place = 0
    for words in steps:
        place = told.index(words, place) + 1


def test_log_tells_what_happened_and_by_whom(closed, keeper, curator) -> None:
    services.make_link(of=closed, kind=SecretLink.Kind.FILES, by=curator)
    page = keeper.get(f"/records/{closed.pk}/activity").content.decode()
    assert page.index("A secret link was made") < page.index("Who may have the files was decided")
    assert page.index("Who may have the files was decided") < page.index("A version was published")
    assert page.index("A version was published") < page.index("A draft was begun")
    assert "見本 花子" in page


@pytest.mark.parametrize("page", ["access", "activity"])
def test_pages_of_keepers_are_nobody_elses(closed, client, stranger, page) -> None:
    assert stranger.get(f"/records/{closed.pk}/{page}").status_code == 404
    assert client.get(f"/records/{closed.pk}/{page}").status_code == 302


@pytest.mark.parametrize("number", [1, 3])
def test_queries_do_not_grow_with_links_and_requests(
    closed, keeper, curator, number, django_assert_num_queries
) -> None:
    for each in range(number):
        services.make_link(of=closed, kind=SecretLink.Kind.FILES, by=curator)
        AccessRequest.objects.create(concept=closed.concept, record=closed, digest=f"{each}", message="Please.")
    keeper.get(f"/records/{closed.pk}/access")
    with django_assert_num_queries(11):
        keeper.get(f"/records/{closed.pk}/access")
    with django_assert_num_queries(10):
        keeper.get(f"/records/{closed.pk}/activity")


# -- programs


def test_rest(closed, curator, client) -> None:
    user = User.objects.get(pk=curator.user_id)
    _, token = Token.objects.issue(user=user, name="t", scopes=["read", "publish"])
    own = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    base = f"/api/records/{closed.pk}"
    asked = client.post(
        f"{base}/requests", {"message": "Please.", "name": "Ann", "email": "ann@example.org"}, "application/json"
    )
    assert asked.status_code == 201
    (one,) = client.get(f"{base}/requests", **own).json()["items"]
    assert (one["by"], one["state"]) == ("Ann", "open")
    done = client.post(f"{base}/requests/{one['id']}", {"grant": True, "days": 3}, "application/json", **own)
    assert done.json()["state"] == "granted"
    made = client.post(f"{base}/links", {"days": 5}, "application/json", **own)
    assert made.status_code == 201
    key = made.json()["url"].rpartition("/")[2]
    assert client.get(f"{base}/files/{FILE}?key={key}").status_code == 200
    assert key not in json.dumps(client.get(f"{base}/links", **own).json())
    assert client.delete(f"{base}/links/{made.json()['id']}", **own).status_code == 204
    assert client.get(f"{base}/files/{FILE}?key={key}").status_code == 403
    changed = client.put(f"{base}/access", {"rights": "embargoed"}, "application/json", **own)
    assert (changed.status_code, changed.json()["errors"][0]["pointer"]) == (422, "/until")
    changed = client.put(f"{base}/access", {"rights": "open"}, "application/json", **own)
    assert changed.json() == {"rights": "open", "until": None, "note": None, "may_read": True}
    assert client.get(f"{base}/links").status_code == 401
    assert client.get(f"{base}/files/{FILE}").status_code == 200


def test_token_without_the_scope_decides_nothing(closed, curator, client) -> None:
    user = User.objects.get(pk=curator.user_id)
    _, token = Token.objects.issue(user=user, name="t", scopes=["read", "deposit"])
    answer = client.put(
        f"/api/records/{closed.pk}/access", {"rights": "open"}, "application/json", HTTP_AUTHORIZATION=f"Bearer {token}"
    )
    assert answer.status_code == 403
    assert Role.CURATOR  # whose token it is would be enough


# -- asking more than once


GUEST = {"message": "I study fisheries.", "name": "Ann", "email": "ann@example.org"}


def ask(record, client, **changed: str):
    return client.post(f"/api/records/{record.pk}/requests", GUEST | changed, "application/json")


@pytest.fixture
def fresh():
    from django.core.cache import cache

    cache.clear()


def test_asking_again_from_the_same_browser_is_the_same_request(closed, client, stranger, fresh) -> None:
    for who in (client, stranger):
        AccessRequest.objects.all().delete()
        for message in ("First words", "Better words"):
            answer = who.post(f"/records/{closed.pk}/ask", GUEST | {"message": message})
            assert answer.status_code == 302
        only = AccessRequest.objects.get()
        assert only.message == "Better words"
        assert "Better words" in who.get(answer["Location"]).content.decode()
        again = who.get(f"/records/{closed.pk}/ask").content.decode()
        assert f"/requests/{only.pk}" in again
        assert "Better words" in again


def test_first_page_leads_to_requests(closed, stranger, keeper, curator) -> None:
    stranger.post(f"/records/{closed.pk}/ask", {"message": "Please."})
    asked = AccessRequest.objects.get()
    assert f"/records/{closed.pk}/access#request-{asked.pk}" in keeper.get("/").content.decode()
    assert f"/requests/{asked.pk}" not in keeper.get("/").content.decode()
    assert f"/requests/{asked.pk}" in stranger.get("/").content.decode()
    assert stranger.get(f"/requests/{asked.pk}").status_code == 200
    assert Client().get(f"/requests/{asked.pk}").status_code == 404
    services.answer_request(asked=asked, grant=True, by=curator)
    assert f"#request-{asked.pk}" not in keeper.get("/").content.decode()
    stranger.post(f"/requests/{asked.pk}")
    assert f"/requests/{asked.pk}" not in stranger.get("/").content.decode()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_guest_is_told_when_it_is_enough(closed, client, fresh, monkeypatch, language) -> None:
    from shirushi.core.services import asking

    monkeypatch.setattr(asking, "A_DAY", 3)
    for number in range(3):
        assert ask(closed, Client(), email=f"a{number}@example.org").status_code == 201
    refused = ask(closed, client)
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
    assert int(refused["Retry-After"]) > 60
    page = client.post(f"/records/{closed.pk}/ask", GUEST, headers={"Accept-Language": language})
    assert (page.status_code, page["Retry-After"]) == (429, refused["Retry-After"])
    text = page.content.decode()
    assert ("1日に送れる申請" if language == "ja" else "within a day") in text
    assert GUEST["message"] in text  # what was typed stays
    assert AccessRequest.objects.count() == 3
    other = Client(REMOTE_ADDR="198.51.100.7")
    assert ask(closed, other, email="b@example.org").status_code == 201


def test_requests_of_guests_that_wait_are_bounded_for_each_record(closed, stranger, fresh, monkeypatch) -> None:
    from shirushi.core.services import asking

    monkeypatch.setattr(asking, "WAITING", 4)
    for number in range(4):
        address = f"198.51.100.{number}"
        assert ask(closed, Client(REMOTE_ADDR=address), email=f"a{number % 2}@example.org").status_code == 201
    answer = ask(closed, Client(REMOTE_ADDR="198.51.100.9"))
    assert (answer.status_code, "sign in" in answer.json()["detail"]) == (429, True)
    assert stranger.post(f"/records/{closed.pk}/ask", {"message": "I study fisheries."}).status_code == 302


def test_one_address_of_mail_waits_a_few_times_only(closed, fresh) -> None:
    answers = [ask(closed, Client(REMOTE_ADDR=f"198.51.100.{number}")).status_code for number in range(4)]
    assert answers == [201, 201, 201, 429]


def test_somebody_signed_in_asks_some_records_a_day(publish, curator, stranger, fresh, monkeypatch) -> None:
    from shirushi.core.services import asking

    monkeypatch.setattr(asking, "A_DAY", 1)
    records = [services.change_access(record=publish(), access=RESTRICTED, by=curator) for _ in range(2)]
    answers = [stranger.post(f"/records/{one.pk}/ask", {"message": "For my thesis."}).status_code for one in records]
    assert answers == [302, 429]
