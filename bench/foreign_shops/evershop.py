"""EverShop: a shop of Node, React and PostgreSQL. Installed from npm, stocked by the interface its admin pages use."""

from __future__ import annotations

import json
import secrets
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from bench.foreign_shops.goods import Good, by_product, url_key
from bench.foreign_shops.picture import write_picture
from bench.foreign_shops.processes import ShopError, run, serving
from tests.servers.postgres import running_postgres

VERSION: Final = "2.2.1"
STOCK: Final = "dog"
PAGE_SIZE: Final = 12
START_S: Final = 120.0
_GROUP: Final = 1
"""The attribute group that a new shop has."""


def install(work: Path) -> None:
    """Fetches the packages and builds the pages, once; takes about three minutes."""
    if (work / "built").exists():
        return
    for name in ("config", "public", "themes", "extensions", "media"):
        (work / name).mkdir(exist_ok=True)
    # Without a "type" of its own: with the one that `npm init` writes the build fails.
    (work / "package.json").write_text(json.dumps({"name": "foreign-shop", "private": True}))
    catalog = {"collectionPageSize": PAGE_SIZE, "showOutOfStockProduct": True}
    config = {"shop": {"currency": "USD", "language": "en"}, "catalog": catalog}
    (work / "config" / "default.json").write_text(json.dumps(config))
    log = work / "install.log"
    # concat-stream: the package imports it without naming it among what it needs.
    npm = shutil.which("npm")
    if npm is None:
        raise ShopError("npm is not installed")
    run([npm, "install", "--no-audit", "--no-fund", f"@evershop/evershop@{VERSION}", "concat-stream@2"], work, log)
    run([_program(work), "build"], work, log, {"NODE_ENV": "production"})
    (work / "built").touch()


@contextmanager
def running(work: Path, port: int, stock: list[Good]) -> Iterator[list[Good]]:
    """A shop on `http://127.0.0.1:port` with a database of its own; yields the goods with their addresses."""
    url = f"http://127.0.0.1:{port}"
    with running_postgres() as database:
        parts = urlsplit(database)
        environment = {
            "DB_HOST": parts.hostname or "",
            "DB_PORT": str(parts.port),
            "DB_NAME": parts.path.lstrip("/"),
            "DB_USER": parts.username or "",
            "DB_PASSWORD": "",
            "DB_SSLMODE": "disable",
            "PORT": str(port),
            "EVERSHOP_HOME_URL": url,
            "NODE_ENV": "production",
            "JWT_ADMIN_SECRET": secrets.token_hex(),
            "JWT_ADMIN_REFRESH_SECRET": secrets.token_hex(),
        }
        log = work / "shop.log"
        for old in (work / "public").glob("sitemap*.xml"):
            old.unlink()  # it would be served until the next night
        write_picture(work / "media" / "stock" / "picture.png")
        with serving([_program(work), "start"], work, log, environment, url, START_S):
            who = ("stock@shop.example", secrets.token_urlsafe())
            create = ["user:create", "--name", "Stock", "--email", who[0], "--password", who[1]]
            run([_program(work), *create], work, log, environment)
            yield list(_Admin(url, *who).stock(stock))


def _program(work: Path) -> Path:
    return work / "node_modules" / ".bin" / "evershop"


class _Admin:
    """The shop's administrator."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self._url = url
        self._token = ""
        self._token = self._post("/user/tokens", {"email": email, "password": password})["accessToken"]

    def stock(self, stock: list[Good]) -> Iterator[Good]:
        """Categories, a menu of them on every page, attributes and products."""
        sections = dict.fromkeys(good.category_name for good in stock)
        categories = {
            name: self._post(
                "/categories",
                {"name": name, "url_key": url_key(name), "status": 1, "include_in_nav": 1, "show_products": 1}
                | {"meta_title": name, "meta_description": name, "description": []},
            )
            for name in sections
        }
        self._menu(list(sections))
        package = self._post("/packages", {"name": "Box", "length": 40, "width": 30, "height": 20, "weight": 1})
        brand = ["Brand", *dict.fromkeys(fact for good in stock for fact in good.facts)]
        for name in brand:
            self._attribute(name, "text", [])
        options: dict[str, dict[str, str]] = {}
        for name in dict.fromkeys(good.option_name for good in stock if good.option_name):
            used = dict.fromkeys(good.option for good in stock if good.option_name == name)
            options[name] = self._attribute(f"{name} option", "select", list(used))
        for goods in by_product(stock):
            group = self._variants(goods[0].option_name) if len(goods) > 1 else None
            for good in goods:
                yield self._product(good, categories[good.category_name], package, group, options)

    def _menu(self, sections: list[str]) -> None:
        items = [
            {"id": name, "name": name, "type": "custom", "url": f"/{url_key(name)}", "children": []}
            for name in sections
        ]
        said = {"name": "Menu", "type": "basic_menu", "status": 1, "sort_order": 1, "area": ["headerMiddleCenter"]}
        self._post("/widgets", said | {"route": ["all"], "settings": {"menus": items, "isMain": True}})

    def _attribute(self, name: str, kind: str, options: list[str]) -> dict[str, str]:
        """The ids of its options."""
        said = {"attribute_name": name, "attribute_code": _code(name), "type": kind, "groups": [_GROUP]}
        flags = {"is_required": 0, "display_on_frontend": 1, "is_filterable": int(kind == "select"), "sort_order": 0}
        self._post("/attributes", said | flags | {"options": [{"option_text": option} for option in options]})
        if not options:
            return {}
        made = self._post("/variantGroups", {"attribute_codes": [_code(name)], "attribute_group_id": _GROUP})
        known = made["attributes"][0]["options"]
        return {option["option_text"]: str(option["attribute_option_id"]) for option in known}

    def _variants(self, option_name: str) -> str:
        codes = [_code(f"{option_name} option")]
        group = self._post("/variantGroups", {"attribute_codes": codes, "attribute_group_id": _GROUP})
        return str(group["uuid"])

    def _product(
        self,
        good: Good,
        category: dict[str, Any],
        package: dict[str, Any],
        group: str | None,
        options: dict[str, dict[str, str]],
    ) -> Good:
        facts = {"Brand": good.brand, **good.facts}
        attributes = [{"attribute_code": _code(name), "value": value} for name, value in facts.items()]
        if good.option_name:
            code = _code(f"{good.option_name} option")
            attributes.append({"attribute_code": code, "value": options[good.option_name][good.option]})
        made = self._post(
            "/products",
            {
                "name": good.name,
                "url_key": url_key(f"{good.name} {good.sku}"),
                "sku": good.sku,
                "price": str(good.price),
                "qty": 25 if good.in_stock else 0,
                "weight": "1",
                "manage_stock": 1,
                "stock_availability": int(good.in_stock),
                "status": 1,
                "visibility": 1,
                "group_id": _GROUP,
                "package_id": package["package_id"],
                "category_id": category["category_id"],
                "meta_title": good.name,
                "meta_description": good.description,
                "description": _blocks(good.description),
                "images": ["/assets/stock/picture.png"],
                "attributes": attributes,
            },
        )
        if group:
            self._post(f"/variantGroups/{group}/items", {"product_id": made["uuid"]})
        return replace(good, url=f"{self._url}/{url_key(good.category_name)}/{url_key(f'{good.name} {good.sku}')}")

    def _post(self, path: str, said: dict[str, Any]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {self._token}"} if self._token else {}
        )
        request = urllib.request.Request(f"{self._url}/api{path}", json.dumps(said).encode(), headers)
        while True:
            try:
                with urllib.request.urlopen(request, timeout=60) as response:
                    answer: dict[str, Any] = json.load(response)["data"]
                    return answer
            except urllib.error.HTTPError as error:
                if error.code != HTTPStatus.TOO_MANY_REQUESTS:
                    raise ShopError(f"POST {path} {said}: {error.read().decode(errors='replace')}") from error
                # 120 requests a minute, fixed in its code.
                time.sleep(int(error.headers.get("Retry-After", "60")))


def _code(name: str) -> str:
    return name.lower().replace(" ", "_")


def _blocks(text: str) -> list[dict[str, Any]]:
    """A description the way the shop's editor saves it."""
    block = {"id": "p1", "type": "paragraph", "data": {"text": text}}
    column = {"id": "c1", "size": 1, "data": {"time": 0, "blocks": [block], "version": "2.31.0"}}
    return [{"id": "r1", "size": 1, "className": "md:grid-cols-1", "columns": [column]}]
