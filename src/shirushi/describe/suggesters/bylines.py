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
_NUMBERED = re.compile(r"(?:^|(?<=[\s.;,]))[(（\[]?(?P<mark>\d{1,2})[)）\].]?\s?(?=[A-ZÀ-Þ\u3040-\u9fff])")
_IN_BRACKETS = re.compile(r"\s?[(（\[](\d{1,2}(?:\s?[,，]\s?\d{1,2})*)[)）\]]")
_NUMBERED_HEADING = re.compile(r"\s*(?:\d+(?:\.\d+)*[.．、)）\s]|第\d)")
# Names in kanji with dots between them; in katakana the dot stands inside one name
_KANJI_LIST = re.compile(r"[\u4e00-\u9fff\u3005\u30f6\s\d*]{2,9}(?:・[\u4e00-\u9fff\u3005\u30f6\s\d*]{2,9})+")
# A version or date between a title and its authors
_DATED = re.compile(
    r"(?:v(?:er(?:sion)?)?\.?\s*\d|(?:last )?(?:updated?|modified|revised)\b|date\b|\d{4}|第?\d|更新|改訂|作成)[^\n]{0,40}$",
    re.IGNORECASE,
)
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
    first = fronts(seen)[:3]
    texts = [file for file, weight in first if weight == first[0][1] and file not in documents]
    for file in [*documents, *texts]:
        blocks = [
            e for e in seen.in_file(file) if e.kind in ("heading", "paragraph") and getattr(e.place, "page", 1) == 1
        ]
        for position, item in enumerate(blocks[: _NEAR + 1]):
            line, below = _apart(item.value["text"])
            named = _names(line)
            if not named and position and blocks[0].kind == "heading" and file in texts:
                alone = _alone(item, [one.value["text"] for one in blocks[1:position]])
                if alone:
                    yield alone
                    break
            marked = sum(bool(marks) for _, marks, _ in named)
            between = [one.value["text"] for one in blocks[1:position]]
            under = position > 0 and blocks[0].kind == "heading" and all(_DATED.match(text) for text in between)
            bare = under and len(named) > 1
            if named and (marked > 1 or bare or (file in documents and (position or marked or len(named) > 1))):
                marks, used = _affiliations(
                    [item] if below else blocks[position + 1 : position + 1 + _NEAR], below or None
                )
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


_BY = re.compile(r"^(?:by|von|par|por|作成|文責)\s*[:：]?\s+(?=\S)", re.IGNORECASE)
_LONGEST_ALONE = 160


def _alone(item: Evidence, between: list[str]) -> Byline | None:
    """One author right under a heading: "By Saki Higa", or a name with the organisation behind it and nothing else."""
    text = item.value["text"].strip()
    if item.kind != "paragraph" or len(text) > _LONGEST_ALONE or not all(_DATED.match(one) for one in between):
        return None
    rest = _BY.sub("", text)
    name, _, home = rest.partition("," if "," in rest else "（" if "（" in rest else "(")
    name, home = clean(name), home.strip(" .()（）")
    if not looks_like_person(name) or is_generic(name) or (home and not is_organisation(home)) or ". " in home:
        return None
    if rest == text and not home:
        return None  # two words with capitals are more often a place or a thing
    return Byline((Author(name, home or None, orcid_of(text)),), (item,), False)


_BELOW = re.compile(r"(?<=\d)\s+(?=1\s?[A-ZÀ-Þ\u3040-\u9fff])")


def _apart(text: str) -> tuple[str, str]:
    """The names, and the numbered affiliations that ran into one paragraph with them."""
    line, *rest = _BELOW.split(text.translate(_RAISED), maxsplit=1)
    return (line, rest[0]) if rest and is_organisation(rest[0]) else (text, "")


def _names(text: str) -> list[tuple[str, list[str], str]]:
    """(name, marks, as written) of a text that is a list of names, else nothing."""
    if len(text) > 6_000 or (len(text) > 300 and "," not in text and not has_cjk(text)):
        return []
    found = []
    pieces = 0
    text = _IN_BRACKETS.sub(r"\1", _LABEL.sub("", text.translate(_RAISED)))
    if _NUMBERED_HEADING.match(text):
        return []
    if _KANJI_LIST.fullmatch(text):
        text = text.replace("・", "、")
    for match in _MARKED.finditer(text):
        if not match["name"].strip():
            continue
        pieces += 1
        name = clean(match["name"])
        if looks_like_person(name) and not is_generic(name):
            found.append((name, re.findall(r"\d{1,2}|[a-z]", match["marks"] or ""), match[0]))
    return found if found and len(found) >= 0.7 * pieces else []


def _affiliations(blocks: list[Evidence], below: str | None = None) -> tuple[dict[str, str], list[Evidence]]:
    """Affiliations by their number in the blocks under a byline, or in ``below``; by '' when the one there has none."""
    marks: dict[str, str] = {}
    used: list[Evidence] = []
    for item in blocks:
        text = (below or item.value["text"]).translate(_RAISED)
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
