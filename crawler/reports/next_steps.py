"""What a failure's class means, and what a person does next (data/next_steps.csv)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from pipelines.parsing.lexicon import rows

DATA: Final = Path(__file__).parent / "data"


class Step(NamedTuple):
    """For a person."""

    means: str
    next: str


def step_for(failure_class: str) -> Step:
    """By class, else by its hundred (`http_5xx`), else that it is in the log."""
    steps = _steps()
    hundred = re.sub(r"^(http_\d)\d\d$", r"\1xx", failure_class)
    return steps.get(failure_class) or steps.get(hundred) or steps["other"]


@cache
def _steps() -> dict[str, Step]:
    return {row["class"]: Step(row["means"], row["next"]) for row in rows("next_steps.csv", DATA)}
