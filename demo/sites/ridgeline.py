"""Ridgeline Equipment: a server-rendered US dealer with categories, pages, breadcrumbs and (mostly good) JSON-LD.

Its mess: a dead link and a moved page in the listings, machines linked twice with tracking parameters, a brochure that
is a PDF among the cards, a page without a machine, a year and a price that cannot be, JSON-LD broken in the usual ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, ClassVar, Final

from demo.offers import MachineOffer, Offer, machine_offers, machine_truth
from demo.pages.html import Page, e, not_found, redirect, text_page
from demo.site import Site, page_number, page_of
from demo.sites import ridgeline_pages as pages
from demo.stock.load import CATEGORY_NAMES

PER_PAGE: Final = 20
PDF: Final = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
)
CATEGORIES: Final = tuple(
    category
    for category in CATEGORY_NAMES
    if category not in {"site-dumpers", "plate-compactors", "all-terrain-cranes", "wheeled-excavators"}
)


class Ridgeline(Site):
    name: ClassVar[str] = "ridgeline"
    title: ClassVar[str] = "Ridgeline Equipment"
    weight: ClassVar[tuple[int, int]] = (104, 240)

    def restock(self) -> None:
        machines = machine_offers(self.machines, self.seed, "RE{:05}", 20100)
        self.offers = dict[str, Offer](machines)
        self._by_category: dict[str, list[MachineOffer]] = {category: [] for category in CATEGORIES}
        for offer in machines.values():
            self._by_category[offer.machine.category].append(offer)
        # Each quirk falls on a priced machine, the same ones for the same seed.
        rng = Random(f"ridgeline quirks {self.seed}")
        plain = [offer for offer in machines.values() if offer.price_status == "priced"]
        quirks = ("year 3021", "price 1", "moved", "moved", "no machine", "from price")
        for offer, quirk in zip(rng.sample(plain, min(len(plain), len(quirks))), quirks, strict=False):
            offer.quirk = quirk

    @property
    def _machines(self) -> list[MachineOffer]:
        return [offer for offer in self.offers.values() if isinstance(offer, MachineOffer) and not offer.removed]

    def robots(self, base: str) -> str:
        return f"User-agent: *\nDisallow: /cart\nDisallow: /compare\n\nSitemap: {base}/sitemap.xml\n"

    def page(self, path: str, query: Mapping[str, str], base: str) -> Page | None:
        parts = path.strip("/").split("/")
        if path == "/":
            return self._wrap(
                pages.home(self.listed(self._machines)[:8], self._counts()), "Used Heavy Equipment for Sale", base + "/"
            )
        if path == "/sitemap.xml":
            return text_page(self._sitemap(base), "application/xml", self.changed)
        if parts[0] == "used" and len(parts) == 2 and parts[1] in self._by_category:
            return self._category(parts[1], page_number(query), base)
        if parts[0] == "used" and len(parts) == 3:
            return self._detail(parts[1], parts[2], base)
        if parts[0] == "inventory" and len(parts) == 2:
            # The addresses of the old site: its machines have moved.
            old = self.offers.get(parts[1].removesuffix(".html"))
            return redirect(pages.href(old)) if isinstance(old, MachineOffer) and not old.removed else None
        if parts[0] == "brochures" and path.endswith(".pdf"):
            return Page((PDF,), "application/pdf", modified=self.changed)
        if path in pages.STATIC:
            heading, text = pages.STATIC[path]
            return self._wrap(f"<main><h1>{heading}</h1><p>{text}</p></main>", heading, base + path)
        return None

    def _counts(self) -> dict[str, int]:
        return {
            category: sum(not offer.removed for offer in self.listed(offers))
            for category, offers in self._by_category.items()
        }

    def _category(self, category: str, number: int, base: str) -> Page | None:
        live = self.listed([offer for offer in self._by_category[category] if not offer.removed])
        last = max(-(-len(live) // PER_PAGE), 1)
        if number > last:
            return not_found(self.title)
        shown = page_of(live, number, PER_PAGE)
        extras = {("excavators", 1): "dead", ("wheel-loaders", 1): "brochure", ("dozers", 1): "sell"}
        body = pages.category(category, shown, number, last, len(live), extras.get((category, number), ""))
        canonical = f"{base}/used/{category}" + (f"?page={number}" if number > 1 else "")
        head = f'<link rel="next" href="{base}/used/{category}?page={number + 1}">' if number < last else ""
        return self._wrap(body, f"Used {CATEGORY_NAMES[category].plural_en} for Sale", canonical, head, number / 9 % 1)

    def _detail(self, category: str, slug: str, base: str) -> Page | None:
        offer = self.offers.get(slug.rpartition("-")[2].upper())
        if not isinstance(offer, MachineOffer) or offer.removed:
            return None
        if pages.href(offer) != f"/used/{category}/{slug}":
            return redirect(pages.href(offer))
        canonical = base + pages.href(offer)
        if offer.quirk == "no machine":
            body = (
                "<main class='detail'><h1>New arrival</h1><p>"
                "Photos and details coming soon. Check back next week!</p></main>"
            )
            return self._wrap(body, "New arrival", canonical, "", offer.style, offer)
        siblings = [
            each for each in self._by_category[offer.machine.category] if each is not offer and not each.removed
        ]
        related = Random(f"related {offer.id}").sample(siblings, min(len(siblings), 4))
        body, head = pages.detail(offer, related, base)
        return self._wrap(body, pages.title(offer), canonical, head, offer.style * 7 % 1, offer)

    def _wrap(
        self, body: str, title: str, canonical: str, head: str = "", share: float = 0.0, offer: Offer | None = None
    ) -> Page:
        start = (
            f'<!doctype html><html lang="en-US"><head><meta charset="utf-8"><title>{e(title)} | {self.title}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<link rel="canonical" href="{e(canonical)}">'
            f'<meta property="og:site_name" content="{self.title}"><meta property="og:title" content="{e(title)}">'
            f"{head}"
        )
        return self.framed(
            start, body, share, around=(pages.HEADER, pages.FOOTER), modified=offer.modified if offer else self.changed
        )

    def _sitemap(self, base: str) -> str:
        urls = [f"<url><loc>{base}/</loc></url>"]
        urls += [f"<url><loc>{base}/used/{category}</loc></url>" for category in CATEGORIES]
        urls += [
            f"<url><loc>{base}{pages.href(offer)}</loc><lastmod>{offer.modified:%Y-%m-%dT%H:%M:%S+00:00}</lastmod></url>"
            for offer in self.listed(self._machines)
        ]
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
            + "\n".join(urls)
            + "\n</urlset>\n"
        )

    def truth(self, base: str) -> list[dict[str, Any]]:
        return [self._truth_of(offer, base) for offer in self._machines]

    def _truth_of(self, offer: MachineOffer, base: str) -> dict[str, Any]:
        own: dict[str, Any] = {"operating_weight_kg": pages.weight_kg(offer.machine)}
        if offer.quirk == "year 3021":
            own |= {"year": None, "absurd": {"year": 3021}}
        elif offer.quirk == "price 1":
            own |= {
                "price": None,
                "regular_price": None,
                "currency": None,
                "price_period": None,
                "absurd": {"price": 1},
            }
        elif offer.quirk == "no machine":
            own |= {"usable": False, "make": None, "model": None, "price": None}
        truth = machine_truth(offer, base + pages.href(offer), pages.title(offer), **own)
        if offer.quirk == "price 1":
            del truth["price_status"]  # nobody can tell whether 1 means "on request" or a slip
        return truth

    def paths(self) -> Iterator[str]:
        yield from ("/", "/sitemap.xml")
        for category, offers in self._by_category.items():
            yield f"/used/{category}"
            yield from (f"/used/{category}?page={number}" for number in range(2, -(-len(offers) // PER_PAGE) + 1))
        yield from (pages.href(offer) for offer in self._machines)
