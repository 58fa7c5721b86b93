"""Markdown as it is meant to be read."""

from shirushi.describe.previews import nodes
from shirushi.describe.previews.registry import Shape, Wanted
from shirushi.describe.readers.base import File
from shirushi.describe.text import decode

MOST_BYTES = 200_000


def show_markdown(file: File, wanted: Wanted) -> Shape | None:
    """``{"type": "writing", "nodes", "whole", "encoding"}``; of a long text the beginning, by whole lines."""
    data = file.head(MOST_BYTES)
    whole = len(data) == file.size
    decoded = decode(data, truncated=not whole)
    text = decoded.text if whole else decoded.text[: decoded.text.rfind("\n") + 1] or decoded.text
    found, all_of_it = nodes.of_markdown(text.replace("\r\n", "\n").replace("\r", "\n"))
    return {"type": "writing", "nodes": found, "whole": whole and all_of_it, "encoding": decoded.encoding}
