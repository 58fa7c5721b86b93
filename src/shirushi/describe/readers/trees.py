"""Phylogenetic trees: Newick and NEXUS. How many trees of which taxa.

Sources: Felsenstein's description of the Newick standard; Maddison, Swofford and Maddison 1997, doi:10.1093/sysbio/46.4.590.
"""

import re
from collections.abc import Iterator
from itertools import islice

from shirushi.describe.evidence import Evidence
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.facts import Facts
from shirushi.describe.readers.streams import whole
from shirushi.describe.text import decode

READER = "tree/1"
MOST_BYTES = 10_000_000
MOST_TAXA = 30
_LEAF = re.compile(r"[(,]\s*('(?:[^']|'')*'|[^\s'():;,\[\]]+)")
_COMMENT = re.compile(r"\[[^\[\]]*\]")
_BLOCK = re.compile(r"begin\s+(\w+)\s*;", re.IGNORECASE)
_DIMENSIONS = re.compile(r"dimensions\s+([^;]{1,200});", re.IGNORECASE)
_DATATYPE = re.compile(r"datatype\s*=\s*(\w+)", re.IGNORECASE)
_TREE = re.compile(r"\b(?:u?tree)\s*\*?\s*[^=;]{1,200}=[^(;]{0,200}(\([^;]*);", re.IGNORECASE)
_LABELS = re.compile(r"taxlabels\s+([^;]*);", re.IGNORECASE)
_LABEL = re.compile(r"'(?:[^']|'')*'|[^\s']+")


@reads("text/x-newick", "text/x-nexus", "application/x-newick+gzip", "application/x-nexus+gzip", version=1)
def read_trees(file: File) -> Iterator[Evidence]:
    """The number of trees and taxa, and the first of these.

    Raises:
        Unreadable: ``too-large``, ``bomb``, or ``malformed`` when there is no tree and no block.
    """
    facts = Facts(file, READER)
    text = decode(whole(file, MOST_BYTES)).text
    if "nexus" in file.media_type:
        yield from _nexus(facts, text)
        return
    trees = [part for part in _COMMENT.sub("", text).split(";") if part.lstrip().startswith("(")]
    if not trees:
        raise Unreadable("malformed", "no tree in it")
    yield from facts.attribute("trees", len(trees))
    yield from _taxa(facts, _leaves(trees[0]))
    yield from facts.attribute("branch lengths", ":" in trees[0])


def _nexus(facts: Facts, text: str) -> Iterator[Evidence]:
    blocks = list(dict.fromkeys(match[1].lower() for match in _BLOCK.finditer(text)))
    if not blocks:
        raise Unreadable("malformed", "no block in it")
    yield from facts.attribute("blocks", blocks)
    for match in _DIMENSIONS.finditer(text[:200_000]):
        yield from facts.attribute("dimensions", " ".join(match[1].split()), quote=match[0])
    if kind := _DATATYPE.search(text):
        yield from facts.attribute("data type", kind[1], quote=kind[0])
    bare = _COMMENT.sub("", text)
    trees = [match[1] for match in _TREE.finditer(bare)]
    yield from facts.attribute("trees", len(trees) or "")
    labels = _LABELS.search(bare)
    if labels:
        yield from _taxa(facts, (match[0] for match in _LABEL.finditer(labels[1])))
    elif trees:
        yield from _taxa(facts, _leaves(trees[0]))


def _leaves(tree: str) -> Iterator[str]:
    return (match[1] for match in _LEAF.finditer(tree))


def _taxa(facts: Facts, names: Iterator[str]) -> Iterator[Evidence]:
    first = [name.strip("'").replace("_", " ")[:200] for name in islice(names, MOST_TAXA)]
    yield from facts.attribute("taxa", len(first) + sum(1 for _ in names))
    yield from facts.attribute("first taxa", first)
