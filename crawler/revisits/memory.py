"""What one crawl remembers of its dealer's pages: how to ask for a page, and what to make of the answer. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import orjson
from scrapy.http import Response

from crawler.platforms.visit import Visit
from crawler.revisits.lastmod import in_sample, is_believed, vouches
from crawler.revisits.quiet_body import quiet
from inventory.pages import KnownPage, PageRead, PageUnchanged, Recalled, digest
from pipelines.parsing.urls import canonical_url

MAX_FOLLOWS_BYTES: Final = 1_000_000
"""What a page led to is remembered up to this size; a wider page is read whole each time."""

MAX_VALIDATOR: Final = 1000
"""Characters of an ETag that are sent back; a longer one is none."""

UNREADABLE: Final = "unreadable"
"""Among what a page dropped: it is no page of text, say, and counts as an error each time."""

OK: Final = 200
NOT_MODIFIED: Final = 304


class PageMemory:
    """Of one dealer, in one crawl. Without `reading` nothing is known and nothing is to be remembered (trial runs)."""

    def __init__(
        self, dealer: str = "", crawl_id: int = 0, reading: str | None = None, recalled: Recalled | None = None
    ) -> None:
        self._dealer = dealer
        self._crawl_id = crawl_id
        self._reading = reading
        self._recalled = recalled or Recalled()
        self._skipped: set[str] = set()
        self._hashed: tuple[Response, str] | None = None
        self.lastmod_judged = 0
        self.lastmod_missed = self._recalled.lastmod_missed

    def known(self, visit: Visit) -> KnownPage | None:
        """The page, if it is as it was last time as far as its list tells: not if that says something else of it."""
        page = self._recalled.pages.get(_url_hash(visit))
        if page is None or page.disagrees or page.section != visit.section:
            return None
        return page if page.list_hash == digest(visit.known) else None

    def headers(self, visit: Visit) -> dict[str, str]:
        """What to ask with: the validators of a page as it was known, or that no cache on the way may answer."""
        page = self.known(visit)
        if page is None:
            return {"Cache-Control": "no-cache"} if _url_hash(visit) in self._recalled.pages else {}
        found = {"If-None-Match": page.etag, "If-Modified-Since": page.last_modified}
        return {name: value for name, value in found.items() if value}

    def skipped(self, visit: Visit) -> PageUnchanged | None:
        """The page as unchanged without asking, where its sitemap says so and is believed; once a crawl."""
        page = self.known(visit)
        url_hash = _url_hash(visit)
        if page is None or url_hash in self._skipped or page.leads_on:
            return None
        if not is_believed(self._recalled.lastmod_proofs, self.lastmod_missed):
            return None
        if not vouches(page.lastmod, visit.lastmod, page.fetched_at) or in_sample(url_hash, self._crawl_id):
            return None
        self._skipped.add(url_hash)
        return self._unchanged(visit, page, skipped=True)

    def was_skipped(self, visit: Visit) -> bool:
        """Whether the page counts as seen without having been asked for: no other list need ask for it either."""
        return bool(self._skipped) and _url_hash(visit) in self._skipped

    def unchanged(self, visit: Visit, response: Response) -> tuple[KnownPage, PageUnchanged] | None:
        """The page and that it has not changed, where the answer says so by its status or by its bytes without noise.

        An ETag that is another one proves nothing: some are made anew for each answer.
        """
        page = self.known(visit)
        if page is None:
            return None
        if response.status == NOT_MODIFIED:
            same = _was_conditional(response)
        else:
            same = page.content_hash == self._content_hash(response)
        if not same:
            return None
        return page, self._unchanged(visit, page, skipped=False)

    def reading(self, visit: Visit, response: Response, hidden: Callable[[str], str] = str) -> PageRead | None:
        """The account of a page that is going to be read; None where nothing is to be remembered.

        `hidden` takes the dealer's secrets out of its address.
        """
        if self._reading is None or response.status != OK:
            return None
        before = self._recalled.pages.get(_url_hash(visit))
        proves = before is not None and vouches(before.lastmod, visit.lastmod, before.fetched_at)
        list_hash = digest(visit.known)
        return PageRead(
            dealer=self._dealer,
            url=hidden(canonical_url(visit.url)),
            url_hash=_url_hash(visit),
            kind=visit.kind,
            section=visit.section,
            reading=self._reading,
            etag=_header(response, "ETag"),
            last_modified=_header(response, "Last-Modified"),
            content_hash=self._content_hash(response),
            list_hash=list_hash,
            list_price=_text(visit.known.get("price")),
            lastmod=visit.lastmod,
            record_before=before.record_hash if before is not None and proves else None,
            doubted_before=before is not None and before.disagrees and before.list_hash == list_hash,
        )

    def note(self, stored: PageRead | PageUnchanged) -> None:
        """A sighting is committed: what it proves of `lastmod`."""
        if isinstance(stored, PageUnchanged):
            self.lastmod_judged += stored.proves_lastmod
        elif stored.record_before is not None:
            self.lastmod_judged += 1
            self.lastmod_missed = self.lastmod_missed or stored.lastmod_missed

    def gone(self, visit: Visit) -> None:
        """A page is not there any more: a sitemap that still vouches for it lies."""
        before = self._recalled.pages.get(_url_hash(visit))
        if before is not None and vouches(before.lastmod, visit.lastmod, before.fetched_at):
            self.lastmod_missed = True

    @property
    def lastmod_proved(self) -> bool:
        """Whether this crawl, if it was healthy, speaks for `lastmod`."""
        return self.lastmod_judged > 0 and not self.lastmod_missed

    def _content_hash(self, response: Response) -> str:
        """Of the answer without its noise; worked out once where a page is compared, and then read."""
        if self._hashed is None or self._hashed[0] is not response:
            self._hashed = response, digest(quiet(response.body))
        return self._hashed[1]

    def _unchanged(self, visit: Visit, page: KnownPage, *, skipped: bool) -> PageUnchanged:
        identity = self._recalled.identity
        return PageUnchanged(
            dealer=self._dealer,
            url=visit.url,
            section=visit.section,
            page_id=page.page_id,
            listings={
                fields: {number: identity[number] for number in numbers} for fields, numbers in page.listings.items()
            },
            dropped=page.dropped,
            lastmod=visit.lastmod,
            proves_lastmod=not skipped and vouches(page.lastmod, visit.lastmod, page.fetched_at),
            skipped=skipped,
        )


def follow(page: PageRead, visit: Visit) -> None:
    """Note that a page led to a visit."""
    if page.follows is not None:
        page.follows.append(visit.as_short_json())


def finished(page: PageRead) -> PageRead:
    """A page that was read to its end; one that led to too much is not to be remembered."""
    if page.follows and len(orjson.dumps(page.follows)) > MAX_FOLLOWS_BYTES:
        page.follows = None
    return page


def visits(follows: list[dict[str, Any]]) -> list[Visit]:
    """What a page led to when it was read."""
    return [Visit(**said) for said in follows]


def _url_hash(visit: Visit) -> str:
    return _hash_of(visit.url)


@lru_cache(maxsize=1024)
def _hash_of(url: str) -> str:
    """Asked for several times while a page is on its way."""
    return digest(canonical_url(url).encode())


def _was_conditional(response: Response) -> bool:
    """Whether a page was asked for with conditions: without them 304 tells nothing."""
    asked = response.request.headers if response.request else {}
    return "If-None-Match" in asked or "If-Modified-Since" in asked


def _header(response: Response, name: str) -> str | None:
    value = (response.headers.get(name) or b"").decode("latin-1").strip()
    return value if 0 < len(value) <= MAX_VALIDATOR else None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
