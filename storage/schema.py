"""Bringing a database to the schema of this program. Imports Alembic, so the running bot never imports this."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event

from .engine import plain_engine, schema_of, sqlite_path


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def migrate(url: str, revision: str = "head") -> tuple[str | None, str | None]:
    """Upgrade (or create) the database; all of it or nothing. Returns the schema before and after."""
    if url.startswith("sqlite"):
        sqlite_path(url).parent.mkdir(parents=True, exist_ok=True)
    with plain_engine(url) as engine:
        if engine.dialect.name == "sqlite":
            # SQLite's driver would commit before DDL: we say BEGIN ourselves, so that a killed migration leaves the old schema.
            event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
            event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        with engine.begin() as connection:
            before = schema_of(connection)
            command.upgrade(_config(connection), revision)
            return before, schema_of(connection)
