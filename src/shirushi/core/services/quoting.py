"""Where a quote stands in a draft's file: what somebody else proposes rests on words that are really there."""

import json
import re
from typing import Any

from shirushi.core.errors import FieldError, Invalid, NotFound
from shirushi.core.home import blobs
from shirushi.core.models import DescribeRun, Draft, DraftFile
from shirushi.describe.evidence import Evidence, LinePlace, evidence_from_json
from shirushi.describe.text import decode
from shirushi.metadata.fields import Text2

MOST_BYTES = 4_000_000
SHORTEST, LONGEST = 2, 1_000  # characters of a quote
_TEXT = re.compile(r"text/.+|application/(?:.*(?:json|xml|yaml|toml).*|x-tex|x-ipynb\+json|sql|x-citation-cff)")


def evidence_of(*, draft: Draft, path: str, quote: str, reader: str) -> Evidence:
    """The quote as evidence, with its lines. In files that are no text, what a reading has quoted from them is looked at.

    Raises:
        NotFound: the draft has no such file.
        Invalid: the words are not in it, or too few or too many.
    """
    file = draft.files.filter(path=path).first()
    if file is None:
        raise NotFound(
            Text2(f"This draft has no file {path!r}.", f"この下書きに {path!r} というファイルはありません。")
        )
    wanted = " ".join(quote.split())
    if not SHORTEST <= len(wanted) <= LONGEST:
        words = Text2(
            f"Quote {SHORTEST} to {LONGEST:,} characters of the file.",
            f"{SHORTEST}〜{LONGEST:,} 字を引用してください。",
        )
        raise Invalid(words, errors=[FieldError("/evidence", words)])
    found = _in_text(file, wanted, reader) if _TEXT.fullmatch(file.media_type) else _in_reading(draft, path, wanted)
    if found is None:
        words = Text2(
            f"These words are not in {path}: quote them exactly as they stand there. Of files that are no text, only what a reading "
            "has quoted can be quoted.",
            f"{path} にその言葉はありません。書かれているとおりに引用してください。",
        )
        raise Invalid(words, errors=[FieldError("/evidence", words)])
    return found


def _in_text(file: DraftFile, wanted: str, reader: str) -> Evidence | None:
    with blobs().open(file.sha256) as content:
        data = content.read(MOST_BYTES)
    text = decode(data, truncated=len(data) < file.size).text
    match = re.search(r"\s+".join(map(re.escape, wanted.split(" "))), text)
    if match is None:
        return None
    first = text.count("\n", 0, match.start()) + 1
    last = first + match[0].count("\n")
    starts, ends = (text.rfind("\n", 0, at) + 1 for at in (match.start(), match.end()))
    place = LinePlace(file.path, first, last, match.start() - starts, match.end() - ends, wanted[:300])
    return Evidence("quote", {"text": wanted, "source": reader}, place, reader)


def _in_reading(draft: Draft, path: str, wanted: str) -> Evidence | None:
    run = draft.runs.filter(state=DescribeRun.State.DONE).last()
    if run is None:
        return None
    with blobs().open(run.description_sha256) as content:
        told: dict[str, Any] = json.load(content)
    for suggestion in told.get("suggestions", []):
        for seen in suggestion.get("evidence", []):
            place = seen["place"]
            if place["file"] == path and wanted in " ".join(str(place.get("quote", "")).split()):
                return evidence_from_json(seen)
    return None
