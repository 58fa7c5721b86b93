"""The main job as people do it: drop a folder, read, review, publish, find, take away. In both languages, on a phone and
on a desk, with the mouse and with keys alone."""

import re

import pytest
from lxml import etree
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DATACITE = "{http://datacite.org/schema/kernel-4}"
WIDTHS = {"phone": 390, "desk": 1280}
PLACES = [(lang, device) for lang in ("ja", "en") for device in WIDTHS]
KEYWORD = {"ja": "海面水温", "en": "temperature"}


def undecided(page: Page) -> int:
    return page.locator("[data-suggestion]").count()


def field(page: Page, name: str):
    return page.locator(f"#field-{name}")


def press_and_wait(page: Page, key: str) -> None:
    """Press a key that changes the draft, and wait until the page has its new version and the focus is back on a suggestion."""
    version = "#review input[name=at_version]"
    before = page.locator(version).first.input_value()
    page.keyboard.press(key)
    expect(page.locator(version).first).not_to_have_value(before)
    page.wait_for_function(
        "() => !document.querySelector('[data-suggestion]') || document.activeElement?.closest('[data-suggestion]')"
    )


def type_field(page: Page, name: str, inputs: dict[str, str]) -> None:
    """Fill in a field by hand, as one does where nothing was found."""
    field(page, name).get_by_role("link").first.click()
    page.wait_for_url(re.compile(f"/edit/{name}"))
    if not page.locator(f"[name='{next(iter(inputs))}']").count():
        page.locator(f"button[name=_add][value='/{name}']").click()
    for pointer, text in inputs.items():
        page.fill(f"[name='{pointer}']", text)
    page.click("form .button-primary")
    page.wait_for_url(re.compile(r"/drafts/\w+(#.*)?$"))


def search(page: Page, words: str, record: str):
    """The link to a record in what a search finds. The index follows the event of publishing, so it may take a moment."""
    link = page.locator(f"main a[href*='{record}']").first
    for _attempt in range(30):
        page.goto(f"/search?q={words}")
        if link.count():
            break
        page.wait_for_timeout(500)
    expect(link).to_be_visible()
    return link


@pytest.mark.parametrize(("lang", "device"), PLACES, ids=[f"{lang}-{device}" for lang, device in PLACES])
def test_dropped_folder_is_reviewed_published_found_and_exported(
    lang, device, open_browser, make_folder, drop, find_barriers
):
    word = f"walk{lang}{device}"
    page = open_browser(lang=lang, width=WIDTHS[device])
    barriers = []

    page.goto("/drop")
    barriers += find_barriers(page)
    drop(page, make_folder(word))
    expect(page.locator("html")).to_have_attribute("lang", lang)
    barriers += find_barriers(page)

    # accept the first by key, take it back, accept it again
    waiting = undecided(page)
    page.locator("[data-suggestion]").first.focus()
    press_and_wait(page, "Enter")
    expect(page.locator("[data-suggestion]")).to_have_count(waiting - 1)
    press_and_wait(page, "u")
    expect(page.locator("[data-suggestion]")).to_have_count(waiting)
    page.locator("[data-suggestion]").first.focus()
    press_and_wait(page, "Enter")
    expect(field(page, "titles")).to_contain_text(word)

    # reject one, take another with a change
    rejected = field(page, "creators").locator("[data-suggestion]").last
    rejected.focus()
    press_and_wait(page, "x")
    field(page, "creators").locator("[data-suggestion]").first.focus()
    page.keyboard.press("e")
    page.wait_for_url(re.compile("/edit/creators"))
    barriers += find_barriers(page)
    page.fill("[name='/creators/0/name']", "Yamada, Hanako M.")
    page.click("form .button-primary")
    expect(field(page, "creators")).to_contain_text("Yamada, Hanako M.")

    # all that are sure, then by hand what publishing still asks for
    if page.locator("[data-accept-all]").count():
        page.locator("[data-suggestion]").first.focus()
        press_and_wait(page, "a")
    type_field(page, "descriptions", {"/descriptions/0/text": "Four buoys, every hour."})
    if not field(page, "rights").get_by_text("CC-BY-4.0").count():
        type_field(page, "rights", {"/rights/0/id": "CC-BY-4.0"})

    page.locator("a[href$='/publish']").click()
    page.wait_for_url(re.compile("/publish$"))
    barriers += find_barriers(page)
    page.click("[data-publish]")
    page.wait_for_url(re.compile(r"/records/\w+"))
    expect(page.locator("h1")).to_contain_text(word)
    barriers += find_barriers(page)

    found = search(page, f"{KEYWORD[lang]} {word}", page.url.rpartition("/")[2])
    barriers += find_barriers(page)

    found.click()
    page.wait_for_url(re.compile(r"/records/\w+"))
    exported = page.request.get(page.locator("a[href*='datacite']").first.get_attribute("href"))
    resource = etree.fromstring(exported.body(), etree.XMLParser(resolve_entities=False, no_network=True))
    names = [name.text for name in resource.iter(f"{DATACITE}creatorName")]
    assert names == ["Yamada, Hanako M."]
    assert word in " ".join(title.text for title in resource.iter(f"{DATACITE}title"))
    assert barriers == []


def test_found_in_either_language(open_browser, make_folder, drop):
    """A Japanese and an English title are both searched, whatever the language of the page."""
    page = open_browser()
    drop(page, make_folder("eitherway"))
    for suggestion in ("相模湾の海面水温", "Sea surface temperature"):
        field(page, "titles").locator("[data-suggestion]").filter(has_text=suggestion).first.focus()
        press_and_wait(page, "Enter")
    type_field(page, "creators", {"/creators/0/name": "山田 花子"})
    type_field(page, "descriptions", {"/descriptions/0/text": "Hourly."})
    type_field(page, "rights", {"/rights/0/id": "CC0-1.0"})
    page.goto(page.url.partition("#")[0] + "/publish")
    page.click("[data-publish]")
    page.wait_for_url(re.compile(r"/records/\w+"))
    record = page.url.rpartition("/")[2]
    for words in ("水温 eitherway", "sagami temperatures eitherway"):
        search(page, words, record)


def test_keys_alone_are_enough(open_browser, make_folder, drop):
    """From the top of the page by Tab to the first suggestion; then n, p, Enter, x, u; the viewer follows."""
    page = open_browser()
    drop(page, make_folder("keysonly"))
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('[data-suggestion]')"):
            break
    first = page.evaluate("document.activeElement.dataset.suggestion")
    assert first is not None, "Tab does not reach the suggestions"
    place = page.locator("#viewer h2")
    expect(place).not_to_be_empty()
    page.keyboard.press("n")
    second = page.evaluate("document.activeElement.dataset.suggestion")
    assert second != first
    expect(page.locator(f"#viewer [data-viewed='{second}']")).to_be_attached()
    page.keyboard.press("p")
    assert page.evaluate("document.activeElement.dataset.suggestion") == first
    press_and_wait(page, "Enter")
    expect(page.locator("[data-suggestion]:focus")).to_be_attached()  # wait_for_function would need eval
    assert page.evaluate("document.activeElement.dataset.suggestion") == second
    press_and_wait(page, "x")
    expect(page.locator("[data-suggestion]:focus")).to_be_attached()  # wait_for_function would need eval
    press_and_wait(page, "u")
    expect(page.locator(f"[data-suggestion='{second}']")).to_be_attached()
    expect(page.locator("[data-suggestion]:focus")).to_be_attached()  # wait_for_function would need eval
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


def test_keys_switched_off_do_nothing(open_browser, make_folder, drop):
    page = open_browser()
    drop(page, make_folder("keysoff"))
    page.click("[data-show-keys]")
    page.uncheck("[data-keys-switch]")
    page.keyboard.press("Escape")
    page.reload()
    waiting = undecided(page)
    page.locator("[data-suggestion]").first.focus()
    page.keyboard.press("x")
    page.keyboard.press("a")
    page.wait_for_timeout(500)
    assert undecided(page) == waiting
    assert not page.locator("[data-keys-switch]").is_checked()


def test_viewer_opens_the_very_place(open_browser, make_folder, drop):
    page = open_browser()
    drop(page, make_folder("viewer"))
    mark = field(page, "titles").locator("[data-place]").filter(has_text="README.md").first
    mark.click()
    expect(page.locator("#viewer .is-marked").first).to_contain_text("相模湾の海面水温 viewer")


def test_second_of_two_people_is_told_and_nothing_is_overwritten(open_browser, make_folder, drop):
    one, other = open_browser(), open_browser(lang="ja")
    address = drop(one, make_folder("twotabs"))
    other.goto(f"{address}/edit/version")
    other.fill("[name='/version']", "2.0 of the second")
    one.locator("[data-suggestion]").first.focus()
    press_and_wait(one, "Enter")

    # a form: what was typed is kept, and can be saved once its writer has been told
    with other.expect_response(re.compile("/edit/version")) as answer:
        other.click("form .button-primary")
    assert answer.value.status == 409
    expect(other.get_by_role("alert")).to_be_visible()
    expect(other.locator("[name='/version']")).to_have_value("2.0 of the second")
    other.click("form .button-primary")
    expect(field(other, "version")).to_contain_text("2.0 of the second")

    # a key on the page of the first, which is now the old one
    waiting = undecided(one)
    one.locator("[data-suggestion]").first.focus()
    one.keyboard.press("x")
    expect(one.get_by_role("alert")).to_be_visible()
    assert undecided(one) == waiting
    expect(field(one, "version")).to_contain_text("2.0 of the second")


def test_without_scripts_files_are_sent_and_decided(open_browser, make_folder):
    folder = make_folder("noscript")
    page = open_browser(scripts=False)
    page.goto("/drop")
    page.set_input_files("#drop-files", [folder / "README.md", folder / "CITATION.cff"])
    page.locator("[data-without-script]").click()
    page.wait_for_url(re.compile("/drafts/"))
    for _second in range(60):
        if not page.url.endswith("/reading"):
            break
        page.wait_for_timeout(1000)
        page.reload()
    waiting = undecided(page)
    page.locator("button[value=accept]").first.click()
    expect(page.locator("[data-suggestion]")).to_have_count(waiting - 1)


def test_sending_waits_for_the_connection_and_goes_on_by_itself(open_browser, make_folder):
    page = open_browser(fails=["INTERNET_DISCONNECTED"])
    page.goto("/drop")
    page.context.set_offline(True)
    page.set_input_files("#drop-folder", make_folder("offline"))
    expect(page.locator("[data-drop-status]")).to_have_text(
        "There is no connection. Sending goes on by itself when it is back."
    )
    page.context.set_offline(False)
    page.wait_for_selector("[data-suggestion]")
    page.goto(f"{page.url.partition('?')[0]}/files")
    expect(page.locator("tbody")).to_contain_text("data/sst.csv")


def test_file_that_is_refused_is_named_and_the_others_go_on(open_browser, make_folder):
    folder = make_folder("refused")
    page = open_browser(width=390)
    page.route("**/files/data/sst.csv", lambda route: route.fulfill(status=422, json={"detail": "It is too large."}))
    page.goto("/drop")
    page.set_input_files("#drop-folder", folder)
    expect(page.locator("[data-drop-failed]")).to_have_text("data/sst.csv: It is too large.")
    page.locator("[data-drop-go-on]").click()
    page.wait_for_selector("[data-suggestion]")


def test_place_on_a_phone_is_shown_below_and_leads_back(open_browser, make_folder, drop):
    page = open_browser(width=390)
    drop(page, make_folder("below"))
    mark = page.locator("[data-place]").first
    mark.click()
    expect(page.locator("#viewer")).to_be_focused()
    page.locator(".back-to-form").click()
    expect(mark).to_be_in_viewport()


def test_wrong_value_is_named_and_what_was_typed_is_kept(open_browser, make_folder, drop, find_barriers):
    page = open_browser(lang="ja", width=390)
    address = drop(page, make_folder("mistyped"))
    page.goto(f"{address}/edit/creators")
    page.fill("[name='/creators/0/name']", "山田 花子")
    page.fill("[name='/creators/0/orcid']", "0000-0002-1825-0098")
    page.locator("form .button-primary").click()
    expect(page.get_by_role("alert")).to_contain_text("作成者 1 › ORCID iD: ")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("[name='/creators/0/orcid']")).to_have_value("0000-0002-1825-0098")
    assert find_barriers(page) == []


def in_sight(page: Page, selector: str) -> bool:
    box = page.locator(selector).first.bounding_box()
    size = page.viewport_size
    return bool(box and size and box["y"] >= 0 and box["y"] + box["height"] <= size["height"])


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_who_comes_second_is_told_where_they_are_looking(width, open_browser, make_folder, drop, find_barriers):
    one, other = open_browser(width=width), open_browser()
    address = drop(one, make_folder(f"second{width}"))
    other.goto(f"{address}/edit/version")
    other.fill("[name='/version']", "2.0")
    other.click("form .button-primary")
    last = one.locator("[data-suggestion]").last
    last.scroll_into_view_if_needed()
    last.locator("button[value=reject]").click()
    expect(one.locator("#news [role=alert]")).to_contain_text("You now see the draft as it is")
    assert in_sight(one, "#news [role=alert]")
    assert find_barriers(one) == []
    one.locator("#news [data-close]").click()
    expect(one.locator("#news [role=alert]")).to_have_count(0)


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_being_offline_is_told_where_they_are_looking(width, open_browser, make_folder, drop):
    page = open_browser(width=width, fails=["INTERNET_DISCONNECTED"])
    drop(page, make_folder(f"away{width}"))
    page.locator("[data-suggestion]").last.scroll_into_view_if_needed()
    page.context.set_offline(True)
    expect(page.locator("#page-status")).to_be_visible()
    assert in_sight(page, "#page-status")
    page.context.set_offline(False)
    expect(page.locator("#page-status")).to_be_hidden()


def test_decisions_made_quickly_are_all_carried_out(open_browser, make_folder, drop):
    page = open_browser()
    drop(page, make_folder("quick"))
    waiting = undecided(page)
    chosen = [page.locator("[data-suggestion]").nth(n).get_attribute("data-suggestion") for n in range(3)]
    page.route("**/decide", lambda route: (page.wait_for_timeout(300), route.continue_()))
    for number in chosen:
        page.evaluate(f"document.querySelector('[data-suggestion=\"{number}\"] button[value=reject]').click()")
    expect(page.locator("[data-suggestion]")).to_have_count(waiting - 3)
    for number in chosen:
        expect(page.locator(f"[data-suggestion='{number}']")).to_have_count(0)


def test_undo_key_with_nothing_to_undo_says_so(open_browser, make_folder, drop):
    page = open_browser()
    drop(page, make_folder("nothing"))
    expect(page.locator("[data-undo] button")).to_be_disabled()
    page.locator("[data-suggestion]").first.focus()
    page.keyboard.press("u")
    expect(page.locator("#news")).to_have_text("There is nothing to undo.")


def sign_in_again(page: Page) -> None:
    page.fill("input[name=username]", "demo@example.org")
    page.fill("input[name=password]", "shirushi-demo")
    page.press("input[name=password]", "Enter")


def end_session(page: Page) -> None:
    page.context.clear_cookies(name="shirushi_session")


def test_session_that_ends_during_review_leads_back_to_it(open_browser, make_folder, drop):
    page = open_browser()
    address = drop(page, make_folder("expired"))
    end_session(page)
    page.locator("[data-suggestion] button[value=accept]").first.click()
    page.wait_for_url(re.compile("/sign-in"))
    sign_in_again(page)
    page.wait_for_url(address)
    expect(page.locator("#review")).to_be_visible()


def test_typed_text_outlives_the_session_and_the_language_until_it_is_saved(open_browser, make_folder, drop):
    page = open_browser()
    address = drop(page, make_folder("typed"))
    page.goto(f"{address}/edit/creators")
    page.fill("[name='/creators/0/name']", "Yamada, Hanako")
    page.click("button[name=_add][value='/creators']")
    page.fill("[name='/creators/1/name']", "鈴木 一郎")
    end_session(page)
    page.click("form .button-primary")
    page.wait_for_url(re.compile("/sign-in"))
    sign_in_again(page)
    page.wait_for_url(re.compile("/edit/creators"))
    expect(page.locator("[name='/creators/1/name']")).to_have_value("鈴木 一郎")
    page.fill("[name='/creators/1/name']", "鈴木 次郎")
    page.click("button[name=language]")
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    expect(page.locator("[name='/creators/1/name']")).to_have_value("鈴木 次郎")
    expect(page.locator("[data-keep-forget]").first).to_be_visible()
    page.click("form .button-primary")
    page.wait_for_url(re.compile(r"/drafts/\w+(#.*)?$"))
    expect(field(page, "creators")).to_contain_text("鈴木 次郎")
    assert in_sight(page, "[data-saved]")
    page.goto(f"{address}/edit/creators")
    expect(page.locator("[name='/creators/1/name']")).to_have_value("鈴木 次郎")
    page.fill("[name='/creators/1/name']", "forget this")
    page.locator("p > [data-keep-forget]").last.click()
    page.goto(f"{address}/edit/creators")
    page.wait_for_timeout(300)
    expect(page.locator("[name='/creators/1/name']")).to_have_value("鈴木 次郎")


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_fields_are_stepped_through_on_a_phone(lang, open_browser, make_folder, drop, find_barriers):
    page = open_browser(lang=lang, width=390)
    drop(page, make_folder(f"steps{lang}"))
    position = page.locator("[data-step-position]")
    cards = page.locator("[data-suggestions] section.card")
    expect(position).to_have_text("")
    for number in (1, 2, 3):
        page.locator("[data-step='1']").click()
        expect(position).to_have_text(f"{number} / {cards.count()}")
        expect(cards.nth(number - 1).locator("h3")).to_be_in_viewport()
    page.locator("[data-step='-1']").click()
    expect(position).to_have_text(f"2 / {cards.count()}")
    assert find_barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_files_are_sent_several_at_a_time_with_bytes_and_files_told(open_browser, make_folder):
    folder = make_folder("several")
    for number in range(40):
        (folder / "data" / f"{number:02}.csv").write_text(f"time,sst\n2021-04-01,{number}\n", encoding="utf-8")
    page = open_browser()
    held = []
    page.route("**/files/**", lambda route: held.append(route) if len(held) < 4 else route.continue_())
    page.goto("/drop")
    page.set_input_files("#drop-folder", folder)
    for _attempt in range(100):
        page.wait_for_timeout(100)
        if len(held) == 4:
            break
    page.wait_for_timeout(500)  # a fifth would get through, and count as sent
    expect(page.locator("[data-drop-numbers]")).to_contain_text(re.compile(r"of [\d.]+ kB \(0 %\), 0 of 43 files"))
    for route in held:
        route.continue_()
    page.wait_for_selector("[data-suggestion]")
    page.goto(f"{page.url.partition('?')[0]}/files")
    expect(page.locator("tbody tr")).to_have_count(43)


def test_folder_left_half_sent_is_gone_on_with(open_browser, make_folder):
    folder = make_folder("halfsent")
    page = open_browser()
    page.route("**/files/data/sst.csv", lambda route: route.fulfill(status=422, json={"detail": "Not now."}))
    page.goto("/drop")
    page.set_input_files("#drop-folder", folder)
    expect(page.locator("[data-drop-failed]")).to_have_text("data/sst.csv: Not now.")
    page.unroute("**/files/data/sst.csv")
    sent = []
    page.goto("/drop")
    page.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
    page.set_input_files("#drop-folder", folder)
    expect(page.locator("[data-drop-status]")).to_contain_text("2 of 3 files are there already")
    page.locator("[data-drop-there]").click()
    page.wait_for_selector("[data-suggestion]")
    assert [address.rpartition("/files/")[2] for address in sent] == ["data/sst.csv"]


def test_sending_goes_on_when_the_server_was_away_for_a_while(open_browser, make_folder):
    page = open_browser()
    away = {"left": 6}

    def answer(route):
        away["left"] -= 1
        if away["left"] >= 0:
            route.fulfill(status=503, json={"detail": "busy"})
        else:
            route.continue_()

    page.route("**/files/**", answer)
    page.goto("/drop")
    page.set_input_files("#drop-folder", make_folder("away"))
    expect(page.locator("[data-drop-status]")).to_contain_text("Trying again")
    page.wait_for_selector("[data-suggestion]")


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_files_page_fits_a_phone_and_undoes(open_browser, make_folder, drop, find_barriers, lang):
    folder = make_folder(f"files{lang}")
    long = "a_very_long_name_without_any_space_" * 4 + ".csv"
    (folder / long).write_text("x\n1\n", encoding="utf-8")
    page = open_browser(lang=lang, width=390)
    page.goto(f"{drop(page, folder).partition('?')[0]}/files")
    for button in page.locator("tbody button").all():
        box = button.bounding_box()
        assert box["x"] + box["width"] <= 390
        assert 44 <= box["height"] < 60  # one line
    page.locator("tbody button").first.click()
    expect(page.locator("tbody tr")).to_have_count(3)
    assert find_barriers(page) == []
    page.locator("button[name=undo]").click()
    expect(page.locator("tbody tr")).to_have_count(4)


def test_chosen_files_are_shown_without_scripts(open_browser, make_folder):
    page = open_browser(scripts=False)
    page.goto("/drop")
    chooser = page.locator("#drop-files")
    assert chooser.bounding_box()["width"] > 100
    page.goto("/drafts?state=discarded")
    expect(page.locator("[aria-current=page]").last).to_be_visible()


def test_what_programs_leave_behind_is_left_out_and_said(open_browser, make_folder, drop):
    page = open_browser()
    folder = make_folder("behind")
    (folder / "~$notes.xlsx").write_bytes(b"who had it open")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "x.pyc").write_bytes(b"x")
    page.goto("/drop")
    page.route("**/files/**", lambda route: (page.wait_for_timeout(500), route.continue_()))
    page.set_input_files("#drop-folder", folder)
    expect(page.locator("[data-drop-behind]")).to_contain_text("2 files, such as")
    page.wait_for_url(re.compile(r"/drafts/\w+$"))
    listed = page.request.get(f"/api/drafts/{page.url.rpartition('/')[2]}/files").json()
    assert [file["path"] for file in listed["items"]] == ["CITATION.cff", "README.md", "data/sst.csv"]


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_what_may_not_be_for_everybody_is_asked_on_a_phone(open_browser, make_folder, drop, find_barriers, lang):
    folder = make_folder(f"asked{lang}")
    (folder / "data" / "members.csv").write_text(
        "氏名,電話番号\n佐藤 花子,090-1234-5678\n鈴木 一郎,080-2345-6789\n", encoding="utf-8"
    )
    page = open_browser(lang=lang, width=390)
    drop(page, folder)
    section = page.locator("[data-questions]")
    expect(section.locator("> ul > [data-question]")).to_have_count(2)
    assert find_barriers(page) == []
    for button in section.locator("form button").all():
        box = button.bounding_box()
        assert box["x"] + box["width"] <= 390
        assert box["height"] >= 44
    section.locator("[data-place]").first.click()
    expect(page.locator("#viewer")).to_be_focused()
    expect(page.locator("#viewer td.is-marked").first).to_have_text("佐* 花*")
    assert find_barriers(page) == []
    page.locator(".back-to-form").click()
    expect(section.locator("[data-question]").first).to_be_in_viewport()
    section.locator("> ul > [data-question] button[value=consented]").first.click()
    expect(section.locator("> ul > [data-question]")).to_have_count(1)
    expect(section.locator("> ul button").first).to_be_focused()
    section.locator("> ul > [data-question] button[value=remove]").first.click()
    expect(section.locator(".notice-warning")).to_have_count(1)
    assert find_barriers(page) == []
    page.locator(".actions a[href$='/publish']").click()
    page.wait_for_url(re.compile(r"/publish$"))
    expect(page.locator("[data-questions]")).to_be_visible()
    expect(page.locator("[data-publish]")).to_have_count(0)
    assert find_barriers(page) == []
