"""What a dealer file may say, and how the environment fills it."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from pydantic import ValidationError

from crawler.dealers.declaration import SAYABLE_FIELDS, Dealer, json_schema
from crawler.dealers.errors import DealerFileError
from crawler.dealers.loading import load_dealer
from crawler.tracking.dealer_crawl import DealerCrawl
from inventory.listing import FIELD_NAMES, Listing
from tests.crawler.dealer_files import GOOD, dealer, write


def test_the_smallest_file_is_a_dealer_with_careful_defaults(tmp_path):
    acme = load_dealer(write(tmp_path, GOOD), {})
    assert (acme.name, acme.title, acme.vertical, acme.platform) == ("acme", "Acme", "equipment", "schema_org")
    assert acme.sections == {"excavators": ("/used/excavators",)}
    assert (acme.concurrency, acme.render, acme.delay_s, acme.expect.min_listings) == (1, "never", None, 0)
    assert acme.origins == {("acme.example", 443), ("www.acme.example", 443)}


def test_a_section_may_have_several_addresses_and_other_hosts(tmp_path):
    text = GOOD.replace('"/used/excavators"', '["/a", "https://stock.acme.example/b"]')
    acme = load_dealer(write(tmp_path, 'hosts = ["cdn.example"]\n' + text), {})
    assert acme.sections["excavators"] == ("/a", "https://stock.acme.example/b")
    assert {host for host, _ in acme.origins if not host.startswith("www.")} == {
        "acme.example",
        "stock.acme.example",
        "cdn.example",
    }
    assert {port for _, port in acme.origins} == {443}


def test_a_declaration_is_frozen():
    with pytest.raises(ValidationError):
        dealer().title = "other"


@pytest.mark.parametrize(
    ("url", "loopback"),
    [("http://127.0.0.1:9101", True), ("http://localhost", True), ("http://[::1]:80", True),
     ("https://acme.example", False), ("http://127.0.0.1.example", False)],
)  # fmt: skip
def test_only_this_very_machine_is_loopback(url, loopback):
    assert dealer(url=url).on_loopback == loopback


VARIABLES = GOOD.replace("https://acme.example", "http://${HOST:-127.0.0.1}:${PORT:-80}") + (
    '[headers]\nAuthorization = "Bearer ${TOKEN}"\n'
)


def test_variables_are_filled_from_the_environment_and_have_defaults(tmp_path):
    file = write(tmp_path, VARIABLES)
    acme = load_dealer(file, {"TOKEN": "abc", "PORT": "9101"})
    assert acme.url == "http://127.0.0.1:9101"
    assert acme.headers == {"Authorization": "Bearer abc"}
    assert load_dealer(file, {"TOKEN": "abc", "HOST": "acme.example"}).url == "http://acme.example:80"


def test_a_variable_may_stand_in_a_file(tmp_path):
    secret = tmp_path / "token"
    secret.write_text("from-file\n", encoding="utf-8")
    acme = load_dealer(write(tmp_path, VARIABLES), {"TOKEN_FILE": str(secret)})
    assert acme.headers["Authorization"] == "Bearer from-file"


def test_a_variable_that_is_not_set_is_named_with_its_key(tmp_path):
    with pytest.raises(DealerFileError) as refused:
        load_dealer(write(tmp_path, VARIABLES), {})
    assert refused.value.problems == (
        ("headers.Authorization", "${TOKEN} is not set in the environment (nor TOKEN_FILE)"),
    )


def test_a_secret_is_hidden_as_it_stands_in_an_address_too():
    acme = dealer()
    acme.keep_secret(["to ken/+ü"])
    for shown in ("to ken/+ü", "to%20ken/%2B%C3%BC", "to%20ken%2F%2B%C3%BC", "to+ken%2F%2B%C3%BC", "to%20ken/+%C3%BC"):
        assert acme.without_secrets(f"https://acme.example/?key={shown}&a=1") == "https://acme.example/?key=***&a=1"


def test_a_secret_file_that_cannot_be_read_is_named_with_its_key(tmp_path):
    with pytest.raises(DealerFileError, match=r"headers\.Authorization: TOKEN_FILE=.*gone: No such file"):
        load_dealer(write(tmp_path, VARIABLES), {"TOKEN_FILE": str(tmp_path / "gone")})


def test_variables_are_filled_in_lists_and_left_alone_in_numbers(tmp_path):
    text = 'hosts = ["${HOST}", "b.example"]\ndelay_s = 2\n' + GOOD
    acme = load_dealer(write(tmp_path, text), {"HOST": "a.example"})
    assert acme.hosts == ("a.example", "b.example")
    assert acme.delay_s == 2


def test_what_a_variable_holds_is_not_filled_again(tmp_path):
    acme = load_dealer(write(tmp_path, VARIABLES), {"TOKEN": "${PATH}"})
    assert acme.headers["Authorization"] == "Bearer ${PATH}"


def test_css_and_xpath_are_both_selectors():
    selectors = {"price": "b.price::text", "year": "//td[@class='y']/text()", "hours": "a::attr(title)"}
    assert dealer(selectors=selectors).selectors == selectors


def test_every_sayable_field_is_one_of_a_listing_or_of_the_raw_text():
    assert set(SAYABLE_FIELDS) - set(FIELD_NAMES) == {"breadcrumbs", "size", "operating_weight", "net_weight"}
    assert not {"dealer", "size_value", "identity_key", "crawl_id"} & set(SAYABLE_FIELDS)


def test_what_may_be_promised_is_what_a_crawl_counts():
    promised = dealer(expect={"fill": {"size_label": 0.9, "operating_weight_kg": 0.5, "price": 0.8}}).expect.fill
    crawl = DealerCrawl(dealer(), 1, {}, 0.0)
    crawl.note_stored(
        Listing(
            dealer="acme", vertical="equipment", size_label="20-25 t", operating_weight_kg=21_000.0, price=Decimal(1)
        ),
        "new",
    )
    assert {name: crawl.fill()[name] for name in promised} == dict.fromkeys(promised, 1.0)


def test_the_schema_for_editors_knows_every_key_but_the_name():
    schema = json.loads(json.dumps(json_schema()))
    assert set(schema["properties"]) == set(Dealer.model_fields) - {"name"}
    assert "name" not in schema["required"]
    assert schema["properties"]["url"]["description"]
    assert schema["additionalProperties"] is False
