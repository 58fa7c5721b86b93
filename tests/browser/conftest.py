"""A real server with its worker and a home of its own, and Debian's Chromium to walk through it as a person would."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WAIT = 60_000  # milliseconds: the machine may be busy with other things
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}

README = """# {title_ja}

{title_en}.

## 説明

相模湾に係留した4基のブイで1時間ごとに測った海面水温です。

## 作成者

- 山田 花子（海洋研究所）

## Licence

CC BY 4.0
"""
CITATION = """cff-version: 1.2.0
message: Please cite this data set.
title: {title_en}
type: dataset
authors:
  - family-names: Yamada
    given-names: Hanako
    orcid: https://orcid.org/0000-0002-1825-0097
license: CC-BY-4.0
"""


# Of each module its own: while Playwright runs, its loop makes Django refuse the database to every other test of the process.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("SKIPPED LOUDLY: there is no Chromium here, so no page was looked at (make chromium installs it)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of ``shirushi run --demo`` on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("browser")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SHIRUSHI_", "DJANGO_"))}
    command = [sys.executable, "-m", "shirushi.cli", "run", "--demo", "--port", str(port)]
    with (home / "server.log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, env={**environment, "SHIRUSHI_HOME": str(home / "home")}, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            wait_until_served(process, port, home / "server.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_until_served(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _attempt in range(240):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            try:
                process.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                continue
        else:
            return
    pytest.fail(f"the server did not start:\n{log.read_text(encoding='utf-8')[-3000:]}")


@pytest.fixture(scope="session")
def session() -> list[Any]:
    """The cookies of who has signed in, which later pages take: each sign-in costs a second of hashing."""
    return []


@pytest.fixture
def open_browser(chromium: Browser, server: str, session: list[Any]) -> Iterator[Callable[..., Page]]:
    """A page of a browser of its own, in a language and a width. At the end, what its console complained about fails the
    test: the content security policy is refused there first. ``fails``: net errors that the test brings about, such as
    ``INTERNET_DISCONNECTED``."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def new(
        *, lang: str = "en", width: int = 1280, signed_in: bool = True, scripts: bool = True, fails: Sequence[str] = ()
    ) -> Page:
        context = chromium.new_context(
            base_url=server, viewport={"width": width, "height": 900}, locale=lang, java_script_enabled=scripts
        )
        contexts.append(context)
        context.set_default_timeout(WAIT)
        known = session if signed_in else []
        context.add_cookies([{"name": "shirushi_language", "value": lang, "url": server}, *known])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if is_complaint(message, fails) else None)
        if signed_in and not known:
            sign_in(page)
            session.extend(cookie for cookie in context.cookies() if cookie["name"] != "shirushi_language")
        return page

    yield new
    for context in contexts:
        context.close()
    assert complaints == []


def is_complaint(message: ConsoleMessage, fails: Sequence[str]) -> bool:
    """An answer of 401, 409, 422, 423 or 503 is one that tests ask for; browsers note it on the console too, and net errors at times
    a while after the network is back."""
    asked_for = "|".join(("status of (401|409|422|423|503)", *(f"net::ERR_{name}" for name in fails)))
    return message.type == "error" and not re.search(asked_for, message.text)


def sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.fill("input[type=email], input[name=username]", "demo@example.org")
    page.fill("input[type=password]", "shirushi-demo")
    page.press("input[type=password]", "Enter")
    page.wait_for_url(lambda address: not address.rstrip("/").endswith("sign-in"))


@pytest.fixture(name="sign_in")
def sign_in_of() -> Callable[[Page], None]:
    """Sign in on a page as the demo's person."""
    return sign_in


@pytest.fixture
def make_folder(tmp_path: Path) -> Callable[[str], Path]:
    """A folder as a researcher may have it; ``word`` makes its titles like no other's."""

    def make(word: str) -> Path:
        folder = tmp_path / f"buoys-{word}"
        (folder / "data").mkdir(parents=True)
        titles = {"title_ja": f"相模湾の海面水温 {word}", "title_en": f"Sea surface temperature of Sagami Bay {word}"}
        (folder / "README.md").write_text(README.format(**titles), encoding="utf-8")
        (folder / "CITATION.cff").write_text(CITATION.format(**titles), encoding="utf-8")
        (folder / "data" / "sst.csv").write_text("time,sst\n2021-04-01,15.2\n2021-04-02,15.4\n", encoding="utf-8")
        return folder

    return make


@pytest.fixture
def drop() -> Callable[[Page, Path], str]:
    """Choose a folder on the drop page and wait until it has been read. Returns the address of the review page."""

    def drop_folder(page: Page, folder: Path) -> str:
        page.goto("/drop")
        page.set_input_files("#drop-folder", folder)
        page.wait_for_url(re.compile(r"/drafts/\w+(/reading)?$"))
        page.wait_for_url(re.compile(r"/drafts/\w+$"))
        page.wait_for_selector("[data-suggestion]")
        return page.url

    return drop_folder


@pytest.fixture
def find_barriers() -> Callable[[Page], list[str]]:
    """What axe-core finds serious or critical on the page as it stands, as rule and element."""

    def find(page: Page) -> list[str]:
        found: list[dict[str, Any]] = Axe().run(page, options=WCAG).response["violations"]
        return [
            f"{page.url} {rule['id']}: {node['html'][:120]}"
            for rule in found
            if rule["impact"] in {"serious", "critical"}
            for node in rule["nodes"]
        ]

    return find
