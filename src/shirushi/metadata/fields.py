"""What people call each field, why it is asked for, and what publishing needs. One vocabulary from file to screen.

The name of a field is the same in the model, the form, the API, the index and the export tables: it is the name of the
attribute of :class:`~shirushi.metadata.work.Work`. A suggestion's target is ``/<name>`` for a field that holds one
value and ``/<name>/-`` for one more value of a list (RFC 6901, with the ``-`` of section 4).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from shirushi.metadata.work import Work

Level = Literal["required", "recommended", "optional"]


@dataclass(frozen=True, slots=True)
class Text2:
    """The same words in the two languages of the interface."""

    en: str
    ja: str

    def in_(self, lang: str) -> str:
        return self.ja if lang.startswith("ja") else self.en


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a Work: ``many`` tells a list from a single value; ``why`` is shown while it is empty."""

    name: str
    label: Text2
    help: Text2
    example: str
    level: Level
    why: Text2
    many: bool = True

    @property
    def target(self) -> str:
        return f"/{self.name}/-" if self.many else f"/{self.name}"


FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec(
        "titles",
        Text2("Title", "タイトル"),
        Text2(
            "The name by which people cite this. Add a second one in another language.",
            "引用されるときの名前です。別の言語のタイトルも追加できます。",
        ),
        "Sea surface temperature of Sagami Bay, 2021–2025",
        "required",
        Text2(
            "Without a title nobody can find or cite it.", "タイトルがないと、見つけることも引用することもできません。"
        ),
    ),
    FieldSpec(
        "creators",
        Text2("Creators", "作成者"),
        Text2("The people or organisations to cite, in order.", "引用される人や組織を、引用の順に入れます。"),
        "山田 花子 (ORCID 0000-0002-1825-0097)",
        "required",
        Text2("Credit goes to those named here.", "ここに名前のある人の業績になります。"),
    ),
    FieldSpec(
        "descriptions",
        Text2("Description", "説明"),
        Text2(
            "What it is, how it was made, what it can be used for.",
            "何のデータか、どう作ったか、何に使えるかを書きます。",
        ),
        "Hourly temperatures of twelve buoys, checked by hand.",
        "required",
        Text2("Readers decide from this text whether to open it.", "読者はこの文章を見て、開くかどうかを決めます。"),
    ),
    FieldSpec(
        "resource_type",
        Text2("Resource type", "資源タイプ"),
        Text2("What kind of thing this is.", "どのような種類のものかを選びます。"),
        "Dataset",
        "required",
        Text2("Catalogues sort by it.", "目録はこの種類で分類します。"),
        many=False,
    ),
    FieldSpec(
        "rights",
        Text2("Rights", "権利・ライセンス"),
        Text2("What others may do with it.", "ほかの人が何をしてよいかを示します。"),
        "CC-BY-4.0",
        "required",
        Text2("Without a licence nobody may reuse it.", "ライセンスがないと、だれも再利用できません。"),
    ),
    FieldSpec(
        "access",
        Text2("Access to the files", "ファイルの公開範囲"),
        Text2(
            "Everybody, everybody from a day on, or only people you let in. What is written about them is always public.",
            "だれでも見られるか、決めた日から見られるか、許可した人だけが見られるかを選びます。説明などのメタデータは常に公開されます。",
        ),
        "embargoed until 2027-04-01",
        "optional",
        Text2("Left empty, everybody may download the files.", "空欄なら、だれでもファイルをダウンロードできます。"),
        many=False,
    ),
    FieldSpec(
        "publisher",
        Text2("Publisher", "公開者"),
        Text2("Who makes it available.", "公開する組織です。"),
        "University of Example",
        "required",
        Text2("Identifiers are registered in a publisher's name.", "識別子は公開者の名前で登録されます。"),
        many=False,
    ),
    FieldSpec(
        "publication_date",
        Text2("Publication date", "公開日"),
        Text2(
            "When it was or will be first public. Today, unless you say otherwise.",
            "最初に公開された日、または公開する日です。空欄なら今日になります。",
        ),
        "2026-11-23",
        "optional",
        Text2(
            "Citations need a year. Today is used when this is empty.",
            "引用には年が必要です。空欄のときは今日の日付を使います。",
        ),
        many=False,
    ),
    FieldSpec(
        "subjects",
        Text2("Keywords", "キーワード"),
        Text2("Words people would search for.", "探す人が使いそうな言葉です。"),
        "海面水温",
        "recommended",
        Text2("Search finds it by words that the title lacks.", "タイトルにない言葉でも見つかるようになります。"),
    ),
    FieldSpec(
        "languages",
        Text2("Languages", "言語"),
        Text2("Languages of the content.", "内容に使われている言語です。"),
        "ja",
        "recommended",
        Text2("Readers filter by language.", "言語で絞り込めるようになります。"),
    ),
    FieldSpec(
        "dates",
        Text2("Dates", "日付"),
        Text2(
            "When it was collected, created or issued, and the period it covers.",
            "収集・作成・発行の日と、対象とする期間です。",
        ),
        "2021-04-01/2025-03-31 (Coverage)",
        "recommended",
        Text2(
            "Time coverage lets others combine it with theirs.", "期間が分かると、ほかのデータと組み合わせられます。"
        ),
    ),
    FieldSpec(
        "locations",
        Text2("Places", "場所"),
        Text2("Where it was observed, by name or box.", "観測した場所の名前か範囲です。"),
        "Sagami Bay, 139.1 34.9 139.7 35.3",
        "recommended",
        Text2("Map search finds it by place.", "地図から見つかるようになります。"),
    ),
    FieldSpec(
        "variables",
        Text2("Variables", "変数"),
        Text2("Columns and quantities, with type and unit.", "列や量の名前・型・単位です。"),
        "sst (number, degC)",
        "recommended",
        Text2("A column without unit or meaning cannot be reused.", "単位や意味の分からない列は再利用できません。"),
    ),
    FieldSpec(
        "instruments",
        Text2("Instruments", "装置"),
        Text2(
            "What the data were measured with: maker, model and serial number.",
            "測定に使った装置のメーカー・型番・製造番号です。",
        ),
        "Plate reader, BioTek Synergy H1",
        "optional",
        Text2("Measurements can be checked and repeated.", "測定を確かめ、繰り返せるようになります。"),
    ),
    FieldSpec(
        "software",
        Text2("Software used", "使用ソフトウェア"),
        Text2(
            "Programs that recorded or worked on the data, with their version.",
            "データを記録・処理したソフトウェアの名前と版です。",
        ),
        "R 4.4.1",
        "optional",
        Text2("Others can open and repeat the work.", "ほかの人が開き、処理を繰り返せるようになります。"),
    ),
    FieldSpec(
        "related",
        Text2("Related works", "関連する成果"),
        Text2("Articles, software and data that belong to it.", "関連する論文・ソフトウェア・データです。"),
        "10.1234/abcd",
        "recommended",
        Text2("The paper and its data lead to each other.", "論文とデータが互いにたどれるようになります。"),
    ),
    FieldSpec(
        "funding",
        Text2("Funding", "助成"),
        Text2("Who paid, with the award number.", "助成機関と課題番号です。"),
        "JSPS KAKENHI JP21K12345",
        "recommended",
        Text2("Funders look for their award number.", "助成機関は課題番号で成果を探します。"),
    ),
    FieldSpec(
        "contributors",
        Text2("Contributors", "協力者"),
        Text2("Others who helped, with their role.", "協力した人と役割です。"),
        "鈴木 一郎",
        "optional",
        Text2("Everyone who helped gets credit.", "協力した人の貢献が残ります。"),
    ),
    FieldSpec(
        "version",
        Text2("Version", "版"),
        Text2("Your own version label.", "ご自身で付けている版の名前です。"),
        "1.0.0",
        "optional",
        Text2("Readers can tell two versions apart.", "二つの版を区別できます。"),
        many=False,
    ),
    FieldSpec(
        "alternate_identifiers",
        Text2("Other identifiers", "別の識別子"),
        Text2("Names it has elsewhere.", "ほかで付いている識別子です。"),
        "GSE12345",
        "optional",
        Text2("Copies elsewhere are recognised as the same.", "ほかにある同じものと結び付きます。"),
    ),
)

BY_NAME: dict[str, FieldSpec] = {spec.name: spec for spec in FIELDS}


def field_of(target: str) -> FieldSpec:
    """The field that a target (``/titles/-``, ``/titles/0/text``) belongs to.

    Raises:
        KeyError: when no field of a Work has that name.
    """
    return BY_NAME[target.lstrip("/").split("/", 1)[0]]


def missing(work: "Work") -> list[FieldSpec]:
    """Required and recommended fields that hold nothing, required ones first, each in the order of the form."""
    empty = [spec for spec in FIELDS if spec.level != "optional" and not getattr(work, spec.name)]
    return sorted(empty, key=lambda spec: spec.level != "required")
