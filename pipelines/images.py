"""Pipeline 500, where IMAGES_STORE is set: thumbnails of listings' pictures, before the listing is stored.

A picture that cannot be had never costs the listing anything. `thumbnail_path(url)` says where one lies: nothing has to
be looked up. Which addresses may be asked, and how fast, the crawler decides (`crawler/fetching/image_gate.py`).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import Iterable
from importlib.util import find_spec
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.pipelines.images import ImagesPipeline
from scrapy.utils.defer import ensure_awaitable
from twisted.python.failure import Failure
from w3lib.url import safe_url_string

from inventory.listing import Listing
from inventory.pages import CrawlItem
from inventory.settings import load_settings

logger = logging.getLogger(__name__)

IMAGE_OF: Final = "image_of"
"""In `meta` of a picture's request: the dealer of its listing."""

SIDE_PX: Final = 320
"""No side of a thumbnail is longer."""
LARGEST_BYTES: Final = 15 * 1024 * 1024
LARGEST_PIXELS: Final = 60_000_000
"""Of a JPEG, which is decoded no larger than its thumbnail needs."""
LARGEST_WHOLE_PIXELS: Final = 20_000_000
"""Of all other formats: they are decoded whole, at 4 bytes a pixel and more, from a body of any size."""
FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
MOST_REMEMBERED: Final = 5_000
"""Addresses of which it is remembered that they were asked for: pictures are seldom shared by listings."""


class ImagesError(ValueError):
    """IMAGES_STORE cannot be used; the message says what to do."""


class ImageFailed(Exception):
    """A picture is not to be had; the message is a class as in `crawls.errors`."""


def check_store(store: str) -> None:
    """Raise `ImagesError` where thumbnails could not be stored there. An empty text stands for none."""
    if not store:
        return
    scheme, separator, rest = store.partition("://")
    if separator and scheme not in ("s3", "file"):
        raise ImagesError(f"IMAGES_STORE: {scheme}:// is not known; a folder or s3://BUCKET/FOLDER")
    if scheme == "s3" and not rest.partition("/")[0]:
        raise ImagesError("IMAGES_STORE: s3:// needs a bucket, as in s3://BUCKET/FOLDER")
    missing = ["pillow"] if find_spec("PIL") is None else []
    missing += ["botocore"] if scheme == "s3" and find_spec("botocore") is None else []
    if missing:
        raise ImagesError(f"IMAGES_STORE needs a package that is not installed: pip install {' '.join(missing)}")


def thumbnail_path(url: str) -> str:
    """Where a picture's thumbnail lies below IMAGES_STORE: by the SHA-1 of its address, as Scrapy names them."""
    return f"thumbs/small/{hashlib.sha1(safe_url_string(url).encode()).hexdigest()}.jpg"  # noqa: S324 (a name, no secret)


def thumbnail(body: bytes) -> tuple[BytesIO, tuple[int, int]]:
    """A JPEG of at most `SIDE_PX` a side, upright, and its size. Raises `ImageFailed`."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        picture = Image.open(BytesIO(body), formats=FORMATS)
        most = LARGEST_PIXELS if picture.format == "JPEG" else LARGEST_WHOLE_PIXELS
        if picture.width * picture.height > most:
            raise ImageFailed("too_large")
        picture.draft("RGB", (2 * SIDE_PX, 2 * SIDE_PX))  # a JPEG is not decoded any larger than needed
        picture.thumbnail((2 * SIDE_PX, 2 * SIDE_PX))
        upright = ImageOps.exif_transpose(picture)
        if upright.mode != "RGB":
            upright = upright.convert("RGBA")
            on_white = Image.new("RGBA", upright.size, (255, 255, 255, 255))
            on_white.alpha_composite(upright)
            upright = on_white.convert("RGB")
        upright.thumbnail((SIDE_PX, SIDE_PX))
        made = BytesIO()
        upright.save(made, "JPEG", quality=80, optimize=True)
    except UnidentifiedImageError:
        raise ImageFailed("no_image") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageFailed("broken_image") from None
    return made, upright.size


class Images(ImagesPipeline):
    """Scrapy's images pipeline: what is stored already is not asked for again (IMAGES_EXPIRES days, 90)."""

    def __init__(self, store_uri: str, *, crawler: Crawler) -> None:
        if crawler.settings.getbool("DRY_RUN"):
            raise NotConfigured
        super().__init__(store_uri, crawler=crawler)
        self._most = load_settings().images_per_listing
        self._counts: Counter[str] = Counter()
        self._one = asyncio.Semaphore(1)
        """One thumbnail is made at a time: six large pictures at once would take six times the memory."""

    async def process_item(self, item: CrawlItem) -> CrawlItem:  # type: ignore[override]
        """Ask for a listing's pictures. Whatever becomes of them, the listing goes on as it is."""
        if isinstance(item, Listing) and item.images:
            try:
                await super().process_item(item)
            except Exception:
                logger.exception("%s: the pictures of %s could not be seen to", item.dealer, item.url)
            if len(self.spiderinfo.downloaded) > MOST_REMEMBERED:
                self.spiderinfo.downloaded.clear()
        return item

    def get_media_requests(self, item: Any, info: Any) -> list[Request]:
        """The first pictures of a listing, in its dealer's slot."""
        meta = {
            IMAGE_OF: item.dealer,
            "download_slot": item.dealer,
            "download_maxsize": LARGEST_BYTES,
            "dont_retry": True,
        }
        return [Request(url, callback=NO_CALLBACK, meta=dict(meta)) for url in _usable(item.images)[: self._most]]

    def file_path(
        self, request: Request, response: Response | None = None, info: Any = None, *, item: Any = None
    ) -> str:
        """By the address that the listing names, wherever that led to."""
        return thumbnail_path(request.url)

    async def media_downloaded(self, response: Response, request: Request, info: Any, *, item: Any = None) -> Any:
        """Make the thumbnail in a thread, and store it. Raises `ImageFailed`."""
        if response.status != 200:
            raise ImageFailed(f"http_{response.status}")
        async with self._one:
            made, (width, height) = await asyncio.to_thread(thumbnail, response.body)
        path = self.file_path(request)
        kept = self.store.persist_file(
            path, made, info, meta={"width": width, "height": height}, headers={"Content-Type": "image/jpeg"}
        )
        await ensure_awaitable(kept)
        self.inc_stats("downloaded")
        return {"url": request.url, "path": path, "checksum": None, "status": "downloaded"}

    def media_failed(self, failure: Failure, request: Request, info: Any) -> Any:
        """Count it; None is how the pipeline goes on without this picture."""
        why = _class_of(failure.value)
        self._counts[why] += 1
        logger.debug("%s: no thumbnail of %s: %s", request.meta[IMAGE_OF], request.url, why)

    def inc_stats(self, status: str) -> None:
        """Scrapy's call for each picture that is stored, now (`downloaded`) or before (`uptodate`)."""
        super().inc_stats(status)
        self._counts["stored" if status == "downloaded" else "there before"] += 1

    def item_completed(self, results: Any, item: Any, info: Any) -> Any:
        """A listing keeps the addresses of its pictures."""
        return item

    def close_spider(self) -> None:
        """Say in a line what became of them."""
        if self._counts:
            counts = sorted(self._counts.items(), key=lambda entry: (-entry[1], entry[0]))
            logger.info("thumbnails: %s", ", ".join(f"{n} {what}" for what, n in counts))


def _class_of(error: BaseException | None) -> str:
    """As in `crawls.errors` where a class is known; else what the error is called."""
    if isinstance(error, ImageFailed):
        return str(error)
    if isinstance(error, IgnoreRequest):
        given = getattr(error, "error_class", None)  # the crawler's own refusals have one
        return given or ("robots" if "robots.txt" in str(error) else "refused_by_us")
    return type(error).__name__


def _usable(urls: Iterable[str]) -> list[str]:
    """Web addresses, each once."""
    found = dict.fromkeys(url for url in urls if len(url) < 2_000)
    return [url for url in found if _is_web_address(url)]


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
