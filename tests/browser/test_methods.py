"""The operators' page of methods on a phone and by keys alone: withdrawing one, with a reason, and taking that back."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

METHOD = "variables.codebook-column"  # of the sample folders; nothing in the other tests rests on it


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_method_is_withdrawn_and_taken_back_by_keys_on_a_phone(lang, open_browser, find_barriers):
    page = open_browser(lang=lang, width=390)
    page.goto("/methods")
    card = page.locator("li.card", has=page.get_by_text(METHOD, exact=True))
    before = card.inner_text()
    card.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # without a reason nothing is sent: the browser asks for one
    expect(card.locator("input[name=reason]")).to_be_focused()
    assert page.locator("#second-look").count() == 0
    page.keyboard.type("w" * 200)
    page.keyboard.press("Enter")
    second_look = page.locator("[aria-labelledby=second-look]")
    expect(second_look).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert find_barriers(page) == []
    second_look.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(second_look).to_have_count(0)
    assert card.inner_text() == before


def test_missing_reason_is_shown_where_it_is_asked_for(open_browser):
    page = open_browser(width=390)
    page.goto("/methods")
    card = page.locator("li.card", has=page.get_by_text(METHOD, exact=True))
    card.locator("summary").click()
    reason = card.locator("input[name=reason]")
    reason.fill("   ")  # enough for a browser
    reason.press("Enter")
    expect(card.locator(".field-error")).to_be_in_viewport()
    expect(reason).to_be_focused()
