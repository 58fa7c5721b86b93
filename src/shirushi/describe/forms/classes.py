"""Small classifications that forms ask in words of their own: access, kind of data, research field, language, file format.

``data/classes.json`` says for each class what options call it and, where a text can tell, which words speak for it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rapidfuzz import fuzz

from shirushi.describe.forms.form import Option
from shirushi.describe.text import fold, has_cjk, letters

_LEAST_ALIKE = 90.0
_LICENCE = re.compile(r"cc\s*by(?:\s*nc)?(?:\s*sa|\s*nd)?|cc\s*0|public domain|cc\s*zero")
_OTHER = frozenset({"other", "others", "その他", "上記以外"})
_NONE = frozenset({"none", "no license", "no licence", "ライセンスなし", "なし", "no license granted", "license なし"})


@dataclass(frozen=True, slots=True)
class Class:
    """``options``: folded names that options have; ``texts``: words that speak for it in a text."""

    name: str
    options: tuple[str, ...]
    texts: tuple[str, ...]


@cache
def classes(kind: str) -> Mapping[str, Class]:
    """The classes of one kind (``access``, ``kind``, ``field``, ...), by name."""
    data = json.loads(files("shirushi.describe").joinpath("data", "classes.json").read_text("utf-8"))
    return {
        name: Class(name, tuple(fold(o) for o in item["options"]), tuple(fold(t) for t in item["texts"]))
        for name, item in data[kind].items()
    }


def option_of_class(kind: str, name: str, options: Sequence[Option]) -> Option | None:
    """The option that means a class: called so in one of its languages, wholly or, failing that, as a word of its label."""
    chosen = classes(kind).get(name)
    if chosen is None:
        return None
    whole = next((o for o in options if any(fold(w) in chosen.options for w in o.words())), None)
    if whole is not None:
        return whole
    named = [o for o in options if _speaks_for(o, classes(kind)) == name]
    return named[0] if len(named) == 1 else None


def class_of(kind: str, text: str) -> str | None:
    """The class that a short text names: 「制限公開（利用申請が必要）」 is restricted access."""
    folded = fold(text[:200])
    exact = next((name for name, item in classes(kind).items() if folded in item.options), None)
    return exact or _speaks_for(Option(text[:200]), classes(kind))


def _speaks_for(option: Option, known: Mapping[str, Class]) -> str | None:
    """The class with the longest name in an option's words: 「共有（制限公開）」 is restricted, though 「公開」 stands in it."""
    lengths = {
        name: max((len(o) for o in item.options for w in option.words() if _is_said(o, fold(w))), default=0)
        for name, item in known.items()
    }
    best = max(lengths, key=lambda name: lengths[name])
    return best if lengths[best] and list(lengths.values()).count(lengths[best]) == 1 else None


def _is_said(name: str, label: str) -> bool:
    return (len(name) > 2 or has_cjk(name)) and _stands_in(name, label)


def _stands_in(word: str, text: str) -> bool:
    """A word of a text: in Latin script from its beginning ("synthesi" in "synthesised", not in "photosynthesis")."""
    if has_cjk(word):
        return word in text
    start = text.find(word)
    while start >= 0:
        if start == 0 or not text[start - 1].isalnum() or not text[start - 1].isascii():
            return True
        start = text.find(word, start + 1)
    return False


def hits(kind: str, text: str) -> dict[str, int]:
    """How many different words of each class stand in a text (folded here)."""
    folded = fold(text)
    counts = {name: sum(_stands_in(word, folded) for word in item.texts) for name, item in classes(kind).items()}
    return {name: count for name, count in counts.items() if count}


def option_called(value: object, options: Sequence[Option]) -> tuple[Option, float] | None:
    """The option whose value or label is what a text says, to the letter, or nearly so and no other is as near."""
    text = letters(str(value))
    if not text:
        return None
    for option in options:
        if any(letters(word) == text for word in option.words()):
            return option, 1.0
    if len(text) >= 4:
        scored = sorted(
            ((max(fuzz.ratio(text, letters(w)) for w in o.words()), n) for n, o in enumerate(options)), reverse=True
        )
        if scored and scored[0][0] >= _LEAST_ALIKE and (len(scored) == 1 or scored[1][0] < scored[0][0]):
            return options[scored[0][1]], 0.9
        inside = [o for o in options if any(len(letters(w)) >= 3 and _stands_in(letters(w), text) for w in o.words())]
        if len(inside) == 1:
            return inside[0], 0.8
    return None


def licence_key(text: str) -> str:
    """What makes two names of a licence the same, versions left out: "CC-BY-NC-4.0", "CC BY-NC 4.0 表示—非営利", "CCBYNC"."""
    plain = re.sub(r"[^a-z0-9]+", " ", fold(text))
    match = _LICENCE.search(plain)
    if match:
        bare = match[0].replace(" ", "")
        return {"cczero": "cc0", "publicdomain": "pd"}.get(bare, bare)
    plain = re.sub(
        r"\b(?:gnu|the|license|licence|version|or later|only|clause|general public|software|new|revised|simplified|0)\b",
        " ",
        plain,
    )
    plain = re.sub(r"\bgnu lesser\b|\blesser\b", "l", plain)
    return re.sub(r"\s+", "", plain)


def option_of_licence(spdx: str, options: Sequence[Option]) -> tuple[Option, float] | None:
    """The option that is a licence, by SPDX id; "none" for none at all; "other" where the list lacks it."""
    if spdx == "none":
        option = next((o for o in options if any(fold(w) in _NONE for w in o.words())), None)
        return (option, 1.0) if option else None
    key = licence_key(spdx)
    for option in options:
        if any(licence_key(word) == key for word in option.words()):
            return option, 1.0
    other = next((o for o in options if any(fold(w) in _OTHER for w in o.words())), None)
    return (other, 0.7) if other else None
