"""What is said of forms that ask several things in turn (handlers/wizard.py)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conference.model.told import told

from .base import Step


@told
@dataclass(frozen=True, slots=True)
class WizardAsked(Step):
    """One step of a form. `pending`: an answer that is asked back (`value`) or half of one (`day`, `time`); `offered`: pairs of
    code and label; `note` is a key of the texts, `facts` what it says; `about`: the number of what the form is about."""

    form: str
    draft: str
    version: int
    step: str
    kind: str
    number: int = 0
    of: int = 0
    required: bool = True
    limit: int = 0
    answer: Any = None
    pending: dict[str, Any] | None = None
    offered: list[list[str]] = field(default_factory=list)
    page: int = 0
    editing: bool = False
    note: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    about: str = ""


@told
@dataclass(frozen=True, slots=True)
class WizardPreview(Step):
    """Everything that was given, as it will be done. `steps`: those that can be changed; `shown`: what the form adds."""

    form: str
    draft: str
    version: int
    given: dict[str, Any]
    steps: list[str]
    shown: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    about: str = ""


@told
@dataclass(frozen=True, slots=True)
class FormWaits(Step):
    """A form is open: go on, or give it up? `conference`: the one in which it was begun, if that is not this one."""

    form: str
    draft: str
    version: int
    conference: str = ""


@told
@dataclass(frozen=True, slots=True)
class WizardCancelAsked(Step):
    form: str
    draft: str
    version: int


@told
@dataclass(frozen=True, slots=True)
class WizardDropped(Step):
    form: str
