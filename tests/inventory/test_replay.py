"""Events suffice: the stock of every past moment can be rebuilt from them, as it was stored then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from inventory import ledger
from inventory.engine import writer_engine
from inventory.ledger import DealerFacts, Report
from inventory.schema import migrate
from inventory.settings import load_settings
from inventory.store.batch import store
from inventory.store.replay import REPLAYED, PastEvent, stock_at
from inventory.tables import dealers, events, listings
from pipelines.identity.matching import IdentityRules
from tests.inventory.yard import START, machine

HOUR = timedelta(hours=1)
NUMBERS = count(1)

PRICES = [Decimal("45000"), Decimal("4500"), Decimal("4510"), Decimal("46000.555")]
SAID = st.fixed_dictionaries(
    {},
    optional={
        "price": st.sampled_from(PRICES),
        "regular_price": st.sampled_from([None, Decimal("50000")]),
        "currency": st.sampled_from(["USD", "EUR"]),
        "hours": st.sampled_from([None, 0, 5200, 5300]),
        "year": st.sampled_from([None, 2015, 2016]),
        "city": st.sampled_from([None, "Ulm", "Bonn"]),
        "lat": st.sampled_from([None, 48.4, 50.7]),
        "title": st.sampled_from(["2015 Cat 320", "Cat 320, as new"]),
        "serial_number": st.sampled_from([None, "CAT0320DABC12345"]),
        "category": st.sampled_from([None, "excavators"]),
        "size_value": st.sampled_from([None, 21.5]),
        "rating": st.sampled_from([None, 4.5]),
        "quantity": st.sampled_from([None, 1]),
        "withheld": st.sampled_from(["on_request", "sold", None]),
    },
)
NAMES = st.sampled_from(["a", "b", "c"])
CRAWL = st.tuples(st.just("crawl"), st.dictionaries(NAMES, SAID), st.booleans())
INGEST = st.tuples(st.just("ingest"), NAMES, SAID, st.sampled_from(["now", "between", "long ago"]))
STEPS = st.lists(CRAWL | INGEST, min_size=1, max_size=10)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One database for all examples; each has a dealer of its own."""
    engine = writer_engine(load_settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('replay') / 'yard.sqlite'}"))
    migrate(engine)
    yield engine
    engine.dispose()


class Shop:
    """One dealer, crawled and fed step by step; an hour passes with each."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.name = f"shop{next(NUMBERS)}"
        self.now = START
        self.crawl({}, comparable=False)

    def step(self, step: tuple[Any, ...]) -> None:
        self.now += HOUR
        if step[0] == "crawl":
            self.crawl(step[1], comparable=step[2])
        else:
            self.ingest(*step[1:])

    def crawl(self, found: dict[str, dict[str, Any]], *, comparable: bool) -> None:
        facts = DealerFacts(self.name, "equipment")
        begun = ledger.begin(self.engine, facts, "one", HOUR, self.now, narrowed=False, limited=False)
        assert isinstance(begun, ledger.Begun)
        self.store([self.listing(name, said, crawl_id=begun.crawl_id) for name, said in found.items()])
        walk = {"all": {"listings": len(found), "complete": True, "comparable": comparable}}
        report = Report(outcome="healthy", reason="", comparable=comparable, sections=walk)
        ledger.end(self.engine, self.name, "one", begun.crawl_id, report, self.now, 2)

    def ingest(self, name: str, said: dict[str, Any], when: str) -> None:
        known = self.listing(name, said).identity_key in {row["identity_key"] for row in self.rows()}
        if when == "long ago" and not known:
            return  # history of before anybody looked: no snapshot of then can have it
        ago = {"now": None, "between": HOUR / 2, "long ago": timedelta(days=400)}[when]
        self.store([self.listing(name, said, observed_at=None if ago is None else self.now - ago)])

    def listing(self, name: str, said: dict[str, Any], **more: Any) -> Any:
        said = dict(said)
        if (withheld := said.pop("withheld", None)) is not None:
            said |= {"price": None, "price_status": withheld, "price_period": None, "currency": None}
        return machine(name, dealer=self.name, section="all", **said, **more)

    def store(self, found: list[Any]) -> None:
        store(self.engine, found, IdentityRules(), lambda: self.now)

    def rows(self) -> list[dict[str, Any]]:
        query = select(listings).join(dealers).where(dealers.c.name == self.name)
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def snapshot(self) -> dict[int, dict[str, Any]]:
        return {row["id"]: {name: row[name] for name in (*REPLAYED, "status")} for row in self.rows()}

    def events(self) -> list[PastEvent]:
        columns = [events.c[name] for name in PastEvent._fields]
        query = select(*columns).select_from(events.join(listings).join(dealers)).where(dealers.c.name == self.name)
        with self.engine.connect() as connection:
            return [PastEvent(*row) for row in connection.execute(query)]


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_the_stock_of_every_past_moment_is_rebuilt_as_it_was_stored(engine, steps):
    shop = Shop(engine)
    taken = []
    for step in steps:
        shop.step(step)
        taken.append((shop.now, shop.snapshot()))
    told = shop.events()
    for now, stored in taken:
        assert stock_at(reversed(told), now) == stored
    assert stock_at(told, START) == {}


def test_what_was_withdrawn_doubted_sold_gone_and_back_is_rebuilt(engine):
    shop = Shop(engine)
    steps = [
        {"a": {}, "b": {"withheld": "sold"}},
        {"a": {"price": Decimal(4500), "hours": 5200}},
        {"a": {"price": Decimal(4500), "hours": 5200}},
        {"a": {"withheld": "sold"}, "c": {}},
        {},
        {},
        {"a": {}, "c": {"price": Decimal("46000.555")}},
    ]
    taken = []
    for found in steps:
        shop.step(("crawl", found, True))
        taken.append((shop.now, shop.snapshot()))
    told = shop.events()
    assert [stock_at(told, now) == stored for now, stored in taken] == [True] * len(steps)
    assert {event.kind for event in told} >= {"listed", "price_down", "sold_marked", "delisted", "relisted"}
    status = [{row["status"] for row in stored.values()} for _, stored in taken]
    assert status[0] == status[1] == {"active", "sold"}
    assert status[5] == {"sold", "gone"}
    assert status[6] == {"active", "sold"}


def test_events_without_their_beginning_tell_nothing():
    event = PastEvent(5, 1, START, "price_up", {"price": ["1.00", "2.00"]})
    assert stock_at([event], START) == {}
