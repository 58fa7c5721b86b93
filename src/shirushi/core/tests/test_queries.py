"""How many queries things take, for 1 and for 100 files or suggestions: the number must be the same."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shirushi.core import rules, services
from shirushi.core.documents import publication_of
from shirushi.core.models import Record
from shirushi.describe.description import Description

pytestmark = pytest.mark.django_db

SIZES = (1, 100)


def counted(work) -> int:
    with CaptureQueriesContext(connection) as queries:
        work()
    return len(queries)


@pytest.fixture
def with_files(space, depositor, fill):
    def make(number: int):
        draft = services.create_draft(space=space, by=depositor)
        for count in range(number):
            services.put_file(draft=draft, path=f"{count:03}.txt", content=str(count).encode(), by=depositor)
        draft.refresh_from_db()
        fill(draft, depositor)
        return draft

    return make


def test_publishing_takes_as_many_queries_for_1_as_for_100_files(with_files, depositor) -> None:
    drafts = [with_files(size) for size in SIZES]
    few, many = (
        counted(lambda draft=draft: services.publish(draft=draft, by=depositor, at_version=draft.version))
        for draft in drafts
    )
    assert few == many


def test_document_of_a_record_takes_one_query(with_files, depositor) -> None:
    for size in SIZES:
        draft = with_files(size)
        record = services.publish(draft=draft, by=depositor, at_version=draft.version)
        assert counted(lambda pk=record.pk: publication_of(Record.objects.get(pk=pk))) == 1


def test_readiness_takes_three_queries(space, depositor, make_proposal) -> None:
    for size in SIZES:
        draft = services.create_draft(space=space, by=depositor)
        services.put_file(draft=draft, path="x", content=b"x", by=depositor)
        run = services.start_describing(draft=draft, by=depositor)
        proposals = [make_proposal("/subjects/-", {"text": f"word {number}"}) for number in range(size)]
        services.save_description(run=run, description=Description("x", suggestions=proposals))
        draft.refresh_from_db()
        assert counted(lambda draft=draft: services.readiness(draft)) == 3
        assert services.readiness(draft).undecided == size


def test_visible_drafts_take_one_query(with_files, depositor) -> None:
    for _ in range(3):
        with_files(0)
        assert counted(lambda: list(rules.visible_drafts(depositor))) == 1
