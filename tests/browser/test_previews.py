"""Looking into files in a browser: zoom by buttons and keys, on a phone too, without a script, without asking any other host."""

import io
import json
import struct
import wave
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
POINTS = [
    {
        "type": "Feature",
        "properties": {"name": f"p{n}"},
        "geometry": {"type": "Point", "coordinates": [139 + n / 9, 35]},
    }
    for n in range(5)
]


@pytest.fixture
def pictures(make_folder) -> Path:
    folder = make_folder("looking")
    Image.new("RGB", (1200, 900), "teal").save(folder / "view.png")
    (folder / "points.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": POINTS}))
    (folder / "long.csv").write_text("a,b\n1," + "x" * 9_000 + '\n2,"=HYPERLINK(""http://example.org/"",""x"")"\n')
    stream = io.BytesIO()
    with wave.open(stream, "wb") as made:
        made.setparams((1, 2, 8000, 0, "NONE", ""))
        made.writeframes(struct.pack("<8000h", *range(8000)))
    (folder / "call.wav").write_bytes(stream.getvalue())
    return folder


def test_files_are_looked_at_closely(open_browser, find_barriers, drop, pictures, server) -> None:
    page = open_browser(width=390)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    draft = drop(page, pictures)
    for name in ("view.png", "points.geojson", "call.wav", "data/sst.csv", "long.csv", "README.md"):
        page.goto(
            f"{draft}/preview/{pictures.name}/{name}"
            if page.request.get(f"{draft}/preview/{name}").status == 404
            else f"{draft}/preview/{name}"
        )
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        cards = (
            "[...document.querySelectorAll('.profile-columns > li')].every(one => one.scrollWidth <= one.clientWidth)"
        )
        assert page.evaluate(cards), name
        assert find_barriers(page) == [], name
        if name in ("view.png", "points.geojson"):
            pane, told = page.locator(".zoom-window"), page.locator("[data-zoom-scale]")
            page.get_by_role("button", name="Larger").click()
            expect(told).to_have_text("150 %")
            pane.focus()
            page.keyboard.press("+")
            expect(told).to_have_text("225 %")
            assert pane.evaluate("pane => pane.scrollWidth > 2 * pane.clientWidth")
            before = pane.evaluate("pane => pane.scrollLeft")
            page.keyboard.press("ArrowRight")
            page.wait_for_function("before => document.querySelector('.zoom-window').scrollLeft > before", arg=before)
            page.keyboard.press("0")
            expect(told).to_have_text("100 %")
        if name == "call.wav":
            page.wait_for_function("document.querySelector('audio').duration > 0.9")
    assert [address for address in asked if not address.startswith((server, "data:"))] == []


def test_picture_is_there_without_a_script(open_browser, drop, pictures) -> None:
    draft = drop(open_browser(), pictures)
    page = open_browser(scripts=False)
    page.goto(f"{draft}/files")
    page.get_by_role("link", name="view.png").click()
    expect(page.locator(".zoom img")).to_be_visible()
    expect(page.get_by_role("button", name="Larger")).to_be_hidden()
    answer = page.request.get(page.get_by_role("link", name="Open the large picture").get_attribute("href"))
    assert Image.open(io.BytesIO(answer.body())).size == (1200, 900)
