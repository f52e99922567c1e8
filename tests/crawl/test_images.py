"""Thumbnails of listings' pictures: with IMAGES_STORE, politely, once, and never at a listing's cost."""

from __future__ import annotations

from io import BytesIO
from urllib.parse import urlsplit

from PIL import Image
from sqlalchemy import select

from inventory.engine import reader_engine
from inventory.settings import load_settings
from inventory.tables import listing_details
from pipelines.images import SIDE_PX, thumbnail_path
from tests.crawl.crawling import crawl, environment, rows
from tests.crawl.little_shop import open_shop


def picture(width, height, kind="JPEG", mode="RGB"):
    made = BytesIO()
    Image.new(mode, (width, height), (200, 30, 30) if mode == "RGB" else (0, 0, 0, 0)).save(made, kind)
    return made.getvalue()


def pictures_asked(shop):
    return sorted(path for path, _, _ in shop.asked if path.startswith(("/pictures/", "/hidden/")))


def test_thumbnails_are_stored_once_and_no_listing_is_lost_for_a_picture(tmp_path, sqlite_url):
    store = tmp_path / "thumbnails"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with open_shop(tmp_path, 'excavators = "/used"\n') as shop, open_shop(elsewhere, 'dozers = "/used"\n') as private:
        other = (elsewhere / "little.toml").read_text().split('url = "')[1].partition('"')[0]
        shop.files |= {
            "/pictures/wide.jpg": picture(1200, 600), "/pictures/clear.png": picture(400, 800, "PNG", "RGBA"),
            "/pictures/no.jpg": b"<html>no picture</html>", "/hidden/1.jpg": picture(10, 10),
            "/robots.txt": b"User-agent: *\nDisallow: /hidden/\n",
        }  # fmt: skip
        shop.moved["/pictures/away.jpg"] = f"{other}/pictures/of-theirs.jpg"
        shop.pictured |= {
            1: ["/pictures/wide.jpg", "/pictures/second.jpg"], 2: ["/pictures/clear.png"], 3: ["/pictures/none.jpg"],
            4: ["/pictures/no.jpg", "javascript:x"], 5: [f"{other}/pictures/x.jpg", "/hidden/1.jpg"],
            6: ["/pictures/away.jpg"],
        }  # fmt: skip
        env = environment(sqlite_url, DEALERS_DIR=str(tmp_path), IMAGES_STORE=str(store))
        status, out, err = crawl("equipment", env)
        assert (status, out) == (0, ""), err
        assert len(rows(sqlite_url, "listings")) == 6
        assert pictures_asked(shop) == [
            "/pictures/away.jpg", "/pictures/clear.png", "/pictures/no.jpg", "/pictures/none.jpg", "/pictures/wide.jpg",
        ]  # fmt: skip
        assert not private.asked
        assert "thumbnails: 2 offsite, 2 stored, 1 http_404, 1 no_image\n" in err
        assert "Traceback" not in err

        stored = {}
        for images in stored_images(sqlite_url):
            for url in images:
                if (file := store / thumbnail_path(url)).exists():
                    stored[urlsplit(url).path] = Image.open(BytesIO(file.read_bytes())).size
        assert stored == {"/pictures/wide.jpg": (SIDE_PX, 160), "/pictures/clear.png": (160, SIDE_PX)}
        assert len([file for file in store.rglob("*") if file.is_file()]) == 2

        shop.asked.clear()
        env |= {"IMAGES_PER_LISTING": "2"}
        status, _, err = crawl("equipment", env, "-a", "fresh=1")
        assert status == 0
        assert pictures_asked(shop) == [
            "/pictures/away.jpg", "/pictures/no.jpg", "/pictures/none.jpg", "/pictures/second.jpg",
        ]  # fmt: skip
        assert "thumbnails: 2 http_404, 2 offsite, 2 there before, 1 no_image, 1 robots\n" in err


def stored_images(database_url):
    engine = reader_engine(load_settings(database_url=database_url))
    with engine.connect() as connection:
        found = connection.execute(select(listing_details.c.images)).scalars().all()
    engine.dispose()
    return found


def test_a_store_that_cannot_be_used_is_status_2_and_says_why(tmp_path, sqlite_url):
    with open_shop(tmp_path, 'excavators = "/used"\n'):
        env = environment(sqlite_url, DEALERS_DIR=str(tmp_path), IMAGES_STORE="ftp://host/folder")
        status, _, err = crawl("equipment", env)
    assert status == 2
    assert "IMAGES_STORE: ftp:// is not known" in err
