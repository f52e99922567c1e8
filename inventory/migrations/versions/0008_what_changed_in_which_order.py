"""The order in which events can be read without missing one; how many dealers offer a unit; pairs by score."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

DEALERS = "UPDATE units SET dealers_count = (SELECT count(DISTINCT dealer_id) FROM listings WHERE unit_id = units.id)"
ORDERS = ("listings_count", "last_seen")
THIS_TRANSACTION = "ALTER TABLE events ALTER COLUMN transaction_id SET DEFAULT pg_current_xact_id()::text::bigint"


def upgrade() -> None:
    op.add_column(
        "units",
        sa.Column("dealers_count", sa.Integer(), server_default="0", nullable=False, comment="dealers of its listings"),
    )
    op.execute(DEALERS)
    op.create_index("ix_units_listing_id", "units", ["listing_id"])
    for name in ORDERS:
        op.drop_index(f"ix_units_{name}", table_name="units")
        op.create_index(f"ix_units_{name}_id", "units", [name, "id"])
    op.add_column(
        "events",
        sa.Column(
            "transaction_id",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="PostgreSQL: what wrote it (its default there, docs/adr/0006); "
            "0 on SQLite, which writes one at a time",
        ),
    )
    if op.get_bind().dialect.name == "postgresql":
        # After the column, so that the rows that are there keep 0 and the table is not written anew.
        op.execute(THIS_TRANSACTION)
    op.create_index("ix_events_transaction_id_id", "events", ["transaction_id", "id"])
    op.create_index(
        "ix_listing_pairs_verdict_score_low_id_high_id", "listing_pairs", ["verdict", "score", "low_id", "high_id"]
    )


def downgrade() -> None:
    op.drop_index("ix_listing_pairs_verdict_score_low_id_high_id", table_name="listing_pairs")
    op.drop_index("ix_events_transaction_id_id", table_name="events")
    op.drop_column("events", "transaction_id")
    for name in ORDERS:
        op.drop_index(f"ix_units_{name}_id", table_name="units")
        op.create_index(f"ix_units_{name}", "units", [name])
    op.drop_index("ix_units_listing_id", table_name="units")
    op.drop_column("units", "dealers_count")
