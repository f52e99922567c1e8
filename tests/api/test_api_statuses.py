"""304, 401, 403, 406 and 429: each route gives those that its document names, and no others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.access.keys import new_key
from inventory.settings import Settings
from inventory.snapshots.place import about
from tests.api.stock import T0, Stock

ClientFor = Callable[..., TestClient]
ALL, ALL_LINE = new_key("all", ["read", "export"])
EXPORTS, EXPORTS_LINE = new_key("exports", ["export"])
READS, READS_LINE = new_key("reads", ["read"])
QUERIES = {
    "/v1/facets": "field=make",
    "/v1/stats": "status=active&value=price",
    "/v1/comparables": "make=Komatsu&model=PC210",
}
PROTECTED = {"X-API-Key": ALL}


@pytest.fixture
def settings(any_settings: Settings, stock: Stock, tmp_path: Path) -> Settings:
    """A stock in which every address finds something, and a snapshot."""
    dealer = stock.dealer()
    crawl = stock.crawl(dealer)
    machine = {"make": "Komatsu", "model": "PC210", "base_model": "PC210", "price": 10, "currency": "USD"}
    for listing in stock.many(dealer, [machine | {"category": "excavators", "price_status": "priced"}] * 12):
        stock.event(listing, "listed", crawl_id=crawl)
        stock.unit(listing)
    footer = about("dog", 7, T0, None, None).encode()
    (tmp_path / "dog.parquet").write_bytes(footer + len(footer).to_bytes(4, "little") + b"PAR1")
    return any_settings.model_copy(update={"snapshot_dir": tmp_path})


@pytest.fixture
def guarded(settings: Settings, client_for: ClientFor) -> TestClient:
    """An API that wants a key and has a limit far away."""
    keys = SecretStr(f"{ALL_LINE} {EXPORTS_LINE} {READS_LINE}")
    return client_for(settings.model_copy(update={"api_keys": keys, "api_rate_limit": "100000/60"}))


def _routes(client: TestClient) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each address of the document as one can ask for it, with the answers that it names."""
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        address = path.replace("{vertical}", "dog")
        for name in ("listing_id", "unit_id", "crawl_id"):
            address = address.replace(f"{{{name}}}", "1")
        yield f"{address}?{QUERIES.get(path, '')}", methods["get"]["responses"]


def _agree(client: TestClient, status: int, ask: Callable[[str], int], otherwise: int = 200) -> None:
    """Each route answers with the status where the document names it, and as usual where it does not."""
    given = {address: ask(address) for address, _ in _routes(client)}
    promised = {address: status if str(status) in named else otherwise for address, named in _routes(client)}
    assert given == promised


def test_all_is_well_without_any_of_them(guarded: TestClient) -> None:
    for address, _ in _routes(guarded):
        assert guarded.get(address, headers=PROTECTED).status_code == 200, address


def test_401_without_a_key(guarded: TestClient) -> None:
    _agree(guarded, 401, lambda address: guarded.get(address).status_code)


def test_403_without_the_scope(guarded: TestClient) -> None:
    _agree(guarded, 403, lambda address: guarded.get(address, headers={"X-API-Key": EXPORTS}).status_code)
    assert guarded.get("/v1/changes.csv", headers={"X-API-Key": READS}).status_code == 403
    assert guarded.get("/v1/changes?format=csv", headers={"X-API-Key": READS}).status_code == 403


def test_406_for_a_format_that_there_is_not(guarded: TestClient) -> None:
    headers = PROTECTED | {"Accept": "image/png"}
    _agree(guarded, 406, lambda address: guarded.get(address, headers=headers).status_code)


def test_304_for_what_the_client_holds(guarded: TestClient) -> None:
    def again(address: str) -> int:
        for _ in range(5):  # what is streamed has the version of the data, which another's write may move meanwhile
            tag = guarded.get(address, headers=PROTECTED).headers.get("ETag", '"none"')
            status = guarded.get(address, headers=PROTECTED | {"If-None-Match": tag}).status_code
            if status == 304:
                break
        return status

    _agree(guarded, 304, again)


def test_429_above_the_limit(settings: Settings, client_for: ClientFor) -> None:
    limited = client_for(settings.model_copy(update={"api_rate_limit": "1/99999"}))
    assert limited.get("/v1/meta").status_code == 200
    _agree(limited, 429, lambda address: limited.get(address).status_code)


def test_what_is_not_set_up_is_not_promised(settings: Settings, client_for: ClientFor) -> None:
    open_to_all = client_for(settings)
    for address, named in _routes(open_to_all):
        assert {"401", "403", "429"}.isdisjoint(named), address
