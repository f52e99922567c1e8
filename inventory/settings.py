"""Every setting of Yardstick, read from the environment: one class, one truth.

The table in docs/settings.md is made from this class (`python -m inventory settings`). A secret may be given as a
file instead: `DATABASE_URL_FILE=/run/secrets/database_url` is read where `DATABASE_URL` is not set.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as SourceError

from inventory.secrets import read_secret


class SettingsError(ValueError):
    """A setting cannot be used; the message names it and says why."""


class FileSecrets(EnvSettingsSource):
    """Reads `NAME_FILE` for a setting whose `NAME` is not in the environment."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        name = field_name.upper()
        return read_secret(name, os.environ), field_name, False


class Settings(BaseSettings):
    """What an operator can set. Names are the environment's, in lower case here."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    database_url: SecretStr = Field(
        SecretStr("sqlite:///yardstick.sqlite"),
        description="Where listings are stored: `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`.",
    )
    database_read_url: SecretStr | None = Field(
        None, description="Where the API reads; a replica or a role that can only SELECT. `DATABASE_URL` if not set."
    )
    read_fallback: Literal["primary", "refuse"] = Field(
        "refuse",
        description="What the API does while `DATABASE_READ_URL` is gone: `primary` reads at `DATABASE_URL` until it "
        "is back, `refuse` answers 503.",
    )
    database_pool_size: int = Field(
        5,
        ge=1,
        le=100,
        description="Connections a process keeps open. One of the API has up to 10 more once they were needed, and on "
        "PostgreSQL 8 of its event loop's and 1 that asks for the version of the data: 24 with the default. With "
        "`READ_FALLBACK=primary` as many threads' connections once more, at the other server.",
    )
    database_pool_timeout_s: float = Field(
        10.0, gt=0, description="How long a query waits for a free connection before it fails."
    )
    statement_timeout_ms: int = Field(
        15_000, ge=100, description="Longest time of one of the API's queries on PostgreSQL, in milliseconds."
    )
    export_minutes: float = Field(
        60.0,
        gt=0,
        description="Longest time in which a client may read one of the API's exports (CSV, NDJSON, XLSX, arrays); "
        "then, or after a minute in which it takes nothing, it is cut off.",
    )
    dealers_dir: Path = Field(Path("dealers"), description="Folder of the dealer files, `NAME.toml` each.")
    contact: str = Field(
        "",
        description="E-mail address or URL in the User-Agent, so that a dealer can reach you. "
        "Required to crawl any host but this machine.",
    )
    download_delay_s: float = Field(
        1.0, ge=0, description="Seconds between two requests to a dealer whose file has no `delay_s` (0 on loopback)."
    )
    max_crawl_minutes: float = Field(
        240.0, gt=0, description="A dealer's crawl that takes longer ends early, is marked so and delists nothing."
    )
    retry_backoff_s: float = Field(
        1.0,
        gt=0,
        le=60,
        description="Unit of the waits before a failed request is asked again: each retry waits twice as long.",
    )
    breaker_pause_s: float = Field(
        30.0,
        gt=0,
        le=3600,
        description="First pause of a dealer that keeps failing; each further one is twice as long, up to 20 times.",
    )
    playwright_chromium_executable: Path | None = Field(
        None,
        description="The Chromium that draws pages of dealers with `render`; a `chromium` on PATH if not set, else "
        "Playwright's own.",
    )
    render_concurrency: int = Field(4, ge=1, le=32, description="Pages drawn at a time, by all dealers of a process.")
    render_timeout_s: float = Field(30.0, ge=1, le=300, description="Longest time in which a page is drawn.")
    render_budget_pages: int = Field(
        2000,
        ge=0,
        description="Pages of a dealer that one crawl has drawn at most, by all its workers together; what is left is "
        "not read.",
    )
    scrapingant_api_key: SecretStr | None = Field(
        None,
        description="Key of the hosted rendering API (ScrapingAnt), for pages that no browser here can draw.",
    )
    scrapingant_url: str = Field(
        "https://api.scrapingant.com/v2/general",
        description="Address of the hosted rendering API.",
        pattern=r"^https?://[^\s?#]+$",
    )
    render_budget_credits: int = Field(
        1000, ge=0, description="Credits of the hosted API that one day (UTC) may cost, by all processes together."
    )
    render_sandbox: bool = Field(
        True, description="`false` where a container forbids Chromium its own sandbox. Root's Chromium never has one."
    )
    delist_after: int = Field(
        2,
        ge=1,
        le=20,
        description="A listing is gone after so many healthy crawls in a row that walked its section to the end "
        "without seeing it.",
    )
    lease_seconds: float = Field(
        60.0, ge=5, description="How long a dealer stays reserved for a crawl that no longer answers."
    )
    api_max_page_size: int = Field(1000, ge=1, le=10_000, description="Largest `limit` of a page in the API.")
    snapshot_dir: Path | None = Field(
        None,
        description="Folder of the Parquet snapshots: crawls and `scrapy snapshot` write them there, the API serves "
        "them. Without it there are none.",
    )
    data_licence: str = Field("", description="Licence under which the data are given, as `/v1/meta` names it.")
    api_heavy_at_once: int = Field(
        2, ge=1, le=100, description="Statistics over all rows that a process of the API runs at a time; others wait."
    )
    api_cors_origins: str = Field("", description="Comma-separated origins that may read the API from a browser.")
    api_keys: SecretStr | None = Field(
        None,
        description="Who may read the API: `NAME:SCOPES:SHA256` entries as `python -m api key new` prints them, "
        "divided by spaces or lines. Without keys and JWT the API is open.",
    )
    api_rate_limit: str = Field(
        "",
        pattern=r"^([1-9][0-9]{0,8}/[1-9][0-9]{0,5})?$",
        description="Requests that one client (a key, else an address) may make in so many seconds, such as `100/60`.",
    )
    jwt_secret: SecretStr | None = Field(
        None, description="Secret of HS256 bearer tokens that the API accepts, at least 32 bytes."
    )
    jwt_public_key: SecretStr | None = Field(
        None, description="Public key (PEM) of RS256, ES256 or EdDSA bearer tokens that the API accepts."
    )
    jwt_jwks: SecretStr | None = Field(
        None, description="JSON Web Key Set of bearer tokens that the API accepts: public keys by their `kid`."
    )
    jwt_issuer: str = Field("", description="`iss` that a bearer token must have.")
    jwt_audience: str = Field("", description="`aud` that a bearer token must name; required for tokens.")
    redis_url: SecretStr | None = Field(
        None,
        description="Redis in which the API keeps answers and counts requests: `redis://USER:PASSWORD@HOST:6379/0`, "
        "`rediss://…` for TLS, `unix:///SOCKET`. "
        "Without it nothing is kept, and each process counts for itself. Crawlers share their queue in it, if "
        "`DISTRIBUTED` says so.",
    )
    redis_params: SecretStr | None = Field(
        None,
        description="More of how that Redis is reached, for all parts alike: a JSON object of redis-py's parameters, "
        'such as `{"ssl_ca_certs": "/run/secrets/ca.pem", "password": "…"}`.',
    )
    distributed: bool = Field(
        False,
        description="Whether crawlers share the queue of `REDIS_URL`: `scrapy crawl` queues its dealers and helps, "
        "`scrapy work` works at what is queued.",
    )
    redis_wait_s: float = Field(
        300.0,
        gt=0,
        description="How long `scrapy crawl` waits for a shared queue whose Redis does not answer, before it ends with "
        "status 3, or whose database, with status 4. `scrapy work` waits without end.",
    )
    cache_ttl_s: int = Field(120, ge=1, le=86_400, description="How long an answer is kept in Redis at most.")
    cache_entry_kb: int = Field(1024, ge=1, le=65_536, description="Largest answer that is kept, in kilobytes.")
    cache_memory_mb: int = Field(
        32, ge=0, le=65_536, description="Answers kept in each process beside Redis, in megabytes."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="How the API and the crawler write their log: `text`, or `json`: an object a line."
    )
    images_store: str = Field(
        "",
        description="Folder or `s3://BUCKET/FOLDER` in which crawls store thumbnails of listings' pictures (needs "
        "Pillow, for S3 botocore too). Without it only their addresses are stored.",
    )
    images_per_listing: int = Field(1, ge=1, le=20, description="Thumbnails of a listing at most.")
    metrics_port: int | None = Field(
        None,
        ge=1,
        le=65_535,
        description="Port on which a crawling process serves its Prometheus metrics while it runs. Without it none.",
    )
    metrics_host: str = Field("127.0.0.1", description="Address on which `METRICS_PORT` listens.")
    metrics_file: Path | None = Field(
        None,
        description="File to which a crawling process writes its metrics at its end and each minute, for "
        "node_exporter's textfile collector: `NAME.prom`; `{vertical}` in it is replaced.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR."
    )

    @field_validator("redis_params")
    @classmethod
    def _is_an_object(cls, text: SecretStr | None) -> SecretStr | None:
        if text is not None:
            _json_object(text)
        return text

    @field_validator("distributed")
    @classmethod
    def _has_a_queue(cls, distributed: bool, info: ValidationInfo) -> bool:
        if distributed and info.data.get("redis_url") is None:
            raise ValueError("needs REDIS_URL: the Redis that holds the queue")
        return distributed

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then files named by `NAME_FILE`."""
        return init_settings, env_settings, FileSecrets(settings_cls)

    @property
    def read_url(self) -> str:
        """The URL that readers use."""
        return (self.database_read_url or self.database_url).get_secret_value()

    @property
    def redis_parameters(self) -> dict[str, Any]:
        """`REDIS_PARAMS`, read."""
        return {} if self.redis_params is None else _json_object(self.redis_params)

    @property
    def write_url(self) -> str:
        """The URL that writers use."""
        return self.database_url.get_secret_value()


def _json_object(text: SecretStr) -> dict[str, Any]:
    try:
        found = json.loads(text.get_secret_value())
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ValueError('is no JSON object like {"ssl_ca_certs": "/run/secrets/ca.pem"}')
    return found


def load_settings(**given: Any) -> Settings:
    """The settings of this process's environment, `given` first.

    Raises `SettingsError`, which names the variable and never shows its value.
    """
    try:
        return Settings(**given)
    except SourceError as error:  # wraps what FileSecrets raised
        raise SettingsError(str(error.__cause__ or error)) from None
    except ValidationError as error:
        problems = "; ".join(f"{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors(include_input=False))
        raise SettingsError(problems) from None


@cache
def process_settings() -> Settings:
    """`load_settings()` once per process."""
    return load_settings()
