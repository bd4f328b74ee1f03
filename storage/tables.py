"""Every table, in one view. Times are UTC; what a person said, who said it and where to reach them is sealed.

Columns named `*_sealed` hold AES-256-GCM values (storage/sealed.py); `*_index` are blind indices.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
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
    any_,
    bindparam,
    func,
    literal_column,
    select,
    text,
)

from conference.model.approvals import ApprovalState
from conference.model.assignments import AssignmentState, HelperState
from conference.model.duties import OccurrenceState
from conference.model.handovers import HandoverState, Succession
from conference.model.invitations import InvitationState
from conference.model.meetings import Answer, MeetingKind, MeetingState
from conference.model.notices import NoticeState
from conference.model.people import Reach, Role
from conference.model.reports import ReportState, StatementKind
from conference.model.roster_checks import RosterAnswer

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


class Day(TypeDecorator[date]):
    """A calendar day, kept as 2026-11-26: it has no zone and sorts."""

    impl = String
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(10)

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:
        return None if value is None else date.fromisoformat(value)


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


def among(column: Column[Any], name: str) -> dict[str, ColumnElement[bool]]:
    """Whether the column is one of the numbers of this parameter, by database: each gets them as one value, and not a statement that
    is written and read anew for each number of them."""
    numbers = func.json_each(bindparam(name, type_=JSON)).table_valued("value")
    return {
        "sqlite": column.in_(select(numbers.c.value)),
        "postgresql": column == any_(bindparam(name, type_=ARRAY(BigInteger))),
    }


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
    Index("ix_inbox_pending", "bot", "id", sqlite_where=text("state = 0"), postgresql_where=text("state = 0")),
    Index("ix_inbox_received_at", "received_at"),
)

accounts = Table(
    "accounts",
    metadata,
    _id(),
    Column("channel", String(16), nullable=False),
    Column("bot", BigInteger, nullable=False),
    Column("address_index", LargeBinary(16), nullable=False),
    Column("address_sealed", LargeBinary, nullable=False),
    Column("person_id", ForeignKey("persons.id")),
    Column("language", String(16), nullable=False),
    Column("reach", Named(Reach), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("conference", String(48)),  # in which one its owner acts now; none: the bot's own
    Column("hat_id", ForeignKey("posts.id")),  # the post its owner wears first
    Column("commands", String(32)),  # which commands the channel shows there
    UniqueConstraint("bot", "address_index"),
    Index(None, "person_id"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True, autoincrement=False),
    Column("state", String(64)),
    Column("data_sealed", LargeBinary),
    Column("touched_at", UtcDateTime, nullable=False),
)

broadcasts = Table(  # what is said to many in the same words
    "broadcasts",
    metadata,
    _id(),
    Column("key", String(96), nullable=False, unique=True),
    Column("data_sealed", LargeBinary),
    Column("created_at", UtcDateTime, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("key", String(96), nullable=False, unique=True),
    Column("account_id", Key, nullable=False),  # of an account, which is never deleted (no foreign key, see copies)
    Column("lane", SmallInteger, nullable=False),
    Column("state", SmallInteger, nullable=False, default=NEW),
    Column("record", String(48), nullable=False),
    Column("conference", String(48)),  # in whose name it is said
    Column("data_sealed", LargeBinary),
    Column("broadcast_id", BigInteger),  # said to many: the record is kept once, there (no foreign key, see copies)
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
    Index(
        "ix_outbox_broadcast",
        "broadcast_id",
        sqlite_where=text("broadcast_id IS NOT NULL"),
        postgresql_where=text("broadcast_id IS NOT NULL"),
    ),
    Index("ix_outbox_in_doubt", "id", sqlite_where=text("state = 1"), postgresql_where=text("state = 1")),
)

due = Table(
    "due",
    metadata,
    _id(),
    # By code points whatever the database's language: rows are found by how their keys begin, and a dictionary's order ignores the colons.
    Column("key", String(96).with_variant(String(96, collation="C"), "postgresql"), nullable=False, unique=True),
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
    Index(None, "person_id", "at"),
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

facts = Table(  # what the installation knows of itself: the key's check value, the last poll offset, mechanisms set up
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

# -- conferences -------------------------------------------------------------------------------------------------------

conferences = Table(
    "conferences",
    metadata,
    Column("slug", String(48), primary_key=True),
    Column("level", String(24), nullable=False),
    Column("parent", String(48)),
    Column("name_zh", String(160), nullable=False),
    Column("name_en", String(200), nullable=False),
    Column("region_code", String(16)),
    Column("lacks", JSON, nullable=False),  # what its document does not have: roster, gate, minutes ...
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

profile_versions = Table(
    "profile_versions",
    metadata,
    _id(),
    Column("conference", ForeignKey("conferences.slug"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("source", LargeBinary, nullable=False),  # the TOML as it was loaded
    Column("loaded_at", UtcDateTime, nullable=False),
    UniqueConstraint("conference", "version"),
)

units = Table(  # a unit keeps its slug through reforms; its names are dated
    "units",
    metadata,
    _id(),
    Column("conference", ForeignKey("conferences.slug"), nullable=False),
    Column("slug", String(48), nullable=False),
    Column("begins_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime),
    Column("merged_into", String(48)),
    UniqueConstraint("conference", "slug"),
)

unit_names = Table(
    "unit_names",
    metadata,
    _id(),
    Column("unit_id", ForeignKey("units.id"), nullable=False),
    Column("name_zh", String(120), nullable=False),
    Column("name_en", String(160), nullable=False),
    Column("begins_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime),
    Index(None, "unit_id"),
)

places = Table(
    "places",
    metadata,
    Column("code", String(16), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("level", String(16), nullable=False),
    Column("parent", String(16), nullable=False),
    Column("initials", String(48), nullable=False, default=""),  # of its pinyin
    Column("ends_at", UtcDateTime),
    Index(None, "parent"),
)

# -- people ------------------------------------------------------------------------------------------------------------

persons = Table(
    "persons",
    metadata,
    _id(),
    Column("name_sealed", LargeBinary),
    Column("created_at", UtcDateTime, nullable=False),
)

posts = Table(
    "posts",
    metadata,
    _id(),
    Column("conference", String(48), nullable=False),
    Column("unit", String(48), nullable=False),
    Column("role", Named(Role), nullable=False),
    Column("title", String(120), nullable=False),
    Column("place", String(16)),
    Column("rank", SmallInteger, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("vacant_since", UtcDateTime),
    Index(None, "conference", "role"),
)

tenures = Table(
    "tenures",
    metadata,
    _id(),
    Column("post_id", ForeignKey("posts.id"), nullable=False),
    Column("person_id", ForeignKey("persons.id"), nullable=False),
    Column("alone", Boolean, nullable=False),  # the post has one holder at a time
    Column("begins_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime),
    Column("why_ended", String(24)),
    Index(None, "person_id"),
    Index(None, "post_id"),
    Index(
        "uq_tenures_alone",
        "post_id",
        unique=True,
        sqlite_where=text("ends_at IS NULL AND alone"),
        postgresql_where=text("ends_at IS NULL AND alone"),
    ),
)

shifts = Table(  # who of a post's people is on duty, and when
    "shifts",
    metadata,
    _id(),
    Column("post_id", ForeignKey("posts.id"), nullable=False),
    Column("person_id", ForeignKey("persons.id"), nullable=False),
    Column("begins_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("set_by", BigInteger),
    Index(None, "post_id", "ends_at"),
)

invitations = Table(
    "invitations",
    metadata,
    _id(),
    Column("conference", String(48), nullable=False),
    Column("post_id", ForeignKey("posts.id"), nullable=False),
    Column("person_id", ForeignKey("persons.id")),  # a new account for somebody who is known
    Column("handover_id", ForeignKey("handovers.id")),
    Column("token_index", LargeBinary(16), nullable=False, unique=True),
    Column("code_index", LargeBinary(16), nullable=False, unique=True),
    Column("state", Named(InvitationState), nullable=False),
    Column("issued_by", BigInteger),
    Column("issued_post", BigInteger),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("account_id", ForeignKey("accounts.id")),
    Column("name_sealed", LargeBinary),
    Column("answered_at", UtcDateTime),
    Column("decided_by", BigInteger),
    Column("decided_at", UtcDateTime),
    Index(None, "conference", "state"),
)

handovers = Table(
    "handovers",
    metadata,
    _id(),
    Column("conference", String(48), nullable=False),
    Column("post_id", ForeignKey("posts.id"), nullable=False),
    Column("mode", Named(Succession, 16), nullable=False),
    Column("state", Named(HandoverState), nullable=False),
    Column("outgoing", ForeignKey("persons.id")),
    Column("incoming", ForeignKey("persons.id")),
    Column("started_by", BigInteger),
    Column("started_post", BigInteger),
    Column("started_at", UtcDateTime, nullable=False),
    Column("inventory", JSON, nullable=False),
    Column("outgoing_at", UtcDateTime),
    Column("incoming_at", UtcDateTime),
    Column("office_at", UtcDateTime),
    Column("office_by", BigInteger),
    Column("done_at", UtcDateTime),
    Index(None, "conference", "state"),
    Index(
        "uq_handovers_open",
        "post_id",
        unique=True,
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
)

roster_checks = Table(
    "roster_checks",
    metadata,
    _id(),
    Column("conference", String(48), nullable=False),
    Column("quarter", String(8), nullable=False),
    Column("unit", String(48), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("answered_by", BigInteger),
    Column("answer", Named(RosterAnswer, 16)),
    UniqueConstraint("conference", "quarter", "unit"),
)

approvals = Table(  # what needs a second person
    "approvals",
    metadata,
    _id(),
    Column("conference", String(48), nullable=False),
    Column("action", String(48), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("state", Named(ApprovalState), nullable=False),
    Column("reason_sealed", LargeBinary),
    Column("asked_by", ForeignKey("persons.id"), nullable=False),
    Column("asked_post", BigInteger, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("decided_by", BigInteger),
    Column("decided_post", BigInteger),
    Column("decided_at", UtcDateTime),
    Column("used_at", UtcDateTime),
    Index(None, "conference", "state"),
)

# -- reports -----------------------------------------------------------------------------------------------------------

reports = Table(
    "reports",
    metadata,
    _id(),
    Column("number", String(32), nullable=False),
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
    UniqueConstraint("conference", "number"),
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

# -- the conference's daily work ---------------------------------------------------------------------------------------

calendar_days = Table(  # where a day differs from its weekday, or is known for sure
    "calendar_days",
    metadata,
    Column("day", Day, primary_key=True),
    Column("workday", Boolean, nullable=False),
    Column("name", String(40), nullable=False, default=""),
)

turns = Table(  # the history of everything below, one row a step
    "turns",
    metadata,
    _id(),
    Column("noun", String(16), nullable=False),
    Column("noun_id", BigInteger, nullable=False),
    Column("before", String(24)),
    Column("after", String(24), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("person_id", BigInteger),
    Column("post_id", BigInteger),
    Column("unit", String(48)),
    Column("words_sealed", LargeBinary),
    Index(None, "noun", "noun_id"),
)

papers = Table(  # files that belong to something: the channel's ids of them
    "papers",
    metadata,
    _id(),
    Column("noun", String(16), nullable=False),
    Column("noun_id", BigInteger, nullable=False),
    Column("facts_sealed", LargeBinary),
    Column("added_by", BigInteger),
    Column("added_at", UtcDateTime, nullable=False),
    Index(None, "noun", "noun_id"),
)

meetings = Table(
    "meetings",
    metadata,
    _id(),
    Column("conference", String(48), nullable=False),
    Column("number", String(32), nullable=False),
    Column("kind", Named(MeetingKind), nullable=False),
    Column("state", Named(MeetingState), nullable=False),
    Column("words_sealed", LargeBinary),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("answer_by", UtcDateTime, nullable=False),
    Column("uid", String(64), nullable=False, unique=True),
    Column("sequence", Integer, nullable=False),
    Column("called_by", BigInteger),
    Column("called_post", BigInteger),
    Column("called_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    UniqueConstraint("conference", "number"),
    Index(None, "conference", "state", "starts_at"),
)

attendances = Table(
    "attendances",
    metadata,
    _id(),
    Column("meeting_id", ForeignKey("meetings.id"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("unit", String(48), nullable=False),
    Column("answer", Named(Answer), nullable=False),
    Column("words_sealed", LargeBinary),  # the substitute's name and post, or the reason
    Column("person_id", BigInteger, nullable=False),
    Column("post_id", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("void_at", UtcDateTime),
    Index(
        "uq_attendances_valid",
        "meeting_id",
        "unit",
        unique=True,
        sqlite_where=text("void_at IS NULL"),
        postgresql_where=text("void_at IS NULL"),
    ),
)

guests = Table(  # bodies from outside, invited to one meeting by a link of their own
    "guests",
    metadata,
    _id(),
    Column("meeting_id", ForeignKey("meetings.id"), nullable=False),
    Column("name_sealed", LargeBinary),
    Column("token_index", LargeBinary(16), nullable=False, unique=True),
    Column("account_id", ForeignKey("accounts.id")),
    Column("answer", Named(Answer)),
    Column("answered_at", UtcDateTime),
    Index(None, "meeting_id"),
)

notices = Table(
    "notices",
    metadata,
    _id(),
    Column("conference", String(48), nullable=False),
    Column("number", String(32), nullable=False),
    Column("state", Named(NoticeState), nullable=False),
    Column("words_sealed", LargeBinary),
    Column("corrects", ForeignKey("notices.id")),
    Column("audience", JSON, nullable=False),
    Column("recipients", Integer, nullable=False),
    Column("sign_by", UtcDateTime, nullable=False),
    Column("made_by", BigInteger),
    Column("made_post", BigInteger),
    Column("made_at", UtcDateTime, nullable=False),
    Column("approved_by", BigInteger),
    Column("sent_at", UtcDateTime),
    Column("recall_until", UtcDateTime),
    UniqueConstraint("conference", "number"),
    Index(None, "conference", "state"),
)

# A hundred thousand copies are written from the posts themselves, by one statement: to look each up again took PostgreSQL half as long.
copies = Table(  # of a notice, one a post
    "copies",
    metadata,
    _id(),
    Column("notice_id", BigInteger, nullable=False),
    Column("unit", String(48), nullable=False),
    Column("post_id", BigInteger, nullable=False),
    Column("delivered_at", UtcDateTime),
    Column("lost_at", UtcDateTime),  # the post stood empty, or the channel did not take it
    Column("opened_at", UtcDateTime),
    Column("signed_at", UtcDateTime),
    Column("signed_by", BigInteger),
    UniqueConstraint("notice_id", "post_id"),
    Index(None, "post_id"),
)

assignments = Table(
    "assignments",
    metadata,
    _id(),
    Column("conference", String(48), nullable=False),
    Column("number", String(32), nullable=False),
    Column("state", Named(AssignmentState), nullable=False),
    Column("words_sealed", LargeBinary),
    Column("lead", String(48), nullable=False),
    Column("due", Day, nullable=False),
    Column("percent", SmallInteger, nullable=False),
    Column("notice_id", ForeignKey("notices.id")),
    Column("round", SmallInteger, nullable=False),
    Column("disputed", Boolean, nullable=False),
    Column("longer_until", Day),
    Column("made_by", BigInteger),
    Column("made_post", BigInteger),
    Column("made_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    UniqueConstraint("conference", "number"),
    Index(None, "conference", "lead", "state"),
)

helpers = Table(  # co-responsible units of an assignment
    "helpers",
    metadata,
    _id(),
    Column("assignment_id", ForeignKey("assignments.id"), nullable=False),
    Column("unit", String(48), nullable=False),
    Column("state", Named(HelperState), nullable=False),
    Column("at", UtcDateTime),
    UniqueConstraint("assignment_id", "unit"),
    Index(None, "unit", "state"),
)

occurrences = Table(  # of the duties of a profile
    "occurrences",
    metadata,
    _id(),
    Column("conference", String(48), nullable=False),
    Column("duty", String(64), nullable=False),
    Column("unit", String(48), nullable=False),
    Column("cause", String(48), nullable=False),
    Column("state", Named(OccurrenceState), nullable=False),
    Column("opens", Day, nullable=False),
    Column("due", Day),
    Column("chased", Boolean, nullable=False),
    Column("mark", SmallInteger, nullable=False),
    Column("ended_at", UtcDateTime),
    UniqueConstraint("conference", "duty", "unit", "cause"),
    Index(None, "conference", "unit", "state"),
)

intervals = Table(  # what the office said where the text only says "regularly": months between two times
    "intervals",
    metadata,
    _id(),
    Column("conference", String(48), nullable=False),
    Column("duty", String(64), nullable=False),
    Column("months", SmallInteger, nullable=False),
    Column("set_by", BigInteger),
    Column("set_at", UtcDateTime, nullable=False),
    UniqueConstraint("conference", "duty"),
)

nudges = Table(  # what goes into somebody's next digest: one line a thing and step
    "nudges",
    metadata,
    _id(),
    Column("key", String(128), nullable=False, unique=True),
    Column("conference", String(48), nullable=False),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("noun", String(16), nullable=False),
    Column("noun_id", BigInteger, nullable=False),
    Column("step", String(24), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("state", SmallInteger, nullable=False, default=PENDING),
    Column("why", String(24)),  # withheld: answered, moved, ended, informed only ...
    Column("told_at", UtcDateTime),
    Column("digest", String(48)),  # the name of the one it went into
    Index("ix_nudges_digest", "digest", "account_id", sqlite_where=text("digest IS NOT NULL"), postgresql_where=text("digest IS NOT NULL")),
    Index("ix_nudges_pending", "account_id", "at", sqlite_where=text("state = 0"), postgresql_where=text("state = 0")),
)

SEALED = {  # the inventory that a test holds against the columns above
    "inbox.payload_sealed",
    "accounts.address_sealed",
    "persons.name_sealed",
    "invitations.name_sealed",
    "approvals.reason_sealed",
    "conversations.data_sealed",
    "outbox.data_sealed",
    "broadcasts.data_sealed",
    "turns.words_sealed",
    "papers.facts_sealed",
    "meetings.words_sealed",
    "attendances.words_sealed",
    "guests.name_sealed",
    "notices.words_sealed",
    "assignments.words_sealed",
    "statements.body_sealed",
    "reporters.account_sealed",
    "reporters.particulars_sealed",
}
