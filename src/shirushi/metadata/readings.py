"""Readings of Japanese compared: やまだ, ヤマダ, yamada and Yamada are one key.

Everything is compared as one key in Latin letters, made from a katakana reading or from what somebody typed. Hepburn and
Kunrei spellings and long vowels fall together: 大野, おおの, ono, ohno and Ōno have one key. The key is for comparing
only; it is never shown.
"""

import re
import unicodedata

_TWO = {
    "キャ": "kya", "キュ": "kyu", "キョ": "kyo", "シャ": "sha", "シュ": "shu", "ショ": "sho", "シェ": "she",
    "チャ": "cha", "チュ": "chu", "チョ": "cho", "チェ": "che", "ニャ": "nya", "ニュ": "nyu", "ニョ": "nyo",
    "ヒャ": "hya", "ヒュ": "hyu", "ヒョ": "hyo", "ミャ": "mya", "ミュ": "myu", "ミョ": "myo", "リャ": "rya",
    "リュ": "ryu", "リョ": "ryo", "ギャ": "gya", "ギュ": "gyu", "ギョ": "gyo", "ジャ": "ja", "ジュ": "ju",
    "ジョ": "jo", "ジェ": "je", "ビャ": "bya", "ビュ": "byu", "ビョ": "byo", "ピャ": "pya", "ピュ": "pyu",
    "ピョ": "pyo", "ファ": "fa", "フィ": "fi", "フェ": "fe", "フォ": "fo", "ティ": "ti", "ディ": "di",
    "デュ": "dyu", "ウィ": "wi", "ウェ": "we", "ウォ": "wo", "ヴァ": "va", "ヴィ": "vi", "ヴェ": "ve", "ヴォ": "vo",
    "トゥ": "tu", "ドゥ": "du",
}  # fmt: skip
_COLUMNS = {  # the kana table, column by column
    "": "アイウエオ", "k": "カキクケコ", "s": "サシスセソ", "t": "タチツテト", "n": "ナニヌネノ", "h": "ハヒフヘホ",
    "m": "マミムメモ", "r": "ラリルレロ", "g": "ガギグゲゴ", "z": "ザジズゼゾ", "d": "ダヂヅデド", "b": "バビブベボ",
    "p": "パピプペポ",
}  # fmt: skip
_ONE = {kana: consonant + vowel for consonant, row in _COLUMNS.items() for kana, vowel in zip(row, "aiueo", strict=True)} | {
    "シ": "shi", "チ": "chi", "ツ": "tsu", "フ": "fu", "ジ": "ji", "ヂ": "ji", "ヅ": "zu", "ヤ": "ya", "ユ": "yu", "ヨ": "yo",
    "ワ": "wa", "ヲ": "o", "ン": "n", "ヴ": "vu", "ァ": "a", "ィ": "i", "ゥ": "u", "ェ": "e", "ォ": "o", "ャ": "ya", "ュ": "yu",
    "ョ": "yo",
}  # fmt: skip
_KUNREI = (
    (re.compile(r"sy(?=[aueo])"), "sh"), (re.compile(r"ty(?=[aueo])"), "ch"), (re.compile(r"[zj]y(?=[aueo])"), "j"),
    (re.compile(r"si"), "shi"), (re.compile(r"ti"), "chi"), (re.compile(r"(?<![st])tu"), "tsu"),
    (re.compile(r"(?<![sc])hu"), "fu"), (re.compile(r"zi"), "ji"), (re.compile(r"m(?=[bmp])"), "n"),
    (re.compile(r"oh(?=[^aeiouy]|$)"), "o"), (re.compile(r"o[uo]+"), "o"), (re.compile(r"uu+"), "u"),
    (re.compile(r"tch"), "cch"), (re.compile(r"[^a-z]"), ""),
)  # fmt: skip
_KANA = re.compile(r"[ぁ-ゖァ-ヺー]+")


def is_kana(text: str) -> bool:
    """Whether a (folded) text is written in kana alone, so that it may be somebody's reading of kanji."""
    return bool(_KANA.fullmatch(text))


def key(text: str) -> str:
    """The key of a reading in kana or Latin letters; empty for what cannot be one (kanji, digits, other scripts)."""
    folded = unicodedata.normalize("NFKC", text)
    latin = _latin(_katakana(folded)) if _KANA.search(folded) else folded
    plain = unicodedata.normalize("NFKD", latin.lower())
    word = "".join(character for character in plain if not unicodedata.combining(character) and character not in "'’-")
    if not (word.isascii() and word.isalpha()):
        return ""
    for pattern, replacement in _KUNREI:
        word = pattern.sub(replacement, word)
    return word


def _katakana(text: str) -> str:
    return "".join(chr(ord(character) + 0x60) if "ぁ" <= character <= "ゖ" else character for character in text)


def _latin(reading: str) -> str:
    """Hepburn of a katakana reading; ー is dropped, ッ doubles the next consonant."""
    letters: list[str] = []
    index = 0
    while index < len(reading):
        if reading[index] == "ッ":
            letters.append("ッ")
        elif reading[index : index + 2] in _TWO:
            letters.append(_TWO[reading[index : index + 2]])
            index += 1
        elif reading[index] != "ー":
            letters.append(_ONE.get(reading[index], reading[index]))
        index += 1
    doubled = re.sub(r"ッ+(.)", r"\1\1", "".join(letters))
    return doubled.replace("ッ", "")
