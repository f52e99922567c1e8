"""Pages that speak of a machine and offer none give no listing; pages that only tell of one do, where one can ask."""

import pytest

from crawler.extraction.detail import read_detail
from tests.extraction.made_pages import page

FACTS = "<dl><dt>Year</dt><dd>2017</dd><dt>Hours</dt><dd>5,200 h</dd><dt>Price</dt><dd>$45,000</dd></dl>"
STORY = "<p>We have just traded a 2017 Kobelco SK210LC-10 that has run 6,900 hours in one quarry.</p>"


@pytest.mark.parametrize(
    "heading",
    ["Suche Caterpillar 320D", "WTB: Caterpillar 320D", "Technische Daten Caterpillar 320D", "Cerco Cat 320D"],
)
def test_a_heading_for_what_is_no_offer_counts(heading):
    assert read_detail(page(f"<h1>{heading}</h1>{FACTS}"), vertical="equipment") is None
    assert read_detail(page(f"<h1>Caterpillar 320D</h1>{FACTS}"), vertical="equipment") is not None


def test_a_story_is_an_offer_only_where_one_can_ask():
    heading = "<h1>Kobelco SK210LC-10 just traded</h1>"
    assert read_detail(page(f"{heading}{STORY}"), vertical="equipment") is None
    asked = page(f"{heading}{STORY}<a href='#form'>Send an enquiry</a>")
    found = read_detail(asked, vertical="equipment")
    assert found is not None
    assert found.raw["hours"]
