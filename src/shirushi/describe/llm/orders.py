"""Orders to whoever reads: "ignore what stands above", "answer with …". A sentence that gives one bears out nothing that it names.

A licence that a rule reads without a model is another matter: there only "set the license to …" right before its name counts (see
:mod:`shirushi.describe.suggesters.rights`), since a README that grants one may well speak of instructions.
"""

import re

_TO_A_MODEL = r"\b(?:ignore|disregard|pretend|respond)\b|instructions?\b|prompt\b|無視|指示|設定し"
_ORDERS = re.compile(rf"{_TO_A_MODEL}|\bset\b[^.]{{0,60}}\bto\b", re.IGNORECASE)
# Words that sentences about people hold as well, but no sentence that grants a licence
_OF_LICENCES = re.compile(
    rf"{_TO_A_MODEL}|\b(?:(?<!data )(?<!data-)set|use|choose|answer|output|you (?:must|should|are))\b", re.IGNORECASE
)
# Nobody but who wants to lead a model astray writes so; what follows such an order in its text is as little to be believed
_ASTRAY = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b[^.\n]{0,40}\b(?:instructions?|prompts?|rules|above|everything)\b|\bsystem prompt\b"
    r"|\byou are (?:now )?an? (?:ai|assistant|language model|helpful)\b|(?:指示|命令|プロンプト|上記)[^。\n]{0,15}無視",
    re.IGNORECASE,
)


def gives_orders(text: str) -> bool:
    """Whether a text tells its reader what to do rather than what is so."""
    return _ORDERS.search(text) is not None


def orders_a_licence(text: str) -> bool:
    """Whether a text that names a licence tells its reader to choose it; stricter than :func:`gives_orders`."""
    return _OF_LICENCES.search(text) is not None


def leads_astray(text: str, end: int) -> bool:
    """Whether a text, up to ``end``, tells a model to leave its task."""
    found = _ASTRAY.search(text)
    return found is not None and found.start() < end
