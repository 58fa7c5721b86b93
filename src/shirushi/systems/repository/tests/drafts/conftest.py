"""A depositor signed in to a space, in a home that no other test sees, and drafts as the tests want them."""

from pathlib import Path

import pytest

from shirushi.accounts.actors import person
from shirushi.accounts.models import Membership, Role, Space, User
from shirushi.core import services
from shirushi.core.home import home as current_home
from shirushi.describe.description import Description


@pytest.fixture(autouse=True)
def home(settings, tmp_path: Path):
    """A home that no other test sees; jobs wait in the database."""
    settings.SHIRUSHI_HOME = tmp_path / "home"
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "asking"]}}
    current_home().make_folders()


@pytest.fixture
def space(db):
    return Space.objects.create(slug="uni", name_en="Example University", name_ja="例大学")


@pytest.fixture
def hanako(space):
    user = User.objects.create_user("hanako@example.org", None, name="Hanako")
    Membership.objects.create(space=space, user=user, role=Role.DEPOSITOR)
    return user


@pytest.fixture
def client(client, hanako):
    client.force_login(hanako)
    client.cookies["shirushi_language"] = "en"
    return client


@pytest.fixture
def make_draft(space, hanako):
    def make(*proposals, name="buoys"):
        actor = person(hanako)
        draft = services.create_draft(space=space, by=actor, name=name)
        readme = b"# Sea surface temperature\n\nby Yamada, Hanako\n"
        services.put_file(draft=draft, path="README.md", content=readme, by=actor)
        run = services.start_describing(draft=draft, by=actor)
        services.save_description(run=run, description=Description(name, suggestions=list(proposals), file_count=1))
        draft.refresh_from_db()
        return draft

    return make
