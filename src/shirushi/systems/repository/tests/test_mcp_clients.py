"""The public MCP clients of both generations, unmodified, against a running server."""

import json
import subprocess
from pathlib import Path

import pytest

from shirushi.accounts.models import Token, User
from shirushi.core import followers, services
from shirushi.core.models import Suggestion

ROOT = Path(__file__).parents[5]
CLIENTS = Path(__file__).parent / "clients"


def run(client: str, *arguments: str) -> dict[str, object]:
    python = ROOT / ".venv" / "clients" / client / "bin" / "python"
    if not python.exists():
        pytest.skip(
            f"SKIPPED LOUDLY: the client {client} is not here, so nobody spoke MCP with us (make clients gets it)"
        )
    done = subprocess.run(
        [python, CLIENTS / f"{client}.py", *arguments], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, object] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize(
    ("client", "mode", "version"),
    [("mcp2", "auto", "2026-07-28"), ("mcp2", "legacy", "2025-11-25"), ("mcp1", "handshake", "2025-11-25")],
)
def test_agent_searches_reads_and_proposes(
    transactional_db, publish, curator, live_server, settings, client, mode, version
) -> None:
    settings.SHIRUSHI_BASE_URL = live_server.url
    record = publish()
    followers.follow_all()
    draft = services.new_version(record=record, by=curator)
    user = User.objects.get(pk=curator.user_id)
    _, token = Token.objects.issue(user=user, name="agent", scopes=["read", "deposit", "publish"])
    told = run(client, f"{live_server.url}/mcp", token, mode, draft.pk)
    assert (told["server"], told["version"], told["templates"], told["refused"]) == ("shirushi", version, 2, True)
    assert (told["hits"], told["read"]) == ([record.pk], record.pk)
    assert "propose_value" in told["tools"]
    kept = Suggestion.objects.get(pk=told["proposed"]["suggestion"])
    assert (kept.state, kept.value, kept.method.startswith("by.mcp")) == ("open", {"text": f"by {mode}"}, True)
