"""The log: a line a request with its id, text or JSON, and nothing that is secret."""

from __future__ import annotations

import json
import logging
import time

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from api.app import create_app
from api.serving.log_lines import without_secrets
from inventory.log_lines import JsonLines
from inventory.settings import Settings


def test_a_line_has_what_is_needed_to_find_a_request(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="api.access")
    answer = client.get("/v1/listings?limit=5&x=1", headers={"X-Request-ID": "trace-7"})
    line = caplog.records[-1].getMessage()
    assert line.startswith("trace-7 GET /v1/listings?limit=5&x=1 422 ")
    assert f"{len(answer.content)} bytes cache=- client=testclient" in line


def test_json_lines_are_objects_with_the_same(sqlite_settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings = sqlite_settings.model_copy(update={"log_format": "json"})
    with TestClient(create_app(settings)) as client:
        caplog.set_level("INFO", logger="api.access")
        client.head("/v1/categories?token=hidden")
    record = next(record for record in reversed(caplog.records) if record.name == "api.access")
    line = json.loads(JsonLines().format(record))
    assert (line["method"], line["path"], line["status"]) == ("HEAD", "/v1/categories", 422)
    assert line["query"] == "token=…"
    assert line["bytes"] == 0
    assert line["at"].endswith("Z")
    assert {"request_id", "ms", "cache", "client", "level", "logger"} <= set(line)


def test_an_error_in_json_has_its_traceback_in_one_line() -> None:
    try:
        raise ValueError("x\ny")
    except ValueError as error:
        info = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("api", logging.ERROR, __file__, 1, "failed %s", ("here",), info)
    text = JsonLines().format(record)
    assert "\n" not in text
    assert json.loads(text)["message"] == "failed here"
    assert "ValueError" in json.loads(text)["exception"]


@pytest.mark.parametrize(
    "name", ["key", "api_key", "API-Key", "access_token", "client_secret", "password", "jwt", "X-Signature"]
)
def test_what_may_be_a_secret_is_left_out_of_the_query(name: str) -> None:
    assert without_secrets(f"make=a&{name}=hidden&b=1".encode()) == f"make=a&{name}=…&b=1"


@given(st.binary(max_size=900))
def test_a_query_in_the_log_is_one_printable_line(query: bytes) -> None:
    shown = without_secrets(query)
    assert len(shown) <= 500
    assert shown.replace("…", ".").isascii()
    assert shown.isprintable()


def test_a_long_query_is_written_as_quickly_as_a_short_one() -> None:
    started = time.process_time()
    for _ in range(100):
        without_secrets(b"cursor=" + b"a" * 60_000)
    assert time.process_time() - started < 1


def test_a_fault_of_the_program_has_its_line_too(sqlite_settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(sqlite_settings)

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError

    with TestClient(app, raise_server_exceptions=False) as client:
        caplog.set_level("INFO", logger="api.access")
        client.get("/broken")
    assert " GET /broken 500 " in caplog.text


def test_uvicorns_own_line_for_a_request_is_off(sqlite_settings: Settings) -> None:
    lines = logging.getLogger("uvicorn.access")
    lines.addHandler(logging.NullHandler())
    with TestClient(create_app(sqlite_settings)):
        assert not lines.hasHandlers()
