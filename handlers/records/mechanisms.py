"""What is said of the mechanism."""

from __future__ import annotations

from dataclasses import dataclass

from conference.model.told import told

from .base import Screen


@told
@dataclass(frozen=True, slots=True)
class MechanismShown(Screen):
    """Until when the mechanism is to be set up, in the text's words and as a day, and by which document it was. No term: the text
    names none. `note`: too_short, too_long (with its figure), kept."""

    term: str = ""
    last_day: str | None = None
    act_number: str = ""
    at: str | None = None
    note: str = ""
    figure: int = 0
