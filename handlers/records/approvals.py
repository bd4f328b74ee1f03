"""What is said of what takes two persons."""

from __future__ import annotations

from dataclasses import dataclass

from conference.model.told import Told, told

from .base import Step


@told
@dataclass(frozen=True, slots=True)
class ReportNumberAsked(Step):
    """To a custodian: about which report?"""


@told
@dataclass(frozen=True, slots=True)
class ReasonAsked(Step):
    """Why should it be opened? `note` is a key of the texts, `figure` a bound."""

    number: str
    note: str = ""
    figure: int = 0


@told
@dataclass(frozen=True, slots=True)
class ReasonDropped(Step):
    number: str


@told
@dataclass(frozen=True, slots=True)
class ApprovalWaits(Told):
    """To the asker: asked, and until when somebody else can decide."""

    action: str
    about: str
    expires_at: str
