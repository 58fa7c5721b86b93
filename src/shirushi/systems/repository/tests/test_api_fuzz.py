"""Whatever schemathesis makes of the OpenAPI document, the answer is documented and never a 5xx."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
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
EXAMPLES = 12
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


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
    """Sends made-up requests to every operation, with the ids in ``fixed`` where a path has them; returns how many."""
    engine().clear()  # a new installation's empty index
    sent = 0
    for result in schemathesis.openapi.from_wsgi(document, application).get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
        )
        @given(operation.as_strategy())
        def check(case):
            nonlocal sent
            for name in set(fixed) & set(case.path_parameters or {}):
                case.path_parameters[name] = fixed[name]
            case.validate_response(case.call(headers=headers), checks=checks)
            sent += 1

        check()
    return sent


def test_nobody_gets_documented_answers(record):
    assert fuzz({}, {"record_id": record.pk, "path": "0"}) >= 20 * EXAMPLES // 2


def test_depositor_gets_documented_answers(depositor, record):
    """The draft of the next version is open to every change; the record is there to be read."""
    draft = services.new_version(record=record, by=person(User.objects.get()))
    assert fuzz(depositor, {"draft_id": draft.pk, "record_id": record.pk}) >= 20 * EXAMPLES // 2


def test_inveniordm_never_breaks(depositor, record):
    """Its documents are as free as those of InvenioRDM, so here it is only asked that nothing is an error of ours."""
    draft = services.new_version(record=record, by=person(User.objects.get()))
    fixed = {"draft_id": draft.pk, "record_id": record.pk, "key": "0"}
    assert fuzz(depositor, fixed, "/invenio/api/openapi.json", (not_a_server_error,)) >= 15 * EXAMPLES // 2
