"""One person in two scripts: side by side in a text, or told apart by no more than how kanji are read."""

from collections.abc import Callable

import pytest

from shirushi.describe.evidence import JSON, Candidate
from shirushi.describe.suggesters.name_forms import is_read, same_person

Suggest = Callable[..., list[Candidate]]


@pytest.mark.parametrize(
    ("written", "latin", "same"),
    [
        ("山田 花子", "Hanako Yamada", True),
        ("山田花子", "Yamada, Hanako", True),
        ("佐藤 一郎", "Ichiroh Satoh", True),
        ("佐藤 一郎", "Jiro Sato", False),
        ("山田", "Yamada", False),  # a family name alone is many people's
    ],
)
def test_kanji_read_as_latin_letters(written: str, latin: str, same: bool) -> None:
    assert is_read(written, latin) is same
    assert same_person(latin, written) is same


def creators(suggest: Suggest, files: dict[str, str]) -> dict[str, JSON]:
    return {c.value["name"]: c.value.get("other_names", []) for c in suggest(files, "creators")}


def test_forms_in_brackets(suggest: Suggest) -> None:
    text = "# 湖の水位\n\n作成者：山田 花子（Yamada Hanako、やまだ はなこ）、鈴木一郎 (Ichiro SUZUKI)\n"
    assert creators(suggest, {"README.md": text}) == {
        "山田 花子": [{"name": "Yamada, Hanako", "lang": "en"}, {"name": "やまだ はなこ", "lang": "ja-Kana"}],
        "鈴木一郎": [{"name": "Suzuki, Ichiro", "lang": "en"}],
    }


def test_forms_that_stand_apart_are_one_person(suggest: Suggest) -> None:
    text = "# Lakes\n\n## Authors\n\n- 佐藤 健太\n- Kenta Sato (University of Example), https://orcid.org/0000-0002-1825-0097\n"
    (found,) = suggest({"README.md": text}, "creators")
    assert found.value["name"] == "Sato, Kenta"  # as the text is in English
    assert found.value["other_names"] == [{"name": "佐藤 健太", "lang": "ja"}]
    assert found.value["orcid"] == "0000-0002-1825-0097"
    assert len(found.evidence) == 2


def test_kanji_tell_which_word_is_the_family_name(suggest: Suggest) -> None:
    text = "# Levels of lakes\n\n## Authors\n\n- Yamada Hanako (山田 花子)\n\n## Notes\n\nA note in English.\n"
    assert creators(suggest, {"README.md": text}) == {"Yamada, Hanako": [{"name": "山田 花子", "lang": "ja"}]}


def test_brackets_with_something_else_are_no_form_of_a_name(suggest: Suggest) -> None:
    text = "# Lakes\n\nAuthor: 山田 花子（東京大学）\n\n京都 (Kyoto City) was visited.\n"
    assert creators(suggest, {"README.md": text}) == {"山田 花子": []}
