"""The quick question whether a word may stand in a text never says no where the search would find it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.inference import title
from pipelines.inference.title_numbers import _YEAR_WORD, YEAR_STARTS, hour_starts, hour_word
from pipelines.parsing.lexicon import fold, rows, word_pattern
from pipelines.parsing.word_starts import ascii_starts, may_hold, starts_of, word_starts

ASCII = st.characters(max_codepoint=127)
SEARCHES = [
    (title.DISTANCE, title.DISTANCE_STARTS),
    (title.EXTRAS, title.EXTRAS_STARTS),
    (hour_word(), hour_starts()),
    (re.compile(_YEAR_WORD, re.IGNORECASE), YEAR_STARTS),
]


@pytest.mark.parametrize(("pattern", "wanted"), SEARCHES)
@given(data=st.data())
def test_what_a_title_search_finds_starts_as_one_of_its_words(pattern, wanted, data):
    text = data.draw(st.from_regex(pattern, alphabet=ASCII))
    assert may_hold(ascii_starts(text), wanted)


@given(text=st.from_regex(title.STOCK, alphabet=ASCII))
def test_a_stock_number_has_its_sign_or_a_word_for_it(text):
    assert "#" in text or may_hold(ascii_starts(text), title.STOCK_STARTS)


@given(text=st.from_regex(title.BREAK, alphabet=ASCII))
def test_every_break_of_plain_text_has_a_sign_of_breaks(text):
    assert title.BREAK_SIGN.search(text)


@pytest.mark.parametrize("name", ["hours_words.csv", "year_words.csv", "condition.csv"])
def test_a_text_that_holds_a_word_of_a_list_may_hold_one(name):
    words = [row["word"] for row in rows(name) if any(map(str.isalpha, row["word"]))]
    wanted, pattern = starts_of(words), word_pattern(words)
    for word in words:
        for text in (f"12{word.removesuffix('*')}, x", f"x {word.replace('-', ' ').replace('*', 'en')}"):
            assert may_hold(word_starts(fold(text)), wanted) or not pattern.search(fold(text))


def test_other_words_are_known_not_to_be_there():
    assert not may_hold(word_starts("one owner, full records"), starts_of(["hours", "std"]))


def test_scripts_without_blanks_and_text_in_other_letters_may_hold_anything():
    assert word_starts("使用小时 1200") is None
    assert ascii_starts("Größe 12") is None


@pytest.mark.parametrize("word", ["@", "24/7", "h*"])
def test_a_word_without_a_telling_start_is_refused(word):
    with pytest.raises(ValueError, match="no start"):
        starts_of([word])
