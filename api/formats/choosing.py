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
from urllib.parse import parse_qsl

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
EVERY: Final[tuple[FormatName, ...]] = ("json", "ndjson", "csv", "xlsx")
FEED_FORMATS: Final[tuple[FormatName, ...]] = ("json", "ndjson", "csv")
"""What is followed is read by programs: a feed has no workbook and no bare array, whose end would have no cursor."""
EXPORT_SUFFIXES: Final = tuple(f".{name}" for name in FORMATS if name != "json")
SNAPSHOT_SUFFIX: Final = ".parquet"
FORMATTED: Final = re.compile(r"/v1/(listings|units|changes|listings/[0-9]+/events)")
"""Addresses that answer in any format."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to answer. `whole`: all rows, streamed; else a page. `rest`: the parameters that say what is in it."""

    format: Format
    array: bool
    whole: bool
    csv: CsvOptions
    rest: list[tuple[str, str]] = field(default_factory=list)


def wanted(
    parameters: Sequence[tuple[str, str]],
    accept: str | None,
    fixed: FormatName | None = None,
    offered: Sequence[FormatName] = EVERY,
) -> Wanted:
    """What a request means, of the formats offered; `fixed` is what its address ends in. Raises `Problem` 422, or 406
    for `Accept`."""
    given: dict[str, list[str]] = defaultdict(list)
    own = OPTIONS if fixed else OWN
    for name, text in parameters:
        if name in own:
            given[name].append(text)
    errors = [ParameterError(name, "is given more than once") for name, texts in given.items() if len(texts) > 1]
    single = {name: texts[0] for name, texts in given.items()}
    named = fixed or single.get("format")
    if named is not None and named not in offered:
        detail = f"{named!r} is not one of {', '.join(offered)}"
        raise bad_parameters([*errors, ParameterError("format", detail, suggest(named, offered))])
    found = FORMATS[named] if named is not None else accepted(accept, offered)
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


def wanted_of_feed(
    parameters: Sequence[tuple[str, str]], accept: str | None, fixed: FormatName | None = None
) -> Wanted:
    """As `wanted`, of `FEED_FORMATS`. Raises `Problem` 422, or 406 for `Accept`."""
    found = wanted(parameters, accept, fixed, FEED_FORMATS)
    names = {name for name, _ in parameters}
    errors = [ParameterError("shape", "is not offered for the feed")] if "shape" in names else []
    if found.whole and "limit" in names:
        errors.append(ParameterError("limit", "is not for an export, which is always all there is"))
    if errors:
        raise bad_parameters(errors)
    return found


def accepted(accept: str | None, offered: Sequence[FormatName] = EVERY) -> Format:
    """The format offered that `Accept` likes best: the closest range decides, and among equals JSON. Raises `Problem`
    406."""
    if not accept or not accept.strip():
        return FORMATS["json"]
    ranges = _ranges(accept)
    best: tuple[float, int] = (0.0, 0)
    chosen: Format | None = None
    for found in (FORMATS[name] for name in offered):
        for media_type in (found.media_type, *found.also):
            close, liked = max(
                ((close, liked) for text, liked in ranges if (close := _closeness(text, media_type))), default=(0, 0.0)
            )
            if liked > 0 and (liked, close) > best:
                best, chosen = (liked, close), found
    if chosen is None:
        raise not_acceptable(offered)
    return chosen


def not_acceptable(names: Sequence[FormatName]) -> Problem:
    """406: names what there is."""
    named = ", ".join(FORMATS[name].media_type for name in names)
    endings = ", ".join(f".{name}" for name in names if name != "json")
    return Problem(
        406,
        "not-acceptable",
        "There is no such format",
        f"Accept names none of {named}. format= and an ending ({endings}) come before it.",
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


def is_export(path: str, query: bytes, accept: bytes | None) -> bool:
    """The same of a request as ASGI has it."""
    parameters = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return asks_for_export(path, parameters, None if accept is None else accept.decode("latin-1"))


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
