"""What a run will walk is known, or refused, before anything is sent."""

from __future__ import annotations

import pytest

from crawler.dealers.errors import UnknownDealerName
from crawler.spiders.arguments import ArgumentError, Narrowing, narrowing_of
from crawler.spiders.plan import plan
from tests.crawler.dealer_files import dealer

DEALERS = {
    "acme": dealer(sections={"excavators": "/e", "mini-excavators": "/m", "dozers": "/d"}),
    "bolt": dealer(name="bolt", sections={"all": "/"}),
    "paws": dealer(name="paws", vertical="dog", sections={"dog-food": "/f"}),
}


def planned(vertical="equipment", **said):
    return {entry.dealer.name: entry for entry in plan(DEALERS, vertical, Narrowing(**said))}


def test_arguments_are_read():
    said = {"dealer": "acme, bolt,,", "category": "excavators", "limit": "20", "dry_run": "1"}
    assert narrowing_of(said) == Narrowing(("acme", "bolt"), ("excavators",), 20, True)
    assert narrowing_of({}) == Narrowing()
    assert not narrowing_of({"dry_run": "no"}).dry_run


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"dealr": "acme"}, "-a dealr=…: unknown argument; did you mean 'dealer'?"),
        ({"zzz": "1"}, "-a zzz=…: unknown argument"),
        ({"limit": "0"}, "-a limit=0: is no whole number above 0"),
        ({"limit": "-5"}, "-a limit=-5"),
        ({"limit": "1.5"}, "-a limit=1.5"),
        ({"limit": "²"}, "-a limit=²"),
        ({"limit": ""}, "-a limit="),
        ({"dry_run": "maybe"}, "-a dry_run=maybe: say 1 or 0"),
    ],
)
def test_a_wrong_argument_is_refused_by_its_name(arguments, reason):
    with pytest.raises(ArgumentError) as refused:
        narrowing_of(arguments)
    assert str(refused.value).startswith(reason)


def test_a_run_walks_every_dealer_of_its_vertical():
    everything = planned()
    assert list(everything) == ["acme", "bolt"]
    assert everything["acme"].sections == ("excavators", "mini-excavators", "dozers")
    assert not everything["acme"].narrowed
    assert list(planned("dog")) == ["paws"]


def test_a_run_can_be_narrowed_to_dealers():
    assert list(planned(dealers=("bolt",))) == ["bolt"]


def test_a_category_takes_those_below_it_and_mixed_stock_along():
    narrowed = planned(categories=("excavators",))
    assert narrowed["acme"].sections == ("excavators", "mini-excavators")
    assert narrowed["acme"].narrowed
    assert narrowed["bolt"].sections == ("all",)
    assert not narrowed["bolt"].narrowed


def test_a_dealer_without_the_category_is_left_out():
    assert planned(dealers=("acme",), categories=("generators",)) == {}


def test_what_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(UnknownDealerName, match="did you mean 'bolt'"):
        planned(dealers=("bold",))
    with pytest.raises(ArgumentError, match=r"-a dealer=paws: is of 'dog'; run `scrapy crawl dog -a dealer=paws`"):
        planned(dealers=("paws",))
    with pytest.raises(ArgumentError, match=r"-a category=excavater: no category of 'equipment'; did you mean 'exc"):
        planned(categories=("excavater",))
    with pytest.raises(ArgumentError, match="-a category=dog-food: no category of 'equipment'"):
        planned(categories=("dog-food",))
