"""Python's search for cycles of objects rests while a batch is stored.

A batch makes hundreds of thousands of objects that live until its end and hang in no cycle. A search for cycles among
them may look at all else that the process holds: a tenth of a batch's time beside 20,000 listings in memory.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for cycles in here. Of several threads the one that began it ends it; whoever wants none has none."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
