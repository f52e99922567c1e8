"""The address by which a listing is known again."""

from __future__ import annotations

import pytest

from pipelines.parsing.urls import canonical_url


@pytest.mark.parametrize(
    "noise",
    ["sort=price", "orderby=date&utm_medium=email", "product_list_order=name", "PHPSESSID=5", "_pos=1&_sid=a&_ss=r"],
)
def test_sort_orders_and_sessions_are_no_part_of_a_listings_address(noise):
    assert canonical_url(f"https://d.example/p/7?{noise}#reviews") == "https://d.example/p/7"
    assert canonical_url(f"https://d.example/p?{noise}&variant=9") == "https://d.example/p?variant=9"
