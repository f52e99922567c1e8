"""A page that lists things gives the links to them, each once, and the next page."""

from __future__ import annotations

import pytest

from crawler.extraction.listing_page import read_listing_page
from tests.extraction.made_pages import cards, page

URL = "https://dealer.example/stock/excavators"
FACETS = (
    "<div class='facets'><a href='/stock/excavators?make=cat'>Cat (12)</a>"
    "<a href='/stock/excavators?make=volvo'>Volvo (9)</a>"
    "<a href='/stock/excavators?sort=price'>Price</a><a href='/stock/excavators?sort=year'>Year</a></div>"
    "<ul class='lang'><li><a hreflang='de' href='/de/stock/excavators'>Deutsch</a></li></ul>"
)
PAGES = (
    "<ul class='pagination'><li><a href='/stock/excavators'>1</a></li><li class='active'>2</li>"
    "<li><a href='/stock/excavators?page=3'>3</a></li><li><a href='/stock/excavators?page=9'>9</a></li></ul>"
)


def test_cards_are_found_with_text_and_price() -> None:
    made = page(f"<h1>Excavators</h1><p>1–24 of 312 results</p>{FACETS}{cards(24)}{PAGES}", url=URL)
    found = read_listing_page(made, detail_links=None, next_page=None)
    assert [link.url for link in found.links] == [
        f"https://dealer.example/stock/excavators/cat-320-{n}" for n in range(1000, 1024)
    ]
    assert found.links[0].text == "2015 Cat 320 no 1000"
    assert found.links[0].price_text == "$7,000"
    assert found.total == 312


def test_cards_alike_are_details_whatever_the_form_of_their_address() -> None:
    older = cards(1, path="/inventory/item.html?number=", start=5000)
    mixed = cards(12).removesuffix("</div>") + older.removeprefix("<div class='grid'>")
    found = read_listing_page(page(mixed, url=URL), detail_links=None, next_page=None)
    assert len(found.links) == 13


@pytest.mark.parametrize("count", [1, 2, 3])
def test_short_lists_are_found_too(count: int) -> None:
    found = read_listing_page(page(f"<h1>Excavators</h1>{cards(count)}", url=URL), detail_links=None, next_page=None)
    assert len(found.links) == count


def test_the_dealers_selectors_win() -> None:
    made = page(
        f"{cards(5)}<p><a class='own' href='/a/1?utm_source=x'>A</a> <a class='own' href='/a/1'>A</a></p>"
        f"<a id='n' href='?p=2'>x</a>",
        url=URL,
    )
    found = read_listing_page(made, detail_links="a.own", next_page="a#n::attr(href)")
    assert len(found.links) == 1
    assert found.next_url == "https://dealer.example/stock/excavators?p=2"


@pytest.mark.parametrize(
    ("url", "body", "following"),
    [
        (f"{URL}?page=2", PAGES, f"{URL}?page=3"),
        (URL, "<a rel='next' href='?page=2'>→</a>", f"{URL}?page=2"),
        (URL, "<div class='pager'><a href='/stock/excavators/page/2/'>»</a></div>", f"{URL}/page/2/"),
        (URL, "<p><a href='?seite=2'>Nächste Seite</a></p>", f"{URL}?seite=2"),
        (f"{URL}?page=1", "<a href='?page=0'>1</a> <a href='?page=1'>2</a> <a href='?page=2'>3</a>", f"{URL}?page=2"),
        (f"{URL}?start=24", "<a href='?start=0'>1</a> 2 <a href='?start=48'>3</a>", f"{URL}?start=48"),
        (f"{URL}/12", "<a href='?page=2'>2</a> <a href='?page=3'>3</a>", f"{URL}/12?page=2"),
        (f"{URL}?page=2", "<a href='?page=1'>1</a> <a href='?page=9'>9</a>", None),
        (URL, "<button data-next-url='/stock/excavators?page=2'></button>", f"{URL}?page=2"),
        (URL, "<button hx-get='?page=2'>Load more</button>", f"{URL}?page=2"),
        (
            URL,
            "<button data-url='/api/more?offset=24'>Mehr anzeigen</button>",
            "https://dealer.example/api/more?offset=24",
        ),
        (URL, "<div data-url='/stock/excavators?page=2'>Share</div>", None),
        (URL, "<div class='carousel' data-next='/slides?page=2'>x</div>", None),
        (URL, "<div data-next='fade'>x</div>", None),
        (URL, "<a href='/stock/excavators/123'>View more</a>", None),
        (URL, "<a href='?page=2'>View more</a>", f"{URL}?page=2"),
        (URL, "<div class='calendar'><a href='/events?month=2'>Next</a></div>", None),
        (URL, "<a href='?sort=price&page=2'>Next</a>", "https://dealer.example/stock/excavators?page=2"),
        (URL, "<a href='/stock/dozers'>2</a>", None),
        (URL, "<a rel='next' href='https://elsewhere.example/2'>Next</a>", None),
        (f"{URL}?page=9", "<ul class='pagination'><li><a href='?page=8'>8</a></li></ul>", None),
    ],
)
def test_the_next_page_is_found_and_traps_are_not(url: str, body: str, following: str | None) -> None:
    found = read_listing_page(page(body, url=url), detail_links=None, next_page=None)
    assert found.next_url == following


def test_a_page_without_a_list_has_no_links() -> None:
    assert read_listing_page(page("<h1>About us</h1><p>Text</p>"), detail_links=None, next_page=None).links == []


@pytest.mark.parametrize(
    ("body", "total"),
    [
        ("<p>1–24 of 312 results</p>", 312),
        ("<p><strong>120</strong> results - showing <strong>1</strong> to <strong>20</strong></p>", 120),
        ("<p>Showing <b>1</b>–<b>20</b> of <b>87</b> products</p>", 87),
        ("<p>Treffer: 1.312</p>", 1312),
        ("<p>Call 555</p><p><b>24</b> hours a day</p>", None),
        ("<p>Over <b>500</b> machines sold for $1,000</p>", None),
        ("<table><tr><th>Number of reviews</th><td>0</td></tr></table>", None),
        ("<table><tr><th>Set of</th><td>4</td></tr></table>", None),
        ("<p>4.7 of 5 stars, 31 Bewertungen</p>", None),
    ],
)
def test_the_number_that_a_list_states_is_read(body: str, total: int | None) -> None:
    found = read_listing_page(page(f"<h1>Excavators</h1>{body}{cards(5)}", url=URL), detail_links=None, next_page=None)
    assert found.total == total
