"""Pipeline 300: how big it is, on its category's basis."""

from __future__ import annotations

from inventory.listing import Listing
from pipelines.adapter import ListingPipeline
from pipelines.inference.infer import infer_size
from pipelines.inference_version import inference_version


class Size(ListingPipeline):
    """See `pipelines.inference`."""

    def step(self, listing: Listing) -> None:
        """Fill the size fields."""
        infer_size(listing)
        listing.inference_version = inference_version()
