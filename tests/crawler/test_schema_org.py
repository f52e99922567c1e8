"""A site's lists are walked to their end, whatever form their further pages have."""

import json

import pytest
from scrapy.http import HtmlResponse, TextResponse

from crawler.platforms.base import CutShort
from crawler.platforms.schema_org import SchemaOrg
from crawler.platforms.visit import Visit
from tests.crawler.dealer_files import dealer
from tests.extraction.made_pages import cards

LIST = "https://acme.example/stock/excavators"


def read(url, body, known=None, number=1):
    platform = SchemaOrg(dealer())
    kind = TextResponse if isinstance(body, dict) else HtmlResponse
    text = json.dumps(body) if isinstance(body, dict) else f"<html><body><main>{body}</main></body></html>"
    visit = Visit(url, "section", "all", number, known or {})
    found = platform.read_section(kind(url, body=text.encode(), encoding="utf-8"), visit)
    visits = [entry for entry in found if isinstance(entry, Visit)]
    return [v for v in visits if v.kind == "detail"], [v for v in visits if v.kind == "section"]


def test_further_pages_may_be_json_that_carries_html():
    more = "<button data-url='/more?page=2'>Load more</button>"
    details, following = read(LIST, cards(12) + more)
    assert (len(details), following[0].url) == (12, "https://acme.example/more?page=2")
    piece = {"html": cards(5, start=3000), "hasMore": True}
    details, following = read(following[0].url, piece, following[0].known, 2)
    assert (len(details), following[0].url) == (5, "https://acme.example/more?page=3")


def test_a_site_that_shows_its_last_page_again_and_again_is_left():
    known = {"template": f"{LIST}?page={{page}}"}
    _, following = read(LIST, cards(12), known)
    details, following = read(following[0].url, cards(3, start=3000), following[0].known, 2)
    assert (len(details), following[0].url) == (3, f"{LIST}?page=3")
    details, following = read(following[0].url, cards(3, start=3000), following[0].known, 3)
    assert following == []


def test_a_link_to_the_next_page_that_leads_to_the_same_things_is_followed_once():
    link = "<a rel='next' href='?page={}'>Next</a>"
    _, following = read(LIST, cards(12) + link.format(2))
    _, following = read(following[0].url, cards(12) + link.format(3), following[0].known, 2)
    assert following == []


def walked(known, *bodies):
    """The addresses that a walk over these pages asks for, and whether the list was found to be cut short."""
    asked, visit = [], Visit(LIST, "section", "all", 1, known)
    for body in bodies:
        asked.append(visit.url)
        page = HtmlResponse(visit.url, body=f"<html><body><main>{body}</main></body></html>".encode(), encoding="utf-8")
        found = list(SchemaOrg(dealer()).read_section(page, visit))
        following = [entry for entry in found if isinstance(entry, Visit) and entry.kind == "section"]
        if not following:
            return asked, any(isinstance(entry, CutShort) for entry in found)
        [visit] = following
    return asked, False


@pytest.mark.parametrize(
    ("last", "cut_short"),
    [
        (f"<p>47 products</p>{cards(12)}", True),  # a site that does not know the parameter
        ("<p>Nothing found</p>", True),
        (f"<p>47 products</p>{cards(33, start=3000)}", False),
    ],
)
def test_a_counted_walk_that_ends_before_all_was_shown_is_not_complete(last, cut_short):
    known = {"template": f"{LIST}?page={{page}}"}
    asked, found = walked(known, f"<p>47 products</p>{cards(12)}", last, "")
    assert found == cut_short
    assert len(asked) == (2 if cut_short else 3)


def test_a_next_link_that_leads_to_the_same_things_ends_a_list_that_is_not_complete():
    link = "<a rel='next' href='?page={}'>Next</a>"
    first, second = (f"<p>47 products</p>{cards(12)}{link.format(number)}" for number in (2, 3))
    assert walked({}, first, second) == ([LIST, f"{LIST}?page=2"], True)


def test_a_list_that_shows_nothing_of_what_it_says_it_has_is_not_complete():
    assert walked({}, "<p>47 products</p><div id='app'></div>") == ([LIST], True)
    assert walked({}, "<p>0 products</p>") == ([LIST], False)


@pytest.mark.parametrize("detail_links", [None, "article.card h3 a"])
def test_a_page_of_more_links_than_are_read_is_not_complete(detail_links, monkeypatch):
    monkeypatch.setattr("crawler.extraction.listing_page.MAX_LINKS", 10)
    platform = SchemaOrg(dealer(walk={"detail_links": detail_links}))
    for count, cut_short in ((10, False), (11, True)):
        body = f"<html><body><main><p>{count} products</p>{cards(count)}</main></body></html>".encode()
        found = list(platform.read_section(HtmlResponse(LIST, body=body), Visit(LIST, "section", "all")))
        assert len([entry for entry in found if isinstance(entry, Visit)]) == 10
        assert any(isinstance(entry, CutShort) for entry in found) == cut_short


def test_what_a_variant_leads_to_is_not_followed_further():
    links = "".join(f"<a href='/p/{weight}'>{weight} kg</a>" for weight in (3, 12, 20))
    offer = '{"@type":"Product","name":"Kibble 3 kg","offers":{"price":"9","priceCurrency":"EUR"}}'
    body = (
        f"<html><head><script type='application/ld+json'>{offer}</script></head><body><main><h1>Kibble 3 kg</h1>"
        f"<div><h3>Variants</h3>{links}</div></main></body></html>"
    )
    page = HtmlResponse("https://acme.example/p/3", body=body.encode())
    platform = SchemaOrg(dealer(vertical="dog"))
    for step, count in ((1, 2), (2, 0)):
        found = list(platform.read_detail(page, Visit(page.url, "detail", "all", step)))
        assert len([entry for entry in found if isinstance(entry, Visit)]) == count


def test_a_list_that_says_it_has_more_than_it_shows_is_not_complete():
    platform = SchemaOrg(dealer())
    for total, cut_short in ((47, True), (13, False), (12, False)):
        body = f"<html><body><main><p>{total} products</p>{cards(12)}<a href='#'>2</a></main></body></html>"
        found = list(
            platform.read_section(
                HtmlResponse(LIST, body=body.encode(), encoding="utf-8"), Visit(LIST, "section", "all")
            )
        )
        assert any(isinstance(entry, CutShort) for entry in found) == cut_short
