"""Which of the category words in a text names the thing that is sold: in "excavator bucket" it is the bucket, in
"excavator with bucket" the excavator."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from inventory.listing import Vertical
from inventory.taxonomy.phrases import Found, Word, words
from pipelines.inference.category_words import CATEGORY_WORDS, JOINING, PURPOSE, WEAK
from pipelines.inference.dog_words import food_form

BREAK: Final = re.compile(r"\s[-–—|/]+\s|[,;:|(\[{*•]|\s\+\s")
DOG_STEMS: Final = ("dog", "pupp", "hund", "chien", "perr", "cane", "honden", "canine", "welpe", "chiot")
FOOD_FORMS: Final = {"dry": "dry-dog-food", "wet": "wet-dog-food"} | dict.fromkeys(
    ("freeze-dried", "air-dried", "dehydrated", "frozen", "fresh"), "fresh-dog-food"
)


class Named(NamedTuple):
    """A category that a text names; `weak` where the word may also mean something else or stand there in passing."""

    category: str
    weak: bool = False


def named_in(text: str, vertical: Vertical, *, dated: bool = False) -> tuple[Named, ...]:
    """What a text names, nothing or one category; for a dog product that may be of another animal, both.

    `dated`: the text belongs to a machine whose year or hours are known, so a bucket in it is an extra.
    """
    found = words(text)
    hits = list(CATEGORY_WORDS[vertical].find(found))
    if not hits:
        return ()
    if vertical == "dog":
        return dog_product(text, found, hits)
    kept = head_stretch(text, found, hits, BREAK, JOINING)
    if purpose_of_a_part(found, kept[0]):
        return (Named("attachments", weak=True),)
    return (machine_or_part(text, kept, dated),)


def head_stretch(
    text: str, found: Sequence[Word], hits: list[Found], breaks: re.Pattern[str] | None, joining: frozenset[str]
) -> list[Found]:
    """The hits up to the first break or joining word behind the first of them."""
    first = hits[0]
    stop = breaks.search(text, first.end) if breaks is not None else None
    end = stop.start() if stop else len(text)
    for word in found[first.last + 1 :]:
        if word.text in joining:
            end = min(end, word.start)
            break
    return [hit for hit in hits if hit.start < end]


def purpose_of_a_part(found: Sequence[Word], hit: Found) -> bool:
    """Whether a machine is named only as what something unnamed is for: "teeth for excavators"."""
    before = found[: hit.first]
    joint = next((index for index, word in enumerate(before) if word.text in PURPOSE), None)
    return bool(joint) and not any(c.isdigit() for word in before[:joint] for c in word.text) and bool(before[0].text)


def machine_or_part(text: str, hits: list[Found], dated: bool) -> Named:
    """The last word counts, as in "excavator bucket", or a part that opens the title ("godet mini pelle")."""
    last, opening = hits[-1], hits[0]
    if opening.label.startswith("attachments") and not any(c.isdigit() for c in text[: opening.start]):
        return Named("attachments", opening.label.endswith(WEAK) and dated)
    if last.label.startswith("attachments"):
        machine = next((hit for hit in reversed(hits) if not hit.label.startswith("attachments")), None)
        if dated and machine is not None:
            return named(machine.label)
        return Named("attachments", dated or (machine is None and last.label.endswith(WEAK)))
    strong = next((hit for hit in reversed(hits) if not hit.label.endswith(WEAK)), last)
    return named(strong.label)


def dog_product(text: str, found: Sequence[Word], hits: list[Found]) -> tuple[Named, ...]:
    """The last product named, and whether another animal is: "for dogs & cats" is for dogs."""
    animals = [hit for hit in hits if hit.label.startswith("not-dog")]
    products = [hit for hit in hits if not hit.label.startswith("not-dog")]
    result = []
    if animals and not any(word.text.startswith(DOG_STEMS) for word in found):
        strong = [hit for hit in animals if not hit.label.endswith(WEAK)]
        if strong:
            return (Named("not-dog"),)
        result.append(Named("not-dog", weak=bool(products)))
    if products:
        head = named(head_stretch(text, found, products, None, PURPOSE)[-1].label)
        if head.category == "dog-food":
            head = Named(FOOD_FORMS.get(food_form(found) or "", "dog-food"), head.weak)
        result.append(head)
    return tuple(result)


def named(label: str) -> Named:
    """A label of the words' file as what it names."""
    return Named(label.removesuffix(WEAK), label.endswith(WEAK))
