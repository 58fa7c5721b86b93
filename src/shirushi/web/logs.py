"""The log as JSON, one object a line, for programs that collect it."""

import json
import logging
import re
from datetime import UTC, datetime

_SECRET = re.compile(r"(/shared/|/requests/|[?&]key=)[^/\s?#&'\"]+")


class WithoutSecrets(logging.Filter):
    """Takes the secrets of links out of the addresses that are logged: whoever reads the log could open what they lead to."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        hidden = _SECRET.sub(r"\1***", said)
        if hidden != said:
            record.msg, record.args = hidden, None
        return True


class JsonLines(logging.Formatter):
    """``time`` (UTC), ``level``, ``logger``, ``message``, and ``error`` with the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)
