"""What an operator can set: every variable is documented, wrong values are named, the secret is kept."""

import re
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from shirushi.web.environment import VARIABLES, read

DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "reference" / "settings.md"


def test_every_variable_is_documented() -> None:
    documented = set(re.findall(r"^\| `(SHIRUSHI_[A-Z_]+)` \|", DOCUMENT.read_text("utf-8"), re.MULTILINE))
    assert documented == set(VARIABLES)


def test_secret_key_is_made_once_and_kept(tmp_path: Path) -> None:
    first = read({"SHIRUSHI_HOME": str(tmp_path)})
    second = read({"SHIRUSHI_HOME": str(tmp_path)})
    assert len(first.secret_key) == 64
    assert second.secret_key == first.secret_key
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_empty_secret_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret-key").touch()
    with pytest.raises(ImproperlyConfigured, match="secret-key is empty"):
        read({"SHIRUSHI_HOME": str(tmp_path)})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SHIRUSHI_DEBUG", "maybe"),
        ("SHIRUSHI_UMASK", "022"),
        ("SHIRUSHI_UMASK", "7"),
        ("SHIRUSHI_DEMO", "2"),
        ("SHIRUSHI_MAX_FILE_SIZE", "5 GB"),
        ("SHIRUSHI_UPLOADS", "-1"),
        ("SHIRUSHI_FETCH_ALLOW", "10.0.0.0/40"),
        ("SHIRUSHI_BLANK_SHARE", "1.5"),
        ("SHIRUSHI_ACCEPT_ERROR", "0.9"),
        ("SHIRUSHI_BASE_URL", "data.example.ac.jp"),
        ("SHIRUSHI_ADMIN_EMAIL", "nobody"),
        ("SHIRUSHI_OAI_PAGE", "0"),
    ],
)
def test_wrong_value_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name):
        read({"SHIRUSHI_HOME": str(tmp_path), name: value})


def test_host_of_the_address_is_allowed(tmp_path: Path) -> None:
    found = read(
        {"SHIRUSHI_HOME": str(tmp_path), "SHIRUSHI_BASE_URL": "https://data.example.ac.jp/", "SHIRUSHI_HOSTS": "inner"}
    )
    assert found.base_url == "https://data.example.ac.jp"
    assert found.hosts == ("inner", "data.example.ac.jp", "localhost", "127.0.0.1", "[::1]")
    assert found.https is True


@pytest.mark.parametrize(
    ("url", "email"),
    [
        ("https://data.example.ac.jp", "admin@data.example.ac.jp"),
        ("http://localhost:8000", "admin@localhost.localdomain"),
    ],
)
def test_harvesters_are_given_an_address_in_any_case(tmp_path: Path, url: str, email: str) -> None:
    assert read({"SHIRUSHI_HOME": str(tmp_path), "SHIRUSHI_BASE_URL": url}).admin_email == email


def test_database_is_sqlite_in_the_home_folder_unless_an_address_is_set(tmp_path: Path) -> None:
    assert read({"SHIRUSHI_HOME": str(tmp_path)}).database["NAME"] == tmp_path / "shirushi.sqlite3"


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("postgresql://me:p%40ss@db.example.ac.jp:6432/data", ("data", "me", "p@ss", "db.example.ac.jp", "6432")),
        ("postgres:///data?host=/var/run/postgresql&sslmode=require", ("data", "", "", "/var/run/postgresql", "")),
    ],
)
def test_address_of_postgresql_is_understood_as_libpq_does(tmp_path: Path, url: str, parts: tuple[str, ...]) -> None:
    database = read({"SHIRUSHI_HOME": str(tmp_path), "SHIRUSHI_DATABASE": url}).database
    assert tuple(database[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")) == parts
    assert database["OPTIONS"].get("sslmode") == ("require" if "sslmode" in url else None)


@pytest.mark.parametrize(
    "url", ["mysql://me@host/data", "postgresql://me:secret@host:port/data", "postgresql://me:secret@host"]
)
def test_address_that_is_none_is_told_without_its_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="SHIRUSHI_DATABASE") as told:
        read({"SHIRUSHI_HOME": str(tmp_path), "SHIRUSHI_DATABASE": url})
    assert "secret" not in str(told.value)


def test_missing_driver_is_told_with_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ImproperlyConfigured, match=r"pip install 'shirushi\[postgresql\]'"):
        read({"SHIRUSHI_HOME": str(tmp_path), "SHIRUSHI_DATABASE": "postgresql:///data"})
