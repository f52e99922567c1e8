"""The twelve queries, with several values so that no answer is asked for twice in a row; ours and Datasette's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson
import psycopg

from bench.api.filling import RARE_WORD
from bench.api.serving import get

LIMIT: Final = 50
DEEP_PAGE: Final = 20_000
VALUES: Final = 24
MANY: Final = 240
COMMON_WORD: Final = "excavator"
RARE_WORDS: Final = (RARE_WORD,)
PAGES: Final = "pages"
SEARCH: Final = "search"
ONE: Final = "one"
_FTS: Final = {"_fts_table": "listings_fts", "_fts_pk": "id"}


@dataclass(frozen=True, slots=True)
class Query:
    """One of the twelve. `paths` are of our API, `datasette` of Datasette (empty: it cannot); `kind` has the target."""

    name: str
    kind: str
    paths: tuple[str, ...]
    datasette: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Values:
    """Values of the data that queries ask for."""

    categories: Sequence[tuple[str, float, float]]
    models: Sequence[tuple[str, str]]
    makes: Sequence[str]
    dealers: Sequence[str]
    places: Sequence[tuple[float, float]]
    listings: Sequence[int]
    units: Sequence[int]


def values_of(url: str, rows_there: int) -> Values:
    """Values that have many rows and such that have some."""
    share = 10 if rows_there >= 100_000 else 100
    with psycopg.connect(url) as connection:

        def rows(query: str) -> list[Any]:
            return connection.execute(query.replace("system (10)", f"system ({share})").encode()).fetchall()

        categories = rows(
            "SELECT category, percentile_disc(0.3) WITHIN GROUP (ORDER BY price)::float, percentile_disc(0.7) WITHIN "
            "GROUP (ORDER BY price)::float FROM listings TABLESAMPLE system (10) WHERE price > 0 AND category IS NOT "
            f"NULL GROUP BY category ORDER BY count(*) DESC LIMIT {VALUES}"
        )
        models = rows(
            "SELECT make, model FROM listings TABLESAMPLE system (10) WHERE make IS NOT NULL AND model IS NOT NULL "
            f"GROUP BY make, model ORDER BY count(*) DESC LIMIT {VALUES}"
        )
        makes = rows(
            "SELECT make FROM listings TABLESAMPLE system (10) WHERE make IS NOT NULL GROUP BY make "
            f"ORDER BY count(*) DESC LIMIT {VALUES}"
        )
        dealers = rows(f"SELECT name FROM dealers ORDER BY md5(name) LIMIT {VALUES}")
        places = rows(
            "SELECT lat, lon FROM listings TABLESAMPLE system (10) WHERE lat IS NOT NULL GROUP BY lat, lon "
            f"ORDER BY count(*) DESC LIMIT {VALUES}"
        )
        every = max(rows_there // 1000, 1)
        ids = rows(f"SELECT id, unit_id FROM listings WHERE id % {every} = 0 ORDER BY md5(id::text) LIMIT {MANY}")
    return Values(
        categories,
        models,
        [row[0] for row in makes],
        [row[0] for row in dealers],
        places,
        [row[0] for row in ids],
        [row[1] for row in ids],
    )


def twelve(values: Values, port: int, rows: int) -> list[Query]:
    """All of them, as they are typed: counted as the API counts unasked. `port` is of our API, for the cursors."""

    def pages(**parameters: Any) -> str:
        return "/v1/listings?" + urlencode({**parameters, "limit": LIMIT}, quote_via=quote)

    places = values.places or [(51.3, 9.5), (45.6, -73.7), (39.1, -94.6)]
    return [
        Query("newest page", PAGES, (pages(sort="-first_seen"),)),
        Query("category", PAGES, tuple(pages(category=name) for name, _, _ in values.categories)),
        Query(
            "category + price range by price",
            PAGES,
            tuple(
                pages(category=name, price__gte=f"{low:.0f}", price__lte=f"{high:.0f}", sort="price")
                for name, low, high in values.categories
            ),
        ),
        Query("make + model", PAGES, tuple(pages(make=make, model=model) for make, model in values.models)),
        Query(
            "make + years by −hours",
            PAGES,
            tuple(pages(make=make, year__gte=2012, year__lte=2018, sort="-hours") for make in values.makes),
        ),
        Query("dealer", PAGES, tuple(pages(dealer=name) for name in values.dealers)),
        Query(
            "near + within",
            PAGES,
            tuple(pages(near=f"{lat:.4f},{lon:.4f}", within_km=80) for lat, lon in places),
        ),
        Query("q= a rare word", SEARCH, tuple(pages(q=word) for word in RARE_WORDS)),
        Query("q= a common word", SEARCH, (pages(q=COMMON_WORD),)),
        Query(f"cursor page {DEEP_PAGE:,}", PAGES, _deep(port, pages(sort="-first_seen"), rows)),
        Query("one listing with its events", ONE, tuple(f"/v1/listings/{id_}" for id_ in values.listings)),
        Query("one unit with its listings", ONE, tuple(f"/v1/units/{id_}" for id_ in values.units)),
    ]


def _deep(port: int, path: str, rows: int) -> tuple[str, ...]:
    """The page 20,000 pages behind the first, or one near the end where there are not so many.

    A cursor is not bound to the size of its page: a thousand rows a step are the same way.
    """
    step = min(1000, max(rows // 4, 1))
    wide = path.replace(f"limit={LIMIT}", f"limit={step}") + "&fields=id"
    cursor, walked = None, 0
    while walked < deep_row(rows):
        status, body = get(port, f"{wide}&cursor={quote(cursor)}" if cursor else wide)
        following = orjson.loads(body)["next_cursor"] if status == 200 else None
        if following is None:
            break
        cursor, walked = following, walked + step
    return (f"{path}&cursor={quote(cursor)}",) if cursor else ()


def deep_row(rows: int) -> int:
    """Behind so many rows the deep page begins."""
    return min(DEEP_PAGE * LIMIT, rows) - min(2000, rows // 2)


def on_datasette(queries: Sequence[Query], values: Values, deep: str | None) -> Mapping[str, tuple[str, ...]]:
    """The same on Datasette, as far as it can: it knows no distance. `deep` is its token of a deep page."""

    def rows(**parameters: Any) -> str:
        said = {"_size": LIMIT, "_shape": "objects", "_nocount": 1, "_nofacet": 1, **parameters}
        return "/bench/listings.json?" + urlencode(said, quote_via=quote)

    def joined(table: str, column: str, id_: int) -> str:
        return f"/bench/{table}.json?" + urlencode({column: id_, "_shape": "objects", "_nocount": 1, "_nofacet": 1})

    paths = {
        "newest page": (rows(_sort_desc="first_seen"),),
        "category": tuple(rows(category=name) for name, _, _ in values.categories),
        "category + price range by price": tuple(
            rows(category=name, price__gte=low, price__lte=high, _sort="price") for name, low, high in values.categories
        ),
        "make + model": tuple(rows(make=make, model=model) for make, model in values.models),
        "make + years by −hours": tuple(
            rows(make=make, year__gte=2012, year__lte=2018, _sort_desc="hours") for make in values.makes
        ),
        "dealer": tuple(rows(dealer=name) for name in values.dealers),
        "q= a rare word": tuple(rows(_search=word, **_FTS) for word in RARE_WORDS),
        "q= a common word": (rows(_search=COMMON_WORD, **_FTS),),
        "one listing with its events": tuple(joined("events", "listing_id", id_) for id_ in values.listings),
        "one unit with its listings": tuple(rows(unit_id=id_) for id_ in values.units),
    }
    if deep is not None:
        paths[f"cursor page {DEEP_PAGE:,}"] = (rows(_sort_desc="first_seen", _next=deep),)
    return {query.name: paths[query.name] for query in queries if query.name in paths}
