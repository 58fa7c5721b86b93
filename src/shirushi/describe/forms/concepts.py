"""What a label means: the table ``data/concepts.json`` of concepts, roles and parts in Japanese and English, and how a label is
looked up in it.

A label is a concept by itself ("License", 「公開予定日」), or a part of somebody or something: "Contact phone number of data
manager" is the part *phone* of the role *contact*, in Japanese with the role first. A bare part ("Name", 「電話番号」) takes its role
from the group it stands in.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files

from rapidfuzz import fuzz, process

from shirushi.describe.forms.form import MOST_LABEL, Question, without_language
from shirushi.describe.text import fold, has_cjk

NAMED, WHOLE, FUZZY = 0.98, 0.95, 0.75  # how well a label is matched: by the form's own hint, to the letter, nearly
LEAST_COVERED = 0.45  # share of a label's letters that must be a concept's for it to mean it
_MONEY = frozenset(
    {"funding", "grant", "award", "助成"}
)  # who, what number or what title, such a label alone does not say
BRACKETS_OUT = 0.9
_BRACKETED = re.compile(r"[（(【\[][^（()）【】\[\]]{0,200}[)）】\]]")
_REACHED = frozenset({"contact", "contactinformation", "contact information", "連絡先"})
_ANYBODYS = frozenset(
    {"title", "title.en", "description", "identifier", "language", "version", "date.created", "keywords", "related"}
)
LEAST_ALIKE = 88.0  # rapidfuzz ratio of labels taken for the same words


@dataclass(frozen=True, slots=True)
class Meaning:
    """A concept (``contact.email``) and how well the label says it, 0 to 1."""

    concept: str
    score: float


@dataclass(frozen=True, slots=True)
class _Table:
    concepts: Mapping[str, str]
    roles: Mapping[str, str]
    parts: Mapping[str, tuple[str, ...]]
    allowed: Mapping[str, frozenset[str]]
    alone: Mapping[str, str]
    default: Mapping[str, str]
    names: Sequence[str]


@cache
def _table() -> _Table:
    data = json.loads(files("shirushi.describe").joinpath("data", "concepts.json").read_text("utf-8"))
    concepts = {bare(name): concept for concept, names in data["concepts"].items() for name in names}
    roles = {bare(name): role for role, names in data["roles"].items() for name in names}
    parts: dict[str, tuple[str, ...]] = {}
    for part, names in data["parts"].items():
        for name in names:
            parts[bare(name)] = (*parts.get(bare(name), ()), part)
    allowed = {role: frozenset(names) for role, names in data["allowed"].items()}
    return _Table(concepts, roles, parts, allowed, data["alone"], data["default"], sorted(concepts))


@lru_cache(16_384)
def bare(label: str) -> str:
    """For looking up: folded, without marks, numbering and articles; Japanese without spaces."""
    text = fold(label[:MOST_LABEL]).replace("_", " ")
    text = re.sub(r"^[\s\W]*(?:\d{1,2}[.)、．]\s*)?", "", text)
    text = re.sub(r"[^\w]+", " ", text)
    text = re.sub(r"\b(?:the|a|an|your|please|enter|of the)\b", lambda m: "of" if m[0] == "of the" else " ", text)
    text = " ".join(text.split())
    return text.replace(" ", "") if has_cjk(text) else text


@lru_cache(16_384)
def meaning_of(label: str, groups: tuple[str, ...] = ()) -> Meaning | None:
    """What a label means, in the groups it stands in (outermost first); None when the table does not tell.

    What stands in brackets may be the point ("policy (licence)") or a condition ("date (for embargoed access)"): it counts first, and
    is left out where that says more.
    """
    plain = without_language(label)
    whole = _meaning(plain, groups)
    outside = _BRACKETED.sub(" ", plain)
    if outside == plain or (whole is not None and whole.score >= FUZZY + 0.1):
        return whole
    less = _meaning(outside, groups)
    if less is None or (whole is not None and whole.score >= less.score * BRACKETS_OUT):
        return whole
    return Meaning(less.concept, round(less.score * BRACKETS_OUT, 3))


def _meaning(label: str, groups: tuple[str, ...]) -> Meaning | None:
    table = _table()
    text = bare(label)
    if not text:
        return None
    around = next((role for group in reversed(groups) if (role := _role(bare(group), table))), None)
    if around and text in table.parts:
        for part in table.parts[text]:
            if part in table.allowed[around]:
                return Meaning(f"{around}.{part}", WHOLE)
    if around and text in table.concepts and table.concepts[text].split(".")[-1] in table.allowed[around]:
        return Meaning(f"{around}.{table.concepts[text].split('.')[-1]}", WHOLE)
    if around and table.concepts.get(text) in _ANYBODYS:
        return None  # the identifier of the publisher, the title of the journal
    if text in table.concepts:
        of_period = table.concepts[text].startswith("period.")
        return None if of_period and around not in (None, "period") else Meaning(table.concepts[text], WHOLE)
    lone = next((p for p in table.parts.get(text, ()) if p in table.alone), None)
    if lone:
        return Meaning(f"{table.alone[lone]}.{lone}", WHOLE)
    found = [m for m in (_composed(text, around, table), _contained(text, table), _alike(text, table)) if m]
    if around or _spots(text, table.roles):
        found = [m for m in found if m.concept not in _ANYBODYS]
    best = max(found, key=lambda m: m.score, default=None)
    return (
        replace(best, concept=f"period.{side}") if best and best.concept == "period" and (side := _side(text)) else best
    )


_SIDES = (
    ("start", re.compile(r"\b(?:start(?:ed|ing)?|begin(?:ning)?|began)\b|開始")),
    ("end", re.compile(r"\b(?:end(?:ed|ing)?|finish(?:ed)?)\b|終了")),
)


def _side(text: str) -> str:
    """The one end of a period that a label asks for; '' for both or neither."""
    sides = [side for side, word in _SIDES if word.search(text)]
    return sides[0] if len(sides) == 1 else ""


def question_meaning(question: Question) -> Meaning | None:
    """What a question means, by its hint, its labels in every language, and the name of its field, in this order of trust."""
    if question.hint and question.hint in known_concepts():
        return Meaning(question.hint, NAMED)
    groups = question.groups
    found: list[Meaning] = []
    for lang, label in question.labels:
        around = tuple(dict(g).get(lang) or g[0][1] for g in groups if g)
        found += [m for m in (meaning_of(label, around),) if m]
    if not found:
        name = next((part for part in reversed(question.path) if part != "*"), "")
        own = meaning_of(re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[-_:.]", " ", name), tuple(g[0][1] for g in groups if g))
        found += [Meaning(m.concept, m.score * 0.85) for m in (own,) if m]
    return max(found, key=lambda m: m.score, default=None)


def is_about_another(question: Question) -> bool:
    """Whether it asks for a title, an identifier and the like of something else than the folder: of the journal it stands in."""
    if not question.groups or question_meaning(question) is not None:
        return False
    alone = (meaning_of(label) for _, label in question.labels)
    return any(m is not None and m.concept in _ANYBODYS for m in alone)


@cache
def known_concepts() -> frozenset[str]:
    table = _table()
    return frozenset(table.concepts.values()) | {
        f"{role}.{part}" for role, parts in table.allowed.items() for part in parts
    }


def _role(text: str, table: _Table) -> str | None:
    """The role that a group's label names, wholly or at its end or beginning."""
    if text in table.roles:
        return table.roles[text]
    spots = _spots(text, table.roles)
    covered = sum(end - start for start, end, _ in spots)
    return table.roles[spots[0][2]] if spots and covered >= LEAST_COVERED * len(text) else None


def _composed(text: str, around: str | None, table: _Table) -> Meaning | None:
    """A role and a part of it in one label, or a role alone."""
    roles = _spots(text, table.roles)
    ja = has_cjk(text)
    role_spot = _chosen_role(roles, table, ja=ja)
    taken = [role_spot] if role_spot else []
    masked = text[: role_spot[0]] + "\0" * (role_spot[1] - role_spot[0]) + text[role_spot[1] :] if role_spot else text
    parts = _spots(masked, table.parts)
    role = table.roles[role_spot[2]] if role_spot else around
    covered = sum(end - start for start, end, _ in (*taken, *parts)) / len(text.replace(" of ", "  "))
    if parts and role:
        of = text.find(" of ")
        before = [s for s in parts if s[1] <= of] if of >= 0 and not ja else []
        for spot in (before or parts)[::-1]:
            for part in table.parts[spot[2]]:
                if part in table.allowed[role]:
                    return _scored(f"{role}.{part}", covered)
        return None  # a part that the role does not have: the identifier of a publisher is not its name
    if parts and not role_spot:
        for part in table.parts[parts[-1][2]]:
            if part in table.alone:
                return _scored(f"{table.alone[part]}.{part}", covered)
    if role_spot and role in ("creator", "contact") and any(s[2] in _REACHED for s in roles if s != role_spot):
        return _scored(f"{role}.email", covered)
    if role_spot and role is not None and role in table.default and role_spot[2] not in _MONEY:
        return _scored(f"{role}.{table.default[role]}", (role_spot[1] - role_spot[0]) / len(text))
    return None


def _chosen_role(spots: Sequence[tuple[int, int, str]], table: _Table, *, ja: bool) -> tuple[int, int, str] | None:
    """Japanese says whose first, English last; "contact" beside a person is a part of the person."""
    people = [s for s in spots if table.roles[s[2]] in ("creator", "investigator")]
    others = [s for s in spots if table.roles[s[2]] != "institution"] or list(spots)
    chosen = people or others
    managers = [s for s in chosen if table.roles[s[2]] == "contact" and s[2] not in ("contact", "連絡先")]
    chosen = managers or chosen
    return (chosen[0] if ja else chosen[-1]) if chosen else None


def _scored(concept: str, covered: float) -> Meaning | None:
    return Meaning(concept, round(WHOLE * min(1.0, 0.4 + 0.6 * covered), 3)) if covered >= LEAST_COVERED else None


def _contained(text: str, table: _Table) -> Meaning | None:
    """The longest concept in a longer label: 「利用ライセンスの種類」; in English its head, so that "subject scheme" is no subject."""
    spots = _spots(text, table.concepts)
    if not has_cjk(text):
        spots = [s for s in spots if not text[s[1] :] or re.match(r" (?:of|for|in|and|or|on|at|to)\b", text[s[1] :])]
    if not spots:
        return None
    start, end, name = max(spots, key=lambda s: s[1] - s[0])
    return _scored(table.concepts[name], (end - start) / len(text) * 0.95)


def _alike(text: str, table: _Table) -> Meaning | None:
    """A concept spelt a little differently, or its words in another order."""
    scorer = fuzz.ratio if has_cjk(text) else fuzz.token_sort_ratio
    best = process.extractOne(text, table.names, scorer=scorer, score_cutoff=LEAST_ALIKE)
    return Meaning(table.concepts[best[0]], round(FUZZY * best[1] / 100, 3)) if best else None


def _spots(text: str, names: Iterable[str]) -> list[tuple[int, int, str]]:
    """Where names stand in a text, in order, the longest first where they overlap; Latin ones as whole words."""
    found: list[tuple[int, int, str]] = []
    for name in _longest_first(tuple(names)):
        start = text.find(name)
        while start >= 0:
            end = start + len(name)
            whole = has_cjk(name) or not (_latin(text[start - 1 : start]) or _latin(text[end : end + 1]))
            if whole and all(end <= a or start >= b for a, b, _ in found):
                found.append((start, end, name))
            start = text.find(name, start + 1)
    return sorted(found)


def _latin(character: str) -> bool:
    return character.isalnum() and character.isascii()


@lru_cache(8)
def _longest_first(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(names, key=lambda n: (-len(n), n)))
