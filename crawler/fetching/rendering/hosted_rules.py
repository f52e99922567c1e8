"""What to do about an answer of the hosted rendering API (ScrapingAnt's). Pure; the table is hosted_answers.csv."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from pipelines.parsing.lexicon import rows

DATA: Final = Path(__file__).parent / "data"
FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 30.0
COST: Final = 10
"""Credits of a page drawn through a data centre's address, set aside before it is asked for."""

TIMEOUT: Final = "timeout"


@dataclass(frozen=True, slots=True)
class Step:
    """`again` after `wait_s`; else `give_up` this page, or `stop` asking at all, with the class of the error."""

    then: Literal["again", "give_up", "stop"]
    error_class: str
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """What an answer with status 200 says in its headers: of the page itself, and of the cost."""

    page_status: int
    credits: int


def step_after(answer: str, tries: int) -> Step:
    """After a failed answer (`403`, `timeout`, …) to the `tries`-th request of a page."""
    at_most, then, error_class = _table().get(answer, (1, "give_up", "render_failed"))
    if tries < at_most:
        return Step("again", error_class, min(FIRST_WAIT_S * 2 ** (tries - 1), LONGEST_WAIT_S))
    return Step("stop" if then == "stop" else "give_up", error_class)


def page_answer(headers: Mapping[str, str]) -> PageAnswer:
    """Read the headers (lower-case names). What is missing or no number: the page is there, at the usual price."""
    status, cost = headers.get("ant-page-status-code", ""), headers.get("ant-credits-cost", "")
    there = status.isdecimal() and 100 <= int(status) <= 599
    return PageAnswer(int(status) if there else 200, int(cost) if cost.isdecimal() else COST)


@cache
def _table() -> dict[str, tuple[int, str, str]]:
    return {row["answer"]: (int(row["tries"]), row["then"], row["class"]) for row in rows("hosted_answers.csv", DATA)}
