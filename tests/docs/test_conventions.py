"""The table of habits has all of them, names addresses that there are, and its calls answer as it says."""

from __future__ import annotations

import re
from typing import Final

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from inventory.settings import Settings
from tests.docs.pages import read

TABLE: Final = read("docs/conventions.md")
ROWS: Final = [
    [cell.strip() for cell in line.split("|")] for line in TABLE.splitlines() if re.match(r"\| \d+ \|", line)
]
ADDRESSES: Final = sorted({found.partition("?")[0] for found in re.findall(r"`(/v1/[^`]*)`", TABLE)})
REFUSED: Final = {5: 422, 7: 400, 24: 404, 32: 422}
"""Calls that show what is refused; and there are no snapshots where no folder is set."""


def test_all_habits_are_there_once_and_each_says_what_we_do() -> None:
    assert sorted(int(row[1]) for row in ROWS) == list(range(1, 42))
    for row in ROWS:
        _, number, habit, ours, call, _, end = row  # no cell of a row may hold the table's own sign
        assert min(habit, ours) > "", number
        assert end == "", number
        assert re.fullmatch(r"`/v1/[^`]+`", call), number


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_is_named_is_in_the_document(address: str) -> None:
    paths = create_app(Settings()).openapi()["paths"]
    forms = [re.escape(path).replace(r"\{", "{").replace(r"\}", "}") for path in paths]
    assert any(re.fullmatch(re.sub("{[^}]*}", "[^/.]+", form), address) for form in forms)


def test_each_call_is_answered_as_the_table_says(sqlite_settings: Settings) -> None:
    with TestClient(create_app(sqlite_settings)) as client:
        answered = {int(row[1]): client.get(row[4].strip("`")).status_code for row in ROWS}
    assert answered == dict.fromkeys(answered, 200) | REFUSED
