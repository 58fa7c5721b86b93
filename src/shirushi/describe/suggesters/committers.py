"""Creators by Git's history: who committed, how much, and whether a text names them."""

import re
from collections.abc import Iterator

from shirushi.describe.evidence import Evidence
from shirushi.describe.names import clean, fuller, is_bot, looks_like_person, same_words, unscrambled
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.suggesters.persons import Person
from shirushi.describe.text import has_cjk

MOST_GIT = 12
LEAD = 0.5


def committers(seen: EvidenceSet, named: list[Person]) -> Iterator[Person]:
    """Those who committed, one person per name, bots left out."""
    people: dict[str, list[Evidence]] = {}
    for item in seen.of("git-author"):
        name = clean(unscrambled(item.value["name"]))
        if not re.search(r"[^\W\d_]{3}", name) and not has_cjk(name):
            continue  # letters that name nobody
        if is_bot(item.value["name"]) or "|" in name or re.search(r"(?:^|\s)-", name):
            continue
        key = next((k for k in people if same_words(k, name)), name)
        people.setdefault(key, []).append(item)
        if fuller(key, name) != key:
            people = {fuller(key, name) if k == key else k: items for k, items in people.items()}
    total = sum(e.value["commits"] for items in people.values() for e in items) or 1
    ranked = sorted(people.items(), key=lambda pair: -sum(e.value["commits"] for e in pair[1]))
    texts = [e.value["text"] for e in seen.of("paragraph", "list-item", "heading")[:3_000]]
    paper = bool(seen.of("page-text")) and len(seen.of("file")) <= 4
    packaged = float(any(_PACKAGED.search(e.value["path"]) for e in seen.of("file")))
    leading = sum(e.value["commits"] for e in ranked[0][1]) / total if ranked else 0.0
    outright = any(p.method not in ("creators.prose", "creators.html-meta", "creators.copyright") for p in named)
    for position, (name, items) in enumerate(ranked[:MOST_GIT]):
        share = sum(e.value["commits"] for e in items) / total
        if " " not in name and "," not in name and not has_cjk(name):
            continue  # an account's name says who it was only to those who know
        full = looks_like_person(name) or has_cjk(name)
        features = {
            "share": share,
            "full": float(full),
            "rank": 1 / (1 + position),
            "crowd": min(len(ranked), 20) / 20,
            "named_elsewhere": float(outright),
            "paper": float(paper),
            "sole": float(len(ranked) == 1),
            "packaged": packaged,
            "near_lead": share / leading if leading else 0.0,
            "mentioned": float(_mentioned(name, texts)),
            "institutional": float(any(_INSTITUTION.search(str(e.value.get("email", ""))) for e in items)),
        }
        lead = position == 0 and share >= LEAD and full
        method = (
            "creators.git-mentioned"
            if features["mentioned"] and full
            else "creators.git-lead"
            if lead
            else "creators.git-author"
        )
        yield Person(name, list(items), method, share, features)


# Files of a software's packaging: those who commit to software are named as its authors more often than those who deposit data.
_PACKAGED = re.compile(
    r"^(?:setup\.(?:py|cfg)|pyproject\.toml|DESCRIPTION|Project\.toml|package\.json|pom\.xml|cargo\.toml|go\.mod|makefile|cmakelists\.txt|"
    r"news\.md|changelog(?:\.\w+)?|changes\.rst|code_of_conduct\.md|tox\.ini|mkdocs\.ya?ml|docs?/(?:conf\.py|index\.(?:rst|md)|make\.jl))$",
    re.IGNORECASE,
)
_INSTITUTION = re.compile(r"@.*(?:\.edu|\.ac\.\w+|\.gov|\.go\.jp|univ|uni-|\.mil|mpg|cnrs|csiro|inria)", re.IGNORECASE)


def _mentioned(name: str, texts: list[str]) -> bool:
    """Whether some text names the person by the last word of the name, or in Japanese by the whole of it."""
    words = name.replace("　", " ").split()
    wanted = "".join(words) if has_cjk(name) else words[-1]
    if len(wanted) < 3:
        return False
    pattern = re.compile(re.escape(wanted) if has_cjk(name) else rf"(?<!\w){re.escape(wanted)}(?!\w)", re.IGNORECASE)
    return any(pattern.search(text) for text in texts)
