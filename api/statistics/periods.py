"""`every=week&from=…&to=…`: the periods of a trend. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from api.problems import ParameterError, suggest
from api.statistics.as_of import parse_day
from api.values import first_moment

EVERY: Final = ("day", "week", "month")
USUAL_PERIODS: Final = 12
MOST_PERIODS: Final = 120


@dataclass(frozen=True, slots=True)
class Period:
    """From the first moment of `start` up to the first moment of `end`, a day that is not in it any more (UTC)."""

    start: date
    end: date

    @property
    def begins(self) -> datetime:
        """Its first moment."""
        return first_moment(self.start)

    @property
    def ends(self) -> datetime:
        """The first moment behind it."""
        return first_moment(self.end)


def parse_periods(
    texts: Mapping[str, Sequence[str]], today: date | None = None
) -> tuple[Period, ...] | list[ParameterError]:
    """The periods that were asked for, oldest first: whole days, weeks from Monday or months, of which the last may not
    be over. Without `from` and `to`: the last twelve."""
    errors = [ParameterError(name, "is given more than once") for name, found in texts.items() if len(found) > 1]
    every = texts.get("every", ("week",))[0]
    if every not in EVERY:
        errors.append(ParameterError("every", f"{every!r} is not one of {', '.join(EVERY)}", suggest(every, EVERY)))
    days: dict[str, date] = {}
    for name in ("from", "to"):
        if name in texts:
            day = parse_day(texts[name][0], today)
            if isinstance(day, ParameterError):
                errors.append(ParameterError(name, day.detail))
            else:
                days[name] = day
    if errors:
        return errors
    last = _start(days.get("to", today or datetime.now(UTC).date()), every)
    found = [Period(last, _next(last, every))]
    first = _start(days["from"], every) if "from" in days else None
    if first is not None and first > last:
        return [ParameterError("from", f"{days['from']} is behind the end, {found[0].end}")]
    while (len(found) < USUAL_PERIODS) if first is None else (found[-1].start > first):
        start = _start(found[-1].start - timedelta(days=1), every)
        found.append(Period(start, found[-1].start))
        if len(found) > MOST_PERIODS:
            return [ParameterError("from", f"makes more than {MOST_PERIODS} periods; ask with every=month, or later")]
    return tuple(reversed(found))


def _start(day: date, every: str) -> date:
    if every == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if every == "week" else day


def _next(start: date, every: str) -> date:
    if every == "month":
        return (start + timedelta(days=31)).replace(day=1)
    return start + timedelta(days=7 if every == "week" else 1)
