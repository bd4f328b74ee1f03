"""The ledger: every call that sends, changes, deletes or answers something, accepted or refused, in the order it came.

It is the witness of an exercise: who saw what, when, and how often.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

DELIVERED, REFUSED, ANSWER_LOST = "delivered", "refused", "answer_lost"


@dataclass(slots=True)
class Entry:
    seq: int
    at: datetime
    bot_id: int
    bot: str
    method: str
    chat_id: int | None
    params: dict[str, Any]
    message_id: int | None = None
    text: str | None = None
    outcome: str = DELIVERED
    error: str | None = None
    code: int | None = None
    message_ids: list[int] = field(default_factory=list)

    @property
    def seen(self) -> bool:
        """Whether it took effect; an answer lost on the way back does not undo the message."""
        return self.outcome != REFUSED

    def as_dict(self) -> dict[str, Any]:
        return {
            "seq": self.seq,
            "at": self.at.isoformat(),
            "bot": self.bot,
            "method": self.method,
            "chat_id": self.chat_id,
            "message_id": self.message_id,
            "message_ids": self.message_ids,
            "text": self.text,
            "params": self.params,
            "outcome": self.outcome,
            "error": self.error,
        }


class Ledger:
    """Keeps the last `keep` entries; `seq` goes on counting."""

    def __init__(self, keep: int = 200_000) -> None:
        self._entries: deque[Entry] = deque(maxlen=keep)
        self._seq = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))

    @property
    def last_seq(self) -> int:
        return self._seq

    def write(self, at: datetime, bot_id: int, bot: str, method: str, chat_id: int | None, params: dict[str, Any]) -> Entry:
        self._seq += 1
        entry = Entry(self._seq, at, bot_id, bot, method, chat_id, params)
        self._entries.append(entry)
        return entry

    def entries(
        self,
        *,
        chat: int | None = None,
        method: str | None = None,
        after: int = 0,
        outcome: str | None = None,
        text: str | None = None,
        since: datetime | None = None,
    ) -> list[Entry]:
        """In order. `after` is a seq, `text` a part of the text, `method` in any case of letters."""
        wanted = method.lower() if method else None
        return [
            entry
            for entry in self._entries
            if entry.seq > after
            and (chat is None or entry.chat_id == chat)
            and (wanted is None or entry.method.lower() == wanted)
            and (outcome is None or entry.outcome == outcome)
            and (text is None or text in (entry.text or ""))
            and (since is None or entry.at >= since)
        ]

    def texts(self, chat: int, *, after: int = 0) -> list[str]:
        """What the chat was shown, sent or edited, in order."""
        return [entry.text for entry in self.entries(chat=chat, after=after) if entry.seen and entry.text is not None]

    def times(self, text: str, *, chat: int | None = None, method: str | None = None) -> int:
        """How often something with this text took effect."""
        return sum(entry.seen for entry in self.entries(chat=chat, method=method, text=text))

    def repeats(self, *, method: str = "sendMessage") -> dict[tuple[int | None, str | None], int]:
        """What one chat got more than once, word for word: `{(chat, text): times}`."""
        counted: dict[tuple[int | None, str | None], int] = {}
        for entry in self.entries(method=method):
            if entry.seen:
                counted[entry.chat_id, entry.text] = counted.get((entry.chat_id, entry.text), 0) + 1
        return {key: times for key, times in counted.items() if times > 1}

    def forget(self, before: datetime) -> None:
        while self._entries and self._entries[0].at < before:
            self._entries.popleft()

    def clear(self) -> None:
        self._entries.clear()
