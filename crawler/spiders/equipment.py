"""`scrapy crawl equipment`: dealers of heavy equipment."""

from crawler.spiders.base import DealerSpider


class EquipmentSpider(DealerSpider):
    """Excavators, dozers, loaders and the rest of the yard."""

    name = "equipment"
    vertical = "equipment"
