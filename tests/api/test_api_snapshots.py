"""Snapshots over HTTP: the list, the file, its parts, its validators."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from api.access.keys import new_key
from api.ranges import wanted_range
from inventory.settings import Settings
from inventory.snapshots.place import about
from tests.api.stock import T0

BYTES = bytes(range(256)) * 4000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the snapshot of dogs (which only its own metadata make one)."""
    footer = about("dog", 7, T0, None, None).encode()
    found = tmp_path / "snapshots"
    found.mkdir()
    (found / "dog.parquet").write_bytes(BYTES + footer + len(footer).to_bytes(4, "little") + b"PAR1")
    return found


@pytest.fixture
def served(sqlite_settings: Settings, folder: Path, client_for: Callable[..., TestClient]) -> TestClient:
    return client_for(sqlite_settings.model_copy(update={"snapshot_dir": folder}))


FILE = "/v1/snapshots/dog.parquet"


def test_the_list_says_what_there_is(served: TestClient, folder: Path) -> None:
    size = (folder / "dog.parquet").stat().st_size
    (row,) = served.get("/v1/snapshots").json()["data"]
    assert row == {
        "vertical": "dog",
        "rows": 7,
        "bytes": size,
        "written_at": "2026-01-01T12:00:00Z",
        "data_as_of": None,
        "licence": None,
        "url": f"http://testserver{FILE}",
    }


def test_the_file_comes_whole_uncompressed_and_with_validators(served: TestClient, folder: Path) -> None:
    content = (folder / "dog.parquet").read_bytes()
    answer = served.get(FILE, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.content == content
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    assert answer.headers["accept-ranges"] == "bytes"
    head = served.head(FILE)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-length", "etag", "last-modified"):
        assert head.headers[name] == answer.headers[name]
    assert int(head.headers["content-length"]) == len(content)
    for header, value in (
        ("If-None-Match", head.headers["etag"]),
        ("If-Modified-Since", head.headers["last-modified"]),
    ):
        assert served.get(FILE, headers={header: value}).status_code == 304
    assert served.get(FILE, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=5-600000", 5, 600_000), ("bytes=1000000-", 1_000_000, None), ("bytes=-8", -8, None)],
)
def test_a_range_is_just_these_bytes(
    served: TestClient, folder: Path, asked: str, first: int, last: int | None
) -> None:
    content = (folder / "dog.parquet").read_bytes()
    start = first if first >= 0 else len(content) + first
    end = len(content) - 1 if last is None else last
    answer = served.get(FILE, headers={"Range": asked, "Accept-Encoding": "gzip"})
    assert answer.status_code == 206
    assert answer.content == content[start : end + 1]
    assert answer.headers["content-range"] == f"bytes {start}-{end}/{len(content)}"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "content-encoding" not in answer.headers


def test_ranges_outside_in_odd_words_or_of_another_file(served: TestClient, folder: Path) -> None:
    size = (folder / "dog.parquet").stat().st_size
    outside = served.get(FILE, headers={"Range": f"bytes={size}-"})
    assert (outside.status_code, outside.headers["content-range"]) == (416, f"bytes */{size}")
    for odd in ("bytes=0-1,5-6", "lines=0-1", "bytes=-", "bytes=9-5", "bytes=a-b"):
        assert served.get(FILE, headers={"Range": odd}).status_code == 200, odd
    tag = served.head(FILE).headers["etag"]
    part = {"Range": "bytes=0-3", "If-Range": tag}
    assert served.get(FILE, headers=part).status_code == 206
    os.utime(folder / "dog.parquet", (1, 1))
    assert served.get(FILE, headers=part).status_code == 200


def test_what_is_not_there_is_not_found(served: TestClient, client: TestClient) -> None:
    assert served.get("/v1/snapshots/equipment.parquet").status_code == 404
    assert served.get("/v1/snapshots/cats.parquet").status_code == 422
    assert served.get(f"{FILE}?x=1").status_code == 422
    assert client.get(FILE).status_code == 404
    assert client.get("/v1/snapshots").json() == {"data": []}


def test_a_file_that_is_replaced_meanwhile_is_read_to_its_end(served: TestClient, folder: Path) -> None:
    before = (folder / "dog.parquet").read_bytes()
    (folder / "new").write_bytes(b"PAR1")
    with served.stream("GET", FILE) as answer:
        os.replace(folder / "new", folder / "dog.parquet")
        assert answer.read() == before


@given(st.integers(0, 50), st.integers(0, 60), st.integers(0, 60))
def test_a_range_lies_within_the_file(size: int, first: int, last: int) -> None:
    for text in (f"bytes={first}-{last}", f"bytes={first}-", f"bytes=-{last}"):
        found = wanted_range({"range": text}, size, '"t"', 0)
        if found:
            assert 0 <= found[0] <= found[1] < size


def test_a_file_says_who_may_keep_it(
    sqlite_settings: Settings, folder: Path, client_for: Callable[..., TestClient]
) -> None:
    open_to_all = client_for(sqlite_settings.model_copy(update={"snapshot_dir": folder}))
    key, line = new_key("whole", ["read", "export"])
    guarded = client_for(sqlite_settings.model_copy(update={"snapshot_dir": folder, "api_keys": SecretStr(line)}))
    for client, kept, varies in (
        (open_to_all, "public, no-cache", "Accept, Accept-Encoding"),
        (guarded, "private, no-cache", "Accept, Accept-Encoding, Authorization, X-API-Key"),
    ):
        for path, headers in ((FILE, {}), (FILE, {"Range": "bytes=0-3"}), ("/v1/snapshots", {})):
            answer = client.get(path, headers={"X-API-Key": key, **headers})
            assert (answer.headers["cache-control"], answer.headers["vary"]) == (kept, varies)
