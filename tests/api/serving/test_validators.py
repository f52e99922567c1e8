"""Validators: parts of tags, what is held, order of parameters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.serving.validators import digest, held, http_date, normalised, tag, unchanged_since


def test_a_tag_is_held_by_its_version_or_by_its_content() -> None:
    sent = tag("v1", "c1")
    assert held(sent, "v1", None) == sent
    assert held(sent, "v2", "c1") == sent
    assert held(sent, "v2", "c2") is None
    assert held(b'"other", ' + sent, "v1", None) == sent


@pytest.mark.parametrize("strange", [b"", b'""', b'W/"-"', b"v1", b'"\xff"', b",,,", b'W/"', b"-"])
def test_a_strange_header_holds_nothing(strange: bytes) -> None:
    assert held(strange, "v1", "c1") is None
    assert held(strange, None, None) is None


def test_a_star_holds_whatever_there_is_once_it_is_known_to_be() -> None:
    assert held(b"*", "v1", None) is None
    assert held(b"*", None, "c1") == b"*"


@given(st.integers(min_value=0, max_value=4_000_000_000))
def test_a_date_that_was_sent_is_understood_when_it_comes_back(second: int) -> None:
    assert unchanged_since(http_date(second), second)
    assert not unchanged_since(http_date(second), second + 1)


@pytest.mark.parametrize("strange", [b"", b"yesterday", b"\xff", b"Sun, 99 Nov 2026 13:28:11 GMT"])
def test_a_date_that_is_none_says_nothing(strange: bytes) -> None:
    assert not unchanged_since(strange, 0)


@given(st.lists(st.tuples(st.sampled_from(["make", "sort", "q"]), st.sampled_from(["a", "b", ""]))))
def test_parameters_in_another_order_are_the_same_query_but_repeated_ones_keep_theirs(
    pairs: list[tuple[str, str]],
) -> None:
    def written(some: list[tuple[str, str]]) -> bytes:
        return "&".join(f"{name}={value}" for name, value in some).encode()

    by_name = sorted(pairs, key=lambda pair: pair[0])
    assert normalised(written(pairs)) == written(by_name)


def test_a_digest_tells_where_one_part_ends() -> None:
    assert digest("ab", "c") != digest("a", "bc")
