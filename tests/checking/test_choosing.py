"""Which dealers are checked, and whom we may ask."""

from __future__ import annotations

import pytest

from crawler.checking.choosing import CannotCheck, may_ask, to_check
from crawler.dealers.errors import UnknownDealerName
from inventory.settings import load_settings
from tests.crawler.dealer_files import dealer

DEALERS = {name: dealer(name=name) for name in ("acme", "bolt")}


def chosen(names, everyone=False, broken=()):
    return [found.name for found in to_check(DEALERS, broken, names, everyone=everyone)]


def test_those_that_are_named_or_all():
    assert chosen(["bolt"]) == ["bolt"]
    assert chosen([], everyone=True) == ["acme", "bolt"]
    assert chosen(["bolt", "wrong"], broken=["wrong"]) == ["bolt"]


@pytest.mark.parametrize(("names", "everyone"), [([], False), (["acme"], True)])
def test_names_or_all_must_be_said_and_not_both(names, everyone):
    with pytest.raises(CannotCheck, match="--all"):
        chosen(names, everyone)


def test_an_unknown_name_and_an_empty_folder_say_what_to_do():
    with pytest.raises(UnknownDealerName, match="did you mean 'acme'"):
        chosen(["acne"])
    with pytest.raises(CannotCheck, match="adding-a-dealer"):
        to_check({}, (), (), everyone=True)


def test_a_host_elsewhere_is_not_asked_without_a_contact():
    with pytest.raises(CannotCheck, match="CONTACT is not set"):
        may_ask(DEALERS.values(), load_settings(contact=""))
    may_ask(DEALERS.values(), load_settings(contact="you@example.com"))
    may_ask([dealer(url="http://127.0.0.1:9101")], load_settings(contact=""))
