"""A check is written down beside its dealer, whether it was ever crawled or not, and never over a later one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from crawler.checking.check import Checked, Finding
from crawler.checking.keeping import keep
from inventory.database import NoDatabase, database
from inventory.ledger import DealerFacts, begin
from inventory.settings import load_settings
from inventory.tables import dealers
from inventory.verification import Verified, note_verified, verified
from tests.crawler.dealer_files import dealer
from tests.inventory.yard import START


def test_a_dealer_that_was_never_crawled_gets_its_row(any_writer):
    assert keep(any_writer, Checked(dealer(country="DE"), findings=[Finding("robots", "forbidden")]))
    assert verified(any_writer)["acme"].outcome == "robots"
    with any_writer.connect() as connection:
        row = connection.execute(select(dealers)).mappings().one()
    assert (row["title"], row["country"], row["source"], row["lease_owner"]) == ("Acme", "DE", "file", None)


def test_a_check_leaves_a_crawl_that_is_under_way_alone(any_writer):
    facts = DealerFacts("acme", "equipment")
    begin(any_writer, facts, "one", timedelta(minutes=1), START, narrowed=False, limited=False)
    note_verified(any_writer, facts, "healthy", START)
    with any_writer.connect() as connection:
        row = connection.execute(select(dealers)).mappings().one()
    assert (row["lease_owner"], row["verified_outcome"]) == ("one", "healthy")


def test_an_older_check_never_replaces_a_later_one(any_writer):
    facts = DealerFacts("acme", "equipment")
    note_verified(any_writer, facts, "healthy", START)
    note_verified(any_writer, facts, "robots", START - timedelta(hours=1))
    assert verified(any_writer) == {"acme": Verified(START, "healthy")}
    note_verified(any_writer, facts, "robots", START + timedelta(hours=1))
    assert verified(any_writer)["acme"].outcome == "robots"


def test_a_dealer_that_was_never_checked_is_not_among_them(any_writer):
    note_verified(any_writer, DealerFacts("acme", "equipment"), "healthy", START)
    with any_writer.begin() as connection:
        connection.execute(update(dealers).values(verified_at=None))
    assert verified(any_writer) == {}


def test_a_database_out_of_reach_is_named_without_its_password():
    settings = load_settings(database_url="postgresql://user:s3cr3t@127.0.0.1:9/yard")
    with pytest.raises(NoDatabase, match="127") as error:
        database(settings)
    assert "s3cr3t" not in str(error.value)


def test_a_write_that_fails_is_said_and_costs_nothing_else(any_writer, capsys):
    with any_writer.begin() as connection:
        connection.exec_driver_sql("DROP TABLE pages")
        connection.exec_driver_sql("ALTER TABLE dealers RENAME TO others")
    assert not keep(any_writer, Checked(dealer()))
    assert "acme: its check could not be written down" in capsys.readouterr().err
