"""The documents say what the code says."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_reference", ROOT / "scripts" / "make_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["commands", "fields", "evidence", "formats", "rest"])
def test_reference_page_is_as_the_code_says(reference: ModuleType, page: str) -> None:
    committed = (ROOT / "docs" / "reference" / f"{page}.md").read_text(encoding="utf-8")
    assert committed == reference.PAGES[page](), "run `make docs`"


def test_links_between_documents_lead_somewhere() -> None:
    link = re.compile(r"\]\((?!https?://|#|mailto:)([^)#]+)")
    dead = [
        f"{document.relative_to(ROOT)} -> {target}"
        for document in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
        for target in link.findall(document.read_text(encoding="utf-8"))
        if not (document.parent / target).exists()
    ]
    assert dead == []


def test_commands_named_in_documents_exist(reference: ModuleType) -> None:
    known = {name.split()[0] for name, _ in reference.subparsers(reference.build_parser())}
    named = set()
    for document in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]:
        named |= set(re.findall(r"(?:`|\.venv/bin/)shirushi ([a-z]+)", document.read_text(encoding="utf-8")))
    assert named <= known, sorted(named - known)


def test_targets_named_in_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set()
    for document in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]:
        named |= set(re.findall(r"(?:^|\n|`)make ([a-z0-9-]+)", document.read_text(encoding="utf-8")))
    assert named <= targets, sorted(named - targets)


def test_source_files_named_in_documents_exist() -> None:
    path = re.compile(r"`((?:[a-z_]+/)+(?:[a-z_*]+(?:\.py|\.json|/)))`")
    lost = []
    for document in [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/shirushi/*/README.md")]:
        rooms = (ROOT, ROOT / "src" / "shirushi", document.parent)
        lost += [
            f"{document.relative_to(ROOT)}: {name}"
            for name in path.findall(document.read_text(encoding="utf-8"))
            if not any(list(room.glob(name.rstrip("/"))) for room in rooms)
        ]
    assert lost == []


def test_clients_of_others_are_listed_in_the_versions_that_are_pinned() -> None:
    locks = [ROOT / "requirements" / "dev.txt", *ROOT.glob("requirements/clients/*.txt")]
    pinned = {
        found for lock in locks for found in re.findall(r"^([\w.-]+)==([\w.]+)", lock.read_text("utf-8"), re.MULTILINE)
    }
    rows = re.findall(
        r"^\| ([^|]+) \| ([\d., and]+) \|", (ROOT / "docs/reference/clients.md").read_text("utf-8"), re.MULTILINE
    )
    listed = set()
    for names, versions in rows:
        numbers = re.split(", | and ", versions.strip())
        clients = names.strip().split(", ")
        listed |= set(zip(clients if len(clients) == len(numbers) else clients * len(numbers), numbers, strict=True))
    assert len(listed) > 12
    assert listed - pinned == set()
