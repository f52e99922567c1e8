"""A recorded page is the bytes that were sent, how they are read, and what a person is asked to check."""

from __future__ import annotations

import asyncio
import gzip
import json
from decimal import Decimal

import pytest

from crawler.checking.looking import Looked
from crawler.platforms import platform_of
from crawler.platforms.visit import Visit
from crawler.recording.choosing import pages_to_record, varied
from crawler.recording.fixture import Fixture, agrees, form_of, packed, read_fixture, write_fixture
from crawler.recording.naming import folder_name
from inventory.listing import Listing
from tests.checking.made_shop import HOME, TODAY, Shop, acme, machine, machine_shop


def chosen(shop, of, urls=(), count=3, is_new=lambda _page: True):
    return asyncio.run(pages_to_record(shop.ask, platform_of(of), urls, count, TODAY, is_new))


def fixture_of(body, of, url=f"{HOME}/excavators/1", kind="detail", **said):
    facts = {"content_type": "text/html", "encoding": "utf-8", "read_on": TODAY} | said
    return Fixture(url=url, body=body, dealer=of, visit=Visit(url, kind, "all"), **facts)


def machine_fixture(**said):
    return fixture_of(machine(1).encode(), acme({"all": "/"}), **said)


def test_what_is_written_is_read_again_as_expected(tmp_path):
    said = write_fixture(tmp_path / "acme-1", machine_fixture())
    again, read = read_fixture(tmp_path / "acme-1")
    assert read == said
    assert again.body == machine(1).encode()
    (listing,) = again.listings()
    assert said["expected"]["title"] == "2016 Hitachi EX201"
    assert said["expected"]["price"] == 40_900
    assert all(agrees(getattr(listing, name), value) for name, value in said["expected"].items())
    assert {"kind", "section", "dealer", "read_on", "url"} <= said.keys()


def test_the_same_page_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        write_fixture(tmp_path / name, machine_fixture())
    one, two = ((tmp_path / name / "page.html.gz").read_bytes() for name in ("one", "two"))
    assert one == two == packed(machine(1).encode())
    assert gzip.decompress(one) == machine(1).encode()


def test_nothing_is_written_over(tmp_path):
    write_fixture(tmp_path / "acme-1", machine_fixture())
    (tmp_path / "acme-1" / "expected.json").write_text("corrected by hand")
    with pytest.raises(FileExistsError):
        write_fixture(tmp_path / "acme-1", machine_fixture())
    assert (tmp_path / "acme-1" / "expected.json").read_text() == "corrected by hand"
    assert [entry.name for entry in tmp_path.iterdir()] == ["acme-1"]


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def full(_body):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("crawler.recording.fixture.packed", full)
    with pytest.raises(OSError, match="No space"):
        write_fixture(tmp_path / "acme-1", machine_fixture())
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_found_is_written_down_to_be_seen(tmp_path):
    body = machine(1, price=False).encode()
    said = write_fixture(tmp_path / "acme-1", fixture_of(body, acme({"all": "/"})))
    assert said["expected"]["price"] is None
    assert "gtin" not in said["expected"]


def test_a_page_that_offers_nothing_is_expected_to_give_nothing(tmp_path):
    said = write_fixture(tmp_path / "about", fixture_of(b"<html><h1>About us</h1></html>", acme({"all": "/"})))
    assert said["expected"] is None
    assert read_fixture(tmp_path / "about")[0].listings() == []


def test_records_are_kept_with_what_reads_them_and_the_first_are_expected(tmp_path):
    rows = [{"no": n, "name": f"Komatsu PC{200 + n}", "cost": "9,500 USD"} for n in range(9)]
    said = {"map": {"external_id": "no", "title": "name", "price": "cost"}, "items": {"path": "stock"}}
    of = acme({"all": "/api"}, platform="json_api", headers={"X-Token": "s3cr3t"}, **said)
    body = json.dumps({"stock": rows}).encode()
    written = write_fixture(tmp_path / "api", fixture_of(body, of, url=f"{HOME}/api?key=s3cr3t", kind="section"))
    assert (tmp_path / "api" / "page.json.gz").exists()
    assert (written["count"], len(written["expected"])) == (9, 5)
    assert written["dealer"]["platform"] == "json_api"
    assert "headers" not in written["dealer"]
    assert [listing.external_id for listing in read_fixture(tmp_path / "api")[0].listings()][:2] == ["0", "1"]


def test_a_secret_is_not_written_down(tmp_path):
    of = acme({"all": "/stock.csv?token=s3cr3t"})
    of.keep_secret(["s3cr3t"])
    write_fixture(tmp_path / "acme-1", fixture_of(machine(1).encode(), of, url=f"{HOME}/1?token=s3cr3t"))
    assert "s3cr3t" not in (tmp_path / "acme-1" / "expected.json").read_text()


def test_an_older_fixture_needs_only_address_and_vertical(tmp_path):
    (tmp_path / "page.html.gz").write_bytes(packed(machine(1).encode()))
    (tmp_path / "expected.json").write_text(json.dumps({"url": f"{HOME}/1", "vertical": "equipment", "expected": {}}))
    (listing,) = read_fixture(tmp_path)[0].listings()
    assert listing.make == "Hitachi"


@pytest.mark.parametrize(("found", "expected", "same"), [
    (Decimal("9500.00"), 9500, True), (Decimal("9.90"), 9.9, True), (Decimal("9.91"), 9.9, False),
    (None, None, True), (None, 0, False), ("used", "used", True),
])  # fmt: skip
def test_values_agree_with_json(found, expected, same):
    assert agrees(found, expected) == same


@pytest.mark.parametrize(("body", "form"), [
    (b"\xef\xbb\xbf {}", "json"), (b"[1]", "json"), (b"<!doctype html>", "html"),
    (b"<?xml version='1.0'?><rss>", "xml"),
    (b"<?xml version='1.0'?><html>", "html"), (b"No,Price\n", "csv"), (b"", "csv"),
])  # fmt: skip
def test_the_form_of_what_was_sent(body, form):
    assert form_of(body) == form


@pytest.mark.parametrize(("url", "kind", "name"), [
    (f"{HOME}/used/2016-Komatsu_PC210.html", "detail", "acme-2016-komatsu-pc210"),
    (f"{HOME}/machine.php?id=17", "detail", "acme-machine-id-17"),
    (f"{HOME}/de/bagger/%C3%BC/", "detail", "acme-page"),
    (f"{HOME}/products.json?page=1", "section", "acme-dozers"),
])  # fmt: skip
def test_the_folder_is_named_after_dealer_and_page(url, kind, name):
    assert folder_name(acme({"all": "/"}), Looked(Visit(url, kind, "dozers"), url)) == name


def test_long_names_are_cut_and_told_apart():
    urls = [f"{HOME}/{'long-' * 50}{number}" for number in (1, 2)]
    one, two = (folder_name(acme({"all": "/"}), Looked(Visit(url, "detail", "all"), url)) for url in urls)
    assert one.rpartition("-")[0] == two.rpartition("-")[0]
    assert one != two
    assert len(one) == 80


def test_a_secret_does_not_name_a_folder():
    of = acme({"all": "/"})
    of.keep_secret(["s3 cr3t"])
    url = f"{HOME}/komatsu?token=s3%20cr3t"
    assert folder_name(of, Looked(Visit(url, "detail", "all"), url)) == "acme-komatsu-token"


def test_what_a_killed_run_left_stands_in_nobody_s_way(tmp_path):
    (tmp_path / ".acme-1.new").mkdir()
    (tmp_path / ".new-abc").mkdir()
    write_fixture(tmp_path / "acme-1", machine_fixture())
    assert (tmp_path / "acme-1" / "expected.json").exists()
    assert not (tmp_path / "acme-1").stat().st_mode & 0o022


def test_pages_are_chosen_from_several_sections_and_politely():
    shop, sections = machine_shop(sections=3, each=20)
    pages = chosen(shop, acme(sections))
    assert len(pages) == 3
    assert len(shop.asked) == len(set(shop.asked)) == 3 + 6


def test_pages_that_differ_are_preferred():
    shop, sections = machine_shop(sections=1, each=4)
    shop.pages["/excavators/3"] = machine(3, price=False)
    assert f"{HOME}/excavators/3" in [page.url for page in chosen(shop, acme(sections), count=2)]


def test_what_is_recorded_already_is_not_chosen_again_while_there_is_another():
    shop, sections = machine_shop(sections=1, each=4)
    first = chosen(shop, acme(sections), count=2)
    known = {page.url for page in first}
    second = chosen(shop, acme(sections), count=2, is_new=lambda page: page.url not in known)
    assert not known & {page.url for page in second}


def test_a_given_address_is_read_as_a_page_or_as_records():
    shop, sections = machine_shop()
    (page,) = chosen(shop, acme(sections), urls=[f"{HOME}/dozers/100"])
    assert (page.visit.kind, len(page.listings)) == ("detail", 1)
    rows = Shop({"/api": [{"no": 1, "name": "Komatsu"}]})
    of = acme({"all": "/api"}, platform="json_api", map={"external_id": "no", "title": "name"})
    (page,) = chosen(rows, of, urls=[f"{HOME}/api"])
    assert (page.visit.kind, len(page.listings)) == ("section", 1)
    (page,) = chosen(rows, of, urls=[f"{HOME}/gone"])
    assert page.problem == ("http_404", "the server answered 404")


def test_the_fullest_page_comes_first():
    def page(**raw):
        listing = Listing(dealer="acme", vertical="dog", raw=raw, provenance=dict.fromkeys(raw, "x"))
        return Looked(Visit(str(raw), "detail", "all"), "u", listings=[listing])

    poor, rich = page(title="a"), page(title="a", price="1", sku="2")
    assert varied([poor, rich, page(title="b")], 2) == [rich, poor]
    assert varied([], 2) == []
