"""Words for the parts of a field: label, help, one real example, and what to do when the value is not right.

The words of the fields themselves are in :mod:`shirushi.metadata.fields`. A part is looked up as ``Model.part`` first
(``Creator.name``), then as ``part`` alone (``lang``), so that what is the same everywhere is said once.
"""

from dataclasses import dataclass

from shirushi.metadata.fields import BY_NAME, Text2


@dataclass(frozen=True, slots=True)
class FieldText:
    """``item`` names one entry of a list; ``wrong`` is shown when the value does not have the right shape; ``choices`` names
    a list of :data:`CHOICES` that the input offers without insisting on it."""

    label: Text2
    help: Text2 | None = None
    example: str = ""
    wrong: Text2 | None = None
    item: Text2 | None = None
    choices: str = ""


_ROR_WRONG = Text2(
    "This is not a ROR identifier. Write the whole address, like https://ror.org/057zh3y96, or leave it empty.",
    "RORのIDではありません。https://ror.org/057zh3y96 のように全体を入れるか、空欄にしてください。",
)
_LANGUAGE_WRONG = Text2(
    "This is not a language code. Write a short code such as ja or en.",
    "言語コードではありません。ja や en のような短いコードを入れてください。",
)
_DATE_WRONG = Text2(
    "This is not a date. Write 2026, 2026-11, 2026-11-23, or a period such as 2026-01/2026-03.",
    "日付として読めません。2026、2026-11、2026-11-23、または 2026-01/2026-03 のような期間で入れてください。",
)
_ADDRESS_WRONG = Text2(
    "This is not a web address. Write all of it, beginning with https://, or leave it empty.",
    "ウェブのアドレスではありません。https:// から始めて全体を入れるか、空欄にしてください。",
)
_DEGREES = Text2("Degrees, WGS 84", "度（WGS 84）")
_TOOL_WRONG = Text2(
    "This is not an identifier. Write a DOI, a Handle, an RRID, a SWHID or a whole web address.",
    "識別子として読めません。DOI、Handle、RRID、SWHID、または https:// で始まるアドレスを入れてください。",
)
_BOX_WRONG = Text2(
    "South lies north of north. Swap the two values.",
    "南の値が北の値より大きくなっています。二つの値を入れ替えてください。",
)

PARTS: dict[str, FieldText] = {
    "lang": FieldText(
        Text2("Language of this text", "この文の言語"), Text2("A code such as ja or en.", "ja や en などのコードです。"), "ja", _LANGUAGE_WRONG, choices="languages"
    ),
    "ror": FieldText(
        Text2("ROR", "ROR"), Text2("The organisation's identifier at ror.org.", "ror.org での組織のIDです。"),
        "https://ror.org/057zh3y96", _ROR_WRONG,
    ),
    "orcid": FieldText(
        Text2("ORCID iD", "ORCID iD"), Text2("Sixteen characters in four groups.", "4文字ずつ、16文字です。"), "0000-0002-1825-0097",
        Text2(
            "This ORCID iD does not check out: a character is missing or mistyped. Copy it again from orcid.org.",
            "ORCID iDの検査文字が合いません。文字が抜けているか違っています。orcid.orgからもう一度写してください。",
        ),
    ),
    "Work.custom": FieldText(Text2("Further fields", "追加の項目")),
    "Title.text": FieldText(Text2("Title", "タイトル")),
    "Title.type": FieldText(
        Text2("Kind of title", "タイトルの種類"), Text2("Leave empty for the main title.", "主なタイトルなら空欄にします。")
    ),
    "Creator.name": FieldText(
        Text2("Name", "名前"),
        Text2("As it is cited: 山田 花子, or Yamada, Hanako.", "引用される形です。山田 花子、または Yamada, Hanako のように入れます。"), "山田 花子",
    ),
    "Creator.name_type": FieldText(Text2("Person or organisation", "個人か組織か")),
    "Creator.given_name": FieldText(Text2("Given name", "名"), example="花子"),
    "Creator.family_name": FieldText(Text2("Family name", "姓"), example="山田"),
    "Creator.lang": FieldText(
        Text2("Language of the name", "名前の言語"), Text2("A code such as ja or en.", "ja や en などのコードです。"), "ja", _LANGUAGE_WRONG, choices="languages"
    ),
    "Creator.other_names": FieldText(
        Text2("In other scripts", "別の表記・読み"),
        Text2("The name in Latin letters, in kanji, or as it is read.", "ローマ字や漢字での名前、または読みです。"),
        item=Text2("Name in another script", "別の表記"),
    ),
    "NameForm.name": FieldText(Text2("Name", "名前"), example="Yamada, Hanako"),
    "NameForm.lang": FieldText(
        Text2("Language or script", "言語・文字"), Text2("en for Latin letters, ja-Kana for a reading.", "ローマ字は en、読みは ja-Kana です。"), "ja-Kana",
        _LANGUAGE_WRONG, choices="languages",
    ),
    "Creator.affiliations": FieldText(Text2("Affiliations", "所属"), item=Text2("Affiliation", "所属")),
    "Contributor.role": FieldText(Text2("Role", "役割")),
    "Affiliation.name": FieldText(Text2("Organisation", "組織"), example="東京大学"),
    "Publisher.name": FieldText(Text2("Name", "名前"), example="東京大学"),
    "ResourceType.general": FieldText(Text2("Type", "種類")),
    "ResourceType.text": FieldText(
        Text2("More exactly", "さらに詳しく"), Text2("In your own words.", "ご自身の言葉で書けます。"), "Buoy time series"
    ),
    "DescriptionText.text": FieldText(Text2("Text", "文章")),
    "DescriptionText.type": FieldText(Text2("Kind of text", "文章の種類")),
    "Subject.text": FieldText(Text2("Keyword", "キーワード"), example="海面水温"),
    "Subject.scheme": FieldText(Text2("Vocabulary", "語彙の名前"), example="GCMD"),
    "Subject.scheme_uri": FieldText(Text2("Address of the vocabulary", "語彙のアドレス"), example="https://example.org/vocabulary", wrong=_ADDRESS_WRONG),
    "Subject.value_uri": FieldText(Text2("Address of the term", "語のアドレス"), example="https://example.org/vocabulary/sst", wrong=_ADDRESS_WRONG),
    "Subject.code": FieldText(Text2("Code of the term", "語のコード"), example="452.12"),
    "DateEntry.date": FieldText(
        Text2("Date or period", "日付か期間"),
        Text2("2026, 2026-11, 2026-11-23 or 2026-01/2026-03.", "2026、2026-11、2026-11-23、2026-01/2026-03 の形です。"),
        "2021-04-01/2025-03-31", _DATE_WRONG,
    ),
    "DateEntry.type": FieldText(Text2("What happened then", "何の日付か")),
    "DateEntry.information": FieldText(Text2("Note", "補足"), example="Spring cruise"),
    "Rights.id": FieldText(
        Text2("Licence", "ライセンス"), Text2("Its SPDX identifier.", "SPDXの識別子です。"), "CC-BY-4.0",
        Text2("This is no SPDX identifier of one licence. Choose one, or put other terms into words and address.", "SPDXのライセンス識別子ではありません。選び直すか、ほかの条件は文章とアドレスに入れてください。"), choices="licences",
    ),
    "Rights.text": FieldText(
        Text2("In words", "文章で"), Text2("When no licence fits, say what others may do.", "合うライセンスがないときに、許すことを書きます。")
    ),
    "Rights.uri": FieldText(Text2("Address of the terms", "条件のアドレス"), example="https://example.org/terms", wrong=_ADDRESS_WRONG),
    "Rights.covers": FieldText(Text2("Applies to", "対象")),
    "Access.rights": FieldText(Text2("Who may have the files", "ファイルを見られる人")),
    "Access.until": FieldText(
        Text2("Open from", "公開する日"), Text2("Of an embargo: the day it ends.", "公開を待つときだけ、公開する日を入れます。"), "2027-04-01",
        Text2("Give the day on which the embargo ends, like 2027-04-01; leave it empty otherwise.", "公開を待つときは 2027-04-01 のように公開する日を入れ、それ以外は空欄にしてください。"),
    ),
    "Access.note": FieldText(
        Text2("What readers should know", "読者への案内"),
        Text2("Why, and what you ask of those who want the files.", "理由と、ファイルを使いたい人にお願いすることを書きます。"), "Contains interviews; tell us what you will use them for.",
    ),
    "Related.identifier": FieldText(Text2("Identifier", "識別子"), example="10.1234/abcd"),
    "Related.scheme": FieldText(Text2("Kind of identifier", "識別子の種類")),
    "Related.relation": FieldText(
        Text2("This work … that one", "この成果から見て、相手は…"),
        Text2("How the two belong together.", "二つの関係です。"),
    ),
    "Related.resource_type": FieldText(Text2("What that one is", "相手の種類")),
    "Related.title": FieldText(Text2("Its title", "相手のタイトル")),
    "Related.relation_information": FieldText(
        Text2("The relation in words", "関係の説明"), Text2("Needed when the relation is “Other”.", "関係が「その他」のときに必要です。")
    ),
    "AlternateIdentifier.identifier": FieldText(Text2("Identifier", "識別子"), example="GSE12345"),
    "AlternateIdentifier.type": FieldText(Text2("Where it is used", "どこの識別子か"), example="GEO"),
    "Box.west": FieldText(Text2("West", "西"), _DEGREES, "139.1"),
    "Box.south": FieldText(Text2("South", "南"), _DEGREES, "34.9"),
    "Box.east": FieldText(Text2("East", "東"), _DEGREES, "139.7"),
    "Box.north": FieldText(Text2("North", "北"), _DEGREES, "35.3"),
    "Location.place": FieldText(Text2("Name of the place", "場所の名前"), example="相模湾"),
    "Location.box": FieldText(
        Text2("Box around it", "囲む範囲"), Text2("For a point, repeat the same values.", "点のときは同じ値を二度入れます。"), wrong=_BOX_WRONG
    ),
    "Funding.funder": FieldText(Text2("Funder", "助成機関"), example="日本学術振興会"),
    "Funding.funder_id": FieldText(
        Text2("Identifier of the funder", "助成機関のID"), Text2("ROR or Crossref Funder ID, as an address.", "RORかCrossref Funder IDのアドレスです。"),
        "https://ror.org/00hhkn466",
    ),
    "Funding.award": FieldText(Text2("Award number", "課題番号"), example="JP21K12345"),
    "Funding.award_title": FieldText(Text2("Title of the award", "課題名")),
    "Funding.award_uri": FieldText(Text2("Address of the award", "課題のアドレス"), example="https://kaken.nii.ac.jp/grant/KAKENHI-PROJECT-21K12345/", wrong=_ADDRESS_WRONG),
    "Instrument.name": FieldText(Text2("Name", "名前"), example="Synergy H1"),
    "Instrument.manufacturer": FieldText(Text2("Maker", "メーカー"), example="BioTek"),
    "Instrument.model": FieldText(Text2("Model", "型番"), example="H1MF"),
    "Instrument.serial_number": FieldText(Text2("Serial number", "製造番号"), example="1610135A"),
    "Instrument.type": FieldText(Text2("Kind of instrument", "装置の種類"), example="plate reader"),
    "Instrument.identifier": FieldText(
        Text2("Identifier", "識別子"), Text2("DOI, Handle or address.", "DOI、Handle、アドレスのどれかです。"), "10.5442/NI000001", wrong=_TOOL_WRONG
    ),
    "SoftwareUsed.name": FieldText(Text2("Name", "名前"), example="R"),
    "SoftwareUsed.version": FieldText(Text2("Version", "版"), example="4.4.1"),
    "SoftwareUsed.identifier": FieldText(
        Text2("Identifier", "識別子"), Text2("DOI, RRID, SWHID or address.", "DOI、RRID、SWHID、アドレスのどれかです。"), "RRID:SCR_001905", wrong=_TOOL_WRONG
    ),
    "SoftwareUsed.purpose": FieldText(Text2("Used for", "使い道"), example="statistics"),
    "Variable.name": FieldText(Text2("Name in the file", "ファイルの中の名前"), example="sst"),
    "Variable.file": FieldText(Text2("File", "ファイル"), example="data/sst.csv"),
    "Variable.part": FieldText(Text2("Sheet or group", "シートかグループ"), example="Sheet1"),
    "Variable.position": FieldText(Text2("Place among the columns", "左から何列目か"), Text2("Where another column has the same name.", "同じ名前の列がほかにあるときに入れます。"), "3"),
    "Variable.type": FieldText(Text2("Type", "型")),
    "Variable.unit": FieldText(Text2("Unit", "単位"), Text2("As the data say it.", "データに書かれているとおりに入れます。"), "degC"),
    "Variable.label": FieldText(Text2("Short label", "短い見出し"), example="Sea surface temperature"),
    "Variable.description": FieldText(Text2("Meaning", "意味")),
    "Variable.standard_name": FieldText(Text2("Standard name", "標準名"), Text2("From the CF conventions.", "CF規約の名前です。"), "sea_surface_temperature"),
    "Variable.minimum": FieldText(Text2("Smallest value", "最小値"), example="-1.8"),
    "Variable.maximum": FieldText(Text2("Largest value", "最大値"), example="31.2"),
    "Variable.missing": FieldText(Text2("Missing values", "欠測の数"), example="0"),
    "Variable.count": FieldText(Text2("Values looked at", "調べた値の数"), example="8760"),
    "Variable.sampled": FieldText(Text2("The numbers come from a sample", "一部の値から求めた数です")),
}  # fmt: skip

ITEMS: dict[str, Text2] = {
    "titles": Text2("Title", "タイトル"),
    "creators": Text2("Creator", "作成者"),
    "contributors": Text2("Contributor", "協力者"),
    "descriptions": Text2("Description", "説明"),
    "subjects": Text2("Keyword", "キーワード"),
    "dates": Text2("Date", "日付"),
    "languages": Text2("Language", "言語"),
    "rights": Text2("Licence or terms", "ライセンス・条件"),
    "alternate_identifiers": Text2("Identifier", "識別子"),
    "related": Text2("Related work", "関連する成果"),
    "locations": Text2("Place", "場所"),
    "funding": Text2("Award", "助成"),
    "variables": Text2("Variable", "変数"),
    "instruments": Text2("Instrument", "装置"),
    "software": Text2("Software", "ソフトウェア"),
}

# Said at the entry itself, by the name of its model: rules between its parts, and what a whole field's value must be.
_WHOLE: dict[str, Text2] = {
    "rights": Text2(
        "Nothing says what others may do. Give a licence, a text or an address.",
        "条件が書かれていません。ライセンス、文章、アドレスのどれかを入れてください。",
    ),
    "locations": Text2(
        "Nothing says where. Give the name of the place or a box.",
        "場所が分かりません。場所の名前か範囲を入れてください。",
    ),
    "access": Text2(
        "An embargo needs the day on which it ends, and only an embargo has one.",
        "公開を待つときは公開する日を入れてください。それ以外では空欄にします。",
    ),
    "languages": _LANGUAGE_WRONG,
    "publication_date": Text2(
        "This is not one date. Write 2026, 2026-11 or 2026-11-23.",
        "一つの日付として読めません。2026、2026-11、2026-11-23 のように入れてください。",
    ),
}


_EXTENDS = {"Contributor": "Creator"}


def text_of(model: str, part: str) -> FieldText:
    """Words for ``part`` of ``model``.

    Raises:
        KeyError: when nobody has written them (a test looks at every part of a Work).
    """
    if model == "Work" and part in BY_NAME:
        spec = BY_NAME[part]
        choices = "languages" if part == "languages" else ""
        return FieldText(spec.label, spec.help, spec.example, _WHOLE.get(part), ITEMS.get(part), choices)
    for key in (f"{model}.{part}", f"{_EXTENDS.get(model)}.{part}"):
        if text := PARTS.get(key):
            return text
    return PARTS[part]


CHOICES: dict[str, tuple[str, ...]] = {
    "languages": ("ja", "en", "zh", "ko", "de", "fr", "es", "it", "pt", "ru", "id", "th", "vi", "ain", "ryu"),
    "licences": (
        "CC-BY-4.0", "CC0-1.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-ND-4.0", "CC-BY-NC-SA-4.0", "CC-BY-NC-ND-4.0",
        "ODC-By-1.0", "ODbL-1.0", "PDDL-1.0", "MIT", "Apache-2.0", "BSD-3-Clause", "GPL-3.0-or-later",
    ),
}  # fmt: skip


def add_words(item: Text2) -> Text2:
    return Text2(f"Add {_lower(item.en)}", f"{item.ja}を追加")


def remove_words(item: Text2, number: int) -> Text2:
    return Text2(f"Remove {_lower(item.en)} {number}", f"{item.ja}{number}を削除")


def _lower(words: str) -> str:
    """The words inside a sentence; what is spelt in capitals stays so."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


REQUIRED = Text2("required", "必須")
EXAMPLE = Text2("Example", "例")
NOTHING = Text2("Not chosen", "選択なし")
CORRECT = Text2(
    "Please correct what is marked. Everything you typed is still here.",
    "印の付いた所を直してください。入力した内容は残っています。",
)
