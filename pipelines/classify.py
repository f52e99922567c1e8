"""Pipeline 200: category, make and model."""

from __future__ import annotations

from inventory.listing import Listing
from pipelines.adapter import ListingPipeline
from pipelines.inference.infer import infer_category_and_model


class Classify(ListingPipeline):
    """See `pipelines.inference`."""

    def step(self, listing: Listing) -> None:
        """Fill category, make, model and what else a title says."""
        infer_category_and_model(listing)
