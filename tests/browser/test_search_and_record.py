"""Searching and reading as people do it: facets that stay under the pointer, pictures that fit, pages that print."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def is_wider_than_its_window(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def wait_for_demo(page: Page) -> None:
    """The demo's record is in the index shortly after the server answers."""
    for _attempt in range(60):
        page.goto("/search?q=")
        if page.locator(".hit").count():
            return
        page.wait_for_timeout(500)
    pytest.fail("the demo's record was not found")


@pytest.mark.parametrize("width", [390, 1280])
def test_facets_stay_where_they_are(open_browser, find_barriers, width):
    page = open_browser(lang="en", width=width, signed_in=False)
    wait_for_demo(page)
    if width < 960:
        page.locator(".facets > summary").click()
    groups = page.locator(".facets section").count()
    choice = page.locator(".facets section:last-child .facet").last
    identity = choice.get_attribute("id")
    choice.scroll_into_view_if_needed()
    choice.focus()
    before = choice.bounding_box()["y"]
    page.keyboard.press("Enter")
    chosen = page.locator(f"[id='{identity}'][aria-current=true]")
    expect(chosen).to_be_visible()
    expect(chosen).to_be_focused()
    assert "=" in page.url.removesuffix("?q=")
    assert abs(chosen.bounding_box()["y"] - before) < 2
    assert page.locator(".facets section").count() == groups
    assert find_barriers(page) == []
    page.go_back()
    expect(page.locator(f"[id='{identity}']")).not_to_have_attribute("aria-current", "true")
    assert not is_wider_than_its_window(page)


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("width", [390, 1280])
def test_record_and_its_pages_fit_and_have_no_barriers(open_browser, find_barriers, lang, width):
    page = open_browser(lang=lang, width=width, signed_in=False)
    wait_for_demo(page)
    addresses = page.locator(".hit h2 a").evaluate_all("links => links.map(link => link.pathname)")
    for address in addresses[:3]:
        for end in ("", "/provenance", "/data-card"):
            page.goto(address + end)
            assert not is_wider_than_its_window(page)
            assert find_barriers(page) == []


def test_page_past_the_end_leads_back(open_browser):
    page = open_browser(lang="en", signed_in=False)
    wait_for_demo(page)
    page.goto("/search?q=&page=99")
    page.get_by_role("link", name="First page").click()
    expect(page.locator(".hit").first).to_be_visible()


def test_forms_are_printed_with_what_is_in_them(open_browser, make_folder, drop):
    page = open_browser(lang="en")
    address = drop(page, make_folder("printed"))
    page.goto(f"{address}/edit/publisher")
    page.emulate_media(media="print")
    expect(page.locator("main form label").first).to_be_visible()
    expect(page.locator("main form .button-primary")).to_be_hidden()
