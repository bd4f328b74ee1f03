"""How far a notice has come: the office's board, what the channel says of each copy, and who still has to be reminded."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from conference.model.notices import Copy, Notice, NoticeState, Receipt, Wording, furthest
from conference.model.people import OFFICE, Role
from conference.model.profile import Profile
from conference.model.told import IncidentOpened, NoticeBoard, NoticeUnreached
from conference.ports import UnitOfWork

from .reminders import EACH, OF_POST, Plan, Standing, opens, plans, reminds

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
    groups = _by_unit(uow, notice) if notice.goes_to.by_unit else _by_post(uow, key)
    return NoticeBoard(
        notice_id=key,
        number=notice.number,
        title=said_of(uow, notice).title,
        state=str(notice.state),
        sign_by=notice.sign_by.isoformat(),
        sent_at=notice.sent_at.isoformat() if notice.sent_at else "",
        of=sum(count for count, _ in groups.values()),
        groups={str(receipt): [count, names] for receipt, (count, names) in groups.items()},
        recall_until=notice.recall_until.isoformat() if notice.recall_until and notice.can_be_recalled(at) else "",
        corrected_by=corrected_by(uow, key),
        people=notice.recipients,
    )


Groups = Mapping[Receipt, tuple[int, list[list[str]]]]  # how many stand so, and the first few by unit and title


def _by_unit(uow: UnitOfWork, notice: Notice) -> Groups:
    copies: dict[str, list[Copy]] = {}
    for copy in uow.notices.copies_of_units(notice.id or 0, notice.goes_to.names):
        copies.setdefault(copy.unit, []).append(copy)
    groups: dict[Receipt, list[list[str]]] = {}
    for unit in notice.goes_to.names:
        groups.setdefault(furthest(copies.get(unit, ())), []).append([unit, ""])
    return {receipt: (len(units), units[:NAMED]) for receipt, units in groups.items()}


def _by_post(uow: UnitOfWork, key: int) -> Groups:
    return {receipt: (count, named(uow, key, receipt)) for receipt, count in uow.notices.standings(key).items()}


def named(uow: UnitOfWork, key: int, receipt: Receipt) -> list[list[str]]:
    """The first few posts whose copy has come so far."""
    return [[copy.unit, title] for copy, title in uow.notices.receipts(key, standing=receipt, most=NAMED)]


def tell_board(uow: UnitOfWork, notice: Notice, *, first: bool = False, at: datetime) -> None:
    """To the office: one message that is kept true."""
    record = board_of(uow, notice, at=at)
    if notice.state is not NoticeState.SENT or str(Receipt.LOST) not in record.groups:
        uow.close_incident(UNREACHED, f"notice:{notice.id}")
    for account in {h.account_id for h in uow.people.roster(notice.conference, at, OFFICE)}:
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


def note_delivered(uow: UnitOfWork, notice_id: int, accounts: Collection[int], *, at: datetime) -> None:
    """The channel took it for these accounts: to the copies of their posts it has been delivered."""
    notice = uow.notices.get(notice_id)
    if notice is not None:
        uow.notices.delivered(notice_id, accounts, at)
        touch_board(uow, notice, at=at)


def note_unreachable(uow: UnitOfWork, account_id: int, *, at: datetime) -> None:
    """The channel takes nothing for this account any more: copies of the conference at hand that have not arrived there are lost, and
    the office is told at once."""
    person = uow.people.person_of_account(account_id)
    held = uow.people.posts_of_person(person, at) if person is not None else ()
    posts = {post.id or 0: post for post in held if post.conference == uow.conference}
    waiting = [copy for copy in uow.notices.copies_at(list(posts)) if copy.standing is Receipt.ON_ITS_WAY] if posts else []
    notices = {notice.id: notice for notice in uow.notices.many({copy.notice_id for copy in waiting})}
    for key, notice in notices.items():
        lost = uow.notices.lost(key or 0, [copy.post_id for copy in waiting if copy.notice_id == key], at)
        if notice.state is NoticeState.SENT and lost:
            tell_unreached(uow, notice, "blocked", [[posts[post].unit, posts[post].title] for post in lost[:NAMED]], len(lost), at=at)
            touch_board(uow, notice, at=at)


def tell_unreached(uow: UnitOfWork, notice: Notice, why: str, whom: Sequence[list[str]], count: int, *, at: datetime) -> None:
    """An incident at once, to the operators and the office. `whom`: so many, or the first of them.

    The office hears of the first only; whoever else blocked the desk comes onto the board, which is kept true.
    """
    if uow.open_incident(UNREACHED, f"notice:{notice.id}", why):
        incident = IncidentOpened(UNREACHED, f"notice:{notice.id}", why)
        for account in {h.account_id for h in uow.people.roster(notice.conference, at, frozenset({Role.OPERATOR}))}:
            uow.tell(account, incident)
    said = NoticeUnreached(notice.id or 0, notice.number, said_of(uow, notice).title, why, list(whom[:NAMED]), count)
    for account in {h.account_id for h in uow.people.roster(notice.conference, at, OFFICE)}:
        uow.tell(account, said, key=f"notice:{notice.id}:unreached:{why}:{account}")


# -- reminding ---------------------------------------------------------------------------------------------------------


@reminds(NOUN)
def owed(uow: UnitOfWork, keys: Collection[int], *, at: datetime) -> Mapping[int, Standing]:
    """Units, or posts, that have not signed; nobody for a notice that was recalled or put right."""
    notices = {notice.id or 0: notice for notice in uow.notices.many(keys)}
    corrected = {each.corrects for each in uow.notices.corrections(keys)}
    signed = uow.notices.signed_units([key for key, notice in notices.items() if notice.goes_to.by_unit])
    standing = {}
    for key, notice in notices.items():
        owing: Container[str] = frozenset()
        if notice.state is NoticeState.SENT and key not in corrected:
            profile = uow.conferences.profile(notice.conference)
            owing = _units_owing(profile, notice, signed) if notice.goes_to.by_unit else _PostsOwing(uow, profile, key)
        standing[key] = Standing(owing, 0, {"number": notice.number, "due": notice.sign_by.isoformat()})
    return standing


def _units_owing(profile: Profile, notice: Notice, signed: Collection[tuple[int, str]]) -> frozenset[str]:
    return frozenset(unit for unit in notice.goes_to.names if (notice.id, unit) not in signed and profile.chases(unit))


class _PostsOwing:
    """Posts that still have to sign, each looked up when it is asked for: there may be a hundred thousand of them."""

    def __init__(self, uow: UnitOfWork, profile: Profile, key: int) -> None:
        self._uow, self._profile, self._key = uow, profile, key

    def __contains__(self, owing: object) -> bool:
        unit, _, post = str(owing).partition(OF_POST)
        copies = self._uow.notices.copies_at([int(post)], [self._key]) if post else ()
        return any(copy.signed_at is None for copy in copies) and self._profile.chases(unit)


@plans(NOUN)
def reminded(uow: UnitOfWork, at: datetime) -> Iterable[Plan]:
    """Notices that hold and are not signed for by all."""
    profile = uow.conferences.profile(uow.conference)
    for notice in uow.notices.standing(uow.conference):
        yield plan_of(uow, profile, notice)


def plan_of(uow: UnitOfWork, profile: Profile, notice: Notice) -> Plan:
    """Where each signs for itself, one step stands for all of them until it falls due (`unsigned`)."""
    key, due, units = notice.id or 0, notice.sign_by.astimezone(uow.hours.zone).date(), [EACH]
    if notice.goes_to.by_unit:
        units = sorted(_units_owing(profile, notice, uow.notices.signed_units([key])))
    return Plan(NOUN, key, units, profile.reminders["notice"], due)


@opens(NOUN)
def unsigned(uow: UnitOfWork, key: int, after: int, most: int) -> Sequence[tuple[int, str]]:
    """Posts behind this one that have not signed."""
    return uow.notices.unsigned(key, after=after, most=most)
