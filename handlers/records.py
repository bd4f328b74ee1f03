"""What the handlers say: records beside those of `conference.model.told`. They hold data only, the words come later."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from conference.model.told import Told, told


@dataclass(frozen=True, slots=True)
class Screen(Told):
    """A menu: takes the place of the one that was pressed, and is not worth repeating."""

    fleeting: ClassVar[bool] = True
    in_place: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Step(Screen):
    """A step of a conversation: whoever waits for it would wait for ever if it were dropped in doubt, so it is repeated."""

    fleeting: ClassVar[bool] = False


# -- for everybody


@told
@dataclass(frozen=True, slots=True)
class StartScreen(Screen):
    """`note` is a key of the texts' notes."""

    note: str = ""


@told
@dataclass(frozen=True, slots=True)
class HelpGiven(Screen):
    official: bool = False


@told
@dataclass(frozen=True, slots=True)
class LanguageChooser(Screen):
    pass


@told
@dataclass(frozen=True, slots=True)
class LanguageChosen(Step):
    pass


@told
@dataclass(frozen=True, slots=True)
class PostsHeld(Told):
    """Titles of the posts that this account's person holds now."""

    titles: list[str] = field(default_factory=list)


@told
@dataclass(frozen=True, slots=True)
class Refused(Told):
    """A rule refused what was asked. `reason` is a key of the texts, `figure` the bound that was reached."""

    reason: str
    figure: int = 0


@told
@dataclass(frozen=True, slots=True)
class ButtonStale(Told):
    """The button was not made for this account, or is too old to be read."""


@told
@dataclass(frozen=True, slots=True)
class StepPassed(Told):
    """Beside a button whose question has been answered meanwhile."""


# -- a report on its way


@dataclass(frozen=True, slots=True)
class PlacesOffered:
    """What can be chosen as a place: part of a question, as plain data. Places are codes with what people read.

    `level` is that of the list ("": there is none). `under` is the place whose parts it shows, `above` what leads out of it.
    `finer`: the answer given so far, and the level of what lies beneath it.
    """

    level: str = ""
    listed: list[list[str]] = field(default_factory=list)
    page: int = 0
    pages: int = 1
    under: list[str] = field(default_factory=list)
    above: str = ""
    familiar: list[list[str]] = field(default_factory=list)
    found: list[list[str]] = field(default_factory=list)
    more_found: bool = False
    finer: list[str] = field(default_factory=list)


@told
@dataclass(frozen=True, slots=True)
class QuestionAsked(Step):
    """One question. `ready`: nothing required is missing. `answer` is what stands there already.

    `places` (PlacesOffered) belong to the question where it is. `finer` on the question after it: code, name and level of
    what could be added to the place just given.
    """

    draft: str
    version: int
    questionnaire: str
    question: str
    note: str = ""
    figure: int = 0
    urgent: bool = False
    ready: bool = False
    first: bool = False
    editing: bool = False
    words: int = 0
    files: int = 0
    answer: Any = None
    places: dict[str, Any] | None = None
    finer: list[str] = field(default_factory=list)


@told
@dataclass(frozen=True, slots=True)
class ReviewShown(Step):
    """Everything that would be sent. `answers` as in the draft, but words and evidence only as excerpt and number."""

    draft: str
    version: int
    questionnaire: str
    answers: dict[str, Any]
    excerpt: str = ""
    words: int = 0
    files: int = 0
    note: str = ""
    figure: int = 0
    urgent: bool = False


@told
@dataclass(frozen=True, slots=True)
class DraftWaits(Screen):
    """A draft is open already: go on, or begin anew?"""

    draft: str
    version: int
    answered: int = 0


@told
@dataclass(frozen=True, slots=True)
class CancelAsked(Step):
    """Really? `addition`: it is not a report but an addition to one."""

    draft: str
    version: int
    addition: bool = False


@told
@dataclass(frozen=True, slots=True)
class DraftDropped(Step):
    addition: bool = False


@told
@dataclass(frozen=True, slots=True)
class NothingToCancel(Screen):
    pass


@told
@dataclass(frozen=True, slots=True)
class WordsHeld(Step):
    """Something came before anything was asked; it is kept. Is it a report, or does it belong to one of `reports` (id, number)?"""

    draft: str
    version: int
    reports: list[list[Any]] = field(default_factory=list)
    note: str = ""
    figure: int = 0


@told
@dataclass(frozen=True, slots=True)
class Submitted(Told):
    """In place of the review; the number and the receipt follow by themselves. `again`: the button was pressed twice."""

    in_place: ClassVar[bool] = True

    number: str
    report_id: int
    again: bool = False


# -- a report of one's own


@told
@dataclass(frozen=True, slots=True)
class AdditionCollected(Step):
    """So many texts and files are waiting to be sent after a filed report."""

    draft: str
    version: int
    number: str
    words: int = 0
    files: int = 0
    places: int = 0
    note: str = ""
    figure: int = 0


@told
@dataclass(frozen=True, slots=True)
class AdditionSent(Told):
    in_place: ClassVar[bool] = True

    number: str
    report_id: int


@told
@dataclass(frozen=True, slots=True)
class OwnReports(Screen):
    """Each: id, number, state."""

    reports: list[list[Any]] = field(default_factory=list)


@told
@dataclass(frozen=True, slots=True)
class OwnReport(Screen):
    report_id: int
    number: str
    state: str
    filed_at: str
    accepted_at: str | None = None


@told
@dataclass(frozen=True, slots=True)
class ReceiptAsked(Screen):
    """`note`: "unknown" (fits no report) or "unreadable" (not eight words)."""

    note: str = ""


@told
@dataclass(frozen=True, slots=True)
class ReportReclaimed(Told):
    report_id: int
    number: str
    state: str
    filed_at: str
    accepted_at: str | None = None


# -- those who respond


@told
@dataclass(frozen=True, slots=True)
class ReportsListed(Screen):
    """Each: id, number, state, filed_at, accepted_at. `may_read`: the reader's post opens them."""

    reports: list[list[Any]] = field(default_factory=list)
    may_read: bool = False


@told
@dataclass(frozen=True, slots=True)
class ReportSheet(Told):
    """The facts of a report, for those it is assigned to. Free words and evidence follow in records of their own."""

    report_id: int
    number: str
    questionnaire: str
    state: str
    filed_at: str
    accepted_at: str | None
    subject: str | None
    situation: str
    danger: bool | None
    place: str | None
    place_words: list[str]
    since: dict[str, Any] | None
    reporter: str
    mandatory: bool
    words: int
    files: int
    place_name: str = ""


@told
@dataclass(frozen=True, slots=True)
class AcceptanceNoted(Told):
    """Under an opened report, to the one who accepted it: by which post and when."""

    number: str
    at: str
    post: str


@told
@dataclass(frozen=True, slots=True)
class ReportWords(Told):
    """A part of what the reporter wrote, short enough for one message."""

    number: str
    part: int
    parts: int
    text: str
    added_at: str | None = None


@told
@dataclass(frozen=True, slots=True)
class ReportEvidence(Told):
    number: str
    part: int
    parts: int
    kind: str
    file_id: str
    added_at: str | None = None


@told
@dataclass(frozen=True, slots=True)
class ReportPosition(Told):
    number: str
    latitude: float
    longitude: float
