"""Dates: the period that data cover, and when they were collected, created or issued."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import islice, pairwise

from shirushi.describe.evidence import Candidate, Evidence
from shirushi.describe.readers.columns import NOT_OBSERVED
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import periods, suggests
from shirushi.describe.suggesters.common import attributes, front_weight, fronts, key_of, of_data_file, pairs, stated_by
from shirushi.describe.suggesters.naming import is_script
from shirushi.describe.text import fold, normalise

TARGET = "/dates/-"
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_MONTHS = {name: n for n, names in enumerate(
    ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august", "sep sept september",
     "oct october", "nov november", "dec december"), start=1) for name in names.split()}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = re.compile(
    r"(?<![A-Za-z0-9.\-])(?<![A-Za-z]/)(?:"
    r"(?P<iso>(?P<y>1[5-9]\d\d|20\d\d)[-/.](?P<m>0?[1-9]|1[0-2])(?:[-/.](?P<d>0?[1-9]|[12]\d|3[01]))?(?:T[\d:.Z+\-]*)?)"
    rf"|(?P<dmy>(?P<d2>[0-3]?\d)(?:st|nd|rd|th)?\s+(?P<m2>{_MONTH})\.?,?\s+(?P<y2>1[5-9]\d\d|20\d\d))"
    rf"|(?P<mdy>(?P<m3>{_MONTH})\.?\s+(?:(?P<d3>[0-3]?\d)(?:st|nd|rd|th)?,?\s+)?(?P<y3>1[5-9]\d\d|20\d\d))"
    r"|(?P<ja>(?:(?P<era>明治|大正|昭和|平成|令和)\s?(?P<ey>元|\d{1,2})|(?P<y4>1[5-9]\d\d|20\d\d))\s?年(?:度)?(?:\s?(?P<m4>1[0-2]|0?[1-9])\s?月(?:\s?(?P<d4>[12]\d|3[01]|0?[1-9])\s?日)?)?)"
    r"|(?P<year>(?P<y5>1[5-9]\d\d|20\d\d))"
    r")(?!\d|\.\d)",
    re.IGNORECASE,
)
_TO = re.compile(
    r"^\s*(?:-|–|—|―|~|〜|～|/|to|until|till|through|and|から|より|bis|a|até|\.\.)\s*(?:present|now|現在)?\s*",
    re.IGNORECASE,
)
COVERAGE_KEYS = (
    "temporal coverage", "time period", "time coverage", "date range", "period", "time range", "coverage", "period covered",
    "dates of data collection", "date of data collection", "data collection period", "collection period", "time span", "timespan",
    "temporal extent", "sampling period", "observation period", "study period", "years", "dates", "date coverage", "date of collection",
    "期間", "対象期間", "観測期間", "測定期間", "調査期間", "収集期間", "データ期間", "年代", "対象年", "計測期間", "データ収集期間",
)  # fmt: skip
KINDS = {
    "collected": "Collected", "date collected": "Collected", "sampling date": "Collected", "measurement date": "Collected", "測定日": "Collected",
    "観測日": "Collected", "採取日": "Collected", "収集日": "Collected", "調査日": "Collected", "測定日時": "Collected",
    "created": "Created", "date created": "Created", "creation date": "Created", "作成日": "Created", "作成日時": "Created",
    "issued": "Issued", "published": "Issued", "publication date": "Issued", "release date": "Issued", "date published": "Issued",
    "date": "Created", "公開日": "Issued", "発行日": "Issued", "日付": "Created", "updated": "Updated", "last updated": "Updated",
    "last modified": "Updated", "date updated": "Updated", "更新日": "Updated", "最終更新日": "Updated",
}  # fmt: skip


def read_dates(text: str) -> list[tuple[str, int, int]]:
    """(EDTF date, start, end) of every date in a text, in order. Japanese eras and full-width digits included."""
    plain = normalise(text)
    found = []
    for match in _DATE.finditer(plain.text):
        value = _edtf(match)
        if value:
            found.append((value, *plain.span(match.start(), match.end())))
    return found


def _edtf(match: re.Match[str]) -> str | None:
    group = match.groupdict()
    if group["era"]:
        year = _ERAS[group["era"]] + (1 if group["ey"] == "元" else int(group["ey"]))
    else:
        year = int(next(group[k] for k in ("y", "y2", "y3", "y4", "y5") if group[k]))
    month = group["m"] or group["m4"] or next((_MONTHS[fold(group[k])] for k in ("m2", "m3") if group[k]), None)
    day = group["d"] or group["d2"] or group["d3"] or group["d4"]
    try:
        date(year, int(month or 1), int(day or 1))
    except ValueError:
        return None
    return f"{year:04d}" + (f"-{int(month):02d}" + (f"-{int(day):02d}" if day else "") if month else "")


def read_period(text: str) -> str | None:
    """The first period ``A/B`` in a text, where two dates are joined by a dash or a word for "to"; an open end is ``..``."""
    dates = read_dates(text)
    for (first, _, end), (second, start, _) in pairwise(dates):
        between = text[end:start]
        if (
            len(between) <= 14
            and (joined := _TO.match(between))
            and joined.end() == len(between)
            and first[: len(second)] <= second[: len(first)]
        ):
            return f"{first}/{second}"
    return None


def _bounded(text: str) -> str | None:
    """``START: 2016-07-05 * END: 2016-07-09`` as a period."""
    found = re.search(r"(?i)\bstart\b(?P<a>.{1,60}?)\bend\b(?P<b>.{1,60})", text)
    first, last = (read_dates(found[side]) for side in "ab") if found else ([], [])
    return f"{first[0][0]}/{last[0][0]}" if first and last else None


@suggests("dates")
def dates(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Coverage by label, by attribute, by what the data hold and by what titles say; other dates by label. The newest commit's day
    where nothing else tells when the work was made or changed."""
    dated = False
    for candidate in _told(seen, context):
        dated = dated or candidate.value["type"] in ("Created", "Updated", "Issued")
        yield candidate
    for item in () if dated else seen.of("git-fact"):
        if item.value["name"] == "committed":
            yield Candidate(TARGET, {"date": item.value["value"], "type": "Updated"}, (item,), "dates.git")


def _told(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    for item in seen.stated("dates"):
        if not of_data_file(item):
            yield Candidate(TARGET, item.value["value"], (item,), stated_by("dates", item))
    yield from _of_data_files(seen)
    for item, text in pairs(seen, *COVERAGE_KEYS):
        period = read_period(text) or _bounded(text) or next((d for d, _, _ in read_dates(text)), None)
        if period:
            yield _coverage(period, (item,), "dates.key-value", front_weight(item.place.file))
    yield from _from_attributes(seen)
    yield from _from_data(seen, context)
    yield from _from_text(seen)
    yield from _from_words(seen, context)
    for item, text in pairs(seen, *KINDS):
        found = read_dates(text[:80])
        if is_script(item.place.file):
            continue  # when a program was written
        if found and item.value["section"] != "meta":
            value = {"date": found[0][0], "type": KINDS[key_of(item)]}
            yield Candidate(TARGET, value, (item,), "dates.labelled", front_weight(item.place.file))


def _of_data_files(seen: EvidenceSet) -> Iterator[Candidate]:
    """When data files were taken, all as one period; when they were made or deposited, where they agree."""
    by_kind: dict[str, list[tuple[str, str, Evidence]]] = {}
    for item in seen.stated("dates"):
        if of_data_file(item):
            start, _, end = item.value["value"]["date"].partition("/")
            by_kind.setdefault(item.value["value"]["type"], []).append((start, end or start, item))
    for kind, found in by_kind.items():
        first, last = min(found, key=lambda d: d[0]), max(found, key=lambda d: d[1])
        if kind != "Collected" and (first[0], first[1]) != (last[0], last[1]):
            continue
        day = first[0] if first[0] == last[1] else f"{first[0]}/{last[1]}"
        evidence = (first[2],) if first[2] is last[2] else (first[2], last[2])
        features = {"files": min(len({d[2].place.file for d in found}), 5) / 5}
        yield Candidate(TARGET, {"date": day, "type": kind}, evidence, "dates.data-file", features=features)


def _coverage(
    period: str, evidence: tuple[Evidence, ...], method: str, score: float, features: dict[str, float] | None = None
) -> Candidate:
    return Candidate(TARGET, {"date": period, "type": "Coverage"}, evidence, method, score, features or {})


def _from_attributes(seen: EvidenceSet) -> Iterator[Candidate]:
    starts = list(attributes(seen, "time coverage start", "start date", "start time", "begin date", "start datetime"))
    ends = list(attributes(seen, "time coverage end", "end date", "end time", "stop date", "end datetime"))
    lows = [(found[0][0], item) for item, text in starts if (found := read_dates(text))]
    highs = [(found[0][0], item) for item, text in ends if (found := read_dates(text))]
    if lows and highs:
        low, high = min(lows, key=lambda pair: pair[0]), max(highs, key=lambda pair: pair[0])
        if low[0] <= high[0]:
            yield _coverage(f"{low[0]}/{high[0]}", (low[1], high[1]), "dates.attribute", 1.0)


def _from_data(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """The widest extent of the times in data, and the extent of columns of dates."""
    latest = (context.today or date.max).isoformat()
    ranges = [(e.value["start"], e.value["end"], e) for e in seen.of("time-range")]
    for item in seen.of("column"):
        low, high = item.value.get("minimum"), item.value.get("maximum")
        if NOT_OBSERVED.search(str(item.value["name"])):
            continue  # days of birth, of a download, of a publication
        if item.value["type"] in ("date", "datetime") and isinstance(low, str) and isinstance(high, str):
            start, end = read_dates(low), read_dates(high)
            if start and end:
                ranges.append((start[0][0], end[0][0], item))
    ranges = [r for r in ranges if r[0][:4] >= "1500" and r[1][:10] <= latest]
    if ranges:
        first, last = min(ranges, key=lambda r: r[0]), max(ranges, key=lambda r: r[1])
        evidence = (first[2],) if first[2] is last[2] else (first[2], last[2])
        features = {"files": min(len({r[2].place.file for r in ranges}), 5) / 5}
        yield _coverage(f"{first[0][:10]}/{last[1][:10]}", evidence, "dates.data", 1.0, features)
    years = [
        e for e in seen.of("column") if fold(e.value["name"]) in ("year", "years", "年", "年度", "yr", "jahr", "ano")
    ]
    spans = [
        (int(float(e.value["minimum"])), int(float(e.value["maximum"])), e)
        for e in years
        if _is_year(e.value.get("minimum")) and _is_year(e.value.get("maximum"))
    ]
    if spans:
        yield from _closer(seen, min(s[0] for s in spans), max(s[1] for s in spans))
        low_item, high_item = min(spans, key=lambda s: s[0]), max(spans, key=lambda s: s[1])
        evidence = (low_item[2],) if low_item[2] is high_item[2] else (low_item[2], high_item[2])
        yield _coverage(f"{low_item[0]}/{high_item[1]}", evidence, "dates.year-column", 1.0)


def _closer(seen: EvidenceSet, first: int, last: int) -> Iterator[Candidate]:
    """The period of a sentence that says to the month or day what a column of years says by the year."""
    for period, items in islice(periods.in_sentences(seen, read_dates, read_period), _MOST_SENTENCES):
        start, _, end = period.partition("/")
        agrees = start[:4] == f"{first}" and end[:4] == f"{last}"
        if agrees and (len(start) > _YEAR or len(end) > _YEAR):
            yield _coverage(period, items, "dates.sentence-data", front_weight(items[0].place.file))
            return


_YEAR = 4
_MOST_SENTENCES = 3


def _from_words(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Periods in titles, in sentences about taking the data, in names of files."""
    for text, item in periods.titles(seen):
        if (period := read_period(text)) and len(text) > 12:
            yield _coverage(period, (item,), "dates.title", 1.0)
    for period, items in islice(periods.in_sentences(seen, read_dates, read_period), _MOST_SENTENCES):
        yield _coverage(period, items, "dates.sentence", front_weight(items[0].place.file))
    named = list(islice(periods.in_names(seen, context.today or datetime.now(UTC).date()), 50))
    if named:
        first, last = min(named, key=lambda n: n[0]), max(named, key=lambda n: n[0].split("/")[1])
        evidence = first[1] if first is last else (first[1][0], last[1][-1])
        yield _coverage(f"{first[0].split('/')[0]}/{last[0].split('/')[1]}", evidence, "dates.file-names", 1.0)


def _is_year(value: object) -> bool:
    try:
        return 1500 <= float(str(value)) <= 2100 and float(str(value)).is_integer()
    except ValueError:
        return False


def _from_text(seen: EvidenceSet) -> Iterator[Candidate]:
    """A period in the title or the lead of a front text."""
    for file, weight in fronts(seen)[:2]:
        items = [e for e in seen.in_file(file) if e.kind in ("heading", "paragraph", "list-item")]
        found = 0
        for item in items[:40]:
            period = read_period(item.value["text"][:2_000])
            if period and found < 2:
                found += 1
                features = {"heading": float(item.kind == "heading"), "front": weight, "first": float(found == 1)}
                yield _coverage(period, (item,), "dates.text", weight, features)
