"""What a page deep in an OAI-PMH list costs beside the first page: 200,000 records, twenty a page.

usage: python bench/oai.py [--records 200020]      (in the environment of the tests; makes its own database, about 400 MB)

The records are clones of one that was published, put in by bulk insert, a thousand of them in each second: a list that were ordered
by time alone would have to walk through a second. Page 10,000 is asked for by its resumption token. Each line prints the median
milliseconds of both pages, asked for in turns, and their ratio (bar 1.2).
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import rows

PAGE, DEEP, ROUNDS, BAR = 20, 10_000, 60, 1.2
IN_A_SECOND, AT_ONCE = 1_000, 2_000
START = datetime(2026, 1, 1, tzinfo=UTC)


def fill(count: int) -> list[str]:
    """Publish one record, put in clones of it up to ``count``, and give the ids in the order of the list."""
    from record_page import make_record

    from shirushi.core import followers
    from shirushi.core.ids import encode
    from shirushi.core.models import Concept, HarvestEntry, HarvestSet, Record

    first = Record.objects.get(pk=make_record())
    followers.follow("harvesting")
    document = {**first.document, "provenance": []}
    ids = [encode(number, 14) for number in range(count - 1)]
    ids.append(first.pk)
    sets = list(HarvestSet.objects.all())
    HarvestEntry.objects.filter(record=first).update(datestamp=moment(count - 1))
    for begin in range(0, count - 1, AT_ONCE):
        numbers = range(begin, min(begin + AT_ONCE, count - 1))
        Concept.objects.bulk_create([Concept(id=ids[n], space_id=first.space_id) for n in numbers])
        Record.objects.bulk_create([clone(first, ids[n], document) for n in numbers])
        HarvestEntry.objects.bulk_create(
            [HarvestEntry(set=each, record_id=ids[n], datestamp=moment(n), event=0) for n in numbers for each in sets]
        )
    return ids


def moment(number: int) -> datetime:
    return START + timedelta(seconds=number // IN_A_SECOND)


def clone(record: Any, pk: str, document: dict[str, Any]) -> Any:
    fields = {field.attname: getattr(record, field.attname) for field in record._meta.concrete_fields}  # noqa: SLF001
    return type(record)(**{**fields, "id": pk, "concept_id": pk, "object_id": pk, "document": {**document, "id": pk}})


def questions(ids: list[str]) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """(what, the first page, page 10,000) for lists with and without metadata, of everything and of a set."""
    from shirushi.core.harvesting import Selection
    from shirushi.web.protocols.oai import tokens

    before = (DEEP - 1) * PAGE
    after = (moment(before - 1), ids[before - 1])
    for verb, prefix, spec in (
        ("ListIdentifiers", "oai_dc", ""),
        ("ListRecords", "oai_dc", ""),
        ("ListRecords", "jpcoar_2.1", ""),
        ("ListRecords", "datacite", "space:bench"),
    ):
        place = tokens.Place(verb, prefix, Selection(spec), after=after, cursor=before)
        first = {"verb": verb, "metadataPrefix": prefix} | ({"set": spec} if spec else {})
        yield f"{verb} {prefix} {spec}", first, {"verb": verb, "resumptionToken": tokens.token(place)[0]}


def milliseconds(work: Callable[[dict[str, str]], object], values: dict[str, str]) -> float:
    start = time.perf_counter()
    work(values)
    return (time.perf_counter() - start) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=DEEP * PAGE + PAGE)
    count = max(parser.parse_args().records, DEEP * PAGE + 1)
    os.environ["DJANGO_SETTINGS_MODULE"] = "shirushi.web.settings_test"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    settings.SHIRUSHI_OAI_PAGE = PAGE
    call_command("migrate", verbosity=0)
    start = time.perf_counter()
    ids = fill(count)
    print(f"{count:,} records put in after {time.perf_counter() - start:.0f} s")
    client = Client()

    def ask(values: dict[str, str]) -> bytes:
        return client.get("/oai", values).content

    for what, first, deep in questions(ids):
        if ids[(DEEP - 1) * PAGE].encode() not in ask(deep) or ids[0].encode() not in ask(first):
            raise RuntimeError(f"{what}: not the page that was asked for")
        pairs = [(milliseconds(ask, first), milliseconds(ask, deep)) for _ in range(ROUNDS)]
        near, far = (statistics.median(times) for times in zip(*pairs, strict=True))
        rows.tell(f"OAI-PMH page {DEEP:,} / page 1: {what.strip()}", far / near, BAR)
        verdict = "met" if far / near <= BAR else "NOT MET"
        print(
            f"{what:40} page 1 {near:7.2f} ms   page {DEEP:,} {far:7.2f} ms   ratio {far / near:.2f} (bar {BAR}: {verdict})"
        )


if __name__ == "__main__":
    main()
