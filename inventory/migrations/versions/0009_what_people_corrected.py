"""What people know better about a listing, and which listings they say are one thing or are not."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from inventory.columns import BIG_ID, JSON_VALUE, Time

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _who_says_so() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("reason", sa.Text(), nullable=False, comment="why, for a person"),
        sa.Column("by", sa.Text(), nullable=False, comment="who says so"),
        sa.Column("file", sa.Text(), nullable=False, comment="name of the file that says it"),
        sa.Column("entered_at", Time(), nullable=False, comment="of two files the one entered later is in force"),
    )


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("dealer", sa.String(length=100), nullable=False),
        sa.Column(
            "external_id", sa.Text(), nullable=False, comment="the dealer's own id, or the address where there is none"
        ),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False, comment="as it is written in the file"),
        *_who_says_so(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
        sa.UniqueConstraint(
            "dealer", "external_id", "field", "file", name=op.f("uq_corrections_dealer_external_id_field_file")
        ),
    )
    op.create_table(
        "pair_corrections",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("dealer", sa.String(length=100), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("other_dealer", sa.String(length=100), nullable=False),
        sa.Column("other_external_id", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        *_who_says_so(),
        sa.CheckConstraint("verdict IN ('same', 'different')", name=op.f("ck_pair_corrections_verdict")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair_corrections")),
        sa.UniqueConstraint(
            "dealer",
            "external_id",
            "other_dealer",
            "other_external_id",
            "file",
            name=op.f("uq_pair_corrections_dealer_external_id_other_dealer_other_external_id_file"),
        ),
    )
    op.create_index(
        "ix_pair_corrections_other_dealer_other_external_id", "pair_corrections", ["other_dealer", "other_external_id"]
    )
    op.add_column(
        "listings",
        sa.Column(
            "corrections",
            sa.String(length=32),
            nullable=True,
            comment="digest of the corrections that it bears; null where none",
        ),
    )
    op.add_column(
        "listing_details",
        sa.Column(
            "uncorrected",
            JSON_VALUE,
            nullable=True,
            comment="column → what it would hold without corrections, where that is another",
        ),
    )


def downgrade() -> None:
    op.drop_column("listing_details", "uncorrected")
    op.drop_column("listings", "corrections")
    op.drop_index("ix_pair_corrections_other_dealer_other_external_id", table_name="pair_corrections")
    op.drop_table("pair_corrections")
    op.drop_table("corrections")
