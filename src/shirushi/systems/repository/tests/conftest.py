"""A house with one space and one curator, and records published in it as the tests want them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shirushi.accounts.actors import Actor, person
from shirushi.accounts.models import Membership, Role, Space, User
from shirushi.core import services
from shirushi.core.home import home as current_home
from shirushi.core.models import Draft, Record
from shirushi.describe.description import Description
from shirushi.describe.evidence import Evidence, LinePlace, Suggestion
from shirushi.systems.repository import landing

README = b"# Sea surface temperature\n\nHourly values of two buoys.\n"
CSV = b"time,sst\n2021-01-01,12.5\n2021-01-02,13.1\n"
PAGE = b"<script>alert(1)</script><p>a page</p>"
FILES = {"README.md": README, "data/sst.csv": CSV, "notes.html": PAGE}
FIELDS: dict[str, Any] = {
    "creators": [{"name": "Yamada, Hanako", "orcid": "0000-0002-1825-0097"}, {"name": "鈴木 一郎"}],
    "descriptions": [{"text": "Hourly values of two buoys, checked by hand.", "lang": "en"}],
    "rights": [{"id": "CC-BY-4.0"}],
    "subjects": [{"text": "海面水温", "lang": "ja"}],
    "related": [{"identifier": "10.1234/abcd", "scheme": "DOI", "relation": "IsSupplementTo", "title": "The paper"}],
    "variables": [
        {"name": "sst", "file": "data/sst.csv", "type": "number", "unit": "degC", "minimum": 12.5, "maximum": 13.1, "missing": 0, "count": 2}
    ],
}  # fmt: skip
TITLE = {"text": "Sea surface temperature of two buoys", "lang": "en"}


@pytest.fixture
def curator(settings, tmp_path: Path, db) -> Actor:
    """Somebody who may do everything in a space of their own, in a home that no other test sees."""
    settings.SHIRUSHI_HOME = tmp_path / "home"
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "asking"]}}
    current_home().make_folders()
    landing.forget()
    space = Space.objects.create(slug="uni", name_en="Example University", name_ja="例大学")
    user = User.objects.create_user("curator@example.org", "a long password", name="見本 花子")
    Membership.objects.create(space=space, user=user, role=Role.CURATOR)
    return person(user)


@pytest.fixture
def fill(curator: Actor) -> Callable[..., Draft]:
    """Types fields into a draft."""

    def type_in(draft: Draft, **fields: Any) -> Draft:
        for field, value in fields.items():
            draft.refresh_from_db()
            services.edit_field(draft=draft, field=field, value=value, by=curator, at_version=draft.version)
        draft.refresh_from_db()
        return draft

    return type_in


@pytest.fixture
def put(curator: Actor, tmp_path: Path) -> Callable[[Draft, dict[str, bytes]], None]:
    """Puts files into a draft, many of them together as the command line does."""

    def put_in(draft: Draft, files: dict[str, bytes]) -> None:
        if len(files) < 20:
            for path, content in files.items():
                services.put_file(draft=draft, path=path, content=content, by=curator)
            return
        folder = tmp_path / "to put"
        folder.mkdir(exist_ok=True)
        sources = {path: folder / str(number) for number, path in enumerate(files)}
        for path, source in sources.items():
            source.write_bytes(files[path])
        assert services.put_files(draft=draft, sources=sources, by=curator) == {}

    return put_in


@pytest.fixture
def publish(
    curator: Actor, fill: Callable[..., Draft], put: Callable[[Draft, dict[str, bytes]], None]
) -> Callable[..., Record]:
    """Publishes files and fields; the title is accepted from line 1 of README.md, everything else is typed."""

    def make(files: dict[str, bytes] = FILES, **fields: Any) -> Record:
        draft = services.create_draft(space=Space.objects.get(), by=curator, name="buoys")
        put(draft, files)
        run = services.start_describing(draft=draft, by=curator)
        seen = Evidence(
            "heading",
            {"text": TITLE["text"], "level": 1},
            LinePlace("README.md", 1, 1, 2, 25, TITLE["text"]),
            "markdown/1",
        )
        title = Suggestion("/titles/-", TITLE, 0.97, (seen,), "titles.test", "1")
        services.save_description(run=run, description=Description("buoys", suggestions=[title]))
        draft.refresh_from_db()
        services.accept_above(draft=draft, threshold=0.9, by=curator, at_version=draft.version)
        fill(draft, **FIELDS | fields)
        return services.publish(draft=draft, by=curator, at_version=draft.version)

    return make


@pytest.fixture
def record(publish: Callable[..., Record]) -> Record:
    return publish()
