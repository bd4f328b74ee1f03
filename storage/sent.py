"""Messages that stand in chats, seen again when a phone was lost."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, update

from conference.model.errors import LianxiError
from conference.model.told import Blanked, Shape
from conference.ports import SentMessage

from .act import Act
from .outbox import SAID, WHAT_IT_SAYS, open_data, shape_of
from .tables import NEW, SENT, WITHDRAWN, is_state, outbox


class SentRepository:
    """Fulfils conference.ports.Sent. Rare, so it walks the outbox instead of burdening it with an index."""

    def __init__(self, act: Act) -> None:
        self._act = act

    def to_accounts(self, accounts: Sequence[int], since: datetime) -> Sequence[SentMessage]:
        """Each message once, however often it was edited; those blanked already are not among them."""
        if not accounts:
            return []
        rows = self._act.connection.execute(
            select(*WHAT_IT_SAYS, outbox.c.account_id, outbox.c.message_id, outbox.c.ended_at).select_from(SAID).where(
                outbox.c.account_id.in_(accounts),
                outbox.c.state == SENT,
                outbox.c.message_id.is_not(None),
                outbox.c.ended_at >= since,
            ).order_by(outbox.c.id)
        ).all()  # fmt: skip
        found: dict[tuple[int, int], SentMessage] = {}
        for row in rows:
            place = (row.account_id, row.message_id)
            if row.record == Blanked.__name__:
                found.pop(place, None)
                continue
            try:
                shape = shape_of(self._act.sealer, row)
            except LianxiError:  # written by another program, or damaged
                shape = Shape.TEXT
            if place not in found or shape is not Shape.TEXT:
                found[place] = SentMessage(*place, shape, found[place].at if place in found else row.ended_at)
        return list(found.values())

    def showing(self, records: Collection[str], field: str, value: object, since: datetime) -> Sequence[int]:
        rows = self._act.connection.execute(
            select(*WHAT_IT_SAYS, outbox.c.id)
            .select_from(SAID)
            .where(outbox.c.record.in_(records), outbox.c.state == SENT, outbox.c.message_id.is_not(None), outbox.c.created_at >= since)
            .order_by(outbox.c.id)
        ).all()
        found = []
        for row in rows:
            try:
                said = open_data(self._act.sealer, row)
            except LianxiError:  # damaged: nobody can say what it is about
                continue
            if said.get(field) == value:
                found.append(row.id)
        return found

    def withdraw(self, accounts: Sequence[int], at: datetime) -> int:
        if not accounts:
            return 0
        return self._act.connection.execute(
            update(outbox)
            .where(outbox.c.account_id.in_(accounts), is_state(outbox.c.state, NEW), outbox.c.record != Blanked.__name__)
            .values(state=WITHDRAWN, error="the account speaks for nobody any more", ended_at=at)
        ).rowcount
