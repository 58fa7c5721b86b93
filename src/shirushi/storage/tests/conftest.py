"""What the tests of the store share: a store in a fresh folder or below a fresh prefix of an S3 server, a way to commit, and
ocfl-py as an independent judge."""

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ocfl.validator import Validator

from shirushi.storage import ObjectVersion, Source, Store
from shirushi.storage.places import Place
from shirushi.storage.tests.gateway import BUCKET, Both

CREATED = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
Commit = Callable[..., ObjectVersion]


@pytest.fixture(scope="session", params=["folder", "s3"])
def new_kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Both]:
    """Makes fresh stores, in a folder and in a bucket in turn."""
    gateway = request.getfixturevalue("gateway") if request.param == "s3" else None

    def new_kept() -> Both:
        folder = tmp_path_factory.mktemp("kept")
        url = f"s3://{BUCKET}/{uuid.uuid4().hex[:8]}" if gateway else ""
        place = Place(folder, url)
        return Both(place.store(), place.blobs(), gateway.on_disk(url) if gateway else folder, place)

    return new_kept


@pytest.fixture
def kept(new_kept: Callable[[], Both]) -> Both:
    return new_kept()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """One in a folder, for what only a folder has: links, fsync, permissions."""
    return Store(tmp_path / "store" / "ocfl")


@pytest.fixture(scope="session")
def commit() -> Commit:
    """``commit(store, object_id, number, state)`` with everything else filled in."""

    def commit(store: Store, object_id: str, number: int, state: Mapping[str, Source]) -> ObjectVersion:
        return store.commit(
            object_id,
            number=number,
            state=state,
            message=f"Version {number}",
            user_name="山田 花子",
            user_address="https://orcid.org/0000-0002-1825-0097",
            created=CREATED,
        )

    return commit


@pytest.fixture(scope="session")
def judge() -> Callable[[Path], list[str]]:
    """Everything ocfl-py says against an object, warnings included."""

    def judge(object_root: Path) -> list[str]:
        validator = Validator(log_warnings=True)
        validator.validate_object(str(object_root))
        return list(validator.log.messages)

    return judge
