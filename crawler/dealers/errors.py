"""What can be wrong with a dealer file."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path


class DealerFileError(ValueError):
    """A dealer file cannot be used. The message names file, key and reason, a line a problem."""

    def __init__(self, file: Path | str, problems: Iterable[tuple[str, str]]) -> None:
        self.file = file
        self.problems = tuple(problems)
        super().__init__(
            "\n".join(f"{file}: {key}: {reason}" if key else f"{file}: {reason}" for key, reason in self.problems)
        )


class UnknownDealerName(LookupError):
    """No dealer file has this name; the message suggests the nearest."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"no dealer is called {name!r}{did_you_mean(name, known)}")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'acme'?`, or an empty text where nothing is near."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""
