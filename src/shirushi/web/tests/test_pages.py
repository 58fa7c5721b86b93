"""Pages of the house itself: home, signing in and out, the language switch, errors."""

import re
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest
from django.test import Client, RequestFactory
from lxml import html

from shirushi.accounts.actors import person
from shirushi.accounts.models import Membership, Role, Space, User
from shirushi.core import services
from shirushi.core.errors import Conflict, FieldError, Gone, Invalid, NotAllowed, NotFound, TooLarge
from shirushi.core.home import home
from shirushi.metadata.fields import Text2
from shirushi.web import errors, formats, sign_in
from shirushi.web.middleware import ErrorPages
from shirushi.web.views import SHOWN

PASSWORD = "a long password"


@pytest.fixture
def user(db: None) -> User:
    cache.clear()
    return User.objects.create_user("hanako@example.org", PASSWORD, name="山田 花子")


def page(response) -> html.HtmlElement:
    return html.fromstring(response.content.decode())


def words(element) -> str:
    return re.sub(r"\s+", " ", element.text_content()).strip()


# -- home


def test_home_invites_whoever_is_not_signed_in(client: Client, db: None) -> None:
    shown = page(client.get("/"))
    assert [link.get("href") for link in shown.cssselect(".dropzone a")] == ["/sign-in"]
    assert words(shown.cssselect(".empty")[0]) == "Nothing has been published yet."


def test_home_costs_one_query_without_a_session(client: Client, db: None, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        assert client.get("/").status_code == 200


def test_home_shows_the_drop_zone_and_what_waits(client: Client, user: User, settings, tmp_path) -> None:
    settings.SHIRUSHI_HOME = tmp_path
    home().make_folders()
    space = Space.objects.create(slug="uni", name_en="Example University", name_ja="例大学")
    Membership.objects.create(space=space, user=user, role=Role.DEPOSITOR)
    services.create_draft(space=space, by=person(user), name="buoys")
    client.force_login(user)
    shown = page(client.get("/"))
    assert len(shown.cssselect("form[data-dropzone]")) == 1
    assert [words(link) for link in shown.xpath("//section[@aria-labelledby='waiting']//li/a")] == ["buoys"]


def test_home_shows_the_drafts_touched_last_first(client: Client, user: User, settings, tmp_path) -> None:
    settings.SHIRUSHI_HOME = tmp_path
    home().make_folders()
    space = Space.objects.create(slug="uni", name_en="Example University", name_ja="例大学")
    Membership.objects.create(space=space, user=user, role=Role.DEPOSITOR)
    drafts = [services.create_draft(space=space, by=person(user), name=f"folder {n}") for n in range(SHOWN + 1)]
    services.put_file(draft=drafts[1], path="a.csv", content=b"1", by=person(user))
    client.force_login(user)
    links = page(client.get("/")).xpath("//section[@aria-labelledby='waiting']//li/a")
    assert [words(link) for link in links] == [f"folder {n}" for n in (1, *range(SHOWN, 1, -1))]


def test_name_inside_a_sentence_does_not_turn_it_around() -> None:
    assert formats.place_words({"type": "page", "file": "a.pdf", "page": 2}) == "a.pdf page 2"
    assert formats.place_words({"type": "attribute", "file": "a.nc", "path": "/sst/units"}) == "a.nc, /sst/units"
    deep = {"type": "attribute", "file": "a.csv", "path": "asm:/plate reader aggregate document/0/measurement time"}
    assert formats.place_words(deep) == "a.csv, … measurement time"
    assert formats.in_line("\u05d0.csv") == "\u2068\u05d0.csv\u2069"
    assert formats.in_line("jpg\u202egpj.exe\n") == "jpg\\u202egpj.exe\\u000a"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_has_its_landmarks(client: Client, db: None, language: str) -> None:
    shown = page(client.get("/", headers={"Accept-Language": language}))
    assert shown.get("lang") == language
    for landmark in ("header", "main", "footer", "nav", "h1"):
        assert shown.cssselect(landmark)
    assert shown.cssselect("a.skip")[0].get("href") == "#main"
    assert not shown.xpath("//*[@style or @onclick]")
    assert not [script for script in shown.cssselect("script") if script.text]


def test_every_asset_is_ours_and_kept_for_ever(client: Client, db: None) -> None:
    shown = page(client.get("/"))
    assets = shown.xpath("//link[@rel='stylesheet' or @rel='icon']/@href | //script/@src")
    assert len(assets) == 5
    for asset in assets:
        response = client.get(asset)
        assert (response.status_code, asset.startswith("/static/")) == (200, True)
        assert "immutable" in response["Cache-Control"]
        response.close()


# -- language


def test_language_is_switched_and_the_page_kept(client: Client, db: None) -> None:
    response = client.post("/language", {"language": "ja", "next": "/search?q=a&page=2"})
    assert (response.status_code, response["Location"]) == (302, "/search?q=a&page=2")
    assert page(client.get("/")).get("lang") == "ja"
    client.post("/language", {"language": "en", "next": "/"})
    assert page(client.get("/")).get("lang") == "en"


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""])
def test_language_switch_never_leads_away(client: Client, db: None, target: str) -> None:
    assert client.post("/language", {"language": "ja", "next": target})["Location"] == "/"


def test_unknown_language_changes_nothing(client: Client, db: None) -> None:
    assert "shirushi_language" not in client.post("/language", {"language": "xx"}).cookies


# -- signing in


def test_signing_in_and_out(client: Client, user: User) -> None:
    response = client.post("/sign-in", {"username": "Hanako@Example.org", "password": PASSWORD, "next": "/search"})
    assert (response.status_code, response["Location"]) == (302, "/search")
    assert client.get("/sign-in")["Location"] == "/"
    assert client.post("/sign-out")["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_language_switch_keeps_the_way_back_of_the_sign_in_page(client):
    here = "/sign-in?next=/drafts"
    response = client.post(
        "/language", {"next": here, "language": "ja"}, headers={"Referer": f"http://testserver{here}"}
    )
    assert response["Location"] == here


@pytest.mark.parametrize("target", ["/sign-out", "/language", "/sign-in", "https://elsewhere.example/"])
def test_signing_in_leads_to_no_address_without_a_page(client: Client, user: User, target: str) -> None:
    response = client.post("/sign-in", {"username": user.email, "password": PASSWORD, "next": target})
    assert response["Location"] == "/"


@pytest.mark.parametrize(
    ("came_from", "back_to"),
    [
        ("http://testserver/drafts/abc?s=3#viewer", "/drafts/abc?s=3"),
        ("http://testserver//elsewhere.example/", "/elsewhere.example/"),
        ("https://elsewhere.example/drafts/abc", "/"),
        ("", "/"),
    ],
)
def test_htmx_is_sent_to_sign_in_and_back_to_its_page(client: Client, db: None, came_from: str, back_to: str) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": came_from}
    for response in (client.get("/drafts", headers=headers), client.post("/drafts/abc/undo", headers=headers)):
        assert (response.status_code, response["HX-Redirect"]) == (
            401,
            f"/sign-in?{urlencode({'next': back_to}, safe='/')}",
        )


def test_htmx_with_an_old_token_and_no_session_is_sent_to_sign_in(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/drafts/abc/undo", headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (401, "/sign-in?next=/")


def test_form_sent_without_a_session_leads_back_to_its_page(client: Client, db: None) -> None:
    headers = {"Referer": "http://testserver/drafts/abc"}
    assert client.post("/drafts/abc/undo", headers=headers)["Location"] == "/sign-in?next=/drafts/abc"


def test_wrong_password_keeps_the_address_and_says_what_to_do(client: Client, user: User) -> None:
    shown = page(client.post("/sign-in", {"username": user.email, "password": "wrong"}))
    assert shown.get_element_by_id("email").get("value") == user.email
    assert shown.get_element_by_id("password").get("value") is None
    assert "Check both and try again." in words(shown.get_element_by_id("sign-in-error"))


def test_sign_in_form_needs_its_token(user: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/sign-in", {"username": user.email, "password": PASSWORD})
    assert response.status_code == 403
    assert "reload the page" in words(page(response))


def test_guessing_is_stopped_even_when_the_guess_is_right(client: Client, user: User) -> None:
    for _ in range(sign_in.FAILURES_PER_ACCOUNT):
        client.post("/sign-in", {"username": user.email, "password": "wrong"})
    refused = client.post("/sign-in", {"username": user.email, "password": PASSWORD})
    assert refused.status_code == 200
    assert "Too many attempts." in words(page(refused).get_element_by_id("sign-in-error"))
    elsewhere = client.post("/sign-in", {"username": user.email, "password": PASSWORD}, REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 302


@pytest.mark.parametrize(("demo", "shown"), [(True, 1), (False, 0)])
def test_demo_account_is_shown_in_the_demo_only(client: Client, db: None, settings, demo: bool, shown: int) -> None:
    settings.SHIRUSHI_DEMO = demo
    assert client.get("/sign-in").content.decode().count(f'value="{sign_in.DEMO_EMAIL}"') == shown


# -- errors

WORDS = Text2("It happened here. Do that.", "ここで起きました。こうしてください。")
ERRORS = [NotAllowed(WORDS), NotFound(WORDS), Conflict(WORDS, version=3), Gone(WORDS), TooLarge(WORDS)]


def asked(rf: RequestFactory) -> HttpRequest:
    request = rf.get("/somewhere")
    request.user = type("Nobody", (), {"is_authenticated": False})()  # as the middleware does
    return request


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_error_of_a_service_becomes_a_page(rf: RequestFactory, error) -> None:
    response = ErrorPages(lambda request: None).process_exception(asked(rf), error)
    assert response.status_code == error.status
    assert "It happened here. Do that." in words(page(response))


def test_other_errors_are_left_alone(rf: RequestFactory) -> None:
    assert ErrorPages(lambda request: None).process_exception(asked(rf), ValueError("x")) is None


def test_wrong_values_are_named(rf: RequestFactory) -> None:
    error = Invalid(
        WORDS, errors=[FieldError("/creators/0/orcid", Text2("Not an ORCID iD.", "ORCID iDではありません。"))]
    )
    shown = page(errors.domain_error(asked(rf), error))
    assert [words(item) for item in shown.cssselect("main li")] == ["/creators/0/orcid: Not an ORCID iD."]


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("address", ["/sign-out", "/language"])
def test_address_that_only_takes_forms_says_so(client: Client, db: None, address: str, language: str) -> None:
    client.cookies["shirushi_language"] = language
    response = client.get(address)
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert (
        words(page(response).find(".//h1"))
        == {"en": "This address is not a page", "ja": "このアドレスはページではありません"}[language]
    )


@pytest.mark.parametrize("language", ["ja", "en"])
def test_missing_page_says_where_and_what_to_do(client: Client, db: None, language: str) -> None:
    response = client.get("/no/such/page", headers={"Accept-Language": language})
    shown = page(response)
    assert (response.status_code, shown.get("lang")) == (404, language)
    assert "/no/such/page" in words(shown)
    assert shown.cssselect("main a[href='/']")


def test_request_that_is_too_large_or_malformed_has_its_own_page(rf: RequestFactory) -> None:
    assert errors.bad_request(asked(rf), RequestDataTooBig()).status_code == 413
    assert errors.bad_request(asked(rf), SuspiciousOperation()).status_code == 400
    assert errors.permission_denied(asked(rf), PermissionError()).status_code == 403


@pytest.mark.parametrize(
    ("language", "words_"), [("ja", "ただいま混み合っています"), ("en", "There is no room just now")]
)
def test_form_for_which_there_is_no_room_gets_a_page(client: Client, language: str, words_: str) -> None:
    response = client.post("/sign-in", headers={"Accept-Language": language}, **{"shirushi.busy": True})
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert words(page(response).cssselect("h1")[0]) == words_


def test_program_for_which_there_is_no_room_gets_a_problem(client: Client) -> None:
    response = client.put("/api/drafts/x/files/y", b"", **{"shirushi.busy": True})
    assert (response.status_code, response.json()["code"], response["Retry-After"]) == (503, "busy", "60")


def test_page_of_our_own_mistake_asks_the_database_nothing(rf: RequestFactory) -> None:
    response = errors.server_error(asked(rf))  # a query would fail: this test may not use the database
    assert response.status_code == 500
    assert "Nothing you saved is lost." in words(page(response))


def test_a_long_text_is_cut_after_a_word():
    assert formats.cut("short", 10) == "short"
    assert formats.cut("measured with a thermometer", 17) == "measured with a…"
    assert formats.cut("観測所 " + "気" * 20, 10) == "観測所 気気気気気気…"
