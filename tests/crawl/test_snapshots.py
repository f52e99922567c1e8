"""Crawls leave a Parquet snapshot where SNAPSHOT_DIR is set, and never fail for it; `scrapy snapshot` does by hand."""

import json

import pyarrow.parquet as pq
import pytest

from tests.crawl.crawling import crawl, environment, rows, scrapy
from tests.crawl.small_demo import small_demo


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with small_demo(tmp_path_factory.mktemp("dealers"), machines=60, products=12) as found:
        yield found


def test_a_crawl_leaves_what_is_stored_of_its_vertical(demo, sqlite_url, tmp_path):
    folder = tmp_path / "snapshots"
    env = environment(sqlite_url, **demo.env, SNAPSHOT_DIR=str(folder), DATA_LICENCE="CC0-1.0")
    status, _, err = crawl("equipment", env, "-a", "dealer=ridgeline")
    assert status == 0, err
    stored = rows(sqlite_url, "listings")
    table = pq.read_table(folder / "equipment.parquet")
    assert sorted(table.column("url").to_pylist()) == sorted(row["url"] for row in stored)
    assert table.schema.metadata[b"licence"] == b"CC0-1.0"
    assert {path.name for path in folder.iterdir()} == {"equipment.parquet", ".equipment.lock"}
    assert f"snapshot of equipment: {len(stored)} listings" in err


def test_a_dry_run_and_a_run_without_folder_leave_none(demo, sqlite_url, tmp_path):
    env = environment(sqlite_url, **demo.env)
    dry = env | {"SNAPSHOT_DIR": str(tmp_path / "snapshots")}
    crawl("equipment", dry, "-a", "dealer=ridgeline", "-a", "dry_run=1", "-a", "limit=2")
    crawl("equipment", env, "-a", "dealer=ridgeline", "-a", "limit=2")
    assert list(tmp_path.rglob("*.parquet")) == []


def test_a_snapshot_that_cannot_be_written_is_said_and_fails_no_crawl(demo, sqlite_url, tmp_path):
    (tmp_path / "file").write_text("no folder")
    env = environment(sqlite_url, **demo.env, SNAPSHOT_DIR=str(tmp_path / "file"))
    status, _, err = crawl("equipment", env, "-a", "dealer=ridgeline")
    assert status == 0, err
    assert "could not be written; the crawls are stored" in err
    assert [row["outcome"] for row in rows(sqlite_url, "crawls")] == ["healthy"]


def test_the_command_writes_all_or_one_and_says_what(any_settings, tmp_path):
    env = environment(any_settings.write_url, SNAPSHOT_DIR=str(tmp_path / "snapshots"))
    status, out, err = scrapy(env, "snapshot")
    assert (status, err) == (0, "")
    said = [json.loads(line) for line in out.splitlines()]
    assert [(one["vertical"], one["rows"]) for one in said] == [("equipment", 0), ("dog", 0)]
    assert all(pq.read_metadata(one["file"]).num_rows == 0 for one in said)
    status, out, _ = scrapy(env, "snapshot", "--vertical", "dog", "--dir", str(tmp_path / "other"))
    assert status == 0, err
    assert json.loads(out)["file"] == str(tmp_path / "other" / "dog.parquet")


def test_wrong_use_no_database_and_no_room_have_their_statuses(any_settings, tmp_path):
    env = environment(any_settings.write_url)
    assert scrapy(env, "snapshot")[0] == 2
    assert scrapy(env, "snapshot", "dog")[0] == 2
    (tmp_path / "file").write_text("no folder")
    status, _, err = scrapy(env, "snapshot", "--dir", str(tmp_path / "file"))
    assert status == 3
    assert "what lay there before still does" in err
    nowhere = environment("postgresql://nobody@127.0.0.1:1/none")
    assert scrapy(nowhere, "snapshot", "--dir", str(tmp_path))[0] == 4
