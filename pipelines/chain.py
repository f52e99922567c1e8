"""The pipeline's functions in their order, without an engine: what crawl, ingest, rework and extract have in common."""

from __future__ import annotations

from datetime import date

from inventory.listing import Listing
from pipelines.cleaning.clean import clean
from pipelines.identity.keys import identify
from pipelines.inference.infer import infer_category_and_model, infer_size
from pipelines.inference_version import inference_version


def read_listing(listing: Listing, *, currency: str | None, country: str | None, today: date) -> None:
    """Clean, classify, size and identify a listing in place. Raises `Unusable` where it cannot be stored."""
    clean(listing, currency=currency, country=country, today=today)
    infer_category_and_model(listing)
    infer_size(listing)
    listing.inference_version = inference_version()
    identify(listing)
