"""The bench of the API, tiny: every figure is there or is told as not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.api import datasette, run
from bench.api.load import LoadGenerator
from bench.api.queries import RARE_WORDS, Query, Values, on_datasette
from bench.measured import Measured

pytestmark = pytest.mark.long

TWELVE = (
    "newest page", "category", "category + price range by price", "make + model", "make + years by −hours", "dealer",
    "near + within", "q= a rare word", "q= a common word", "cursor page 20,000", "one listing with its events",
    "one unit with its listings",
)  # fmt: skip


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plans") / "plans.md"


@pytest.fixture(scope="module")
def measured(plans: Path) -> list[Measured]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasette, "installed", lambda: None)  # installing it is not for a test
        return list(run.measure(rows=400, seconds=0.2, plans=plans))


def test_every_query_has_its_figures_or_is_said_to_be_missing(measured: list[Measured]) -> None:
    told = {entry.what: entry for entry in measured}
    for name in TWELVE:
        p99 = told.get(f"{name}: p99")
        assert p99 is not None, [entry.what for entry in measured if entry.what.startswith(name)]
        assert p99.value is not None
        assert p99.value > 0
        assert p99.wanted in ("≤ 50", "≤ 200")
    assert told["constant route: requests/s"].value
    assert told["Datasette"].value is None
    assert told["Datasette"].unit == "not there"


def test_export_and_batches_stand_beside_copy(measured: list[Measured]) -> None:
    told = {entry.what: entry.value for entry in measured}
    for what in ("CSV export: of COPY, by time", "upserts, new: of COPY into all tables", "upserts, unchanged"):
        value = told[what]
        assert value is not None
        assert value > 0


@pytest.mark.usefixtures("measured")
def test_every_query_has_its_plan(plans: Path) -> None:
    parts = plans.read_text().split("### ")[1:]
    assert [part.partition("\n")[0] for part in parts] == list(TWELVE)
    assert all("Execution Time" in part and "Buffers: " in part for part in parts)


def test_a_server_that_nobody_runs_gives_no_figures() -> None:
    with LoadGenerator() as load, pytest.raises(RuntimeError, match="refused"):
        load.run(1, ["/"], clients=2, seconds=0.1, warm_s=0.1)


def test_datasette_is_asked_for_all_but_distances() -> None:
    values = Values([("excavators", 1, 2)], [("Caterpillar", "320")], ["Caterpillar"], ["d"], [(1, 2)], [1], [2])
    queries = [Query(name, "pages", ("/x",)) for name in TWELVE]
    asked = on_datasette(queries, values, "2026-01-01~2000~3A00,7")
    assert set(TWELVE) - asked.keys() == {"near + within"}
    assert all(RARE_WORDS[0] in path for path in asked["q= a rare word"])
