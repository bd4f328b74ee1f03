"""Which conference's mechanism is set up, and by which document: one fact for each, the history is in the audit."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from sqlalchemy import delete, select

from conference.model.mechanisms import SetUp

from .act import Act
from .tables import facts


class MechanismRepository:
    """Fulfils conference.ports.Mechanisms."""

    def __init__(self, act: Act) -> None:
        self._act = act

    def set_up(self, conference: str) -> SetUp | None:
        value = self._act.connection.execute(select(facts.c.value).where(facts.c.name == _name(conference))).scalar()
        if value is None:
            return None
        kept = json.loads(bytes(value))
        return SetUp(kept["act_number"], datetime.fromisoformat(kept["at"]))

    def keep(self, conference: str, set_up: SetUp) -> None:
        name, value = _name(conference), json.dumps({"act_number": set_up.act_number, "at": set_up.at.isoformat()}).encode()
        self._act.connection.execute(delete(facts).where(facts.c.name == name))
        self._act.connection.execute(facts.insert().values(name=name, value=value))


def _name(conference: str) -> str:
    """A slug may be longer than a fact's name has room for."""
    return f"mechanism:{hashlib.blake2b(conference.encode(), digest_size=16).hexdigest()}"
