"""Names in the `meta` of a request that was asked for before."""

from __future__ import annotations

from typing import Final

FIRST_FAILED: Final = "first_failed_at"
"""Unix time at which it failed first."""

LAST_TRY: Final = "last_try"
"""It is not asked again, whatever it answers (but may wait for what the server asks)."""

LED: Final = "led"
"""By how many redirects it was led to the page that it is queued for; a redirect that is not counted here is new."""
