"""How a recorded page looks to the person who checks it: a row a field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table

from inventory.listing import Listing


def record_table(folder: str, url: str, expected: Mapping[str, Any], listing: Listing) -> Table:
    """What is expected of one listing of a page, and where each value stood."""
    table = Table(box=None, pad_edge=False, title=escape(f"{folder}\n{url}"), title_justify="left", title_style="bold")
    for column in ("field", "value", "from"):
        table.add_column(column, no_wrap=column == "field", overflow="fold")
    for name, value in expected.items():
        shown = "[yellow]not found[/]" if value is None else escape(str(value))
        table.add_row(name, shown, escape(listing.provenance.get(name, "")))
    return table
