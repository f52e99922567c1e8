"""Platforms by the name that dealer files use."""

from __future__ import annotations

import importlib
from inspect import isabstract

from crawler.dealers.declaration import Dealer
from crawler.platforms.base import Platform
from crawler.platforms.feed import Feed
from crawler.platforms.json_api import JsonApi
from crawler.platforms.schema_org import SchemaOrg
from crawler.platforms.shopify import Shopify
from crawler.platforms.woocommerce import WooCommerce

PLATFORMS: dict[str, type[Platform]] = {
    "schema_org": SchemaOrg,
    "shopify": Shopify,
    "woocommerce": WooCommerce,
    "json_api": JsonApi,
    "feed": Feed,
}


class PlatformError(ValueError):
    """A dealer names a platform class that cannot be loaded."""


def platform_of(dealer: Dealer) -> Platform:
    """The platform of a dealer. Raises `PlatformError` where `module:Class` is no platform."""
    if dealer.platform in PLATFORMS:
        return PLATFORMS[dealer.platform](dealer)
    module, _, name = dealer.platform.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except Exception as error:  # a module of the user's own may fail in any way
        raise PlatformError(f"{dealer.name}: platform {dealer.platform!r}: {error}") from None
    if not (isinstance(found, type) and issubclass(found, Platform)):
        raise PlatformError(f"{dealer.name}: platform {dealer.platform!r} is no subclass of Platform")
    if isabstract(found):
        raise PlatformError(f"{dealer.name}: platform {dealer.platform!r} does not say read_section")
    return found(dealer)
