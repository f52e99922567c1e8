"""What is kept for a while: only what was work, and not for longer."""

from __future__ import annotations

import pytest

from api.kept import Kept


def test_a_value_is_made_once_while_it_holds_and_anew_after_that() -> None:
    now, made = [0.0], []

    def make() -> int:
        made.append(now[0])
        return len(made)

    kept = Kept[int](lambda value: True, holds_s=10, clock=lambda: now[0])
    assert [kept.get("a", make), kept.get("a", make), kept.get("b", make)] == [1, 1, 2]
    now[0] = 9.9
    assert kept.get("a", make) == 1
    now[0] = 10.1
    assert kept.get("a", make) == 3


def test_what_was_no_work_is_made_each_time() -> None:
    kept = Kept[int](lambda value: value > 5)
    assert [kept.get("a", lambda: 1), kept.get("a", lambda: 2), kept.get("a", lambda: 9), kept.get("a", lambda: 3)] == [
        1, 2, 9, 9,
    ]  # fmt: skip


def test_the_least_used_goes_where_there_are_too_many() -> None:
    kept = Kept[str](lambda value: True, most=2)
    for key in ("a", "b", "a", "c"):
        kept.get(key, lambda key=key: key)  # type: ignore[misc]
    assert [kept.get(key, lambda: "new") for key in ("a", "c", "b")] == ["a", "c", "new"]


def test_while_an_old_value_is_made_anew_others_get_the_old_one_but_not_for_ever() -> None:
    now = [0.0]
    kept = Kept[str](lambda value: True, holds_s=10, clock=lambda: now[0])
    assert kept.get("a", lambda: "old") == "old"
    now[0] = 15.0
    seen: list[str] = []

    def make() -> str:
        seen.append(kept.get("a", lambda: "another"))
        now[0] = 25.0
        seen.append(kept.get("a", lambda: "another"))
        return "new"

    assert kept.get("a", make) == "new"
    assert seen == ["old", "another"]


def test_a_value_that_cannot_be_made_is_tried_again_by_who_comes_next() -> None:
    now = [0.0]
    kept = Kept[str](lambda value: True, holds_s=10, clock=lambda: now[0])
    kept.get("a", lambda: "old")
    now[0] = 15.0
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: str(1 / 0))
    assert kept.get("a", lambda: "new") == "new"


def test_what_has_a_long_key_is_not_kept() -> None:
    kept = Kept[str](lambda value: True)
    key = ("listings", "x" * 60_000)
    assert [kept.get(key, lambda: "one"), kept.get(key, lambda: "two")] == ["one", "two"]
