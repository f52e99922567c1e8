"""What is left out of a page before it is compared with what it was, and that nothing else is."""

from __future__ import annotations

import json
import string
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crawler.revisits.noise_names import form_of
from crawler.revisits.quiet_body import MAX_BYTES, quiet

TOKENS = st.text(string.ascii_letters + string.digits + "+/=_-", min_size=8, max_size=90)
SEEN = st.text(st.characters(codec="utf-8", exclude_characters="<>&\r\0"), min_size=1).filter(str.strip)
PRICES = st.decimals(0, 9_999_999, places=2).map(str)
SERIALS = st.text(string.ascii_letters + string.digits + "-", min_size=4, max_size=20)
FILLED = {"title": "Caterpillar 320", "price": "84,500.00", "serial": "CAT00320PZBN10447", "hours": "4,210 h"}


def page(token="c2Vjb25kIHRva2Vu", stamp="22nd Nov 2026 04:28", seconds="1795321708", **said):
    """A machine's page as engines make it: noise wherever they put it, facts wherever a reader or a crawl sees them."""
    said = FILLED | said
    data = json.dumps({"@type": "Product", "name": said["title"], "sku": said["serial"], "token": said["serial"],
                       "offers": {"price": said["price"]}})  # fmt: skip
    return f"""<!DOCTYPE html><html><head><title>{said["title"]}</title>
    <meta name="csrf-token" content="{token}"><meta name="created" content="{stamp}">
    <meta property="product:price:amount" content="{said["price"]}"><meta name="description" content="{said["hours"]}">
    <link rel="stylesheet" href="/static/shop.css?v={seconds}"><link rel="canonical" href="/machine/1?v=7">
    <script nonce="{token}" src="/static/shop.js?{seconds}"></script>
    <script>window.app = {{csrfToken: "{token}", "price": "{said["price"]}", 'session_id': '{token}',
      timestamp: {seconds}, stock: {{"serial": "{said["serial"]}", "hours": "{said["hours"]}"}}}};
      self.push([1, "{{\\"requestId\\":\\"{token}\\"}}"])</script>
    <script type="application/ld+json">{data}</script></head>
    <body data-csrf-token='{token}'><!-- made by web{seconds} in {seconds} ms --><h1>{said["title"]}</h1>
    <form><input type="hidden" name="csrfmiddlewaretoken" value="{token}"><input value="{token}" id="__VIEWSTATE">
    <input name="quantity" value="{said.get("quantity", 1)}"></form>
    <div itemprop="offers"><meta itemprop="price" content="{said["price"]}"></div>
    <p>Price: {said["price"]}</p><p>Serial token: {said["serial"]}</p><p>{said["hours"]}</p>
    <img src="/320.jpg?v={said.get("picture", 1)}"></body></html>""".encode()


@given(TOKENS, TOKENS, st.integers(1_500_000_000, 1_999_999_999), st.integers(1_500_000_000, 1_999_999_999))
def test_two_answers_that_differ_by_tokens_and_times_are_one_page(one, other, then, now):
    first = page(token=one, stamp="22nd Nov 2026 04:28", seconds=str(then))
    assert quiet(first) == quiet(page(token=other, stamp="1st Jan 2027 14:05", seconds=str(now)))


@given(st.sampled_from(["title", "hours"]), SEEN, SEEN)
def test_another_text_is_another_page(field, one, other):
    assume(one != other)
    assert quiet(page(**{field: one})) != quiet(page(**{field: other}))


@given(st.sampled_from(["price", "serial", "quantity", "picture"]), PRICES | SERIALS, PRICES | SERIALS)
def test_another_price_or_number_is_another_page(field, one, other):
    assume(one != other)
    assert quiet(page(**{field: one})) != quiet(page(**{field: other}))


@given(SEEN, st.sampled_from(["", "\n", "<b>x</b>", "<!-- a -->"]), SEEN)
def test_what_is_outside_of_tags_and_scripts_stays_byte_by_byte(one, between, other):
    body = f"<p>{one}</p>{between}<td>{other}</td>".encode()
    left = quiet(body)
    assert left.replace(b"<!---->", b"") == body.replace(b"<!-- a -->", b"")


@pytest.mark.parametrize(
    "body",
    [
        '<p>token: "abcdefghij" nonce="abcdefghij" data-cfemail="10717273</p>',
        '<a href="/part?nonce=abcdefghij&v=2">Part</a>',
        "<title>Loader <!-- 5 --></title>",
        "<textarea><!-- 84,500 --></textarea>",
        "<p>one<!--> two <p> three --> four",
        "<p>one<!-- a --!> two <p> three <!-- b -->",
        "<p>one<!-- never closed, 84,500",
        '<!-- <div class="price">84,500</div> -->',
        '<!-- {"price": 84500} -->',
        '<input name="token" value="two words are no token">',
        '<input name="token" value="84,500 $">',
        '<meta itemprop="sku" name="token" content="abcdefghij">',
        '<meta name="price" content="12345678901">',
        '<img src="/320.jpg?v=1795321708">',
        '<link rel="canonical" href="/machine.js?v=12">',
        '<script type="application/ld+json">{"token": "abcdefghij", "timestamp": 1795321708}</script>',
        '<script>x = {annonce_id: "123456789", "tokens": "abcdefghij", "serial": "CAT00320PZBN10447"}</script>',
        '<script>x = {"price_timestamped": 1795321708, "generated_kw": 45000, "generated": 4500}</script>',
        '<div id="6901234567890">GTIN</div>',
        '<p>id="search-65a1b2c3d4e5f"</p>',
        '<script>[{"serial":"3b2ozl3ozmwrc7bff"},{"serial":"3b2ozl3ozmwrc7bfg"},{"serial":"3b2ozl3ozmwrc7bfh"}]</script>',
        '<script>[{"id":"3b2ozl3ozmwrc7bff"}]</script>',
        "plain text, nonce=abcdefghij",
        "\x1f\x8b<!-- a gzip -->",
        "",
        '{"products": [{"token": "short", "price": "84500.00"}], "timestamp": 12}',
    ],
)
def test_what_is_in_doubt_stays(body):
    assert quiet(body.encode()) == body.encode()


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("<!-- Served from: web3 @ 2026-11-22 04:28:11 by W3TC -->", "<!---->"),
        ('<b data="&quot;csrf_token&quot;:&quot;abcdefgh1&quot;">', '<b data="&quot;csrf_token&quot;:&quot;~&quot;">'),
        ('<label for="search-65a1b2c3d4e5f">', '<label for="search-~">'),
        ('{"request_id": "7f3a-11b", "timestamp": 1795321708}', '{"request_id": "~", "timestamp": ~}'),
        (
            '<script>{"e3b2ozl3ozmwrc7bep":{"menus":[{"id":"3b2ozl3ozmwrc7bff"},{"id":"3b2ozl3ozmwrc7bfg"}]}}</script>',
            '<script>{"~":{"menus":[{"id":"~"},{"id":"~"}]}}</script>',
        ),
        (
            '[{"id":"3b2ozl3ozmwrcabff"},{"id":"3b2ozl3ozmwrcabfg"},{"uid":"3b2ozl3ozmwrcabfh"}]',
            '[{"id":"~"},{"id":"~"},{"uid":"~"}]',
        ),
    ],
)  # fmt: skip
def test_what_is_known_to_be_noise_goes(body, left):
    assert quiet(body.encode()) == left.encode()


def test_a_hidden_address_of_e_mail_is_compared_by_what_it_says():
    one, same, other = (f'<a data-cfemail="{code}">' for code in ("10717273", "20414243", "20414244"))
    assert quiet(one.encode()) == quiet(same.encode()) != quiet(other.encode())


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("csrfToken", "token"), ("X-CSRF-Token", "token"), ("_wpnonce", "token"),
        ("__RequestVerificationToken", "token"), ("ajaxNonce", "token"), ("serverTime", "time"), ("annonce", None),
        ("announcement", None), ("tokens", None),
        ("price", None), ("session", None), ("generated_kw", None), ("auction_timestamp", None), ("x" * 100, None),
    ],
)  # fmt: skip
def test_names_are_known_word_by_word(name, form):
    assert form_of(name.encode()) == form


@given(st.binary(max_size=300) | st.text(alphabet="<!->script=\"'nonce/ t{}:~", max_size=300).map(str.encode))
def test_any_bytes_can_be_compared_and_what_is_quiet_stays_so(body):
    left = quiet(body)
    assert quiet(left) == left
    assert quiet(b"<" + body) == quiet(b"<" + body)


@pytest.mark.parametrize(
    "piece",
    [b"<!--", b"<script", b"<script>", b"<input ", b"<input name=token ", b'<a nonce="', b"nonce=", b'"a1b2c3d4e5l',
     b"</a", b'token:"', b"token" * 9, b"<meta x='", b" id='a-6", b'email data-cfemail="ab', b"<title><!--", b"6a" * 9],
)  # fmt: skip
def test_hostile_bodies_cost_a_time_that_grows_with_their_length_only(piece):
    body = b"<a " + piece * (MAX_BYTES // 4 // len(piece))
    started = time.process_time()
    quiet(body)
    assert time.process_time() - started < 5


def test_a_body_that_is_too_long_is_taken_as_it_is():
    body = b"<p>" + page() * (MAX_BYTES // len(page()) + 1)
    assert quiet(body) == body
