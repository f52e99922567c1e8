"""Signals of the crawl book, for whoever counts or reports."""

from __future__ import annotations

from typing import Final

crawl_began: Final = object()
"""A dealer is reserved and its crawl open. Receivers get `crawl`, the `DealerCrawl`."""

crawl_closed: Final = object()
"""A dealer's crawl is done and closed in the database. Receivers get `crawl` and `verdict`, as it was recorded."""

request_counted: Final = object()
"""A worker of a shared queue is done with a request. Receivers get `account`, a `DealerCrawl` of it alone."""

vertical_done: Final = object()
"""No crawl of a vertical is left in the queue that workers share. Receivers get `vertical`; sent by one of them."""
