"""How fast a dealer is asked."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from crawler.fetching.politeness import MAX_DELAY_S, concurrency_for, delay_for, download_slots, slow_down
from tests.crawler.dealer_files import dealer

LOOPBACK = dealer(name="demo", url="http://127.0.0.1:9101")
ACME = dealer(headers={"X-Key": "abc"}, hosts=["cdn.acme.example"])


@pytest.mark.parametrize(
    ("said", "delay_s"),
    [({}, 1.0), ({"delay_s": 5}, 5.0), ({"url": "http://127.0.0.1:9101"}, 0.0),
     ({"url": "http://127.0.0.1:9101", "delay_s": 2}, 2.0)],
)  # fmt: skip
def test_a_dealer_is_asked_once_a_second_unless_its_file_or_its_place_says_otherwise(said, delay_s):
    assert delay_for(dealer(**said), 1.0) == delay_s


def test_every_dealer_has_a_slot_without_jitter():
    slots = download_slots([ACME, LOOPBACK, dealer(name="wide", concurrency=3)], 1.0)
    assert slots["acme"] == {"concurrency": 1, "delay": 1.0, "jitter": 0}
    assert slots["demo"] == {"concurrency": 8, "delay": 0.0, "jitter": 0}
    assert slots["wide"]["concurrency"] == 3


def test_many_dealers_do_not_share_the_room_of_one():
    assert concurrency_for([ACME] * 2, 32) == 32
    assert concurrency_for([ACME] * 10, 32) == 80


def downloader(**slots):
    living = {
        name: SimpleNamespace(delay=slot["delay"], concurrency=slot["concurrency"]) for name, slot in slots.items()
    }
    return SimpleNamespace(per_slot_settings=dict(slots), slots=living)


def test_a_slowed_dealer_is_slow_now_and_in_its_next_slot():
    asked = downloader(**download_slots([LOOPBACK], 1.0))
    assert slow_down(asked, "demo", 7.0)
    assert (asked.slots["demo"].delay, asked.slots["demo"].concurrency) == (7.0, 1)
    assert asked.per_slot_settings["demo"] == {"delay": 7.0, "concurrency": 1, "jitter": 0}


def test_a_dealer_is_never_made_faster():
    asked = downloader(**download_slots([dealer(delay_s=10)], 1.0))
    assert not slow_down(asked, "acme", 2.0)
    assert asked.slots["acme"].delay == 10


def test_a_slot_that_does_not_live_yet_is_slowed_too_and_five_minutes_are_the_most():
    asked = SimpleNamespace(per_slot_settings={}, slots={})
    assert slow_down(asked, "acme", 86_400)
    assert asked.per_slot_settings["acme"]["delay"] == MAX_DELAY_S
