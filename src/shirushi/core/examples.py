"""What published records teach: their texts, and the classes of vocabularies that people gave them."""

from collections.abc import Iterator

from shirushi.core.models import Record
from shirushi.describe.classifier import Example
from shirushi.metadata.work import Work

MOST_VARIABLES = 200


def subject_examples() -> Iterator[Example]:
    """The newest standing version of every concept. One that nobody gave a class is an example of none."""
    standing = Record.objects.filter(withdrawn_at=None).order_by("concept_id", "-number")
    before = None
    for record in standing.only("concept_id", "number", "metadata").iterator(chunk_size=500):
        if record.concept_id != before:
            before = record.concept_id
            yield _example(record.concept_id, record.work)


def _example(name: str, work: Work) -> Example:
    subjects = {(one.scheme, one.code): one.text for one in work.subjects if one.scheme and one.code}
    keywords = [one.text for one in work.subjects if not one.code]
    columns = [text for one in work.variables[:MOST_VARIABLES] for text in (one.name, one.label) if text]
    texts = [*(one.text for one in work.titles), *(one.text for one in work.descriptions), *keywords, *columns]
    return Example(name, "\n".join(texts), subjects)
