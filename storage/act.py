"""What a repository needs of the act it works in."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import Connection, Select
from sqlalchemy.orm import Session

from conference.model.people import Holder, Shift
from conference.model.told import Lane, Told

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
    def conference(self) -> str: ...
    @property
    def rosters(self) -> dict[Any, list[Holder]]: ...
    def tell_many(
        self, recipients: Select[Any], record: Told, *, key: str, lane: Lane = Lane.NOTICE, only_while: str | None = None
    ) -> int: ...
    @property
    def running_shifts(self) -> dict[str, list[Shift]]: ...
