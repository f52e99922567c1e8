"""Sites of pages, each of another build: the file that the probe drafts finds everything on them."""

from __future__ import annotations

import asyncio
import io

from rich.console import Console

from crawler.probing.report import as_json, tables
from crawler.probing.site import Site
from tests.probing.made_sites import (
    HOME,
    KINDS,
    Machine,
    MadeSite,
    Pages,
    card,
    detail,
    found_urls,
    json_page,
    listed,
    machines_of,
    page,
    probed,
)

SERVICE = [("/about", "About us"), ("/contact", "Contact"), ("/financing", "Financing"), ("/blog", "Blog")]


def with_details(site: MadeSite, machines: list[Machine], nav: list[tuple[str, str]]) -> None:
    site.machines += machines
    site.pages |= {machine.path: detail(machine, nav) for machine in machines}


def service_pages(nav: list[tuple[str, str]]) -> Pages:
    return {path: page(name, f"<h1>{name}</h1><p>Call us for more.</p>", nav) for path, name in SERVICE}


def category_site(counts: dict[str, int], **options: object) -> MadeSite:
    """A menu of categories."""
    nav = [(f"/used/{kind}", KINDS[kind][1]) for kind in counts] + SERVICE
    site = MadeSite({"/": page("Home", "<h1>Used machines</h1>", nav)} | service_pages(nav))
    first = 1000
    for kind, count in counts.items():
        machines = machines_of(kind, count, first)
        first += count
        with_details(site, machines, nav)
        site.pages |= listed(f"/used/{kind}", KINDS[kind][1], machines, nav, **options)  # type: ignore[arg-type]
    return site


def test_each_category_of_the_menu_is_a_section() -> None:
    site = category_site({"excavators": 23, "dozers": 4, "wheel-loaders": 12})
    found = probed(site)
    assert found.dealer.platform == "schema_org"
    assert found.dealer.vertical == "equipment"
    assert found.dealer.sections == {
        "excavators": ("/used/excavators",),
        "dozers": ("/used/dozers",),
        "wheel-loaders": ("/used/wheel-loaders",),
    }
    assert found_urls(site, found.dealer) == site.urls()
    assert found.draft.listings == 39
    assert found.dealer.expect.min_listings == 23
    assert not any("/about" in url or "/contact" in url for url in site.asked)


def test_a_category_that_is_empty_today_is_a_section_all_the_same() -> None:
    site = category_site({"excavators": 8, "dozers": 5, "telehandlers": 0})
    assert probed(site).dealer.sections["telehandlers"] == ("/used/telehandlers",)


def test_lists_without_prices_are_known_by_what_they_lead_to() -> None:
    site = category_site({"excavators": 6, "dozers": 5}, price=False, total=False)
    found = probed(site)
    assert set(found.dealer.sections) == {"excavators", "dozers"}
    assert found_urls(site, found.dealer) == site.urls()


def test_a_dealer_with_one_stock_page_has_one_section() -> None:
    nav = [("/stock", "Our stock"), *SERVICE]
    machines = machines_of("excavators", 14, 200) + machines_of("dozers", 9, 300)
    site = MadeSite({"/": page("Home", "<h1>Welcome</h1><p>Machines since 1978.</p>", nav)} | service_pages(nav))
    with_details(site, machines, nav)
    site.pages |= listed("/stock", "Our stock", machines, nav)
    found = probed(site)
    assert found.dealer.sections == {"all": ("/stock",)}
    assert found_urls(site, found.dealer) == site.urls()


def test_a_dealer_who_shows_all_on_the_home_page_is_crawled_from_there() -> None:
    machines = machines_of("wheel-loaders", 7, 500)
    site = MadeSite({"/": page("Home", "<h1>Wheel loaders</h1>" + "".join(map(card, machines)), SERVICE)})
    site.pages |= service_pages(SERVICE)
    with_details(site, machines, SERVICE)
    found = probed(site)
    assert found.dealer.sections == {"all": ("/",)}
    assert found_urls(site, found.dealer) == site.urls()


def test_front_pages_that_show_the_newest_are_no_section() -> None:
    site = category_site({"excavators": 12, "dozers": 11})
    newest = "".join(card(machine) for machine in site.machines[-6:])
    site.pages["/"] = str(site.pages["/"]).replace("<h1>Used machines</h1>", f"<h1>Just in</h1>{newest}")
    found = probed(site)
    assert set(found.dealer.sections) == {"excavators", "dozers"}
    assert found_urls(site, found.dealer) == site.urls()


def tiles(links: list[tuple[str, str]]) -> str:
    return "".join(
        f'<div class="tile"><a href="{path}"><img src="/t.jpg"><h3>{name}</h3></a></div>' for path, name in links
    )


def test_categories_two_levels_deep_are_found_below_their_landing_pages() -> None:
    nav = [("/equipment", "Equipment"), *SERVICE]
    groups = {"earthmoving": ("excavators", "dozers"), "lifting-and-loading": ("wheel-loaders", "telehandlers")}
    names = {"earthmoving": "Earthmoving", "lifting-and-loading": "Lifting and loading"}
    site = MadeSite({"/": page("Home", "<h1>Welcome</h1>", nav)} | service_pages(nav))
    site.pages["/equipment"] = page("Equipment", tiles([(f"/equipment/{g}", names[g]) for g in groups]), nav)
    first = 4000
    for group, kinds in groups.items():
        links = [(f"/equipment/{group}/{kind}", KINDS[kind][1]) for kind in kinds]
        site.pages[f"/equipment/{group}"] = page(names[group], tiles(links), nav)
        for kind in kinds:
            machines = machines_of(kind, 6, first, path=f"/equipment/{group}/{kind}/" + "{slug}-{number}")
            first += 100
            with_details(site, machines, nav)
            site.pages |= listed(f"/equipment/{group}/{kind}", KINDS[kind][1], machines, nav)
    found = probed(site)
    assert set(found.dealer.sections) == {"excavators", "dozers", "wheel-loaders", "telehandlers"}
    assert found_urls(site, found.dealer) == site.urls()


def test_a_list_of_everything_is_taken_where_the_categories_do_not_have_all() -> None:
    site = category_site({"excavators": 12, "dozers": 5})
    nav = [("/inventory", "All inventory"), ("/used/excavators", "Excavators"), ("/used/dozers", "Dozers"), *SERVICE]
    others = machines_of("telehandlers", 4, 7000)
    with_details(site, others, nav)
    site.pages |= listed("/inventory", "All inventory", site.machines, nav)
    site.pages["/"] = page("Home", "<h1>Welcome</h1>", nav)
    found = probed(site)
    assert found.dealer.sections["all"] == ("/inventory",)
    assert found_urls(site, found.dealer) == site.urls()
    assert found.draft.listings == 21


def test_a_list_of_everything_is_left_out_where_the_categories_have_all() -> None:
    site = category_site({"excavators": 12, "dozers": 5})
    nav = [("/inventory", "All inventory"), ("/used/excavators", "Excavators"), ("/used/dozers", "Dozers"), *SERVICE]
    site.pages |= listed("/inventory", "All inventory", site.machines, nav)
    site.pages["/"] = page("Home", "<h1>Welcome</h1>", nav)
    found = probed(site)
    assert set(found.dealer.sections) == {"excavators", "dozers"}
    assert found_urls(site, found.dealer) == site.urls()


def test_pages_of_brands_beside_the_whole_stock_are_left_out() -> None:
    machines = machines_of("excavators", 9, 100) + machines_of("dozers", 8, 200)
    makes = sorted({machine.make for machine in machines})
    nav = [("/inventory", "Inventory"), *((f"/brands/{make.lower()}", make) for make in makes), *SERVICE]
    site = MadeSite({"/": page("Home", "<h1>Welcome</h1>", nav)} | service_pages(nav))
    with_details(site, machines, nav)
    site.pages |= listed("/inventory", "Inventory", machines, nav)
    for make in makes:
        site.pages |= listed(f"/brands/{make.lower()}", make, [m for m in machines if m.make == make], nav)
    found = probed(site)
    assert found.dealer.sections == {"all": ("/inventory",)}
    assert found_urls(site, found.dealer) == site.urls()


def test_only_pages_of_brands_are_all_taken() -> None:
    machines = machines_of("excavators", 9, 100) + machines_of("dozers", 8, 200)
    makes = sorted({machine.make for machine in machines})
    nav = [*((f"/used/{make.lower()}", f"Used {make}") for make in makes), *SERVICE]
    site = MadeSite({"/": page("Home", "<h1>Welcome</h1>", nav)} | service_pages(nav))
    with_details(site, machines, nav)
    for make in makes:
        site.pages |= listed(f"/used/{make.lower()}", make, [m for m in machines if m.make == make], nav)
    assert found_urls(site, probed(site).dealer) == site.urls()


def test_sort_orders_and_filters_of_a_list_are_not_asked_for() -> None:
    orders = "".join(
        f'<a href="/used/excavators?{query}">{name}</a>'
        for query, name in (
            ("sort=price", "Price of excavators"), ("order=year", "Year"), ("view=grid", "Grid"),
            ("make=caterpillar", "Caterpillar excavators"), ("make=komatsu", "Komatsu excavators"),
        )
    )  # fmt: skip
    site = category_site({"excavators": 12, "dozers": 5}, above=orders)
    found = probed(site)
    assert found.dealer.sections == {"excavators": ("/used/excavators",), "dozers": ("/used/dozers",)}
    assert not any("sort=" in url or "order=" in url or "make=" in url for url in site.asked)


def test_pages_that_follow_by_no_link_are_counted_in_the_address() -> None:
    site = category_site({"excavators": 23, "dozers": 14}, links=False)
    for kind in ("excavators", "dozers"):
        for number in (4, 999):
            site.pages[f"/used/{kind}?page={number}"] = page("Nothing", "<p>Nothing more.</p>")
        site.pages.setdefault(f"/used/{kind}?page=3", page("Nothing", "<p>Nothing more.</p>"))
        site.pages[f"/used/{kind}?page=1"] = site.pages[f"/used/{kind}"]
    found = probed(site)
    assert found.dealer.sections["excavators"] == ("/used/excavators?page={page}",)
    assert found_urls(site, found.dealer) == site.urls()


def test_a_list_whose_further_pages_cannot_be_found_is_left_to_a_person() -> None:
    site = category_site({"excavators": 23, "dozers": 5}, links=False)
    for path in [path for path in site.pages if "?page=" in path]:
        del site.pages[path]
    found = probed(site)
    assert any("says it has 23 and shows 10" in text for text in found.undecided)


def test_a_site_whose_things_only_the_sitemap_names_is_crawled_by_it() -> None:
    machines = machines_of("excavators", 12, 100, path="/machine/{slug}-{number}")
    nav = SERVICE
    site = MadeSite(
        {"/": page("Home", "<h1>Search our stock</h1><form><input name=q></form>", nav)} | service_pages(nav)
    )
    with_details(site, machines, nav)
    urls = [HOME, *(HOME + path.strip("/") for path, _ in SERVICE), *(HOME + m.path.strip("/") for m in machines)]
    entries = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    site.pages["/map.xml"] = f'<?xml version="1.0"?><urlset {space}>{entries}</urlset>'
    site.pages["/robots.txt"] = f"User-agent: *\nDisallow: /cart\nSitemap: {HOME}map.xml\n"
    found = probed(site)
    assert found.dealer.sections == {"all": ("/map.xml",)}
    assert found_urls(site, found.dealer) == site.urls()
    assert found.draft.listings == 12


def two_languages(*, same_stock: bool) -> MadeSite:
    """German at `/`, English at `/en`; the English pages show the same machines under other addresses, or others."""
    german = [("/de/bagger", "Bagger"), ("/de/radlader", "Radlader"), ("/de/kontakt", "Kontakt")]
    english = [("/en/excavators", "Excavators"), ("/en/wheel-loaders", "Wheel loaders"), ("/en/contact", "Contact")]
    switch = '<link rel="alternate" hreflang="en" href="/en">'
    site = MadeSite({"/": page("Start", "<h1>Willkommen</h1>", german, "de", switch)})
    site.pages["/en"] = page("Home", "<h1>Welcome</h1>", english)
    for (path, name), (other, other_name), kind, first in (
        (german[0], english[0], "excavators", 100), (german[1], english[1], "wheel-loaders", 300),
    ):  # fmt: skip
        machines = machines_of(kind, 6, first, path="/de/maschine/{number}-{slug}")
        with_details(site, machines, german)
        site.pages |= listed(path, name, machines, german, lang="de")
        start = first if same_stock else first + 50
        others = machines_of(kind, 6, start, path="/en/machine/{number}-{slug}")
        with_details(site, others, english)
        site.pages |= listed(other, other_name, others, english)
    return site


def test_the_same_stock_in_another_language_is_taken_once() -> None:
    found = probed(two_languages(same_stock=True))
    assert found.dealer.sections == {"excavators": ("/de/bagger",), "wheel-loaders": ("/de/radlader",)}
    assert found.dealer.language == "de"


def test_other_stock_in_another_language_is_taken_too() -> None:
    site = two_languages(same_stock=False)
    found = probed(site)
    assert found.dealer.sections["excavators"] == ("/de/bagger", "/en/excavators")
    assert found_urls(site, found.dealer) == site.urls()


def test_a_number_that_stands_on_every_list_counts_none_of_them() -> None:
    site = category_site(
        {"excavators": 23, "dozers": 14, "wheel-loaders": 12}, total=False, above="<p>12,500 results</p>"
    )
    found = probed(site)
    assert (found.draft.listings or 0) <= 49
    assert found_urls(site, found.dealer) == site.urls()


def test_more_that_a_button_loads_as_json_is_walked() -> None:
    site = category_site({"excavators": 18, "dozers": 4}, links=False, total=False)
    more = [machine for machine in site.machines if machine.kind == "Excavator"][10:]
    button = '<button class="load-more" data-next-url="/more?list=excavators&amp;page=2">Load more</button>'
    site.pages["/used/excavators"] = str(site.pages["/used/excavators"]).replace("<div class='pagination'>", button)
    site.pages["/more?list=excavators&page=2"] = json_page({"html": "".join(map(card, more)), "has_more": False})
    found = probed(site)
    assert any("/more?list=excavators" in note for note in found.draft.notes)
    assert found_urls(site, found.dealer) == site.urls()


def test_lists_whose_details_are_drawn_by_scripts_are_read_by_what_the_scripts_fetch() -> None:
    machines = machines_of("excavators", 8, 100, path="/m/{number}")
    nav = [("/stock", "Stock")]
    shell = (
        "<html><head><title>Acme</title></head><body><div id='app'></div><script src='/app.js'></script></body></html>"
    )
    site = MadeSite(dict.fromkeys((machine.path for machine in machines), shell), machines)
    fetch = "<script>fetch('/api/stock.json'); a.href = '/m/' + m.id;</script>"
    site.pages["/"] = page("Home", "<h1>Used excavators</h1>", nav, head=fetch)
    site.pages |= listed("/stock", "Stock", machines, nav)
    records = [{"id": m.number, "title": m.title, "price": m.price, "year": m.year, "make": m.make} for m in machines]
    site.pages["/api/stock.json"] = json_page(records)
    found = probed(site)
    assert found.dealer.platform == "json_api"
    assert found_urls(site, found.dealer) == site.urls()


def test_lists_whose_details_only_a_browser_can_draw_are_left_to_one() -> None:
    machines = machines_of("excavators", 8, 100, path="/m/{number}")
    nav = [("/stock", "Stock")]
    shell = "<html><body><div id='app'></div><script src='/app.js'></script></body></html>"
    site = MadeSite(dict.fromkeys((machine.path for machine in machines), shell), machines)
    site.pages["/"] = page("Home", "<h1>Used excavators</h1>", nav)
    site.pages |= listed("/stock", "Stock", machines, nav)
    found = probed(site)
    assert (found.dealer.platform, found.dealer.render) == ("schema_org", "auto")
    assert [url for urls in found.dealer.sections.values() for url in urls] == ["/stock"]
    assert any("details" in text for text in found.undecided)
    assert as_json(found, Site(site.ask), "", None)["render"] == {"said": "auto", "why": found.draft.evidence}
    assert "are empty without a browser (empty application element" in found.draft.evidence


def test_the_report_names_sections_fields_and_what_is_left_to_a_person() -> None:
    site = category_site({"excavators": 23, "dozers": 5}, links=False)
    for path in [path for path in site.pages if "?page=" in path]:
        del site.pages[path]
    found = probed(site)
    console = Console(width=120, file=io.StringIO(), record=True)
    console.print(tables(found, Site(site.ask)))
    shown = console.export_text()
    for text in ("schema_org", "/used/excavators", "hours", "json-ld offers.price", "Left to you"):
        assert text in shown
    assert "listings were read without a browser, and no page that was looked at is empty" in shown
    asked = Site(site.ask)
    site.pages["/app"] = "<html><body><div id='app'></div><script src='/app.js'></script></body></html>"
    asyncio.run(asked.get(f"{HOME}app"))
    assert 'render = "auto" draws such pages' in as_json(found, asked, "", None)["render"]["why"]


def test_few_requests_still_give_the_categories_that_were_not_looked_at() -> None:
    site = category_site({"excavators": 6, "dozers": 5, "wheel-loaders": 5, "telehandlers": 5})
    found = probed(site, max_requests=20)
    assert set(found.dealer.sections) == {"excavators", "dozers", "wheel-loaders", "telehandlers"}
