"""Numbers by which a thing is known everywhere: GTIN and serial number."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from pipelines.parsing.lexicon import fold, one_space, rows
from pipelines.parsing.numbers import ascii_digits

MIN_SERIAL: Final = 6
MAX_SERIAL: Final = 25
MIN_SHOWN: Final = 4
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_NOT_SERIAL: Final = re.compile(r"[^A-Z0-9]")
_SEPARATORS: Final = re.compile(r"[\s\-–—._/#*:]")


def normal_gtin(text: str | int | None) -> str | None:
    """A GTIN-8, -12, -13 or -14 as 14 digits, padded with zeros, so that a UPC and its EAN form are one key.

    The check digit must fit. Numbers a shop gives out itself (GS1 prefixes 02, 04, 20–29) and zeros are refused:
    they mean something else at the next shop. Source: GS1 General Specifications 2.1, 7.9.
    """
    if text is None or isinstance(text, bool):
        return None
    digits = _SEPARATORS.sub("", ascii_digits(one_space(str(text), 60)))
    if not digits.isdigit() or len(digits) not in (8, 12, 13, 14) or not digits.strip("0"):
        return None
    full = digits.zfill(14)
    weights = (3, 1) * 6 + (3,)
    total = sum(int(d) * w for d, w in zip(full[:13], weights, strict=True))
    if (10 - total % 10) % 10 != int(full[13]):
        return None
    if len(digits.lstrip("0")) > 8 and (full[1] == "2" or full[1:3] in ("02", "04")):
        return None
    return full


def normal_serial(text: str | int | None) -> str | None:
    """A serial number or PIN as a key: upper case, without spaces and dashes, `MIN_SERIAL` characters or more.

    "N/A", "TBD", "CALL", "0000", "XXXX", "1234567" and the like are no serial numbers (domain/duplicates.md step 2).
    The check letter of a PIN is the maker's own affair and is not looked at.
    """
    if text is None or isinstance(text, bool):
        return None
    serial = _SEPARATORS.sub("", ascii_digits(one_space(str(text), 80)).upper())
    if _NOT_SERIAL.search(serial) or not MIN_SERIAL <= len(serial) <= MAX_SERIAL:
        return None
    if sum(map(str.isdigit, serial)) < 2 or len(set(serial)) < 3 or serial in "012345678901234567890":
        return None
    return None if fold(serial) in _placeholders() or "XXXX" in serial else serial


def plausible_serial(text: str | int | None) -> bool:
    """Whether a serial number may be shown: also one of four or five signs, as makers gave them for decades ("70123").

    Such a short one is no key: another maker's machine may bear it too.
    """
    if normal_serial(text):
        return True
    if text is None or isinstance(text, bool):
        return False
    serial = _SEPARATORS.sub("", ascii_digits(one_space(str(text), 80)).upper())
    return (
        MIN_SHOWN <= len(serial) < MIN_SERIAL
        and not _NOT_SERIAL.search(serial)
        and sum(map(str.isdigit, serial)) >= 3
        and len(set(serial)) >= 3
        and serial not in "012345678901234567890"
        and not _YEAR.fullmatch(serial)
        and fold(serial) not in _placeholders()
    )


@cache
def _placeholders() -> frozenset[str]:
    return frozenset(_SEPARATORS.sub("", fold(row["word"])) for row in rows("serial_placeholders.csv"))
