"""The search benchmark: does one find what one looks for, and how fast.

usage: python bench/search.py [--sets nlp2025-ja,jaquad-ja,asreview-en] [--questions 1500]

Runs the engine as the product runs it, beside plain BM25 over character bigrams (over words where the text is not Japanese)
built in the same run on the same texts, with any one of the terms enough. Known-item sets tell MRR@10 and recall at 1, 10
and 100; ``asreview-en`` has two topics only, so it tells recall at depth. Reads ``../shared/bench/search``.
"""

import argparse
import gzip
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tantivy

from shirushi.metadata.published import Publication
from shirushi.metadata.work import DescriptionText, Title, Work
from shirushi.search import FACETS, Put, Query
from shirushi.search.analysis import analyse, runs
from shirushi.search.documents import document
from shirushi.search.embedded import EmbeddedEngine

SHARED = Path(__file__).resolve().parents[2] / "shared" / "bench" / "search"
DEPTH = 100
KNOWN_ITEM = ("MRR@10", "R@1", "R@10", "R@100")
Find = Callable[[str, int], list[str]]


def read(name: str, limit: int) -> tuple[list[dict[str, Any]], list[tuple[str, str]], dict[str, set[str]]]:
    """(documents, (id, text) of the first ``limit`` queries, relevant documents by query)."""
    folder = SHARED / name
    packed = folder / "corpus.jsonl.gz"
    text = gzip.decompress(packed.read_bytes()).decode() if packed.exists() else (folder / "corpus.jsonl").read_text()
    documents = [json.loads(line) for line in text.splitlines()]
    queries = [json.loads(line) for line in (folder / "queries.jsonl").read_text().splitlines()][:limit]
    relevant: dict[str, set[str]] = defaultdict(set)
    for line in (folder / "qrels.tsv").read_text().splitlines()[1:]:
        query, doc, score = line.split("\t")
        if int(score) > 0:
            relevant[query].add(doc)
    return documents, [(query["id"], query["text"]) for query in queries], relevant


def texts(name: str, record: Mapping[str, Any]) -> tuple[str, str]:
    """(title, text) to index: in nlp2025-ja the titles are the queries, in jaquad-ja one title stands over many texts."""
    return (record["title"] if name == "asreview-en" else "", record["text"])


def ours(name: str, records: Sequence[Mapping[str, Any]], folder: Path) -> Find:
    engine = EmbeddedEngine(folder / "ours")
    engine.clear()

    def changes() -> Iterator[Put]:
        for record in records:
            title, text = texts(name, record)
            titles = [Title(text=title[:2_000])] if title else []
            work = Work(titles=titles, descriptions=[DescriptionText(text=text)] if text.strip() else [])
            yield Put(document(Publication(work=work), id=record["id"], space="bench"))

    cpu, wall = time.process_time(), time.perf_counter()
    engine.apply(changes())
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    size = sum(len(title) + len(text) for title, text in (texts(name, record) for record in records))
    bytes_on_disk = sum(path.stat().st_size for path in (folder / "ours").iterdir())
    print(
        f"  indexed {len(records):,} records, {size / 1e6:.1f} million characters: {len(records) / cpu:,.0f} records/s of CPU, "
        f"{wall:.1f} s, {bytes_on_disk / len(records):,.0f} bytes/record"
    )

    def find(text: str, depth: int) -> list[str]:
        found: list[str] = []
        while len(found) < depth:
            page = engine.search(
                Query(text, offset=len(found), limit=min(100, depth - len(found)), highlights=False)
            ).items
            if not page:
                break
            found += [hit.id for hit in page]
        return found

    return find


def plain(name: str, records: Sequence[Mapping[str, Any]], folder: Path) -> Find:
    """BM25 over character bigrams, as one would set it up in an hour."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    builder.add_text_field("text", tokenizer_name="terms", index_option="freq")
    schema = builder.build()
    index = tantivy.Index(schema)
    index.register_tokenizer("terms", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    writer = index.writer(64_000_000, 1)
    for record in records:
        title, text = texts(name, record)
        made = tantivy.Document()
        made.add_text("id", record["id"])
        made.add_text("text", " ".join(plain_terms(f"{title} {text}")))
        writer.add_document(made)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def find(text: str, depth: int) -> list[str]:
        terms = [(tantivy.Occur.Should, tantivy.Query.term_query(schema, "text", term)) for term in plain_terms(text)]
        hits = searcher.search(tantivy.Query.boolean_query(terms), depth).hits
        return [str(searcher.doc(address)["id"][0]) for _, address in hits]

    return find


def timing(engine: EmbeddedEngine, queries: Sequence[tuple[str, str]]) -> None:
    """What a page of results costs."""
    pages = sorted(time_of(lambda text=text: engine.search(Query(text, facets=FACETS))) for _, text in queries)  # type: ignore[misc]
    bare = sorted(time_of(lambda text=text: engine.search(Query(text, highlights=False))) for _, text in queries)  # type: ignore[misc]
    print(
        f"  20 hits with highlights and all facets: median {pages[len(pages) // 2]:.1f} ms of CPU; "
        f"hits alone: {bare[len(bare) // 2]:.1f} ms"
    )


def time_of(call: Callable[[], object]) -> float:
    """Milliseconds of CPU."""
    start = time.process_time()
    call()
    return (time.process_time() - start) * 1_000


def plain_terms(text: str) -> list[str]:
    found: list[str] = []
    for run in runs(text):
        word = run.text.lower()
        found += ([word[i : i + 2] for i in range(len(word) - 1)] or [word]) if run.japanese else [word]
    return found


def measure(
    find: Find, queries: Sequence[tuple[str, str]], relevant: Mapping[str, set[str]]
) -> tuple[list[float], float]:
    """(means of KNOWN_ITEM, milliseconds of CPU for one query)."""
    reciprocal, at = 0.0, dict.fromkeys((1, 10, 100), 0)
    cpu = time.process_time()
    for identifier, text in queries:
        found = find(text, DEPTH)
        rank = next((rank for rank, each in enumerate(found, 1) if each in relevant[identifier]), DEPTH + 1)
        reciprocal += 1 / rank if rank <= 10 else 0
        for depth in at:
            at[depth] += rank <= depth
    cpu = time.process_time() - cpu
    return [value / len(queries) for value in (reciprocal, *at.values())], cpu / len(queries) * 1_000


def recall(find: Find, queries: Sequence[tuple[str, str]], relevant: Mapping[str, set[str]], depth: int) -> list[float]:
    return [
        len(relevant[identifier] & set(find(text, depth))) / len(relevant[identifier]) for identifier, text in queries
    ]


def run(name: str, limit: int) -> None:
    records, queries, relevant = read(name, limit)
    print(f"{name}: {len(records):,} records, {len(queries):,} queries")
    with tempfile.TemporaryDirectory() as folder:
        for label, make in (("shirushi", ours), ("plain bigrams", plain)):
            find = make(name, records, Path(folder))
            if make is ours:
                timing(EmbeddedEngine(Path(folder) / "ours"), queries[:200])
            if name == "asreview-en":
                for depth in (100, 500, 1_000):
                    shares = " ".join(f"{share:.3f}" for share in recall(find, queries, relevant, depth))
                    print(f"  {label:14} recall@{depth} of each query: {shares}")
            else:
                values, milliseconds = measure(find, queries, relevant)
                scores = "  ".join(f"{metric} {value:.4f}" for metric, value in zip(KNOWN_ITEM, values, strict=True))
                print(f"  {label:14} {scores}  ({milliseconds:.1f} ms CPU a query for {DEPTH} hits)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", default="nlp2025-ja,jaquad-ja,asreview-en")
    parser.add_argument("--questions", type=int, default=1_500, help="at most so many queries of each set")
    arguments = parser.parse_args()
    if not SHARED.is_dir():
        raise SystemExit(f"the sets are not there: {SHARED}")
    analyse("辞書")  # load the dictionary before the clock starts
    for name in arguments.sets.split(","):
        run(name, arguments.questions)


if __name__ == "__main__":
    main()
