"""Identifiers set aside before publishing, so that a paper or a README can name the record first.

What is set aside stays with its draft for good: publishing uses it, and a draft that is put away takes it along.
"""

from typing import Any

from django.conf import settings
from django.db import transaction

from shirushi.accounts.actors import Actor
from shirushi.core import documents, rules
from shirushi.core.events import emit
from shirushi.core.ids import new_id, new_suffix
from shirushi.core.locking import why_not
from shirushi.core.models import Draft, Identifier

_NEEDED = ("record", "identifier", "concept_identifier")


@transaction.atomic
def reserve(*, draft: Draft, by: Actor) -> dict[str, str]:
    """Set the identifiers of a draft aside; doing so again changes nothing. The draft's version does not change. Returns
    :func:`reserved`.

    Raises:
        NotAllowed: ``by`` may not fill the draft.
        Conflict: the draft is not open.
    """
    rules.require(by, "fill-draft", draft)
    held = Draft.objects.select_for_update().filter(pk=draft.pk, state=Draft.State.OPEN).first()
    if held is None:
        raise why_not(draft)
    if reserved(held) is None:
        Draft.objects.filter(pk=draft.pk).update(reserved=set_aside(held))
        draft.refresh_from_db()
        emit("draft.reserved", by=by, draft=draft, payload={"identifier": draft.reserved["identifier"]})
    found = reserved(draft)
    assert found is not None
    return found


def reserved(draft: Draft) -> dict[str, str] | None:
    """``identifier`` of the version, ``concept_identifier`` of all versions, and the ``url`` at which it will be found; None
    before they are set aside."""
    if any(name not in draft.reserved for name in _NEEDED):
        return None
    return {name: draft.reserved[name] for name in _NEEDED[1:]} | {
        "url": documents.record_url(draft.reserved["record"])
    }


def set_aside(draft: Draft) -> dict[str, Any]:
    """What the draft has set aside, and what it lacks made new."""
    known = draft.concept.identifiers.first()
    return {
        **draft.reserved,
        "record": draft.reserved.get("record") or new_id(),
        "identifier": draft.reserved.get("identifier") or mint(),
        "concept_identifier": draft.reserved.get("concept_identifier") or (known.value if known else mint()),
    }


def mint() -> str:
    """A new identifier of the shape of a DOI, under this installation's prefix. Not registered anywhere yet."""
    while True:
        value = f"{settings.SHIRUSHI_PREFIX}/{new_suffix()}"
        if not Identifier.objects.filter(scheme="DOI", value=value).exists():
            return value
