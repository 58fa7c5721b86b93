"""Small folders, described in this process: what their files say and what is suggested from it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from shirushi.describe.description import Problem
from shirushi.describe.evidence import Candidate, Evidence, LinePlace, evidence_from_json
from shirushi.describe.identify import identify
from shirushi.describe.readers.registry import read
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import propose

Files = Mapping[str, str | bytes]


@pytest.fixture
def see(tmp_path: Path) -> Callable[[Files], EvidenceSet]:
    """Write files and read them: all their evidence, as the pipeline would give it to the suggesters."""

    def run(files: Files) -> EvidenceSet:
        evidence: list[Evidence] = []
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            what = identify(path, name)
            value = {"path": name, "size": path.stat().st_size, "media_type": what.media_type, "format": what.format}
            evidence.append(
                evidence_from_json(
                    {"kind": "file", "value": value, "place": {"type": "file", "file": name}, "reader": "test"}
                )
            )
            answer = read(str(path), name, path.stat().st_size, what.media_type, what.format)
            assert answer["problems"] == []
            evidence += [evidence_from_json(item) for item in answer["evidence"]]
        return EvidenceSet(evidence, tmp_path.name)

    return run


@pytest.fixture
def suggest(see: Callable[[Files], EvidenceSet], tmp_path: Path) -> Callable[..., list[Candidate]]:
    """Candidates for one field of some files. Every line place is checked: its quote stands there."""

    def run(files: Files, field: str, context: Context | None = None) -> list[Candidate]:
        problems: list[Problem] = []
        candidates = propose(see(files), context, report=problems.append)
        assert problems == []
        chosen = [c for c in candidates if c.target.strip("/").split("/")[0] == field]
        for candidate in chosen:
            for item in candidate.evidence:
                if isinstance(item.place, LinePlace):
                    assert quoted(tmp_path / item.place.file, item.place).startswith(item.place.quote)
        return chosen

    return run


def quoted(path: Path, place: LinePlace) -> str:
    """What stands at a place of a UTF-8 text."""
    lines = path.read_text("utf-8").split("\n")[place.start - 1 : place.end]
    if place.end_column is not None:
        lines[-1] = lines[-1][: place.end_column]
    lines[0] = lines[0][place.column or 0 :]
    return "\n".join(lines)
