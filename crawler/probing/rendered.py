"""A site that only a browser can read, and whose scripts gave away no JSON: a draft with `render = "auto"`."""

from __future__ import annotations

from typing import Final

from crawler.extraction.page import Page
from crawler.probing import facts
from crawler.probing.draft import Draft, SectionFound
from crawler.probing.links import best, category_of, leads_of
from inventory.listing import Vertical
from pipelines.parsing.urls import canonical_url

MAX_SECTIONS: Final = 3
_NEXT: Final = "`scrapy crawl … -a dry_run=1 -a limit=3` shows what a browser reads there"


def draft_of_shell(home: Page, shell: str, vertical: Vertical | None) -> Draft:
    """The pages that the shell's own links name as stock, else the page itself. Nothing of it could be looked at."""
    draft = Draft("schema_org", f"the page is empty without a browser ({shell}), and no JSON of the stock was found")
    draft.render = "auto"
    likely = [entry for entry in best(leads_of(home, home.url)) if entry.likely >= 1.0][:MAX_SECTIONS]
    for entry in likely:
        category = category_of(entry.name, entry.url, vertical)
        draft.sections.append(SectionFound(entry.url, category, f"the link {entry.name!r}", name=entry.name))
    if not likely:
        draft.sections = [SectionFound(canonical_url(home.url), "all", "the page that was named")]
    draft.words = [facts.title_of(home), *(section.name for section in draft.sections)]
    draft.undecided = [
        f"sections: what they hold was not seen; {_NEXT}",
        "[expect]: set min_listings once you know how many there are",
        "a json_api file costs a hundredth: look in the browser's network panel for a request that brings the stock",
    ]
    return draft


def with_details_drawn(draft: Draft, shell: str) -> Draft:
    """The same lists, whose details a browser must draw."""
    draft.render = "auto"
    draft.evidence += f"; the pages that they lead to are empty without a browser ({shell})"
    draft.undecided.append(f"what the details say was not seen; {_NEXT}")
    return draft
