"""What schemathesis needs to know beyond the OpenAPI document: how bytes in pieces are sent."""

import schemathesis

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
