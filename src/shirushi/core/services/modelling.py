"""Asking a language model about a draft: only where the operator set one up, only with a person's consent to the very text."""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from shirushi.accounts.actors import SYSTEM, Actor
from shirushi.core import ranking, rules
from shirushi.core.errors import Conflict, Invalid
from shirushi.core.events import emit
from shirushi.core.locking import hold, why_not
from shirushi.core.models import DescribeRun, Draft, ModelCall, Suggestion
from shirushi.core.services import describing
from shirushi.describe.evidence import Suggestion as Proposal
from shirushi.describe.llm import Asked, Excerpts, ModelError, ask_model
from shirushi.describe.rank import rank, slot_of
from shirushi.metadata.fields import Text2, field_of

BY_MODEL = ".llm-"
_NOT_SET_UP = Text2(
    "No language model is set up here, so none can be asked.", "言語モデルが設定されていないため、利用できません。"
)
_OTHER_TEXT = Text2(
    "What would be sent is no longer what you saw: the files were read again. Look at it once more.",
    "表示後にファイルが読み直され、送信内容が変わりました。もう一度確認してください。",
)


def excerpts_of(draft: Draft) -> tuple[DescribeRun | None, Excerpts]:
    """What a model might be shown of a draft: the excerpts of its last reading."""
    run = draft.runs.filter(state=DescribeRun.State.DONE).last()
    return run, Excerpts.from_json(run.excerpts if run else [])


def consent(*, draft: Draft, digest: str, left_out: Sequence[str] = (), by: Actor) -> ModelCall:
    """Let the model be asked about the excerpts without those ``left_out``; ``digest`` is that of the text which was shown.

    The same consent twice asks once.

    Raises:
        NotAllowed: ``by`` may not decide on this draft.
        Conflict: the draft is not open, no model is set up, or (code ``other-text``) the excerpts are others now.
        Invalid: nothing would be sent.
    """
    from shirushi.core import jobs  # jobs call the services

    rules.require(by, "decide", draft)
    if settings.SHIRUSHI_LLM is None:
        raise Conflict(_NOT_SET_UP, code="no-language-model")
    with transaction.atomic():
        hold(draft)
        if not Draft.objects.filter(pk=draft.pk, state=Draft.State.OPEN).exists():
            raise why_not(draft)
        run, excerpts = excerpts_of(draft)
        chosen = excerpts.without(left_out)
        if run is None or chosen.digest() != digest:
            raise Conflict(_OTHER_TEXT, code="other-text")
        if not chosen.items:
            raise Invalid(Text2("Nothing is left to send.", "送信するものがありません。"), errors=[])
        waiting = draft.model_calls.filter(digest=digest, state__in=("queued", "running")).first()
        if waiting is not None:
            return waiting
        call = ModelCall.objects.create(
            draft=draft, run=run, digest=digest, left_out=sorted(set(left_out)), host=settings.SHIRUSHI_LLM.host,
            model=settings.SHIRUSHI_LLM.model, consented_by_id=by.user_id,
        )  # fmt: skip
        payload = {"call": call.pk, "excerpts_sha256": digest, "host": call.host, "model": call.model}
        emit("draft.model-asked", by=by, draft=draft, payload=payload)
        jobs.ask_language_model.enqueue(call.pk)
    call.refresh_from_db()  # a backend that works at once may be done already
    return call


def carry_out(call_id: int) -> None:
    """Ask the model, and keep what its words bear out as suggestions. An answer that cannot be used fails the call with a
    message; nothing else changes. Carried out once: what is over stays as it is."""
    call = ModelCall.objects.select_related("draft", "run").get(pk=call_id)
    endpoint = settings.SHIRUSHI_LLM
    if call.is_over:
        return
    if endpoint is None or endpoint.host != call.host:
        _finish(call, ModelCall.State.FAILED, result={"problem": "not-set-up"}, message=_NOT_SET_UP.en)
        return
    ModelCall.objects.filter(pk=call.pk).update(state=ModelCall.State.RUNNING)
    excerpts = Excerpts.from_json(call.run.excerpts).without(call.left_out)
    if excerpts.digest() != call.digest:
        _finish(call, ModelCall.State.FAILED, result={"problem": "other-text"}, message=_OTHER_TEXT.en)
        return
    try:
        asked = ask_model(excerpts, endpoint)
    except ModelError as error:
        _finish(call, ModelCall.State.FAILED, result={"problem": error.code}, message=str(error))
        return
    except Exception as error:
        # Nobody would ever be told otherwise: a job that failed is not begun again.
        _finish(
            call, ModelCall.State.FAILED, result={"problem": "unusable"}, message=f"{type(error).__name__}: {error}"
        )
        raise
    with transaction.atomic():
        hold(call.draft)
        draft = Draft.objects.get(pk=call.draft_id)
        # Who is to fill in a field without help is not helped by a model either.
        kept_back = set(draft.suggestions.filter(state=Suggestion.State.HELD).values_list("field", flat=True))
        is_open = draft.state == Draft.State.OPEN
        added = describing.add(draft, _behind(draft, asked), kept_back=kept_back) if is_open else []
        result = {**asked.to_json(), "suggested": len(added)}
        _finish(call, ModelCall.State.DONE, result=result)
        emit("draft.model-answered", by=SYSTEM, draft=draft, payload={"call": call.pk, **result})


def _behind(draft: Draft, asked: Asked) -> Iterable[Proposal]:
    """The model's values as suggestions that stand behind all others, as disagreeing ones where a place is taken."""
    taken = {
        (field, slot)
        for field, value in draft.suggestions.filter(
            alternative=False, state__in=("open", "accepted", "edited", "held")
        ).values_list("field", "value")
        if (slot := slot_of(field, value)) is not None
    }
    taken |= {(name, "") for name in draft.metadata}
    for proposal in rank(asked.candidates, ranking.current_model()):
        field = field_of(proposal.target).name
        slot = slot_of(field, proposal.value)
        alternative = proposal.alternative or (slot is not None and ((field, slot) in taken or (field, "") in taken))
        yield Proposal(
            proposal.target, proposal.value, proposal.confidence, proposal.evidence, proposal.method, proposal.version,
            order=1_000 + proposal.order, alternative=alternative, features=proposal.features,
        )  # fmt: skip


def _finish(call: ModelCall, state: str, *, result: object = None, message: str = "") -> None:
    ModelCall.objects.filter(pk=call.pk).update(
        state=state, result=result or {}, message=message, finished_at=timezone.now()
    )


def take_back(*, draft: Draft, by: Actor) -> int:
    """Take back every suggestion of this draft that came from a language model and waits, shown or not. Returns how many there
    were.

    Raises:
        NotAllowed: as for deciding.
    """
    rules.require(by, "decide", draft)
    with transaction.atomic():
        hold(draft)
        return waiting_of_model(draft).update(state=Suggestion.State.WITHDRAWN)


def waiting_of_model(draft: Draft) -> QuerySet[Suggestion]:
    """What a language model proposed and nobody has decided on."""
    waiting = (Suggestion.State.OPEN, Suggestion.State.HELD)
    return draft.suggestions.filter(method__contains=BY_MODEL, state__in=waiting)
