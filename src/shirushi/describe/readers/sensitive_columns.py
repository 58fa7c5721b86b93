"""Columns that hold data about people who may not want to be found: by their header, and by what their values look like.

A header alone is never enough, and neither are values that look like something: a table of hospitals has addresses and phone
numbers too, one of books has names. What is found is a question to the depositor, so that a false alarm costs a click and a
miss may cost somebody's privacy; but a page of false alarms is not read.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from shirushi.describe.evidence import JSON
from shirushi.describe.readers import sensitive_values as values
from shirushi.describe.readers.columns import Column, Profile
from shirushi.describe.readers.sensitive_prose import passages
from shirushi.describe.readers.sensitive_values import Category, mask, words
from shirushi.describe.text import fold

EXAMPLES = 3
LOOKED_AT = 2_000  # different values of a column
MOST = 0.8
HALF = 0.5
FEW = 3  # values: below it only a header that leaves no doubt counts
SOME = 5
MOST_PROSE = 400_000  # characters of a column of free text
_LONG = 12  # characters of a value that may be a sentence
_MISSING = frozenset(
    {"", "na", "n/a", "nan", "null", "none", "-", "--", "?", ".", "unknown", "不明", "なし", "該当なし"}
)
_NO_NAME = re.compile(
    r"(?:col|column|var|variable|field|[vxq]|列|項目)\s?\d{1,4}|unnamed.*"
)  # what programs call a column
_CALLED = re.compile(r"電話|携帯|連絡先|\btel\b|phone|mobile|\bcall\b|reach me", re.IGNORECASE)
_PLACES = re.compile(r".{2,}[都道府県市区町村郡]")
_DECIMALS = re.compile(r"-?\d{1,3}\.\d{4,}")


@dataclass(frozen=True, slots=True)
class Concern:
    """``count`` values of the column ``position`` (1-based) look like ``category``; ``examples`` are masked."""

    category: Category
    position: int
    name: str
    count: int
    examples: tuple[str, ...]
    free: bool = False  # it stands within free text, of which no example may be kept

    def value(self) -> dict[str, JSON]:
        """The value of ``sensitive`` evidence."""
        return {"category": self.category, "count": self.count, "examples_masked": list(self.examples)}


@dataclass(frozen=True, slots=True)
class _Seen:
    """A column made ready: its folded header, its different values, and how many cells hold something."""

    column: Column
    header: str
    different: tuple[str, ...]
    filled: int

    def share(self, test: Callable[[str], bool]) -> float:
        """Share of the different values that pass a test."""
        return sum(map(test, self.different)) / len(self.different) if self.different else 0.0

    def named(self, kind: str) -> bool:
        return self.column.named and self.header in words(f"headers/{kind}")

    def about(self, list_name: str) -> bool:
        return self.column.named and any(word in self.header for word in words(list_name))

    def concern(self, category: Category) -> Concern:
        shown = tuple(dict.fromkeys(mask(value) for value in self.different[:20]))[:EXAMPLES]
        return Concern(category, self.column.position, self.column.name, self.filled, shown)


def concerns(file: str, columns: Sequence[Column], *, within: str = "") -> list[Concern]:
    """What in a table of ``file`` may be about people, in the order of its columns. A list of contributors is none, be it by the
    file's name or by what the table is called ``within`` it."""
    if values.is_meant_for_readers(file) or any(word in fold(within) for word in words("open roles")):
        return []
    seen = [_look(column) for column in columns]
    parted = any(item.named("given") for item in seen) and any(item.named("family") for item in seen)
    alone = {item.column.position: category for item in seen if (category := _alone(item, parted=parted))}
    people = _is_about_people(seen, alone.values()) or is_list_of_people(file)
    for item in seen:
        if people and item.column.position not in alone and _is_name_of_person(item, file):
            alone[item.column.position] = "personal-name"
    others = any(item.about("about others") for item in seen) and not people
    found = []
    for item in seen:
        category = alone.get(item.column.position) or _in_company(item, people=people, others=others)
        if category == "patient" and any(other.about("animals") for other in seen):
            continue
        if category is not None:
            found.append(item.concern(category))
        elif item.different and not item.about("open roles"):
            found += _in_sentences(item, people=people, others=others)
    return _with_places(found, seen)


def shield(profiles: Iterable[Profile], found: Sequence[Concern]) -> None:
    """Mask the examples of the columns in question and leave out their ranges, before they become evidence: a first and a last
    birthday, or the corners of where people live, are somebody's. Places where something was observed keep their extent."""
    positions = {concern.position: concern.category for concern in found}
    free = {concern.position for concern in found if concern.free}
    for profile in profiles:
        category = positions.get(profile.column.position)
        if category is not None:
            profile.examples = (
                [] if profile.column.position in free else [mask(example) for example in profile.examples]
            )
        if category not in (None, "precise-location") or (positions and _is_at_home(profile.column)):
            profile.withhold()


def _is_at_home(column: Column) -> bool:
    return column.named and any(word in _header(column) for word in words("homes"))


def _header(column: Column) -> str:
    header = fold(re.sub(r"(?<=[a-z])(?=[A-Z])|[_\-./]+", " ", column.name)) if column.named else ""
    return header.replace("e mail", "e-mail")


def _look(column: Column) -> _Seen:
    header = _header(column)
    stripped = [text for value in column.values if (text := value.strip()).casefold() not in _MISSING]
    different = tuple(dict.fromkeys(stripped))
    if len(different) > LOOKED_AT:
        step = len(different) // LOOKED_AT + 1
        different = different[::step]
    return _Seen(column, header, different, len(stripped))


def _alone(item: _Seen, *, parted: bool) -> Category | None:
    """What a column is by itself; ``parted`` tells that names stand in two columns, so that a family is not one of languages
    or plants."""
    if not item.different or item.about("open roles"):
        return None
    if item.named("credential") and item.share(_could_be_password) >= HALF:
        return "credential"
    if _is_national(item):
        return "national-id"
    if _is_card(item):
        return "payment-card"
    if item.share(values.is_personal_email) >= HALF and (len(item.different) >= FEW or item.named("e-mail")):
        return "e-mail"
    if _is_name(item, parted=parted):
        return "personal-name"
    if item.named("birth") and item.share(values.is_day) >= HALF:
        return "patient"
    if item.named("chart") and item.share(_has_digits) >= MOST:
        return "patient"
    if item.named("patient") and item.share(_is_long_number) >= MOST and len(item.different) >= FEW:
        return "patient"
    return None


def _is_name(item: _Seen, *, parted: bool) -> bool:
    if item.share(lambda text: _PLACES.fullmatch(text) is not None) >= HALF:
        return False
    if item.named("person") or (parted and (item.named("given") or item.named("family"))):
        return item.share(values.has_shape_of_name) >= MOST
    if item.named("maybe person") or not item.column.named or _NO_NAME.fullmatch(item.header):
        return len(item.different) >= SOME and item.share(values.is_known_name) >= (
            HALF if item.named("maybe person") else MOST
        )
    return False


def is_list_of_people(file: str) -> bool:
    """Whether a table is one of people by the name of its file: ``participants.tsv`` of BIDS, 名簿."""
    stem = fold(PurePosixPath(file).name.split(".")[0])
    return any(word in stem for word in words("lists of people"))


def _is_name_of_person(item: _Seen, file: str) -> bool:
    """Names under a plain header, in a table about people: those that dictionaries know, or, in a list of people, any that have
    the parts of one."""
    if not item.named("maybe person"):
        return False
    if item.share(values.is_known_name) >= HALF:
        return True
    return is_list_of_people(file) and item.share(values.has_parts_of_name) >= MOST


def _is_card(item: _Seen) -> bool:
    cards = item.share(values.is_card_number)
    return cards >= HALF if item.named("card") else len(item.different) >= SOME and cards >= 0.9


def _in_sentences(item: _Seen, *, people: bool, others: bool) -> Iterator[Concern]:
    """What stands within the sentences of a column of free text. One address or number counts in what people were asked to
    write or in a table about them; elsewhere a few, since remarks on shops and stations say whom to call."""
    sentences = [text for text in item.different if len(text) >= _LONG and not text.replace(".", "").isdigit()]
    if not sentences or item.share(lambda text: len(text) >= _LONG) < 0.05:
        return
    text = "\n".join(sentences)[:MOST_PROSE]
    least = 1 if (people or item.named("free text")) and not others else FEW
    hits: dict[Category, set[str]] = {}
    if "@" in text:
        hits["e-mail"] = {match[0] for match in values.personal_emails(text)}
    hits["phone"] = {
        match[0]
        for match in values.phones(text)
        if values.MOBILE.fullmatch(match[0])
        or people
        or _CALLED.search(text[max(0, match.start() - 20) : match.start()])
    }
    if others or item.about("about others"):
        hits["phone"] = set()
    for passage in passages(text, for_readers=others):
        hits.setdefault(passage.category, set()).add(text[passage.start : passage.end])
    for category, found in hits.items():
        if len(found) >= (least if category in ("e-mail", "phone") else 1):
            shown = tuple(dict.fromkeys(mask(one) for one in sorted(found)))[:EXAMPLES]
            yield Concern(category, item.column.position, item.column.name, len(found), shown, free=True)


def _is_national(item: _Seen) -> bool:
    numbers = item.share(values.is_my_number)
    if item.named("national"):
        if item.header in ("個人番号", "my number", "mynumber"):
            return numbers >= MOST
        if item.header.startswith(("ssn", "social")):
            return item.share(values.is_ssn) >= HALF
        return item.share(_has_digits) >= MOST
    # One twelve-digit number in eleven has a right check digit: five that all do are no chance.
    return len(item.different) >= SOME and numbers >= 0.9


def _is_about_people(seen: Sequence[_Seen], found: Iterable[Category]) -> bool:
    kinds = set(found)
    if kinds & {"personal-name", "patient", "national-id"}:
        return True
    return any(item.about("about people") and not item.about("open roles") for item in seen)


def _in_company(item: _Seen, *, people: bool, others: bool) -> Category | None:
    """What is personal in a table about people, and public in one about shops, schools or stations."""
    if not item.different or item.about("open roles"):
        return None
    at_home = item.about("homes")
    if (people or at_home) and item.named("address") and item.share(values.is_address) >= HALF:
        return "postal-address"
    if item.named("phone") and item.share(lambda text: values.is_phone(text, named=True)) >= HALF:
        mobile = item.share(lambda text: values.MOBILE.fullmatch(text) is not None) >= HALF
        if people or at_home or (mobile and not others):
            return "phone"
    return None


def _with_places(found: list[Concern], seen: Sequence[_Seen]) -> list[Concern]:
    """With the precise coordinates that stand beside them: where these people live, or were."""
    taken = {concern.position for concern in found}
    beside = {concern.category for concern in found if not concern.free} - {"credential", "precise-location"}
    for item in seen:
        is_latitude = re.search(r"(?:^|\W)lat(?:itude)?(?:$|\W)|緯度", item.header) is not None
        if not is_latitude or item.column.position in taken:
            continue
        precise = item.share(lambda text: _DECIMALS.fullmatch(text) is not None) >= MOST
        if precise and (beside or item.about("homes")):
            concern = replace(item.concern("precise-location"), examples=())
            found.append(concern)
    return sorted(found, key=lambda concern: concern.position)


def _could_be_password(text: str) -> bool:
    return 6 <= len(text) <= 200 and not re.search(r"\s", text) and text.lower() not in ("password", "secret")


def _has_digits(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z]{0,3}[\d\-\s]{4,20}[A-Za-z]?", text) is not None


def _is_long_number(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z]?\d{5,12}", text) is not None
