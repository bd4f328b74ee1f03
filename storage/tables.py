"""Every table, in one view. Times are UTC; what a person said, who said it and where to reach them is sealed.

Columns named `*_sealed` hold AES-256-GCM values (storage/sealed.py); `*_index` are blind indices.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
    literal_column,
    text,
)

from conference.model.people import Reach, Role
from conference.model.reports import ReportState, StatementKind

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept as UTC microseconds since 1970.

    SQLite drops zones and PostgreSQL converts them; a whole number does neither, sorts, and is fast to read.
    """

    impl = BigInteger
    cache_ok = True
    _EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime: say in which zone")
        delta = value - self._EPOCH
        return (delta.days * 86400 + delta.seconds) * 1_000_000 + delta.microseconds

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else self._EPOCH + timedelta(microseconds=value)


class Named(TypeDecorator[StrEnum]):
    """A StrEnum, kept by its value."""

    impl = String
    cache_ok = True

    def __init__(self, kind: type[StrEnum], length: int = 24) -> None:
        super().__init__(length)
        self.kind = kind

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(self.kind(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.kind(value)


# SQLite counts rows of INTEGER keys by itself, and of no other integer type.
Key = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[Any]:
    return Column("id", Key, primary_key=True, autoincrement=True)


# -- the way in, the way out, the way of time --------------------------------------------------------------------------

NEW, SENDING, SENT, UNDELIVERABLE, WITHDRAWN = range(5)  # outbox.state
PENDING, DONE, DEAD = range(3)  # inbox.state, due.state


def is_state(column: Column[Any], state: int) -> ColumnElement[bool]:
    """`column = 0`, written out: a planner takes a partial index for a literal, never for a parameter."""
    return column == literal_column(str(state))


inbox = Table(
    "inbox",
    metadata,
    _id(),
    Column("bot", BigInteger, nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("payload_hash", LargeBinary(16), nullable=False),
    Column("payload_sealed", LargeBinary, nullable=False),
    Column("sender_index", LargeBinary(16), nullable=False),
    Column("state", SmallInteger, nullable=False, default=PENDING),
    Column("attempts", SmallInteger, nullable=False, default=0),
    Column("next_try_at", UtcDateTime),
    Column("received_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Column("error", String(200)),
    # The same id with another body is kept too, and alarmed: it is no repeat (docs/decisions/0003).
    UniqueConstraint("bot", "update_id", "payload_hash"),
    Index("ix_inbox_pending", "id", sqlite_where=text("state = 0"), postgresql_where=text("state = 0")),
    Index("ix_inbox_received_at", "received_at"),
)

accounts = Table(
    "accounts",
    metadata,
    _id(),
    Column("channel", String(16), nullable=False),
    Column("address_index", LargeBinary(16), nullable=False, unique=True),
    Column("address_sealed", LargeBinary, nullable=False),
    Column("person_id", ForeignKey("persons.id")),
    Column("language", String(16), nullable=False),
    Column("reach", Named(Reach), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True, autoincrement=False),
    Column("state", String(64)),
    Column("data_sealed", LargeBinary),
    Column("touched_at", UtcDateTime, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("key", String(96), nullable=False, unique=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("state", SmallInteger, nullable=False, default=NEW),
    Column("record", String(48), nullable=False),
    Column("data_sealed", LargeBinary, nullable=False),
    Column("only_while", String(64)),
    Column("replaces", String(96)),
    Column("edits", BigInteger),
    Column("not_before", UtcDateTime, nullable=False),
    Column("attempts", SmallInteger, nullable=False, default=0),
    Column("repeats", SmallInteger, nullable=False, default=0),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("message_id", BigInteger),
    Column("error", String(200)),
    Index("ix_outbox_waiting", "lane", "id", sqlite_where=text("state = 0"), postgresql_where=text("state = 0")),
    Index("ix_outbox_in_doubt", "id", sqlite_where=text("state = 1"), postgresql_where=text("state = 1")),
)

due = Table(
    "due",
    metadata,
    _id(),
    Column("key", String(96), nullable=False, unique=True),
    Column("kind", String(48), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("data", JSON, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("state", SmallInteger, nullable=False, default=PENDING),
    Column("attempts", SmallInteger, nullable=False, default=0),
    Column("fired_at", UtcDateTime),
    Column("error", String(200)),
    Index("ix_due_pending", "due_at", "id", sqlite_where=text("state = 0"), postgresql_where=text("state = 0")),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    Column("at", UtcDateTime, nullable=False),
    Column("person_id", BigInteger),
    Column("post_id", BigInteger),
    Column("action", String(48), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("facts", JSON, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    _id(),
    Column("kind", String(48), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("detail", String(200), nullable=False, default=""),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Index(
        "uq_incidents_open",
        "kind",
        "subject",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
)

tries = Table(
    "tries",
    metadata,
    _id(),
    Column("what", String(32), nullable=False),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "what", "account_id", "at"),
)

facts = Table(  # what the installation knows of itself: the key's check value, the last poll offset
    "facts",
    metadata,
    Column("name", String(48), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# -- people ------------------------------------------------------------------------------------------------------------

persons = Table("persons", metadata, _id(), Column("created_at", UtcDateTime, nullable=False))

posts = Table(
    "posts",
    metadata,
    _id(),
    Column("conference", String(48), nullable=False),
    Column("unit", String(48), nullable=False),
    Column("role", Named(Role), nullable=False),
    Column("title", String(80), nullable=False),
    Column("place", String(16)),
    Column("rank", SmallInteger, nullable=False),
    Index(None, "conference", "role"),
)

tenures = Table(
    "tenures",
    metadata,
    _id(),
    Column("post_id", ForeignKey("posts.id"), nullable=False),
    Column("person_id", ForeignKey("persons.id"), nullable=False),
    Column("begins_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime),
    Index(None, "person_id"),
    Index(None, "post_id"),
)

# -- reports -----------------------------------------------------------------------------------------------------------

reports = Table(
    "reports",
    metadata,
    _id(),
    Column("number", String(32), nullable=False, unique=True),
    Column("draft", String(32), nullable=False, unique=True),
    Column("conference", String(48), nullable=False),
    Column("questionnaire", String(16), nullable=False),
    Column("subject", String(24)),
    Column("situation", String(32), nullable=False),
    Column("danger", Boolean),
    Column("place", String(16)),
    Column("reporter_kind", String(24), nullable=False),
    Column("mandatory", Boolean, nullable=False),
    Column("state", Named(ReportState), nullable=False),
    Column("filed_at", UtcDateTime, nullable=False),
    Column("accepted_at", UtcDateTime),
    Column("accepted_by", ForeignKey("persons.id")),
    Column("accepted_post", ForeignKey("posts.id")),
    Index(None, "conference", "state"),
)

report_history = Table(
    "report_history",
    metadata,
    _id(),
    Column("report_id", ForeignKey("reports.id"), nullable=False),
    Column("before", String(16)),
    Column("after", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("person_id", BigInteger),
    Column("post_id", BigInteger),
    Index(None, "report_id"),
)

statements = Table(
    "statements",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("report_id", ForeignKey("reports.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", Named(StatementKind), nullable=False),
    Column("body_sealed", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("added", Boolean, nullable=False),
    Index(None, "report_id", "seq"),
)

reporters = Table(  # who reported: no other table says it, and this one only to the identity key
    "reporters",
    metadata,
    Column("report_id", ForeignKey("reports.id"), primary_key=True),
    Column("account_index", LargeBinary(16), nullable=False),
    Column("account_sealed", LargeBinary, nullable=False),
    Column("particulars_sealed", LargeBinary),  # how to reach them, where they work
    Column("receipt_digest", LargeBinary(32), nullable=False, unique=True),
    Column("bound_at", UtcDateTime, nullable=False),
    Index(None, "account_index"),
)

SEALED = {  # the inventory that a test holds against the columns above
    "inbox.payload_sealed",
    "accounts.address_sealed",
    "conversations.data_sealed",
    "outbox.data_sealed",
    "statements.body_sealed",
    "reporters.account_sealed",
    "reporters.particulars_sealed",
}
