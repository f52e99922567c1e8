"""JSON Lines from files and pipes: blocks into lines, lines into records, and back, whatever stands in them."""

from __future__ import annotations

import gzip
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.json_lines import (
    MAX_LINE_BYTES,
    LineError,
    SourceError,
    blocks_of,
    line_of,
    numbered_lines,
    record_of,
)


def packed(text: bytes) -> bytes:
    """The same bytes at any time: parameters give tests their names."""
    return gzip.compress(text, mtime=0)


def all_lines(blocks):
    return [line for found in numbered_lines(blocks) for line in found]


@given(st.binary(max_size=200), st.lists(st.integers(1, 7), max_size=50))
def test_lines_are_the_same_however_the_bytes_arrive(text, lengths):
    blocks, rest = [], text
    for length in lengths:
        blocks.append(rest[:length])
        rest = rest[length:]
    wanted = [(n, line.strip()) for n, line in enumerate(text.split(b"\n"), 1) if line.strip()]
    assert all_lines([*blocks, rest]) == wanted


def test_a_line_is_given_with_the_block_that_ends_it():
    found = numbered_lines([b'{"a":1}\n{"b"', b":2}\r\n\n", b"{}"])
    assert list(found) == [[(1, b'{"a":1}')], [(2, b'{"b":2}')], [], [(4, b"{}")]]


def test_a_line_without_end_is_not_held_and_the_next_one_is_read():
    block = b"x" * (1024 * 1024)
    blocks = [b'{"a":1}\n', *[block] * (MAX_LINE_BYTES // len(block) + 2), b'\n{"b":2}\n']
    assert all_lines(blocks) == [(1, b'{"a":1}'), (2, None), (3, b'{"b":2}')]


@pytest.mark.parametrize("content", [
    packed(b'{"a":1}\n'),
    packed(b'{"a"') + packed(b':1}\n') + bytes(100),
    packed(b'\xef\xbb\xbf{"a":1}\n'),
    b'\xef\xbb\xbf{"a":1}',
])  # fmt: skip
def test_gzip_and_a_mark_are_taken_off(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    assert all_lines(blocks_of(str(tmp_path / "a"))) == [(1, b'{"a":1}')]


@pytest.mark.parametrize(("content", "why"), [
    (packed(b'{"a":1}\n' * 99)[:-9], "is no whole gzip file"),
    (packed(b"")[:4] + b"nonsense" * 9, "a: "),
    ('{"a":1}'.encode("utf-16"), "is UTF-16; convert it"),
    (None, "a: No such file or directory"),
])  # fmt: skip
def test_what_cannot_be_read_is_named_with_a_reason(tmp_path, content, why):
    if content is not None:
        (tmp_path / "a").write_bytes(content)
    with pytest.raises(SourceError, match=why):
        all_lines(blocks_of(str(tmp_path / "a")))


@pytest.mark.parametrize(("line", "why"), [
    (b'{"a":', "is no JSON: .* at character"),
    (b"[1]", "is a list, not a JSON object; a list in one piece"),
    (b"null", "is null"),
    (b"7", "is a number"),
    (b'{"a": "\xff"}', "is not UTF-8 at byte 8"),
    (b'{"a":' * 100_000, "nests too deep"),
    (b'{"a":' + b"9" * 5000 + b"}", "is no JSON: Exceeds the limit"),
    (b"", "is no JSON"),
])  # fmt: skip
def test_a_line_that_is_no_record_says_why(line, why):
    with pytest.raises(LineError, match=why):
        record_of(line)


def test_what_is_no_json_but_common_is_taken():
    assert record_of(b'{"a": NaN, "b": [-Infinity, 1e999], "c": 1e300}') == {"a": None, "b": [None, None], "c": 1e300}
    half = record_of(b'{"title": "half \\ud83d"}')
    assert json.loads(line_of(half)) == half == {"title": "half \ud83d"}


def test_numbers_keep_every_digit():
    line = b'{"id":123456789012345678901234567890,"price":1.10}'
    assert json.loads(line_of(record_of(line))) == {"id": 123456789012345678901234567890, "price": 1.1}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_a_record_comes_back_as_it_was_written(record):
    assert record_of(line_of(record)) == record


@given(st.dictionaries(st.text(), JSON, max_size=3), st.floats())
def test_no_number_becomes_null(record, number):
    line = line_of(record | {"n": number})
    assert json.loads(line)["n"] == (number if math.isfinite(number) else None)


def test_deep_records_are_written_as_far_as_they_could_be_read():
    deep = record_of(b'{"a":' * 300 + b"1" + b"}" * 300)
    assert record_of(line_of(deep)) == deep
