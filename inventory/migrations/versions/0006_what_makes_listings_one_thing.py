"""Keys by which a listing's twins are found, judged pairs, and what a unit's listings have in common."""

import sqlalchemy as sa
from alembic import op

from inventory.columns import BIG_ID, JSON_VALUE, Time

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SUMMARY = """
UPDATE units SET
  listings_count = (SELECT count(*) FROM listings WHERE unit_id = units.id),
  listing_id = (SELECT min(id) FROM listings WHERE unit_id = units.id),
  first_seen = (SELECT min(first_seen) FROM listings WHERE unit_id = units.id),
  last_seen = (SELECT max(last_seen) FROM listings WHERE unit_id = units.id),
  status = CASE
    WHEN EXISTS (SELECT 1 FROM listings WHERE unit_id = units.id AND status = 'active') THEN 'active'
    WHEN EXISTS (SELECT 1 FROM listings WHERE unit_id = units.id AND status = 'sold') THEN 'sold'
    ELSE 'gone' END
"""


def upgrade() -> None:
    op.create_table(
        "listing_keys",
        sa.Column(
            "key", sa.BigInteger(), autoincrement=False, nullable=False, comment="hash of what twins have in common"
        ),
        sa.Column(
            "place",
            sa.Float(),
            nullable=False,
            comment="where on a scale (hours, grams, price) the listing stands",
        ),
        sa.Column("listing_id", BIG_ID, nullable=False),
        sa.Column("reach", sa.Float(), nullable=False, comment="how far from it a twin may stand"),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_listing_keys_listing_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "place", "listing_id", name=op.f("pk_listing_keys")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_listing_keys_listing_id", "listing_keys", ["listing_id"])
    op.create_table(
        "listing_pairs",
        sa.Column("low_id", BIG_ID, nullable=False),
        sa.Column("high_id", BIG_ID, nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("method", sa.String(length=30), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("evidence", JSON_VALUE, nullable=True),
        sa.Column("judged_at", Time(), nullable=False),
        sa.CheckConstraint("verdict IN ('same', 'maybe')", name=op.f("ck_listing_pairs_verdict")),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_listing_pairs_in_order")),
        sa.ForeignKeyConstraint(["low_id"], ["listings.id"], name=op.f("fk_listing_pairs_low_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["high_id"], ["listings.id"], name=op.f("fk_listing_pairs_high_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("low_id", "high_id", name=op.f("pk_listing_pairs")),
    )
    op.create_index("ix_listing_pairs_high_id", "listing_pairs", ["high_id"])
    op.create_index("ix_listings_dealer_id_sku", "listings", ["dealer_id", "sku"])
    for column in (
        sa.Column("listing_id", BIG_ID, nullable=True, comment="the listing that stands for it: the one known longest"),
        sa.Column("listings_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_seen", Time(), nullable=True, comment="of its listings, the earliest"),
        sa.Column("last_seen", Time(), nullable=True, comment="of its listings, the latest"),
        sa.Column(
            "status",
            sa.String(length=10),
            server_default="active",
            nullable=False,
            comment="active if any listing is, else sold if any is, else gone",
        ),
    ):
        op.add_column("units", column)
    op.execute(SUMMARY)
    op.create_index("ix_units_listings_count", "units", ["listings_count"])
    op.create_index("ix_units_last_seen", "units", ["last_seen"])


def downgrade() -> None:
    op.drop_index("ix_units_last_seen", table_name="units")
    op.drop_index("ix_units_listings_count", table_name="units")
    for name in ("status", "last_seen", "first_seen", "listings_count", "listing_id"):
        op.drop_column("units", name)
    op.drop_index("ix_listings_dealer_id_sku", table_name="listings")
    op.drop_table("listing_pairs")
    op.drop_table("listing_keys")
