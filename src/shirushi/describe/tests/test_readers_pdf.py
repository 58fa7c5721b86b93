"""PDF files made with ReportLab: headings, paragraphs, links and properties, each at the box where it stands."""

from pathlib import Path

import pypdfium2
import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from shirushi.describe.evidence import Evidence, PagePlace
from shirushi.describe.readers import pdf
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.pdf import read_pdf
from shirushi.describe.readers.pdf_layout import joined

TITLE = "Sea surface temperature of Sagami Bay"
FIRST = "Twelve buoys measured the temperature of the water every hour."


def make(path: Path, *, password: str | None = None, rotation: int = 0) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiKakuGo-W5"))
    canvas = Canvas(str(path), pagesize=A4, encrypt=StandardEncryption(password) if password else None)
    canvas.setTitle("相模湾の海面水温")
    canvas.setAuthor("Yamada, Hanako")
    canvas.setPageRotation(rotation)
    canvas.setFont("Helvetica", 20)
    canvas.drawString(72, 750, TITLE)
    canvas.setFont("Helvetica", 11)
    canvas.drawString(72, 700, FIRST)
    canvas.drawString(72, 686, "The readings were checked by hand.")
    canvas.drawString(72, 640, "Keywords: temperature, buoy")
    canvas.drawString(72, 600, "Hanako Yamada")
    canvas.linkURL("https://orcid.org/0000-0002-1825-0097", (70, 597, 150, 612))
    canvas.showPage()
    canvas.setFont("HeiseiKakuGo-W5", 20)
    canvas.drawString(72, 750, "概要")
    canvas.setFont("HeiseiKakuGo-W5", 11)
    canvas.drawString(72, 700, "相模湾の十二のブイで水温を毎時")
    canvas.drawString(72, 686, "測定しました。")
    canvas.save()


def read(path: Path) -> list[Evidence]:
    return list(read_pdf(File(path, path.name, path.stat().st_size, "application/pdf", "PDF")))


def values(found: list[Evidence], kind: str) -> list[object]:
    return [e.value for e in found if e.kind == kind]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("D:20240229103000+09'00'", "2024-02-29 10:30 +09:00"),
        ("D:20000101000000+00'00'", "2000-01-01"),
        ("D:20240229103000Z", "2024-02-29 10:30"),
        ("D:20240229103000-05", "2024-02-29 10:30 -05:00"),
        ("D:202402", "2024-02"),
        ("D:2024", "2024"),
        ("last year", "last year"),
    ],
)
def test_date_of_a_pdf_is_written_as_people_read_it(written, read):
    assert pdf.as_date(written) == read


def test_pdf_says_what_it_shows(tmp_path: Path) -> None:
    make(tmp_path / "a.pdf")
    found = read(tmp_path / "a.pdf")
    assert values(found, "heading") == [{"text": TITLE, "level": 1}, {"text": "概要", "level": 1}]
    assert values(found, "paragraph")[0] == {"text": f"{FIRST} The readings were checked by hand.", "section": TITLE}
    assert values(found, "paragraph")[-1] == {"text": "相模湾の十二のブイで水温を毎時測定しました。", "section": "概要"}
    assert values(found, "key-value") == [{"key": "Keywords", "value": "temperature, buoy", "section": TITLE}]
    assert values(found, "link") == [
        {"url": "https://orcid.org/0000-0002-1825-0097", "text": "Hanako Yamada", "section": TITLE}
    ]
    info = {e.value["name"]: (e.value["value"], e.place.path) for e in found if e.kind == "document-info"}
    assert info["Title"] == ("相模湾の海面水温", "PDF:Title")
    assert info["Author"] == ("Yamada, Hanako", "PDF:Author")
    assert info["CreationDate"][0][:2] == "20"


@pytest.mark.parametrize("rotation", [0, 180])
def test_quotes_stand_in_their_boxes(tmp_path: Path, rotation: int) -> None:
    make(tmp_path / "a.pdf", rotation=rotation)
    found = [e for e in read(tmp_path / "a.pdf") if isinstance(e.place, PagePlace)]
    assert found
    document = pypdfium2.PdfDocument(tmp_path / "a.pdf")
    for evidence in found:
        place = evidence.place
        assert place.box is not None
        left, top, right, bottom = place.box
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1
        if rotation == 180:  # back to where it stands on the unturned page
            left, top, right, bottom = 1 - right, 1 - bottom, 1 - left, 1 - top
        width, height = A4
        corners = (left * width - 2, (1 - bottom) * height - 2, right * width + 2, (1 - top) * height + 2)
        text = document[place.page - 1].get_textpage().get_text_bounded(*corners)
        assert "".join(place.quote.split()) in "".join(text.split())


def test_encrypted_pdf_is_refused(tmp_path: Path) -> None:
    make(tmp_path / "a.pdf", password="secret")
    with pytest.raises(Unreadable) as raised:
        read(tmp_path / "a.pdf")
    assert raised.value.code == "encrypted"


@pytest.mark.parametrize(("keep", "codes"), [(200, {"truncated"}), (20, {"truncated"})])
def test_cut_pdf_is_refused_as_truncated(tmp_path: Path, keep: int, codes: set[str]) -> None:
    make(tmp_path / "a.pdf")
    (tmp_path / "a.pdf").write_bytes((tmp_path / "a.pdf").read_bytes()[:keep])
    with pytest.raises(Unreadable) as raised:
        read(tmp_path / "a.pdf")
    assert raised.value.code in codes


def test_nonsense_with_an_end_mark_is_malformed(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\nnothing here\n%%EOF\n")
    with pytest.raises(Unreadable) as raised:
        read(tmp_path / "a.pdf")
    assert raised.value.code == "malformed"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["one", "two"], "one two"),
        (["inter-", "face"], "interface"),
        (["Data-", "Cite"], "Data- Cite"),
        (["測定", "しました"], "測定しました"),
        ([], ""),
    ],
)
def test_lines_are_joined(lines: list[str], expected: str) -> None:
    assert joined(lines) == expected
