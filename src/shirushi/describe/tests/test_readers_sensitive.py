"""Data about people and keys that open things: seen by their place, masked, and not seen where they are meant to stand."""

import io
import itertools
import json

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shirushi.describe.evidence import AttributePlace, CellPlace, LinePlace
from shirushi.describe.readers import sensitive_values as values

PARTICIPANTS = (
    "受付番号,氏名,フリガナ,生年月日,自宅住所,電話番号,メール,得点\n"
    "1,佐藤 花子,サトウ ハナコ,1980-04-01,東京都新宿区西新宿2-8-1,090-1234-5678,hanako.sato@mail.test-u.jp,12\n"
    "2,鈴木 一郎,スズキ イチロウ,1975/12/24,神奈川県横浜市中区日本大通1,080-2345-6789,ichiro.suzuki@mail.test-u.jp,15\n"
    "3,高橋 健,タカハシ ケン,昭和60年3月3日,大阪府大阪市北区中之島1-3-20,070-3456-7890,ken.takahashi@mail.test-u.jp,9\n"
    "4,田中 美咲,タナカ ミサキ,1990-07-15,北海道札幌市中央区北1条西2-1,090-4567-8901,misaki.tanaka@mail.test-u.jp,11\n"
)


@pytest.fixture
def warned(see):
    """(category, count, place) of everything sensitive in some files."""

    def run(files):
        return [(item.value["category"], item.value["count"], item.place) for item in see(files).of("sensitive")]

    return run


def categories(found) -> list[str]:
    return sorted(category for category, _, _ in found)


def test_columns_about_people_are_seen_by_header_and_values(warned) -> None:
    found = {place.quote: (category, count) for category, count, place in warned({"data/p.csv": PARTICIPANTS})}
    assert found == {
        "氏名": ("personal-name", 4),
        "フリガナ": ("personal-name", 4),
        "生年月日": ("patient", 4),
        "自宅住所": ("postal-address", 4),
        "電話番号": ("phone", 4),
        "メール": ("e-mail", 4),
    }


def test_the_place_is_the_whole_column(warned) -> None:
    assert warned({"p.csv": "id,Full name\n1,Ann Lee\n2,Bob Ray\n"}) == [
        ("personal-name", 2, CellPlace("p.csv", 2, None, None, "Full name"))
    ]


def test_no_value_enters_any_evidence_in_clear(see) -> None:
    for name, text in (("p.csv", PARTICIPANTS), ("q.json", _as_json(PARTICIPANTS))):
        told = json.dumps([[e.value, e.place.quote] for e in see({name: text})], ensure_ascii=False)
        for word in ("花子", "一郎", "ハナコ", "1980-04", "新宿", "1234-5678", "hanako", "suzuki"):
            assert word not in told.replace("sato", ""), (name, word)


def test_ranges_of_columns_about_people_are_withheld(see) -> None:
    rows = "".join(f"P{i:05},19{i + 50}-02-03,35.{i}1234,139.{i}2345,{i},{i / 7:.4f}\n" for i in range(10, 30))
    found = {
        e.value["name"]: e.value
        for e in see({"p.csv": f"patient_id,dob,home_lat,home_lon,score,lat\n{rows}"})
        if e.kind == "column"
    }
    for name in ("patient_id", "dob", "home_lat", "home_lon"):
        assert not {"minimum", "maximum", "histogram"} & set(found[name]), name
        assert found[name]["withheld"], name
    assert (found["score"]["minimum"], found["score"]["maximum"]) == (10, 29)
    assert "withheld" not in found["score"]


def _as_json(table: str) -> str:
    header, *rows = (line.split(",") for line in table.strip().split("\n"))
    return json.dumps([dict(zip(header, row, strict=True)) for row in rows], ensure_ascii=False)


def test_lists_of_objects_in_json_are_tables_too(warned) -> None:
    found = warned({"q.json": _as_json(PARTICIPANTS)})
    assert categories(found) == ["e-mail", "patient", "personal-name", "personal-name", "phone", "postal-address"]
    assert AttributePlace("q.json", "/0/氏名", quote="氏名") in [place for _, _, place in found]


def test_sheets_of_a_workbook_are_looked_at(warned) -> None:
    book = openpyxl.Workbook()
    for row in ("学籍番号", "学生氏名"), ("A1", "佐藤花子"), ("A2", "鈴木一郎"):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    assert warned({"s.xlsx": stream.getvalue()}) == [
        ("personal-name", 2, CellPlace("s.xlsx", 2, None, "Sheet", "学生氏名"))
    ]


def test_addresses_and_phones_of_facilities_are_public(warned) -> None:
    table = "施設名,住所,電話番号\n中央図書館,東京都新宿区西新宿2-8-1,03-1234-5678\n南公民館,東京都新宿区大久保3-1-1,03-2345-6789\n"
    assert warned({"facilities.csv": table}) == []


@pytest.mark.parametrize(
    "table",
    [
        "name,length\nHomo sapiens,1\nMus musculus,2\nPan paniscus,3\nRattus rattus,4\nBos taurus,5\n",
        "Family_Name,Latitude\nIndo-European,12.34567\nUralic,45.12345\nTurkic,33.98765\nMande,10.23456\n",
        "title,author\nA,John Smith\nB,Mary Jones\nC,Anna Lee\nD,James Roe\nE,Peter Fox\n",
        "id,code\n1,100000000001\n2,100000000002\n3,100000000003\n4,100000000004\n5,100000000005\n",
        "participant_id,age,sex\nsub-01,23,F\nsub-02,25,M\nsub-03,31,F\n",
        "station,lat,lon\nA,35.12345,139.12345\nB,36.12345,140.12345\n",
        "animal,date of birth,strain\nm1,2020-01-01,C57\nm2,2020-01-02,C57\nm3,2020-02-01,C57\n",
        "token,count\nhello123,4\nworld456,5\nagain789,6\n",
        "municipality,population\n佐藤町,1200\n鈴木市,30000\n",
    ],
)
def test_tables_that_only_look_like_it_are_let_be(warned, table) -> None:
    assert warned({"t.csv": table}) == []


def test_names_under_a_plain_header_count_when_dictionaries_know_them(warned) -> None:
    latin = "name,score\nJohn Smith,1\nMary Jones,2\nAnna Lee,3\nJames Roe,4\nPeter Fox,5\n"
    assert categories(warned({"t.csv": latin})) == ["personal-name"]
    japanese = "名前,得点\n佐藤花子,1\n鈴木一郎,2\n高橋健,3\n田中美咲,4\n山本太郎,5\n"
    assert categories(warned({"u.csv": japanese})) == ["personal-name"]


def test_precise_coordinates_beside_people_are_where_they_live(warned) -> None:
    table = "氏名,lat,lon\n佐藤花子,35.689521,139.691704\n鈴木一郎,35.443708,139.638026\n"
    assert categories(warned({"t.csv": table})) == ["personal-name", "precise-location"]


@pytest.mark.parametrize(
    ("number", "right"),
    [("123456789018", True), ("1234 5678 9018", True), ("123456789012", False), ("000000000000", False)],
)
def test_check_digit_of_a_my_number(number, right) -> None:
    assert values.is_my_number(number) is right


def test_my_numbers_are_seen_in_a_column_and_named_in_a_text(warned) -> None:
    numbers = [n for n in range(987650000000, 987650001000) if values.is_my_number(str(n))][:6]
    table = "id,番号\n" + "".join(f"{i},{n}\n" for i, n in enumerate(numbers))
    assert categories(warned({"t.csv": table})) == ["national-id"]
    text = f"面談の記録\n\n本人のマイナンバーは{numbers[0]}です。\n"
    ((category, count, place),) = warned({"memo.txt": text})
    assert (category, count) == ("national-id", 1)
    assert place == LinePlace("memo.txt", 3, 3, 10, 22, "*" * 12)
    assert warned({"memo2.txt": f"The part number is {numbers[0]}.\n"}) == []


GITHUB = "ghp_" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY1zA2"


def test_tokens_and_keys_are_seen_where_they_stand(warned) -> None:
    script = f'import os\nclient = connect(token="{GITHUB}")\n'
    ((category, count, place),) = warned({"run.py": script})
    assert (category, count, place.start) == ("credential", 1, 2)
    assert script.split("\n")[1][place.column : place.end_column] == GITHUB
    assert GITHUB[6:] not in place.quote
    key = (
        "-----BEGIN RSA PRIVATE KEY-----\n"
        + "\n".join(["MIIEpAIBAAKCAQEAx3fT9a" + "Q" * 42] * 6)
        + "\n-----END RSA PRIVATE KEY-----\n"
    )
    assert categories(warned({"deploy.pem": key})) == ["credential"]
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {
                "cell_type": "code",
                "metadata": {},
                "outputs": [],
                "execution_count": None,
                "source": [f"key = '{GITHUB}'\n"],
            }
        ],
    }
    assert categories(warned({"a.ipynb": json.dumps(notebook)})) == ["credential"]
    assert categories(warned({"settings.ini": '[db]\npassword = "q7Zt9Lm2Xr4Vb8Kd"\n'})) == ["credential"]
    assert categories(warned({"db.py": "URL = 'postgresql://admin:q7Zt9Lm2Xr@db.lab.ac.jp/x'\n"})) == ["credential"]


@pytest.mark.parametrize(
    "line",
    [
        "key = 'AKIAIOSFODNN7EXAMPLE'",
        "password = 'your_password_here'",
        "API_KEY = os.environ['API_KEY']",
        "token: '${{ secrets.TOKEN }}'",
        "url = 'https://user:password@example.org/'",
        "password = 'correct horse'",
    ],
)
def test_placeholders_open_nothing(warned, line) -> None:
    assert warned({"run.py": line + "\n"}) == []


def test_keys_in_tests_are_made_for_them(warned) -> None:
    assert warned({"tests/test_login.py": f"TOKEN = '{GITHUB}'\n"}) == []


def test_contact_addresses_are_ordinary(warned) -> None:
    addresses = "".join(f"- person{n} <{c}person@uni{n}.ac.jp>\n" for n, c in enumerate("abcdefghijkl"))
    files = {
        "README.md": "# Data\n\nContact: hanako.yamada@uni.ac.jp\n",
        "AUTHORS.txt": addresses,
        "CITATION.cff": "cff-version: 1.2.0\ntitle: T\nauthors:\n  - family-names: Yamada\n    email: hanako.yamada@uni.ac.jp\n",
        "LICENSE": "Copyright (c) 2024 Hanako Yamada <hanako.yamada@uni.ac.jp>\n",
        "run.py": "__author__ = 'Hanako Yamada'\n__email__ = 'hanako.yamada@uni.ac.jp'\n",
        "contributors.csv": "Full name,email\nAnn Lee,ann.lee@uni.ac.jp\nBob Ray,bob.ray@uni.ac.jp\nCy Fox,cy.fox@uni.ac.jp\n",
    }
    assert warned(files) == []


def test_a_log_full_of_addresses_is_not_meant_to_be_read(warned) -> None:
    log = "".join(f"2024-01-01 10:00 delivered to {c}.person@mail{n}.ac.jp\n" for n, c in enumerate("abcdefghijkl"))
    ((category, count, place),) = warned({"delivery.log": log})
    assert (category, count, place.start) == ("e-mail", 12, 1)


def test_patients_in_notes_are_seen(warned) -> None:
    assert categories(warned({"note.txt": "初診\n患者氏名：佐藤 花子\n患者ID: 0012345\n"})) == ["patient"]
    assert warned({"codebook.txt": "patient_id: unique identifier\n患者ID：数字\n"}) == []


def photograph(*, with_place: bool) -> bytes:
    image = Image.new("RGB", (8, 8))
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    if with_place:
        exif.get_ifd(0x8825).update({1: "N", 2: (35.0, 41.0, 22.2), 3: "E", 4: (139.0, 41.0, 30.1)})
    stream = io.BytesIO()
    image.save(stream, "JPEG", exif=exif)
    return stream.getvalue()


def test_photographs_tell_where_they_were_taken(warned) -> None:
    assert warned({"a.jpg": photograph(with_place=True)}) == [
        ("precise-location", 1, AttributePlace("a.jpg", "GPS:GPSLatitude"))
    ]
    assert warned({"b.jpg": photograph(with_place=False)}) == []


@given(st.text(max_size=80))
def test_mask_keeps_no_two_letters_and_no_digit(text) -> None:
    masked = values.mask(text)
    assert not any(character.isdecimal() for character in masked)
    assert not any(a.isalpha() and b.isalpha() for a, b in itertools.pairwise(masked))
    assert len(masked) <= 60


def test_mask_shows_the_form() -> None:
    assert values.mask("090-1234-5678") == "***-****-****"
    assert values.mask("佐藤 花子") == "佐* 花*"
    assert values.mask("hanako@uni.jp") == "h*****@u**.j*"
