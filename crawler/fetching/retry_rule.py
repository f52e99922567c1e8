"""Whether a request that failed is asked again, and after how long. Pure; the facts are in data/retry_classes.csv."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from pipelines.parsing.lexicon import rows

DATA: Final = Path(__file__).parent / "data"
_STATUS: Final = re.compile(r"http_(\d)\d\d")


@dataclass(frozen=True, slots=True)
class RetryRule:
    """What holds for a class of errors.

    `retries`: tries after the first. `wait`: before the first of them, in units of RETRY_BACKOFF_S; each further one
    waits twice as long, up to `longest_s` seconds. `trouble`: whether it speaks against the dealer's server as a whole
    (the circuit breaker counts it), not against one page.
    """

    retries: int = 0
    wait: float = 0.0
    longest_s: float = 0.0
    trouble: bool = False


def rule_of(error_class: str) -> RetryRule:
    """The rule for a class as `crawler.tracking.error_class` names it; what nobody foresaw is not asked again."""
    known = _rules()
    if error_class in known:
        return known[error_class]
    status = _STATUS.fullmatch(error_class)
    return known.get(f"http_{status[1]}xx", _NEVER) if status else _NEVER


def wait_before_retry(
    error_class: str, failures: int, *, backoff_s: float, chance: float, told_s: float | None = None
) -> float | None:
    """Seconds until the next try after `failures` of them (1 or more); None where there is none.

    `chance` in [0, 1) spreads tries that failed together: half of the wait is certain. `told_s` is what the server
    said in Retry-After: it is never asked earlier.
    """
    rule = rule_of(error_class)
    if failures > rule.retries:
        return None
    doubled: float = rule.wait * backoff_s * 2 ** (min(failures, 32) - 1)
    wait_s = min(doubled, rule.longest_s) * (0.5 + 0.5 * chance)
    return wait_s if told_s is None else max(wait_s, told_s + 0.1 * chance * backoff_s)


_NEVER: Final = RetryRule()


@cache
def _rules() -> dict[str, RetryRule]:
    return {
        row["class"]: RetryRule(
            int(row["retries"]), float(row["wait"]), float(row["longest_s"]), trouble=row["trouble"] == "yes"
        )
        for row in rows("retry_classes.csv", DATA)
    }
