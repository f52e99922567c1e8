"""Pipeline 900 of a dry run: prints each listing with its provenance as a JSON line, and stores nothing."""

from __future__ import annotations

from inventory.listing import Listing
from pipelines.adapter import ListingPipeline
from pipelines.outcomes import listings_stored
from pipelines.standard_output import put_json


class Show(ListingPipeline):
    """Takes the store's place where `-a dry_run=1` was said."""

    def step(self, listing: Listing) -> None:
        """One line on standard output."""
        said = {name: value for name, value in listing.as_dict().items() if value not in (None, [], {})}
        said.pop("raw", None)
        put_json(said)
        self.crawler.signals.send_catch_log(listings_stored, outcomes=[(listing, "new")])
