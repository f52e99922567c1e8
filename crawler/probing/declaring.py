"""A draft as the keys of a dealer file, checked as a crawl would check them."""

from __future__ import annotations

import math
from typing import Any, Final

from pydantic import ValidationError

from crawler.dealers.declaration import Dealer
from crawler.extraction.page import Page
from crawler.probing import facts
from crawler.probing.choosing import in_order
from crawler.probing.draft import Draft, Undecided
from crawler.probing.sampling import Sample, fill_promise
from crawler.probing.writing import DealerFile, relative

_MARGIN: Final = 0.6
"""A promise leaves room for a bad week: so much of what was seen."""


def declare(
    name: str, home: Page | None, home_url: str, draft: Draft, sample: Sample | None = None
) -> tuple[DealerFile, Dealer]:
    """The file, and the dealer that a crawl would load from it. Raises `Undecided` where it would be refused."""
    url = _home(home_url)
    said: dict[str, Any] = {
        "title": facts.title_of(home) if home else name,
        "vertical": draft.vertical,
        "platform": draft.platform,
        "url": url,
    }
    comments: dict[str, str] = {"platform": draft.evidence}
    _add_place(said, comments, home, home_url)
    if draft.currency:
        said["currency"] = draft.currency
    if home and (language := facts.language_of(home)):
        said["language"] = language
    if draft.render != "never":
        said["render"] = draft.render
    if draft.hosts:
        said["hosts"] = draft.hosts
    said["sections"] = {
        category: [relative(u, url) for u in urls] if len(urls) > 1 else relative(urls[0], url)
        for category, urls in in_order(draft.sections).items()
    }
    said |= {key: table for key in ("walk", "items", "map") if (table := getattr(draft, key))}
    if sample is not None:
        said["expect"] = _expect(draft, sample)
        comments["expect"] = "from what was seen, with a margin; raise it once you know the dealer"
    try:
        dealer = Dealer(name=name, **said)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False))
        raise Undecided(f"what was found makes no dealer file: {problems}") from None
    return DealerFile(said, comments, [*draft.notes, *(f"undecided: {text}" for text in draft.undecided)]), dealer


def _home(url: str) -> str:
    base = url.partition("#")[0].partition("?")[0]
    return base.rstrip("/") if base.count("/") == 3 else base


def _add_place(said: dict[str, Any], comments: dict[str, str], home: Page | None, url: str) -> None:
    country = facts.country_said(home) if home else None
    if country:
        said["country"] = country
        comments["country"] = "by the address in the home page's data"
    elif guess := facts.country_guessed(url):
        comments["#country"] = (
            f'country = "{guess}"  (a guess by the address: take the # away if its stock stands there)'
        )


def _expect(draft: Draft, sample: Sample) -> dict[str, Any]:
    expect: dict[str, Any] = {"min_listings": math.floor((draft.listings or 0) * _MARGIN)}
    if fill := fill_promise(sample):
        expect["fill"] = fill
    return expect
