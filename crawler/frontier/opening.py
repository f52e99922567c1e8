"""Queueing a dealer's crawl: reserved and opened in the database, then in the queue with its first requests."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from redis.exceptions import ResponseError
from scrapy import Request
from scrapy.utils.request import fingerprint

from crawler.dealers.declaration import Dealer
from crawler.fetching.politeness import delay_for
from crawler.frontier.queue import Opening, SharedQueue
from crawler.frontier.queue_ledger import QueueLedger
from crawler.frontier.wire import MARK, packed
from crawler.platforms.base import Platform
from crawler.platforms.visit import DETAIL_PRIORITY, Visit
from crawler.revisits.version import reading_version
from crawler.spiders.plan import Planned
from inventory.ledger import Busy, NotDue, Report
from inventory.log_lines import event
from inventory.settings import Settings

logger = logging.getLogger(__name__)

QUEUE: Final = "the queue"
"""Who has a dealer whose crawl is queued."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a crawl is to be: as the arguments of `scrapy crawl` have it.

    `visits`: only these pages are asked for, and what they lead to; their sections are not walked then. `due`: only if
    its time has come (`every`).
    """

    limit: int | None = None
    fresh: bool = False
    visits: tuple[Visit, ...] | None = None
    due: bool = False


async def queue_crawl(
    planned: Planned, platform: Platform, wanted: Wanted, queue: SharedQueue, ledger: QueueLedger, settings: Settings
) -> int | Busy | NotDue:
    """The id of the new crawl, or who has the dealer now, or that it is not due. Raises the errors of Redis and of the
    database.

    A dealer whose crawl still runs is not queued twice, whoever asks for it how often.
    """
    dealer = planned.dealer
    if dealer.name in await queue.running():
        return Busy(QUEUE, datetime.now(UTC))
    visits = list(platform.entrances(planned.sections)) if wanted.visits is None else wanted.visits
    sections = planned.sections if wanted.visits is None else tuple(dict.fromkeys(visit.section for visit in visits))
    narrowed = planned.narrowed or wanted.visits is not None
    owner = f"queue:{secrets.token_hex(6)}"
    begun = await ledger.begin(dealer, owner, narrowed=narrowed, limited=wanted.limit is not None, due=wanted.due)
    if isinstance(begun, NotDue | Busy):
        return begun
    reading = None if wanted.limit is not None else reading_version(dealer, platform)
    if wanted.fresh and reading is not None:
        await ledger.recall(dealer.name, reading, fresh=True)
    state: dict[str, str | int] = {
        "dealer": dealer.name,
        "vertical": dealer.vertical,
        "owner": owner,
        "sections": json.dumps(list(sections)),
        "seen_before": json.dumps(begun.seen_before),
        "sections_before": json.dumps({name: list(seen) for name, seen in begun.sections_before.items()}),
    }
    state |= {"limit": wanted.limit} if wanted.limit is not None else {}
    state |= {"reading": reading} if reading is not None else {}
    marks = {
        "narrowed": narrowed,
        "fresh": wanted.fresh,
        "retry": wanted.visits is not None,
        "browser_first": begun.browser_first,
    }
    state |= {name: 1 for name, said in marks.items() if said}
    opening = Opening(
        crawl_id=begun.crawl_id,
        state=state,
        delay_s=delay_for(dealer, settings.download_delay_s),
        cap=cap_of(dealer),
        longest_s=settings.max_crawl_minutes * 60,
        first=[_first(visit, platform) for visit in visits],
        account={} if wanted.visits is None else {f"sections.{name}.truncated": 1 for name in sections},
    )
    try:
        opened = await queue.open(opening)
    except ResponseError as error:  # nothing of it is queued, and its dealer is as due as before: no section was walked
        why = f"it could not be queued: Redis refuses it ({type(error).__name__})"
        refused = Report(outcome="stopped", reason=why, failure_class="queue_refused", narrowed=True)
        await ledger.end(dealer.name, owner, begun.crawl_id, refused)
        raise
    if not opened:  # somebody was quicker by a moment, whose own entry in the database had run out
        never = Report(outcome="stopped", reason="it was queued twice at the same moment", failure_class="lease_lost")
        await ledger.end(dealer.name, owner, begun.crawl_id, never)
        return Busy(QUEUE, datetime.now(UTC))
    fields = event("crawl_queued", crawl=begun.crawl_id, dealer=dealer.name, vertical=dealer.vertical)
    logger.info("%s: crawl %d is queued", dealer.name, begun.crawl_id, extra=fields)
    return begun.crawl_id


def is_wanted(state: Mapping[str, str], planned: Planned, wanted: Wanted) -> bool:
    """Whether a queued crawl (its `Opening.state`) is what somebody wants who finds it."""
    limit = str(wanted.limit) if wanted.limit is not None else None
    retries = wanted.visits is not None
    narrowed = planned.narrowed or retries
    if state.get("limit") != limit or bool(state.get("fresh")) != wanted.fresh:
        return False
    if bool(state.get("retry")) != retries or bool(state.get("narrowed")) != narrowed:
        return False
    walked: set[str] = set(json.loads(state["sections"]))
    if wanted.visits is not None:  # what it has asked for again since is wanted no more
        return walked.issuperset(visit.section for visit in wanted.visits)
    return not narrowed or walked == set(planned.sections)


def cap_of(dealer: Dealer) -> int:
    """Requests under way at a dealer over all workers; 0 where that is nobody's concern (on this very machine)."""
    return 0 if dealer.on_loopback else dealer.concurrency


def _first(visit: Visit, platform: Platform) -> tuple[str, int, str, str]:
    request = Request(visit.url, cb_kwargs={"dealer": platform.dealer.name, "visit": visit.as_json()})
    kind = "s" if visit.kind == "section" else "d"
    return kind, 0 if kind == "s" else DETAIL_PRIORITY, fingerprint(request).hex()[:MARK], packed(request)
