"""Invitations, and the tickets to them: of a token or a code only its keyed index is kept, and found by equality."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import Select, select, update

from conference.model.invitations import CODE_LENGTH, CODE_LETTERS, Invitation, InvitationState, Ticket, fits_paper

from .act import Act
from .sealed import Purpose
from .tables import invitations

_NAME = "invitations.name_sealed"
_OPEN = (InvitationState.ISSUED, InvitationState.ANSWERED)
TOKEN_BYTES = 16


class InvitationRepository:
    """Fulfils conference.ports.Invitations."""

    def __init__(self, act: Act) -> None:
        self._act = act

    def mint(self) -> Ticket:
        token, code = secrets.token_urlsafe(TOKEN_BYTES), ""
        while not fits_paper(code):
            code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        groups = "-".join(code[at : at + 4] for at in range(0, CODE_LENGTH, 4))
        return Ticket(token, groups, self._token_index(token), self._code_index(code))

    def _token_index(self, token: str) -> bytes:
        return self._act.sealer.index("invitation.token", token)

    def _code_index(self, code: str) -> bytes:
        return self._act.sealer.index("invitation.code", code)

    def add(self, invitation: Invitation) -> None:
        self._act.session.add(invitation)
        self._act.session.flush()

    def get(self, invitation_id: int) -> Invitation | None:
        return self._one(select(Invitation).where(invitations.c.id == invitation_id))

    def with_token(self, token: str) -> Invitation | None:
        return self._one(select(Invitation).where(invitations.c.token_index == self._token_index(token)))

    def with_code(self, code: str) -> Invitation | None:
        return self._one(select(Invitation).where(invitations.c.code_index == self._code_index(code)))

    def _one(self, query: Select[Invitation]) -> Invitation | None:
        """Locked, and read as it is now: of two who open it at once in two processes, one comes second."""
        self._act.session.flush()
        return self._act.session.scalars(query.with_for_update().execution_options(populate_existing=True)).first()

    def open_into(self, post_id: int) -> Sequence[Invitation]:
        return self._open(select(Invitation).where(invitations.c.post_id == post_id))

    def open_of(self, conference: str) -> Sequence[Invitation]:
        return self._open(select(Invitation).where(invitations.c.conference == conference))

    def answered_for(self, handover_id: int) -> Invitation | None:
        query = select(Invitation).where(invitations.c.handover_id == handover_id, invitations.c.state == InvitationState.CONFIRMED)
        return self._act.session.scalars(query).first()

    def _open(self, query: Select[Invitation]) -> Sequence[Invitation]:
        return self._act.session.scalars(query.where(invitations.c.state.in_(_OPEN)).order_by(invitations.c.id)).all()

    def name_of(self, invitation: Invitation) -> str | None:
        sealed = self._act.connection.execute(select(invitations.c.name_sealed).where(invitations.c.id == invitation.id)).scalar()
        return None if sealed is None else self._act.sealer.open(Purpose.IDENTITY, _NAME, invitation.id or 0, sealed).decode()

    def set_name(self, invitation: Invitation, name: str) -> None:
        sealed = self._act.sealer.seal(Purpose.IDENTITY, _NAME, invitation.id or 0, name.encode())
        self._act.connection.execute(update(invitations).where(invitations.c.id == invitation.id).values(name_sealed=sealed))
