"""A person's own page: tokens made, shown once, listed and revoked."""

import pytest
from django.core.cache import cache
from django.test import Client
from lxml import html

from shirushi.accounts.models import Token, User

pytestmark = pytest.mark.django_db

FORM = {"name": "nightly", "scopes": ["read", "deposit"], "lifetime": "30"}


@pytest.fixture
def user() -> User:
    cache.clear()
    return User.objects.create_user("hanako@example.org", "a long password", name="山田 花子")


@pytest.fixture
def client(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def page(response) -> html.HtmlElement:
    return html.fromstring(response.content.decode())


def secret_in(response) -> str:
    return page(response).get_element_by_id("secret").text_content()


def asked_with(secret: str):
    return Client(headers={"Authorization": f"Bearer {secret}"}).get("/api/drafts")


def test_token_is_shown_once_and_opens_what_it_was_made_for(client: Client, user: User) -> None:
    made = client.post("/account/tokens", FORM)
    secret = secret_in(made)
    assert (made.status_code, "no-store" in made["Cache-Control"]) == (201, True)
    assert asked_with(secret).status_code == 200
    assert secret not in client.get("/account").content.decode()
    token = Token.objects.get()
    assert (token.user, token.name, token.scopes) == (user, "nightly", ["deposit", "read"])
    assert (token.expires_at - token.created_at).days in {29, 30}


def test_language_switch_leaves_the_page_with_the_secret_open(client: Client) -> None:
    """The answer to a form cannot be asked for again: the other language opens in a tab of its own."""
    (switch,) = page(client.post("/account/tokens", FORM)).xpath("//form[@action='/language']")
    assert (switch.get("target"), switch.xpath("string(input/@value)")) == ("_blank", "/account")
    (usual,) = page(client.get("/account")).xpath("//form[@action='/language']")
    assert (usual.get("target"), usual.xpath("string(input/@value)")) == (None, "/account")


def test_address_of_the_form_leads_to_the_page(client: Client) -> None:
    """As after switching the language on a page that says what is wrong with the form."""
    assert client.get("/account/tokens")["Location"] == "/account"


def test_revoked_token_is_refused_at_once(client: Client) -> None:
    secret = secret_in(client.post("/account/tokens", FORM))
    assert asked_with(secret).status_code == 200
    assert client.post(f"/account/tokens/{Token.objects.get().pk}/revoke")["Location"] == "/account"
    assert asked_with(secret).status_code == 401
    assert "No tokens yet." in client.get("/account").content.decode()


def test_use_is_shown(client: Client) -> None:
    secret = secret_in(client.post("/account/tokens", FORM))
    assert "not yet" in client.get("/account").content.decode()
    asked_with(secret)
    assert "not yet" not in client.get("/account").content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"lifetime": "7"}, "lifetime"),
    ],
)
def test_wrong_form_is_shown_again_with_what_was_typed(client: Client, change: dict, field: str) -> None:
    response = client.post("/account/tokens", FORM | change)
    shown = page(response)
    assert (response.status_code, Token.objects.count()) == (422, 0)
    assert [link.get("href") for link in shown.cssselect("[role=alert] a")] == ["#make-token"]
    assert shown.get_element_by_id(f"{field}-error").text_content()
    assert shown.get_element_by_id("name").get("value") == (FORM | change)["name"]


def test_form_sent_again_makes_no_second_token(client: Client) -> None:
    client.post("/account/tokens", FORM)
    assert client.post("/account/tokens", FORM).status_code == 422
    assert Token.objects.count() == 1


def test_tokens_of_others_do_not_exist_here(client: Client) -> None:
    other = User.objects.create_user("taro@example.org", "a long password", name="太郎")
    token, secret = Token.objects.issue(user=other, name="theirs", scopes=["read"])
    assert client.post(f"/account/tokens/{token.pk}/revoke").status_code == 404
    assert "theirs" not in client.get("/account").content.decode()
    assert asked_with(secret).status_code == 200


@pytest.mark.parametrize("address", ["/account", "/account/tokens", "/account/tokens/1/revoke"])
def test_nobody_is_asked_to_sign_in(db: None, address: str) -> None:
    client = Client()
    response = client.get(address) if address == "/account" else client.post(address)
    assert response["Location"].startswith("/sign-in?next=")


def test_token_opens_no_account_page(client: Client) -> None:
    secret = secret_in(client.post("/account/tokens", FORM | {"scopes": ["operate"]}))
    response = Client(headers={"Authorization": f"Bearer {secret}"}).post("/account/tokens", FORM | {"name": "more"})
    assert (response.status_code, Token.objects.count()) == (302, 1)


@pytest.mark.parametrize("number", [1, 3])
def test_list_costs_the_same_queries_for_any_number(
    client: Client, user: User, django_assert_num_queries, number
) -> None:
    for n in range(number):
        Token.objects.issue(user=user, name=str(n), scopes=["read"], days=None)
    with django_assert_num_queries(4):
        client.get("/account")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_page_says_everything_in_the_readers_language(client: Client, user: User, language: str) -> None:
    Token.objects.issue(user=user, name="t", scopes=["read"], days=-1, agent="sorter/1")
    shown = page(client.get("/account", headers={"Accept-Language": language}))
    heading = {"ja": "プログラム用のトークン", "en": "Tokens for your programs"}[language]
    assert shown.get_element_by_id("tokens").text_content() == heading
    assert shown.cssselect(".badge")[0].text_content() == {"ja": "期限切れ", "en": "expired"}[language]
