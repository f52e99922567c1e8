"""What a person types as an address is taken or refused before anything is asked."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.fetching.web_address import looks_like_web_address, web_address


@pytest.mark.parametrize(("text", "address"), [
    ("https://acme.example/used?x=1", "https://acme.example/used?x=1"),
    ("HTTP://Acme.example", "http://Acme.example"),
    ("http://[::1]:8000/", "http://[::1]:8000/"),
    ("https://münchen-bagger.example/", "https://münchen-bagger.example/"),
])  # fmt: skip
def test_an_address_is_taken_with_its_scheme_in_small_letters(text, address):
    assert web_address(text) == address


@pytest.mark.parametrize("text", [
    "", "acme.example", "ftp://acme.example/", "http://", "http:///used", "http://[::1", "http://acme:99999/",
    "http://acme:port/", "http://acme.example/a b", "http://acme.example/\x1b[31m", "page.html",
])  # fmt: skip
def test_what_cannot_be_asked_is_none(text):
    assert web_address(text) is None


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30) | st.text(max_size=30).map("http://{}".format))
def test_no_text_is_an_error(text):
    if web_address(text) is not None:
        assert looks_like_web_address(text)
