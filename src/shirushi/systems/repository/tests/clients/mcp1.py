"""The public client ``mcp`` 1.x: finds, reads and proposes; prints what it saw as JSON."""

import asyncio
import json
import sys

from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client


async def main(address: str, token: str, mode: str, draft: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        streamablehttp_client(address, headers=headers) as (receive, send, _),
        ClientSession(receive, send) as session,
    ):
        begun = await session.initialize()
        await session.send_ping()
        tools = await session.list_tools()
        found = await session.call_tool("search_records", {"query": "buoys"})
        listed = await session.list_resources()
        read = await session.read_resource(listed.resources[1].uri)
        templates = await session.list_resource_templates()
        proposed = await session.call_tool(
            "propose_value",
            {"draft": draft, "field": "subjects", "value": {"text": f"by {mode}"}, "confidence": 0.6,
             "evidence": [{"file": "README.md", "quote": "two buoys"}]},
        )  # fmt: skip
        refused = await session.call_tool("get_record", {"id": "none"})
        told = {
            "server": begun.serverInfo.name,
            "version": begun.protocolVersion,
            "tools": [tool.name for tool in tools.tools],
            "hits": [hit["id"] for hit in found.structuredContent["items"]],
            "read": json.loads(read.contents[0].text)["id"],
            "templates": len(templates.resourceTemplates),
            "proposed": proposed.structuredContent,
            "refused": refused.isError,
        }
    print(json.dumps(told))


asyncio.run(main(*sys.argv[1:]))
