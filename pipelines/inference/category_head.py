"""Which of the category words in a text names the thing that is sold: in "excavator bucket" it is the bucket, in
"excavator with bucket" the excavator."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from inventory.listing import Vertical
from inventory.taxonomy.phrases import Found, Words, words
from pipelines.inference.category_food import NAMED_FORMS, implied_food
from pipelines.inference.category_labels import HEAD_FIRST, WEAK, category_of
from pipelines.inference.category_parts import parts_of
from pipelines.inference.category_words import CATEGORY_WORDS, JOINING, PURPOSE, WITH, WITHOUT, parted
from pipelines.inference.dog_words import DOG_WORDS, food_form

BREAK: Final = re.compile(r"\s[-–—|/]+\s|[,;:|(\[{*•]|\s\+\s")
DOG_STEMS: Final = (
    "dog", "pupp", "hund", "chien", "perr", "cane", "cani", "cagn", "cuccio", "hond", "canine", "welpe", "chiot",
    "valp", "hvalp", "psa", "psy", "psów", "psom", "psem", "piesk", "szczen", "psů", "štěn", "собак", "щен", "köpek",
    "cão", "cães", "cachorr", "koira", "koiran", "pes", "псов", "bouledogue", "terrier", "retriever",
)  # fmt: skip
OTHER_WORDS_OF_STEMS: Final = ("pesc", "pesa", "peso", "peix", "pest", "canin", "perroq", "caniv", "psych")
"""Words that begin like a dog's and are none of its."""
FOR_ANIMAL: Final = 3
"""Within how many words behind "for" an animal is whom a thing is for, whatever else the text speaks of."""
DOSED: Final = re.compile(
    r"\d+(?:[.,]\d+)?\s*(?:lbs?|kg|кг)?\s*(?:-|–|to|bis|à|a|do|tot|till|til)\s*\d+(?:[.,]\d+)?\s*(?:lbs?|kg|кг)\b|"
    r"(?:over|under|up to|bis|über|ab|[<>≤≥])\s*\d+(?:[.,]\d+)?\s*(?:lbs?|kg|кг)\b",
    re.IGNORECASE,
)
"""The weight of the dog that a dose is for."""
OF_TEETH: Final = ("dent", "teeth", "tooth", "zahn", "tand", "stick", "greenies", "whimzees")


class Named(NamedTuple):
    """A category that a text names; `weak` where the word may also mean something else or stand there in passing."""

    category: str
    weak: bool = False


@lru_cache(maxsize=4096)
def named_in(text: str, vertical: Vertical, *, dated: bool = False, whole: bool = False) -> tuple[Named, ...]:
    """What a text names, nothing or one category; for a dog product that may be of another animal, both.

    `dated`: the text belongs to a machine whose year or hours are known, so a bucket in it is an extra.
    `whole`: the text is a title, where a flavour and a weight say that it is food.
    """
    text = parted(text)
    found = words(text)
    hits = [hit for hit in hits_in(found, vertical) if not hit.first or found.texts[hit.first - 1] not in WITHOUT]
    if vertical == "dog":
        return dog_product(text, found, hits, whole=whole)
    if not hits:
        return ()
    if comes_with(found, hits[0]):
        return ()
    kept = head_stretch(text, found, hits, BREAK, JOINING)
    if purpose_of_a_part(found, kept[0]):
        return (Named("attachments", weak=True),)
    return (machine_or_part(text, kept, dated),)


def hits_in(found: Words, vertical: Vertical) -> list[Found]:
    """The phrases among words, and of the words outside them those that begin or end in a category's word."""
    hits = list(CATEGORY_WORDS[vertical].find(found, running_on=vertical == "dog"))
    with_parts = [index for index, word in enumerate(found.texts) if parts_of(word, vertical)]
    more = [
        Found(label, *found.span(index), index, index)
        for index in with_parts
        if not any(hit.first <= index <= hit.last for hit in hits)
        for label in parts_of(found.texts[index], vertical)
    ]
    return sorted(hits + more, key=first_word) if more else hits


def first_word(hit: Found) -> int:
    """The number of a hit's first word."""
    return hit.first


def head_stretch(
    text: str, found: Words, hits: list[Found], breaks: re.Pattern[str] | None, joining: frozenset[str]
) -> list[Found]:
    """The hits up to the first break or joining word behind the first of them."""
    first = hits[0]
    stop = breaks.search(text, first.end) if breaks is not None else None
    end = stop.start() if stop else len(text)
    for index in range(first.last + 1, len(found)):
        if found.texts[index] in joining:
            end = min(end, found.span(index)[0])
            break
    return [hit for hit in hits if hit.start < end]


def purpose_of_a_part(found: Words, hit: Found) -> bool:
    """Whether a machine is named only as what something unnamed is for: "teeth for excavators"."""
    before = before_joint(found.texts[: hit.first], PURPOSE)
    return bool(before) and not any(c.isdigit() for word in before for c in word)


def comes_with(found: Words, hit: Found) -> bool:
    """Whether the first thing named comes with a model: "Kubota SVL95 c/w mulcher"."""
    return any(c.isdigit() for word in before_joint(found.texts[: hit.first], WITH) for c in word)


def before_joint(texts: list[str], joining: frozenset[str]) -> list[str]:
    """The words before the first that joins; none where no word does."""
    joint = next((index for index, word in enumerate(texts) if word in joining), 0)
    return texts[:joint]


def machine_or_part(text: str, hits: list[Found], dated: bool) -> Named:
    """The last word counts, as in "excavator bucket", or a part that opens the title ("godet mini pelle")."""
    last, opening = hits[-1], hits[0]
    if opening.label.startswith("attachments") and not any(c.isdigit() for c in text[: opening.start]):
        return Named("attachments", opening.label.endswith(WEAK) and dated)
    if last.label.startswith("attachments"):
        machine = next((hit for hit in reversed(hits) if not hit.label.startswith("attachments")), None)
        if machine is not None and (dated or HEAD_FIRST in opening.label or apart(text, machine, last)):
            return named(machine.label)
        return Named("attachments", dated or (machine is None and last.label.endswith(WEAK)))
    strong = next((hit for hit in reversed(hits) if not hit.label.endswith(WEAK)), last)
    return named(strong.label)


def apart(text: str, machine: Found, part: Found) -> bool:
    """Whether a part stands words behind a model and its name: "YC35SR mini digger Yanmar engine"."""
    model_before = any(c.isdigit() for c in text[: machine.start])
    return model_before and part.label.endswith(WEAK) and part.first > machine.last + 1


def dog_product(text: str, found: Words, hits: list[Found], *, whole: bool) -> tuple[Named, ...]:
    """The product named, and whether another animal is: "for dogs & cats" is for dogs."""
    animals = [hit for hit in hits if hit.label.startswith("not-dog")]
    products = [hit for hit in hits if not hit.label.startswith("not-dog")]
    if products and any(hit.label.startswith("dog-toys") for hit in products):
        products = [hit for hit in products if not size_of_a_dog(text, hit)]
    result: list[Named] = []
    dogs: list[int] = []
    if animals:
        strong = [hit for hit in animals if not hit.label.endswith(WEAK) or eats_it(found, hit, products)]
        dogs = [index for index, word in enumerate(found.texts) if of_a_dog(word)]
        if strong and (not dogs or any(whom_it_is_for(text, found, hit, dogs) for hit in strong)):
            return (Named("not-dog"),)
    head = dog_head(text, found, products) if products else None
    if (head is None and whole) or (head is not None and head.category == "dog-food"):
        food = implied_food(text, found, food=head is not None and not head.weak)
        if food is not None:
            head = Named(food, head is None or head.weak)
    flavour = head is not None and head.category in NAMED_FORMS.values()
    if animals and not dogs and not flavour:
        result.append(Named("not-dog", weak=head is not None))
    if head is not None:
        result.append(head)
    return tuple(result)


def dog_head(text: str, found: Words, products: list[Found]) -> Named:
    """Which of the products named is sold: the first in French, the last in English, a clear word before a weak one."""
    first = products[0]
    joining = JOINING if not first.label.endswith(WEAK) and "food" not in first.label else PURPOSE
    stretch = head_stretch(text, found, products, None, joining)
    strong = [hit for hit in stretch if not hit.label.endswith(WEAK)] or stretch
    bracket = text.find("(", strong[0].end)
    if bracket >= 0:
        strong = [hit for hit in strong if hit.end <= bracket]
    things = [hit for hit in strong if not (hit.label.startswith("fresh-dog-food") and is_form_only(text, hit))]
    if any(not category_of(hit.label).endswith("dog-food") for hit in things):
        strong = things  # a snack that is freeze-dried
    chosen = strong[0] if all(HEAD_FIRST in hit.label for hit in strong) else strong[-1]
    head = named(chosen.label)
    if head.category == "dog-food":
        return Named(NAMED_FORMS.get(food_form(found) or "", "dog-food"), head.weak)
    if head.category == "dog-treats" and doses(text, found):
        return Named("dog-health", weak=True)  # or a chew for strong jaws
    return head


def is_form_only(text: str, hit: Found) -> bool:
    """Whether a word of fresh food says how a thing is kept ("freeze-dried"), not that it is food."""
    return not any(word in text[hit.start : hit.end].lower() for word in ("food", "futter", "foder", "meal", "barf"))


def doses(text: str, found: Words) -> bool:
    """Whether chews are given by the dog's weight, as medicine is; chews for teeth are too."""
    if not any(word.startswith(("chew", "tab", "kau")) for word in found.texts):
        return False
    return bool(DOSED.search(text)) and not any(word.startswith(OF_TEETH) for word in found.texts)


def size_of_a_dog(text: str, hit: Found) -> bool:
    """Whether "toy" is a breed's size ("Toy & Mini Breed", "toy poodle"), no toy."""
    if text[hit.start : hit.end].lower() != "toy":
        return False
    around = text[hit.start : hit.end + 30]
    return bool(TOY_BREED.match(around)) or any(
        found.start <= hit.start and hit.end <= found.end and found.end > hit.end
        for field in ("breed_size", "breed")
        for found in DOG_WORDS.read(text).get(field, ())
    )


TOY_BREED: Final = re.compile(r"toy\W+(?:(?:and|und|et|y|e|or|to)\W+)?(?:mini|small|breed|dog|rassen|race|raza)", re.I)


@lru_cache(maxsize=16384)
def of_a_dog(word: str) -> bool:
    """Whether a word speaks of dogs."""
    if word.startswith(OTHER_WORDS_OF_STEMS) and not word.startswith("canine"):
        return False
    return (word.startswith(DOG_STEMS) and (len(word) > 3 or word in ("dog", "psa", "psy", "psů", "pes", "cão"))) or (
        "犬" in word
    )


def eats_it(found: Words, animal: Found, products: list[Found]) -> bool:
    """Whether an animal that may be a flavour is whom the food is for: "food for rabbits", "rabbit dry food"."""
    if animal.first and found.texts[animal.first - 1] in PURPOSE:
        return True
    return any(
        hit.first == animal.last + 1 and category_of(hit.label) in ("dog-food", "dry-dog-food", "dog-bowls")
        for hit in products
    )


def whom_it_is_for(text: str, found: Words, animal: Found, dogs: list[int]) -> bool:
    """Whether the animal stands behind "for" and no dog does beside it in the sentence."""
    before = range(max(0, animal.first - FOR_ANIMAL), animal.first)
    if not any(found.texts[index] in PURPOSE for index in before):
        return False
    near = [found[index] for index in dogs if -FOR_ANIMAL <= index - animal.first <= FOR_ANIMAL]
    return all(". " in text[min(dog.end, animal.end) : max(dog.start, animal.start)] for dog in near)


def named(label: str) -> Named:
    """A label of the words' file as what it names."""
    return Named(category_of(label), label.endswith(WEAK))
