"""What was counted exactly holds as long as nobody writes; the rows of each page say whether anybody did.

Every row of a page on PostgreSQL carries the version of the data of its own snapshot. Where that is the one at which
the counts beside it were made, they are those of the moment; where it is not, all is read anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from sqlalchemy import Connection, text
from starlette.requests import Request

from api.serving.version import SNAPSHOT

_SNAPSHOT: Final = text(SNAPSHOT)


class Standing:
    """Which version of the data was seen last, over all requests of a process, and whether it was seen twice running:
    while somebody writes all the time, counts are not worth a try."""

    def __init__(self) -> None:
        self._seen: str | None = None
        self._stood = False

    @property
    def version(self) -> str | None:
        """The version, where the data seem to stand still."""
        return self._seen if self._stood else None

    def saw(self, version: str) -> None:
        """Somebody read at this version."""
        self._seen, self._stood = version, version == self._seen

    def ask(self, connection: Connection) -> str:
        """The version of the state that a connection to PostgreSQL reads."""
        version: str = connection.execute(_SNAPSHOT).scalar_one()
        self.saw(version)
        return version

    def hold(self, rows: Sequence[Sequence[Any]], version: str | None) -> bool:
        """Whether rows, each with its version behind all else, are of this version; None: whatever they are of."""
        for row in rows[-1:]:
            self.saw(row[-1])
        return version is None or {row[-1] for row in rows} == {version}


def standing_of(request: Request) -> Standing:
    """What the app that serves the request knows."""
    return cast(Standing, request.app.state.standing)
