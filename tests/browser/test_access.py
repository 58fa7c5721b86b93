"""Closing a record's files, asking for them as a guest, letting in, and reviewing without knowing who made it."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = {
    "en": {
        "save": "Save",
        "ask": "Ask for the files",
        "send": "Send",
        "let": "Let them in",
        "make": "Make the link",
        "back": "Take it back and erase what I wrote",
    },
    "ja": {
        "save": "保存",
        "ask": "ファイルの閲覧を申請",
        "send": "送る",
        "let": "閲覧を許可",
        "make": "リンクを作る",
        "back": "申請を取り下げて、書いた内容を消す",
    },
}
PICTURES = os.environ.get("PICTURES")


def look(page: Page, find_barriers, name: str) -> None:
    """No barriers, nothing wider than the window; a picture where one is asked for."""
    assert find_barriers(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), page.url
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.fixture(scope="module")
def record(server: str, chromium) -> str:
    """The address of the demo's record."""
    page = chromium.new_page(base_url=server)
    for _attempt in range(60):
        page.goto("/search?q=")
        if page.locator(".hit h2 a").count():
            break
        page.wait_for_timeout(500)
    address = str(page.locator(".hit h2 a").first.evaluate("link => link.pathname"))
    page.close()
    return address


@pytest.mark.parametrize(("lang", "width"), [("en", 1280), ("ja", 390)])
def test_files_are_closed_asked_for_and_opened(open_browser, find_barriers, record, lang, width):
    words = WORDS[lang]
    keeper = open_browser(lang=lang, width=width)
    keeper.goto(f"{record}/access")
    look(keeper, find_barriers, f"access-{lang}-{width}")
    keeper.locator("select[name='/access/rights']").select_option("restricted")
    keeper.locator("[name='/access/note']").fill("Interviews; tell us what you will use them for.")
    keeper.get_by_role("button", name=words["save"], exact=True).first.click()
    expect(keeper.locator("select[name='/access/rights']")).to_have_value("restricted")

    guest = open_browser(lang=lang, width=width, signed_in=False)
    guest.goto(record)
    look(guest, find_barriers, f"closed-{lang}-{width}")
    guest.get_by_role("link", name=words["ask"]).first.click()
    guest.get_by_role("button", name=words["send"]).click()
    expect(guest.locator(".field-error")).to_have_count(3)
    look(guest, find_barriers, f"ask-{lang}-{width}")
    guest.fill("#message", "For my thesis.")
    guest.fill("#name", f"Ann {lang}")
    guest.fill("#email", "ann@example.org")
    guest.get_by_role("button", name=words["send"]).click()
    guest.wait_for_url("**/requests/*")
    look(guest, find_barriers, f"waiting-{lang}-{width}")
    asked = guest.url

    keeper.goto(f"{record}/access")
    look(keeper, find_barriers, f"requests-{lang}-{width}")
    keeper.get_by_role("button", name=words["let"]).first.click()
    guest.reload()
    look(guest, find_barriers, f"granted-{lang}-{width}")
    guest.goto(record)
    guest.locator(".files summary").first.click()
    expect(guest.locator(".look > *").first).to_be_visible()
    guest.goto(asked)
    guest.get_by_role("button", name=words["back"]).click()
    expect(guest.get_by_role("button", name=words["back"])).to_have_count(0)
    expect(guest.get_by_text("For my thesis.")).to_have_count(0)

    keeper.goto(f"{record}/access")
    keeper.locator("input[name=kind][value=review]").check()
    keeper.get_by_role("button", name=words["make"]).click()
    secret = keeper.locator("#secret").inner_text()
    look(keeper, find_barriers, f"made-{lang}-{width}")
    reviewer = open_browser(lang=lang, width=width, signed_in=False)
    reviewer.goto(secret)
    look(reviewer, find_barriers, f"review-{lang}-{width}")
    keeper.goto(f"{record}/activity")
    look(keeper, find_barriers, f"activity-{lang}-{width}")

    keeper.goto(f"{record}/access")
    keeper.locator("select[name='/access/rights']").select_option("open")
    keeper.get_by_role("button", name=words["save"], exact=True).first.click()
    reader = open_browser(lang=lang, width=width, signed_in=False)
    reader.goto(record)
    expect(reader.get_by_role("link", name=words["ask"])).to_have_count(0)
