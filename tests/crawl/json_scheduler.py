"""The scheduler of one process, which refuses requests that are not JSON (`-s SCHEDULER=…`)."""

from __future__ import annotations

import json

from scrapy import Request

from crawler.frontier.local import LocalScheduler


class JsonScheduler(LocalScheduler):
    """Raises for what a queue in Redis or on disk could not keep."""

    def enqueue_request(self, request: Request) -> bool:
        said = request.to_dict(spider=self.spider)
        for name in ("meta", "cb_kwargs"):
            if json.loads(json.dumps(said[name])) != said[name]:
                raise TypeError(f"{name} of {request} is not JSON: {said[name]}")
        return super().enqueue_request(request)
