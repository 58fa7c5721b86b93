"""How a table is written is kept with its file, and leaves with the record in its exports."""

import pytest

from shirushi.core import services
from shirushi.core.documents import publication_of, table_of
from shirushi.describe.description import Description
from shirushi.describe.evidence import CellPlace, Evidence
from shirushi.metadata.published import TableForm

pytestmark = pytest.mark.django_db

SHAPE = {"rows": 2, "columns": 2, "sampled": False, "header": ["年", "水温"], "delimiter": ";", "encoding": "cp932"}


@pytest.fixture
def read(draft, depositor, csv):
    """The draft, after a reading that found its table."""
    run = services.start_describing(draft=draft, by=depositor)
    seen = Evidence("table", SHAPE, CellPlace(csv.path, 1, 3, None, "年, 水温"), "table/1")
    services.save_description(run=run, description=Description("buoys", evidence=[seen], file_count=1))
    draft.refresh_from_db()
    return draft


def test_form_of_a_table_is_published_and_goes_into_the_next_version(read, depositor, fill) -> None:
    fill(read, depositor)
    record = services.publish(draft=read, by=depositor, at_version=read.version)
    form = TableForm(encoding="cp932", delimiter=";", header_row=3, header=["年", "水温"])
    assert [file.table for file in publication_of(record).files] == [form]
    assert record.files.get().table == form.model_dump(mode="json")
    following = services.new_version(record=record, by=depositor)
    assert table_of(following.files.get()) == form


def test_other_bytes_at_the_same_path_wait_for_their_own_reading(read, depositor, csv) -> None:
    services.put_file(draft=read, path=csv.path, content=b"a,b\n1,2\n", by=depositor)
    assert table_of(read.files.get()) is None
