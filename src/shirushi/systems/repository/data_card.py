"""A data card: what a person or a program should know before they use the data, each fact with where it was seen.

Everything in it is the record's, its evidence's, or was counted when its derived files were made. What is not known is said once.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shirushi.core.disclosure import category_words
from shirushi.core.documents import record_url
from shirushi.core.paths import visible
from shirushi.exchange.common import PLAIN_ENCODINGS, access_of, instrument_words, software_words
from shirushi.exchange.croissant_records import record_sets
from shirushi.metadata.published import DerivedFile, FileEntry, Publication

JSON = Any
MOST_GAPS = 12
WIDELY_MISSING = 0.05  # of a column: what is less is told in the table of variables alone
_DELIMITED = {"text/csv": ",", "text/tab-separated-values": "\t"}


@dataclass(frozen=True, slots=True)
class Told:
    """A text with the entry of the provenance that says where it was seen; ``lang`` where it is known."""

    text: str
    origin: Mapping[str, JSON] | None = None
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Snippet:
    """Lines of code that load the data: what they are for, in what language, and the lines."""

    name: str
    title: str
    code: str


@dataclass(frozen=True, slots=True)
class Card:
    """``methods`` tell how it was made; ``tables`` and ``stores`` are the derived files; ``gaps`` what is missing or was changed; ``unknown`` what
    nothing is known of; ``answers`` what was answered about data of people; ``snippets`` how to load it."""

    methods: Sequence[Told]
    tools: Sequence[Told]
    tables: Sequence[DerivedFile]
    stores: Sequence[DerivedFile]
    gaps: Sequence[str]
    unknown: Sequence[str]
    answers: Sequence[str]
    snippets: Sequence[Snippet]
    is_open: bool


def card_of(
    record_id: str, publication: Publication, origins: Mapping[str, Mapping[str, JSON]], *, language: str
) -> Card:
    """The card of a record; ``publication`` with its derived files and answers."""
    work = publication.work
    methods = [
        Told(text.text, origins.get(f"/descriptions/{n}"), text.lang)
        for n, text in enumerate(work.descriptions)
        if text.type == "Methods"
    ]
    tools = [Told(instrument_words(t), origins.get(f"/instruments/{n}")) for n, t in enumerate(work.instruments)]
    tools += [Told(software_words(p), origins.get(f"/software/{n}")) for n, p in enumerate(work.software)]
    return Card(
        methods,
        tools,
        [made for made in publication.derived if made.kind == "parquet"],
        [made for made in publication.derived if made.kind == "zarr"],
        list(_gaps(publication)),
        list(_unknown(publication)),
        [_answer(answer.file, answer.category, answer.answer, language) for answer in publication.answers],
        list(_snippets(record_id, publication)) if publication.ask_url is None else [],
        access_of(publication).rights == "open",
    )


# ---- what is missing


def _gaps(publication: Publication) -> Iterator[str]:
    work = publication.work
    missing = [v for v in work.variables if v.missing and v.count and v.missing >= WIDELY_MISSING * v.count]
    missing.sort(key=lambda v: -(v.missing or 0) / (v.count or 1))
    for variable in missing[:MOST_GAPS]:
        share = {
            "name": visible(variable.name),
            "file": visible(variable.file or ""),
            "missing": f"{variable.missing:,}",
            "count": f"{variable.count:,}",
        }
        yield (
            _("%(name)s (%(file)s): %(missing)s of %(count)s values are missing") % share
            if variable.file
            else _("%(name)s: %(missing)s of %(count)s values are missing") % share
        )
    if len(missing) > MOST_GAPS:
        more = len(missing) - MOST_GAPS
        yield ngettext(
            "and %(num)s more variable with many missing values",
            "and %(num)s more variables with many missing values",
            more,
        ) % {"num": more}
    bare = sum(not (v.description or v.label) for v in work.variables)
    if bare:
        yield ngettext(
            "%(num)s variable has a name but no explanation",
            "%(num)s variables have a name but no explanation",
            bare,
        ) % {"num": bare}
    if any(v.sampled for v in work.variables):
        yield _("Some ranges and counts are those of a sample of the rows")


def _unknown(publication: Publication) -> Iterator[str]:
    """What a reader of a card looks for and the record does not say."""
    work = publication.work
    if not any(text.type == "Methods" for text in work.descriptions) and not work.instruments:
        yield _("how the data were made")
    if not any(entry.type in ("Collected", "Coverage", "Created") for entry in work.dates):
        yield _("when they were collected")
    if not work.locations:
        yield _("where they were collected")
    if not work.rights:
        yield _("under which licence they may be used")
    yield _("biases, and uses that they are not meant for")


def _answer(file: str, category: str, answer: str, language: str) -> str:
    words = {
        "not-personal": _("the publisher says that it tells of no person"),
        "consented": _("the publisher says that it may be published"),
        "restrict": _("the publisher says that only some may have the files"),
    }.get(answer, answer)
    return f"{visible(file)}: {category_words(category).in_(language)} – {words}"


# ---- how to load it


def _snippets(record_id: str, publication: Publication) -> Iterator[Snippet]:
    tables = [made for made in publication.derived if made.kind == "parquet"]
    stores = [made for made in publication.derived if made.kind == "zarr"]
    if loads := next(record_sets(publication), None):
        yield Snippet("mlcroissant", _("Any table, by Croissant (Python)"), _croissant(record_id, loads["@id"]))
    if tables:
        yield Snippet("pandas", _("A table with pandas (Python)"), _pandas(tables[0]))
        yield Snippet("duckdb", _("A table with DuckDB (SQL), without downloading all of it"), _duckdb(tables[0]))
    elif plain := next((entry for entry in publication.files if entry.media_type in _DELIMITED), None):
        yield Snippet("pandas", _("A table with pandas (Python)"), _read_csv(plain))
    if stores:
        yield Snippet("xarray", _("Arrays with xarray (Python), read as far as they are needed"), _xarray(stores[0]))
    if publication.files and not (tables or stores or loads):
        entry = publication.files[0]
        yield Snippet("curl", _("A file, on the command line"), f"curl -OJ {json.dumps(entry.url or entry.path)}")


def _croissant(record_id: str, name: str) -> str:
    return (
        '# pip install "mlcroissant[parquet]"\n'
        "import mlcroissant\n\n"
        f'data = mlcroissant.Dataset("{record_url(record_id)}/export/croissant")\n'
        f"for record in data.records({json.dumps(name)}):\n"
        "    print(record)\n"
    )


def _pandas(made: DerivedFile) -> str:
    return f"# pip install pandas pyarrow\nimport pandas\n\ntable = pandas.read_parquet({json.dumps(made.url)})\n"


def _duckdb(made: DerivedFile) -> str:
    address = (made.url or "").replace("'", "''")
    return f"SELECT * FROM read_parquet('{address}') LIMIT 10;\n"  # noqa: S608 - shown, not run


def _read_csv(entry: FileEntry) -> str:
    table = entry.table
    options = []
    if table is not None:
        if table.encoding not in PLAIN_ENCODINGS:
            options.append(f"encoding={json.dumps(table.encoding)}")
        if table.delimiter != ",":
            options.append(f"sep={json.dumps(table.delimiter)}")
        options.append(f"header={table.header_row - 1}, skip_blank_lines=False" if table.header_row else "header=None")
    elif entry.media_type != "text/csv":
        options.append(r'sep="\t"')
    given = ", ".join([json.dumps(entry.url or entry.path), *options])
    return f"# pip install pandas\nimport pandas\n\ntable = pandas.read_csv({given})\n"


def _xarray(made: DerivedFile) -> str:
    group = (
        next((array.part for array in made.arrays if array.part), None) if all(a.part for a in made.arrays) else None
    )
    more = f", group={json.dumps(group)}" if group else ""
    return (
        "# pip install xarray zarr fsspec aiohttp\n"
        "import xarray\n\n"
        f"data = xarray.open_zarr({json.dumps(made.store_url)}{more})\n"
    )
