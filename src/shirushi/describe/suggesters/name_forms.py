"""One person in two scripts: 山田 花子 (Yamada Hanako), やまだ はなこ; and a Latin name that kanji are read as."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.names import clean, creator, looks_like_person, same_words
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.suggesters.common import is_note
from shirushi.describe.suggesters.keywords import reading
from shirushi.describe.text import has_cjk, normalise
from shirushi.metadata.readings import key

MOST_TEXTS, MOST_CHARACTERS = 2_000, 4_000
_KANJI_NAME = r"[\u4e00-\u9fff\u3005\u30f6]{1,4}[ \u3000]?[\u4e00-\u9fff\u3005\u3041-\u3096\u30a1-\u30fa]{1,4}"
_KANA_NAME = r"[\u3041-\u3096\u30a1-\u30fc]{1,8}[ \u3000]?[\u3041-\u3096\u30a1-\u30fc]{1,8}"
_LATIN_NAME = r"[A-Z][A-Za-z\u00c0-\u017f'\-]{1,20},?[ \u3000][A-Z][A-Za-z\u00c0-\u017f'\-]{1,20}"
_FORM = rf"(?:{_LATIN_NAME}|{_KANJI_NAME}|{_KANA_NAME})"
# A name with another form of it in brackets or behind a stroke, and perhaps a third one
_BESIDE = re.compile(
    rf"(?<![\u4e00-\u9fff\u3005\u3041-\u3096\u30a1-\u30fcA-Za-z])(?P<first>{_FORM})\s?(?:[（(]\s?(?P<inside>{_FORM}(?:\s?[,、，/／・;；]\s?{_FORM})?)\s?(?:[,、，/／;；][^()（）]{{1,60}})?[）)]"
    rf"|\s?[/／]\s?(?P<after>{_FORM})(?![A-Za-z\u4e00-\u9fff]))"
)
_BETWEEN = re.compile(r"\s?[、，/／・;；]\s?|,\s?(?=[\u3041-\u9fff])|(?<=[\u3041-\u9fff]),\s?")


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of one person's name, and where they stand side by side."""

    names: tuple[str, ...]
    item: Evidence


def forms_beside(seen: EvidenceSet) -> Iterator[Forms]:
    """Names that a text writes in two scripts side by side."""
    for item in seen.of("paragraph", "list-item", "heading", "key-value", "table-row", "page-text")[:MOST_TEXTS]:
        value = item.value
        text = (
            " ".join(value["cells"]) if item.kind == "table-row" else str(value.get("text") or value.get("value") or "")
        )
        if not has_cjk(text):
            continue
        for match in _BESIDE.finditer(normalise(text[:MOST_CHARACTERS]).text):
            others = _BETWEEN.split(match["inside"]) if match["inside"] else [match["after"]]
            names = tuple(clean(name) for name in (match["first"], *others))
            scripts = [script_of(name) for name in names]
            people = all(
                script == "ja-Kana" or looks_like_person(name) for name, script in zip(names, scripts, strict=True)
            )
            if people and len(set(scripts)) == len(scripts) and "ja" in scripts:
                yield Forms(names, item)


def script_of(name: str) -> str:
    """``ja`` for a name with kanji, ``ja-Kana`` for one in kana, ``en`` for one in Latin letters."""
    if not has_cjk(name):
        return "en"
    return "ja" if re.search(r"[\u4e00-\u9fff]", name) else "ja-Kana"


def is_read(written: str, latin: str) -> bool:
    """Whether a name in kanji or kana is read as one in Latin letters, its words in either order, by the dictionary's first
    readings: 山田 花子 and Hanako Yamada."""
    words = [key(word) for word in re.split(r"[\s,]+", latin) if word]
    parts = written.replace("\u3000", " ").split()
    if len(words) != 2 or not all(len(word) > 1 for word in words) or len(parts) > 2:
        return False
    if len(parts) == 2:
        return sorted(key(reading(part)) for part in parts) == sorted(words)
    return key(reading(parts[0])) in {"".join(pair) for pair in pairwise([*words, words[0]])}


def same_person(a: str, b: str) -> bool:
    """Whether two names are one person's, in one script or in two."""
    if has_cjk(a) == has_cjk(b):
        return same_words(a, b)
    written, latin = (a, b) if has_cjk(a) else (b, a)
    return looks_like_person(latin) and is_read(written, latin)


def speaks_japanese(seen: EvidenceSet) -> bool:
    """Whether the folder is in Japanese: its texts apart from licences and notes, else the names of its columns and files."""
    texts = [e.value["text"] for e in seen.of("paragraph", "heading")[:MOST_TEXTS] if not is_note(e.place.file)]
    names = [e.value["name"] for e in seen.of("column")[:MOST_TEXTS]] + [
        e.value["path"] for e in seen.of("file")[:MOST_TEXTS]
    ]
    said = [has_cjk(str(text)) for text in texts]
    return 2 * sum(said) > len(said) if said else any(has_cjk(str(name)) for name in names)


def main_form(name: str, forms: list[str], *, in_japanese: bool) -> str:
    """The form by which the person is cited in the folder's own language: kanji in Japanese, Latin letters elsewhere."""
    written = next((form for form in (name, *forms) if script_of(form) == "ja"), None)
    latin = next((form for form in (name, *forms) if script_of(form) == "en"), None)
    if written is None or latin is None:
        return name
    return written if in_japanese else _cited(latin, written)


def other_names(name: str, forms: list[str]) -> list[dict[str, JSON]]:
    """The other forms of a name as parts of a Creator, one for each script."""
    found: dict[str, dict[str, JSON]] = {}
    for form in forms:
        script = script_of(form)
        if script != script_of(name) and script not in found:
            cited = _cited(form, name) if script == "en" else " ".join(form.replace("\u3000", " ").split())
            found[script] = {"name": cited, "lang": script}
    return list(found.values())


def _cited(latin: str, written: str) -> str:
    """ "Family, Given" of a Latin form; the kanji tell which word is the family name where they are read as one of the two."""
    words = latin.split()
    parts = written.replace("\u3000", " ").split()
    if "," not in latin and len(words) == len(parts) == 2 and key(words[0]) == key(reading(parts[0])):
        latin = f"{words[0]}, {words[1]}"
    return str(creator(latin)["name"])
