"""CSV of any make: delimiters, quotes, marks and lines that cannot be read."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.csv_lines import DELIMITERS, HeaderError, csv_records
from pipelines.json_lines import LineError, blocks_of

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=20)


def records(text: str | bytes, columns: dict[str, str] | None = None) -> list[tuple[int, object]]:
    data = text if isinstance(text, bytes) else text.encode()
    found = csv_records([data[start : start + 7] for start in range(0, len(data), 7)], columns or {})
    return [(number, str(said) if isinstance(said, LineError) else said) for number, said in found]


@pytest.mark.parametrize("sign", DELIMITERS)
def test_the_delimiter_is_the_headers(sign):
    text = f"External ID{sign}title{sign}Colour\na{sign}CAT 320{sign}\n"
    assert records(text) == [(2, {"external_id": "a", "title": "CAT 320"})]


def test_excels_own_line_names_the_delimiter():
    assert records("sep=;\r\nurl;title\r\nhttps://x.example;a,b\r\n") == [
        (3, {"url": "https://x.example", "title": "a,b"})
    ]


def test_headers_are_mapped_and_unknown_ones_kept():
    text = "Nr;Bezeichnung;Preis;Farbe\n7;CAT 320;12.500,50 €;gelb\n"
    found = records(text, {"Nr": "external_id", "Bezeichnung": "title", "Preis": "price"})
    assert found == [(2, {"external_id": "7", "title": "CAT 320", "price": "12.500,50 €", "Farbe": "gelb"})]


def test_a_mark_and_gzip_are_taken_off_before(tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes(b"\xef\xbb\xbfurl,title\nhttps://x.example,Bett\n")
    assert list(csv_records(blocks_of(str(file)), {})) == [(2, {"url": "https://x.example", "title": "Bett"})]


@pytest.mark.parametrize(("text", "columns", "message"), [
    ("", {}, "the file is empty"),
    ("title,price\nx,1\n", {}, "no column is external_id or url: say which with --map; they are: title, price"),
    ("url,title\n", {"Titel": "title"}, "--map Titel=…: no such column; the file's columns are: url, title"),
    ("url,name,title\n", {"name": "title"}, "two columns are 'title'"),
])  # fmt: skip
def test_a_header_that_does_not_fit_is_refused(text, columns, message):
    with pytest.raises(HeaderError, match="^" + message.replace("(", r"\(")):
        records(text, columns)


def test_a_bad_line_costs_itself_and_no_other():
    text = 'url,title\n1,a\n2\n3,b,c\n4,"open\n5,d\n\n,\n6,"two\nlines"\n7,e\n'
    assert records(text) == [
        (2, {"url": "1", "title": "a"}),
        (3, "has 1 cells, the header 2"),
        (4, "has 3 cells, the header 2"),
        (5, """is no CSV: ',' expected after '"'"""),
        (6, {"url": "5", "title": "d"}),
        (9, {"url": "6", "title": "two\nlines"}),
        (11, {"url": "7", "title": "e"}),
    ]


def test_a_quote_that_is_never_closed_costs_its_line():
    assert records('url,title\n1,"open\n2,b\n3,c') == [
        (2, "opens a quote that is never closed"),
        (3, {"url": "2", "title": "b"}),
        (4, {"url": "3", "title": "c"}),
    ]
    many = 'url,title\n1,"open\n' + "2,bb\n" * 40_000
    found = records(many)
    assert len(found) == 40_001
    assert found[0][1] == "is no CSV: field larger than field limit (131072)"


def test_quotes_in_the_wrong_place_of_one_line_are_taken_as_they_are():
    assert records('url,title\n1,"CAT" 320\n2,5" pipe\n') == [
        (2, {"url": "1", "title": "CAT 320"}),
        (3, {"url": "2", "title": '5" pipe'}),
    ]


def test_a_line_that_is_not_utf_8_says_what_to_do():
    ((number, said), good) = records("url,title\n1,Schäferhund\n2,b\n".encode("cp1252"))
    assert (number, good) == (2, (3, {"url": "2", "title": "b"}))
    assert "iconv" in str(said)


def test_lists_and_coordinates_are_read_as_they_are_meant():
    text = 'url;images;lat;lon;price\n1;"[""a"",""b""]";48,2;-14.3;1,5\n'
    assert records(text)[0][1] == {"url": "1", "images": ["a", "b"], "lat": "48.2", "lon": "-14.3", "price": "1,5"}


@given(st.lists(st.tuples(CELLS, CELLS), max_size=8), st.sampled_from(DELIMITERS))
def test_what_the_library_writes_is_read(rows, sign):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=sign)
    writer.writerows([("url", "title"), *rows])
    found = [record for _, record in records(out.getvalue())]
    wanted = [{n: v for n, v in zip(("url", "title"), row, strict=True) if v.strip()} for row in rows]
    assert found == [record for record in wanted if record]


@given(st.binary(max_size=300))
def test_no_bytes_break_it(data):
    for number, said in records(b"url,title\n" + data):
        assert number > 1
        assert said
