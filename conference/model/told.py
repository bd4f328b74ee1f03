"""What people are told, without the words: small frozen records that rows of the outbox keep.

A record is turned into sentences when it is sent, in the reader's language (handlers/telegram/texts). The names are the
contract with rows already written: a class may gain fields with defaults, it is never renamed.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, ClassVar, TypeVar

from .errors import Misconfigured


class Lane(IntEnum):
    """Which messages go first when not all can go at once. Digests and reminders keep the quiet hours and days off besides."""

    EMERGENCY = 0
    REPLY = 1
    NOTICE = 2
    DIGEST = 3


class Shape(StrEnum):
    TEXT = "text"  # its text can be changed
    FILE = "file"  # its caption can be changed
    BARE = "bare"  # nothing can be changed: a position, a round video


@dataclass(frozen=True, slots=True)
class Told:
    """Base of all records.

    `fleeting`: only a menu, not worth repeating when it may already have arrived. `in_place`: as the answer to a button it
    takes the place of the message that bore the button. `late`: part of it is filled in only when it is about to be sent.
    """

    fleeting: ClassVar[bool] = False
    late: ClassVar[bool] = False
    in_place: ClassVar[bool] = False

    @property
    def key(self) -> str | None:
        """Under which key an answer is found again, if a later message takes its place."""
        return None

    @property
    def shape(self) -> Shape:
        """What kind of message it becomes: that says how the message can be blanked later."""
        return Shape.TEXT


_KINDS: dict[str, type[Told]] = {}
T = TypeVar("T", bound=type[Told])


def told(kind: T) -> T:
    """Class decorator: rows may hold this record under its class name."""
    if kind.__name__ in _KINDS:
        raise Misconfigured(f"two records are named {kind.__name__}")
    _KINDS[kind.__name__] = kind
    return kind


def pack(record: Told) -> tuple[str, dict[str, Any]]:
    """Name and plain data of a record, fit for JSON."""
    return type(record).__name__, {f.name: getattr(record, f.name) for f in dataclasses.fields(record)}


def unpack(name: str, data: dict[str, Any]) -> Told:
    """The record again; fields it no longer knows are left out. Raises Misconfigured for an unknown name."""
    kind = _KINDS.get(name)
    if kind is None:
        raise Misconfigured(f"no record is named {name}; known: {sorted(_KINDS)}")
    known = {f.name for f in dataclasses.fields(kind)}
    return kind(**{key: value for key, value in data.items() if key in known})


# -- reports -----------------------------------------------------------------------------------------------------------


@told
@dataclass(frozen=True, slots=True)
class ReportFiled(Told):
    """To the reporter: the number, the receipt (eight indices into the word list), what happens next."""

    number: str
    receipt: list[int]
    mandatory: bool = False
    danger: bool = False
    report_id: int = 0


@told
@dataclass(frozen=True, slots=True)
class ReportAccepted(Told):
    """To the reporter: public security has taken it."""

    number: str
    at: str


@told
@dataclass(frozen=True, slots=True)
class ReportAlert(Told):
    """To a duty desk: a report waits. `step` 0 is the first ring; `facts` are filled only under full disclosure."""

    report_id: int
    number: str
    filed_at: str
    step: int = 0
    danger: bool | None = None
    situation: str | None = None
    place: str | None = None
    place_name: str = ""


@told
@dataclass(frozen=True, slots=True)
class ReportTaken(Told):
    """To the people of a duty desk, in place of their alert: somebody took it."""

    in_place: ClassVar[bool] = True

    report_id: int
    number: str
    at: str
    post: str


@told
@dataclass(frozen=True, slots=True)
class ReportSeenByOffice(Told):
    """To the office, at the same moment as public security: for its record, nothing to hold back."""

    number: str
    filed_at: str


@told
@dataclass(frozen=True, slots=True)
class ReportUnaccepted(Told):
    """To the office, last step of the ladder: no desk has accepted; call them."""

    report_id: int
    number: str
    filed_at: str
    minutes: int


@told
@dataclass(frozen=True, slots=True)
class ReportAddition(Told):
    """To those handling a report: the reporter added something."""

    report_id: int
    number: str
    files: int = 0


# -- invitations and posts ---------------------------------------------------------------------------------------------


@told
@dataclass(frozen=True, slots=True)
class InvitationAnswered(Told):
    """To the office, but not to who issued it: somebody says they are meant. `alone`: there is no second person to confirm.
    `was`: the name under which they are known, where it is another."""

    invitation_id: int
    conference: str
    unit: str
    title: str
    name: str
    rebind: bool = False
    alone: bool = False
    was: str = ""


@told
@dataclass(frozen=True, slots=True)
class InvitationDecided(Told):
    """In place of `InvitationAnswered` for the rest of the office, and to who issued it. `how`: a state of invitations."""

    in_place: ClassVar[bool] = True

    invitation_id: int
    unit: str
    title: str
    name: str
    how: str
    at: str
    conference: str = ""


@told
@dataclass(frozen=True, slots=True)
class InvitationEnded(Told):
    """To the invited: refused, revoked or expired before it was confirmed. `how`: a state of invitations."""

    conference: str
    unit: str
    title: str
    how: str


@told
@dataclass(frozen=True, slots=True)
class PostEntered(Told):
    """To the invited: the post is theirs from now on (`rebind`: again, on this account), and what it can do."""

    conference: str
    unit: str
    title: str
    role: str
    rebind: bool = False


@told
@dataclass(frozen=True, slots=True)
class PostLeft(Told):
    """To whoever held a post: the tenure has ended."""

    conference: str
    unit: str
    title: str
    at: str


# -- what takes two persons --------------------------------------------------------------------------------------------


@told
@dataclass(frozen=True, slots=True)
class ApprovalAsked(Told):
    """To those who may decide, never to the asker. `about`: a report's number or the like; `reason` is filled in when it is sent."""

    late: ClassVar[bool] = True

    approval_id: int
    action: str
    about: str
    post: str
    expires_at: str
    reason: str = ""


@told
@dataclass(frozen=True, slots=True)
class ApprovalSettled(Told):
    """In place of what somebody who may decide was asked. `state`: granted, refused, used or expired; `post` decided, if one did."""

    in_place: ClassVar[bool] = True

    action: str
    about: str
    state: str
    post: str
    at: str


@told
@dataclass(frozen=True, slots=True)
class ApprovalDecided(Told):
    """To the asker: granted (until `expires_at`), refused, or expired."""

    approval_id: int
    action: str
    about: str
    state: str
    post: str
    expires_at: str


@told
@dataclass(frozen=True, slots=True)
class IdentityShown(Told):
    """To the custodian who opened it: what is known of the reporter.

    The row holds neither `address` (in the channel) nor `particulars` (contact and workplace, as answered): they are filled in
    when it is sent, for somebody who still is a custodian and until `closes_at`; else it goes as IdentityClosed.
    """

    late: ClassVar[bool] = True

    in_place: ClassVar[bool] = True

    approval_id: int
    report_id: int
    number: str
    closes_at: str
    address: int = 0
    particulars: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"identity:{self.approval_id}:shown"


@told
@dataclass(frozen=True, slots=True)
class IdentityClosed(Told):
    """In place of an opened identity, ten minutes later."""

    number: str


@told
@dataclass(frozen=True, slots=True)
class IdentityOpened(Told):
    """To the conveners, the office's director and the operator: that it was opened, and by which posts. Never what it said."""

    number: str
    post: str
    approved_by: str
    at: str


@told
@dataclass(frozen=True, slots=True)
class Blanked(Told):
    """In place of an earlier message to an account whose phone was lost: one line, or nothing. `how`: the shape it had."""

    how: str


# -- duty, vacancies, hand-overs, the roster check ---------------------------------------------------------------------


@told
@dataclass(frozen=True, slots=True)
class DutyPlanned(Told):
    """To somebody of a duty desk: a colleague has put them on the rota."""

    title: str
    begins_at: str
    ends_at: str


@told
@dataclass(frozen=True, slots=True)
class DutyEnded(Told):
    """To somebody of a duty desk: a colleague has ended their shift, or taken it off the rota."""

    title: str
    begins_at: str


@told
@dataclass(frozen=True, slots=True)
class PostVacant(Told):
    """Nobody holds this post, nor the others (unit, title) since the same moment.

    `whom`: unit (a reminder to its other people) or office (and conveners). `alone`: the unit has nobody.
    """

    conference: str
    unit: str
    title: str
    since: str
    whom: str
    alone: bool = False
    others: list[list[str]] = field(default_factory=list)


@told
@dataclass(frozen=True, slots=True)
class MechanismDue(Told):
    """The mechanism is to be set up until this day. `step`: a name of MechanismStep; `days`: working days left. `office`: the reader
    can record it."""

    conference: str
    last_day: str
    step: str
    days: int
    office: bool


@told
@dataclass(frozen=True, slots=True)
class HandoverShown(Told):
    """Where a hand-over stands, as notice and as screen. `side`: how the reader stands to it (outgoing, incoming, unit, office).

    `items`: what goes over, by kind: [number, labels]. `can`: what the reader may do now (outgoing, incoming, office, link,
    cancel). `gone`: the holder cannot be reached, so the unit or the office confirms instead; `instead`: they have. `nobody`: it takes
    the office's word, and nobody of the office could give it. `was`: the name under which the successor is known, if it is another.
    """

    in_place: ClassVar[bool] = True

    handover_id: int
    conference: str
    unit: str
    title: str
    state: str
    mode: str
    side: str
    outgoing: str = ""
    incoming: str = ""
    outgoing_at: str | None = None
    incoming_at: str | None = None
    items: dict[str, Any] = field(default_factory=dict)
    can: list[str] = field(default_factory=list)
    gone: bool = False
    instead: bool = False
    nobody: bool = False
    note: str = ""
    was: str = ""


@told
@dataclass(frozen=True, slots=True)
class HandoverDone(Told):
    """The post has changed hands. `side`: outgoing, incoming (a welcome with all that came with it), or roster (one line)."""

    conference: str
    unit: str
    title: str
    at: str
    side: str
    role: str = ""
    name: str = ""
    items: dict[str, Any] = field(default_factory=dict)
    instead: bool = False


@told
@dataclass(frozen=True, slots=True)
class HandoverCancelled(Told):
    """To everybody it concerned: nothing has changed."""

    conference: str
    unit: str
    title: str


@told
@dataclass(frozen=True, slots=True)
class RosterCheckShown(Told):
    """To a unit: are these still your people? `people`: title and names of each post. `again`: a reminder."""

    in_place: ClassVar[bool] = True

    check_id: int
    conference: str
    quarter: str
    unit: str
    closes_at: str
    people: list[list[Any]] = field(default_factory=list)
    answer: str | None = None
    again: bool = False


@told
@dataclass(frozen=True, slots=True)
class RosterChangeSaid(Told):
    """To the office, at once: a unit says that its people have changed."""

    conference: str
    quarter: str
    unit: str


@told
@dataclass(frozen=True, slots=True)
class UnitJoined(Told):
    """To everybody of the office: somebody has come in for a unit that the document does not name; it is a member from now on."""

    conference: str
    name: str


@told
@dataclass(frozen=True, slots=True)
class RosterCheckClosed(Told):
    """To the office: units by answer, and posts that nobody seems to read ([unit, title, why])."""

    conference: str
    quarter: str
    unchanged: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    unread: list[list[str]] = field(default_factory=list)


@told
@dataclass(frozen=True, slots=True)
class RosterFile(Told):
    """To the one of the office who was allowed to take it: the roster as a CSV.

    The row holds no `content`: it is filled in when the file is sent, for somebody who still is of the office; else it goes as
    RosterWithheld.
    """

    late: ClassVar[bool] = True

    conference: str
    at: str
    lines: int = 0
    content: str = ""

    @property
    def shape(self) -> Shape:
        return Shape.FILE


@told
@dataclass(frozen=True, slots=True)
class RosterWithheld(Told):
    """In place of the file, to somebody who left the office before it went."""


# -- meetings ----------------------------------------------------------------------------------------------------------


@told
@dataclass(frozen=True, slots=True)
class MeetingCalled(Told):
    """The convocation. `said`: subject, place, link, chair, by; `posts`: those under which the reader answers (post, unit, answer);
    `moved_from`: the date before, if it was moved."""

    in_place: ClassVar[bool] = True

    meeting_id: int
    sequence: int
    number: str
    kind: str
    starts_at: str
    answer_by: str
    said: dict[str, str]
    papers: int = 0
    posts: list[list[Any]] = field(default_factory=list)
    moved_from: str = ""
    state: str = "convened"


@told
@dataclass(frozen=True, slots=True)
class MeetingInvite(Told):
    """The same as a file that calendars read (RFC 5545). `method`: REQUEST or CANCEL."""

    number: str
    kind: str
    uid: str
    sequence: int
    method: str
    starts_at: str
    ends_at: str
    written_at: str
    subject: str
    place: str
    link: str = ""
    units: list[str] = field(default_factory=list)

    @property
    def shape(self) -> Shape:
        return Shape.FILE


@told
@dataclass(frozen=True, slots=True)
class MeetingCancelled(Told):
    meeting_id: int
    number: str
    kind: str
    starts_at: str
    subject: str
    reason: str


@told
@dataclass(frozen=True, slots=True)
class MeetingTally(Told):
    """To the office: who comes, by unit; one message that is kept true. `guests`: invited, coming.

    `as_of` (ISO): opened by hand, true at that moment; "": the one that is kept true.
    """

    in_place: ClassVar[bool] = True

    meeting_id: int
    number: str
    kind: str
    state: str
    starts_at: str
    answer_by: str
    coming: list[str]
    substitute: list[str]
    excused: list[str]
    silent: list[str]
    guests: list[int] = field(default_factory=lambda: [0, 0])
    as_of: str = ""


@told
@dataclass(frozen=True, slots=True)
class GuestCalled(Told):
    """To a guest: the meeting, and what they answered. `moved`: another date, time or place than before."""

    in_place: ClassVar[bool] = True

    guest_id: int
    conference: str
    name: str
    sequence: int
    number: str
    kind: str
    state: str
    starts_at: str
    answer_by: str
    said: dict[str, str]
    answer: str = ""
    moved: bool = False
    papers: int = 0


@told
@dataclass(frozen=True, slots=True)
class PlenaryWindowEnding(Told):
    """To the office and the chief convener: the window of the cadence ends and no plenary has been called."""

    window: str
    last: str
    cadence: str
    in_principle: bool


# -- assigned items ----------------------------------------------------------------------------------------------------


@told
@dataclass(frozen=True, slots=True)
class AssignmentTold(Told):
    """An item as it stands. `news`: what has just happened ("" where somebody looks), `words` what was said to it, `by` whose act
    it is; `said`: what, why, proof; `helpers`: unit and state; `own`: the reader's units that have part in it; `runs`: the reader
    is of the office; `notice`: the number of the decision notice that it comes from; `where`: where the proof is that is no file."""

    in_place: ClassVar[bool] = True

    assignment_id: int
    number: str
    state: str
    news: str
    words: str
    by: str
    lead: str
    helpers: list[list[str]]
    due: str
    percent: int
    said: dict[str, str]
    papers: int = 0
    longer_until: str = ""
    disputed: bool = False
    light: str = ""
    own: list[str] = field(default_factory=list)
    runs: bool = False
    may_reassign: bool = False
    notice: str = ""
    where: str = ""


# -- notices -----------------------------------------------------------------------------------------------------------


@told
@dataclass(frozen=True, slots=True)
class NoticeSent(Told):
    """To those it is for, all in the same words: that there is a notice, and until when to sign for it; what it says is read on
    opening it. `corrects`: the number of the notice that it puts right."""

    notice_id: int
    number: str
    title: str
    sign_by: str
    sent_at: str = ""
    doc_no: str = ""
    corrects: str = ""


@told
@dataclass(frozen=True, slots=True)
class NoticeShown(Told):
    """A notice that was opened. `audience`: its kind, `units` the first of them if it is for units; `signs`: whether the reader can
    sign for it now; `signed_at`: for the reader's post or unit."""

    in_place: ClassVar[bool] = True

    notice_id: int
    number: str
    title: str
    text: str
    sign_by: str
    sent_at: str = ""
    doc_no: str = ""
    corrects: str = ""
    corrected_by: str = ""
    audience: str = ""
    units: list[str] = field(default_factory=list)
    units_count: int = 0
    papers: int = 0
    signs: bool = False
    signed_at: str = ""
    may_see_receipts: bool = False


@told
@dataclass(frozen=True, slots=True)
class NoticeRecalled(Told):
    """In place of a notice that was taken back."""

    in_place: ClassVar[bool] = True

    number: str
    recalled_at: str
    reason: str = ""


@told
@dataclass(frozen=True, slots=True)
class NoticeToApprove(Told):
    """To those who may decide as the second person. `audience`: its kind; `people`: how many it goes to."""

    notice_id: int
    number: str
    title: str
    text: str
    sign_by: str
    doc_no: str = ""
    corrects: str = ""
    papers: int = 0
    audience: str = "units"
    people: int = 0
    by: str = ""


@told
@dataclass(frozen=True, slots=True)
class NoticeDecided(Told):
    """A second person has decided (`state`: sent or refused): to the maker, and in place of what the others were asked."""

    in_place: ClassVar[bool] = True

    number: str
    title: str
    state: str
    by: str = ""
    reason: str = ""
    people: int = 0


@told
@dataclass(frozen=True, slots=True)
class NoticeBoard(Told):
    """To the office: how far it has come, one message that is kept true. `groups`: by receipt, the number and the first few
    ([unit, title of the post; "" for a whole unit]). `recall_until`: "" once it cannot be taken back.
    `runs`: the reader is of the office."""

    in_place: ClassVar[bool] = True

    notice_id: int
    number: str
    title: str
    state: str
    sign_by: str
    sent_at: str
    of: int = 0
    groups: dict[str, list[Any]] = field(default_factory=dict)
    recall_until: str = ""
    corrected_by: str = ""
    people: int = 0
    runs: bool = True


@told
@dataclass(frozen=True, slots=True)
class NoticeUnreached(Told):
    """To the office, at once: nobody could be reached there. Each of `whom`: unit, title of the post ("" for a whole unit).
    `why`: vacant or blocked; `number_of`: all of them, if only some are named."""

    notice_id: int
    number: str
    title: str
    why: str
    whom: list[list[str]] = field(default_factory=list)
    number_of: int = 0


# -- duties ------------------------------------------------------------------------------------------------------------


@told
@dataclass(frozen=True, slots=True)
class DutiesOpened(Told):
    """To whoever reports for an owner: these have opened, in one message. Each: id, owner, duty, cause, due, state, colour, number.

    `titles`: of owners that are places.
    """

    lines: list[list[Any]]
    titles: dict[str, str] = field(default_factory=dict)


@told
@dataclass(frozen=True, slots=True)
class DutiesToReview(Told):
    """To the office, at most once a day: so many reports wait for its word; or of these duties nobody has said how often they recur."""

    waiting: int = 0
    unsaid: list[str] = field(default_factory=list)


@told
@dataclass(frozen=True, slots=True)
class OccurrenceReturned(Told):
    """To the owner's people: what lacks. `line` as in DutiesOpened, `title` of an owner that is a place."""

    line: list[Any]
    lacks: str
    title: str = ""


@told
@dataclass(frozen=True, slots=True)
class OccurrenceWaived(Told):
    line: list[Any]
    reason: str
    title: str = ""


# -- reminders ---------------------------------------------------------------------------------------------------------


@told
@dataclass(frozen=True, slots=True)
class Digest(Told):
    """To whoever owes something: all of it in one message. Each line: noun, id, unit, mark, step, facts (number, due ...).

    Written by its `name` alone, the same for many; each reader's lines are read when it is sent, without what has been done meanwhile.
    """

    late: ClassVar[bool] = True

    lines: list[list[Any]]
    name: str = ""


@told
@dataclass(frozen=True, slots=True)
class CalendarEnds(Told):
    """To the office: the table of working days ends with this day (ISO; "": it is empty), beyond it weekdays count."""

    ends: str


# -- drafts and the machine --------------------------------------------------------------------------------------------


@told
@dataclass(frozen=True, slots=True)
class DraftExpiring(Told):
    """To the writer of a draft: it will be erased tomorrow unless it goes on."""

    erased_at: str


@told
@dataclass(frozen=True, slots=True)
class DraftErased(Told):
    """To the writer of a draft: it has been erased, as announced."""


@told
@dataclass(frozen=True, slots=True)
class SomethingWentWrong(Told):
    """To a person whose message could not be handled after five tries; an operator has been told."""

    reference: str


@told
@dataclass(frozen=True, slots=True)
class IncidentOpened(Told):
    """To the operators: something needs a person. `kind` is a key of the texts; `detail` never carries content."""

    kind: str
    subject: str
    detail: str = ""
