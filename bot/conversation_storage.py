"""aiogram's FSM on our own rows: the state moves in the transaction of the update that moved it.

aiogram ships no SQL storage. Here reads and writes go to the act at hand (a `Unit`), which is put in place by the worker
before each update; one worker thread handles updates one after another, so there is nothing to isolate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey

from storage.unit_of_work import Unit


class ConversationStorage(BaseStorage):
    """One conversation an account. `enter` says whose turn it is."""

    def __init__(self) -> None:
        self._unit: Unit | None = None
        self._account = 0

    def enter(self, unit: Unit, account: int) -> None:
        self._unit, self._account = unit, account

    @property
    def _at_hand(self) -> Unit:
        if self._unit is None:
            raise RuntimeError("no act is at hand: conversations are touched only by the worker")
        return self._unit

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        name = state.state if isinstance(state, State) else state
        self._at_hand.change_conversation(self._account, state=name)

    async def get_state(self, key: StorageKey) -> str | None:
        return self._at_hand.conversation(self._account).state

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        self._at_hand.change_conversation(self._account, data=dict(data))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return dict(self._at_hand.conversation(self._account).data)

    async def close(self) -> None:
        self._unit = None
