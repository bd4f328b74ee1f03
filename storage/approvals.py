"""Approvals, their reasons sealed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from conference.model.approvals import Approval, ApprovalState

from .act import Act
from .sealed import Purpose
from .tables import approvals

_REASON = "approvals.reason_sealed"


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
        query = select(Approval).where(
            approvals.c.asked_by == person_id,
            approvals.c.action == action,
            approvals.c.subject == subject,
            approvals.c.state.in_([ApprovalState.ASKED, ApprovalState.GRANTED]),
            approvals.c.expires_at > at,
        )
        return self._act.session.scalars(query.order_by(approvals.c.id.desc())).first()

    def reason_of(self, approval_id: int) -> str:
        sealed = self._act.connection.execute(select(approvals.c.reason_sealed).where(approvals.c.id == approval_id)).scalar()
        return "" if sealed is None else self._act.sealer.open(Purpose.NARRATIVE, _REASON, approval_id, sealed).decode()
