"""What ``make run`` shows a newcomer: a demo account, and the sample folders described, one of them published."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shirushi.accounts.actors import Actor
    from shirushi.accounts.models import Space
    from shirushi.core.models import Draft

EMAIL = "demo@example.org"
PASSWORD = "shirushi-demo"  # noqa: S105 - printed at start, and refused anywhere but on loopback
SPACE = "demo"
PUBLISHED = "powder-diffraction"
ACCEPTED = 0.5  # its files state nearly everything outright, so that this is what a person would accept


def load() -> None:
    """Make the demo account and load each sample folder that has not been loaded before. Repeating it changes nothing; what
    an interrupted start left unfinished is put away and loaded anew."""
    from shirushi.core import services
    from shirushi.core.disclosure import questions
    from shirushi.core.models import Draft

    actor, space = demo_account()
    for folder in sample_folders():
        drafts = Draft.objects.filter(space=space, name=folder.name).exclude(state=Draft.State.DISCARDED)
        if drafts.filter(runs__state="done").exists():
            continue
        print(f"  reading the sample folder {folder.name} ...", file=sys.stderr, flush=True)
        for unfinished in drafts.filter(state=Draft.State.OPEN):
            services.discard_draft(draft=unfinished, by=actor)
        draft = deposit(folder, space=space, by=actor)
        if folder.name == PUBLISHED:
            draft.refresh_from_db()
            services.accept_above(draft=draft, threshold=ACCEPTED, by=actor, at_version=draft.version)
            draft.refresh_from_db()
            for asked in questions(draft):  # the camera's place in a sample photograph is made up
                services.answer(draft=draft, question=asked.id, choice="not-personal", by=actor)
            if services.readiness(draft).ready:
                services.publish(draft=draft, by=actor, at_version=draft.version)


def demo_account() -> "tuple[Actor, Space]":
    """The demo person, who may do everything in the demo space."""
    from shirushi.accounts.actors import person
    from shirushi.accounts.models import Membership, Role, Space, User

    space, _ = Space.objects.get_or_create(slug=SPACE, defaults={"name_en": "Demo University", "name_ja": "見本大学"})
    user = User.objects.filter(email=EMAIL).first() or User.objects.create_user(EMAIL, PASSWORD, name="見本 花子")
    for role in Role.values:
        Membership.objects.get_or_create(space=space, user=user, role=role)
    return person(user), space


def sample_folders() -> list[Path]:
    """The folders of ``examples/`` beside the source; an installed package has none."""
    root = Path(__file__).resolve().parents[3] / "examples"
    return sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []


def deposit(folder: Path, *, space: "Space", by: "Actor") -> "Draft":
    """A draft holding the folder's files, described."""
    from shirushi.cli.records import describe_draft, put_folder
    from shirushi.core import services

    draft = services.create_draft(space=space, by=by, name=folder.name)
    put_folder(draft, folder, by=by)
    describe_draft(draft, by=by)
    return draft
