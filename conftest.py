"""Fixtures for every test: where the reference material is, and that nothing reaches the network."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parent.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder ``shared`` beside the checkout: schemas, benchmark cases, reference facts. Skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("SKIPPED LOUDLY: ../shared (reference schemas and cases) is not beside this checkout")
    return SHARED
