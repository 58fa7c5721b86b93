"""What follows a reading while its owner decides already, on a phone: the exact numbers of a large table."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROWS = 90_000
WORDS = {"en": "The large tables have been counted.", "ja": "大きな表の集計が終わりました。"}


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_exact_numbers_come_by_themselves(lang, open_browser, make_folder, drop, find_barriers):
    folder = make_folder(f"counted{lang}")
    lines = ["day,warmth_degC", *(f"2024-01-{1 + n % 28:02},{10 + n % 100 / 10:.6f}" for n in range(ROWS))]
    lines[40_003] = "1999-12-31,99.5"
    (folder / "data" / "big.csv").write_text("\n".join(f"{line:<30}" for line in lines), encoding="utf-8")
    page = open_browser(lang=lang, width=390)
    drop(page, folder)
    notice = page.locator("#counting .notice-success")
    if page.locator("#counting").inner_text().strip():  # it may have been done before the page was drawn
        expect(notice).to_contain_text(WORDS[lang], timeout=120_000)
        barriers = find_barriers(page)
        notice.get_by_role("link").click()
        assert barriers == []
    variables = page.locator("#field-variables")
    expect(variables).to_contain_text("99.5")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
