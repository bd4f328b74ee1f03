"""Meetings, who comes to them, guests, and whom the chief convener entrusted with calling."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, select, update

from conference.model.history import By
from conference.model.meetings import Attendance, Guest, Meeting, MeetingKind, MeetingState

from .lives import LifeRepository
from .sealed import Purpose
from .tables import attendances, guests, meetings, turns

TOKEN_BYTES = 16
ENTRUSTED = "entrusted"  # noun of the turns that say who may call; their noun_id is the post
_ANSWER, _NAME = "attendances.words_sealed", "guests.name_sealed"


class MeetingRepository(LifeRepository[Meeting]):
    """Fulfils conference.ports.Meetings."""

    noun = "meeting"
    table = meetings
    entity = Meeting

    def locked(self, key: int) -> Meeting | None:
        """As it is now, for whoever is about to move or answer it: of two who do so in two processes, one comes second."""
        return next(iter(self._fresh(select(Meeting).where(meetings.c.id == key).with_for_update())), None)

    def many(self, keys: Collection[int]) -> Sequence[Meeting]:
        return self._fresh(select(Meeting).where(meetings.c.id.in_(keys)))

    def upcoming(self, conference: str, since: datetime) -> Sequence[Meeting]:
        query = select(Meeting).where(meetings.c.conference == conference, meetings.c.state == MeetingState.CONVENED)
        return self._fresh(query.where(meetings.c.starts_at >= since).order_by(meetings.c.starts_at, meetings.c.id))

    def within(self, conference: str, kinds: Collection[MeetingKind], first: datetime, end: datetime) -> Sequence[Meeting]:
        query = select(Meeting).where(meetings.c.conference == conference, meetings.c.state != MeetingState.CANCELLED)
        return self._fresh(query.where(meetings.c.kind.in_(kinds), meetings.c.starts_at >= first, meetings.c.starts_at < end))

    def last_of(self, conference: str, kinds: Collection[MeetingKind], before: datetime) -> Meeting | None:
        query = select(Meeting).where(meetings.c.conference == conference, meetings.c.state == MeetingState.HELD)
        query = query.where(meetings.c.kind.in_(kinds), meetings.c.starts_at < before).order_by(meetings.c.starts_at.desc()).limit(1)
        return next(iter(self._fresh(query)), None)

    def _fresh(self, query: Any) -> Sequence[Meeting]:
        found: Sequence[Meeting] = self._act.session.scalars(query.execution_options(populate_existing=True)).all()
        for meeting in found:
            if not hasattr(meeting, "turns"):
                meeting.turns = []
        return found

    # -- who comes

    def attendances(self, keys: Collection[int]) -> Sequence[Attendance]:
        """Those given to what the meeting says now; a cancellation is a new word to calendars but leaves the answers as they were."""
        now = meetings.c.sequence - case((meetings.c.state == MeetingState.CANCELLED, 1), else_=0)
        query = select(Attendance).join(meetings, meetings.c.id == attendances.c.meeting_id)
        query = query.where(attendances.c.meeting_id.in_(keys), attendances.c.void_at.is_(None), attendances.c.sequence >= now)
        return self._act.session.scalars(query.order_by(attendances.c.id).execution_options(populate_existing=True)).all()

    def answered(self, attendance: Attendance, words: Mapping[str, str]) -> None:
        self._void(attendance.at, attendances.c.meeting_id == attendance.meeting_id, attendances.c.unit == attendance.unit)
        self._act.session.add(attendance)
        self._act.session.flush()
        if words:
            sealed = self._act.sealer.seal_json(Purpose.NARRATIVE, _ANSWER, attendance.id or 0, dict(words))
            self._act.connection.execute(update(attendances).where(attendances.c.id == attendance.id).values(words_sealed=sealed))

    def attendance_words(self, key: int) -> dict[str, Any]:
        sealed = self._act.connection.execute(select(attendances.c.words_sealed).where(attendances.c.id == key)).scalar()
        if sealed is None:
            return {}
        found: dict[str, Any] = self._act.sealer.open_json(Purpose.NARRATIVE, _ANSWER, key, sealed)
        return found

    def void_attendances(self, meeting_id: int, at: datetime) -> None:
        self._void(at, attendances.c.meeting_id == meeting_id)

    def _void(self, at: datetime, *which: Any) -> None:
        self._act.session.flush()
        self._act.connection.execute(update(attendances).where(*which, attendances.c.void_at.is_(None)).values(void_at=at))

    # -- guests

    def invite(self, meeting_id: int, name: str) -> tuple[Guest, str]:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        guest = Guest(meeting_id=meeting_id, token_index=self._index(token))
        self._act.session.add(guest)
        self._act.session.flush()
        sealed = self._act.sealer.seal(Purpose.NARRATIVE, _NAME, guest.id or 0, name.encode())
        self._act.connection.execute(update(guests).where(guests.c.id == guest.id).values(name_sealed=sealed))
        return guest, token

    def _index(self, token: str) -> bytes:
        return self._act.sealer.index("guest.token", token)

    def guest_with(self, token: str) -> Guest | None:
        """Locked: of two who open it at once in two processes, one comes second."""
        query = select(Guest).where(guests.c.token_index == self._index(token)).with_for_update()
        return self._act.session.scalars(query.execution_options(populate_existing=True)).first()

    def guest(self, key: int) -> Guest | None:
        return self._act.session.get(Guest, key)

    def guests(self, meeting_id: int) -> Sequence[Guest]:
        return self._act.session.scalars(select(Guest).where(guests.c.meeting_id == meeting_id).order_by(guests.c.id)).all()

    def guest_name(self, guest: Guest) -> str:
        sealed = self._act.connection.execute(select(guests.c.name_sealed).where(guests.c.id == guest.id)).scalar()
        return "" if sealed is None else self._act.sealer.open(Purpose.NARRATIVE, _NAME, guest.id or 0, sealed).decode()

    # -- whom the chief convener entrusted with calling: the delegation on file

    def entrust(self, post_id: int, by: By, *, calling: bool, at: datetime) -> None:
        row = {"noun": ENTRUSTED, "noun_id": post_id, "before": None, "after": "calling" if calling else "ended", "at": at}
        self._act.connection.execute(turns.insert(), row | {"person_id": by.person_id, "post_id": by.post_id, "unit": by.unit})

    def is_entrusted(self, post_id: int) -> bool:
        query = select(turns.c.after).where(turns.c.noun == ENTRUSTED, turns.c.noun_id == post_id).order_by(turns.c.id.desc()).limit(1)
        return self._act.connection.execute(query).scalar() == "calling"
