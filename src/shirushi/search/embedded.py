"""The embedded engine: a tantivy index in a folder. One writer at a time across processes, any number of readers.

Terms are made in Python (:mod:`shirushi.search.analysis`) and handed over joined by spaces, so tantivy's own analysers never
see text. A commit is one atomic, fsynced step; readers notice it by the index's ``meta.json`` and see it with their
next search.
"""

import fcntl
import json
import os
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import tantivy

from shirushi.search import compiling, footers, highlight, readings
from shirushi.search.analysis import VERSION, Token, analyse, bigrams
from shirushi.search.engine import Change, FacetValue, Hit, Hits, IndexBusy, IndexDamaged, IndexFull, Marked, Put, State
from shirushi.search.query import FACETS, Parsed, Query, parse
from shirushi.search.suggest import suggestions

_FORM = {"analysis": VERSION, "schema": 2}
_FORM_FILE = "shirushi.json"
_HEAP = 64_000_000  # bytes a writer may collect before it flushes
_MOST_VALUES = 50  # of one facet
_MOST_TIES = 2_000  # hits of equal score put in order by their id


@dataclass(frozen=True, slots=True)
class _Open:
    """An index as one commit left it; ``mark`` tells when there is a newer one."""

    index: tantivy.Index
    searcher: tantivy.Searcher
    mark: tuple[int, int, int]


class EmbeddedEngine:
    """See :class:`shirushi.search.engine.Engine`. Threads may share one; after a fork each process should make its own."""

    def __init__(self, root: Path | str, *, wait: float = 30.0) -> None:
        """``root`` is the index's own folder; ``wait`` the seconds to wait for another writer. Nothing is opened yet."""
        self.root = Path(root)
        self._wait = wait
        self._opened: _Open | None = None
        self._opening = threading.Lock()

    def search(self, query: Query) -> Hits:
        opened = self._open()
        parsed = parse(query.text)
        wanted = compiling.wanted_query(opened.index.schema, parsed)
        hits = self._search(opened, query, parsed, wanted)
        if hits.total or not parsed.wanted:
            return hits
        wanted = compiling.wanted_query(opened.index.schema, parsed, relaxed=True)
        hits = self._search(opened, query, parsed, wanted)
        with _damage_told(self.root):
            other = suggestions(opened.searcher, parsed)
        return Hits(hits.total, hits.items, hits.facets, relaxed=hits.total > 0, suggestions=other)

    def apply(self, changes: Iterable[Change]) -> None:
        with self._writing():
            index = self._open().index
            with _damage_told(self.root):
                writer = index.writer(_HEAP, 1)
            try:
                for change in changes:
                    self._change(writer, change)
                with _damage_told(self.root):
                    writer.commit()
            except BaseException:
                writer.rollback()
                raise
            finally:
                writer.wait_merging_threads()

    def _change(self, writer: tantivy.IndexWriter, change: Change) -> None:
        document = _tantivy_document(change.document) if isinstance(change, Put) else None
        with _damage_told(self.root):
            writer.delete_documents_by_term("id", change.document["id"] if isinstance(change, Put) else change.id)
            if document is not None:
                writer.add_document(document)

    def clear(self) -> None:
        with self._writing():
            with self._opening:
                self._opened = None
            shutil.rmtree(self.root, ignore_errors=True)
            self.root.mkdir(parents=True)
            tantivy.Index(_schema(), path=str(self.root))
            (self.root / _FORM_FILE).write_text(json.dumps(_FORM))

    def count(self) -> int:
        return int(self._open().searcher.num_docs)

    def ids(self) -> Iterator[str]:
        searcher = self._open().searcher
        with _damage_told(self.root):
            everything = tantivy.Query.all_query()
            found = [term for term, count in searcher.terms_with_prefix("id", "", everything) if count]
        yield from sorted(found)

    def state(self) -> State:
        if not (self.root / "meta.json").is_file():
            return "missing"
        try:
            self._open()
        except IndexDamaged:
            return "damaged"
        return "ready"

    def verify(self) -> list[str]:
        if self.state() == "missing":
            return [f"{self.root}: there is no index"]
        found = footers.check(self.root, whole=True)
        if not found and self.state() == "damaged":
            found = [f"{self.root}: the index cannot be opened"]
        return found

    # -- opening

    def _open(self) -> _Open:
        """The newest commit. Raises IndexDamaged."""
        with self._opening:
            mark = self._mark()
            if self._opened is None or self._opened.mark != mark:
                self._opened = self._open_anew(mark)
            return self._opened

    def _open_anew(self, mark: tuple[int, int, int]) -> _Open:
        try:
            form = json.loads((self.root / _FORM_FILE).read_bytes())
        except (OSError, ValueError):
            form = None
        if form != _FORM:
            raise IndexDamaged(str(self.root), "it was made by another version")
        if broken := footers.check(self.root, whole=False):
            raise IndexDamaged(str(self.root), broken[0])
        with _damage_told(self.root):
            index = tantivy.Index.open(str(self.root))
            _register(index)
            index.config_reader("manual")
            index.reload()
            return _Open(index, index.searcher(), mark)

    def _mark(self) -> tuple[int, int, int]:
        try:
            status = (self.root / "meta.json").stat()
        except OSError:
            raise IndexDamaged(str(self.root), "there is no index") from None
        return status.st_ino, status.st_mtime_ns, status.st_size

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Be the only writer of all processes. Raises IndexBusy."""
        self.root.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(
            self.root.with_name(f"{self.root.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            until = time.monotonic() + self._wait
            while not _locked(descriptor):
                if time.monotonic() >= until:
                    raise IndexBusy(str(self.root), self._wait)
                time.sleep(0.02)
            yield
        finally:
            os.close(descriptor)

    # -- searching

    def _search(self, opened: _Open, query: Query, parsed: Parsed, wanted: tantivy.Query) -> Hits:
        schema, searcher = opened.index.schema, opened.searcher
        conditions = compiling.filter_query(schema, query.filters)
        narrowed = tantivy.Query.boolean_query([(tantivy.Occur.Must, wanted), *conditions])
        marks = compiling.sought(parsed) if query.highlights else None
        with _damage_told(self.root):
            total, page = _page(searcher, narrowed, query, by_score=bool(parsed.wanted))
            items = [_hit(searcher, score, address, marks) for score, address in page]
            facets = {name: _facet(schema, searcher, wanted, query.filters, name) for name in query.facets}
        return Hits(total, items, facets)


def _page(
    searcher: tantivy.Searcher, query: tantivy.Query, asked: Query, *, by_score: bool
) -> tuple[int, list[tuple[float, tantivy.DocAddress]]]:
    """(total, hits of one page). The order is total, so that no hit is missed or shown twice between pages."""
    limit = max(asked.limit, 1)
    if asked.sort == "title":
        result = searcher.search(
            query, limit, order_by_field="title_order", offset=asked.offset, order=tantivy.Order.Asc
        )
    elif asked.sort in ("newest", "oldest") or not by_score:
        order = tantivy.Order.Asc if asked.sort == "oldest" else tantivy.Order.Desc
        result = searcher.search(query, limit, order_by_field="day_order", offset=asked.offset, order=order)
    else:
        return _page_by_score(searcher, query, asked.offset, asked.limit)
    return _count(result), [(0.0, address) for _, address in result.hits][: asked.limit]


def _page_by_score(
    searcher: tantivy.Searcher, query: tantivy.Query, offset: int, limit: int
) -> tuple[int, list[tuple[float, tantivy.DocAddress]]]:
    """Best first; equal scores by ``tie``, which the id alone decides. Ties across the page's end are fetched too."""
    end = offset + limit
    size = end + 1
    while True:
        result = searcher.search(query, size)
        hits = result.hits
        if len(hits) < size or hits[-1][0] < hits[max(end, 1) - 1][0] or size > end + _MOST_TIES:
            break
        size = end + (size - end) * 4
    ties = searcher.fast_field_values("tie", [address for _, address in hits])
    ordered = sorted(zip(hits, ties, strict=True), key=lambda pair: (-pair[0][0], pair[1]))
    return _count(result), [hit for hit, _ in ordered[offset:end]]


def _count(result: tantivy.SearchResult) -> int:
    return int(result.count)  # type: ignore[attr-defined]  # there, but missing in tantivy's stubs


def _hit(searcher: tantivy.Searcher, score: float, address: tantivy.DocAddress, marks: highlight.Sought | None) -> Hit:
    stored = searcher.doc(address)
    shown = json.loads(bytes(stored["shown"][0]))
    if marks is None:
        return Hit(shown["id"], score, shown, {})
    return Hit(shown["id"], score, shown, _highlights(shown, json.loads(bytes(stored["places"][0])), marks))


def _highlights(shown: Mapping[str, Any], places: list[highlight.Places], marks: highlight.Sought) -> dict[str, Marked]:
    titles = [title["text"] for title in shown["titles"]]
    highlights = {
        "title": highlight.mark(titles[0], marks) if titles else [],
        "description": highlight.snippet([text["text"] for text in shown["descriptions"]], marks, places),
    }
    for name, texts in (("other_title", titles[1:]), ("creators", shown["creators"]), ("subjects", shown["subjects"])):
        marked = highlight.mark_first(texts, marks)
        if any(hit for _, hit in marked):
            highlights[name] = marked
    return highlights


def _facet(
    schema: tantivy.Schema, searcher: tantivy.Searcher, wanted: tantivy.Query, filters: Mapping[str, Any], name: str
) -> list[FacetValue]:
    """Counts of one facet under all filters but its own, so that its other values can still be chosen."""
    others = compiling.filter_query(schema, {key: values for key, values in filters.items() if key != name})
    query = tantivy.Query.boolean_query([(tantivy.Occur.Must, wanted), *others])
    answer = searcher.aggregate(query, {name: {"terms": {"field": name, "size": _MOST_VALUES * 4}}})
    values = [FacetValue(str(bucket["key"]), int(bucket["doc_count"])) for bucket in answer[name]["buckets"]]
    if name == "year":
        return sorted(values, key=lambda value: value.value, reverse=True)[:_MOST_VALUES]
    return sorted(values, key=lambda value: (-value.count, value.value))[:_MOST_VALUES]


# -- writing


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
    for name in ("title", "people", "subjects", "body"):
        builder.add_text_field(name, tokenizer_name="terms", index_option="position")
    builder.add_text_field("pairs", tokenizer_name="terms", index_option="freq")
    for name in ("readings", "people_readings"):
        builder.add_text_field(name, tokenizer_name="terms", index_option="basic")
    for name in ("identifier", "exact", "words"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in FACETS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_integer_field("day_order", fast=True)
    builder.add_integer_field("tie", fast=True)
    builder.add_text_field("title_order", tokenizer_name="raw", index_option="basic", fast=True)
    for name in ("shown", "places"):
        builder.add_bytes_field(name, stored=True)
    return builder.build()


def _register(index: tantivy.Index) -> None:
    index.register_tokenizer("terms", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())


def _tantivy_document(document: Mapping[str, Any]) -> tantivy.Document:
    made = tantivy.Document()
    texts: Mapping[str, list[str]] = document["texts"]
    identifier = document["id"]
    made.add_text("id", identifier)
    words: set[str] = set()
    analysed: dict[str, list[Token]] = {}
    for name, values in texts.items():
        for value in values:
            tokens = analysed[value] = analyse(value)
            made.add_text(name, " ".join(token.term for token in tokens))
            made.add_text("pairs", " ".join(bigrams(value)))
            words |= {f"w {token.surface.lower()}" for token in tokens if len(token.surface) > 1}
            if name != "body":
                read = readings.keys(value)
                made.add_text("people_readings" if name == "people" else "readings", " ".join(key for key, _ in read))
                words |= {f"r {key} {surface}" for key, surface in read}
    for word in sorted(words):
        made.add_text("words", word)
    for value in document["identifiers"]:
        made.add_text("identifier", compiling.identifier(value))
    for facet, values in document["facets"].items():
        for value in values:
            made.add_text(facet, value)
            made.add_text("exact", compiling.exact(facet, value))
    tie = int.from_bytes(blake2b(identifier.encode(), digest_size=8).digest(), "big") >> 1
    made.add_integer("tie", tie)
    made.add_integer("day_order", (document["sort"]["day"] << 40) | (tie & 0xFF_FFFF_FFFF))
    made.add_text("title_order", _title_order(document["sort"]["title"], identifier))
    made.add_bytes("shown", json.dumps(document["shown"], ensure_ascii=False).encode())
    descriptions = [text["text"] for text in document["shown"]["descriptions"]]
    places = [highlight.places(analysed.get(text) or analyse(text)) for text in descriptions]
    made.add_bytes("places", json.dumps(places, ensure_ascii=False, separators=(",", ":")).encode())
    return made


def _title_order(title: str, identifier: str) -> str:
    """Latin titles by letter, then Japanese ones by reading (五十音順); the identifier decides between equal ones."""
    words = " ".join(token.reading or token.surface for token in analyse(title))
    return f"{words[:200] or chr(0x10FFFF)}\x01{identifier}"


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _damage_told(root: Path) -> Iterator[None]:
    """tantivy tells of a broken index by ValueError, OSError or a panic: all become IndexDamaged, but for a full disk."""
    try:
        yield
    except (ValueError, OSError) as error:
        if "No space left" in str(error) or "File too large" in str(error):
            raise IndexFull(str(root)) from error
        raise IndexDamaged(str(root), str(error)) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # derives from BaseException, and pyo3 does not export it
            raise IndexDamaged(str(root), str(error)) from error
        raise
