"""`q=`: what is found, however it is typed, and in which order."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, update

from api.queries import ranked
from inventory.tables import listings
from tests.api.stock import Stock

FOUND: list[tuple[str, str]] = [
    ("cat320", "ab"),
    ("cat 320d l", "ab"),
    ("CAT 320 DL", "ab"),
    ("320d", "ab"),
    ("caterpiller 320", "ab"),
    ("komatsu pc210 lc-8", "cd"),
    ("pc210-8lc", "cd"),
    ("PC 210", "cd"),
    ("case 580sn", "e"),
    ("580 super n", "e"),
    ("jd 310", "f"),
    ("deere 310sl", "f"),
    ("adult lamb 15kg", "gh"),
    ("lamb 15 kg", "gh"),
    ("harness xl", "i"),
    ("harnesses", "i"),
    ('"long reach"', "j"),
    ('"long reach', "j"),
    ("long reach", "jk"),
    ("reach -used", "j"),
    ('reach -"used boom"', "j"),
    ("loffel", "l"),
    ("LÖFFEL zurich", "l"),
    ("rw-3050", "i"),
    ("the excavators for", "ab"),
    ("wheel loader", ""),
    ("zzz 日本", ""),
]
ROWS: list[dict[str, Any]] = [
    {"external_id": "a", "title": "2018 CAT 320D L Excavator", "make": "Caterpillar", "model": "320D L"},
    {"external_id": "b", "title": "Excavator", "make": "Caterpillar", "model": "320DL"},
    {"external_id": "c", "title": "PC210LC-8", "make": "Komatsu", "model": "PC210LC-8"},
    {"external_id": "d", "title": "Komatsu PC 210-8 LC", "make": "Komatsu", "model": "PC210-8LC"},
    {"external_id": "e", "title": "Backhoe", "make": "Case", "model": "580 Super N"},
    {"external_id": "f", "title": "310SL backhoe", "make": "John Deere", "model": "310SL"},
    {"external_id": "g", "title": "Adult Lamb & Rice 15 kg"},
    {"external_id": "h", "title": "Adult lamb 15kg"},
    {"external_id": "i", "title": "Front range harness", "size_label": "XL", "sku": "RW.3050"},
    {"external_id": "j", "title": "Long-reach boom"},
    {"external_id": "k", "title": "Reach for a long used boom"},
    {"external_id": "l", "title": "Löffel", "city": "Zürich"},
]
BASES = {
    "320D L": "320",
    "320DL": "320",
    "PC210LC-8": "PC210",
    "PC210-8LC": "PC210",
    "580 Super N": "580",
    "310SL": "310",
}


@pytest.fixture
def filled(stock: Stock) -> Stock:
    dealer = stock.dealer()
    stock.many(dealer, [row | {"base_model": BASES.get(row.get("model", ""))} for row in ROWS])
    return stock


def _found(client: TestClient, **query: Any) -> list[str]:
    response = client.get("/v1/listings", params={"fields": "external_id", **query})
    assert response.status_code == 200, response.text
    return [row["external_id"] for row in response.json()["data"]]


def test_things_are_found_as_people_type_them(client: TestClient, filled: Stock, subtests: pytest.Subtests) -> None:
    for typed, expected in FOUND:
        with subtests.test(typed):
            assert "".join(sorted(_found(client, q=typed))) == expected


@pytest.mark.parametrize("typed", ["", " ", "!?", "-used", '""', "\x00", "🐕", "x" * 201, "a\x00b", "y" * 10_000])
def test_what_holds_no_word_is_refused_and_breaks_nothing(client: TestClient, typed: str) -> None:
    response = client.get("/v1/listings", params={"q": typed})
    assert response.status_code == 422
    assert response.json()["errors"][0]["parameter"] == "q"


@pytest.mark.parametrize(
    "typed", ["a' | 'b", 'a" OR "b', "a:*", "a & !b", "a NEAR b", "a*", "{a}", "a\\", "%a", "a " * 99]
)
def test_signs_of_query_languages_mean_nothing(client: TestClient, filled: Stock, typed: str) -> None:
    _found(client, q=typed)


def test_names_count_for_more_than_words_in_passing(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    stock.many(
        dealer,
        [
            {"external_id": "named", "title": "Excavator", "make": "Komatsu", "city": None},
            {"external_id": "passing", "title": "Bucket that fits many machines", "make": None, "city": "Komatsu"},
        ],
    )
    assert _found(client, q="komatsu") == ["named", "passing"]


def test_what_is_written_later_is_found_and_what_is_gone_is_not(client: TestClient, filled: Stock) -> None:
    with filled.engine.begin() as connection:
        connection.execute(update(listings).where(listings.c.external_id == "j").values(title="Thumb"))
        connection.execute(delete(listings).where(listings.c.external_id == "k"))
    assert _found(client, q="reach") == []
    assert _found(client, q="thumbs") == ["j"]


def test_a_filter_goes_with_it_and_counts_are_of_both(client: TestClient, filled: Stock) -> None:
    body = client.get("/v1/listings", params={"q": "boom", "external_id": "k"}).json()
    assert [row["external_id"] for row in body["data"]] == ["k"]
    assert (body["count"], body["count_kind"], body["truncated"]) == (1, "exact", False)
    assert body["status"] == {"active": 1, "gone": 0, "sold": 0}


def test_pages_of_a_ranked_list_have_each_match_once(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    stock.many(dealer, [{"title": f"Excavator {'excavator ' * (n % 3)}{n}"} for n in range(25)])
    first = client.get("/v1/listings", params={"q": "excavator", "fields": "id", "limit": 7}).json()
    seen, page = [row["id"] for row in first["data"]], first
    while page["next_cursor"]:
        page = client.get(page["next"].replace("http://testserver", "")).json()
        seen += [row["id"] for row in page["data"]]
    assert len(seen) == len(set(seen)) == 25 == first["count"]
    other = client.get("/v1/listings", params={"q": "bucket", "limit": 7, "cursor": first["next_cursor"]})
    assert other.status_code == 400


def test_the_newest_matches_are_ranked_and_the_cut_is_told(
    client: TestClient, stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranked, "MOST_RANKED", 5)
    dealer = stock.dealer()
    ids = stock.many(dealer, [{"title": "Excavator", "year": 2000 + n} for n in range(8)])
    body = client.get("/v1/listings", params={"q": "excavator"}).json()
    assert sorted(row["id"] for row in body["data"]) == ids[3:]
    assert (body["count"], body["count_kind"], body["truncated"]) == (5, "at_least", True)
    # A filter is applied before, and an order of one's own has them all.
    assert _found(client, q="excavator", year=2000) == ["00001"]
    body = client.get("/v1/listings", params={"q": "excavator", "sort": "year"}).json()
    assert (body["count"], body["truncated"]) == (8, False)
    exported = client.get("/v1/listings.csv", params={"q": "excavator", "fields": "id"}).text.split()
    assert len(exported) == 1 + 8


def test_units_are_found_by_the_listing_that_stands_for_them(client: TestClient, filled: Stock) -> None:
    with filled.engine.connect() as connection:
        ids = list(connection.execute(listings.select().with_only_columns(listings.c.id)).scalars())
    unit = filled.unit(ids[0], ids[2])
    found = client.get("/v1/units", params={"q": "cat320"}).json()
    assert [row["id"] for row in found["data"]] == [unit]
    assert client.get("/v1/units", params={"q": "komatsu"}).json()["data"] == []
    assert sorted(_found(client, q="cat320", dedup="unit")) == ["a", "b"]
