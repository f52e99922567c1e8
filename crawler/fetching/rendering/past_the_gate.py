"""Ways out of a page that pass no gate of a page: they are closed for a whole context."""

from __future__ import annotations

from typing import Final

from playwright.async_api import BrowserContext, Route, WebSocketRoute

_NEITHER_SHARED_NOR_AHEAD: Final = """
delete globalThis.SharedWorker;
new MutationObserver((changes) => {
  for (const change of changes) for (const node of change.addedNodes)
    if (node.localName === "script" && node.type.toLowerCase() === "speculationrules") node.remove();
}).observe(document, {childList: true, subtree: true});
"""
"""Shared workers belong to no page; what a page lets the browser fetch ahead is shown to no one who watches it."""


async def close_other_ways(context: BrowserContext) -> None:
    """Windows that a page opens ask for nothing; sockets, shared workers and pages fetched ahead there are none."""
    await context.route("**/*", _abort)  # a page's own routes come before it
    await context.route_web_socket("**/*", _hang_up)
    await context.add_init_script(_NEITHER_SHARED_NOR_AHEAD)


async def _abort(route: Route) -> None:
    await route.abort()


async def _hang_up(socket: WebSocketRoute) -> None:
    await socket.close()
