"""Texts of every kind of document are looked through for data about people, and what was found stands nowhere else."""

import io
import json
import zipfile

import docx
import openpyxl
import pytest
from reportlab.pdfgen import canvas

from shirushi.describe import describe
from shirushi.describe.readers.sensitive_prose import passages

CHART = "患者氏名：山田太郎　患者番号：1234567　生年月日：昭和30年1月2日　電話：090-1234-5678"
NUMBER = "マイナンバー：123456789018"
WORDS = ("山田", "太郎", "1234567", "昭和30", "090-1234", "123456789018")
ENGLISH = "Patient name: Ellen Whitaker MRN: 1234567"
ENGLISH_WORDS = ("Ellen", "Whitaker", "1234567")
TRANSCRIPT = (
    "聞き手：では、お名前を教えてください。\n"
    "話し手：はい、山田太郎と申します。東京都練馬区光が丘3-4-5に住んでいます。電話は03-1234-5678です。\n"
)


def word(*paragraphs: str, header: str = "", table: tuple[tuple[str, ...], ...] = ()) -> bytes:
    document = docx.Document()
    document.add_heading("診療記録", 1)
    for text in paragraphs:
        document.add_paragraph(text)
    if header:
        document.sections[0].header.paragraphs[0].text = header
    if table:
        made = document.add_table(len(table), len(table[0]))
        for cells, row in zip(table, made.rows, strict=True):
            for text, cell in zip(cells, row.cells, strict=True):
                cell.text = text
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def slides(*paragraphs: str, notes: str = "") -> bytes:
    names = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'

    def part(kind: str, *said: str) -> str:
        words = "".join(f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>" for text in said)
        return f"<p:{kind} {names}><p:cSld><p:spTree><p:sp><p:txBody>{words}</p:txBody></p:sp></p:spTree></p:cSld></p:{kind}>"

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("ppt/presentation.xml", "<p/>")
        package.writestr("ppt/slides/slide1.xml", part("sld", *paragraphs))
        package.writestr("ppt/notesSlides/notesSlide1.xml", part("notes", notes))
    return stream.getvalue()


def pdf(*pages: str) -> bytes:
    stream = io.BytesIO()
    page = canvas.Canvas(stream)
    for text in pages:
        for number, line in enumerate(text.split("\n")):
            page.drawString(70, 760 - 20 * number, line)
        page.showPage()
    page.save()
    return stream.getvalue()


def open_document(*paragraphs: str) -> bytes:
    said = "".join(f"<text:p>{text}</text:p>" for text in paragraphs)
    names = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr(
            "content.xml",
            f"<office:document-content {names}><office:body><office:text>{said}</office:text></office:body></office:document-content>",
        )
    return stream.getvalue()


def book(**sheets: list[list[object]]) -> bytes:
    """A workbook; of a sheet ``_name`` the name begins behind the line, and it is hidden."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name.lstrip("_"))
        if name.startswith("__"):
            sheet.sheet_state = "veryHidden"
        elif name.startswith("_"):
            sheet.sheet_state = "hidden"
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def notebook(source: str, printed: str = "") -> str:
    output = [{"output_type": "stream", "name": "stdout", "text": [printed]}] if printed else []
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": [source]},
        {"cell_type": "code", "metadata": {}, "execution_count": 1, "outputs": output, "source": ["df.head()"]},
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


RTF = "{\\rtf1\\ansi\n\\b Case\\b0\\par\nPatient name: Ellen Whitaker MRN: 1234567\\par\n}"
TEX = (
    "\\documentclass{article}\\title{Case}\\begin{document}\\maketitle\\begin{abstract}%s\\end{abstract}\\end{document}"
)
HTML = "<html><body><h1>Case</h1><p>%s</p></body></html>"


@pytest.mark.parametrize(
    ("name", "content", "hidden"),
    [
        ("a.docx", word(CHART, NUMBER), WORDS),
        ("b.docx", word("所見なし。", header=CHART), WORDS[:4]),
        ("c.docx", word("所見なし。", table=(("患者氏名", "山田太郎"), ("患者番号", "1234567"), ("備考", "なし"))), WORDS[:3]),
        ("a.pptx", slides(CHART, NUMBER), WORDS),
        ("b.pptx", slides("所見なし。", notes=CHART), WORDS[:4]),
        ("a.odt", open_document(CHART, NUMBER), WORDS),
        ("a.pdf", pdf(ENGLISH), ENGLISH_WORDS),
        ("b.pdf", pdf(*["A page of the report."] * 8, ENGLISH), ENGLISH_WORDS),
        ("a.xlsx", book(カード=[["患者氏名", "山田太郎"], ["患者番号", 1234567], ["生年月日", "1955-01-02"]]), WORDS[:3]),
        ("a.ipynb", notebook(ENGLISH), ENGLISH_WORDS),
        ("b.ipynb", notebook("# Case", printed=ENGLISH), ENGLISH_WORDS),
        ("a.html", HTML % ENGLISH, ENGLISH_WORDS),
        ("a.tex", TEX % ENGLISH, ENGLISH_WORDS),
        ("a.rtf", RTF, ENGLISH_WORDS),
        ("a.txt", f"{CHART}\n{NUMBER}\n", WORDS),
        ("a.md", f"# Case\n\n{ENGLISH}\n", ENGLISH_WORDS),
    ],
)  # fmt: skip
def test_chart_is_seen_and_stands_nowhere(tmp_path, name, content, hidden) -> None:
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    description = describe(tmp_path)
    assert "patient" in description.concerns()[name]
    told = json.dumps(description.to_json(evidence=True), ensure_ascii=False)
    assert not [said for said in hidden if said in told]
    composed = [item.value for item in description.suggestions if not item.target.startswith("/variables")]
    assert not [value for value in composed if "氏名" in str(value) or "Patient name" in str(value)]


def test_number_is_told_by_itself(see) -> None:
    found = {item.value["category"]: item for item in see({"a.docx": word(CHART, NUMBER)}).of("sensitive")}
    assert found["national-id"].value["count"] == 1
    assert found["national-id"].place.path == "paragraph 3"
    assert found["phone"].place.quote == "***-****-****"


def test_interview_is_seen(see) -> None:
    seen = see({"interview.txt": TRANSCRIPT})
    assert {item.value["category"] for item in seen.of("sensitive")} == {"personal-name", "postal-address", "phone"}
    assert not seen.of("paragraph", "key-value")


def test_what_stands_beside_a_person_counts(see) -> None:
    text = "Mrs. Ellen Whitaker, born 12 March 1951, of 14 Elm Street, Leeds was seen with diabetes.\n"
    assert {item.value["category"] for item in see({"diary.txt": text}).of("sensitive")} == {
        "patient",
        "personal-name",
        "postal-address",
    }


ORDINARY = [
    "問い合わせ先：東北環境大学 生命科学研究科 佐々木健一 〒980-8577 宮城県仙台市青葉区片平2-1-1 電話：022-217-5000",
    "Corresponding author: Ellen Whitaker, University of Leeds, 14 Elm Street, Leeds. Phone +44 113 496 0000",
    "氏名：佐々木 健一　所属：東北環境大学　連絡先：022-217-5000",
    "作成者：佐々木 健一（ササキ ケンイチ）\n連絡先：k-sasaki@tohoku.ac.jp",
    "doi:10.1234/5678.9012.3456 ISBN 978-4-00-310101-8 JP17K00001 ISSN 1234-5678",
    "Station 12: 35.123456 N, 139.123456 E, opened 1951-03-12, gauge 4539 1488 0343",
    "patient_id: unique identifier\n患者ID：数字\n患者氏名：記入しない\nPatient name: removed",
    "Charles Darwin was born on 12 February 1809 in Shrewsbury.",
    "観測所は東京都千代田区大手町1-3-4にあります。",
    "The card catalogue holds 4111 entries of 1234 5678 9012.",
    "The library at 14 Elm Street is open; call 113-496-0000.",
    "これは太郎山と申します。名前の由来は次のとおりです。",
    "Patients were recruited at two sites. Patient: see the glossary.",
]


@pytest.mark.parametrize("text", ORDINARY)
@pytest.mark.parametrize("name", ["notes.txt", "notes.docx"])
def test_ordinary_texts_are_let_be(see, name, text) -> None:
    content = word(*text.split("\n")) if name.endswith("docx") else text
    assert see({name: content}).of("sensitive") == []


def test_readme_may_name_people(see) -> None:
    text = f"# Data\n\nName: Hanako Yamada\nAddress: 14 Elm Street, Leeds\nMobile: 090-1234-5678\n\n{ENGLISH}\n"
    assert see({"README.md": text}).of("sensitive") == []
    assert [item.value["category"] for item in see({"README.txt": NUMBER}).of("sensitive")] == ["national-id"]


def test_no_word_of_a_long_text_is_tried_in_vain() -> None:
    """What stands in no chart costs little: a text of a megabyte."""
    text = "Station 12 measured 3.4 m of snow on 1951-03-12, as before. " * 16_000
    assert passages(text) == []


def test_ending_of_a_name_is_no_part_of_it(see) -> None:
    seen = see({"case.txt": "患者氏名：山田太郎様　病棟：3\n\nその後、山田太郎様は退院した。\n"})
    assert "山田" not in json.dumps([[e.value, e.place.quote] for e in seen], ensure_ascii=False)


# ---- workbooks


KEY = [
    ["番号", "氏名", "電話番号"],
    [1, "佐藤 花子", "090-1234-5678"],
    [2, "鈴木 一郎", "080-2345-6789"],
    [3, "高橋 健", "070-3456-7890"],
]
SCORES = [["id", "score"], [1, 12], [2, 15], [3, 9]]


@pytest.mark.parametrize("hidden", ["_key", "__key"])
def test_hidden_sheets_are_looked_at_and_told_of(tmp_path, hidden) -> None:
    (tmp_path / "a.xlsx").write_bytes(book(Public=SCORES, **{hidden: KEY}))
    description = describe(tmp_path)
    assert description.concerns() == {"a.xlsx": ["personal-name", "phone"]}
    assert [(p.code, p.file, p.detail) for p in description.problems] == [("hidden-sheets", "a.xlsx", "“key”")]
    assert "published with it" in description.problems[0].message
    assert {s.value["name"] for s in description.for_field("variables")} == {"id", "score"}
    assert "花子" not in json.dumps(description.to_json(evidence=True), ensure_ascii=False)


def test_hidden_sheet_of_data_is_no_question(tmp_path) -> None:
    (tmp_path / "a.xlsx").write_bytes(book(Public=SCORES, _raw=SCORES))
    description = describe(tmp_path)
    assert description.concerns() == {}
    assert [p.code for p in description.problems] == ["hidden-sheets"]


# ---- columns


def test_sentences_of_a_column_are_looked_into(see) -> None:
    rows = "".join(
        f'{n},"please write to {c}.person@uni.ac.jp or call 090-1234-561{n}"\n' for n, c in enumerate("abcdefg")
    )
    seen = see({"answers.csv": f"id,comment\n{rows}"})
    assert {e.value["category"]: e.value["count"] for e in seen.of("sensitive")} == {"e-mail": 7, "phone": 7}
    (column,) = (e.value for e in seen.of("column") if e.value["name"] == "comment")
    assert column["examples"] == []


def test_one_number_in_the_answers_of_people_is_enough(see) -> None:
    text = "respondent,answer\n1,nothing to add to this at all\n2,call me on 090-1234-5678 please\n3,fine as it is for me\n"
    assert [e.value["category"] for e in see({"a.csv": text}).of("sensitive")] == ["phone"]


def test_tables_inside_a_document_are_tables(see) -> None:
    seen = see(
        {"a.docx": word(table=(("氏名", "電話番号"), ("佐藤 花子", "090-1234-5678"), ("鈴木 一郎", "080-2345-6789")))}
    )
    assert {e.value["category"] for e in seen.of("sensitive")} == {"personal-name", "phone"}
    assert "花子" not in json.dumps([e.value for e in seen], ensure_ascii=False)


@pytest.mark.parametrize(
    ("name", "table", "category"),
    [
        ("participants.tsv", "participant_id\tage\tname\nsub-01\t71\tHanako Yamada\n", "personal-name"),
        ("participants.tsv", "participant_id\tage\tname\nsub-01\t71\tXanthe Quill\n", "personal-name"),
        ("a.csv", "id,card\n1,4111111111111111\n2,5555555555554444\n", "payment-card"),
        ("a.csv", "id,number\n1,4111111111111111\n2,5555555555554444\n3,4012888888881881\n4,378282246310005\n5,6011111111111117\n", "payment-card"),
        ("a.csv", "col1,col2\n佐藤花子,1\n鈴木一郎,2\n高橋健,3\n田中美咲,4\n山本太郎,5\n", "personal-name"),
    ],
)  # fmt: skip
def test_columns_about_people(see, name, table, category) -> None:
    assert [e.value["category"] for e in see({name: table}).of("sensitive")] == [category]


def test_remarks_with_addresses_do_not_make_homes_of_places(see) -> None:
    rows = "".join(f"Calyptra,ask {c}@uni.ac.jp at the museum,3{n}.123456\n" for n, c in enumerate("abcd"))
    seen = see({"moths.csv": f"species,remarks,decimalLatitude\n{rows}"})
    assert [e.value["category"] for e in seen.of("sensitive")] == ["e-mail"]


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("participants.tsv", "participant_id\tage\tsex\nsub-01\t71\tF\n"),
        ("participants.tsv", "participant_id\tname\nsub-01\tcontrol\nsub-02\tpatient\n"),
        ("doses.csv", "patient,name,dose\n1,Amoxicillin Clavulanate,2\n2,Folic Acid,3\n"),
        ("books.csv", "isbn,title\n9784003101018,A\n9784101001340,B\n9784040000001,C\n9784040000018,D\n9784040000025,E\n"),
        ("prefectures.csv", "fullname,address,phone\n北海道,札幌市中央区北3条西6-1,011-231-4111\n青森県,青森市長島1-1-1,017-722-1111\n"),
        ("sources.csv", "source,comments\nA,see the catalogue entry 1234-5678-9012 of it\nB,nothing of note here\n"),
        ("cards.csv", "card,suit\n12,hearts\n13,spades\n1,clubs\n"),
        ("shops.csv", "店名,備考\n佐藤商店,ご予約は 090-1234-5678 まで\n鈴木商店,ご予約は 090-1234-5679 まで\n高橋商店,ご予約は 090-1234-5670 まで\n"),
        ("stations.csv", "station,lat,lon,remarks\nA,35.123456,139.123456,moved 1951-03-12 by 12 m\nB,36.1,140.1,see doi:10.1234/567-890-1234\n"),
        ("papers.csv", "title,author,contact\nA,John Smith,write to john.smith@uni.ac.jp\nB,Mary Jones,write to mary@uni.ac.jp\nC,Anna Lee,write to anna@uni.ac.jp\n"),
    ],
)  # fmt: skip
def test_tables_that_are_not_about_people(see, name, table) -> None:
    assert see({name: table}).of("sensitive") == []


def test_creators_in_metadata_are_named_on_purpose(see) -> None:
    names = ("Hanako Yamada", "John Smith", "Mary Jones", "Anna Lee", "James Roe", "Peter Fox")
    people = [{"name": name} for name in names]
    assert see({"work.json": json.dumps({"creators": people})}).of("sensitive") == []
    assert [e.value["category"] for e in see({"work.json": json.dumps({"rows": people})}).of("sensitive")] == [
        "personal-name"
    ]


# ---- secrets


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a.py", 'password = "hunter2hunter"'),
        ("c.R", 'con <- dbConnect(MySQL(), user="lab", password="S3cr3t!pw", host="db")'),
        (".env", "DB_PASSWORD=S3cr3t!pw"),
        (".env", "export PGPASSWORD=tohoku-2011"),
        ("b.sh", 'AWS_SECRET_ACCESS_KEY="wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzKEYab"'),
        ("b.sh", "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzKEYab"),
    ],
)
def test_passwords_in_plain_words(tmp_path, name, line) -> None:
    (tmp_path / name).write_text(line + "\n")
    description = describe(tmp_path)
    assert description.concerns() == {name: ["credential"]}
    told = json.dumps(description.to_json(evidence=True), ensure_ascii=False)
    assert not [secret for secret in ("hunter2", "S3cr3t", "tohoku-2011", "wJalr") if secret in told]


@pytest.mark.parametrize(
    "line",
    [
        'password = "password123"',
        'password = "required"',
        '{"password": "string"}',
        "DB_PASSWORD=changeme",
        "DB_PASSWORD=$SECRET",
        "DB_PASSWORD=<your-password-1>",
        "PASSWORD_FILE=/run/db/password1",
        "PATH_KEY=data/raw/2011/tohoku.csv",
        'password = getpass("Password: ")',
        "sort_key = 'column_1'",
        "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ],
)
def test_what_only_stands_for_a_password(see, line) -> None:
    assert see({"run.sh": line + "\n"}).of("sensitive") == []
