"""The crawler's metrics. Most are read from the crawls' own accounts when somebody asks: counting costs nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from crawler.metrics.accounts import Accounts
from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.verdict import Verdict

BATCH_S: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0)
"""Bounds of the seconds that a batch takes: 500 rows are 0.05 to 0.5 s; beyond 1 s a try was repeated."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a dealer's last crawl ended."""

    at: float
    healthy: bool
    listings: int
    seconds: float


Works = Mapping[str, tuple[int, int]]
"""Dealer → leased requests, and how much of them is open."""


class CrawlerMetrics(Collector):
    """Labels are bounded: dealers by their files, classes, reasons and outcomes by our code."""

    def __init__(self, registry: CollectorRegistry, works: Callable[[], Works] | None = None) -> None:
        """`works`: the leases of a worker of a shared queue."""
        self._works = works
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a series for the birth of each series
        self._accounts = Accounts()
        self._ended: dict[str, Ended] = {}
        self._batches = Histogram(
            "yardstick_batch_seconds", "How long a batch of listings took to be committed.",
            buckets=BATCH_S, registry=registry,
        )  # fmt: skip
        self._crawls = Counter(
            "yardstick_crawls", "Crawls that ended, by their verdict.", ["dealer", "outcome"], registry=registry
        )
        registry.register(self)

    def began(self, crawl: DealerCrawl) -> None:
        """A crawl is open."""
        self._accounts.began(crawl)

    def closed(self, crawl: DealerCrawl, verdict: Verdict) -> None:
        """A crawl is done."""
        self._crawls.labels(crawl.dealer.name, verdict.outcome).inc()
        healthy = verdict.outcome == "healthy"
        self._ended[crawl.dealer.name] = Ended(time.time(), healthy, crawl.seen, crawl.seconds)

    def counted(self, account: DealerCrawl) -> None:
        """A leased request is done."""
        self._accounts.counted(account)

    def stored(self, seconds: float) -> None:
        """A batch is committed."""
        self._batches.observe(seconds)

    def describe(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """Prometheus's call: the same names without values."""
        yield from self._counted().values()
        yield from self._gauges().values()

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """Prometheus's call, in its own thread."""
        counted, gauges = self._counted(), self._gauges()
        for dealer, (account, is_open) in self._accounts.totals().items():
            for name, counts in (
                ("pages", account.pages), ("failures", account.failures),
                ("listings", account.listings), ("dropped", account.dropped),
            ):  # fmt: skip
                for label, n in sorted(counts.items()):
                    counted[name].add_metric([dealer, label], n)
            counted["pauses"].add_metric([dealer], account.pauses)
            counted["credits"].add_metric([dealer], account.credits)
            if self._works is None:
                gauges["open"].add_metric([dealer], is_open)
        for dealer, (leases, is_open) in sorted(self._works().items()) if self._works is not None else ():
            gauges["leases"].add_metric([dealer], leases)
            gauges["open"].add_metric([dealer], is_open)
        for dealer, ended in sorted(self._ended.copy().items()):
            gauges["at"].add_metric([dealer], ended.at)
            gauges["healthy"].add_metric([dealer], ended.healthy)
            gauges["listings"].add_metric([dealer], ended.listings)
            gauges["seconds"].add_metric([dealer], ended.seconds)
        yield from counted.values()
        yield from gauges.values()

    def _counted(self) -> dict[str, CounterMetricFamily]:
        said = {
            "pages": ("yardstick_pages", "Pages fetched, of those unchanged; not asked for; drawn.", "outcome"),
            "failures": ("yardstick_failures", "Requests and pages that failed for good.", "class"),
            "listings": ("yardstick_listings", "Listings stored.", "outcome"),
            "dropped": ("yardstick_listings_dropped", "Listings and pages that gave nothing to store.", "reason"),
        }
        pauses = CounterMetricFamily(
            "yardstick_dealer_pauses", "How often a dealer was left alone because it kept failing.", labels=["dealer"]
        )
        credits = CounterMetricFamily(
            "yardstick_render_credits", "Credits of the hosted rendering API.", labels=["dealer"]
        )
        return {
            key: CounterMetricFamily(name, text, labels=["dealer", label]) for key, (name, text, label) in said.items()
        } | {"pauses": pauses, "credits": credits}

    def _gauges(self) -> dict[str, GaugeMetricFamily]:
        said = {
            "open": ("yardstick_requests_open", "Requests queued or under way, and listings not yet committed."),
            "leases": ("yardstick_leases", "Requests that this worker has taken from the shared queue."),
            "at": ("yardstick_crawl_last_end_timestamp_seconds", "When the last crawl ended."),
            "healthy": ("yardstick_crawl_last_healthy", "Whether the last crawl was healthy: 1 or 0."),
            "listings": ("yardstick_crawl_last_listings", "Listings that the last crawl saw."),
            "seconds": ("yardstick_crawl_last_seconds", "How long the last crawl took."),
        }
        return {key: GaugeMetricFamily(name, text, labels=["dealer"]) for key, (name, text) in said.items()}
