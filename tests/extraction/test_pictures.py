"""Pictures of a page whose data names none."""

import pytest

from crawler.extraction.pictures import read_pictures
from crawler.extraction.subject import Subject
from crawler.extraction.visible import Visible
from tests.extraction.made_pages import page

NAME = "2016 Liebherr R 914 Excavator"
IMAGE = "<img src='/media/9df4.jpg' alt='{}'>"


def pictures(body):
    subject = Subject("https://dealer.example/1", page(f"<h1>{NAME}</h1><p>Text</p>{body}").root)
    return read_pictures(subject, Visible(subject))


@pytest.mark.parametrize("box", ["<div class='carousel'>{}</div>", "<div>{}</div>", "<div class='related'>{}</div>"])
def test_a_picture_that_is_called_what_the_page_is_is_of_its_thing_wherever_it_stands(box):
    assert pictures(box.format(IMAGE.format(NAME))) == ["/media/9df4.jpg"]


@pytest.mark.parametrize(
    "body",
    [
        "<div class='related-products'>" + IMAGE.format("2017 Liebherr R 914 Excavator") + "</div>",
        "<a href='/machine/2'>" + IMAGE.format(NAME) + "</a>",
        IMAGE.format("Our team"),
    ],
)
def test_pictures_of_other_things_are_left_out(body):
    assert pictures(body) == []
