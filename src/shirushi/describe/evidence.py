"""Evidence, places, candidates and suggestions: the nouns that readers, suggesters and the ranking share.

A value that cannot say where it came from does not type-check as a suggestion: ``evidence`` is never empty.
All of them turn into plain JSON (:func:`to_json`) and back (:func:`place_from_json`, :func:`evidence_from_json`).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

JSON = Any  # str | int | float | bool | None | list["JSON"] | dict[str, "JSON"]


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A file as a whole: its name, its being there."""

    file: str
    quote: str = ""
    type: Literal["file"] = "file"


@dataclass(frozen=True, slots=True)
class LinePlace:
    """Lines ``start`` to ``end`` (1-based, inclusive) of a text file.

    ``column`` and ``end_column`` are 0-based character offsets in the first and last line *as decoded*, before any
    normalisation, so that a viewer highlights what the researcher wrote.
    """

    file: str
    start: int
    end: int
    column: int | None = None
    end_column: int | None = None
    quote: str = ""
    type: Literal["line"] = "line"


@dataclass(frozen=True, slots=True)
class CellPlace:
    """A cell or a whole column of a table. ``row`` is 1-based as a spreadsheet counts it (1 is the first line of the
    file or sheet); ``column`` is 1-based; ``row`` None means the whole column."""

    file: str
    column: int
    row: int | None = None
    sheet: str | None = None
    quote: str = ""
    type: Literal["cell"] = "cell"


@dataclass(frozen=True, slots=True)
class AttributePlace:
    """A named value in a structured file: ``/sea/sst@units`` (netCDF, HDF5), ``EXIF:DateTimeOriginal``, a JSON Pointer,
    an XPath. ``line`` when the file is text and the line is known."""

    file: str
    path: str
    line: int | None = None
    quote: str = ""
    type: Literal["attribute"] = "attribute"


@dataclass(frozen=True, slots=True)
class PagePlace:
    """A page (1-based) of a PDF or another paged document. ``box`` is left, top, right, bottom as shares of the page (0–1,
    origin at the top left)."""

    file: str
    page: int
    box: tuple[float, float, float, float] | None = None
    quote: str = ""
    type: Literal["page"] = "page"


@dataclass(frozen=True, slots=True)
class BytesPlace:
    """``length`` bytes from ``offset`` (0-based) of a file."""

    file: str
    offset: int
    length: int
    quote: str = ""
    type: Literal["bytes"] = "bytes"


Place = FilePlace | LinePlace | CellPlace | AttributePlace | PagePlace | BytesPlace
_PLACES: dict[str, type[Place]] = {
    "file": FilePlace,
    "line": LinePlace,
    "cell": CellPlace,
    "attribute": AttributePlace,
    "page": PagePlace,
    "bytes": BytesPlace,
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact read from one place. Never a guess.

    ``kind`` is one of :data:`KINDS`, which also says what ``value`` holds; ``reader`` is the name and version of what saw
    it, e.g. ``csv/1``; ``lang`` is set only where the file itself says so.
    """

    kind: str
    value: JSON
    place: Place
    reader: str
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one suggester proposes: ``value`` is JSON of one item of the target's field (see ``metadata.fields``).

    ``method`` names the rule (``creators.citation-cff``); its measured precision becomes the confidence, moved by
    ``features`` (numbers 0–1 that the ranking knows by name). ``score`` orders candidates of one method.
    """

    target: str
    value: JSON
    evidence: tuple[Evidence, ...]
    method: str
    score: float = 1.0
    features: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError(f"{self.method}: a candidate without evidence is not one")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value for one target with its calibrated confidence (0–1), the evidence it rests on, and the method that made it.

    ``order`` is its rank inside the field: 0 for the best single value, or the place in a list. ``alternative`` marks a
    value that disagrees with a better one of the same single-valued field. ``features`` are what the ranking knew of it
    besides its method, so that a decision on it teaches (:mod:`shirushi.describe.learning`).
    """

    target: str
    value: JSON
    confidence: float
    evidence: tuple[Evidence, ...]
    method: str
    version: str
    order: int = 0
    alternative: bool = False
    features: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError(f"{self.method}: a suggestion without evidence is not one")
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"{self.method}: confidence {self.confidence} is not between 0 and 1")


ConfidenceWord = Literal["sure", "likely", "perhaps"]
SURE, LIKELY = 0.9, 0.6


def confidence_word(confidence: float) -> ConfidenceWord:
    """Words first: *sure* from 0.9, *likely* from 0.6, else *perhaps*."""
    return "sure" if confidence >= SURE else "likely" if confidence >= LIKELY else "perhaps"


def to_json(thing: Place | Evidence | Candidate | Suggestion) -> dict[str, JSON]:
    """Plain JSON; what is absent is left out."""
    return {key: _without_none(item) for key, item in asdict(thing).items() if item is not None}


def _without_none(value: JSON) -> JSON:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value]
    return value


def place_from_json(data: Mapping[str, JSON]) -> Place:
    """The place that :func:`to_json` wrote.

    Raises:
        ValueError: for an unknown type of place or a key it does not have.
    """
    kind = _PLACES.get(str(data.get("type")))
    if kind is None:
        raise ValueError(f"unknown type of place: {data.get('type')!r}")
    known = {item.name for item in fields(kind)}
    if unknown := set(data) - known:
        raise ValueError(f"a {data['type']} place has no {', '.join(sorted(unknown))}")
    values = dict(data)
    if values.get("box") is not None:
        values["box"] = tuple(values["box"])
    return kind(**values)


def evidence_from_json(data: Mapping[str, JSON]) -> Evidence:
    """The evidence that :func:`to_json` wrote. Raises ValueError or TypeError when it is not one."""
    return Evidence(**{**data, "place": place_from_json(data["place"])})


def suggestion_from_json(data: Mapping[str, JSON]) -> Suggestion:
    """The suggestion that :func:`to_json` wrote. Raises ValueError or TypeError when it is not one."""
    return Suggestion(**{**data, "evidence": tuple(evidence_from_json(item) for item in data["evidence"])})
