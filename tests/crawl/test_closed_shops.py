"""Crawls of shops that do not have, or hide, what their dealer file says: the log says what to do instead."""

import pytest

from demo.running import running
from tests.crawl.crawling import crawl, environment, rows
from tests.crawl.test_shop_engines import SHOP


@pytest.mark.parametrize(
    ("shop", "platform", "reason"),
    [
        ("barkwood", "shopify", "answers 404: there is no such collection, or the shop hides its product list; set"),
        ("pawhaus", "woocommerce", "answers 404 (a page of HTML): the shop has no Store API"),
    ],
)
def test_a_shop_of_another_engine_fails_with_advice(tmp_path, shop, platform, reason):
    (tmp_path / "dealers").mkdir()
    with running(products=10) as demo:
        text = SHOP.format(platform=platform, url=demo.url(shop), sections='all = "/"')
        (tmp_path / "dealers" / "acme.toml").write_text(text, encoding="utf-8")
        env = environment(f"sqlite:///{tmp_path / 'shop.sqlite'}", DEALERS_DIR=str(tmp_path / "dealers"))
        status, _, err = crawl("dog", env)
        asked = [request["path"] for request in demo.requests(shop)]
    assert status != 0
    assert reason in err
    [account] = rows(env["DATABASE_URL"], "crawls")
    assert (account["outcome"], account["failure_class"]) == ("failed", "parse_error")
    assert asked.count("/meta.json") == (platform == "shopify")
