"""The query string of a list → `ListQuery`. Pure. Everything wrong is collected and answered at once, never ignored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Literal, TypeVar

from api.columns import ApiColumn
from api.filters import SEPARATOR, Filter, parameter_names, parse_filter
from api.keyset import fingerprint
from api.problems import MOST_SUGGESTIONS, ParameterError, bad_parameters, suggest
from api.queries.ranked import ranked_keys
from api.resources import PAGE_CONTROLS, Resource
from api.sorting import Key, parse_sort
from api.special_filters import DISTANCE, searched, take_special
from api.values import parse_boolean

T = TypeVar("T")
Count = Literal["usual", "exact", "estimated", "none"]
"""How rows are counted; `usual` where nothing is said: exactly as far as that is cheap (`api.counting`)."""
COUNTS: Final[tuple[Count, ...]] = ("exact", "estimated", "none")
DEFAULT_LIMIT: Final = 100
DEDUPS: Final = ("unit", "none")
UNIT_COUNT: Final = "unit_listings_count"
"""Shown with `dedup=unit`: for how many listings the one stands."""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What was asked for. `columns` are shown; `keys` order, ending in the id. `by_unit`: one row of each unit."""

    resource: Resource
    filters: tuple[Filter, ...]
    keys: tuple[Key, ...]
    columns: tuple[ApiColumn, ...]
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    count: Count = "usual"
    by_unit: bool = False
    since: str | None = None
    strict: bool = False
    as_of: date | None = field(default=None, kw_only=True)
    ranked: bool = False

    @property
    def fingerprint(self) -> str:
        """What a cursor is bound to: the list, its filters and its order; not the size or columns of a page."""
        written = sorted((one.parameter, one.said or one.values) for one in self.filters) if self.filters else []
        return fingerprint(
            self.resource.name,
            *self.keys,
            *written,
            *(["dedup=unit"] if self.by_unit else []),
            *([f"as_of={self.as_of}"] if self.as_of else []),
        )

    def used(self) -> Iterable[ApiColumn]:
        """Every column that the query touches."""
        yield from self.columns
        yield from (key.column for key in self.keys)
        yield from (filter_.column for filter_ in self.filters)


def parse_query(
    resource: Resource,
    parameters: Sequence[tuple[str, str]],
    *,
    max_page_size: int,
    export: bool = False,
    also: Sequence[str] = (),
) -> ListQuery:
    """Raises `Problem` 422 that names every parameter that is unknown or cannot be used. `also`: what the address knows
    beside these, read by others."""
    texts: dict[str, list[str]] = defaultdict(list)
    for name, text in parameters:
        texts[name].append(text)
    controls = resource.controls(export=export)
    errors: list[ParameterError] = []
    given = {name: texts.pop(name) for name in controls if name in texts}
    errors += [ParameterError(name, "is given more than once") for name in given if len(given[name]) > 1]
    single = {name: values[0] for name, values in given.items()}
    special = take_special(resource, texts)
    errors += special.errors
    filters, wrong = _filters(resource, texts, (*controls, *also), export=export)
    errors += wrong
    ranked = not export and "sort" not in single and searched(special.filters) is not None
    usual = DISTANCE if special.columns else resource.default_sort
    columns_now = {**resource.columns, **special.columns}
    order = parse_sort(columns_now, single.get("sort", usual), resource.identity)
    keys = ranked_keys(resource) if ranked else _or_error(order, errors)
    by_unit = _or_error(_by_unit(single.get("dedup")), errors)
    columns = _or_error(_fields(resource, single.get("fields"), special.columns, by_unit=bool(by_unit)), errors)
    limit = _or_error(_limit(single.get("limit"), max_page_size), errors)
    count: Count | None = _or_error(_count(single.get("count")), errors)
    strict = _or_error(_flag("strict", single.get("strict"), usual=False), errors)
    if errors or not keys or not columns or limit is None or count is None or by_unit is None or strict is None:
        raise bad_parameters(errors)
    cursor, since = single.get("cursor"), single.get("since")
    filters = (*special.filters, *filters)
    return ListQuery(resource, filters, keys, columns, limit, cursor, count, by_unit, since, strict, ranked)


def refuse_unknown(parameters: Iterable[str], allowed: Sequence[str] = ()) -> None:
    """Raises `Problem` 422 for a parameter that a route does not have."""
    known = f"; this address knows {', '.join(allowed)}" if allowed else "; this address takes none"
    errors = [
        ParameterError(name, f"is not a parameter here{known}", suggest(name, allowed))
        for name in dict.fromkeys(parameters)
        if name not in allowed
    ]
    if errors:
        raise bad_parameters(errors)


def _or_error(parsed: T | ParameterError, errors: list[ParameterError]) -> T | None:
    if isinstance(parsed, ParameterError):
        errors.append(parsed)
        return None
    return parsed


def _filters(
    resource: Resource, texts: dict[str, list[str]], controls: Sequence[str], *, export: bool
) -> tuple[tuple[Filter, ...], list[ParameterError]]:
    found: list[Filter] = []
    errors: list[ParameterError] = []
    for parameter, values in texts.items():
        if export and parameter in PAGE_CONTROLS:
            errors.append(ParameterError(parameter, "is not for an export, which is always the whole filtered set"))
            continue
        parsed = parse_filter(resource.columns, parameter, values)
        if isinstance(parsed, Filter):
            found.append(parsed)
        else:
            errors.append(parsed)
    if errors:
        errors = _suggested(errors, [*controls, *resource.special, *parameter_names(resource.columns)], resource)
    return tuple(found), errors


def _suggested(errors: list[ParameterError], names: list[str], resource: Resource) -> list[ParameterError]:
    """The errors, where the first unknown parameters say what they were probably meant to be."""
    unknown = [error for error in errors if error.parameter.partition(SEPARATOR)[0] not in resource.columns]
    named = {
        error.parameter: replace(error, did_you_mean=suggest(error.parameter, names))
        for error in unknown[:MOST_SUGGESTIONS]
    }
    return [named.get(error.parameter, error) for error in errors]


def _limit(text: str | None, largest: int) -> int | ParameterError:
    if text is None:
        return min(DEFAULT_LIMIT, largest)
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not 1 <= int(text) <= largest:
        return ParameterError("limit", f"{text!r} is not a whole number from 1 to {largest}")
    return int(text)


def _count(text: str | None) -> Count | ParameterError:
    if text is None:
        return "usual"
    for known in COUNTS:
        if text == known:
            return known
    return ParameterError("count", f"{text!r} is not one of {', '.join(COUNTS)}", suggest(str(text), COUNTS))


def _by_unit(text: str | None) -> bool | ParameterError:
    if text is None or text in DEDUPS:
        return text == "unit"
    return ParameterError("dedup", f"{text!r} is not one of {', '.join(DEDUPS)}", suggest(text, DEDUPS))


def _flag(name: str, text: str | None, *, usual: bool) -> bool | ParameterError:
    try:
        return usual if text is None else parse_boolean(text)
    except ValueError as error:
        return ParameterError(name, str(error))


def _fields(
    resource: Resource, text: str | None, special: Mapping[str, ApiColumn], *, by_unit: bool
) -> tuple[ApiColumn, ...] | ParameterError:
    if text is None:
        shown = (*resource.shown, resource.columns[UNIT_COUNT]) if by_unit else resource.shown
        return (*shown, *special.values())
    names = [name.strip() for name in text.split(",")]
    known = {**resource.own, **special}
    for name in names:
        if name not in known:
            return ParameterError("fields", f"{name!r} is not a column", suggest(name, known))
    if len(set(names)) < len(names):
        return ParameterError("fields", "names a column twice")
    return tuple(known[name] for name in names)
