"""Which category a listing belongs to: everything that speaks for one is weighed (section, breadcrumbs, the page's own
field, title, model number, description), and the weight that is left to the others is the doubt."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from inventory.listing import Listing
from inventory.taxonomy.categories import CATEGORIES, lineage
from pipelines.inference.category_chances import SOURCES, Source, chance
from pipelines.inference.category_food import form_in
from pipelines.inference.category_head import Named, named_in
from pipelines.inference.category_model import categories_of_model
from pipelines.inference.dog_texts import VARIANT
from pipelines.inference.model_size import size_from_model

LEAST: Final = 0.25
"""A category less likely than this is not given."""
DESCRIPTION: Final = 300
"""How many characters of a description may name the category; further down it speaks of other things."""
MADE_OF: Final = re.compile(
    r"\b(?:zusammensetzung|ingredients?|composition|ingr[ée]dients?|ingredientes|composici[óo]n|composi[çc][ãa]o|"
    r"ingredienti|composizione|ingredi[ëe]nten|samenstelling|skład|složení|состав|içindekiler|sammansättning|"
    r"sammensætning|sammensetning|ingredienser)\s*[:(]|原材料",
    re.IGNORECASE,
)
NOT_BY_MODEL: Final = {"attachments": 0.05, "other-equipment": 0.02}
"""How likely these are whatever the model number says: a bucket's title holds the machine's number."""
FLOOR: Final = 0.001
TITLE_FLOOR: Final = 0.005
"""No model number rules a category out, least of all the one that the title's own words name."""
MAKELESS: Final = 0.5
"""What a model number weighs against other evidence where nobody knows whose it is."""
GENERAL: Final = frozenset({"dog-food"})
"""Where nothing more exact is said, the description is asked; it speaks of other things too."""
BY_SHOP: Final = frozenset({"section", "category field", "category slug", "breadcrumbs"})
REPEATED: Final = 0.4
"""What a source weighs that repeats another of the same hand."""
SURE_OF_FORM: Final = 0.9
"""How sure a food's form is by its pack or a word in the description, beside that it is food."""
EXCAVATORS: Final = frozenset({"excavators", "mini-excavators"})
OF_VERTICAL: Final = Counter(category.vertical for category in CATEGORIES.values())
MOST: Final = 0.99
"""No answer is surer."""


class Classified(NamedTuple):
    """A category's slug (None: unknown), how sure that is (0 to 1), and what it was read from."""

    category: str | None
    confidence: float
    method: str


class Said(NamedTuple):
    """One source's word for the category."""

    source: Source
    category: str
    weak: bool


def classify(listing: Listing) -> Classified:
    """The likeliest category, given all that its sources say and how often each is wrong (data/category_chances.csv).

    `raw["category"]` and `section` may hold a slug or words; a section "all" says nothing. Nothing known, or
    nothing likelier than LEAST, is None with confidence 0. The method names what spoke for the answer, then in
    brackets what spoke against it.
    """
    said = list(statements(listing))
    if listing.description and not any(s.category not in GENERAL and not s.weak for s in said):
        found = named_in(described(listing), listing.vertical)
        wide = {s.category for s in said} & GENERAL
        said.extend(
            Said("description", *named)
            for named in found
            if not wide or named.category == "not-dog" or wide & {*lineage(named.category)}
        )
    machine = listing.vertical == "equipment"
    meant = categories_of_model(listing.make, listing.model) if machine and listing.model else ()
    if not said and meant:
        best, likely = meant[0]
        return Classified(best, round(min(likely, MOST), 3), "model number") if likely >= LEAST else UNKNOWN
    if not said:
        return UNKNOWN
    tempered = {category: likely if listing.make else likely**MAKELESS for category, likely in meant}
    shares = weigh(said, tempered, too_heavy(said, listing))
    best = max(filter(None, shares), key=shares.__getitem__)
    if shares[best] < LEAST or (shares[""] > shares[best] and listing.vertical == "equipment"):
        return UNKNOWN
    how = account(best, said, meant)
    if best == "dog-food" and (form := form_in(texts_of_food(listing))):
        return Classified(form, round(min(shares[best] * SURE_OF_FORM, MOST), 3), f"{how}; form by its texts")
    return Classified(best, round(min(shares[best], MOST), 3), how)


def described(listing: Listing) -> str:
    """A description's beginning, without what the thing is made of: "huhn (frisch und getrocknet)" is no fresh food."""
    beginning = (listing.description or "")[:DESCRIPTION]
    return MADE_OF.split(beginning, maxsplit=1)[0] if listing.vertical == "dog" else beginning


def texts_of_food(listing: Listing) -> tuple[str | None, ...]:
    """Where a food's form and its pack's weight stand, the most exact text first."""
    variant = next((str(listing.raw[name]) for name in VARIANT if listing.raw.get(name)), None)
    return listing.title, variant, str(listing.raw.get("net_weight") or ""), described(listing)


UNKNOWN: Final = Classified(None, 0.0, "unknown")


def weigh(said: list[Said], meant: dict[str, float], too_heavy: float) -> dict[str, float]:
    """How likely each category is that anything speaks for; under "" all the others together.

    `meant` is what the model number stands for, `too_heavy` how likely a machine of this weight is called mini.
    """
    candidates = {statement.category for statement in said} | meant.keys()
    if "mini-excavators" in candidates:
        candidates.add("excavators")
    vertical = CATEGORIES[said[0].category].vertical
    others = OF_VERTICAL[vertical] - len(candidates)
    powers = [REPEATED if repeats(said, index) else 1.0 for index in range(len(said))] if len(said) > 1 else [1.0]
    shares: dict[str, float] = {}
    spoken = {statement.category for statement in said}
    titled = {statement.category for statement in said if statement.source == "title"}
    for candidate in candidates:
        floor = TITLE_FLOOR if candidate in titled else FLOOR
        if candidate in spoken:
            floor = NOT_BY_MODEL.get(candidate, floor)
        elif candidate == "other-equipment":
            floor = 0.0
        share = max(meant.get(candidate, 0.0) if candidate not in NOT_BY_MODEL else 0.0, floor) if meant else 1.0
        if candidate == "mini-excavators":
            share *= too_heavy
        for statement, power in zip(said, powers, strict=True):
            share *= chance(statement.source, statement.category, candidate, weak=statement.weak) ** power
        shares[candidate] = share
    rest = FLOOR if meant else 1.0
    for statement, power in zip(said, powers, strict=True):
        rest *= SOURCES[statement.source].elsewhere(weak=statement.weak) ** power
    shares[""] = rest * others
    total = sum(shares.values())
    return {candidate: share / total for candidate, share in shares.items()}


def repeats(said: list[Said], index: int) -> bool:
    """Whether the shop said the same before: its section, field and breadcrumbs come from one hand."""
    statement = said[index]
    return statement.source in BY_SHOP and any(
        other.source in BY_SHOP and other.category == statement.category for other in said[:index]
    )


def statements(listing: Listing) -> Iterator[Said]:
    """What the dealer's short texts call the listing, the title first; a source that names nothing is left out."""
    title = listing.title or str(listing.raw.get("title") or "")
    dated = listing.year is not None or listing.hours is not None
    for named in named_in(title, listing.vertical, dated=dated, whole=True):
        yield Said("title", *named)
    given = listing.raw.get("category")
    crumbs = [str(crumb) for crumb in listing.raw.get("breadcrumbs") or []]
    if given and crumbs == [given]:
        crumbs = []  # the same words, copied (pipelines/cleaning)
    for source, text in (("category field", given), ("section", listing.section)):
        if text and text != "all" and (source == "section" or text != listing.section):
            for named in given_category(str(text), listing):
                if source == "section":
                    yield Said("section", *named)
                else:
                    yield Said("category slug" if text in CATEGORIES else "category field", *named)
    if crumbs:
        for named in trail(crumbs, listing):
            yield Said("breadcrumbs", *named)


def given_category(text: str, listing: Listing) -> tuple[Named, ...]:
    """What the dealer's file or the source states: a slug, or words for one."""
    if text in CATEGORIES and CATEGORIES[text].vertical == listing.vertical:
        return (Named(text),)
    return named_in(text, listing.vertical)


def trail(crumbs: list[str], listing: Listing) -> tuple[Named, ...]:
    """What the last breadcrumb says that says anything; "Cats" further up makes all below it not for dogs."""
    if listing.vertical == "dog":
        whole = named_in(" / ".join(crumbs), "dog")
        if Named("not-dog") in whole:
            return whole
    title = (listing.title or "").strip().lower()
    for crumb in reversed(crumbs):
        if crumb.strip().lower() == title:
            continue
        found = named_in(crumb, listing.vertical)
        if found:
            return found
    return ()


def too_heavy(said: list[Said], listing: Listing) -> float:
    """How likely a machine of the model's known weight would be called mini: 1 up to 6 t, next to nothing at 15 t."""
    if not listing.model or not any(statement.category in EXCAVATORS for statement in said):
        return 1.0
    size = size_from_model("excavators", listing.make, listing.model)
    if size is None or size.size_class is None or size.confidence < SURE_OF_SIZE:
        return 1.0
    tonnes = size.value or size.size_class.lower
    return float(1 / (1 + 3 ** (tonnes - MINI_OR_MORE)))


SURE_OF_SIZE: Final = 0.7
MINI_OR_MORE: Final = 8.0
"""Tonnes at which dealers as often as not still say mini."""


def account(best: str, said: list[Said], meant: tuple[tuple[str, float], ...]) -> str:
    """Where an answer came from, for `provenance`: "title, model number (section: compact-track-loaders)"."""
    voices: list[tuple[str, str]] = [(statement.source, statement.category) for statement in said]
    if meant:
        voices.append(("model number", meant[0][0]))
    agreeing = [source for source, category in voices if category == best]
    against = [f"{source}: {category}" for source, category in voices if category != best]
    text = ", ".join(agreeing) or "all together"
    return f"{text} ({', '.join(against)})" if against else text


def category_named(text: str, listing: Listing) -> str | None:
    """The category that a text by itself names, for the listing's vertical; None where it names none."""
    found = named_in(text, listing.vertical)
    return next((named.category for named in found if not named.weak), found[-1].category if found else None)
