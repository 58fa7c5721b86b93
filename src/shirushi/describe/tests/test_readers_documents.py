"""RTF, EPUB and the closing sections of TeX."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirushi.describe.evidence import BytesPlace, Evidence, LinePlace
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.plain import read_tex
from shirushi.describe.readers.registry import readers_for
from shirushi.describe.readers.texts import _rtf, read_epub, read_rtf


def file_of(folder: Path, data: bytes) -> File:
    path = folder / "file"
    path.write_bytes(data)
    return File(path, "file", len(data), "", "")


RTF = (
    rb"{\rtf1\ansi\ansicpg932{\fonttbl{\f0 Times;}}{\info{\title Sea log}{\author Yamada Hanako}}"
    rb"{\*\generator Writer 7;}\f0 First line of the\par {\b second} \{x\} \u27700?\'89\'b7\par {\pict 0102ff}}"
)


def test_rtf(tmp_path: Path) -> None:
    found = list(read_rtf(file_of(tmp_path, RTF)))
    assert [(e.kind, e.value) for e in found] == [
        ("document-info", {"name": "Title", "value": "Sea log"}),
        ("document-info", {"name": "Author", "value": "Yamada Hanako"}),
        ("paragraph", {"text": "First line of the", "section": ""}),
        ("paragraph", {"text": "second {x} 水温", "section": ""}),
    ]
    for evidence in found:
        assert isinstance(evidence.place, BytesPlace)
        first = (
            str(next(iter(evidence.value.values()))).split()[0]
            if evidence.kind == "paragraph"
            else evidence.value["value"]
        )
        assert first.encode() in RTF[evidence.place.offset : evidence.place.offset + evidence.place.length]


@pytest.mark.parametrize(
    "data", [b"{\\rtf1", b"{" * 100_000, b"}" * 100_000, b"{\\rtf1\\u", b"\\'" * 1_000, b"{\\rtf1\\bin99999999 "]
)
def test_hostile_rtf_says_nothing(tmp_path: Path, data: bytes) -> None:
    assert list(read_rtf(file_of(tmp_path, data))) == []


@given(st.binary(max_size=300))
def test_any_bytes_as_rtf(data: bytes) -> None:
    for _, _, start, end in _rtf(b"{\\rtf1 " + data):
        assert 0 <= start <= end <= len(data) + 7


def epub(package: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml", '<container><rootfiles><rootfile full-path="a/b.opf"/></rootfiles></container>'
        )
        archive.writestr("a/b.opf", package)
    return buffer.getvalue()


OPF = """<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title xml:lang="ja">海の本</dc:title><dc:creator>Yamada, Hanako</dc:creator><dc:language>ja</dc:language></metadata></package>"""


def test_epub(tmp_path: Path) -> None:
    found = list(read_epub(file_of(tmp_path, epub(OPF))))
    assert [(e.value["field"], e.value["value"]) for e in found] == [
        ("titles", {"text": "海の本", "lang": "ja"}),
        (
            "creators",
            {"name": "Yamada, Hanako", "name_type": "Personal", "given_name": "Hanako", "family_name": "Yamada"},
        ),
        ("languages", "ja"),
    ]
    assert [e.place.quote for e in found] == ["海の本", "Yamada, Hanako", "ja"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04", "truncated"),
        (epub("<a>"), "malformed"),
        (epub('<!DOCTYPE a [<!ENTITY b "c">]><a/>'), "entities"),
    ],
)
def test_hostile_epub(tmp_path: Path, data: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as raised:
        list(read_epub(file_of(tmp_path, data)))
    assert raised.value.code == code


TEX = r"""\title{Sea}
\author{Hanako Yamada\thanks{Funded by JSPS.}}
\section{Methods}
We swam.
\section*{Data availability}
See the archive.
\begin{acknowledgments}
We thank \textbf{Ana}.
\end{acknowledgments}
"""


def paragraphs(folder: Path, text: str) -> list[Evidence]:
    return [e for e in read_tex(file_of(folder, text.encode())) if e.kind == "paragraph"]


def test_tex_says_who_helped_and_where_the_data_are(tmp_path: Path) -> None:
    found = paragraphs(tmp_path, TEX)
    assert ("Acknowledgments", "We thank Ana.") in [(e.value["section"], e.value["text"]) for e in found]
    assert found[0].value["section"] == "Data availability"
    assert found[0].value["text"].startswith("See the archive.")
    assert isinstance(found[0].place, LinePlace)
    assert found[0].place.start == 5
    pairs = [e.value for e in read_tex(file_of(tmp_path, TEX.encode())) if e.kind == "key-value"]
    assert {"key": "thanks", "value": "Funded by JSPS.", "section": ""} in pairs


def test_hostile_tex_is_quick(tmp_path: Path) -> None:
    assert paragraphs(tmp_path, "\\begin{acks}" * 3_000) == []


def test_both_have_a_reader() -> None:
    assert "shirushi.describe.readers.texts:read_rtf" in readers_for("application/rtf")
    assert "shirushi.describe.readers.texts:read_epub" in readers_for("application/epub+zip")
