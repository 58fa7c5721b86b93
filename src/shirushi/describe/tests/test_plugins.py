"""A package of others that cannot be used costs itself alone, and is named."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shirushi.describe import describe, plugins
from shirushi.describe.readers import registry
from shirushi.describe.suggesters import suggesters


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installed package whose modules fail when imported, or name a plain function."""
    site = tmp_path / "site"
    about = site / "broken_readers-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-readers\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[shirushi.readers]\nbad = broken_reader:read\nplain = plain_thing:read\n\n[shirushi.suggesters]\nbad = broken_reader:suggest\n"
        "plain = plain_thing:read\n"
    )
    (site / "broken_reader.py").write_text("raise RuntimeError('no licence key')\n")
    (site / "plain_thing.py").write_text("def read(file):\n    return []\n")
    monkeypatch.syspath_prepend(str(site))
    caches = (plugins.brought, registry._foreign, registry.readers_for, suggesters)
    for kept in caches:
        kept.cache_clear()
    yield site
    for kept in caches:
        kept.cache_clear()
    for name in ("broken_reader", "plain_thing"):
        sys.modules.pop(name, None)


def test_a_package_that_fails_costs_itself_alone(broken: Path, tmp_path: Path) -> None:
    folder = tmp_path / "lakes"
    folder.mkdir()
    (folder / "README.md").write_text("# Levels of twelve lakes\n\nThe levels of lakes.\n")
    description = describe(folder)
    assert description.for_field("titles")[0].value["text"] == "Levels of twelve lakes"
    told = [problem.message for problem in description.problems if problem.code == "package-failed"]
    assert told == [
        "broken-readers, broken_reader:read: RuntimeError: no licence key",
        "broken-readers, plain_thing:read: not marked with @reads",
        "broken-readers, broken_reader:suggest: RuntimeError: no licence key",
        "broken-readers, plain_thing:read: not marked with @suggests",
    ]
