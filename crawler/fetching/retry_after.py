"""What a server's Retry-After asks for (RFC 9110, 10.2.3): seconds, or a date. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_S: Final = 86_400.0
"""More than a day is taken as a day: no crawl waits that long, and the next one asks again anyway."""

_SECONDS: Final = re.compile(r"\+?\d{1,12}(?:\.\d{0,9})?", re.ASCII)


def retry_after_s(value: str | None, now: float, date: str | None = None) -> float | None:
    """Seconds to wait from now, 0 to `LONGEST_S`; None for what is neither seconds nor a date.

    `now` is Unix time; `date` is the answer's own Date header, against which a date is reckoned: the server's clock
    may be wrong.
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), LONGEST_S)
    until = _unix_time(text)
    if until is None:
        return None
    base = _unix_time((date or "").strip())
    return min(max(until - (now if base is None else base), 0.0), LONGEST_S)


def _unix_time(text: str) -> float | None:
    if not text or len(text) > 100:
        return None
    try:
        moment: datetime = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
