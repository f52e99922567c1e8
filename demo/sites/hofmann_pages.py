"""Hofmann's HTML: lists and details whose facts stand only in tables, definition lists and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from demo.offers import KG_PER_LB, KW_PER_HP, MachineOffer, slugify
from demo.pages.filler import cookie_banner, mega_menu
from demo.pages.html import definition_list, e, table
from demo.sites.hofmann_words import GROUPS, LANGUAGES, Group, feature, number
from demo.stock.load import CATEGORY_NAMES

STATIC: Final = {
    "impressum": "<p>Hofmann Baumaschinen GmbH, Industriestraße 12, 34123 Kassel. Stammkapital 250.000 €.</p>",
    "service": "<p>Inspektion ab 249 €, UVV-Prüfung ab 89 €. Werkstattstunde 112 € zzgl. MwSt.</p>",
    "imprint": "<p>Hofmann Baumaschinen GmbH, Kassel, Germany. Share capital €250,000.</p>",
}
COUNTRIES: Final = {"de": {"DE": "Deutschland", "AT": "Österreich"}, "en": {"DE": "Germany", "AT": "Austria"}}


def _header(language: str) -> bytes:
    words = LANGUAGES[language]
    links = [(group.name(language), f"/{language}/{group.slug(language)}") for group in GROUPS]
    menu = mega_menu(
        [(words["slogan"], links), ("Service", [("Impressum", "/de/impressum"), ("Service", "/de/service")])],
        words["finance"],
    )
    other = {"de": "en", "en": "de"}[language]
    return (
        f'<div id="kopf"><a href="/{language}">Hofmann Baumaschinen</a> <a hreflang="{other}" href="/{other}">'
        f"{other.upper()}</a> "
        f'<a href="/private/haendler">{words["private"]}</a></div>'
        f"{menu}{cookie_banner(words['cookies'], words['accept'])}"
    ).encode()


def _footer(language: str) -> bytes:
    words = LANGUAGES[language]
    return (
        f'<div id="fuss"><p>{words["email"]}</p><p>{words["shipping"]}</p><a href="/private/preisliste">'
        f"{words['private']}</a> "
        '<a href="https://www.example.com/leasing">Leasingpartner</a><p>© Hofmann Baumaschinen GmbH</p></div>'
    ).encode()


HEADERS: Final = {language: _header(language) for language in LANGUAGES}
FOOTERS: Final = {language: _footer(language) for language in LANGUAGES}


def href(offer: MachineOffer, language: str) -> str:
    slug = slugify(f"{offer.machine.make} {offer.machine.model}")
    return f"/{language}/{LANGUAGES[language]['machine']}/{offer.id.removeprefix('H-')}-{slug}"


def layout(offer: MachineOffer) -> str:
    """Where the facts stand: in a table, in a definition list, or in sentences."""
    return "table" if offer.style < 0.5 else "list" if offer.style < 0.88 else "text"


def kind(offer: MachineOffer, language: str) -> str:
    names = CATEGORY_NAMES[offer.machine.category]
    return names.singular_de if language == "de" else names.singular_en


def title(offer: MachineOffer, language: str) -> str:
    machine = offer.machine
    if offer.style * 5 % 1 < 0.4:
        return f"{machine.make} {machine.model} – {kind(offer, language)}"
    if offer.style * 5 % 1 < 0.7:
        return f"{kind(offer, language)} {machine.make} {machine.model}"
    year = f"Bj. {machine.year}" if language == "de" else f"({machine.year})"
    return f"{machine.make} {machine.model} {year}"


def hours_text(offer: MachineOffer, language: str) -> str:
    assert offer.machine.hours is not None
    unit = (
        ("Bh" if offer.style * 3 % 1 < 0.5 else "Std.")
        if language == "de"
        else ("hrs" if offer.style * 3 % 1 < 0.6 else "h")
    )
    return f"{number(offer.machine.hours, language)} {unit}"


def _weight(offer: MachineOffer, language: str) -> tuple[str, float]:
    """The weight as the page writes it, and what that means in kilograms. English pages are imperial now and then."""
    kilograms = offer.machine.operating_weight_kg
    if language == "en" and offer.style * 9 % 1 < 0.35:
        pounds = round(kilograms / KG_PER_LB)
        return f"{pounds:,} lbs", round(pounds * KG_PER_LB, 1)
    if kilograms >= 1000 and offer.style * 9 % 1 < 0.7:
        return f"{number(kilograms / 1000, language, 1)} t", round(round(kilograms / 1000, 1) * 1000, 1)
    return f"{number(kilograms, language)} kg", kilograms


def weight_kg(offer: MachineOffer, language: str) -> float:
    return _weight(offer, language)[1]


def _power(offer: MachineOffer, language: str) -> str:
    horsepower = offer.machine.net_power_hp or 0
    kilowatts = round(horsepower * KW_PER_HP)
    if language == "en" and offer.style * 9 % 1 < 0.35:
        return f"{horsepower} hp"
    return f"{kilowatts} kW ({round(kilowatts * 1.35962)} PS)" if language == "de" else f"{kilowatts} kW"


def year_text(offer: MachineOffer, language: str) -> str:
    """Some pages give the month too."""
    return (
        f"{int(offer.style * 1000) % 12 + 1:02}/{offer.machine.year}"
        if offer.style * 17 % 1 < 0.2
        else str(offer.machine.year)
    )


def in_dollars(offer: MachineOffer, language: str) -> bool:
    """Export rentals on English pages are priced in US dollars, and say so."""
    return (
        language == "en"
        and offer.machine.offer_type == "rent"
        and offer.style * 23 % 1 < 0.4
        and offer.price_status == "priced"
    )


def price_tax(offer: MachineOffer) -> str:
    """What the page says of VAT: nothing on a third of the pages."""
    if offer.price_status != "priced":
        return "unknown"
    share = offer.style * 29 % 1
    return "net" if share < 0.5 else "gross" if share < 0.65 else "unknown"


def money_text(value: Decimal, language: str, dollars: bool = False) -> str:
    if dollars:
        return f"${number(value, 'en')}"
    return f"{number(value, language)} €" if language == "de" else f"€{number(value, language)}"


def price_html(offer: MachineOffer, language: str, short: bool = False) -> str:
    words = LANGUAGES[language]
    if offer.price_status == "sold":
        old = f"<s>{money_text(offer.price, language)}</s> " if offer.price is not None else ""
        return f"<p class='preis'>{old}<strong>{words['sold']}</strong></p>"
    if offer.price is None:
        return f"<p class='preis'>{words['on_request']}</p>"
    machine = offer.machine
    dollars = in_dollars(offer, language)
    amount = money_text(offer.price, language, dollars)
    tax = {"net": words["net"], "gross": words["gross"]}.get(price_tax(offer), "")
    if machine.offer_type == "rent":
        note = " <small>(US dollars)</small>" if dollars else ""
        deposit = money_text(Decimal(2500), language, dollars)
        more = "" if short else f"<p>{words['deposit']}: {deposit}</p>"
        return f"<p class='preis'>{words['rent']}: <b>{amount}/{words[machine.price_period]}</b>{note} {tax}</p>{more}"
    if machine.offer_type == "auction":
        return f"<p class='preis'>{words['bid']}: <b>{amount}</b> {tax}</p>"
    was = f"<del>{money_text(offer.regular_price, language)}</del> " if offer.regular_price else ""
    return f"<p class='preis'>{was}<b>{amount}</b> {tax}</p>"


def entry(offer: MachineOffer, language: str, css: str = "maschine") -> str:
    machine = offer.machine
    hours = f", {hours_text(offer, language)}" if machine.hours is not None else ""
    return (
        f"<div class='{css}'><a class='titel' href='{href(offer, language)}'>{e(title(offer, language))}</a>"
        f"<p>{machine.year}{hours}, {machine.city}</p>{price_html(offer, language, short=True)}</div>\n"
    )


def home(language: str, offers: Sequence[MachineOffer]) -> str:
    words = LANGUAGES[language]
    links = "".join(
        f"<li><a href='/{language}/{group.slug(language)}'>{group.name(language)}</a></li>" for group in GROUPS
    )
    return (
        f"<main><h1>{words['slogan']}</h1><ul>{links}</ul>"
        f"{''.join(entry(offer, language, 'neu') for offer in offers)}</main>"
    )


def group_page(language: str, group: Group, offers: Sequence[MachineOffer], page: int, last: int, total: int) -> str:
    words = LANGUAGES[language]
    links = " ".join(
        f"<a href='?{words['page']}={n}'>{n}</a>" if n != page else f"<b>{n}</b>" for n in range(1, last + 1)
    )
    onward = f" <a class='weiter' href='?{words['page']}={page + 1}'>{words['next']}</a>" if page < last else ""
    return (
        f"<main><h1>{group.name(language)}</h1><p>{total} {words['hits']}</p>"
        f"{''.join(entry(offer, language) for offer in offers)}"
        f"<div class='blaettern'>{links}{onward}</div></main>"
    )


def _rows(offer: MachineOffer, language: str) -> list[tuple[str, str]]:
    words, machine = LANGUAGES[language], offer.machine
    rows = [(words["stock"], offer.id), (words["kind"], kind(offer, language)), (words["make"], machine.make),
            (words["model"], machine.model), (words["year"], year_text(offer, language))]  # fmt: skip
    if machine.hours is not None:
        rows.append((words["hours"], hours_text(offer, language)))
    if machine.serial_number:
        rows.append((words["serial"], machine.serial_number))
    rows.append((words["weight"], _weight(offer, language)[0]))
    if machine.net_power_hp:
        rows.append((words["power"], _power(offer, language)))
    rows.append((words["condition"], words[machine.condition]))
    if offer.price_status != "sold":
        rows.append((words["availability"], words["available"]))
    rows.append((words["location"], f"{machine.city}, {COUNTRIES[language][machine.country]}"))
    return rows


def _sentences(offer: MachineOffer, language: str) -> str:
    """The same facts as running text, for the pages without a table."""
    machine = offer.machine
    place = f"{machine.city}, {COUNTRIES[language][machine.country]}"
    there = {"de": " Sofort verfügbar.", "en": " In stock."}[language] if offer.price_status != "sold" else ""
    weight, hours = _weight(offer, language)[0], hours_text(offer, language) if machine.hours is not None else ""
    if language == "de":
        meter = f", {hours}" if hours else ""
        serial = f" Seriennummer: {machine.serial_number}." if machine.serial_number else ""
        return (
            f"{kind(offer, language)}, Hersteller {machine.make}, Typ {machine.model}, Baujahr {machine.year}{meter}, "
            f"Einsatzgewicht {weight}.{serial} Lager-Nr. {offer.id}. Standort: {place}.{there}"
        )
    meter = f" with {hours}" if hours else ""
    serial = f" Serial No. {machine.serial_number}." if machine.serial_number else ""
    return (
        f"{kind(offer, language)} by {machine.make}, model {machine.model}, built {machine.year}{meter}, "
        f"operating weight {weight}.{serial} Stock No. {offer.id}. Location: {place}.{there}"
    )


def detail(offer: MachineOffer, language: str, related: Sequence[MachineOffer]) -> str:
    words = LANGUAGES[language]
    how = layout(offer)
    facts = f"<p class='beschreibung'>{e(_sentences(offer, language))}</p>"
    if how != "text":
        facts = (table if how == "table" else definition_list)(_rows(offer, language))
        facts += (
            f"<h2>{words['features']}</h2><ul>"
            f"{''.join(f'<li>{e(feature(name, language))}</li>' for name in offer.machine.features)}</ul>"
        )
    photos = "".join(f"<img src='/img/{offer.id}-{n}.svg' alt=''>" for n in (1, 2))
    return (
        f"<main id='inhalt'><h1>{e(title(offer, language))}</h1>{photos}{price_html(offer, language)}{facts}"
        f"<p class='hinweis'>{words['finance']} · {words['shipping']}</p>"
        f"<div class='aehnlich'><h2>{words['related']}</h2>"
        f"{''.join(entry(each, language, 'klein') for each in related)}</div></main>"
    )
