"""What the review shows of each field: what stands in it, what waits for a decision, and whether it is needed."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from shirushi.core import values
from shirushi.core.models import Draft, Suggestion
from shirushi.core.services.modelling import BY_MODEL
from shirushi.describe.evidence import LIKELY, confidence_word
from shirushi.forms import work_form
from shirushi.forms.shown import Shown, shown
from shirushi.metadata.fields import FIELDS, FieldSpec

FEWEST_TOGETHER = 4  # sure or likely suggestions of one field, from which on a button takes them all
MOST_SHOWN = 60  # open suggestions of one field; the rest wait until these are decided


@dataclass(frozen=True, slots=True)
class Proposal:
    """One suggestion as the page shows it."""

    row: Suggestion
    shown: Shown

    @property
    def word(self) -> str:
        """sure, likely or perhaps: for the sign beside the word."""
        return confidence_word(self.row.confidence)

    @property
    def of_model(self) -> bool:
        """Whether a language model pointed at it."""
        return BY_MODEL in self.row.method

    @property
    def places(self) -> list[dict[str, Any]]:
        return [item["place"] for item in self.row.evidence]


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field: what stands in it, what waits for a decision, and whether it is needed."""

    spec: FieldSpec
    standing: list[Shown]
    proposals: list[Proposal]
    more: int
    together: int = 0  # suggestions that may be accepted at once, where there are many
    kept_back: int = 0  # suggestions that are shown only once a person has typed the field, or asks for them

    @property
    def empty(self) -> bool:
        return not self.standing and not self.proposals

    @property
    def disagree(self) -> bool:
        """Whether one value has to be chosen: such proposals stand side by side."""
        return any(proposal.row.alternative for proposal in self.proposals)


def field_views(draft: Draft, language: str) -> list[FieldView]:
    """Every field with its values and open suggestions. One query."""
    waiting: dict[str, list[Suggestion]] = {}
    kept_back: Counter[str] = Counter()
    for suggestion in draft.suggestions.filter(state__in=(Suggestion.State.OPEN, Suggestion.State.HELD)):
        if suggestion.state == Suggestion.State.HELD:
            kept_back[suggestion.field] += 1
        else:
            waiting.setdefault(suggestion.field, []).append(suggestion)
    result = []
    for spec in FIELDS:
        proposals = waiting.get(spec.name, [])
        held = values.items(spec.name, values.of(draft.metadata, spec.name))
        result.append(
            FieldView(
                spec,
                [shown(spec.name, item, language) for item in held],
                [Proposal(row, shown(spec.name, row.value, language)) for row in proposals[:MOST_SHOWN]],
                max(0, len(proposals) - MOST_SHOWN),
                _together(spec, proposals),
                kept_back[spec.name],
            )
        )
    return result


def _together(spec: FieldSpec, proposals: list[Suggestion]) -> int:
    found = sum(not row.alternative and row.confidence >= LIKELY for row in proposals) if spec.many else 0
    return found if found >= FEWEST_TOGETHER else 0


def in_sections(fields: list[FieldView], language: str) -> list[tuple[str, list[FieldView]]]:
    """The fields under the headings of the form."""
    by_name = {field.spec.name: field for field in fields}
    return [
        (section.label.in_(language), [by_name[name] for name in section.fields]) for section in work_form().sections
    ]
