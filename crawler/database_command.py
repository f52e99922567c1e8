"""Commands that work on what is stored: how each of them ends, whatever goes wrong."""

from __future__ import annotations

import argparse
import sys
from typing import ClassVar, Final, NoReturn

from scrapy.commands import ScrapyCommand
from sqlalchemy.exc import SQLAlchemyError

from crawler.log_filters import quieten_command
from inventory.database import NoDatabase
from inventory.engine import DatabaseUrlError, said
from inventory.schema import SchemaError
from inventory.settings import SettingsError

DONE: Final = 0
WRONG_USE: Final = 2
SOME_LEFT: Final = 3
NO_DATABASE: Final = 4


class WrongUse(ValueError):
    """The arguments cannot be followed; the message says why."""


class DatabaseCommand(ScrapyCommand):
    """Base of a command that opens `DATABASE_URL` itself and needs no engine of Scrapy's.

    Set `name`; override `work`, which gives the exit status and raises what it cannot mend: `WrongUse`, the errors of
    settings, schema and database, and those of `wrong_use`. Each ends the command with one line on standard error and
    its status. `check` looks at the arguments before anything is opened.

        class Command(DatabaseCommand):
            name = "count"

            def work(self, args, opts):
                with closing(stored(load_settings())) as engine: ...
                return DONE
    """

    requires_project = True
    requires_crawler_process = False

    name: ClassVar[str]
    """As it is typed behind `scrapy`."""

    wrong_use: ClassVar[tuple[type[Exception], ...]] = ()
    """More errors that a person mends by other arguments or another file; their message says how."""

    when_lost: ClassVar[str] = ""
    """What is true of the work where the database is lost, behind the error."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's call before anything is set up."""
        super().process_options(args, opts)
        assert self.settings is not None
        quieten_command(self.settings)
        try:
            self.check(args, opts)
        except WrongUse as error:
            self.end(WRONG_USE, str(error))

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's call."""
        try:
            self.exitcode = self.work(args, opts)
        except (DatabaseUrlError, SchemaError, SettingsError, WrongUse) as error:
            self.end(WRONG_USE, str(error))
        except self.wrong_use as error:
            self.end(WRONG_USE, str(error))
        except NoDatabase as error:
            self.end(NO_DATABASE, f"DATABASE_URL: {error}")
        except SQLAlchemyError as error:
            self.end(NO_DATABASE, f"DATABASE_URL: the database cannot be used: {said(error)}{self.when_lost}")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """Look at the arguments. Raises `WrongUse`."""

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        """Do it; the exit status."""
        raise NotImplementedError(f"scrapy {self.name} does not say what it does")

    def end(self, status: int, message: str) -> NoReturn:
        """End with a line that names the command."""
        sys.stderr.write(f"scrapy {self.name}: {message}\n")
        sys.exit(status)
