"""What keeps a service running: signs of life, numbers, logs."""

import json
import logging
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shirushi.accounts.models import Membership, Role, Space, Token, User
from shirushi.storage.tests.gateway import BUCKET
from shirushi.web import service
from shirushi.web.logs import JsonLines, WithoutSecrets

KEY = {"HTTP_AUTHORIZATION": "Bearer a-key-for-prometheus"}


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.SHIRUSHI_HOME = tmp_path
    settings.SHIRUSHI_METRICS_KEY = "a-key-for-prometheus"


def numbers(client) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = client.get("/metrics", **KEY)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


def test_health_asks_nothing_else(client, django_assert_num_queries, db) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/health")
    assert (answer.status_code, answer.json(), answer["Cache-Control"].startswith("max-age=0")) == (
        200,
        {"status": "ok"},
        True,
    )


def test_ready_says_what_is_missing(client, db, monkeypatch) -> None:
    monkeypatch.setattr(service, "LEAST_FREE", 2**70)
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert "disk" in answer.json()["missing"]


@pytest.mark.parametrize("path", ["/", "/api/records", "/oai", "/search", "/none"])
def test_other_names_are_refused_in_words_and_health_answers_by_any(client, db, path) -> None:
    refused = client.get(path, HTTP_HOST="10.1.2.3")
    assert (refused.status_code, "<h1" in refused.content.decode()) == (400, True)
    assert client.get("/health", HTTP_HOST="10.1.2.3").status_code == 200


def test_ready_says_when_the_bucket_does_not_answer(client, db, gateway, settings) -> None:
    settings.SHIRUSHI_STORE = f"s3://{BUCKET}/ready"
    assert "store" not in client.get("/ready").json()["missing"]
    gateway.kill()
    try:
        began = time.monotonic()
        assert "store" in client.get("/ready").json()["missing"]
        assert time.monotonic() - began < 10
    finally:
        gateway.start()


def test_secrets_of_links_are_not_logged() -> None:
    record = logging.LogRecord(
        "django.request", logging.WARNING, "f", 1, "%s: %s", ("Gone", "/shared/OatWr-x/files/a"), None
    )
    assert WithoutSecrets().filter(record)
    assert record.getMessage() == "Gone: /shared/***/files/a"
    record = logging.LogRecord("a", logging.WARNING, "f", 1, "/records/a/files/b?x=1&key=OatWr and more", None, None)
    WithoutSecrets().filter(record)
    assert record.getMessage() == "/records/a/files/b?x=1&key=*** and more"


def test_metrics_count_by_route_and_tell_what_the_database_holds(client, db) -> None:
    client.get("/records/none")
    client.get("/records/other")
    found = numbers(client)
    key = ("shirushi_http_requests_total", (("method", "GET"), ("route", "records/<str:record_id>"), ("status", "404")))
    assert found[key] >= 2
    assert found["shirushi_records", (("state", "standing"),)] == 0
    assert found["shirushi_follower_behind", (("follower", "index"),)] == 0
    assert not [name for name, labels in found if "records/none" in dict(labels).get("route", "")]


def test_metrics_are_for_operators_and_the_key_alone(client, db, settings) -> None:
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer wrong").status_code == 401
    user = User.objects.create_user("op@example.org", None, name="Op")
    Membership.objects.create(
        space=Space.objects.create(slug="a", name_en="A", name_ja="A"), user=user, role=Role.OPERATOR
    )
    _, token = Token.objects.issue(user=user, name="p", scopes=["operate"])
    assert client.get("/metrics", HTTP_AUTHORIZATION=f"Bearer {token}").status_code == 200
    settings.SHIRUSHI_METRICS_KEY = ""
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer ").status_code == 401


def test_log_as_json() -> None:
    try:
        raise ValueError("no good")
    except ValueError as error:
        record = logging.LogRecord(
            "a.b", logging.ERROR, "f", 1, "%s failed", ("x",), (ValueError, error, error.__traceback__)
        )
    told = json.loads(JsonLines().format(record))
    assert (told["level"], told["logger"], told["message"]) == ("ERROR", "a.b", "x failed")
    assert "ValueError: no good" in told["error"]
