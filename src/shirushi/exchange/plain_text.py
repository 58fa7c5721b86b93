"""Words without the HTML that other repositories write them in: a record here holds words."""

import re
from html import unescape

_TAG = re.compile(r"</?[a-z][a-z0-9]*\b[^<>]*>", re.IGNORECASE)
_END_OF_LINE = re.compile(r"<br\s*/?>|</(?:p|div|li|h\d|tr)>", re.IGNORECASE)
# What titles are set in. Anything else in angle brackets may be meant as it stands.
_EMPHASIS = re.compile(
    r"<(i|em|b|strong|u|sub|sup|sc|scp|tt|span)(?:\s[^<>]*)?>(.*?)</\1\s*>", re.IGNORECASE | re.DOTALL
)


def without_html(text: str) -> str:
    """A longer text without its elements, with an end of line where a paragraph, an item or a row ended. A text without elements
    stays as it is: its ``&amp;`` may be meant."""
    if not _TAG.search(text):
        return text.strip()
    text = unescape(re.sub(r"<[^<>]*>", "", _END_OF_LINE.sub("\n", text))).replace("\xa0", " ")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in text.splitlines())).strip()


def without_emphasis(title: str) -> str:
    """A title without what sets words of it in italics, bold, above or below the line: whole pairs of such elements alone."""
    for _level in range(5):
        plain = _EMPHASIS.sub(r"\2", title)
        if plain == title or not plain.strip():
            break
        title = plain
    return title
