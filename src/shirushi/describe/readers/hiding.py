"""Keys, tokens and passwords taken out of what readers saw, before it becomes a suggestion, an excerpt or part of a record.

That there are some is told as ``sensitive`` evidence, with its place; what they are is kept nowhere.
"""

from collections.abc import Iterator, Sequence

from shirushi.describe.evidence import JSON
from shirushi.describe.readers.sensitive_values import credentials

HIDDEN = "█"  # as many as there were characters, so that places within a text stay where they are


def hide_secrets(found: list[JSON]) -> list[JSON]:
    """Evidence of one file as JSON, every secret hidden wherever it stands. Most files hold none, which one look tells."""
    text = "\n".join(_strings(found))
    secrets = {text[start:end] for start, end in credentials(text)}
    return [_hide(item, sorted(secrets, key=len, reverse=True)) for item in found] if secrets else found


def holds_hidden(value: JSON) -> bool:
    return any(HIDDEN in text for text in _strings(value))


def _strings(item: JSON) -> Iterator[str]:
    """All texts; of a pair also both together, since a password is known by what it is called."""
    if isinstance(item, str):
        yield item
    elif isinstance(item, list | tuple):
        for one in item:
            yield from _strings(one)
    elif isinstance(item, dict):
        name, value = item.get("key") or item.get("name"), item.get("value")
        if isinstance(name, str) and isinstance(value, str):
            yield f'{name} = "{value}"'
        for one in item.values():
            yield from _strings(one)


def _hide(item: JSON, secrets: Sequence[str]) -> JSON:
    if isinstance(item, str):
        for secret in secrets:
            item = item.replace(secret, HIDDEN * len(secret))
        return item
    if isinstance(item, list):
        return [_hide(one, secrets) for one in item]
    if isinstance(item, dict):
        return {name: _hide(one, secrets) for name, one in item.items()}
    return item
