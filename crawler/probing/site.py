"""A site that is being looked at: each address asked at most once, within a budget, and what could not be had."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import orjson

from crawler.extraction.blocks import block_reason
from crawler.extraction.page import NotAPage, Page
from crawler.extraction.shell import needs_browser
from crawler.fetching.asking import Answer, Ask, NotFetched
from crawler.tracking.error_class import Refused
from pipelines.parsing.urls import canonical_url

DEFAULT_MAX_REQUESTS: Final = 60
MAX_JSON: Final = 8_000_000
"""Bytes of JSON that are read; a stock of a thousand listings is a tenth of it."""

_REFUSING: Final = frozenset({"http_401", "http_403", "http_406", "http_429", "http_503"})


class Site:
    """Answers by address, failures too. `told` is called with each address before it is asked for."""

    def __init__(
        self, ask: Ask, max_requests: int = DEFAULT_MAX_REQUESTS, told: Callable[[str], None] = lambda url: None
    ) -> None:
        self._ask = ask
        self._told = told
        self._answers: dict[str, Answer | NotFetched] = {}
        self._pages: dict[str, Page] = {}
        self.max_requests = max_requests
        self.requests = 0

    @property
    def left(self) -> int:
        """How many more addresses may be asked for."""
        return max(self.max_requests - self.requests, 0)

    async def get(self, url: str) -> Answer | None:
        """The answer; None where it cannot be had (`failure` says why) or the budget is used up."""
        key = canonical_url(url)
        if key not in self._answers:
            if not self.left:
                return None
            self.requests += 1
            self._told(url)
            try:
                answer = await self._ask(url)
            except NotFetched as error:
                self._answers[key] = error
            else:
                self._answers[key] = answer
                self._answers.setdefault(canonical_url(answer.url), answer)
        known = self._answers[key]
        return known if isinstance(known, Answer) else None

    async def ask(self, url: str) -> Answer:
        """The same as a plain `Ask`: raises `NotFetched`, of class `budget` where no request is left."""
        answer = await self.get(url)
        if answer is None:
            raise self.failure(url) or NotFetched(url, Refused("budget", "no request is left"))
        return answer

    def failure(self, url: str) -> NotFetched | None:
        """Why an address that was asked for could not be had."""
        known = self._answers.get(canonical_url(url))
        return known if isinstance(known, NotFetched) else None

    async def page(self, url: str) -> Page | None:
        """The parsed page of HTML at an address; None for anything else."""
        answer = await self.get(url)
        return None if answer is None else self.page_of(answer)

    def page_of(self, answer: Answer) -> Page | None:
        """An answer as a page, parsed once; None for what is no HTML."""
        if answer.url not in self._pages:
            try:
                self._pages[answer.url] = Page(
                    answer.url, answer.body, content_type=answer.content_type, encoding=answer.encoding
                )
            except NotAPage:
                return None
        return self._pages[answer.url]

    async def json(self, url: str) -> Any | None:
        """The parsed JSON at an address; None for anything else."""
        answer = await self.get(url)
        return None if answer is None else json_of(answer)

    def shell(self) -> str | None:
        """Why one of the pages that were looked at is empty without a browser; None where none is."""
        answers = [known for known in self._answers.values() if isinstance(known, Answer)]
        pages = (page for answer in answers if (page := self.page_of(answer)) is not None)
        return next((reason for page in pages if (reason := needs_browser(page))), None)

    def blocked(self, url: str) -> str | None:
        """What keeps us out at an address that was asked for: a refusing status or a challenge page."""
        known = self._answers.get(canonical_url(url))
        if isinstance(known, NotFetched):
            return str(known) if known.error_class in _REFUSING else None
        return None if known is None else block_reason(known.status, known.headers, self.page_of(known))


def json_of(answer: Answer) -> Any | None:
    """An answer's body as JSON: an object or an array; None for anything else."""
    body = answer.body.strip()
    if not body or len(body) > MAX_JSON or body[:1] not in (b"{", b"["):
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
