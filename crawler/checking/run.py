"""Runs checks of many dealers at a time and keeps what they found: `scrapy dealers check`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from rich.console import Console

from crawler.checking.check import HEALTHY, Checked, check
from crawler.dealers.declaration import Dealer
from crawler.fetching.asking import Answer, Ask
from crawler.fetching.asking_dealers import AskingDealers
from crawler.reports.check import CheckProgress, check_table
from pipelines.standard_output import put_json

ALL_WELL: Final = 0
SOME_BELOW: Final = 3
NOT_KEPT: Final = 4

Keep = Callable[[Checked], bool]
"""Writes a check down, False where that cannot be; called in a thread of its own."""


class Process(Protocol):
    """What is needed of Scrapy's CrawlerProcess."""

    def crawl(self, crawler_or_spidercls: Any, *args: Any, **kwargs: Any) -> Any:
        """Begin a crawl."""

    def start(self) -> None:
        """Run until all have ended."""


def run_checks(process: Process, dealers: Sequence[Dealer], delay_s: float, user_agent: str, keep: Keep) -> int:
    """Check all dealers, show and keep what was found; the exit status.

    `delay_s`: seconds between two requests where a dealer's file names none.
    """
    checks: dict[str, Checked] = {}
    kept: list[bool] = []
    today = datetime.now(UTC).date()
    piped = not sys.stdout.isatty()
    with CheckProgress(len(dealers)) as progress:

        async def talk_with(dealer: Dealer, ask: Ask) -> None:
            async def counted(url: str) -> Answer:
                progress.asked(dealer.name)
                return await ask(url)

            found = checks[dealer.name] = await check(counted, dealer, today, user_agent)
            progress.done(found)
            if piped:
                put_json(found.as_json())
            kept.append(await asyncio.to_thread(keep, found))

        process.crawl(AskingDealers, talk_with=talk_with, dealers=dealers, default_delay_s=delay_s)
        process.start()
    if not piped:
        Console().print(check_table(checks[dealer.name] for dealer in dealers if dealer.name in checks))
    if not all(kept):
        return NOT_KEPT
    well = len(checks) == len(dealers) and all(found.outcome == HEALTHY for found in checks.values())
    return ALL_WELL if well else SOME_BELOW
