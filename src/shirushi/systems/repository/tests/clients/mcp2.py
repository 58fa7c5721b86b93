"""The public client ``mcp`` 2.x, in the mode that is named: finds, reads and proposes; prints what it saw as JSON."""

import asyncio
import json
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client


async def main(address: str, token: str, mode: str, draft: str) -> None:
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as http,
        Client(streamable_http_client(address, http_client=http), mode=mode) as client,
    ):
        tools = await client.list_tools()
        found = await client.call_tool("search_records", {"query": "buoys"})
        listed = await client.list_resources()
        read = await client.read_resource(listed.resources[1].uri)
        templates = await client.list_resource_templates()
        proposed = await client.call_tool(
            "propose_value",
            {"draft": draft, "field": "subjects", "value": {"text": f"by {mode}"}, "confidence": 0.6,
             "evidence": [{"file": "README.md", "quote": "two buoys"}]},
        )  # fmt: skip
        refused = await client.call_tool("get_record", {"id": "none"})
        told = {
            "server": client.server_info.name,
            "version": client.protocol_version,
            "tools": [tool.name for tool in tools.tools],
            "hits": [hit["id"] for hit in found.structured_content["items"]],
            "read": json.loads(read.contents[0].text)["id"],
            "templates": len(templates.resource_templates),
            "proposed": proposed.structured_content,
            "refused": refused.is_error,
        }
    print(json.dumps(told))


asyncio.run(main(*sys.argv[1:]))
