"""What the tests of the search share: an engine in a fresh folder, and records made in one line."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shirushi.metadata.published import FileEntry, Identifier, Publication
from shirushi.metadata.work import Creator, DescriptionText, Rights, Subject, Title, Work
from shirushi.search import Put
from shirushi.search.documents import document
from shirushi.search.embedded import EmbeddedEngine

Make = Callable[..., Put]


@pytest.fixture
def engine(tmp_path: Path) -> EmbeddedEngine:
    engine = EmbeddedEngine(tmp_path / "index", wait=2)
    engine.clear()
    return engine


@pytest.fixture(scope="session")
def record() -> Make:
    """``record(id, title, creators=…, description=…)`` as a change to apply."""

    def make(id: str, *titles: str, space: str = "lab", **values: Any) -> Put:  # noqa: A002
        work = Work(
            titles=[Title(text=title, type="TranslatedTitle" if index else None) for index, title in enumerate(titles)],
            creators=[Creator(name=name) for name in values.get("creators", ())],
            descriptions=[DescriptionText(text=text) for text in values.get("descriptions", ())],
            subjects=[Subject(text=text) for text in values.get("subjects", ())],
            publication_date=values.get("date", "2026-11-23"),
            languages=values.get("languages", []),
            rights=[Rights(id=licence) for licence in values.get("licences", ())],
        )
        publication = Publication(
            work=work,
            identifier=Identifier(scheme="DOI", value=f"10.5072/{id}"),
            published_at=datetime(2026, 11, 23, tzinfo=UTC),
            files=[FileEntry(path=path, size=10, sha256="0" * 64) for path in values.get("files", ())],
        )
        return Put(document(publication, id=id, space=space))

    return make
