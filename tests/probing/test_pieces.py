"""The pieces of the probe by themselves: maps of records, sitemaps, words, the written file."""

from __future__ import annotations

import asyncio
import gzip
import re
import resource
import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.dealers.loading import load_dealer
from crawler.probing.addresses import may_be_section, number_in, shape
from crawler.probing.categories import category_of_words, vertical_of_words
from crawler.probing.engine import engines_of
from crawler.probing.facts import country_guessed, name_of
from crawler.probing.json_stock import find_stock
from crawler.probing.pages import form_pattern
from crawler.probing.record_fields import plain_name
from crawler.probing.record_map import guess_map
from crawler.probing.sampling import _lower_bound
from crawler.probing.site import Site
from crawler.probing.sitemaps import read_sitemaps
from crawler.probing.writing import DealerFile, as_toml, relative, write_new
from inventory.listing import Vertical
from tests.probing.made_sites import HOME, MadeSite

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=5)
)


@settings(max_examples=40, deadline=None)
@given(JSON)
def test_any_json_is_read_without_an_error(document: Any) -> None:
    find_stock(document)


KEYS = st.sampled_from(["id", "price", "year", "title", "images", "url"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.dictionaries(KEYS, SCALARS | st.lists(SCALARS, max_size=2), max_size=4), max_size=3))
def test_a_map_names_only_keys_that_the_records_have(records: list[dict[str, Any]]) -> None:
    keys = {key for record in records for key in record}
    for path in guess_map(records, columns=True).fields.values():
        assert path in keys


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=60), max_size=6), st.lists(st.text(max_size=80))
)
def test_the_written_file_is_toml_whatever_a_site_says(said: dict[str, str], head: list[str]) -> None:
    file = DealerFile({"title": "x", "map": said}, {"title": "because of\n[this]"}, head)
    read = tomllib.loads(as_toml(file))
    assert read["title"] == "x"
    assert read.get("map", {}).keys() == said.keys()


HOSTILE = st.text(max_size=30) | st.sampled_from(['a"b', "\\", "${X}", "$${${X}}", '"""', "'''", "# no", "\x85"])
CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


@settings(max_examples=60, deadline=None)
@given(HOSTILE, st.dictionaries(HOSTILE.filter(bool), HOSTILE | st.lists(HOSTILE, max_size=3), max_size=4))
def test_the_written_file_says_what_was_read_but_for_variables_and_control_characters(
    title: str, said: dict[str, str | list[str]]
) -> None:
    def kept(text: str) -> str:
        return CONTROL.sub(" ", text).replace("${", "$ {")

    read = tomllib.loads(as_toml(DealerFile({"title": title, "map": said}, {"title": title, "map": title}, [title])))
    assert read["title"] == kept(title)
    assert read.get("map") == {
        key: [kept(entry) for entry in value] if isinstance(value, list) else kept(value) for key, value in said.items()
    }


def test_what_a_site_says_is_never_a_variable_of_the_environment(tmp_path: Any) -> None:
    said = {"title": "Acme ${SECRET}", "vertical": "dog", "platform": "shopify", "url": HOME, "sections": {"all": "/"}}
    file = tmp_path / "acme.toml"
    file.write_text(as_toml(DealerFile(said)))
    assert load_dealer(file, {"SECRET": "hush"}).title == "Acme $ {SECRET}"


def test_a_file_that_cannot_be_written_whole_is_not_there(tmp_path: Any) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        with pytest.raises(OSError, match=r"written|too large"):
            write_new(tmp_path / "acme.toml", "title = 'Acme Machinery'\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(tmp_path.iterdir())


def test_values_decide_where_names_could_mean_two_things() -> None:
    place = {"city": "Linz", "country": "AT"}
    same = {"type": "Wheel Loader", "status": "available", "location": place, "model": "L120H"}
    own = [{"id": n, "price": f"€ {n}.900", "meter": f"{n} h", "name": f"Volvo L120H {n}"} for n in range(9)]
    records = [same | record for record in own]
    fields = guess_map(records).fields
    assert fields == {
        "external_id": "id", "title": "name", "category": "type", "model": "model", "hours": "meter", "price": "price",
        "availability": "status", "city": "location.city", "country": "location.country",
    }  # fmt: skip


def test_a_year_that_is_no_year_is_not_mapped() -> None:
    records = [{"id": n, "title": "Volvo L120H", "price": 5, "year": n} for n in range(1, 9)]
    assert "year" not in guess_map(records).fields


def test_words_of_rent_and_auction_become_offer_types() -> None:
    records = [{"id": n, "title": "Volvo L120H", "price": 5000 + n, "dealType": kind}
               for n, kind in enumerate(["buy", "rental", "auction", "buy"])]  # fmt: skip
    said = guess_map(records).fields["offer_type"]
    assert said == "dealType == 'rental' && 'rent' || dealType == 'auction' && 'auction' || 'sale'"


def test_articles_with_a_title_are_no_stock() -> None:
    assert find_stock({"posts": [{"id": n, "title": f"News {n}", "url": f"/news/{n}"} for n in range(9)]}) is None


def test_names_of_keys_are_words() -> None:
    assert plain_name("yearOfManufacture") == plain_name("Year_of-Manufacture") == "year of manufacture"
    assert plain_name("g:price") == "price"


def sitemap(*urls: str, kind: str = "urlset", entry: str = "url") -> str:
    entries = "".join(f"<{entry}><loc>{url}</loc></{entry}>" for url in urls)
    return f'<?xml version="1.0"?><{kind} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</{kind}>'


def test_sitemaps_are_read_through_their_index_packed_or_not_and_only_of_the_own_host() -> None:
    own, foreign = f"{HOME}machine/1", "https://other.example/machine/2"
    index = sitemap(HOME + "posts.xml", HOME + "products.xml.gz", kind="sitemapindex", entry="sitemap")
    site = MadeSite({"/sitemap.xml": index, "/products.xml.gz": gzip.compress(sitemap(own, foreign).encode())})
    found = asyncio.run(read_sitemaps(Site(site.ask), HOME, ()))
    assert found == {HOME + "products.xml.gz": [own]}
    assert site.asked.index(HOME + "products.xml.gz") < site.asked.index(HOME + "posts.xml")


@pytest.mark.parametrize(
    "body", ["", "<html><body>no such page</body></html>", "<?xml version='1.0'?><urlset>", "\x1f\x8b\x00"]
)
def test_what_is_no_sitemap_names_nothing(body: str) -> None:
    site = MadeSite({"/sitemap.xml": body})
    assert not any(asyncio.run(read_sitemaps(Site(site.ask), HOME, ())).values())


def test_a_budget_is_kept_and_nothing_is_asked_twice() -> None:
    site = MadeSite({f"/{n}": "<html></html>" for n in range(9)})
    looked = Site(site.ask, max_requests=3)

    async def ask_often() -> None:
        for n in (0, 0, 1, 1, 2, 3, 4):
            await looked.get(f"{HOME}{n}")

    asyncio.run(ask_often())
    assert site.asked == [HOME + "0", HOME + "1", HOME + "2"]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.acme-machinery.co.uk/", "acme-machinery"),
        ("https://shop.hofmann.de", "hofmann"),
        ("http://127.0.0.1:9101/", "127-0-0-1-9101"),
        ("http://localhost:3000", "localhost-3000"),
    ],
)
def test_a_file_is_named_by_the_domain(url: str, name: str) -> None:
    assert name_of(url) == name


def test_a_country_is_guessed_only_by_a_country_s_ending() -> None:
    assert country_guessed("https://acme.de/") == "DE"
    assert country_guessed("https://acme.co.uk/") == "GB"
    assert country_guessed("https://acme.com/") is None
    assert country_guessed("https://acme.io/") is None


@pytest.mark.parametrize(
    ("text", "vertical", "category"),
    [
        ("Used Excavators", "equipment", "excavators"),
        ("Radlader", "equipment", "wheel-loaders"),
        ("Toys", "dog", "dog-toys"),
        ("Leashes", "dog", "dog-leashes"),
        ("Deals", "dog", "all"),
        ("Toys", "equipment", "all"),
    ],
)
def test_a_section_is_of_the_category_that_its_name_says(text: str, vertical: Vertical, category: str) -> None:
    assert category_of_words([text], vertical) == category


def test_a_vertical_is_told_only_where_one_clearly_is() -> None:
    assert vertical_of_words(["Excavators", "Dozers", "Caterpillar D6N"]) == "equipment"
    assert vertical_of_words(["Dog beds", "Dog harness", "Leather dog collar"]) == "dog"
    assert vertical_of_words(["Shoes", "Hats"]) is None
    assert vertical_of_words(["Excavators", "Dog beds"]) is None


def test_addresses_of_orders_files_and_other_hosts_are_no_sections() -> None:
    assert may_be_section(HOME + "used/excavators?category=5", HOME)
    for url in ("used?sort=price", "used?page=2", "used/page/2/", "list.pdf", "?add-to-cart=5"):
        assert not may_be_section(HOME + url, HOME)
    assert not may_be_section("https://other.example/used", HOME)


def test_the_form_of_an_address_tells_lists_from_details() -> None:
    assert shape(HOME + "used/excavators") != shape(HOME + "used/excavators/cat-320-1")
    assert shape(HOME + "de/bagger") != shape(HOME + "en/excavators")
    assert number_in(HOME + "de/maschine/10216-cat") == number_in(HOME + "en/machine/10216-cat")


def test_the_pattern_of_details_fits_them_and_not_the_other_pages() -> None:
    urls = [f"{HOME}machine/cat-320-{n}.html" for n in range(3)]
    pattern = re.compile(form_pattern(urls))
    assert all(pattern.search(url) for url in urls)
    assert not pattern.search(HOME + "about.html")
    assert not pattern.search(HOME + "machine/cat-320-1/photos.html")


def test_engines_are_told_by_their_marks() -> None:
    assert list(engines_of(b'<script src="/_next/static/a.js">', {})) == ["Next.js"]
    assert list(engines_of(b"", {"x-shopid": "5"})) == ["Shopify"]


def test_addresses_of_the_own_host_are_written_without_it() -> None:
    assert relative(HOME + "used?page={page}", HOME) == "/used?page={page}"
    assert relative("https://api.acme-machinery.example/v1", HOME) == "https://api.acme-machinery.example/v1"


def test_a_promise_is_no_more_than_the_sample_proves() -> None:
    assert 0.6 < _lower_bound(5, 5) < 0.7
    assert _lower_bound(100, 100) > 0.96
    assert _lower_bound(0, 0) == 0
    assert _lower_bound(1, 5) < 0.1
