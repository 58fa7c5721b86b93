"""When, by what people write: titles with years, sentences about when data were taken, names of files with years in them."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import PurePosixPath

from shirushi.describe.evidence import Evidence
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.suggesters.common import TITLE_KEYS, fronts, key_of, sentences

FEWEST = 3  # files alike with different years
Period = tuple[str, tuple[Evidence, ...]]
ReadDates = Callable[[str], list[tuple[str, int, int]]]
_TAKEN = re.compile(
    r"\b(?:collected|conducted|measured|sampled|recorded|observed|surveyed|monitored|acquired|gathered|carried out|performed|took place|taken|"
    r"held|covers?|covering|spans?|spanning|span|fieldwork|field work|campaign|cruise|observations?|measurements?|records?|survey)\b"
    r"|収集|測定|観測|調査|採取|採集|実施|記録|計測|撮影|取得",
    re.IGNORECASE,
)
_NOT_TAKEN = re.compile(
    r"\b(?:published|publication|version|updated|accessed|released|downloaded|copyright|licen[cs]ed?|retrieved|award|grant|et al|cite|press|"
    r"journal|doi|thesis|proceedings)\b|©|公開日|発行|更新|ダウンロード|科研費|助成|論文|著作",
    re.IGNORECASE,
)
_SINCE = re.compile(r"\bsince\s+(?:\w+\s+)?$", re.IGNORECASE)
_NAMED_PERIOD = re.compile(
    r"(?<!\d)(?P<a>(?:1[6-9]|20)\d\d)(?P<am>[01]\d(?P<ad>[0-3]\d)?)?\s?(?:-|_|–|~|to|_to_|-to-|～)\s?"
    r"(?P<b>(?:1[6-9]|20)\d\d)(?P<bm>[01]\d(?P<bd>[0-3]\d)?)?(?!\d)"
)
_NAMED_DAY = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)(?:(?P<s>[-_.]?)(?P<m>0[1-9]|1[0-2])(?:(?P=s)(?P<d>0[1-9]|[12]\d|3[01]))?)?(?!\d)"
)
_DATA = re.compile(r"\.(?:csv|tsv|txt|tab|dat|nc4?|h5|hdf5?|xlsx?|ods|json|jsonl|parquet|tiff?|zip|gz|grib2?|grb2?|shp|gpkg|geojson|las|laz|fits?|wav|jpe?g|mat|rds)$", re.IGNORECASE)  # fmt: skip
_DIGIT = re.compile(r"\d")


def titles(seen: EvidenceSet) -> Iterator[tuple[str, Evidence]]:
    """Everything that is given as the title of the work or of a front text."""
    for item in seen.stated("titles"):
        text = item.value["value"].get("text") if isinstance(item.value["value"], dict) else None
        if isinstance(text, str):
            yield text, item
    for item in seen.of("key-value"):
        if key_of(item) in TITLE_KEYS and isinstance(item.value["value"], str):
            yield item.value["value"], item
    for item in seen.of("attribute"):
        if (
            str(item.value["name"]).lower() == "title"
            and not item.value.get("owner")
            and isinstance(item.value["value"], str)
        ):
            yield item.value["value"], item
    for file, _ in fronts(seen)[:2]:
        first = next((e for e in seen.in_file(file) if e.kind == "heading"), None)
        if first is not None:
            yield first.value["text"], first


def in_sentences(
    seen: EvidenceSet, read_dates: ReadDates, read_period: Callable[[str], str | None]
) -> Iterator[Period]:
    """The period, or the one date, of a sentence that tells when data were taken."""
    for file, _ in fronts(seen)[:3]:
        items = [e for e in seen.in_file(file) if e.kind in ("paragraph", "list-item")]
        for item in items[:60]:
            for sentence in sentences(item.value["text"][:4_000]):
                if not _TAKEN.search(sentence) or _NOT_TAKEN.search(sentence):
                    continue
                if period := read_period(sentence):
                    yield period, (item,)
                    continue
                found = read_dates(sentence)
                if len({day for day, _, _ in found}) == 1:
                    day, start, end = found[0]
                    since = _SINCE.search(sentence[:start]) or sentence[end:].lstrip().startswith(("以降", "から"))
                    yield (f"{day}/.." if since else day), (item,)


def in_names(seen: EvidenceSet, today: date) -> Iterator[Period]:
    """A period in the name of a data file (``catch_1990-2015.csv``), or years and days that run through files alike."""
    families: defaultdict[str, dict[str, Evidence]] = defaultdict(dict)
    latest = f"{today.year + 1}"
    for item in seen.of("file"):
        path = PurePosixPath(item.value["path"])
        if not _DATA.search(path.name):
            continue
        if match := _NAMED_PERIOD.search(path.name):
            start, end = _day(match["a"], match["am"], match["ad"]), _day(match["b"], match["bm"], match["bd"])
            if start < end < latest:
                yield f"{start}/{end}", (item,)
        elif (day := _NAMED_DAY.search(path.stem)) and (day["y"] and day[0] < latest):
            moment = "-".join(part for part in (day["y"], day["m"], day["d"]) if part)
            rest = _DIGIT.sub("#", path.stem[day.end() :])
            alike = f"{path.parent}/{path.stem[: day.start()]}*{rest}{path.suffix}"
            families[alike].setdefault(moment, item)
    for days in families.values():
        if len(days) >= FEWEST:
            first, last = min(days), max(days)
            yield f"{first}/{last}", (days[first], days[last])


def _day(year: str, month: str | None, day: str | None) -> str:
    """``2010``, ``201004`` and ``20100401`` as dates; ``month`` holds both digits of it and of the day."""
    if not month or not "01" <= month[:2] <= "12":
        return year
    return f"{year}-{month[:2]}" + (f"-{day}" if day and "01" <= day <= "31" else "")
