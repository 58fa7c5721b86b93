"""What an operator can set from outside: one table, read once when the settings are loaded.

Every line here is explained in ``docs/reference/settings.md``; a test fails when one is not.
"""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from shirushi.describe.llm.client import Endpoint

# Name of each variable and the value it has when nobody sets it. An empty default is worked out in `read`.
VARIABLES: Mapping[str, str] = {
    "SHIRUSHI_HOME": ".shirushi",
    "SHIRUSHI_SECRET_KEY": "",
    "SHIRUSHI_UMASK": "077",
    "SHIRUSHI_BASE_URL": "http://127.0.0.1:8000",
    "SHIRUSHI_HOSTS": "",
    "SHIRUSHI_PREFIX": "10.5072",
    "SHIRUSHI_ADMIN_EMAIL": "",
    "SHIRUSHI_OAI_PAGE": "100",
    "SHIRUSHI_DEMO": "no",
    "SHIRUSHI_DEBUG": "no",
    "SHIRUSHI_DATABASE": "",
    "SHIRUSHI_STORE": "",
    "SHIRUSHI_STORE_CACHE": str(10 * 1024**3),
    "SHIRUSHI_SCRUB_RATE": str(20 * 1024**2),
    "SHIRUSHI_SCRUB_DAYS": "30",
    "SHIRUSHI_MAX_FILE_SIZE": str(50 * 1024**3),
    "SHIRUSHI_UPLOADS": "1000",
    "SHIRUSHI_UPLOAD_ROOM": str(500 * 1024**3),
    "SHIRUSHI_UPLOAD_HOURS": "168",
    "SHIRUSHI_FETCH_ALLOW": "",
    "SHIRUSHI_FETCH_HOURS": "12",
    "SHIRUSHI_DERIVE": "yes",
    "SHIRUSHI_DERIVE_MAX_SIZE": str(2 * 10**9),
    "SHIRUSHI_BLANK_SHARE": "0.02",
    "SHIRUSHI_ACCEPT_ERROR": "0.05",
    "SHIRUSHI_LLM_URL": "",
    "SHIRUSHI_LLM_MODEL": "",
    "SHIRUSHI_LLM_KEY": "",
    "SHIRUSHI_LLM_KEY_FILE": "",
    "SHIRUSHI_TIME_ZONE": "Asia/Tokyo",
    "SHIRUSHI_LOG_LEVEL": "INFO",
    "SHIRUSHI_LOG_FORMAT": "line",
    "SHIRUSHI_METRICS_KEY": "",
}

_YES, _NO = {"1", "yes", "true", "on"}, {"0", "no", "false", "off", ""}


@dataclass(frozen=True, slots=True)
class Environment:
    """The operator's choices, typed. ``max_file_size`` is in bytes; ``home`` is absolute and exists; ``database`` is an entry of
    Django's ``DATABASES``."""

    home: Path
    secret_key: str
    umask: int
    base_url: str
    hosts: tuple[str, ...]
    prefix: str
    admin_email: str
    oai_page: int
    demo: bool
    debug: bool
    database: Mapping[str, Any]
    store: str
    store_cache: int
    scrub_rate: int
    scrub_days: int
    max_file_size: int
    uploads: int
    upload_room: int
    upload_hours: int
    fetch_allow: tuple[str, ...]
    fetch_hours: int
    derive: bool
    derive_max_size: int
    blank_share: float
    accept_error: float
    endpoint: "Endpoint | None"
    time_zone: str
    log_level: str
    log_format: str
    metrics_key: str

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")


def read(environ: Mapping[str, str] = os.environ) -> Environment:
    """The choices in ``environ``. Makes the home folder, and on the first run the secret key in it.

    Raises:
        ImproperlyConfigured: when a value cannot be understood; the message names the variable.
    """
    values = {name: environ.get(name, default).strip() for name, default in VARIABLES.items()}
    home = Path(values["SHIRUSHI_HOME"]).expanduser().resolve()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    base_url = values["SHIRUSHI_BASE_URL"].rstrip("/")
    return Environment(
        home=home,
        secret_key=values["SHIRUSHI_SECRET_KEY"] or _kept_secret(home / "secret-key"),
        umask=_umask(values["SHIRUSHI_UMASK"]),
        base_url=base_url,
        hosts=_hosts(values["SHIRUSHI_HOSTS"], base_url),
        prefix=values["SHIRUSHI_PREFIX"],
        admin_email=_email(values["SHIRUSHI_ADMIN_EMAIL"], base_url),
        oai_page=_page(values),
        demo=_flag("SHIRUSHI_DEMO", values),
        debug=_flag("SHIRUSHI_DEBUG", values),
        database=database(values["SHIRUSHI_DATABASE"], home),
        store=_store(values["SHIRUSHI_STORE"]),
        store_cache=_number("SHIRUSHI_STORE_CACHE", values),
        scrub_rate=_number("SHIRUSHI_SCRUB_RATE", values),
        scrub_days=_number("SHIRUSHI_SCRUB_DAYS", values),
        max_file_size=_number("SHIRUSHI_MAX_FILE_SIZE", values),
        uploads=_number("SHIRUSHI_UPLOADS", values),
        upload_room=_number("SHIRUSHI_UPLOAD_ROOM", values),
        upload_hours=_number("SHIRUSHI_UPLOAD_HOURS", values),
        fetch_allow=_allowed("SHIRUSHI_FETCH_ALLOW", values),
        fetch_hours=_number("SHIRUSHI_FETCH_HOURS", values),
        derive=_flag("SHIRUSHI_DERIVE", values),
        derive_max_size=_number("SHIRUSHI_DERIVE_MAX_SIZE", values),
        blank_share=_share("SHIRUSHI_BLANK_SHARE", values, most=1),
        accept_error=_share("SHIRUSHI_ACCEPT_ERROR", values),
        endpoint=language_model(values),
        time_zone=values["SHIRUSHI_TIME_ZONE"],
        log_level=values["SHIRUSHI_LOG_LEVEL"].upper(),
        log_format=_log_format(values["SHIRUSHI_LOG_FORMAT"]),
        metrics_key=values["SHIRUSHI_METRICS_KEY"],
    )


def _flag(name: str, values: Mapping[str, str]) -> bool:
    value = values[name].lower()
    if value not in _YES | _NO:
        raise ImproperlyConfigured(f"{name} is {values[name]!r}. Write yes or no.")
    return value in _YES


def _number(name: str, values: Mapping[str, str]) -> int:
    if not values[name].isascii() or not values[name].isdigit():
        of = "days" if name.endswith("_DAYS") else "bytes"
        raise ImproperlyConfigured(f"{name} is {values[name]!r}. Write a whole number of {of}.")
    return int(values[name])


def _umask(value: str) -> int:
    if not re.fullmatch(r"0?0[0-7]7", value):
        raise ImproperlyConfigured(
            f"SHIRUSHI_UMASK is {value!r}. Write 077, or 027 to let the group read; others on this machine never may."
        )
    return int(value, 8)


def _page(values: Mapping[str, str]) -> int:
    size = values["SHIRUSHI_OAI_PAGE"]
    if not (size.isascii() and size.isdigit() and 1 <= int(size) <= 1000):
        raise ImproperlyConfigured(f"SHIRUSHI_OAI_PAGE is {size!r}. Write a number from 1 to 1000.")
    return int(size)


def _email(given: str, base_url: str) -> str:
    """The address given, else one at the host: the protocol that shows it demands one with a dot in its domain."""
    if given and not re.fullmatch(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+", given):
        raise ImproperlyConfigured(f"SHIRUSHI_ADMIN_EMAIL is {given!r}. Write an address like data@example.ac.jp.")
    host = urlsplit(base_url).hostname or "localhost"
    return given or f"admin@{host if re.fullmatch(r'[^.]+([.][^.]+)+', host) else 'localhost.localdomain'}"


def _log_format(value: str) -> str:
    if value not in ("line", "json"):
        raise ImproperlyConfigured(f"SHIRUSHI_LOG_FORMAT is {value!r}. Write line or json.")
    return value


def database(url: str, home: Path) -> dict[str, Any]:
    """The entry of Django's ``DATABASES`` for an address of PostgreSQL (a connection URI of libpq); for "", SQLite in ``home``.

    Raises:
        ImproperlyConfigured: it is no such address, or the driver is missing. A password in it is not repeated.
    """
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": home / "shirushi.sqlite3",
            "CONN_MAX_AGE": None,  # opening the file and its write-ahead log costs more than all queries of a page
            "OPTIONS": {
                # A writer takes its lock at once, so two writers wait for each other instead of failing halfway.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # FULL: a commit that was acknowledged survives a power cut (with NORMAL, WAL may lose the last ones).
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;",
            },
        }
    try:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict
    except ImportError as error:
        raise ImproperlyConfigured(
            "SHIRUSHI_DATABASE is set, but the driver for PostgreSQL is not installed. Run: pip install 'shirushi[postgresql]'"
        ) from error
    example = "Write postgresql://user:password@host:5432/name, or leave it empty for SQLite in the home folder."
    if not url.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(f"SHIRUSHI_DATABASE is not an address of PostgreSQL. {example}")
    try:
        parts = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    except ProgrammingError as error:
        raise ImproperlyConfigured(f"SHIRUSHI_DATABASE cannot be understood. {example}") from error
    if not re.fullmatch(r"[0-9,]*", parts.get("port", "")):
        raise ImproperlyConfigured(f"SHIRUSHI_DATABASE has a port that is no number. {example}")
    if not parts.get("dbname"):
        raise ImproperlyConfigured(f"SHIRUSHI_DATABASE names no database. {example}")
    return {
        "ENGINE": "shirushi.core.postgresql",
        "NAME": parts.pop("dbname"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,  # one that the server has dropped is opened anew, once for each request
        # A server that is not there is told of soon; everything else in the address (sslmode …) goes on to libpq.
        "OPTIONS": {"connect_timeout": "5", "application_name": "shirushi", **parts},
    }


def _store(value: str) -> str:
    """Where files are kept: "" for the home folder, else the address of a bucket."""
    if value and not re.fullmatch(
        r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]{1,100})?", value.rstrip("/")
    ):
        raise ImproperlyConfigured(
            f"SHIRUSHI_STORE is {value!r}. Write s3://bucket or s3://bucket/prefix, or leave it empty for the home folder."
        )
    return value.rstrip("/")


def _allowed(name: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """Networks and hosts, each of which can be understood."""
    entries = tuple(part.strip() for part in values[name].split(",") if part.strip())
    if entries:
        from shirushi.storage.remote import Allowed

        try:
            Allowed.of(entries)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{name}: {error}. Write 10.20.0.0/16 or data.intra.example.ac.jp:8443."
            ) from error
    return entries


def language_model(values: Mapping[str, str]) -> "Endpoint | None":
    """The language model that may be asked, with consent each time; None unless an address is set.

    Raises:
        ImproperlyConfigured: the address, the name of the model or the key's file is missing or wrong.
    """
    url, model = values["SHIRUSHI_LLM_URL"], values["SHIRUSHI_LLM_MODEL"]
    if not url:
        return None
    if not model:
        raise ImproperlyConfigured("SHIRUSHI_LLM_URL is set, but SHIRUSHI_LLM_MODEL is not. Name the model to ask for.")
    from shirushi.describe.llm.client import Endpoint, read_key

    try:
        key = read_key("SHIRUSHI_LLM_KEY", values["SHIRUSHI_LLM_KEY_FILE"]) or values["SHIRUSHI_LLM_KEY"] or None
        return Endpoint(url, model, key)
    except ValueError as error:
        raise ImproperlyConfigured(f"SHIRUSHI_LLM_URL or its key: {error}") from error


def _share(name: str, values: Mapping[str, str], most: float = 0.5) -> float:
    try:
        share = float(values[name])
    except ValueError:
        share = -1.0
    if not 0 <= share <= most:
        raise ImproperlyConfigured(f"{name} is {values[name]!r}. Write a share from 0 to {most:g}, like 0.05.")
    return share


def _hosts(given: str, base_url: str) -> tuple[str, ...]:
    """The host names this server answers to: those given, the one of its address, and this very machine."""
    address = urlsplit(base_url)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise ImproperlyConfigured(f"SHIRUSHI_BASE_URL is {base_url!r}. Write it in full: https://data.example.ac.jp")
    named = [host.strip() for host in given.split(",") if host.strip()]
    return tuple(dict.fromkeys([*named, address.hostname, "localhost", "127.0.0.1", "[::1]"]))


def _kept_secret(path: Path) -> str:
    """The key in ``path``, made on first use. Two processes that start at once end up with the same one."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = path.read_text("ascii").strip()
        if not kept:
            raise ImproperlyConfigured(
                f"{path} is empty. Delete it and start again; everyone has to sign in anew."
            ) from None
        return kept
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
    return key
