"""What Scrapy needs for a run in which a browser may be needed; nothing of Playwright is loaded in all others."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

from scrapy.settings import BaseSettings

from crawler.dealers.declaration import Dealer
from crawler.fetching.rendering.page_policy import PAGES_A_CONTEXT_AT_ONCE
from inventory.settings import Settings

HANDLER: Final = "crawler.fetching.rendering.handler.BrowserOrHttp"
PROVIDER: Final = "crawler.fetching.rendering.provider.LazyBrowser"


def enable_rendering(scrapy: BaseSettings, dealers: Iterable[Dealer], settings: Settings) -> None:
    """Register the browser where one of these dealers may be rendered. Before the crawler's engine is made."""
    if all(dealer.render == "never" for dealer in dealers):
        return
    from crawler.fetching.rendering.provider import launch_options
    from crawler.fetching.rendering.renderer import Renderer

    timeout_ms = int(settings.render_timeout_s * 1000)
    launch = launch_options(
        settings.playwright_chromium_executable, sandbox=settings.render_sandbox, environment=os.environ
    )
    for name, value in {
        "RENDERING": True,
        "DOWNLOAD_HANDLERS": {"http": HANDLER, "https": HANDLER},
        "PLAYWRIGHT_BROWSER_PROVIDER": PROVIDER,
        "PLAYWRIGHT_LAUNCH_OPTIONS": launch,
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": PAGES_A_CONTEXT_AT_ONCE,
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": timeout_ms,
        "PLAYWRIGHT_DOWNLOAD_TIMEOUT": min(timeout_ms, 10_000),
    }.items():
        scrapy.set(name, value, priority="spider")
    scrapy.set_in_component_priority_dict("EXTENSIONS", Renderer, 150)
