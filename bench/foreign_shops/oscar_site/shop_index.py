"""Haystack's Whoosh index, whose last page is right: the original takes a shorter last page for pages that short."""

from __future__ import annotations

from typing import Any

from haystack.backends.whoosh_backend import (  # type: ignore[import-not-found]
    WhooshEngine,
    WhooshSearchBackend,
)


class WholePages(WhooshSearchBackend):  # type: ignore[misc]
    """Asks for all up to the end, and leaves out what comes before the start."""

    def search(self, query_string: str, start_offset: int = 0, end_offset: int | None = None, **said: Any) -> Any:
        """Haystack's answer: a dict with `results` and `hits`."""
        found = super().search(query_string, start_offset=0, end_offset=end_offset, **said)
        found["results"] = found["results"][start_offset or 0 :]
        return found


class Engine(WhooshEngine):  # type: ignore[misc]
    """For HAYSTACK_CONNECTIONS."""

    backend = WholePages
