"""Every metric is documented, and every documented one exists."""

from __future__ import annotations

import re

from prometheus_client import CollectorRegistry

from api.serving.metrics import ApiMetrics
from crawler.metrics.collector import CrawlerMetrics
from tests.docs.pages import read


def names(registry: CollectorRegistry) -> set[str]:
    """As they stand in an answer: a counter's with `_total`."""
    return {f"{one.name}_total" if one.type == "counter" else one.name for one in registry.collect()}


def documented(heading: str) -> set[str]:
    """Those of the table below a heading of docs/metrics.md."""
    section = read("docs/metrics.md").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `(\w+)`", section, re.M))


def test_the_metrics_of_the_crawler_are_those_of_the_table() -> None:
    registry = CollectorRegistry()
    CrawlerMetrics(registry)
    assert names(registry) == documented("The crawler")


def test_the_metrics_of_the_api_are_those_of_the_table() -> None:
    ours = {name for name in names(ApiMetrics([], lambda: None).registry) if not name.startswith("process_")}
    assert ours == documented("The API")
