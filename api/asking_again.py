"""A route that asks once more where its connection to the database turned out to be lost.

A connection that rested is asked whether it still stands before it is used (`inventory.engine`); a busy one is not. All
routes only read, so that what failed because a server went away may be asked again, at whoever is read then.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import Response

from api.database import is_loss

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class AskingAgain(APIRoute):
    """FastAPI's route; a second loss is answered as one (`api.database.database_answer`)."""

    def get_route_handler(self) -> Handler:
        """See FastAPI."""
        handle: Handler = super().get_route_handler()

        async def asking_again(request: Request) -> Response:
            try:
                return await handle(request)
            except DBAPIError as error:
                if not is_loss(error):
                    raise
            return await handle(request)

        return asking_again
