"""A wrong dealer file is refused before anything is sent, by file, key and reason."""

from __future__ import annotations

import re

import pytest

from crawler.dealers.errors import DealerFileError, UnknownDealerName
from crawler.dealers.loading import choose, load_dealer, load_dealers
from tests.crawler.dealer_files import GOOD, dealer, write

FEED = GOOD.replace('"schema_org"', '"feed"')
API = GOOD.replace('"schema_org"', '"json_api"')


def without(line):
    return "".join(kept for kept in GOOD.splitlines(keepends=True) if not kept.startswith(line))


WRONG = {
    # what a beginner forgets
    "no title": (without("title"), "title", "Field required"),
    "no sections": (GOOD.partition("[sections]")[0], "sections", "Field required"),
    "empty sections": (without("excavators"), "sections", "at least 1 item"),
    "no map": (FEED + '[items]\nformat = "csv"\n', "", "needs [map]: our field = theirs"),
    "no map of an API": (API, "", "needs [map]"),
    "no format": (FEED + '[map]\ntitle = "Name"\n', "", "needs format in [items]"),
    # what a hand mistypes
    "unknown key": ('titel = "Acme"\n' + GOOD, "titel", "unknown key; did you mean 'title'?"),
    "unknown key within": (GOOD + "[walk]\nmax_page = 3\n", "walk.max_page", "unknown key; did you mean 'max_pages'?"),
    "unknown key far off": ('zzz = "Acme"\n' + GOOD, "zzz", "unknown key"),
    "unknown vertical": (GOOD.replace('"equipment"', '"cats"'), "vertical", "'equipment' or 'dog'"),
    "unknown platform": (GOOD.replace("schema_org", "shopfy"), "platform", "did you mean 'shopify'?"),
    "platform by a strange name": (GOOD.replace("schema_org", "my module:Class"), "platform", "nor module:Class"),
    "unknown category": (GOOD.replace("excavators =", "excavater ="), "", "did you mean 'excavators'?"),
    "category of the others": (GOOD.replace("excavators =", "dog-food ="), "", "no category of 'equipment'"),
    "unknown field in selectors": (GOOD + '[selectors]\nprise = "b"\n', "selectors.prise", "did you mean 'price'?"),
    "unknown field in map": (GOOD + '[map]\nyeer = "Yr"\n', "map.yeer", "did you mean 'year'?"),
    "inferred field": (GOOD + '[map]\nsize_value = "t"\n', "map.size_value", "is no field of a listing"),
    "unknown field in expect": (GOOD + "[expect.fill]\nprise = 0.5\n", "expect.fill.prise", "did you mean 'price'?"),
    # what cannot be used
    "name said inside": ('name = "acme"\n' + GOOD, "name", "is the file's name; leave it out"),
    "no address": (GOOD.replace("https://acme.example", "acme.example"), "url", "is no http:// or https:// address"),
    "address of a file": (GOOD.replace("https://acme.example", "file:///etc/passwd"), "url", "is no http://"),
    "broken address": (GOOD.replace("https://acme.example", "http://[acme"), "url", "Invalid IPv6 URL"),
    "section of another scheme": (GOOD.replace("/used/excavators", "ftp://acme.example/x"), "", "is no web address"),
    "section that is a number": (GOOD.replace('"/used/excavators"', "5"), "sections.excavators", "tuple"),
    "country in words": ('country = "Germany"\n' + GOOD, "country", "pattern"),
    "currency sign": ('currency = "$"\n' + GOOD, "currency", "pattern"),
    "negative delay": ("delay_s = -1\n" + GOOD, "delay_s", "greater than or equal to 0"),
    "too many at once": ("concurrency = 99\n" + GOOD, "concurrency", "less than or equal to 16"),
    "rendering that is not there": ('render = "sometimes"\n' + GOOD, "render", "'never', 'auto' or 'always'"),
    "rendering of data": (
        'render = "auto"\n' + API + '[map]\ntitle = "a"\n',
        "",
        "draws pages, and platform 'json_api' reads none",
    ),
    "due in words": ('every = "daily"\n' + GOOD, "every", "pattern"),
    "broken CSS": (GOOD + '[selectors]\nprice = "b["\n', "selectors.price", "is neither CSS nor XPath"),
    "broken XPath": (GOOD + '[selectors]\nprice = "//b[@"\n', "selectors.price", "is neither CSS nor XPath"),
    "broken walk": (GOOD + '[walk]\ndetail_links = "a::nothing("\n', "walk.detail_links", "is neither CSS nor XPath"),
    "no pages": (GOOD + "[walk]\nmax_pages = 0\n", "walk.max_pages", "greater than or equal to 1"),
    "broken JMESPath": (API + '[map]\ntitle = "a["\n', "", "map.title: 'a[' is no JMESPath"),
    "broken path of items": (API + '[items]\npath = "||"\n[map]\ntitle = "a"\n', "", "items.path: '||' is no JMESPath"),
    "broken path of pages": (
        API + '[items]\npages = "a["\n[map]\ntitle = "a"\n',
        "",
        "items.pages: 'a[' is no JMESPath",
    ),
    "broken path of the next page": (API + '[items]\nnext = "[["\n[map]\ntitle = "a"\n', "", "items.next: '[[' is no"),
    "cursor from nowhere": (API + 'dozers = "/api?c={cursor}"\n[map]\ntitle = "a"\n', "", "{cursor} needs next"),
    "pages before the first": (
        API + '[items]\nfirst_page = -1\n[map]\ntitle = "a"\n',
        "items.first_page",
        "equal to 0",
    ),
    "broken JMESPath of a feed": (
        FEED + '[items]\nformat = "json"\n[map]\ntitle = "Stock No"\n',
        "",
        "map.title: 'Stock No' is no JMESPath",
    ),
    "unknown format": (FEED + '[items]\nformat = "xls"\n[map]\ntitle = "a"\n', "items.format", "'csv'"),
    "promise of what is no field": (
        GOOD + "[expect.fill]\nsize = 0.5\n",
        "expect.fill.size",
        "is no field of a listing",
    ),
    "expectation above all": (GOOD + "[expect.fill]\nprice = 1.5\n", "expect.fill.price", "less than or equal to 1"),
    "header that is no text": (GOOD + "[headers]\nX-Key = 5\n", "headers.X-Key", "string"),
    # what is no TOML
    "no TOML": ("title = Acme\n", "", "is no TOML"),
    "said twice": ('title = "B"\n' + GOOD, "", "is no TOML"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_refused_by_file_key_and_reason(tmp_path, case):
    text, key, reason = WRONG[case]
    assert text != GOOD
    file = write(tmp_path, text)
    with pytest.raises(DealerFileError, match=re.escape(reason)) as refused:
        load_dealer(file, {})
    assert refused.value.file == file
    assert [found for found, _ in refused.value.problems] == [key]
    assert str(refused.value).startswith(f"{file}: {key}: " if key else f"{file}: ")


def test_every_problem_of_a_file_is_told_at_once(tmp_path):
    file = write(tmp_path, 'titel = "A"\ncountry = "Germany"\n' + without("title"))
    with pytest.raises(DealerFileError) as refused:
        load_dealer(file, {})
    assert {key for key, _ in refused.value.problems} == {"titel", "country", "title"}
    assert len(str(refused.value).splitlines()) == 3


@pytest.mark.parametrize("name", ["Acme", "acme inc", "-acme", "ac.me", "a" * 101])
def test_a_file_must_have_a_plain_name(tmp_path, name):
    with pytest.raises(DealerFileError) as refused:
        load_dealer(write(tmp_path, GOOD, name), {})
    assert [key for key, _ in refused.value.problems] == ["name"]


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "bytes.toml").write_bytes(b'title = "\xff\xfe"')
    for name, reason in (("folder", "Is a directory"), ("bytes", "is no TOML"), ("nothing", "No such file")):
        with pytest.raises(DealerFileError, match=rf"{name}\.toml: {reason}"):
            load_dealer(tmp_path / f"{name}.toml", {})


def test_a_folder_that_is_not_there_says_what_to_set(tmp_path):
    with pytest.raises(DealerFileError, match="no such folder; set DEALERS_DIR"):
        load_dealers(tmp_path / "nothing", {})


def test_one_bad_file_stops_the_folder_and_other_files_are_left_alone(tmp_path):
    write(tmp_path, GOOD)
    (tmp_path / "README.md").write_text("no dealer", encoding="utf-8")
    assert list(load_dealers(tmp_path, {})) == ["acme"]
    write(tmp_path, "broken", "bolt")
    with pytest.raises(DealerFileError, match=r"bolt\.toml"):
        load_dealers(tmp_path, {})


def test_an_unknown_dealer_gets_the_nearest_name():
    dealers = {name: dealer(name=name) for name in ("ridgeline", "quarry")}
    assert list(choose(dealers, ["quarry"])) == ["quarry"]
    with pytest.raises(UnknownDealerName, match="no dealer is called 'ridgelin'; did you mean 'ridgeline'"):
        choose(dealers, ["ridgelin"])
    with pytest.raises(UnknownDealerName, match=r"no dealer is called 'zzz'$"):
        choose(dealers, ["zzz"])
