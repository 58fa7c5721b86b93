"""Vocabularies of subjects: those that ship with the package, and an operator's own.

A vocabulary is a table with the columns ``code``, ``ja``, ``en``, and perhaps ``broader``, ``synonyms`` (separated by ``;``) and
``uri``; as TSV or CSV, or as SKOS in RDF/XML (W3C Recommendation 2009-08-18: ``skos:Concept`` with ``notation``, ``prefLabel``,
``altLabel``, ``broader``). The name of the file is the name of the scheme: ``JACAR-themes.csv``. What ``shirushi vocabulary import``
wrote (JSON Lines) takes the place of what ships under the same name.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from shirushi.describe.readers import safe_xml
from shirushi.describe.readers.base import Unreadable

MOST_TERMS = 100_000
MOST_BYTES = 64_000_000
_SKOS = "{http://www.w3.org/2004/02/skos/core#}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# File name of what ships: the name of the scheme in a record, and where it is described.
SHIPPED: Mapping[str, tuple[str, str | None]] = {
    "ndc": ("NDC", "https://www.jla.or.jp/committees/bunrui/"),
    "kakenhi-sections": ("KAKENHI", "https://www.jsps.go.jp/j-grantsinaid/"),
    "oecd-ford": ("OECD FORD", "https://doi.org/10.1787/9789264239012-en"),
}
_IMPORTED = {"ndc": "ndc", "kaken-sections": "kakenhi-sections"}  # by the name of `shirushi vocabulary import`


class NotAVocabulary(Exception):
    """The file has no terms in a form that is understood; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Term:
    """One class. ``labels`` by language (``ja``, ``en``, or '' where the file does not say); ``broader`` is a code or ''."""

    code: str
    labels: Mapping[str, str]
    synonyms: tuple[str, ...] = ()
    broader: str = ""
    uri: str | None = None

    def label(self, lang: str) -> tuple[str, str]:
        """(label, its language) in ``lang`` where there is one, else in the first there is."""
        chosen = lang if lang in self.labels else next(iter(self.labels), "")
        return self.labels.get(chosen, self.code), chosen


@dataclass(frozen=True, slots=True)
class Vocabulary:
    scheme: str
    uri: str | None
    terms: Mapping[str, Term] = field(repr=False)


def vocabularies(folder: Path | None = None) -> tuple[Vocabulary, ...]:
    """The vocabularies that ship, and those in an operator's folder, which take the place of a shipped one of the same scheme.

    A file of the folder that is no vocabulary is passed over; :func:`load` says why.
    """
    found = {name: _shipped(name) for name in SHIPPED}
    for path in sorted(folder.iterdir()) if folder and folder.is_dir() else ():
        if path.suffix.lower() not in (".csv", ".tsv", ".rdf", ".xml", ".jsonl") or path.stem == "ror":
            continue
        try:
            found[_IMPORTED.get(path.stem, path.stem)] = _own(path, path.stat().st_mtime_ns)
        except (NotAVocabulary, OSError):
            continue
    return tuple(found.values())


def load(path: Path) -> Vocabulary:
    """The vocabulary in a file of an operator.

    Raises:
        NotAVocabulary: it is none.
        OSError: it cannot be read.
    """
    if path.stat().st_size > MOST_BYTES:
        raise NotAVocabulary(f"{path.name}: larger than {MOST_BYTES:,} bytes")
    suffix = path.suffix.lower()
    try:
        if suffix == ".jsonl":
            terms = list(_of_lines(path.read_text("utf-8").splitlines()))
        elif suffix in (".rdf", ".xml"):
            terms = list(_of_skos(path.read_bytes()))
        else:
            terms = list(_of_table(path.read_text("utf-8-sig").splitlines(), "\t" if suffix == ".tsv" else ","))
    except UnicodeDecodeError as error:
        raise NotAVocabulary(f"{path.name}: not in UTF-8. Save it as UTF-8.") from error
    except Unreadable as error:
        raise NotAVocabulary(f"{path.name}: {error.message or error.code}") from error
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise NotAVocabulary(f"{path.name}: {error}") from error
    if not terms:
        raise NotAVocabulary(f"{path.name}: no terms. Give columns code, ja and en, or SKOS concepts with a notation.")
    name = _IMPORTED.get(path.stem, path.stem)
    scheme, uri = SHIPPED.get(name, (name, None))
    return Vocabulary(scheme, uri, {term.code: term for term in terms[:MOST_TERMS]})


@lru_cache(maxsize=16)
def _own(path: Path, _changed: int) -> Vocabulary:
    return load(path)


@lru_cache(maxsize=8)
def _shipped(name: str) -> Vocabulary:
    text = files("shirushi.describe").joinpath("data", "vocabularies", f"{name}.tsv").read_text("utf-8")
    scheme, uri = SHIPPED[name]
    return Vocabulary(scheme, uri, {term.code: term for term in _of_table(text.splitlines(), "\t")})


def _of_table(lines: Iterable[str], delimiter: str) -> Iterator[Term]:
    rows = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter=delimiter)
    names = {name.strip().lower(): name for name in rows.fieldnames or ()}
    code = next((names[name] for name in ("code", "notation", "id") if name in names), None)
    labels = {lang: names[name] for lang, name in (("ja", "ja"), ("en", "en"), ("", "label")) if name in names}
    if code is None or not labels:
        raise NotAVocabulary(f"no column code, or none of ja, en, label; the columns are: {', '.join(names)[:200]}")
    for row in rows:
        cell = {name: (row.get(column) or "").strip() for name, column in names.items()}
        shown = {lang: text for lang, column in labels.items() if (text := (row.get(column) or "").strip())}
        if (own := (row[code] or "").strip()) and shown:
            synonyms = tuple(part.strip() for part in cell.get("synonyms", "").split(";") if part.strip())
            yield Term(own, shown, synonyms, cell.get("broader", ""), cell.get("uri") or None)


def _of_lines(lines: Iterable[str]) -> Iterator[Term]:
    for line in lines:
        if line.strip():
            item = json.loads(line)
            labels = {lang: str(item[lang]) for lang in ("ja", "en") if item.get(lang)}
            yield Term(str(item["id"]), labels, broader=str(item.get("broader") or ""))


def _of_skos(data: bytes) -> Iterator[Term]:
    root = safe_xml.parse(data)
    concepts = [item for item in root.iter() if item.tag == f"{_SKOS}Concept" or _is_concept(item)]
    codes: dict[str, str] = {}
    for concept in concepts:
        uri = concept.get(f"{_RDF}about") or ""
        notation = (concept.findtext(f"{_SKOS}notation") or "").strip()
        codes[uri] = notation or uri.rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1]
    for concept in concepts:
        uri = concept.get(f"{_RDF}about") or ""
        labels = {label.get(_LANG) or "": (label.text or "").strip() for label in concept.findall(f"{_SKOS}prefLabel")}
        synonyms = tuple((label.text or "").strip() for label in concept.findall(f"{_SKOS}altLabel") if label.text)
        above = concept.find(f"{_SKOS}broader")
        broader = codes.get(above.get(f"{_RDF}resource") or "", "") if above is not None else ""
        if codes[uri] and (named := {lang: text for lang, text in labels.items() if text}):
            yield Term(codes[uri], named, synonyms, broader, uri or None)


def _is_concept(item: Any) -> bool:
    kind = item.find(f"{_RDF}type")
    return kind is not None and (kind.get(f"{_RDF}resource") or "").endswith("core#Concept")


def everyday_words() -> Iterator[tuple[str, str, str]]:
    """(word, scheme, code) of ``everyday-words.tsv``."""
    source = files("shirushi.describe").joinpath("data", "vocabularies", "everyday-words.tsv")
    lines = [line for line in source.read_text("utf-8").splitlines() if not line.startswith("#")]
    schemes = {"ndc": "NDC", "kakenhi": "KAKENHI", "ford": "OECD FORD"}
    for row in csv.DictReader(lines, delimiter="\t"):
        for word in row["words"].split(";"):
            for column, scheme in schemes.items():
                for code in row[column].split():
                    yield word.strip(), scheme, code
