"""What the name of a column tells by itself: its words, its unit, whether its numbers count or only name.

The words are those of ``describe/data/columns.json``: common abbreviations, units that a quantity usually has (used only when
the values lie in the range given there), and words that mark identifiers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from json import loads

from shirushi.describe.evidence import JSON
from shirushi.describe.readers.units import is_unit
from shirushi.describe.text import fold, has_cjk

_BRACKETED = re.compile(r"[\s_]*[(（\[［]\s*(?P<unit>[^()（）\[\]［］]{1,20}?)\s*[)）\]］]\s*$")
_COORDINATE = re.compile(r"(?i)(?:decimal)?_?(?:lat|latitude|lon|lng|long|longitude)(?:_?(?:dd|deg|degrees))?")
_SUFFIX = re.compile(
    r"[a-z0-9](?:_|(?=[A-Z]))(?P<unit>mm|cm|km|nm|um|kg|mg|ug|degC|hPa|kPa|MPa|mV|kV|mA|kW|Hz|kHz|MHz|GHz|ppm|ppb|pct|percent|ms|sec|m|g|s|(?<=time_)min|(?<=duration_)min)$"
)
_UNIT_WORD = re.compile(
    r"^(?:[°℃%‰µμΩÅ]|deg|mm|cm|m|km|nm|um|µm|g|kg|mg|µg|ug|ng|t|s|sec|min|h|hr|hours?|days?|years?|yr|ms|us|ns|hz|khz|mhz|ghz|v|mv|kv|a|ma|w|kw|mw|"
    r"j|kj|ev|kev|mev|pa|hpa|kpa|mpa|bar|mbar|k|c|f|mol|mmol|l|ml|ul|ppm|ppb|psu|n|kn|nt|t|lux|db|rpm|ha|usd|eur|jpy|円|人|度|個|件|年|月|日|時|分|秒|歳)"
    r"(?:[\s/·*^\-−\d¹²³⁻]|per|$)",
    re.IGNORECASE,
)
_IN_TEXT = re.compile(
    r"(?i:\b(?:in|units?\s*(?:is|are|of|[:=]))|単位\s*[:：は])\s*"
    r"(?=(?P<said>[^\s,;:()\[\].。、]+(?:\s+[^\s,;:()\[\].。、]+){0,3}))"
)
_IN_BRACKETS = re.compile(r"(?<=\s)[(\[](?P<said>[^()\[\]]{1,25})[)\]]|[（［](?P<wide>[^（）［］]{1,25})[）］]")
_AFTER_COMMA = re.compile(r",\s*(?P<said>[^\s,;.()]+(?:\s[^\s,;.()]+)?)\s*(?=$|[,;.(]|(?<=%)\s)")
_SPELT = re.compile(
    r"(?:(?:milli|centi|kilo|micro|nano|mega|deci|hecto)?(?:met(?:er|re)|gram|lit(?:er|re)|second|volt|amp|pascal|watt|joule|hertz|mol)e?s?|"
    r"minutes?|hours?|days?|weeks?|months?|years?|degrees?|celsius|kelvin|fahrenheit|percent(?:age)?|bytes?|feet|miles|inches|hectares?|tonnes?|acres?|"
    r"dollars|euros|yen|[cmkµun]m|[mkµ]g|m?L|ms|k?Hz|ppm|ppb|[hk]Pa|mV|NTU|PSU|%|‰|°C?|℃|\S+/\S+)(?:\^?[23])?"
)


@dataclass(frozen=True, slots=True)
class Usual:
    """The unit that a quantity of this name usually has, where its values lie between ``low`` and ``high``. ``names`` are
    sets of words that must all stand in the name."""

    names: tuple[frozenset[str], ...]
    unit: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Lexicon:
    """``describe/data/columns.json``: meanings of abbreviations, units of time by their plural, usual units, identifiers."""

    words: Mapping[str, str]
    capitals: Mapping[str, str]
    times: Mapping[str, str]
    usual: tuple[Usual, ...]
    identifiers: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """The words shipped with the package."""
    data = loads(files("shirushi.describe").joinpath("data", "columns.json").read_text("utf-8"))
    usual = tuple(
        Usual(tuple(frozenset(name.split()) for name in u["names"]), u["unit"], u["from"], u["to"])
        for u in data["usual_units"]
    )
    capitals = {word.lower(): word for word in data["abbreviations"]}
    return Lexicon(data["words"], capitals, data["time_words"], usual, frozenset(data["identifiers"]))


def words_of(name: str) -> list[str]:
    """``forkLength``, ``fork_length`` and ``Fork length (mm)`` in words, as they are spelt."""
    bare = _BRACKETED.sub("", name)
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", bare)
    return re.sub(r"[_.\-:/]+", " ", split).split()


def spelled_out(name: str) -> str | None:
    """A name in full words: ``forkLength`` is "fork length", ``pop_tot`` "population total"; None where it has no words."""
    words = words_of(name)
    unit = _SUFFIX.search(name)
    if unit and len(words) > 1 and words[-1].lower() == unit["unit"].lower():
        words.pop()
    if not all(re.fullmatch(r"[^\W_]+", word) for word in words) or not any(len(w) > 2 or has_cjk(w) for w in words):
        return lexicon().words.get(fold(name))
    return " ".join(_spelled(word) for word in words)


def _spelled(word: str) -> str:
    low = word.lower()
    known = lexicon().capitals.get(low) or lexicon().words.get(low)
    return known or (word if word.isupper() and len(word) > 1 else low)


def unit_in_name(name: str) -> str | None:
    """The unit at the end of a column's name: ``temp (degC)``, ``水温［℃］``, ``length_mm``, ``testDays``; degrees of a latitude."""
    match = _BRACKETED.search(name)
    if match:
        return match["unit"] if _UNIT_WORD.match(match["unit"]) else None
    if _COORDINATE.fullmatch(name):
        return "degree"
    suffix = _SUFFIX.search(name)
    if suffix:
        return suffix["unit"].replace("pct", "%").replace("percent", "%")
    words = [word.lower() for word in words_of(name)]
    if (
        len(words) > 1
        and words[0] in lexicon().times
        and words[1] in ("since", "from", "to", "until", "after", "before")
    ):
        return lexicon().times[words[0]]
    return lexicon().times.get(words[-1]) if len(words) > 1 else None


def usual_unit(name: str, low: JSON, high: JSON) -> str | None:
    """The unit that numbers of this name and range usually have: years of an age to 120, °C of a temperature to 45."""
    words = {word.lower() for word in words_of(name)}
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return None
    fitting = (u for u in lexicon().usual if u.low <= low and high <= u.high)
    return next((u.unit for u in fitting if any(name <= words for name in u.names)), None)


def unit_in_text(text: str) -> str | None:
    """The unit that a description gives: "measured in millimeters", "depth (cm)"; None where it gives none, or several."""
    found = {said for match in _IN_TEXT.finditer(text) if (said := _longest(match["said"]))}
    found |= {
        s for m in _IN_BRACKETS.finditer(text) if _is_named(s := (m["said"] or m["wide"]).strip()) or _is_product(s)
    }
    if not found:
        found = {
            said for match in _AFTER_COMMA.finditer(text) if _is_product(said := match["said"].strip()) or said == "%"
        }
    return found.pop() if len(found) == 1 else None


def _is_product(said: str) -> bool:
    """Units multiplied or divided, which no word looks like: ``g m-2``, ``µmol/l``, ``t ha^-1``."""
    return is_unit(said) and bool(re.search(r"/|\^|[⁺⁻¹²³]|[A-Za-z]-?[1-9]\b|·|\bper\b", said))


def _longest(words: str) -> str | None:
    """The longest run from the first word that is a unit: "degrees Celsius at noon" is "degrees Celsius"."""
    parts = words.split()
    for size in range(len(parts), 0, -1):
        said = " ".join(parts[:size])
        if _is_named(said):
            return said
    return None


def _is_named(said: str) -> bool:
    """Whether words of a text can only mean a unit: a unit that is spelt out, has a sign, or is no common word."""
    parts = [part for part in said.split() if part.lower() not in ("per", "decimal")]
    if not parts or len(parts) > 4:
        return False
    return all(_SPELT.fullmatch(part) or _SPELT.fullmatch(part.lower()) for part in parts) and (
        is_unit(said) or all("/" not in part for part in parts)
    )


def names_things(name: str) -> bool:
    """Whether numbers in a column of this name only name what they stand for: ``trapVisitID``, ``FIPS code``, ``zip``."""
    words = [word.lower() for word in words_of(name)]
    return bool(words) and (words[-1] in lexicon().identifiers or words[0] == "id")
