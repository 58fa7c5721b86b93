"""What makes a record better to use and no metric of F-UJI asks for: no points, only advice, each with the field that it is about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shirushi.core.fair_questions import is_lasting
from shirushi.metadata.fields import Text2
from shirushi.metadata.work import Creator, Work

MOST = 0.9  # share of files from which they count as open


@dataclass(frozen=True, slots=True)
class Advice:
    """``field`` is where it is done (``files`` too), ``words`` what to do, ``why`` what it is good for."""

    field: str
    words: Text2
    why: Text2


def advice(work: Work, media_types: Mapping[str, int]) -> Iterator[Advice]:
    """What is worth doing for a work whose files are of these media types, with how many files of each."""
    columns = work.variables
    if untyped := sum(column.type is None for column in columns):
        yield Advice(
            "variables",
            Text2(
                f"Give every column a type ({untyped} lack one)", f"すべての列に型を付ける（{untyped}列にありません）"
            ),
            Text2("Programs read the values as what they are.", "プログラムが値を正しく読めます。"),
        )
    if bare := sum(column.type == "number" and column.unit is None for column in columns):
        yield Advice(
            "variables",
            Text2(
                f"Give measured columns their unit ({bare} lack one)",
                f"測定値の列に単位を付ける（{bare}列にありません）",
            ),
            Text2("Values of two data sets can be put side by side.", "ほかのデータの値と並べて使えます。"),
        )
    if unknown := sum(not _is_known(creator) for creator in work.creators):
        yield Advice(
            "creators",
            Text2(
                f"Add ORCID iDs or RORs ({unknown} lack one)", f"ORCID iD か ROR を加える（{unknown}人にありません）"
            ),
            Text2("People of one name are told apart.", "同じ名前の人と区別できます。"),
        )
    if not any(one.type in ("Methods", "TechnicalInfo") for one in work.descriptions):
        yield Advice(
            "descriptions",
            Text2("Describe how it was made (type: methods)", "どう作ったかを説明する（種類は「方法」）"),
            Text2("Others can trust it and do it again.", "信頼でき、同じことを試せます。"),
        )
    total = sum(media_types.values())
    closed = sum(number for kind, number in media_types.items() if not is_lasting(kind))
    if closed > (1 - MOST) * total:
        yield Advice(
            "files",
            Text2(
                f"Add copies in open formats ({closed}/{total} are not)",
                f"公開された形式の写しを加える（{closed}/{total}件が該当しません）",
            ),
            Text2("They open without a certain program.", "特定のソフトがなくても開けます。"),
        )


def _is_known(creator: Creator) -> bool:
    return bool(creator.orcid or creator.ror or any(affiliation.ror for affiliation in creator.affiliations))
