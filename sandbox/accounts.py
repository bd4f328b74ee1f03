"""Bots as Telegram knows them: who they are, what they registered, and the updates that wait for them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from sandbox.bell import Bell

TOKEN = re.compile(r"(\d{1,19}):([\w-]{10,})")
MESSAGE_LIFE = timedelta(hours=24)
CALLBACK_LIFE = timedelta(seconds=150)
KEPT_UPDATES = 200_000

# What a bot gets that never said what it wants: all but these.
ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(eq=False, slots=True)
class Update:
    id: int
    kind: str
    payload: dict[str, Any]
    lane: str  # updates of one lane are delivered one after the other
    expires: datetime

    def describe(self) -> dict[str, Any]:
        return {"update_id": self.id, self.kind: self.payload}


@dataclass(eq=False, slots=True)
class Webhook:
    url: str = ""
    secret: str = ""
    connections: int = 40
    last_error_at: datetime | None = None
    last_error: str = ""
    ip: str = ""


@dataclass(eq=False)
class Bot:
    id: int
    token: str
    username: str
    name: str
    is_bot: bool = True
    reads_all_group_messages: bool = False
    commands: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)
    words: dict[tuple[str, str], str] = field(default_factory=dict)  # (name | description | short_description, language)
    menu_buttons: dict[int, dict[str, Any]] = field(default_factory=dict)
    allowed: frozenset[str] | None = None
    webhook: Webhook = field(default_factory=Webhook)
    updates: dict[int, Update] = field(default_factory=dict)
    next_update: int = 0
    arrived: Bell = field(default_factory=Bell)
    poll: object | None = None  # the long poll that holds the line
    poll_ended_by: str = ""
    last_seen: datetime | None = None
    polled: bool = False
    _described: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        self.next_update = self.next_update or 100_000_000 + self.id % 1000 * 1_000_000 + 1

    @property
    def full_name(self) -> str:
        return self.name

    @property
    def mode(self) -> str:
        return "webhook" if self.webhook.url else ("polling" if self.polled else "silent")

    def describe(self) -> dict[str, Any]:
        if self._described is None:
            self._described = {"id": self.id, "is_bot": True, "first_name": self.name, "username": self.username}
        return self._described

    def rename(self, *, name: str | None = None, username: str | None = None) -> None:
        self.name, self.username = name or self.name, username or self.username
        self._described = None

    def wants(self, kind: str) -> bool:
        return kind not in ON_REQUEST if self.allowed is None else kind in self.allowed

    def allow(self, kinds: Iterable[str] | None) -> None:
        """None leaves it as it was; an empty list goes back to the usual ones."""
        if kinds is not None:
            chosen = frozenset(kinds)
            self.allowed = chosen or None

    def queue(self, kind: str, payload: dict[str, Any], *, lane: str, at: datetime) -> Update:
        update = Update(self.next_update, kind, payload, lane, at + (CALLBACK_LIFE if kind == "callback_query" else MESSAGE_LIFE))
        self.next_update += 1
        if self.wants(kind):
            self.updates[update.id] = update
            if len(self.updates) > KEPT_UPDATES:
                del self.updates[next(iter(self.updates))]
            self.arrived.ring()
        return update

    def forget_expired(self, now: datetime) -> None:
        """Telegram keeps messages for 24 hours and pressed buttons for 150 seconds: what is not fetched by then is gone for good."""
        for update in [update for update in self.updates.values() if update.expires <= now]:
            del self.updates[update.id]

    def confirm(self, before: int) -> None:
        for update_id in list(takewhile(lambda update_id: update_id < before, self.updates)):
            del self.updates[update_id]
