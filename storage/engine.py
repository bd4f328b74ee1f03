"""Opening a database: SQLite for one process, PostgreSQL past one machine, chosen by the URL."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo
from pathlib import Path
from typing import IO, Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, select, text
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.pool import NullPool, QueuePool

from conference.model.errors import Misconfigured

from .conferences import Conferences
from .sealed import Purpose, Sealer, Unopenable
from .tables import facts

HEAD = "0005"  # the schema this code was written for; a test holds it against the migrations
CHANGES = 5_000  # changed rows after which SQLite's log is copied when nobody waits
LONGEST = 4_000  # pages (16 MiB) of the log past which a commit copies it, however many wait


class Database:
    """One open database: a writing engine for the one writer thread, a reading engine for everybody else.

    On SQLite a file lock beside the database refuses a second process. Raises Misconfigured with a sentence that says
    what to do.
    """

    def __init__(self, url: str, sealer: Sealer, served: Sequence[str] = ("badong",), zone: tzinfo = UTC) -> None:
        self.url = url
        self.sealer = sealer
        self.is_sqlite = url.startswith("sqlite")
        self._lock: IO[str] | None = None
        self._copied_at = 0  # the writer's count of changed rows when it last copied SQLite's log
        if self.is_sqlite:
            self._lock = lock_file(sqlite_path(url))
            self.writer = _sqlite_engine(url, writing=True)
            self.reader = _sqlite_engine(url, writing=False)
        else:
            self.writer = _postgres_engine(url)
            self.reader = self.writer
        self.conferences = Conferences(self.reader, served, zone)

    def check(self) -> None:
        """Refuse a damaged database, another schema, or another key. Raises Misconfigured."""
        try:
            with self.reader.connect() as connection:
                if self.is_sqlite and (found := connection.exec_driver_sql("PRAGMA quick_check").scalar()) != "ok":
                    raise Misconfigured(_DAMAGED.format(found=found))
                current = schema_of(connection)
        except DatabaseError as error:
            raise trouble(error) from error
        if current is None or current < HEAD:
            raise Misconfigured(f"the database is at schema {current or 'none'}, this program needs {HEAD}: run `lianxi migrate`")
        if current > HEAD:
            raise Misconfigured(NEWER.format(current=current, head=HEAD))
        try:
            self._check_key()
        except DatabaseError as error:
            raise trouble(error) from error

    def _check_key(self) -> None:
        index = self.sealer.index("check", "lianxi")
        with self.writer.begin() as connection:
            known = {row.name: bytes(row.value) for row in connection.execute(select(facts))}
            if "key_check" not in known:
                value = self.sealer.seal(Purpose.CHECK, "facts.value", "key_check", b"lianxi")
                connection.execute(facts.insert().values([{"name": "key_check", "value": value}, {"name": "index_check", "value": index}]))
                return
        try:
            self.sealer.open(Purpose.CHECK, "facts.value", "key_check", known["key_check"])
        except Unopenable:
            raise Misconfigured(
                "LIANXI_KEY is not the key of this database: set the right one (old keys go behind the new one, with a comma)"
            ) from None
        # Everything opens with the keys in any order, but indices are made with the last: in the wrong order nobody would be recognised.
        if known.get("index_check", index) != index:
            raise Misconfigured("LIANXI_KEY: its keys are in the wrong order: new ones go in front, the first one of all stays last")

    def tidy(self, connection: Connection) -> None:
        """For the worker, with its connection, when nobody waits: SQLite's log of committed pages is copied into the database.

        Left to itself SQLite copies it in the commit that makes it longer than a thousand pages, and everybody in that commit waits.
        On this connection and no other: SQLite before 3.51.3 may lose pages where one copies while another writes
        (sqlite.org/wal.html, the WAL-reset bug). Raises sqlite3.Error; nothing is lost then, the log goes on.
        """
        if not self.is_sqlite:
            return
        driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]  # SQLite's, as asked
        if abs(driver.total_changes - self._copied_at) >= CHANGES:  # less than before on a new connection
            self._copied_at = driver.total_changes
            driver.execute("PRAGMA wal_checkpoint(PASSIVE)").close()

    def close(self) -> None:
        self.writer.dispose()
        self.reader.dispose()
        if self._lock is not None:
            self._lock.close()


NEWER = "the database is at schema {current}, newer than this program's {head}: install the newer program, or restore a backup"
_DAMAGED = "the database is damaged ({found}): do not start on it; keep a copy and restore the last backup"


def trouble(error: DBAPIError) -> Misconfigured:
    """What an operator should do about an error met while opening a database: damage is never guessed."""
    found, cause = _first_line(error), error.orig
    if isinstance(cause, sqlite3.Error):
        if getattr(cause, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return Misconfigured(_DAMAGED.format(found=found))
        return Misconfigured(f"the database cannot be used now ({found}): is it held by another program, its disk full or not writable?")
    if str(getattr(cause, "sqlstate", None) or "").startswith("XX"):
        return Misconfigured(_DAMAGED.format(found=found))
    return Misconfigured(f"the database does not answer: {found}; check LIANXI_DATABASE_URL and that it runs")


def schema_of(connection: Connection) -> str | None:
    """The revision the database is at, None for an empty one."""
    exists = connection.dialect.has_table(connection, "alembic_version")
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if exists else None


def sqlite_path(url: str) -> Path:
    path = url.partition(":///")[2].partition("?")[0]
    if not path or path == ":memory:":
        raise Misconfigured(
            "LIANXI_DATABASE_URL: an in-memory database would lose everything; write sqlite:///FILE or postgresql+psycopg://…"
        )
    return Path(path)


def lock_file(path: Path) -> IO[str]:
    """Held open by whoever works on the database. Raises Misconfigured if somebody else does."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(path.name + ".lock").open("a+")
    except OSError as error:
        raise Misconfigured(f"LIANXI_DATABASE_URL: no file can be written beside {path.name} ({error.strerror})") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise Misconfigured(f"another process already works on {path.name}: stop it first, or use PostgreSQL for several") from None
    lock.truncate(0)  # only now: a refused process leaves it as it was
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _as_json(value: Any) -> str:
    return orjson.dumps(value).decode()


_JSON: dict[str, Any] = {"json_serializer": _as_json, "json_deserializer": orjson.loads}


def _sqlite_engine(url: str, *, writing: bool) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=1 if writing else 4,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"timeout": 15, "check_same_thread": False, "cached_statements": 256},
        **_JSON,
    )

    _plain_savepoints(engine)

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves: the driver would begin too late (lost updates)
        pragmas = ["journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF", "secure_delete=ON"]
        pragmas.append(f"wal_autocheckpoint={LONGEST}")
        if not writing:
            pragmas = ["query_only=ON"]
        for pragma in pragmas:
            connection.execute("PRAGMA " + pragma).close()

    if writing:

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgres_engine(url: str) -> Engine:
    engine = create_engine(url, pool_size=5, pool_pre_ping=False, hide_parameters=True, connect_args={"connect_timeout": 5}, **_JSON)
    _plain_savepoints(engine)
    return engine


def _plain_savepoints(engine: Engine) -> None:
    """A savepoint's name is new each time, so SQLAlchemy compiles its three statements anew: longer than they run."""
    for act, words in (
        ("savepoint", "SAVEPOINT"),
        ("release_savepoint", "RELEASE SAVEPOINT"),
        ("rollback_to_savepoint", "ROLLBACK TO SAVEPOINT"),
    ):
        setattr(engine.dialect, f"do_{act}", lambda connection, name, words=words: connection.exec_driver_sql(f"{words} {name}"))


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).strip().split("\n")[0]


_SQLITE_AWAY = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
    }
)


def is_away(error: BaseException) -> bool:
    """Whether the database itself is out of reach or cannot write now (as against a statement that it refuses)."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _SQLITE_AWAY
    state = getattr(cause, "sqlstate", None)
    # PostgreSQL: no state is a broken connection; 08 connection, 53 resources, 57P shutting down.
    return isinstance(error, OperationalError) and (state is None or state[:2] in ("08", "53") or state[:3] == "57P")


def may_lead(connection: Connection, key: int) -> bool:
    """PostgreSQL: whether this connection holds the lock of this number now; it falls with the connection."""
    return bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar())


def is_there(connection: Connection) -> bool:
    """Raises DBAPIError where the connection is broken."""
    return bool(connection.execute(text("SELECT 1")).scalar())


@contextlib.contextmanager
def plain_engine(url: str) -> Iterator[Engine]:
    """An engine for a command that runs alone (migrations)."""
    kwargs: dict[str, Any] = {"poolclass": NullPool, "hide_parameters": True}
    engine = create_engine(url, **kwargs)
    try:
        yield engine
    finally:
        engine.dispose()
