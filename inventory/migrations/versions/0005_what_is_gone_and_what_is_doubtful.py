"""Which crawls may say that a listing is gone, how many they took away, and values not yet believed."""

import sqlalchemy as sa
from alembic import op

from inventory.columns import JSON_VALUE

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ON_OFFER = sa.text("status = 'active'")


def upgrade() -> None:
    op.add_column(
        "crawls",
        sa.Column(
            "comparable",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="what it did not see of a section walked to its end counts as missing",
        ),
    )
    op.add_column(
        "crawls",
        sa.Column(
            "listings_delisted",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="listings that are gone since this crawl",
        ),
    )
    op.add_column(
        "listings",
        sa.Column(
            "doubtful",
            JSON_VALUE,
            nullable=True,
            comment="field → [value, crawl or time]; believed when seen a second time",
        ),
    )
    op.create_index(
        "ix_listings_dealer_id_section_crawl_id",
        "listings",
        ["dealer_id", "section", "crawl_id"],
        postgresql_where=ON_OFFER,
        sqlite_where=ON_OFFER,
    )


def downgrade() -> None:
    op.drop_index("ix_listings_dealer_id_section_crawl_id", table_name="listings")
    op.drop_column("listings", "doubtful")
    op.drop_column("crawls", "listings_delisted")
    op.drop_column("crawls", "comparable")
