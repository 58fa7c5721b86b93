"""What deploy/ ships is what its tools and the documents say it may be."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
LINTERS = ROOT / ".venv" / "clients" / "linters" / "bin"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
SETTINGS = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def linter(name: str) -> str:
    program = LINTERS / name
    if not program.exists():
        pytest.skip(f"SKIPPED LOUDLY: {name} is not installed (make clients)")
    return str(program)


def said(*command: str | Path, **options: Any) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, cwd=ROOT, **options
    )
    return "" if done.returncode == 0 and not done.stderr.strip() else f"{done.stdout}{done.stderr}"


def test_compose_file_is_as_its_specification_says() -> None:
    schema = ("--builtin-schema", "vendor.compose-spec")
    assert said(linter("check-jsonschema"), *schema, DEPLOY / "compose.yaml") == ""


def test_containerfile_is_clean() -> None:
    assert said(linter("hadolint"), "--failure-threshold", "info", DEPLOY / "Containerfile") == ""


def test_compose_file_is_read_by_the_client_of_docker() -> None:
    client = shutil.which("docker")
    if client is None or subprocess.run([client, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("SKIPPED LOUDLY: docker compose is not here")
    given = {**os.environ, "SHIRUSHI_BASE_URL": "https://data.example.ac.jp", "POSTGRES_PASSWORD": "x"}
    config = (client, "compose", "-f", DEPLOY / "compose.yaml", "--profile", "s3", "config", "--quiet")
    assert said(*config, env=given) == ""


def test_units_are_accepted_by_systemd(tmp_path: Path) -> None:
    """With a program and a user that are here: those of an installation are not."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("SKIPPED LOUDLY: systemd-analyze is not here")
    copies = [tmp_path / unit.name for unit in UNITS]
    for unit, copy in zip(UNITS, copies, strict=True):
        text = unit.read_text(encoding="utf-8").replace("/opt/shirushi/bin/shirushi", "/bin/true")
        copy.write_text(re.sub(r"^(User|Group)=.*", r"\1=daemon", text, flags=re.MULTILINE))
    assert said("systemd-analyze", "verify", *copies) == ""


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name)
def test_units_may_do_little(unit: Path) -> None:
    lines = set(unit.read_text(encoding="utf-8").splitlines())
    demanded = {
        "User=shirushi",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "ProtectSystem=strict",
        "ProtectHome=yes",
    }
    assert demanded <= lines


def test_images_are_pinned_and_nobody_is_root(compose: dict[str, Any]) -> None:
    images = [service["image"] for service in compose["services"].values()]
    images += re.findall(r"^FROM (\S+)", (DEPLOY / "Containerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert [image for image in images if not re.search(r":(?!latest)[\w.-]+$", image)] == []
    own = [name for name, service in compose["services"].items() if "shirushi:local" in service["image"]]
    assert own == ["server", "worker"]
    assert all(compose["services"][name]["user"] == "10001:10001" for name in own)
    assert [name for name, service in compose["services"].items() if "healthcheck" not in service] == []


def test_variables_that_are_set_are_documented(compose: dict[str, Any]) -> None:
    texts = [path.read_text(encoding="utf-8") for path in [DEPLOY / "shirushi.env", DEPLOY / "Containerfile"]]
    named = {name for text in texts for name in re.findall(r"\b(?:SHIRUSHI|AWS)_[A-Z0-9_]+(?==)", text)}
    for name in ("server", "worker"):
        named |= set(compose["services"][name]["environment"])
    documented = set(re.findall(r"`((?:SHIRUSHI|AWS)_[A-Z0-9_]+)`", SETTINGS))
    assert len(named) > 8
    assert named - documented == set()


def test_units_call_commands_that_exist() -> None:
    commands = {
        tuple(found.split())
        for unit in UNITS
        for found in re.findall(r"/bin/shirushi ((?:[a-z]+|--[a-z-]+)(?: --[a-z-]+)*)", unit.read_text("utf-8"))
    }
    reference = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    assert {words[0] for words in commands} == {"serve", "worker", "backup"}
    assert all(f"shirushi {words[0]}" in reference for words in commands)
