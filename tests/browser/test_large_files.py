"""Large files on the drop page: sent in pieces, paused, gone on with, also after the page was closed."""

import hashlib
import json
import random
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIZE = 40_000_000
SLOW = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": 5_000_000}
FAST = {**SLOW, "uploadThroughput": -1}


@pytest.fixture
def large(tmp_path: Path) -> Path:
    folder = tmp_path / "large"
    (folder / "data").mkdir(parents=True)
    (folder / "README.md").write_text("# Large\n")
    (folder / "data" / "海.bin").write_bytes(random.Random(1).randbytes(SIZE))
    return folder


def throttle(page: Page, network: dict[str, object]) -> None:
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", network)


def is_whole(page: Page, folder: Path) -> bool:
    draft = page.url.split("/drafts/")[1].split("/")[0]
    files = page.request.get(f"/api/drafts/{draft}/files").json()["items"]
    sent = {one["path"]: one["sha256"] for one in files}
    return sent == {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def offset_of(page: Page) -> int:
    found = page.request.get("/api/uploads").json()["items"]
    return max((one["offset"] for one in found), default=0)


def test_large_file_is_paused_and_goes_on(open_browser, large: Path, find_barriers) -> None:
    page = open_browser(lang="en")
    page.goto("/drop")
    throttle(page, SLOW)
    page.set_input_files("#drop-folder", large)
    expect(page.locator("[data-drop-numbers]")).to_contain_text(" MB (")
    page.wait_for_timeout(2500)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("[data-drop-status]")).to_have_text("Paused. What was sent so far is kept.")
    page.wait_for_timeout(800)
    kept = offset_of(page)
    assert 0 < kept < SIZE
    page.wait_for_timeout(800)
    assert offset_of(page) == kept
    assert find_barriers(page) == []
    throttle(page, FAST)
    page.get_by_role("button", name="Go on sending").click()
    page.wait_for_url("**/drafts/*/reading", wait_until="commit")
    assert is_whole(page, large)


def test_closed_page_asks_for_the_same_file_and_goes_on(open_browser, large: Path) -> None:
    page = open_browser(lang="en")
    page.goto("/drop")
    throttle(page, SLOW)
    page.set_input_files("#drop-folder", large)
    expect(page.locator("[data-drop-numbers]")).to_contain_text(" MB (")
    page.wait_for_timeout(3000)
    page.close(run_before_unload=False)
    again = page.context.new_page()
    again.goto("/drop")
    expect(again.get_by_role("heading", name="Left half sent")).to_be_visible()
    expect(again.get_by_text("data/海.bin")).to_be_visible()
    kept = offset_of(again)
    assert 0 < kept < SIZE
    started: list[int] = []
    again.on(
        "request", lambda request: request.method == "PATCH" and started.append(int(request.headers["upload-offset"]))
    )
    again.set_input_files("#drop-folder", large)
    again.get_by_role("button", name="Go on there").click()
    again.wait_for_url("**/drafts/*/reading", wait_until="commit")
    assert started[0] >= kept
    assert is_whole(again, large)
    assert json.loads(again.request.get("/api/uploads").text())["total"] == 0
