"""Units as headers write them: ``temp (degC)``, ``気温[℃]``, ``depth_m``, ``圧力／hPa``.

Symbols and prefixes are those of the SI Brochure (9th edition) and UCUM, with the everyday words and Japanese counters that
research tables use.
"""

import re
import unicodedata

_PREFIXES = r"(?:da|[yzafpnuµμmcdhkMGTPEZY])?"
_PREFIXED = (
    "m|g|t|s|A|K|mol|cd|Hz|N|Pa|J|W|C|V|F|S|Wb|T|H|lm|lx|Bq|Gy|Sv|kat|L|l|eV|bar|cal|Wh|b|B|bps|bit|byte|Da|M|Ω|ohm|gal|"
    "tC|gC|tCO2|tCO2e|gCO2|U|IU|pc|yr|a|Torr|rad"
)
_PLAIN = (
    "min|h|hr|hrs|hour|hours|sec|secs|second|seconds|minute|minutes|d|day|days|week|weeks|month|months|year|years|yrs|"
    "degC|deg_C|degF|degK|deg|degs|degree|degrees|degree_C|°C|°F|°|℃|℉|celsius|fahrenheit|kelvin|"
    "%|‰|percent|pct|ppm|ppb|ppt|ppmv|ppbv|psu|PSU|pss|NTU|FTU|FNU|pH|dB|dBZ|dBm|Np|ha|acre|acres|atm|mmHg|psi|kt|kts|knot|knots|"
    "ft|feet|foot|inch|inches|in|mi|mile|miles|yd|lb|lbs|oz|meter|meters|metre|metres|kilometer|kilometers|millimeter|millimeters|"
    "centimeter|centimeters|gram|grams|kilogram|kilograms|liter|liters|litre|litres|mph|rpm|cfs|px|pixel|pixels|count|counts|cps|"
    "cpm|cells|individuals|ind|RFU|AU|a\\.u\\.|arb\\. units?|dimensionless|unitless|USD|EUR|JPY|GBP|million|billion|"
    "(?:milli|kilo|micro|nano|mega|hecto|giga)?(?:volt|watt|ampere|amp|pascal|joule|hertz|newton|siemen|mole|ohm|tesla|bar)s?|"
    "円|千円|百万円|億円|万円|人|千人|万人|件|個|回|本|匹|頭|羽|戸|世帯|台|校|日|月|年|時間|分|秒|度|歳|才|倍|点|位|枚|冊|ヶ月|か月|"
    "メートル|センチ|ミリ|キロ|グラム|パーセント|トン|リットル|ヘクタール|平方メートル|平方キロメートル|立方メートル"
)
_POWER = r"(?:(?:\^|\*\*)?[-−+]?[1-9]|[⁺⁻]?[¹²³⁴])?"
_FACTOR = re.compile(rf"(?:{_PREFIXES}(?:{_PREFIXED})|(?:{_PLAIN})){_POWER}|10(?:\^|\*\*)?[-−]?\d{{1,2}}|1")
_BETWEEN = re.compile(r"\s*(?:/|·|⋅|×|\*(?!\*)|\s|\bper\b|・)\s*|\.(?=[A-Za-zµ])")
_BRACKETED = re.compile(
    r"^(?P<label>.*?)[\s_]*[(\[（［【〔<](?P<unit>[^()\[\]（）［］【】〔〕<>]{1,30})[)\]）］】〕>]\s*$", re.DOTALL
)
_AFTER_SLASH = re.compile(r"^(?P<label>[^/／]{2,}?)\s*(?:\s/\s|／)\s*(?P<unit>[^/／]{1,20})$")
_AFTER_COMMA = re.compile(r"^(?P<label>[^,]{2,}),\s+(?P<unit>[^,]{1,20})$")
_SUFFIXED = re.compile(
    r"^(?P<label>.*[^\W\d_]{2,}.*?)[_.](?P<unit>[munkcpdh]?m|[kmµun]?g|kg|[mun]?s|sec|(?<=time_)min|(?<=duration_)min|hr|hrs|hours|days|weeks|months|years|yrs|yr|degC|"
    r"deg|[kKM]?Hz|hPa|kPa|MPa|Pa|mbar|dbar|bar|K|pct|percent|ppm|ppb|psu|km2|m2|cm2|mm2|m3|cm3|ha|[mun]?L|ml|kW|MW|GW|kWh|MWh|[mun]?V|"
    r"[mun]?A|[munp]?mol|mM|uM|nM|ft|feet|inch|inches|lb|lbs|usd|USD|eur|EUR|jpy|JPY|dB|eV|keV|MeV|kcal|celsius|meters|cm|mm|nm|um)$"
)
_SPELT = {"pct": "%", "percent": "%"}
_LONE_LETTERS = frozenset("abBdhMUFHSTC")


def is_unit(text: str) -> bool:
    """Whether a text can only be read as a unit: every factor of it is one."""
    text = text.strip()
    if text in {"-", "−", "1", "–"}:
        return True
    if not text or len(text) > 30:
        return False
    text = re.sub(r"([A-Za-z])\s*-\s*(?=\d\b)", r"\1-", unicodedata.normalize("NFKC", text))
    factors = [part for part in _BETWEEN.split(text) if part]
    return bool(factors) and all(_FACTOR.fullmatch(part) for part in factors)


def split_header(header: str) -> tuple[str, str | None]:
    """(label, unit) of a header that writes both; the unit is None where the header has none."""
    text = " ".join(header.split())
    for pattern in (_BRACKETED, _AFTER_SLASH, _AFTER_COMMA):
        match = pattern.match(text)
        if match and match["label"].strip() and _counts(match["unit"]):
            return match["label"].strip(" _"), match["unit"].strip()
    match = _SUFFIXED.match(text)
    if match:
        return match["label"], _SPELT.get(match["unit"], match["unit"])
    return text, None


def _counts(unit: str) -> bool:
    """A unit in brackets; a number alone there is a footnote or an index, "-" alone means none."""
    unit = unicodedata.normalize("NFKC", unit.strip())
    if re.fullmatch(r"(?:単位|unit|units?)\s*[:：]\s*.+", unit, re.IGNORECASE):
        return True
    return unit not in {"1", "-", "−", "–"} and is_unit(unit)


def is_unit_row(cells: list[str]) -> bool:
    """Whether a row below the header holds units: most cells are one, and none is anything else but empty."""
    filled = [cell.strip(" ()[]（）［］") for cell in cells if cell.strip()]
    units = [cell for cell in filled if is_unit(cell) and cell != "1"]
    spelt = [cell for cell in units if cell not in _LONE_LETTERS and cell not in {"-", "−", "–"}]
    return len(filled) >= 2 and len(units) == len(filled) and len(spelt) >= max(1, len(filled) // 3)
