"""Readings: やまだ, ヤマダ and yamada find 山田 (keys by :mod:`shirushi.metadata.readings`)."""

from shirushi.metadata.readings import is_kana, key
from shirushi.search.analysis import Token, analyse

_LONGEST_COMPOUND = 4  # morphemes read together: かいめんすいおん finds 海面水温


def keys(text: str) -> list[tuple[str, str]]:
    """(key, what it reads) for each Japanese word of a text and for up to four in a row without a break."""
    found = ((reading, "".join(text[start:end].split())) for reading, start, end in rows(text, analyse(text)))
    return list(dict.fromkeys(pair for pair in found if not is_kana(pair[1])))


def rows(text: str, tokens: list[Token]) -> list[tuple[str, int, int]]:
    """(key, start, end) of each row of one to four Japanese words among the tokens of a text."""
    read = [token for token in tokens if token.reading]
    found = []
    for index in range(len(read)):
        for length in range(1, _LONGEST_COMPOUND + 1):
            row = read[index : index + length]
            if len(row) < length or not _adjacent(row, text):
                break
            reading = key("".join(token.reading for token in row))
            if len(reading) > 1:
                found.append((reading, row[0].start, row[-1].end))
    return found


def _adjacent(row: list[Token], text: str) -> bool:
    """Nothing but spaces in between: 山田 花子 is read as one name too, 海の水温 is not."""
    return len(row) < 2 or not text[row[-2].end : row[-1].start].strip(" ,　")
