import pytest

from tests.crawl.one_process import CrawlingProcess


@pytest.fixture(scope="module")
def process():
    """Runs many crawls without starting Scrapy for each."""
    found = CrawlingProcess()
    yield found
    found.stop()
