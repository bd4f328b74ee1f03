"""Calling a meeting, moving and cancelling it, who comes, and the window in which a plenary has to be held.

Who may call what, and how others take part, is the profile's. Source: domain §2.7 (MTG-01 … 04, MTG-12), §4.2, §5 A2, A5, A6, A10.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from conference.model.errors import AnswerUnfit, NotAllowed, NotFound, NotPossibleNow
from conference.model.events import on
from conference.model.history import By
from conference.model.ladders import window
from conference.model.meetings import Answer, Attendance, Convocation, Guest, Meeting, MeetingKind, MeetingState, Tally, tally
from conference.model.outsiders import has_joined
from conference.model.people import OFFICE, SEATS, Actor, HeldPost, Holder, Post, Role
from conference.model.permissions import Action, Concern, authorize, may
from conference.model.profile import Profile
from conference.model.told import GuestCalled, Lane, MeetingCalled, MeetingCancelled, MeetingInvite, MeetingTally, PlenaryWindowEnding, Told
from conference.ports import UnitOfWork

from .inventories import contributes
from .owing import Owing, owes
from .people import POST_TAKEN, post_taken
from .reminders import Plan, Standing, plans, remind, reminds, stop_reminding

NOUN = "meeting"
UNRECORDED = timedelta(days=180)  # how long the office is asked whether a meeting was held
LASTS = timedelta(hours=2)  # what a calendar shows: no text says how long a meeting is
ANSWERING = (Role.LIAISON, Role.MEMBER, Role.CONVENER)  # whose word is the unit's, first of all the liaison's
MONTHS = {"yearly": 12, "half_yearly": 6, "quarterly": 3}


# -- what the profile allows -------------------------------------------------------------------------------------------


def kinds_of(profile: Profile) -> list[MeetingKind]:
    """The meetings that the document knows; none for one that founds no conference."""
    rules = profile.rules
    there = {
        MeetingKind.PLENARY: rules.plenary_cadence is not None,
        MeetingKind.EXTRA: bool(rules.extra_meeting),
        MeetingKind.LIAISON: bool(rules.liaison_meeting),
    }
    return [kind for kind, known in there.items() if known and profile.has_conference]


def may_call(uow: UnitOfWork, actor: Actor, profile: Profile) -> dict[MeetingKind, HeldPost]:
    """Those this actor may call, each with the post under which it is called: the one worn first that has the right to this kind.

    The chief convener and, on behalf of the one who calls, the office any; a convener those of the liaisons, the others only if
    entrusted. Source: 000 五(一), 001 五(一), 002 三, 004 会议要求段.
    """
    authorize(actor, Action.CONVENE_MEETING, Concern(profile.slug))
    found: dict[MeetingKind, HeldPost] = {}
    for post in actor.posts:
        for kind in _kinds_under(uow, post, profile):
            found.setdefault(kind, post)
    return {kind: found[kind] for kind in kinds_of(profile) if kind in found}


def _kinds_under(uow: UnitOfWork, post: HeldPost, profile: Profile) -> list[MeetingKind]:
    known = kinds_of(profile)
    if post.role in OFFICE or post.role is Role.CHIEF_CONVENER:
        return known
    if post.role is not Role.CONVENER:
        return []
    return known if entrusts_calling(profile) and is_entrusted(uow, post) else [k for k in known if k is MeetingKind.LIAISON]


def entrusts_calling(profile: Profile) -> bool:
    """Whether calling can be handed to a convener; elsewhere only presiding can be, and the convocation names who does.

    Source: 000 五(一), 001 五(一): 委托召集人召集; 002 三, 004 会议要求段: 委托的同志主持.
    """
    return profile.rules.may_delegate_to == "convener"


def names_for(post: HeldPost | None, profile: Profile, kind: MeetingKind) -> list[str]:
    """In whose name this post calls: the chief convener's only by him and by the office; where the document lets him entrust
    others, the conveners'; liaisons meet at the office's call."""
    role = post.role if post is not None else None
    own_name = role is Role.CHIEF_CONVENER or role in OFFICE
    if kind is MeetingKind.LIAISON:
        return ["office", *(["chief_convener"] if own_name else [])]
    entrusted = entrusts_calling(profile) and (role is Role.CONVENER or own_name)
    return [*(["chief_convener"] if own_name else []), *(["convener"] if entrusted else [])]


def _check_name(post: HeldPost | None, profile: Profile, kind: MeetingKind, name: str) -> None:
    if name not in names_for(post, profile, kind):
        raise NotAllowed(Action.CONVENE_MEETING)


def is_entrusted(uow: UnitOfWork, post: HeldPost) -> bool:
    return post.role is Role.CONVENER and uow.meetings.is_entrusted(post.post_id)


def entrust_convener(uow: UnitOfWork, actor: Actor, post_id: int, *, calling: bool, at: datetime) -> Holder:
    """The chief convener hands the calling of meetings to a convener, or takes it back. Raises NotFound for any other post."""
    post = authorize(actor, Action.ENTRUST_CONVENER, Concern(uow.conference))
    holder = next((each for each in conveners(uow, at=at) if each.post_id == post_id), None)
    if holder is None or not entrusts_calling(uow.conferences.profile(uow.conference)):
        raise NotFound("convener", post_id)
    if uow.meetings.is_entrusted(post_id) != calling:
        uow.meetings.entrust(post_id, By.of(actor, post), calling=calling, at=at)
        uow.note(actor, "meeting.entrusted" if calling else "meeting.entrusting_ended", f"post:{post_id}", post=post)
    return holder


def entrusted(uow: UnitOfWork, *, at: datetime) -> list[tuple[Holder, bool]]:
    """The conveners, each with whether calling is entrusted to the post now."""
    return [(holder, uow.meetings.is_entrusted(holder.post_id)) for holder in conveners(uow, at=at)]


def conveners(uow: UnitOfWork, *, at: datetime) -> list[Holder]:
    return [holder for holder in uow.people.roster(uow.conference, at) if holder.role is Role.CONVENER]


# -- for whom it is ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Addressees:
    """Accounts with the posts that can answer for a unit; `units` are asked for an answer, for `unreached` nobody reads.

    `guests`: whoever came for a body from outside that attends all meetings but those of the liaisons.
    """

    posts: Mapping[int, Sequence[Holder]]
    units: Sequence[str]
    unreached: Sequence[str]
    guests: Sequence[Holder]

    @property
    def people(self) -> int:
        return len(self.posts.keys() | {guest.account_id for guest in self.guests})


def addressees(uow: UnitOfWork, profile: Profile, kind: MeetingKind, *, at: datetime) -> Addressees:
    """Every seat and liaison; a meeting of liaisons goes to them alone, and to the seat where a unit has none."""
    units = seated(uow, profile)
    everybody = uow.people.roster(profile.slug, at)
    guests = [h for h in everybody if h.role is Role.GUEST and kind is not MeetingKind.LIAISON]
    roster = [h for h in everybody if h.role is Role.LIAISON or h.role in SEATS]
    if kind is MeetingKind.LIAISON:
        liaisons = {holder.unit for holder in roster if holder.role is Role.LIAISON}
        roster = [h for h in roster if h.role is Role.LIAISON or (h.unit not in liaisons and h.role in (Role.MEMBER, Role.CONVENER))]
    posts: dict[int, list[Holder]] = {}
    for holder in roster:
        posts.setdefault(holder.account_id, []).append(holder)
    reached = {holder.unit for holder in roster if holder.role in ANSWERING}
    return Addressees(posts, units, [unit for unit in units if unit not in reached], guests)


def seated(uow: UnitOfWork, profile: Profile) -> list[str]:
    """The units with a seat: those of the document, and those that have joined since."""
    return [unit.slug for unit in profile.units.values() if unit.seat] + _joined(uow, profile)


def _chased(uow: UnitOfWork, profile: Profile) -> list[str]:
    return [unit for unit in seated(uow, profile) if profile.chases(unit)]


def _joined(uow: UnitOfWork, profile: Profile) -> list[str]:
    return [unit.slug for unit in uow.profiles.units(profile.slug) if has_joined(unit.slug) and not unit.ended]


def default_answer_by(uow: UnitOfWork, profile: Profile, starts_at: datetime, *, at: datetime) -> datetime:
    """So many working days as the profile says, at the latest until it begins."""
    day = uow.calendar.shift(at.astimezone(uow.hours.zone).date(), profile.settings.rsvp_days)
    return min(_last_minute(uow, day), starts_at)


def answer_until(uow: UnitOfWork, day: date | None, profile: Profile, starts_at: datetime, *, at: datetime) -> datetime:
    """The end of the day that was given, at the latest until it begins."""
    return default_answer_by(uow, profile, starts_at, at=at) if day is None else min(_last_minute(uow, day), starts_at)


def _last_minute(uow: UnitOfWork, day: date) -> datetime:
    """23:59, as people write the end of a day."""
    return uow.hours.end_of(day) - timedelta(minutes=1)


# -- calling, moving, cancelling ---------------------------------------------------------------------------------------


def convene_meeting(
    uow: UnitOfWork,
    actor: Actor,
    kind: MeetingKind,
    said: Convocation,
    starts_at: datetime,
    answer_by: datetime,
    papers: Sequence[Mapping[str, Any]] = (),
    *,
    at: datetime,
) -> Meeting:
    """Call a meeting: everybody it is for is told and asked at once, and whoever stays silent is reminded.

    Raises AnswerUnfit with question "kind" where nobody would read it.
    """
    profile = uow.conferences.profile(uow.conference)
    post = _calling_post(uow, actor, kind, profile)
    _check_name(post, profile, kind, said.by)
    _check_times(starts_at, answer_by, at=at)
    to = addressees(uow, profile, kind, at=at)
    if not to.posts:
        raise AnswerUnfit("kind", "reachable")
    meeting = Meeting(
        conference=profile.slug,
        number=uow.meetings.next_number(profile.slug, starts_at.astimezone(uow.hours.zone).year),
        kind=kind,
        starts_at=starts_at,
        answer_by=answer_by,
        uid=f"{uuid4()}@{profile.slug}.invalid",
        called_by=actor.person_id,
        called_post=post.post_id,
        called_at=at,
    )
    key = uow.meetings.add(meeting, asdict(said))
    for file in papers:
        uow.meetings.add_paper(key, file, actor.person_id, at=at)
    for holder in to.guests:
        _expect_guest(uow, key, holder.title, holder.account_id)
    uow.note(actor, "meeting.convened", f"meeting:{key}", post=post, kind=str(kind))
    _call(uow, profile, meeting, said, at=at)
    return meeting


def change_meeting(
    uow: UnitOfWork, actor: Actor, meeting_id: int, starts_at: datetime, answer_by: datetime, said: Convocation, *, at: datetime
) -> Meeting:
    """Another date, time or place: what was answered is void and asked again, reminders move along."""
    meeting, post = _to_run(uow, actor, meeting_id)
    profile = uow.conferences.profile(meeting.conference)
    _check_times(starts_at, answer_by, at=at)
    if said.by != said_of(uow, meeting).by:
        _check_name(post, profile, meeting.kind, said.by)
    before, filled = meeting.starts_at, _fills_window(uow, profile, meeting, at=at)
    meeting.change(By.of(actor, post), starts_at=starts_at, answer_by=answer_by, at=at)
    uow.meetings.save(meeting)
    uow.meetings.put_words(meeting_id, asdict(said))
    uow.meetings.void_attendances(meeting_id, at)
    stop_reminding(uow, NOUN, meeting_id)
    uow.note(actor, "meeting.changed", f"meeting:{meeting_id}", post=post, sequence=meeting.sequence)
    _call(uow, profile, meeting, said, moved_from=before, at=at)
    if filled:
        watch_window(uow, profile, at=at)
    return meeting


def cancel_meeting(uow: UnitOfWork, actor: Actor, meeting_id: int, reason: str, *, at: datetime) -> Meeting:
    """It will not take place: nobody is reminded of it any more, and the cadence's clock runs on."""
    meeting, post = _to_run(uow, actor, meeting_id)
    profile, said = uow.conferences.profile(meeting.conference), said_of(uow, meeting)
    filled = _fills_window(uow, profile, meeting, at=at)
    meeting.cancel(By.of(actor, post), reason, at=at)
    meeting.sequence += 1
    uow.meetings.save(meeting)
    stop_reminding(uow, NOUN, meeting_id)
    uow.note(actor, "meeting.cancelled", f"meeting:{meeting_id}", post=post)
    cancelled = MeetingCancelled(meeting_id, meeting.number, str(meeting.kind), meeting.starts_at.isoformat(), said.subject, reason)
    accounts = [*addressees(uow, profile, meeting.kind, at=at).posts, *_guest_accounts(uow, meeting_id)]
    for account in dict.fromkeys(accounts):
        uow.tell(account, cancelled, key=f"cancelled:{meeting_id}:{account}")
        uow.tell(account, _invite(uow, meeting, said, "CANCEL", at=at), key=f"ics:{meeting_id}:{meeting.sequence}:{account}")
    _show_tally(uow, profile, meeting, at=at)
    if filled:
        watch_window(uow, profile, at=at)
    return meeting


def record_held(uow: UnitOfWork, actor: Actor, meeting_id: int, *, at: datetime) -> Meeting:
    """It took place. Raises NotPossibleNow before it began."""
    meeting = _locked(uow, actor, meeting_id)
    post = authorize(actor, Action.RECORD_MEETING, Concern(meeting.conference))
    meeting.hold(By.of(actor, post), at=at)
    uow.meetings.save(meeting)
    stop_reminding(uow, NOUN, meeting_id)
    uow.note(actor, "meeting.held", f"meeting:{meeting_id}", post=post)
    profile = uow.conferences.profile(meeting.conference)
    _show_tally(uow, profile, meeting, at=at)
    if meeting.kind in _counting(profile) and profile.settings.plenary_window == "rolling":  # the next one is counted from it
        watch_window(uow, profile, at=at)
    return meeting


def _calling_post(uow: UnitOfWork, actor: Actor, kind: MeetingKind, profile: Profile) -> HeldPost:
    """The post under which a meeting of this kind is called, moved or cancelled. Raises NotAllowed."""
    post = may_call(uow, actor, profile).get(kind)
    if post is None:
        raise NotAllowed(Action.CONVENE_MEETING)
    return post


def _to_run(uow: UnitOfWork, actor: Actor, meeting_id: int) -> tuple[Meeting, HeldPost]:
    meeting = _locked(uow, actor, meeting_id)
    return meeting, _calling_post(uow, actor, meeting.kind, uow.conferences.profile(meeting.conference))


def _check_times(starts_at: datetime, answer_by: datetime, *, at: datetime) -> None:
    if not at < answer_by <= starts_at:
        raise NotPossibleNow("meeting", "", "planned", "convened")


def access_meeting(uow: UnitOfWork, actor: Actor, meeting_id: int) -> Meeting:
    """The meeting, if the actor may know of it. Raises NotFound, the same for one that does not exist."""
    meeting = uow.meetings.get(meeting_id)
    if meeting is None:
        raise NotFound("meeting", meeting_id)
    try:
        authorize(actor, Action.SEE_MEETINGS, Concern(meeting.conference))
    except NotAllowed:
        raise NotFound("meeting", meeting_id) from None
    return meeting


def _locked(uow: UnitOfWork, actor: Actor, meeting_id: int) -> Meeting:
    """The meeting, for whoever is about to move or answer it: what another process did meanwhile counts."""
    meeting = access_meeting(uow, actor, meeting_id)
    return uow.meetings.locked(meeting_id) or meeting


def said_of(uow: UnitOfWork, meeting: Meeting) -> Convocation:
    return Convocation(**uow.meetings.words(meeting.id or 0))


# -- telling -----------------------------------------------------------------------------------------------------------


def _call(
    uow: UnitOfWork, profile: Profile, meeting: Meeting, said: Convocation, *, moved_from: datetime | None = None, at: datetime
) -> None:
    key, to = meeting.id or 0, addressees(uow, profile, meeting.kind, at=at)
    papers = uow.meetings.count_papers(key)
    for account, holders in to.posts.items():
        record = _as_read(meeting, said, holders, {}, papers, moved_from=moved_from)
        uow.tell(account, record, key=_key(meeting, account), only_while=_condition(meeting))
        _tell_invite(uow, meeting, said, account, at=at)
    for guest in uow.meetings.guests(key):
        if guest.account_id is not None:
            guest.answer, guest.answered_at = None, None
            for asking in _asking(uow, meeting, guest, moved=moved_from is not None, at=at):
                uow.tell(guest.account_id, asking, only_while=_condition(meeting))
    remind(uow, _plan(uow, profile, meeting), at=at)
    _show_tally(uow, profile, meeting, at=at)


def _tell_invite(uow: UnitOfWork, meeting: Meeting, said: Convocation, account: int, *, at: datetime) -> None:
    key = f"ics:{meeting.id}:{meeting.sequence}:{account}"
    uow.tell(account, _invite(uow, meeting, said, "REQUEST", at=at), key=key, only_while=_condition(meeting))


def _key(meeting: Meeting, account: int) -> str:
    return f"called:{meeting.id}:{meeting.sequence}:{account}"


def _condition(meeting: Meeting) -> str:
    return f"meeting.open:{meeting.id}:{meeting.sequence}"


def called(uow: UnitOfWork, meeting: Meeting, holders: Iterable[Holder | HeldPost]) -> MeetingCalled:
    """The convocation as one person reads it: with the units they answer for, and what those have answered."""
    key = meeting.id or 0
    given = {each.unit: str(each.answer) for each in uow.meetings.attendances([key])}
    return _as_read(meeting, said_of(uow, meeting), holders, given, uow.meetings.count_papers(key))


def _as_read(
    meeting: Meeting,
    said: Convocation,
    holders: Iterable[Holder | HeldPost],
    given: Mapping[str, str],
    papers: int,
    *,
    moved_from: datetime | None = None,
) -> MeetingCalled:
    answering = sorted((h for h in holders if h.role in ANSWERING), key=lambda h: ANSWERING.index(h.role))
    posts = {holder.unit: holder for holder in reversed(answering)}  # the first of ANSWERING for each unit
    return MeetingCalled(
        meeting_id=meeting.id or 0,
        sequence=meeting.sequence,
        number=meeting.number,
        kind=str(meeting.kind),
        starts_at=meeting.starts_at.isoformat(),
        answer_by=meeting.answer_by.isoformat(),
        said=asdict(said),
        papers=papers,
        posts=[[holder.post_id, unit, given.get(unit, "")] for unit, holder in posts.items()],
        moved_from=moved_from.isoformat() if moved_from else "",
        state=str(meeting.state),
    )


def _invite(uow: UnitOfWork, meeting: Meeting, said: Convocation, method: str, *, at: datetime) -> MeetingInvite:
    """For a calendar. It names the units that are called, whoever reads it: without attendees it is none (RFC 5546, 3.2.2 and 3.2.5)."""
    return MeetingInvite(
        number=meeting.number,
        kind=str(meeting.kind),
        uid=meeting.uid,
        sequence=meeting.sequence,
        method=method,
        starts_at=meeting.starts_at.isoformat(),
        ends_at=(meeting.starts_at + LASTS).isoformat(),
        written_at=at.isoformat(),
        subject=said.subject,
        place=said.place,
        link=said.link,
        units=seated(uow, uow.conferences.profile(meeting.conference)),
    )


def _show_tally(uow: UnitOfWork, profile: Profile, meeting: Meeting, *, to_new: bool = False, at: datetime) -> None:
    """Who comes, to the office: one message each that is kept true. `to_new`: only to those who have none yet."""
    record = tally_of(uow, profile, meeting)
    keys = {h.account_id: f"tally:{meeting.id}:{h.account_id}" for h in uow.people.roster(profile.slug, at) if h.role in OFFICE}
    known = uow.has_told(keys.values())
    for account, key in keys.items():
        if key not in known:
            uow.tell(account, record, key=key)
        elif not to_new:
            uow.tell(account, record, replaces=key)


def tally_of(uow: UnitOfWork, profile: Profile, meeting: Meeting) -> MeetingTally:
    counted, guests = count(uow, profile, meeting), uow.meetings.guests(meeting.id or 0)
    return MeetingTally(
        meeting_id=meeting.id or 0,
        number=meeting.number,
        kind=str(meeting.kind),
        state=str(meeting.state),
        starts_at=meeting.starts_at.isoformat(),
        answer_by=meeting.answer_by.isoformat(),
        coming=list(counted.coming),
        substitute=list(counted.substitute),
        excused=list(counted.excused),
        silent=list(counted.silent),
        guests=[len(guests), sum(guest.answer is Answer.ATTEND for guest in guests)],
    )


def count(uow: UnitOfWork, profile: Profile, meeting: Meeting) -> Tally:
    return tally(seated(uow, profile), uow.meetings.attendances([meeting.id or 0]))


def who_comes(uow: UnitOfWork, actor: Actor, meeting_id: int) -> tuple[Meeting, list[tuple[Attendance, dict[str, Any]]]]:
    """The answers with what was written in them, in the order of the profile: opened for the office, and noted."""
    meeting = access_meeting(uow, actor, meeting_id)
    post = authorize(actor, Action.SEE_TALLY, Concern(meeting.conference))
    given = {each.unit: each for each in uow.meetings.attendances([meeting_id])}
    uow.note(actor, "meeting.answers_read", f"meeting:{meeting_id}", post=post)
    units = seated(uow, uow.conferences.profile(meeting.conference))
    return meeting, [(given[unit], uow.meetings.attendance_words(given[unit].id or 0)) for unit in units if unit in given]


# -- answering ---------------------------------------------------------------------------------------------------------


def answer_convocation(
    uow: UnitOfWork,
    actor: Actor,
    meeting_id: int,
    sequence: int,
    post_id: int,
    answer: Answer,
    words: Mapping[str, str] | None = None,
    *,
    at: datetime,
) -> Attendance:
    """A unit says whether it comes: by its liaison or its seat, until the day given. A second answer replaces the first.

    Raises NotPossibleNow with state "moved" for a button of an older date, "late" after the last day, and as MOVES says.
    """
    meeting = _locked(uow, actor, meeting_id)
    held = next((post for post in actor.posts if post.post_id == post_id and post.role in ANSWERING), None)
    if held is None or held.conference != meeting.conference:
        raise NotAllowed(Action.ANSWER_CONVOCATION)
    authorize(actor, Action.ANSWER_CONVOCATION, Concern(meeting.conference, held.unit))
    check_open(meeting, sequence, at=at)
    given = Attendance(
        meeting_id=meeting_id,
        sequence=sequence,
        unit=held.unit,
        answer=answer,
        person_id=actor.person_id or 0,
        post_id=post_id,
        at=at,
    )
    uow.meetings.answered(given, words or {})
    stop_reminding(uow, NOUN, meeting_id, held.unit)
    uow.note(actor, f"meeting.{answer}", f"meeting:{meeting_id}", post=held, unit=held.unit)
    profile = uow.conferences.profile(meeting.conference)
    for account, holders in addressees(uow, profile, meeting.kind, at=at).posts.items():
        if account != actor.account_id and any(h.unit == held.unit and h.role in ANSWERING for h in holders):
            uow.tell(account, called(uow, meeting, holders), replaces=_key(meeting, account), only_while=_condition(meeting))
    _show_tally(uow, profile, meeting, at=at)
    return given


def check_open(meeting: Meeting, sequence: int, *, at: datetime) -> None:
    """Raises NotPossibleNow where nothing can be answered."""
    if meeting.state is not MeetingState.CONVENED:
        raise NotPossibleNow("meeting", meeting.number, meeting.state, "answered")
    if sequence != meeting.sequence:
        raise NotPossibleNow("meeting", meeting.number, "moved", "answered")
    if not meeting.takes_answers(at):
        raise NotPossibleNow("meeting", meeting.number, "late", "answered")


def upcoming_meetings(uow: UnitOfWork, actor: Actor, *, at: datetime) -> list[tuple[Meeting, dict[str, Answer | None]]]:
    """Those to come, each with the units that this actor answers for and what they have answered."""
    authorize(actor, Action.SEE_MEETINGS, Concern(uow.conference))
    found = uow.meetings.upcoming(uow.conference, at - timedelta(days=1))
    given = {(each.meeting_id, each.unit): each.answer for each in uow.meetings.attendances([m.id or 0 for m in found])}
    mine = list(dict.fromkeys(post.unit for post in actor.posts if post.role in ANSWERING))
    return [(meeting, {unit: given.get((meeting.id or 0, unit)) for unit in mine}) for meeting in found]


def papers_of(uow: UnitOfWork, actor: Actor, meeting_id: int) -> tuple[Meeting, list[dict[str, Any]]]:
    meeting = access_meeting(uow, actor, meeting_id)
    return meeting, uow.meetings.papers(meeting_id)


@contributes("meetings")
def _handed_over(uow: UnitOfWork, post: Post, holder: int | None, at: datetime) -> Sequence[str]:
    """Numbers of those to come that the post answers for. What was answered is the unit's word and stands."""
    return [meeting.number for meeting in uow.meetings.upcoming(post.conference, at)] if post.role in ANSWERING else []


@reminds(NOUN)
def owed(uow: UnitOfWork, keys: Collection[int], *, at: datetime) -> Mapping[int, Standing]:
    """Units that have not answered, as long as they still can."""
    meetings = {meeting.id or 0: meeting for meeting in uow.meetings.many(keys)}
    given: dict[int, set[str]] = {}
    for each in uow.meetings.attendances(keys):
        given.setdefault(each.meeting_id, set()).add(each.unit)
    conferences = {meeting.conference for meeting in meetings.values()}
    chased = {slug: frozenset(_chased(uow, uow.conferences.profile(slug))) for slug in conferences}
    standing = {}
    for key, meeting in meetings.items():
        silent = chased[meeting.conference] - given.get(key, set())
        standing[key] = Standing(silent if meeting.takes_answers(at) else frozenset(), meeting.sequence, _facts(meeting))
    return standing


@owes(NOUN)
def _owing(uow: UnitOfWork, actor: Actor, at: datetime) -> Iterable[Owing]:
    """Convocations that the actor's units have not answered and still can. For the office: how many units are silent, and which
    meetings have begun that nobody recorded as held."""
    if not may(actor, Action.SEE_MEETINGS, Concern(uow.conference)):
        return
    runs = may(actor, Action.RECORD_MEETING, Concern(uow.conference))
    for meeting, answers in upcoming_meetings(uow, actor, at=at):
        due = meeting.answer_by.astimezone(uow.hours.zone).date()
        facts = _facts(meeting)
        if not meeting.takes_answers(at):
            continue
        for unit, answer in answers.items():
            if answer is None:
                yield Owing(NOUN, meeting.id or 0, unit, due, facts)
        if runs and (silent := len(count(uow, uow.conferences.profile(meeting.conference), meeting).silent)):
            yield Owing(NOUN, meeting.id or 0, "", due, facts | {"silent": silent}, waits=True)
    if runs:
        for meeting in uow.meetings.upcoming(uow.conference, at - UNRECORDED):
            if meeting.starts_at <= at:
                yield Owing(NOUN, meeting.id or 0, "", None, _facts(meeting) | {"record": True})


def _facts(meeting: Meeting) -> dict[str, Any]:
    when = {"due": meeting.answer_by.isoformat(), "starts_at": meeting.starts_at.isoformat()}
    return {"number": meeting.number, "kind": str(meeting.kind), **when}


@plans(NOUN)
def reminded(uow: UnitOfWork, at: datetime) -> Iterable[Plan]:
    """Meetings to come that units can still answer."""
    profile = uow.conferences.profile(uow.conference)
    for meeting in uow.meetings.upcoming(uow.conference, at):
        if meeting.takes_answers(at):
            yield _plan(uow, profile, meeting)


def _plan(uow: UnitOfWork, profile: Profile, meeting: Meeting) -> Plan:
    """Where answers end before that morning's digest, the day before is the last one: a step that comes later reminds nobody."""
    due = meeting.answer_by.astimezone(uow.hours.zone).date()
    if meeting.answer_by <= uow.hours.digest_of(due):
        due -= timedelta(days=1)
    return Plan(NOUN, meeting.id or 0, _chased(uow, profile), profile.reminders["convocation"], due, meeting.sequence)


# -- guests ------------------------------------------------------------------------------------------------------------


def takes_guests(profile: Profile) -> bool:
    """Whether others are invited to a meeting. Gansu adds them as members, Jieyang does not say. Source: 000 一, 001 一(末段)."""
    return profile.rules.invitation_mode in ("invite_other_departments", "observed_practice")


def invite_guest(uow: UnitOfWork, actor: Actor, meeting_id: int, name: str, *, at: datetime) -> tuple[Guest, str]:
    """A body from outside is invited to this meeting; returns the token of its link, which works once."""
    meeting = _locked(uow, actor, meeting_id)
    post = authorize(actor, Action.INVITE_GUEST, Concern(meeting.conference))
    if not takes_guests(uow.conferences.profile(meeting.conference)) or meeting.state is not MeetingState.CONVENED:
        raise NotPossibleNow("meeting", meeting.number, meeting.state, "guests")
    guest, token = uow.meetings.invite(meeting_id, name)
    uow.note(actor, "meeting.guest_invited", f"meeting:{meeting_id}", post=post, guest=guest.id)
    return guest, token


def open_guest_link(uow: UnitOfWork, actor: Actor, token: str, *, at: datetime) -> list[Told]:
    """The invitation, and what a calendar takes. The link belongs to the first account that opens it.

    Raises NotFound for any other, and for one that is none.
    """
    authorize(actor, Action.ANSWER_AS_GUEST)
    guest = uow.meetings.guest_with(token)
    if guest is None or guest.account_id not in (None, actor.account_id):
        raise NotFound("guest", "")
    meeting = uow.meetings.get(guest.meeting_id)
    if meeting is None:
        raise NotFound("guest", "")
    if guest.account_id is None:
        guest.account_id = actor.account_id
        uow.note(actor, "meeting.guest_opened", f"meeting:{meeting.id}", guest=guest.id)
    return _asking(uow, meeting, guest, at=at)


@on(*POST_TAKEN)
def heard_of_somebody_new(uow: UnitOfWork, subject: str, facts: Mapping[str, Any], *, at: datetime) -> None:
    """Somebody took a post: what was called before and can still be answered is told at once, with what was answered."""
    post = post_taken(uow, subject, facts)
    if post is None or post.role not in OFFICE | SEATS | {Role.LIAISON, Role.GUEST}:
        return
    profile = uow.conferences.profile(post.conference)
    for meeting in uow.meetings.upcoming(post.conference, at):
        if not meeting.takes_answers(at):
            continue
        if post.role in OFFICE:
            _show_tally(uow, profile, meeting, to_new=True, at=at)
        to = addressees(uow, profile, meeting.kind, at=at)
        for guest in to.guests:
            if guest.post_id == post.id:
                _ask_guest_too(uow, profile, meeting, guest, at=at)
        for account, holders in to.posts.items():
            if any(holder.post_id == post.id for holder in holders):
                _call_too(uow, meeting, account, holders, at=at)


def _call_too(uow: UnitOfWork, meeting: Meeting, account: int, holders: Sequence[Holder], *, at: datetime) -> None:
    """Whoever has the convocation already, by another post or since it was called, has it brought up to date in its place."""
    key, record = _key(meeting, account), called(uow, meeting, holders)
    known = bool(uow.has_told([key]))
    uow.tell(account, record, key=None if known else key, replaces=key if known else None, only_while=_condition(meeting))
    if not known:
        _tell_invite(uow, meeting, said_of(uow, meeting), account, at=at)


def _ask_guest_too(uow: UnitOfWork, profile: Profile, meeting: Meeting, holder: Holder, *, at: datetime) -> None:
    key = meeting.id or 0
    there = {(uow.meetings.guest_name(guest), guest.account_id) for guest in uow.meetings.guests(key)}
    if (holder.title, holder.account_id) in there:
        return
    guest = _expect_guest(uow, key, holder.title, holder.account_id)
    for record in _asking(uow, meeting, guest, at=at):
        uow.tell(holder.account_id, record, only_while=_condition(meeting))
    _show_tally(uow, profile, meeting, at=at)


def _expect_guest(uow: UnitOfWork, meeting_id: int, name: str, account_id: int) -> Guest:
    """A body that attends is invited in the chat, without a link; whoever comes for it next has its invitation and its answer."""
    known = (guest for guest in uow.meetings.guests(meeting_id) if uow.meetings.guest_name(guest) == name)
    guest = next(known, None) or uow.meetings.invite(meeting_id, name)[0]
    guest.account_id = account_id
    return guest


def _asking(uow: UnitOfWork, meeting: Meeting, guest: Guest, *, moved: bool = False, at: datetime) -> list[Told]:
    """The invitation, and the file for a calendar while there is something to put into one."""
    found: list[Told] = [guest_called(uow, meeting, guest, moved=moved)]
    if meeting.state is MeetingState.CONVENED:
        found.append(_invite(uow, meeting, said_of(uow, meeting), "REQUEST", at=at))
    return found


def papers_for_guest(uow: UnitOfWork, actor: Actor, guest_id: int) -> tuple[Meeting, list[dict[str, Any]]]:
    """What everybody else at the table has. Raises NotFound for an invitation that is none, or of a meeting that is cancelled."""
    guest = uow.meetings.guest(guest_id)
    if guest is None or guest.account_id is None:
        raise NotFound("guest", guest_id)
    authorize(actor, Action.ANSWER_AS_GUEST, Concern(account=guest.account_id))
    meeting = uow.meetings.get(guest.meeting_id)
    if meeting is None or meeting.state is MeetingState.CANCELLED:
        raise NotFound("guest", guest_id)
    return meeting, uow.meetings.papers(guest.meeting_id)


def answer_as_guest(uow: UnitOfWork, actor: Actor, guest_id: int, sequence: int, answer: Answer, *, at: datetime) -> GuestCalled:
    guest = uow.meetings.guest(guest_id)
    if guest is None or guest.account_id is None:
        raise NotFound("guest", guest_id)
    authorize(actor, Action.ANSWER_AS_GUEST, Concern(account=guest.account_id))
    meeting = uow.meetings.locked(guest.meeting_id)
    if meeting is None:
        raise NotFound("guest", guest_id)
    check_open(meeting, sequence, at=at)
    guest.answer, guest.answered_at = answer, at
    uow.note(actor, f"meeting.guest_{answer}", f"meeting:{meeting.id}", guest=guest_id)
    _show_tally(uow, uow.conferences.profile(meeting.conference), meeting, at=at)
    return guest_called(uow, meeting, guest)


def guest_called(uow: UnitOfWork, meeting: Meeting, guest: Guest, *, moved: bool = False) -> GuestCalled:
    return GuestCalled(
        guest_id=guest.id or 0,
        conference=meeting.conference,
        name=uow.meetings.guest_name(guest),
        sequence=meeting.sequence,
        number=meeting.number,
        kind=str(meeting.kind),
        state=str(meeting.state),
        starts_at=meeting.starts_at.isoformat(),
        answer_by=meeting.answer_by.isoformat(),
        said=asdict(said_of(uow, meeting)),
        answer=str(guest.answer or ""),
        moved=moved,
        papers=uow.meetings.count_papers(guest.meeting_id),
    )


def _guest_accounts(uow: UnitOfWork, meeting_id: int) -> list[int]:
    return [guest.account_id for guest in uow.meetings.guests(meeting_id) if guest.account_id is not None]


# -- the window of the plenary -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Window:
    """`name` 2026H2; from `first` (included) to `last` (included)."""

    name: str
    first: date
    last: date


def window_of(uow: UnitOfWork, profile: Profile, day: date) -> Window | None:
    """The window that this day lies in: of the calendar, or counted from the last plenary held. None: no cadence."""
    cadence = profile.rules.plenary_cadence
    if cadence is None or not profile.has_conference:
        return None
    if profile.settings.plenary_window == "rolling":
        midnight = datetime.combine(day + timedelta(days=1), time(0), uow.hours.zone)
        if (last := uow.meetings.last_of(profile.slug, _counting(profile), midnight)) is not None:
            first = last.starts_at.astimezone(uow.hours.zone).date() + timedelta(days=1)
            return Window(f"{first:%Y-%m-%d}", first, _later(first, MONTHS[str(cadence)]) - timedelta(days=1))
    return Window(*window(str(cadence), day))


def _later(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + year, month + 1, 1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


def _counting(profile: Profile) -> frozenset[MeetingKind]:
    """Kinds that fulfil the window: an extra meeting does not, unless the operator says so (domain §5 A5)."""
    return frozenset({MeetingKind.PLENARY, *((MeetingKind.EXTRA,) if profile.settings.extra_meeting_counts else ())})


def watch_window(uow: UnitOfWork, profile: Profile, *, at: datetime) -> None:
    """Look at the window when it nears its end, and at once where it does already; then at the next one."""
    today = at.astimezone(uow.hours.zone).date()
    found = window_of(uow, profile, today)
    if found is None:
        return
    first_look = _warns_from(uow, profile, found)
    if at >= first_look and not _is_fulfilled(uow, profile, found):
        first_look = uow.hours.next_digest(at, uow.calendar)
    following = uow.hours.end_of(found.last)
    for name, moment in ((f"{found.name}:{first_look:%Y%m%d}", first_look), (f"after:{found.name}", following)):
        if moment > at:
            uow.schedule.add(f"plenary:{profile.slug}:{name}", "plenary_window", profile.slug, moment, {"window": found.name})


def _warns_from(uow: UnitOfWork, profile: Profile, found: Window) -> datetime:
    """So many days before it ends; if that is a day off, on the working day before."""
    return uow.hours.digest_of(uow.calendar.workday_until(found.last - timedelta(days=profile.settings.plenary_warn_days)))


def _fills_window(uow: UnitOfWork, profile: Profile, meeting: Meeting, *, at: datetime) -> bool:
    """Whether today's window counts this meeting: only then can moving or cancelling it leave the window without one."""
    found = window_of(uow, profile, at.astimezone(uow.hours.zone).date())
    if found is None or meeting.kind not in _counting(profile) or meeting.state is MeetingState.CANCELLED:
        return False
    return found.first <= meeting.starts_at.astimezone(uow.hours.zone).date() <= found.last


def look_at_window(uow: UnitOfWork, profile: Profile, name: str, *, at: datetime) -> None:
    """Warn the office and the chief convener if the window runs out without a plenary, once a look; go on to the next window."""
    today = at.astimezone(uow.hours.zone).date()
    found = window_of(uow, profile, today)
    if found is None or found.name != name or _is_fulfilled(uow, profile, found):
        watch_window(uow, profile, at=at)
        return
    if at < _warns_from(uow, profile, found):
        watch_window(uow, profile, at=at)
        return
    record = PlenaryWindowEnding(found.name, found.last.isoformat(), str(profile.rules.plenary_cadence), profile.rules.plenary_in_principle)
    wanted = OFFICE | {Role.CHIEF_CONVENER}
    for account in {holder.account_id for holder in uow.people.roster(profile.slug, at) if holder.role in wanted}:
        key, condition = f"plenary:{profile.slug}:{found.name}:{account}:{today}", f"plenary.missing:{found.name}"
        uow.tell(account, record, lane=Lane.DIGEST, key=key, only_while=condition)


def is_window_missing(uow: UnitOfWork, name: str, *, at: datetime) -> bool:
    profile = uow.conferences.profile(uow.conference)
    found = window_of(uow, profile, at.astimezone(uow.hours.zone).date())
    return found is not None and found.name == name and not _is_fulfilled(uow, profile, found)


def _is_fulfilled(uow: UnitOfWork, profile: Profile, found: Window) -> bool:
    first = datetime.combine(found.first, time(0), uow.hours.zone)
    return bool(uow.meetings.within(profile.slug, _counting(profile), first, uow.hours.end_of(found.last)))
