"""A category is the one for which most speaks; what speaks against it lowers the confidence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.listing import Listing
from inventory.taxonomy.categories import CATEGORIES
from pipelines.inference.category import Classified, classify
from pipelines.inference.category_chances import SOURCES, chance
from pipelines.inference.title import read_title


def classified(title: str, section: str = "all", crumbs: list[str] | None = None) -> Classified:
    """A machine's category from its title as the pipeline takes it apart, its section and breadcrumbs."""
    parts = read_title(title)
    return classify(
        Listing(
            dealer="test",
            vertical="equipment",
            title=title,
            section=section,
            raw={"breadcrumbs": crumbs or []},
            make=parts.make,
            model=parts.model,
            year=parts.year,
            hours=parts.hours,
        )
    )


def dog_product(title: str, section: str = "all", crumbs: list[str] | None = None) -> Classified:
    """The category of a pet shop's product."""
    return classify(
        Listing(dealer="test", vertical="dog", title=title, section=section, raw={"breadcrumbs": crumbs or []})
    )


@pytest.mark.parametrize(
    ("title", "section", "crumbs", "category"),
    [
        ("2023 Caterpillar 745 Articulated Truck", "compact-track-loaders", [], "articulated-trucks"),
        ("Liebherr R 914 Compact Excavator", "all", [], "excavators"),
        ("Liebherr R 914 Compact Excavator", "mini-excavators", [], "excavators"),
        ("Kubota KX080-4 Mini Excavator", "all", [], "mini-excavators"),
        ("CAT 308E2 CR Mini Excavator", "all", [], "mini-excavators"),
        ('Excavator bucket 36"', "excavators", [], "attachments"),
        ("Hydraulic thumb for Cat 308", "excavators", [], "attachments"),
        ("Bucket - attachment for Cat 320", "excavators", [], "attachments"),
        ("Cat 320 spare parts", "excavators", [], "attachments"),
        ("Tyres 23.5R25 for wheel loader", "wheel-loaders", [], "attachments"),
        ("Track group D6R", "dozers", [], "attachments"),
        ("Godet de curage pour mini pelle", "excavators", [], "attachments"),
        ("Tieflöffel MS03 für Minibagger", "mini-excavators", [], "attachments"),
        ("2018 Bobcat E35 with thumb and 3 buckets", "mini-excavators", [], "mini-excavators"),
        ("2018 Bobcat E35 Hydraulic Thumb", "all", [], "mini-excavators"),
        ("2012 Cat 950H Wheel Loader GP Bucket", "all", [], "wheel-loaders"),
        ("2015 John Deere 6120R Tractor", "wheel-loaders", [], "other-equipment"),
        ("2014 John Deere S680 Combine", "all", [], "other-equipment"),
        ("2012 Ford F-150 Pickup", "all", [], "other-equipment"),
        ("2010 Peterbilt 367 Dump Truck", "articulated-trucks", [], "other-equipment"),
        ("2013 Tigercat 724G Skidder", "all", [], "other-equipment"),
        ("John Deere 643L Feller Buncher", "excavators", [], "other-equipment"),
        ("Atlas Copco ROC L8 drill rig", "all", [], "other-equipment"),
        ("Godwin CD150 pump", "generators", [], "other-equipment"),
        ("2019 Big Tex 14LX trailer", "all", [], "other-equipment"),
        ("CAT D6R", "dozers", [], "dozers"),
        ("Hitachi ZX135", "excavators", ["Home", "Excavators"], "excavators"),
        ("Kubota U17-3", "excavators", [], "mini-excavators"),
        ("Liebherr A914", "excavators", [], "wheeled-excavators"),
        ("CAT 259D3 Skid Steer", "all", [], "skid-steer-loaders"),
        ("CAT 259D3", "skid-steer-loaders", [], "compact-track-loaders"),
        ("BOMAG BW213 roller", "all", [], "vibratory-rollers"),
        ("Rough terrain crane X1", "cranes", [], "rough-terrain-cranes"),
        ("Something odd", "dozers", [], "dozers"),
        ("XY 12", "all", ["Home", "Machines", "Radlader", "XY 12"], "wheel-loaders"),
        ("Hydraulic hammer for 20 t excavator - hydraulic breaker", "all", [], "attachments"),
        ("Wirtgen W200 cold planer", "all", [], "other-equipment"),
        ("Cat 320D for parts", "excavators", [], "excavators"),
        ("Genie GS-1932", "all", [], "scissor-lifts"),
        ("Terex Finlay J-1175 jaw crusher", "all", [], "other-equipment"),
        ("Quick coupler Cat 320", "excavators", [], "attachments"),
        ("Rubber tracks 300x52.5x80", "mini-excavators", [], "attachments"),
        ("Reifen 17.5R25 Michelin", "wheel-loaders", [], "attachments"),
        ("Kettenbagger CAT 323 mit Schnellwechsler und 3 Löffel", "excavators", [], "excavators"),
        ("Mini pelle Kubota U17 avec 3 godets", "all", [], "mini-excavators"),
        ("Benne preneuse", "excavators", [], "attachments"),
        ("Cazo de limpieza para retroexcavadora", "backhoe-loaders", [], "attachments"),
        ("Ковш для экскаватора Hitachi", "excavators", [], "attachments"),
        ("Łyżka skarpowa do koparki", "excavators", [], "attachments"),
        ("Haulotte HA16 nacelle articulée", "all", [], "boom-lifts"),
        ("Volvo FH16 truck tractor", "articulated-trucks", [], "other-equipment"),
        ("2016 Toyota Hilux", "all", ["Vehicles", "Pickups"], "other-equipment"),
        ("Godwin CD150M dri-prime pump", "all", [], "other-equipment"),
        ("Ditch Witch JT25 directional drill", "trenchers", [], "other-equipment"),
        ("John Deere 548G-III grapple skidder", "all", [], "other-equipment"),
        ("Caterpillar 320 GC", "all", ["Home", "Used equipment", "Excavators", "Caterpillar"], "excavators"),
        ("Kubota SVL75-2", "skid-steer-loaders", ["Skid Steers"], "compact-track-loaders"),
        ("JLG 1930ES", "boom-lifts", ["Aerial lifts"], "scissor-lifts"),
        ("Manitou MT1840", "forklifts", [], "telehandlers"),
        ("Hamm HD12", "rollers", ["Rollers"], "tandem-rollers"),
        ("Volvo A40G", "rigid-trucks", [], "articulated-trucks"),
        ("Excavator 20 t", "excavators", [], "excavators"),
        ("CAT 950 GC wheel loader, bucket 3.3 m3", "all", [], "wheel-loaders"),
        ("Hydraulic breaker Atlas Copco HB 2000", "all", [], "attachments"),
        ("Bobcat auger 30C", "skid-steer-loaders", [], "attachments"),
        ("Operators manual Cat 320", "excavators", [], "attachments"),
    ],
)
def test_a_machine_is_what_most_sources_say(title: str, section: str, crumbs: list[str], category: str) -> None:
    assert classified(title, section, crumbs).category == category


@pytest.mark.parametrize(
    ("title", "section", "crumbs", "category"),
    [
        ("Glucosamine Joint Chews", "all", ["Home", "Supplements"], "dog-health"),
        ("Lick Mat", "all", ["Home", "Toys"], "dog-toys"),
        ("Dog Training Book", "all", [], "other-dog"),
        ('Wooden Dog Gate 30"', "dog-crates", [], "other-dog"),
        ("Foldable dog pool", "all", [], "other-dog"),
        ("Poop bags 120 ct", "dog-grooming", [], "other-dog"),
        ("Dog door large", "all", [], "other-dog"),
        ("Cat Scratching Post", "all", [], "not-dog"),
        ("Whiskas Cat Food Tuna", "wet-dog-food", [], "not-dog"),
        ("Bird seed 5kg", "all", [], "not-dog"),
        ("Horse Treats Apple", "all", ["Horse", "Treats"], "not-dog"),
        ("Rabbit Ears Natural Chew", "dog-treats", [], "dog-treats"),
        ("Salmon Pâté", "all", ["Cats", "Wet food"], "not-dog"),
        ("Adult Chicken 12 kg", "all", ["Dog", "Food", "Dry Food"], "dry-dog-food"),
        ("Royal Canin Kitten Dry Cat Food 400 g", "all", [], "not-dog"),
        ("Steel Comb for Cats & Dogs", "all", [], "dog-grooming"),
        ("Wet Dog & Cat Food Topper, 7-oz pouch", "all", [], "wet-dog-food"),
        ("Chicken Jerky Dog Treats, 12-oz bag, 30 count", "all", [], "dog-treats"),
        ("Flea Collar for Dogs", "dog-collars", [], "dog-health"),
        ("Slow feeder dog bowl", "all", [], "dog-bowls"),
        ("Rabbit & Potato Recipe 2kg", "dry-dog-food", [], "dry-dog-food"),
        ("Snuffle Mat", "dog-beds", [], "dog-toys"),
        ("Advance Adult Chicken 15kg", "dog-food", [], "dry-dog-food"),
        ("Dog Food Container", "all", [], "dog-bowls"),
        ("Calming Bed", "all", ["Dog Health"], "dog-beds"),
        ("Orthopedic Memory Foam Bed", "all", ["Dog", "Beds"], "dog-beds"),
        ("Chicken & Rice Recipe", "all", ["Dogs", "Dry Dog Food"], "dry-dog-food"),
        ("Catnip Mouse", "dog-toys", [], "not-dog"),
        ("Hamster Wheel 20cm", "all", [], "not-dog"),
        ("Aquarium filter", "all", ["Fish"], "not-dog"),
        ("KONG Classic Red Large", "all", ["Dog", "Toys"], "dog-toys"),
        ("Dental Sticks 28 pack", "all", [], "dog-treats"),
        ("NexGard Spectra 15-30kg", "all", ["Dog", "Flea & Tick"], "dog-health"),
        ("Pet stairs 3 steps", "dog-beds", [], "other-dog"),
        ("Car seat cover for dogs", "all", [], "other-dog"),
        ("Hundemantel Winter Gr. M", "all", [], "dog-apparel"),
        ("Katzenfutter Huhn 400g", "all", [], "not-dog"),
        ("Croquettes chat stérilisé", "all", [], "not-dog"),
        ("Croquettes chien adulte 12kg", "all", [], "dry-dog-food"),
        ("Pienso para gatos", "all", [], "not-dog"),
        ("Pferdeleckerli Apfel", "all", ["Pferd"], "not-dog"),
        ("Salmon oil for dogs and cats", "all", [], "dog-health"),
        ("Gift Card", "all", [], "other-dog"),
        ("Freeze Dried Raw - Dog Treats Beef", "all", [], "dog-treats"),
        ("Poop Bag Dispenser", "dog-leashes", [], "other-dog"),
        ("Bandana", "all", ["Dog", "Apparel"], "dog-apparel"),
        ("Toy Poodle Calendar", "all", [], "other-dog"),
        ("Cat & Dog Flea Treatment", "all", [], "dog-health"),
        ("Elevated Feeding Stand with bowls", "all", [], "dog-bowls"),
    ],
)
def test_a_dog_product_is_what_most_sources_say(title: str, section: str, crumbs: list[str], category: str) -> None:
    assert dog_product(title, section, crumbs).category == category


def test_two_sources_that_disagree_are_less_sure_than_one() -> None:
    alone = classified("Dozer", "all")
    against = classified("Dozer", "wheel-loaders")
    together = classified("Dozer", "dozers")
    assert against.confidence < 0.75 < alone.confidence < together.confidence


def test_the_method_names_what_spoke_for_the_answer_and_what_against_it() -> None:
    found = classified("2023 Caterpillar 745 Articulated Truck", "compact-track-loaders")
    assert found.method == "title, model number (section: compact-track-loaders)"
    assert dog_product("Glucosamine Joint Chews", crumbs=["Supplements"]).method == "title, breadcrumbs"


def test_the_same_words_under_two_names_count_once() -> None:
    once = Listing(dealer="test", vertical="equipment", title="X", raw={"breadcrumbs": ["Dozers"]})
    copied = Listing(
        dealer="test", vertical="equipment", title="X", raw={"breadcrumbs": ["Dozers"], "category": "Dozers"}
    )
    assert classify(once).confidence == classify(copied).confidence


@given(
    st.sampled_from(sorted(SOURCES)),
    st.sampled_from(sorted(CATEGORIES)),
    st.sampled_from(sorted(CATEGORIES)),
    st.booleans(),
)
def test_every_chance_is_one_and_the_right_name_the_likeliest(
    source: str, called: str, category: str, weak: bool
) -> None:
    found = chance(source, called, category, weak=weak)
    assert 0 < found <= chance(source, category, category, weak=False) < 1


@settings(deadline=None)  # the first example waits for the tables
@given(st.text(max_size=60), st.lists(st.text(max_size=20), max_size=3), st.sampled_from(["dog", "equipment"]))
def test_any_text_has_a_category_of_its_vertical_or_none(title: str, crumbs: list[str], vertical: str) -> None:
    listing = Listing(dealer="test", vertical=vertical, title=title, raw={"breadcrumbs": crumbs})  # type: ignore[arg-type]
    found = classify(listing)
    assert 0 <= found.confidence <= 0.99
    assert found.category is None or CATEGORIES[found.category].vertical == vertical
