"""Listings that somebody hands in: a record of a file, a dealer to enter it under, and the pipeline's functions.

Pure but for the clock that `observed_at` is compared with. What a line may say: docs/operations.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final

from inventory.ingested import KnownDealer
from inventory.listing import VERTICALS, Listing, Vertical
from pipelines.chain import read_listing
from pipelines.cleaning.clean import refuse
from pipelines.csv_lines import Numbered
from pipelines.json_lines import MAX_LINE_BYTES, LineError, numbered_lines, record_of
from pipelines.listing_lines import listing_of
from pipelines.outcomes import Unusable
from pipelines.parsing.urls import absolute_url
from pipelines.vertical_guess import guessed_vertical

DEALER_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
"""As in dealer files: the name stands in addresses of the API."""

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
"""Nobody observed a listing on a page before; such a time is a null in other words."""

NO_LISTING: Final = "no_listing"
"""What `scrapy extract` prints of a page that offers nothing, and the reason under which it is counted."""

_OF_A_STORE: Final = frozenset({"unit_id", "first_seen", "last_seen", "last_changed", "gone_at"})
"""What the API says of a listing besides: another store's bookkeeping."""

_IDENTITY: Final = "has neither external_id nor url"
_UNUSABLE: Final = {"no_identity": _IDENTITY, "no_title": "has no title, nor make and model to make one of"}


@dataclass(frozen=True, slots=True)
class Addressed:
    """A record whose dealer is known, and what the dealer's row says that the record may leave out."""

    number: int
    record: Mapping[str, Any]
    dealer: str
    known: KnownDealer
    observed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that gives no listing. `reason` is counted where the line was read but cannot be used, else None."""

    number: int
    said: str
    reason: str | None = None


class Addressing:
    """Under which dealer and vertical each record goes, in the order of the lines.

    A dealer's vertical is what its row says, else what its first line says or its words tell.
    """

    def __init__(
        self,
        known: Mapping[str, KnownDealer],
        dealer: str | None,
        vertical: Vertical | None,
        renamed: Mapping[str, str] | None = None,
        *,
        currency: str | None = None,
    ) -> None:
        """`currency`: of prices that name none, at dealers whose row names none."""
        self._currency = currency
        self._known = {name: self._priced(one) for name, one in known.items()}
        self._dealer = dealer
        self._vertical = vertical
        self._renamed = renamed or {}

    def addressed(self, number: int, record: dict[str, Any]) -> Addressed:
        """Raises `LineError` where the record has no dealer or vertical, or not this dealer's, or a wrong time."""
        said = _renamed(record, self._renamed) if self._renamed else record
        dealer = dealer_of(said, self._dealer)
        known = self._known.get(dealer)
        given = said.get("vertical") or self._vertical
        if known is None:
            known = self._known[dealer] = self._priced(KnownDealer(_vertical_of(said, given)))
        elif given and given != known.vertical:
            raise LineError(f"is of vertical {str(given)[:40]!r}, the dealer {dealer} of {known.vertical!r}")
        return Addressed(number, said, dealer, known, observed_at(said.get("observed_at"), datetime.now(UTC)))

    def _priced(self, known: KnownDealer) -> KnownDealer:
        return known if known.currency or not self._currency else replace(known, currency=self._currency)


def _renamed(record: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    """The record under our names; a mapped value wins over a key that has the name already, wherever they stand."""
    mapped = {renamed[name]: value for name, value in record.items() if name in renamed and value is not None}
    return {name: value for name, value in record.items() if name not in renamed} | mapped


def dealer_of(said: Mapping[str, Any], otherwise: str | None) -> str:
    """The record's dealer, else the one of `--dealer`. Raises `LineError`."""
    dealer = said.get("dealer") or otherwise
    if not dealer:
        raise LineError("names no dealer: give it a `dealer`, or say --dealer NAME")
    if not isinstance(dealer, str) or not DEALER_NAME.fullmatch(dealer):
        near = re.sub(r"[^a-z0-9_]+", "-", str(dealer).casefold()).strip("-_")[:100]
        hint = f", such as {near}" if near else ""
        raise LineError(f"names a dealer {str(dealer)[:60]!r}; write small letters, digits, - and _{hint}")
    return dealer


def observed_at(said: Any, now: datetime) -> datetime | None:
    """When the listing was seen, in UTC; a time without a zone is UTC. Raises `LineError`, also for the future."""
    if said in (None, ""):
        return None
    try:
        at = datetime.fromisoformat(said.strip())
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (AttributeError, ValueError, OverflowError):
        raise LineError(f"observed_at {str(said)[:40]!r} is no time in ISO 8601 (2026-11-22T08:30:00Z)") from None
    if at > now:
        raise LineError(f"observed_at {said!r} is in the future")
    if at < EARLIEST:
        raise LineError(f"observed_at {said!r} is before {EARLIEST:%Y}")
    return at


def listing_from(line: Addressed, today: date) -> Listing:
    """The line's listing, cleaned, inferred and keyed. Raises `LineError`, or `Unusable` where it cannot be stored."""
    record = {name: value for name, value in line.record.items() if name not in _OF_A_STORE}
    listing = listing_of(record | {"vertical": line.known.vertical})
    listing.dealer, listing.observed_at = line.dealer, line.observed_at
    if listing.url and absolute_url("", listing.url) is None:
        refuse(listing, "url", f"{listing.url[:60]!r} is no http:// or https:// address")
        listing.url = None
    if not listing.url and "external_id" not in listing.raw:
        raise LineError(f"{_IDENTITY}{' that is an http(s) address' if 'url' in listing.provenance else ''}")
    read_listing(listing, currency=line.known.currency, country=line.known.country, today=today)
    return listing


def read_lines(lines: Iterable[Addressed | Problem], today: date) -> list[tuple[int, Listing] | Problem]:
    """The listings of some lines in their order, or why there is none. Runs in other processes too."""
    return [line if isinstance(line, Problem) else _read(line, today) for line in lines]


def json_records(blocks: Iterable[bytes]) -> Iterator[Numbered]:
    """The records of JSON Lines with their numbers, or why a line is none. Raises `SourceError`."""
    for lines in numbered_lines(blocks):
        for number, line in lines:
            try:
                if line is None:
                    raise LineError(f"is longer than {MAX_LINE_BYTES // 1024 // 1024} MB")
                yield number, record_of(line)
            except LineError as error:
                yield number, error


def _read(line: Addressed, today: date) -> tuple[int, Listing] | Problem:
    try:
        return line.number, listing_from(line, today)
    except LineError as error:
        return Problem(line.number, str(error))
    except Unusable as error:
        return Problem(line.number, _UNUSABLE.get(error.reason, f"cannot be used: {error}")[:300], error.reason)
    except Exception as error:  # a bug of ours costs its line, not the million behind it
        return Problem(line.number, f"cannot be read: {type(error).__name__}: {str(error)[:200]}")


def _vertical_of(said: Mapping[str, Any], given: Any) -> Vertical:
    if given is not None and given not in VERTICALS:
        raise LineError(f"vertical {str(given)[:40]!r} is neither equipment nor dog")
    found: Vertical | None = given or guessed_vertical({n: v for n, v in said.items() if v not in (None, "", [], {})})
    if found is None:
        raise LineError("does not tell what it sells: give it a `vertical`, or say --vertical equipment or dog")
    return found
