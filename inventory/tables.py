"""The tables. Scalar columns that are filtered stand in `listings`; wide ones 1:1 in `listing_details`.

A change here needs a migration in inventory/migrations/versions (a test compares the two).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from inventory.columns import BIG_ID, JSON_VALUE, Money, Time
from inventory.listing import OFFER_TYPES, PRICE_PERIODS, PRICE_STATUSES, PRICE_TAXES, STATUSES, VERTICALS

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

EVENT_KINDS: Final = (
    "listed",
    "price_up",
    "price_down",
    "price_hidden",
    "price_shown",
    "hours_changed",
    "moved",
    "delisted",
    "relisted",
    "sold_marked",
    "changed",
)
CRAWL_OUTCOMES: Final = ("running", "healthy", "failed", "stopped")


def _one_of(name: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{name} IN ({listed})", name=name)


dealers = Table(
    "dealers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("title", Text),
    Column("vertical", String(20), nullable=False),
    Column("platform", Text),
    Column("url", Text),
    Column("country", String(2)),
    Column("currency", String(3)),
    Column("source", String(10), nullable=False, server_default="file", comment="file or ingest"),
    Column("lease_owner", Text, comment="the process that crawls this dealer now"),
    Column("lease_until", Time, comment="the lease is free after this time"),
    Column("lastmod_proofs", Integer, nullable=False, server_default="0", comment="crawls that proved lastmod honest"),
    Column("lastmod_missed_at", Time, comment="when lastmod did not tell of a change: it is not believed since"),
    Column(
        "shells_seen_at", Time, comment="when plain HTTP last brought empty shells: a browser is asked first for a time"
    ),
    Column("verified_at", Time, comment="when it was last checked"),
    Column("verified_outcome", String(30), comment="healthy, or what the check found first"),
    _one_of("vertical", VERTICALS),
)

crawls = Table(
    "crawls",
    metadata,
    Column("id", BIG_ID, primary_key=True),
    Column("dealer_id", ForeignKey("dealers.id"), nullable=False),
    Column("started_at", Time, nullable=False),
    Column("ended_at", Time),
    Column("outcome", String(10), nullable=False, server_default="running"),
    Column("reason", Text, comment="why it ended as it did, for a person"),
    Column("failure_class", String(30), comment="dns, refused, timeout, blocked, http_404, parse_error, …"),
    Column("limited", Boolean, nullable=False, comment="ended early by limit="),
    Column("narrowed", Boolean, nullable=False, comment="only some of the dealer's sections were walked"),
    Column(
        "comparable",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="what it did not see of a section walked to its end counts as missing",
    ),
    Column("pages", Integer, nullable=False, server_default="0"),
    Column("pages_unchanged", Integer, nullable=False, server_default="0", comment="answered 304, or the same bytes"),
    Column("pages_skipped", Integer, nullable=False, server_default="0", comment="not asked for: lastmod is believed"),
    Column("pages_rendered", Integer, nullable=False, server_default="0", comment="asked of a browser"),
    Column("credits_used", Integer, nullable=False, server_default="0", comment="of the hosted rendering API"),
    Column("listings_seen", Integer, nullable=False, server_default="0"),
    Column("listings_new", Integer, nullable=False, server_default="0"),
    Column("listings_changed", Integer, nullable=False, server_default="0"),
    Column("listings_unchanged", Integer, nullable=False, server_default="0"),
    Column("listings_dropped", Integer, nullable=False, server_default="0"),
    Column(
        "listings_delisted",
        Integer,
        nullable=False,
        server_default="0",
        comment="listings that are gone since this crawl",
    ),
    Column("dropped", JSON_VALUE, comment="reason → count"),
    Column("errors", JSON_VALUE, comment="class → count"),
    Column("fill", JSON_VALUE, comment="field → share of listings that have it"),
    Column("sections", JSON_VALUE, comment="section → {pages, listings, complete}"),
    _one_of("outcome", CRAWL_OUTCOMES),
    Index(None, "dealer_id", "started_at"),
)

units = Table(
    "units",
    metadata,
    Column("id", BIG_ID, primary_key=True),
    Column("vertical", String(20), nullable=False),
    Column("created_at", Time, nullable=False),
    Column("listing_id", BIG_ID, comment="the listing that stands for it: the one known longest"),
    Column("listings_count", Integer, nullable=False, server_default="0"),
    Column("dealers_count", Integer, nullable=False, server_default="0", comment="dealers of its listings"),
    Column("first_seen", Time, comment="of its listings, the earliest"),
    Column("last_seen", Time, comment="of its listings, the latest"),
    Column(
        "status",
        String(10),
        nullable=False,
        server_default="active",
        comment="active if any listing is, else sold if any is, else gone",
    ),
    _one_of("vertical", VERTICALS),
    Index(None, "listing_id"),
    # With the id, which ends every order: most units have one listing, and a batch is seen at one time.
    Index(None, "listings_count", "id"),
    Index(None, "last_seen", "id"),
)

listings = Table(
    "listings",
    metadata,
    Column("id", BIG_ID, primary_key=True),
    Column("dealer_id", ForeignKey("dealers.id"), nullable=False),
    Column("identity_key", Text, nullable=False, comment="id:<dealer's own id>, else url:<canonical URL>"),
    Column("external_id", Text),
    Column("url", Text),
    Column("vertical", String(20), nullable=False),
    Column("section", Text),
    Column("title", Text),
    Column("category", String(40)),
    Column("category_confidence", Float),
    Column("make", Text),
    Column("model", Text),
    Column("base_model", Text),
    Column("year", Integer),
    Column("hours", Integer),
    Column("serial_number", Text),
    Column("serial_key", Text),
    Column("brand", Text),
    Column("gtin", String(14)),
    Column("sku", Text),
    Column("mpn", Text),
    Column("product_group", Text),
    Column("condition", String(20)),
    Column("price", Money),
    Column("regular_price", Money),
    Column("currency", String(3)),
    Column("price_status", String(10)),
    Column("offer_type", String(10), nullable=False, server_default="sale"),
    Column("price_period", String(10)),
    Column("price_tax", String(10), nullable=False, server_default="unknown"),
    Column("availability", String(30)),
    Column("quantity", Integer),
    Column("unit_price_per_kg", Money),
    Column("location", Text),
    Column("city", Text),
    Column("region", Text),
    Column("country", String(2)),
    Column("lat", Float),
    Column("lon", Float),
    Column("location_precision", String(20)),
    Column("size_label", Text),
    Column("size_value", Float),
    Column("size_basis", Text),
    Column("size_min", Float),
    Column("size_max", Float),
    Column("size_unit", String(10)),
    Column("size_method", String(20)),
    Column("size_confidence", Float),
    Column("operating_weight_kg", Float),
    Column("net_weight_g", Float),
    Column("pack_count", Integer),
    Column("unit_weight_g", Float),
    Column("dog_weight_min_kg", Float),
    Column("dog_weight_max_kg", Float),
    Column("life_stage", Text),
    Column("food_form", Text),
    Column("rating", Float),
    Column("rating_count", Integer),
    Column("first_seen", Time, nullable=False),
    Column("last_seen", Time, nullable=False),
    Column("last_changed", Time, nullable=False),
    Column("gone_at", Time),
    Column("status", String(10), nullable=False, server_default="active"),
    Column("unit_id", ForeignKey("units.id")),
    Column("crawl_id", ForeignKey("crawls.id"), comment="the last crawl that saw it"),
    Column("content_hash", String(32), nullable=False),
    Column(
        "inference_version",
        String(20),
        comment="rules and tables that its category and size are from; another one than the program's is old",
    ),
    Column("missing", JSON_VALUE, comment="field → crawls that no longer found it; erased when two healthy ones agree"),
    Column("doubtful", JSON_VALUE, comment="field → [value, crawl or time]; believed when seen a second time"),
    Column("corrections", String(32), comment="digest of the corrections that it bears; null where none"),
    UniqueConstraint("dealer_id", "identity_key"),
    _one_of("vertical", VERTICALS),
    _one_of("price_status", PRICE_STATUSES),
    _one_of("offer_type", OFFER_TYPES),
    _one_of("price_period", PRICE_PERIODS),
    _one_of("price_tax", PRICE_TAXES),
    _one_of("status", STATUSES),
    CheckConstraint("price >= 0", name="price_not_negative"),
    CheckConstraint("hours >= 0", name="hours_not_negative"),
    CheckConstraint("url IS NOT NULL OR external_id IS NOT NULL", name="has_identity"),
    # None holds last_seen or crawl_id: what is seen unchanged gets others, and no index has to follow (docs/adr/0009).
    Index(None, "first_seen", "id"),
    Index(None, "price", "id"),
    Index(None, "category", "status"),
    Index(None, "category", "id"),
    Index(
        None,
        "category",
        "price",
        "id",
        postgresql_include=["currency", "offer_type", "price_period", "status"],
    ),
    Index(None, "make", "model", "id", postgresql_include=["status"]),
    Index(None, "make", "hours", "id"),
    Index(None, "dealer_id", "id"),
    Index(None, "unit_id"),
    Index(None, "serial_key"),
    Index(None, "gtin"),
    Index(None, "dealer_id", "sku"),
    Index(
        None,
        "dealer_id",
        "section",
        postgresql_where=text("status = 'active'"),
        sqlite_where=text("status = 'active'"),
    ),
)

listing_details = Table(
    "listing_details",
    metadata,
    Column("listing_id", ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True),
    Column("description", Text),
    Column("shipping_text", Text),
    Column("images", JSON_VALUE),
    Column("breed_sizes", JSON_VALUE),
    Column("attributes", JSON_VALUE),
    Column("raw", JSON_VALUE),
    Column("provenance", JSON_VALUE),
    Column("uncorrected", JSON_VALUE, comment="column → what it would hold without corrections, where that is another"),
)

events = Table(
    "events",
    metadata,
    Column("id", BIG_ID, primary_key=True),
    Column("listing_id", ForeignKey("listings.id", ondelete="CASCADE"), nullable=False),
    Column("crawl_id", ForeignKey("crawls.id")),
    Column("at", Time, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("changes", JSON_VALUE, comment="field → [old, new]"),
    Column(
        "transaction_id",
        BigInteger,
        nullable=False,
        server_default="0",
        comment="PostgreSQL: what wrote it (its default there, docs/adr/0006); 0 on SQLite, which writes one at a time",
    ),
    _one_of("kind", EVENT_KINDS),
    Index(None, "listing_id", "at"),
    Index(None, "at"),
    Index(None, "transaction_id", "id"),
)

unit_links = Table(
    "unit_links",
    metadata,
    Column("listing_id", ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True),
    Column("unit_id", ForeignKey("units.id"), nullable=False),
    Column("method", String(30), nullable=False, comment="alone, serial, gtin, …"),
    Column("score", Float, nullable=False),
    Column("evidence", JSON_VALUE),
    Column("linked_at", Time, nullable=False),
    Index(None, "unit_id"),
)

listing_keys = Table(
    "listing_keys",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False, comment="hash of what twins have in common"),
    Column("place", Float, primary_key=True, comment="where on a scale (hours, grams, price) the listing stands"),
    Column("listing_id", ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True),
    Column("reach", Float, nullable=False, comment="how far from it a twin may stand"),
    Index(None, "listing_id"),
    sqlite_with_rowid=False,
)
"""Under which keys a listing's twins are looked for. The primary key is the index that they are found by."""

listing_pairs = Table(
    "listing_pairs",
    metadata,
    Column("low_id", ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True),
    Column("high_id", ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True),
    Column("verdict", String(10), nullable=False),
    Column("method", String(30), nullable=False),
    Column("score", Float, nullable=False),
    Column("evidence", JSON_VALUE),
    Column("judged_at", Time, nullable=False),
    _one_of("verdict", ("same", "maybe")),
    CheckConstraint("low_id < high_id", name="in_order"),
    Index(None, "high_id"),
    Index(None, "verdict", "score", "low_id", "high_id"),
)
"""Judged pairs of listings. Those of two units (a "maybe", or a "same" that is one of several) are for a person."""

_WHO_SAYS_SO: Final = (
    ("reason", Text, "why, for a person"),
    ("by", Text, "who says so"),
    ("file", Text, "name of the file that says it"),
    ("entered_at", Time, "of two files the one entered later is in force"),
)

corrections = Table(
    "corrections",
    metadata,
    Column("id", BIG_ID, primary_key=True),
    Column("dealer", String(100), nullable=False),
    Column("external_id", Text, nullable=False, comment="the dealer's own id, or the address where there is none"),
    Column("field", String(40), nullable=False),
    Column("value", Text, nullable=False, comment="as it is written in the file"),
    *(Column(name, kind, nullable=False, comment=said) for name, kind, said in _WHO_SAYS_SO),
    UniqueConstraint("dealer", "external_id", "field", "file"),
)
"""What people know better about a listing. Dealer and listing may be unknown yet: the row waits for them."""

pair_corrections = Table(
    "pair_corrections",
    metadata,
    Column("id", BIG_ID, primary_key=True),
    Column("dealer", String(100), nullable=False),
    Column("external_id", Text, nullable=False),
    Column("other_dealer", String(100), nullable=False),
    Column("other_external_id", Text, nullable=False),
    Column("verdict", String(10), nullable=False),
    *(Column(name, kind, nullable=False, comment=said) for name, kind, said in _WHO_SAYS_SO),
    _one_of("verdict", ("same", "different")),
    UniqueConstraint("dealer", "external_id", "other_dealer", "other_external_id", "file"),
    Index(None, "other_dealer", "other_external_id"),
)
"""Which listings people say are one thing, or are not. The lower of the two stands first."""

pages = Table(
    "pages",
    metadata,
    Column("id", BIG_ID, primary_key=True),
    Column("dealer_id", ForeignKey("dealers.id"), nullable=False),
    Column("url_hash", String(32), nullable=False, comment="of the canonical URL, which may be long"),
    Column("url", Text, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("section", Text, nullable=False),
    Column("reading", String(32), nullable=False, comment="version of the rules and the dealer file that read it"),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("content_hash", String(32), nullable=False, comment="of the body without what is new in each answer"),
    Column("record_hash", String(32), nullable=False, comment="of what was read from it"),
    Column("list_hash", String(32), nullable=False, comment="of what was said of it where its link stood"),
    Column("disagrees", Boolean, nullable=False, comment="its list showed another price: read whole next time"),
    Column("lastmod", Text, comment="what a sitemap said when it was last fetched"),
    Column("fetched_at", Time, nullable=False, comment="when the dealer last sent it, or said that it is unchanged"),
    Column("seen_at", Time, nullable=False, comment="when it last counted as seen"),
    Column("listings", JSON_VALUE, nullable=False, comment="names of filled fields → ids of the listings it gave"),
    Column("dropped", JSON_VALUE, nullable=False, comment="reason → count of what it gave and could not be used"),
    Column("follows", JSON_VALUE, comment="the visits that it led to"),
    _one_of("kind", ("section", "detail")),
    UniqueConstraint("dealer_id", "url_hash"),
)
"""What each page gave when it was last read, so that one that has not changed need not be read again.

A page stands here only once its listings are committed.
"""

failures = Table(
    "failures",
    metadata,
    Column("id", BIG_ID, primary_key=True),
    Column("crawl_id", ForeignKey("crawls.id", ondelete="CASCADE"), nullable=False),
    Column("dealer_id", ForeignKey("dealers.id"), nullable=False),
    Column("url", Text, nullable=False, comment="without secrets"),
    Column("url_hash", String(32), nullable=False, comment="of the canonical URL"),
    Column("kind", String(10), nullable=False),
    Column("section", Text, nullable=False),
    Column("visit", JSON_VALUE, nullable=False, comment="what is needed to ask for it again, without secrets"),
    Column("failure_class", String(30), nullable=False, comment="as in crawls.errors"),
    Column("status", Integer, comment="of the last answer, where there was one"),
    Column("message", Text, nullable=False),
    Column("attempts", Integer, nullable=False, comment="how often it was asked for in this crawl"),
    Column("first_at", Time, nullable=False),
    Column("last_at", Time, nullable=False),
    Column("requeued", Integer, nullable=False, server_default="0", comment="how often it was asked for by retry=1"),
    Column("resolved_at", Time, comment="when a later crawl got the page"),
    _one_of("kind", ("section", "detail")),
    Index(None, "crawl_id"),
    Index(None, "dealer_id", "url_hash"),
    Index(None, "last_at"),
)
"""Requests that failed for good, each with what is needed to queue it again."""

render_credits = Table(
    "render_credits",
    metadata,
    Column("day", String(10), primary_key=True, comment="ISO 8601, UTC"),
    Column(
        "credits", Integer, nullable=False, server_default="0", comment="of the hosted rendering API: used or set aside"
    ),
    Column("requests", Integer, nullable=False, server_default="0"),
)

prunings = Table(
    "prunings",
    metadata,
    Column("before", Time, primary_key=True, comment="listings that had ended before were taken away"),
    Column("begun_at", Time, nullable=False),
)
"""Runs of `scrapy prune` that took listings away: what is told of a time before is not whole."""
