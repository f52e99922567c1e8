"""A database that is used again is as a new one; one that is not as it was is dropped."""

import psycopg
import pytest

from tests.servers.migrated_databases import MigratedDatabases

DEALER = "INSERT INTO dealers (name, vertical) VALUES ('acme', 'dog') RETURNING id"


@pytest.fixture
def databases(postgres_url, migrated_databases):
    """Of its own, so that nobody has used one before; the template is the one of all."""
    return MigratedDatabases(postgres_url, "migrated")


def test_one_that_was_filled_is_empty_counts_from_one_and_nobody_holds_it(databases):
    url = databases.take()
    left = psycopg.connect(url)
    for _ in range(2):
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM dealers").fetchone() == (0,)
            assert connection.execute(DEALER).fetchone() == (1,)
        left.execute("SELECT 1 FROM dealers FOR UPDATE")
        databases.give_back(url)
        with pytest.raises(psycopg.OperationalError):
            left.execute("SELECT 1")
        left.close()
        assert databases.take() == url
        left = psycopg.connect(url)
    left.close()
    databases.give_back(url)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE dealers ADD COLUMN colour text",
        "ALTER TABLE dealers RENAME TO hidden; ALTER TABLE hidden RENAME TO dealers",
        "DROP TABLE pages",
        "CREATE TABLE other (id integer)",
        "CREATE INDEX other ON dealers (vertical)",
        "CREATE FUNCTION other() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "GRANT SELECT ON dealers TO pg_monitor",
        "GRANT CREATE ON SCHEMA public TO pg_monitor",
        "UPDATE alembic_version SET version_num = '0001'",
        "ANALYZE dealers",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET statement_timeout = 5000', current_database()); END $$",
        "INSERT INTO dealers (name, vertical) SELECT repeat(n::text, 20), 'dog' FROM generate_series(1, 60000) AS n",
    ],
)
def test_one_that_is_not_as_it_was_is_dropped(change, databases, postgres_url):
    url = databases.take()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(change)
    databases.give_back(url)
    with psycopg.connect(postgres_url) as connection:
        name = url.rpartition("/")[2]
        assert connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None
    other = databases.take()
    assert other != url
    databases.give_back(other)
