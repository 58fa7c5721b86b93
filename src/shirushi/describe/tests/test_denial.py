"""What a sentence denies, in the languages that texts are read in."""

import pytest

from shirushi.describe.denial import denied, says_what_is_denied


@pytest.mark.parametrize(
    ("text", "words", "is_denied"),
    [
        ("These data are not licensed under CC BY 4.0 and may not be redistributed.", "CC BY 4.0", True),
        ("This study was not supported by the Wellcome Trust (grant 999999).", "999999", True),
        ("The Wellcome Trust did not fund this work, but the NSF did.", "Wellcome", True),
        ("The Wellcome Trust did not fund this work, but the NSF did.", "NSF", False),
        ("The data are not embargoed and are licensed under CC BY 4.0.", "CC BY", False),
        ("Supported by the NSF, which had no role in the design.", "NSF", False),
        ("Supported by the NSF (grant No. 12345).", "12345", False),
        ("May be used without any restrictions under CC0.", "CC0", False),
        ("Not only in Devon were samples taken.", "Devon", False),
        ("We didn't sample the River Tamar.", "Tamar", True),
        ("No scats were found. The River Tamar was sampled.", "Tamar", False),
        ("四万十川は調査していない。琵琶湖で測定した。", "四万十川", True),
        ("四万十川は調査していない。琵琶湖で測定した。", "琵琶湖", False),
        ("カワウソは捕獲せず、糞を四万十川で採取した。", "四万十川", False),
        ("本研究はJSTの助成を受けたものではありません。", "JST", True),
        ("本データはCC BY 4.0で公開しており、個人情報は含まない。", "CC BY", False),
        ("CC BY 4.0に従い、出典を表示しなければならない。", "CC BY", False),
        ("少なくとも琵琶湖で測定した。", "琵琶湖", False),
        ("Die Daten wurden nicht von der DFG gefördert.", "DFG", True),
        ("Gefördert von der DFG, ohne Auflagen.", "DFG", False),
        ("Cette étude n'a pas été financée par l'ANR.", "ANR", True),
        ("Cette étude a été financée par l'ANR.", "ANR", False),
    ],
)
def test_denied(text: str, words: str, is_denied: bool) -> None:
    start = text.index(words)
    assert denied(text, start, start + len(words)) == is_denied


SAID = (
    "We collected scats of otters at 14 sites. Otters were not harmed. We found no effect of rain on density. カワウソの糞を採取した。"
    "カワウソは捕獲していない。 Der Fluss wurde nicht beprobt. Les loutres n'ont pas été capturées."
)


@pytest.mark.parametrize(
    ("value", "bent"),
    [
        ("Otters were harmed at 14 sites.", True),
        ("We found effect of rain on density.", True),
        ("カワウソを捕獲した。", True),
        ("Der Fluss wurde beprobt.", True),
        ("Les loutres ont été capturées.", True),
        ("Scats were not collected.", True),
        ("Scats of otters from 14 sites.", False),
        ("Otters were not harmed.", False),
        ("We found no effect of rain.", False),
        ("カワウソの糞を採取した。", False),
        ("カワウソは捕獲していない。", False),
    ],
)
def test_other_words_may_not_drop_a_denial(value: str, bent: bool) -> None:
    assert says_what_is_denied(value, SAID) == bent


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("Samples were weighed and counted.", "Samples were neither weighed nor counted."),
        ("The lakes froze in winter.", "None of the lakes froze in winter."),
        ("We measured pH in the lake.", "We were unable to measure pH in the lake."),
        ("Otters were, in any way, harmed.", "Otters weren't, in any way, harmed."),
        ("Rain affects density.", "Rain never affects density."),
        ("雨の影響が認められた。", "雨の影響は認められなかった。"),
        ("許可なく再配布できる。", "許可なく再配布できません。"),
        ("データを公開した。", "データは未公開である。"),
        ("Regen hatte Wirkung auf die Dichte.", "Regen hatte keine Wirkung auf die Dichte."),
        ("La rivière est couverte.", "La rivière n'est pas couverte."),
    ],
)
def test_each_way_to_deny(value: str, said: str) -> None:
    assert says_what_is_denied(value, said)
    assert not says_what_is_denied(said, said)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("Weekly samples of nitrate.", "We took weekly samples of nitrate. Samples were not filtered."),
        ("Scats of otters at 14 sites", "Scats of otters at 14 sites were collected. No otters were seen."),
        ("Temperature of the lake, without gaps.", "Temperature of the lake was recorded without gaps."),
        ("カワウソの糞のデータ。", "カワウソの糞のデータである。個人情報は含まない。"),
    ],
)
def test_what_is_said_besides_a_denial(value: str, said: str) -> None:
    assert not says_what_is_denied(value, said)
