"""Hofmann's two languages: groups of machines, labels, and how numbers and prices are written."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True)
class Group:
    """One section of the dealer: coarser than our categories. `files_as` is its key in the dealer's file."""

    files_as: str
    german: str
    german_slug: str
    english: str
    english_slug: str
    categories: frozenset[str]

    def slug(self, language: str) -> str:
        return self.german_slug if language == "de" else self.english_slug

    def name(self, language: str) -> str:
        return self.german if language == "de" else self.english


_NAMED: Final = (
    Group(
        "excavators",
        "Bagger",
        "bagger",
        "Excavators",
        "excavators",
        frozenset({"excavators", "mini-excavators", "wheeled-excavators"}),
    ),
    Group("wheel-loaders", "Radlader", "radlader", "Wheel loaders", "wheel-loaders", frozenset({"wheel-loaders"})),
    Group("dozers", "Planierraupen", "planierraupen", "Dozers", "dozers", frozenset({"dozers"})),
    Group(
        "telehandlers", "Teleskoplader", "teleskoplader", "Telehandlers", "telehandlers", frozenset({"telehandlers"})
    ),
    Group(
        "rollers",
        "Walzen",
        "walzen",
        "Rollers",
        "rollers",
        frozenset({"rollers", "tandem-rollers", "vibratory-rollers"}),
    ),
    Group("forklifts", "Stapler", "stapler", "Forklifts", "forklifts", frozenset({"forklifts"})),
)
_OTHER: Final = Group("all", "Sonstige Maschinen", "sonstige", "Other machines", "other-machines", frozenset())
GROUPS: Final = (*_NAMED, _OTHER)


def group_of(category: str) -> Group:
    return next((group for group in _NAMED if category in group.categories), _OTHER)


LANGUAGES: Final[dict[str, dict[str, str]]] = {
    "de": {
        "slogan": "Gebrauchte Baumaschinen",
        "page": "seite",
        "machine": "maschine",
        "next": "weiter »",
        "hits": "Maschinen",
        "stock": "Lager-Nr.",
        "make": "Hersteller",
        "model": "Typ",
        "kind": "Maschinenart",
        "year": "Baujahr",
        "hours": "Betriebsstunden",
        "serial": "Seriennummer",
        "weight": "Einsatzgewicht",
        "power": "Motorleistung",
        "condition": "Zustand",
        "location": "Standort",
        "used": "gebraucht",
        "new": "neu",
        "price": "Preis",
        "on_request": "Preis auf Anfrage",
        "sold": "VERKAUFT",
        "net": "zzgl. 19 % MwSt.",
        "gross": "inkl. 19 % MwSt.",
        "deposit": "Kaution",
        "bid": "Aktuelles Gebot",
        "related": "Das könnte Sie auch interessieren",
        "features": "Ausstattung",
        "day": "Tag",
        "week": "Woche",
        "month": "Monat",
        "rent": "Miete",
        "availability": "Verfügbarkeit",
        "available": "sofort verfügbar",
        "shipping": "Transport deutschlandweit ab 390 €",
        "finance": "Leasing ab 399 €/Monat",
        "private": "Händlerbereich",
        "email": "Newsletter abonnieren und 50 € sparen",
        "cookies": "Diese Website verwendet Cookies.",
        "accept": "Alle akzeptieren",
    },
    "en": {
        "slogan": "Used construction machinery",
        "page": "page",
        "machine": "machine",
        "next": "next »",
        "hits": "machines",
        "stock": "Stock No.",
        "make": "Manufacturer",
        "model": "Model",
        "kind": "Type",
        "year": "Year of manufacture",
        "hours": "Operating hours",
        "serial": "Serial No.",
        "weight": "Operating weight",
        "power": "Engine power",
        "condition": "Condition",
        "location": "Location",
        "used": "used",
        "new": "new",
        "price": "Price",
        "on_request": "Call for price",
        "sold": "SOLD",
        "net": "plus VAT",
        "gross": "incl. VAT",
        "deposit": "Deposit",
        "bid": "Current bid",
        "related": "You may also be interested in",
        "features": "Equipment",
        "day": "day",
        "week": "week",
        "month": "month",
        "rent": "Rental",
        "availability": "Availability",
        "available": "in stock",
        "shipping": "Transport to any EU port from €1,290",
        "finance": "Leasing from €399/month",
        "private": "Dealer area",
        "email": "Subscribe and save €50",
        "cookies": "This website uses cookies.",
        "accept": "Accept all",
    },
}


def number(value: float | Decimal, language: str, digits: int = 0) -> str:
    """5239 → "5.239" in German, "5,239" in English; 1.5 → "1,5" in German."""
    text = f"{value:,.{digits}f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "de" else text


FEATURES_DE: Final = {
    "enclosed cab": "geschlossene Kabine",
    "air conditioning": "Klimaanlage",
    "quick coupler": "Schnellwechsler",
    "auxiliary hydraulics": "Zusatzhydraulik",
    "rear view camera": "Rückfahrkamera",
    "one owner": "aus erster Hand",
    "heated seat": "Sitzheizung",
    "new tires": "neue Bereifung",
    "undercarriage 70%": "Laufwerk 70 %",
    "GPS ready": "GPS-Vorrüstung",
    "ride control": "Laderschwingungstilger",
    "auto lube": "Zentralschmierung",
    "full service history": "scheckheftgepflegt",
    "ROPS/FOPS": "ROPS/FOPS",
    "work lights": "Arbeitsscheinwerfer",
    "third valve": "dritter Steuerkreis",
    "CE certified": "CE-Kennzeichnung",
    "joystick steering": "Joysticklenkung",
}


def feature(name: str, language: str) -> str:
    """A feature as the page calls it."""
    return FEATURES_DE[name] if language == "de" else name
