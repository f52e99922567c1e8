"""Oscar: a shop of Django whose pages carry no structured data. Installed from PyPI, stocked by its models."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.foreign_shops.goods import Good, read_truth, write_truth
from bench.foreign_shops.picture import write_picture
from bench.foreign_shops.processes import run, serving

VERSION: Final = "4.2.1"
STOCK: Final = "machines"
START_S: Final = 60.0
_SITE: Final = Path(__file__).parent / "oscar_site"


def install(work: Path) -> None:
    """Makes an environment of its own, once; takes half a minute."""
    if (work / "built").exists():
        return
    log = work / "install.log"
    run([sys.executable, "-m", "venv", work / "venv"], work, log)
    run(
        [_python(work), "-m", "pip", "install", "--quiet", f"django-oscar[sorl-thumbnail]=={VERSION}", "whoosh==2.7.4"],
        work,
        log,
    )
    (work / "built").touch()


@contextmanager
def running(work: Path, port: int, stock: list[Good]) -> Iterator[list[Good]]:
    """A shop on `http://127.0.0.1:port` with a database of its own; yields the goods with their addresses."""
    url = f"http://127.0.0.1:{port}"
    environment = {
        "SHOP_WORK": str(work),
        "SHOP_SECRET": secrets.token_hex(),
        "SHOP_CURRENCY": stock[0].currency,
        "DJANGO_SETTINGS_MODULE": "shop_settings",
        "PYTHONPATH": str(_SITE),
    }
    log = work / "shop.log"
    (work / "shop.sqlite").unlink(missing_ok=True)
    write_picture(work / "media" / "picture.png")
    django: list[str | Path] = [_python(work), "-m", "django"]
    run([*django, "migrate", "--verbosity", "0"], work, log, environment)
    goods = work / "stock.jsonl"
    write_truth(goods, stock)
    run([_python(work), _SITE / "shop_stock.py", goods, url], work, log, environment)
    run([*django, "rebuild_index", "--noinput", "--verbosity", "0"], work, log, environment)
    with serving([*django, "runserver", "--noreload", str(port)], work, log, environment, url, START_S):
        yield read_truth(goods)


def _python(work: Path) -> Path:
    return work / "venv" / "bin" / "python"
