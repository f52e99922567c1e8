"""Looks at a site and drafts its dealer file: the steps of `scrapy probe`, as one coroutine over `ask`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

from crawler.checking.looking import UNREACHABLE
from crawler.dealers.declaration import Dealer, origin_of
from crawler.extraction.page import Page
from crawler.extraction.shell import needs_browser
from crawler.fetching.asking import NotFetched
from crawler.probing import facts
from crawler.probing.categories import vertical_of_words
from crawler.probing.declaring import declare
from crawler.probing.draft import Draft, Undecided
from crawler.probing.engine import engines_of
from crawler.probing.feeds import draft_of_feeds, find_feed, read_feed
from crawler.probing.json_api import find_json_api
from crawler.probing.pages import find_pages
from crawler.probing.rendered import draft_of_shell, with_details_drawn
from crawler.probing.robots import Robots, read_robots
from crawler.probing.sampling import Sample, take_sample
from crawler.probing.shopify_shop import find_shopify
from crawler.probing.site import Site
from crawler.probing.sitemaps import read_sitemaps
from crawler.probing.woocommerce_shop import find_woocommerce
from crawler.probing.writing import DealerFile
from inventory.listing import Vertical


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person says: the site, and what need not be found out."""

    url: str
    name: str
    vertical: Vertical | None = None


@dataclass(slots=True)
class Findings:
    """All that was found out. `dealer` is the draft as a crawl would load it; `file` what is written."""

    robots: Robots
    engines: dict[str, str]
    draft: Draft
    file: DealerFile
    dealer: Dealer
    sample: Sample
    undecided: list[str] = field(default_factory=list)


async def probe(
    site: Site, wanted: Wanted, user_agent: str, today: date, stage: Callable[[str], None] = lambda text: None
) -> Findings:
    """Look at a site. Raises `Undecided` where no file can be written, with the next step for a person."""
    stage("robots.txt and home page")
    robots = await read_robots(site, wanted.url, user_agent)
    if robots.failure:
        raise Undecided(_no_robots(robots.failure))
    if robots.forbids:
        raise Undecided("robots.txt forbids us the site. Ask the dealer for leave, or for a feed.")
    answer = await site.get(wanted.url)
    if answer is None:
        raise Undecided(_unreachable(site, wanted.url))
    home = site.page_of(answer)
    engines = engines_of(answer.body, answer.headers)
    if home is None:
        read = read_feed(answer)
        if read is None:
            raise Undecided("the address is neither a page nor a feed of stock. Name the dealer's home page.")
        draft = draft_of_feeds([read])
    else:
        if blocked := site.blocked(wanted.url):
            raise Undecided(f"the site keeps crawlers out ({blocked}). Ask the dealer for leave, or for a feed.")
        draft = await _draft(site, home, robots, engines, wanted.vertical, stage)
    draft.vertical = wanted.vertical or draft.vertical or vertical_of_words(draft.words)
    if draft.vertical is None:
        raise Undecided(
            "neither machines nor dog products were recognised. Say --vertical equipment or dog if they are."
        )
    url = wanted.url if origin_of(wanted.url) == origin_of(answer.url) else answer.url
    if draft.render != "never":
        return _unseen(robots, engines, draft, *declare(wanted.name, home, url, draft))
    stage("details")
    sample = await take_sample(site, declare(wanted.name, home, url, draft)[1], today)
    if not sample.listings and home is not None and draft.platform == "schema_org":
        stage("scripts")  # lists of links to pages that are drawn by scripts
        if behind := await find_json_api(site, home):
            behind.vertical = draft.vertical
            draft = behind
            sample = await take_sample(site, declare(wanted.name, home, url, draft)[1], today)
        elif shell := site.shell():
            return _unseen(robots, engines, draft, *declare(wanted.name, home, url, with_details_drawn(draft, shell)))
    if not sample.listings:
        raise Undecided(_nothing_read(sample))
    await _add_currency(site, draft, sample)
    file, dealer = declare(wanted.name, home, url, draft, sample)
    return Findings(robots, engines, draft, file, dealer, sample, _open_questions(draft, dealer, sample, site))


async def _draft(
    site: Site,
    home: Page,
    robots: Robots,
    engines: dict[str, str],
    vertical: Vertical | None,
    stage: Callable[[str], None],
) -> Draft:
    """The first kind of site that fits, the cheapest to crawl first."""
    stage("platform")
    found: Draft | None = None
    if "Shopify" in engines:
        found = await find_shopify(site, home.url, vertical)
    if found is None and "WooCommerce" in engines:
        found = await find_woocommerce(site, home.url, vertical)
    if found is None:
        found = await find_feed(site, home, robots.sitemaps)
    shell = needs_browser(home)
    if found is None and shell:
        found = await find_json_api(site, home)
    if found is not None:
        return found
    stage("sitemaps")
    sitemaps = await read_sitemaps(site, home.url, robots.sitemaps)
    stage("sections")
    found = await find_pages(site, home, vertical, sitemaps)
    if found is None and not shell:
        found = await find_json_api(site, home)
    if found is None and shell:
        return draft_of_shell(home, shell, vertical)
    if found is None:
        raise Undecided(_no_stock(engines))
    return found


def _unseen(robots: Robots, engines: dict[str, str], draft: Draft, file: DealerFile, dealer: Dealer) -> Findings:
    """A file of what only a browser can read: nothing of the stock was seen."""
    return Findings(robots, engines, draft, file, dealer, Sample(), draft.undecided)


def _no_stock(engines: dict[str, str]) -> str:
    made = f" (made with {', '.join(engines)})" if engines else ""
    return (
        f"no list of stock was found{made}. Name the address of the stock itself instead of the home page, or write "
        "the file by hand (docs/adding-a-dealer.md)."
    )


def _no_robots(failure: NotFetched) -> str:
    said = str(failure).rstrip(".")
    if failure.error_class in UNREACHABLE:
        return f"the site cannot be had: {said}. Check the address in a browser, or look again later."
    return f"robots.txt cannot be read, so nothing else is asked: {said}. Look again later."


def _unreachable(site: Site, url: str) -> str:
    failure = str(site.failure(url)).rstrip(".")
    if site.blocked(url):
        return f"the site refuses us: {failure}. Raise DOWNLOAD_DELAY_S, or ask the dealer for leave."
    return f"the site cannot be had: {failure}. Check the address in a browser."


def _nothing_read(sample: Sample) -> str:
    if sample.asked and sample.asked == sample.no_offer:
        return (
            f"lists were found, but of {sample.asked} pages that they lead to none offers a thing that could be read. "
            "See `scrapy extract URL` of one, and name what is wrong in [selectors]."
        )
    trouble = next(iter(sample.problems.items()), None)
    return f"nothing could be read: {': '.join(trouble) if trouble else 'the lists are empty'}"


async def _add_currency(site: Site, draft: Draft, sample: Sample) -> None:
    """Where prices name no currency, a page of one of the things may."""
    if draft.currency or any(entry.currency for entry in sample.listings):
        draft.currency = draft.currency or facts.one_currency(sample.listings)
        return
    for entry in [entry for entry in sample.listings if entry.price is not None and entry.url][:1]:
        page = await site.page(str(entry.url))
        draft.currency = None if page is None else facts.currency_said(page)


def _open_questions(draft: Draft, dealer: Dealer, sample: Sample, site: Site) -> list[str]:
    found = list(draft.undecided)
    priced = [entry for entry in sample.listings if entry.price is not None]
    if not dealer.currency and any(entry.currency is None for entry in priced):
        found.append("the currency of prices that name none: set currency")
    if not priced:
        found.append("no price was found on what was read: see `scrapy extract URL` of one page")
    if sample.no_offer:
        found.append(f"{sample.no_offer} of {sample.asked} pages of things offered none that could be read")
    found += [f"{urlsplit(url).path}: {problem}" for url, problem in list(sample.problems.items())[:5]]
    if not site.left:
        found.append("all requests were used up: --max-requests allows more")
    return found
