"""Made-up serial numbers in the formats that the makers really stamp.

Formats: Caterpillar 3-character prefix + 5 digits, or the 17-character PIN around it; Deere 17 characters since 1999;
Volvo VCE… 17 characters; JCB 17 characters with the year in position 10; Bobcat 4 characters of module + 5 digits;
Kubota and Takeuchi as on their plates; elsewhere five to nine digits, often with a letter or two in front.
"""

from __future__ import annotations

from random import Random

# ISO 10261 and SAE J853 leave out I, O and Q.
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def _letters(rng: Random, count: int) -> str:
    return "".join(rng.choice(LETTERS) for _ in range(count))


def _digits(rng: Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def _code(model: str, width: int) -> str:
    """The model as a PIN's descriptor: letters and digits only, cut or filled with zeros to `width`."""
    return "".join(c for c in model.upper() if c.isalnum())[:width].rjust(width, "0")


def serial_number(make: str, model: str, year: int, rng: Random) -> str:
    """A serial number as this maker would stamp it on this model. Never real, except by accident."""
    if make == "Caterpillar":
        short = _letters(rng, 3) + "0" + _digits(rng, 4)
        return short if rng.random() < 0.6 else "CAT" + _code(model, 5) + rng.choice(LETTERS) + short
    if make == "John Deere":
        world = rng.choice(("1FF", "1DW", "1T0"))
        return world + _code(model, 6) + rng.choice("CDEFG") + rng.choice("CDEFGHJKLM") + _digits(rng, 6)
    if make == "Volvo":
        return "VCE" + _code(model, 5) + rng.choice(LETTERS) + "00" + _digits(rng, 6)
    if make == "JCB":
        return "JCB" + _code(model, 5) + rng.choice(LETTERS) + str(year)[-1] + _digits(rng, 7)
    if make == "Bobcat":
        return _letters(rng, 1) + _digits(rng, 1) + _letters(rng, 2) + "1" + _digits(rng, 4)
    if make == "Komatsu":
        return (
            "KMT" + _code(model, 5) + _letters(rng, 3) + "A" + _digits(rng, 5)
            if rng.random() < 0.4
            else (rng.choice("ABK") + _digits(rng, 5))
        )
    if make == "Kubota":
        return "JKU" + _code(model, 5) + rng.choice(LETTERS) + "01" + rng.choice("HJKL") + _digits(rng, 5)
    if make == "Takeuchi":
        return rng.choice("12") + _digits(rng, 8)
    if make in ("JLG", "SkyTrak"):
        return rng.choice(("0300", "0160", "0200", "1200")) + _digits(rng, 6)
    if make == "Genie":
        return _code(model, 6).lstrip("0") + str(year)[-2:] + rng.choice("BDHM") + "-" + _digits(rng, 5)
    if make == "Liebherr":
        return rng.choice(("VLHZ", "VATZ")) + _digits(rng, 4) + "EZB" + _digits(rng, 6)
    return rng.choice(("", _letters(rng, 1), _letters(rng, 2))) + _digits(rng, rng.choice((6, 7, 8)))
