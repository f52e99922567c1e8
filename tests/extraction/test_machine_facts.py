"""Facts of a machine in chips, sentences, tiles and labels in other spellings."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.extraction.detail import read_detail
from crawler.extraction.page import Page
from pipelines.parsing.hours import find_hours
from pipelines.wording.labels import label_fields
from pipelines.wording.machine_sentences import built_year, make_and_model, serial_in, standing_place


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("Motor bei ca. 9.000 Std. überholt. Bereifung vorn neu.", None),
        ("Auf der Uhr stehen 5.015 Betriebsstunden.", 5015),
        ("6,900 hours on the clock. The undercarriage was replaced at 5,200 hours.", 6900),
        ("Il affiche 6 120 heures. La prochaine vidange est prévue à 6 500 heures.", 6120),
        ("Bomba hidráulica cambiada a las 6.900 h.", None),
        ("Licznik pokazuje 6480 motogodzin, a podwozie 50 procent", 6480),
        ("Motore rifatto a 6.000 ore, ore lavoro 8500", 8500),
        ("serviced every 250 hours", None),
    ],
)
def test_what_was_done_at_a_reading_is_not_what_the_meter_shows(text: str, hours: int | None) -> None:
    assert find_hours(text) == hours


@pytest.mark.parametrize(
    ("label", "field"),
    [("Betr.-Std.", "hours"), ("N° de série", "serial_number"), ("STK#", "sku"), ("Standort der Maschine", "location"),
     ("Fahrgestell-Nr", "serial_number"), ("PIN/VIN", "serial_number"), ("Annee", "year")],
)  # fmt: skip
def test_a_label_may_be_spelt_in_any_way(label: str, field: str) -> None:
    assert field in label_fields(label)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Der Bagger steht in unserer Halle in Rheine (Deutschland).", "Rheine, Deutschland"),
        ("Viewing at our Thirsk depot only.", "Thirsk"),
        ("La máquina está en Huesca, España, y su precio es bueno.", "Huesca, España"),
        ("Transport can be arranged to any port.", None),
    ],
)
def test_a_sentence_says_where_it_stands(text: str, place: str | None) -> None:
    assert standing_place(text) == place


def test_a_sentence_names_maker_model_year_and_serial_number() -> None:
    text = "Traded last week: a 2017 Kobelco SK210LC-10 with 6,900 hours, serial number YQ14-12345."
    said = make_and_model(text)
    assert said is not None
    assert said[:2] == ("Kobelco", "SK210LC-10")
    assert built_year(text, said[2], today=date(2026, 1, 1)) == 2017
    assert built_year("Bought from us in 2012.", None, today=date(2026, 1, 1)) is None
    assert serial_in(text) == "YQ14-12345"


def _raw(body: str) -> dict[str, object]:
    made = Page("https://dealer.example/stock/1", f"<html><body>{body}</body></html>".encode())
    extracted = read_detail(made, vertical="equipment")
    return {} if extracted is None else extracted.raw


def test_chips_tell_year_hours_and_place() -> None:
    chips = "<ul><li>2018</li><li>7.915 h</li><li>11,9 t</li><li>Prenzlau, DE</li></ul><b>79.900 €</b>"
    raw = _raw(f"<h1>Volvo L60H</h1>{chips}")
    assert (raw["year"], raw["hours"], raw["location"]) == ("2018", "7.915 h", "Prenzlau, DE")


def test_a_tile_has_its_label_below() -> None:
    tiles = "".join(
        f"<div class=t><b>{value}</b><span>{name}</span></div>"
        for value, name in (("2018", "Baujahr"), ("7.915", "Betriebsstunden"), ("11.900 kg", "Gewicht"))
    )
    raw = _raw(f"<h1>Volvo L60H</h1><div>{tiles}</div><p class=price>79.900 €</p>")
    assert (raw["year"], raw["hours"]) == ("2018", "7.915")


def test_related_machines_do_not_speak_for_the_page() -> None:
    raw = _raw(
        "<h1>JCB 3CX</h1><p class=price>£20,000</p><dl><dt>Year</dt><dd>2016</dd></dl>"
        "<h2>Similar machines</h2><div><span>Hours</span> <span>3,870</span></div>"
    )
    assert raw["year"] == "2016"
    assert "hours" not in raw
