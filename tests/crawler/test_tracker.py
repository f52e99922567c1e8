"""Whatever the order in which requests and items end, a dealer's crawl closes once, and only at its end."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.tracking.dealer_crawl import DealerCrawl, SectionWalk
from crawler.tracking.tracker import Tracker
from tests.crawler.dealer_files import dealer


def crawl_of(name="acme"):
    return DealerCrawl(dealer=dealer(name=name), crawl_id=1, sections={"all": SectionWalk()}, started=0.0)


class Followed:
    """A tracker, the crawls it closed, and a model of what is really open."""

    def __init__(self, *names):
        self.closed = []
        self.tracker = Tracker(lambda crawl: self.closed.append(crawl.dealer.name))
        self.callbacks, self.items = [], []
        self.held = set(names)
        for name in names:
            self.tracker.begin(crawl_of(name))

    def open(self, name):
        self.callbacks.append((name, self.tracker.opened(name)))

    def busy(self, name):
        return name in self.held or any(owner == name for owner, _ in [*self.callbacks, *self.items])


def check(followed, names):
    for name in names:
        assert followed.closed.count(name) == (0 if followed.busy(name) else 1)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_interleaving_closes_each_crawl_once_at_its_end(data):
    names = ("acme", "bolt")
    followed = Followed(*names)
    for _ in range(data.draw(st.integers(0, 40))):
        steps = []
        steps += [("first", name) for name in sorted(followed.held)]  # a start request is queued
        steps += [("release", name) for name in sorted(followed.held)]
        steps += [("item", entry) for entry in followed.callbacks]
        steps += [("follow", entry) for entry in followed.callbacks]
        steps += [("returned", entry) for entry in followed.callbacks]
        steps += [("stored", entry) for entry in followed.items]
        if not steps:
            break
        what, about = data.draw(st.sampled_from(steps))
        if what == "first":
            followed.open(about)
        elif what == "release":
            followed.held.discard(about)
            followed.tracker.release(about)
        elif what == "follow":
            followed.open(about[0])
        elif what == "item":
            followed.tracker.item(*about)
            followed.items.append(about)
        else:
            (followed.callbacks if what == "returned" else followed.items).remove(about)
            followed.tracker.settled(*about)
        check(followed, names)
    while followed.callbacks or followed.items:
        about = (followed.items or followed.callbacks).pop()
        followed.tracker.settled(*about)
        check(followed, names)
    for name in sorted(followed.held):
        followed.held.discard(name)
        followed.tracker.release(name)
    assert sorted(followed.closed) == ["acme", "bolt"]
    assert all(crawl.ended and not crawl.open for crawl in followed.tracker.crawls.values())


def test_a_crawl_without_a_single_request_closes_on_release():
    followed = Followed("acme")
    assert followed.closed == []
    followed.tracker.release("acme")
    assert followed.closed == ["acme"]


def test_a_token_that_is_settled_late_closes_nothing_twice():
    followed = Followed("acme")
    token = followed.tracker.opened("acme")
    followed.tracker.release("acme")
    followed.tracker.settled("acme", token)
    followed.tracker.settled("acme", token)
    followed.tracker.item("acme", token)
    followed.tracker.settled("acme", token)
    assert followed.closed == ["acme"]


def test_every_request_has_a_token_of_its_own():
    followed = Followed("acme", "bolt")
    tokens = [followed.tracker.opened(name) for name in ("acme", "bolt") * 5]
    assert len(set(tokens)) == 10
