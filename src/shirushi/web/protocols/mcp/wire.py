"""JSON-RPC 2.0 as MCP speaks it over HTTP, in two generations that share one address.

Revision 2026-07-28 has no handshake: every POST carries its version and the client's capabilities in ``params._meta``, mirrored in
headers. Revisions up to 2025-11-25 begin with ``initialize``; this server keeps nothing between their requests, so no session is
named. Source: Model Context Protocol specification 2026-07-28 and 2025-11-25, "Base protocol" and "Transports".
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MODERN = ("2026-07-28",)
HANDSHAKE = ("2025-11-25", "2025-06-18", "2025-03-26")  # the newest first
MOST_BYTES = 4_000_000

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = -32700, -32600, -32601, -32602, -32603
HEADER_MISMATCH, UNSUPPORTED_VERSION = -32020, -32022
_STATUS = {
    PARSE_ERROR: 400, INVALID_REQUEST: 400, INVALID_PARAMS: 400, HEADER_MISMATCH: 400, UNSUPPORTED_VERSION: 400, METHOD_NOT_FOUND: 404,
}  # fmt: skip

_META = "io.modelcontextprotocol/"
VERSION_KEY, CLIENT_KEY, CAPABILITIES_KEY, SERVER_KEY = (
    f"{_META}{name}" for name in ("protocolVersion", "clientInfo", "clientCapabilities", "serverInfo")
)
_NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_SENTINEL = re.compile(r"=\?base64\?(.*)\?=")


class RpcError(Exception):
    """``code`` and message of a JSON-RPC error, with its ``data``."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.data = data

    @property
    def status(self) -> int:
        return _STATUS.get(self.code, 200)


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``id`` is None for a notification, which gets no answer. ``modern``: by the revision without handshake."""

    method: str
    params: Mapping[str, Any]
    id: str | int | None
    modern: bool
    client: str

    def text(self, name: str) -> str:
        """A parameter that has to be a string. Raises RpcError."""
        value = self.params.get(name)
        if not isinstance(value, str):
            raise RpcError(INVALID_PARAMS, f"{name} must be a string")
        return value


def read(body: bytes, headers: Mapping[str, str]) -> Request:
    """The request in a POST. ``headers`` are looked up without regard to case.

    Raises:
        RpcError: with the id of the request as ``data_id`` where one could be read.
    """
    decoded = _decoded(body)
    method, params, given = decoded.get("method"), decoded.get("params", {}), decoded.get("id")
    if decoded.get("jsonrpc") != "2.0" or not isinstance(method, str) or not isinstance(params, dict):
        raise RpcError(INVALID_REQUEST, "The body must be one JSON-RPC 2.0 request or notification")
    if "id" in decoded and (isinstance(given, bool) or not isinstance(given, str | int)):
        raise RpcError(INVALID_REQUEST, "The id must be a string or a whole number")
    version = headers.get("MCP-Protocol-Version", "")
    modern = version in MODERN or (bool(version) and version not in HANDSHAKE) or method == "server/discover"
    if modern and "id" in decoded:
        _check_envelope(method, params, headers)
    elif modern and version not in MODERN:
        raise _unsupported(version)
    return Request(method, params, given, modern, _client(method, params))


def id_of(body: bytes) -> str | int | None:
    """The id of a request that could not be taken, for the answer; None where there is none."""
    try:
        given = json.loads(body)["id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return given if isinstance(given, str | int) and not isinstance(given, bool) else None


def negotiated(params: Mapping[str, Any]) -> str:
    """The revision for a client that shakes hands: the one it asks for, else the newest that has handshakes."""
    wanted = params.get("protocolVersion")
    return wanted if wanted in HANDSHAKE else HANDSHAKE[0]


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        decoded = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RpcError(PARSE_ERROR, "The body is not JSON") from error
    if not isinstance(decoded, dict):
        raise RpcError(INVALID_REQUEST, "The body must be one JSON-RPC 2.0 request or notification, not several")
    return decoded


def _check_envelope(method: str, params: Mapping[str, Any], headers: Mapping[str, str]) -> None:
    meta = params.get("_meta")
    missing = [key for key in (VERSION_KEY, CAPABILITIES_KEY) if not isinstance(meta, dict) or key not in meta]
    if missing or not isinstance(meta, dict):
        raise RpcError(INVALID_PARAMS, f"params._meta lacks {', '.join(missing)}")
    version = meta[VERSION_KEY]
    if not isinstance(version, str):
        raise RpcError(INVALID_PARAMS, f"{VERSION_KEY} must be a string")
    said = [("MCP-Protocol-Version", version), ("Mcp-Method", method)]
    name = params.get(_NAMED.get(method, ""))
    if name is not None:
        said.append(("Mcp-Name", str(name)))
    for header, value in said:
        if _plain(headers.get(header)) != value:
            raise RpcError(HEADER_MISMATCH, f"The header {header} does not say what the body says")
    if version not in MODERN:
        raise _unsupported(version)


def _unsupported(version: str) -> RpcError:
    data = {"supported": list(MODERN), "requested": version}
    return RpcError(UNSUPPORTED_VERSION, "Unsupported protocol version", data)


def _plain(value: str | None) -> str | None:
    """A header's value; what no header can hold comes as ``=?base64?…?=``."""
    match = _SENTINEL.fullmatch(value or "")
    if match is None:
        return value
    try:
        return base64.b64decode(match[1], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


def _client(method: str, params: Mapping[str, Any]) -> str:
    """What the client calls itself, for the record of who proposed what: it is not checked by anybody."""
    meta = params.get("_meta")
    info = (
        params.get("clientInfo") if method == "initialize" else meta.get(CLIENT_KEY) if isinstance(meta, dict) else None
    )
    name = info.get("name") if isinstance(info, dict) else None
    return re.sub(r"[^\w .@/+-]", "", name)[:60].strip() if isinstance(name, str) else ""
