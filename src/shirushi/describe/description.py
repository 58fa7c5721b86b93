"""``Description``: what describing a folder gives. Files, suggestions, problems; all of it plain JSON when asked."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from shirushi.describe.evidence import (
    JSON,
    CellPlace,
    Evidence,
    Suggestion,
    evidence_from_json,
    suggestion_from_json,
    to_json,
)
from shirushi.metadata.fields import BY_NAME, field_of

if TYPE_CHECKING:
    from shirushi.describe.forms.fill import Filled
    from shirushi.metadata.published import TableForm
    from shirushi.metadata.work import Work

FORMAT = "shirushi-description/1"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that kept a file, or part of it, from being read. ``code`` is stable (``truncated``, ``too-large``,
    ``encrypted``, ``timeout``, ``crash``, ...); ``message`` says in English what happened and what to do (either language:
    :func:`shirushi.describe.problems.say`); ``detail`` holds the particulars alone; ``file`` may be ''."""

    code: str
    file: str
    message: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class FileReport:
    """What was found out about one file. ``path`` is relative with ``/``; ``size`` in bytes; ``format`` a short name like
    ``netCDF-4``; ``read`` tells whether a reader looked inside; ``found`` counts its evidence; ``screened`` that one
    that was not read was looked through for data about people. ``puid`` is PRONOM's
    identifier of the format, with its name and version there, where it was looked up (see :mod:`shirushi.describe.pronom`)."""

    path: str
    size: int
    media_type: str
    format: str
    modified: str | None = None
    sha256: str | None = None
    read: bool = False
    found: int = 0
    screened: bool | None = None
    puid: str | None = None
    pronom_format: str | None = None
    pronom_version: str | None = None


@dataclass(slots=True)
class Description:
    """The result of :func:`shirushi.describe.describe`; ``filled`` is there where a form was the target."""

    name: str
    files: list[FileReport] = field(default_factory=list)
    suggestions: list[Suggestion] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    file_count: int = 0
    total_size: int = 0
    seconds: float = 0.0
    evidence: list[Evidence] = field(default_factory=list, repr=False)
    language_model: dict[str, JSON] | None = None  # how one was asked, when it was: see shirushi.describe.llm
    filled: "Filled | None" = field(default=None, repr=False)

    def for_field(self, name: str) -> list[Suggestion]:
        """The suggestions for one field, best first; alternatives last."""
        if name not in BY_NAME:
            raise KeyError(name)
        chosen = [s for s in self.suggestions if field_of(s.target).name == name]
        return sorted(chosen, key=lambda s: (s.alternative, s.order, -s.confidence))

    def work(self, *, above: float = 0.5) -> "Work":
        """A Work made of every suggestion at ``above`` or more confidence, alternatives left out.

        A value that does not fit the model is left out too: a suggestion is never a reason to fail.
        """
        return compose(self.suggestions, above=above)

    def tables(self) -> "dict[str, TableForm]":
        """How each file of delimited text writes its table, by path."""
        from shirushi.metadata.published import TableForm

        forms: dict[str, TableForm] = {}
        formatted: dict[str, list[str]] = {}
        for item in self.evidence:
            value, file = item.value, item.place.file
            if item.kind == "table" and value.get("delimiter") and isinstance(item.place, CellPlace):
                row = item.place.row if value["header"] else None
                forms[file] = TableForm(
                    encoding=value["encoding"], delimiter=value["delimiter"], header_row=row, header=value["header"]
                )
            elif item.kind == "column" and value.get("formatted"):
                formatted.setdefault(file, []).append(value["name"])
        return {file: form.model_copy(update={"formatted": formatted.get(file, [])}) for file, form in forms.items()}

    def concerns(self) -> dict[str, list[str]]:
        """Files with data about people or places that must not be published by mistake, with the categories of it."""
        found: dict[str, list[str]] = {}
        for item in self.evidence:
            if item.kind == "sensitive":
                told = found.setdefault(item.place.file, [])
                if item.value["category"] not in told:
                    told.append(item.value["category"])
        return found

    def to_json(self, *, evidence: bool = False) -> dict[str, JSON]:
        """Plain JSON. With ``evidence`` all that was seen is included, not only what suggestions rest on."""
        data: dict[str, Any] = {
            "format": FORMAT,
            "name": self.name,
            "file_count": self.file_count,
            "total_size": self.total_size,
            "seconds": round(self.seconds, 3),
            "suggestions": [to_json(s) for s in self.suggestions],
            "problems": [asdict(p) for p in self.problems],
            "files": [{k: v for k, v in asdict(f).items() if v is not None} for f in self.files],
        }
        if concerns := self.concerns():
            data["concerns"] = [{"file": file, "categories": categories} for file, categories in concerns.items()]
        if self.language_model is not None:
            data["language_model"] = self.language_model
        if self.filled is not None:
            data["filled"] = self.filled.to_json()
        if evidence:
            data["evidence"] = [to_json(e) for e in self.evidence]
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, JSON]) -> "Description":
        """What :meth:`to_json` wrote. Raises ValueError when it is of another format."""
        if data.get("format") != FORMAT:
            raise ValueError(f"not a {FORMAT} document: format is {data.get('format')!r}")
        return cls(
            name=data["name"],
            files=[FileReport(**f) for f in data["files"]],
            suggestions=[suggestion_from_json(s) for s in data["suggestions"]],
            problems=[Problem(**p) for p in data["problems"]],
            file_count=data["file_count"],
            total_size=data["total_size"],
            seconds=data["seconds"],
            evidence=[evidence_from_json(e) for e in data.get("evidence", [])],
            language_model=data.get("language_model"),
        )


def compose(suggestions: Iterable[Suggestion], *, above: float = 0.0) -> "Work":
    """The Work that results from taking each suggestion with at least ``above`` confidence.

    Each value is checked by itself, so that thousands of variables cost no more than they are.
    """
    from pydantic import ValidationError

    from shirushi.metadata.work import Work  # describing does without the models

    taken: dict[str, Any] = {}
    for suggestion in sorted(suggestions, key=lambda s: (s.alternative, s.order, -s.confidence)):
        if suggestion.alternative or suggestion.confidence < above:
            continue
        spec = field_of(suggestion.target)
        try:
            alone = Work.model_validate({spec.name: [suggestion.value] if spec.many else suggestion.value})
        except ValidationError:
            continue
        value = getattr(alone, spec.name)
        if spec.many:
            taken.setdefault(spec.name, []).extend(value)
        else:
            taken.setdefault(spec.name, value)
    return Work(**taken)
