"""Hand-overs, and what of a post's open items only the tables know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from conference.model.handovers import Handover
from conference.model.invitations import InvitationState

from .act import Act
from .tables import NEW, SENDING, UNDELIVERABLE, accounts, handovers, invitations, outbox


class HandoverRepository:
    """Fulfils conference.ports.Handovers."""

    def __init__(self, act: Act) -> None:
        self._act = act

    def add(self, handover: Handover) -> None:
        self._act.session.add(handover)
        self._act.session.flush()

    def get(self, handover_id: int) -> Handover | None:
        self._act.session.flush()
        query = select(Handover).where(handovers.c.id == handover_id).with_for_update()
        return self._act.session.scalars(query.execution_options(populate_existing=True)).first()

    def open_at(self, post_id: int) -> Handover | None:
        return self._act.session.scalars(select(Handover).where(handovers.c.post_id == post_id, handovers.c.done_at.is_(None))).first()

    def open_of(self, conference: str) -> Sequence[Handover]:
        query = select(Handover).where(handovers.c.conference == conference, handovers.c.done_at.is_(None))
        return self._act.session.scalars(query.order_by(handovers.c.id)).all()

    def unsent(self, person_id: int, conference: str) -> int:
        query = (
            select(func.count())
            .select_from(outbox.join(accounts, accounts.c.id == outbox.c.account_id))
            .where(accounts.c.person_id == person_id, outbox.c.conference == conference, outbox.c.state.in_([NEW, SENDING, UNDELIVERABLE]))
        )
        return self._act.connection.execute(query).scalar_one()

    def issued_under(self, post_id: int, at: datetime) -> int:
        query = select(func.count()).where(
            invitations.c.issued_post == post_id,
            invitations.c.state.in_([InvitationState.ISSUED, InvitationState.ANSWERED]),
            invitations.c.expires_at > at,
        )
        return self._act.connection.execute(query).scalar_one()
