"""The stock of a past day is what a dump taken on that day had, over a month of crawls, some of which failed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.statistics.as_of import TOLD
from inventory import ledger
from inventory.engine import writer_engine
from inventory.ledger import Begun, DealerFacts, Report
from inventory.listing import Listing
from inventory.settings import Settings
from inventory.store.batch import store
from pipelines.identity.matching import IdentityRules
from tests.inventory.yard import START, machine

pytestmark = pytest.mark.long

DAYS = 30
FIELDS = [name for name in TOLD if name != "unit_id"]
QUERIES = (
    "",
    "&status=active&sort=-price",
    "&category=excavators&price__gte=30000&sort=price,-hours",
    "&hours__isnull=true",
    "&dealer=bolt&sort=-year",
)


class Month:
    """Two dealers who list, change, sell, take away and bring back; and crawls of them, of which some go wrong."""

    def __init__(self, settings: Settings, seed: int) -> None:
        self.engine = writer_engine(settings)
        self.random = Random(seed)
        self.now = START
        self.stock: dict[str, dict[str, dict[str, Any]]] = {"acme": {}, "bolt": {}}
        self.number = 0

    def a_day(self) -> date:
        """Each dealer changes its stock and is crawled; the day that it was."""
        day = self.now.date()
        for dealer in self.stock:
            self.now += timedelta(hours=2)
            self._change(self.stock[dealer])
            self._crawl(dealer)
        self.now = datetime.combine(day + timedelta(days=1), START.timetz())
        return day

    def _change(self, offered: dict[str, dict[str, Any]]) -> None:
        for _ in range(self.random.randrange(1, 5)):
            self.number += 1
            offered[f"m{self.number}"] = {
                "price": Decimal(self.random.randrange(10_000, 60_000)),
                "hours": self.random.choice([None, 100 * self.number]),
                "year": self.random.choice([None, 2015, 2018]),
                "make": self.random.choice(["Caterpillar", "Komatsu"]),
                "model": f"X{self.number}",
                "category": self.random.choice(["excavators", "dozers", None]),
                "size_value": self.random.choice([None, 21.5]),
                "lat": self.random.choice([None, 48.4]),
                "city": "Ulm",
            }
        for name in list(offered):
            match self.random.randrange(12):
                case 0:
                    offered[name] |= {"price": (offered[name]["price"] or 20_000) + 500}
                case 1:
                    offered[name] |= {"hours": (offered[name]["hours"] or 0) + 10, "city": "Bonn"}
                case 2:
                    offered[name] |= {"title": f"as new {name}", "category": "dozers", "size_value": 30.0}
                case 3:
                    offered[name] |= {"price": None, "price_status": "sold", "price_period": None, "currency": None}
                case 4:
                    self.stock.setdefault("away", {})[name] = offered.pop(name)
        self.stock.pop("away", None)

    def _crawl(self, dealer: str) -> None:
        facts = DealerFacts(dealer, "equipment")
        begun = ledger.begin(self.engine, facts, "one", timedelta(hours=1), self.now, narrowed=False, limited=False)
        assert isinstance(begun, Begun)
        outcome = self.random.choice(["healthy"] * 4 + ["failed", "half"])
        offered = list(self.stock[dealer].items())
        seen = {"healthy": offered, "failed": [], "half": offered[: len(offered) // 2]}[outcome]
        found = [self._listing(dealer, name, said, begun.crawl_id) for name, said in seen]
        store(self.engine, found, IdentityRules(), lambda: self.now)
        whole = outcome == "healthy"
        walk = {"all": {"listings": len(found), "complete": whole, "comparable": whole}}
        report = Report(
            outcome="failed" if outcome == "failed" else "healthy", reason="", comparable=whole, sections=walk,
            limited=outcome == "half", listings_seen=len(found),
        )  # fmt: skip
        self.now += timedelta(minutes=10)
        ledger.end(self.engine, dealer, "one", begun.crawl_id, report, self.now, 2)

    def _listing(self, dealer: str, name: str, said: dict[str, Any], crawl_id: int) -> Listing:
        return machine(name, dealer=dealer, section="all", url=f"https://{dealer}.example/{name}", crawl_id=crawl_id,
                       **said)  # fmt: skip


def rows(client: TestClient, query: str) -> Any:
    answer = client.get(f"/v1/listings?limit=1000&fields={','.join(FIELDS)}{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"], answer.json()["status"]


def facets(client: TestClient, query: str) -> Any:
    data = client.get(f"/v1/facets?field=make,category,status,year{query}").json()["data"]
    return [{name: value for name, value in one.items() if name != "values"} | _values(one) for one in data]


def _values(one: dict[str, Any]) -> dict[str, Any]:
    return {"values": [(value["value"], value["count"]) for value in one["values"]], "null_link": None}


def stats(client: TestClient, query: str) -> Any:
    answer = client.get(f"/v1/stats?value=price&status=active,gone,sold&group_by=make,category{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_past_day_equals_a_dump_taken_then(
    any_settings: Settings, client_for: Callable[..., TestClient], seed: int
) -> None:
    month = Month(any_settings, seed)
    client = client_for(any_settings)
    dumps: dict[date, Any] = {}
    for _ in range(DAYS):
        day = month.a_day()
        dumps[day] = (
            [rows(client, query) for query in QUERIES],
            facets(client, "") if day.day % 5 == 0 else None,
            stats(client, "") if day.day % 5 == 0 else None,
        )
    month.engine.dispose()
    kinds = {row["status"] for found, _ in dumps[day][0] for row in found}
    assert kinds == {"active", "gone", "sold"}
    for day, (lists, counted, summed) in dumps.items():
        past = f"&as_of={day}"
        assert [rows(client, query + past) for query in QUERIES] == lists, day
        if counted:
            assert facets(client, past) == counted
            assert stats(client, past) == summed


@pytest.fixture
def told(any_settings: Settings, client: TestClient) -> TestClient:
    month = Month(any_settings, 3)
    for _ in range(3):
        month.a_day()
    month.engine.dispose()
    return client


def test_pages_and_exports_of_a_past_day_are_whole(told: TestClient) -> None:
    past = "as_of=2026-03-02"
    seen: list[int] = []
    url = f"/v1/listings?limit=2&sort=-price&count=exact&{past}"
    while url:
        page = told.get(url).json()
        assert page["as_of"] == "2026-03-02"
        assert page["data_as_of"].startswith("2026-03-0")
        assert "last_seen" not in page["data"][0]
        seen += [row["id"] for row in page["data"]]
        url = page["next"]
    assert len(set(seen)) == len(seen) == page["count"]
    lines = told.get(f"/v1/listings.csv?fields=id,price&{past}").text.splitlines()
    assert len(lines) == len(seen) + 1
    assert told.get("/v1/listings?count=exact&as_of=2026-02-28").json()["count"] == 0


def test_what_nobody_noted_then_is_refused_by_name(told: TestClient) -> None:
    for query, parameter in (
        ("/v1/listings?as_of=2026-03-02&sort=-last_seen", "sort"),
        ("/v1/listings?as_of=2026-03-02&rating__gte=3", "rating__gte"),
        ("/v1/listings?as_of=2026-03-02&fields=id,description", "fields"),
        ("/v1/listings?as_of=2026-03-02&dedup=unit", "dedup"),
        ("/v1/listings?as_of=2999-01-01", "as_of"),
        ("/v1/listings?as_of=2026-03-02T10:00:00Z", "as_of"),
        ("/v1/listings?as_of=soon", "as_of"),
        ("/v1/units?as_of=2026-03-02", "as_of"),
        ("/v1/facets?as_of=2026-03-02&field=section", "field"),
        ("/v1/stats?as_of=2026-03-02&status=active&value=price&by=unit", "by"),
        ("/v1/stats?as_of=2026-03-02&status=active&value=price&group_by=section", "group_by"),
    ):
        answer = told.get(query)
        assert answer.status_code == 422, query
        assert [error["parameter"] for error in answer.json()["errors"]] == [parameter], query
    first = told.get("/v1/listings?limit=1&as_of=2026-03-02").json()
    other = told.get(f"/v1/listings?limit=1&cursor={first['next_cursor']}&as_of=2026-03-03")
    assert other.status_code == 400


def test_days_on_market_of_a_past_day_end_with_it(told: TestClient) -> None:
    found = told.get("/v1/stats?status=active&value=days_on_market&as_of=2026-03-03").json()["data"]
    assert found[0]["max"] <= 2
