"""Every button of the desk. A draft is named by the first letters of its id and the step the button was made for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from conference.model.permissions import Action
from conference.model.questionnaire import Draft

from .buttons import Press, button

SHORT = 6  # letters of a draft's id; a button is signed for one account, so that tells its drafts apart


@dataclass(frozen=True, slots=True)
class OfDraft(Press):
    """Base of the buttons that belong to one step of one draft."""

    kept_in: ClassVar[str] = "draft"  # the part of the conversation's data that holds it

    draft: str
    version: int

    def fits(self, draft: Draft) -> bool:
        return draft.id.startswith(self.draft) and draft.version == self.version


# -- for everybody


@button("h", Action.ASK_FOR_HELP)
@dataclass(frozen=True, slots=True)
class ShowHelp(Press):
    pass


@button("st", Action.ASK_FOR_HELP)
@dataclass(frozen=True, slots=True)
class ShowStart(Press):
    pass


@button("l", Action.ASK_FOR_HELP)
@dataclass(frozen=True, slots=True)
class SetLanguage(Press):
    """`then`: what stands in the place of the chooser afterwards ("start" or nothing)."""

    language: str
    then: str


@button("rp", Action.REPORT)
@dataclass(frozen=True, slots=True)
class ShowReporting(Press):
    """The way to a report, from the menu of those who hold a post."""


@button("wp", Action.ASK_FOR_HELP)
@dataclass(frozen=True, slots=True)
class ShowPosts(Press):
    pass


@button("wh", Action.CHOOSE_HAT)
@dataclass(frozen=True, slots=True)
class WearHat(Press):
    post: int


@button("cs", Action.CHOOSE_CONFERENCE)
@dataclass(frozen=True, slots=True)
class ShowConferences(Press):
    page: int


@button("cc", Action.CHOOSE_CONFERENCE)
@dataclass(frozen=True, slots=True)
class ChooseConference(Press):
    """`slug` has at most 48 letters: just what fits."""

    slug: str


# -- a report on its way


@button("b", Action.REPORT)
@dataclass(frozen=True, slots=True)
class Begin(Press):
    """Begin a report about one of the people of the first question."""

    subject: str


@button("bd", Action.REPORT)
@dataclass(frozen=True, slots=True)
class BeginOnDuty(Press):
    """Begin a report as somebody whose work obliges them to report."""


@button("o", Action.REPORT)
@dataclass(frozen=True, slots=True)
class Choose(OfDraft):
    option: int


@button("p", Action.REPORT)
@dataclass(frozen=True, slots=True)
class PickPlace(OfDraft):
    place: str


@button("pp", Action.REPORT)
@dataclass(frozen=True, slots=True)
class OpenPlaces(OfDraft):
    """A page of the places beneath `under` ("": beneath the region)."""

    under: str
    page: int


@button("s", Action.REPORT)
@dataclass(frozen=True, slots=True)
class Step(OfDraft):
    """`way`: next, back, review, cancel, drop, on (go on), anew, new (what is held is a new report)."""

    way: str


@button("c", Action.REPORT)
@dataclass(frozen=True, slots=True)
class Change(OfDraft):
    question: int


@button("f", Action.REPORT)
@dataclass(frozen=True, slots=True)
class Submit(OfDraft):
    pass


@button("hd", Action.REPORT)
@dataclass(frozen=True, slots=True)
class HeldBelongsTo(OfDraft):
    """What is held is an addition to this filed report."""

    report: int


# -- a report of one's own


@button("m", Action.FOLLOW_OWN_REPORT)
@dataclass(frozen=True, slots=True)
class ShowOwnReports(Press):
    """`below`: 1 under a message that has to stay, such as a receipt: what follows comes below it, not in its place."""

    below: int = 0


@button("mr", Action.FOLLOW_OWN_REPORT)
@dataclass(frozen=True, slots=True)
class ShowOwnReport(Press):
    report: int


@button("a", Action.FOLLOW_OWN_REPORT)
@dataclass(frozen=True, slots=True)
class AddMore(Press):
    report: int
    below: int = 0


@button("ad", Action.FOLLOW_OWN_REPORT)
@dataclass(frozen=True, slots=True)
class Adding(OfDraft):
    """`way`: send, cancel, drop, on."""

    kept_in: ClassVar[str] = "additions"

    way: str


@button("r", Action.RECLAIM_REPORT)
@dataclass(frozen=True, slots=True)
class Reclaim(Press):
    pass


# -- those who respond


@button("ac", Action.ACCEPT_REPORT)
@dataclass(frozen=True, slots=True)
class AcceptReport(Press):
    """`sheet`: 1 under the opened report, which stays; 0 under the alert, whose place the acceptance takes."""

    report: int
    sheet: int


@button("rd", Action.READ_REPORT)
@dataclass(frozen=True, slots=True)
class ReadReport(Press):
    report: int


# -- what takes two persons


@dataclass(frozen=True, slots=True)
class Decide(Press):
    """Base of the buttons under what somebody asks: `granted` is 1 or 0. One class for each right to decide."""

    approval: int
    granted: int


@button("di", Action.APPROVE_IDENTITY)
@dataclass(frozen=True, slots=True)
class DecideIdentity(Decide):
    pass


@button("dx", Action.APPROVE_EXPORT)
@dataclass(frozen=True, slots=True)
class DecideExport(Decide):
    pass


@button("oi", Action.ASK_IDENTITY)
@dataclass(frozen=True, slots=True)
class OpenIdentity(Press):
    approval: int


@button("ls", Action.LIST_REPORTS)
@dataclass(frozen=True, slots=True)
class ShowReports(Press):
    below: int = 0


# -- invitations and posts


@button("iy", Action.ANSWER_INVITATION)
@dataclass(frozen=True, slots=True)
class AnswerInvitation(Press):
    """`way`: yes, no."""

    invitation: int
    way: str


@button("iu", Action.INVITE)
@dataclass(frozen=True, slots=True)
class ShowInviteUnits(Press):
    page: int = 0


@button("ou", Action.INVITE_OUTSIDER)
@dataclass(frozen=True, slots=True)
class ShowOutsiders(Press):
    page: int


@button("ob", Action.INVITE_OUTSIDER)
@dataclass(frozen=True, slots=True)
class InviteOutsider(Press):
    """Asks for the name of a body."""


@button("oz", Action.INVITE_OUTSIDER)
@dataclass(frozen=True, slots=True)
class TakeBackOutsider(Press):
    """A body for which nobody has come in takes part no more."""

    post: int


@button("ip", Action.INVITE)
@dataclass(frozen=True, slots=True)
class ShowInvitePosts(Press):
    """The posts of a unit, which is named by one of them: a slug may be too long for a button."""

    post: int
    page: int = 0


@button("bk", Action.INVITE)
@dataclass(frozen=True, slots=True)
class ShowBodies(Press):
    """With which kind of body a new post is to be made."""


@button("bb", Action.INVITE)
@dataclass(frozen=True, slots=True)
class ChooseBody(Press):
    """The slug of a body of the profile; too long a one is not offered."""

    body: str


@button("bu", Action.INVITE)
@dataclass(frozen=True, slots=True)
class OpenBodyPlaces(ChooseBody):
    """A page of the places beneath `under` ("": beneath the region)."""

    under: str
    page: int


@button("bp", Action.INVITE)
@dataclass(frozen=True, slots=True)
class ChooseBodyPlace(ChooseBody):
    place: str


@button("po", Action.INVITE)
@dataclass(frozen=True, slots=True)
class ShowPost(Press):
    post: int


@button("iv", Action.INVITE)
@dataclass(frozen=True, slots=True)
class InviteTo(Press):
    """Issue an invitation into this post."""

    post: int


@button("ib", Action.INVITE)
@dataclass(frozen=True, slots=True)
class InviteBack(Press):
    """Issue one for somebody who holds the post and needs a new account."""

    post: int
    person: int


@button("ic", Action.CONFIRM_INVITATION)
@dataclass(frozen=True, slots=True)
class DecideInvitation(Press):
    """`way`: confirm, refuse. `listed`: 1 in the list of what waits, which is shown again."""

    invitation: int
    way: str
    listed: int = 0


@button("ir", Action.INVITE)
@dataclass(frozen=True, slots=True)
class RevokeInvitation(Press):
    invitation: int
    listed: int = 0


@button("il", Action.CONFIRM_INVITATION)
@dataclass(frozen=True, slots=True)
class ShowInvitations(Press):
    below: int = 0


@button("et", Action.END_TENURE)
@dataclass(frozen=True, slots=True)
class EndTenure(Press):
    """`why`: "ask" first, then a code of why it ended."""

    post: int
    person: int
    why: str = "ask"


@button("eb", Action.END_BINDINGS)
@dataclass(frozen=True, slots=True)
class EndBindings(Press):
    """A phone was lost. `sure`: 0 asks first."""

    post: int
    person: int
    sure: int = 0


# -- the roster


@button("ro", Action.SEE_ROSTER)
@dataclass(frozen=True, slots=True)
class ShowRoster(Press):
    page: int


@button("ru", Action.SEE_ROSTER)
@dataclass(frozen=True, slots=True)
class ShowUnit(Press):
    """The unit that this post belongs to: its slug would not fit. `back`: the page of units to return to."""

    post: int
    page: int
    back: int


@button("rx", Action.EXPORT_ROSTER)
@dataclass(frozen=True, slots=True)
class AskExport(Press):
    """How the roster can be taken out."""


@button("rt", Action.EXPORT_ROSTER)
@dataclass(frozen=True, slots=True)
class TakeExport(Press):
    """Send the file, as a second person has allowed."""

    approval: int


@button("rg", Action.SEE_ROSTER_GAPS)
@dataclass(frozen=True, slots=True)
class ShowGaps(Press):
    page: int


# -- the duty rota


@button("me", Action.RECORD_MECHANISM)
@dataclass(frozen=True, slots=True)
class ShowMechanism(Press):
    """Whether the mechanism is set up, and how to record it."""


@button("du", Action.SEE_DUTY)
@dataclass(frozen=True, slots=True)
class ShowDuty(Press):
    pass


@button("dt", Action.SET_DUTY)
@dataclass(frozen=True, slots=True)
class TakeDuty(Press):
    post: int
    hours: int


@button("de", Action.SET_DUTY)
@dataclass(frozen=True, slots=True)
class EndShift(Press):
    shift: int


@button("dp", Action.SET_DUTY)
@dataclass(frozen=True, slots=True)
class PlanDuty(Press):
    """For whom? Then `PlanDay`: on which day? Then `PlanHours`: which hours of it?"""

    post: int


@button("dd", Action.SET_DUTY)
@dataclass(frozen=True, slots=True)
class PlanDay(Press):
    post: int
    person: int


@button("dh", Action.SET_DUTY)
@dataclass(frozen=True, slots=True)
class PlanHours(Press):
    """`day`: 20261126."""

    post: int
    person: int
    day: int


@button("ds", Action.SET_DUTY)
@dataclass(frozen=True, slots=True)
class PlanShift(Press):
    """`hours`: day, night, all."""

    post: int
    person: int
    day: int
    hours: str


# -- hand-overs and the roster check


@button("vo", Action.ANSWER_HANDOVER)
@dataclass(frozen=True, slots=True)
class ShowHandovers(Press):
    pass


@button("vu", Action.CONFIRM_HANDOVER)
@dataclass(frozen=True, slots=True)
class ChooseUnit(Press):
    """The office's way to a post: the units, page by page."""

    page: int


@button("vp", Action.START_HANDOVER)
@dataclass(frozen=True, slots=True)
class ChoosePost(Press):
    """The posts of a unit that is named by one of them (0: one's own and those of the own unit), page by page."""

    post: int
    page: int


@button("va", Action.START_HANDOVER)
@dataclass(frozen=True, slots=True)
class AskHandover(Press):
    """`person`: which of several holders leaves; 0 while that is not said."""

    post: int
    person: int


@button("vb", Action.START_HANDOVER)
@dataclass(frozen=True, slots=True)
class BeginHandover(Press):
    post: int
    person: int


@button("vs", Action.ANSWER_HANDOVER)
@dataclass(frozen=True, slots=True)
class ShowHandover(Press):
    handover: int


@button("vl", Action.START_HANDOVER)
@dataclass(frozen=True, slots=True)
class InviteAgain(Press):
    handover: int


@button("vc", Action.ANSWER_HANDOVER)
@dataclass(frozen=True, slots=True)
class ConfirmHandover(Press):
    """`side`: outgoing or incoming."""

    handover: int
    side: str


@button("vk", Action.CONFIRM_HANDOVER)
@dataclass(frozen=True, slots=True)
class ConfirmByOffice(Press):
    handover: int


@button("vx", Action.ANSWER_HANDOVER)
@dataclass(frozen=True, slots=True)
class CancelHandover(Press):
    """`sure`: 0 asks first."""

    handover: int
    sure: int


@button("rc", Action.ANSWER_ROSTER_CHECK)
@dataclass(frozen=True, slots=True)
class AnswerRosterCheck(Press):
    """`answer`: unchanged or changed."""

    check: int
    answer: str


# -- meetings


@button("ml", Action.SEE_MEETINGS)
@dataclass(frozen=True, slots=True)
class ShowMeetings(Press):
    pass


@button("mm", Action.SEE_MEETINGS)
@dataclass(frozen=True, slots=True)
class ShowMeeting(Press):
    """`below`: 1 under a message that has to stay."""

    meeting: int
    below: int = 0


@button("mp", Action.SEE_MEETINGS)
@dataclass(frozen=True, slots=True)
class ShowMeetingPapers(Press):
    meeting: int


@button("mw", Action.SEE_TALLY)
@dataclass(frozen=True, slots=True)
class ShowComing(Press):
    """Who comes by name, and why others do not. `page` -1: the first, below a message that has to stay."""

    meeting: int
    page: int = 0


@button("ma", Action.ANSWER_CONVOCATION)
@dataclass(frozen=True, slots=True)
class AnswerMeeting(Press):
    """`answer`: the first letter of attend, substitute, excused; `post`: the one under which it is answered."""

    meeting: int
    sequence: int
    answer: str
    post: int


@button("mg", Action.ANSWER_AS_GUEST)
@dataclass(frozen=True, slots=True)
class AnswerAsGuest(Press):
    guest: int
    sequence: int
    answer: str


@button("mq", Action.ANSWER_AS_GUEST)
@dataclass(frozen=True, slots=True)
class ShowGuestPapers(Press):
    guest: int


@button("mn", Action.CONVENE_MEETING)
@dataclass(frozen=True, slots=True)
class Convene(Press):
    pass


@button("mx", Action.CONVENE_MEETING)
@dataclass(frozen=True, slots=True)
class RunMeeting(Press):
    """`way`: move, cancel, held, guest."""

    meeting: int
    way: str


@button("mt", Action.ENTRUST_CONVENER)
@dataclass(frozen=True, slots=True)
class Entrust(Press):
    post: int
    calling: int


# -- assigned items


@button("al", Action.SEE_ASSIGNMENTS)
@dataclass(frozen=True, slots=True)
class ShowAssignments(Press):
    page: int


@button("as", Action.SEE_ASSIGNMENTS)
@dataclass(frozen=True, slots=True)
class ShowAssignment(Press):
    """`below`: 1 under a message that has to stay."""

    assignment: int
    below: int = 0


@button("at", Action.SEE_ASSIGNMENTS)
@dataclass(frozen=True, slots=True)
class TraceAssignment(Press):
    """Its history; `page` counts from 0, -1 is the first one under a message that has to stay."""

    assignment: int
    page: int


@button("af", Action.SEE_ASSIGNMENTS)
@dataclass(frozen=True, slots=True)
class ShowAssignmentFiles(Press):
    assignment: int


@button("an", Action.ASSIGN)
@dataclass(frozen=True, slots=True)
class Assign(Press):
    """`notice`: the decision notice it comes from, or 0."""

    notice: int = 0


@button("aw", Action.WORK_ASSIGNMENT)
@dataclass(frozen=True, slots=True)
class WorkAssignment(Press):
    """By a unit. `way`: accept, dispute, progress, longer, submit, helped, no_help."""

    assignment: int
    way: str


@button("ax", Action.ASSIGN)
@dataclass(frozen=True, slots=True)
class RunAssignment(Press):
    """By the office. `way`: rule, grant, refuse, give_back, strike_off, withdraw."""

    assignment: int
    way: str


@button("ar", Action.REASSIGN)
@dataclass(frozen=True, slots=True)
class Reassign(Press):
    assignment: int


@button("ao", Action.SEE_OWED)
@dataclass(frozen=True, slots=True)
class ShowOwed(Press):
    pass


# -- notices


@button("nl", Action.SEE_NOTICES)
@dataclass(frozen=True, slots=True)
class ShowNotices(Press):
    page: int = 0


@button("no", Action.SEE_NOTICES)
@dataclass(frozen=True, slots=True)
class OpenNotice(Press):
    """`below`: 1 under a message that has to stay."""

    notice: int
    below: int = 0


@button("np", Action.SEE_NOTICES)
@dataclass(frozen=True, slots=True)
class ShowNoticePapers(Press):
    notice: int


@button("ns", Action.SIGN_NOTICE)
@dataclass(frozen=True, slots=True)
class SignNotice(Press):
    notice: int


@button("nw", Action.SEND_NOTICE)
@dataclass(frozen=True, slots=True)
class WriteNotice(Press):
    pass


@button("nx", Action.SEND_NOTICE)
@dataclass(frozen=True, slots=True)
class RunNotice(Press):
    """`way`: recall, correct."""

    notice: int
    way: str


@button("na", Action.APPROVE_NOTICE)
@dataclass(frozen=True, slots=True)
class DecideNotice(Press):
    """`granted`: 1 for yes; 0 asks for the reason."""

    notice: int
    granted: int


@button("nb", Action.SEE_RECEIPTS)
@dataclass(frozen=True, slots=True)
class ShowBoard(Press):
    notice: int


@button("nr", Action.SEE_RECEIPTS)
@dataclass(frozen=True, slots=True)
class ShowReceipts(Press):
    notice: int
    page: int


# -- duties


@button("yl", Action.SEE_DUTIES)
@dataclass(frozen=True, slots=True)
class ShowDuties(Press):
    """`view`: own, waiting, overdue, all, unsaid, done; "" the one that fits best."""

    view: str
    page: int


@button("yr", Action.SEE_DUTIES)
@dataclass(frozen=True, slots=True)
class ShowDutyRows(Press):
    """What the document says, row by row."""

    page: int


@button("yo", Action.SEE_DUTIES)
@dataclass(frozen=True, slots=True)
class ShowOccurrence(Press):
    occurrence: int


@button("yp", Action.SEE_DUTIES)
@dataclass(frozen=True, slots=True)
class ShowProofs(Press):
    occurrence: int


@button("yt", Action.REPORT_DUTY)
@dataclass(frozen=True, slots=True)
class ReportDuty(Press):
    occurrence: int


@button("yw", Action.RUN_DUTIES)
@dataclass(frozen=True, slots=True)
class RunDuty(Press):
    """`way`: accept, return, waive."""

    occurrence: int
    way: str


@button("ya", Action.RUN_DUTIES)
@dataclass(frozen=True, slots=True)
class AskForDuty(Press):
    """`way`: open (a duty is owed because of something this program does not hear of), often (how often one recurs)."""

    way: str


# -- forms that ask several things in turn (handlers/wizard.py)


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
