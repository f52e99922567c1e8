"""Names of the queue's keys in Redis, and how it is opened: what writers (crawler.frontier) and readers share."""

from __future__ import annotations

from typing import Final

PREFIX: Final = "{yardstick}:"
"""Of every key; what is in braces keeps them together in a cluster."""

RUNNING: Final = PREFIX + "running"
"""Hash: dealer → id of its crawl."""

WORKERS: Final = PREFIX + "workers"
"""Sorted set: worker → until when it counts as alive (Unix seconds of Redis's clock)."""


def crawl_key(crawl_id: int | str, part: str) -> str:
    """A key of one crawl: state, requests, waiting, delayed, leased, account, …"""
    return f"{PREFIX}crawl:{crawl_id}:{part}"


def pace_key(dealer: str) -> str:
    """Hash: delay, next, held_until, held_why, cap of a dealer."""
    return f"{PREFIX}pace:{dealer}"
