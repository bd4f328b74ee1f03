"""A database is opened whole, by one process, at this schema and with its key, or not at all: each refusal says what to do."""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, Executable, create_engine, inspect, select, text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.pool import NullPool

import storage.migrations
from conference.model.errors import Misconfigured
from storage.engine import HEAD, LONGEST, Database, is_away, plain_engine, schema_of, sqlite_path
from storage.people import Sender, recognise
from storage.schema import migrate
from storage.sealed import Sealer, new_key
from storage.tables import UtcDateTime, accounts, due, facts, metadata
from tests.conftest import DATABASES
from tests.postgres import Cluster
from tests.town import DOOR, MakeDatabase

AT = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
MIGRATIONS = Path(storage.migrations.__file__).parent
OpenIt = Callable[..., Database]


@pytest.fixture
def open_at(key: str) -> Iterator[OpenIt]:
    """Opens (and at the end closes) the database of a URL."""
    opened: list[Database] = []

    def make(url: str, with_key: str = key) -> Database:
        database = Database(url, Sealer(with_key))
        opened.append(database)
        return database

    yield make
    for database in opened:
        database.close()


@pytest.fixture
def open_it(database_url: str, open_at: OpenIt) -> OpenIt:
    """Opens the test's own database, on both kinds; `with_key` may be another key."""
    return partial(open_at, database_url)


def problem(database: Database) -> str:
    """The one sentence with which the database is refused; fails when it is not."""
    with pytest.raises(Misconfigured) as caught:
        database.check()
    (sentence,) = caught.value.problems
    return sentence


def execute(url: str, *statements: str) -> None:
    with plain_engine(url) as engine, engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.fixture
def sqlite_url(make_database: MakeDatabase) -> str:
    return make_database("sqlite")


# -- the key -----------------------------------------------------------------------------------------------------------


def test_a_migrated_database_opens_again_and_again(open_it: OpenIt) -> None:
    for _ in range(3):
        database = open_it()
        database.check()
        database.check()
        database.close()


def test_another_key_is_refused_and_nothing_changes(open_it: OpenIt) -> None:
    database = open_it()
    database.check()
    database.close()
    other = open_it(with_key=new_key())
    assert problem(other).startswith("LIANXI_KEY is not the key of this database")
    other.close()
    open_it().check()


def test_a_new_key_in_front_of_the_old_one_is_taken(open_it: OpenIt, key: str) -> None:
    database = open_it()
    database.check()
    database.close()
    newer, newest = new_key(), new_key()
    for ring in (f"{newer},{key}", f"{newest},{newer},{key}", key):
        database = open_it(with_key=ring)
        database.check()
        database.close()
    assert "LIANXI_KEY is not the key" in problem(open_it(with_key=newer))


def test_keys_in_the_wrong_order_are_refused_for_nobody_would_be_recognised(open_it: OpenIt, key: str) -> None:
    database = open_it()
    database.check()
    with database.writer.begin() as connection:
        account = recognise(connection, database.sealer, DOOR, [Sender(7, "en")], AT)[7].account_id
    database.close()

    turned = open_it(with_key=f"{new_key()},{key}")
    turned.check()
    with turned.writer.begin() as connection:
        assert recognise(connection, turned.sealer, DOOR, [Sender(7, "en")], AT)[7].account_id == account
    turned.close()
    assert "wrong order" in problem(open_it(with_key=f"{key},{new_key()}"))


def test_no_key_no_database() -> None:
    with pytest.raises(Misconfigured, match="no key is set"):
        Sealer("")


# -- the schema --------------------------------------------------------------------------------------------------------


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database in which nothing has been made yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/folder/new.sqlite"
        return
    running: Cluster = request.getfixturevalue("postgres")
    name = f"empty_{request.node.name.partition('[')[0]}"[-60:]
    yield running.create_database(name)
    running.drop_database(name)


def revision(connection: Connection) -> str | None:
    return schema_of(connection)


def tables_of(url: str) -> set[str]:
    with plain_engine(url) as engine:
        return set(inspect(engine).get_table_names())


def test_a_database_without_schema_is_sent_to_migrate(open_at: OpenIt, empty_url: str) -> None:
    database = open_at(empty_url)
    assert problem(database) == f"the database is at schema none, this program needs {HEAD}: run `lianxi migrate`"
    database.close()
    assert migrate(empty_url) == (None, HEAD)
    open_at(empty_url).check()


def test_an_older_schema_is_sent_to_migrate_and_a_newer_one_is_left_alone(open_it: OpenIt, database_url: str) -> None:
    execute(database_url, "UPDATE alembic_version SET version_num = '0000'")
    database = open_it()
    assert problem(database) == f"the database is at schema 0000, this program needs {HEAD}: run `lianxi migrate`"
    database.close()

    execute(database_url, "UPDATE alembic_version SET version_num = '9999'")
    database = open_it()
    assert "is at schema 9999, newer than this program's" in problem(database)
    database.close()
    with pytest.raises(Misconfigured, match="is at schema 9999, newer than this program's"):
        migrate(database_url)


def test_migrating_twice_does_nothing_the_second_time(empty_url: str) -> None:
    assert migrate(empty_url) == (None, HEAD)
    assert migrate(empty_url) == (HEAD, HEAD)


def test_the_program_expects_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [HEAD]
    numbers = [found.revision for found in script.walk_revisions()]
    assert numbers == sorted(numbers, reverse=True), "schemas are compared as words: each must be greater than the one before"
    assert {len(number) for number in numbers} == {4}


def drift(engine: Engine) -> list[object]:
    """What would have to change for the database to be as `tables.py` says."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))


def test_migrations_and_tables_say_the_same(database_url: str) -> None:
    with plain_engine(database_url) as engine:
        assert drift(engine) == []


def test_a_difference_between_migrations_and_tables_would_be_seen(database_url: str) -> None:
    execute(database_url, "ALTER TABLE due ADD COLUMN stray INTEGER", "DROP INDEX ix_outbox_waiting")
    with plain_engine(database_url) as engine:
        assert len(drift(engine)) == 2


def test_partial_indices_are_partial_in_the_database_too(database_url: str) -> None:
    # Alembic's comparison does not look at the condition of an index.
    with plain_engine(database_url) as engine:
        found = {}
        for table in metadata.tables.values():
            for index in inspect(engine).get_indexes(table.name):
                where = index.get("dialect_options", {}).get(f"{engine.dialect.name}_where")
                if where is not None:
                    found[index["name"]] = re.sub(r"[()]", "", str(where))
    said = {index.name: str(index.dialect_options["sqlite"]["where"]) for table in metadata.tables.values() for index in table.indexes}
    assert found == {name: where for name, where in said.items() if where != "None"}
    assert len(found) >= 5


def downgrade(url: str) -> None:
    with plain_engine(url) as engine, engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "base")


def test_up_down_and_up_again(empty_url: str, open_at: OpenIt) -> None:
    migrate(empty_url)
    assert tables_of(empty_url) == {*metadata.tables, "alembic_version"}
    downgrade(empty_url)
    assert tables_of(empty_url) == {"alembic_version"}
    assert migrate(empty_url) == (None, HEAD)
    open_at(empty_url).check()


KILLED_INSIDE = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from storage.schema import migrate

left = int(sys.argv[2])

@event.listens_for(Engine, "after_cursor_execute")
def count(connection, cursor, statement, parameters, context, executemany):
    global left
    if statement.lstrip().upper().startswith(("CREATE", "INSERT", "DROP")):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

migrate(sys.argv[1])
"""


@pytest.mark.parametrize("statement", [1, 2, 7, 20, 25])
def test_a_migration_that_is_killed_leaves_the_old_schema_and_can_be_run_again(empty_url: str, statement: int) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED_INSIDE, empty_url, str(statement)], capture_output=True, check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert tables_of(empty_url) == set()
    assert migrate(empty_url) == (None, HEAD)


def test_a_migration_does_not_run_under_a_desk(sqlite_url: str, open_at: OpenIt) -> None:
    desk = open_at(sqlite_url)
    with pytest.raises(Misconfigured, match="another process already works on"):
        migrate(sqlite_url)
    desk.close()
    assert migrate(sqlite_url) == (HEAD, HEAD)


# -- one process on SQLite ---------------------------------------------------------------------------------------------

OPENED_ELSEWHERE = """
import sys
from conference.model.errors import Misconfigured
from storage.engine import Database
from storage.sealed import Sealer
try:
    database = Database(sys.argv[1], Sealer(sys.argv[2]))
    database.check()
except Misconfigured as error:
    print(error)
else:
    print("opened", flush=True)
    sys.stdin.readline()
"""


def test_a_second_process_is_refused_on_sqlite(sqlite_url: str, key: str, open_at: OpenIt) -> None:
    first = open_at(sqlite_url)
    first.check()
    arguments = [sys.executable, "-c", OPENED_ELSEWHERE, sqlite_url, key]
    refused = subprocess.run(arguments, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL, timeout=60)
    assert refused.stdout.startswith("another process already works on")
    assert "use PostgreSQL" in refused.stdout

    first.close()
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "opened\n"
        with pytest.raises(Misconfigured, match="another process already works on"):
            open_at(sqlite_url)
        other.kill()
    open_at(sqlite_url).check()  # a lock does not outlive its process


def test_several_processes_may_work_on_postgresql(make_database: MakeDatabase, open_at: OpenIt) -> None:
    url = make_database("postgresql")
    open_at(url).check()
    open_at(url).check()


# -- damage, and what only looks like it -------------------------------------------------------------------------------


def fill(url: str, key: str) -> None:
    database = Database(url, Sealer(key))
    database.check()
    with database.writer.begin() as connection:
        recognise(connection, database.sealer, DOOR, [Sender(number, "en") for number in range(500)], AT)
    database.close()
    with sqlite3.connect(sqlite_path(url)) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    plain.close()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9000])


def overwrite_head(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[:100] = bytes(range(100))
    path.write_bytes(content)


def scramble_pages(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for page in range(1, len(content) // 4096):
        content[page * 4096 : page * 4096 + 12] = b"\xff" * 12
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [cut, overwrite_head, scramble_pages])
def test_a_damaged_file_is_refused(sqlite_url: str, key: str, open_at: OpenIt, damage: Callable[[Path], None]) -> None:
    fill(sqlite_url, key)
    damage(sqlite_path(sqlite_url))
    assert problem(open_at(sqlite_url)).startswith("the database is damaged (")


def test_migrating_a_damaged_file_is_refused(sqlite_url: str) -> None:
    overwrite_head(sqlite_path(sqlite_url))
    with pytest.raises(Misconfigured, match="the database is damaged"):
        migrate(sqlite_url)


def test_a_database_held_by_another_program_is_not_called_damaged(
    sqlite_url: str, open_at: OpenIt, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_at(sqlite_url)
    with database.writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    database.reader.dispose()
    other = sqlite3.connect(sqlite_path(sqlite_url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        sentence = problem(database)
    finally:
        other.close()
    assert "cannot be used now (database is locked)" in sentence
    assert "damaged" not in sentence


def test_a_path_that_is_a_folder_is_not_called_damaged(tmp_path: Path, open_at: OpenIt) -> None:
    (tmp_path / "x.sqlite").mkdir()
    sentence = problem(open_at(f"sqlite:///{tmp_path}/x.sqlite"))
    assert "unable to open database file" in sentence
    assert "damaged" not in sentence


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, open_at: OpenIt) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(Misconfigured, match=r"LIANXI_DATABASE_URL: no file can be written beside x\.sqlite"):
        open_at(f"sqlite:///{tmp_path}/file/x.sqlite")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///?mode=memory"])
def test_a_database_in_memory_is_refused(url: str, open_at: OpenIt) -> None:
    with pytest.raises(Misconfigured, match="in-memory database would lose everything"):
        open_at(url)


def test_postgresql_that_does_not_answer_is_named(open_at: OpenIt, tmp_path: Path) -> None:
    url = f"postgresql+psycopg://nobody@/none?host={tmp_path}"
    sentence = problem(open_at(url))
    assert sentence.startswith("the database does not answer: ")
    assert "LIANXI_DATABASE_URL" in sentence
    with pytest.raises(Misconfigured, match="the database does not answer"):
        migrate(url)


# -- how the connections are -------------------------------------------------------------------------------------------


def pragma(connection: Connection, name: str) -> object:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_the_writer_of_sqlite_is_durable_and_strict(sqlite_url: str, open_at: OpenIt) -> None:
    with open_at(sqlite_url).writer.connect() as connection:
        wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0, "secure_delete": 1}
        wanted["wal_autocheckpoint"] = LONGEST  # pages: before, no commit copies the log
        assert {name: pragma(connection, name) for name in wanted} == wanted


def test_the_writer_takes_the_write_lock_at_once(sqlite_url: str, open_at: OpenIt) -> None:
    database = open_at(sqlite_url)
    other = sqlite3.connect(sqlite_path(sqlite_url), timeout=0, isolation_level=None)
    with database.writer.begin(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()


def test_foreign_keys_hold(open_it: OpenIt) -> None:
    database = open_it()
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"), database.writer.begin() as connection:
        connection.execute(text("INSERT INTO conversations (account_id, touched_at) VALUES (4711, 0)"))


def test_a_reader_of_sqlite_cannot_write_and_does_not_wait_for_the_writer(sqlite_url: str, open_at: OpenIt) -> None:
    database = open_at(sqlite_url)
    database.check()
    with database.reader.connect() as connection, pytest.raises(DBAPIError, match="readonly"):
        connection.execute(facts.delete())
    with database.writer.begin() as writing:
        writing.execute(facts.delete())
        with database.reader.connect() as connection:
            assert len(connection.execute(select(facts)).all()) == 2, "a reader sees what was committed"


def test_errors_do_not_carry_the_values(open_it: OpenIt) -> None:
    with pytest.raises(DBAPIError) as caught, open_it().writer.begin() as connection:
        connection.execute(due.insert().values(key="k", kind="k", subject="Kanarienvogel", data={}, due_at=None, state=0, attempts=0))
    assert "due_at" in str(caught.value)
    assert "[SQL parameters hidden due to hide_parameters=True]" in str(caught.value)


# -- times -------------------------------------------------------------------------------------------------------------

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=zones)  # noqa: DTZ001 -- the strategy adds the zone
DIALECT = create_engine("sqlite://", poolclass=NullPool).dialect


@given(moments)
def test_a_time_comes_back_as_the_same_moment_in_utc(at: datetime) -> None:
    kind = UtcDateTime()
    stored = kind.process_bind_param(at, DIALECT)
    back = kind.process_result_value(stored, DIALECT)
    assert isinstance(stored, int)
    assert back == at
    assert back is not None
    assert back.utcoffset() == timedelta(0)


@given(moments, moments)
def test_stored_times_sort_as_times_do(one: datetime, other: datetime) -> None:
    kind = UtcDateTime()
    first, second = kind.process_bind_param(one, DIALECT), kind.process_bind_param(other, DIALECT)
    assert first is not None
    assert second is not None
    assert (first < second) == (one < other)


def test_a_time_without_zone_is_refused(open_it: OpenIt) -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 -- the mistake under test
    with pytest.raises(StatementError, match="naive datetime"), open_it().writer.begin() as connection:
        connection.execute(due.insert().values(key="k", kind="k", subject="s", data={}, due_at=naive, state=0, attempts=0))


@pytest.mark.parametrize(
    "at", [AT + timedelta(microseconds=1), AT.astimezone(timezone(timedelta(hours=8))), datetime(1969, 1, 1, tzinfo=UTC)]
)
def test_a_time_goes_through_the_database_to_the_microsecond(open_it: OpenIt, at: datetime) -> None:
    with open_it().writer.begin() as connection:
        connection.execute(due.insert().values(key="k", kind="k", subject="s", data={}, due_at=at, state=0, attempts=0))
        assert connection.execute(select(due.c.due_at)).scalar_one() == at


# -- away, or only wrong -----------------------------------------------------------------------------------------------


def test_a_statement_that_the_database_refuses_is_not_an_absence(open_it: OpenIt) -> None:
    database = open_it()
    wrong: list[Executable] = [
        text("SELECT nothing FROM nowhere"),
        text("SELEKT 1"),
        accounts.insert().values(channel="x"),
        text("INSERT INTO conversations (account_id, touched_at) VALUES (4711, 0)"),
    ]
    for statement in wrong:
        with pytest.raises(DBAPIError) as caught, database.writer.begin() as connection:
            connection.execute(statement)
        assert not is_away(caught.value), statement
    assert not is_away(ValueError("no"))


def test_a_locked_sqlite_is_away(sqlite_url: str, open_at: OpenIt) -> None:
    database = open_at(sqlite_url)
    with database.writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=0")
    other = sqlite3.connect(sqlite_path(sqlite_url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DBAPIError, match="database is locked") as caught, database.writer.begin():
        pass
    other.close()
    assert is_away(caught.value)
    with database.writer.begin() as connection:
        connection.execute(facts.delete())


def test_a_full_disk_is_away(sqlite_url: str, open_at: OpenIt) -> None:
    database = open_at(sqlite_url)
    with database.writer.connect() as connection:
        pages = pragma(connection, "page_count")
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(DBAPIError, match="full") as caught, database.writer.begin() as connection:
        connection.execute(facts.insert().values(name="big", value=bytes(1_000_000)))
    assert is_away(caught.value)


def test_a_file_that_cannot_be_written_is_away(sqlite_url: str, open_at: OpenIt) -> None:
    database = open_at(sqlite_url)
    with database.writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    with pytest.raises(DBAPIError, match="readonly") as caught, database.writer.begin() as connection:
        connection.execute(facts.delete())
    assert is_away(caught.value)


def test_a_backend_that_was_killed_is_away_and_the_next_connection_works(make_database: MakeDatabase, open_at: OpenIt) -> None:
    database = open_at(make_database("postgresql"))
    with database.writer.connect() as connection:
        backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with plain_engine(database.url) as engine, engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": backend})
        with pytest.raises(DBAPIError) as caught:
            connection.execute(text("SELECT 1"))
    assert is_away(caught.value)
    with database.writer.begin() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1


def test_no_server_is_away(tmp_path: Path) -> None:
    with (
        plain_engine(f"postgresql+psycopg://nobody@/none?host={tmp_path}") as engine,
        pytest.raises(DBAPIError) as caught,
        engine.connect(),
    ):
        pass
    assert is_away(caught.value)
