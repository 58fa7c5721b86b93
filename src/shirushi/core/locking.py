"""Optimistic locking of drafts: who changes a draft says which version they saw, and the first one wins.

The comparison is part of the UPDATE, so it holds between processes and on every database.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils import timezone

from shirushi.core.errors import Conflict, DomainError, NotFound
from shirushi.core.models import Draft
from shirushi.metadata.fields import Text2


def advance(draft: Draft, *, at_version: int | None, was: str = Draft.State.OPEN, **changes: Any) -> None:
    """Change a draft if it is still at ``at_version`` and in state ``was``, and bring the object in memory up to date.

    ``at_version`` None takes any version: for who changes a draft without having looked at it, like a script that fills one.

    Raises:
        Conflict: somebody was faster, or the draft is published, discarded or being published. Nothing was changed.
    """
    matching = Draft.objects.filter(pk=draft.pk, state=was)
    if at_version is not None:
        matching = matching.filter(version=at_version)
    if not matching.update(version=F("version") + 1, updated_at=timezone.now(), **changes):
        raise why_not(draft, was=was)
    draft.refresh_from_db()


def hold(draft: Draft) -> None:
    """Let nobody else change the draft until this transaction ends, so that what is read of it now holds when it is acted on. Where
    there is one writer (SQLite) the transaction itself does that. Rows that only name the draft may be added meanwhile."""
    if connection.features.has_select_for_update:
        Draft.objects.select_for_update(no_key=True).filter(pk=draft.pk).values_list("pk").first()


def see_that_current(draft: Draft, at_version: int) -> None:
    """Raises Conflict when the draft is no longer open at ``at_version``, NotFound when there is none."""
    if not Draft.objects.filter(pk=draft.pk, version=at_version, state=Draft.State.OPEN).exists():
        raise why_not(draft)


def why_not(draft: Draft, *, was: str = Draft.State.OPEN) -> DomainError:
    """The error for a draft that did not match."""
    now = Draft.objects.filter(pk=draft.pk).values("state", "version").first()
    if now is None:
        return NotFound(
            Text2("There is no such draft. Check its address.", "その下書きはありません。アドレスを確かめてください。")
        )
    if now["state"] == was:
        return Conflict(_FASTER, version=now["version"])
    return Conflict(_STATES[now["state"]], version=now["version"], code=f"draft-{now['state']}")


_FASTER = Text2(
    "Somebody changed this draft after you opened it. Nothing of yours was saved over theirs. Reload to see their changes, then "
    "do yours again.",
    "開いたあとに、ほかの人がこの下書きを変更しました。上書きはしていません。読み込み直して変更を確かめてから、もう一度操作してください。",
)
_STATES: Mapping[str, Text2] = {
    Draft.State.OPEN: Text2("This draft is open. Reload it.", "この下書きは編集中です。読み込み直してください。"),
    Draft.State.PUBLISHING: Text2(
        "This draft is being published just now. Wait a moment and reload.",
        "この下書きは公開の処理中です。少し待ってから読み込み直してください。",
    ),
    Draft.State.PUBLISHED: Text2(
        "This draft has been published and no longer changes. Make a new version of its record.",
        "この下書きは公開済みのため、変更できません。新しい版を作ってください。",
    ),
    Draft.State.DISCARDED: Text2(
        "This draft has been discarded. Restore it first.", "この下書きは破棄されています。先に元に戻してください。"
    ),
}
