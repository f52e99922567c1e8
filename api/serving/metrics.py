"""Prometheus metrics of the API: `/metrics`. Counted in plain dictionaries, shaped only when somebody asks."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy.pool import Pool, QueuePool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

router = APIRouter()

BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
OTHER: Final = "other"
"""The route of an address that there is not."""
MOST_PATHS: Final = 10_000
"""Addresses whose route is remembered; then it is looked up anew."""


def templates_of(routers: Iterable[APIRouter]) -> list[str]:
    """The paths of all their routes, and of the documentation."""
    paths = [route.path for router in routers for route in router.routes if isinstance(route, Route)]
    return [*paths, "/docs", "/openapi.json"]


class Routes:
    """Address → the template of its route, as `/v1/listings/{id}`: there are few of them, whatever is asked for."""

    def __init__(self, templates: Iterable[str]) -> None:
        self._plain: set[str] = set()
        self._with_parts: list[tuple[str, tuple[str, ...]]] = []
        for template in sorted(set(templates)):
            if "{" in template:
                self._with_parts.append((template, tuple(template.split("/"))))
            else:
                self._plain.add(template)
        self._known: dict[str, str] = {}

    def of(self, path: str) -> str:
        """The template; `other` where there is none."""
        found = self._known.get(path)
        if found is None:
            if len(self._known) >= MOST_PATHS:
                self._known.clear()
            found = self._known[path] = self._look_up(path)
        return found

    def _look_up(self, path: str) -> str:
        if path in self._plain:
            return path
        parts = path.split("/")
        for template, wanted in self._with_parts:
            if len(wanted) == len(parts) and all(map(_fits, wanted, parts)):
                return template
        return OTHER


def _fits(wanted: str, part: str) -> bool:
    """`{id}` fits any part, `{name}.parquet` one that ends so."""
    if "{" not in wanted:
        return wanted == part
    before, _, rest = wanted.partition("{")
    return bool(part) and part.startswith(before) and part.endswith(rest.partition("}")[2])


class ApiMetrics(Collector):
    """What the requests of this process were. Only its event loop counts; another thread may read meanwhile."""

    def __init__(self, templates: Iterable[str], pool: Callable[[], Pool | None]) -> None:
        self._routes = Routes(templates)
        self._pool = pool
        self._statuses: dict[tuple[str, int], int] = {}
        self._times: dict[str, list[float]] = {}
        self._hits = 0
        self.in_flight = 0
        self.registry = CollectorRegistry()
        self.registry.register(self)
        ProcessCollector(registry=self.registry)

    def add(self, path: str, status: int, seconds: float, *, kept: bool) -> None:
        """A request has ended. `kept`: its answer was made before."""
        route = self._routes.of(path)
        key = route, status
        self._statuses[key] = self._statuses.get(key, 0) + 1
        times = self._times.get(route)
        if times is None:
            times = self._times[route] = [0.0] * (len(BOUNDS_S) + 2)
        times[bisect_left(BOUNDS_S, seconds)] += 1
        times[-1] += seconds
        self._hits += kept

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily]:
        """Prometheus's call."""
        requests = CounterMetricFamily(
            "yardstick_api_requests", "Requests that were answered.", labels=["route", "status"]
        )
        for (route, status), n in sorted(self._statuses.copy().items()):
            requests.add_metric([route, str(status)], n)
        yield requests
        seconds = HistogramMetricFamily(
            "yardstick_api_request_seconds", "From a request's arrival to the end of its answer.", labels=["route"]
        )
        for route, times in sorted(self._times.copy().items()):
            seconds.add_metric([route], *_histogram(times.copy()))
        yield seconds
        yield CounterMetricFamily("yardstick_api_cache_hits", "Answers that had been kept.", value=self._hits)
        yield GaugeMetricFamily("yardstick_api_requests_in_flight", "Requests under way.", value=self.in_flight)
        connections = GaugeMetricFamily(
            "yardstick_api_pool_connections", "Connections to the database.", labels=["state"]
        )
        pool = self._pool()
        if isinstance(pool, QueuePool):  # others keep none, or one
            connections.add_metric(["in_use"], pool.checkedout())
            connections.add_metric(["idle"], pool.checkedin())
        yield connections


def _histogram(times: list[float]) -> tuple[list[tuple[str, float]], float]:
    """Counts by bucket, and last the sum of seconds → as Prometheus has it: a bucket holds the lower ones too."""
    *counts, total = times
    buckets, so_far = [], 0.0
    for bound, n in zip((*BOUNDS_S, "+Inf"), counts, strict=True):
        so_far += n
        buckets.append((str(bound), so_far))
    return buckets, total


class Metered:
    """Stands outside of everything else, so that what is refused counts too."""

    def __init__(self, app: ASGIApp, metrics: ApiMetrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500  # a fault of the program is answered outside of here

        async def send_seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        metrics = self._metrics
        metrics.in_flight += 1
        started = time.perf_counter()
        try:
            await self.app(scope, receive, send_seen)
        finally:
            metrics.in_flight -= 1
            kept = "cache" in scope.get("state", ())
            metrics.add(scope["path"], status, time.perf_counter() - started, kept=kept)


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request) -> Response:
    """For Prometheus, with the process's own figures. Whoever may read the API may read this."""
    ours: ApiMetrics = request.app.state.metrics
    return Response(
        generate_latest(ours.registry), media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"}
    )
