"""A few requests at a time: in the order in which they came, and who takes long is in nobody's way."""

from __future__ import annotations

import asyncio
from typing import Any

from api.serving.in_turn import InTurn

LONG_S = 30.0


def _scope(path: str) -> dict[str, Any]:
    return {"type": "http", "path": path}


async def _nothing(*_: Any) -> Any:
    return None


def _served(paths: list[str], takes: dict[str, asyncio.Event], moment_s: float) -> tuple[list[str], list[str]]:
    """Requests of these paths at once through one place: who began until nothing moved, and who ended."""
    begun: list[str] = []
    ended: list[str] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        begun.append(scope["path"])
        if scope["path"] in takes:
            await takes[scope["path"]].wait()
        ended.append(scope["path"])

    async def run() -> None:
        middleware = InTurn(app, places=1, moment_s=moment_s)
        tasks = [asyncio.create_task(middleware(_scope(path), _nothing, _nothing)) for path in paths]  # type: ignore[arg-type]
        waits_for = [task for task, path in zip(tasks, paths, strict=True) if path not in takes]
        await asyncio.wait(waits_for, timeout=min(moment_s / 3, 1.0))
        for event in takes.values():
            event.set()
        await asyncio.gather(*tasks)

    asyncio.run(run())
    return begun, ended


def test_they_are_served_in_the_order_in_which_they_came() -> None:
    begun, ended = _served([f"/v1/{n}" for n in range(20)], {}, LONG_S)
    assert begun == ended == [f"/v1/{n}" for n in range(20)]


def test_who_takes_a_moment_is_waited_for() -> None:
    begun, ended = _served(["/v1/slow", "/v1/next"], {"/v1/slow": asyncio.Event()}, LONG_S)
    assert (begun, ended) == (["/v1/slow", "/v1/next"], ["/v1/slow", "/v1/next"])


def test_who_takes_longer_gives_his_place_to_the_next() -> None:
    slow = asyncio.Event()
    begun: list[str] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        begun.append(scope["path"])
        if scope["path"] == "/v1/slow":
            await slow.wait()
        else:
            slow.set()  # only what comes behind it ends it

    async def run() -> None:
        middleware = InTurn(app, places=1, moment_s=0.01)
        await asyncio.gather(*(middleware(_scope(path), _nothing, _nothing) for path in ("/v1/slow", "/v1/next")))  # type: ignore[arg-type]
        # The place came back once, not twice.
        await middleware._places.acquire()
        assert middleware._places.locked()

    asyncio.run(run())
    assert begun == ["/v1/slow", "/v1/next"]


def test_probes_wait_for_nobody() -> None:
    slow = asyncio.Event()

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        if scope["path"] == "/v1/slow":
            await slow.wait()
        else:
            slow.set()

    async def run() -> None:
        middleware = InTurn(app, places=1, moment_s=LONG_S)
        async with asyncio.timeout(LONG_S / 3):
            await asyncio.gather(*(middleware(_scope(path), _nothing, _nothing) for path in ("/v1/slow", "/health")))  # type: ignore[arg-type]

    asyncio.run(run())


def test_a_fault_gives_the_place_back() -> None:
    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        raise RuntimeError

    async def run() -> None:
        middleware = InTurn(app, places=1, moment_s=LONG_S)
        for _ in range(3):
            found = await asyncio.gather(middleware(_scope("/v1/x"), _nothing, _nothing), return_exceptions=True)  # type: ignore[arg-type]
            assert isinstance(found[0], RuntimeError)

    asyncio.run(run())
