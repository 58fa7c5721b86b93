"""Where quoted words stand in an excerpt."""

import re

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
