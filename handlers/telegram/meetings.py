"""Meetings: those who call them, those who answer, guests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, tzinfo
from typing import Any

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from conference.model.errors import NotFound, NotPossibleNow
from conference.model.meetings import Answer as Coming
from conference.model.meetings import Convocation, Meeting, MeetingKind
from conference.model.pages import cut
from conference.model.people import Actor, Role
from conference.model.permissions import Action, may
from conference.model.told import Told
from conference.ports import UnitOfWork
from conference.profiles import Profile
from conference.services import meetings
from handlers import wizard as wizards
from handlers.filters import Pressed, Said
from handlers.presses.meetings import (
    AnswerAsGuest,
    AnswerMeeting,
    Convene,
    Entrust,
    RunMeeting,
    ShowComing,
    ShowGuestPapers,
    ShowMeeting,
    ShowMeetingPapers,
    ShowMeetings,
)
from handlers.records.everybody import Refused
from handlers.records.meetings import (
    AttendanceNoted,
    ComingListed,
    ConvenersListed,
    GuestInvited,
    MeetingPaper,
    MeetingSent,
    MeetingsListed,
)
from handlers.replies import Answer, Reply
from handlers.wizard import Desk, Doubt, Form, Given, Kind, Step, form

from .wizards import desk_of

COMING = {str(answer)[0]: answer for answer in Coming}
REASONS = {"moved": "meeting_moved", "late": "meeting_late"}


def router() -> Router:
    router = Router(name="meetings")
    press, say = router.callback_query.register, router.message.register

    say(guest_link_opened, Said("start", rest=r"g-[\w-]{22}"), flags={"action": Action.ANSWER_AS_GUEST})
    say(list_commanded, Said("meetings"), flags={"action": Action.SEE_MEETINGS})
    say(convene_commanded, Said("convene"), flags={"action": Action.CONVENE_MEETING})
    say(entrust_commanded, Said("entrust"), flags={"action": Action.ENTRUST_CONVENER})
    press(list_pressed, Pressed(ShowMeetings))
    press(meeting_wanted, Pressed(ShowMeeting))
    press(coming_wanted, Pressed(ShowComing))
    press(papers_wanted, Pressed(ShowMeetingPapers))
    press(answered, Pressed(AnswerMeeting))
    press(guest_answered, Pressed(AnswerAsGuest))
    press(guest_papers_wanted, Pressed(ShowGuestPapers))
    press(convene_pressed, Pressed(Convene))
    press(run_pressed, Pressed(RunMeeting))
    press(entrust_pressed, Pressed(Entrust))
    return router


# -- looking


async def list_commanded(message: Message, actor: Actor, uow: UnitOfWork, profile: Profile, at: datetime) -> Reply:
    return _listed(actor, uow, profile, at)


async def list_pressed(callback: CallbackQuery, actor: Actor, uow: UnitOfWork, profile: Profile, at: datetime) -> Reply:
    return Answer([_listed(actor, uow, profile, at)], below=True)


def _listed(actor: Actor, uow: UnitOfWork, profile: Profile, at: datetime) -> MeetingsListed:
    found = meetings.upcoming_meetings(uow, actor, at=at)
    rows = [[m.id, m.number, str(m.kind), m.starts_at.isoformat(), [str(answer or "") for answer in own.values()]] for m, own in found]
    return MeetingsListed(rows, bool(meetings.kinds_of(profile)), may(actor, Action.CONVENE_MEETING))


async def meeting_wanted(
    callback: CallbackQuery, press: ShowMeeting, actor: Actor, uow: UnitOfWork, profile: Profile, at: datetime
) -> Reply:
    meeting = meetings.access_meeting(uow, actor, press.meeting)
    shown: list[Told] = [meetings.called(uow, meeting, actor.posts)]
    if may(actor, Action.SEE_TALLY):
        shown.append(replace(meetings.tally_of(uow, profile, meeting), as_of=at.isoformat()))
    return Answer(shown, below=bool(press.below))


async def coming_wanted(callback: CallbackQuery, press: ShowComing, actor: Actor, uow: UnitOfWork) -> Reply:
    """Below the tally, which stays as it is; a further page takes the place of the one before."""
    meeting, answers = meetings.who_comes(uow, actor, press.meeting)
    rows = [[each.unit, str(each.answer), *(words.get(name, "") for name in ("name", "post", "reason"))] for each, words in answers]
    shown, page, pages = cut(rows, max(press.page, 0))
    return Answer([ComingListed(press.meeting, meeting.number, str(meeting.kind), shown, page, pages)], below=press.page < 0)


async def papers_wanted(callback: CallbackQuery, press: ShowMeetingPapers, actor: Actor, uow: UnitOfWork) -> Reply:
    return _papers(*meetings.papers_of(uow, actor, press.meeting))


async def guest_papers_wanted(callback: CallbackQuery, press: ShowGuestPapers, actor: Actor, uow: UnitOfWork) -> Reply:
    return _papers(*meetings.papers_for_guest(uow, actor, press.guest))


def _papers(meeting: Meeting, papers: Sequence[Mapping[str, Any]]) -> Reply:
    return [MeetingPaper(meeting.number, n, len(papers), paper["kind"], paper["file_id"]) for n, paper in enumerate(papers, start=1)]


# -- answering


async def answered(
    callback: CallbackQuery,
    press: AnswerMeeting,
    actor: Actor,
    uow: UnitOfWork,
    profile: Profile,
    zone: tzinfo,
    at: datetime,
    state: FSMContext,
) -> Reply:
    """Coming is said with one press; a representative has a name and a post, an excuse its reason."""
    meeting = meetings.access_meeting(uow, actor, press.meeting)
    try:
        if (answer := COMING.get(press.answer)) is Coming.ATTEND:
            meetings.answer_convocation(uow, actor, press.meeting, press.sequence, press.post, answer, at=at)
            return meetings.called(uow, meeting, actor.posts)
        meetings.check_open(meeting, press.sequence, at=at)
    except NotPossibleNow as late:
        return Answer(toast=Refused(REASONS.get(late.state, "meeting_over")), alert=True)
    facts = {"meeting": press.meeting, "number": meeting.number, "sequence": press.sequence, "post": press.post}
    asked = await wizards.begin(state, desk_of(uow, actor, profile, zone, at, **facts), str(answer))
    return Answer([asked] if isinstance(asked, Told) else [], below=True)


def _give(answer: Coming) -> Any:
    def finish(desk: Desk, given: Given) -> Reply:
        facts = desk.facts
        try:
            done = meetings.answer_convocation(
                desk.uow, desk.actor, facts["meeting"], facts["sequence"], facts["post"], answer, given, at=desk.now.at
            )
        except NotPossibleNow as late:
            return Refused(REASONS.get(late.state, "meeting_over"))
        meeting = meetings.access_meeting(desk.uow, desk.actor, facts["meeting"])
        return AttendanceNoted(facts["meeting"], meeting.number, done.unit, str(answer))

    return finish


# -- calling


async def convene_commanded(
    message: Message, actor: Actor, uow: UnitOfWork, profile: Profile, zone: tzinfo, at: datetime, state: FSMContext
) -> Reply:
    return await _convene(desk_of(uow, actor, profile, zone, at), state)


async def convene_pressed(
    callback: CallbackQuery, actor: Actor, uow: UnitOfWork, profile: Profile, zone: tzinfo, at: datetime, state: FSMContext
) -> Reply:
    asked = await _convene(desk_of(uow, actor, profile, zone, at), state)
    return Answer([asked] if isinstance(asked, Told) else [], below=True)


async def _convene(desk: Desk, state: FSMContext) -> Reply:
    if not meetings.kinds_of(desk.profile):
        return Refused("meetings_unknown")
    if not meetings.may_call(desk.uow, desk.actor, desk.profile):
        return Refused("not_entrusted")
    return await wizards.begin(state, desk, "convene")


def _kinds(desk: Desk, given: Given) -> list[tuple[str, str]]:
    return [(str(kind), "") for kind in meetings.may_call(desk.uow, desk.actor, desk.profile)]


def _names(desk: Desk, given: Given) -> list[tuple[str, str]]:
    kind = MeetingKind(given.get("kind", MeetingKind.PLENARY))
    worn = meetings.may_call(desk.uow, desk.actor, desk.profile).get(kind)
    return [(name, "") for name in meetings.names_for(worn, desk.profile, kind)]


def _check(desk: Desk, given: Given, code: str, value: Any) -> Doubt | None:
    if code == "kind" and not meetings.addressees(desk.uow, desk.profile, MeetingKind(value), at=desk.now.at).posts:
        return Doubt("nobody_to_call")
    if code == "answer_by" and value and "starts" in given and date.fromisoformat(value) > datetime.fromisoformat(given["starts"]).date():
        return Doubt("answer_after_start")
    if code == "link" and value and not value.startswith(("http://", "https://")) and not set(value) <= set("0123456789 -#+*,/"):
        return Doubt("link_unfit")
    return None


def _times(desk: Desk, given: Given) -> tuple[datetime, datetime]:
    starts_at = datetime.fromisoformat(given["starts"])
    wanted = date.fromisoformat(given["answer_by"]) if given.get("answer_by") else None
    return starts_at, meetings.answer_until(desk.uow, wanted, desk.profile, starts_at, at=desk.now.at)


def _said(given: Given) -> Convocation:
    return Convocation(
        subject=given["subject"],
        place=given["place"],
        link=given.get("link", ""),
        chair=given.get("chair", ""),
        by=given.get("by", "chief_convener"),
    )


def _preview(desk: Desk, given: Given) -> dict[str, Any]:
    """The convocation as it will be read, to how many it goes, and for whom nobody can answer."""
    starts_at, answer_by = _times(desk, given)
    to = meetings.addressees(desk.uow, desk.profile, MeetingKind(given["kind"]), at=desk.now.at)
    liaisons = {h.unit for holders in to.posts.values() for h in holders if h.role is Role.LIAISON}
    called = {
        "meeting_id": 0,
        "sequence": 0,
        "number": desk.facts.get("number", "–"),
        "kind": given["kind"],
        "starts_at": starts_at.isoformat(),
        "answer_by": answer_by.isoformat(),
        "said": asdict(_said(given)),
        "papers": len(given.get("papers", [])),
        "moved_from": desk.facts.get("from", ""),
    }
    return {
        "called": called,
        "people": to.people,
        "units": len(to.units),
        "unreached": list(to.unreached),
        "to_seat": [unit for unit in to.units if unit not in liaisons and unit not in to.unreached],
    }


def _call(desk: Desk, given: Given) -> Reply:
    starts_at, answer_by = _times(desk, given)
    kind = MeetingKind(given["kind"])
    papers = given.get("papers", [])
    made = meetings.convene_meeting(desk.uow, desk.actor, kind, _said(given), starts_at, answer_by, papers, at=desk.now.at)
    return _sent("called", desk, made)


def _sent(what: str, desk: Desk, meeting: Meeting) -> MeetingSent:
    people = meetings.addressees(desk.uow, desk.profile, meeting.kind, at=desk.now.at).people
    return MeetingSent(what, meeting.number, meeting.id or 0, people)


# -- moving, cancelling, guests


async def run_pressed(
    callback: CallbackQuery,
    press: RunMeeting,
    actor: Actor,
    uow: UnitOfWork,
    profile: Profile,
    zone: tzinfo,
    at: datetime,
    state: FSMContext,
) -> Reply:
    meeting = meetings.access_meeting(uow, actor, press.meeting)
    if press.way == "held":
        return _held(uow, actor, press.meeting, at)
    if press.way == "guest" and not meetings.takes_guests(profile):
        reason = "guests_as_members" if profile.rules.invitation_mode == "add_as_member" else "guests_unstated"
        return Answer([Refused(reason)], below=True)
    if not meeting.open_for(meeting.sequence):
        return Answer(toast=Refused("meeting_over"), alert=True)
    name = {"move": "move_meeting", "cancel": "cancel_meeting", "guest": "guest"}.get(press.way, "cancel_meeting")
    facts = {"meeting": meeting.id, "number": meeting.number, "from": meeting.starts_at.isoformat()}
    given = _as_given(uow, meeting, zone) if name == "move_meeting" else {}
    asked = await wizards.begin(state, desk_of(uow, actor, profile, zone, at, **facts), name, given, at="starts" if given else None)
    return Answer([asked] if isinstance(asked, Told) else [], below=True)


def _held(uow: UnitOfWork, actor: Actor, meeting_id: int, at: datetime) -> Reply:
    try:
        meeting = meetings.record_held(uow, actor, meeting_id, at=at)
    except NotPossibleNow as early:
        return Answer(toast=Refused("meeting_not_begun" if early.state == "convened" else "meeting_over"), alert=True)
    return Answer([MeetingSent("held", meeting.number, meeting_id)], below=True)


def _as_given(uow: UnitOfWork, meeting: Meeting, zone: tzinfo) -> Given:
    said = meetings.said_of(uow, meeting)
    given = {"kind": str(meeting.kind), "by": said.by, "subject": said.subject, "place": said.place}
    given |= {"starts": meeting.starts_at.astimezone(zone).isoformat()}
    return given | {name: value for name, value in (("link", said.link), ("chair", said.chair)) if value}


def _move(desk: Desk, given: Given) -> Reply:
    starts_at, answer_by = _times(desk, given)
    try:
        moved = meetings.change_meeting(desk.uow, desk.actor, desk.facts["meeting"], starts_at, answer_by, _said(given), at=desk.now.at)
    except NotPossibleNow:
        return Refused("meeting_over")
    return _sent("moved", desk, moved)


def _cancel(desk: Desk, given: Given) -> Reply:
    try:
        cancelled = meetings.cancel_meeting(desk.uow, desk.actor, desk.facts["meeting"], given["reason"], at=desk.now.at)
    except NotPossibleNow:
        return Refused("meeting_over")
    return _sent("cancelled", desk, cancelled)


def _invite(desk: Desk, given: Given) -> Reply:
    try:
        _, token = meetings.invite_guest(desk.uow, desk.actor, desk.facts["meeting"], given["name"], at=desk.now.at)
    except NotPossibleNow:
        return Refused("meeting_over")
    return GuestInvited(desk.facts["number"], given["name"], token)


async def guest_link_opened(message: Message, rest: str, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    try:
        return meetings.open_guest_link(uow, actor, rest.removeprefix("g-"), at=at)
    except NotFound:
        return Refused("guest_link_unfit")


async def guest_answered(callback: CallbackQuery, press: AnswerAsGuest, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    answer = Coming.ATTEND if press.answer == "a" else Coming.EXCUSED
    try:
        return meetings.answer_as_guest(uow, actor, press.guest, press.sequence, answer, at=at)
    except NotPossibleNow as late:
        return Answer(toast=Refused(REASONS.get(late.state, "meeting_over")), alert=True)


# -- entrusting


async def entrust_commanded(message: Message, actor: Actor, uow: UnitOfWork, profile: Profile, at: datetime) -> Reply:
    if meetings.entrusts_calling(profile):
        return _conveners(uow, at)
    return Refused("only_chairing" if profile.rules.may_delegate_to else "no_delegation")


async def entrust_pressed(callback: CallbackQuery, press: Entrust, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    meetings.entrust_convener(uow, actor, press.post, calling=bool(press.calling), at=at)
    return _conveners(uow, at)


def _conveners(uow: UnitOfWork, at: datetime) -> ConvenersListed:
    return ConvenersListed([[holder.post_id, holder.title, may_call] for holder, may_call in meetings.entrusted(uow, at=at)])


# -- the forms

_HOW = (
    Step("starts", Kind.MOMENT),
    Step("place", Kind.TEXT, limit=100),
    Step("link", Kind.TEXT, required=False, limit=300),
)
_BY = Step("answer_by", Kind.DATE, required=False)

form(
    Form(
        name="convene",
        action=Action.CONVENE_MEETING,
        steps=(
            Step("kind", Kind.CHOICE, options=_kinds),
            Step("by", Kind.CHOICE, options=_names),
            *_HOW,
            Step("subject", Kind.TEXT, limit=200),
            Step("chair", Kind.TEXT, required=False, limit=60),
            Step("papers", Kind.FILES, required=False, limit=10),
            _BY,
        ),
        check=_check,
        preview=_preview,
        finish=_call,
    )
)
form(
    Form(
        name="move_meeting",
        action=Action.CONVENE_MEETING,
        steps=(*_HOW, _BY),
        check=_check,
        preview=_preview,
        finish=_move,
    )
)
form(Form(name="cancel_meeting", action=Action.CONVENE_MEETING, steps=(Step("reason", Kind.TEXT, limit=300),), finish=_cancel))
form(
    Form(
        name="substitute",
        action=Action.ANSWER_CONVOCATION,
        steps=(Step("name", Kind.TEXT, limit=30), Step("post", Kind.TEXT, limit=60)),
        finish=_give(Coming.SUBSTITUTE),
    )
)
form(
    Form(
        name="excused",
        action=Action.ANSWER_CONVOCATION,
        steps=(Step("reason", Kind.TEXT, limit=300),),
        finish=_give(Coming.EXCUSED),
    )
)
form(Form(name="guest", action=Action.INVITE_GUEST, steps=(Step("name", Kind.TEXT, limit=60),), finish=_invite))
