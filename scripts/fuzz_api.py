#!/usr/bin/env python3
"""Made-up requests to every operation of every OpenAPI document, by the command of schemathesis and over HTTP, as an outsider sends them.

usage: python scripts/fuzz_api.py [--examples 200] [--seed N] [--only TEXT] [--callers nobody somebody]

A `shirushi serve` of its own with drafts and records is asked by nobody and by somebody who may do nearly everything, with data that fits
and data that does not. What is let through beyond schemathesis' own lists is said in CONFIG, with the one check that is switched off where
it does not hold: that what was just made is found at every address below its kind. The exit code is 1 when anything was found, and what
was found is printed with the command that repeats it.
"""

import argparse
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
DOCUMENTS = ("/api/openapi.json", "/invenio/api/openapi.json", "/invenio/demo/api/openapi.json")
DRAFTS, RECORDS = 8, 6
FILLING = """
import json, sys
from shirushi.cli.demo import demo_account
from shirushi.cli.instance import open_instance
open_instance()
from shirushi.accounts.models import Role, Token, User
from shirushi.core import followers, services
by, space = demo_account()
FIELDS = {
    "titles": [{"text": "Sea"}], "creators": [{"name": "Yamada, Hanako"}], "descriptions": [{"text": "Hourly temperatures."}],
    "rights": [{"id": "CC0-1.0"}], "publisher": {"name": "Zero"}, "resource_type": {"general": "Dataset"},
}
def filled():
    draft = services.create_draft(space=space, by=by)
    services.put_file(draft=draft, path="0", content=b"x,y\\n1,2\\n", by=by)
    for field, value in FIELDS.items():
        draft.refresh_from_db()
        services.edit_field(draft=draft, field=field, value=value, by=by, at_version=draft.version)
    draft.refresh_from_db()
    return draft
records = []
for _ in range(int(sys.argv[2])):
    draft = filled()
    records.append(services.publish(draft=draft, by=by, at_version=draft.version).pk)
followers.follow_all()
drafts = [filled().pk for _ in range(int(sys.argv[1]))]
secret = Token.objects.issue(user=User.objects.get(), name="fuzz", scopes=["read", "deposit", "decide", "publish"])[1]
print(json.dumps({"drafts": drafts, "records": records, "token": secret}))
"""
# What a schema cannot say is refused too: a draft that is not ready, a version that nobody saw, a value that is no DOI. tus says 412 to
# another version of it, whatever else is wrong, and 460 to a wrong checksum.
REFUSALS = [400, 401, 403, 404, 405, 406, 409, 410, 411, 412, 413, 415, 416, 422, 423, 428, 429, 460, 503, 507]
CONFIG = """
hooks = {hooks}
warnings = false

[parameters]
"path.record_id" = {{ dictionary = "records", probability = 0.7 }}
"path.draft_id" = {{ dictionary = "drafts", probability = 0.7 }}
"path.path" = {{ dictionary = "paths", probability = 0.5 }}
"path.key" = {{ dictionary = "paths", probability = 0.5 }}

[dictionaries]
records = {{ values = {records} }}
drafts = {{ values = {drafts} }}
paths = {{ values = ["0", "a/b.csv", "é .txt"] }}

[checks]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", {refusals}]
negative_data_rejection.expected-statuses = [{refusals}]
missing_required_header.expected-statuses = ["400", "401", "403", "404", "406", "409", "410", "412", "415", "422"]

# What POST /api/drafts and, for clients of InvenioRDM, POST /api/records make is a draft: it has no reading yet, no version before it, and is no record.
[[operations]]
include-path-regex = "/api/(drafts/.draft_id./describe$|records/.record_id.(/|$)|records/.draft_id./draft/actions/files-import$)"
checks.ensure_resource_availability.enabled = false
"""


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--examples", type=int, default=200, help="requests for each operation and caller, at most")
    arguments.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    arguments.add_argument("--only", default="", help="documents whose address begins with this")
    arguments.add_argument("--callers", nargs="+", choices=("nobody", "somebody"), default=["nobody", "somebody"])
    asked = arguments.parse_args()
    print(f"seed {asked.seed}", flush=True)
    found = []
    for document in (one for one in DOCUMENTS if one.startswith(asked.only)):
        for caller in asked.callers:  # each in a house of its own: callers withdraw, discard and publish
            with tempfile.TemporaryDirectory() as folder:
                if fuzzed(Path(folder), document, caller, asked):
                    found.append(f"{document} asked by {caller}")
    print("\n".join(["found something:", *found]) if found else "nothing found")
    return bool(found)


def fuzzed(folder: Path, document: str, caller: str, asked: argparse.Namespace) -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "SHIRUSHI_HOME": str(folder / "home"), "SHIRUSHI_BASE_URL": address}
    filling = [sys.executable, "-c", FILLING, str(DRAFTS), str(RECORDS)]
    there = json.loads(subprocess.run(filling, env=environment, check=True, capture_output=True, text=True).stdout)
    config = folder / "schemathesis.toml"
    config.write_text(
        CONFIG.format(
            hooks=json.dumps(str(ROOT / "scripts" / "fuzz_api_hooks.py")),
            records=json.dumps(there["records"]),
            drafts=json.dumps(there["drafts"]),
            refusals=", ".join(f'"{status}"' for status in REFUSALS),
        )
    )
    command = [str(BIN / "schemathesis"), "--config-file", str(config), "run", f"{address}{document}", "--no-color"]
    command += ["--continue-on-failure", "--max-examples", str(asked.examples), "--seed", str(asked.seed)]
    if caller == "somebody":
        command += ["--header", f"Authorization: Bearer {there['token']}"]
    server = subprocess.Popen([str(BIN / "shirushi"), "serve", "--port", str(port)], env=environment)
    try:
        wait_for(f"{address}/health")
        return subprocess.run(command, cwd=folder, check=False).returncode
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def wait_for(address: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{address} does not answer")


if __name__ == "__main__":
    sys.exit(main())
