"""The OpenAPI document of InvenioRDM's REST: what its operations answer when they refuse, in which media types, and which of its
addresses the house's own document has to name because they answer below ``/api`` too."""

import re
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from shirushi.exchange import inveniordm

_JSON = "application/json"
_ERROR: dict[str, Any] = {
    "type": "object",
    "title": "InvenioRDM error",
    "required": ["status", "message", "errors"],
    "properties": {
        "status": {"type": "integer"},
        "message": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "messages": {"type": "array", "items": {"type": "string"}}},
            },
        },
        "code": {"type": "string", "description": "stable, for programs"},
        "version": {"type": ["integer", "null"], "description": "the draft's current version, for conflicts"},
        "tombstone": {"type": "object", "description": "what is left of a withdrawn version"},
    },
}
_ANYWHERE = (400, 401, 405, 503)
_OF_ONE = (403, 404, 410)
_CHANGING = (403, 404, 409, 410, 411, 412, 413, 415, 507)
_BYTES = {200: "the bytes", 206: "a part", 304: "unchanged", 416: ""}


class InvenioRDMAPI(NinjaAPI):
    """Its operations refuse alike, so that their errors are declared here and not at each of them."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return f"inveniordm_{operation.view_func.__name__}"

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        schema["security"] = [{}, {"token": []}]
        for address, operations in schema["paths"].items():
            for method, operation in operations.items():
                operation["tags"] = ["InvenioRDM"]
                responses = operation["responses"]
                for response in responses.values():
                    if content := response.get("content"):
                        content[inveniordm.MEDIA_TYPE] = content[_JSON]
                if method == "get" and address.endswith("/content"):
                    responses.clear()
                    responses |= {status: {"description": words} for status, words in _BYTES.items()}
                statuses = {*_ANYWHERE, *(_OF_ONE if "{" in address else ()), *(() if method == "get" else _CHANGING)}
                for status in sorted(statuses | ({416} & responses.keys())):
                    responses[status] = {"description": "refused", "content": {_JSON: {"schema": _ERROR}}}
        return schema


def named_too(own: OpenAPISchema, others: OpenAPISchema) -> OpenAPISchema:
    """``own`` with what ``others`` has below the same addresses: operations that only it has, and its media types and refusals where
    both answer and ``Accept`` decides which."""
    addresses = {_bare(address): address for address in own["paths"]}
    for address, operations in others["paths"].items():
        known = own["paths"].setdefault(addresses.get(_bare(address), address), {})
        for method, operation in operations.items():
            if method not in known:
                known[method] = _with_names_of(addresses.get(_bare(address), address), operation)
                continue
            for status, response in operation["responses"].items():
                answered = known[method]["responses"].setdefault(status, response)
                if own_kinds := answered.get("content"):  # else it is bytes of any kind
                    answered["content"] = own_kinds | response.get("content", {}) | own_kinds
    for name, part in others["components"].get("schemas", {}).items():
        own["components"]["schemas"].setdefault(name, part)
    return own


def _bare(address: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", address)


def _with_names_of(address: str, operation: dict[str, Any]) -> dict[str, Any]:
    """The operation with the parameters of its path called as they are there."""
    names = iter(re.findall(r"\{([^}]*)\}", address))
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            parameter["name"] = next(names)
    return operation
