"""`scrapy crawl` checks its arguments before anything is sent, narrows, limits, and runs dry."""

import json
from itertools import pairwise

import pytest

from tests.crawl.crawling import crawl, environment, rows
from tests.crawl.small_demo import small_demo

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with small_demo(tmp_path_factory.mktemp("dealers"), machines=300, products=24) as found:
        yield found


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["equipmen"], "did you mean 'equipment'"),
        (["equipment", "-a", "limt=3"], "did you mean 'limit'"),
        (["equipment", "-a", "limit=many"], "limit=many"),
        (["equipment", "-a", "dealer=quary"], "did you mean 'quarry'"),
        (["equipment", "-a", "category=excavator"], "did you mean 'excavators'"),
        (["dog", "-a", "dealer=quarry"], "scrapy crawl equipment -a dealer=quarry"),
        (["equipment", "-a", "dry_run=maybe"], "dry_run=maybe"),
        (["equipment", "-a", "dealer="], "names nothing"),
    ],
)
def test_wrong_use_is_status_2_and_says_what_to_do(arguments, said, demo, sqlite_url):
    for name in demo.urls:
        demo.switch(name, forget=True)
    status, _, err = crawl(arguments[0], environment(sqlite_url, **demo.env), *arguments[1:])
    assert status == 2
    assert said in err
    assert "Traceback" not in err
    assert all(demo.requests(name) == [] for name in demo.urls)


def test_no_dealer_at_all_is_status_2_with_the_next_step(sqlite_url, tmp_path):
    status, _, err = crawl("equipment", environment(sqlite_url, DEALERS_DIR=str(tmp_path)))
    assert status == 2
    assert "docs/adding-a-dealer.md" in err


def test_a_wrong_dealer_file_is_refused_before_any_request(demo, sqlite_url, tmp_path):
    (tmp_path / "acme.toml").write_text('title = "Acme"\nvertical = "equipment"\nplatfrom = "feed"\n')
    status, _, err = crawl("equipment", environment(sqlite_url, DEALERS_DIR=str(tmp_path)))
    assert status == 2
    assert "acme.toml: platfrom: unknown key; did you mean 'platform'?" in err


def test_a_host_elsewhere_is_not_crawled_without_a_contact(sqlite_url, tmp_path):
    (tmp_path / "acme.toml").write_text(
        'title = "Acme"\nvertical = "equipment"\nplatform = "shopify"\nurl = "https://acme.invalid"\n'
        '[sections]\nall = "/"\n'
    )
    status, _, err = crawl("equipment", environment(sqlite_url, DEALERS_DIR=str(tmp_path)))
    assert status == 2
    assert "CONTACT is not set" in err


def test_a_limit_ends_early_and_is_marked(demo, sqlite_url):
    env = environment(sqlite_url, **demo.env)
    assert crawl("equipment", env, "-a", "limit=20", "-a", "dealer=ridgeline,quarry")[0] == 0
    for row in rows(sqlite_url, "crawls"):
        assert row["limited"]
        assert 15 <= row["listings_seen"] <= 20
        assert not all(section["complete"] for section in row["sections"].values())


def test_a_category_narrows_to_its_sections_and_the_mixed_ones(demo, sqlite_url):
    demo.switch("ridgeline", forget=True)
    env = environment(sqlite_url, **demo.env)
    assert crawl("equipment", env, "-a", "category=dozers", "-a", "dealer=ridgeline")[0] == 0
    (row,) = rows(sqlite_url, "crawls")
    assert row["narrowed"]
    assert list(row["sections"]) == ["dozers"]
    assert {entry["section"] for entry in rows(sqlite_url, "listings")} == {"dozers"}


def test_a_dry_run_prints_listings_with_their_sources_and_stores_nothing(demo, tmp_path):
    file = tmp_path / "none.sqlite"
    status, out, err = crawl(
        "equipment", environment(f"sqlite:///{file}", **demo.env), "-a", "dry_run=1", "-a", "dealer=quarry"
    )
    assert status == 0, err
    printed = [json.loads(line) for line in out.splitlines()]
    assert len(printed) == len([entry for entry in demo.truth("quarry") if entry["usable"]])
    assert all(entry["provenance"]["price"] for entry in printed if "price" in entry)
    assert not file.exists()


def test_listings_can_go_to_a_file_as_well(demo, sqlite_url, tmp_path):
    file = tmp_path / "out.jsonl"
    env = environment(sqlite_url, **demo.env)
    assert crawl("equipment", env, "-a", "dealer=quarry", "-O", str(file))[0] == 0
    written = [json.loads(line) for line in file.read_text().splitlines()]
    assert {entry["external_id"] for entry in written} == {row["external_id"] for row in rows(sqlite_url, "listings")}


def test_robots_txt_and_crawl_delay_are_obeyed(demo, sqlite_url):
    for name in ("ridgeline", "skyline", "hofmann"):
        demo.switch(name, forget=True)
    env = environment(sqlite_url, **demo.env)
    assert crawl("equipment", env, "-a", "dealer=ridgeline,skyline,hofmann")[0] == 0
    asked = [entry["path"] for name in ("ridgeline", "skyline", "hofmann") for entry in demo.requests(name)]
    assert not [path for path in asked if path.startswith("/private")]
    assert "/robots.txt" in asked
    times = sorted(entry["t"] for entry in demo.requests("skyline") if entry["path"] != "/robots.txt")
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert min(gaps) >= 0.045


def test_every_request_says_who_asks(demo, sqlite_url):
    demo.switch("quarry", forget=True)
    env = environment(sqlite_url, CONTACT="yard@example.com", **demo.env)
    crawl("equipment", env, "-a", "dealer=quarry")
    assert {entry["user_agent"] for entry in demo.requests("quarry")} == {"Yardstick/0.1 (+yard@example.com)"}


@pytest.mark.parametrize("category", ["light-towers", "generators", "scissor-lifts"])
def test_a_section_with_few_listings_is_read_whole_before_its_crawl_closes(category, demo, sqlite_url):
    env = environment(sqlite_url, **demo.env)
    status, _, err = crawl("equipment", env, "-a", "dealer=ridgeline", "-a", f"category={category}")
    assert status == 0, err
    section = f"/used/{category}/"
    wanted = {entry["url"] for entry in demo.truth("ridgeline") if entry["usable"] and section in entry["url"]}
    (row,) = rows(sqlite_url, "crawls")
    assert row["listings_seen"] == len(rows(sqlite_url, "listings")) == len(wanted) > 0


def test_a_limit_asks_for_little(demo, sqlite_url):
    demo.switch("ridgeline", forget=True)
    env = environment(sqlite_url, **demo.env)
    assert crawl("equipment", env, "-a", "limit=1", "-a", "dealer=ridgeline")[0] == 0
    assert len(rows(sqlite_url, "listings")) == 1
    assert len(demo.requests("ridgeline")) < 15


def test_a_wrong_setting_is_status_2_and_named(sqlite_url):
    status, _, err = crawl("equipment", environment(sqlite_url, LEASE_SECONDS="soon"))
    assert status == 2
    assert "LEASE_SECONDS" in err
    assert "Traceback" not in err


def test_a_secret_in_an_address_is_not_shown(demo, sqlite_url, tmp_path):
    (tmp_path / "acme.toml").write_text(
        f'title = "Acme"\nvertical = "equipment"\nplatform = "feed"\nurl = "{demo.url("quarry")}"\n'
        '[sections]\nall = "/none.csv?token=${ACME_TOKEN}"\n[items]\nformat = "csv"\n[map]\nexternal_id = "No"\n'
    )
    env = environment(sqlite_url, DEALERS_DIR=str(tmp_path), ACME_TOKEN="s3cr3t-token")
    status, _, err = crawl("equipment", env)
    assert status == 4
    assert "http_404" in err
    assert "s3cr3t-token" not in err
