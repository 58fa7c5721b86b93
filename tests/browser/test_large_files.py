"""Large files: sent in pieces, paused, gone on with, also after the page was closed or its person was signed out. Files that
are added to an open draft."""

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


def files_of(page: Page) -> dict[str, int]:
    draft = page.url.split("/drafts/")[1].split("/")[0]
    return {one["path"]: one["size"] for one in page.request.get(f"/api/drafts/{draft}/files").json()["items"]}


@pytest.mark.parametrize("happens", ["deleted", "changed"])
def test_file_that_is_no_longer_as_it_was_chosen_is_named_and_the_others_go_on(open_browser, large, happens) -> None:
    page = open_browser(lang="en", fails=["FILE_NOT_FOUND", "UPLOAD_FILE_CHANGED"])
    page.goto("/drop")
    throttle(page, SLOW)
    page.set_input_files("#drop-folder", large)
    expect(page.locator("[data-drop-numbers]")).to_contain_text("1 of 2 files")
    expect(page.locator("[data-drop-numbers]")).not_to_contain_text("40 MB (0 %)")
    page.get_by_role("button", name="Pause").click()
    file = large / "data" / "海.bin"
    if happens == "deleted":
        file.unlink()
    else:
        with file.open("ab") as more:
            more.write(b"x")
    page.get_by_role("button", name="Go on sending").click()
    expect(page.locator("[data-drop-failed]")).to_contain_text(
        "data/海.bin: It was changed, moved or deleted", timeout=10_000
    )
    expect(page.locator("[data-drop-status]")).to_have_text("Some files could not be sent. The others are kept.")
    expect(page.get_by_role("button", name="Send them again")).to_be_hidden()
    page.get_by_role("button", name="Go on without them").click()
    page.wait_for_url("**/drafts/*/reading", wait_until="commit")
    assert list(files_of(page)) == ["README.md"]


def test_files_are_added_to_an_open_draft_as_on_the_drop_page(
    open_browser, make_folder, drop, large, find_barriers
) -> None:
    folder = make_folder("adding")
    page = open_browser(lang="en", width=390)
    page.goto(f"{drop(page, folder).partition('?')[0]}/files")
    status = page.locator("[data-drop-status]")

    # into a folder, in the place of the one that is there
    (folder / "data" / "sst.csv").write_text("time,sst\n", encoding="utf-8")
    page.get_by_label("Into the folder").fill("data")
    page.set_input_files("#drop-files", folder / "data" / "sst.csv")
    expect(status).to_have_text("Files added: 0. Files replaced: 1.")
    # the draft's own folder goes where it was; nothing is sent twice
    page.set_input_files("#drop-folder", folder)
    expect(status).to_have_text("These files are here already. Nothing was changed.")
    assert files_of(page)["data/sst.csv"] == 9
    assert len(files_of(page)) == 3

    # another one keeps its name; the page is closed, and sending goes on
    throttle(page, SLOW)
    page.set_input_files("#drop-folder", large)
    expect(page.locator("[data-drop-numbers]")).to_contain_text("1 of 2 files")
    page.wait_for_timeout(1500)
    assert find_barriers(page) == []
    page.close(run_before_unload=False)
    again = page.context.new_page()
    again.goto(page.url)
    expect(again.get_by_text("large/data/海.bin")).to_be_visible()
    started: list[int] = []
    again.on(
        "request", lambda request: request.method == "PATCH" and started.append(int(request.headers["upload-offset"]))
    )
    again.set_input_files("#drop-folder", large)
    expect(again.locator("[data-drop-status]")).to_have_text("Files added: 1. Files replaced: 0.")
    assert started[0] > 0
    assert {"large/README.md": 8, "large/data/海.bin": SIZE}.items() <= files_of(again).items()

    # what is large may be another one of the same size: its keeper decides
    again.set_input_files("#drop-folder", large)
    expect(again.locator("[data-drop-status]")).to_contain_text("2 of 2 files are here already")
    again.get_by_role("button", name="Send all of them").click()
    expect(again.locator("[data-drop-status]")).to_have_text("Files added: 0. Files replaced: 2.")


def test_who_is_signed_out_meanwhile_signs_in_and_goes_on(open_browser, large: Path, sign_in) -> None:
    page = open_browser(lang="en", signed_in=False)
    sign_in(page)
    page.goto("/drop")
    throttle(page, SLOW)
    file = large / "data" / "海.bin"
    page.set_input_files("#drop-files", file)
    expect(page.locator("[data-drop-numbers]")).to_contain_text("40 MB (")
    page.wait_for_timeout(1500)
    page.get_by_role("button", name="Pause").click()
    page.context.clear_cookies(name="shirushi_session")
    page.get_by_role("button", name="Go on sending").click()
    expect(page.locator("[data-drop-status]")).to_contain_text("You are signed out.")
    expect(page.locator("[data-drop-failed]")).to_be_hidden()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in (in a new tab)").click()
    sign_in(opened.value)
    throttle(page, FAST)
    page.get_by_role("button", name="Send them again").click()
    page.wait_for_url("**/drafts/*/reading", wait_until="commit")
    assert files_of(page) == {file.name: SIZE}
