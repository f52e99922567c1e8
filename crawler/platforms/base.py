"""The contract of a platform: how one kind of site is walked and read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urljoin

from scrapy.http import Response

from crawler.dealers.declaration import Dealer
from crawler.platforms.visit import Visit
from inventory.listing import Listing


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """One record of a page that cannot be read, and why; the others of its page can."""

    reason: str


@dataclass(frozen=True, slots=True)
class CutShort:
    """A list ends before all is shown that it says it has: what is missing from it proves nothing."""

    reason: str


Found = Visit | Listing | BrokenRecord | CutShort
Record = TypeVar("Record")


class UnreadablePage(ValueError):
    """A page is not what the platform reads; the message says what it is. Counted as `parse_error`."""


class Platform(ABC):
    """How one kind of site is walked (section → pages → details) and read.

    Choose a platform by what the site offers, cheapest first: `shopify` and `woocommerce` for shops of those
    engines, `feed` for a file of the whole stock, `json_api` where a paged JSON address exists, `schema_org` for
    all other sites with links to detail pages. Subclass one for a strange dealer and name it in the dealer's file:
    `platform = "my_dealers.acme:Acme"`.

    Override
        `read_section(response, visit)`: yield `Visit`s (next page, details) and `Listing`s.
        `read_detail(response, visit)`: the same for a detail page; not needed where sections say everything.
        `request_meta(visit)`: what its requests need besides, such as a larger `download_maxsize`.
        `before(raw)`: a hook on the raw record before it becomes a listing; return None to leave it out.
        `after(listing)`: a hook on the listing; return None to leave it out.

    Example::

        class Acme(SchemaOrg):
            def before(self, raw):
                raw["price"] = raw.get("price", "").replace("excl. crane", "")
                return raw

    A platform holds no state but its dealer, does no I/O, and raises `UnreadablePage` for a page it cannot read.
    """

    def __init__(self, dealer: Dealer) -> None:
        self.dealer = dealer

    def entrances(self, sections: Iterable[str]) -> Iterator[Visit]:
        """The first page of each of these sections."""
        for section in sections:
            for url in self.dealer.sections[section]:
                yield Visit(
                    self.page_url(url, 1), "section", section, known={"template": url} if "{page}" in url else {}
                )

    def page_url(self, url: str, number: int) -> str:
        """A section's URL or template as the address of its page `number` (counted from 1)."""
        return urljoin(self.dealer.url, url.replace("{page}", str(number)))

    def request_meta(self, visit: Visit) -> dict[str, Any]:
        """Scrapy's `meta` that the request for a visit carries besides; JSON only.

        `handle_httpstatus_list` names statuses whose answers the platform reads itself (404, 403 …).
        """
        return {}

    @abstractmethod
    def read_section(self, response: Response, visit: Visit) -> Iterator[Found]:
        """Read a section's page."""

    def read_detail(self, response: Response, visit: Visit) -> Iterator[Found]:
        """Read a detail page."""
        raise UnreadablePage(f"platform {self.dealer.platform!r} has no detail pages")

    def before(self, raw: dict[str, Any]) -> dict[str, Any] | None:
        """Hook: change the raw record, or leave it out with None."""
        return raw

    def after(self, listing: Listing) -> Listing | None:
        """Hook: change the listing, or leave it out with None."""
        return listing

    def listing(
        self, raw: Mapping[str, Any], provenance: Mapping[str, str], visit: Visit, url: str
    ) -> Iterator[Listing]:
        """The listing of a raw record, through both hooks: none or one.

        `url` is the address where a person sees it, if the record names none.
        """
        hooked = self.before(dict(raw))
        if hooked is None:
            return
        listing = Listing(
            dealer=self.dealer.name,
            vertical=self.dealer.vertical,
            section=visit.section,
            url=urljoin(url, str(hooked.get("url") or url)),
            raw=hooked,
            provenance=dict(provenance),
        )
        result = self.after(listing)
        if result is not None:
            yield result

    def each(self, records: Iterable[Record], read: Callable[[Record], Iterable[Found]]) -> Iterator[Found]:
        """Read each record of a page; one that is not of the form that `read` takes for granted costs only itself."""
        for record in records:
            try:
                yield from list(read(record))
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                yield BrokenRecord(f"{type(error).__name__}: {error}")

    def next_page(self, visit: Visit, *, count: int) -> Iterator[Visit]:
        """The next page of a `{page}` template after a page that held `count` things; nothing after an empty one."""
        template = visit.known.get("template")
        if template and count and visit.page_number < self.dealer.walk.max_pages:
            number = visit.page_number + 1
            yield Visit(self.page_url(template, number), "section", visit.section, number, dict(visit.known))
