"""The memory of pages; crawls say how many pages they were saved."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
JSON_VALUE = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # Plain ADD COLUMN: a batch would rebuild the table on SQLite, where other tables refer to it.
    op.add_column(
        "dealers",
        sa.Column(
            "lastmod_proofs",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="crawls that proved lastmod honest",
        ),
    )
    op.add_column(
        "dealers",
        sa.Column(
            "lastmod_missed_at",
            TIME,
            nullable=True,
            comment="when lastmod did not tell of a change: it is not believed since",
        ),
    )
    op.add_column(
        "crawls",
        sa.Column(
            "pages_unchanged",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="answered 304, or the same bytes",
        ),
    )
    op.add_column(
        "crawls",
        sa.Column(
            "pages_skipped",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="not asked for: lastmod is believed",
        ),
    )
    op.create_table(
        "pages",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("dealer_id", sa.Integer(), nullable=False),
        sa.Column("url_hash", sa.String(length=32), nullable=False, comment="of the canonical URL, which may be long"),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column(
            "reading",
            sa.String(length=32),
            nullable=False,
            comment="version of the rules and the dealer file that read it",
        ),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column(
            "content_hash",
            sa.String(length=32),
            nullable=False,
            comment="of the body without what is new in each answer",
        ),
        sa.Column("record_hash", sa.String(length=32), nullable=False, comment="of what was read from it"),
        sa.Column(
            "list_hash", sa.String(length=32), nullable=False, comment="of what was said of it where its link stood"
        ),
        sa.Column(
            "disagrees", sa.Boolean(), nullable=False, comment="its list showed another price: read whole next time"
        ),
        sa.Column("lastmod", sa.Text(), nullable=True, comment="what a sitemap said when it was last fetched"),
        sa.Column(
            "fetched_at", TIME, nullable=False, comment="when the dealer last sent it, or said that it is unchanged"
        ),
        sa.Column("seen_at", TIME, nullable=False, comment="when it last counted as seen"),
        sa.Column(
            "listings", JSON_VALUE, nullable=False, comment="names of filled fields → ids of the listings it gave"
        ),
        sa.Column(
            "dropped", JSON_VALUE, nullable=False, comment="reason → count of what it gave and could not be used"
        ),
        sa.Column("follows", JSON_VALUE, nullable=True, comment="the visits that it led to"),
        sa.CheckConstraint("kind IN ('section', 'detail')", name=op.f("ck_pages_kind")),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealers.id"], name=op.f("fk_pages_dealer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.UniqueConstraint("dealer_id", "url_hash", name=op.f("uq_pages_dealer_id_url_hash")),
    )


def downgrade() -> None:
    op.drop_table("pages")
    op.drop_column("crawls", "pages_skipped")
    op.drop_column("crawls", "pages_unchanged")
    op.drop_column("dealers", "lastmod_missed_at")
    op.drop_column("dealers", "lastmod_proofs")
