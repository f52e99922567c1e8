"""What the API's addresses answer with."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.rows import (
    ChangeRow,
    CrawlRow,
    DealerColumns,
    EventRow,
    HistoryRow,
    LastCrawl,
    ListingInShort,
    ListingRow,
    PairColumns,
    UnitColumns,
)


class Answer(BaseModel):
    """Nothing is answered that is not described."""

    model_config = ConfigDict(extra="forbid")


class Warned(Answer):
    """Something that could mislead; the rows are given all the same."""

    code: str = Field(description="mixed_currencies, mixed_offers, mixed_size_units, mixed_size_bases or pruned")
    parameters: list[str] = Field(description="The parameters that compare what should not be compared")
    detail: str
    counts: dict[str, int] = Field(description="Rows that were compared, by what sets them apart")


class StaleDealer(Answer):
    """A dealer whose stock is older than expected."""

    dealer: str
    last_good_at: datetime | None = Field(description="When its last whole healthy crawl ended; null: there was none")
    expected_within_hours: float = Field(
        description="Three times the median distance of its last crawls, at least a day; 168 where too few are known"
    )


class StaleDealers(Answer):
    """Dealers with stock on offer that were not seen well for longer than expected."""

    count: int
    dealers: list[StaleDealer] = Field(description="The oldest first")
    truncated: bool = Field(description="Whether there are more than are given")


class Fresh(Answer):
    """How old the data are, of the dealers that `dealer=` and `vertical=` leave."""

    as_of: date | None = Field(description="The past day that was asked for")
    data_as_of: datetime | None = Field(description="The newest good sight: when a whole healthy crawl ended last")
    stale_dealers: StaleDealers


class PageOf(Fresh):
    """What every page says beside its rows."""

    limit: int = Field(description="Largest number of rows on this page")
    has_more: bool
    next_cursor: str | None = Field(description="Pass it back as `cursor`, exactly as received; null on the last page")
    next: str | None = Field(description="URL of the page behind this one (also in the `Link` header)")
    count: int | None = Field(description="Rows of the whole filtered set, counted on the first page; null: count=none")
    count_kind: Literal["exact", "at_least", "estimated"] | None = Field(description="How `count` is meant")
    truncated: bool = Field(description="Whether the pages of this list have less than what matches: q= without sort=")
    warnings: list[Warned]


class StatusCounts(Answer):
    """Rows of the filtered set by status."""

    active: int
    gone: int
    sold: int


class OutcomeCounts(Answer):
    """Crawls of the filtered set by outcome."""

    running: int
    healthy: int
    failed: int
    stopped: int


class VerticalCounts(Answer):
    """Dealers of the filtered set by vertical."""

    equipment: int
    dog: int


class PlacedPage(PageOf):
    """A page of what can be looked for around a place."""

    without_position: int | None = Field(
        None,
        description="With `near=`: rows that pass the other filters and have no position; counted as `count` is",
    )


class ListingPage(PlacedPage):
    """A page of listings."""

    data: list[ListingRow]  # type: ignore[valid-type]
    status: StatusCounts | None = Field(description="No filter hides what is gone or sold: filter by `status`")


class CrawlPage(PageOf):
    """A page of crawls."""

    data: list[CrawlRow]  # type: ignore[valid-type]
    outcome: OutcomeCounts | None


class GoodCrawl(LastCrawl):  # type: ignore[valid-type,misc]
    """A healthy crawl of all of a dealer's stock."""

    fill: dict[str, float] | None = Field(
        description="Field → share of the listings seen that had it (0 to 1); a field that is not named, none had"
    )


class Stock(StatusCounts):
    """A dealer's listings by status."""

    total: int


class DealerRow(DealerColumns):  # type: ignore[valid-type,misc]
    """A dealer with its stock and its crawls."""

    listings: Stock
    last_crawl: LastCrawl | None = Field(description="The newest, which may be running")  # type: ignore[valid-type]
    last_healthy_crawl: LastCrawl | None = Field(  # type: ignore[valid-type]
        description="The newest that ended well, over all of its stock or some of it"
    )
    last_good_crawl: GoodCrawl | None = Field(description="The newest that ended well over all of its stock")
    failure_class: str | None = Field(
        description="In which way the newest crawl that ended failed; null where it did not, or there was none"
    )
    last_good_at: datetime | None = Field(
        description="When the last good crawl ended; of a dealer that is never crawled, when its stock was last seen"
    )
    age_hours: float | None = Field(description="Hours since then, by the API's clock; null: never seen well")
    expected_within_hours: float = Field(
        description="Three times the median distance of its last good crawls, at least a day; 168: too few are known"
    )
    stale: bool = Field(description="Whether it has stock on offer that is older than that (`stale_dealers`)")


class DealerPage(PageOf):
    """A page of dealers."""

    data: list[DealerRow]
    vertical: VerticalCounts | None


class UnitLink(Answer):
    """Why a listing is taken to be a unit."""

    unit_id: int
    method: str
    score: float
    evidence: Any
    linked_at: datetime
    listings: int = Field(description="How many listings this unit has")


class WholeListing(ListingRow):  # type: ignore[valid-type,misc]
    """A listing with everything that is known of it."""

    days_on_market: int | None = Field(
        description="Whole days of its last time on offer, until now or its end; null: it was never on offer"
    )
    unit: UnitLink | None
    events: list[EventRow] = Field(description="Newest first")  # type: ignore[valid-type]
    events_truncated: bool = Field(description="Whether there are more events than are given")


class ListingAnswer(Answer):
    """One listing."""

    data: WholeListing


class EventPage(PageOf):
    """A page of a listing's history."""

    data: list[HistoryRow]  # type: ignore[valid-type]
    kind: dict[str, int] | None = Field(description="Events of the filtered set by kind")


class Prices(Answer):
    """What a unit costs now, for one currency and kind of offer."""

    currency: str | None
    offer_type: str
    price_period: str | None
    lowest: float
    highest: float
    listings: int = Field(description="Listings on offer at these prices")


class UnitRow(UnitColumns):  # type: ignore[valid-type,misc]
    """A unit with its dealers, its time on the market and its prices."""

    dealers: list[str] = Field(description="Who offers or offered it")
    days_on_market: int | None = Field(
        description="Whole days of its last stay, all its listings together; a gap of up to 180 days counts"
    )
    prices: list[Prices] = Field(description="Lowest and highest price of what is on offer now, by currency")


class UnitPage(PlacedPage):
    """A page of units."""

    data: list[UnitRow]
    status: StatusCounts | None = Field(description="No filter hides what is gone or sold: filter by `status`")


class Merged(Answer):
    """The best value of a field."""

    value: Any
    listing_id: int = Field(description="The listing that says it")
    agree: int = Field(description="How many of the unit's listings say the same")
    known: int = Field(description="How many of them have a value")


class Link(Answer):
    """Why a listing is in its unit."""

    method: str = Field(description="By which rule; `alone` where no other listing brought it in")
    score: float
    with_listing: int | None = Field(description="The listing of the unit that it was compared with")
    evidence: Any
    linked_at: datetime


class ListingOfUnit(ListingRow):  # type: ignore[valid-type,misc]
    """A listing of a unit, and why it is one."""

    days_on_market: int | None = Field(description="Whole days of its last time on offer, until now or its end")
    link: Link | None


class UnitPair(PairColumns):  # type: ignore[valid-type,misc]
    """A pair with its listings."""

    listings: list[ListingInShort] = Field(  # type: ignore[valid-type]
        description="The one with the lower id first"
    )


class PairCounts(Answer):
    """Pairs of the filtered set by verdict."""

    same: int
    maybe: int


class UnitPairPage(PageOf):
    """A page of pairs."""

    data: list[UnitPair]
    verdict: PairCounts | None


class WholeUnit(UnitRow):
    """A unit with its listings."""

    merged: dict[str, Merged] = Field(description="Field → its best value; fields that no listing has are left out")
    listings: list[ListingOfUnit] = Field(description="The best first: on offer, with a price, seen last")
    listings_truncated: bool = Field(description="Whether there are more listings than are given")
    pairs: list[UnitPair] = Field(description="Its listings beside those of other units, the surest first")
    pairs_truncated: bool = Field(description="Whether there are more pairs than are given")


class UnitAnswer(Answer):
    """One unit."""

    data: WholeUnit


class ChangePage(Answer):
    """A page of the feed."""

    data: list[ChangeRow]  # type: ignore[valid-type]
    limit: int = Field(description="Largest number of events on this page")
    has_more: bool = Field(description="Whether there is more now")
    next_cursor: str = Field(description="Pass it back as `since`, now or later; the last page has one too")
    next: str = Field(description="URL of what comes behind (also in the `Link` header)")
    truncated: bool | None = Field(
        description="Whether `since` is a time before `complete_since`, or none; null with a cursor"
    )
    complete_since: datetime | None = Field(
        description="Of what had ended before, the events are pruned; null: nothing ever was"
    )


class CrawlAnswer(Answer):
    """One crawl."""

    data: CrawlRow  # type: ignore[valid-type]


class CategoryNode(Answer):
    """A category; its counts include all categories below it."""

    slug: str
    name: str
    vertical: str
    size_basis: str | None
    size_unit: str | None
    count: int
    status: StatusCounts
    children: list[CategoryNode]


class CategoryTree(Answer):
    """All categories."""

    data: list[CategoryNode]
    uncategorised: int = Field(description="Listings of both verticals whose category was not recognised")


class Health(Answer):
    """The process answers."""

    status: str = Field(examples=["ok"])


class Replica(Answer):
    """Where reads go, where DATABASE_READ_URL is set or a standby is read."""

    reads_from: Literal["replica", "primary"] = Field(
        description="`primary` while the replica is gone, with READ_FALLBACK=primary"
    )
    standby: bool = Field(description="Whether that server replays another's log")
    streaming: bool = Field(description="Whether it is connected to the other")
    lag_s: float | None = Field(description="How old what it shows may be, in seconds; null where that is not known")


class Ready(Answer):
    """The database answers, and its schema is the one that this program reads."""

    status: str = Field(examples=["ready"])
    database: str = Field(examples=["postgresql"])
    latency_ms: float = Field(description="How long the smallest query took")
    revision: str
    replica: Replica | None


class WrongParameter(Answer):
    """What is wrong with one parameter."""

    parameter: str = Field(examples=["pirce__gte"])
    detail: str
    did_you_mean: str | None = Field(None, examples=["price__gte"])


class ProblemDocument(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(examples=["urn:yardstick:problem:invalid-parameter"])
    title: str
    status: int
    detail: str
    instance: str = Field(description="The path that was asked for")
    request_id: str | None = Field(description="Also in the header `X-Request-ID`, and in the log")
    errors: list[WrongParameter] = Field([], description="Every parameter that is wrong")
