"""Ridgeline's HTML: header and footer, cards, category pages and details with JSON-LD."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from demo.offers import KG_PER_LB, MachineOffer, money
from demo.pages.filler import cookie_banner, mega_menu
from demo.pages.html import e, table
from demo.pages.jsonld import blocks, style_of
from demo.stock.load import CATEGORY_NAMES, Machine

SHORT_MAKES: Final = {"Caterpillar": "CAT", "John Deere": "Deere"}
STATIC: Final = {
    "/sell-your-machine": ("Sell your machine", "We buy machines of all makes. Offers from $5,000 within 24 hours."),
    "/financing": ("Equipment financing", "Rates from 5.9% APR. Example: $65,000 over 60 months is $1,253.57/mo."),
    "/about": ("About Ridgeline", "Family owned since 1978, four yards in Oklahoma, Texas, Idaho and Tennessee."),
    "/rentals": ("Rentals", "Excavators from $450/day, skid steers from $275/day, telehandlers from $1,150/week."),
    "/contact": ("Contact", "Call +1 (918) 555-0142, Monday to Friday, 7 am to 5 pm."),
}  # fmt: skip
_GROUPS: Final = {
    "Earthmoving": (
        "excavators", "mini-excavators", "dozers", "crawler-loaders", "wheel-loaders", "motor-graders", "scrapers"),
    "Compact": ("skid-steer-loaders", "compact-track-loaders", "backhoe-loaders", "skip-loaders", "trenchers"),
    "Hauling & Lifting": (
        "articulated-trucks", "rigid-trucks", "telehandlers", "forklifts", "rough-terrain-cranes", "crawler-cranes"),
    "Access & Power": ("boom-lifts", "scissor-lifts", "generators", "air-compressors", "light-towers"),
    "Paving & More": ("rollers", "tandem-rollers", "vibratory-rollers", "asphalt-pavers", "attachments"),
}  # fmt: skip
HEADER: Final = (
    '<header class="site-header"><a class="logo" href="/">Ridgeline Equipment</a>'
    '<a class="tel" href="tel:+19185550142">'
    '+1 (918) 555-0142</a><form action="/search"><input name="q" placeholder="Search 10,000+ machines"></form>'
    + mega_menu(
        [
            (e(group), [(e(CATEGORY_NAMES[c].plural_en), f"/used/{c}") for c in names])
            for group, names in _GROUPS.items()
        ]
        + [
            (
                "Company",
                [
                    ("Sell your machine", "/sell-your-machine"),
                    ("Financing", "/financing"),
                    ("Rentals", "/rentals"),
                    ("About", "/about"),
                    ("Contact", "/contact"),
                ],
            )
        ],
        '<b>Spring event</b> 2021 Caterpillar 259D3 from <span class="price">$49,900</span> – or lease from $399/mo',
    )
    + "</header>"
    + cookie_banner("We use cookies to improve your experience, analyse traffic and personalise ads.", "Accept all")
).encode()
FOOTER: Final = (
    '<section class="newsletter"><h3>Never miss a machine</h3><p>'
    "Get $250 off your first delivery when you subscribe.</p>"
    '<form><input type="email" placeholder="Email"><button>Sign up</button></form></section>'
    '<footer class="site-footer"><div><h4>Yards</h4><ul><li>Tulsa, OK</li><li>Amarillo, TX</li><li>Boise, ID</li>'
    '<li>Knoxville, TN</li></ul></div><div><h4>Partners</h4><a href="https://www.example.com/apply" rel="nofollow">'
    "Heartland "
    'Leasing</a> <a href="/financing">Financing from $399/mo</a></div><p>'
    "© 2025 Ridgeline Equipment. Prices in US dollars, "
    "subject to prior sale.</p></footer>"
).encode()


def href(offer: MachineOffer) -> str:
    return f"/used/{offer.machine.category}/{offer.slug}-{offer.id.lower()}"


def listed_href(offer: MachineOffer) -> str:
    """The address that listing pages use: the old site's for machines that have moved."""
    return f"/inventory/{offer.id}.html" if offer.quirk == "moved" else href(offer)


def year(offer: MachineOffer) -> int:
    return 3021 if offer.quirk == "year 3021" else offer.machine.year


def title(offer: MachineOffer) -> str:
    """The heading; a third are written short, as on the machine."""
    if offer.quirk == "no machine":
        return "New arrival"
    machine = offer.machine
    singular = CATEGORY_NAMES[machine.category].singular_en
    make = SHORT_MAKES.get(machine.make, machine.make)
    if offer.style < 0.35:
        return f"{year(offer)} {make} {machine.model}"
    if offer.style < 0.55:
        return (
            f"{year(offer)} {machine.make.upper()} {machine.model.replace(' ', '')} "
            f"{CATEGORY_NAMES[machine.category].singular_en}"
        )
    return f"{year(offer)} {machine.make} {machine.model} {singular}"


def pounds(machine: Machine) -> int:
    return round(machine.operating_weight_kg / KG_PER_LB)


def weight_kg(machine: Machine) -> float:
    """The weight that the page states (in whole pounds), in kilograms."""
    return round(pounds(machine) * KG_PER_LB, 1)


def price_text(offer: MachineOffer) -> str:
    if offer.quirk == "price 1":
        return "$1"
    return f"${offer.price:,.0f}" if offer.price is not None else "Call for price"


def price_html(offer: MachineOffer) -> str:
    if offer.price_status == "sold":
        struck = f"<s>{price_text(offer)}</s> " if offer.price is not None else ""
        return f'<div class="price-box sold">{struck}<span class="badge">SOLD</span></div>'
    if offer.price is None:
        return '<div class="price-box"><a href="/contact" class="cta">Call for price</a></div>'
    was = f'<del class="was">${offer.regular_price:,.0f}</del> ' if offer.regular_price else ""
    return f'<div class="price-box">{was}<span class="price">{price_text(offer)}</span> <small>USD</small></div>'


def card(offer: MachineOffer, query: str = "", place: str = "grid") -> str:
    machine = offer.machine
    hours = f"{machine.hours:,} hrs" if machine.hours is not None else ""
    return (
        f'<article class="card card--{place}"><a class="card__link" href="{e(listed_href(offer) + query)}">'
        '<img loading="lazy" '
        f'src="/img/{offer.id}-1.svg" alt="{e(title(offer))}"><h3 class="card__title">{e(title(offer))}</h3></a>'
        f'<p class="card__meta">{hours} · {machine.city}, {machine.region}</p>{price_html(offer)}</article>'
    )


def home(offers: Sequence[MachineOffer], counts: dict[str, int]) -> str:
    tiles = "".join(
        f'<li><a class="tile" href="/used/{category}">{CATEGORY_NAMES[category].plural_en} <span>({count})</span>'
        "</a></li>"
        for category, count in counts.items()
        if count
    )
    strip = "".join(card(offer, "?utm_source=home&utm_medium=hero", "strip") for offer in offers)
    return (
        f'<main><h1>Used heavy equipment for sale</h1><ul class="tiles">{tiles}</ul><h2>Just in</h2><div>'
        f"{strip}</div></main>"
    )


def category(name: str, offers: Sequence[MachineOffer], number: int, last: int, total: int, extra: str) -> str:
    plural = CATEGORY_NAMES[name].plural_en
    cards = [card(offer) for offer in offers]
    if offers and number == 1:
        # The first machine is advertised once more, with tracking parameters.
        cards.insert(0, card(offers[0], "?utm_source=featured&utm_campaign=spring&gclid=abc123", "featured"))
    if extra == "dead":
        cards.insert(
            3,
            '<article class="card card--grid">'
            '<a class="card__link" href="/used/excavators/2016-caterpillar-330f-re00007">'
            '<h3 class="card__title">2016 Caterpillar 330F</h3></a><p class="card__meta">Boise, ID</p>'
            "</article>",
        )
    elif extra == "brochure":
        cards.insert(
            2,
            '<article class="card card--grid">'
            '<a class="card__link" href="/brochures/wheel-loaders-2025.pdf">'
            '<h3 class="card__title">Wheel loader brochure (PDF, 4 MB)</h3></a></article>',
        )
    elif extra == "sell":
        cards.insert(
            1,
            '<article class="card card--grid">'
            '<a class="card__link" href="/sell-your-machine">'
            '<h3 class="card__title">We buy dozers – get an offer</h3></a></article>',
        )
    links = [
        f'<a href="/used/{name}?page={n}"{" class=current" if n == number else ""}>{n}</a>' for n in range(1, last + 1)
    ]
    if number < last:
        links.append(f'<a rel="next" class="next" href="/used/{name}?page={number + 1}">Next</a>')
    filters = "".join(
        f'<li><a href="/used/{name}?sort={sort}" rel="nofollow">{text}</a></li>'
        for sort, text in (("price", "Price, low to high"), ("-year", "Newest first"), ("hours", "Lowest hours"))
    )
    return (
        f'<nav class="crumbs"><a href="/">Home</a> › <span>{plural}</span></nav><main><h1>Used {plural}</h1><p>'
        f"{total} machines</p>"
        f'<aside class="filters"><ul>{filters}</ul></aside><div class="grid">{"".join(cards)}</div>'
        f'<nav class="pagination">{"".join(links)}</nav></main>'
    )


def description(offer: MachineOffer) -> str:
    machine = offer.machine
    return (
        f"This {machine.condition} {machine.make} {machine.model} is located at our {machine.city} yard. "
        f"It comes with {', '.join(machine.features)}. Inspected & ready to work. "
        "Delivery available nationwide, ask for a freight quote."
    )


def _thing(offer: MachineOffer, base: str) -> dict[str, Any]:
    machine = offer.machine
    offered: dict[str, Any] = {
        "@type": "Offer",
        "url": base + href(offer),
        "priceCurrency": "USD",
        "availability": f"https://schema.org/{'SoldOut' if offer.price_status == 'sold' else 'InStock'}",
        "itemCondition": f"https://schema.org/{'NewCondition' if machine.condition == 'new' else 'UsedCondition'}",
        "seller": {"@type": "AutoDealer", "name": "Ridgeline Equipment"},
    }
    if offer.price_status == "priced" and offer.price is not None:
        price = 1 if offer.quirk == "price 1" else money(offer.price)
        offered["price"] = price if offer.style < 0.5 else f"{price:,}" if offer.style < 0.6 else str(price)
    thing: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product" if offer.style < 0.7 else ["Product", "Vehicle"],
        "name": title(offer),
        "sku": offer.id,
        "brand": {"@type": "Brand", "name": machine.make},
        "model": machine.model,
        "category": CATEGORY_NAMES[machine.category].plural_en,
        "image": [f"{base}/img/{offer.id}-{n}.svg" for n in (1, 2, 3)],
        "description": description(offer),
        "vehicleModelDate": str(year(offer)),
        "offers": offered,
    }
    if machine.hours is not None:
        thing["mileageFromOdometer"] = {"@type": "QuantitativeValue", "value": machine.hours, "unitCode": "HUR"}
    if machine.serial_number:
        thing["serialNumber"] = machine.serial_number
    return thing


def _others(offer: MachineOffer, base: str) -> list[dict[str, Any]]:
    names = (
        ("Home", "/"),
        (CATEGORY_NAMES[offer.machine.category].plural_en, f"/used/{offer.machine.category}"),
        (title(offer), href(offer)),
    )
    crumbs = [
        {"@type": "ListItem", "position": place, "name": name, "item": base + path}
        for place, (name, path) in enumerate(names, 1)
    ]
    return [
        {"@context": "https://schema.org", "@type": "Organization", "name": "Ridgeline Equipment", "url": base + "/"},
        {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": crumbs},
    ]


def detail(offer: MachineOffer, related: Sequence[MachineOffer], base: str) -> tuple[str, str]:
    """The body's middle and the page's own part of the head (JSON-LD and OpenGraph)."""
    machine = offer.machine
    rows = [("Stock #", offer.id), ("Year", str(year(offer))), ("Make", machine.make), ("Model", machine.model)]
    if machine.hours is not None:
        rows.append(("Hours", f"{machine.hours:,}"))
    if machine.serial_number:
        rows.append(("Serial Number", machine.serial_number))
    rows += [("Condition", machine.condition.title()), ("Operating Weight", f"{pounds(machine):,} lb")]
    if machine.net_power_hp:
        rows.append(("Net Power", f"{machine.net_power_hp} hp"))
    if machine.capacity:
        rows.append(("Capacity", f"{machine.capacity:,g} {machine.capacity_unit}"))
    rows.append(("Location", f"{machine.city}, {machine.region}"))
    monthly = f"${float(offer.price) / 60 * 1.18:,.0f}/mo" if offer.price is not None else "$399/mo"
    plural = CATEGORY_NAMES[machine.category].plural_en
    fromline = '<p class="promo">Similar machines from $12,500</p>' if offer.quirk == "from price" else ""
    seen = [{"id": each.id, "name": title(each), "price": money(each.price), "list": "related"} for each in related]
    shown = {"event": "view_list", "items": seen}
    body = (
        f'<nav class="crumbs"><a href="/">Home</a> › <a href="/used/{machine.category}">{plural}</a> › <span>'
        f"{e(title(offer))}</span></nav>"
        f'<main class="detail"><h1 class="detail__title">{e(title(offer))}</h1>{fromline}'
        f'<div class="gallery">{"".join(f"<img src=/img/{offer.id}-{n}.svg alt=photo>" for n in (1, 2, 3))}</div>'
        f"{price_html(offer)}"
        f'<div class="calc" data-apr="7.9"><h4>Finance calculator</h4>from <b>{monthly}</b> · 60 months, 10% down<br>'
        f'<span>Delivery within 100 miles: $850</span></div>{table(rows)}<section class="desc"><h2>Description</h2>'
        f"<p>{e(description(offer))}</p></section>"
        "<script>"
        f"window.dataLayer=window.dataLayer||[];dataLayer.push({json.dumps(shown)});</script>"
        '<section class="related"><h2>You may also like</h2>'
        f"{''.join(card(each, '?utm_source=related', 'mini') for each in related)}"
        "</section></main>"
    )
    head = (
        f'<meta property="og:image" content="{base}/img/{offer.id}-1.svg"><meta property="og:type" content="product">'
    )
    return body, head + blocks(style_of(offer.style * 13 % 1), _thing(offer, base), _others(offer, base))
