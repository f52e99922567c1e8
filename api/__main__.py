"""`python -m api key new NAME --scopes read,export`: makes an API key. It is shown once; only its hash is stored."""

from __future__ import annotations

import argparse
import sys

from api.access.identity import READ, AccessError
from api.access.keys import new_key


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 made, 2 wrong use."""
    parser = argparse.ArgumentParser(prog="python -m api", description=__doc__)
    key = parser.add_subparsers(dest="what", required=True).add_parser("key", help="API keys")
    new = key.add_subparsers(dest="do", required=True).add_parser("new", help="make one")
    new.add_argument("name", help="who has it, for the log: letters, digits, '.', '_', '-'")
    new.add_argument("--scopes", default=READ, help="read, or read,export for whole sets too (default: read)")
    given = parser.parse_args(arguments)
    try:
        made, entry = new_key(given.name, [scope.strip() for scope in given.scopes.split(",")])
    except AccessError as error:
        sys.stderr.write(f"{str(error).removeprefix('API_KEYS: entry 1').lstrip(': ')}\n")
        return 2
    sys.stderr.write("The key, shown this once, and the line for API_KEYS or the file of API_KEYS_FILE:\n")
    sys.stdout.write(f"{made}\n{entry}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
