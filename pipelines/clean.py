"""Pipeline 100: raw text into typed fields, with the dealer's currency and country where the page names none."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from inventory.listing import Listing
from pipelines.adapter import ListingPipeline
from pipelines.cleaning.clean import clean, refusals

logger = logging.getLogger(__name__)


class Clean(ListingPipeline):
    """See `pipelines.cleaning`. Drops a listing without title or identity."""

    def step(self, listing: Listing) -> None:
        """Parse every field that needs no inference."""
        facts = self.crawler.settings.getdict("DEALER_FACTS").get(listing.dealer, {})
        today = datetime.now(UTC).date()
        clean(listing, currency=facts.get("currency"), country=facts.get("country"), today=today)
        for name, why in refusals(listing).items():
            logger.info("%s: %s refused: %s (%s)", listing.dealer, name, why, listing.url or listing.external_id)
