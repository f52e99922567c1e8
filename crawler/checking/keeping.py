"""Keeps in the database when a dealer was last checked, and what was found."""

from __future__ import annotations

import sys
from dataclasses import fields
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from crawler.checking.check import Checked
from inventory.engine import said
from inventory.ledger import DealerFacts
from inventory.verification import note_verified


def keep(engine: Engine, found: Checked) -> bool:
    """Write a check down; False, and said on standard error, where the database refuses it."""
    names = {entry.name for entry in fields(DealerFacts)}
    facts = DealerFacts(**found.dealer.model_dump(include=names))
    try:
        note_verified(engine, facts, found.outcome, datetime.now(UTC))
    except SQLAlchemyError as error:
        sys.stderr.write(f"{found.dealer.name}: its check could not be written down: {said(error)}\n")
        return False
    return True
