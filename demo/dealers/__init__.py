"""The demo dealers by name: what kind each is and on which port, counted from the first. Their files stand beside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class DemoDealer:
    """`port_variable` is the environment variable by which its file (`<name>.toml`) finds its port."""

    name: str
    vertical: str
    platform: str
    port_offset: int

    @property
    def port_variable(self) -> str:
        return f"DEMO_PORT_{'ABCDEF'[self.port_offset - 1]}"


DEALERS: Final[dict[str, DemoDealer]] = {
    dealer.name: dealer
    for dealer in (
        DemoDealer("ridgeline", "equipment", "schema_org", 1),
        DemoDealer("hofmann", "equipment", "schema_org", 2),
        DemoDealer("skyline", "equipment", "json_api", 3),
        DemoDealer("pawhaus", "dog", "shopify", 4),
        DemoDealer("barkwood", "dog", "woocommerce", 5),
        DemoDealer("quarry", "equipment", "feed", 6),
    )
}
