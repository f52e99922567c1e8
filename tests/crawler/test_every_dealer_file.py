"""Every dealer file of the repository, the demo's and the user's: it loads, its platform loads, and it is polite."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import jmespath
import pytest

from crawler.dealers.declaration import ANY_SECTION, is_template, origin_of
from crawler.dealers.loading import load_dealer
from crawler.fetching.politeness import download_slots
from crawler.platforms import platform_of
from crawler.platforms.base import Platform
from crawler.platforms.visit import Visit
from inventory.settings import Settings
from inventory.taxonomy.categories import CATEGORIES

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "demo" / "dealers").glob("*.toml"), *(ROOT / "dealers").glob("*.toml")])
DEFAULT_DELAY_S = Settings.model_fields["download_delay_s"].default


def test_the_demo_has_six_dealers_of_both_verticals_and_every_platform():
    dealers = [load_dealer(file, {}) for file in (ROOT / "demo" / "dealers").glob("*.toml")]
    assert len(dealers) == 6
    assert {dealer.vertical for dealer in dealers} == {"equipment", "dog"}
    assert {dealer.platform for dealer in dealers} == {"schema_org", "shopify", "woocommerce", "json_api", "feed"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.parent.name}-{file.stem}")
def test_a_dealer_file_can_be_crawled_politely(file):
    dealer = load_dealer(file, os.environ)
    platform = platform_of(dealer)
    assert isinstance(platform, Platform)

    visits = list(platform.entrances(dealer.sections))
    assert len(visits) >= len(dealer.sections)
    assert {visit.section for visit in visits} == set(dealer.sections)
    assert len({visit.url for visit in visits}) == len(visits)
    for visit in visits:
        address = urlsplit(visit.url)
        assert address.scheme in ("http", "https")
        assert origin_of(visit.url) in dealer.origins
        assert "{" not in visit.url
        assert Visit(**visit.as_json()) == visit

    slot = download_slots([dealer], DEFAULT_DELAY_S)[dealer.name]
    assert slot["jitter"] == 0
    if not dealer.on_loopback:
        assert slot["delay"] >= 1.0
        assert slot["concurrency"] <= 2

    for section in dealer.sections:
        assert section == ANY_SECTION or CATEGORIES[section].vertical == dealer.vertical
    if dealer.platform == "json_api":
        for source in dealer.map.values():
            assert is_template(source) or jmespath.compile(source)
    assert dealer.expect.min_listings > 0, "without [expect] an empty crawl would be the only one that fails"
