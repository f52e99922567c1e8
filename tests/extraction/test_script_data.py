"""What a page carries for its own scripts is read, in whatever form frameworks put it there."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction.js_literal import read_literal
from crawler.extraction.machine_data import read_machine_data
from crawler.extraction.page import Page
from crawler.extraction.script_data import attribute_values, may_hold_attribute_values, script_values
from crawler.extraction.subject import Subject
from tests.extraction.made_pages import page

PRICE = {"amount": 92000, "currency": "EUR"}
MACHINE = {"make": "Volvo", "model": "EC220E", "year": 2018, "hours": 5400, "price": PRICE}
OTHERS = [{"make": "Volvo", "model": f"L{n}0H", "year": 2015, "hours": n * 1000, "price": 9000} for n in range(1, 6)]
FLIGHT = "7:" + json.dumps(["$", "div", None, {"item": MACHINE}])
STATE = {"listing": {"item": MACHINE, "related": OTHERS}, "recent": OTHERS, "dealer": {"name": "x", "year": 1990}}
FLAT = [["ShallowReactive", 1], {"data": 2}, {"item": 3}, {"make": 4, "model": 5, "year": 6, "hours": 7}, "Volvo",
        "EC220E", 2018, 5400]  # fmt: skip
UNQUOTED = "{listing:{make:'Volvo',model:'EC220E',year:2018,hours:5400,sold:!1,added:new Date(2024,1)}}"


def machine_of(head: str = "", body: str = "<h1>Machine</h1>"):
    made = page(body, head=head, title="Volvo EC220E | Dealer")
    subject = Subject(made.url, made.root)
    values = [*script_values(subject, thoroughly=True), *attribute_values(subject)]
    return read_machine_data(subject, values)


@pytest.mark.parametrize(
    "script",
    [
        f'<script id="__NEXT_DATA__" type="application/json">{json.dumps({"props": {"pageProps": STATE}})}</script>',
        f"<script>window.__STATE__ = {json.dumps(STATE)};</script>",
        f"<script>window.__STATE__ = JSON.parse({json.dumps(json.dumps(STATE))})</script>",
        f"<script>var page = {UNQUOTED};</script>",
        "<script>window.__NUXT__=(function(a,b,c){return {data:[{item:{make:a,model:b,year:c,hours:5400}}]}}"
        '("Volvo","EC220E",2018));</script>',
        f'<script type="application/json" id="__NUXT_DATA__">{json.dumps(FLAT)}</script>',
        f"<script>self.__next_f.push([1,{json.dumps(FLIGHT)}])</script>",
    ],
    ids=["next", "assigned", "parsed", "unquoted", "nuxt-2", "nuxt-3", "flight"],
)
def test_the_machine_is_found_in_every_form(script):
    found = machine_of(script)
    assert found is not None
    assert [found.raw[name] for name in ("make", "model", "year", "hours")] == ["Volvo", "EC220E", "2018", "5400"]


def test_the_data_of_an_attribute_is_read():
    quoted = json.dumps({"props": {"machine": MACHINE}}).replace('"', "&quot;")
    found = machine_of(body=f'<h1>Machine</h1><div id="app" data-page="{quoted}"></div>')
    assert found is not None
    assert found.raw["price"] == 92000


def test_related_machines_are_not_the_pages_own():
    state = json.dumps({"related": OTHERS, "recent": {"items": OTHERS}, "dealer": MACHINE})
    assert machine_of(f"<script>window.x = {state}</script>") is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"hersteller": {"label": "Case"}, "modell": "821G", "baujahr": 2019, "preis": {"netto": 84500,
          "brutto": 100555, "waehrung": "EUR"}}, {"make": "Case", "price": 84500, "price_tax": "net"}),
        ({"marque": "HAULOTTE", "modele": "HA16", "annee": 2014, "heures": 2210, "prix": {"montantHT": 21500,
          "devise": "EUR", "mensualite": 389}}, {"hours": "2210", "price": 21500, "price_tax": "net"}),
        ({"merk": "Doosan", "type": "DX300LC-5", "bouwjaar": 2016, "draaiuren": 10250,
          "verkoopprijs": {"bedrag": 54000, "valuta": "EUR", "btw": "excl"}},
         {"model": "DX300LC-5", "price_tax": "net"}),
        ({"make": "Terex", "model": "X", "year": 2013, "odometer": {"value": 146200, "unit": "km"}, "serial": "AB12345",
          "price": {"callForPrice": True}}, {"price_status": "on_request"}),
        ({"make": "Cat", "model": "320", "year": 2013, "hours": {"value": 4100, "unit": "km"}, "price": 5000}, {}),
        ({"marca": "JCB", "modelo": "3CX", "anyo": 2016, "horas": 5000, "precio": 38000, "iva_incluido": False,
          "ubicacion": {"poblacion": "Huesca", "pais": "ES"}}, {"city": "Huesca", "country": "ES", "price_tax": "net"}),
        ({"make": "Cat", "model": "320", "year": 2013, "hours": 4100, "priceUsd": "45,000"}, {"currency": "usd"}),
        ({"make": "Cat", "model": "320", "year": 2013, "hours": 4100, "rental": 1, "price": {"perWeek": 1150}},
         {"offer_type": "rent", "price_period": "week", "price": 1150}),
        ({"make": "Cat", "model": "320", "year": 2013, "hours": 4100, "sold": True}, {"availability": "SoldOut"}),
    ],
)  # fmt: skip
def test_keys_are_known_in_many_languages_and_values_in_boxes(said, expected):
    found = machine_of(f"<script>window.data = {json.dumps({'item': said})}</script>")
    assert found is not None
    assert {name: found.raw.get(name) for name in expected} == expected
    if said.get("hours", {}) != 4100 and "km" in json.dumps(said):
        assert "hours" not in found.raw


def test_a_weight_needs_its_unit():
    specs = machine_of(f"<script>var a = {json.dumps(MACHINE | {'dienstgewichtKg': 8930})}</script>").specs
    assert ["Operating weight", "8930 kg"] in specs
    assert machine_of(f"<script>var a = {json.dumps(MACHINE | {'weight': 8930})}</script>").specs == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a:1,'b':\"x\",c:[1,2,],d:!0,e:void 0,}", {"a": 1, "b": "x", "c": [1, 2], "d": True, "e": None}),
        ("{a:new Date(1,{b:2}),c:d.e.f,g:.5,h:0x10}", {"a": None, "c": None, "g": 0.5, "h": 16}),
        ("{a:'\\u00fc\\x41\\'',b:`t`}", {"a": "üA'", "b": "t"}),
        ("{a:function(){return 1}}", None),
        ("{a:1+2}", None),
        ("{a:{b:1}", None),
        ("x", None),
    ],
)
def test_literals_are_read_and_code_is_not(text, value):
    found = read_literal(text, 0)
    assert (found[0] if found else None) == value


@given(st.text(alphabet="{}[](),:'\"`\\ab1.-!/* \n$", max_size=80))
def test_no_text_makes_the_reader_of_literals_fail(text):
    read_literal(text, 0, {"a": "b"})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
        max_leaves=20,
    ).filter(lambda value: isinstance(value, dict | list))
)
def test_every_json_text_is_a_literal(value):
    text = json.dumps(value)
    assert read_literal(text, 0) == (value, len(text))


def test_endless_and_deep_literals_cost_little():
    assert read_literal("{a:" * 100_000, 0) is None
    assert read_literal("[" * 100_000 + "]" * 100_000, 0) is None
    assert read_literal("{a:'" + "x" * 3_000_000, 0) is None


@pytest.mark.parametrize(
    "written",
    [
        """'{"year": 2019}'""",
        '"{&quot;year&quot;: 2019}"',
        '"&#123;&#34;year&#34;: 2019}"',
        """'[{"year": 2019}]'""",
        '"&lbrack;&lcub;&QUOT;year&quot;: 2019}]"',
        "'{\x00\"year\": 2019}'",
    ],
)
def test_an_attribute_that_holds_json_is_never_overlooked_however_it_is_written(written: str) -> None:
    made = Page("https://dealer.example/x", f"<html><body><div data-x= {written}>x</div></body></html>".encode())
    assert may_hold_attribute_values(made)


def test_a_page_without_json_in_attributes_need_not_be_walked_for_it() -> None:
    made = Page("https://dealer.example/x", b'<html><body><a href="/a">x</a><script>x={a:1}</script></body></html>')
    assert not may_hold_attribute_values(made)
