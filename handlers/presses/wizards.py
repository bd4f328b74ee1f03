"""Buttons of forms that ask several things in turn (handlers/wizard.py)."""

from __future__ import annotations

from dataclasses import dataclass

from conference.model.permissions import Action
from handlers.buttons import Press, button


@dataclass(frozen=True, slots=True)
class OfWizard(Press):
    """Base of the buttons that belong to one step of one form."""

    draft: str
    version: int


@button("wo", Action.FILL_FORM)
@dataclass(frozen=True, slots=True)
class WizardChoose(OfWizard):
    option: int


@button("ws", Action.FILL_FORM)
@dataclass(frozen=True, slots=True)
class WizardStep(OfWizard):
    """`way`: next, back, clear, yes (keep what was asked back), all, none, cancel, drop, on."""

    way: str


@button("wg", Action.FILL_FORM)
@dataclass(frozen=True, slots=True)
class WizardPage(OfWizard):
    page: int


@button("wc", Action.FILL_FORM)
@dataclass(frozen=True, slots=True)
class WizardChange(OfWizard):
    step: int


@button("wf", Action.FILL_FORM)
@dataclass(frozen=True, slots=True)
class WizardSend(OfWizard):
    pass


@button("nv", Action.SEND_NOTICE)
@dataclass(frozen=True, slots=True)
class PreviewNotice(OfWizard):
    """A notice that is not sent yet, as readers of this language will see it."""

    language: str
