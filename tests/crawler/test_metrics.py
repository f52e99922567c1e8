"""The crawler's metrics: what they add up to, and how they are had."""

from __future__ import annotations

import asyncio
import socket
import urllib.request
from collections import Counter
from types import SimpleNamespace

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from crawler.extensions.metrics import Metrics
from crawler.metrics.collector import CrawlerMetrics
from crawler.spiders.equipment import EquipmentSpider
from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.verdict import Verdict
from inventory.settings import Settings
from tests.crawler.dealer_files import dealer


def crawl(name="acme", **said):
    return DealerCrawl(**({"dealer": dealer(name=name), "crawl_id": 1, "sections": {}, "started": 0.0} | said))


def values(registry):
    """Name, dealer and further labels → value."""
    return parsed(generate_latest(registry).decode())


def parsed(text):
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels, key="dealer".__ne__))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
def metrics(registry):
    return CrawlerMetrics(registry)


def test_what_a_crawl_counts_is_seen_at_once(metrics, registry):
    now = crawl(stored=Counter(new=2), errors=Counter(dns=1), dropped=Counter(no_title=3), open={"a": 2, "b": 1})
    metrics.began(now)
    now.pages += 5
    now.pages_unchanged += 1
    now.pages_skipped += 4
    metrics.stored(0.3)
    found = values(registry)
    assert found["yardstick_pages_total", "acme", "fetched"] == 5
    assert found["yardstick_pages_total", "acme", "unchanged"] == 1
    assert found["yardstick_pages_total", "acme", "skipped"] == 4
    assert found["yardstick_listings_total", "acme", "new"] == 2
    assert found["yardstick_listings_total", "acme", "changed"] == 0
    assert found["yardstick_failures_total", "acme", "dns"] == 1
    assert found["yardstick_listings_dropped_total", "acme", "no_title"] == 3
    assert found["yardstick_requests_open", "acme"] == 3
    assert found["yardstick_batch_seconds_sum",] == pytest.approx(0.3)


def test_the_next_crawl_of_a_dealer_adds_to_the_former_ones(metrics, registry):
    for pages in (3, 0, 4):
        now = crawl()
        metrics.began(now)
        now.pages += pages
        now.errors["timeout"] += 1
    other = crawl("bolt", pages=7)
    metrics.began(other)
    found = values(registry)
    assert found["yardstick_pages_total", "acme", "fetched"] == 7
    assert found["yardstick_failures_total", "acme", "timeout"] == 3
    assert found["yardstick_pages_total", "bolt", "fetched"] == 7


def test_a_worker_adds_up_what_its_requests_gave_and_tells_its_leases():
    registry = CollectorRegistry()
    metrics = CrawlerMetrics(registry, lambda: {"acme": (3, 5)})
    metrics.began(crawl(pauses=1))
    for _ in range(2):
        metrics.counted(crawl(pages=1, pages_rendered=1, credits_used=10, stored=Counter(new=4)))
    found = values(registry)
    assert found["yardstick_pages_total", "acme", "fetched"] == 2
    assert found["yardstick_pages_total", "acme", "rendered"] == 2
    assert found["yardstick_listings_total", "acme", "new"] == 8
    assert found["yardstick_render_credits_total", "acme"] == 20
    assert found["yardstick_dealer_pauses_total", "acme"] == 1
    assert found["yardstick_leases", "acme"] == 3
    assert found["yardstick_requests_open", "acme"] == 5


def test_the_last_crawl_says_when_and_how_it_ended(metrics, registry):
    now = crawl(stored=Counter(new=30, unchanged=5))
    metrics.began(now)
    metrics.closed(now, Verdict("healthy", ""))
    metrics.closed(now, Verdict("failed", "no section", "dns"))
    found = values(registry)
    assert found["yardstick_crawls_total", "acme", "healthy"] == 1
    assert found["yardstick_crawls_total", "acme", "failed"] == 1
    assert found["yardstick_crawl_last_healthy", "acme"] == 0
    assert found["yardstick_crawl_last_listings", "acme"] == 35
    assert found["yardstick_crawl_last_end_timestamp_seconds", "acme"] > 1_700_000_000


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def run(settings, while_open):
    """The extension from the spider's start to the engine's stop."""

    async def whole():
        metrics = Metrics(settings)
        spider = EquipmentSpider([], None)
        metrics.spider_opened(spider)
        metrics.began(crawl(pages=2))
        said = await asyncio.to_thread(while_open)
        await metrics.engine_stopped()
        return said

    return asyncio.run(whole())


def test_they_are_served_in_a_thread_until_the_run_ends_and_then_stand_in_the_file(tmp_path):
    port = free_port()

    def ask():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            return answer.read().decode()

    text = run(Settings(metrics_port=port, metrics_file=tmp_path / "y-{vertical}.prom"), ask)
    assert parsed(text)["yardstick_pages_total", "acme", "fetched"] == 2
    assert "process_resident_memory_bytes" in text
    with pytest.raises(OSError, match="refused"):
        ask()
    written = (tmp_path / "y-equipment.prom").read_text()
    assert parsed(written)["yardstick_pages_total", "acme", "fetched"] == 2
    assert "process_" not in written
    assert [file.name for file in tmp_path.iterdir()] == ["y-equipment.prom"]


def test_a_port_or_folder_that_cannot_be_had_is_said_and_harms_nothing(tmp_path, caplog):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = Settings(metrics_port=taken.getsockname()[1], metrics_file=tmp_path / "none" / "y.prom")
        run(settings, lambda: None)
    said = caplog.text
    assert "METRICS_PORT" in said
    assert "METRICS_FILE" in said


def test_other_spiders_have_none(tmp_path):
    metrics = Metrics(Settings(metrics_file=tmp_path / "y.prom"))
    metrics.spider_opened(SimpleNamespace())
    asyncio.run(metrics.engine_stopped())
    assert not list(tmp_path.iterdir())
