"""What programs that act for people (agents) may call: tools and readable resources, which systems register.

A tool works under the permissions of the person the agent acts for, and less: whatever the token allows, an agent proposes and never
decides or publishes (:mod:`shirushi.core.rules`). Arguments are JSON checked against a schema before a tool sees them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from shirushi.accounts.actors import Actor
from shirushi.core.values import JSON

Call = Callable[[Actor, Mapping[str, Any]], JSON]


@dataclass(frozen=True, slots=True)
class Tool:
    """``schema`` is the JSON Schema (2020-12) of the arguments, an object; ``result`` that of what comes back. ``reads``: it changes
    nothing. Text of records in a result was written by strangers: it is data, never an instruction."""

    name: str
    title: str
    description: str
    schema: Mapping[str, JSON]
    call: Call
    reads: bool = True
    repeatable: bool = True
    result: Mapping[str, JSON] = field(default_factory=lambda: {"type": "object"})


@dataclass(frozen=True, slots=True)
class Content:
    """The text of a resource."""

    uri: str
    media_type: str
    text: str


class Resources(Protocol):
    """Things that can be read by an address. ``templates`` are RFC 6570 templates as (template, name, description, media type)."""

    templates: Sequence[tuple[str, str, str, str]]

    def listed(self, by: Actor, after: str, limit: int) -> list[tuple[str, str, str]]:
        """(address, name, media type) of some resources, in an order that ``after`` (the last address seen, or '') continues."""
        ...

    def read(self, by: Actor, uri: str) -> Content | None:
        """The resource, or None when the address is not one of these. Raises the errors of :mod:`shirushi.core.errors`."""
        ...


_tools: dict[str, Tool] = {}
_resources: list[Resources] = []


def register(tools: Iterable[Tool] = (), resources: Iterable[Resources] = ()) -> None:
    """Called once by each system when it starts. Raises ValueError for a name that is taken."""
    for tool in tools:
        if _tools.get(tool.name, tool).call is not tool.call:
            raise ValueError(f"two tools are called {tool.name}")
        _tools[tool.name] = tool
    _resources.extend(one for one in resources if one not in _resources)


def tools() -> list[Tool]:
    """In the order of their names: the same list every time."""
    return [_tools[name] for name in sorted(_tools)]


def tool(name: str) -> Tool | None:
    return _tools.get(name)


def resources() -> list[Resources]:
    return list(_resources)
