"""The crawl book opens, follows and closes each dealer's crawl, and keeps its reservation meanwhile."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from scrapy import Request
from scrapy.exceptions import DropItem
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError

from crawler.tracking.crawl_book import CrawlBook, dealer_of, token_of
from crawler.tracking.error_class import Refused
from crawler.tracking.ledgers import DatabaseLedger, DryLedger
from crawler.tracking.report_row import report_of
from crawler.tracking.spider_output import FollowTokens
from crawler.tracking.verdict import Verdict
from inventory.ledger import Begun, Busy, Report
from inventory.listing import Listing
from inventory.pages import Recalled
from pipelines.outcomes import Unusable
from tests.crawler.dealer_files import dealer
from tests.inventory.yard import START

ACME, BOLT = dealer(), dealer(name="bolt")


class Ledger:
    """Remembers what it was asked; `busy` dealers are somebody else's, `lost` ones become it."""

    def __init__(self, busy=(), lost=()):
        self.lost = lost
        self.busy, self.ended, self.renewed, self.disposed = busy, {}, [], False

    async def begin(self, dealer, *, narrowed, limited, due):
        return Busy("other:1", START) if dealer.name in self.busy else Begun(7, (10, 12))

    async def recall(self, dealer, reading, *, fresh):
        return Recalled(lastmod_missed=True)

    async def renew(self, dealers):
        self.renewed.append(list(dealers))
        return set(dealers) - set(self.lost)

    async def end(self, dealer, crawl_id, report):
        self.ended[dealer] = (crawl_id, report)
        return dealer not in self.lost

    def dispose(self):
        self.disposed = True


def run(scenario, ledger=None, lease_s=60.0, max_minutes=60.0):
    async def whole():
        signals = SimpleNamespace(send_catch_log=lambda signal, **said: None)
        book = CrawlBook(SimpleNamespace(signals=signals), ledger or Ledger(), lease_s, max_minutes)
        await scenario(book)
        await book.spider_closed("finished")
        return book

    return asyncio.run(asyncio.wait_for(whole(), 20))


async def begin(book, *dealers, **said):
    return [await book.begin(one, ["all"], **({"narrowed": False, "limit": None} | said)) for one in dealers]


def listing(number=1, name="acme"):
    return Listing(dealer=name, vertical="equipment", external_id=str(number), section="all", title="Cat 320")


def test_a_crawl_closes_when_its_last_listing_is_stored():
    ledger = Ledger()

    async def scenario(book):
        await begin(book, ACME, BOLT)
        found = [listing(1), listing(2), listing(3)]
        token = book.opened("acme")
        book.release("acme")
        book.crawls["acme"].sections["all"].pages += 1
        for one in found:
            book.item(one, token)
        assert [one.crawl_id for one in found] == [7, 7, 7]
        book.settled("acme", token)
        book.outcomes.item_dropped(found[0], Unusable("no_title", "x"))
        book.outcomes.stored([(found[1], "new")])
        await asyncio.sleep(0)
        assert ledger.ended == {}
        book.outcomes.stored([(found[2], "unchanged")])
        await asyncio.sleep(0.01)
        assert list(ledger.ended) == ["acme"]

    book = run(scenario, ledger)
    crawl_id, report = ledger.ended["acme"]
    assert (crawl_id, report.listings_new, report.listings_unchanged, report.dropped) == (7, 1, 1, {"no_title": 1})
    assert book.closed["acme"].outcome == "healthy"
    assert book.closed["bolt"].outcome == "stopped"  # the run ended before it was done
    assert ledger.disposed


def test_what_was_remembered_of_a_dealer_is_held_only_while_it_is_crawled():
    ledger = Ledger()

    async def scenario(book):
        [crawl] = await begin(book, ACME, reading="v1")
        assert crawl.memory.lastmod_missed
        book.release("acme")
        await asyncio.sleep(0.01)
        assert not crawl.memory.lastmod_missed

    run(scenario, ledger)
    assert ledger.ended["acme"][1].lastmod_missed


def test_a_dealer_that_another_process_crawls_is_skipped(caplog):
    async def scenario(book):
        assert await begin(book, ACME) == [None]
        [bolt] = await begin(book, BOLT)
        assert bolt is not None

    book = run(scenario, Ledger(busy=["acme"]))
    assert list(book.skipped) == ["acme"]
    assert list(book.crawls) == ["bolt"]
    assert "acme is skipped: other:1 is crawling it" in caplog.text


def test_leases_are_renewed_while_crawls_go_on():
    ledger = Ledger()

    async def scenario(book):
        await begin(book, ACME, BOLT)
        await asyncio.sleep(0.05)
        book.release("bolt")
        await asyncio.sleep(0.05)

    run(scenario, ledger, lease_s=0.03)
    assert ["acme", "bolt"] in ledger.renewed
    assert ["acme"] in ledger.renewed


def test_a_run_that_is_stopped_closes_every_open_crawl_with_the_reason():
    ledger = Ledger()

    async def scenario(book):
        await begin(book, ACME, BOLT)
        await book.spider_closed("shutdown")

    book = run(scenario, ledger)
    assert {name: (verdict.outcome, verdict.failure_class) for name, verdict in book.closed.items()} == {
        "acme": ("stopped", "shutdown"),
        "bolt": ("stopped", "shutdown"),
    }
    assert ledger.ended.keys() == {"acme", "bolt"}


def test_errors_drops_and_bugs_are_counted_by_class():
    async def scenario(book):
        [crawl] = await begin(book, ACME)
        assert (
            book.failed("acme", HttpError(Response("https://a.example", status=503)), "https://a.example") == "http_503"
        )
        assert book.failed("acme", KeyError("x"), "https://a.example") == "bug"
        book.outcomes.item_dropped(listing(), Unusable("no_title", "x"))
        book.outcomes.item_dropped(listing(), DropItem("of somebody else's"))
        book.outcomes.item_error(listing(), SimpleNamespace())
        assert crawl.errors == {"http_503": 1, "bug": 2}
        assert crawl.dropped == {"no_title": 1, "dropped": 1}
        report = report_of(crawl, Verdict("failed", ""))
        assert (report.errors, report.listings_dropped) == ({"http_503": 1, "bug": 2}, 2)
        assert crawl.sections["all"].unread == 1  # what our bug lost was there

    run(scenario)


def test_a_crawl_that_takes_too_long_is_cut_short():
    async def scenario(book):
        [crawl] = await begin(book, ACME)
        with pytest.raises(Refused, match="time_up"):
            book.check("acme")
        book.check("nobody")
        book.release("acme")
        assert crawl.ended

    book = run(scenario, max_minutes=0.0)
    assert (book.closed["acme"].outcome, book.closed["acme"].failure_class) == ("failed", "time_up")


def test_pages_are_counted_and_robots_txt_is_none():
    async def scenario(book):
        [crawl] = await begin(book, ACME)
        token = book.opened("acme")
        page = Request("https://acme.example/1", cb_kwargs={"dealer": "acme"}, meta={"token": token})
        book.response_received(page)
        book.response_received(Request("https://acme.example/robots.txt"))
        assert crawl.pages == 1
        assert (dealer_of(page), token_of(page)) == ("acme", token)

    run(scenario)


def test_a_ledger_that_fails_at_the_end_does_not_keep_the_others_from_closing(caplog):
    ledger = Ledger()
    real = ledger.end

    async def broken(name, crawl_id, report):
        if name == "acme":
            raise OSError("disk full")
        await real(name, crawl_id, report)

    ledger.end = broken

    async def scenario(book):
        await begin(book, ACME, BOLT)

    book = run(scenario, ledger)
    assert list(ledger.ended) == ["bolt"]
    assert set(book.closed) == {"acme", "bolt"}
    assert "acme: its crawl could not be closed" in caplog.text


@pytest.mark.parametrize("fails", [False, True])
def test_a_callback_is_settled_whatever_its_end_was(fails):
    async def found(one):
        yield one
        if fails:
            raise KeyError("a bug")

    async def scenario(book):
        await begin(book, ACME)
        token = book.opened("acme")
        book.release("acme")
        asked = Request("https://acme.example/1", cb_kwargs={"dealer": "acme"}, meta={"token": token})
        page = Response(asked.url, request=asked)
        middleware = FollowTokens.from_crawler(SimpleNamespace(get_extension=lambda kind: book))
        one = listing()
        try:
            passed = [entry async for entry in middleware.process_spider_output(page, found(one))]
        except KeyError:
            assert fails
        else:
            assert passed == [one]
        assert one.request_token == token
        assert not book.crawls["acme"].ended
        book.outcomes.stored([(one, "new")])
        assert book.crawls["acme"].ended

    run(scenario)


def test_the_ledger_of_the_database_reserves_renews_and_ends(sqlite_settings):
    async def scenario(book):
        bolts = await other.begin(BOLT, narrowed=False, limited=False)
        assert isinstance(bolts, Begun)
        [acme, bolt] = await begin(book, ACME, BOLT)
        assert acme.crawl_id is not None
        assert bolt is None
        assert isinstance(await other.begin(ACME, narrowed=False, limited=False), Busy)
        await mine.renew(["acme"])
        book.release("acme")
        await asyncio.sleep(0.2)
        assert isinstance(await other.begin(ACME, narrowed=False, limited=False), Begun)
        daily = dealer(name="bolt", every="24h")  # both found it due; the other one's crawl of it was short
        await other.end("bolt", bolts.crawl_id, Report(outcome="healthy", reason=""))
        assert await begin(book, daily, due=True) == [None]
        assert (book.not_due, book.skipped.keys()) == (["bolt"], {"bolt"})

    mine, other = DatabaseLedger(sqlite_settings), DatabaseLedger(sqlite_settings)
    try:
        run(scenario, mine)
    finally:
        other.dispose()


def test_a_dry_run_reserves_and_records_nothing():
    async def scenario(book):
        [crawl] = await begin(book, ACME)
        assert crawl.crawl_id == 0

    run(scenario, DryLedger())


def test_a_dealer_whose_lease_was_lost_is_asked_no_more_and_its_crawl_is_not_ours():
    async def scenario(book):
        await begin(book, ACME, BOLT)
        await asyncio.sleep(0.1)
        with pytest.raises(Refused, match="lease_lost"):
            book.check("acme")
        book.check("bolt")
        book.release("acme")
        book.release("bolt")

    book = run(scenario, Ledger(lost=["acme"]), lease_s=0.06)
    assert (book.closed["acme"].outcome, book.closed["acme"].failure_class) == ("stopped", "lease_lost")
    assert book.closed["bolt"].failure_class != "lease_lost"
