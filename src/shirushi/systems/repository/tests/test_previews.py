"""Looks into files, as readers meet them: the right view, whole limits, nothing that acts, and only for who may have the file."""

import io
import json
import re
import struct
import wave
import zipfile

import h5py
import openpyxl
import pytest
from django.test import Client
from lxml import html
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from shirushi.accounts.models import User
from shirushi.core import services
from shirushi.core.home import home
from shirushi.metadata.work import Access
from shirushi.systems.repository import preview_cache, previews, rich
from shirushi.systems.repository.preview_pictures import curve, net


def made(kind: str) -> bytes:
    stream = io.BytesIO()
    match kind:
        case "image":
            Image.new("RGB", (60, 40), "red").save(stream, "PNG")
        case "pdf":
            canvas = Canvas(stream, pagesize=(200, 100))
            for number in (1, 2, 3):
                canvas.drawString(10, 50, f"secret words {number}")
                canvas.showPage()
            canvas.save()
        case "hdf":
            with h5py.File(stream, "w") as opened:
                opened["sst"] = [[1.0, 2.0], [3.0, 4.0]]
                opened["sst"].attrs["units"] = "degC"
        case "zip":
            with zipfile.ZipFile(stream, "w") as archive:
                archive.writestr("secret.txt", "x")
        case "wav":
            with wave.open(stream, "wb") as opened:
                opened.setparams((1, 2, 8000, 0, "NONE", ""))
                opened.writeframes(struct.pack("<4000h", *range(4000)))
    return stream.getvalue()


CELLS = [
    {
        "cell_type": "code",
        "source": "secret",
        "outputs": [{"output_type": "display_data", "data": {"text/html": "<b>x</b><script>y</script>"}}],
    }
]
POINT = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [139.5, 35.1]},
    "properties": {"name": "secret"},
}
FILES = {
    "README.md": b"# Read me\n\n![here](pictures/a.png) ![there](https://tracker.example.com/a.png) [table](data/a.csv) [no](../../../etc/passwd)\n\n<b onclick=x>raw</b>\n",
    "data/a.csv": b"t,v\n" + b"".join(b"%d,%d\n" % (n, n % 7) for n in range(300)),
    "pictures/a.png": made("image"),
    "a.pdf": made("pdf"),
    "a.ipynb": json.dumps({"cells": CELLS, "nbformat": 4, "metadata": {}}).encode(),
    "a.h5": made("hdf"),
    "a.geojson": json.dumps(POINT).encode(),
    "a.zip": made("zip"),
    "a.wav": made("wav"),
    "a.py": b"import this\n",
}  # fmt: skip
PICTURED = ("pictures/a.png", "a.pdf")
SEEN = {
    "README.md": "article.written h2",
    "data/a.csv": ".profile-columns svg",
    "pictures/a.png": ".zoom img",
    "a.pdf": ".page-words",
    "a.ipynb": ".notebook .code-lines",
    "a.h5": ".tree summary",
    "a.geojson": "svg.map path.is-point",
    "a.zip": ".member-name",
    "a.wav": "audio[controls]",
    "a.py": ".code-lines li#L1",
}


@pytest.fixture
def record(publish):
    return publish(FILES)


def page(response):
    assert response.status_code == 200, response.content[:300]
    return html.fromstring(response.content.decode())


def test_every_kind_has_its_view_and_nothing_in_it_acts(record, client) -> None:
    for name, wanted in SEEN.items():
        response = client.get(f"/records/{record.pk}/preview/{name}")
        shown = page(response)
        assert shown.cssselect(wanted), name
        assert "no-store" in response["Cache-Control"] or "private" in response["Cache-Control"]
        # What the content security policy would refuse, and what would tell another host of the reader.
        assert not shown.xpath("//*[@style or @onclick or @onerror or @onload]"), name
        assert all(script.get("src", "").startswith("/") for script in shown.iter("script")), name
        fetched = shown.xpath("//img/@src | //audio/@src | //video/@src | //image/@href | //source/@src")
        assert all(re.match(r"/|data:image/(png|jpeg);base64,", address) for address in fetched), name
        part = client.get(f"/records/{record.pk}/preview/{name}", headers={"HX-Request": "true"})
        assert b"<html" not in part.content


def test_nobody_else_sees_any_of_it_by_any_door(record, client, curator) -> None:
    services.change_access(record=record, access=Access(rights="restricted"), by=curator)
    keeper, stranger = Client(), Client()
    keeper.force_login(User.objects.get(pk=curator.user_id))
    stranger.force_login(User.objects.create_user("reader@example.org", None, name="Reader"))
    doors = [f"/records/{record.pk}/preview/{name}" for name in FILES]
    doors += [f"/records/{record.pk}/picture/{name}" for name in PICTURED]
    doors += [
        f"/records/{record.pk}/preview/a.h5?variable=/sst",
        f"/records/{record.pk}/preview/a.py?byte=end",
        f"/records/{record.pk}/picture/a.pdf?page=2",
    ]
    for door in doors:
        assert keeper.get(door).status_code == 200, door
        for who in (client, stranger):  # also now that it is in the cache
            for asked in (
                who.get(door),
                who.head(door),
                who.get(door, headers={"Range": "bytes=0-9"}),
                who.get(door, headers={"HX-Request": "true"}),
            ):
                assert asked.status_code == 403, door
                assert b"secret" not in asked.content, door
    sound = f"/records/{record.pk}/files/a.wav"
    assert keeper.get(sound, headers={"Range": "bytes=0-3"}).getvalue() == b"RIFF"
    assert [who.get(sound, headers={"Range": "bytes=0-3"}).status_code for who in (client, stranger)] == [403, 403]


def test_embargoed_and_withdrawn_files_are_not_shown(record, client, curator) -> None:
    door = f"/records/{record.pk}/preview/a.py"
    assert client.get(door).status_code == 200
    services.change_access(record=record, access=Access(rights="embargoed", until="2999-01-01"), by=curator)
    assert client.get(door).status_code == 403
    assert client.get(f"/records/{record.pk}/picture/a.pdf").status_code == 403
    services.change_access(record=record, access=Access(), by=curator)
    services.withdraw(record=record, reason="It was wrong.", by=curator)
    assert client.get(door).status_code == 410
    assert client.get(f"/records/{record.pk}/picture/a.pdf").status_code == 410


def test_draft_is_looked_into_by_who_sees_it(curator, client) -> None:
    from shirushi.accounts.models import Space

    draft = services.create_draft(space=Space.objects.get(), by=curator)
    for name, data in FILES.items():
        services.put_file(draft=draft, path=name, content=io.BytesIO(data), by=curator, size=len(data))
    keeper, stranger = Client(), Client()
    keeper.force_login(User.objects.get(pk=curator.user_id))
    stranger.force_login(User.objects.create_user("reader@example.org", None, name="Reader"))
    for name, wanted in SEEN.items():
        door = f"/drafts/{draft.pk}/preview/{name}"
        assert page(keeper.get(door)).cssselect(wanted), name
        assert (stranger.get(door).status_code, client.get(door).status_code) == (404, 302)
    picture = f"/drafts/{draft.pk}/picture/a.pdf?page=2"
    assert keeper.get(picture)["Content-Type"] == "image/png"
    assert (stranger.get(picture).status_code, client.get(picture).status_code) == (404, 302)
    sound = page(keeper.get(f"/drafts/{draft.pk}/preview/a.wav")).cssselect("audio")[0].get("src")
    assert keeper.get(sound, headers={"Range": "bytes=0-3"}).getvalue() == b"RIFF"
    assert stranger.get(sound).status_code == 404
    listed = page(keeper.get(f"/drafts/{draft.pk}/files"))
    assert f"/drafts/{draft.pk}/preview/a.py" in listed.xpath("//a/@href")


def test_links_and_pictures_of_a_text_stay_in_the_record(record, client) -> None:
    shown = page(client.get(f"/records/{record.pk}/preview/README.md")).cssselect(".written")[0]
    assert shown.xpath(".//img/@src") == [f"/records/{record.pk}/picture/pictures/a.png"]
    assert [(a.get("href"), a.get("rel")) for a in shown.iter("a")] == [
        ("https://tracker.example.com/a.png", "nofollow noopener noreferrer"),
        (f"/records/{record.pk}/preview/data/a.csv", None),
    ]
    assert "<b onclick=x>raw</b>" in shown.text_content()


def test_pages_turn_to_the_end(record, client) -> None:
    def all_of(name: str, cells: str) -> list[str]:
        address, found = f"/records/{record.pk}/preview/{name}", []
        while address:
            shown = page(client.get(address))
            found += [" ".join(e.text_content().split()) for e in shown.cssselect(cells)]
            address = next(iter(shown.xpath("//nav[contains(@class, 'turning')]//a[@rel='next']/@href")), "")
        return found

    assert all_of("data/a.csv", ".table-scroll.tall tbody th")[-1] == "301"
    assert all_of("a.pdf", ".page-words") == ["secret words 1", "secret words 2", "secret words 3"]


def test_large_picture_is_made_once_and_not_sent_again(record, client, monkeypatch) -> None:
    door = f"/records/{record.pk}/picture/pictures/a.png"
    first = client.get(door)
    assert (first["Content-Type"], Image.open(io.BytesIO(first.content)).size) == ("image/png", (60, 40))
    assert "sandbox" in first["Content-Security-Policy"]
    assert client.get(door, headers={"If-None-Match": first["ETag"]}).status_code == 304
    monkeypatch.setattr("shirushi.describe.preview.enlarged", None)  # it cannot be made again
    assert client.get(door).content == first.content
    for name in ("a.py", "a.zip", "nothing.png"):
        assert client.get(f"/records/{record.pk}/picture/{name}").status_code == 404


ODD = ("page=0", "page=99999", "offset=999999999", "offset=-1", "byte=99999999999", "byte=x", "sheet=%00", "as=text", "variable=/../../x",
    "variable=&at=9&at=x", "at=999999999999999", "value=/x&seen=9")  # fmt: skip


def test_odd_addresses_show_something_or_say_why(record, client) -> None:
    for asked in ODD:
        for name in FILES:
            assert client.get(f"/records/{record.pk}/preview/{name}?{asked}").status_code == 200, (name, asked)


def test_what_was_seen_is_kept_and_may_go_at_any_time(curator, monkeypatch) -> None:
    calls: list[int] = []

    def look() -> dict[str, object]:
        calls.append(1)
        return {"type": "text", "n": len(calls)}

    assert [preview_cache.shown({"a": 1}, look)["n"] for _ in range(3)] == [1, 1, 1]
    (entry,) = (home().root / "cache" / "previews").glob("??/*")
    entry.chmod(0o600)
    entry.write_bytes(b"damaged")
    assert preview_cache.shown({"a": 1}, look)["n"] == 2
    assert preview_cache.shown({"a": 2}, look)["n"] == 3
    monkeypatch.setattr(preview_cache, "home", lambda: type("Nowhere", (), {"root": entry}))
    assert preview_cache.shown({"a": 1}, look)["n"] == 4  # a folder that cannot be made is no reason to fail


def test_what_kept_a_worker_busy_is_not_tried_at_once_again(curator) -> None:
    calls: list[int] = []

    def look() -> dict[str, object]:
        calls.append(1)
        return {"type": "none", "reason": "timeout"}

    assert [preview_cache.shown({"hostile": 1}, look)["reason"] for _ in range(3)] == ["timeout"] * 3
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        (["<b>&"], "&lt;b&gt;&amp;"),
        ([["script", {}, ["x"]]], "x"),
        ([["p onclick=x", {}, ["x"]]], "x"),
        ([["a", {"href": "javascript:x"}, ["x"]]], "x"),
        ([["a", {"href": "https://a.example/\"onclick='x"}, ["x"]]], '<a href="https://a.example/&#34;onclick=&#39;x" rel="nofollow noopener noreferrer">x</a>'),
        ([["td", {"colspan": "2 onclick=x", "rowspan": 3}, []]], '<td rowspan="3"></td>'),
        ([["h1", {"id": '"><script>'}, ["t"]]], '<h2 id="md-&#34;&gt;&lt;script&gt;">t</h2>'),
        ([["img", {"src": "data:text/html,x", "alt": "<i>"}, []]], '<span class="tag">Picture: &lt;i&gt;</span>'),
        ([["p", {}], 3, None, {"a": 1}, [[], {}, []]], ""),
        ("text", ""),
    ],
)  # fmt: skip
def test_nodes_of_a_worker_that_lies_are_harmless(nodes, expected: str) -> None:
    assert str(rich.written(nodes, prefix="md-")) == expected


def test_deep_nodes_end_somewhere() -> None:
    nodes: list = ["x"]
    for _ in range(500):
        nodes = [["blockquote", {}, nodes]]
    assert len(rich.written(nodes)) < 5_000


def test_nets_and_curves_stand_where_they_should() -> None:
    drawn = net({"west": 139, "south": 35, "east": 140, "north": 36, "width": 640, "height": 500}, degrees=True)
    assert drawn.meridians[0] == (0, "139°E")
    metres = net(
        {"west": 0, "south": 0, "east": 9000, "north": 4000, "width": 640, "height": 300}, degrees=False, unit="m"
    )
    assert (metres.meridians[1], metres.parallels[0]) == ((142.2, "2 km"), (300, "0 km"))
    line = curve([[0, 1], [1, None], [2, 3], [3, 2]])
    assert line is not None
    assert (line.d.count("M"), line.left, line.right, line.low, line.high) == (2, 0, 3, 1, 3)
    assert curve([[0, 1]]) is None


def test_files_beside_are_found_by_their_names() -> None:
    assert previews.beside("application/vnd.shp", "a/b.shp")[".dbf"] == ("a/b.dbf", "a/b.DBF")
    assert previews.beside("text/csv", "a.csv") == {}


GRID = b"ncols 4\nnrows 3\nxllcorner 139\nyllcorner 35\ncellsize 0.1\nNODATA_value -9999\n1 2 3 4\n5 6 -9999 8\n9 10 11 12\n"


def odd_files() -> dict[str, bytes]:
    """Damaged, empty and misnamed ones, and some whose words stand beside each other."""
    frames, wide = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (1300, 20)).save(frames, "TIFF", save_all=True, append_images=[Image.new("RGB", (9, 9), "red")])
    with h5py.File(wide, "w") as opened:
        opened["sst"] = [0.0] * 12_345
    return {
        "empty.csv": b"",
        "broken.json": b'{"a":',
        "far.geojson": json.dumps({"type": "Point", "coordinates": [1e6, 1e9]}).encode(),
        "hello.png": b"hello",
        "cut.wav": made("wav")[:1_044],
        "cut.h5": made("hdf")[:1_500],
        "frames.tif": frames.getvalue(),
        "wide.csv": (",".join(f"c{n}" for n in range(300)) + "\n" + ",".join(["1"] * 300) + "\n").encode(),
        "long.csv": b"a,b\n" + b"1,2\n" * 12_345,
        "total.csv": b"a,b\nkg,m\n1,2\n3,4\n5,6\n7,8\nTotal,20\n",
        "grid.asc": GRID,
        "wide.h5": wide.getvalue(),
    }


ODD_WORDS = {
    "empty.csv": ("This file is empty (0 bytes).", "このファイルは空です（0 バイト）。"),
    "broken.json": ("(not JSON: Expecting value: line 1 column 6 (char 5)). It is shown plainly", "（JSON として読めない：1 行 6 列目）。"),
    "far.geojson": ("all lie outside of longitudes and latitudes). It is", "1 個の地物がすべて、経度・緯度の範囲の外にある"),
    "hello.png": ("The name promises PNG, but the file holds something else.", "名前は PNG を示していますが"),
    "cut.wav": ("(8\u202f000 bytes of sound are announced, 1\u202f000 are there).", "（音声は 8\u202f000 バイトのはずが 1\u202f000 バイト）"),
    "cut.h5": ("1\u202f500 / ", "1\u202f500 / "),
    "frames.tif": ("1\u202f300 × 20 pixels. Frame 1 of 2.", "大きさ1\u202f300 × 20 ピクセル"),
    "wide.csv": ("These are all rows. The first 200 of 300 columns.", "300 列"),
    "long.csv": ("12\u202f345 rows", "12\u202f345 行"),
    "total.csv": ("2 rows are not counted here: they are empty, or hold units, totals or notes.", "2 行はここでは数えていません"),
    "wide.h5": ("(12\u202f345)", "(12\u202f345)"),
}  # fmt: skip


def test_odd_files_say_what_is_wrong_in_both_languages(publish, client) -> None:
    record = publish(odd_files())
    for name, both in ODD_WORDS.items():
        for language, words in zip(("en", "ja"), both, strict=True):
            answer = client.get(f"/records/{record.pk}/preview/{name}", headers={"Accept-Language": language})
            told = " ".join(page(answer).xpath("string(//main)").split(" ")).replace("\n", "")
            told = re.sub(" {2,}", " ", told)
            assert words in told, (name, language, told[:600])
            assert "image:size" not in told
            assert "{'" not in told
            assert not re.search(r"\d,\d{3}\b", told), (name, language)
    grid = page(client.get(f"/records/{record.pk}/preview/grid.asc"))
    # its cells are drawn as they are, not blended
    assert [one.get("class") for one in grid.iter("image")] == ["is-grid"]


def test_formulas_without_results_are_told_of_once(publish, client) -> None:
    stream = io.BytesIO()
    book = openpyxl.Workbook()
    for cells in (("a", "b"), (1, "=A2*2"), (2, 4)):
        book.active.append(cells)
    book.save(stream)
    record = publish({"a.xlsx": stream.getvalue()})
    told = page(client.get(f"/records/{record.pk}/preview/a.xlsx")).xpath("string(//main)")
    assert told.count("1 cell holds a formula whose result is not kept in the file: it is empty here.") == 1
    assert "Sheet Sheet: 2 rows" in told


def test_tables_turn_to_rows_that_are_there(publish, client) -> None:
    titled = b"My experiment,,\nDate: 2024,,\n\nt,v,u\n" + b"1,2,3\n" * 250 + b"\n\n\n"
    record = publish({"titled.csv": titled, "short.csv": b"# a remark\n# another\na,b\n1,2\n\n\n"})
    first = page(client.get(f"/records/{record.pk}/preview/titled.csv"))
    told = first.xpath("string(//main)")
    assert ("My experiment" in told, "200 of 250 rows are shown." in told) == (True, True)
    assert [link.text for link in first.cssselect(".turning a")] == ["Next"]
    last = page(client.get(first.cssselect(".turning a")[0].get("href")))
    assert [link.text for link in last.cssselect(".turning a")] == ["Previous"]
    assert len(last.cssselect("tbody tr")) == 50
    assert not page(client.get(f"/records/{record.pk}/preview/short.csv")).cssselect(".turning a")


def test_marked_values_above_a_table_are_masked_too() -> None:
    above = [{"number": 1, "cells": ["Contact: hanako@example.org"]}]
    shown = previews.Shown(type="table", rows=[], above=above, highlight={"row": 1, "column": 1})
    assert "hanako" not in previews.masked(shown, {"column": 1})["above"][0]["cells"][0]


def test_lines_run_as_they_are_read(publish, client) -> None:
    record = publish({"a.py": "access = 'user\u202e \u2066# admin\u2069'\n".encode()})
    told = page(client.get(f"/records/{record.pk}/preview/a.py")).xpath("string(//main)")
    assert "user\\u202e \\u2066# admin\\u2069'" in told
