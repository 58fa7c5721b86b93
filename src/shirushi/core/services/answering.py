"""Answering what is asked about a draft's files before they are published."""

from collections.abc import Sequence

from django.db import transaction

from shirushi.accounts.actors import Actor
from shirushi.core import crashpoints, rules
from shirushi.core.disclosure import Question, questions
from shirushi.core.errors import Conflict, FieldError, Invalid
from shirushi.core.events import emit
from shirushi.core.locking import hold, why_not
from shirushi.core.models import Answer, Draft
from shirushi.metadata.fields import Text2


def answer(*, draft: Draft, question: str, choice: str, by: Actor) -> list[Answer]:
    """Answer one question of :func:`shirushi.core.disclosure.questions` by its id, for all the files it is about. Answering
    again replaces what was answered; every answer is kept. The draft's version does not change.

    Raises:
        NotAllowed: agents may not; others only on drafts they care for.
        Conflict: the draft is not open; or (code ``question-changed``) no such question is open, as when a file was replaced.
        Invalid: ``choice`` is none of the question's choices.
    """
    rules.require(by, "decide", draft)
    with transaction.atomic():
        hold(draft)
        if not Draft.objects.filter(pk=draft.pk, state=Draft.State.OPEN).exists():
            raise why_not(draft)
        asked = next((one for one in questions(draft) if one.id == question), None)
        if asked is None:
            raise Conflict(_CHANGED, version=draft.version, code="question-changed")
        if choice not in asked.choices:
            raise _no_choice(asked)
        answers = Answer.objects.bulk_create(
            [
                Answer(
                    concept_id=draft.concept_id,
                    draft=draft,
                    item=item.digest,
                    category=item.category,
                    path=item.file,
                    sha256=item.sha256,
                    answer=choice,
                    by_id=by.user_id,
                    actor=by.to_json(),
                )
                for item in asked.items
            ],
            batch_size=500,
        )
        payload = {"question": asked.id, "category": asked.category, "answer": choice, "files": len(asked.items)}
        digests = [item.digest for item in asked.items[:MOST_DIGESTS]]
        emit("draft.answered", by=by, draft=draft, payload={**payload, "digests": digests})
        crashpoints.reach("answer: written")
    crashpoints.reach("answer: committed")
    return answers


def answer_each(*, draft: Draft, questions: Sequence[str], choice: str, by: Actor) -> list[Answer]:
    """Answer several questions the same way, all or none. As :func:`answer`."""
    with transaction.atomic():
        return [one for question in questions for one in answer(draft=draft, question=question, choice=choice, by=by)]


MOST_DIGESTS = 100  # in one event; the rows hold them all
_CHANGED = Text2(
    "This question is no longer asked as you saw it: a file was changed, or somebody answered. Reload to see what is asked now.",
    "ファイルが変わったか、ほかの人が答えたため、この質問はもうありません。読み込み直して、今の質問を確かめてください。",
)


def _no_choice(asked: Question) -> Invalid:
    choices = ", ".join(asked.choices)
    words = Text2(f"Use one of: {choices}.", f"次のいずれかで答えてください：{choices}")
    return Invalid(words, errors=[FieldError("/answer", words)])
