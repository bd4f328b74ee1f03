"""What the handlers say: records beside those of `conference.model.told`. They hold data only, the words come later."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from conference.model.told import Shape, Told, told


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
    """`note` is a key of the texts' notes. `several`: other areas can be chosen. `reporting`: asked for as the way to a report,
    also by those who hold a post; else these get their menu (`DeskMenu`, handlers/menus.py)."""

    note: str = ""
    several: bool = False
    reporting: bool = False


@told
@dataclass(frozen=True, slots=True)
class DeskMenu(Screen):
    """The first screen of those who hold a post: the one worn first, how many more, what they can do (names of commands), and
    which parts the document of the conference does not have. `on_duty`: a post obliges them to report."""

    note: str
    post: str
    more: int = 0
    offers: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    on_duty: bool = False


@told
@dataclass(frozen=True, slots=True)
class HelpGiven(Screen):
    """`offers`: names of the commands that are the reader's, `post`: the one they wear."""

    offers: list[str] = field(default_factory=list)
    post: str = ""


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
class PostsHeld(Screen):
    """Who somebody is here. `posts`, the one worn first in front: id, title, since when. `elsewhere`: conferences in which this
    person holds posts too. `titles`: in rows written before there were `posts`."""

    titles: list[str] = field(default_factory=list)
    name: str | None = None
    posts: list[list[Any]] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    several: bool = False


@told
@dataclass(frozen=True, slots=True)
class ConferencesListed(Screen):
    """The areas that can be chosen, a page of them; `note` is a key of the texts' notes."""

    conferences: list[str]
    page: int = 0
    pages: int = 1
    note: str = ""


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
    """Each: id, number, state, filed_at, accepted_at. `readable`: the ids of those that the reader may open."""

    reports: list[list[Any]] = field(default_factory=list)
    readable: list[int] = field(default_factory=list)


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

    @property
    def shape(self) -> Shape:
        return Shape.BARE if self.kind == "video_note" else Shape.FILE


@told
@dataclass(frozen=True, slots=True)
class ReportPosition(Told):
    number: str
    latitude: float
    longitude: float

    @property
    def shape(self) -> Shape:
        return Shape.BARE


# -- what takes two persons


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


# -- invitations and posts


@told
@dataclass(frozen=True, slots=True)
class InvitationShown(Step):
    """To the invited: what it leads to, and whether it is them."""

    invitation_id: int
    conference: str
    unit: str
    title: str
    expires_at: str
    rebind: bool = False


@told
@dataclass(frozen=True, slots=True)
class NameAsked(Step):
    """`note`: "unfit" after something that is no name."""

    title: str
    note: str = ""


@told
@dataclass(frozen=True, slots=True)
class AnswerKept(Step):
    """The name is with the office; nothing to do but wait."""

    conference: str
    unit: str
    title: str
    name: str = ""


@told
@dataclass(frozen=True, slots=True)
class InvitationDeclined(Step):
    pass


@told
@dataclass(frozen=True, slots=True)
class InvitationUseless(Told):
    """A link or code that lets nobody in. `why` is a key of the texts."""

    why: str
    figure: int = 0


@told
@dataclass(frozen=True, slots=True)
class CodeAsked(Screen):
    """`note`: "unreadable" after something that is no code."""

    note: str = ""


@told
@dataclass(frozen=True, slots=True)
class InvitationIssued(Told):
    """To who issued it, once: the link and the code for paper."""

    invitation_id: int
    conference: str
    unit: str
    title: str
    token: str
    code: str
    expires_at: str
    rebind: bool = False


@told
@dataclass(frozen=True, slots=True)
class InvitationPicture(Told):
    """The same link as a QR picture."""

    invitation_id: int
    title: str
    token: str

    @property
    def shape(self) -> Shape:
        return Shape.FILE


@told
@dataclass(frozen=True, slots=True)
class InviteUnits(Screen):
    """Each: a post of the unit (which names it in a button), the unit's slug, number of posts."""

    units: list[list[Any]] = field(default_factory=list)
    page: int = 0
    pages: int = 1


@told
@dataclass(frozen=True, slots=True)
class BodiesShown(Screen):
    """Slugs of the bodies with which a new post can be made."""

    bodies: list[str] = field(default_factory=list)


@told
@dataclass(frozen=True, slots=True)
class BodyPlaces(Screen):
    """Where a new post of this body shall stand. `places` are `PlacesOffered`."""

    body: str
    places: dict[str, Any] = field(default_factory=dict)


@told
@dataclass(frozen=True, slots=True)
class OutsidersShown(Screen):
    """Bodies from outside. `mode`: how they take part, "" where the document is silent. Each: post, name, role, has somebody come.

    `taken_back`: the name of one that just was.
    """

    mode: str
    rows: list[list[Any]] = field(default_factory=list)
    page: int = 0
    pages: int = 1
    taken_back: str = ""


@told
@dataclass(frozen=True, slots=True)
class OutsiderAsked(Step):
    """What is the unit called? `note` is a key of the texts. `body`: the kind of one that is not from outside."""

    note: str = ""
    body: str = ""


@told
@dataclass(frozen=True, slots=True)
class OutsiderDropped(Step):
    """No unit is invited."""


@told
@dataclass(frozen=True, slots=True)
class InvitePosts(Screen):
    """Each: post, title, holders."""

    unit: str
    posts: list[list[Any]] = field(default_factory=list)
    page: int = 0
    pages: int = 1


@told
@dataclass(frozen=True, slots=True)
class PostShown(Screen):
    """A post and who holds it. Each holder: person, name, number of accounts. `closed`: nobody is invited into it."""

    post_id: int
    unit: str
    title: str
    alone: bool
    vacant_since: str | None = None
    holders: list[list[Any]] = field(default_factory=list)
    closed: bool = False


@told
@dataclass(frozen=True, slots=True)
class InvitationsListed(Screen):
    """What waits. Each: id, unit, title, state, name, expires_at, whether the reader may confirm it."""

    waiting: list[list[Any]] = field(default_factory=list)
    more: int = 0


@told
@dataclass(frozen=True, slots=True)
class EndAsked(Screen):
    """Really? `what`: "tenure" or "bindings"."""

    what: str
    post_id: int
    person_id: int
    title: str
    name: str


@told
@dataclass(frozen=True, slots=True)
class TenureEnded(Told):
    in_place: ClassVar[bool] = True

    title: str
    name: str


@told
@dataclass(frozen=True, slots=True)
class BindingsEnded(Told):
    """So many accounts speak for nobody any more; of their messages so many are blanked, removed, or out of reach."""

    in_place: ClassVar[bool] = True

    post_id: int
    person_id: int
    name: str
    accounts: int
    blanked: int
    removed: int
    left: int


# -- the roster


@told
@dataclass(frozen=True, slots=True)
class RosterShown(Screen):
    """A page of the units with posts. Each: slug, a post of it (0: it has none), number of posts, number of vacant ones."""

    units: list[list[Any]] = field(default_factory=list)
    page: int = 0
    pages: int = 1
    gaps: bool = False


@told
@dataclass(frozen=True, slots=True)
class UnitShown(Screen):
    """A page of a unit's posts. Each: title, role, place, holders, vacant since. A holder: name if the reader may see it, since
    when, whether reachable."""

    post: int
    unit: str
    posts: list[list[Any]] = field(default_factory=list)
    page: int = 0
    pages: int = 1
    back: int = 0


@told
@dataclass(frozen=True, slots=True)
class ExportAsked(Screen):
    """How the roster can be taken out: with a reason. `note`: too_short, too_long."""

    note: str = ""
    figure: int = 0


@told
@dataclass(frozen=True, slots=True)
class GapsShown(Screen):
    """A page of what is missing in the roster. Each: kind (vacant, unreachable, no_post, closed), unit, title, since when."""

    gaps: list[list[Any]] = field(default_factory=list)
    page: int = 0
    pages: int = 1
    total: int = 0


# -- the mechanism


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


# -- the duty rota


@told
@dataclass(frozen=True, slots=True)
class DutyShown(Screen):
    """`desks`: each with post, title, mine (the reader stands behind it), everybody (nobody is on duty who can be rung), and
    `now` and `coming`: [shift, name, begins_at, ends_at, own]. `waiting`: reports that nobody has accepted. `note`: a key of the texts."""

    desks: list[dict[str, Any]] = field(default_factory=list)
    waiting: int = 0
    note: str = ""


@told
@dataclass(frozen=True, slots=True)
class DutyPlanning(Screen):
    """The next choice: `people` ([person, name]), then `days` (ISO), then the hours of `day`."""

    post: int
    title: str
    people: list[list[Any]] = field(default_factory=list)
    person: int = 0
    name: str = ""
    days: list[str] = field(default_factory=list)
    day: str = ""


# -- hand-overs and the roster check


@told
@dataclass(frozen=True, slots=True)
class HandoversListed(Screen):
    """Open ones ([id, title, state]). `why_not`: a key of the texts, "" for who may start one; `any_unit`: of every unit."""

    open: list[list[Any]] = field(default_factory=list)
    why_not: str = ""
    any_unit: bool = False


@told
@dataclass(frozen=True, slots=True)
class UnitsToChoose(Screen):
    """Each: a post of the unit (which names it in a button) and the unit's slug; `page` of `pages`."""

    units: list[list[Any]] = field(default_factory=list)
    page: int = 0
    pages: int = 1


@told
@dataclass(frozen=True, slots=True)
class PostsToChoose(Screen):
    """Posts ([id, title, holders' names, how many more hold it]) of the unit named by the post `of`, 0 for one's own."""

    of: int
    posts: list[list[Any]] = field(default_factory=list)
    page: int = 0
    pages: int = 1


@told
@dataclass(frozen=True, slots=True)
class HolderToChoose(Screen):
    """Several hold the post: who leaves? ([person, name])."""

    post: int
    title: str
    people: list[list[Any]] = field(default_factory=list)


@told
@dataclass(frozen=True, slots=True)
class HandoverAsked(Screen):
    """Really hand over? With what goes over. `name`: of who leaves, "" where the post is vacant."""

    post: int
    person: int
    title: str
    mode: str
    name: str = ""
    items: dict[str, Any] = field(default_factory=dict)


@told
@dataclass(frozen=True, slots=True)
class HandoverEndAsked(Screen):
    handover: int
    title: str


@told
@dataclass(frozen=True, slots=True)
class SuccessorInvited(Told):
    """To who started a hand-over, once: the successor's link and the code for paper."""

    handover_id: int
    title: str
    token: str
    code: str
    expires_at: str


@told
@dataclass(frozen=True, slots=True)
class NothingToCheck(Screen):
    """No roster check waits for an answer of one's unit."""


# -- duties


@told
@dataclass(frozen=True, slots=True)
class DutiesListed(Screen):
    """One list of the duty calendar. `lines` as in told.DutiesOpened, of `view` unsaid: duty, owner. `counts` by view; `titles` of
    owners that are places; `owners`: those for which the reader reports; `may_run`: whether the reader is of the office."""

    view: str = "own"
    lines: list[list[Any]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    page: int = 0
    pages: int = 1
    may_run: bool = False


@told
@dataclass(frozen=True, slots=True)
class DutyRowsListed(Screen):
    """Ids of rows of the document, a page of them."""

    duties: list[str] = field(default_factory=list)
    page: int = 0
    pages: int = 1


@told
@dataclass(frozen=True, slots=True)
class OccurrenceShown(Screen):
    """`history`: before, after, at, words of each turn; `standing`: what is attested; `can`: report, accept, return, waive."""

    line: list[Any] = field(default_factory=list)
    history: list[list[Any]] = field(default_factory=list)
    proofs: int = 0
    causes: list[list[str]] = field(default_factory=list)
    also: int = 0
    standing: list[str] = field(default_factory=list)
    can: list[str] = field(default_factory=list)
    title: str = ""


@told
@dataclass(frozen=True, slots=True)
class OccurrenceNoted(Told):
    """What was done with an occurrence in writing: reported, recorded, returned, waived; or asked for (`figure` owners), said."""

    what: str
    duty: str
    occurrence: int = 0
    figure: int = 0


@told
@dataclass(frozen=True, slots=True)
class OccurrenceProof(Told):
    duty: str
    part: int
    parts: int
    kind: str
    file_id: str

    @property
    def shape(self) -> Shape:
        return Shape.BARE if self.kind == "video_note" else Shape.FILE


# -- meetings


@told
@dataclass(frozen=True, slots=True)
class ComingListed(Screen):
    """Who comes. Each: unit, answer, the representative's name and post, the reason of an excuse."""

    meeting_id: int
    number: str
    kind: str
    answers: list[list[str]]
    page: int = 0
    pages: int = 1


@told
@dataclass(frozen=True, slots=True)
class MeetingsListed(Screen):
    """Those to come. Each: id, number, kind, starts_at, and what the reader's units answered ("" silent). `known`: whether the
    document founds a conference that meets; `may_call`: whether the reader may call one."""

    meetings: list[list[Any]] = field(default_factory=list)
    known: bool = True
    may_call: bool = False


@told
@dataclass(frozen=True, slots=True)
class MeetingSent(Told):
    """To whoever called, moved or cancelled it (`what`): done, and to how many."""

    what: str
    number: str
    meeting_id: int
    people: int = 0


@told
@dataclass(frozen=True, slots=True)
class AttendanceNoted(Told):
    """To whoever answered in writing: what stands now."""

    meeting_id: int
    number: str
    unit: str
    answer: str


@told
@dataclass(frozen=True, slots=True)
class MeetingPaper(Told):
    number: str
    part: int
    parts: int
    kind: str
    file_id: str

    @property
    def shape(self) -> Shape:
        return Shape.BARE if self.kind == "video_note" else Shape.FILE


@told
@dataclass(frozen=True, slots=True)
class GuestInvited(Told):
    """To the office: the link of a guest, told once."""

    number: str
    name: str
    token: str


@told
@dataclass(frozen=True, slots=True)
class ConvenersListed(Screen):
    """To the chief convener: each convener's post, title, and whether calling is entrusted to it."""

    conveners: list[list[Any]] = field(default_factory=list)


# -- assigned items


@told
@dataclass(frozen=True, slots=True)
class AssignmentsListed(Screen):
    """A page of those that are open. Each: id, number, lead, due, state, percent, light. `may_assign`: whether the reader may."""

    assignments: list[list[Any]] = field(default_factory=list)
    page: int = 0
    pages: int = 1
    may_assign: bool = False


@told
@dataclass(frozen=True, slots=True)
class AssignmentTraced(Screen):
    """A page of its history. Each turn: at, what, title of the post (or unit), words by name."""

    assignment_id: int
    number: str
    turns: list[list[Any]]
    page: int = 0
    pages: int = 1


@told
@dataclass(frozen=True, slots=True)
class AssignmentSent(Told):
    """To whoever did something with it (`what`): done, and to how many it went."""

    what: str
    number: str
    assignment_id: int
    people: int = 0


@told
@dataclass(frozen=True, slots=True)
class AssignmentFile(Told):
    """One of its files; `step`: what it came with."""

    number: str
    step: str
    part: int
    parts: int
    kind: str
    file_id: str

    @property
    def shape(self) -> Shape:
        return Shape.BARE if self.kind == "video_note" else Shape.FILE


@told
@dataclass(frozen=True, slots=True)
class OwedShown(Screen):
    """What the reader owes. `groups`: name of a group -> lines (noun, id, unit, facts), the first of `counts`."""

    groups: dict[str, list[list[Any]]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


# -- notices


@told
@dataclass(frozen=True, slots=True)
class NoticesListed(Screen):
    """Those for the reader's posts, and for the office all: id, number, title, state, sign_by, mine ("": not for the reader,
    else open or signed). `may_send`: whether the reader may write one; `page`, `pages`."""

    notices: list[list[Any]] = field(default_factory=list)
    may_send: bool = False
    page: int = 0
    pages: int = 1


@told
@dataclass(frozen=True, slots=True)
class NoticeMade(Told):
    """To whoever made or recalled it (`what`: sent, asked, recalled): to how many it went or will go."""

    what: str
    number: str
    people: int = 0
    notice_id: int = 0


@told
@dataclass(frozen=True, slots=True)
class NoticePaper(Told):
    number: str
    part: int
    parts: int
    kind: str
    file_id: str

    @property
    def shape(self) -> Shape:
        return Shape.BARE if self.kind == "video_note" else Shape.FILE


@told
@dataclass(frozen=True, slots=True)
class NoticePreviewed(Told):
    """A notice that is not sent yet, as readers of one language will see it."""

    language: str
    shown: dict[str, Any]


@told
@dataclass(frozen=True, slots=True)
class ReceiptsListed(Screen):
    """Every copy: unit, title of the post, receipt, since when. `page`, `pages`."""

    notice_id: int
    number: str
    copies: list[list[Any]] = field(default_factory=list)
    page: int = 0
    pages: int = 1


# -- forms that ask several things in turn (handlers/wizard.py)


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
