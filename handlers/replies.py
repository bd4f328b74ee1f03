"""What a handler may return: nothing, a record, several, or an answer to a button."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from conference.model.told import Told


@dataclass(frozen=True, slots=True)
class Answer:
    """Records to send; for a button also a word beside it (`toast`), which `alert` makes one that has to be closed.

    `below`: the message that bore the button has to stay, so nothing takes its place.
    """

    records: list[Told] = field(default_factory=list)
    toast: Told | None = None
    alert: bool = False
    below: bool = False


Reply: TypeAlias = Told | list[Told] | Answer | None
