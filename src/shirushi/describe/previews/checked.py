"""Files that are shown as text, looked at for whether they are what they are called: if not, the page says so above their lines."""

import json

from shirushi.describe.previews.registry import Shape, Wanted
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.text import decode

MOST_JSON = 4_000_000  # bytes


def check_json(file: File, wanted: Wanted) -> Shape | None:
    """None: lines are the way to show it.

    Raises:
        Unreadable: ``malformed``, it is no JSON. One that is too large or nested too deeply is not looked at.
    """
    if file.size > MOST_JSON:
        return None
    try:
        json.loads(decode(file.head(MOST_JSON)).text)
    except ValueError as error:
        raise Unreadable("malformed", f"not JSON: {error}"[:300]) from error
    except RecursionError:
        return None
    return None
