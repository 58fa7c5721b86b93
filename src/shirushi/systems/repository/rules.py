"""Who may see what on the repository's pages and in its API. Who may do what with drafts and records: ``core/rules.py``."""

from django.db.models import Q, QuerySet

from shirushi.accounts.actors import Actor
from shirushi.accounts.models import Role, Scope
from shirushi.core.models import Event, Record


def visible_events(actor: Actor) -> QuerySet[Event]:
    """Events about records are public; those about drafts are for whoever cares for a space, and may read there."""
    public = Q(type__startswith="record.")
    if actor.system:
        return Event.objects.order_by("pk")
    if not actor.has_scope(Scope.READ):
        return Event.objects.filter(public).order_by("pk")
    cared_for = actor.spaces_with(Role.CURATOR, Role.OPERATOR)
    return Event.objects.filter(public | Q(space_id__in=cared_for)).order_by("pk")


def standing_records() -> QuerySet[Record]:
    """Records whose page, files and exports anyone may have: all that have not been withdrawn."""
    return Record.objects.filter(withdrawn_at__isnull=True)
