"""What decisions teach this installation, how right each method was, and withdrawing a method.

Only a person's look at one value teaches: accepting many at once says nothing of each. A value that was edited was not right.
Fields that were shown without suggestions (a small random share) tell true precision, since nobody accepted out of ease.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from shirushi.accounts.actors import Actor
from shirushi.core import ranking, rules
from shirushi.core.events import emit
from shirushi.core.locking import advance
from shirushi.core.models import Decision, Draft, Event, Suggestion
from shirushi.core.values import JSON, items
from shirushi.core.values import of as value_of
from shirushi.describe import judging
from shirushi.describe.learning import Lesson, Proof, Verdict, proven_thresholds, upper_bound
from shirushi.describe.learning import learn as learn_from
from shirushi.describe.rank import default_model
from shirushi.describe.training import model_to_json

_RIGHT = {Decision.Action.ACCEPT: 1.0, Decision.Action.EDIT: 0.0, Decision.Action.REJECT: 0.0}


def verdicts() -> Iterator[Verdict]:
    """Every decision of a person on one suggestion that stands, and every measurement, oldest first."""
    decisions = Decision.objects.filter(
        suggestion__isnull=False, action__in=list(_RIGHT), undone_by__isnull=True, group="", by__isnull=False
    ).order_by("id")
    columns = (
        "draft_id", "action", "suggestion__field", "suggestion__method", "suggestion__confidence", "suggestion__features",
        "suggestion__alternative", "suggestion_id", "suggestion__method_version",
    )  # fmt: skip
    last: dict[int, Verdict] = {}
    for draft, action, field, method, confidence, features, alternative, pk, version in decisions.values_list(
        *columns
    ).iterator():
        if not method.startswith(Suggestion.PROPOSED):  # what people and agents propose is no method of ours
            right = _RIGHT[action]
            last[pk] = Verdict(field, method, right, draft, confidence, features, best=not alternative, version=version)
    yield from last.values()
    for draft, payload in Event.objects.filter(type="draft.measured").order_by("id").values_list("draft_id", "payload"):
        for one in payload["values"]:
            yield Verdict(
                payload["field"],
                one["method"],
                one["right"],
                draft,
                one["confidence"],
                one["features"],
                best=one["best"],
                version=one.get("version", ""),
            )


def learn() -> Lesson:
    """Train on this installation's decisions; what is better than the model in use is kept in ``models/ranking.json``, with
    how it was measured. Safe to repeat: the same decisions give the same model."""
    seen = list(verdicts())
    lesson = learn_from(default_model(), seen)
    words = f"{len(seen)} decisions of {len({v.origin for v in seen})} drafts, over the shipped model"
    ranking.write(
        "ranking",
        {
            "trained_at": timezone.now().isoformat(timespec="seconds"),
            "adopted": lesson.adopted,
            "why": lesson.why,
            "before": asdict(lesson.before),
            "after": asdict(lesson.after),
            "proofs": [asdict(proof) for proof in lesson.proofs],
            "model": model_to_json(lesson.model, learned_from=words if lesson.adopted else "the shipped model"),
        },
    )
    return lesson


def proofs() -> list[Proof]:
    """What the last training proved of thresholds; none before it."""
    return [Proof(**proof) for proof in ranking.read("ranking").get("proofs", [])]


def safe_thresholds() -> dict[str, float]:
    """For each field of which it is proven the confidence from which its values may be accepted without a look at each: the share
    of wrong ones above it, of a draft's values and taken over drafts, is at most ``SHIRUSHI_ACCEPT_ERROR``."""
    return proven_thresholds(proofs(), settings.SHIRUSHI_ACCEPT_ERROR)


# ---- fields shown without suggestions


def measure(*, draft: Draft, field: str, by: Actor) -> None:
    """A person has typed a field whose suggestions were kept back: note how right they would have been, and show them now.

    Called in the transaction of the typing.
    """
    held = list(draft.suggestions.filter(field=field, state=Suggestion.State.HELD))
    typed = typed_in(field, items(field, value_of(draft.metadata, field)))
    if not held or not typed:
        return
    found = []
    for suggestion in held:
        right = judging.verdict(field, suggestion.value, typed)
        if right is not None:
            found.append(
                {
                    "method": suggestion.method,
                    "version": suggestion.method_version,
                    "confidence": suggestion.confidence,
                    "features": suggestion.features,
                    "best": not suggestion.alternative,
                    "right": round(right, 3),
                }
            )
    emit("draft.measured", by=by, draft=draft, payload={"field": field, "values": found})
    draft.suggestions.filter(field=field, state=Suggestion.State.HELD).update(state=Suggestion.State.OPEN)


def show_held(*, draft: Draft, field: str, by: Actor, at_version: int) -> int:
    """Show the suggestions of a field that were kept back; nothing is measured then. Returns how many there are.

    Raises:
        NotAllowed, Conflict: as for deciding.
    """
    rules.require(by, "decide", draft)
    with transaction.atomic():
        advance(draft, at_version=at_version)
        shown = draft.suggestions.filter(field=field, state=Suggestion.State.HELD).update(state=Suggestion.State.OPEN)
        emit("draft.shown", by=by, draft=draft, payload={"field": field, "suggestions": shown})
    return shown


def typed_in(field: str, values: list[JSON]) -> dict[str, JSON]:
    """What stands in a field, as :mod:`shirushi.describe.judging` compares it."""
    name = judging.TYPED_AS.get(field)
    if name is None or not values:
        return {}
    shapes: dict[str, JSON] = {
        "titles": lambda: next((v["text"] for v in values if not v.get("type")), values[0]["text"]),
        "descriptions": lambda: "\n\n".join(v["text"] for v in values),
        "rights": lambda: next((v["id"] for v in values if v.get("id")), None),
        "creators": lambda: [{"name": v["name"]} for v in values],
        "subjects": lambda: [v["text"] for v in values],
        "languages": lambda: list(values),
        "related": lambda: [{"id": v["identifier"]} for v in values],
        "funding": lambda: [{"funder": v["funder"], "award": v.get("award")} for v in values],
        "locations": lambda: _place(values),
        "dates": lambda: _period(values),
    }
    made = shapes[field]() if field in shapes else None
    return {name: made} if made else {}


def _place(values: list[JSON]) -> JSON:
    boxes = [v["box"] for v in values if v.get("box")]
    place: dict[str, JSON] = {"names": [v["place"] for v in values if v.get("place")]}
    if boxes:
        place["bbox"] = [boxes[0][side] for side in ("west", "south", "east", "north")]
    return {key: value for key, value in place.items() if value}


def _period(values: list[JSON]) -> JSON:
    covered = next((v["date"] for v in values if v["type"] == "Coverage"), None)
    if covered is None:
        return None
    start, _, end = covered.partition("/")
    return {"start": start, "end": end or start}


# ---- methods


@dataclass(frozen=True, slots=True)
class MethodReport:
    """How a version of a method fared here: of ``judged`` values looked at one by one ``right`` were; the true share of wrong ones is at most
    ``wrong_at_most`` with 95 % certainty. ``open`` and ``accepted`` count suggestions now, accepted in bulk included."""

    method: str
    version: str
    judged: int
    right: int
    wrong_at_most: float
    open: int
    accepted: int
    withdrawn: bool


def methods() -> list[MethodReport]:
    """Every version of a method that has proposed something here, by name."""
    judged: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    for verdict in verdicts():
        judged[verdict.method, verdict.version].append(verdict.right >= 0.5)
    states: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    ours = Suggestion.objects.exclude(
        method__startswith=Suggestion.PROPOSED
    ).order_by()  # people and agents are no method of ours
    counted = ours.values_list("method", "method_version", "state").annotate(n=Count("id"))
    for method, version, state, number in counted:
        states[method, version][state] = number
    gone = ranking.withdrawn()
    reports = []
    for (method, version), counts in sorted(states.items()):
        rights = judged.get((method, version), [])
        wrong = len(rights) - sum(rights)
        reports.append(
            MethodReport(
                method, version, len(rights), sum(rights), round(upper_bound(wrong, len(rights), 0.05), 3),
                counts[Suggestion.State.OPEN], counts[Suggestion.State.ACCEPTED] + counts[Suggestion.State.EDITED],
                method in gone or f"{method}/{version}" in gone,
            )
        )  # fmt: skip
    return reports


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What withdrawing a method touched: open suggestions that are gone, and the drafts and records in which an accepted value
    of it stands and wants a second look."""

    suggestions: int
    drafts: list[str]
    records: list[str]


def withdraw_method(*, method: str, reason: str) -> Withdrawal:
    """Propose nothing by this method (``creators.prose`` or one version ``creators.prose/1``) any more, take back what is open,
    and find where its values were accepted. Repeating it changes nothing.

    Raises:
        KeyError: no suggestion here is by this method.
    """
    rows = _by(method)
    if not rows.exists():
        raise KeyError(method)
    kept = [one for one in ranking.read("withdrawn").get("withdrawn", []) if one["method"] != method]
    note = {"method": method, "reason": reason, "at": timezone.now().isoformat(timespec="seconds")}
    with transaction.atomic():
        gone = rows.filter(state__in=(Suggestion.State.OPEN, Suggestion.State.HELD)).update(
            state=Suggestion.State.WITHDRAWN
        )
        ranking.write("withdrawn", {"withdrawn": [*kept, note]})
    taken = rows.filter(state=Suggestion.State.ACCEPTED).values_list("draft_id", "draft__record_id").distinct()
    return Withdrawal(
        gone,
        sorted({draft for draft, record in taken if not record}),
        sorted({record for _, record in taken if record}),
    )


def restore_method(*, method: str) -> int:
    """Undo :func:`withdraw_method`; returns how many suggestions are open again."""
    kept = [one for one in ranking.read("withdrawn").get("withdrawn", []) if one["method"] != method]
    with transaction.atomic():
        ranking.write("withdrawn", {"withdrawn": kept})
        return _by(method).filter(state=Suggestion.State.WITHDRAWN).update(state=Suggestion.State.OPEN)


def _by(method: str) -> QuerySet[Suggestion]:
    name, _, version = method.partition("/")
    rows = Suggestion.objects.filter(method=name)
    return rows.filter(method_version=version) if version else rows
