"""A home of its own for every test, and the people, spaces, drafts and records that tests start from."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from shirushi.accounts.actors import Actor, person
from shirushi.accounts.models import Membership, Role, Space, User
from shirushi.core import services
from shirushi.core.home import home as current_home
from shirushi.core.models import Draft, Record, Suggestion
from shirushi.describe.description import Description
from shirushi.describe.evidence import Evidence, LinePlace
from shirushi.describe.evidence import Suggestion as Proposal

CSV = b"time,sst\n2021-01-01,12.5\n"


@pytest.fixture(autouse=True)
def home(settings, tmp_path: Path):
    """A home that no other test sees; jobs wait in the database until a test runs them."""
    settings.SHIRUSHI_HOME = tmp_path / "home"
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "asking"]}}
    current_home().make_folders()
    return current_home()


@pytest.fixture
def space(db) -> Space:
    return Space.objects.create(slug="uni", name_en="Example University", name_ja="例大学")


@pytest.fixture
def make_actor(space: Space) -> Callable[..., Actor]:
    def make(name: str, *roles: str, where: Space = space) -> Actor:
        user = User.objects.create_user(f"{name}@example.org", None, name=name)
        for role in roles:
            Membership.objects.create(space=where, user=user, role=role)
        return person(user)

    return make


@pytest.fixture
def depositor(make_actor) -> Actor:
    return make_actor("hanako", Role.DEPOSITOR)


@pytest.fixture
def curator(make_actor) -> Actor:
    return make_actor("jiro", Role.CURATOR)


@pytest.fixture
def draft(space: Space, depositor: Actor) -> Draft:
    draft = services.create_draft(space=space, by=depositor, name="buoys")
    services.put_file(draft=draft, path="data/sst.csv", content=CSV, by=depositor)
    draft.refresh_from_db()
    return draft


def proposal(target: str, value: object, confidence: float = 0.95, **more: object) -> Proposal:
    evidence = Evidence("heading", {"text": "x", "level": 1}, LinePlace("README.md", 1, 1, quote="x"), "markdown/1")
    return Proposal(
        **{
            "target": target,
            "value": value,
            "confidence": confidence,
            "evidence": (evidence,),
            "method": f"{target.split('/')[1]}.test",
            "version": "1",
            **more,
        }
    )


PROPOSALS = (
    proposal("/titles/-", {"text": "Sea surface temperature of Sagami Bay", "lang": "en"}, 0.97),
    proposal("/titles/-", {"text": "Buoys"}, 0.4, order=1, alternative=True),
    proposal("/creators/-", {"name": "Yamada, Hanako"}, 0.95),
    proposal("/creators/-", {"name": "鈴木 一郎"}, 0.8, order=1),
    proposal("/creators/-", {"name": "Sato, Ken"}, 0.7, order=2),
    proposal("/descriptions/-", {"text": "Hourly temperatures of twelve buoys."}, 0.92),
    proposal("/rights/-", {"id": "CC-BY-4.0"}, 0.99),
    proposal("/resource_type", {"general": "Dataset"}, 0.9),
    proposal("/resource_type", {"general": "Software"}, 0.3, order=1, alternative=True),
)


@pytest.fixture
def make_proposal() -> Callable[..., Proposal]:
    return proposal


@pytest.fixture
def described(draft: Draft, depositor: Actor) -> Draft:
    """A draft whose files have been read, as far as this test goes."""
    run = services.start_describing(draft=draft, by=depositor)
    services.save_description(run=run, description=Description("buoys", suggestions=list(PROPOSALS), file_count=1))
    draft.refresh_from_db()
    return draft


@pytest.fixture
def suggestion_of(described: Draft) -> Callable[..., Suggestion]:
    def find(field: str, order: int = 0) -> Suggestion:
        return described.suggestions.get(field=field, order=order)

    return find


@pytest.fixture
def ready(described: Draft, depositor: Actor) -> Draft:
    """A draft that holds everything publishing asks for."""
    services.accept_above(draft=described, threshold=0.6, by=depositor, at_version=described.version)
    return described


@pytest.fixture
def record(ready: Draft, depositor: Actor) -> Record:
    return services.publish(draft=ready, by=depositor, at_version=ready.version)


@pytest.fixture
def renew() -> Callable[[Record, Actor], Record]:
    """Publishes a next version, which holds one file more."""

    def publish_next(record: Record, by: Actor) -> Record:
        draft = services.new_version(record=record, by=by)
        services.put_file(draft=draft, path=f"CHANGES-{record.number}.txt", content=b"more\n", by=by)
        return services.publish(draft=draft, by=by, at_version=draft.version)

    return publish_next


@pytest.fixture
def fill() -> Callable[..., None]:
    """Types into a draft everything that publishing asks for, the title being ``title``."""

    def type_in(draft: Draft, by: Actor, title: str = "A title") -> None:
        answers = {
            "titles": [{"text": title}],
            "creators": [{"name": "Yamada, Hanako"}],
            "descriptions": [{"text": "What it is."}],
            "rights": [{"id": "CC0-1.0"}],
        }
        for field, value in answers.items():
            services.edit_field(draft=draft, field=field, value=value, by=by, at_version=draft.version)

    return type_in


@pytest.fixture
def csv() -> SimpleNamespace:
    return SimpleNamespace(path="data/sst.csv", content=CSV)
