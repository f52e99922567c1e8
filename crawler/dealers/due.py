"""Which dealers are due to be crawled. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from crawler.dealers.declaration import Dealer

_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}

EARLY: Final = 0.05
"""So large a part of the time may be missing: a daily cron job does not find its dealers due a second too late."""


def interval(every: str) -> timedelta:
    """`30m`, `24h`, `7d` as a time. Raises `ValueError` for anything else (dealer files are checked for it)."""
    said = re.fullmatch(r"(\d+)([mhd])", every)
    if said is None:
        raise ValueError(f"{every!r} is no time like 30m, 24h or 7d")
    return timedelta(**{_UNITS[said[2]]: int(said[1])})


def due_unless_since(dealer: Dealer, now: datetime) -> datetime | None:
    """A dealer whose last crawl began after this is not due; None without `every`: it is due whenever somebody asks."""
    return None if dealer.every is None else now - interval(dealer.every) * (1 - EARLY)


def is_due(dealer: Dealer, last_begun: datetime | None, now: datetime) -> bool:
    """Whether a dealer's last crawl began `every` ago or longer."""
    since = due_unless_since(dealer, now)
    return since is None or last_begun is None or last_begun <= since
