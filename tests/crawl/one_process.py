"""Many crawls one after the other in one process: starting Scrapy costs more than crawling a little shop.

`CrawlingProcess` is what tests use; run as a program, this file is the process. What `scrapy crawl` itself checks
and says is not in it.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping

from tests.crawl.crawling import ROOT, environment


class CrawlingProcess:
    """Runs crawls on demand, each with a database and dealer files of its own."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.crawl.one_process"]
        env = environment("sqlite://")
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def crawl(self, vertical: str, env: Mapping[str, str], **arguments: str) -> dict[str, str]:
        """One crawl, run to its end: dealer → outcome."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([vertical, dict(env), arguments]) + "\n")
        self._process.stdin.flush()
        outcomes: dict[str, str] = json.loads(self._process.stdout.readline())
        return outcomes

    def stop(self) -> None:
        """No more crawls."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


async def _serve() -> None:
    from scrapy.crawler import AsyncCrawlerRunner
    from scrapy.utils.project import get_project_settings

    from crawler.tracking.crawl_book import crawl_book_of
    from inventory.engine import writer_engine
    from inventory.schema import migrate
    from inventory.settings import load_settings

    while line := await asyncio.to_thread(sys.stdin.readline):
        vertical, env, arguments = json.loads(line)
        os.environ.update(env)
        engine = writer_engine(load_settings())
        migrate(engine)
        engine.dispose()
        runner = AsyncCrawlerRunner(get_project_settings())
        crawler = runner.create_crawler(vertical)
        await runner.crawl(crawler, **arguments)
        closed = crawl_book_of(crawler).closed
        print(json.dumps({name: verdict.outcome for name, verdict in closed.items()}), flush=True)


if __name__ == "__main__":
    from scrapy.utils.reactor import install_reactor

    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from scrapy.utils.defer import deferred_f_from_coro_f
    from twisted.internet.task import react

    react(deferred_f_from_coro_f(lambda reactor: _serve()))
