"""The dealer files in the documents are ones that Yardstick takes, and every key is explained."""

from __future__ import annotations

import typing
from pathlib import Path

import pytest
from pydantic import BaseModel

from crawler.dealers.declaration import PLATFORM_NAMES, Dealer
from crawler.dealers.loading import load_dealer
from crawler.platforms import platform_of
from crawler.spiders.arguments import Narrowing
from crawler.spiders.plan import plan
from tests.docs.pages import code_spans, fenced, read

EXAMPLES = [
    pytest.param(code, id=f"{name}-{number}")
    for name in ("README.md", "docs/adding-a-dealer.md")
    for number, code in enumerate(fenced(read(name), "toml"), 1)
]


def keys(model: type[BaseModel], prefix: str = "") -> list[str]:
    """Every key that a dealer file may have, inner ones with a dot."""
    found = []
    for name, field in model.model_fields.items():
        inner = field.annotation
        found.append(f"{prefix}{name}")
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found += keys(inner, f"{prefix}{name}.")
    return found


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_a_dealer_file_that_can_be_crawled(example: str, tmp_path: Path) -> None:
    file = tmp_path / "acme.toml"
    file.write_text(example, encoding="utf-8")
    dealer = load_dealer(file, {})
    platform_of(dealer)
    assert [entry.dealer for entry in plan({"acme": dealer}, dealer.vertical, Narrowing())] == [dealer]


def test_the_first_example_has_ten_lines() -> None:
    for name in ("README.md", "docs/adding-a-dealer.md"):
        assert len(fenced(read(name), "toml")[0].splitlines()) == 10


@pytest.mark.parametrize("key", [key for key in keys(Dealer) if key != "name"])
def test_every_key_of_a_dealer_file_is_explained(key: str) -> None:
    spans = code_spans(read("docs/adding-a-dealer.md"))
    assert key in spans or f"[{key}]" in spans


@pytest.mark.parametrize("platform", typing.cast(tuple[str, ...], PLATFORM_NAMES))
def test_every_platform_is_explained(platform: str) -> None:
    assert f"| `{platform}` |" in read("docs/adding-a-dealer.md")
