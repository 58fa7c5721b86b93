"""Columns of fixed width: where every line of a table has a blank at the same place, and the header has one there, too."""

import itertools
import re
from collections.abc import Sequence

FEWEST_LINES = 4
FEWEST_COLUMNS = 3
LOOK = 200
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][-+]?\d+)?|-|NA|NaN")


def cuts(lines: Sequence[str]) -> tuple[int, ...]:
    """Where the columns of a table start, the first of ``lines`` being its header; () when this is no such table."""
    sample = [line.rstrip() for line in lines[:LOOK] if line.strip()]
    if len(sample) < FEWEST_LINES + 1 or any("\t" in line for line in sample):
        return ()
    ruled = re.fullmatch(r"[-=+ ]+", sample[1])
    header, body = sample[0], sample[2 if ruled else 1 :]
    width = max(len(line) for line in sample)
    blank = [all(at >= len(line) or line[at] == " " for line in body) for at in range(width)]
    starts = [at for at in range(width) if not blank[at] and (at == 0 or blank[at - 1])]
    spans = list(zip(starts, [*starts[1:], width], strict=True))
    kept: list[tuple[int, int]] = []
    for start, end in spans:
        # A part without a name of its own is a gap inside a column of words that happens to fall on one place.
        named = any(_over(word, start, _filled_end(blank, start, end)) for word in re.finditer(r"\S+", header))
        if kept and not named:
            kept[-1] = (kept[-1][0], end)
        else:
            kept.append((start, end))
    if len(kept) < FEWEST_COLUMNS or not any(_is_numeric(body, *span) for span in kept):
        return ()
    return _with_names(header, kept, blank)


def _with_names(header: str, spans: Sequence[tuple[int, int]], blank: Sequence[bool]) -> tuple[int, ...]:
    """Starts moved left into the gap, so that a name longer than its values is not cut."""
    starts = [0]
    for (_, _), (start, _) in itertools.pairwise(spans):
        at = start
        while at > starts[-1] + 1 and at - 1 < len(header) and header[at - 1] != " " and blank[at - 1]:
            at -= 1
        starts.append(at)
    words = [header[a:b].strip() for a, b in zip(starts, [*starts[1:], None], strict=True)]
    return tuple(starts) if all(words) else ()


def _filled_end(blank: Sequence[bool], start: int, end: int) -> int:
    return next((at for at in range(start, end) if blank[at]), end)


def _over(word: re.Match[str], start: int, end: int) -> bool:
    return word.start() < end and word.end() > start


def _is_numeric(lines: Sequence[str], start: int, end: int) -> bool:
    cells = [cell for line in lines if (cell := line[start:end].strip())]
    return bool(cells) and sum(1 for cell in cells if _NUMBER.fullmatch(cell)) >= 0.9 * len(cells)


def split(line: str, starts: Sequence[int]) -> list[str]:
    """The cells of a line."""
    return [line[a:b].strip() for a, b in zip(starts, [*starts[1:], None], strict=True)]
