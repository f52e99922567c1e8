"""What an operator or a client can use is documented."""

from __future__ import annotations

import pkgutil
import re

import pytest

import crawler.commands
from api.app import create_app
from bench.size_page import tables
from inventory.settings import Settings
from inventory.settings_table import settings_table
from inventory.tables import crawls
from tests.docs.pages import ROOT, code_spans, fenced, read

COMMANDS = [module.name for module in pkgutil.iter_modules(crawler.commands.__path__)]
OPERATIONS = read("docs/operations.md")


def test_the_table_of_settings_is_the_one_that_the_settings_make() -> None:
    assert read("docs/settings.md").endswith(settings_table()), (
        "docs/settings.md is out of date: replace its last table by the output of `python -m inventory settings`"
    )


def test_the_tables_of_sizes_are_made_from_the_data() -> None:
    assert read("docs/sizes.md").endswith(tables()), "docs/sizes.md is out of date: run `make docs`"


@pytest.mark.parametrize("variable", sorted(set(re.findall(r"\$\{(\w+)", read("compose.yaml")))))
def test_every_variable_of_compose_is_documented(variable: str) -> None:
    assert variable in code_spans(read("docs/settings.md"))


@pytest.mark.parametrize("variable", sorted(set(re.findall(r"\$\{(CRAWL_\w+)", read("deploy/schedule.sh")))))
def test_every_variable_of_the_schedule_is_documented(variable: str) -> None:
    assert variable in code_spans(read("docs/settings.md"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_scrapy_command_of_ours_is_documented(command: str) -> None:
    assert re.search(rf"\| `scrapy {command}\b", OPERATIONS)


def test_every_documented_scrapy_command_exists() -> None:
    assert set(re.findall(r"^\| `scrapy (\w+)", OPERATIONS, re.M)) == set(COMMANDS)


def test_the_documented_endpoints_are_those_of_the_api() -> None:
    documented = set(re.findall(r"^\| `(/[^`]*)`", read("docs/api.md"), re.M))
    assert documented == set(create_app(Settings()).openapi()["paths"])


@pytest.mark.parametrize("column", [name for name in crawls.c.keys() if name not in ("id", "dealer_id")])  # noqa: SIM118
def test_every_column_of_crawls_is_documented(column: str) -> None:
    assert column in {"started_at", "ended_at"} or column in code_spans(OPERATIONS)


def test_every_pipeline_stands_in_the_architecture_in_running_order() -> None:
    from crawler.settings import ITEM_PIPELINES

    running = [f"| {number} | `{path}` |" for path, number in sorted(ITEM_PIPELINES.items(), key=lambda e: e[1])]
    documented = re.findall(r"^\| \d+ \| `[\w.]+` \|", read("docs/architecture.md"), re.M)
    assert documented == running


def test_the_examples_of_commands_use_only_names_that_exist() -> None:
    spiders = {"equipment", "dog"}
    text = "\n".join(path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
    for command in re.findall(r"scrapy crawl (\w+)", text):
        assert command in spiders
    assert fenced(OPERATIONS, "yaml")
