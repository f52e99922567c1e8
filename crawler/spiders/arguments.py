"""What `-a` may say to a spider, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from crawler.dealers.errors import did_you_mean

KNOWN: Final = ("dealer", "category", "limit", "dry_run", "fresh", "retry", "due")


class ArgumentError(ValueError):
    """A spider argument cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which dealers and categories a run is narrowed to, where it stops, and whether it reads all pages again.

    `retry`: only what failed in each dealer's last crawl. `due`: only dealers whose time has come (`every`).
    """

    dealers: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    limit: int | None = None
    dry_run: bool = False
    fresh: bool = False
    retry: bool = False
    due: bool = False


def narrowing_of(arguments: Mapping[str, str]) -> Narrowing:
    """`{"dealer": "a,b", "category": "excavators", "limit": "20", "dry_run": "1"}` as a Narrowing.

    Raises `ArgumentError` for an unknown name or a value that cannot be read.
    """
    for name in arguments:
        if name not in KNOWN:
            raise ArgumentError(f"-a {name}=…: unknown argument{did_you_mean(name, KNOWN)}")
    return Narrowing(
        dealers=_names("dealer", arguments),
        categories=_names("category", arguments),
        limit=_limit(arguments.get("limit")),
        dry_run=_yes("dry_run", arguments),
        fresh=_yes("fresh", arguments),
        retry=_yes("retry", arguments),
        due=_yes("due", arguments),
    )


def _names(argument: str, arguments: Mapping[str, str]) -> tuple[str, ...]:
    if argument not in arguments:
        return ()
    names = tuple(name.strip() for name in arguments[argument].split(",") if name.strip())
    if not names:  # -a dealer=$UNSET must not crawl everything
        raise ArgumentError(f"-a {argument}=: names nothing; leave it out to crawl all")
    return names


def _limit(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentError(f"-a limit={text}: is no whole number above 0")
    return int(text)


def _yes(argument: str, arguments: Mapping[str, str]) -> bool:
    text = arguments.get(argument)
    if text in (None, "0", "false", "no"):
        return False
    if text in ("1", "true", "yes"):
        return True
    raise ArgumentError(f"-a {argument}={text}: say 1 or 0")
