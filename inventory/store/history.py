"""Which events a change is. Pure: one row per real change, with old and new.

Real is what the dealer changed. What only our inference sees otherwise, because a rule or table changed, is stored
without an event; beside a change of the dealer's it is told along.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from inventory.listing import INFERRED, Listing, text_behind
from inventory.store.merge import STORED_FIELDS

Changes = Mapping[str, tuple[Any, Any]]

_PRICE: Final = ("price", "currency", "price_status", "price_period", "price_tax", "regular_price", "unit_price_per_kg")
_PLACE: Final = ("location", "city", "region", "country", "lat", "lon", "location_precision")
QUIET: Final = frozenset({"category_confidence", "size_confidence", "rating", "rating_count", "section"})
"""Fields whose change is no news; they are stored all the same."""


@dataclass(frozen=True, slots=True)
class Event:
    """A change of one listing: kind as in `inventory.tables.EVENT_KINDS`, and field → [old, new] as JSON values."""

    kind: str
    changes: dict[str, list[Any]]


def first_event(values: Mapping[str, Any]) -> Event:
    """A listing seen for the first time, with all that is known of it."""
    known = {name: [None, json_value(values[name])] for name in STORED_FIELDS if values[name] is not None}
    return Event("listed", known)


def events_of(
    changes: Changes, status_before: str, status_now: str, reread: Collection[str] = frozenset()
) -> list[Event]:
    """The events of a merge, most telling first; none where nothing changed.

    `reread` are the fields that only newer rules read otherwise (`read_otherwise`): no news, like those of inference.
    """
    events: list[Event] = []
    if status_before != status_now:
        kind = {"sold": "sold_marked", "gone": "delisted"}.get(status_now, "relisted")
        events.append(Event(kind, {"status": [status_before, status_now]}))
    ours = INFERRED.union(reread)
    left = {name: change for name, change in changes.items() if name not in QUIET}
    if left.keys() <= ours:
        return events
    if price_kind := _price_kind(left):
        events.append(_event(price_kind, {name: left.pop(name) for name in _PRICE if name in left}))
    if "hours" in left and "hours" not in ours:
        events.append(_event("hours_changed", {"hours": left.pop("hours")}))
    if any(name in left for name in ("city", "region", "country", "location")):
        events.append(_event("moved", {name: left.pop(name) for name in _PLACE if name in left}))
    if left.keys() - ours:
        events.append(_event("changed", left))
    return events


def read_otherwise(changes: Changes, stored: Mapping[str, Any], listing: Listing) -> frozenset[str]:
    """The changed fields that the dealer left as they were: only our rules read them otherwise than before.

    Such a field was read from a text and still is, and the text has not changed; or it is a make whose raw text has
    not. With equal rules (`inference_version`) every change is the dealer's. `stored` has the columns of both tables.
    """
    if stored["inference_version"] == listing.inference_version:
        return frozenset()
    raw, now = stored["raw"] or {}, listing.raw
    same_text = {
        "title": "title" not in changes,
        "description": stored["description"] == listing.description,
        "specs": _plain(raw.get("specs")) == _plain(now.get("specs")),
    }
    for name in ("hours", "model", *changes):  # the texts of the others first
        same_text[name] = name not in changes or _reread(name, changes, stored, listing, same_text)
    found = {name for name in changes if name != "title" and same_text[name]}
    exact = "exact" in (stored["location_precision"], listing.location_precision)
    if not exact and not {"location", "city", "region", "country"} & changes.keys():
        found |= {"lat", "lon", "location_precision"} & changes.keys()  # another table of towns
    return frozenset(found)


def _reread(
    name: str, changes: Changes, stored: Mapping[str, Any], listing: Listing, same_text: Mapping[str, bool]
) -> bool:
    if name == "make" and (said := listing.raw.get("make")) is not None:
        return bool((stored["raw"] or {}).get("make") == said)
    texts = [text_behind(name, listing.provenance.get(name, ""))]
    if changes[name][0] is not None:
        texts.append(text_behind(name, (stored["provenance"] or {}).get(name, "")))
    return all(text is not None and same_text.get(text, False) for text in texts)


def _plain(pairs: Any) -> Any:
    """Specification pairs as JSON gives them back."""
    return [list(pair) for pair in pairs] if isinstance(pairs, list | tuple) else pairs


def _price_kind(changes: Changes) -> str | None:
    if "price" not in changes:
        return None
    old, new = changes["price"]
    if new is None:
        return "price_hidden"
    if old is None:
        return "price_shown"
    if "currency" in changes:
        return None  # two currencies cannot be compared: a plain change
    return "price_up" if new > old else "price_down"


def _event(kind: str, changes: Changes) -> Event:
    return Event(kind, {name: [json_value(old), json_value(new)] for name, (old, new) in changes.items()})


def json_value(value: Any) -> Any:
    """A stored value as JSON has it: decimals as text, so that no cent is lost."""
    return str(value) if isinstance(value, Decimal) else value
