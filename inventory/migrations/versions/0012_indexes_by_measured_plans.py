"""Indexes by the plans of the queries that are asked most (docs/performance.md), and what the planner must know.

What a crawl sees unchanged gets another `last_seen` and `crawl_id`. While an index of listings held either of them, each
such touch was a new entry in every index of the table; now PostgreSQL keeps the row's new version on its page (HOT),
where `fillfactor` leaves room for it.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None

ACTIVE = "status = 'active'"
COUNTED = ["currency", "offer_type", "price_period", "status"]
ADDED: tuple[tuple[str, list[str], dict[str, Any]], ...] = (
    ("ix_listings_first_seen_id", ["first_seen", "id"], {}),
    ("ix_listings_price_id", ["price", "id"], {}),
    ("ix_listings_category_status", ["category", "status"], {}),  # all rows counted by category
    ("ix_listings_category_id", ["category", "id"], {}),
    # What is counted of a category (mixed currencies, rent beside sale, what is gone) without reading its rows.
    ("ix_listings_category_price_id", ["category", "price", "id"], {"postgresql_include": COUNTED}),
    ("ix_listings_make_model_id", ["make", "model", "id"], {"postgresql_include": ["status"]}),
    ("ix_listings_make_hours_id", ["make", "hours", "id"], {}),
    ("ix_listings_dealer_id_id", ["dealer_id", "id"], {}),
    ("ix_listings_dealer_id_section", ["dealer_id", "section"], {"where": ACTIVE}),
)
REMOVED: tuple[tuple[str, list[str], dict[str, Any]], ...] = (
    ("ix_listings_category_price", ["category", "price"], {}),
    ("ix_listings_make_model_year", ["make", "model", "year"], {}),
    ("ix_listings_last_seen", ["last_seen"], {}),
    ("ix_listings_dealer_id_section_crawl_id", ["dealer_id", "section", "crawl_id"], {"where": ACTIVE}),
)
FILLED_PERCENT = {"listings": 90, "units": 90}
VACUUMED = {
    "listings": "autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02",
    "listing_details": "autovacuum_vacuum_scale_factor = 0.05, toast.autovacuum_vacuum_scale_factor = 0.05",
    "units": "autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02",
    "listing_keys": "autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02",
    "events": "autovacuum_vacuum_insert_scale_factor = 0.05",
}
# A model has one make and one category, a place one latitude and one longitude: taken apart, a thousandth is expected.
KNOWN_TOGETHER = {
    "st_listings_model": "(dependencies, ndistinct) ON make, model, category",
    "st_listings_place": "(mcv) ON lat, lon",
}


def make(entries: tuple[tuple[str, list[str], dict[str, Any]], ...]) -> None:
    for name, columns, said in entries:
        where = sa.text(said["where"]) if "where" in said else None
        include = said.get("postgresql_include")
        op.create_index(
            name, "listings", columns, postgresql_where=where, sqlite_where=where, postgresql_include=include
        )


def drop(entries: tuple[tuple[str, list[str], dict[str, Any]], ...]) -> None:
    for name, _, _ in entries:
        op.drop_index(name, table_name="listings")


def upgrade() -> None:
    drop(REMOVED)
    make(ADDED)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX ix_listings_place")
        # To the id: rows of one place are read in their order, places are found without reading rows.
        op.execute("CREATE INDEX ix_listings_place ON listings (floor(lat * 2), lon, lat, id)")
        for name, said in KNOWN_TOGETHER.items():
            op.execute(f"CREATE STATISTICS {name} {said} FROM listings")
        for table, percent in FILLED_PERCENT.items():
            op.execute(f"ALTER TABLE {table} SET (fillfactor = {percent})")
        for table, settings in VACUUMED.items():
            op.execute(f"ALTER TABLE {table} SET ({settings})")
    else:
        op.execute("DROP INDEX ix_listings_place")
        op.execute("CREATE INDEX ix_listings_place ON listings (lat, lon, id)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_listings_place")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE INDEX ix_listings_place ON listings (floor(lat * 2), lon)")
        for name in KNOWN_TOGETHER:
            op.execute(f"DROP STATISTICS {name}")
        for table in FILLED_PERCENT:
            op.execute(f"ALTER TABLE {table} RESET (fillfactor)")
        for table, settings in VACUUMED.items():
            names = ", ".join(setting.split(" = ")[0] for setting in settings.split(", "))
            op.execute(f"ALTER TABLE {table} RESET ({names})")
    else:
        op.execute("CREATE INDEX ix_listings_place ON listings (lat, lon)")
    drop(ADDED)
    make(REMOVED)
