"""Variants with pages of their own are found from their product's page."""

import pytest

from crawler.extraction.variant_links import variant_links
from tests.extraction.made_pages import page

LINKS = "<a href='/p/kibble-3kg'>Kibble 3 kg</a><br><a href='/p/kibble-12kg?utm_source=x'>Kibble 12 kg</a>"
FOUND = ["https://dealer.example/p/kibble-3kg", "https://dealer.example/p/kibble-12kg"]


@pytest.mark.parametrize(
    "body",
    [
        f"<h2>Variants:</h2>{LINKS}<h2>Description</h2><a href='/p/other'>x</a>",
        f"<dl><dt>Packungsgrößen</dt><dd>{LINKS}</dd><dt>Marke</dt><dd><a href='/b'>B</a></dd></dl>",
        f"<div><span>Available sizes</span><ul><li>{LINKS}</li></ul></div>",
    ],
)
def test_links_behind_a_word_for_variants_are_variants(body):
    assert variant_links(page(f"<h1>Kibble</h1>{body}")) == FOUND


@pytest.mark.parametrize(
    "body",
    [
        f"<h2>You may also like</h2>{LINKS}",
        "<h2>Variants:</h2><a href='/p/only-one'>One</a>",
        "<h2>Variants:</h2><a href='https://elsewhere.example/1'>1</a><a href='https://elsewhere.example/2'>2</a>",
        "<h2>Sizes</h2><p>We have all sizes in stock.</p>",
        f"<p>All our variants are listed here: {LINKS}</p>",
    ],
)
def test_other_links_are_none(body):
    assert variant_links(page(f"<h1>Kibble</h1>{body}")) == []


def test_a_single_variant_is_one_if_it_is_named_like_the_page():
    body = "<h1>Kibble</h1><h2>Variants:</h2><a href='/p/kibble-3kg'>Kibble, 3 kg</a>"
    assert variant_links(page(body)) == FOUND[:1]
