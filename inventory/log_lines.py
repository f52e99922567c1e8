"""Log lines as JSON, an object a line: the same for the API and for the crawler (LOG_FORMAT=json)."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

import orjson

from inventory.hiding import hidden


class JsonLines(logging.Formatter):
    """An object a line: `at`, `level`, `logger`, what the record has beside its text (`fields`), and `message`.

    No secret that the process knows is in it (`inventory.hiding`).
    """

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
        }
        fields: dict[str, Any] | None = getattr(record, "fields", None)
        if fields is not None:
            line |= hidden.within(fields)
        if message := record.getMessage():
            line["message"] = hidden(message)
        if record.exc_info:
            line["exception"] = hidden(self.formatException(record.exc_info))
        try:
            return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
        except TypeError:  # half a surrogate pair, as broken pages and file names have
            return json.dumps(line, default=str)


def event(name: str, **fields: Any) -> dict[str, Any]:
    """For `extra=` of a log call: what happened, for machines. A field without a value (None) is left out."""
    return {"fields": {"event": name} | {key: value for key, value in fields.items() if value is not None}}
