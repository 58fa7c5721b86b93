"""What a harvester asks for: its arguments read and judged, each fault under the error code that the protocol has for it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.http import QueryDict

from shirushi.exchange.xmltools import uri


class OaiError(Exception):
    """``code`` is one of the protocol's; ``echo`` whether the answer may repeat the arguments."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def echo(self) -> bool:
        return self.code not in {"badVerb", "badArgument"}


@dataclass(frozen=True, slots=True)
class _Verb:
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    resumes: bool = False


_NARROWING = frozenset({"from", "until", "set"})
VERBS: Mapping[str, _Verb] = {
    "Identify": _Verb(),
    "ListMetadataFormats": _Verb(optional=frozenset({"identifier"})),
    "ListSets": _Verb(resumes=True),
    "ListIdentifiers": _Verb(frozenset({"metadataPrefix"}), _NARROWING, resumes=True),
    "ListRecords": _Verb(frozenset({"metadataPrefix"}), _NARROWING, resumes=True),
    "GetRecord": _Verb(frozenset({"identifier", "metadataPrefix"})),
}
_PREFIX = re.compile(r"[A-Za-z0-9\-_.!~*'()]+")
_SET = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(:[A-Za-z0-9\-_.!~*'()]+)*")
_DAY, _SECOND = "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request whose arguments fit together. ``since`` and ``until`` are moments, both included."""

    verb: str
    values: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None


def asked(query: QueryDict) -> Asked:
    """The request in a query or a form.

    Raises:
        OaiError: ``badVerb`` or ``badArgument``.
    """
    verbs = query.getlist("verb")
    if len(verbs) != 1 or verbs[0] not in VERBS:
        raise OaiError("badVerb", f"Give one verb of {', '.join(VERBS)}.")
    verb = VERBS[verbs[0]]
    values = {name: query[name] for name in query if name != "verb"}
    if repeated := sorted(name for name in values if len(query.getlist(name)) > 1):
        raise OaiError("badArgument", f"Given more than once: {', '.join(repeated)}.")
    if verb.resumes and "resumptionToken" in values:
        if len(values) > 1:
            raise OaiError("badArgument", "resumptionToken stands alone: it holds the other arguments.")
        return Asked(verbs[0], values)
    if unknown := sorted(set(values) - verb.required - verb.optional):
        raise OaiError("badArgument", f"{verbs[0]} does not take: {', '.join(name[:50] for name in unknown)}.")
    if missing := sorted(verb.required - set(values)):
        raise OaiError("badArgument", f"{verbs[0]} needs: {', '.join(missing)}.")
    _see_that_they_are_written_right(values)
    return Asked(verbs[0], values, *_span(values))


def _see_that_they_are_written_right(values: Mapping[str, str]) -> None:
    if not _PREFIX.fullmatch(values.get("metadataPrefix", "_")):
        raise OaiError("badArgument", "metadataPrefix is not written as a prefix can be.")
    if not _SET.fullmatch(values.get("set", "_")):
        raise OaiError("badArgument", "set is not written as a setSpec can be.")
    identifier = values.get("identifier", "oai:a:b")
    if not identifier or uri(identifier) != identifier:
        raise OaiError("badArgument", "identifier is not a URI.")


def _span(values: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """The first and the last second of ``from`` and ``until``."""
    given = {name: values[name] for name in ("from", "until") if name in values}
    if len({len(value) for value in given.values()}) > 1:
        raise OaiError("badArgument", "from and until differ in granularity.")
    since, until = (_moment(given, name) for name in ("from", "until"))
    if until is not None and len(given["until"]) == len("2026-11-23"):
        until += timedelta(days=1, seconds=-1)
    if since is not None and until is not None and since > until:
        raise OaiError("badArgument", "from is later than until.")
    return since, until


def _moment(given: Mapping[str, str], name: str) -> datetime | None:
    if name not in given:
        return None
    value = given[name]
    try:
        if not _DATE.fullmatch(value):
            raise ValueError(value)
        return datetime.strptime(value, _SECOND if "T" in value else _DAY).replace(tzinfo=UTC)
    except ValueError:
        raise OaiError("badArgument", f"{name} is not a date: write 2026-11-23 or 2026-11-23T00:00:00Z.") from None
