"""A value as a person reads it: the words that matter first, then what else is known, in the reader's language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shirushi.forms.definition import work_form
from shirushi.forms.render import language_name
from shirushi.metadata.fields import BY_NAME
from shirushi.metadata.labels import term_label


@dataclass(frozen=True, slots=True)
class Shown:
    """``text`` says it in one line or paragraph; ``details`` are label and words of the rest, the label empty where the
    words say enough; ``long`` asks for a paragraph of its own."""

    text: str
    details: tuple[tuple[str, str], ...] = ()
    lang: str | None = None
    long: bool = False


# The part of each field's value that names it; the others are details. Parts that only repeat it are left out.
_MAIN: Mapping[str, tuple[str, ...]] = {
    "titles": ("text",),
    "creators": ("name",),
    "contributors": ("name",),
    "descriptions": ("text",),
    "resource_type": ("general",),
    "rights": ("id", "text", "uri"),
    "access": ("rights",),
    "publisher": ("name",),
    "subjects": ("text",),
    "dates": ("date",),
    "locations": ("place", "box"),
    "variables": ("name",),
    "instruments": ("name",),
    "software": ("name",),
    "related": ("identifier",),
    "funding": ("award", "funder"),
    "alternate_identifiers": ("identifier",),
}
_TAKEN_FOR_GRANTED = {
    ("name_type", "Personal"),
    ("covers", "all"),
    ("sampled", False),
    ("type", "Abstract"),
    ("role", "Other"),
}
_TERMS = {"general", "name_type", "type", "relation", "role", "covers", "resource_type", "purpose", "rights"}
# Parts whose words say by themselves what they are
_SPEAKING = {("dates", "type"), ("subjects", "scheme"), ("subjects", "code"), ("related", "relation")}


def shown(name: str, value: Any, lang: str) -> Shown:
    """How one value of the field ``name`` is shown; ``value`` is JSON of one entry, or of the field if it holds one.

    Anything that does not have the field's shape is shown as it is.
    """
    if not isinstance(value, Mapping):
        words = language_name(value, lang) if name == "languages" and isinstance(value, str) else str(value)
        return Shown(f"{words} ({value})" if words != str(value) else words)
    main = next((part for part in _MAIN.get(name, ()) if value.get(part)), None)
    if main is None:
        return Shown(", ".join(f"{part}: {item}" for part, item in value.items() if item not in (None, [], "")))
    text = _words(main, value[main], lang)
    return Shown(
        text, tuple(_details(name, main, value, lang)), value.get("lang"), long=len(text) > 160 or "\n" in text
    )


def _details(name: str, main: str, value: Mapping[str, Any], lang: str) -> Iterator[tuple[str, str]]:
    form = work_form()
    many = BY_NAME[name].many
    for part, item in value.items():
        granted = isinstance(item, str | bool) and (part, item) in _TAKEN_FOR_GRANTED
        if part == main or item in (None, [], "") or granted or _repeats(name, part, value, main):
            continue
        if part == "lang" or (name, part) in _SPEAKING:
            yield "", _words(part, item, lang)
            continue
        label = form.text(f"/{name}/-/{part}" if many else f"/{name}/{part}").label.in_(lang)
        yield label, _words(part, item, lang)


def _repeats(name: str, part: str, value: Mapping[str, Any], main: str) -> bool:
    """Whether a part says nothing that does not stand there already: parts of a name in the name, a label that is the name or the
    description once more, the address of a list that is named, and that nothing is missing."""
    item = value[part]
    if part in ("given_name", "family_name"):
        return str(item) in str(value[main])
    if name == "variables" and part == "label":
        return str(item).casefold() in {str(value[main]).casefold(), str(value.get("description") or "").casefold()}
    if name == "variables" and part == "missing":
        return item == 0
    return (name, part) == ("subjects", "scheme_uri") and bool(value.get("scheme"))


def _words(part: str, item: Any, lang: str) -> str:
    if part == "date" and isinstance(item, str):
        start, _, end = item.partition("/")
        return start if start == end else item  # a period of one day
    if part == "box" and isinstance(item, Mapping):
        return box_words(item)
    if part in ("affiliations", "other_names") and isinstance(item, list):
        return ", ".join(str(one.get("name", "")) if isinstance(one, Mapping) else str(one) for one in item)
    if part == "lang" and isinstance(item, str):
        return language_name(item, lang)
    if part in _TERMS and isinstance(item, str):
        return term_label(item).in_(lang)
    if isinstance(item, bool):
        return {"ja": ("いいえ", "はい"), "en": ("no", "yes")}["ja" if lang.startswith("ja") else "en"][item]
    if isinstance(item, float):
        return f"{item:.10g}"
    return str(item)


def box_words(box: Mapping[str, Any]) -> str:
    """``34.9°N–35.3°N, 139.1°E–139.7°E``; one value where both ends are the same."""
    south, north = _degrees(box.get("south"), "N", "S"), _degrees(box.get("north"), "N", "S")
    west, east = _degrees(box.get("west"), "E", "W"), _degrees(box.get("east"), "E", "W")
    return ", ".join(one if one == other else f"{one}–{other}" for one, other in ((south, north), (west, east)))


def _degrees(value: Any, positive: str, negative: str) -> str:
    if not isinstance(value, int | float):
        return str(value)
    return f"{abs(value):.6g}°{positive if value >= 0 else negative}"
