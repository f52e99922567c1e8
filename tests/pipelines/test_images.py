"""Thumbnails: made of what is a picture, stored where their address says, asked for in the dealer's slot."""

from __future__ import annotations

import asyncio
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

import pipelines.images
from crawler.fetching.image_gate import require_public
from crawler.tracking.error_class import Refused
from inventory.listing import Listing
from pipelines.images import IMAGE_OF, SIDE_PX, ImageFailed, Images, ImagesError, check_store, thumbnail, thumbnail_path


def picture(width, height, kind="JPEG", mode="RGB"):
    made = BytesIO()
    Image.new(mode, (width, height)).save(made, kind)
    return made.getvalue()


@pytest.mark.parametrize(
    ("body", "size"),
    [
        (picture(3000, 1500), (SIDE_PX, 160)),
        (picture(20, 30), (20, 30)),
        (picture(640, 640, "PNG", "RGBA"), (SIDE_PX, SIDE_PX)),
        (picture(640, 320, "GIF", "P"), (SIDE_PX, 160)),
        (picture(640, 320, "WEBP"), (SIDE_PX, 160)),
        (picture(640, 320, "JPEG", "CMYK"), (SIDE_PX, 160)),
        (picture(640, 320, "PNG", "1"), (SIDE_PX, 160)),
    ],
    ids=["large", "small", "transparent", "palette", "webp", "cmyk", "bits"],
)
def test_a_thumbnail_is_a_small_jpeg_of_the_same_shape(body, size):
    made, said = thumbnail(body)
    with Image.open(made) as found:
        assert (found.format, found.mode, found.size) == ("JPEG", "RGB", size)
    assert said == size


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no_image"),
        (b"<html>", "no_image"),
        (picture(900, 900)[:300], "broken_image"),
        (picture(64, 64, "BMP"), "no_image"),
        (picture(9000, 9000, "PNG", "1"), "too_large"),
        (picture(7700, 7700, "PNG", "1"), "too_large"),
    ],
    ids=["nothing", "page", "cut off", "another kind", "bomb", "decoded whole"],
)
def test_what_is_no_usable_picture_fails_by_its_class(body, why):
    with pytest.raises(ImageFailed, match=why):
        thumbnail(body)


def test_a_jpeg_may_have_more_pixels_since_it_is_not_decoded_whole():
    assert thumbnail(picture(5600, 4000, mode="L"))[1] == (SIDE_PX, 229)


def test_one_thumbnail_is_made_at_a_time(images, monkeypatch):
    now: list[int] = []
    most = 0

    async def in_a_thread(make, body):
        nonlocal most
        now.append(1)
        most = max(most, len(now))
        await asyncio.sleep(0.01)
        now.pop()
        return make(body)

    monkeypatch.setattr(pipelines.images.asyncio, "to_thread", in_a_thread)
    monkeypatch.setattr(images.store, "persist_file", lambda *arguments, **more: None)

    async def six():
        body = picture(40, 40)
        asked = [Request(f"https://a.example/{n}.jpg") for n in range(6)]
        await asyncio.gather(*(images.media_downloaded(Response(r.url, body=body), r, None) for r in asked))

    monkeypatch.setattr(images, "inc_stats", lambda status: None)
    asyncio.run(six())
    assert most == 1


@settings(max_examples=60)
@given(st.binary(max_size=200), st.integers(0, 600))
def test_whatever_stands_in_a_picture_it_is_made_or_fails_with_a_class(noise, at):
    whole = picture(50, 50)
    why = None
    try:
        thumbnail(whole[:at] + noise + whole[at + len(noise) :])
    except ImageFailed as failed:
        why = str(failed)
    assert why in (None, "no_image", "broken_image", "too_large")


@pytest.fixture
def images(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGES_PER_LISTING", "3")
    crawler = get_crawler()
    crawler._apply_settings()
    return Images(str(tmp_path), crawler=crawler)


@pytest.mark.parametrize("url", ["https://cdn.example/a.jpg", "https://cdn.example/Größe 1.jpg?w=9"])
def test_a_thumbnail_lies_where_scrapy_would_put_it(url, images):
    assert thumbnail_path(url) == images.thumb_path(Request(url), "small") == images.file_path(Request(url))


@pytest.mark.parametrize(
    ("store", "said"),
    [("ftp://host/x", "ftp://"), ("gs://bucket/x", "gs://"), ("s3:///x", "bucket"), ("s3://bucket/x", "botocore")],
)
def test_a_store_that_cannot_be_used_says_so(store, said, monkeypatch):
    monkeypatch.setattr(pipelines.images, "find_spec", lambda name: None if name == "botocore" else object())
    with pytest.raises(ImagesError, match=said):
        check_store(store)


def test_without_pillow_the_package_is_named(monkeypatch, tmp_path):
    check_store(str(tmp_path))
    check_store("")
    monkeypatch.setattr(pipelines.images, "find_spec", lambda name: None)
    with pytest.raises(ImagesError, match=r"pip install pillow$"):
        check_store(str(tmp_path))


def test_pictures_are_asked_for_in_their_dealers_slot_and_only_web_addresses(images):
    urls = [
        "https://a.example/1.jpg", "https://a.example/1.jpg", "data:image/png;base64,xx", "file:///etc/passwd",
        "http://[x/", "//no.example", "https://b.example/2.jpg", "https://c.example/3", "https://d.example/4",
    ]  # fmt: skip
    listing = Listing(dealer="acme", vertical="dog", title="Bed", images=urls)
    asked = images.get_media_requests(listing, None)
    assert [request.url for request in asked] == [urls[0], urls[6], urls[7]]
    assert {(request.meta["download_slot"], request.meta[IMAGE_OF]) for request in asked} == {("acme", "acme")}
    assert not any(request.cb_kwargs or request.headers for request in asked)  # no secret of the dealer's file


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1", "0.0.0.0", "100.64.0.1"]
)
def test_a_private_address_is_refused(host):
    with pytest.raises(Refused, match="private"):
        asyncio.run(require_public(host))


def test_a_public_address_is_not():
    asyncio.run(require_public("93.184.216.34"))


@pytest.mark.parametrize(("address", "refused"), [("127.0.0.1", True), ("93.184.216.34", False)])
def test_a_name_is_judged_by_where_it_leads(address, refused, monkeypatch):
    async def leads(host):
        return address

    monkeypatch.setattr("crawler.fetching.image_gate._address_of", leads)
    if refused:
        with pytest.raises(Refused, match="private"):
            asyncio.run(require_public("cdn.example"))
    else:
        asyncio.run(require_public("cdn.example"))
