"""Where a conversation can stand between two messages."""

from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup


class Talk(StatesGroup):
    """`draft` and `additions` in the data are drafts as plain data; `adding_to` is the id and number of a filed report.

    `recent` (ids and numbers of filed reports) is there as long as nobody said whether the draft is a report at all.
    """

    choosing = State()  # something was sent before anything was asked: new report, addition, or neither
    reporting = State()
    adding = State()
    reclaiming = State()
    giving_reason = State()  # a custodian is asked why; `asking_about` in the data is the id and number of the report
    naming_body = State()  # the office is asked which unit from outside to invite
    naming = State()  # `joining` is the invitation whose invited is asked for a name
    coding = State()  # a code from paper is awaited
    filling = State()  # a form of handlers/wizard.py; what was given is in the data under its name
