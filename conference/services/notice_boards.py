"""How far a notice has come: the office's board, what the channel says of each copy, and who still has to be reminded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from conference.model.notices import Copy, Notice, NoticeState, Receipt, Wording, furthest
from conference.model.people import OFFICE, Role
from conference.model.profile import Profile
from conference.model.told import IncidentOpened, NoticeBoard, NoticeSent, NoticeUnreached
from conference.ports import UnitOfWork

from .reminders import OF_POST, Plan, Standing, plans, reminds

NOUN = "notice"
UNREACHED = "notice_unreached"  # the incident
NAMED = 6  # units or posts that a board names in each group
EVERY = 10  # seconds: a board changes at most so often


def said_of(uow: UnitOfWork, notice: Notice) -> Wording:
    return Wording(**uow.notices.words(notice.id or 0))


def corrected_by(uow: UnitOfWork, notice_id: int) -> str:
    """The number of the notice that puts this one right; "" if none does."""
    return next((each.number for each in uow.notices.corrections([notice_id])), "")


def board_of(uow: UnitOfWork, notice: Notice, *, at: datetime) -> NoticeBoard:
    """Receipts by unit, or by post where each signs for itself."""
    key = notice.id or 0
    groups: dict[Receipt, list[list[str]]] = {}
    of = 0
    for unit, title, receipt in _standing_of(uow, notice):
        groups.setdefault(receipt, []).append([unit, title])
        of += 1
    return NoticeBoard(
        notice_id=key,
        number=notice.number,
        title=said_of(uow, notice).title,
        state=str(notice.state),
        sign_by=notice.sign_by.isoformat(),
        sent_at=notice.sent_at.isoformat() if notice.sent_at else "",
        of=of,
        groups={str(receipt): [len(names), names[:NAMED]] for receipt, names in groups.items()},
        recall_until=notice.recall_until.isoformat() if notice.recall_until and notice.can_be_recalled(at) else "",
        corrected_by=corrected_by(uow, key),
        people=notice.recipients,
    )


def _standing_of(uow: UnitOfWork, notice: Notice) -> Iterable[tuple[str, str, Receipt]]:
    copies, to = uow.notices.copies([notice.id or 0]), notice.goes_to
    if to.by_unit:
        for unit in to.names:
            yield unit, "", furthest(copy for copy in copies if copy.unit == unit)
        return
    titles = {post.id: post.title for post in uow.people.posts_in(notice.conference)}
    for copy in copies:
        yield copy.unit, titles.get(copy.post_id, ""), copy.standing


def tell_board(uow: UnitOfWork, notice: Notice, *, first: bool = False, at: datetime) -> None:
    """To the office: one message that is kept true."""
    record = board_of(uow, notice, at=at)
    if notice.state is not NoticeState.SENT or str(Receipt.LOST) not in record.groups:
        uow.close_incident(UNREACHED, f"notice:{notice.id}")
    for account in {h.account_id for h in uow.people.roster(notice.conference, at) if h.role in OFFICE}:
        key = f"notice:{notice.id}:board:{account}"
        uow.tell(account, record, key=key if first else None, replaces=None if first else key)


def touch_board(uow: UnitOfWork, notice: Notice, *, at: datetime) -> None:
    """Something on it has changed: it is shown anew soon, once for all that changes until then."""
    bucket = int(at.timestamp()) // EVERY + 1
    due_at = at + timedelta(seconds=bucket * EVERY - at.timestamp())
    uow.schedule.add(f"notice_board:{notice.id}:{bucket}", "notice_board", str(notice.id), due_at)


def show_board(uow: UnitOfWork, notice_id: int, *, at: datetime) -> None:
    notice = uow.notices.get(notice_id)
    if notice is not None and notice.sent_at is not None:
        tell_board(uow, notice, at=at)


# -- what the channel says ---------------------------------------------------------------------------------------------


def note_delivered(uow: UnitOfWork, sent: NoticeSent, *, at: datetime) -> None:
    """The channel took it: to the copies of these posts it has been delivered."""
    notice = uow.notices.get(sent.notice_id)
    if notice is not None:
        uow.notices.delivered(sent.notice_id, sent.posts, at)
        touch_board(uow, notice, at=at)


def note_unreachable(uow: UnitOfWork, account_id: int, *, at: datetime) -> None:
    """The channel takes nothing for this account any more: copies of the conference at hand that have not arrived there are lost, and
    the office is told at once."""
    person = uow.people.person_of_account(account_id)
    held = uow.people.posts_of_person(person, at) if person is not None else ()
    posts = {post.id or 0: post for post in held if post.conference == uow.conference}
    waiting = [copy for copy in uow.notices.copies_of_posts(list(posts)) if copy.standing is Receipt.ON_ITS_WAY] if posts else []
    notices = {notice.id: notice for notice in uow.notices.many({copy.notice_id for copy in waiting})}
    for key, notice in notices.items():
        lost = uow.notices.lost(key or 0, [copy.post_id for copy in waiting if copy.notice_id == key], at)
        if notice.state is NoticeState.SENT and lost:
            tell_unreached(uow, notice, "blocked", [[posts[post].unit, posts[post].title] for post in lost], at=at)
            touch_board(uow, notice, at=at)


def tell_unreached(uow: UnitOfWork, notice: Notice, why: str, whom: Sequence[list[str]], *, at: datetime) -> None:
    """An incident at once, to the operators and the office."""
    roster = uow.people.roster(notice.conference, at)
    if uow.open_incident(UNREACHED, f"notice:{notice.id}", why):
        incident = IncidentOpened(UNREACHED, f"notice:{notice.id}", why)
        for account in {h.account_id for h in roster if h.role is Role.OPERATOR}:
            uow.tell(account, incident)
    said = NoticeUnreached(notice.id or 0, notice.number, said_of(uow, notice).title, why, list(whom[:NAMED]), len(whom))
    for account in {h.account_id for h in roster if h.role in OFFICE}:
        uow.tell(account, said)


# -- reminding ---------------------------------------------------------------------------------------------------------


@reminds(NOUN)
def owed(uow: UnitOfWork, keys: Collection[int], *, at: datetime) -> Mapping[int, Standing]:
    """Units, or posts, that have not signed; nobody for a notice that was recalled or put right."""
    notices = {notice.id or 0: notice for notice in uow.notices.many(keys)}
    corrected = {each.corrects for each in uow.notices.corrections(keys)}
    copies: dict[int, list[Copy]] = {}
    for copy in uow.notices.copies(keys):
        copies.setdefault(copy.notice_id, []).append(copy)
    standing = {}
    for key, notice in notices.items():
        owing = frozenset[str]()
        if notice.state is NoticeState.SENT and key not in corrected:
            owing = frozenset(_owing(uow, uow.conferences.profile(notice.conference), notice, copies.get(key, ())))
        standing[key] = Standing(owing, 0, {"number": notice.number, "due": notice.sign_by.isoformat()})
    return standing


def _owing(uow: UnitOfWork, profile: Profile, notice: Notice, copies: Sequence[Copy]) -> Iterable[str]:
    """Courts, procuratorates and congresses are informed, never chased."""
    to = notice.goes_to
    signed = {to.owing(copy.unit, copy.post_id) for copy in copies if copy.signed_at is not None}
    everybody = to.names if to.by_unit else [to.owing(copy.unit, copy.post_id) for copy in copies]
    for each in everybody:
        unit = profile.units.get(each.partition(OF_POST)[0])
        if each not in signed and (unit is None or unit.supervised):
            yield each


@plans(NOUN)
def reminded(uow: UnitOfWork, at: datetime) -> Iterable[Plan]:
    """Notices that hold and are not signed for by all."""
    profile = uow.conferences.profile(uow.conference)
    for notice in uow.notices.standing(uow.conference):
        yield plan_of(uow, profile, notice, uow.notices.copies([notice.id or 0]))


def plan_of(uow: UnitOfWork, profile: Profile, notice: Notice, copies: Sequence[Copy]) -> Plan:
    due = notice.sign_by.astimezone(uow.hours.zone).date()
    return Plan(NOUN, notice.id or 0, list(_owing(uow, profile, notice, copies)), profile.reminders["notice"], due)
