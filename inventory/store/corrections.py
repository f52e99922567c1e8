"""What people know better about listings, laid over what their dealers say.

A listing's columns hold the corrected values; what they would hold without corrections is kept beside them
(`listing_details.uncorrected`). Every writer first puts that back, merges and makes events from what the dealer said
and says, and lays the corrections over the outcome: so a correction is no event, hides none, and can be taken back.
`listings.corrections` is a digest of what a listing bears: one that bears others than are in force is not unchanged.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, text

from inventory.columns import Money
from inventory.store.history import json_value
from inventory.store.many_rows import are_among
from inventory.tables import corrections, dealers, listings

Name = tuple[str, str]
"""(dealer, the dealer's own id or the address)"""

Fields = Mapping[str, str]
"""Field → its value as a person wrote it."""

Correct = Callable[[str, Mapping[str, Any], Fields], Mapping[str, Any]]
"""The rules that lay corrections over a listing: its dealer, its columns of both tables as its source has them, and the
corrections → the columns that become otherwise. What cannot be had of this listing is left out."""

_LOCK: Final = 0x59414344
"""PostgreSQL's advisory lock of all corrections: writers share it, who enters corrections has it alone ("YACD")."""
_SHARE: Final = text("SELECT pg_advisory_xact_lock_shared(:key)").bindparams(bindparam("key", _LOCK))
_HOLD: Final = text("SELECT pg_advisory_xact_lock(:key)").bindparams(bindparam("key", _LOCK))
_MONEY: Final = frozenset(column.name for column in listings.c if isinstance(column.type, Money))


class NoRules(RuntimeError):
    """A listing bears corrections and its writer was given no rules that apply them."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """What corrections make of a listing: columns of both tables, and what these columns would hold without them."""

    values: Mapping[str, Any] = field(default_factory=dict)
    uncorrected: Mapping[str, Any] | None = None
    digest: str | None = None

    def columns_of(self, table: Any) -> dict[str, Any]:
        """The values that stand in this table, with what the table keeps of the corrections."""
        kept = {"corrections": self.digest} if table is listings else {"uncorrected": self.uncorrected}
        return {name: value for name, value in self.values.items() if name in table.c} | kept if self.values else kept


class Corrections:
    """The corrections in force for some listings, and the rules that apply them."""

    def __init__(self, fields: Mapping[Name, Fields], correct: Correct | None) -> None:
        self._fields = fields
        self._correct = correct

    def digest(self, dealer: str, identity_key: str | None) -> str | None:
        """What `listings.corrections` of a listing is to be."""
        return digest(self._fields.get(name_of(dealer, identity_key), {}))

    def bears(self, dealer: str, identity_key: str | None) -> bool:
        """Whether a listing has any."""
        return name_of(dealer, identity_key) in self._fields

    def over(self, dealer: str, identity_key: str | None, values: Mapping[str, Any]) -> Corrected:
        """Lay a listing's corrections over its columns of both tables. Raises `NoRules`."""
        fields = self._fields.get(name_of(dealer, identity_key))
        if not fields:
            return Corrected()
        if self._correct is None:
            raise NoRules(f"{dealer}: {identity_key} is corrected, and nobody said how corrections are applied")
        return overlay(dealer, values, fields, self._correct)


def overlay(dealer: str, values: Mapping[str, Any], fields: Fields, correct: Correct) -> Corrected:
    """Lay corrections over a listing's columns of both tables. Pure."""
    if not fields:
        return Corrected()
    found = correct(dealer, values, fields)
    other = {name: value for name, value in found.items() if value != values[name]}
    return Corrected(other, {name: json_value(values[name]) for name in other}, digest(fields))


def share(connection: Connection) -> None:
    """To be called first in a transaction that writes listings: while it lasts nobody enters corrections.

    SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_SHARE)


def hold(connection: Connection) -> None:
    """Wait until nobody writes listings, and let nobody until this transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(_HOLD)


def in_force(connection: Connection, names: Collection[Name], correct: Correct | None) -> Corrections:
    """The corrections of these listings; one query by an index."""
    return Corrections(fields_of(connection, names), correct)


def fields_of(connection: Connection, names: Collection[Name]) -> dict[Name, dict[str, str]]:
    """The corrections in force for these listings; where files disagree that of the file that was entered last."""
    found: dict[Name, dict[str, str]] = defaultdict(dict)
    if not names:
        return found
    columns = corrections.c
    query = select(columns.dealer, columns.external_id, columns.field, columns.value).where(
        are_among(connection, (columns.dealer, columns.external_id), names)
    )
    for dealer, external_id, name, value in connection.execute(query.order_by(columns.entered_at, columns.file)):
        found[dealer, external_id][name] = value
    return found


def stored_keys(connection: Connection, names: Collection[Name]) -> list[tuple[int, str]]:
    """Under which (dealer's id, identity_key) these listings may be stored; none of a dealer that is not known."""
    query = select(dealers.c.name, dealers.c.id).where(dealers.c.name.in_({name[0] for name in names}))
    ids: dict[str, int] = dict(connection.execute(query).all())
    return [(ids[name[0]], f"{kind}:{name[1]}") for name in sorted(names) if name[0] in ids for kind in ("id", "url")]


def name_of(dealer: str, identity_key: str | None) -> Name:
    """How a person names a listing: by the dealer's own id, or by its address where it has none."""
    return dealer, (identity_key or "").partition(":")[2]


def digest(fields: Fields) -> str | None:
    """32 hex digits over corrections in force; None where there are none."""
    if not fields:
        return None
    return hashlib.blake2b(json.dumps(sorted(fields.items())).encode(), digest_size=16).hexdigest()


def as_said(uncorrected: Mapping[str, Any] | None) -> dict[str, Any]:
    """The columns that are corrected, as they would be without: `listing_details.uncorrected` as it was stored."""
    return {
        name: Decimal(value) if name in _MONEY and value is not None else value
        for name, value in (uncorrected or {}).items()
    }
