"""JSON-LD whose parts stand apart."""

from __future__ import annotations

from typing import Any

import pytest

from crawler.extraction.detail import read_detail
from crawler.extraction.strict_json import parse_json
from tests.extraction.made_pages import json_ld, page, product

NAME = "Crate Cosy 36"
OFFER = {"@type": "Offer", "price": "79.00", "priceCurrency": "USD", "availability": "https://schema.org/InStock"}


def raw_of(*values: Any) -> dict[str, Any]:
    found = read_detail(page(f"<h1>{NAME}</h1>", title=NAME, head=json_ld(*values)))
    assert found is not None
    return found.raw


def test_references_into_the_same_graph_are_followed() -> None:
    graph = [
        {"@type": "Brand", "@id": "#brand", "name": "Acme"},
        {**OFFER, "@id": "#offer"},
        product(name=NAME, sku="CR-36", brand={"@id": "#brand"}, offers=[{"@id": "#offer"}]),
        {"@type": "WebPage", "mainEntity": {"@type": "Product", "@id": "#other"}},
    ]
    raw = raw_of({"@context": "https://schema.org", "@graph": graph})
    assert (raw["brand"], raw["price"], raw["currency"], raw["sku"]) == ("Acme", "79.00", "USD", "CR-36")


def test_references_into_another_script_are_followed() -> None:
    raw = raw_of(product(name=NAME, offers={"@id": "#offer"}), {**OFFER, "@id": "#offer"})
    assert raw["price"] == "79.00"


def test_a_reference_to_nothing_is_no_failure() -> None:
    raw = raw_of(product(name=NAME, sku="CR-36", offers={"@id": "#gone"}, image={"@id": ["#a"]}))
    assert raw["sku"] == "CR-36"
    assert "price" not in raw


def test_a_product_inside_of_its_offer_has_the_offers_price() -> None:
    raw = raw_of({**OFFER, "itemOffered": product(name=NAME, sku="CR-36")})
    assert (raw["price"], raw["availability"], raw["sku"]) == ("79.00", "https://schema.org/InStock", "CR-36")


def test_several_objects_in_one_script_are_all_read() -> None:
    first, second = (
        '{"@type": "BreadcrumbList"}',
        '{"@type":"Product","name":"Crate Cosy 36","offers":{"price":"79.00"}}',
    )
    head = f"<script type='application/ld+json'>{first}\n{second}</script>"
    found = read_detail(page(f"<h1>{NAME}</h1>", title=NAME, head=head))
    assert found is not None
    assert found.raw["price"] == "79.00"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}{"b": 2}', [{"a": 1}, {"b": 2}]),
        ('{"a": 1},\n[2];', [{"a": 1}, [2]]),
        ('{"a": 1} trailing words', {"a": 1}),
        ('{"a": 1} {"b": ', {"a": 1}),
    ],
)
def test_values_behind_each_other_become_a_list(text: str, value: Any) -> None:
    assert parse_json(text) == value
