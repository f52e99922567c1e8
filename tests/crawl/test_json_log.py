"""LOG_FORMAT=json: everything on standard error is an object a line, one for each event of a crawl, without secrets."""

from __future__ import annotations

import json

from tests.crawl.crawling import crawl, environment, rows, scrapy
from tests.crawl.little_shop import open_shop

SECRET = "s3cr3t/tok en"
SECTIONS = 'excavators = "/used"\ndozers = "/none?token=${LITTLE_TOKEN}"\n[headers]\nX-Token = "${LITTLE_TOKEN}"\n'


def test_each_event_of_a_crawl_is_an_object_on_a_line_of_its_own(tmp_path, sqlite_url):
    with open_shop(tmp_path, SECTIONS):
        env = environment(sqlite_url, DEALERS_DIR=str(tmp_path), LITTLE_TOKEN=SECRET, LOG_FORMAT="json")
        status, out, err = crawl("equipment", env, "-L", "DEBUG")
    assert (status, out) == (4, "")
    assert not [form for form in (SECRET, "s3cr3t%2Ftok", "s3cr3t/tok") if form in err]
    lines = [json.loads(line) for line in err.splitlines()]
    assert all({"at", "level", "logger"} <= line.keys() for line in lines)

    events = [line for line in lines if "event" in line]
    names = [line["event"] for line in events]
    assert names[0] == "crawl_began"
    assert names[-2:] == ["crawl_closed", "run_ended"]
    of_crawls = [line for line in events if line["event"] not in ("batch_stored", "run_ended")]
    (row,) = rows(sqlite_url, "crawls")
    assert {(line["crawl"], line["dealer"]) for line in of_crawls} == {(row["id"], "little")}
    (failed,) = (line for line in events if line["event"] == "page_failed")
    assert failed["class"] == "http_404"
    assert failed["url"].endswith("/none?token=***")
    stored = [entry for line in events if line["event"] == "batch_stored" for entry in line["crawls"]]
    assert sum(entry.get("new", 0) for entry in stored) == 6
    closed = events[-2]
    assert (closed["outcome"], closed["listings_new"], closed["errors"]) == ("failed", 6, {"http_404": 1})
    assert {name: closed[name] for name in ("pages", "reason", "fill")} == {
        name: row[name] for name in ("pages", "reason", "fill")
    }
    (report,) = events[-1]["dealers"]
    assert (report["dealer"], report["outcome"], report["new"]) == ("little", "failed", 6)
    assert report["failures"] == {"http_404": 1}


def test_commands_that_ask_write_their_log_in_the_same_form(tmp_path, sqlite_url):
    with open_shop(tmp_path, 'excavators = "/used"\n'):
        env = environment(sqlite_url, DEALERS_DIR=str(tmp_path), LOG_FORMAT="json")
        status, _, err = scrapy(env, "dealers", "-L", "DEBUG", "check", "--all")
    assert status == 0, err
    *logged, progress = err.splitlines()
    assert progress == "1 of 1: little healthy"
    assert {"at", "level", "logger", "message"} <= json.loads(logged[0]).keys()
    assert all(json.loads(line) for line in logged)
