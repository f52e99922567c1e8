"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
MONEY = sa.Numeric(14, 2).with_variant(sa.Float(), "sqlite")
JSON_VALUE = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "dealers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("vertical", sa.String(length=20), nullable=False),
        sa.Column("platform", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("source", sa.String(length=10), server_default="file", nullable=False, comment="file or ingest"),
        sa.Column("lease_owner", sa.Text(), nullable=True, comment="the process that crawls this dealer now"),
        sa.Column("lease_until", TIME, nullable=True, comment="the lease is free after this time"),
        sa.CheckConstraint("vertical IN ('equipment', 'dog')", name=op.f("ck_dealers_vertical")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dealers")),
        sa.UniqueConstraint("name", name=op.f("uq_dealers_name")),
    )
    op.create_table(
        "units",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("vertical", sa.String(length=20), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("vertical IN ('equipment', 'dog')", name=op.f("ck_units_vertical")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
    )
    op.create_table(
        "crawls",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("dealer_id", sa.Integer(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("outcome", sa.String(length=10), server_default="running", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True, comment="why it ended as it did, for a person"),
        sa.Column(
            "failure_class",
            sa.String(length=30),
            nullable=True,
            comment="dns, refused, timeout, blocked, http_404, parse_error, …",
        ),
        sa.Column("limited", sa.Boolean(), nullable=False, comment="ended early by limit="),
        sa.Column("narrowed", sa.Boolean(), nullable=False, comment="only some of the dealer's sections were walked"),
        sa.Column("pages", sa.Integer(), server_default="0", nullable=False),
        sa.Column("listings_seen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("listings_new", sa.Integer(), server_default="0", nullable=False),
        sa.Column("listings_changed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("listings_unchanged", sa.Integer(), server_default="0", nullable=False),
        sa.Column("listings_dropped", sa.Integer(), server_default="0", nullable=False),
        sa.Column("dropped", JSON_VALUE, nullable=True, comment="reason → count"),
        sa.Column("errors", JSON_VALUE, nullable=True, comment="class → count"),
        sa.Column("fill", JSON_VALUE, nullable=True, comment="field → share of listings that have it"),
        sa.Column("sections", JSON_VALUE, nullable=True, comment="section → {pages, listings, complete}"),
        sa.CheckConstraint("outcome IN ('running', 'healthy', 'failed', 'stopped')", name=op.f("ck_crawls_outcome")),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealers.id"], name=op.f("fk_crawls_dealer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crawls")),
    )
    with op.batch_alter_table("crawls", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crawls_dealer_id_started_at"), ["dealer_id", "started_at"], unique=False)

    op.create_table(
        "listings",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("dealer_id", sa.Integer(), nullable=False),
        sa.Column("identity_key", sa.Text(), nullable=False, comment="id:<dealer's own id>, else url:<canonical URL>"),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("vertical", sa.String(length=20), nullable=False),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("category", sa.String(length=40), nullable=True),
        sa.Column("category_confidence", sa.Float(), nullable=True),
        sa.Column("make", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("base_model", sa.Text(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.Column("serial_number", sa.Text(), nullable=True),
        sa.Column("serial_key", sa.Text(), nullable=True),
        sa.Column("brand", sa.Text(), nullable=True),
        sa.Column("gtin", sa.String(length=14), nullable=True),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column("mpn", sa.Text(), nullable=True),
        sa.Column("product_group", sa.Text(), nullable=True),
        sa.Column("condition", sa.String(length=20), nullable=True),
        sa.Column("price", MONEY, nullable=True),
        sa.Column("regular_price", MONEY, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("price_status", sa.String(length=10), nullable=True),
        sa.Column("offer_type", sa.String(length=10), server_default="sale", nullable=False),
        sa.Column("price_period", sa.String(length=10), nullable=True),
        sa.Column("price_tax", sa.String(length=10), server_default="unknown", nullable=False),
        sa.Column("availability", sa.String(length=30), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("unit_price_per_kg", MONEY, nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("location_precision", sa.String(length=20), nullable=True),
        sa.Column("size_label", sa.Text(), nullable=True),
        sa.Column("size_value", sa.Float(), nullable=True),
        sa.Column("size_basis", sa.Text(), nullable=True),
        sa.Column("size_min", sa.Float(), nullable=True),
        sa.Column("size_max", sa.Float(), nullable=True),
        sa.Column("size_unit", sa.String(length=10), nullable=True),
        sa.Column("size_method", sa.String(length=20), nullable=True),
        sa.Column("size_confidence", sa.Float(), nullable=True),
        sa.Column("operating_weight_kg", sa.Float(), nullable=True),
        sa.Column("net_weight_g", sa.Float(), nullable=True),
        sa.Column("pack_count", sa.Integer(), nullable=True),
        sa.Column("unit_weight_g", sa.Float(), nullable=True),
        sa.Column("dog_weight_min_kg", sa.Float(), nullable=True),
        sa.Column("dog_weight_max_kg", sa.Float(), nullable=True),
        sa.Column("life_stage", sa.Text(), nullable=True),
        sa.Column("food_form", sa.Text(), nullable=True),
        sa.Column("rating", sa.Float(), nullable=True),
        sa.Column("rating_count", sa.Integer(), nullable=True),
        sa.Column("first_seen", TIME, nullable=False),
        sa.Column("last_seen", TIME, nullable=False),
        sa.Column("last_changed", TIME, nullable=False),
        sa.Column("gone_at", TIME, nullable=True),
        sa.Column("status", sa.String(length=10), server_default="active", nullable=False),
        sa.Column("unit_id", BIG_ID, nullable=True),
        sa.Column("crawl_id", BIG_ID, nullable=True, comment="the last crawl that saw it"),
        sa.Column("content_hash", sa.String(length=32), nullable=False),
        sa.Column(
            "missing",
            JSON_VALUE,
            nullable=True,
            comment="field → crawls that no longer found it; erased when two healthy ones agree",
        ),
        sa.CheckConstraint("offer_type IN ('sale', 'rent', 'auction')", name=op.f("ck_listings_offer_type")),
        sa.CheckConstraint(
            "price_period IN ('once', 'hour', 'day', 'week', 'month')", name=op.f("ck_listings_price_period")
        ),
        sa.CheckConstraint("price_status IN ('priced', 'on_request', 'sold')", name=op.f("ck_listings_price_status")),
        sa.CheckConstraint("price_tax IN ('net', 'gross', 'unknown')", name=op.f("ck_listings_price_tax")),
        sa.CheckConstraint("status IN ('active', 'gone', 'sold')", name=op.f("ck_listings_status")),
        sa.CheckConstraint("vertical IN ('equipment', 'dog')", name=op.f("ck_listings_vertical")),
        sa.CheckConstraint("hours >= 0", name=op.f("ck_listings_hours_not_negative")),
        sa.CheckConstraint("price >= 0", name=op.f("ck_listings_price_not_negative")),
        sa.CheckConstraint("url IS NOT NULL OR external_id IS NOT NULL", name=op.f("ck_listings_has_identity")),
        sa.ForeignKeyConstraint(["crawl_id"], ["crawls.id"], name=op.f("fk_listings_crawl_id")),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealers.id"], name=op.f("fk_listings_dealer_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_listings_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listings")),
        sa.UniqueConstraint("dealer_id", "identity_key", name=op.f("uq_listings_dealer_id_identity_key")),
    )
    with op.batch_alter_table("listings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_listings_category_price"), ["category", "price"], unique=False)
        batch_op.create_index(batch_op.f("ix_listings_gtin"), ["gtin"], unique=False)
        batch_op.create_index(batch_op.f("ix_listings_last_seen"), ["last_seen"], unique=False)
        batch_op.create_index(batch_op.f("ix_listings_make_model_year"), ["make", "model", "year"], unique=False)
        batch_op.create_index(batch_op.f("ix_listings_serial_key"), ["serial_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_listings_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "events",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("listing_id", BIG_ID, nullable=False),
        sa.Column("crawl_id", BIG_ID, nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("changes", JSON_VALUE, nullable=True, comment="field → [old, new]"),
        sa.CheckConstraint(
            "kind IN ('listed', 'price_up', 'price_down', 'price_hidden', 'price_shown', 'hours_changed', 'moved', 'delisted', 'relisted', 'sold_marked', 'changed')",
            name=op.f("ck_events_kind"),
        ),
        sa.ForeignKeyConstraint(["crawl_id"], ["crawls.id"], name=op.f("fk_events_crawl_id")),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_events_listing_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_events_listing_id_at"), ["listing_id", "at"], unique=False)

    op.create_table(
        "listing_details",
        sa.Column("listing_id", BIG_ID, nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("shipping_text", sa.Text(), nullable=True),
        sa.Column("images", JSON_VALUE, nullable=True),
        sa.Column("breed_sizes", JSON_VALUE, nullable=True),
        sa.Column("attributes", JSON_VALUE, nullable=True),
        sa.Column("raw", JSON_VALUE, nullable=True),
        sa.Column("provenance", JSON_VALUE, nullable=True),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_listing_details_listing_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_listing_details")),
    )
    op.create_table(
        "unit_links",
        sa.Column("listing_id", BIG_ID, nullable=False),
        sa.Column("unit_id", BIG_ID, nullable=False),
        sa.Column("method", sa.String(length=30), nullable=False, comment="alone, serial, gtin, …"),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("evidence", JSON_VALUE, nullable=True),
        sa.Column("linked_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_unit_links_listing_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_unit_links_unit_id")),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_unit_links")),
    )
    with op.batch_alter_table("unit_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_links_unit_id"), ["unit_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("unit_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_links_unit_id"))

    op.drop_table("unit_links")
    op.drop_table("listing_details")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_events_listing_id_at"))
        batch_op.drop_index(batch_op.f("ix_events_at"))

    op.drop_table("events")
    with op.batch_alter_table("listings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_listings_unit_id"))
        batch_op.drop_index(batch_op.f("ix_listings_serial_key"))
        batch_op.drop_index(batch_op.f("ix_listings_make_model_year"))
        batch_op.drop_index(batch_op.f("ix_listings_last_seen"))
        batch_op.drop_index(batch_op.f("ix_listings_gtin"))
        batch_op.drop_index(batch_op.f("ix_listings_category_price"))

    op.drop_table("listings")
    with op.batch_alter_table("crawls", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crawls_dealer_id_started_at"))

    op.drop_table("crawls")
    op.drop_table("units")
    op.drop_table("dealers")
