"""Filters: what each form of a parameter finds, and what is refused with its name."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from api.columns import ApiColumn
from api.filters import Filter, operators_of, parameter_names, parse_filter
from api.parameters import parse_query
from api.problems import Problem
from api.resources import CRAWLS, DEALERS, LISTINGS
from api.values import parse_value, split_list
from inventory.tables import listing_details, listings
from tests.api.stock import T0, Stock


def _found(client: TestClient, query: str) -> list[Any]:
    answer = client.get(f"/v1/listings?fields=external_id&{query}")
    assert answer.status_code == 200, answer.text
    return [row["external_id"] for row in answer.json()["data"]]


@pytest.fixture
def machines(stock: Stock) -> Stock:
    north, south = stock.dealer("northside"), stock.dealer("southside")
    rows: list[dict[str, Any]] = [
        {"external_id": "a", "make": "Caterpillar", "category": "excavators", "price": "50000.00", "hours": 0},
        {"external_id": "b", "make": "Komatsu", "category": "mini-excavators", "price": "50000.01", "hours": None},
        {"external_id": "c", "make": "Smith, Sons", "category": "dozers", "price": None, "hours": 100},
        {"external_id": "d", "make": None, "category": None, "price": "0.00", "hours": 5239},
    ]
    rows[0] |= {"title": "100% Long_Reach \\ boom", "last_seen": T0.replace(hour=0)}
    rows[1] |= {"title": "long reach", "last_seen": T0.replace(hour=23, minute=59, second=59, microsecond=999999)}
    rows[2] |= {"title": "Dozer", "last_seen": T0.replace(day=2, hour=0), "status": "sold"}
    rows[3] |= {"title": None, "last_seen": T0.replace(year=2025), "lat": 36.154}
    same = {"status": "active", "lat": None}
    ids = stock.many(north, [{**same, **row} for row in rows[:2]]) + stock.many(
        south, [{**same, **row} for row in rows[2:]]
    )
    stock.details(ids[0], description="One owner", breed_sizes=["small", 'it\'s "big"'], images=[])
    stock.details(ids[1], description=None, breed_sizes=["medium"])
    return stock


FINDS = [
    ("make=Caterpillar", "a"),
    ("make=Caterpillar,Komatsu", "ab"),
    ("make=Caterpillar&make=Komatsu", "ab"),
    ("make__in=Caterpillar,Komatsu", "ab"),
    ('make="Smith, Sons"', "c"),
    ('make="Smith, Sons",Komatsu', "bc"),
    ("make__isnull=true", "d"),
    ("make__isnull=false", "abc"),
    ("make__contains=OMATS", "b"),
    ("make__contains=omats&make__contains=pillar", "ab"),
    ("title__contains=100%25", "a"),
    ("title__contains=g_r", "a"),
    ("title__contains=%5C", "a"),
    ("price=50000", "a"),
    ("price=50000.001", ""),
    ("price=0,50000.01", "bd"),
    ("price__gte=50000.001", "b"),
    ("price__gt=50000.001", "b"),
    ("price__gt=50000", "b"),
    ("price__lte=50000.009", "ad"),
    ("price__lt=50000.001", "ad"),
    ("price__lt=50000", "d"),
    ("price__gte=5e4", "ab"),
    ("price__isnull=1", "c"),
    ("hours=0", "a"),
    ("hours__lt=5239", "ac"),
    ("hours__gte=100&hours__lte=5239", "cd"),
    ("hours__gte=-2147483647", "acd"),
    ("category=excavators", "ab"),
    ("category=mini-excavators,dozers", "bc"),
    ("category__isnull=true", "d"),
    ("dealer=southside", "cd"),
    ("dealer=southside,northside", "abcd"),
    ("dealer__contains=SOUTH", "cd"),
    ("status=sold", "c"),
    ("status=active,gone", "abd"),
    ("last_seen=2026-01-01", "ab"),
    ("last_seen__gte=2026-01-01", "abc"),
    ("last_seen__gt=2026-01-01", "c"),
    ("last_seen__lte=2026-01-01", "abd"),
    ("last_seen__lt=2026-01-01", "d"),
    ("last_seen__gte=2026-01-02T00:00:00Z", "c"),
    ("last_seen__gte=2026-01-02T02:00:00%2B02:00", "c"),
    ("last_seen__gte=2026-01-02T02:00:00+02:00", "c"),
    ("last_seen=2026-01-01T23:59:59.999999Z", "b"),
    ("lat=36.154", "d"),
    ("breed_sizes=small", "a"),
    ("breed_sizes=small,medium", "ab"),
    ('breed_sizes="it\'s ""big"""', "a"),
    ("breed_sizes=large", ""),
    ("breed_sizes__isnull=true", "cd"),
    ("description__contains=owner", "a"),
    ("description__isnull=true", "bcd"),
    ("raw__isnull=true", "abcd"),
    ("missing__isnull=true", "abcd"),
    ("make=' OR 1=1 --", ""),
    ("make=%25", ""),
]


def test_a_filter_finds_what_it_says(client: TestClient, machines: Stock, subtests: pytest.Subtests) -> None:
    for query, expected in FINDS:
        with subtests.test(query):
            assert "".join(sorted(_found(client, query))) == expected


SLIPS = [
    ("pirce__gte=1", "pirce__gte", "price__gte"),
    ("price_gte=1", "price_gte", "price__gte"),
    ("price__gtee=1", "price__gtee", "price__gte"),
    ("make__gte=a", "make__gte", None),
    ("raw=1", "raw", None),
    ("lmit=5", "lmit", "limit"),
    ("category=excavator", "category", "excavators"),
    ("status=activ", "status", "active"),
    ("dealer=northsid", "dealer", "northside"),
    ("sort=-pirce", "sort", "price"),
    ("fields=id,titel", "fields", "title"),
    ("count=exakt", "count", "exact"),
]


def test_a_slip_is_refused_with_what_was_probably_meant(
    client: TestClient, machines: Stock, subtests: pytest.Subtests
) -> None:
    for query, parameter, meant in SLIPS:
        with subtests.test(query):
            answer = client.get(f"/v1/listings?{query}")
            assert answer.status_code == 422
            (error,) = answer.json()["errors"]
            assert (error["parameter"], error.get("did_you_mean")) == (parameter, meant)


UNUSABLE = [
    "price__gte=cheap",
    "price__gte=",
    "price__gte=nan",
    "price__gte=inf",
    "price__gte=1e999",
    "price__gte=1e12",
    "price__gte=1,5",
    "price__gte=1&price__gte=2",
    "hours=1.5",
    "hours=2147483648",
    "id=9223372036854775808",
    "hours__lt=1_000",
    "lat__gt=1e400",
    "lat__gt=0x10",
    "last_seen__gte=yesterday",
    "last_seen__gte=2026-02-30",
    "last_seen__gte=9999-12-31",
    "last_seen__gte=0001-01-01T00:00:00%2B12:00",
    "make__isnull=maybe",
    "make=%00",
    "make=a,,b",
    'make="open',
    "make__contains=",
    "status=active,",
    "sort=",
    "sort=price,-price",
    "sort=raw",
    "sort=id,price,year,hours,make,model",
    "fields=",
    "fields=id,id",
    "=1",
    "id=" + ",".join(map(str, range(1001))),
]


def test_a_value_that_cannot_be_used_is_refused_and_named(client: TestClient, subtests: pytest.Subtests) -> None:
    for query in UNUSABLE:
        with subtests.test(query[:60]):
            answer = client.get(f"/v1/listings?{query}")
            assert answer.status_code == 422
            assert [error["parameter"] for error in answer.json()["errors"]] == [query.partition("=")[0]]


def test_a_query_full_of_nonsense_is_refused_without_looking_for_sense_in_all_of_it(client: TestClient) -> None:
    answer = client.get("/v1/listings", params={f"pirce{number}": "1" for number in range(500)})
    errors = answer.json()["errors"]
    assert len(errors) == 500
    assert sum("did_you_mean" in error for error in errors) == 3


def test_all_wrong_parameters_are_named_at_once(client: TestClient) -> None:
    answer = client.get("/v1/listings?pirce=1&limit=0&sort=x&hours=many")
    assert {error["parameter"] for error in answer.json()["errors"]} == {"pirce", "limit", "sort", "hours"}


def test_every_stored_column_can_be_filtered() -> None:
    stored = {column.name for table in (listings, listing_details) for column in table.c} - {"listing_id"}
    assert stored <= LISTINGS.columns.keys()
    for resource in (LISTINGS, CRAWLS, DEALERS):
        assert all(operators_of(column) for column in resource.columns.values())


def test_every_parameter_that_is_offered_is_understood() -> None:
    values = {"integer": "1", "float": "1.5", "money": "1.50", "time": "2026-01-31", "boolean": "true", "text": "x"}
    values |= {"category": "dozers", "list": "small"}
    for resource in (LISTINGS, CRAWLS, DEALERS):
        for name in parameter_names(resource.columns):
            column = resource.columns[name.partition("__")[0]]
            text = "true" if name.endswith("__isnull") else column.words[0] if column.words else values[column.kind]
            assert isinstance(parse_filter(resource.columns, name, [text]), Filter), name


@settings(deadline=None)
@given(st.lists(st.text(min_size=1), min_size=1))
def test_any_texts_survive_a_quoted_list(texts: list[str]) -> None:
    quoted = ",".join('"' + text.replace('"', '""') + '"' for text in texts)
    assert split_list(quoted) == texts


@settings(deadline=None)
@given(st.sampled_from(list(LISTINGS.columns.values())), st.text())
def test_any_text_is_understood_or_refused_as_a_value(column: ApiColumn, text: str) -> None:
    try:
        value = parse_value(column, text)
    except ValueError:
        return
    assert value is not None


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(), st.text()), min_size=1))
def test_any_unknown_parameters_are_refused_by_their_names(parameters: list[tuple[str, str]]) -> None:
    known = {*parameter_names(LISTINGS.columns), "limit", "cursor", "sort", "fields", "count"}
    unknown = {name for name, _ in parameters if name not in known}
    if unknown:
        with pytest.raises(Problem) as refused:
            parse_query(LISTINGS, parameters, max_page_size=1000)
        assert {error.parameter for error in refused.value.errors} >= unknown


@settings(deadline=None)
@given(st.decimals(min_value=0, max_value=10**6, places=4), st.integers(0, 10**8))
def test_a_bound_with_more_than_two_decimals_decides_as_the_number_itself_would(bound: Decimal, cents: int) -> None:
    from sqlalchemy import create_engine, literal, select

    from api.filters import condition
    from inventory.columns import Money

    amount = Decimal(cents) / 100
    compare = {"gte": amount >= bound, "gt": amount > bound, "lte": amount <= bound, "lt": amount < bound}
    with create_engine("sqlite://").connect() as connection:
        for operator, expected in compare.items():
            column = ApiColumn("price", literal(amount, Money), "money", True, "")  # type: ignore[arg-type]
            sql = condition(Filter("price", column, operator, (bound,)), "sqlite")
            assert bool(connection.execute(select(sql)).scalar()) is expected
