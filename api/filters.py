"""The grammar of filters: `column=value`, `column__operator=value`. Pure: texts → `Filter` → SQL conditions.

Several values (a comma list, or the parameter repeated) mean any of them. A day in place of a time means the whole day.
"""

from __future__ import annotations

import operator as operators
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from api.columns import ApiColumn
from api.problems import ParameterError, suggest
from api.special_sql import special_condition
from api.values import UnknownWord, first_moment, is_day, next_day, parse_boolean, parse_value, split_list
from inventory.taxonomy.categories import descendants

SEPARATOR: Final = "__"
RANGES: Final = ("gte", "gt", "lte", "lt")
OPERATORS: Final = (*RANGES, "in", "isnull", "contains")
MOST_VALUES: Final = 1000
MOST_TERMS: Final = 100
"""Of values that become an OR each: SQLite refuses a tree deeper than 1,000."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One parameter, understood. `operator` is one of `OPERATORS`, `in` for equality too, or one of a special filter
    (`api.special_filters`). `said` is what was written, where the values depend on when it is read."""

    parameter: str
    column: ApiColumn
    operator: str
    values: tuple[Any, ...]
    said: str | None = None

    @property
    def excludes_null(self) -> bool:
        """Whether a row with null in the column cannot pass."""
        return self.operator != "isnull" or self.values == (False,)


def operators_of(column: ApiColumn) -> tuple[str, ...]:
    """The operators that have a meaning for the column; `in` stands for plain equality too."""
    if column.ordered:
        return (*RANGES, "in", "isnull")
    if column.kind == "text":
        return ("in", "isnull", "contains")
    return ("isnull",) if column.kind == "json" else ("in", "isnull")


def parameter_names(columns: Mapping[str, ApiColumn]) -> list[str]:
    """Every filter that can be written."""
    names: list[str] = []
    for column in columns.values():
        operators = operators_of(column)
        names += [column.name] if "in" in operators else []
        names += [f"{column.name}{SEPARATOR}{operator}" for operator in operators]
    return names


def parse_filter(columns: Mapping[str, ApiColumn], parameter: str, texts: list[str]) -> Filter | ParameterError:
    """A filter, or what is wrong with it. `parameter` is a name of `parameter_names`, or else unknown.

    For an unknown column nothing is suggested: the caller knows what else it could have been.
    """
    name, _, operator = parameter.partition(SEPARATOR)
    column = columns.get(name)
    if column is None or (operator or "in") not in operators_of(column):
        return _unknown(columns, column, parameter)
    operator = operator or "in"
    try:
        values = _values(column, operator, texts)
    except UnknownWord as error:
        return ParameterError(parameter, str(error), error.did_you_mean)
    except ValueError as error:
        return ParameterError(parameter, str(error))
    return Filter(parameter, column, operator, values)


def _unknown(columns: Mapping[str, ApiColumn], column: ApiColumn | None, parameter: str) -> ParameterError:
    if column is None:
        return ParameterError(parameter, "is not a parameter of this list")
    known = parameter_names({column.name: column})
    meant = suggest(parameter.partition(SEPARATOR)[2], operators_of(column))
    return ParameterError(
        parameter, f"{column.name} knows {', '.join(known)}", f"{column.name}{SEPARATOR}{meant}" if meant else None
    )


def _values(column: ApiColumn, operator: str, texts: list[str]) -> tuple[Any, ...]:
    if operator == "contains":
        found = [parse_value(column, text) for text in texts]
        most = MOST_TERMS
    elif operator == "in":
        found = [parse_value(column, part) for text in texts for part in split_list(text)]
        most = MOST_TERMS if column.kind in ("list", "time") else MOST_VALUES
    elif len(texts) > 1:
        raise ValueError("is given more than once")
    else:
        found = [parse_boolean(texts[0]) if operator == "isnull" else parse_value(column, texts[0])]
        most = 1
    if len(found) > most:
        raise ValueError(f"has {len(found)} values; at most {most}")
    return tuple(dict.fromkeys(found))


def condition(filter_: Filter, dialect: str) -> ColumnElement[bool]:
    """The filter in SQL."""
    found = _of_source(filter_, dialect)
    return found if filter_.column.within is None else filter_.column.within(found)


def _of_source(filter_: Filter, dialect: str) -> ColumnElement[bool]:
    column = filter_.column
    source: ColumnElement[Any] = column.source
    special = special_condition(filter_.operator, source, filter_.values, dialect)
    if special is not None:
        return special
    first = filter_.values[0]
    match filter_.operator:
        case "isnull":
            return source.is_(None) if first else source.is_not(None)
        case "contains":
            return or_(*(source.icontains(text, autoescape=True) for text in filter_.values))
        case "in":
            return _equal(column, filter_.values, dialect)
    return _range(source, filter_.operator, first)


def _equal(column: ApiColumn, values: tuple[Any, ...], dialect: str) -> ColumnElement[bool]:
    source: ColumnElement[Any] = column.source
    if column.kind == "category":
        values = tuple(dict.fromkeys(slug for value in values for slug in descendants(value)))
    elif column.kind == "list":
        return or_(*(_holds(source, value, dialect) for value in values))
    elif column.kind == "time":
        return or_(*(_at(source, value) for value in values))
    elif column.kind == "money":
        values = tuple(value for value in values if value == round(value, 2))
        if not values:
            return false()
    if column.key is not None:
        return _held(column, values)
    return source == values[0] if len(values) == 1 else source.in_(values)


def _held(column: ApiColumn, values: tuple[Any, ...]) -> ColumnElement[bool]:
    """Equality of a name that the row holds by its number."""
    assert column.key is not None
    own, number = column.key
    named = number.table.alias()
    numbers = select(named.c[number.name]).where(named.c[column.source.name].in_(values))
    if len(values) > 1:
        return own.in_(numbers)  # type: ignore[no-any-return]
    # Names are unique: one number, known before rows are read.
    return own == numbers.scalar_subquery()  # type: ignore[no-any-return]


def _at(source: Any, value: Any) -> ColumnElement[bool]:
    if is_day(value):
        return and_(source >= first_moment(value), source < next_day(value))
    return source == value  # type: ignore[no-any-return]


def _holds(source: Any, value: str, dialect: str) -> ColumnElement[bool]:
    """Whether a JSON list holds the text."""
    if dialect == "postgresql":
        return source.cast(JSONB).contains([value])  # type: ignore[no-any-return]
    element = func.json_each(source).table_valued("value")
    return select(1).select_from(element).where(element.c.value == value).exists()


def _range(source: Any, operator: str, value: Any) -> ColumnElement[bool]:
    if is_day(value):
        # A day is the time from its first moment up to the next day's.
        value = next_day(value) if operator in ("gt", "lte") else first_moment(value)
        operator = {"gt": "gte", "lte": "lt"}.get(operator, operator)
    elif isinstance(value, Decimal):
        # Amounts have two decimals: the bound moves to the cent that decides alike.
        rounding = ROUND_CEILING if operator in ("gte", "lt") else ROUND_FLOOR
        value = value.quantize(Decimal("0.01"), rounding=rounding)
    compare = {"gte": operators.ge, "gt": operators.gt, "lte": operators.le, "lt": operators.lt}[operator]
    return compare(source, value)  # type: ignore[no-any-return]
