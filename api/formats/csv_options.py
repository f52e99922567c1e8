"""How a CSV is written: mark, separator, decimal sign, escaped formulas. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from api.problems import ParameterError, suggest
from api.values import parse_boolean

SEPARATORS: Final[Mapping[str, str]] = {
    ",": ",",
    ";": ";",
    "|": "|",
    "\t": "\t",
    "tab": "\t",
    "comma": ",",
    "semicolon": ";",
    "pipe": "|",
}
DECIMALS: Final = (".", ",")
OPTIONS: Final = ("bom", "sep", "decimal", "escape")


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """`bom`: UTF-8's mark first, by which Excel knows UTF-8. `escape`: a cell that begins a formula is made a text."""

    bom: bool = False
    sep: str = ","
    decimal: str = "."
    escape: bool = True


def parse_csv_options(given: Mapping[str, str]) -> CsvOptions | list[ParameterError]:
    """The options, or what is wrong with each. A decimal comma makes `;` the separator where `sep` does not say."""
    errors: list[ParameterError] = []
    flags = {"bom": False, "escape": True}
    for name in flags:
        try:
            flags[name] = parse_boolean(given[name]) if name in given else flags[name]
        except ValueError as error:
            errors.append(ParameterError(name, str(error)))
    decimal = given.get("decimal", ".")
    if decimal not in DECIMALS:
        errors.append(ParameterError("decimal", f"{decimal!r} is neither . nor ,"))
    written = given.get("sep", ";" if decimal == "," else ",")
    if written not in SEPARATORS:
        named = [name for name in SEPARATORS if name != "\t"]
        errors.append(ParameterError("sep", f"{written!r} is not one of {' '.join(named)}", suggest(written, named)))
    elif SEPARATORS[written] == decimal:
        errors.append(ParameterError("sep", "is the decimal sign as well; sep=; goes with decimal=,"))
    if errors:
        return errors
    return CsvOptions(flags["bom"], SEPARATORS[written], decimal, flags["escape"])
