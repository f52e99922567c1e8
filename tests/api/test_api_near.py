"""`near=` and what it means on a globe; `seen_within`, `fits_dog_kg`, `breed`; how rows are counted."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api import counting
from api.places.circle import EARTH_RADIUS_KM, FARTHEST_KM, Circle, box_of, rings
from api.resources import LISTINGS, SPECIAL
from api.special_filters import take_special
from tests.api.stock import Stock

DENVER, BOULDER, SUVA, SAMOA = (39.739, -104.985), (40.015, -105.27), (-18.142, 178.441), (-13.833, -171.767)
lats, lons = st.floats(-90, 90), st.floats(-180, 180)


def _apart_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    (a, b), (c, d) = (tuple(map(math.radians, place)) for place in (one, other))
    share = math.sin((a - c) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((b - d) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(share)))


@given(lats, lons, lats, lons, st.floats(0, 1.2))
@example(89.9, 0.0, 89.9, 180.0, 1.0)
@example(0.0, 180.0, 0.0, -180.0, 1.0)
@example(-90.0, 0.0, -89.0, 77.0, 1.0)
def test_the_box_holds_all_of_the_circle(lat: float, lon: float, other: float, east: float, more: float) -> None:
    distance = _apart_km((lat, lon), (other, east))
    box = box_of(Circle(lat, lon, min(distance * (1 + more), FARTHEST_KM)))
    assert box.south <= other <= box.north
    assert any(west <= east <= end for west, end in box.stretches)


@given(st.floats(0, FARTHEST_KM), st.none() | st.floats(0, FARTHEST_KM))
def test_the_rings_end_at_the_circle(km: float, beyond: float | None) -> None:
    found = rings(Circle(0, 0, km), beyond)
    assert (beyond is not None and beyond > km) or found[-1][1].km == km
    assert all(inner is None or inner <= ring.km for inner, ring in found)


@settings(deadline=None)  # the first town that is looked up reads the table of towns
@given(st.dictionaries(st.sampled_from(SPECIAL), st.lists(st.text(), min_size=1, max_size=2)))
def test_whatever_is_typed_is_understood_or_named(texts: dict[str, list[str]]) -> None:
    given_names = set(texts)
    found = take_special(LISTINGS, dict(texts))
    assert {error.parameter for error in found.errors} <= given_names
    assert len(found.errors) + len(found.filters) >= len(given_names - {"within_km"})


def _rows(stock: Stock, *places: tuple[float, float] | None) -> list[int]:
    dealer = stock.dealer()
    return stock.many(dealer, [{"lat": p[0] if p else None, "lon": p[1] if p else None} for p in places])


def test_what_is_near_comes_with_its_distance_the_nearest_first(client: TestClient, stock: Stock) -> None:
    ids = _rows(stock, BOULDER, SUVA, None, DENVER, (39.7, -104.9))
    body = client.get("/v1/listings?near=39.739,-104.985&within_km=50").json()
    assert [row["id"] for row in body["data"]] == [ids[3], ids[4], ids[0]]
    distances = [row["distance_km"] for row in body["data"]]
    assert distances == [0, *(round(_apart_km(DENVER, place), 3) for place in ((39.7, -104.9), BOULDER))]
    assert (body["count"], body["without_position"], body["count_kind"]) == (3, 1, "exact")
    told = client.get("/v1/listings?near=39.739,-104.985&within_km=50&sort=-distance_km&fields=id").json()["data"]
    assert told == [{"id": ids[0]}, {"id": ids[4]}, {"id": ids[3]}]
    lines = client.get("/v1/listings.csv?near=39.7,-105&within_km=5&fields=id,distance_km").text.split()
    assert lines == ["id,distance_km", f"{ids[3]},{_apart_km((39.7, -105), DENVER):.3f}"]


def test_a_town_may_be_named(client: TestClient, stock: Stock) -> None:
    _rows(stock, BOULDER, SUVA, DENVER)
    assert client.get("/v1/listings", params={"near": "Denver, CO", "within_km": 10}).json()["count"] == 1


def test_pages_by_distance_have_each_row_once(client: TestClient, stock: Stock) -> None:
    places = [(39.739 + n % 5 / 10, -104.985 + n % 3 / 10) for n in range(30)]
    _rows(stock, *places)
    page = client.get("/v1/listings?near=39.739,-104.985&within_km=60&limit=4&fields=id,distance_km").json()
    seen = page["data"]
    while page["next"]:
        page = client.get(page["next"].replace("http://testserver", "")).json()
        seen += page["data"]
    assert len({row["id"] for row in seen}) == len(seen) == 30
    assert [row["distance_km"] for row in seen] == sorted(row["distance_km"] for row in seen)


@pytest.mark.parametrize(
    ("near", "places", "found"),
    [
        ("-16,180", [SUVA, SAMOA, DENVER], 2),
        ("-16,-179.9", [SUVA, SAMOA, DENVER], 2),
        ("89.9,0", [(89.9, 180.0), (85.0, 10.0), (60.0, 0.0)], 2),
        ("-90,0", [(-85.0, 100.0), (-60.0, 0.0)], 1),
    ],
)
def test_the_antimeridian_and_the_poles_are_no_edges(
    client: TestClient, stock: Stock, near: str, places: list[tuple[float, float]], found: int
) -> None:
    _rows(stock, *places)
    assert client.get(f"/v1/listings?near={near}&within_km=1000").json()["count"] == found


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("near=39,-104", "near"),
        ("within_km=5", "within_km"),
        ("near=91,0&within_km=5", "near"),
        ("near=1,2,3&within_km=5", "near"),
        ("near=nan,0&within_km=5", "near"),
        ("near=Springfield&within_km=5", "near"),
        ("near=1,2&within_km=-1", "within_km"),
        ("near=1,2&within_km=1e9", "within_km"),
        ("seen_within=24", "seen_within"),
        ("seen_within=0h", "seen_within"),
        ("seen_within=999999w", "seen_within"),
        ("fits_dog_kg=x", "fits_dog_kg"),
        ("breed=zzz", "breed"),
        ("fields=distance_km", "fields"),
        ("sort=distance_km", "sort"),
    ],
)
def test_what_cannot_be_used_is_named(client: TestClient, query: str, parameter: str) -> None:
    response = client.get(f"/v1/listings?{query}")
    assert response.status_code == 422
    assert response.json()["errors"][0]["parameter"] == parameter


def test_an_unknown_breed_is_told_what_it_may_be(client: TestClient) -> None:
    assert client.get("/v1/listings?breed=beagel").json()["errors"][0]["did_you_mean"] == "Beagle"


def test_seen_within_looks_back_from_the_first_page(client: TestClient, stock: Stock) -> None:
    now = datetime.now(UTC)
    dealer = stock.dealer()
    stock.many(dealer, [{"last_seen": now - timedelta(hours=hours)} for hours in (1, 2, 23, 25)])
    first = client.get("/v1/listings?seen_within=24h&limit=2").json()
    assert first["count"] == 3
    second = client.get("/v1/listings", params={"seen_within": "24h", "cursor": first["next_cursor"]})
    assert len(second.json()["data"]) == 1
    other = client.get("/v1/listings", params={"seen_within": "25h", "cursor": first["next_cursor"]})
    assert other.status_code == 400


def test_products_fit_dogs_of_a_weight(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    ranges: list[tuple[Any, Any]] = [(10, 20), (None, 10), (25, None), (None, None), (None, 30)]
    rows = [{"dog_weight_min_kg": low, "dog_weight_max_kg": high} for low, high in ranges]
    ids = stock.many(dealer, rows)

    def found(query: str) -> list[int]:
        return [ids.index(row["id"]) for row in client.get(f"/v1/listings?{query}").json()["data"]]

    assert found("fits_dog_kg=12") == [0, 4]
    assert found("fits_dog_kg=40") == [2]
    assert found("breed=beagle") == [0, 1, 4]  # 8 to 13.5 kg
    assert found("breed=Beagle,great dane") == [0, 1, 2, 4]


def test_units_have_these_filters_by_the_listing_that_stands_for_them(client: TestClient, stock: Stock) -> None:
    ids = _rows(stock, DENVER, SUVA)
    units = [stock.unit(listing_id) for listing_id in ids]
    body = client.get("/v1/units?near=39.739,-104.985&within_km=50").json()
    assert [(row["id"], row["distance_km"]) for row in body["data"]] == [(units[0], 0.0)]
    assert client.get("/v1/units?seen_within=1h").json()["count"] == 0
    assert client.get("/v1/units?fits_dog_kg=5&breed=beagle").json()["count"] == 0


def test_many_rows_are_estimated_and_it_is_said(
    client: TestClient, stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FEW_ROWS", "FEW_WITHOUT_PLANNER"):
        monkeypatch.setattr(counting, name, 3)
    dealer = stock.dealer()
    stock.many(dealer, [{"status": "sold" if n % 4 == 0 else "active"} for n in range(40)])
    postgres = stock.engine.dialect.name == "postgresql"
    if postgres:
        with stock.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE listings")
    usual = client.get("/v1/listings?limit=10").json()
    assert usual["count_kind"] == ("estimated" if postgres else "at_least")
    if postgres:
        assert usual["status"] == {"active": 30, "gone": 1, "sold": 10}  # the planner never says none
    exact = client.get("/v1/listings?count=exact").json()
    assert (exact["count"], exact["count_kind"]) == (40, "exact")
    only = client.get("/v1/listings?count=estimated&status=sold").json()
    assert only["count_kind"] == ("estimated" if postgres else "at_least")
    assert only["status"]["active"] == only["status"]["gone"] == 0
    none = client.get("/v1/listings?count=none").json()
    assert (none["count"], none["count_kind"]) == (None, None)
