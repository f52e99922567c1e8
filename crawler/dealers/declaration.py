"""What a dealer file may say: one frozen object a dealer, validated before any request is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from typing import Annotated, Any, Literal
from urllib.parse import quote, quote_plus, urljoin, urlsplit

import jmespath
from cssselect import SelectorError
from lxml import etree
from parsel.csstranslator import HTMLTranslator
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, field_validator, model_validator
from w3lib.url import safe_url_string

from crawler.dealers.errors import did_you_mean
from inventory.hiding import hidden
from inventory.listing import BOOKKEEPING, FIELD_NAMES, Vertical
from inventory.taxonomy.categories import CATEGORIES

ANY_SECTION = "all"
"""The section name of stock of mixed categories."""

PLATFORM_NAMES = ("schema_org", "shopify", "woocommerce", "json_api", "feed")
READ_DATA = ("shopify", "woocommerce", "json_api", "feed")
"""Platforms that read no pages: a browser has nothing to draw there."""

INFERRED = frozenset(
    {"dealer", "vertical", "section", "category_confidence", "base_model", "location_precision", "unit_price_per_kg"}
    | {"attributes", "pack_count", "unit_weight_g", "dog_weight_min_kg", "dog_weight_max_kg", "breed_sizes"}
    | {name for name in FIELD_NAMES if name.startswith("size_")}
)
SAYABLE_FIELDS = (
    *(name for name in FIELD_NAMES if name not in BOOKKEEPING | INFERRED),
    "breadcrumbs",
    "size",
    "operating_weight",
    "net_weight",
)
"""Fields that a source may say as text: the left side of `[map]` and `[selectors]`."""

PROMISABLE_FIELDS = tuple(name for name in FIELD_NAMES if name not in BOOKKEEPING | {"dealer", "vertical", "section"})
"""Fields that a listing may have or lack: what `[expect.fill]` promises. Others would fail every crawl."""

HIDDEN = "***"
"""What stands in the place of a secret."""

_DOMAIN = re.compile(r".*\.[a-z][a-z0-9-]*", re.I)
"""A name with a top level, unlike `localhost` and numbered addresses."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _field_name(name: str) -> str:
    if name not in SAYABLE_FIELDS:
        raise ValueError(f"is no field of a listing{did_you_mean(name, SAYABLE_FIELDS)}")
    return name


def _promisable_name(name: str) -> str:
    if name not in PROMISABLE_FIELDS:
        raise ValueError(f"is no field of a listing{did_you_mean(name, PROMISABLE_FIELDS)}")
    return name


def _expression(text: str) -> str:
    """A CSS selector (parsel's, with ::text and ::attr()) or an XPath."""
    try:
        if is_xpath(text):
            etree.XPath(text)
        else:
            HTMLTranslator().css_to_xpath(text)
    except (SelectorError, etree.XPathError) as error:
        raise ValueError(f"is neither CSS nor XPath: {error}") from None
    return text


def is_xpath(text: str) -> bool:
    """Whether a selector is XPath rather than CSS."""
    return text.startswith(("/", "./", "(", "string(", "normalize-space("))


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return text


Pattern = Annotated[str, BeforeValidator(lambda text: _pattern(text) if isinstance(text, str) else text)]
SelectorText = Annotated[str, BeforeValidator(lambda text: _expression(text) if isinstance(text, str) else text)]
FieldName = Annotated[str, BeforeValidator(lambda name: _field_name(name) if isinstance(name, str) else name)]
PromisedName = Annotated[str, BeforeValidator(lambda name: _promisable_name(name) if isinstance(name, str) else name)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Walk(_Part):
    """How `schema_org` walks a section; what is not given is found by the shape of the page."""

    detail_links: SelectorText | None = Field(
        None, description="Selector of the links to detail pages, `::attr(href)`."
    )
    next_page: SelectorText | None = Field(None, description="Selector of the link to the next page.")
    detail_urls: Pattern | None = Field(
        None, description="Regular expression of a sitemap's addresses that are details; without it all are asked for."
    )
    max_pages: int = Field(200, ge=1, le=100_000, description="A section's walk ends here, and is not complete then.")


class Items(_Part):
    """Where `json_api` and `feed` find their items."""

    path: str | None = Field(None, description="JMESPath of the array; an XML feed's element name.")
    format: Literal["csv", "tsv", "json", "jsonl", "xml", "google_merchant"] | None = Field(
        None, description="A feed's format."
    )
    next: str | None = Field(
        None, description="JMESPath of the next page's URL, number or {cursor}; else {page} or {offset} counts up."
    )
    pages: str | None = Field(None, description="JMESPath of how many pages there are.")
    first_page: int = Field(1, ge=0, description="Where {page} begins.")


class Expect(_Part):
    """What a healthy crawl finds at the least. Below it the crawl is marked failed and delists nothing."""

    min_listings: int = Field(0, ge=0)
    fill: dict[PromisedName, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)


class Dealer(_Part):
    """A dealer as its file declares it. Relative URLs are relative to `url`."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$")
    title: str
    vertical: Vertical = Field(description="Which spider crawls it.")
    platform: str = Field(
        description=f"One of {', '.join(PLATFORM_NAMES)}, or `module:Class` of a platform of your own."
    )
    url: str = Field(description="The dealer's home page.")
    country: str | None = Field(
        None, pattern="^[A-Z]{2}$", description="ISO 3166-1: where its stock stands, if a page does not say."
    )
    currency: str | None = Field(None, pattern="^[A-Z]{3}$", description="ISO 4217: used only where a page names none.")
    language: str | None = Field(None, pattern="^[a-z]{2}$")
    hosts: tuple[str, ...] = Field((), description="Other hosts that belong to the dealer and may be asked.")
    headers: dict[str, str] = Field(default_factory=dict, description="Sent with each request; secrets as ${NAME}.")
    delay_s: float | None = Field(None, ge=0, description="Seconds between two requests.")
    concurrency: int = Field(1, ge=1, le=16, description="Requests under way at once.")
    render: Literal["never", "auto", "always"] = Field(
        "never", description="Whether pages are drawn by a browser: auto, only those that are empty without one."
    )
    every: str | None = Field(None, pattern=r"^\d+[mhd]$", description="How often it is due: 30m, 24h, 7d.")
    sections: dict[str, Annotated[tuple[str, ...], BeforeValidator(_as_list)]] = Field(
        min_length=1, description="Category (or `all`) = URL or URLs; {page} makes it a template, counted from 1."
    )
    walk: Walk = Walk()
    selectors: dict[FieldName, SelectorText] = Field(default_factory=dict, description="Field = selector; always wins.")
    items: Items = Items()
    map: dict[FieldName, str] = Field(default_factory=dict, description="Field = JMESPath, column or template.")
    expect: Expect = Expect()
    _secrets: tuple[str, ...] = PrivateAttr(())

    @field_validator("url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no http:// or https:// address")
        return url

    @field_validator("platform")
    @classmethod
    def _known_platform(cls, platform: str) -> str:
        if platform not in PLATFORM_NAMES and not re.fullmatch(r"[\w.]+:\w+", platform):
            near = did_you_mean(platform, PLATFORM_NAMES)
            raise ValueError(f"{platform!r} is neither one of {', '.join(PLATFORM_NAMES)} nor module:Class{near}")
        return platform

    @model_validator(mode="after")
    def _fits_together(self) -> Dealer:
        for section in self.sections:
            self._check_section(section)
        if self.platform == "json_api" or (self.platform == "feed" and self.items.format in ("json", "jsonl")):
            self._check_jmespath()
        if self.platform in ("json_api", "feed") and not self.map and self.items.format != "google_merchant":
            raise ValueError(f"platform {self.platform!r} needs [map]: our field = theirs")
        if self.render != "never" and self.platform in READ_DATA:
            raise ValueError(f"render = {self.render!r} draws pages, and platform {self.platform!r} reads none")
        if self.platform == "feed" and self.items.format is None:
            raise ValueError("platform 'feed' needs format in [items]: csv, tsv, json, jsonl, xml or google_merchant")
        return self

    def _check_section(self, section: str) -> None:
        known = [slug for slug, category in CATEGORIES.items() if category.vertical == self.vertical]
        if section != ANY_SECTION and section not in known:
            near = did_you_mean(section, known)
            raise ValueError(f"sections.{section} is no category of {self.vertical!r} (nor {ANY_SECTION!r}){near}")
        for url in self.sections[section]:
            if urlsplit(urljoin(self.url, url)).scheme not in ("http", "https"):
                raise ValueError(f"sections.{section}: {url!r} is no web address")

    def _check_jmespath(self) -> None:
        named = {"items.path": self.items.path, "items.next": self.items.next, "items.pages": self.items.pages}
        named |= {f"map.{name}": text for name, text in self.map.items() if not is_template(text)}
        for key, text in named.items():
            if text is not None:
                try:
                    jmespath.compile(text)
                except jmespath.exceptions.JMESPathError as error:
                    raise ValueError(f"{key}: {text!r} is no JMESPath: {error}") from None

        if self.items.next is None and any("{cursor}" in url for urls in self.sections.values() for url in urls):
            raise ValueError("sections: {cursor} needs next in [items]: the JMESPath of the next page's cursor")

    @cached_property
    def origins(self) -> frozenset[tuple[str, int]]:
        """Host and port of every address that a crawl of this dealer may ask.

        Its own, those of its sections, and `hosts` (with `:PORT` where it is not the scheme's own); each with and
        without `www.`, and by https as well where http is named, never the other way.
        """
        urls = [self.url, *(urljoin(self.url, url) for section in self.sections.values() for url in section)]
        urls += [f"{urlsplit(self.url).scheme}://{host}" for host in self.hosts]
        found: set[tuple[str, int]] = set()
        for host, port in map(origin_of, urls):
            bare = host.removeprefix("www.")
            names = {bare, f"www.{bare}"} if _DOMAIN.fullmatch(bare) else {host}
            ports = {port, 443 if port == 80 else port}
            found |= {(name, number) for name in names for number in ports}
        return frozenset(found)

    def without_secrets(self, text: str) -> str:
        """A text in which the values that came from the environment are hidden."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that came from the environment, each in every way in which it stands in an address."""
        return self._secrets

    def keep_secret(self, values: Iterable[str]) -> None:
        """Remember what must not be shown, as it stands in an address too."""
        known = {value for value in values if value}
        ways = (quote, partial(quote, safe=""), quote_plus, safe_url_string)
        known |= {quoted(value) for value in known for quoted in ways}
        self._secrets = tuple(sorted(known, key=len, reverse=True))
        hidden.add(self._secrets)

    @property
    def on_loopback(self) -> bool:
        """Whether the dealer stands on this very machine, as the demo does."""
        return all(host in LOOPBACK for host, _ in self.origins)


def origin_of(url: str) -> tuple[str, int]:
    """Host and port of an address; port 0 where it names one that cannot be."""
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        port = 0
    return (parts.hostname or "").rstrip("."), port


def is_template(text: str) -> bool:
    """Whether a `[map]` value is a template over the record's keys, like `/machine/{id}`, not a path."""
    return "{" in text and "/" in text


def json_schema() -> Mapping[str, Any]:
    """The JSON Schema of a dealer file, for editors (`name` is the file's)."""
    schema = Dealer.model_json_schema()
    schema["title"] = "Yardstick dealer file"
    schema["properties"].pop("name")
    schema["required"].remove("name")
    return schema
