"""What a repository needs of the act it works in."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from conference.model.people import Holder, Shift

from .sealed import Sealer


class Act(Protocol):
    """A unit of work, seen from below: its savepoint begins with the first use of `connection` or `session`."""

    @property
    def connection(self) -> Connection: ...
    @property
    def session(self) -> Session: ...
    @property
    def sealer(self) -> Sealer: ...
    @property
    def rosters(self) -> dict[str, list[Holder]]: ...
    @property
    def running_shifts(self) -> dict[str, list[Shift]]: ...
