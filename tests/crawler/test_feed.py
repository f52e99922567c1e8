"""A feed of the whole stock in any of its forms, and what is none."""

from __future__ import annotations

import gzip

import pytest
from scrapy.http import Response, TextResponse

from crawler.platforms import platform_of
from crawler.platforms.base import UnreadablePage
from crawler.platforms.visit import Visit
from inventory.listing import Listing
from tests.crawler.dealer_files import dealer

URL = "https://acme.example/feed"
COLUMNS = {"external_id": "Stock No", "title": "Headline", "price": "Price"}


def read(body, form, mapping=COLUMNS, path=None, encoding="utf-8"):
    items = {"format": form, "path": path}
    platform = platform_of(dealer(platform="feed", items=items, map=mapping, sections={"all": "/feed"}))
    body = body if isinstance(body, bytes) else body.encode(encoding)
    return list(
        platform.read_section(
            TextResponse(URL, body=body, headers={"Content-Type": f"text/plain; charset={encoding}"}),
            Visit(URL, "section", "all"),
        )
    )


def raws(*said, **more):
    return [listing.raw for listing in read(*said, **more)]


ROWS = [{"external_id": "7", "title": "Cat 320", "price": "$45,000"}, {"external_id": "8", "title": "Bobcat"}]


CAT = '{"Stock No": 7, "Headline": "Cat 320", "Price": "$45,000"}'
BOBCAT = '{"Stock No": 8, "Headline": "Bobcat", "Price": null}'
PATHS = {name: f'"{column}"' for name, column in COLUMNS.items()}


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("csv", 'Stock No,Headline,Price\n7,Cat 320,"$45,000"\n8,Bobcat,\n'),
        ("csv", "Stock No;Headline;Price\r\n7;Cat 320;$45,000\r\n8;Bobcat;\r\n"),
        ("csv", "Stock No|Headline|Price\n7|Cat 320|$45,000\n8|Bobcat\n"),
        ("csv", '\ufeff Stock No ,Headline,Price,Rest\n7, Cat 320 ,"$45,000",a,b,c\n\n8,Bobcat\n'),
        ("tsv", "Stock No\tHeadline\tPrice\n7\tCat 320\t$45,000\n8\tBobcat\t\n"),
        ("json", f'[{CAT}, 5, null, {BOBCAT}]'),
        ("jsonl", f"{CAT}\n\n{BOBCAT}\n"),
    ],
    ids=["comma", "semicolon", "bar", "bom", "tab", "json", "jsonl"],
)  # fmt: skip
def test_every_form_says_the_same(form, body):
    mapping = COLUMNS if form in ("csv", "tsv") else PATHS
    found = raws(body, form, mapping)
    assert [{name: str(value) for name, value in raw.items()} for raw in found] == ROWS


XML = """<?xml version="1.0"?>
<stock xmlns="urn:stock"><machine no="7"><Headline> Cat 320 </Headline><Price>$45,000</Price>
<!-- a remark --><photo>/1.jpg</photo><photo>/2.jpg</photo><photo>/3.jpg</photo></machine>
<other><Headline>no machine</Headline></other><machine no="8"><Headline>Bobcat</Headline></machine></stock>"""


def test_an_xml_feed_is_read_by_element_attribute_and_repetition():
    mapping = {"external_id": "no", "title": "Headline", "price": "Price", "images": "photo"}
    first, second = raws(XML, "xml", mapping, path="machine")
    assert first == {**ROWS[0], "images": ["/1.jpg", "/2.jpg", "/3.jpg"]}
    assert second == ROWS[1]
    assert raws(XML.replace("machine", "item"), "xml", mapping)[1] == ROWS[1]


def test_a_listing_of_a_feed_says_where_each_value_came_from():
    [listing] = read("Stock No,Headline\n7,Cat 320\n", "csv")
    assert (listing.dealer, listing.section, listing.url) == ("acme", "all", "https://acme.example")
    assert listing.provenance == {"external_id": "column Stock No", "title": "column Headline"}


def test_json_may_be_wrapped_and_nested():
    body = '{"data": {"stock": [{"id": 7, "name": {"en": "Cat 320"}}]}}'
    mapping = {"external_id": "id", "title": "name.en", "url": "/machine/{id}"}
    [listing] = read(body, "json", mapping, path="data.stock")
    assert listing.raw == {"external_id": 7, "title": "Cat 320", "url": "/machine/7"}
    assert listing.url == "https://acme.example/machine/7"


def test_an_address_made_of_what_is_missing_is_none():
    mapping = {"external_id": "id", "url": "/machine/{no}", "title": "/{a.b}/{id[x]}"}
    assert raws('[{"id": 7, "no": null, "a": "x"}, {"id": 8}]', "json", mapping) == [
        {"external_id": 7},
        {"external_id": 8},
    ]


def test_what_stands_in_an_address_is_escaped():
    [raw] = raws("Stock No\na b/ä?c\n", "csv", {"url": "/machine/{Stock No}"})
    assert raw == {"url": "/machine/a%20b%2F%C3%A4%3Fc"}


def test_an_encoding_other_than_utf_8_is_that_of_the_answer():
    assert raws("Stock No,Headline\n7,Bagger für Gräben\n", "csv", encoding="cp1252")[0]["title"] == "Bagger für Gräben"


def test_a_feed_that_is_sent_as_bytes_is_utf_8():
    platform = platform_of(dealer(platform="feed", items={"format": "csv"}, map=COLUMNS))
    page = Response(URL, body="Stock No,Headline\n7,für\n".encode())
    [listing] = platform.read_section(page, Visit(URL, "section", "all"))
    assert listing.raw["title"] == "für"


@pytest.mark.parametrize(
    ("form", "body", "reason"),
    [
        ("csv", "  <!doctype html><html><body>Please log in</body></html>", "a page of HTML, not a feed"),
        ("csv", "<?xml version='1.0'?><stock/>", "is XML, not delimited text"),
        ("csv", '"' + "x" * 200_000 + '"\n7,8\n', "has no header"),
        ("json", "<html>", "is no JSON"),
        ("json", "", "is no JSON"),
        ("json", '{"a": 1}', "holds no array at its root"),
        ("json", '[{"id": 1},', "is no JSON"),
        ("jsonl", "<html>\n</html>", "a page of HTML, not a feed"),
        ("xml", "<stock><machine></stock>", "is no XML"),
        ("xml", "no markup", "is no XML"),
        ("xml", "<!doctype html><title>Log in</title>", "a page of HTML, not a feed"),
        ("xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "is no XML"),
        ("xml", "", "is no XML"),
    ],
)
def test_what_is_no_feed_is_unreadable_with_its_reason(form, body, reason):
    with pytest.raises(UnreadablePage, match=reason):
        read(body, form, PATHS)


def test_an_empty_feed_holds_nothing():
    assert read("Stock No,Headline\n", "csv") == []
    assert read("", "csv") == []
    assert read("[]", "json", PATHS) == []
    assert read("<stock/>", "xml") == []


def test_a_broken_row_of_json_lines_costs_only_itself():
    platform = platform_of(dealer(platform="feed", items={"format": "jsonl"}, map={"external_id": "no"}))
    body = b'{"no": 7}\n{"no\n{"no": 8}\n'
    found = list(platform.read_section(Response(URL, body=body), Visit(URL, "section", "all")))
    assert [type(entry).__name__ for entry in found] == ["Listing", "BrokenRecord", "Listing"]


def records(body, form, **headers):
    """What stands in a feed, and why it ended, if not at its end."""
    mapping = COLUMNS if form in ("csv", "tsv", "xml") else {"external_id": "no"}
    platform = platform_of(dealer(platform="feed", items={"format": form}, map=mapping))
    body = body if isinstance(body, bytes) else body.encode()
    found, why = [], None
    try:
        found.extend(platform.read_section(Response(URL, body=body, headers=headers), Visit(URL, "section", "all")))
    except UnreadablePage as error:
        why = str(error)
    return [entry.raw if isinstance(entry, Listing) else type(entry).__name__ for entry in found], why


def test_a_row_that_cannot_be_read_costs_only_itself():
    endless = f'Stock No,Headline\n7,Cat\n8,"{"x" * 200_000}"\n9,Bobcat\n'
    found, why = records(endless, "csv")
    assert found == [{"external_id": "7", "title": "Cat"}, "BrokenRecord", {"external_id": "9", "title": "Bobcat"}]
    assert why is None


@pytest.mark.parametrize(
    ("form", "body"),
    [("csv", "Stock No,Headline,Price\n7,Cat,1\n8,Bob"), ("jsonl", '{"no": 7}\n{"no": 8, "pri'),
     ("xml", "<stock><item><Headline>Cat</Headline></item><item><Headline>Bob</Headline><Price>1"),
     ("xml", "<stock><item><Headline>Cat</Headline></item>"),
     ("xml", "<stock><item><Headline>Cat</Headline></item></st")],
)  # fmt: skip
def test_a_feed_that_ends_in_its_middle_gives_what_is_whole_and_says_so(form, body):
    found, why = records(body, form)
    assert len(found) == 1
    assert isinstance(found[0], dict)
    assert "ends in" in why


def test_bare_quotes_in_a_tab_file_swallow_no_rows():
    found, _ = records('Stock No\tHeadline\n7\t"12 inch" bowl\n8\t"Round bowl\n9\tBed\n', "tsv")
    assert [raw["title"] for raw in found] == ['"12 inch" bowl', '"Round bowl', "Bed"]
    found, _ = records('Stock No\tHeadline\n7\t"Cat ""320""\nand more"\n8\tBob\n', "tsv")
    assert [raw["title"] for raw in found] == ['Cat "320"\nand more', "Bob"]


ROW = "Stock No,Headline\n7,Bagger für Gräben\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "iso-8859-1"])
def test_the_encoding_is_found_where_nobody_names_it(encoding):
    assert records(ROW.encode(encoding), "csv") == ([{"external_id": "7", "title": "Bagger für Gräben"}], None)


@pytest.mark.parametrize(
    ("declared", "written", "header"),
    [("ISO-8859-1", "iso-8859-1", "utf-8"), ("windows-1250", "cp1250", ""), ("UTF-16", "utf-8", ""),
     ("UTF-16", "utf-16", "")],
)  # fmt: skip
def test_the_prolog_of_xml_names_its_encoding_unless_that_cannot_be(declared, written, header):
    body = f'<?xml version="1.0" encoding="{declared}"?><stock><item><Headline>Gräben</Headline></item></stock>'
    found, _ = records(body.encode(written), "xml", **{"Content-Type": f"text/xml; charset={header}"})
    assert found == [{"title": "Gräben"}]


def test_a_packed_feed_is_unpacked_as_it_is_read():
    assert records(gzip.compress(ROW.encode()), "csv")[0][0]["title"] == "Bagger für Gräben"
    assert records(gzip.compress(f"[{CAT}]".encode()), "json")[1] is None


@pytest.mark.parametrize("form", ["csv", "jsonl", "xml", "json"])
def test_a_packed_feed_that_is_cut_off_or_damaged_is_not_taken_as_whole(form):
    rows = {"csv": "Stock No,Headline\n" + "7,Cat\n" * 9000, "jsonl": '{"no": 7}\n' * 9000}
    body = gzip.compress(rows.get(form, "<stock>" + "<item><Price>1</Price></item>" * 9000 + "</stock>").encode(), 0)
    assert "ends in its middle" in records(body[: len(body) // 2], form)[1]
    damaged = body[: len(body) // 2] + b"\xff" * 64 + body[len(body) // 2 :]
    assert "damaged gzip file" in records(damaged, form)[1]


def test_a_packed_feed_that_grows_without_end_is_refused(monkeypatch):
    monkeypatch.setattr("crawler.platforms.feed_file.MAX_UNPACKED_BYTES", 100_000)
    found, why = records(gzip.compress(b"Stock No,Headline\n" + b"7,Cat\n" * 1_000_000), "csv")
    assert "unpacks to more than" in why
    assert len(found) < 100_000


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_line_without_end_is_one_broken_record_and_is_not_held_in_memory(form, monkeypatch):
    monkeypatch.setattr("crawler.platforms.feed_records.MAX_LINE", 1000)
    rows = {"csv": ["Stock No,Headline", "7,Cat", "x" * 5500, "9,Bob"], "jsonl": ['{"no": 7}', "x" * 5500, '{"no": 9}']}
    found, why = records("\n".join(rows[form]) + "\n", form)
    assert [str(raw["external_id"]) if isinstance(raw, dict) else raw for raw in found] == ["7", "BrokenRecord", "9"]
    assert why is None
