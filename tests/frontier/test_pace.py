"""What has no lease leaves when its time has come, or not at all."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace

import pytest
from redis.exceptions import AuthenticationError
from redis.exceptions import TimeoutError as NoAnswer
from scrapy import Request

from crawler.frontier import claims, pace, patience
from crawler.frontier.queue import SharedQueue
from crawler.tracking.error_class import Refused
from inventory.listing import Listing
from tests.frontier.conftest import opening


@pytest.fixture
def asks(monkeypatch):
    """`asks(queue, held)`: sends a request without a lease through `Pace`."""

    def made(queue, held=lambda: False):
        worker = SimpleNamespace(queue=queue, tracker=SimpleNamespace(works={}))
        book = SimpleNamespace(
            crawls={"acme": 1}, worker=worker, scheduler=SimpleNamespace(is_held=lambda dealer: held())
        )
        monkeypatch.setattr(pace, "shared_book_of", lambda crawler: book)
        crawler = SimpleNamespace(crawling=True)

        async def ask(path="1.jpg"):
            request = Request(f"https://acme.example/{path}", meta={"download_slot": "acme"})
            assert await pace.Pace(crawler).process_request(request) is None

        return ask, crawler

    return made


def test_a_picture_waits_for_all_of_its_time(play, asks, monkeypatch):
    monkeypatch.setattr(pace, "LONG_S", 0.1)

    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(delay_s=0.5))
        ask, _ = asks(one)
        began = time.monotonic()
        await asyncio.gather(*(ask() for _ in range(4)))
        assert time.monotonic() - began >= 1.5

    play(scenario)


def test_a_picture_of_a_dealer_that_is_held_for_long_is_not_sent_and_robots_txt_waits(play, asks):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening())
        now = (await one.lease(0)).now
        await one.commit([["hold", "acme", now + 3600, "answers 429", False]])
        ask, crawler = asks(one)
        with pytest.raises(Refused) as refused:
            await ask()
        assert refused.value.error_class == "left_alone"
        robots = asyncio.create_task(ask("robots.txt"))
        await asyncio.sleep(0.3)
        assert not robots.done()
        await one.commit([["release", "acme"]])
        await asyncio.wait_for(robots, 3)
        await one.commit([["hold", "acme", now + 3600, "answers 429", False]])
        robots = asyncio.create_task(ask("robots.txt"))
        await asyncio.sleep(0.1)
        crawler.crawling = False
        with pytest.raises(Refused):
            await asyncio.wait_for(robots, 3)

    play(scenario)


def test_what_waits_when_its_dealer_is_held_waits_on(play, asks, monkeypatch):
    monkeypatch.setattr(pace, "LOOK_S", 0.05)

    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(delay_s=0.4))
        await one.permit("acme")
        until = time.monotonic() + 1.0
        ask, _ = asks(one, held=lambda: time.monotonic() < until)
        await ask()
        assert time.monotonic() >= until

    play(scenario)


class LockedOut:
    """A queue whose Redis does not let us in."""

    async def permit(self, *args, **more):
        raise AuthenticationError("wrong password")

    async def claim(self, *args):
        raise AuthenticationError("wrong password")


def test_who_is_locked_out_of_redis_hears_it(asks, monkeypatch):
    ask, _ = asks(LockedOut())
    with pytest.raises(AuthenticationError):
        asyncio.run(asyncio.wait_for(ask(), 5))
    work = SimpleNamespace(listings=set(), lease=SimpleNamespace(crawl_id=1, request_id="d1"))
    worker = SimpleNamespace(queue=LockedOut(), tracker=SimpleNamespace(works={"t": work}))
    monkeypatch.setattr(claims, "shared_book_of", lambda crawler: SimpleNamespace(worker=worker))
    listing = Listing(dealer="acme", vertical="equipment", identity_key="x", request_token="t")

    async def claim():
        return await asyncio.wait_for(claims.Claims(SimpleNamespace()).process_item(listing), 5)

    with pytest.raises(AuthenticationError):
        asyncio.run(claim())


def test_a_process_that_is_told_to_end_waits_for_a_redis_that_hangs_for_some_seconds_only(asks, monkeypatch):
    class Hangs:
        def register_script(self, text):
            return self

        async def __call__(self, **more):
            raise NoAnswer("nothing heard")

    monkeypatch.setattr(patience, "PAUSE_S", 0.01)
    monkeypatch.setattr(patience, "LAST_WORDS_S", 0.1)

    async def scenario():
        for claimed in (False, True):
            queue = SharedQueue(Hangs())
            ask, crawler = asks(queue)
            work = SimpleNamespace(listings=set(), lease=SimpleNamespace(crawl_id=1, request_id="d1"))
            worker = SimpleNamespace(queue=queue, tracker=SimpleNamespace(works={"t": work}))
            monkeypatch.setattr(claims, "shared_book_of", lambda _, worker=worker: SimpleNamespace(worker=worker))
            listing = Listing(dealer="acme", vertical="equipment", identity_key="x", request_token="t")
            going = asyncio.create_task(claims.Claims(crawler).process_item(listing) if claimed else ask())
            await asyncio.sleep(0.2)
            assert not going.done()  # while it works, it waits on
            assert not queue.given_up
            crawler.crawling = False
            if claimed:
                assert await asyncio.wait_for(going, 1) is listing
            else:
                with pytest.raises(Refused):
                    await asyncio.wait_for(going, 1)

    asyncio.run(scenario())
