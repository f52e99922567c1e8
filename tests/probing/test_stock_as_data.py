"""Stock that arrives as data: files that a page links to, and JSON that its scripts fetch."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from crawler.probing.draft import Undecided
from crawler.probing.script_addresses import addresses_in, detail_templates
from crawler.probing.writing import as_toml
from tests.probing.made_sites import HOME, MadeSite, crawled, json_page, machines_of, page, probed

MACHINES = machines_of("excavators", 13, 100) + machines_of("wheel-loaders", 8, 200)
ROWS = [
    {
        "Lager-Nr.": f"A{m.number}", "Bezeichnung": m.title, "Hersteller": m.make, "Typ": m.model,
        "Baujahr": str(m.year),
        "Betriebsstunden": str(m.hours), "Preis": f"{m.price} EUR", "Standort": "Linz, Österreich",
        "Link": HOME + m.path.strip("/"), "Bild": f"{HOME}img/{m.number}.jpg",
    }
    for m in MACHINES
]  # fmt: skip


def as_csv(delimiter: str = ";") -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, ROWS[0], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(ROWS)
    return out.getvalue()


def as_xml() -> str:
    names = {"Lager-Nr.": "StockNo"}
    fields = ["".join(f"<{names.get(k, k)}>{v}</{names.get(k, k)}>" for k, v in row.items()) for row in ROWS]
    return f'<?xml version="1.0"?><Export><Stand/>{"".join(f"<Maschine>{f}</Maschine>" for f in fields)}</Export>'


def as_google() -> str:
    items = "".join(
        f"<item><g:id>A{m.number}</g:id><g:title>{m.title}</g:title><g:link>{HOME}{m.path.strip('/')}</g:link>"
        f"<g:price>{m.price} EUR</g:price><g:availability>in_stock</g:availability><g:brand>{m.make}</g:brand></item>"
        for m in MACHINES
    )
    return f'<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0"><channel>{items}</channel></rss>'


FEEDS = {
    "csv": ("/export/lager.csv", as_csv()),
    "tsv": ("/export/lager.txt", as_csv("\t")),
    "jsonl": ("/export/stock.jsonl", "\n".join(json.dumps(row) for row in ROWS)),
    "json": ("/export/stock.json", json_page({"stand": "2026-11-22", "data": {"maschinen": ROWS}})),
    "xml": ("/export/stock.xml", as_xml()),
    "google_merchant": ("/google/products.xml", as_google()),
}


@pytest.mark.parametrize("form", FEEDS)
def test_a_file_that_the_page_links_to_is_read_with_its_columns_mapped(form: str) -> None:
    path, body = FEEDS[form]
    links = (
        f'<link rel="alternate" type="application/rss+xml" href="/blog/feed.xml"><a href="{path}">Maschinenliste</a>'
    )
    site = MadeSite({"/": page("Start", f"<h1>Baumaschinen</h1>{links}", lang="de"), path: body})
    site.pages["/blog/feed.xml"] = '<?xml version="1.0"?><rss><channel><item><title>News</title></item></channel></rss>'
    found = probed(site)
    assert found.dealer.platform == "feed"
    assert found.dealer.items.format == form
    listings = crawled(site, found.dealer)
    assert {listing.url for listing in listings} == {HOME + machine.path.strip("/") for machine in MACHINES}
    assert found.draft.listings == 21
    assert found.dealer.currency == "EUR"
    assert HOME + "blog/feed.xml" not in site.asked
    if form != "google_merchant":
        assert {"year", "hours", "make", "model", "location", "images", "external_id"} <= found.dealer.map.keys()


def test_the_address_of_a_feed_itself_can_be_probed() -> None:
    site = MadeSite({"/export/lager.csv": as_csv()})
    found = probed(site, url=HOME + "export/lager.csv")
    assert found.dealer.platform == "feed"
    assert len(crawled(site, found.dealer)) == 21


def test_a_file_that_is_no_stock_is_no_feed() -> None:
    hours = "Day;Opens;Closes\nMonday;8;17\nTuesday;8;17\n"
    site = MadeSite({"/": page("Home", '<a href="/opening.csv">Opening hours</a>'), "/opening.csv": hours})
    with pytest.raises(Undecided, match="no list of stock"):
        probed(site)


def record(machine: Any) -> dict[str, Any]:
    return {
        "id": machine.number, "headline": machine.title, "manufacturer": machine.make, "modelName": machine.model,
        "specs": {"yearOfManufacture": machine.year, "usage": {"value": machine.hours, "unit": "h"}},
        "price": {"amount": machine.price, "currency": "CAD"}, "isNew": False, "sold": machine.number % 7 == 0,
        "gallery": [{"url": f"/media/{machine.number}.jpg"}],
    }  # fmt: skip


SHELL = '<!doctype html><html lang="en"><head><title>Acme</title></head><body><div id="app"></div>{}</body></html>'


def single_page_app(script: str, pages: dict[str, Any]) -> MadeSite:
    site = MadeSite({"/": SHELL.format('<script src="/static/app.js"></script>'), "/static/app.js": script})
    site.pages |= {path: json_page(value) for path, value in pages.items()}
    for machine in MACHINES:
        site.pages[f"/m/{machine.number}"] = SHELL.format("")
    return site


def chunks(size: int) -> list[list[dict[str, Any]]]:
    return [[record(m) for m in MACHINES[at : at + size]] for at in range(0, len(MACHINES), size)]


NUMBERED = {f"/api/v2/stock?page={n}": {"meta": {"total": 21}, "data": part} for n, part in enumerate(chunks(8), 1)}
BY_LINK = {
    f"/api/stock{f'?cursor={n}' if n else ''}": {
        "results": part,
        "paging": {"next": f"/api/stock?cursor={n + 1}" if n < 2 else None},
    }
    for n, part in enumerate(chunks(8))
}
APPS: dict[str, tuple[str, dict[str, Any]]] = {
    "pages by number": (
        "const load = p => fetch(`/api/v2/stock?page=${p}`).then(r => r.json()); a.href = `/m/${item.id}`;",
        NUMBERED | {"/api/v2/stock?page=4": {"meta": {"total": 21}, "data": []}},
    ),
    "the answer names the next": (
        'axios.get("/api/stock"); router.add("/m/:id", show); fetch("/api/session/token")',
        BY_LINK,
    ),
    "all at once": ('$.getJSON("/data/machines.json", draw); link.href = "/m/" + machine.id;',
                    {"/data/machines.json": [record(m) for m in MACHINES]}),
    "a parameter that the script does not show": (
        'const url = "/api/machines"; fetch(url); open("/m/" + m.id)',
        {"/api/machines": {"total": 21, "items": chunks(8)[0]}}
        | {f"/api/machines?page={n}": {"total": 21, "items": part} for n, part in enumerate([*chunks(8), []], 1)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("app", APPS)
def test_json_that_scripts_fetch_is_walked_and_mapped(app: str) -> None:
    site = single_page_app(*APPS[app])
    found = probed(site)
    assert found.dealer.platform == "json_api"
    listings = crawled(site, found.dealer)
    assert sorted(str(listing.raw["external_id"]) for listing in listings) == sorted(str(m.number) for m in MACHINES)
    assert {listing.url for listing in listings} == {f"{HOME}m/{m.number}" for m in MACHINES}
    assert found.dealer.map["year"] == "specs.yearOfManufacture"
    assert found.dealer.map["hours"] == "specs.usage.value"
    assert found.dealer.map["price"] == "price.amount"
    assert found.dealer.map["images"] == "gallery[].url"
    assert not any("token" in url for url in site.asked)


def test_an_app_without_an_address_for_its_stock_is_left_to_a_browser() -> None:
    found = probed(single_page_app('fetch("/api/config")', {"/api/config": {"theme": "dark"}}), vertical="equipment")
    assert (found.dealer.platform, found.dealer.render) == ("schema_org", "auto")
    assert "empty without a browser" in found.draft.evidence
    assert any("network panel" in text for text in found.undecided)
    assert 'render = "auto"' in as_toml(found.file)


def test_addresses_of_other_companies_are_not_asked() -> None:
    script = 'fetch("https://search.example.net/api/stock"); fetch("https://api.acme-machinery.example/v1/stock")'
    assert [c.url for c in addresses_in(HOME, [script])] == ["https://api.acme-machinery.example/v1/stock"]


def test_an_address_with_a_hole_that_is_no_page_number_is_left_alone() -> None:
    assert addresses_in(HOME, ["fetch(`/api/stock/${id}`); fetch('/api/stock/' + id)"]) == []


def test_a_link_is_built_of_a_key_that_the_records_have() -> None:
    script = 'a.href = "/machine/" + m.slug; img.src = "/img/" + m.id; fetch("/api/stock/" + m.id)'
    assert detail_templates([script], ["id", "slug"]) == ["/machine/{slug}"]
