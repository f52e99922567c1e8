"""A conversation with a site: one answer decides the next question, and what cannot be had has a class."""

import asyncio

import pytest
from scrapy.http import HtmlResponse
from scrapy.utils.test import get_crawler

from crawler.fetching.asking import Answer, Asking, NotFetched, answer_of, delay_between_s


class Engine:
    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    async def download_async(self, request):
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def spider_with(talk, *answers):
    run = get_crawler(Asking)
    spider = Asking.from_crawler(run, talk=talk)
    run.engine = Engine(*answers)
    return spider, run.engine


async def run_of(spider):
    return [request async for request in spider.start()]


def run(spider):
    return asyncio.run(run_of(spider))


def test_the_conversation_gets_the_page_where_redirects_ended():
    got = []

    async def talk(ask):
        got.append(await ask("https://dealer.example/"))

    spider, engine = spider_with(talk, HtmlResponse("https://dealer.example/en", body=b"<html>", headers={"ETag": "x"}))
    assert run(spider) == []
    assert (got[0].url, got[0].body, got[0].headers["etag"]) == ("https://dealer.example/en", b"<html>", "x")
    assert engine.asked[0].meta["download_slot"] == "dealer.example"


@pytest.mark.parametrize(("answer", "name"), [
    (HtmlResponse("https://dealer.example/x", status=404), "http_404"),
    (TimeoutError("late"), "connection_lost"),
])  # fmt: skip
def test_what_cannot_be_had_is_told_by_class(answer, name):
    got = []

    async def talk(ask):
        with pytest.raises(NotFetched) as failed:
            await ask("https://dealer.example/x")
        got.append(failed.value.error_class)

    spider, _ = spider_with(talk, answer)
    run(spider)
    assert got == [name]
    assert spider.problem is None


def test_only_robots_txt_itself_is_asked_for_without_leave():
    async def talk(ask):
        await ask("https://dealer.example/robots.txt")
        await ask("https://dealer.example/stock")

    spider, engine = spider_with(talk, *(HtmlResponse("https://dealer.example/", body=b"x") for _ in range(2)))
    run(spider)
    assert [bool(r.meta.get("dont_obey_robotstxt")) for r in engine.asked] == [True, False]


def test_a_bug_in_a_conversation_is_kept():
    async def talk(ask):
        raise KeyError("bug")

    spider, _ = spider_with(talk)
    run(spider)
    assert isinstance(spider.problem, KeyError)


def test_an_answer_is_a_response_for_a_platform():
    answer = answer_of(HtmlResponse("https://dealer.example/", body="ü".encode(), encoding="utf-8"))
    assert isinstance(answer, Answer)
    assert answer.response.text == "ü"


def test_nothing_waits_on_this_machine():
    assert delay_between_s(["http://127.0.0.1:1/"], 1.0) == 0.0
    assert delay_between_s(["http://127.0.0.1:1/", "https://dealer.example/"], 1.0) == 1.0
