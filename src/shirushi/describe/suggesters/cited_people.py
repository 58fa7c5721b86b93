"""Creators whom running text names: how the work wants to be cited, what it opens with, "created by …"."""

import re
from collections.abc import Iterator

from shirushi.describe.denial import denied
from shirushi.describe.evidence import Evidence
from shirushi.describe.names import clean, split_people
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.suggesters.common import FRONT, citing, front_weight, fronts, purpose
from shirushi.describe.suggesters.persons import Person, many
from shirushi.describe.text import fold


def of_references(seen: EvidenceSet) -> Iterator[Person]:
    """Authors of the BibTeX entries in the README itself: the first one is how the work wants to be cited."""
    for file in citing(seen):
        weight = front_weight(file)
        entries = [e for e in seen.in_file(file) if e.kind == "reference" and e.value["authors"]]
        for position, item in enumerate(entries[:2]):
            own = float(item.value["type"] in ("misc", "dataset", "software", "data", "online"))
            names = [clean(n) for n in item.value["authors"]]
            features = {
                "own_type": own,
                "only": float(len(entries) == 1),
                "first": float(position == 0),
                "front": weight,
            }
            yield from many(names, item, "creators.bibtex", features, organisations=True)


_INITIALS = r"(?:[A-Z](?:\.|(?=[\s,;&]))[\s\-]?){1,4}"
_FAMILY = r"(?:(?:van|von|de|der|den|del|la|di|da|dos|le|ten)\s+){0,3}[A-ZÀ-ÖØ-Þ][\w'’\-]+(?:\s[A-ZÀ-ÖØ-Þ][\w'’\-]+)?"
_GIVEN = r"[A-ZÀ-ÖØ-Þ][\w'’\-]+(?:\s[A-Z](?:\.|[\w'’\-]+))?"
_CITED = re.compile(
    rf"(?P<names>(?:{_FAMILY},?\s{_INITIALS}|{_FAMILY},\s{_GIVEN}|{_GIVEN}\s(?:[A-Z]\.\s)?{_FAMILY})"
    rf"(?:\s*(?:,|;|&|and|,\s*and|,\s*&)\s*(?:{_FAMILY},?\s{_INITIALS}|{_FAMILY},\s{_GIVEN}|{_INITIALS}\s?{_FAMILY}|{_GIVEN}\s(?:[A-Z]\.\s)?{_FAMILY})){{0,40}})"
    r"(?:,?\s*et al\.?)?[\s,.:]*[(\[]?(?P<year>(?:19|20)\d{2})[a-z]?[)\]]?"
)


OPENING = 3
# Lists of works of others, rather than how to cite this one
_REFERENCES = re.compile(
    r"\b(?:references?|bibliography|literatur\w*|publications|papers|related|further reading|refer[êe]ncias)\b|文献|関連論文"
)
_DATED = re.compile(r"\d{4}[a-z]?[)\]]?[.,:]?\s+\W{0,4}[^\W\d_][^.]{20,}")  # a title follows the year
_ASKING = re.compile(r"^(?:(?:how to\s+|please\s+)?cit(?:e|ation)(?:\s+as)?|zitieren|引用)\b[:：]?\s*", re.IGNORECASE)


def of_citations(seen: EvidenceSet) -> Iterator[Person]:
    """Authors of a citation in words, in a section on citing or beside "cite"; or of the one that a text opens with."""
    for file, weight in fronts(seen)[:3]:
        found: list[tuple[Evidence, str, bool]] = []
        blocks = [e for e in seen.in_file(file) if e.kind in ("paragraph", "list-item")]
        for position, item in enumerate(blocks):
            text = item.value["text"]
            asks = re.search(r"(?i)\bcit(?:e|ed|ing|ation)\b|zitieren|引用", text[:200]) is not None
            if not asks and purpose(item.value["section"]) != "citation":
                opening = _CITED.match(text[:3_000]) if position < OPENING and weight >= FRONT else None
                if opening and _DATED.match(text[opening.start("year") :]):
                    yield from many([clean(n) for n in split_people(opening["names"])], item, "creators.cited-first")
                continue
            match = _CITED.search(_ASKING.sub("", text[:3_000]))
            if match:
                found.append((item, match["names"], asks))
        told = [one for one in found if one[2]] or found
        for position, (item, names, asks) in enumerate(told[:3]):
            listed = _REFERENCES.search(fold(str(item.value["section"]))) is not None and not asks
            features = {"asks": float(asks), "first": float(position == 0), "listed": float(listed)}
            yield from many([clean(n) for n in split_people(names)], item, "creators.citation", features)


_BY = re.compile(
    r"(?i:\b(?:created|developed|written|maintained|compiled|collected|curated|authored|prepared|produced|conducted|assembled|led|"
    r"annotated|transcribed|digiti[sz]ed|recorded|measured|made|designed|donated|edited|data\s?set|corpus|database|lexicon) by\s*:?\s+)"
    r"(?P<names>[^.;\n]{4,200})"
)


# "unlike the earlier survey conducted by …" names who made something else
_ANOTHER = re.compile(
    r"\b(?:earlier|previous(?:ly)?|prior|former(?:ly)?|unlike|another|contrast)\b[^.;]*$", re.IGNORECASE
)


def of_prose(seen: EvidenceSet) -> Iterator[Person]:
    """ "created by …" in running text."""
    for file, _ in fronts(seen)[:3]:
        for item in seen.in_file(file):
            if item.kind in ("paragraph", "list-item") and (match := _BY.search(item.value["text"])):
                if denied(item.value["text"], match.start("names")) or _ANOTHER.search(
                    item.value["text"], max(0, match.start() - 80), match.start()
                ):
                    continue
                names = [
                    n
                    for n in split_people(
                        re.split(r"\b(?:at|from|for|in|with|using|of|on|who|under)\b", match["names"])[0]
                    )
                    if n
                ]
                yield from many(names, item, "creators.prose")


_ATTRIBUTED = re.compile(
    r"(?P<title>[^\"“”\n]{3,200}?)[\"”]?\s+by\s+(?P<names>[^\[\]()\n]{4,120}?)\s*(?:\[[^\]]*\]|\([^)]*\))*\s*(?:,\s*used under|is (?:marked|licen[cs]ed)\b)",
)


# 出典：タイトル（作成者）CC BY 4.0, as Japanese open data asks to be attributed
_ATTRIBUTED_JA = re.compile(
    r"(?:出典|クレジット)(?:の記載例?)?\s*[:：]\s*「?(?P<title>[^（(「」\n]{2,80}?)」?\s*[（(](?P<names>[^（）()\n]{2,60})[）)][^\n]{0,20}?(?:CC|クリエイティブ)"
)


def attributions(seen: EvidenceSet) -> Iterator[tuple[Evidence, re.Match[str]]]:
    """The form in which Creative Commons asks to be attributed: "Title by Name is licensed under …"; ``title`` and ``names``."""
    for file, weight in fronts(seen)[:3]:
        for item in seen.in_file(file):
            if item.kind in ("paragraph", "list-item") and weight >= FRONT:
                match = _ATTRIBUTED.search(item.value["text"][:2_000])
                if match and not denied(item.value["text"][:2_000], match.start("names")):
                    yield item, match
    for item in seen.of("paragraph", "list-item"):
        if match := _ATTRIBUTED_JA.search(item.value["text"][:2_000]):
            yield item, match
            return


def of_attributions(seen: EvidenceSet) -> Iterator[Person]:
    """Whom an attribution names."""
    for item, match in attributions(seen):
        names = [clean(n) for n in split_people(match["names"])]
        yield from many(names, item, "creators.attributed", organisations=True)
