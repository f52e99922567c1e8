"""Hofmann Baumaschinen: no structured data at all, two languages, sales beside rentals and auctions.

Each machine stands in one language only. Specifications are tables on some pages, definition lists on others, and on a
few only sentences. `/private/` is linked from every page and forbidden by robots.txt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, ClassVar, Final

from demo.offers import MachineOffer, Offer, machine_offers, machine_truth
from demo.pages.html import Page, e, not_found
from demo.site import Site, page_number, page_of
from demo.sites import hofmann_pages as pages
from demo.sites.hofmann_words import GROUPS, LANGUAGES, Group, group_of

PER_PAGE: Final = 15
ENGLISH_SHARE: Final = 0.4


class Hofmann(Site):
    name: ClassVar[str] = "hofmann"
    title: ClassVar[str] = "Hofmann Baumaschinen"
    weight: ClassVar[tuple[int, int]] = (104, 215)

    def restock(self) -> None:
        self.offers = dict[str, Offer](machine_offers(self.machines, self.seed, "H-{}", 10200))
        self._language = {
            offer_id: "en" if Random(f"language {self.seed} {offer_id}").random() < ENGLISH_SHARE else "de"
            for offer_id in self.offers
        }

    def _machines(self, language: str | None = None, group: Group | None = None) -> list[MachineOffer]:
        return [
            offer
            for offer in self.offers.values()
            if isinstance(offer, MachineOffer)
            and not offer.removed
            and (language is None or self._language[offer.id] == language)
            and (group is None or group_of(offer.machine.category) is group)
        ]

    def _href(self, offer: MachineOffer) -> str:
        return pages.href(offer, self._language[offer.id])

    def robots(self, base: str) -> str:
        return "User-agent: *\nDisallow: /private/\nDisallow: /warenkorb\n"

    def page(self, path: str, query: Mapping[str, str], base: str) -> Page | None:
        parts = path.strip("/").split("/")
        if path == "/":
            return self._wrap(
                "de", pages.home("de", self.listed(self._machines("de"))[:6]), "Baumaschinen gebraucht", 0.1
            )
        if parts[0] == "private":
            return self._wrap(
                "de", "<main><h1>Händlerbereich</h1><p>Nur für Händler: Einkaufspreis 12.000 €</p></main>", "Intern", 0
            )
        if parts[0] not in LANGUAGES:
            return None
        language = parts[0]
        words = LANGUAGES[language]
        if len(parts) == 1:
            return self._wrap(
                language, pages.home(language, self.listed(self._machines(language))[:6]), words["slogan"], 0.1
            )
        for group in GROUPS:
            if parts[1:] == [group.slug(language)]:
                return self._group(language, group, page_number(query, words["page"]))
        if len(parts) == 3 and parts[1] == words["machine"]:
            return self._detail(language, parts[2])
        if len(parts) == 2 and parts[1] in pages.STATIC:
            return self._wrap(
                language, f"<main><h1>{parts[1].title()}</h1>{pages.STATIC[parts[1]]}</main>", parts[1].title(), 0
            )
        return None

    def _group(self, language: str, group: Group, number: int) -> Page | None:
        live = self.listed(self._machines(language, group))
        last = max(-(-len(live) // PER_PAGE), 1)
        if number > last:
            return not_found(self.title)
        body = pages.group_page(language, group, page_of(live, number, PER_PAGE), number, last, len(live))
        return self._wrap(language, body, group.name(language), number / 7 % 1)

    def _detail(self, language: str, slug: str) -> Page | None:
        offer = self.offers.get("H-" + slug.partition("-")[0])
        if (
            not isinstance(offer, MachineOffer)
            or offer.removed
            or self._href(offer) != f"/{language}/{LANGUAGES[language]['machine']}/{slug}"
        ):
            return None
        others = [each for each in self._machines(language, group_of(offer.machine.category)) if each is not offer]
        related = Random(f"related {offer.id}").sample(others, min(len(others), 3))
        return self._wrap(
            language, pages.detail(offer, language, related), pages.title(offer, language), offer.style * 11 % 1, offer
        )

    def _wrap(self, language: str, body: str, title: str, share: float, offer: MachineOffer | None = None) -> Page:
        head = (
            f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n<title>'
            f"{e(title)} – {self.title}</title>"
        )
        return self.framed(
            head,
            body,
            share,
            around=(pages.HEADERS[language], pages.FOOTERS[language]),
            between=(b"</head>\n<body>", b"\n</body></html>"),
            modified=offer.modified if offer else self.changed,
        )

    def truth(self, base: str) -> list[dict[str, Any]]:
        return [self._truth_of(offer, base) for offer in self._machines()]

    def _truth_of(self, offer: MachineOffer, base: str) -> dict[str, Any]:
        language = self._language[offer.id]
        own: dict[str, Any] = {
            "language": language,
            "operating_weight_kg": pages.weight_kg(offer, language),
            "price_tax": pages.price_tax(offer),
            "region": None,
        }
        if pages.layout(offer) == "text":
            own["condition"] = None
        if pages.in_dollars(offer, language):
            own["currency"] = "USD"
        return machine_truth(offer, base + self._href(offer), pages.title(offer, language), **own)

    def paths(self) -> Iterator[str]:
        yield from ("/", "/de", "/en")
        for language, words in LANGUAGES.items():
            for group in GROUPS:
                yield f"/{language}/{group.slug(language)}"
                count = len(self._machines(language, group))
                yield from (
                    f"/{language}/{group.slug(language)}?{words['page']}={n}"
                    for n in range(2, -(-count // PER_PAGE) + 1)
                )
        yield from (self._href(offer) for offer in self._machines())
