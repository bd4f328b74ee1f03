"""Rules of a notice: its few moves, the minutes of a recall, a receipt that never goes back, who is reminded in whose place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.model.errors import NotPossibleNow
from conference.model.history import By
from conference.model.notices import MOVES, Audience, Copy, Notice, NoticeState, Receipt, furthest
from conference.model.people import Holder, Role
from conference.services.reminders import recipients

AT = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
ACTS = st.lists(st.sampled_from(["deliver", "lose", "open", "sign", "sign by another"]), max_size=12)


def a_notice(state: NoticeState = NoticeState.AWAITING) -> Notice:
    audience = Audience("units", ("education",)).as_data()
    return Notice(
        conference="badong", number="2026-1", state=state, audience=audience, recipients=1, sign_by=AT, made_by=1, made_post=1, made_at=AT
    )


@given(ACTS)
def test_a_receipt_never_goes_back_and_the_first_signature_stands(acts: list[str]) -> None:
    copy, order = Copy(notice_id=1, unit="education", post_id=1), list(Receipt)
    signed: list[tuple[int, datetime]] = []
    for minute, act in enumerate(acts):
        before, at = copy.standing, AT + timedelta(minutes=minute)
        if act == "deliver":
            copy.delivered_at = copy.delivered_at or at
        elif act == "lose" and copy.delivered_at is None:
            copy.lost_at = copy.lost_at or at
        elif act == "open":
            copy.open(at=at)
        elif act.startswith("sign"):
            person = 1 if act == "sign" else 2
            if copy.sign(person, at=at):
                signed.append((person, at))
        assert order.index(copy.standing) >= order.index(before) or copy.standing is Receipt.LOST
        assert copy.signed_at is None or copy.opened_at is not None, "whoever signs has read"
    assert signed == ([(copy.signed_by, copy.signed_at)] if copy.signed_at else [])


@given(st.integers(0, 30 * 60))
def test_a_recall_is_possible_for_exactly_its_minutes(seconds: int) -> None:
    notice = a_notice()
    notice.send(By(1), recall_for=timedelta(minutes=10), at=AT)
    at = AT + timedelta(seconds=seconds)
    assert notice.can_be_recalled(at) == (seconds <= 600)
    if seconds <= 600:
        notice.recall(By(1), "reason", at=at)
        assert notice.state is NoticeState.RECALLED
        return
    with pytest.raises(NotPossibleNow) as late:
        notice.recall(By(1), "reason", at=at)
    assert late.value.state == "late"
    assert notice.state is NoticeState.SENT


@pytest.mark.parametrize("state", NoticeState)
def test_no_move_but_those_of_the_table(state: NoticeState) -> None:
    ways: dict[NoticeState, Callable[[Notice], None]] = {
        NoticeState.SENT: lambda notice: notice.send(By(1), recall_for=timedelta(minutes=10), at=AT),
        NoticeState.REFUSED: lambda notice: notice.refuse(By(1), "reason", at=AT),
        NoticeState.RECALLED: lambda notice: notice.recall(By(1), "reason", at=AT),
    }
    for to, move in ways.items():
        notice = a_notice(state)
        notice.recall_until = AT
        if to in MOVES[state]:
            move(notice)
            assert (notice.state, [turn.after for turn in notice.turns]) == (to, [to])
            continue
        with pytest.raises(NotPossibleNow):
            move(notice)
        assert (notice.state, notice.turns) == (state, [])


def test_a_unit_has_come_as_far_as_the_furthest_of_its_posts() -> None:
    read = Copy(notice_id=1, unit="education", post_id=1, delivered_at=AT, opened_at=AT)
    assert furthest([]) is Receipt.LOST
    assert furthest([Copy(notice_id=1, unit="education", post_id=2), read]) is Receipt.OPENED


def holder(number: int, role: Role, unit: str = "education", rank: int = 1) -> Holder:
    return Holder(account_id=number, post_id=number, unit=unit, role=role, title="x", rank=rank, person_id=number)


FIRST, DEPUTY, SEAT = holder(1, Role.LIAISON), holder(2, Role.LIAISON, rank=2), holder(3, Role.MEMBER)
CLERK, CONVENER = holder(4, Role.OFFICE, "civil_affairs"), holder(5, Role.CONVENER, "government_office")
TOWN = holder(6, Role.TOWNSHIP, "civil_affairs")


@pytest.mark.parametrize(
    ("there", "owing", "whom", "reached"),
    [
        ([FIRST, DEPUTY, SEAT], "education", "liaison", [1]),
        ([FIRST, DEPUTY, SEAT], "education", "deputy", [2]),
        ([FIRST, SEAT], "education", "deputy", [1]),  # no deputy: the liaison once more
        ([DEPUTY, SEAT], "education", "liaison", [2]),  # the first post stands empty
        ([SEAT], "education", "deputy", [3]),
        ([FIRST, SEAT], "education", "member", [3]),
        ([], "education", "liaison", [4]),
        ([FIRST, SEAT], "education@3", "liaison", [3]),  # owed by the seat itself
        ([FIRST, SEAT], "education@1", "member", [3]),
        ([TOWN, holder(7, Role.TOWNSHIP, "civil_affairs")], "civil_affairs@6", "deputy", [6]),  # not by other townships
        ([], "civil_affairs@6", "liaison", [4]),
        ([FIRST], "education@1", "convener", [5]),
    ],
)
def test_who_is_reminded_and_who_stands_in(there: list[Holder], owing: str, whom: str, reached: list[int]) -> None:
    everybody = [*there, CLERK, CONVENER]
    roster: dict[str, list[Holder]] = {"": everybody}
    for each in everybody:
        roster.setdefault(each.unit, []).append(each)
    assert recipients(roster, owing, whom) == reached
