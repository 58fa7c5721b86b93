"""Where quoted words stand in an excerpt."""

import re

from shirushi.describe.denial import denied, sentence_around
from shirushi.describe.judging import plain
from shirushi.describe.text import normalise

SHORTEST = 2


def find(quote: str, text: str) -> tuple[int, int] | None:
    """Where a quote stands in a text, as a span of the text: exactly, else but for width, case and white space."""
    if len(quote) < SHORTEST:
        return None
    at = text.find(quote)
    if at >= 0:
        return at, at + len(quote)
    flat = normalise(text)
    words = [re.escape(word) for word in normalise(quote).text.split()]
    if not words:
        return None
    match = re.search(r"\s*".join(words), flat.text, re.IGNORECASE)
    return flat.span(match.start(), match.end()) if match else None


def stands_in(value: str, quote: str) -> bool:
    """Whether all letters of a value stand in the quote, in their order, as whole words."""
    wanted, there = plain(value), plain(quote)
    if not wanted:
        return False
    if not wanted.isascii() and wanted.replace(" ", "") in there.replace(" ", ""):
        return True
    return re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", there) is not None


def around(quote: str, text: str) -> str:
    """The whole sentences of a text that hold a quote."""
    found = find(quote, text)
    return sentence_around(text, *found) if found else text


def is_denied(value: str, quote: str, text: str) -> bool:
    """Whether the text denies a value of one of its quotes, anywhere it names it; where the value is put in other words, whether
    it denies the quote."""
    there = [m.span() for m in re.finditer(re.escape(value), text)] if value else []
    if not there and (found := find(value, text) or find(quote, text)):
        there = [found]
    return any(denied(text, *span) for span in there)
