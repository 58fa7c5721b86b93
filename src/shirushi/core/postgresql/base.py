"""Found by Django as ``ENGINE``: everything is its own backend's, but for what JSON may hold."""

import json
import re
from functools import partial
from typing import Any

from django.db.backends.postgresql import base, operations
from psycopg.types.json import Jsonb

# What the text of JSON escapes: whole pairs of surrogates are passed over, as are escaped backslashes.
_ESCAPED = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\u0000|\\."
)
_REFUSED = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\u0000")


def dumps(value: Any, cls: type[json.JSONEncoder] | None = None) -> str:
    """JSON that ``jsonb`` takes: NUL and half a surrogate pair, which it refuses and no export could show, become U+FFFD. Files that
    are damaged, or not what their names say, hold such text; SQLite keeps it."""
    text = json.dumps(value, cls=cls)
    if "\\u0000" not in text and "\\ud" not in text:
        return text
    return _ESCAPED.sub(lambda found: "\\ufffd" if _REFUSED.fullmatch(found[0]) else found[0], text)


class DatabaseOperations(operations.DatabaseOperations):
    def adapt_json_value(self, value: Any, encoder: type[json.JSONEncoder] | None) -> Jsonb:
        return Jsonb(value, dumps=partial(dumps, cls=encoder))


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
