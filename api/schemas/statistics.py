"""What the addresses of statistics answer with."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.answers import Answer, Fresh, OutcomeCounts, PageOf, StatusCounts, Warned
from api.schemas.rows import row_model
from api.statistics.failures import FAILED_REQUESTS, FAILURES


class Counted(Fresh):
    """What every statistic says beside its numbers."""

    count: int = Field(description="Rows that the filters leave (units, with one row of each)")
    status: StatusCounts = Field(description="These rows by status; no filter hides what is gone or sold")
    warnings: list[Warned]


class FacetValue(Answer):
    """A value and how many rows have it."""

    value: str | int | bool
    count: int
    selected: bool = Field(description="Whether the query asks for this value")
    link: str | None = Field(description="The list with this value alone; null for an empty text")


class Facet(Answer):
    """The values of one column. `null_count`, `other_count` and the counts shown add up to all rows."""

    field: str
    values: list[FacetValue] = Field(description="Those of most rows first")
    null_count: int = Field(description="Rows in which it is unknown")
    null_link: str | None = Field(description="The list of these rows; null where the column is never unknown")
    distinct: int = Field(description="How many values there are")
    other_count: int = Field(description="Rows with a value that is not shown")
    truncated: bool = Field(description="Whether there are values that are not shown")


class Facets(Counted):
    """The values of each column asked for, in the order asked for."""

    data: list[Facet]
    limit: int = Field(description="Largest number of values of a column")


class Group(BaseModel):
    """A group: the value of each column of `group_by`, then its numbers. Percentiles of no values are null."""

    model_config = ConfigDict(extra="allow")

    n: int = Field(description="Rows that have the value")
    n_null: int = Field(description="Rows that do not")
    mean: float | None
    min: float | None
    p10: float | None
    p25: float | None
    median: float | None
    p75: float | None
    p90: float | None
    max: float | None


class Stats(Counted):
    """A value summarised by group."""

    value: str
    by: str = Field(description="Whether listings were counted or units")
    group_by: list[str] = Field(
        description="The columns of the groups, with what is kept apart without being asked for"
    )
    data: list[Group] = Field(description="The groups with most values first")
    groups: int = Field(description="How many groups there are")
    other_count: int = Field(description="Rows in groups that are not shown")
    truncated: bool = Field(description="Whether there are groups that are not shown")
    limit: int = Field(description="Largest number of groups shown")


FailureRow: Final = row_model(
    "Failure", "A crawl in which something failed.", FAILURES.columns.values(), all_given=False
)


class FailurePage(PageOf):
    """A page of what failed."""

    data: list[FailureRow]  # type: ignore[valid-type]
    outcome: OutcomeCounts | None


FailedRequestRow: Final = row_model(
    "FailedRequest", "A request that failed for good.", FAILED_REQUESTS.columns.values(), all_given=False
)


class PageKindCounts(Answer):
    """Failed requests of the filtered set by the kind of page."""

    section: int
    detail: int


class FailedRequestPage(PageOf):
    """A page of requests that failed."""

    data: list[FailedRequestRow]  # type: ignore[valid-type]
    kind: PageKindCounts | None


class ColumnDescribed(Answer):
    """A column of a list."""

    name: str
    type: str = Field(description="Its JSON type; times are strings (ISO 8601, UTC)")
    kind: str = Field(description="text, word, category, integer, float, money, time, boolean, list or json")
    unit: str | None
    nullable: bool
    description: str
    example: str | None
    words: list[str] | None = Field(description="All values that it can have, where these are few and fixed")
    operators: list[str] = Field(description="How it can be filtered; `in` is plain equality too")
    sortable: bool
    shown: str = Field(description="always, `when asked for` by `fields=`, or `filter only`")
    fill: float | None = Field(description="Share of rows that have it (0 to 1); null: not measured")


class ListDescribed(Answer):
    """A list and its columns."""

    path: str
    measured_rows: int = Field(description="Rows on which `fill` was measured")
    columns: list[ColumnDescribed]


class Schema(Answer):
    """All lists."""

    data: list[ListDescribed]
    sample_rows: int = Field(description="About how many rows of a list are looked at")


class RowCount(Answer):
    """Rows of a table."""

    rows: int
    exact: bool = Field(description="Counted; otherwise the database's own guess")


class Limits(Answer):
    """Rows of a page."""

    default: int
    largest: int


class RateLimit(Answer):
    """How often one client (a key, else an address) may ask."""

    requests: int
    seconds: int


class MetaLinks(Answer):
    """Where to read on."""

    openapi: str
    docs: str
    schema_: str = Field(alias="schema")


class Meta(Fresh):
    """What is served here."""

    name: str
    version: str
    api: str
    promise: str
    licence: str | None = Field(description="Under which the operator gives the data; null: nothing was said")
    verticals: list[str]
    rows: dict[str, RowCount]
    last_change: datetime | None = Field(description="When something last happened to a listing")
    formats: dict[str, str] = Field(description="Format → its media type")
    limits: Limits
    rate_limit: RateLimit | None = Field(description="Above it: 429; null: no limit is set")
    links: MetaLinks


class DealersNamed(Answer):
    """Dealers, of which some are named."""

    count: int
    dealers: list[str]
    truncated: bool


class TrendPeriod(Answer):
    """A period, and who was seen well in it."""

    start: date
    end: date = Field(description="The first day that is not in it any more")
    over: bool = Field(description="Whether it has ended")
    healthy: DealersNamed = Field(description="Dealers with a whole healthy crawl in it")
    not_healthy: DealersNamed = Field(description="Dealers that were crawled before its end, but not well in it")


class Median(Answer):
    """A middle value."""

    n: int
    n_null: int
    median: float | None


class Asking(Median):
    """What was asked for in a currency; listings without a price mostly have none."""

    currency: str | None


class Supply(Answer):
    """Market days supply: units on offer at the end of the period / (n / 45)."""

    n: int = Field(
        description="Units whose offer ended (gone or sold) in the 45 days before the end of the period, and that were "
        "not on offer at it; not those that were sold when they were first seen"
    )
    days: float | None = Field(description="For how many days the stock lasts at this pace; null where n is 0")
    days_observed: int = Field(
        description="How many of the 45 days lie behind the first event that is known; below 45 `days` is too long"
    )


class TrendRow(BaseModel):
    """A period and a group: the value of each column of `group_by`, then its numbers."""

    model_config = ConfigDict(extra="allow")

    start: date
    end: date
    active: int = Field(description="Units on offer at its end")
    active_listings: int = Field(description="Listings that offered them")
    new: int = Field(description="Units offered for the first time in it")
    gone: int = Field(description="Units whose offer ended in it, and that were not on offer at its end")
    asking: list[Asking] = Field(description="Prices of the listings on offer at its end, by currency")
    days_on_market_ended: Median = Field(description="Of the listings that ended in it")
    days_on_market_active: Median = Field(description="Of the listings on offer at its end: their time was not over")
    market_days_supply: Supply


class Trends(Fresh):
    """How the stock developed."""

    group_by: list[str]
    periods: list[TrendPeriod]
    data: list[TrendRow] = Field(description="By period, then group; what had nothing is left out")
    truncated: bool = Field(description="Whether there were too many rows: narrow the query")
    warnings: list[Warned]


class ComparedPrices(Answer):
    """What comparable things cost in one currency."""

    currency: str
    n: int
    n_null: int
    p10: float | None
    p50: float | None
    p90: float | None


class ComparedBy(Answer):
    """A step that was taken."""

    step: int
    why: str
    units: int = Field(description="Units that it added")


class Comparables(Fresh):
    """Comparable things that are for sale, one listing of each unit."""

    asked: dict[str, Any]
    n: int = Field(description="Units found")
    prices: list[ComparedPrices]
    prices_per_kg: list[ComparedPrices] = Field(description="Of packs: what a kilogram costs")
    steps: list[ComparedBy] = Field(description="How they were looked for; each step is wider than the one before")
    widened: bool = Field(description="Whether the first step was not enough")
    data: list[dict[str, Any]] = Field(description="The units' listings with `step` and `why`, the nearest step first")
    truncated: bool = Field(description="Whether a step had more rows than are looked at")
