"""How findable, accessible, interoperable and reusable a work is, as points that anybody can check by looking at it.

No judgement hides in it: every point is a plain question to the metadata and the kinds of files, answered yes or no, with the
field that answers it. A question that does not arise (units where nothing is measured) is left out, so the total varies.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from shirushi.metadata.fields import Text2
from shirushi.metadata.work import Creator, Work

Letter = Literal["F", "A", "I", "R"]

PRINCIPLES: Mapping[Letter, Text2] = {
    "F": Text2("Findable", "見つけられる"),
    "A": Text2("Accessible", "手に入れられる"),
    "I": Text2("Interoperable", "つなげられる"),
    "R": Text2("Reusable", "再利用できる"),
}

TELLING = 50  # characters from which a description says something
MOST = 0.9  # share of files from which they count as open

# Formats that one maker's program reads best, and files that nobody can tell.
_CLOSED = {
    "application/octet-stream",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/x-matlab-data",
    "application/x-ole-storage",
    "application/vnd.rar",
    "application/x-sas-data",
    "application/x-spss-sav",
    "application/x-stata-dta",
}
_WITH_COLUMNS = {
    "application/vnd.apache.parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/x-hdf5",
    "application/x-netcdf",
    "application/x-netcdf4",
    "text/csv",
    "text/tab-separated-values",
}


@dataclass(frozen=True, slots=True)
class Point:
    """One question. ``field`` is where the answer is found (``files`` and ``identifier`` too), ``words`` what is asked for, and
    ``why`` what it is good for."""

    letter: Letter
    field: str
    met: bool
    words: Text2
    why: Text2


@dataclass(frozen=True, slots=True)
class Fair:
    points: tuple[Point, ...]

    @property
    def score(self) -> int:
        return sum(point.met for point in self.points)

    @property
    def total(self) -> int:
        return len(self.points)

    def of(self, letter: Letter) -> tuple[Point, ...]:
        return tuple(point for point in self.points if point.letter == letter)


def fair(work: Work, media_types: Mapping[str, int]) -> Fair:
    """The points of a work whose files are of these media types, with how many files of each."""
    found = (*_findable(work), *_accessible(work, media_types), *_interoperable(work, media_types), *_reusable(work))
    return Fair(found)


def _findable(work: Work) -> Iterator[Point]:
    yield Point(
        "F",
        "identifier",
        True,
        Text2("An identifier that stays: it gets one when it is published", "変わらない識別子（公開すると付きます）"),
        Text2("Links and citations keep leading to it.", "リンクや引用から、いつでもたどれます。"),
    )
    yield Point(
        "F",
        "titles",
        bool(work.titles),
        Text2("A title", "タイトル"),
        Text2("It is the first thing people search and read.", "人が最初に探し、最初に読むものです。"),
    )
    yield Point(
        "F",
        "descriptions",
        any(len(description.text) >= TELLING for description in work.descriptions),
        Text2(f"A description of {TELLING} characters or more", f"{TELLING} 文字以上の説明"),
        Text2("Search finds it by these words too.", "説明の中の言葉でも見つかります。"),
    )
    yield Point(
        "F",
        "subjects",
        bool(work.subjects),
        Text2("Keywords", "キーワード"),
        Text2("It is found by words that the title lacks.", "タイトルにない言葉でも見つかります。"),
    )


def _accessible(work: Work, media_types: Mapping[str, int]) -> Iterator[Point]:
    yield Point(
        "A",
        "files",
        bool(media_types),
        Text2("Files", "ファイル"),
        Text2("There is something to open.", "開けるものがあります。"),
    )
    yield Point(
        "A",
        "rights",
        bool(work.rights),
        Text2("Words on who may use it, and how", "だれがどう使えるかの記載"),
        Text2("Nobody has to ask you first.", "あなたに尋ねなくても分かります。"),
    )


def _interoperable(work: Work, media_types: Mapping[str, int]) -> Iterator[Point]:
    columns = work.variables
    if columns or _WITH_COLUMNS & media_types.keys():
        typed = sum(column.type is not None for column in columns)
        yield Point(
            "I",
            "variables",
            bool(columns) and typed == len(columns),
            Text2(f"A type for every column{_of(typed, len(columns))}", f"すべての列の型{_of(typed, len(columns))}"),
            Text2("Programs read the values as what they are.", "プログラムが値を正しく読めます。"),
        )
    measured = [column for column in columns if column.type == "number"]
    if measured:
        with_unit = sum(column.unit is not None for column in measured)
        counted = _of(with_unit, len(measured))
        yield Point(
            "I",
            "variables",
            with_unit == len(measured),
            Text2(f"A unit for every measured column{counted}", f"測定値の列すべての単位{counted}"),
            Text2("Values of two data sets can be put side by side.", "ほかのデータの値と並べて使えます。"),
        )
    if media_types:
        total = sum(media_types.values())
        is_open = total - sum(media_types.get(closed, 0) for closed in _CLOSED)
        yield Point(
            "I",
            "files",
            is_open >= MOST * total,
            Text2(
                f"Files in open formats{_of(is_open, total)}",
                f"特定のソフトに頼らない形式のファイル{_of(is_open, total)}",
            ),
            Text2("They open without a certain program.", "特定のソフトがなくても開けます。"),
        )
    known = sum(_is_known(creator) for creator in work.creators)
    counted = _of(known, len(work.creators))
    yield Point(
        "I",
        "creators",
        bool(work.creators) and known == len(work.creators),
        Text2(f"An ORCID iD or ROR for every creator{counted}", f"作成者すべての ORCID iD か ROR{counted}"),
        Text2("People of one name are told apart.", "同じ名前の人と区別できます。"),
    )


def _reusable(work: Work) -> Iterator[Point]:
    yield Point(
        "R",
        "rights",
        any(rights.id for rights in work.rights),
        Text2("A licence by its SPDX id, such as CC-BY-4.0", "SPDX の ID で示したライセンス（CC-BY-4.0 など）"),
        Text2(
            "People and programs know at once what is allowed.",
            "何をしてよいかが、人にもプログラムにもすぐ分かります。",
        ),
    )
    yield Point(
        "R",
        "creators",
        bool(work.creators),
        Text2("Creators", "作成者"),
        Text2("Who uses it knows whom to cite and ask.", "使う人が、だれを引用し、だれに尋ねるか分かります。"),
    )
    yield Point(
        "R",
        "dates",
        bool(work.dates),
        Text2("When it was collected or made", "いつ集めたか、いつ作ったか"),
        Text2("Readers see whether it fits their question.", "自分の目的に合うかを、読者が判断できます。"),
    )
    yield Point(
        "R",
        "descriptions",
        any(description.type in ("Methods", "TechnicalInfo") for description in work.descriptions),
        Text2("A description of how it was made (type: methods)", "どう作ったかの説明（種類は「方法」）"),
        Text2("Others can trust it and do it again.", "信頼でき、同じことを試せます。"),
    )
    yield Point(
        "R",
        "related",
        bool(work.related),
        Text2("Related works", "関連する成果"),
        Text2("The paper and its data lead to each other.", "論文とデータが互いにたどれます。"),
    )


def _of(number: int, total: int) -> str:
    return f" ({number}/{total})" if total else ""


def _is_known(creator: Creator) -> bool:
    return bool(creator.orcid or creator.ror or any(affiliation.ror for affiliation in creator.affiliations))
