"""What is sealed stays sealed: under its key, in its row, for its purpose, and nowhere else in the files of the database."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import LargeBinary, text
from sqlalchemy.engine import make_url

from conference.model import told
from conference.model.errors import Misconfigured
from conference.model.reports import Report, Statement, StatementKind
from storage import inbox, outbox
from storage.engine import Database
from storage.inbox import Arrival
from storage.mapping import map_entities
from storage.people import Sender, recognise
from storage.sealed import Purpose, Sealer, Unopenable, new_key, parse_keys
from storage.tables import SEALED, metadata
from storage.unit_of_work import Transaction, Unit
from tests.town import DOOR

AT = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
OLD, NEW = new_key(), new_key()
SEALER = Sealer(OLD)

purposes = st.sampled_from(list(Purpose))
wheres = st.sampled_from(sorted(SEALED))
rows = st.one_of(st.integers(), st.text(max_size=20))


@given(purposes, wheres, rows, st.binary(max_size=2000))
def test_what_is_sealed_opens_again_and_cannot_be_read_meanwhile(purpose: Purpose, where: str, row: str | int, value: bytes) -> None:
    sealed = SEALER.seal(purpose, where, row, value)
    assert SEALER.open(purpose, where, row, sealed) == value
    assert len(value) < 4 or value not in sealed
    assert SEALER.seal(purpose, where, row, value) != sealed, "the same value twice must not be recognised"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(json_values)
def test_structured_values_come_back_as_they_were(value: Any) -> None:
    sealed = SEALER.seal_json(Purpose.TRAFFIC, "outbox.data_sealed", "k", value)
    assert SEALER.open_json(Purpose.TRAFFIC, "outbox.data_sealed", "k", sealed) == value


@pytest.mark.parametrize(
    ("purpose", "where", "row"),
    [
        (Purpose.NARRATIVE, "statements.body_sealed", "another row"),
        (Purpose.NARRATIVE, "outbox.data_sealed", "row"),
        (Purpose.TRAFFIC, "statements.body_sealed", "row"),
        (Purpose.IDENTITY, "statements.body_sealed", "row"),
    ],
    ids=["another row", "another column", "another purpose", "the identity key"],
)
def test_a_sealed_value_does_not_open_elsewhere(purpose: Purpose, where: str, row: str) -> None:
    sealed = SEALER.seal(Purpose.NARRATIVE, "statements.body_sealed", "row", b"words")
    assert SEALER.open(Purpose.NARRATIVE, "statements.body_sealed", "row", sealed) == b"words"
    with pytest.raises(Unopenable) as caught:
        SEALER.open(purpose, where, row, sealed)
    assert caught.value.where == where


def test_another_key_opens_nothing() -> None:
    sealed = SEALER.seal(Purpose.NARRATIVE, "statements.body_sealed", 1, b"words")
    with pytest.raises(Unopenable):
        Sealer(NEW).open(Purpose.NARRATIVE, "statements.body_sealed", 1, sealed)


@given(st.binary(min_size=1, max_size=64), st.data())
def test_one_changed_bit_is_noticed(value: bytes, data: st.DataObject) -> None:
    sealed = bytearray(SEALER.seal(Purpose.TRAFFIC, "inbox.payload_sealed", 1, value))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unopenable):
        SEALER.open(Purpose.TRAFFIC, "inbox.payload_sealed", 1, bytes(sealed))


def test_a_value_cut_short_at_any_place_is_noticed() -> None:
    sealed = SEALER.seal(Purpose.TRAFFIC, "inbox.payload_sealed", 1, b"words")
    for length in range(len(sealed)):
        with pytest.raises(Unopenable):
            SEALER.open(Purpose.TRAFFIC, "inbox.payload_sealed", 1, sealed[:length])


def test_a_new_key_in_front_opens_what_the_old_one_sealed_and_seals_with_the_new() -> None:
    turned = Sealer(f"{NEW},{OLD}")
    before = SEALER.seal(Purpose.IDENTITY, "accounts.address_sealed", "a", b"7")
    assert turned.open(Purpose.IDENTITY, "accounts.address_sealed", "a", before) == b"7"
    after = turned.seal(Purpose.IDENTITY, "accounts.address_sealed", "a", b"7")
    assert Sealer(NEW).open(Purpose.IDENTITY, "accounts.address_sealed", "a", after) == b"7"
    with pytest.raises(Unopenable):
        SEALER.open(Purpose.IDENTITY, "accounts.address_sealed", "a", after)


def test_a_rotation_keeps_every_index_and_the_old_buttons() -> None:
    turned = Sealer(f"{NEW},{OLD}")
    assert turned.index("telegram", 4711) == SEALER.index("telegram", 4711)
    assert Sealer(NEW).index("telegram", 4711) != SEALER.index("telegram", 4711)
    assert turned.button_keys == [*Sealer(NEW).button_keys, *SEALER.button_keys]


@given(st.integers(), st.integers())
def test_an_index_is_equal_exactly_for_equal_values(one: int, other: int) -> None:
    assert (SEALER.index("telegram", one) == SEALER.index("telegram", other)) == (one == other)
    assert SEALER.index("telegram", one) != SEALER.index("reporter", one), "two tables must not be joined over their indices"
    assert len(SEALER.index("telegram", one)) == 16


@pytest.mark.parametrize(
    "written",
    ["abc", base64.b64encode(bytes(31)).decode(), base64.b64encode(bytes(33)).decode(), "*" * 44, "é" * 44, f"{OLD},kurz", f"{OLD} {NEW}"],
    ids=["short", "31 bytes", "33 bytes", "no base64", "no ASCII", "a good one and a bad one", "no comma"],
)
def test_a_key_that_is_none_is_refused_with_what_is_allowed(written: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        Sealer(written)
    (sentence,) = caught.value.problems
    assert sentence.startswith("LIANXI_KEY: ")
    assert "32 bytes in base64" in sentence
    assert "`lianxi key`" in sentence
    assert OLD not in sentence
    assert "kurz" not in sentence


@pytest.mark.parametrize("written", ["", " ", ",", " , "])
def test_without_a_key_nothing_starts(written: str) -> None:
    with pytest.raises(Misconfigured, match=r"^LIANXI_KEY: no key is set.*`lianxi key` makes one"):
        Sealer(written)


def test_keys_may_stand_with_spaces_and_a_last_comma() -> None:
    assert parse_keys(f" {NEW} , {OLD},") == [base64.b64decode(NEW), base64.b64decode(OLD)]


def test_fresh_keys_are_keys_and_differ() -> None:
    made = {new_key() for _ in range(50)}
    assert len(made) == 50
    assert all(len(parse_keys(each)[0]) == 32 for each in made)


# -- the inventory -----------------------------------------------------------------------------------------------------


def test_the_inventory_names_exactly_the_sealed_columns() -> None:
    named = {
        f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.columns if column.name.endswith("_sealed")
    }
    assert named == SEALED


def test_every_column_of_bytes_is_sealed_or_known_not_to_need_it() -> None:
    # A new column of bytes must be named here with its reason, or be sealed.
    bare = {
        "inbox.payload_hash",  # 16 bytes of SHA-256 over a whole update
        "inbox.sender_index",  # blind indices
        "accounts.address_index",
        "reporters.account_index",
        "reporters.receipt_digest",  # Argon2id over 80 random bits
        "invitations.token_index",  # of 128 and 80 random bits
        "invitations.code_index",
        "guests.token_index",
        "profile_versions.source",  # a public document
        "profile_versions.digest",
        "facts.value",  # the key's check values
    }
    binary = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert binary == SEALED | bare


# -- canaries ----------------------------------------------------------------------------------------------------------

WORDS = "Kanarienvogel-3b81"
TELEGRAM = 7_345_918_226_401
UPDATE = b'{"update_id":1,"message":{"text":"Kanarienvogel-3b81"}}'
PLAIN = "report.waiting:12"  # stands in clear on purpose: proof that the search finds what is there


def _store_canaries(database: Database) -> None:
    """An update, a conversation, a message out, a report's statement and reporter, an account: all with canaries inside."""
    map_entities()
    with database.writer.begin() as connection:
        inbox.store(connection, database.sealer, [Arrival(1, 1, TELEGRAM, UPDATE)], AT)
        actor = recognise(connection, database.sealer, DOOR, [Sender(TELEGRAM, "en")], AT)[TELEGRAM]
        transaction = Transaction(connection, database.sealer, AT, database.conferences)
        unit = Unit(transaction, "u1")
        report = Report(
            number="2026-00001", draft="d", conference="badong", questionnaire="1", subject=None, situation="x", danger=None, place=None,
            reporter_kind="citizen", mandatory=False, filed_at=AT,
        )  # fmt: skip
        unit.reports.add(report)
        assert report.id is not None
        words = Statement(StatementKind.WORDS, {"text": WORDS}, AT)
        unit.statements.add(report.id, [words, Statement(StatementKind.PLACE, {"text": str(TELEGRAM)}, AT)])
        unit.reporters.bind(report.id, actor.account_id, os.urandom(32), {"contact": str(TELEGRAM), "unit": WORDS}, at=AT)
        unit.change_conversation(actor.account_id, state="report:words", data={"answers": {"words": WORDS}, "from": TELEGRAM})
        unit.tell(actor.account_id, told.IncidentOpened("kind", WORDS, str(TELEGRAM)), only_while=PLAIN, key=f"filed:{WORDS}")
        unit.succeed()
        transaction.flush()


def _forms(word: str | int) -> Iterator[bytes]:
    """The canary as it would stand in a file: as text, in UTF-16, in base64, in hex, as a number of eight bytes."""
    raw = str(word).encode()
    yield from (raw, str(word).encode("utf-16-le"), raw.hex().encode(), raw.hex().upper().encode())
    for shift in range(3):  # base64 at any alignment, without the characters that depend on the neighbours
        yield base64.b64encode(bytes(shift) + raw)[4 if shift else 0 : -4]
    if isinstance(word, int):
        yield from (word.to_bytes(8, "big"), word.to_bytes(8, "little"), word.to_bytes(8, "big").hex().encode())


def _on_disk(database: Database) -> bytes:
    """Every byte that the database wrote: SQLite's files with the log, or all rows of all tables of PostgreSQL."""
    if database.is_sqlite:
        path = Path(make_url(database.url).database or "")
        files = [file for file in path.parent.iterdir() if file.name.startswith(path.name)]
        assert {file.name for file in files} >= {path.name, path.name + "-wal"}, "the log is part of what a thief gets"
        return b"".join(file.read_bytes() for file in files)
    found = []
    with database.reader.connect() as connection:
        for table in metadata.tables:
            found += [row.encode() for row in connection.execute(text(f"SELECT row_to_json(t)::text FROM {table} t")).scalars()]
            for row in connection.execute(text(f"SELECT * FROM {table}")):
                found += [bytes(value) for value in row if isinstance(value, (bytes, memoryview))]
    return b"\n".join(found)


@pytest.fixture
def database(database_url: str, key: str) -> Iterator[Database]:
    opened = Database(database_url, Sealer(key))
    opened.check()
    yield opened
    opened.close()


def test_no_canary_is_found_where_the_database_wrote(database: Database) -> None:
    _store_canaries(database)
    written = _on_disk(database)
    assert PLAIN.encode() in written, "the search would not find what is there"
    found = {(word, form) for word in (WORDS, TELEGRAM) for form in _forms(word) if form in written}
    assert not found


def test_what_the_canaries_were_can_be_read_with_the_key(database: Database) -> None:
    _store_canaries(database)
    with database.writer.begin() as connection:
        (waiting,) = inbox.waiting(connection, database.sealer, 1, AT, 10)
        assert waiting.body == UPDATE
        (row,) = outbox.look(connection, [row.id for row in outbox.ready(connection, AT, after={2: 0}, most=9)])
        claimed = outbox.open_row(database.sealer, row, None)
        assert (claimed.chat, claimed.record) == (TELEGRAM, told.IncidentOpened("kind", WORDS, str(TELEGRAM)))
        unit = Unit(Transaction(connection, database.sealer, AT, database.conferences), "u2")
        assert [statement.body for statement in unit.statements.of(1)] == [{"text": WORDS}, {"text": str(TELEGRAM)}]
        assert unit.reporters.account_of(1) == row.account_id
        told_of = connection.execute(text("SELECT particulars_sealed FROM reporters")).scalar_one()
        particulars = database.sealer.open_json(Purpose.IDENTITY, "reporters.particulars_sealed", 1, bytes(told_of))
        assert particulars == {"contact": str(TELEGRAM), "unit": WORDS}
        assert unit.conversation(row.account_id).data == {"answers": {"words": WORDS}, "from": TELEGRAM}


def test_the_reporter_is_not_said_by_any_other_column(database: Database) -> None:
    """The account's number stands beside a report nowhere in clear: only the sealed row and a blind index connect them."""
    _store_canaries(database)
    with database.reader.connect() as connection:
        columns = {
            f"{table.name}.{column.name}"
            for table in metadata.tables.values()
            if table.name in ("reports", "report_history", "statements", "reporters")
            for column in table.columns
            if any(key.column.table.name == "accounts" for key in column.foreign_keys)
        }
        assert columns == set()
        sealed, index = connection.execute(text("SELECT account_sealed, account_index FROM reporters")).one()
        account, address = connection.execute(text("SELECT id, address_index FROM accounts")).one()
    assert str(account).encode() == database.sealer.open(Purpose.IDENTITY, "reporters.account_sealed", 1, bytes(sealed))
    assert bytes(index) != bytes(address)


# -- all that is told --------------------------------------------------------------------------------------------------

SAMPLES: dict[str, Any] = {"str": WORDS, "int": TELEGRAM, "bool": True, "list[int]": [TELEGRAM], "bool | None": True, "str | None": WORDS}


@pytest.mark.parametrize("name", sorted(told._KINDS))
def test_everything_that_is_told_goes_sealed(name: str) -> None:
    kind = told._KINDS[name]
    record = kind(**{field.name: SAMPLES.get(str(field.type), WORDS) for field in fields(kind)})
    packed, data = told.pack(record)
    row = outbox.sealed_row(SEALER, key="u1.1", data=data, record=packed)
    stored = b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in row.values())
    assert not [form for word in (WORDS, TELEGRAM) for form in _forms(word) if form in stored]
    assert told.unpack(packed, SEALER.open_json(Purpose.TRAFFIC, "outbox.data_sealed", "u1.1", row["data_sealed"])) == record
