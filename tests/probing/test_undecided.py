"""Sites for which no file can be written: each says why, and what to do next."""

from __future__ import annotations

import pytest

from crawler.fetching.asking import Answer
from crawler.probing.draft import Undecided
from crawler.tracking.error_class import Refused
from tests.probing.made_sites import HOME, MadeSite, Pages, card, detail, machines_of, page, probed

ORDINARY = page("Home", "<h1>Used excavators</h1>")
CAPTCHA = "<html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1></body></html>"


def refused(status: int) -> Answer:
    return Answer(HOME, status, b"", {}, None)


SITES: dict[str, tuple[Pages, str]] = {
    "robots.txt forbids": ({"/": ORDINARY, "/robots.txt": "User-agent: *\nDisallow: /\n"}, "forbids us.*feed"),
    "robots.txt fails": ({"/": ORDINARY, "/robots.txt": refused(503)}, "robots.txt cannot be read.*again later"),
    "out of reach": ({"/": ORDINARY, "/robots.txt": TimeoutError("late")}, "the site cannot be had.*Check the address"),
    "no such page": ({}, "cannot be had: .*http_404.*browser"),
    "refused": ({"/": refused(403)}, "refuses us.*http_403.*leave"),
    "challenge": ({"/": CAPTCHA}, "keeps crawlers out.*leave"),
    "no page at all": ({"/": "just a text without markup"}, "neither a page nor a feed"),
    "nothing on offer": (
        {"/": page("Blog", "".join(f'<p><a href="/post-{n}">A long title of post {n}</a></p>' for n in range(9)))},
        "no list of stock",
    ),
}


@pytest.mark.parametrize("case", SITES)
def test_it_says_why_and_what_to_do_next(case: str) -> None:
    pages, message = SITES[case]
    with pytest.raises(Undecided, match=message):
        probed(MadeSite(dict(pages)))


@pytest.mark.parametrize("failure", [refused(403), refused(401), Refused("redirects", "max redirections reached")])
def test_a_robots_txt_that_is_not_there_for_us_forbids_nothing(failure: Answer | Exception) -> None:
    machines = machines_of("dozers", 6, 100)
    site = MadeSite({"/": page("Dozers", "".join(map(card, machines))), "/robots.txt": failure})
    site.pages |= {machine.path: detail(machine) for machine in machines}
    assert probed(site).draft.listings == 6


def test_a_site_that_robots_txt_forbids_is_not_asked_for_anything_else() -> None:
    site = MadeSite({"/": ORDINARY, "/robots.txt": "User-agent: *\nDisallow: /\n"})
    with pytest.raises(Undecided):
        probed(site)
    assert site.asked == [HOME + "robots.txt"]


def test_lists_whose_pages_offer_nothing_that_can_be_read_say_so() -> None:
    machines = machines_of("dozers", 6, 100)
    site = MadeSite({"/": page("Dozers", "".join(map(card, machines)))})
    site.pages |= {machine.path: page("Soon", "<h1>Soon</h1><p>Coming soon.</p>") for machine in machines}
    with pytest.raises(Undecided, match=r"none offers a thing that could be read.*scrapy extract"):
        probed(site)


def test_goods_of_neither_vertical_are_not_guessed() -> None:
    goods = [f'<div class="c"><a href="/p/{n}"><img src="/{n}.jpg">Sneaker model {n}</a><b>€ {n}9,90</b></div>'
             for n in range(3, 9)]  # fmt: skip
    site = MadeSite({"/": page("Shoes", "".join(goods))})
    site.pages |= {f"/p/{n}": page(f"Sneaker {n}", f"<h1>Sneaker {n}</h1><b>€ {n}9,90</b>") for n in range(3, 9)}
    with pytest.raises(Undecided, match=r"neither machines nor dog products.*--vertical"):
        probed(site)
