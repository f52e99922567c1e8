"""`scrapy crawl dog`: shops for dogs."""

from crawler.spiders.base import DealerSpider


class DogSpider(DealerSpider):
    """Food, beds, harnesses and the rest of the kennel."""

    name = "dog"
    vertical = "dog"
