"""What tests may do to one dealer: `POST /_demo`, read and applied here."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from demo.site import Site, UnknownOffer

AT_ONCE: Final = ("500", "429", "503", "slow", "block")
"""Failures of single requests."""

FAILURES: Final = (*AT_ONCE, "empty", "half")
BLOCK_PAGE: Final = (
    "<!doctype html><html><head><title>Pardon Our Interruption</title>"
    "<meta name='robots' content='noindex, nofollow'></head>"
    "<body><h1>Pardon Our Interruption...</h1><p>"
    "As you were browsing something about your browser made us think you were "
    "a bot. There are a few reasons this might happen:</p><ul><li>You're a power user moving through this website with "
    "super-human speed.</li><li>You've disabled JavaScript and/or cookies in your web browser.</li></ul>"
    "<p>To regain access, please make sure that cookies and JavaScript are enabled before reloading the page.</p>"
    "<div id='distilCaptchaForm'></div></body></html>"
)


class WrongSwitch(ValueError):
    """A switch that cannot be applied; the message names the key."""


@dataclass(slots=True)
class Failure:
    """How the dealer fails now: `times` requests long (None: until it is switched off), below `path` only."""

    kind: str | None = None
    seconds: float = 5.0
    times: int | None = None
    path: str = "/"
    retry_after: str = "1"
    """What a 429 or 503 says in Retry-After; nothing where it is empty."""

    def hits(self, path: str) -> bool:
        """Whether this request fails; counts it if so. robots.txt is never hit: that would be another test."""
        if self.kind not in AT_ONCE or not path.startswith(self.path) or path == "/robots.txt":
            return False
        if self.times is not None:
            if self.times <= 0:
                return False
            self.times -= 1
        return True


def _price(value: Any) -> Decimal:
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        raise WrongSwitch(f"price.to is no number: {value!r}") from None
    if not price.is_finite() or price <= 0:
        raise WrongSwitch(f"price.to must be above 0: {value!r}")
    return price


def _failure(command: dict[str, Any]) -> Failure:
    kind = command["fail"]
    if kind is not None and str(kind) not in FAILURES:
        raise WrongSwitch(f"fail must be null or one of {', '.join(FAILURES)}: {kind!r}")
    return Failure(
        None if kind is None else str(kind),
        seconds=float(command.get("seconds", 5.0)),
        times=command.get("times"),
        path=str(command.get("path", "/")),
        retry_after=str(command.get("retry_after", "1")),
    )


def apply(site: Site, failure: Failure, command: Any) -> Failure:
    """Apply one command to the site and return the failure that now holds. Raises `WrongSwitch`."""
    known = {"price", "remove", "restore", "sold", "fail", "seconds", "times", "path", "retry_after", "reset", "forget"}
    if not isinstance(command, dict) or not command or not set(command) <= known:
        raise WrongSwitch(f"a switch is a JSON object with one of: {', '.join(sorted(known))}")
    try:
        if command.get("reset"):
            site.restock()
            failure = Failure()
        if "price" in command:
            change = command["price"]
            if not isinstance(change, dict) or not {"id", "to"} <= set(change):
                raise WrongSwitch('price must be {"id": …, "to": …}')
            site.set_price(str(change["id"]), _price(change["to"]))
        if "remove" in command:
            site.offer(str(command["remove"])).remove()
        if "restore" in command:
            site.offer(str(command["restore"])).restore()
        if "sold" in command:
            site.offer(str(command["sold"])).sell()
    except UnknownOffer as error:
        raise WrongSwitch(str(error.args[0])) from None
    if "fail" in command:
        failure = _failure(command)
    site.mode = failure.kind if failure.kind in ("empty", "half") else None
    return failure
