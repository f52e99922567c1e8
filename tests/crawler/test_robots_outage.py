"""A robots.txt that fails at the server, or is out of reach, is no permission."""

import pytest
from protego import Protego
from scrapy import Request
from scrapy.exceptions import DownloadTimeoutError, IgnoreRequest
from scrapy.http import TextResponse

from crawler.fetching.robots_outage import UNBIDDEN, RobotsOutage
from crawler.tracking.error_class import Refused

ROBOTS = "https://acme.example/robots.txt"


@pytest.fixture
def outage():
    return RobotsOutage()


def request(url, name="acme"):
    return Request(url, cb_kwargs={"dealer": name} if name else {})


def test_a_robots_txt_that_answers_forbids_nothing_by_itself(outage):
    for status in (200, 404):
        answer = TextResponse(ROBOTS, status=status, body=b"")
        assert outage.process_response(request(ROBOTS, name=None), answer) is answer


@pytest.mark.parametrize("status", [503, 429])
def test_a_robots_txt_that_fails_forbids_everything_and_its_reason_is_told(outage, status):
    asked = request(ROBOTS, name=None)
    failed = outage.process_response(asked, TextResponse(ROBOTS, status=status))
    assert not Protego.parse(failed.text).can_fetch("https://acme.example/stock", "Yardstick/0.1")
    with pytest.raises(Refused, match=rf"robots\.txt answers {status}") as refused:
        outage.process_exception(request("https://acme.example/stock"), IgnoreRequest("Forbidden by robots.txt"))
    assert refused.value.error_class == f"http_{status}"
    demo = request("http://127.0.0.1:9101/stock", "demo")
    assert outage.process_exception(demo, IgnoreRequest("Forbidden by robots.txt")) is None


def test_a_robots_txt_out_of_reach_forbids_everything_too(outage):
    answer = outage.process_exception(request(ROBOTS, name=None), DownloadTimeoutError("too slow"))
    assert b"Disallow: /" in answer.body
    with pytest.raises(Refused) as refused:
        outage.process_exception(request("https://acme.example/stock"), IgnoreRequest("Forbidden by robots.txt"))
    assert refused.value.error_class == "timeout"


def test_other_answers_and_failures_pass(outage):
    failing = TextResponse("https://acme.example/stock", status=503)
    assert outage.process_response(request("https://acme.example/stock"), failing) is failing
    assert outage.process_exception(request("https://acme.example/stock"), DownloadTimeoutError("x")) is None
    assert outage.process_exception(request("https://acme.example/stock"), IgnoreRequest("x")) is None


def test_the_robots_txt_of_a_second_host_holds_there_and_only_there(outage):
    robots = "https://cdn.acme.example/robots.txt"
    outage.process_response(request(robots, name=None), TextResponse(robots, status=503, body=b""))
    with pytest.raises(Refused, match=r"robots\.txt answers 503"):
        outage.process_exception(request("https://cdn.acme.example/a"), IgnoreRequest("Forbidden by robots.txt"))
    assert outage.process_exception(request("https://acme.example/a"), IgnoreRequest("Forbidden by robots.txt")) is None


def test_a_robots_txt_that_we_ask_for_as_a_page_is_answered_as_it_is(outage):
    failing = TextResponse(ROBOTS, status=503)
    assert outage.process_response(Request(ROBOTS, meta={UNBIDDEN: True}), failing) is failing
