"""What labels mean, in Japanese and English, alone and in groups."""

import pytest

from shirushi.describe.forms import form_of
from shirushi.describe.forms.classes import class_of, licence_key, option_of_class, option_of_licence
from shirushi.describe.forms.concepts import meaning_of, question_meaning
from shirushi.describe.forms.convert import converted
from shirushi.describe.forms.form import Option, Question, asked_language, asked_unit
from shirushi.describe.forms.people import block_of, people_in, romaji


@pytest.mark.parametrize(
    ("label", "concept"),
    [
        ("Title of dataset", "title"),
        ("データの名称（日本語）", "title"),
        ("Contact phone number of data manager", "contact.phone"),
        ("データ管理者の所属機関の連絡先メールアドレス", "contact.email"),
        ("データ作成者 連絡先", "creator.email"),
        ("Belonging of data creator", "creator.affiliation"),
        ("データ管理機関コード", "host.id"),
        ("データ管理機関", "host.name"),
        ("研究課題名", "award.title"),
        ("課題番号", "award.number"),
        ("Japan Grant Number", "award.number"),
        ("体系的番号におけるプログラム情報コード", "program.code"),
        ("メタデータのアクセス権", "metadata.access"),
        ("アクセス権", "rights.access"),
        ("公開予定日 (公開期間猶予の場合)", "date.available"),
        ("Data manager identifier (e-Rad)", "contact.erad"),
        ("e-Rad研究者番号", "contact.erad"),
        ("倫理審査委員会承認", "ethics"),
    ],
)
def test_labels_mean(label: str, concept: str) -> None:
    meaning = meaning_of(label)
    assert meaning is not None
    assert meaning.concept == concept
    assert meaning.score > 0.6


@pytest.mark.parametrize(
    "label",
    ["連絡・許諾の要不要", "Subject scheme", "Informed consent", "メモ", "", "publisher identifier", "利益相反の有無"],
)
def test_labels_that_the_table_does_not_know_mean_nothing(label: str) -> None:
    assert meaning_of(label) is None


def test_a_bare_part_means_what_its_group_says() -> None:
    assert meaning_of("Name", ("Contact person",)).concept == "contact.name"  # type: ignore[union-attr]
    assert meaning_of("氏名", ("データセット", "作成者")).concept == "creator.name"  # type: ignore[union-attr]
    assert meaning_of("開始日", ("取得期間",)).concept == "period.start"  # type: ignore[union-attr]
    assert meaning_of("Title", ("Research project",)).concept == "award.title"  # type: ignore[union-attr]
    assert meaning_of("Title", ("Container",)) is None
    assert meaning_of("Name") is None


def test_a_form_may_say_itself_what_it_means() -> None:
    (question,) = form_of(
        {"properties": {"x": {"type": "string", "title": "Frage 7", "x-concept": "contact.email"}}}
    ).questions
    meaning = question_meaning(question)
    assert meaning is not None
    assert (meaning.concept, meaning.score) == ("contact.email", 0.98)


def test_language_and_unit_that_a_label_asks_for() -> None:
    assert asked_language(["名前(日本語)"], "x") == "ja"
    assert asked_language(["方針 (引用方法等・日本語)", "Policy (citation information, Japanese)"], "x") == "ja"
    assert asked_language(["Name"], "name_en") == "en"
    assert asked_language(["Japanese history"], "topic") is None
    assert asked_unit(["総容量（kB）"]) == "kB"
    assert asked_unit(["Volume"]) is None


@pytest.mark.parametrize(
    ("spdx", "value"),
    [
        ("CC-BY-4.0", "CCBY"),
        ("CC-BY-NC-4.0", "CCBYNC"),
        ("CC0-1.0", "CC0"),
        ("MIT", "MIT"),
        ("ODbL-1.0", "OTHER"),
        ("none", "NO"),
    ],
)
def test_licences_are_found_among_options(spdx: str, value: str) -> None:
    options = [
        Option("CCBY", (("ja", "CC BY 4.0 表示 国際"), ("en", "CC BY 4.0 Attribution International"))),
        Option("CCBYNC", (("ja", "CC BY-NC 4.0 表示—非営利"),)),
        Option("CC0", (("en", "CC0 1.0 Universal"),)),
        Option("MIT", (("en", "MIT License"),)),
        Option("NO", (("ja", "ライセンスなし"),)),
        Option("OTHER", (("ja", "その他"),)),
    ]
    found = option_of_licence(spdx, options)
    assert found is not None
    assert found[0].value == value
    assert found[1] == (0.7 if value == "OTHER" else 1.0)
    assert option_of_licence("ODbL-1.0", options[:4]) is None


def test_licence_keys_keep_versions_out_and_conditions_in() -> None:
    assert licence_key("CC BY-NC-SA 4.0 表示—非営利—継承") == licence_key("CC-BY-NC-SA-4.0") == "ccbyncsa"
    assert licence_key("CC BY 4.0") != licence_key("CC BY-ND 4.0")
    assert licence_key("GNU Lesser General Public License (LGPL) 3.0") != licence_key("GPL-3.0")


def test_classes_are_found_by_labels_in_japanese() -> None:
    options = [
        Option("1", (("ja", "公開"),)),
        Option("2", (("ja", "共有（制限公開）"),)),
        Option("3", (("ja", "非共有・非公開"),)),
    ]
    assert option_of_class("access", "open", options) is options[0]
    assert option_of_class("access", "closed", options) is options[2]
    assert option_of_class("access", "restricted", options) is options[1]
    assert option_of_class("access", "embargoed", options) is None


def question(kind: str, **more: object) -> Question:
    return Question(("a",), (("en", str(more.pop("label", "A"))),), kind, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "concept", "value", "answer"),
    [
        (question("date"), "date.issued", "令和6年4月1日", "2024-04-01"),
        (question("date"), "date.issued", "15 March 2024", "2024-03-15"),
        (question("date"), "date.issued", "2024", None),
        (question("date", label="Start"), "period.start", "2024", None),
        (question("date", label="Start"), "period.start", "2024-02", "2024-02-01"),
        (question("date", label="End"), "period.end", "2024", None),
        (question("date", label="End"), "period.end", "2024-02", "2024-02-29"),
        (question("number", unit="MB"), "size", 1_234_567, 1.23),
        (question("number", unit="kB"), "size", "<10MB", 10_000),
        (question("integer"), "file.count", 3, 3),
        (question("number"), "x", "約 1,234.5 円", 1234.5),
        (question("number"), "x", "many", None),
        (question("line"), "size", 3_402, "3.4kB"),
        (question("boolean"), "rights.free", {"class": "yes"}, True),
        (question("boolean"), "x", "なし", False),
        (question("email"), "contact.email", "書くなら a.b@example.org へ", "a.b@example.org"),
        (question("email"), "contact.email", "a.b at example", None),
        (question("uri"), "identifier", "(https://example.org/x).", "https://example.org/x"),
        (question("line"), "funder.name", "JST", "Japan Science and Technology Agency"),
        (question("line", lang="ja"), "funder.name", "Japan Science and Technology Agency", "科学技術振興機構"),
    ],
)
def test_values_are_put_as_asked(asked: Question, concept: str, value: object, answer: object) -> None:
    result = converted(asked, concept, value)
    assert (result[0] if result else None) == answer


def test_people_with_numbers_other_scripts_and_places_of_work() -> None:
    first, second = people_in("野々村 健吾（30598821 / Kengo Nonomura）、Sofia Marchetti")
    assert first.names == {"ja": "野々村 健吾", "en": "Kengo Nonomura"}
    assert first.erad == "30598821"
    assert second.names == {"en": "Sofia Marchetti"}
    people = people_in("Ana Lima, Bo Ekman (Institute of Soil, Univ. of Nowhere)")
    assert [p.names["en"] for p in people] == ["Ana Lima", "Bo Ekman"]
    assert {p.affiliations["en"] for p in people} == {"Institute of Soil, Univ. of Nowhere"}
    assert people_in("the data were measured in May") == []


def test_a_block_of_contact_details() -> None:
    block = block_of(
        "担当：森 由美（研究者番号 12345678）\n架空大学 理学部 地球科学研究室\n〒100-0001 東京都千代田区1-1\nTEL 03-5555-0100  mori@example.ac.jp"
    )
    assert [p.names for p in block.people] == [{"ja": "森 由美"}]
    assert block.organisations == {"ja": "架空大学 理学部 地球科学研究室"}
    assert block.addresses == {"ja": "〒100-0001 東京都千代田区1-1"}
    assert (block.phone, block.email, block.erad) == ("03-5555-0100", "mori@example.ac.jp", "12345678")


@pytest.mark.parametrize(
    ("name", "latin"), [("森田 由美", "morita"), ("佐藤 一郎", "sato"), ("中条", "nakajo"), ("Smith", "")]
)
def test_family_names_as_addresses_write_them(name: str, latin: str) -> None:
    assert romaji(name) == latin


def test_a_text_names_the_class_of_its_longest_word() -> None:
    assert class_of("access", "制限公開（利用申請が必要）") == "restricted"
    assert class_of("access", "公開") == "open"
    assert class_of("kind", "実験データ") == "experimental"
    assert class_of("access", "木曜日") is None


def test_words_of_a_sentence_are_no_people() -> None:
    assert people_in("問い合わせは") == []
    assert people_in("謝辞") == []
