"""The words by which listings are searched, kept by the database itself; positions found by latitude band.

PostgreSQL has a table with a tsvector, SQLite a table of FTS5; both are called `listing_search` and are kept by triggers
on `listings`, so that whoever writes a listing need not think of them. The triggers fire for these columns only: what
is merely seen again costs nothing. A later migration that rebuilds `listings` on SQLite loses its triggers: it has to
call `make_sqlite_triggers` again.
"""

# ruff: noqa: S608  (the names are this file's own)

import unicodedata

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAMES = ("make", "model", "base_model", "brand")
KINDS = ("category", "size_label")
NUMBERS = ("external_id", "sku", "mpn", "gtin", "serial_number")
WATCHED = ("title", *NAMES, *KINDS, *NUMBERS, "city")
SIGNS = " -._/,:;'\"`´’&+*#()[]{}|!?=<>@%$§°·•–—\\~^"
FEWER_SIGNS = " -._/,:;'\"&+*#()"
TWO_LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l"}


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def replaced(expression: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        expression = f"replace({expression}, {quoted(old)}, {quoted(new)})"
    return expression


def accents() -> tuple[str, str]:
    """Letters with accents, and the same without."""
    found = {}
    for code in range(0xC0, 0x180):
        bare = "".join(c for c in unicodedata.normalize("NFKD", chr(code).lower()) if not unicodedata.combining(c))
        if len(bare) == 1 and bare.isascii():
            found[chr(code)] = bare
    return "".join(found), "".join(found.values())


# PostgreSQL ---------------------------------------------------------------------------------------------------------


def postgres_functions() -> list[str]:
    with_accents, without = accents()
    folded = f"translate(lower(given), {quoted(with_accents)}, {quoted(without)})"
    folded = replaced(folded, TWO_LETTERS)
    apart = f"translate(yardstick_folded(given), {quoted(SIGNS)}, {quoted(' ' * len(SIGNS))})"
    together = f"translate(yardstick_folded(given), {quoted(SIGNS)}, '')"
    one = "CREATE FUNCTION yardstick_{}(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN {}"
    short = "CASE WHEN position('super' IN lower(model)) > 0 THEN replace(lower(model), 'super', 's') END"
    names = ", ".join(f"yardstick_together({name})" for name in (*NAMES, short))
    numbers = ", ".join(f"yardstick_together({name})" for name in NUMBERS)
    kinds = ", ".join(f"yardstick_apart({name})" for name in KINDS)
    arguments = ", ".join(f"{name} text" for name in WATCHED)
    parts = (
        ("A", f"concat_ws(' ', {names})"),
        ("B", "yardstick_apart(title)"),
        ("C", f"concat_ws(' ', {kinds})"),
        ("D", f"concat_ws(' ', {numbers}, yardstick_apart(city))"),
    )
    vectors = " || ".join(
        f"setweight(to_tsvector('yardstick', coalesce({text}, '')), '{weight}')" for weight, text in parts
    )
    return [
        "CREATE TEXT SEARCH DICTIONARY yardstick_stem (TEMPLATE = snowball, Language = english)",
        "CREATE TEXT SEARCH CONFIGURATION yardstick (COPY = pg_catalog.english)",
        "ALTER TEXT SEARCH CONFIGURATION yardstick ALTER MAPPING REPLACE english_stem WITH yardstick_stem",
        one.format("folded", folded),
        one.format("apart", apart),
        one.format("together", together),
        # Not a function that the planner takes apart: its body is large, and it is called for each row that is written.
        f"CREATE FUNCTION yardstick_words({arguments}) RETURNS tsvector LANGUAGE plpgsql STABLE PARALLEL SAFE "
        f"AS $$ BEGIN RETURN {vectors}; END $$",
    ]


POSTGRES_TRIGGERS = f"""
CREATE FUNCTION yardstick_index_new() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO listing_search (listing_id, words)
  SELECT id, yardstick_words({", ".join(WATCHED)}) FROM added;
  RETURN NULL;
END $$;
CREATE FUNCTION yardstick_index_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  UPDATE listing_search SET words = yardstick_words({", ".join(f"NEW.{name}" for name in WATCHED)})
  WHERE listing_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER listing_search_new AFTER INSERT ON listings REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION yardstick_index_new();
CREATE TRIGGER listing_search_changed AFTER UPDATE OF {", ".join(WATCHED)} ON listings
  FOR EACH ROW WHEN (({", ".join(f"OLD.{name}" for name in WATCHED)})
    IS DISTINCT FROM ({", ".join(f"NEW.{name}" for name in WATCHED)}))
  EXECUTE FUNCTION yardstick_index_changed()
"""


def upgrade_postgres() -> None:
    for statement in postgres_functions():
        op.execute(statement)
    op.execute(
        "CREATE TABLE listing_search (listing_id bigint PRIMARY KEY REFERENCES listings (id) ON DELETE CASCADE, "
        "words tsvector NOT NULL)"
    )
    op.execute(f"INSERT INTO listing_search SELECT id, yardstick_words({', '.join(WATCHED)}) FROM listings ORDER BY id")
    op.execute("CREATE INDEX ix_listing_search_words ON listing_search USING gin (words)")
    op.execute(POSTGRES_TRIGGERS)
    # Half degrees of latitude, and within them the longitude: a circle is a few short stretches of this index.
    op.execute("CREATE INDEX ix_listings_place ON listings (floor(lat * 2), lon)")


# SQLite -------------------------------------------------------------------------------------------------------------


def sqlite_values(row: str) -> str:
    """The four columns of the index, of OLD, NEW or a table."""

    def plain(name: str) -> str:
        return replaced(f"lower(coalesce({row}.{name}, ''))", TWO_LETTERS)

    def together(name: str) -> str:
        return replaced(plain(name), dict.fromkeys(FEWER_SIGNS, ""))

    names = " || ' ' || ".join([*map(together, NAMES), replaced(together("model"), {"super": "s"})])
    kinds = " || ' ' || ".join(map(plain, KINDS))
    numbers = " || ' ' || ".join([*map(together, NUMBERS), plain("city")])
    return f"{names}, {plain('title')}, {kinds}, {numbers}"


def make_sqlite_triggers() -> None:
    op.execute(
        "CREATE TRIGGER listing_search_new AFTER INSERT ON listings BEGIN "
        "INSERT INTO listing_search (rowid, names, title, kinds, numbers) "
        f"VALUES (NEW.id, {sqlite_values('NEW')}); END"
    )
    changed = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in WATCHED)
    op.execute(
        f"CREATE TRIGGER listing_search_changed AFTER UPDATE OF {', '.join(WATCHED)} ON listings WHEN {changed} BEGIN "
        f"UPDATE listing_search SET (names, title, kinds, numbers) = ({sqlite_values('NEW')}) "
        "WHERE rowid = NEW.id; END"
    )
    op.execute(
        "CREATE TRIGGER listing_search_gone AFTER DELETE ON listings BEGIN "
        "DELETE FROM listing_search WHERE rowid = OLD.id; END"
    )


def upgrade_sqlite() -> None:
    op.execute(
        "CREATE VIRTUAL TABLE listing_search USING fts5(names, title, kinds, numbers, "
        "tokenize = 'porter unicode61 remove_diacritics 2')"
    )
    op.execute(
        "INSERT INTO listing_search (rowid, names, title, kinds, numbers) "
        f"SELECT id, {sqlite_values('listings')} FROM listings ORDER BY id"
    )
    make_sqlite_triggers()
    op.execute("CREATE INDEX ix_listings_place ON listings (lat, lon)")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        upgrade_postgres()
    else:
        upgrade_sqlite()


def downgrade() -> None:
    op.execute("DROP INDEX ix_listings_place")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER listing_search_changed ON listings")
        op.execute("DROP TRIGGER listing_search_new ON listings")
        op.execute("DROP TABLE listing_search")
        for name in ("index_changed()", "index_new()", f"words({', '.join(['text'] * len(WATCHED))})"):
            op.execute(f"DROP FUNCTION yardstick_{name}")
        for name in ("together", "apart", "folded"):
            op.execute(f"DROP FUNCTION yardstick_{name}(text)")
        op.execute("DROP TEXT SEARCH CONFIGURATION yardstick")
        op.execute("DROP TEXT SEARCH DICTIONARY yardstick_stem")
    else:
        for name in ("new", "changed", "gone"):
            op.execute(f"DROP TRIGGER listing_search_{name}")
        op.execute("DROP TABLE listing_search")
