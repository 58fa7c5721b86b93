"""The life of a record: draft, suggestions and decisions, publishing, new versions, tombstones, events and jobs."""
