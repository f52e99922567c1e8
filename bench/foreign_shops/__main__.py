"""`python -m bench.foreign_shops evershop|oscar WORK`: installs, starts and stocks a shop; Ctrl-C stops it."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from bench.foreign_shops import evershop, oscar
from bench.foreign_shops.goods import goods, write_truth
from bench.foreign_shops.processes import ShopError

ENGINES = {"evershop": evershop, "oscar": oscar}


def main() -> int:
    """Exit status 1 when the shop could not be had."""
    parser = argparse.ArgumentParser(prog="python -m bench.foreign_shops", description=__doc__)
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("work", type=Path, help="a folder for what is installed; outside the repository")
    parser.add_argument("--port", type=int, default=9121)
    parser.add_argument("--stock", choices=["dog", "machines"], help="what it sells (evershop: dog, oscar: machines)")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    engine = ENGINES[arguments.engine]
    work = arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    truth = work / "truth.jsonl"
    try:
        sys.stderr.write(f"{arguments.engine}: installing into {work} (minutes, the first time)\n")
        engine.install(work)
        sys.stderr.write("starting and stocking\n")
        with engine.running(work, arguments.port, goods(arguments.stock or engine.STOCK)) as stocked:
            write_truth(truth, stocked)
            print(f"http://127.0.0.1:{arguments.port}/ sells {len(stocked)} goods, listed in {truth}. Ctrl-C stops it.")
            sys.stdout.flush()
            signal.pause()
    except ShopError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
