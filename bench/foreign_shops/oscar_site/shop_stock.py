"""`python shop_stock.py GOODS BASE_URL`: stocks Oscar and writes each good's address into the file of goods."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import django  # type: ignore[import-not-found]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop_settings")
django.setup()

from django.core.files import File  # type: ignore[import-not-found]  # noqa: E402
from django.core.files.base import ContentFile  # type: ignore[import-not-found]  # noqa: E402
from django.db import transaction  # type: ignore[import-not-found]  # noqa: E402
from oscar.apps.catalogue.categories import create_from_breadcrumbs  # type: ignore[import-not-found]  # noqa: E402
from oscar.core.loading import get_model  # type: ignore[import-not-found]  # noqa: E402

Product = get_model("catalogue", "Product")
ProductAttribute = get_model("catalogue", "ProductAttribute")
ProductClass = get_model("catalogue", "ProductClass")
ProductImage = get_model("catalogue", "ProductImage")
Partner = get_model("partner", "Partner")
StockRecord = get_model("partner", "StockRecord")


def stock(goods: list[dict[str, Any]]) -> None:
    """Sets `url` of each good to its path."""
    kind = ProductClass.objects.create(name="Goods", requires_shipping=True, track_stock=True)
    names = ["Brand", *dict.fromkeys(name for good in goods for name in good["facts"])]
    for name in [*names, *dict.fromkeys(good["option_name"] for good in goods if good["option_name"])]:
        ProductAttribute.objects.create(product_class=kind, name=name, code=_code(name), type="text", required=False)
    partner = Partner.objects.create(name="Warehouse")
    together: dict[str, list[dict[str, Any]]] = {}
    for good in goods:
        together.setdefault(good["product"], []).append(good)
    for offered in together.values():
        if len(offered) == 1:
            product = _product(offered[0], kind, "standalone", None)
            _sell(product, offered[0], partner)
            continue
        common = offered[0]["name"].removesuffix(f", {offered[0]['option']}")
        parent = _product({**offered[0], "name": common, "gtin": None, "facts": {}}, kind, "parent", None)
        for good in offered:
            _sell(_product(good, kind, "child", parent), good, partner)


def _product(good: dict[str, Any], kind: Any, structure: str, parent: Any) -> Any:
    product = Product(
        structure=structure,
        title=good["name"],
        upc=good["gtin"],
        description=f"<p>{good['description']}</p>",
        product_class=None if parent else kind,
        parent=parent,
    )
    product.save()
    if parent is None:
        product.categories.add(create_from_breadcrumbs(good["category_name"]))
        picture = ContentFile((Path(os.environ["SHOP_WORK"]) / "media" / "picture.png").read_bytes())
        ProductImage.objects.create(product=product, original=File(picture, name="picture.png"))
    facts = {"Brand": good["brand"], **good["facts"]}
    if structure == "child":
        facts[good["option_name"]] = good["option"]
    for name, value in facts.items():
        setattr(product.attr, _code(name), value)
    product.save()
    return product


def _sell(product: Any, good: dict[str, Any], partner: Any) -> None:
    StockRecord.objects.create(
        product=product,
        partner=partner,
        partner_sku=good["sku"],
        price=good["price"],
        price_currency=good["currency"],
        num_in_stock=25 if good["in_stock"] else 0,
    )
    good["url"] = product.get_absolute_url()


def _code(name: str) -> str:
    return name.lower().replace(" ", "_")


if __name__ == "__main__":
    file = Path(sys.argv[1])
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    with transaction.atomic():
        stock(rows)
    for row in rows:
        row["url"] = sys.argv[2] + row["url"]
        if row["sku"] not in row["facts"].values():
            row["sku"] = ""  # Oscar shows a UPC and attributes, but not the number under which the warehouse has it
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
