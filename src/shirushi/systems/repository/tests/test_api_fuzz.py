"""Whatever schemathesis makes of the OpenAPI document, the answer is documented and never a 5xx."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import one_of
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shirushi.accounts.actors import person
from shirushi.accounts.models import Membership, Space, Token, User
from shirushi.core import services
from shirushi.core.home import engine
from shirushi.core.models import Concept, Draft
from shirushi.web.wsgi import application

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
EXAMPLES = 5  # of each operation and caller; `make fuzz-api` sends hundreds, over HTTP
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


WRONG = (
    ("application/json", b"{"),
    ("application/json", b"\xff\xfe"),
    ("application/json", b"[]"),
    ("application/json", b"null"),
    ("application/json", b'{"value": ' + b"[" * 5_000 + b"]" * 5_000 + b"}"),
    ("application/json", b'{"value": 1e999, "at_version": 99999999999999999999}'),
    ("application/xml", b"<a/>"),
    ("multipart/form-data; boundary=x", b"--x\r\n"),
    ("application/x-www-form-urlencoded", b"a=1&a=2"),
    ("text/plain; charset=none", b"x"),
    ("", b"{}"),
)


@pytest.fixture
def depositor():
    """Headers of somebody who may do everything with a draft of their own; the space's slug is easy to hit upon."""
    space = Space.objects.create(slug="0", name_en="Zero", name_ja="零")
    user = User.objects.create_user("hanako@example.org", "a long password", name="花子")
    Membership.objects.create(space=space, user=user, role="depositor")
    secret = Token.objects.issue(user=user, name="t", scopes=["read", "deposit", "decide", "publish"])[1]
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def draft(depositor):
    space, user = Space.objects.get(), User.objects.get()
    concept = Concept.objects.create(space=space)
    return Draft.objects.create(space=space, owner=user, concept=concept)


@pytest.fixture
def record(draft):
    """Published, with one file, so that exports, downloads and versions are asked for what is there."""
    by = person(User.objects.get())
    services.put_file(draft=draft, path="0", content=b"x,y\n1,2\n", by=by)
    draft.metadata = {
        "titles": [{"text": "Sea"}],
        "creators": [{"name": "Yamada, Hanako"}],
        "descriptions": [{"text": "Hourly temperatures."}],
        "rights": [{"id": "CC0-1.0"}],
        "publisher": {"name": "Zero"},
        "resource_type": {"general": "Dataset"},
    }
    draft.save()
    return services.publish(draft=draft, by=by, at_version=draft.version)


def fuzz(
    headers: dict[str, str], fixed: dict[str, str], document: str = "/api/openapi.json", checks: tuple = CHECKS
) -> int:
    """Sends made-up requests to every operation, with values that fit and with such that do not, and with the ids in ``fixed`` where a
    path has them; returns how many."""
    engine().clear()  # a new installation's empty index
    sent = 0
    for result in schemathesis.openapi.from_wsgi(document, application).get_all_operations():
        operation = result.ok()
        strategies = [operation.as_strategy()]
        if (
            operation.path_parameters or operation.query or operation.headers or operation.body
        ):  # else nothing can be wrong
            strategies.append(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))

        @seed(20261130)
        @settings(
            max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
        )
        @given(one_of(strategies))
        def check(case):
            nonlocal sent
            for name in set(fixed) & set(case.path_parameters or {}):
                case.path_parameters[name] = fixed[name]
            case.validate_response(case.call(headers=headers), checks=checks)
            sent += 1

        check()
    return sent


def test_nobody_gets_documented_answers(record):
    assert fuzz({}, {"record_id": record.pk, "path": "0"}) >= 65 * EXAMPLES // 2


def test_depositor_gets_documented_answers(depositor, record):
    """The draft of the next version is open to every change; the record is there to be read."""
    draft = services.new_version(record=record, by=person(User.objects.get()))
    assert fuzz(depositor, {"draft_id": draft.pk, "record_id": record.pk}) >= 65 * EXAMPLES // 2


def test_clients_of_inveniordm_get_documented_answers(depositor, record):
    draft = services.new_version(record=record, by=person(User.objects.get()))
    fixed = {"draft_id": draft.pk, "record_id": record.pk, "key": "0"}
    assert fuzz(depositor, fixed, "/invenio/0/api/openapi.json") >= 20 * EXAMPLES // 2


def test_nobody_gets_documented_answers_of_inveniordm(record):
    assert fuzz({}, {"record_id": record.pk, "key": "0"}, "/invenio/api/openapi.json") >= 20 * EXAMPLES // 2


def test_wrong_media_types_and_bodies_get_documented_answers(depositor, record):
    """Every operation that changes something, sent what it does not take."""
    client = Client(headers=depositor)
    draft = services.new_version(record=record, by=person(User.objects.get()))
    ids = {"draft_id": draft.pk, "record_id": record.pk, "path": "0", "key": "0"}
    asked = 0
    for document in ("/api/openapi.json", "/invenio/api/openapi.json"):
        for address, operations in client.get(document).json()["paths"].items():
            path = re.sub(r"\{(\w+)\}", lambda name: str(ids.get(name[1], "1")), address)
            for method in set(operations) - {"get", "options"}:
                for kind, body in WRONG:
                    answer = client.generic(method.upper(), path, body, content_type=kind)
                    assert str(answer.status_code) in operations[method]["responses"], (
                        method,
                        address,
                        kind,
                        body[:20],
                    )
                    assert answer.status_code < 500 or answer.status_code in {503, 507}
                    asked += 1
    assert asked > 40 * len(WRONG)


def test_no_two_schemas_share_a_name():
    """The document keeps them by name, so that of two with one name one would be described as the other."""
    from ninja import Schema

    def below(kind: type) -> Iterator[type]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    Client().get("/api/openapi.json")  # every router is imported
    ours = {one for one in below(Schema) if one.__module__.startswith("shirushi.")}
    named = Counter(one.__name__ for one in ours)
    assert len(ours) > 50
    assert [name for name, count in named.items() if count > 1] == []
