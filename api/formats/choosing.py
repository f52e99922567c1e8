"""Which format a request means: the address's ending, `format=`, or `Accept`. Pure.

`asks_for_export` is the one place that says whether a request is an export (the whole filtered set) or a page; what
guards exports (a scope, a rate of its own) asks it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from api.formats.csv_options import OPTIONS, CsvOptions, parse_csv_options
from api.problems import ParameterError, Problem, bad_parameters, suggest

FormatName = Literal["json", "ndjson", "csv", "xlsx"]
SHAPES: Final = ("page", "array")
OWN: Final = ("format", "shape", *OPTIONS)
"""Parameters that say how the answer is written, not what is in it."""
ONE_PAGE: Final = ("limit", "cursor")
"""An array with one of these is a page; without them it is the whole set."""


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write a list. `also` are other names of its media type."""

    name: FormatName
    media_type: str
    also: tuple[str, ...] = ()


FORMATS: Final[Mapping[str, Format]] = {
    found.name: found
    for found in (
        Format("json", "application/json"),
        Format("ndjson", "application/x-ndjson", ("application/ndjson", "application/jsonl")),
        Format("csv", "text/csv"),
        Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    )
}
EXPORT_SUFFIXES: Final = tuple(f".{name}" for name in FORMATS if name != "json")
SNAPSHOT_SUFFIX: Final = ".parquet"
FORMATTED: Final = re.compile(r"/v1/(listings|units|listings/[0-9]+/events)")
"""Addresses that answer in any format."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to answer. `whole`: all rows, streamed; else a page. `rest`: the parameters that say what is in it."""

    format: Format
    array: bool
    whole: bool
    csv: CsvOptions
    rest: list[tuple[str, str]] = field(default_factory=list)


def wanted(parameters: Sequence[tuple[str, str]], accept: str | None, fixed: FormatName | None = None) -> Wanted:
    """What a request means; `fixed` is what its address ends in. Raises `Problem` 422, or 406 for `Accept`."""
    given: dict[str, list[str]] = defaultdict(list)
    own = OPTIONS if fixed else OWN
    for name, text in parameters:
        if name in own:
            given[name].append(text)
    errors = [ParameterError(name, "is given more than once") for name, texts in given.items() if len(texts) > 1]
    single = {name: texts[0] for name, texts in given.items()}
    named = fixed or single.get("format")
    if named is not None and named not in FORMATS:
        detail = f"{named!r} is not one of {', '.join(FORMATS)}"
        raise bad_parameters([*errors, ParameterError("format", detail, suggest(named, FORMATS))])
    found = FORMATS[named] if named is not None else accepted(accept)
    shape = single.get("shape", "page")
    if shape not in SHAPES:
        errors.append(ParameterError("shape", f"{shape!r} is not one of {', '.join(SHAPES)}", suggest(shape, SHAPES)))
    elif found.name != "json" and "shape" in single:
        errors.append(ParameterError("shape", f"is for format=json, and this answer is {found.name}"))
    options = {name: text for name, text in single.items() if name in OPTIONS}
    csv: CsvOptions | list[ParameterError] = CsvOptions()
    if found.name == "csv":
        csv = parse_csv_options(options)
    else:
        errors += [ParameterError(name, f"is for format=csv, and this answer is {found.name}") for name in options]
    if errors or isinstance(csv, list):
        raise bad_parameters([*errors, *(csv if isinstance(csv, list) else ())])
    rest = [(name, text) for name, text in parameters if name not in own]
    array = shape == "array"
    paged = any(name in ONE_PAGE for name, _ in rest)
    return Wanted(found, array, found.name != "json" or (array and not paged), csv, rest)


def accepted(accept: str | None) -> Format:
    """The format that `Accept` likes best: the closest range decides, and among equals JSON. Raises `Problem` 406."""
    if not accept or not accept.strip():
        return FORMATS["json"]
    ranges = _ranges(accept)
    best: tuple[float, int] = (0.0, 0)
    chosen: Format | None = None
    for found in FORMATS.values():
        for media_type in (found.media_type, *found.also):
            close, liked = max(
                ((close, liked) for text, liked in ranges if (close := _closeness(text, media_type))), default=(0, 0.0)
            )
            if liked > 0 and (liked, close) > best:
                best, chosen = (liked, close), found
    if chosen is None:
        raise not_acceptable()
    return chosen


def not_acceptable() -> Problem:
    """406: names what there is."""
    named = ", ".join(found.media_type for found in FORMATS.values())
    return Problem(
        406,
        "not-acceptable",
        "There is no such format",
        f"Accept names none of {named}. format= and an ending ({', '.join(EXPORT_SUFFIXES)}) come before it.",
        headers={"Vary": "Accept"},
    )


def asks_for_export(path: str, parameters: Sequence[tuple[str, str]], accept: str | None) -> bool:
    """Whether a request asks for a whole set (or a snapshot): decided as the routes decide it, nothing raised."""
    if path.endswith((*EXPORT_SUFFIXES, SNAPSHOT_SUFFIX)):
        return True
    if not FORMATTED.fullmatch(path):
        return False
    try:
        return wanted(parameters, accept).whole
    except Problem:
        return False


def _ranges(accept: str) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for part in accept.lower().split(","):
        media_range, *given = (text.strip() for text in part.split(";"))
        liked = 1.0
        for text in given:
            name, _, value = text.partition("=")
            if name.strip() == "q":
                try:
                    liked = min(max(float(value), 0.0), 1.0)
                except ValueError:
                    liked = 0.0
        found.append((media_range, liked if liked == liked else 0.0))  # "nan" is a float too
    return found


def _closeness(media_range: str, media_type: str) -> int:
    """3 for the type itself, 2 for `text/*`, 1 for `*/*`, 0 where the range does not hold it."""
    if media_range == media_type:
        return 3
    if media_range == media_type.partition("/")[0] + "/*":
        return 2
    return 1 if media_range == "*/*" else 0
