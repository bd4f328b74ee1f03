"""One transaction for many acts, a savepoint for each.

`Transaction` is one commit of the worker: it collects the rows of all acts and writes them in few statements at the end.
`Unit` is one act in it, and fulfils conference.ports.UnitOfWork: what it wrote counts only if it ends well. Its savepoint
is opened with its first use of the session, so an act that only moves a conversation needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property, partial
from typing import Any

from sqlalchemy import Connection, NestedTransaction, Select, func, select
from sqlalchemy.orm import Session, SessionTransaction

from conference.model.calendar import Hours, WorkCalendar
from conference.model.events import listeners
from conference.model.people import Actor, HeldPost, Holder, Shift
from conference.model.told import Lane, Told, pack

from . import calendar, conversations, due, inbox, incidents, outbox
from .approvals import ApprovalRepository
from .assignments import AssignmentRepository
from .conferences import Conferences
from .conversations import Conversation
from .duties import DutyRepository
from .duty import ShiftRepository
from .handovers import HandoverRepository
from .invitations import InvitationRepository
from .mechanisms import MechanismRepository
from .meetings import MeetingRepository
from .notices import NoticeRepository
from .nudges import NudgeRepository
from .people import PeopleRepository
from .profiles import ProfileRepository
from .reports import ReporterRepository, ReportRepository, StatementRepository
from .roster_checks import RosterCheckRepository
from .rosters import RosterRepository
from .sealed import Sealer
from .sent import SentRepository
from .tables import NEW, PENDING, SENDING, audit, tries
from .territory import PlaceRepository

_add_to_audit = audit.insert()


class Transaction:
    """What one commit of the worker writes. Not thread-safe: it belongs to the writer thread."""

    def __init__(self, connection: Connection, sealer: Sealer, at: datetime, conferences: Conferences) -> None:
        self.connection = connection
        self.sealer = sealer
        self.conferences = conferences
        self.at = at
        self.outbox_rows: list[dict[str, Any]] = []
        self.audit_rows: list[dict[str, Any]] = []
        self.due_rows: list[dict[str, Any]] = []
        self.finished: list[int] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.ready: list[outbox.Ready] = []
        self.told_many = False  # there are rows for the delivery that `ready` does not name
        self.people_changed = False
        self.rosters: dict[Any, list[Holder]] = {}
        self.places_read: dict[Any, Any] = {}  # what of the territory was read in this transaction
        self.running_shifts: dict[str, list[Shift]] = {}
        self.addressees: dict[int, tuple[int, str]] = {}  # account -> chat and language, of those who are speaking
        self.goes_at_once: Callable[[int, int], bool] = lambda account, lane: False  # the delivery's word
        self._claimed: dict[str, Callable[[int], outbox.Claimed]] = {}  # by key, given the number of the row
        self._talks: dict[int, Conversation] = {}
        self._changed_talks: set[int] = set()

    @cached_property
    def session(self) -> Session:
        return Session(self.connection, autoflush=True, expire_on_commit=False, join_transaction_mode="rollback_only")

    def load_conversations(self, accounts: set[int]) -> None:
        if missing := accounts - self._talks.keys():
            self._talks |= conversations.load(self.connection, self.sealer, missing)

    def conversation(self, account: int) -> Conversation:
        self.load_conversations({account})
        return self._talks[account]

    def put_conversation(self, account: int, talk: Conversation) -> None:
        self._talks[account] = talk
        self._changed_talks.add(account)

    def put_into_outbox(self, row: dict[str, Any], record: Told) -> None:
        """Written with the next flush: as taken for sending if it can go at once, so that no second commit has to take it."""
        account, lane = row["account_id"], row["lane"]
        plain = row["only_while"] is None and row["replaces"] is None and not record.late and lane != Lane.DIGEST
        if plain and account in self.addressees and self.goes_at_once(account, lane):
            row |= {"state": SENDING, "attempts": 1}
            chat, language = self.addressees[account]
            self._claimed[row["key"]] = partial(
                outbox.Claimed,
                lane=lane,
                account_id=account,
                chat=chat,
                language=language,
                conference=row["conference"],
                record=record,
                edits=row["edits"],
                attempts=1,
                repeats=0,
            )
        self.outbox_rows.append(row)

    def flush(self) -> None:
        """Write what has been collected, so that statements after it see everything."""
        if self._changed_talks:
            changed = {account: self._talks[account] for account in self._changed_talks}
            self._changed_talks = set()
            conversations.save(self.connection, self.sealer, changed, self.at)
        if self.due_rows:
            rows, self.due_rows = self.due_rows, []
            due.add(self.connection, rows)
        if self.outbox_rows:
            rows, self.outbox_rows = self.outbox_rows, []
            self.ready += outbox.add(self.connection, rows, self._claimed)
            self._claimed = {}
        if self.audit_rows:
            rows, self.audit_rows = self.audit_rows, []
            self.connection.execute(_add_to_audit, rows)
        if self.finished:
            done, self.finished = self.finished, []
            inbox.finish(self.connection, done, self.at)


class Unit:
    """One act. `origin` is unique to it and begins the keys of what it says ("u17": the update in inbox row 17).

    `conference` is the one in which it is done: what is told and scheduled bears its name.
    """

    def __init__(self, transaction: Transaction, origin: str, conference: str | None = None) -> None:
        self.transaction = transaction
        self.conference = conference or transaction.conferences.first
        self.origin = origin
        self.at = transaction.at
        self._savepoint: SessionTransaction | None = None
        self._nested: NestedTransaction | None = None
        self._outbox: list[tuple[dict[str, Any], Told]] = []
        self._audit: list[dict[str, Any]] = []
        self._due: list[dict[str, Any]] = []
        self._withdrawn: list[str] = []
        self._calls: list[tuple[str, dict[str, Any]]] = []
        self._talks: dict[int, Conversation] = {}
        self._said = 0
        self._told_many = False

    # -- its own savepoint

    @property
    def connection(self) -> Connection:
        """For plain statements, inside this act's savepoint."""
        if self._savepoint is None and self._nested is None:
            self._nested = self.transaction.connection.begin_nested()
        return self.transaction.connection

    @property
    def session(self) -> Session:
        """For mapped entities, inside this act's savepoint."""
        session = self.transaction.session
        if self._savepoint is None:
            self._savepoint = session.begin_nested()
        return session

    def succeed(self) -> None:
        """Keep what the act did. May raise what the database refuses; then the act has failed."""
        self._hear()
        if self._savepoint is not None:
            self.transaction.session.flush()
            self._savepoint.commit()
            self._savepoint = None
        if self._nested is not None:
            self._nested.commit()
            self._nested = None
        self.transaction.calls += self._calls
        self.transaction.told_many |= self._told_many
        if self.people_changed:
            self.transaction.people_changed = True
            self.transaction.rosters.clear()
            self.transaction.addressees.clear()  # somebody's language may be another now
        if "shifts" in self.__dict__ and self.shifts.changed:
            self.transaction.running_shifts.clear()
        for row, record in self._outbox:
            self.transaction.put_into_outbox(row, record)
        self.transaction.audit_rows += self._audit
        if withdrawn := tuple(self._withdrawn):
            self.transaction.due_rows = [row for row in self.transaction.due_rows if not row["key"].startswith(withdrawn)]
        self.transaction.due_rows += self._due
        for account, talk in self._talks.items():
            self.transaction.put_conversation(account, talk)

    def _hear(self) -> None:
        """Those who registered for what was done hear of it, and of what they do themselves (conference/model/events.py)."""
        for entry in self._audit:  # which grows meanwhile
            for listener in listeners(entry["action"]):
                listener(self, entry["subject"], entry["facts"], at=self.at)

    def fail(self) -> None:
        """Undo all of it."""
        # Not only while it is active: a flush that the database refused leaves it half ended, and every unit after it unusable.
        if self._savepoint is not None and self.transaction.session.get_nested_transaction() is self._savepoint:
            self._savepoint.rollback()
        self._savepoint = None
        if self._nested is not None:
            self._nested.rollback()
            self._nested = None
        self.transaction.places_read.clear()  # it may have read what it wrote

    def call(self, method: str, **params: Any) -> None:
        """A call of the channel after the commit: best effort, not recorded, not repeated."""
        self._calls.append((method, params))

    @property
    def people_changed(self) -> bool:
        """Whether this act changed who somebody is: what was known of actors is stale."""
        return "people" in self.__dict__ and self.people.changed

    # -- what verbs ask for

    @property
    def sealer(self) -> Sealer:
        return self.transaction.sealer

    @property
    def rosters(self) -> dict[Any, list[Holder]]:
        """Rosters read in this transaction: who is told about a report is asked often, and changes seldom."""
        return self.transaction.rosters

    @property
    def running_shifts(self) -> dict[str, list[Shift]]:
        """Shifts that run, read in this transaction, for the same reason."""
        return self.transaction.running_shifts

    @property
    def conferences(self) -> Conferences:
        return self.transaction.conferences

    @cached_property
    def profiles(self) -> ProfileRepository:
        return ProfileRepository(self)

    @cached_property
    def reports(self) -> ReportRepository:
        return ReportRepository(self)

    @cached_property
    def statements(self) -> StatementRepository:
        return StatementRepository(self)

    @cached_property
    def reporters(self) -> ReporterRepository:
        return ReporterRepository(self)

    @cached_property
    def people(self) -> PeopleRepository:
        return PeopleRepository(self)

    @cached_property
    def approvals(self) -> ApprovalRepository:
        return ApprovalRepository(self)

    @cached_property
    def invitations(self) -> InvitationRepository:
        return InvitationRepository(self)

    @cached_property
    def sent(self) -> SentRepository:
        return SentRepository(self)

    @cached_property
    def roster(self) -> RosterRepository:
        return RosterRepository(self)

    @cached_property
    def places(self) -> PlaceRepository:
        return PlaceRepository(self, self.transaction.connection, self.transaction.places_read)

    @cached_property
    def shifts(self) -> ShiftRepository:
        return ShiftRepository(self)

    @cached_property
    def handovers(self) -> HandoverRepository:
        return HandoverRepository(self)

    @cached_property
    def roster_checks(self) -> RosterCheckRepository:
        return RosterCheckRepository(self)

    @cached_property
    def mechanisms(self) -> MechanismRepository:
        return MechanismRepository(self)

    @cached_property
    def meetings(self) -> MeetingRepository:
        return MeetingRepository(self)

    @cached_property
    def assignments(self) -> AssignmentRepository:
        return AssignmentRepository(self)

    @cached_property
    def notices(self) -> NoticeRepository:
        return NoticeRepository(self)

    @cached_property
    def duties(self) -> DutyRepository:
        return DutyRepository(self)

    @cached_property
    def schedule(self) -> _Schedule:
        return _Schedule(self)

    @cached_property
    def nudges(self) -> NudgeRepository:
        return NudgeRepository(self)

    @property
    def calendar(self) -> WorkCalendar:
        return self.conferences.calendar

    def change_calendar(self, days: Mapping[date, tuple[bool, str]]) -> None:
        calendar.put(self.connection, days)

    @property
    def hours(self) -> Hours:
        return self.conferences.hours(self.conference)

    @cached_property
    def tries(self) -> _Tries:
        return _Tries(self)

    def tell(
        self,
        account_id: int,
        record: Told,
        *,
        lane: Lane = Lane.NOTICE,
        key: str | None = None,
        only_while: str | None = None,
        replaces: str | None = None,
        edits: int | None = None,
    ) -> None:
        """See conference.ports.UnitOfWork. `edits` is the message of the channel that this one replaces in place."""
        self._said += 1
        name, data = pack(record)
        row = outbox.sealed_row(
            self.transaction.sealer,
            key=self._blind(key) if key else f"{self.origin}.{self._said}",
            data=data,
            account_id=account_id,
            lane=int(lane),
            state=NEW,
            record=name,
            conference=self.conference,
            only_while=only_while,
            replaces=self._blind(replaces) if replaces else None,
            edits=edits,
            not_before=self.at,
            attempts=0,
            repeats=0,
            created_at=self.at,
        )
        self._outbox.append((row, record))

    def tell_many(self, recipients: Select[Any], record: Told, *, key: str, lane: Lane = Lane.NOTICE, only_while: str | None = None) -> int:
        """Say the same to all of these (account, message to be replaced) at once; whom this key has reached is left out."""
        told = outbox.tell_many(
            self.connection,
            self.sealer,
            recipients,
            record,
            key=key,
            lane=int(lane),
            conference=self.conference,
            only_while=only_while,
            at=self.at,
        )
        self._told_many = self._told_many or told > 0
        return told

    def has_told(self, keys: Collection[str]) -> frozenset[str]:
        """See conference.ports.UnitOfWork."""
        blind = {self._blind(key): key for key in keys}
        pending = {row["key"] for row in (*self.transaction.outbox_rows, *(row for row, _ in self._outbox))}
        found = pending | outbox.earlier(self.connection, blind.keys() - pending).keys()
        return frozenset(key for hidden, key in blind.items() if hidden in found)

    def _blind(self, key: str) -> str:
        return outbox.blind(self.sealer, key)

    def note(self, actor: Actor | None, action: str, subject: str, *, post: HeldPost | None = None, **facts: Any) -> None:
        self._audit.append(
            {
                "at": self.at,
                "person_id": actor.person_id if actor else None,
                "post_id": post.post_id if post else None,
                "action": action,
                "subject": subject,
                "facts": facts,
            }
        )

    def open_incident(self, kind: str, subject: str, detail: str = "") -> bool:
        """Note that something needs a person; True if it was not known yet."""
        return incidents.open_incident(self.connection, kind, subject, detail, self.at)

    def close_incident(self, kind: str, subject: str) -> None:
        incidents.close_incident(self.connection, kind, subject, self.at)

    # -- conversations

    def conversation(self, account: int) -> Conversation:
        return self._talks.get(account) or self.transaction.conversation(account)

    def change_conversation(self, account: int, **fields: Any) -> None:
        self._talks[account] = replace(self.conversation(account), touched_at=self.at, **fields)

    # -- due rows

    def add_due(self, row: dict[str, Any]) -> None:
        self._due.append(row)

    def end_due(self, prefix: str, end: Callable[[Connection, str, datetime], None]) -> None:
        self._due = [row for row in self._due if not row["key"].startswith(prefix)]
        self._withdrawn.append(prefix)  # rows of units before it, not written yet: theirs again if this unit fails
        end(self.connection, prefix, self.at)


class _Schedule:
    """Fulfils conference.ports.Schedule."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def add(self, key: str, kind: str, subject: str, due_at: datetime, data: Mapping[str, Any] | None = None) -> None:
        facts = {"conference": self._unit.conference, **(data or {})}
        self._unit.add_due({"key": key, "kind": kind, "subject": subject, "data": facts, "due_at": due_at, "state": PENDING, "attempts": 0})

    def pending(self, prefix: str) -> Mapping[str, datetime]:
        return due.pending(self._unit.connection, prefix)

    def move(self, key: str, due_at: datetime) -> None:
        due.move(self._unit.connection, key, due_at)

    def withdraw(self, prefix: str) -> None:
        self._unit.end_due(prefix, due.withdraw)

    def forget(self, prefix: str) -> None:
        self._unit.end_due(prefix, due.forget)


class _Tries:
    """Fulfils conference.ports.Tries."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def count(self, what: str, account_id: int, since: datetime) -> int:
        query = select(func.count()).where(tries.c.what == what, tries.c.account_id == account_id, tries.c.at >= since)
        return self._unit.connection.execute(query).scalar_one()

    def note(self, what: str, account_id: int, at: datetime) -> None:
        self._unit.connection.execute(tries.insert().values(what=what, account_id=account_id, at=at))
