"""How fast, in which order, and what an error means: for any interleaving, nothing is lost, doubled, overtaken or too fast."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot import queues
from bot.pacing import UNLIMITED, Bucket, Limits, Pacer
from bot.queues import Queues
from bot.sending import Verdict, judge, reach_after, sent
from bot.telegram import AnswerLost, Refused, TelegramError, Unreached
from conference.model.people import Reach
from conference.model.told import DraftErased, Lane, Told
from sandbox.errors import Refusal
from sandbox.limits import Limits as Judge
from storage.outbox import Claimed, Outcome, Ready
from storage.tables import NEW, SENT, UNDELIVERABLE, WITHDRAWN

AT = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
SLACK = 1e-6  # seconds of floating point

rates = st.floats(0.1, 100)
bursts = st.integers(1, 30)
gaps = st.lists(st.floats(0, 5), max_size=60)


def most_in_any_window(times: list[float], rate: float, burst: float) -> float:
    """By how much the worst window holds more than `burst` and `rate` allow; not above 0 when the limit is kept."""
    worst = float("-inf")
    for first, begin in enumerate(times):
        for number, end in enumerate(times[first:], start=1):
            worst = max(worst, number - burst - rate * (end - begin + SLACK))
    return worst


def test_the_measure_of_windows_can_fail() -> None:
    assert most_in_any_window([0, 0, 0], 1, 3) <= 0
    assert most_in_any_window([0, 0, 0, 0.5], 1, 3) > 0
    assert most_in_any_window([0, 10, 10, 10, 10], 1, 3) > 0


# -- one bucket --------------------------------------------------------------------------------------------------------


@given(rates, bursts, gaps)
def test_a_bucket_never_lets_more_through_than_its_figures_in_any_window(rate: float, burst: int, waits: list[float]) -> None:
    bucket, now = Bucket(rate, burst), 1000.0
    times: list[float] = []
    for wait in waits:
        now = max(now + wait, bucket.free_at(now + wait))
        bucket.take(now)
        times.append(now)
    assert most_in_any_window(times, rate, burst) <= SLACK * rate


@given(rates, bursts, gaps)
def test_a_bucket_makes_nobody_wait_longer_than_its_rate_asks(rate: float, burst: int, waits: list[float]) -> None:
    bucket, now = Bucket(rate, burst), 1000.0
    for wait in waits:
        now += wait
        free = bucket.free_at(now)
        assert now <= free <= now + 1 / rate + SLACK
        now = free
        assert bucket.free_at(now) <= now + SLACK, "free at the moment it named"
        bucket.take(now)


def test_a_fresh_bucket_lets_its_burst_go_at_once_and_then_its_rate() -> None:
    bucket = Bucket(2, 3)
    times: list[float] = []
    for _ in range(6):
        times.append(bucket.free_at(times[-1] if times else 100.0))
        bucket.take(times[-1])
    assert times == pytest.approx([100, 100, 100, 100.5, 101, 101.5])


@given(rates, bursts, st.floats(0, 100), st.integers(0, 30))
def test_a_pause_holds_until_its_end_and_is_never_shortened(rate: float, burst: int, pause: float, taken: int) -> None:
    bucket = Bucket(rate, burst)
    for _ in range(taken):
        bucket.take(50.0)
    before = bucket.free_at(50.0)
    bucket.pause(50.0 + pause)
    assert bucket.free_at(50.0) >= 50.0 + pause - SLACK
    assert bucket.free_at(50.0) >= before - SLACK
    assert bucket.free_at(50.0) <= max(50.0 + pause, before) + SLACK


def test_an_idle_bucket_is_forgotten_and_a_busy_one_is_not() -> None:
    pacer = Pacer(Limits())
    for account in (1, 2):
        pacer.take(account, 0.0)
    pacer.take(2, 5.0)
    before = pacer.chat(2)
    pacer.forget_idle(5.5)
    assert pacer.chat(2) is before
    assert pacer.chat(1)._full_at == 0.0


# -- Telegram's figures ------------------------------------------------------------------------------------------------


def simulate(arrivals: list[tuple[float, Lane, int]], limits: Limits, until: float = 10_000) -> list[tuple[float, Lane, int, int]]:
    """Every row as (time sent, lane, account, id); a call takes no time. The clock goes from event to event."""
    waiting = sorted((at, number, lane, account) for number, (at, lane, account) in enumerate(arrivals, start=1))
    lanes = {number: lane for _, number, lane, _ in waiting}
    desk, now = Queues(Pacer(limits)), 0.0
    result: list[tuple[float, Lane, int, int]] = []
    desk.whole = dict.fromkeys(Lane, True)
    while now < until:
        while waiting and waiting[0][0] <= now:
            _, number, lane, account = waiting.pop(0)
            desk.offer([Ready(number, int(lane), account, AT)])
        for row, account in desk.take(now, 64):
            result.append((now, lanes[row], account, row))
            desk.release(account, now)
        following = [time for time in (desk.next_time(now), waiting[0][0] if waiting else None) if time is not None]
        if not following:
            return result
        assert min(following) >= now
        now = max(min(following), now + 1e-9)
    raise AssertionError(f"{len(desk)} rows still wait at the end")


loads = st.lists(st.tuples(st.floats(0, 30), st.sampled_from(list(Lane)), st.integers(1, 25)), max_size=250)


@settings(max_examples=40, deadline=None)
@given(loads)
def test_telegrams_limits_are_never_broken_by_any_load(load: list[tuple[float, Lane, int]]) -> None:
    """The judge is the sandbox's, which counts in its own way."""
    now = 0.0
    judge_of_floods = Judge(lambda: now)
    judge_of_floods.switch(True)
    done = simulate(load, Limits())
    assert len(done) == len(load)
    for now, _, account, _ in done:  # noqa: B007 -- the judge reads the time
        judge_of_floods.check(1, account, group=False)
    assert judge_of_floods.refused == 0


FLOODS = {
    "everybody at once": [(0.0, Lane.REPLY, account) for account in range(300)],
    "everybody again and again": [(float(number // 60), Lane(number % 4), number % 60) for number in range(600)],
    "one person": [(0.0, Lane.REPLY, 1)] * 20,
    "one person, and again after a rest": [(10.0 * (number // 10), Lane.NOTICE, 1) for number in range(50)],
}


@pytest.mark.parametrize("name", FLOODS)
def test_telegrams_limits_are_kept_in_every_flood(name: str) -> None:
    now = 0.0
    judge_of_floods = Judge(lambda: now)
    judge_of_floods.switch(True)
    done = simulate(FLOODS[name], Limits())
    assert len(done) == len(FLOODS[name])
    for now, _, account, _ in done:  # noqa: B007 -- the judge reads the time
        judge_of_floods.check(1, account, group=False)


@pytest.mark.parametrize("late", [0.05, -0.05])
def test_an_answer_a_little_late_on_its_way_breaks_no_limit_either(late: float) -> None:
    """Calls do not arrive as evenly as they are sent: the figures are a breath below Telegram's."""
    for flood in FLOODS.values():
        now = 0.0
        judge_of_floods = Judge(lambda: now)  # noqa: B023 -- it is asked before the next flood begins
        judge_of_floods.switch(True)
        arrivals = sorted(
            (time + max(0.0, late * (-1) ** number), account) for number, (time, _, account, _) in enumerate(simulate(flood, Limits()))
        )
        for now, account in arrivals:  # noqa: B007 -- the judge reads the time
            judge_of_floods.check(1, account, group=False)


def test_the_judge_would_see_a_flood() -> None:
    judge_of_floods = Judge(lambda: 0.0)
    judge_of_floods.switch(True)
    for _, _, account, _ in simulate([(0.0, Lane.REPLY, account) for account in range(30)], UNLIMITED):
        judge_of_floods.check(1, account, group=False)
    with pytest.raises(Refusal, match="Too Many Requests"):
        judge_of_floods.check(1, 31, group=False)


@settings(max_examples=40, deadline=None)
@given(loads)
def test_each_limit_holds_in_every_window(load: list[tuple[float, Lane, int]]) -> None:
    limits = Limits(overall=(20, 5), left=2, chat=(1, 2))
    done = simulate(load, limits)
    assert most_in_any_window([time for time, *_ in done], *limits.overall) <= SLACK * 20
    assert most_in_any_window([time for time, lane, *_ in done if lane >= Lane.NOTICE], 20, 5 - 2) <= SLACK * 20
    for account in {account for _, _, account, _ in done}:
        assert most_in_any_window([time for time, _, whose, _ in done if whose == account], *limits.chat) <= SLACK


def test_a_flood_of_notices_leaves_room_for_everybody_who_waits_for_an_answer() -> None:
    notices = [(0.0, Lane.NOTICE, account) for account in range(1000)]
    replies = [(1 + number / 4, Lane.REPLY, 5000 + number) for number in range(120)]
    asked = {account: at for at, _, account in replies}
    done = simulate(notices + replies, Limits())
    waits = [time - asked[account] for time, lane, account, _ in done if lane is Lane.REPLY]
    assert len(waits) == len(replies)
    assert max(waits) < 0.001, "room is left: nobody waits even for the notice before"
    last = max(time for time, lane, *_ in done if lane is Lane.NOTICE)
    assert (1120 - 20) / 29.9 - SLACK < last < 1120 / 29.9 + SLACK, "and what nobody needs is theirs"


def test_notices_alone_have_the_whole_pace() -> None:
    done = simulate([(0.0, Lane.NOTICE, account) for account in range(1000)], Limits())
    assert done[-1][0] == pytest.approx((1000 - 15) / 29.9, abs=0.1)


def test_an_answer_need_not_wait_behind_a_notice_to_the_same_person() -> None:
    desk = Queues(Pacer(Limits()))
    desk.whole = dict.fromkeys(Lane, True)
    desk.offer([Ready(1, int(Lane.NOTICE), 7, AT)])
    assert desk.goes_at_once(7, Lane.REPLY, 0.0)
    assert not desk.goes_at_once(7, Lane.NOTICE, 0.0), "its own lane keeps its order"
    desk.offer([Ready(2, int(Lane.REPLY), 7, AT)])
    assert not desk.goes_at_once(7, Lane.REPLY, 0.0)
    assert desk.take(0.0, 9) == [(2, 7)]
    assert not desk.goes_at_once(7, Lane.EMERGENCY, 0.0), "one is under way"


def test_what_was_withdrawn_costs_no_pace() -> None:
    pacer = Pacer(Limits())
    for account in range(15):
        pacer.take(account, 0.0)
    assert pacer.bot_free_at(0.0, mass=True) > 0
    for account in range(15):
        pacer.give_back(account)
    assert pacer.bot_free_at(0.0, mass=True) == 0
    assert pacer.lets_go(3, 0.0, mass=True)


def test_emergencies_go_before_everything_that_waits() -> None:
    load = [(0.0, Lane(1 + number % 3), number) for number in range(300)] + [(2.0, Lane.EMERGENCY, 1000 + number) for number in range(20)]
    done = simulate(load, Limits())
    first = next(number for number, (_, lane, *_) in enumerate(done) if lane is Lane.EMERGENCY)
    assert {lane for _, lane, *_ in done[first : first + 20]} == {Lane.EMERGENCY}
    assert done[first][0] - 2.0 < 1 / 29.9 + SLACK


def test_without_limits_nothing_waits() -> None:
    load = [(0.0, Lane(number % 4), number % 7) for number in range(500)]
    assert max(time for time, *_ in simulate(load, UNLIMITED)) < 0.001


# -- any interleaving --------------------------------------------------------------------------------------------------


@dataclass
class Row:
    id: int
    lane: Lane
    account: int
    state: str = "new"  # new, sending, sent, undeliverable


class Delivering(RuleBasedStateMachine):
    """The outbox as a list of rows, the loop of bot/delivery.py in its order, and whatever may come between."""

    limits = Limits(overall=(20, 4), left=2, chat=(1, 2))

    def __init__(self) -> None:
        super().__init__()
        self.usual = queues.FULL, queues.LOW
        queues.FULL, queues.LOW = 6, 3  # so that a few rows overflow
        self.pacer = Pacer(self.limits)
        self.queues = Queues(self.pacer)
        self.rows: dict[int, Row] = {}
        self.now = 1000.0
        self.in_flight: dict[int, int] = {}  # account -> row
        self.back: dict[int, tuple[int, int, float]] = {}
        self.not_before: dict[int, float] = {}
        self.sent_at: list[tuple[float, Row]] = []

    def teardown(self) -> None:
        try:
            self.drain()
        finally:
            queues.FULL, queues.LOW = self.usual

    # -- the database

    def commit(self, fresh: list[tuple[Lane, int]]) -> list[Ready]:
        rows = [Row(len(self.rows) + number, lane, account) for number, (lane, account) in enumerate(fresh, start=1)]
        self.rows |= {row.id: row for row in rows}
        return [Ready(row.id, int(row.lane), row.account, AT) for row in rows]

    def read(self, lanes: dict[int, int]) -> list[Ready]:
        found = []
        for lane, last in lanes.items():
            new = [row for row in self.rows.values() if row.state == "new" and row.lane == lane and row.id > last]
            found += [Ready(row.id, lane, row.account, AT) for row in new[: queues.FULL]]
        return found

    def refill(self, meanwhile: list[tuple[Lane, int]]) -> None:
        """As Delivery._refill: rows committed after its read are offered before its rows come in."""
        if lanes := self.queues.lanes_to_refill():
            rows = self.read(lanes)
            self.queues.offer(self.commit(meanwhile))
            for lane in lanes:
                self.queues.whole[Lane(lane)] = sum(row.lane == lane for row in rows) < queues.FULL
            self.queues.offer(rows, loaded=True)
        else:
            self.queues.offer(self.commit(meanwhile))

    # -- what may happen

    fresh = st.lists(st.tuples(st.sampled_from(list(Lane)), st.integers(1, 4)), max_size=5)

    @initialize(before=fresh)
    def waited_before_the_start(self, before: list[tuple[Lane, int]]) -> None:
        self.commit(before)

    @rule(rows=fresh)
    def acts_are_committed(self, rows: list[tuple[Lane, int]]) -> None:
        self.queues.offer(self.commit(rows))

    @rule(seconds=st.one_of(st.floats(0, 0.3), st.floats(0, 20)))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(most=st.integers(0, 5), meanwhile=fresh)
    def the_loop_turns(self, most: int, meanwhile: list[tuple[Lane, int]]) -> None:
        self.refill(meanwhile)
        self.refill([])  # what was missed is read before anything newer of its lane can go
        waiting = {row.id for row in self.rows.values() if row.state == "new"}
        taken = self.queues.take(self.now, most)
        assert len(taken) <= most
        lanes = [self.rows[row].lane for row, _ in taken]
        assert lanes == sorted(lanes), "what is more urgent goes first"
        for row_id, account in taken:
            row = self.rows[row_id]
            assert row_id in waiting, "sent twice"
            assert row.account == account
            assert account not in self.in_flight, "two under way to one person"
            assert self.now >= self.not_before.get(account, 0) - SLACK, "sent before its time"
            older = [
                other.id for other in self.rows.values() if other.account == account and other.lane == row.lane and other.state == "new"
            ]
            assert row_id == min(older), "overtaken in its own lane"
            row.state = "sending"
            self.in_flight[account] = row_id
            self.sent_at.append((self.now, row))
        if len(taken) < most:
            self.nothing_urgent_was_left()

    def nothing_urgent_was_left(self) -> None:
        left = [
            row
            for row in self.rows.values()
            if row.state == "new" and row.lane < Lane.NOTICE and row.account not in self.in_flight and row.id in self.queues._held
            and self.now >= self.not_before.get(row.account, 0) and self.pacer.chat(row.account).free_at(self.now) <= self.now
        ]  # fmt: skip
        assert not left or self.pacer.overall.free_at(self.now) > self.now

    def ends(self, account: int) -> Row:
        return self.rows[self.in_flight.pop(account)]

    def somebody(self, data: st.DataObject) -> int:
        return data.draw(st.sampled_from(sorted(self.in_flight)))

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data())
    def a_call_succeeds(self, data: st.DataObject) -> None:
        account = self.somebody(data)
        self.ends(account).state = "sent"
        self.queues.release(account, self.now)

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data(), wait=st.one_of(st.just(0.0), st.floats(0.1, 10)))
    def a_call_fails_and_goes_back(self, data: st.DataObject, wait: float) -> None:
        account = self.somebody(data)
        row = self.ends(account)
        row.state = "new"
        self.not_before[account] = self.now + wait
        self.queues.release(account, self.now, back=(int(row.lane), row.id), wait=wait)

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data())
    def a_person_is_gone(self, data: st.DataObject) -> None:
        account = self.somebody(data)
        self.ends(account)
        for row in self.rows.values():
            if row.account == account and row.state in ("new", "sending"):
                row.state = "undeliverable"
        self.queues.drop(account)
        self.queues.release(account, self.now)

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data(), pause=st.floats(0, 5))
    def a_flood_answer_stops_the_bot(self, data: st.DataObject, pause: float) -> None:
        account = self.somebody(data)
        row = self.ends(account)
        row.state = "new"
        self.pacer.overall.pause(self.now + pause)
        self.not_before[account] = self.now + pause
        self.queues.release(account, self.now, back=(int(row.lane), row.id), wait=pause)

    @rule()
    def an_idle_second_passes(self) -> None:
        self.pacer.forget_idle(self.now)
        self.queues.look_again()

    @precondition(lambda self: not self.queues.lanes_to_refill())
    @rule(rows=fresh)
    def another_process_commits(self, rows: list[tuple[Lane, int]]) -> None:
        # To people nobody else writes to, for between processes there is no order to keep.
        self.commit([(lane, account + 100) for lane, account in rows])

    # -- what always holds

    @invariant()
    def what_is_held_is_new_in_the_database(self) -> None:
        states = {self.rows[row].state for row in self.queues._held}
        assert states <= {"new"}
        assert len(self.queues) == sum(self.queues._count.values())
        assert self.queues.under_way == len(self.in_flight)

    def drain(self) -> None:
        """Everything ends, and within the limits."""
        for _ in range(3000):
            for account in list(self.in_flight):
                self.ends(account).state = "sent"
                self.queues.release(account, self.now)
            self.the_loop_turns(64, [])
            if self.in_flight:
                continue
            following = self.queues.next_time(self.now)
            if following is None:
                assert len(self.queues) == 0, "rows wait, and nothing will ever wake the loop"
                if all(row.state in ("sent", "undeliverable") for row in self.rows.values()):
                    break
                self.queues.look_again()
            else:
                self.now = max(self.now, following) + 1e-9
        left = [row for row in self.rows.values() if row.state not in ("sent", "undeliverable")]
        assert not left, f"lost: {left}"
        assert most_in_any_window([time for time, _ in self.sent_at], *self.limits.overall) <= SLACK * 20
        by_chat = defaultdict(list)
        for time, row in self.sent_at:
            by_chat[row.account].append(time)
        assert all(most_in_any_window(times, *self.limits.chat) <= SLACK for times in by_chat.values())


TestDelivering = Delivering.TestCase
TestDelivering.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def rows_of(*ids: int, lane: Lane = Lane.REPLY, account: int = 1) -> list[Ready]:
    return [Ready(number, int(lane), account, AT) for number in ids]


def test_a_row_committed_while_a_refill_was_read_is_read_by_the_next() -> None:
    """The refill was answered "that is all", the same commit's new rows were left to it: one more refill must follow."""
    desk = Queues(Pacer(UNLIMITED))
    assert desk.lanes_to_refill() == {0: 0, 1: 0, 2: 0, 3: 0}
    desk.offer(rows_of(5))  # committed with the read, not in it
    desk.whole = dict.fromkeys(Lane, True)
    desk.offer(rows_of(3), loaded=True)
    assert desk.lanes_to_refill() == {1: 0}
    desk.whole[Lane.REPLY] = True
    desk.offer(rows_of(5), loaded=True)
    assert desk.lanes_to_refill() == {}
    assert [row for row, _ in desk.take(0, 9)] == [3]


def test_a_row_that_was_left_to_a_refill_and_has_ended_is_not_waited_for() -> None:
    desk = Queues(Pacer(UNLIMITED))
    desk.offer(rows_of(5))
    desk.whole = dict.fromkeys(Lane, True)
    desk.offer([], loaded=True)
    assert desk.lanes_to_refill() == {1: 0}
    desk.whole[Lane.REPLY] = True
    desk.offer([], loaded=True)
    assert desk.lanes_to_refill() == {}


# -- what an error means -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Menu(Told):
    fleeting = True


def a_row(record: Told | None = None, *, edits: int | None = None, attempts: int = 1) -> Claimed:
    return Claimed(17, int(Lane.REPLY), 3, 4711, "en", "badong", record or DraftErased(), edits, attempts, 0)


def verdict(error: TelegramError, row: Claimed | None = None, *, full: bool = False) -> tuple[Outcome, Verdict]:
    return judge(row or a_row(), error, AT, chat_was_full=full)


def refusal(code: int, words: str = "", **more: Any) -> Refused:
    return Refused("sendMessage", code, words, **more)


def test_a_sent_row_keeps_the_number_of_its_message() -> None:
    assert sent(a_row(), {"message_id": 99, "chat": {}}) == Outcome(17, SENT, message_id=99)
    assert sent(a_row(edits=5), True) == Outcome(17, SENT)


def test_what_never_arrived_is_sent_again_and_is_not_in_doubt() -> None:
    outcome, meaning = verdict(Unreached("sendMessage: x"))
    assert (outcome, meaning) == (Outcome(17, NEW, error="sendMessage: x", not_before=AT + timedelta(seconds=1)), Verdict.NOTHING)


def test_a_lost_answer_is_sent_again_in_doubt() -> None:
    outcome, meaning = verdict(AnswerLost("x"))
    assert (outcome.state, outcome.in_doubt, meaning) == (NEW, True, Verdict.NOTHING)
    assert outcome.not_before == AT + timedelta(seconds=1)


def test_a_menu_in_doubt_is_dropped_but_not_one_that_takes_anothers_place() -> None:
    assert verdict(AnswerLost("x"), a_row(Menu()))[0].state == WITHDRAWN
    assert verdict(AnswerLost("x"), a_row(Menu(), edits=5))[0].state == NEW, "an edit may be repeated: it does no harm"
    assert verdict(Unreached("x"), a_row(Menu()))[0].state == NEW


@pytest.mark.parametrize("code", [500, 502, 503, 504])
def test_a_server_in_trouble_may_have_sent_it_all_the_same(code: int) -> None:
    outcome, meaning = verdict(refusal(code, "Bad Gateway"))
    assert (outcome.state, outcome.in_doubt, meaning) == (NEW, True, Verdict.NOTHING)


@pytest.mark.parametrize(("full", "expected"), [(True, Verdict.CHAT_WAITS), (False, Verdict.BOT_WAITS)])
def test_too_many_waits_as_long_as_it_says(full: bool, expected: Verdict) -> None:
    outcome, meaning = verdict(refusal(429, "Too Many Requests", retry_after=17), full=full)
    assert (outcome.state, outcome.in_doubt, outcome.not_before, meaning) == (NEW, False, AT + timedelta(seconds=17), expected)
    assert verdict(refusal(429, ""), full=full)[0].not_before == AT + timedelta(seconds=1), "without a time: a second"


def test_a_chat_that_moved_is_followed_at_once() -> None:
    outcome, meaning = verdict(refusal(400, "group chat was upgraded", migrate_to=-100))
    assert (outcome.state, outcome.not_before, meaning) == (NEW, AT, Verdict.MOVED)


@pytest.mark.parametrize(
    "words",
    ["Forbidden: bot was blocked by the user", "Forbidden: user is deactivated", "Forbidden: bot can't initiate conversation with a user"],
)
def test_a_person_who_is_forbidden_is_unreachable(words: str) -> None:
    outcome, meaning = verdict(refusal(403, words))
    assert (outcome.state, meaning) == (UNDELIVERABLE, Verdict.UNREACHABLE)


@pytest.mark.parametrize("words", ["Bad Request: chat not found", "Bad Request: user not found", "Bad Request: PEER_ID_INVALID"])
def test_a_chat_that_is_not_there_is_unreachable(words: str) -> None:
    assert verdict(refusal(400, words))[1] is Verdict.UNREACHABLE


@pytest.mark.parametrize("code", [401, 404])
def test_a_token_that_is_refused_loses_no_row(code: int) -> None:
    outcome, meaning = verdict(refusal(code, "Unauthorized"))
    assert (outcome.state, outcome.in_doubt, meaning) == (NEW, False, Verdict.TOKEN)
    assert outcome.not_before == AT + timedelta(seconds=30)


def test_an_edit_that_changes_nothing_has_been_made() -> None:
    outcome, meaning = verdict(refusal(400, "Bad Request: message is not modified: specified new message content"), a_row(edits=5))
    assert (outcome, meaning) == (Outcome(17, SENT, message_id=5), Verdict.NOTHING)


@pytest.mark.parametrize("words", ["message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"])
def test_an_edit_whose_message_is_gone_goes_as_one_of_its_own(words: str) -> None:
    outcome, meaning = verdict(refusal(400, f"Bad Request: {words}"), a_row(edits=5))
    assert (outcome.state, outcome.not_before, meaning) == (NEW, AT, Verdict.EDIT_LOST)
    assert verdict(refusal(400, f"Bad Request: {words}"))[1] is Verdict.REFUSED, "without an edit it is a refusal"


@pytest.mark.parametrize(
    "words", ["Bad Request: can't parse entities", "Bad Request: message is too long", "Bad Request: BUTTON_DATA_INVALID", ""]
)
def test_any_other_refusal_is_never_retried_and_always_told(words: str) -> None:
    outcome, meaning = verdict(refusal(400, words))
    assert (outcome.state, meaning) == (UNDELIVERABLE, Verdict.REFUSED)
    assert verdict(TelegramError("?"))[1] is Verdict.REFUSED


def test_the_wait_grows_to_a_minute() -> None:
    waits = []
    for attempts in (1, 2, 3, 4, 5, 6, 7, 8, 100, 10_000):
        outcome, _ = verdict(Unreached("x"), a_row(attempts=attempts))
        assert outcome.not_before is not None
        waits.append((outcome.not_before - AT).total_seconds())
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


errors = st.one_of(
    st.builds(Unreached, st.text(max_size=5)),
    st.builds(AnswerLost, st.text(max_size=5)),
    st.builds(
        refusal,
        st.integers(300, 599),
        st.text(max_size=30),
        retry_after=st.none() | st.integers(0, 100),
        migrate_to=st.none() | st.integers(),
    ),
)


@given(errors, st.booleans(), st.none() | st.integers(1, 99), st.integers(1, 100), st.sampled_from([DraftErased(), Menu()]))
def test_whatever_the_error_the_row_ends_or_has_a_time(
    error: TelegramError, full: bool, edits: int | None, attempts: int, record: Told
) -> None:
    outcome, meaning = judge(a_row(record, edits=edits, attempts=attempts), error, AT, chat_was_full=full)
    assert outcome.id == 17
    assert outcome.state in (NEW, SENT, UNDELIVERABLE, WITHDRAWN)
    assert (outcome.state == NEW) == (outcome.not_before is not None)
    assert outcome.not_before is None or outcome.not_before >= AT
    assert not outcome.in_doubt or outcome.state == NEW
    if outcome.state == UNDELIVERABLE:
        assert meaning in (Verdict.UNREACHABLE, Verdict.REFUSED), "somebody is told of each"


def test_why_somebody_cannot_be_reached() -> None:
    assert reach_after(refusal(403, "Forbidden: bot was BLOCKED by the user")) is Reach.BLOCKED
    assert reach_after(refusal(403, "Forbidden: user is deactivated")) is Reach.GONE
    assert reach_after(AnswerLost("blocked")) is Reach.GONE
