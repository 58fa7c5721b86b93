"""DOCX made with python-docx, PPTX and ODT made by hand: properties, headings, paragraphs, tables, links; hostile packages."""

import zipfile
from datetime import datetime
from pathlib import Path

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from shirushi.describe.evidence import Evidence
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.office import read_office


def read(path: Path) -> list[Evidence]:
    return list(read_office(File(path, path.name, path.stat().st_size, "", "")))


def values(found: list[Evidence], kind: str) -> list[object]:
    return [e.value for e in found if e.kind == kind]


def make(path: Path) -> None:
    document = docx.Document()
    document.core_properties.title = "観測の手引き"
    document.core_properties.author = "山田 花子"
    document.core_properties.created = datetime(2024, 2, 29)  # noqa: DTZ001 - the format has no zone
    document.add_heading("相模湾の水温", 0)
    document.add_paragraph("十二のブイで毎時測定しました。")
    document.add_heading("License", 2)
    document.add_paragraph("Rights: CC BY 4.0")
    document.add_paragraph("first", style="List Bullet")
    linked = document.add_paragraph("See ")
    link = OxmlElement("w:hyperlink")
    link.set(
        qn("r:id"),
        document.part.relate_to("https://orcid.org/0000-0002-1825-0097", RELATIONSHIP_TYPE.HYPERLINK, is_external=True),
    )
    run, words = OxmlElement("w:r"), OxmlElement("w:t")
    words.text = "Yamada"
    run.append(words)
    link.append(run)
    linked._p.append(link)
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip([c for row in table.rows for c in row.cells], ["変数", "単位", "sst", "degC"], strict=True):
        cell.text = text
    document.save(str(path))


def test_docx_says_what_it_shows(tmp_path: Path) -> None:
    make(tmp_path / "a.docx")
    found = read(tmp_path / "a.docx")
    info = {e.value["name"]: e.value["value"] for e in found if e.kind == "document-info"}
    assert (info["Title"], info["Author"], info["CreationDate"]) == (
        "観測の手引き",
        "山田 花子",
        "2024-02-29T00:00:00Z",
    )
    assert values(found, "heading") == [{"text": "相模湾の水温", "level": 1}, {"text": "License", "level": 2}]
    assert values(found, "paragraph") == [
        {"text": "十二のブイで毎時測定しました。", "section": "相模湾の水温"},
        {"text": "Rights: CC BY 4.0", "section": "License"},
        {"text": "See Yamada", "section": "License"},
    ]
    assert values(found, "list-item") == [{"text": "first", "section": "License"}]
    assert values(found, "key-value") == [{"key": "Rights", "value": "CC BY 4.0", "section": "License"}]
    assert values(found, "link") == [
        {"url": "https://orcid.org/0000-0002-1825-0097", "text": "Yamada", "section": "License"}
    ]
    [row] = [e for e in found if e.kind == "table-row"]
    assert row.value == {"cells": ["sst", "degC"], "header": ["変数", "単位"], "section": "License"}
    assert (row.place.path, row.place.quote) == ("table 1 row 2", "sst | degC")


def test_pptx_titles_are_headings(tmp_path: Path) -> None:
    slide = (
        '<p:sld xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><p:cSld><p:spTree>'
        '<p:sp><p:nvSpPr><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>水温</a:t></a:r></a:p></p:txBody></p:sp>'
        "<p:sp><p:txBody><a:p><a:r><a:t>毎時の値</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
    )
    with zipfile.ZipFile(tmp_path / "a.pptx", "w") as package:
        package.writestr("ppt/slides/slide1.xml", slide)
    found = read(tmp_path / "a.pptx")
    assert values(found, "heading") == [{"text": "水温", "level": 1}]
    assert values(found, "paragraph") == [{"text": "毎時の値", "section": "水温"}]


def test_odt_headings_paragraphs_and_properties(tmp_path: Path) -> None:
    content = (
        '<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:t="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><o:body><o:text><t:h t:outline-level="2">概要</t:h>'
        "<t:p>相模湾</t:p></o:text></o:body></o:document-content>"
    )
    meta = '<m xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>観測</dc:title></m>'
    with zipfile.ZipFile(tmp_path / "a.odt", "w") as package:
        package.writestr("content.xml", content)
        package.writestr("meta.xml", meta)
    found = read(tmp_path / "a.odt")
    assert values(found, "document-info") == [{"name": "Title", "value": "観測"}]
    assert values(found, "heading") == [{"text": "概要", "level": 2}]
    assert values(found, "paragraph") == [{"text": "相模湾", "section": "概要"}]


def refusal(path: Path) -> str:
    with pytest.raises(Unreadable) as raised:
        read(path)
    return raised.value.code


def test_cut_package_is_truncated(tmp_path: Path) -> None:
    make(tmp_path / "a.docx")
    (tmp_path / "a.docx").write_bytes((tmp_path / "a.docx").read_bytes()[:5_000])
    assert refusal(tmp_path / "a.docx") == "truncated"


def test_part_that_unpacks_to_far_more_is_a_bomb(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b" " * 40_000_000)
    assert refusal(tmp_path / "a.docx") == "bomb"


def test_entities_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as package:
        package.writestr("word/document.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    assert refusal(tmp_path / "a.docx") == "entities"


def test_broken_xml_is_malformed(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as package:
        package.writestr("word/document.xml", "<a>")
    assert refusal(tmp_path / "a.docx") == "malformed"
