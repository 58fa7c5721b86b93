"""``shirushi token``: issued, listed, revoked."""

import json

import pytest

from shirushi import cli
from shirushi.accounts.actors import actor_for_token
from shirushi.accounts.models import Token, User
from shirushi.cli import records

pytestmark = pytest.mark.django_db

EMAIL = "hanako@example.org"


@pytest.fixture(autouse=True)
def user(monkeypatch) -> User:
    monkeypatch.setattr(records, "open_instance", lambda **_: None)
    return User.objects.create_user(EMAIL, "a long password", name="山田 花子")


def issue(capsys, *more: str) -> str:
    assert cli.main(["token", "issue", EMAIL, "nightly", *more]) == 0
    return capsys.readouterr().out.strip()


def test_secret_stands_alone_on_stdout_and_opens_what_it_was_made_for(capsys) -> None:
    secret = issue(capsys, "--scope", "deposit", "--scope", "publish")
    assert actor_for_token(secret).scopes == {"deposit", "publish"}


def test_token_reads_for_90_days_unless_told_otherwise(capsys) -> None:
    issue(capsys)
    token = Token.objects.get()
    assert (token.scopes, (token.expires_at - token.created_at).days in {89, 90}) == (["read"], True)


def test_token_without_end_of_an_agent(capsys, user) -> None:
    assert actor_for_token(issue(capsys, "--forever", "--agent", "sorter/1")).kind == "agent"
    assert Token.objects.get().expires_at is None


def test_list_tells_what_there_is_but_no_secret(capsys) -> None:
    secret = issue(capsys)
    assert cli.main(["token", "list"]) == 0
    line = capsys.readouterr().out.strip()
    assert line.startswith(f"{Token.objects.get().pk}  {EMAIL}  nightly  read  until ")
    cli.main(["token", "list", EMAIL, "--json"])
    found = capsys.readouterr().out
    assert [(token["name"], token["valid"]) for token in json.loads(found)] == [("nightly", True)]
    assert secret not in found


def test_revoked_token_is_refused_at_once_and_stays_in_the_list(capsys) -> None:
    secret = issue(capsys)
    for _ in range(2):
        assert cli.main(["token", "revoke", str(Token.objects.get().pk)]) == 0
    assert actor_for_token(secret) is None
    cli.main(["token", "list"])
    assert "revoked " in capsys.readouterr().out.splitlines()[-1]
    assert issue(capsys)  # its name is free again


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("issue", "nobody@example.org", "x"), "no such account"),
        (("list", "nobody@example.org"), "no such account"),
        (("revoke", "12345"), "there is no token 12345"),
    ],
)
def test_what_is_not_there_is_said(capsys, arguments, words) -> None:
    assert cli.main(["token", *arguments]) == 1
    assert words in capsys.readouterr().err


def test_name_of_a_living_token_is_taken(capsys) -> None:
    issue(capsys)
    assert cli.main(["token", "issue", EMAIL, "nightly"]) == 1
    assert "called 'nightly' already" in capsys.readouterr().err
