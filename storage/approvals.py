"""Approvals, their reasons sealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select, update

from conference.model.approvals import Approval, ApprovalState

from .act import Act
from .sealed import Purpose
from .tables import approvals

_REASON = "approvals.reason_sealed"


def _open(person_id: int, at: datetime) -> Select[Approval]:
    return select(Approval).where(
        approvals.c.asked_by == person_id,
        approvals.c.state.in_([ApprovalState.ASKED, ApprovalState.GRANTED]),
        approvals.c.expires_at > at,
    )


class ApprovalRepository:
    """Fulfils conference.ports.Approvals."""

    def __init__(self, act: Act) -> None:
        self._act = act

    def add(self, approval: Approval, reason: str) -> None:
        self._act.session.add(approval)
        self._act.session.flush()
        assert approval.id is not None
        sealed = self._act.sealer.seal(Purpose.NARRATIVE, _REASON, approval.id, reason.encode())
        self._act.connection.execute(update(approvals).where(approvals.c.id == approval.id).values(reason_sealed=sealed))

    def get(self, approval_id: int) -> Approval | None:
        # Locked and read anew: two processes must not both find it undecided.
        return self._act.session.get(Approval, approval_id, with_for_update=True, populate_existing=True)

    def open_of(self, person_id: int, action: str, subject: str, at: datetime) -> Approval | None:
        query = _open(person_id, at).where(approvals.c.action == action, approvals.c.subject == subject)
        return self._act.session.scalars(query.order_by(approvals.c.id.desc())).first()

    def open_under(self, post_id: int, person_id: int, at: datetime) -> Sequence[Approval]:
        query = _open(person_id, at).where(approvals.c.asked_post == post_id)
        return self._act.session.scalars(query.order_by(approvals.c.id)).all()

    def reason_of(self, approval_id: int) -> str:
        sealed = self._act.connection.execute(select(approvals.c.reason_sealed).where(approvals.c.id == approval_id)).scalar()
        return "" if sealed is None else self._act.sealer.open(Purpose.NARRATIVE, _REASON, approval_id, sealed).decode()
