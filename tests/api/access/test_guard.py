"""Who is let in: open without keys, else by key or token and scope; nothing secret is shown anywhere."""

from __future__ import annotations

import time
from collections.abc import Callable

import jwt
import pytest
from fastapi.testclient import TestClient

from api.access.keys import new_key
from api.schemas.answers import ProblemDocument
from inventory.settings import Settings

ClientFor = Callable[..., TestClient]
SECRET = "s" * 40
READER, READER_LINE = new_key("reader", ["read"])
WHOLE, WHOLE_LINE = new_key("whole", ["read", "export"])


@pytest.fixture
def guarded(any_settings: Settings, client_for: ClientFor) -> TestClient:
    """The API with two keys and a secret for tokens."""
    more = {"api_keys": f"{READER_LINE} {WHOLE_LINE}", "jwt_secret": SECRET, "jwt_audience": "yardstick"}
    return client_for(Settings(database_url=any_settings.database_url, **more))  # type: ignore[arg-type]


def _token(scope: str) -> str:
    claims = {"sub": "ann", "aud": "yardstick", "exp": int(time.time()) + 60, "scope": scope}
    return jwt.encode(claims, SECRET, "HS256")


def test_a_key_or_a_token_lets_in(guarded: TestClient) -> None:
    for headers in (
        {"X-API-Key": READER},
        {"Authorization": f"Bearer {READER}"},
        {"Authorization": f"bearer {_token('read')}"},
    ):
        answer = guarded.get("/v1/categories", headers=headers)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, no-cache"
        assert answer.headers["vary"] == "Accept, Accept-Encoding, Authorization, X-API-Key"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": READER[:-1]},
        {"X-API-Key": "ys_"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {READER}"},
        {"Authorization": "Bearer a.b.c"},
        {"Authorization": "Bearer \xff\xfe"},
    ],
)
@pytest.mark.parametrize("path", ["/v1/listings", "/v1/listings.csv", "/", "/v1/nothing"])
def test_who_is_not_known_is_told_how_to_say_it(guarded: TestClient, path: str, headers: dict[str, str]) -> None:
    sent = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = guarded.get(path, headers=sent)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith('Bearer realm="yardstick"')
    assert ProblemDocument.model_validate(answer.json()).request_id == answer.headers["x-request-id"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/v1/listings.csv", None),
        ("/v1/units.csv", None),
        ("/v1/listings?format=ndjson", None),
        ("/v1/listings?shape=array", None),
        ("/v1/listings", "text/csv"),
        ("/v1/%6cistings.csv", None),
    ],
)
def test_whole_sets_need_their_own_scope(guarded: TestClient, path: str, accept: str | None) -> None:
    more = {} if accept is None else {"Accept": accept}
    for headers in ({"X-API-Key": READER}, {"Authorization": f"Bearer {_token('read')}"}):
        answer = guarded.get(path, headers=headers | more)
        assert answer.status_code == 403
        assert 'error="insufficient_scope", scope="export"' in answer.headers["www-authenticate"]
    assert guarded.get(path, headers={"X-API-Key": WHOLE} | more).status_code == 200
    assert guarded.get(path, headers={"Authorization": f"Bearer {_token('read export')}"} | more).status_code == 200


def test_a_token_without_the_scope_read_reads_nothing(guarded: TestClient) -> None:
    answer = guarded.get("/v1/categories", headers={"Authorization": f"Bearer {_token('')}"})
    assert (answer.status_code, 'scope="read"' in answer.headers["www-authenticate"]) == (403, True)


def test_probes_and_documentation_stay_open(guarded: TestClient) -> None:
    for path in ("/health", "/ready", "/docs", "/openapi.json", "/favicon.svg", "/docs/assets/swagger-ui.css"):
        assert guarded.get(path).status_code == 200, path
    document = guarded.get("/openapi.json").json()
    assert set(document["components"]["securitySchemes"]) == {"key", "bearer"}
    operation = document["paths"]["/v1/listings"]["get"]
    assert operation["security"] == [{"key": []}, {"bearer": []}]
    assert {"304", "401", "403"} <= set(operation["responses"])
    assert "security" not in document["paths"]["/health"]["get"]


def test_without_keys_the_api_is_open_and_its_document_asks_for_none(client: TestClient) -> None:
    assert client.get("/v1/categories").status_code == 200
    document = client.get("/openapi.json").json()
    assert "securitySchemes" not in document["components"]
    assert "401" not in document["paths"]["/v1/listings"]["get"]["responses"]


def test_an_open_api_that_others_reach_says_so_once(
    sqlite_settings: Settings, client_for: ClientFor, caplog: pytest.LogCaptureFixture
) -> None:
    local = client_for(sqlite_settings, base_url="http://127.0.0.1:8000")
    local.get("/health")
    assert "the API is open" not in caplog.text
    wide = client_for(sqlite_settings, base_url="http://192.0.2.1:8000")
    wide.get("/health")
    wide.get("/health")
    assert caplog.text.count("the API is open") == 1


def test_no_secret_is_in_the_log_or_in_an_answer(guarded: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    token = _token("read")
    answers = [
        guarded.get("/v1/listings", headers={"X-API-Key": READER}),
        guarded.get("/v1/listings", headers={"Authorization": f"Bearer {token}"}),
        guarded.get("/v1/listings", headers={"Authorization": f"Bearer {token}x"}),
        guarded.get("/v1/listings", headers={"X-API-Key": WHOLE + "x"}),
    ]
    guarded.get(f"/v1/listings?api_key={READER}", headers={"X-API-Key": READER})
    guarded.get(f"/v1/listings?access_token={token}")
    shown = "".join(record.getMessage() for record in caplog.records if record.name.startswith(("api", "uvicorn")))
    shown += "".join(answer.text for answer in answers)
    for secret in (READER, WHOLE, token, SECRET):
        assert secret not in shown
    assert "client=reader" in shown
    assert "client=ann" in shown
