"""The life of an assigned item whatever is tried with it in whatever order: the rules hold, and each step is history."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.model.assignments import MOVES, WITH_LEAD, Assignment, AssignmentState, Helper, HelperState
from conference.model.errors import AnswerUnfit, NotPossibleNow
from conference.model.history import By

AT = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
TODAY, DUE = date(2026, 11, 26), date(2026, 12, 10)
UNITS = ("education", "justice", "finance", "health")
ME = By(1, 1, "education")


def item(*helpers: str, **more: Any) -> Assignment:
    facts: dict[str, Any] = {"conference": "badong", "number": "2026-1", "lead": "education", "due": DUE, "made_by": 1, "made_post": 1}
    return Assignment(**facts | {"made_at": AT, "helpers": [Helper(unit=unit) for unit in helpers]} | more)


days = st.integers(-3, 40).map(lambda n: TODAY + timedelta(days=n))
steps = st.one_of(
    st.tuples(st.sampled_from(["accept", "give_back", "strike_off", "withdraw", "dispute"])),
    st.tuples(st.just("submit"), st.integers(0, 1), st.sampled_from(["", "台账"])),
    st.tuples(st.just("rule"), st.sampled_from(UNITS)),
    st.tuples(st.just("reassign"), st.sampled_from(UNITS), st.sets(st.sampled_from(UNITS)), days),
    st.tuples(st.just("progress"), st.integers(-10, 120)),
    st.tuples(st.just("ask_longer"), days, days),
    st.tuples(st.just("answer_longer"), st.booleans()),
    st.tuples(st.just("help"), st.sampled_from(UNITS), st.booleans()),
)


def take(of: Assignment, step: tuple[Any, ...]) -> None:
    match step:
        case ("rule", lead):
            of.rule(ME, lead=lead, reason="r", at=AT)
        case ("reassign", lead, helpers, due):
            of.reassign(ME, lead=lead, helpers=sorted(helpers), due=due, reason="r", at=AT)
        case ("progress", percent):
            of.progress(ME, percent, "n", at=AT)
        case ("ask_longer", until, today):
            of.ask_longer(ME, until, "r", today=today, at=AT)
        case ("answer_longer", granted):
            of.answer_longer(ME, granted=granted, at=AT)
        case ("help", unit, confirmed):
            of.help(unit, ME, confirmed=confirmed, at=AT)
        case ("submit", files, where):
            of.submit(ME, "words", files=files, where=where, at=AT)
        case ("accept",):
            of.accept(ME, at=AT)
        case ("strike_off",):
            of.strike_off(ME, at=AT)
        case (name,):
            getattr(of, name)(ME, "words", at=AT)


@given(st.lists(st.sampled_from(UNITS[1:]), unique=True, max_size=3), st.lists(steps, max_size=25))
def test_the_rules_hold_in_any_order(helpers: list[str], tried: list[tuple[Any, ...]]) -> None:
    of = item(*helpers)
    disputes = 0
    for step in tried:
        before = (of.state, of.lead, of.due, of.percent, of.round, of.disputed, of.longer_until, len(of.turns), tuple(of.waiting_helpers))
        state, due, waiting = of.state, of.due, of.waiting_helpers
        try:
            take(of, step)
        except (NotPossibleNow, AnswerUnfit):
            after = (
                of.state,
                of.lead,
                of.due,
                of.percent,
                of.round,
                of.disputed,
                of.longer_until,
                len(of.turns),
                tuple(of.waiting_helpers),
            )
            assert after == before, "what is refused leaves nothing behind"
            continue
        assert len(of.turns) == before[7] + 1, "each step is history"
        assert of.state is state or of.state in MOVES[state]
        assert state not in (AssignmentState.STRUCK_OFF, AssignmentState.WITHDRAWN), "what is over stays so"
        assert of.lead not in [helper.unit for helper in of.helpers]
        assert 0 <= of.percent <= 100
        assert of.round >= before[4]
        if of.due != due and step[0] != "reassign":
            assert step == ("answer_longer", True)
            assert of.due > due
        if of.state is AssignmentState.SUBMITTED and state is not of.state:
            assert not waiting, "every co-responsible unit has said its word"
            assert step[1:] != (0, ""), "nothing is submitted without proof"
        if of.state is AssignmentState.STRUCK_OFF:
            assert state is AssignmentState.SUBMITTED
        disputes += step[0] == "dispute"
        assert disputes <= 1
        assert (of.ended_at is None) == of.is_open


@given(days, days)
def test_more_time_is_asked_until_the_day_and_for_a_later_one(today: date, until: date) -> None:
    of = item()
    try:
        of.ask_longer(ME, until, "r", today=today, at=AT)
    except NotPossibleNow:
        assert today > DUE
    except AnswerUnfit:
        assert until <= DUE
    else:
        assert today <= DUE < until


def test_a_helper_that_stays_keeps_what_it_has_said() -> None:
    of = item("justice", "finance")
    of.accept(ME, at=AT)
    of.help("justice", ME, confirmed=True, at=AT)
    kept = of.helpers[0]
    of.reassign(ME, lead="health", helpers=["justice", "education"], due=DUE, reason="r", at=AT)
    assert of.helpers[0] is kept
    assert [(helper.unit, helper.state) for helper in of.helpers] == [
        ("justice", HelperState.CONFIRMED),
        ("education", HelperState.ASKED),
    ]
    assert (of.state, of.percent, of.round) == (AssignmentState.ASSIGNED, 0, 1)


@pytest.mark.parametrize("state", AssignmentState)
def test_only_the_lead_is_late(state: AssignmentState) -> None:
    of = item(state=state)
    assert not of.is_overdue(DUE)
    assert of.is_overdue(DUE + timedelta(days=1)) == (state in WITH_LEAD)
