"""What the records of the handlers share: menus, and steps of a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from conference.model.told import Told


@dataclass(frozen=True, slots=True)
class Screen(Told):
    """A menu: takes the place of the one that was pressed, and is not worth repeating."""

    fleeting: ClassVar[bool] = True
    in_place: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Step(Screen):
    """A step of a conversation: whoever waits for it would wait for ever if it were dropped in doubt, so it is repeated."""

    fleeting: ClassVar[bool] = False
