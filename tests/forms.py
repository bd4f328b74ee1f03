"""A form with a step of every kind, for tests of the wizard itself; its words are sentences that the desk says anyway."""

from __future__ import annotations

from typing import Any

from conference.model.permissions import Action
from handlers.records.wizards import WizardDropped
from handlers.telegram.texts.wizards import NOTES, FormWords, words_for
from handlers.wizard import Desk, Doubt, Form, Given, Kind, Step, form

STEPS = (
    Step("choice", Kind.CHOICE, options=("yes", "no")),
    Step("text", Kind.TEXT, limit=50),
    Step("words", Kind.WORDS, required=False, limit=100, wanted=lambda given: given.get("choice") == "yes"),
    Step("date", Kind.DATE),
    Step("moment", Kind.MOMENT),
    Step("number", Kind.NUMBER, limit=100),
    Step("files", Kind.FILES, required=False, limit=2),
    Step("units", Kind.UNITS, limit=3),
)
ONE = "Please write a whole number from {least} to {limit}."


def _check(desk: Desk, given: Given, code: str, value: Any) -> Doubt | None:
    if code == "number" and value == 13:
        return Doubt("too_many", facts={"limit": 12})
    return Doubt("too_far", firm=False, facts={"value": "2026-11-26"}) if code == "number" and value == 99 else None


EVERY_KIND = form(Form(name="every_kind", action=Action.FILL_FORM, steps=STEPS, check=_check, finish=lambda desk, given: WizardDropped("")))
words_for(
    "every_kind",
    FormWords(
        title="Main menu",
        questions={step.code: NOTES["edited"] for step in STEPS},
        titles={step.code: "Main menu" for step in STEPS},
        options={"choice": {"yes": "yes", "no": "no"}},
    ),
)
