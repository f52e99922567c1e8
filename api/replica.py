"""Where reads go: the replica of DATABASE_READ_URL, and DATABASE_URL while it is gone (READ_FALLBACK=primary)."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from inventory.engine import CONNECT_TIMEOUT_S, reader_engine, said
from inventory.settings import Settings

log = logging.getLogger(__name__)

Name = Literal["primary", "replica"]
PROBE_S: Final = 2.0
"""While the replica is gone it is looked at this often; no request waits for that."""
CONNECT_S: Final = 3
"""How long a replica that can be done without may take to accept a connection."""
_LAG: Final = text("""
    SELECT pg_is_in_recovery() AS standby,
           EXISTS (SELECT FROM pg_stat_wal_receiver) AS streaming,
           pg_last_wal_receive_lsn() IS NOT DISTINCT FROM pg_last_wal_replay_lsn() AS caught_up,
           extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float AS behind_s
""")


@dataclass(frozen=True, slots=True)
class Place:
    """One server and its pool."""

    name: Name
    engine: Engine
    autocommit: Engine
    """The same pool; single statements need no transaction: two round trips fewer on PostgreSQL."""

    @classmethod
    def at(cls, name: Name, engine: Engine) -> Place:
        """The place that the engine reaches."""
        return cls(name, engine, engine.execution_options(isolation_level="AUTOCOMMIT"))

    @property
    def url(self) -> URL:
        """Of its database."""
        return self.engine.url


class Places:
    """The place that is read now. Threads share it."""

    def __init__(self, settings: Settings) -> None:
        replica = settings.database_read_url is not None
        spare = replica and settings.read_fallback == "primary" and settings.read_url != settings.write_url
        self.connect_timeout_s: Final = CONNECT_S if spare else CONNECT_TIMEOUT_S
        engine = reader_engine(settings, connect_timeout_s=self.connect_timeout_s)
        self._usual = Place.at("replica" if replica else "primary", engine)
        self._spare: Place | None = None
        if spare:
            primary = settings.model_copy(update={"database_read_url": None})
            self._spare = Place.at("primary", reader_engine(primary))
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self.now = self._usual
        self.generation = 0
        """Grows each time that reads go elsewhere."""

    @property
    def has_replica(self) -> bool:
        """Whether DATABASE_READ_URL is set."""
        return self._usual.name == "replica"

    @property
    def url(self) -> URL:
        """Of the database that is read now."""
        return self.now.url

    def all(self) -> list[Place]:
        """Each place that may be read."""
        return [self._usual, *([self._spare] if self._spare else [])]

    def connect(self, *, autocommit: bool) -> Connection:
        """A connection to the place that is read now, or to the other where this one is gone."""
        place = self.now
        try:
            return (place.autocommit if autocommit else place.engine).connect()
        except OperationalError as error:
            if not self.lost(place, error):
                raise
        return (self.now.autocommit if autocommit else self.now.engine).connect()

    def lost(self, place: Place, error: SQLAlchemyError) -> bool:
        """Says that a place does not answer. Whether another is read now."""
        if self._spare is None or place is not self._usual:
            return False
        with self._lock:
            if self.now is self._usual:
                log.warning("the replica is gone (%s): reading at the primary until it is back", said(error))
                self.now = self._spare
                self.generation += 1
                threading.Thread(target=self._wait_for_usual, name="replica-probe", daemon=True).start()
        return True

    def close(self) -> None:
        """Closes all idle connections and ends the probe."""
        self._stop.set()
        for place in self.all():
            place.engine.dispose()

    def _wait_for_usual(self) -> None:
        while not self._stop.wait(PROBE_S):
            try:
                with self._usual.autocommit.connect() as connection:
                    connection.execute(text("SELECT 1"))
            except SQLAlchemyError:
                continue
            with self._lock:
                self.now = self._usual
                self.generation += 1
            log.warning("the replica is back: reading there again")
            return


def replica_state(connection: Connection) -> dict[str, Any]:
    """`standby`, whether it is `streaming` from its primary, and `lag_s`: how old what it shows may be, in seconds.

    0 where all that was received is shown; None where nothing was ever replayed. On PostgreSQL only.
    """
    found = connection.execute(_LAG).one()
    lag_s = None
    if found.standby and found.streaming and found.caught_up:
        lag_s = 0.0
    elif found.standby and found.behind_s is not None:
        lag_s = round(max(found.behind_s, 0.0), 1)
    return {"standby": found.standby, "streaming": found.streaming, "lag_s": lag_s}
