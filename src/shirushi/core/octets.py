"""How many bytes a text has in UTF-8, counted by the database."""

from typing import Any

from django.db.models import Func, IntegerField


class OctetLength(Func):
    """``octet_length`` in every database that has it; SQLite counts the bytes of a blob."""

    function = "OCTET_LENGTH"
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="LENGTH(CAST(%(expressions)s AS BLOB))", **context)
