"""The six dealers' sites by name."""

from __future__ import annotations

from typing import Final

from demo.site import Site
from demo.sites.barkwood import Barkwood
from demo.sites.hofmann import Hofmann
from demo.sites.pawhaus import Pawhaus
from demo.sites.quarry import Quarry
from demo.sites.ridgeline import Ridgeline
from demo.sites.skyline import Skyline

SITES: Final[dict[str, type[Site]]] = {
    site.name: site for site in (Ridgeline, Hofmann, Skyline, Pawhaus, Barkwood, Quarry)
}
