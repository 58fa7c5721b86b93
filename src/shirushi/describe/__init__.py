"""The heart: a folder goes in, suggestions with evidence come out.

    from shirushi.describe import describe

    description = describe("my-folder")

Importing this package costs nothing; what is asked for is loaded then (PEP 562).
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shirushi.describe.description import Description as Description
    from shirushi.describe.pipeline import describe as describe
    from shirushi.describe.progress import Progress as Progress

_HOMES = {"describe": "pipeline", "Progress": "progress", "Description": "description"}

__all__ = ["Description", "Progress", "describe"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
