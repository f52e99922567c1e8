"""Requests that failed for good, each with what is needed to queue it again."""

import sqlalchemy as sa
from alembic import op

from inventory.columns import BIG_ID, JSON_VALUE, Time

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INDEXES = (["crawl_id"], ["dealer_id", "url_hash"], ["last_at"])


def upgrade() -> None:
    op.create_table(
        "failures",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("crawl_id", BIG_ID, nullable=False),
        sa.Column("dealer_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False, comment="without secrets"),
        sa.Column("url_hash", sa.String(length=32), nullable=False, comment="of the canonical URL"),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("visit", JSON_VALUE, nullable=False, comment="what is needed to ask for it again, without secrets"),
        sa.Column("failure_class", sa.String(length=30), nullable=False, comment="as in crawls.errors"),
        sa.Column("status", sa.Integer(), comment="of the last answer, where there was one"),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="how often it was asked for in this crawl"),
        sa.Column("first_at", Time(), nullable=False),
        sa.Column("last_at", Time(), nullable=False),
        sa.Column(
            "requeued",
            sa.Integer(),
            nullable=False,
            server_default="0",
            comment="how often it was asked for by retry=1",
        ),
        sa.Column("resolved_at", Time(), comment="when a later crawl got the page"),
        sa.CheckConstraint("kind IN ('section', 'detail')", name=op.f("ck_failures_kind")),
        sa.ForeignKeyConstraint(["crawl_id"], ["crawls.id"], name=op.f("fk_failures_crawl_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealers.id"], name=op.f("fk_failures_dealer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failures")),
    )
    for columns in INDEXES:
        op.create_index(op.f(f"ix_failures_{'_'.join(columns)}"), "failures", columns)


def downgrade() -> None:
    op.drop_table("failures")
