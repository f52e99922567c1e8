"""Probes, failures of the database and recovery from them, errors as problems, shutdown."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.app import create_app
from api.lines import MOST
from api.schemas.answers import ProblemDocument, Ready
from inventory.engine import BEYOND_POOL, writer_engine
from inventory.schema import MIGRATE_COMMAND, migrate
from inventory.settings import Settings
from tests.api.stock import Stock, stock_of

ClientFor = Callable[..., TestClient]
ROOT = Path(__file__).parents[2]


def test_ready_says_which_database_how_fast_and_which_revision(client: TestClient) -> None:
    answer = client.get("/ready")
    assert answer.status_code == 200
    assert Ready.model_validate(answer.json()).latency_ms > 0


def _settings(file: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{file}")


def _migrate(settings: Settings) -> None:
    engine = writer_engine(settings)
    migrate(engine)
    engine.dispose()


def test_without_a_database_every_answer_says_what_to_run_until_there_is_one(
    tmp_path: Path, client_for: ClientFor
) -> None:
    settings = _settings(tmp_path / "later.sqlite")
    client = client_for(settings)
    assert client.get("/health").status_code == 200
    for path in ("/ready", "/v1/listings", "/v1/categories", "/v1/listings.csv", "/v1/listings/1", "/v1/dealers"):
        answer = client.get(path)
        assert answer.status_code == 503, path
        assert MIGRATE_COMMAND in ProblemDocument.model_validate(answer.json()).detail
        assert int(answer.headers["Retry-After"]) > 0
    home = client.get("/")
    assert home.status_code == 503
    assert MIGRATE_COMMAND in home.text
    assert not (tmp_path / "later.sqlite").exists()
    _migrate(settings)
    assert client.get("/ready").status_code == 200
    assert client.get("/v1/listings").json()["count"] == 0


def test_a_deleted_database_is_noticed_and_a_new_one_is_read(tmp_path: Path, client_for: ClientFor) -> None:
    settings = _settings(tmp_path / "stock.sqlite")
    _migrate(settings)
    client = client_for(settings)
    assert client.get("/v1/listings").json()["count"] == 0
    for file in tmp_path.glob("stock.sqlite*"):
        file.unlink()
    assert client.get("/ready").status_code == 503
    assert client.get("/v1/listings").status_code == 503
    _migrate(settings)
    with stock_of(settings) as stock:
        stock.listing(stock.dealer())
    assert client.get("/v1/listings").json()["count"] == 1


@pytest.mark.parametrize(("revision", "advice"), [("0000", "update the program"), (None, MIGRATE_COMMAND)])
def test_a_schema_that_does_not_fit_is_said(
    any_settings: Settings, client: TestClient, revision: str | None, advice: str
) -> None:
    engine = writer_engine(any_settings)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        if revision is None:
            connection.execute(text("DROP TABLE events"))
        else:
            connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})
    engine.dispose()
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["type"].endswith(":schema")
    assert advice in answer.json()["detail"]


def test_postgres_that_went_away_is_said_and_found_again(
    postgres_settings: Settings, client_for: ClientFor, postgres_url: str
) -> None:
    client = client_for(postgres_settings)
    assert client.get("/v1/listings").status_code == 200
    name = postgres_settings.write_url.rsplit("/", 1)[1]
    with _hidden(postgres_url, name):
        for path in ("/ready", "/v1/listings", "/v1/listings.csv"):
            answer = client.get(path)
            assert answer.status_code == 503, path
            assert answer.json()["type"].endswith(":database-unavailable")
            assert "127.0.0.1" not in answer.text
    assert client.get("/ready").status_code == 200
    assert client.get("/v1/listings").status_code == 200


@contextmanager
def _hidden(admin_url: str, name: str) -> Iterator[None]:
    """The database cannot be reached for a while: all its connections are cut, and new ones find no such name."""
    admin = writer_engine(Settings(database_url=admin_url)).execution_options(isolation_level="AUTOCOMMIT")
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
    with admin.connect() as connection:
        connection.execute(text(cut), {"name": name})
        connection.execute(text(f"ALTER DATABASE {name} RENAME TO {name}_hidden"))
        try:
            yield
        finally:
            connection.execute(text(f"ALTER DATABASE {name}_hidden RENAME TO {name}"))
    admin.dispose()


def test_a_query_that_takes_too_long_is_a_problem_that_says_so(
    postgres_settings: Settings, client_for: ClientFor
) -> None:
    client = client_for(postgres_settings.model_copy(update={"statement_timeout_ms": 150}))
    locker = writer_engine(postgres_settings)
    with locker.begin() as connection:
        connection.execute(text("LOCK TABLE listings IN ACCESS EXCLUSIVE MODE"))
        answer = client.get("/v1/listings")
    locker.dispose()
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:yardstick:problem:query-timeout")
    assert client.get("/v1/listings").status_code == 200


def test_all_connections_in_use_is_said_as_such(any_settings: Settings, client_for: ClientFor) -> None:
    few = any_settings.model_copy(update={"database_pool_size": 1, "database_pool_timeout_s": 0.1})
    client = client_for(few)
    engine = client.app.state.database.engine  # type: ignore[attr-defined]
    held = [engine.connect() for _ in range(11)]
    answer = client.get("/v1/listings")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:yardstick:problem:busy")
    for connection in held:
        connection.close()
    assert client.get("/v1/listings").status_code == 200


def test_the_api_cannot_write(any_settings: Settings) -> None:
    with (
        TestClient(create_app(any_settings)) as client,
        client.app.state.database.engine.connect() as connection,  # type: ignore[attr-defined]
        pytest.raises(Exception, match=r"read.?only"),
    ):
        connection.execute(text("DELETE FROM listings"))


def test_errors_are_problem_documents_with_the_request_id(client: TestClient) -> None:
    answers = [client.get("/nothing"), client.post("/v1/listings"), client.get("/v1/listings?x=1")]
    for answer, status in zip(answers, (404, 405, 422), strict=True):
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        document = ProblemDocument.model_validate(answer.json())
        assert document.status == status
        assert document.request_id == answer.headers["X-Request-ID"]
        assert document.instance == answer.request.url.path


def test_a_fault_of_the_program_is_a_problem_without_its_inside(sqlite_settings: Settings) -> None:
    app = create_app(sqlite_settings)

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("secret detail")

    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/broken", headers={"X-Request-ID": "abc-1"})
    assert answer.status_code == 500
    assert ProblemDocument.model_validate(answer.json()).request_id == "abc-1"
    assert answer.headers["X-Request-ID"] == "abc-1"
    assert "secret" not in answer.text


def test_a_plain_request_id_is_taken_over_and_a_strange_one_is_not(client: TestClient) -> None:
    assert client.get("/health", headers={"X-Request-ID": "trace-42"}).headers["X-Request-ID"] == "trace-42"
    strange = client.get("/health", headers={"X-Request-ID": "a b<script>"}).headers["X-Request-ID"]
    assert len(strange) == 32


def _start(environment: dict[str, str]) -> tuple[subprocess.Popen[str], str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "api.app:app", "--port", str(port), "--timeout-graceful-shutdown", "5"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, **pipes)
    return process, f"http://127.0.0.1:{port}"


def test_the_server_starts_answers_and_ends_cleanly_on_sigterm(sqlite_settings: Settings) -> None:
    process, base = _start({"DATABASE_URL": sqlite_settings.write_url})
    try:
        for _ in range(600):
            try:
                body = json.load(urllib.request.urlopen(f"{base}/v1/listings"))
                break
            except OSError:
                time.sleep(0.1)
        assert body["count"] == 0
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=20)
    finally:
        process.kill()
        process.communicate()
    assert "Application shutdown complete" in output
    assert "Traceback" not in output


def test_a_setting_that_cannot_be_used_ends_the_start_with_its_name() -> None:
    for environment, said in (
        ({"DATABASE_URL": "mysql://u:hidden@h/x"}, "DATABASE_URL: mysql is not supported"),
        ({"API_MAX_PAGE_SIZE": "0"}, "API_MAX_PAGE_SIZE"),
    ):
        process, _ = _start(environment)
        output, _ = process.communicate(timeout=60)
        assert process.returncode != 0
        assert said in output
        assert "Traceback" not in output
        assert "hidden" not in output


def test_the_api_imports_neither_crawler_nor_pipelines() -> None:
    loaded = "{name.partition('.')[0] for name in sys.modules}"
    code = f"import sys, api.app; print(sorted({loaded} & {{'crawler', 'pipelines', 'scrapy'}}))"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_stock_that_is_written_while_the_api_runs_is_seen(client: TestClient, stock: Stock) -> None:
    assert client.get("/v1/listings").json()["count"] == 0
    stock.listing(stock.dealer())
    assert client.get("/v1/listings").json()["count"] == 1


def test_the_settings_name_as_many_connections_as_a_process_of_the_api_may_have() -> None:
    field = Settings.model_fields["database_pool_size"]
    assert f"up to {BEYOND_POOL} more" in str(field.description)
    assert f"{MOST} of its event loop's and 1 that" in str(field.description)
    assert f"{field.default + BEYOND_POOL + MOST + 1} with the default" in str(field.description)
