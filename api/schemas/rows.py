"""Rows as pydantic models, made from the columns: what a table has is what the OpenAPI document promises."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from api.columns import ApiColumn, Kind
from api.queries.dealers import IN_SHORT as CRAWL_IN_SHORT
from api.queries.units import IN_SHORT
from api.resources import CRAWLS, DEALERS, EVENTS, LISTINGS
from api.resources_of_units import CHANGES, PAIRS, UNITS, history_of
from api.special_filters import distance_column

TYPES: Final[dict[Kind, Any]] = {
    "text": str,
    "word": str,
    "category": str,
    "integer": int,
    "float": float,
    "money": float,
    "time": datetime,
    "boolean": bool,
    "list": list[str],
    "json": Any,
}


class Row(BaseModel):
    """A row: no column stands in it that is not described."""

    model_config = ConfigDict(extra="forbid")


def row_model(name: str, doc: str, columns: Iterable[ApiColumn], *, all_given: bool) -> type[Row]:
    """A model of rows with these columns. `all_given`: every column is in every row, unknown values as null."""
    fields: dict[str, Any] = {}
    for column in columns:
        kind = Literal[column.words] if column.words else TYPES[column.kind]
        kind = kind | None if column.nullable else kind
        unit = f" [{column.unit}]" if column.unit else ""
        described = Field(description=column.description + unit)
        fields[column.name] = (Annotated[kind, described], ... if all_given else None)
    model: type[Row] = create_model(name, __base__=Row, __doc__=doc, **fields)
    return model


ListingRow: Final = row_model(
    "Listing",
    "One dealer's offer. Null means unknown. With `fields=` a row holds just those columns.",
    (*LISTINGS.columns.values(), distance_column()),
    all_given=False,
)
CrawlRow: Final = row_model("Crawl", "One run over one dealer.", CRAWLS.columns.values(), all_given=False)
LastCrawl: Final = row_model("LastCrawl", "A dealer's crawl in short.", CRAWL_IN_SHORT, all_given=True)
EventRow: Final = row_model("Event", "What was seen to happen to a listing.", EVENTS.values(), all_given=True)
DealerColumns: Final = row_model("DealerColumns", "A dealer.", DEALERS.columns.values(), all_given=False)
HistoryRow: Final = row_model(
    "EventOfListing", "What was seen to happen to the listing.", history_of(0).shown, all_given=False
)
UnitColumns: Final = row_model(
    "UnitColumns", "A thing, whoever offers it.", (*UNITS.shown, distance_column()), all_given=False
)
PairColumns: Final = row_model("PairColumns", "Two listings that may be one thing.", PAIRS.shown, all_given=False)
ListingInShort: Final = row_model("ListingInShort", "By what one tells a listing.", IN_SHORT, all_given=True)
ChangeRow: Final = row_model("Change", "What was seen to happen to a listing.", CHANGES.shown, all_given=False)
