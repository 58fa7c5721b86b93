"""What a draft still lacks before it can be published, and why it matters."""

from dataclasses import dataclass

from django.db.models import Count

from shirushi.core.fair import Fair, fair
from shirushi.core.models import Draft, Suggestion
from shirushi.metadata.fields import FIELDS, FieldSpec, Level, Text2, missing


@dataclass(frozen=True, slots=True)
class Missing:
    """An empty field (or ``files``). ``waiting`` counts open suggestions for it: they need a decision, not typing."""

    field: str
    level: Level
    label: Text2
    why: Text2
    waiting: int = 0

    @property
    def pointer(self) -> str:
        return f"/{self.field}"


@dataclass(frozen=True, slots=True)
class Readiness:
    """``filled`` of ``total`` fields that matter hold something; ``undecided`` suggestions wait for a decision."""

    missing: tuple[Missing, ...]
    filled: int
    total: int
    undecided: int
    fair: Fair

    @property
    def ready(self) -> bool:
        """Whether it can be published: nothing required is missing."""
        return not self.blocking

    @property
    def blocking(self) -> tuple[Missing, ...]:
        return tuple(item for item in self.missing if item.level == "required")


FILES = FieldSpec(
    "files",
    Text2("Files", "ファイル"),
    Text2("What the record holds.", "記録の中身です。"),
    "data.csv",
    "recommended",
    Text2(
        "A record without files leaves readers with nothing to use.", "ファイルがないと、読者が使えるものがありません。"
    ),
)


def readiness(draft: Draft) -> Readiness:
    """What is missing and why, required fields first. Two queries."""
    waiting = dict(
        draft.suggestions.filter(state=Suggestion.State.OPEN)
        .order_by()
        .values_list("field")
        .annotate(number=Count("id"))
    )
    media_types = dict(draft.files.order_by().values_list("media_type").annotate(number=Count("id")))
    work = draft.work
    empty = missing(work)
    if not media_types:
        empty.append(FILES)
    asked = [spec for spec in FIELDS if spec.level != "optional"] + [FILES]
    return Readiness(
        missing=tuple(Missing(s.name, s.level, s.label, s.why, waiting.get(s.name, 0)) for s in empty),
        filled=len(asked) - len(empty),
        total=len(asked),
        undecided=sum(waiting.values()),
        fair=fair(work, media_types),
    )
