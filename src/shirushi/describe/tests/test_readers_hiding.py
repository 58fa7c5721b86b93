"""What opens something is told of, and kept nowhere."""

import json
from pathlib import Path

import pytest

from shirushi.describe import describe
from shirushi.describe.llm import make_excerpts
from shirushi.describe.readers.hiding import HIDDEN, hide_secrets, holds_hidden
from shirushi.describe.seen import EvidenceSet

KEY = "ghp_" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY1zA2"
PASSWORD = "q7Xv29TzLr4w"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("keys.env", f"API_TOKEN={KEY}\n"),
        ("README.md", f"# Buoys\n\nFetch the data with the token {KEY} from the server.\n"),
        ("run.py", f'"""Reads the buoys with {KEY}."""\npassword = "{PASSWORD}"\n'),
        ("config.yaml", f"title: Buoys\ndatabase:\n  password: '{PASSWORD}'\n"),
        ("config.json", json.dumps({"title": "Buoys", "password": PASSWORD, "token": KEY})),
    ],
)
def test_secret_stands_nowhere_in_a_description(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    description = describe(tmp_path)
    told = json.dumps(description.to_json(evidence=True), ensure_ascii=False)
    assert KEY not in told
    assert PASSWORD not in told
    assert [item.value["category"] for item in description.evidence if item.kind == "sensitive"] == ["credential"]
    assert not [item for item in description.suggestions if holds_hidden(item.value)]
    excerpts = make_excerpts(EvidenceSet(description.evidence, "buoys")).text()
    assert KEY not in excerpts
    assert PASSWORD not in excerpts


def test_what_stands_around_a_secret_stays_where_it_was() -> None:
    text = f"Fetch with {KEY} from the server."
    (hidden,) = hide_secrets([{"kind": "paragraph", "value": {"text": text}}])
    assert hidden["value"]["text"] == f"Fetch with {HIDDEN * len(KEY)} from the server."


def test_pair_is_hidden_by_what_it_is_called() -> None:
    (hidden,) = hide_secrets([{"kind": "key-value", "value": {"key": "password", "value": PASSWORD}}])
    assert hidden["value"] == {"key": "password", "value": HIDDEN * len(PASSWORD)}


def test_what_holds_no_secret_is_left_as_it_is() -> None:
    found = [{"kind": "paragraph", "value": {"text": "The token of friendship."}}]
    assert hide_secrets(found) is found
