"""What ``make run`` shows a newcomer: a demo account, and the sample folders described, one of them published."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from shirushi.describe.evidence import LIKELY

if TYPE_CHECKING:
    from shirushi.accounts.actors import Actor
    from shirushi.accounts.models import Space
    from shirushi.core.models import Draft

EMAIL = "demo@example.org"
PASSWORD = "shirushi-demo"  # noqa: S105 - printed at start, and refused anywhere but on loopback
SPACE = "demo"
PUBLISHED = "powder-diffraction"


def load() -> None:
    """Make the demo account and load each sample folder that has not been loaded before. Repeating it changes nothing."""
    from shirushi.core import services

    actor, space = demo_account()
    for folder in sample_folders():
        if already_loaded(space, folder.name):
            continue
        print(f"  reading the sample folder {folder.name} ...", file=sys.stderr, flush=True)
        draft = deposit(folder, space=space, by=actor)
        if folder.name == PUBLISHED:
            draft.refresh_from_db()
            services.accept_above(draft=draft, threshold=LIKELY, by=actor, at_version=draft.version)
            draft.refresh_from_db()
            services.edit_field(
                draft=draft,
                field="publisher",
                value={"name": space.name_en, "lang": "en"},
                by=actor,
                at_version=draft.version,
            )
            draft.refresh_from_db()
            services.publish(draft=draft, by=actor, at_version=draft.version)


def sample_folders() -> list[Path]:
    """The folders of ``examples/`` beside the source; an installed package has none."""
    root = Path(__file__).resolve().parents[3] / "examples"
    return sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []


def deposit(folder: Path, *, space: "Space", by: "Actor") -> "Draft":
    """A draft holding the folder's files, described."""
    from shirushi.cli.records import describe_draft, put_folder
    from shirushi.core import services

    draft = services.create_draft(space=space, by=by)
    put_folder(draft, folder, by=by)
    describe_draft(draft, by=by)
    return draft
