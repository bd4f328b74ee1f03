"""What the buttons of a report on its way share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from conference.model.questionnaire import Draft
from handlers.buttons import Press

SHORT = 6  # letters of a draft's id; a button is signed for one account, so that tells its drafts apart


@dataclass(frozen=True, slots=True)
class OfDraft(Press):
    """Base of the buttons that belong to one step of one draft."""

    kept_in: ClassVar[str] = "draft"  # the part of the conversation's data that holds it

    draft: str
    version: int

    def fits(self, draft: Draft) -> bool:
        return draft.id.startswith(self.draft) and draft.version == self.version
