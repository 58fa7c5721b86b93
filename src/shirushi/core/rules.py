"""Who may do what with drafts and records: every permission of the kernel, as predicates in one place.

A predicate takes who and what and says yes or no; :func:`require` turns no into an error. Three things must agree: the
scope of the token (if one is used), the role in the space (or ownership), and the kind of actor. Agents may propose
(make drafts, put files, have them read, suggest values); only people decide and publish.
"""

from collections.abc import Callable
from typing import Literal

from django.db.models import Q, QuerySet

from shirushi.accounts.actors import Actor
from shirushi.accounts.models import Role, Scope, Space
from shirushi.core.errors import NotAllowed
from shirushi.core.models import AccessRequest, Draft, Record, SecretLink
from shirushi.metadata.fields import Text2

Action = Literal[
    "create-draft",
    "see-draft",
    "fill-draft",
    "decide",
    "publish",
    "discard",
    "new-version",
    "withdraw",
    "change-access",
    "let-in",
    "hold",
    "dispose",
    "operate",
]
Subject = Draft | Record | Space

_CARE = (Role.CURATOR, Role.OPERATOR)


def can_create_draft(actor: Actor, space: Space) -> bool:
    return actor.has_scope(Scope.DEPOSIT) and actor.has_role(space.pk, Role.DEPOSITOR, *_CARE)


def can_see_draft(actor: Actor, draft: Draft) -> bool:
    return actor.has_scope(Scope.READ) and _cares_for(actor, draft)


def can_fill_draft(actor: Actor, draft: Draft) -> bool:
    """Put and remove files, have them read, propose values."""
    return actor.has_scope(Scope.DEPOSIT) and _cares_for(actor, draft)


def can_decide(actor: Actor, draft: Draft) -> bool:
    """Accept, edit, reject, type, undo."""
    return _is_accountable(actor) and actor.has_scope(Scope.DECIDE) and _cares_for(actor, draft)


def can_publish(actor: Actor, draft: Draft) -> bool:
    return _is_accountable(actor) and actor.has_scope(Scope.PUBLISH) and _cares_for(actor, draft)


def can_discard(actor: Actor, draft: Draft) -> bool:
    return _is_accountable(actor) and actor.has_scope(Scope.DEPOSIT) and _cares_for(actor, draft)


def can_make_new_version(actor: Actor, record: Record) -> bool:
    return actor.has_scope(Scope.DEPOSIT) and _cares_for(actor, record)


def can_withdraw(actor: Actor, record: Record) -> bool:
    """Withdrawing breaks other people's citations, so it takes somebody with care for the whole space."""
    return _is_accountable(actor) and actor.has_scope(Scope.PUBLISH) and actor.has_role(record.space_id, *_CARE)


def can_read_files(actor: Actor, record: Record) -> bool:
    """Everybody where they are open; else those who care for the record, whose request was granted, or who came by a link. Up to
    two queries where they are not open."""
    if record.files_are_open or (actor.has_scope(Scope.READ) and _cares_for(actor, record)):
        return True
    granted = Q(digest__in=actor.keys)
    if actor.user_id is not None and actor.has_scope(Scope.READ):
        granted |= Q(by_id=actor.user_id)
    if not actor.keys and actor.user_id is None:
        return False
    if AccessRequest.objects.filter(AccessRequest.granting(), granted, concept_id=record.concept_id).exists():
        return True
    links = SecretLink.objects.filter(
        SecretLink.valid(), kind=SecretLink.Kind.FILES, digest__in=actor.keys, concept_id=record.concept_id
    )
    return bool(actor.keys) and links.exists()


def can_change_access(actor: Actor, record: Record) -> bool:
    """Open, close or delay its files after publishing."""
    return _is_accountable(actor) and actor.has_scope(Scope.PUBLISH) and _cares_for(actor, record)


def can_let_in(actor: Actor, thing: Record | Draft) -> bool:
    """Make secret links, answer requests."""
    return _is_accountable(actor) and actor.has_scope(Scope.PUBLISH) and _cares_for(actor, thing)


def can_hold(actor: Actor, record: Record) -> bool:
    """Place and lift holds, set how long it is retained."""
    return _is_accountable(actor) and actor.has_scope(Scope.PUBLISH) and actor.has_role(record.space_id, *_CARE)


def can_dispose(actor: Actor, record: Record) -> bool:
    """Take the bytes of a record away for good, once they need not be kept any more."""
    return can_hold(actor, record)


def spaces_to_keep(actor: Actor) -> QuerySet[Space]:
    """The spaces whose records :func:`can_hold` and :func:`can_dispose` let somebody decide on, as one query."""
    if not (_is_accountable(actor) and actor.has_scope(Scope.PUBLISH)):
        return Space.objects.none()
    return Space.objects.all() if actor.system else Space.objects.filter(pk__in=actor.spaces_with(*_CARE))


def can_operate(actor: Actor, space: Space) -> bool:
    return _is_accountable(actor) and actor.has_scope(Scope.OPERATE) and actor.has_role(space.pk, Role.OPERATOR)


def operates(actor: Actor) -> bool:
    """Whether somebody keeps this installation running, in any of its spaces."""
    if not (_is_accountable(actor) and actor.has_scope(Scope.OPERATE)):
        return False
    return actor.system or bool(actor.spaces_with(Role.OPERATOR))


def visible_drafts(actor: Actor) -> QuerySet[Draft]:
    """The drafts that :func:`can_see_draft` allows, as one query."""
    if actor.system:
        return Draft.objects.all()
    if not actor.has_scope(Scope.READ) or actor.user_id is None:
        return Draft.objects.none()
    own = Q(owner_id=actor.user_id, space__in=actor.spaces_with(Role.DEPOSITOR, *_CARE))
    return Draft.objects.filter(own | Q(space__in=actor.spaces_with(*_CARE)))


def spaces_to_deposit_in(actor: Actor) -> QuerySet[Space]:
    """The spaces that :func:`can_create_draft` allows, as one query."""
    if not actor.has_scope(Scope.DEPOSIT):
        return Space.objects.none()
    if actor.system:
        return Space.objects.all()
    return Space.objects.filter(pk__in=actor.spaces_with(Role.DEPOSITOR, *_CARE))


def require(actor: Actor, action: Action, subject: Subject) -> None:
    """Raises NotAllowed, which says what was refused and why, unless the actor may do this."""
    if not _PREDICATES[action](actor, subject):
        raise _not_allowed(actor, action)


def require_files(actor: Actor, record: Record) -> None:
    """Raises NotAllowed, which says from when on or from whom the files can be had, unless the actor may have them."""
    if not can_read_files(actor, record):
        access = record.access_now
        closed = _EMBARGOED if access.until else _RESTRICTED
        words = Text2(closed.en.format(day=access.until), closed.ja.format(day=access.until))
        raise NotAllowed(words, code="files-embargoed" if access.until else "files-restricted")


_EMBARGOED = Text2(
    "The files of this record become open on {day}. Until then, ask for them on its page.",
    "この記録のファイルは {day} に公開されます。それまでは、記録のページから閲覧を申請してください。",
)
_RESTRICTED = Text2(
    "The files of this record are only for those who are let in. Ask for them on its page.",
    "この記録のファイルは、許可された人だけが見られます。記録のページから閲覧を申請してください。",
)


def _cares_for(actor: Actor, thing: Draft | Record) -> bool:
    """Curators and operators of the space; and its owner, as long as they may still deposit there."""
    if actor.has_role(thing.space_id, *_CARE):
        return True
    is_owner = actor.user_id is not None and thing.owner_id == actor.user_id
    return is_owner and actor.has_role(thing.space_id, Role.DEPOSITOR)


def _is_accountable(actor: Actor) -> bool:
    """Somebody who answers for what they do: a person, or the installation itself on its operator's word."""
    return actor.kind in {"person", "system"}


_PREDICATES: dict[Action, Callable[[Actor, Subject], bool]] = {  # type: ignore[dict-item]
    "create-draft": can_create_draft,
    "see-draft": can_see_draft,
    "fill-draft": can_fill_draft,
    "decide": can_decide,
    "publish": can_publish,
    "discard": can_discard,
    "new-version": can_make_new_version,
    "withdraw": can_withdraw,
    "change-access": can_change_access,
    "let-in": can_let_in,
    "hold": can_hold,
    "dispose": can_dispose,
    "operate": can_operate,
}
_WORDS: dict[Action, Text2] = {
    "create-draft": Text2("add drafts here", "ここに下書きを作ること"),
    "see-draft": Text2("see this draft", "この下書きを見ること"),
    "fill-draft": Text2("change this draft", "この下書きを変更すること"),
    "decide": Text2("decide on this draft's values", "この下書きの値を決めること"),
    "publish": Text2("publish this draft", "この下書きを公開すること"),
    "discard": Text2("discard this draft", "この下書きを破棄すること"),
    "new-version": Text2("make a new version of this record", "この記録の新しい版を作ること"),
    "withdraw": Text2("withdraw this record", "この記録を取り下げること"),
    "change-access": Text2("change who may have these files", "このファイルの公開範囲を変えること"),
    "let-in": Text2("let others in here", "ほかの人に閲覧を許可すること"),
    "hold": Text2("place or lift a hold here", "ここに保全の指定をすること"),
    "dispose": Text2("dispose of this record's files", "この記録のファイルを廃棄すること"),
    "operate": Text2("operate this installation", "この環境を運用すること"),
}


_FOR_PEOPLE: frozenset[Action] = frozenset(
    {"decide", "publish", "discard", "withdraw", "change-access", "let-in", "hold", "dispose", "operate"}
)


def _not_allowed(actor: Actor, action: Action) -> NotAllowed:
    words = _WORDS[action]
    if actor.kind == "anonymous":
        return NotAllowed(
            Text2(f"Sign in to {words.en}.", f"{words.ja}はできません。サインインしてください。"), code="not-signed-in"
        )
    if actor.kind == "agent" and action in _FOR_PEOPLE:
        return NotAllowed(
            Text2(
                f"An agent may not {words.en}; it may propose. Ask the person you work for.",
                f"エージェントは{words.ja}ができません。提案はできます。依頼した人に操作を頼んでください。",
            ),
            code="agents-may-not",
        )
    return NotAllowed(
        Text2(
            f"You may not {words.en}. Ask its owner or a curator of the space to give you the role, or use a token with more scopes.",
            f"{words.ja}はできません。所有者かキュレーターに役割を付けてもらうか、範囲の広いトークンを使ってください。",
        )
    )
