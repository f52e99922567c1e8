"""Listings for the tests of inference, as the pipeline sees them."""

from typing import Any

from inventory.listing import Listing, Vertical
from pipelines.inference.infer import infer_category_and_model, infer_size


def inferred(vertical: Vertical, title: str, **fields: Any) -> Listing:
    """A listing with everything inferred; `raw` and typed fields may be given."""
    listing = Listing(dealer="test", vertical=vertical, title=title, **fields)
    infer_category_and_model(listing)
    infer_size(listing)
    return listing
