"""What is written in pieces is what is written at once."""

import json
from importlib import import_module

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from rdflib import Graph
from rdflib.compare import isomorphic

from shirushi.exchange import dcat
from shirushi.exchange.datapackage import _unique
from shirushi.exchange.errors import NotExportable
from shirushi.exchange.pieces import Each, to_pieces
from shirushi.metadata.published import DerivedFile, FileEntry, Publication
from shirushi.metadata.work import Related

KINDS = ["minimal", "titled", "rich", "registered", "unpublished"]
WRITERS = [
    ("croissant", "to_json"), ("datapackage", "to_json"), ("dcat", "to_json"), ("jpcoar", "to_xml"), ("ro_crate", "to_json"),
    ("schema_org", "to_json"),
]  # fmt: skip


def in_pieces(module: str, publication: Publication) -> bytes:
    """Made of what is told of the record without its files, and of these."""
    module, _, function = module.partition(":")
    totals = {"file_count": len(publication.files), "total_size": sum(file.size for file in publication.files)}
    head = publication.model_copy(update={"files": [], **totals})
    writer = getattr(import_module(f"shirushi.exchange.{module}"), function or "pieces")
    return b"".join(writer(head, lambda: iter(publication.files)))


def at_once(module: str, function: str, publication: Publication) -> bytes:
    return getattr(import_module(f"shirushi.exchange.{module}"), function)(publication)


def with_more(publication: Publication) -> Publication:
    """More files, some of them of one format, one that is a related work too, one from which something was made; names of all sorts."""
    digest = "a" * 64
    names = ['data/"quoted" \\ back.csv', "海/観測 1.csv", "a.csv", "A.csv", "a-2.csv", ".hidden", "b\u0001\u2028.bin"]
    files = [
        FileEntry(
            path=name, size=number, media_type="text/csv" if name.endswith("csv") else "application/octet-stream",
            sha256=digest, url=f"https://example.org/records/1/files/{number}",
            **({"puid": "x-fmt/18", "pronom_format": "Comma Separated Values"} if name.endswith("csv") else {}),
        )
        for number, name in enumerate(names)
    ]  # fmt: skip
    made = DerivedFile(
        path="a.csv.parquet", kind="parquet", media_type="application/vnd.apache.parquet", size=9, sha256=digest,
        derived_from="a.csv", derived_from_sha256=digest, rows=3, made_with="shirushi", columns=[{"name": "x", "source": "x"}],
        url="https://example.org/records/1/derived/a.csv.parquet",
    )  # fmt: skip
    own = Related(identifier=files[1].url, scheme="URL", relation="HasPart", title="The sea")
    work = publication.work.model_copy(update={"related": [*publication.work.related, own]})
    return publication.model_copy(
        update={"work": work, "files": [*publication.files, *files], "derived": [*publication.derived, made]}
    )


@pytest.mark.parametrize(("module", "function"), WRITERS)
@pytest.mark.parametrize("asked", [None, "https://example.org/records/1/ask"])
@pytest.mark.parametrize("kind", KINDS)
def test_pieces_are_the_same_bytes(made, kind, asked, module, function):
    publication = with_more(getattr(made, kind)).model_copy(update={"ask_url": asked})
    entries = publication.files
    if asked and module == "ro_crate":  # who asks for pieces says what the files are called
        from shirushi.exchange.ro_crate import on_page

        entries = [on_page(entry, publication) for entry in entries]
    given = publication.model_copy(update={"files": entries})
    assert in_pieces(module, given) == at_once(module, function, publication)


def test_any_publication_is_the_same_in_pieces(made):
    @settings(max_examples=25, phases=[Phase.generate], deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(made.publications)
    def check(publication):
        for module, function in WRITERS:
            try:
                whole = at_once(module, function, publication)
            except NotExportable:
                continue
            if publication.files:
                assert in_pieces(module, publication) == whole, module

    check()


@pytest.mark.parametrize("asked", [None, "https://example.org/records/1/ask"])
@pytest.mark.parametrize("kind", KINDS)
def test_turtle_in_pieces_is_the_same_graph(made, kind, asked):
    publication = with_more(getattr(made, kind)).model_copy(update={"ask_url": asked})
    streamed = in_pieces("dcat:turtle_pieces", publication)
    whole = Graph().parse(data=dcat.to_turtle(publication), format="turtle")
    assert isomorphic(Graph().parse(data=streamed, format="turtle"), whole)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"a": []},
        {"a": [], "b": 1},
        {"a": [1, "二", None, True, 1.5, 1e300, {}, [], {"x": [[], {"y": "\x00\u2028\U0001f600\\"}]}]},
        {"a": [{"b": "c"}, {"b": ["d"]}], "z": {"q": {}}},
    ],
)
def test_writer_writes_as_json_does(document):
    def lazily(value):
        if isinstance(value, dict):
            return {
                key: Each(lambda item=item: item) if isinstance(item, list) else item for key, item in value.items()
            }
        return value

    kept = {key: item for key, item in document.items() if item != []}
    assert b"".join(to_pieces(document)).decode() == json.dumps(document, ensure_ascii=False, indent=2)
    assert b"".join(to_pieces(lazily(document))).decode() == json.dumps(kept, ensure_ascii=False, indent=2)


def test_names_of_one_kind_are_not_tried_again():
    names: dict[str, int] = {}
    assert [_unique(name, names) for name in ("a", "a-2", "a", "a", "a-2", "b")] == [
        "a", "a-2", "a-3", "a-4", "a-2-2", "b",
    ]  # fmt: skip
    assert [_unique("csv", names) for _ in range(50_000)][-1] == "csv-50000"
