"""Decision notices: written, looked over by a second person where they go to many, sent, recalled, put right, read and signed for.

What is pushed says little: number, title, until when. The text is read on opening it, and that is a receipt of its own. A unit signs
once, by whoever stands for it; seats and everybody else sign each for their own post. Source: domain §2.8, §5 A20, A32; design §3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any

from conference.model.errors import AnswerUnfit, NotFound, NotPossibleNow, SecondNeeded
from conference.model.history import By
from conference.model.notices import Audience, Copy, Notice, NoticeState, Receipt, Wording
from conference.model.pages import turned
from conference.model.people import OFFICE, Actor, HeldPost, Post, Role
from conference.model.permissions import Action, Concern, authorize, may
from conference.model.profile import Profile
from conference.model.told import NoticeBoard, NoticeDecided, NoticeRecalled, NoticeSent, NoticeShown, NoticeToApprove
from conference.ports import UnitOfWork

from .audiences import NOBODYS, STANDS_FOR, addressed, chosen
from .inventories import contributes
from .notice_boards import NAMED, NOUN, board_of, corrected_by, named, owed, plan_of, said_of, tell_board, tell_unreached, touch_board
from .owing import Owing, owes
from .reminders import remind, stop_reminding

CONVENERS = frozenset({Role.CHIEF_CONVENER, Role.CONVENER})
AFTERWARDS = timedelta(minutes=1)  # a recall looks once more for copies that were under way


def needs_second(profile: Profile, people: int) -> bool:
    return people >= profile.settings.notice_approval_from


def has_second(uow: UnitOfWork, maker: int | None, *, at: datetime) -> bool:
    """Whether somebody else than this person could look it over."""
    return bool(_deciders(uow, uow.conference, maker, at))


def _deciders(uow: UnitOfWork, conference: str, maker: int | None, at: datetime) -> list[int]:
    """Accounts of all others who may look it over."""
    wanted = OFFICE | CONVENERS
    return list(dict.fromkeys(h.account_id for h in uow.people.roster(conference, at, wanted) if h.person_id != maker))


def last_moment(uow: UnitOfWork, day: date) -> datetime:
    """23:59, as people write the end of a day."""
    return uow.hours.end_of(day) - timedelta(minutes=1)


# -- writing and sending -----------------------------------------------------------------------------------------------


def make_notice(
    uow: UnitOfWork,
    actor: Actor,
    said: Wording,
    audience: Audience,
    sign_by: datetime,
    papers: Sequence[Mapping[str, Any]] = (),
    *,
    corrects: int | None = None,
    at: datetime,
) -> Notice:
    """Send a notice, or put it before a second person where it goes to many.

    Raises AnswerUnfit where nobody would get it, SecondNeeded where nobody else could decide, NotPossibleNow for a day that has passed.
    """
    profile = uow.conferences.profile(uow.conference)
    post = authorize(actor, Action.SEND_NOTICE, Concern(profile.slug))
    if sign_by <= at:
        raise NotPossibleNow("notice", "", "planned", NoticeState.SENT)
    if corrects is not None and access_notice(uow, actor, corrects).state not in (NoticeState.SENT, NoticeState.RECALLED):
        raise NotPossibleNow("notice", corrects, "unsent", "corrected")
    to = addressed(uow, profile, audience, at=at)
    if not to.people:
        raise AnswerUnfit("audience", "somebody")
    second = needs_second(profile, to.people)
    if second and not has_second(uow, actor.person_id, at=at):
        raise SecondNeeded(Action.APPROVE_NOTICE)
    notice = Notice(
        conference=profile.slug,
        number=uow.notices.next_number(profile.slug, at.astimezone(uow.hours.zone).year),
        state=NoticeState.AWAITING,
        corrects=corrects,
        audience=audience.as_data(),
        recipients=to.people,
        sign_by=sign_by,
        made_by=actor.person_id,
        made_post=post.post_id if post else None,
        made_at=at,
    )
    key = uow.notices.add(notice, asdict(said))
    for file in papers:
        uow.notices.add_paper(key, file, actor.person_id, at=at)
    uow.note(actor, "notice.made", f"notice:{key}", post=post, audience=audience.kind, people=to.people)
    if second:
        asked = to_approve(uow, notice, by=post.title if post else "")
        for account in _deciders(uow, profile.slug, actor.person_id, at):
            uow.tell(account, asked, key=_asked_key(key, account), only_while=f"notice.awaiting:{key}")
    else:
        _send(uow, profile, notice, said, By.of(actor, post), at=at)
    return notice


def to_approve(uow: UnitOfWork, notice: Notice, *, by: str) -> NoticeToApprove:
    key, said = notice.id or 0, said_of(uow, notice)
    return NoticeToApprove(
        notice_id=key,
        number=notice.number,
        title=said.title,
        text=said.text,
        sign_by=notice.sign_by.isoformat(),
        doc_no=said.doc_no,
        corrects=_number(uow, notice.corrects),
        papers=uow.notices.count_papers(key),
        audience=notice.goes_to.kind,
        people=notice.recipients,
        by=by,
    )


def decide_notice(uow: UnitOfWork, actor: Actor, notice_id: int, *, granted: bool, reason: str = "", at: datetime) -> NoticeDecided:
    """A second person lets it go, or not. Raises SecondNeeded for the maker, NotPossibleNow where it is decided or its day has passed."""
    notice = uow.notices.locked(notice_id)
    if notice is None:
        raise NotFound("notice", notice_id)
    post = _own(actor, Action.APPROVE_NOTICE, notice)
    if actor.person_id is None or notice.made_by == actor.person_id:
        raise SecondNeeded(Action.APPROVE_NOTICE)
    said, by = said_of(uow, notice), By.of(actor, post)
    if granted and notice.state is NoticeState.AWAITING and notice.sign_by <= at:
        raise NotPossibleNow("notice", notice.number, "late", NoticeState.SENT)
    if granted:
        _send(uow, uow.conferences.profile(notice.conference), notice, said, by, at=at)
    else:
        notice.refuse(by, reason, at=at)
        uow.notices.save(notice)
    uow.note(actor, "notice.approved" if granted else "notice.refused", f"notice:{notice_id}", post=post)
    decided = NoticeDecided(notice.number, said.title, str(notice.state), post.title if post else "", reason, notice.recipients)
    for holder in _accounts_of(uow, notice.conference, notice.made_by, at):
        uow.tell(holder, decided, key=f"notice:{notice_id}:decided:{holder}")
    for account in _deciders(uow, notice.conference, notice.made_by, at):
        if account != actor.account_id:
            uow.tell(account, decided, replaces=_asked_key(notice_id, account))
    return decided


def check_undecided(uow: UnitOfWork, actor: Actor, notice_id: int) -> Notice:
    """The notice, if this actor can still decide about it. Raises as `decide_notice` does."""
    notice = uow.notices.get(notice_id)
    if notice is None:
        raise NotFound("notice", notice_id)
    _own(actor, Action.APPROVE_NOTICE, notice)
    if notice.made_by == actor.person_id:
        raise SecondNeeded(Action.APPROVE_NOTICE)
    if notice.state is not NoticeState.AWAITING:
        raise NotPossibleNow("notice", notice.number, notice.state, NoticeState.REFUSED)
    return notice


def recall_notice(uow: UnitOfWork, actor: Actor, notice_id: int, reason: str, *, at: datetime) -> Notice:
    """Take it back within the profile's minutes: what was delivered gives way to one line, what waits is not sent.

    Raises NotPossibleNow with state "late" afterwards.
    """
    uow.notices.locked(notice_id)
    notice = access_notice(uow, actor, notice_id)
    post = _own(actor, Action.SEND_NOTICE, notice)
    notice.recall(By.of(actor, post), reason, at=at)
    uow.notices.save(notice)
    stop_reminding(uow, NOUN, notice_id)
    uow.note(actor, "notice.recalled", f"notice:{notice_id}", post=post)
    _blank(uow, notice, at=at, reason=reason)
    uow.schedule.add(f"notice_blank:{notice_id}", "notice_blank", str(notice_id), at + AFTERWARDS)
    tell_board(uow, notice, at=at)
    _touch_earlier(uow, notice, at=at)
    return notice


def _blank(uow: UnitOfWork, notice: Notice, *, at: datetime, reason: str) -> None:
    """What waits is not sent; what stands in chats, opened or not, gives way to the word that it was recalled."""
    opened = uow.sent.showing((NoticeShown.__name__,), "notice_id", notice.id, notice.made_at)
    uow.notices.take_back(notice.id or 0, NoticeRecalled(notice.number, at.isoformat(), reason), opened, at=at)


def blank_again(uow: UnitOfWork, notice_id: int, *, at: datetime) -> None:
    """A minute after a recall: copies that were under way then."""
    notice = uow.notices.get(notice_id)
    if notice is None or notice.state is not NoticeState.RECALLED:
        return
    last = uow.notices.history(notice_id)[-1]
    _blank(uow, notice, at=last.at, reason=str(last.words.get("reason", "")))


def _send(uow: UnitOfWork, profile: Profile, notice: Notice, said: Wording, by: By, *, at: datetime) -> None:
    key, to = notice.id or 0, chosen(uow, profile, notice.goes_to, at=at)
    notice.send(by, recall_for=timedelta(minutes=profile.settings.recall_minutes), at=at)
    uow.notices.save(notice)
    empty = uow.notices.address(key, to.whom, at=at)
    corrects = _number(uow, notice.corrects)
    record = NoticeSent(key, notice.number, said.title, notice.sign_by.isoformat(), at.isoformat(), said.doc_no, corrects)
    notice.recipients = uow.notices.push(key, record, at=at)
    _touch_earlier(uow, notice, at=at)
    remind(uow, plan_of(uow, profile, notice), at=at)
    tell_board(uow, notice, first=True, at=at)
    if notice.recall_until is not None:
        past = notice.recall_until + timedelta(seconds=1)
        uow.schedule.add(f"notice_board:{key}:final", "notice_board", str(key), past)
    if notice.goes_to.by_unit and to.unreached:
        tell_unreached(uow, notice, "vacant", [[unit, ""] for unit in to.unreached], len(to.unreached), at=at)
    elif not notice.goes_to.by_unit and empty:
        tell_unreached(uow, notice, "vacant", named(uow, key, Receipt.LOST), empty, at=at)


def _touch_earlier(uow: UnitOfWork, notice: Notice, *, at: datetime) -> None:
    """What this one puts right is withheld while it stands (notice_boards.py `owed`), and owed again if it is recalled."""
    if notice.corrects is not None and (earlier := uow.notices.get(notice.corrects)) is not None:
        touch_board(uow, earlier, at=at)


def _asked_key(notice_id: int, account: int) -> str:
    return f"notice:{notice_id}:asked:{account}"


def _number(uow: UnitOfWork, notice_id: int | None) -> str:
    notice = uow.notices.get(notice_id) if notice_id is not None else None
    return notice.number if notice else ""


def _accounts_of(uow: UnitOfWork, conference: str, person_id: int | None, at: datetime) -> list[int]:
    """Of a person who holds a post there."""
    there = person_id is not None and any(post.conference == conference for post in uow.people.posts_of_person(person_id, at))
    return list(uow.people.accounts_of(person_id)) if there and person_id is not None else []


def _own(actor: Actor, action: Action, notice: Notice) -> HeldPost | None:
    """The post that gives the right; NotFound for a notice of another conference."""
    authorize(actor, action)
    if not may(actor, action, Concern(notice.conference)):
        raise NotFound("notice", notice.id)
    return authorize(actor, action, Concern(notice.conference))


# -- reading and signing -----------------------------------------------------------------------------------------------


def access_notice(uow: UnitOfWork, actor: Actor, notice_id: int) -> Notice:
    """The notice, if it is for a post of this actor, or if they may see all. Raises NotFound, the same for one that does not exist."""
    authorize(actor, Action.SEE_NOTICES)
    notice = uow.notices.get(notice_id)
    if notice is None or not may(actor, Action.SEE_NOTICES, Concern(notice.conference)):
        raise NotFound("notice", notice_id)
    sees_all = may(actor, Action.SEE_RECEIPTS, Concern(notice.conference))
    if not sees_all and (notice.state in (NoticeState.AWAITING, NoticeState.REFUSED) or not _signing_posts(uow, actor, notice)):
        raise NotFound("notice", notice_id)
    return notice


def _signing_posts(uow: UnitOfWork, actor: Actor, notice: Notice) -> list[HeldPost]:
    """Posts of this actor that have a copy, or stand for a unit that has one."""
    own = [post for post in actor.posts if post.conference == notice.conference and post.role not in NOBODYS]
    posts = {copy.post_id for copy in uow.notices.copies_at([post.post_id for post in own], [notice.id or 0])}
    to = notice.goes_to
    return [p for p in own if p.post_id in posts or (to.by_unit and p.unit in to.names and p.role in STANDS_FOR)]


def open_notice(uow: UnitOfWork, actor: Actor, notice_id: int, *, at: datetime) -> NoticeShown | NoticeRecalled:
    """Read it: the copies of the reader's posts are opened by that."""
    uow.notices.locked(notice_id)  # two who stand for one post may open it at once: the copy is made once
    notice = access_notice(uow, actor, notice_id)
    if notice.state is NoticeState.RECALLED:
        last = uow.notices.history(notice_id)[-1]
        return NoticeRecalled(notice.number, last.at.isoformat(), str(last.words.get("reason", "")))
    fresh = False
    if notice.state is NoticeState.SENT:
        for post, copy in _copies_of(uow, actor, notice):
            if copy.opened_at is None:
                copy.open(at=at)
                fresh = True
                uow.note(actor, "notice.opened", f"notice:{notice_id}", post=post, unit=copy.unit)
    if fresh:
        touch_board(uow, notice, at=at)
    return _shown(uow, actor, notice)


def sign_notice(uow: UnitOfWork, actor: Actor, notice_id: int, *, at: datetime) -> NoticeShown:
    """Sign for it under the posts one holds at this moment. A second time changes nothing: the first signature stands."""
    uow.notices.locked(notice_id)
    notice = access_notice(uow, actor, notice_id)
    if notice.state is not NoticeState.SENT:
        raise NotPossibleNow("notice", notice.number, notice.state, "signed")
    signing = _copies_of(uow, actor, notice)
    if not signing:
        raise NotFound("notice", notice_id)
    for post, copy in signing:
        authorize(actor, Action.SIGN_NOTICE, Concern(notice.conference, post.unit))
        if copy.sign(actor.person_id or 0, at=at):
            stop_reminding(uow, NOUN, notice_id, notice.goes_to.owing(copy.unit, copy.post_id))
            uow.note(actor, "notice.signed", f"notice:{notice_id}", post=post, unit=copy.unit)
            touch_board(uow, notice, at=at)
    return _shown(uow, actor, notice)


def _copies_of(uow: UnitOfWork, actor: Actor, notice: Notice) -> list[tuple[HeldPost, Copy]]:
    """The copies of the actor's posts; a deputy or a seat that stands for its unit gets one of its own when it is read or signed."""
    key = notice.id or 0
    signing = _signing_posts(uow, actor, notice)
    there = {copy.post_id: copy for copy in uow.notices.copies_at([post.post_id for post in signing], [key])}
    found = []
    for post in signing:
        copy = there.get(post.post_id)
        if copy is None:
            copy = Copy(notice_id=key, unit=post.unit, post_id=post.post_id)
            uow.notices.add_copy(copy)
        found.append((post, copy))
    return found


def _copies_that_count(uow: UnitOfWork, notice: Notice, mine: Sequence[tuple[str, int]]) -> Sequence[Copy]:
    """By which these posts have signed: those of their whole units, where one signature is the unit's."""
    if notice.goes_to.by_unit:
        return uow.notices.copies_of_units(notice.id or 0, {unit for unit, _ in mine})
    return uow.notices.copies_at([post for _, post in mine], [notice.id or 0])


def _shown(uow: UnitOfWork, actor: Actor, notice: Notice) -> NoticeShown:
    """The notice as one person reads it."""
    key, said = notice.id or 0, said_of(uow, notice)
    mine = [(post.unit, post.post_id) for post in _signing_posts(uow, actor, notice)]
    signed: dict[str, datetime] = {}
    for copy in _copies_that_count(uow, notice, mine):
        if copy.signed_at is not None:
            signed.setdefault(notice.goes_to.owing(copy.unit, copy.post_id), copy.signed_at)
    times = [signed.get(notice.goes_to.owing(*each)) for each in mine]
    done = [moment for moment in times if moment is not None]
    return NoticeShown(
        notice_id=key,
        number=notice.number,
        title=said.title,
        text=said.text,
        sign_by=notice.sign_by.isoformat(),
        sent_at=notice.sent_at.isoformat() if notice.sent_at else "",
        doc_no=said.doc_no,
        corrects=_number(uow, notice.corrects),
        corrected_by=corrected_by(uow, key),
        audience=notice.goes_to.kind,
        units=list(notice.goes_to.names[:NAMED]) if notice.goes_to.by_unit else [],
        units_count=len(notice.goes_to.names),
        papers=uow.notices.count_papers(key),
        signs=notice.state is NoticeState.SENT and None in times,
        signed_at=max(done).isoformat() if done and None not in times else "",
        may_see_receipts=may(actor, Action.SEE_RECEIPTS, Concern(notice.conference)),
    )


def papers_of(uow: UnitOfWork, actor: Actor, notice_id: int) -> tuple[Notice, list[dict[str, Any]]]:
    notice = access_notice(uow, actor, notice_id)
    if notice.state is NoticeState.RECALLED:
        raise NotPossibleNow("notice", notice.number, notice.state, "read")
    return notice, uow.notices.papers(notice_id)


def notices_for(uow: UnitOfWork, actor: Actor, most: int = 200) -> list[tuple[Notice, str]]:
    """The newest first, each with how it stands for this actor: "" if it is not for them, open, corrected or signed."""
    authorize(actor, Action.SEE_NOTICES, Concern(uow.conference))
    sees_all = may(actor, Action.SEE_RECEIPTS, Concern(uow.conference))
    recent = {notice.id or 0: notice for notice in uow.notices.recent(uow.conference, most)}
    corrected = {each.corrects for each in uow.notices.corrections(list(recent))}
    own = {(copy.notice_id, copy.post_id): copy for copy in uow.notices.copies_at([p.post_id for p in actor.posts], recent)}
    signed = uow.notices.signed_units([key for key, notice in recent.items() if notice.goes_to.by_unit])
    found = []
    for key, notice in recent.items():
        to = notice.goes_to
        if to.by_unit:
            stands = notice.sent_at is not None
            mine = {
                (key, p.unit) in signed
                for p in actor.posts
                if (key, p.post_id) in own or (stands and p.unit in to.names and p.role in STANDS_FOR)
            }
        else:
            mine = {own[key, p.post_id].signed_at is not None for p in actor.posts if (key, p.post_id) in own}
        how = "" if not mine else "signed" if all(mine) else "corrected" if key in corrected else "open"
        if sees_all or (mine and notice.state in (NoticeState.SENT, NoticeState.RECALLED)):
            found.append((notice, how))
    return found


@owes(NOUN)
def _unsigned(uow: UnitOfWork, actor: Actor, at: datetime) -> Iterable[Owing]:
    """Notices that stand and that the actor's units or posts still have to sign for."""
    if not may(actor, Action.SEE_NOTICES, Concern(uow.conference)):
        return
    unsigned = [notice for notice, how in notices_for(uow, actor) if how == "open"]
    standing = owed(uow, [notice.id or 0 for notice in unsigned], at=at)
    for notice in unsigned:
        now, due = standing[notice.id or 0], notice.sign_by.astimezone(uow.hours.zone).date()
        own = {notice.goes_to.owing(post.unit, post.post_id) for post in _signing_posts(uow, actor, notice)}
        for unit in sorted(unit for unit in own if unit in now.owing):
            yield Owing(NOUN, notice.id or 0, unit, due, now.facts)


@contributes("notices")
def _notices(uow: UnitOfWork, post: Post, holder: int | None, at: datetime) -> Sequence[str]:
    """Numbers of those that nobody has signed for at this post: they stay with it."""
    open_copies = {c.notice_id for c in uow.notices.copies_at([post.id or 0]) if c.signed_at is None}
    return [notice.number for notice in uow.notices.many(open_copies) if notice.state is NoticeState.SENT]


# -- who has signed -----------------------------------------------------------------------------------------------------


def receipts_of(
    uow: UnitOfWork, actor: Actor, notice_id: int, page: int, size: int
) -> tuple[Notice, list[tuple[str, str, Receipt, datetime | None]], int, int]:
    """Copies by unit and post: how far each has come, and since when. A page of them, its number, and how many pages there are."""
    notice = access_notice(uow, actor, notice_id)
    _own(actor, Action.SEE_RECEIPTS, notice)
    page, pages = turned(sum(uow.notices.standings(notice_id).values()), page, size)
    found = []
    for copy, title in uow.notices.receipts(notice_id, skip=page * size, most=size):
        when = {
            Receipt.SIGNED: copy.signed_at,
            Receipt.OPENED: copy.opened_at,
            Receipt.DELIVERED: copy.delivered_at,
            Receipt.LOST: copy.lost_at,
        }
        found.append((copy.unit, title, copy.standing, when.get(copy.standing)))
    return notice, found, page, pages


def access_board(uow: UnitOfWork, actor: Actor, notice_id: int, *, at: datetime) -> NoticeBoard:
    notice = access_notice(uow, actor, notice_id)
    _own(actor, Action.SEE_RECEIPTS, notice)
    return replace(board_of(uow, notice, at=at), runs=may(actor, Action.SEND_NOTICE, Concern(notice.conference)))
