"""What a retry asks a dealer for: the pages that failed, with the secrets that were hidden when that was noted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Final
from urllib.parse import unquote_plus

from w3lib.url import safe_url_string

from crawler.dealers.declaration import HIDDEN, Dealer
from crawler.platforms.base import Platform
from crawler.platforms.visit import Visit
from inventory.pages import digest
from inventory.store.failures import FailureRow
from pipelines.parsing.urls import canonical_url

MOST_TRIED: Final = 1000
"""Ways to put secrets back into one address."""


@dataclass(frozen=True, slots=True)
class Retry:
    """`visits`: what is asked for; nothing where it is empty. `told`: what else a person should know of it, or ``."""

    visits: tuple[Visit, ...]
    told: str = ""


def retry_of(failed: Iterable[FailureRow], platform: Platform, sections: Sequence[str]) -> Retry:
    """What failed in these sections. Pure.

    A page whose address held a secret is asked for where the dealer's file still says that secret, which the address's
    hash proves. Else its section is walked from its beginning.
    """
    rows = list(failed)
    inside = [row for row in rows if row.section in sections]
    known = [(row, visit_of(row, platform.dealer)) for row in inside]
    unknown = [row.section for row, visit in known if visit is None]
    walked = [section for section in sections if section in unknown]
    again = [visit for _, visit in known if visit is not None and visit.section not in walked]
    told = []
    if walked:
        pages, hold = ("page", "holds") if len(unknown) == 1 else ("pages", "hold")
        why = f"{len(unknown)} {pages} there {hold} a secret that its file does not say any more"
        told.append(f"{', '.join(walked)} from the beginning: {why}")
    if outside := len(rows) - len(inside):
        told.append(f"{outside} of sections that are left out or not in its file any more are not asked for")
    return Retry((*again, *platform.entrances(walked)), "; ".join(told))


def visit_of(row: FailureRow, dealer: Dealer) -> Visit | None:
    """The visit that failed; None where it held a secret of which it is not certain that the dealer's file says it."""
    visit = Visit(**row.visit)
    own = {dealer.without_secrets(url): url for url in dealer.sections.get(visit.section, ())}
    known = {name: own.get(value, value) if isinstance(value, str) else value for name, value in visit.known.items()}
    visit = replace(visit, known=known)  # the section's own template, say
    if HIDDEN in str(known):
        return None
    if HIDDEN not in visit.url:
        return visit
    parts = visit.url.split(HIDDEN)
    tried = product((*dealer.secrets, HIDDEN), repeat=len(parts) - 1)
    ways = ("".join(sum(zip(parts, (*values, ""), strict=True), ())) for values in islice(tried, MOST_TRIED))
    fits = [url for url in ways if digest(canonical_url(url).encode()) == row.url_hash]
    certain = len({unquote_plus(url) for url in fits}) == 1
    if not certain:
        return None
    # Of the ways to write the same address the one in which Scrapy asks for what a dealer file says.
    return replace(visit, url=safe_url_string(next((url for url in fits if url == unquote_plus(url)), fits[0])))
