"""The line of names under the title of a paper, and the numbered affiliations under it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shirushi.describe.evidence import Evidence
from shirushi.describe.names import clean, is_organisation, looks_like_person, orcid_of
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.suggesters.common import fronts, is_generic
from shirushi.describe.text import has_cjk

# A raised letter stands apart from the name, or behind another mark: a small letter at the end of a word belongs to the word.
_MARK = r"(?:\d{1,2}|(?<=[\s\d,*†‡§¶#✉])[a-z](?!\w)|[*†‡§¶#✉])"
_AND = r"(?:\b(?:and|und|et)\b|&)"
_MARKED = re.compile(
    rf"(?P<name>[^\d,;*†‡§¶#✉]+?)\s?(?P<marks>{_MARK}(?:\s?,\s?{_MARK}(?=[\s,;]|$)|{_MARK})*)?\s*(?:\([^()]{{1,40}}\)\s*)?(?:,|;|、|，|{_AND}|$)\s*{_AND}?"
)
_RAISED = str.maketrans("¹²³⁴⁵⁶⁷⁸⁹⁰", "1234567890")
_LABEL = re.compile(
    r"^(?:authors?|creators?|contributors?|beitragende|autor(?:inn)?en|auteurs?|autores|著者|作成者)\b\s*[:：]?\s*",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?:^|(?<=[\s.;]))(?P<mark>\d{1,2})\s?(?=[A-ZÀ-Þ\u3040-\u9fff])")
_NEAR = 4


@dataclass(frozen=True, slots=True)
class Author:
    name: str
    affiliation: str | None = None
    orcid: str | None = None


@dataclass(frozen=True, slots=True)
class Byline:
    """Authors in order; ``evidence`` is the line of names first, then the affiliations."""

    authors: tuple[Author, ...]
    evidence: tuple[Evidence, ...]
    marked: bool = True


def bylines(seen: EvidenceSet) -> Iterator[Byline]:
    """At most one byline for each paged or word-processed document, and for the text that speaks most for the folder: the first
    block near its title that is only names. In a text, names without marks count right under its title only."""
    documents = dict.fromkeys(e.place.file for e in seen.of("page-text", "document-info"))
    texts = [file for file, weight in fronts(seen)[:1] if weight >= 0.5 and file not in documents]
    for file in [*documents, *texts]:
        blocks = [
            e for e in seen.in_file(file) if e.kind in ("heading", "paragraph") and getattr(e.place, "page", 1) == 1
        ]
        for position, item in enumerate(blocks[: _NEAR + 1]):
            named = _names(item.value["text"])
            marked = sum(bool(marks) for _, marks, _ in named)
            bare = item.kind == "paragraph" and position == 1 and len(named) > 1 and blocks[0].kind == "heading"
            if named and (marked > 1 or bare or (file in documents and (position or marked or len(named) > 1))):
                marks, used = _affiliations(blocks[position + 1 : position + 1 + _NEAR])
                only = next(iter(marks.values())) if len(marks) == 1 else None
                authors = tuple(
                    Author(
                        name,
                        next((marks[m] for m in own if m in marks), only if not own or only else None),
                        orcid_of(raw),
                    )
                    for name, own, raw in named
                )
                yield Byline(authors, (item, *used), marked > 0)
                break


def _names(text: str) -> list[tuple[str, list[str], str]]:
    """(name, marks, as written) of a text that is a list of names, else nothing."""
    if len(text) > 6_000 or (len(text) > 300 and "," not in text and not has_cjk(text)):
        return []
    found = []
    pieces = 0
    for match in _MARKED.finditer(_LABEL.sub("", text.translate(_RAISED))):
        if not match["name"].strip():
            continue
        pieces += 1
        name = clean(match["name"])
        if looks_like_person(name) and not is_generic(name):
            found.append((name, re.findall(r"\d{1,2}|[a-z]", match["marks"] or ""), match[0]))
    return found if found and len(found) >= 0.7 * pieces else []


def _affiliations(blocks: list[Evidence]) -> tuple[dict[str, str], list[Evidence]]:
    """Affiliations by their number in the blocks under a byline; by '' when the one there has none."""
    marks: dict[str, str] = {}
    used: list[Evidence] = []
    for item in blocks:
        text = item.value["text"].translate(_RAISED)
        numbers = list(_NUMBERED.finditer(text))
        if numbers and numbers[0].start() == 0 and is_organisation(text):
            ends = [n.start() for n in numbers[1:]] + [len(text)]
            expected = len(marks) + 1
            for number, end in zip(numbers, ends, strict=True):
                if int(number["mark"]) == expected:
                    marks[number["mark"]] = text[number.end() : end].strip(" ,;.")[:300]
                    expected += 1
                elif marks:
                    marks[str(expected - 1)] += " " + text[number.start() : end].strip()
            used.append(item)
        elif not marks and is_organisation(text) and len(text) <= 250 and not re.search(r"[.。]\s+[A-Z]", text):
            return {"": text.strip(" ,;.")}, [item]
        elif marks:
            break
    return marks, used
