"""One page, one address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.parsing.urls import absolute_url, canonical_url

URLS = st.one_of(
    st.text(),
    st.builds(
        lambda scheme, host, port, path, query: f"{scheme}://{host}{port}/{path}?{query}#x",
        st.sampled_from(["http", "https", "HTTP"]),
        st.text(min_size=1),
        st.sampled_from(["", ":80", ":443", ":8080"]),
        st.text(),
        st.text(st.sampled_from("abutm_gclid=&%;+ 1ü/?") | st.characters()),
    ),
)


@given(url=URLS)
def test_a_canonical_url_stays_as_it_is(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://Dealer.EXAMPLE:80", "http://dealer.example/"),
        ("https://dealer.example:443/a#top", "https://dealer.example/a"),
        ("https://dealer.example:8443/a", "https://dealer.example:8443/a"),
        ("https://d.example/a?utm_source=x&b=2&a=1&gclid=9&fbclid=8", "https://d.example/a?a=1&b=2"),
        ("https://d.example/a;jsessionid=12AB?id=7", "https://d.example/a?id=7"),
        ("https://d.example/a?PHPSESSID=12&id=7", "https://d.example/a?id=7"),
        ("https://d.example/grün?q=ü", "https://d.example/gr%C3%BCn?q=%C3%BC"),
        ("https://d.example/%7Ea/%c3%bc", "https://d.example/~a/%C3%BC"),
        ("https://d.example/a?id=", "https://d.example/a?id="),
        ("mailto:a@b.example", "mailto:a@b.example"),
    ],
)
def test_what_does_not_change_the_page_goes(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


def test_links_become_absolute_and_what_is_no_page_is_none() -> None:
    assert absolute_url("https://d.example/a/b", "../c?x=1") == "https://d.example/c?x=1"
    assert absolute_url("https://d.example/", "javascript:void(0)") is None
    assert absolute_url("https://d.example/", "http://[") is None
