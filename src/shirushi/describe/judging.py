"""How right a suggestion is beside what a person typed for the same field: the judgements that train the ranking.

``typed`` has the keys of :data:`TYPED_AS`: ``title``, ``description``, ``creators`` (``[{name}]``), ``keywords``, ``license`` (an SPDX
id), ``languages``, ``related`` (``[{id}]``), ``funding`` (``[{funder, award}]``), ``resource_type``, ``fields`` (``[{resource, name}]``),
``spatial`` (``{bbox, names}``), ``temporal`` (``{start, end}``). A field that nobody typed is not judged.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import PurePosixPath

from shirushi.describe.evidence import JSON
from shirushi.describe.text import CJK, has_cjk

TYPED_AS: Mapping[str, str] = {
    "titles": "title",
    "descriptions": "description",
    "rights": "license",
    "resource_type": "resource_type",
    "creators": "creators",
    "subjects": "keywords",
    "languages": "languages",
    "related": "related",
    "funding": "funding",
    "variables": "fields",
    "locations": "spatial",
    "dates": "temporal",
}
# Free text and extents are hardly ever typed twice alike: they are right when like enough to be kept and edited.
ENOUGH_TITLE, ENOUGH_TEXT, ENOUGH_EXTENT = 0.5, 0.25, 0.5
MOST_TOKENS = 800
_ARTICLES = frozenset(("JournalArticle", "ConferencePaper", "DataPaper", "Preprint"))
_TOKEN = re.compile(rf"[{CJK}\uac00-\ud7af]|[^\W_{CJK}\uac00-\ud7af]+")


def verdict(field: str, value: JSON, typed: Mapping[str, JSON]) -> float | None:
    """From 0 (wrong) to 1 (right); None where nobody typed the field, or the value is of a sort that was not asked for."""
    name = TYPED_AS.get(field)
    if name is None or not typed.get(name):
        return None
    return _JUDGES[field](value, typed[name])


def fold(text: object) -> str:
    return " ".join(unicodedata.normalize("NFKC", str(text or "")).casefold().split())


def tokens(text: str) -> list[str]:
    """Words of scripts with spaces, single characters of those without."""
    return _TOKEN.findall(fold(text))[:MOST_TOKENS]


def plain(text: str) -> str:
    """Without accents, punctuation and case."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", fold(text)) if not unicodedata.combining(c))
    return re.sub(r"[^\w]+", " ", bare).strip()


def token_f1(a: str, b: str) -> float:
    """Harmonic mean of precision and recall of the tokens that two texts share, as bags."""
    left, right = Counter(tokens(a)), Counter(tokens(b))
    shared = (left & right).total()
    return 2 * shared / (left.total() + right.total()) if shared else 0.0


def rouge_l(a: str, b: str) -> float:
    """ROUGE-L F1: by the longest common subsequence of tokens (Lin 2004)."""
    left, right = tokens(a), tokens(b)
    row = [0] * (len(right) + 1)
    for x in left:
        diagonal = 0
        for j, y in enumerate(right, 1):
            keep = row[j]
            row[j] = diagonal + 1 if x == y else max(row[j], row[j - 1])
            diagonal = keep
    return 2 * row[-1] / (len(left) + len(right)) if row[-1] else 0.0


def same_person(a: str, b: str) -> bool:
    """ "Family, Given", "Given Family" and initials count as one name."""
    left, right = plain(a).split(), plain(b).split()
    if not left or not right:
        return False
    if sorted(left) == sorted(right) or "".join(left) == "".join(right):
        return True
    if has_cjk(a + b):
        return sorted("".join(left)) == sorted("".join(right))
    full, part = (left, right) if sum(map(len, left)) >= sum(map(len, right)) else (right, left)
    rest = list(full)
    for word in sorted(part, key=len, reverse=True):
        hit = next((w for w in rest if w == word), None) or next(
            (w for w in rest if len(word) == 1 and w[0] == word[0]), None
        )
        if hit is None:
            return False
        rest.remove(hit)
    return len(part) >= 2 and any(len(w) > 2 for w in part)


def _good_start(likeness: float, enough: float) -> float:
    return min(likeness / enough, 1.0)


def _title(value: JSON, typed: JSON) -> float:
    return _good_start(token_f1(value["text"], typed), ENOUGH_TITLE)


def _description(value: JSON, typed: JSON) -> float:
    return _good_start(rouge_l(value["text"], typed), ENOUGH_TEXT)


def _licence(text: object) -> str:
    return re.sub(r"[\s_]+", "-", fold(text)).removesuffix("-or-later").removesuffix("-only")


def _rights(value: JSON, typed: JSON) -> float | None:
    same = bool(value.get("id")) and _licence(value["id"]) == _licence(typed)
    if not same and value.get("covers") == "code":
        return None  # the one that was typed is that of the content
    return float(same)


def _resource_type(value: JSON, typed: JSON) -> float:
    general = str(value["general"])
    return float(("article" if general in _ARTICLES else general.lower()) == fold(typed))


def _creator(value: JSON, typed: JSON) -> float:
    return float(any(same_person(value["name"], name) for name in _each(typed, "name")))


def _subject(value: JSON, typed: JSON) -> float | None:
    if value.get("code"):
        return None  # a class of a classification: nobody was asked for one
    return float(plain(value["text"]) in {plain(str(word)) for word in typed})


def _language(value: JSON, typed: JSON) -> float:
    return float(str(value)[:2] in {fold(code)[:2] for code in typed})


def address(text: object) -> str:
    """An identifier without its resolver, protocol and last slash, so that two ways of writing it are one."""
    bare = re.sub(r"^(?:https?://)?(?:dx\.)?doi\.org/|^doi:\s*", "", fold(text))
    return re.sub(r"^https?://(?:www\.)?", "", bare).rstrip("/.#")


def _related(value: JSON, typed: JSON) -> float:
    prefix = "https://arxiv.org/abs/" if value["scheme"] == "arXiv" else ""
    return float(address(prefix + value["identifier"]) in {address(one) for one in _each(typed, "id")})


def _funding(value: JSON, typed: JSON) -> float:
    def same(other: JSON) -> bool:
        other = other if isinstance(other, Mapping) else {"funder": str(other)}
        if value.get("award") and other.get("award"):
            return plain(value["award"]) == plain(other["award"])
        mine, theirs = (f"{one.get('funder') or ''} {one.get('award') or ''}" for one in (value, other))
        return token_f1(mine, theirs) >= 0.5

    return float(any(same(one) for one in typed))


def _stem(path: object) -> str:
    return PurePosixPath(str(path or "")).stem.casefold()


def _variable(value: JSON, typed: JSON) -> float | None:
    asked = {_stem(one.get("resource")) for one in typed}
    if all(asked) and value.get("file") and _stem(value["file"]) not in asked:
        return None  # a column of a table that nobody described
    return float(
        any(
            fold(one.get("name")) == fold(value["name"])
            and (not value.get("file") or not one.get("resource") or _stem(value["file"]) == _stem(one["resource"]))
            for one in typed
        )
    )


def _place(value: JSON, typed: JSON) -> float:
    scores = [0.0]
    if value.get("box") and typed.get("bbox"):
        scores.append(
            _overlap_of_boxes([value["box"][side] for side in ("west", "south", "east", "north")], typed["bbox"])
        )
    elif value.get("place") and typed.get("names"):
        scores.append(token_f1(value["place"], " ".join(typed["names"])))
    return _good_start(max(scores), ENOUGH_EXTENT)


POINT = 0.01  # degrees: a point has no area of its own


def _overlap_of_boxes(a: Iterable[JSON], b: Iterable[JSON]) -> float:
    """Intersection over union of two boxes (west, south, east, north) in degrees."""
    try:
        aw, as_, ae, an = map(float, a)
        bw, bs, be, bn = map(float, b)
    except (TypeError, ValueError):
        return 0.0
    if (aw, as_, ae, an) == (bw, bs, be, bn):
        return 1.0
    wide, high = min(ae, be) - max(aw, bw) + POINT, min(an, bn) - max(as_, bs) + POINT
    if wide <= 0 or high <= 0:
        return 0.0
    areas = [max(0.0, e - w + POINT) * max(0.0, n - s + POINT) for w, s, e, n in ((aw, as_, ae, an), (bw, bs, be, bn))]
    return min(1.0, wide * high / (sum(areas) - wide * high))


def _coverage(value: JSON, typed: JSON) -> float | None:
    if value["type"] != "Coverage":
        return None
    start, _, end = value["date"].partition("/")
    return _good_start(_overlap_of_times({"start": start, "end": end or start}, typed), ENOUGH_EXTENT)


def _overlap_of_times(a: Mapping[str, JSON], b: Mapping[str, JSON]) -> float:
    """Days that two periods share, over those that either has."""
    if a == b:
        return 1.0
    ends = [(_day(one.get("start")), _day(one.get("end") or one.get("start"), last=True)) for one in (a, b)]
    (a0, a1), (b0, b1) = ends
    if a0 is None or a1 is None or b0 is None or b1 is None:
        return 0.0
    return max(0.0, (min(a1, b1) - max(a0, b0) + 1) / (max(a1, b1) - min(a0, b0) + 1))


def _day(text: object, *, last: bool = False) -> int | None:
    match = re.match(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", str(text or ""))
    if not match:
        return None
    year, month, day = int(match[1]), int(match[2] or (12 if last else 1)), int(match[3] or (28 if last else 1))
    try:
        return date(max(year, 1), month, day).toordinal()
    except ValueError:
        return None


def _each(rows: JSON, key: str) -> list[str]:
    return [str(row.get(key, "")) if isinstance(row, Mapping) else str(row) for row in rows]


_JUDGES: Mapping[str, Callable[[JSON, JSON], float | None]] = {
    "titles": _title,
    "descriptions": _description,
    "rights": _rights,
    "resource_type": _resource_type,
    "creators": _creator,
    "subjects": _subject,
    "languages": _language,
    "related": _related,
    "funding": _funding,
    "variables": _variable,
    "locations": _place,
    "dates": _coverage,
}
