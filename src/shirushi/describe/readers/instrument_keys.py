"""What instrument exports call things: keys of header lines, cells, elements and JSON members, in English and Japanese.

The words are the ordinary ones of the trade (PIDINST's and the Allotrope Simple Model's terms, and what menus of instrument
software say); no vendor's file layout is assumed.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from shirushi.describe.evidence import Place

Property = Literal[
    "model", "serial_number", "manufacturer", "software", "version", "analyst", "time", "method", "detection", "wavelength", "plate"
]  # fmt: skip
_THING = r"(?:instrument|device|reader|equipment|machine|cytometer|microscope|spectro(?:photo)?meter|analy[sz]er|scanner|imager|system|unit|detector|sequencer)"
_PATTERNS: tuple[tuple[Property, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))  # type: ignore[misc]
    for name, pattern in (
        ("serial_number", rf"(?:{_THING} )?(?:serial|ser)(?: ?(?:number|no|num|nr|#|id))?|s ?/? ?n|{_THING} (?:sn|s/n)|(?:装置)?(?:製造番号|シリアル(?:番号|no)?|機番|機器番号)"),
        ("manufacturer", rf"(?:{_THING} )?(?:manufacturer|vendor|maker|make)|製造元|メーカー(?:名)?|製造会社"),
        ("version", r"(?:software|program|application|app|acquisition software|firmware)? ?(?:version|build|ver)(?: (?:number|no))?|(?:ソフトウェア|ソフト)?(?:の)?(?:バージョン|版数)"),
        ("software", r"(?:acquisition |analysis |instrument |control |data )?software(?: (?:name|package|used))?|program(?: name)?|application name|(?:測定|解析|使用)?ソフト(?:ウェア)?(?:名)?"),
        ("model", rf"(?:data )?{_THING}(?: ?(?:model|type|name|id|used))?|model(?: ?(?:number|name|no))?|(?:使用|測定|分析|計測|観測)?(?:装置|機器|機種|機械)(?:名|の名称)?|型番|型式|品番"),
        ("analyst", r"operator(?: (?:name|id))?|user(?: ?(?:name|id))?|analyst|experimenter|scientist|technician|(?:logged in|login) user|logged in as|(?:acquired|measured|performed|created|run|tested|analy[sz]ed|read|recorded) by|author|(?:操作|測定|分析|実験|試験|記録)者(?:名)?|オペレーター?(?:名)?|ユーザー?(?:名)?|担当者"),
        ("time", r"(?:(?:run|read|measurement|measured|acquisition|acquired|analysis|collection|collected|test|testing|scan|experiment|sample|batch|recording|injection|result|reading|print|started|start|created|creation)(?: run)? ?)*(?:date ?/ ?time|date ?(?:&|and)? ?time|datetime|timestamp|time stamp|date)(?: of (?:measurement|acquisition|analysis|run))?|(?:run|measurement|acquisition|batch|experiment|read|injection|scan|acq)(?: run)? ?(?:start|started|end|begin|stop)? ?(?:time|on)|started|measured on|acquired on|start time|(?:測定|分析|取得|計測|実験|試験|採取|測定開始|開始)(?:日時?|日時刻|年月日|時刻)"),
        ("method", r"(?:analysis |assay |test |instrument |acquisition |processing |measurement |run |analytical )?(?:method|protocol|assay|procedure)(?: ?(?:name|id|type|title))?|test name|test id|application(?: type)?|experiment type|(?:測定|分析|試験|解析)(?:方法|法|手順|条件名|メソッド)|メソッド(?:名)?|プロトコル(?:名)?"),
        ("detection", r"(?:detection|detector|reading|read|measurement|measuring|scan|acquisition|data)(?: ?(?:type|mode|method|technology))|(?:検出|測定)(?:モード|方式|器)"),
        ("wavelength", r"(?:(?:measurement|detection|detector|excitation|emission|reading|analysis|reference|test|ex|em|primary|λ) ?)*(?:wave ?lengths?|λ|lambda)(?: ?\d+)?|(?:excitation|emission)(?: (?:filter|start|wavelength|nm))?|(?:測定|励起|蛍光|検出)?波長"),
        ("plate", r"(?:(?:assay|measurement|sample|source|destination|well) ?)?plate(?: ?(?:barcode|id|name|number|no|identifier|code))?|(?:plate )?bar ?code(?: ?1)?|labware barcode|プレート(?:名|番号|id|バーコード)?"),
    )
)  # fmt: skip
_MARKS = re.compile(r"^[\s\"'*#%;>■●・\-]+|[\s\"':：=*#]+$")
_UNIT = re.compile(r"\s*[(\[（][^()\[\]（）]{0,30}[)\]）]\s*$")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_EMPTY = frozenset(
    ("", "-", "--", "n/a", "na", "none", "null", "unknown", "not specified", "unspecified", "<none>", "nan", "undefined", "default", "なし", "不明", "-1", "0", "false", "true", "yes", "no")
)  # fmt: skip
_NM = re.compile(r"(?<![\d.])(\d{3,4}(?:\.\d+)?)(?:\s*/\s*\d{1,3})?\s*nm\b|(?<![\d.])(\d{3,4})\s*nm", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\d.\-])([2-9]\d{2}|1\d{3})(?:\.\d+)?(?![\d.])")
_DAY = re.compile(
    r"\d{1,4}[-/.年 ]\s?(?:\d{1,2}|[A-Za-z]{3,9})[-/.月 ,]\s?\d{1,4}|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}|\d{8}(?!\d)"
)
DETECTIONS = re.compile(
    r"\b(absorbance|fluorescence(?: intensity| polari[sz]ation| lifetime)?|luminescence|chemiluminescence|time[- ]resolved fluorescence"
    r"|trf|fret|alphascreen|nephelometry|turbidity|imaging|bright ?field|transmittance|reflectance|optical density)\b"
    r"|吸光度|蛍光|発光|透過率|反射率",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A key and its value as they stand in a file. ``header`` tells a pair of a header block from a column and its first cell."""

    key: str
    value: str
    place: Place
    header: bool = True


@dataclass(frozen=True, slots=True)
class Fact:
    property: Property
    value: str
    place: Place
    key: str


_LETTER = re.compile("[A-Za-z]")


def fold_key(key: str) -> str:
    """``"Reader Serial Number:"`` → ``reader serial number``; ``InstrumentName`` → ``instrument name``; units in brackets go."""
    text = _UNIT.sub("", unicodedata.normalize("NFKC", _MARKS.sub("", key)))
    text = re.sub(r"[_.\-]+", " ", _CAMEL.sub(" ", text))
    return " ".join(_MARKS.sub("", text).casefold().split())


@lru_cache(maxsize=4096)
def property_of(key: str) -> Property | None:
    """What a key speaks of, None where it is none of what is looked for."""
    if key.isascii() and not _LETTER.search(key):
        return None  # most cells of tables are numbers
    folded = fold_key(key)
    if not folded or len(folded) > 60:
        return None
    return next((name for name, pattern in _PATTERNS if pattern.fullmatch(folded)), None)


def facts(pairs: Iterable[Pair]) -> list[Fact]:
    """The pairs that say something of an instrument or its measurement, each value checked for being of that sort."""
    found: list[Fact] = []
    for pair in pairs:
        name = property_of(pair.key)
        value = " ".join(pair.value.strip(" \t\"'").lstrip(":： ").split())
        if name is None or value.casefold() in _EMPTY or len(value) > 200 or not re.search(r"[^\W_]", value):
            continue
        if not pair.header and (name == "manufacturer" or fold_key(pair.key) in _BARE):
            continue  # a column of models or makers lists things, it does not say what measured them
        if name == "wavelength" and (waves := wavelengths(value, bare=True)):
            found += [Fact(name, f"{wave} nm", pair.place, pair.key) for wave in waves[:8]]
        elif _fits(name, value):
            found.append(Fact(name, value, pair.place, pair.key))
    return found


def _fits(name: Property, value: str) -> bool:
    """Whether a value is of the sort that its key promises: a serial number holds a digit, a date a day, a model a letter."""
    match name:
        case "serial_number":
            return bool(re.search(r"\d", value)) and len(value) <= 40
        case "version":
            return bool(re.search(r"\d", value)) and len(value) <= 40 and not _DAY.fullmatch(value)
        case "time":
            return _DAY.search(value) is not None and len(value) <= 60
        case "analyst":
            return not re.search(r"\d{5}|[\\/:;{}]", value) and len(value) <= 60
        case "method":
            return bool(re.search(r"[^\W\d_]", value)) and len(value) <= 120
        case "model" if re.match(r"s/?n\b", value, re.IGNORECASE):
            return False
        case "model" | "manufacturer" | "software":
            return bool(re.search(r"[^\W\d_]", value)) and len(value) <= 100 and not re.search(r"[\\{}]", value)
        case "detection":
            return DETECTIONS.search(value) is not None
        case "wavelength":
            return False
        case _:
            return len(value) <= 120


def wavelengths(text: str, *, bare: bool = False) -> list[str]:
    """Wavelengths in nanometres in a text, each once; ``bare``: numbers without a unit count too."""
    found = [first or second for first, second in _NM.findall(text)]
    if not found and bare:
        found = _NUMBER.findall(text)
    return list(dict.fromkeys(found))


_WEIGHTS: Mapping[Property, int] = {
    "serial_number": 3, "model": 2, "wavelength": 2, "detection": 2, "plate": 2, "analyst": 1, "method": 1, "time": 1, "software": 1, "version": 1, "manufacturer": 1,
}  # fmt: skip
ENOUGH = 3
# Keys that other things than instruments have too (a model of a car, a device of a computer): they tell only beside others
_BARE = frozenset(("model", "model name", "model number", "model no", "model type", "model id", "machine", "unit", "system", "device", "device type", "device id", "unit type", "unit id", "unit name", "system type", "system name", "detector"))  # fmt: skip
_TELLING = frozenset(("serial_number", "model", "wavelength", "detection", "plate"))


def score(found: Iterable[Fact]) -> int:
    """How much a file looks like an instrument's export, by the sorts of facts in it; 0 where none is an instrument's own."""
    found = list(found)
    sorts = {fact.property for fact in found}
    telling = {fact.property for fact in found if fact.property in _TELLING and fold_key(fact.key) not in _BARE}
    return sum(_WEIGHTS[sort] for sort in sorts) if telling else 0
