"""Bringing a database to the schema of this program. Imports Alembic, so the running bot never imports this."""

from __future__ import annotations

import contextlib
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event
from sqlalchemy.exc import DatabaseError

from conference.model.errors import Misconfigured

from .engine import HEAD, NEWER, lock_file, plain_engine, schema_of, sqlite_path, trouble


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def migrate(url: str, revision: str = "head") -> tuple[str | None, str | None]:
    """Upgrade (or create) the database; all of it or nothing. Returns the schema before and after.

    Raises Misconfigured: a desk runs on it (SQLite), it is newer than this program, it does not answer, or it is damaged.
    """
    with contextlib.ExitStack() as held, plain_engine(url) as engine:
        if url.startswith("sqlite"):
            held.enter_context(lock_file(sqlite_path(url)))
        if engine.dialect.name == "sqlite":
            # SQLite's driver would commit before DDL: we say BEGIN ourselves, so that a killed migration leaves the old schema.
            event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
            event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        try:
            with engine.begin() as connection:
                before = schema_of(connection)
                if before is not None and before > HEAD:
                    raise Misconfigured(NEWER.format(current=before, head=HEAD))
                command.upgrade(_config(connection), revision)
                return before, schema_of(connection)
        except DatabaseError as error:
            raise trouble(error) from error
