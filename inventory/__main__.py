"""`python -m inventory migrate | check | settings`: the schema as a job of its own, and the table of settings."""

from __future__ import annotations

import argparse
import sys

from sqlalchemy.exc import SQLAlchemyError

from inventory.engine import DatabaseUrlError, reader_engine, writer_engine
from inventory.schema import SchemaError, migrate, revision
from inventory.settings import SettingsError, load_settings
from inventory.settings_table import settings_table


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 done or up to date, 1 the schema is missing or old, 2 the database or a setting cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m inventory", description=__doc__)
    parser.add_argument("what", choices=("migrate", "check", "settings"), help="what to do")
    what = parser.parse_args(arguments).what
    if what == "settings":
        sys.stdout.write(settings_table())
        return 0
    try:
        settings = load_settings()
        engine = writer_engine(settings) if what == "migrate" else reader_engine(settings)
        try:
            found = migrate(engine) if what == "migrate" else revision(engine)
        finally:
            engine.dispose()
    except (SettingsError, DatabaseUrlError, SchemaError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except SQLAlchemyError as error:
        sys.stderr.write(f"the database cannot be used: {str(error.__cause__ or error).strip()}\n")
        return 2
    sys.stdout.write(f"{found.advice or f'schema {found.found} is up to date'}\n")
    return 0 if found.current else 1


if __name__ == "__main__":
    sys.exit(main())
