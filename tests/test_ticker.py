"""The way of time: what is due is done once, at its moment or as soon as the desk is up again."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from conference import profiles
from conference.services.profiles import load_profile
from storage.sealed import Purpose
from storage.tables import DEAD, DONE, PENDING, SENT, WITHDRAWN, conversations, due
from storage.unit_of_work import Unit
from tests.engine import all_of, becomes, english, eventually, files_a_report, incidents_of, presses, told
from tests.profile_files import edited
from tests.town import MORNING, Town, start


async def rung(town: Town) -> dict[str, list[int]]:
    """Who was alerted of unaccepted reports, by step (the office has none: 3)."""
    found = {}
    for name in ("desk", "colleague", "second desk", "office"):
        alerts = await told(town, town.people[name], "ReportAlert")
        calls = await told(town, town.people[name], "ReportUnaccepted")
        assert {row.state for row in [*alerts, *calls]} <= {SENT}
        found[name] = [*(_step(town, row) for row in alerts), *(3 for _ in calls)]
    return found


def _step(town: Town, row: Any) -> int:
    data = town.application.database.sealer.open_json(Purpose.TRAFFIC, "outbox.data_sealed", row.key, row.data_sealed)
    return int(data["step"])


FIRST = {"desk": [0], "colleague": [0], "second desk": [], "office": []}
AGAIN = {"desk": [0, 1], "colleague": [0, 1], "second desk": [], "office": []}
NEXT = AGAIN | {"second desk": [2]}
ALL = NEXT | {"office": [3]}


async def test_a_report_that_nobody_accepts_climbs_the_ladder_once(town: Town) -> None:
    await files_a_report(english(town, "ann"))
    assert await rung(town) == FIRST
    await town.passes(minutes=9, seconds=59)
    assert await rung(town) == FIRST
    await town.passes(seconds=1)
    assert await rung(town) == AGAIN
    await town.passes(minutes=10)
    assert await rung(town) == NEXT
    await town.passes(minutes=10)
    assert await rung(town) == ALL
    await town.passes(days=2)
    assert await rung(town) == ALL
    ledger = town.sandbox.ledger
    assert len(ledger.entries(chat=town.people["second desk"].person.id, method="sendMessage")) == 2  # the first screen and the alert


def ladder(*steps: tuple[int, str]) -> tuple[str, str]:
    """Badong's ladder, and another in its place."""
    old, new = (
        "\n".join(f'[[ladders.police_accept]]\nafter = {after}\nwhom = "{whom}"\n' for after, whom in each)
        for each in (((10, "desk:1"), (20, "desk:2"), (30, "office")), steps)
    )
    return old, new


LADDERS = [
    pytest.param(((10, "desk:1"), (15, "desk:1"), (20, "desk:2"), (40, "office")), id="one more rung"),
    pytest.param(((20, "office"),), id="fewer"),
]


@pytest.mark.parametrize("steps", LADDERS)
async def test_a_changed_ladder_is_for_the_reports_after_it(town: Town, steps: tuple[tuple[int, str], ...]) -> None:
    """A report that waits already climbs as it was told to: the office hears of it once, and those who were rung hear the end."""
    await files_a_report(english(town, "ann"))
    await town.passes(minutes=10)
    source = edited("badong", ladder(*steps))
    await town.application.desk.act(lambda uow: load_profile(uow, profiles.parse(source, "badong.toml"), source, at=uow.at))
    await town.passes(minutes=10)
    assert await rung(town) == NEXT
    await town.passes(days=2)
    assert await rung(town) == ALL
    await presses(town.people["second desk"], "ac")
    for name in ("desk", "colleague", "second desk"):  # in place of each alert; whoever pressed has an answer besides
        assert len(await told(town, town.people[name], "ReportTaken")) == 2, name


async def test_a_step_from_before_the_addressee_was_written_down_goes_by_the_ladder_of_today(town: Town) -> None:
    await files_a_report(english(town, "ann"))
    source = edited("badong", ladder((20, "office")))

    def aged(uow: Unit) -> None:
        for row in all_of(due, kind="accept_overdue")(uow.connection):
            data = {name: value for name, value in row.data.items() if name != "whom"}
            uow.connection.execute(due.update().where(due.c.id == row.id).values(data=data))
        load_profile(uow, profiles.parse(source, "badong.toml"), source, at=uow.at)

    await town.application.desk.act(aged)
    await town.passes(hours=1)
    assert set((await rung(town))["office"]) == {3}
    assert await incidents_of(town, "due_set_aside") == []


@pytest.mark.parametrize(("minutes", "reached"), [(0, FIRST), (10, AGAIN), (20, NEXT), (30, ALL)])
async def test_nobody_is_alerted_once_it_is_accepted(town: Town, minutes: int, reached: dict[str, list[int]]) -> None:
    await files_a_report(english(town, "ann"))
    await town.passes(minutes=minutes)
    await presses(town.desk, "ac")
    await town.passes(hours=5)
    assert await rung(town) == reached
    assert set(await town.look(lambda c: [row.state for row in all_of(due, kind="accept_overdue")(c)])) <= {DONE, WITHDRAWN}


async def test_restarts_between_the_steps_change_nothing(town: Town) -> None:
    await files_a_report(english(town, "ann"))
    for reached in (AGAIN, NEXT, ALL, ALL):
        await town.restart()
        await town.passes(minutes=10)
        await town.restart()
        assert await rung(town) == reached


async def test_steps_that_fell_due_while_the_desk_was_down_are_done_late_and_once(town: Town) -> None:
    await files_a_report(english(town, "ann"))
    await town.application.stop()
    town.clock.move(timedelta(minutes=25))
    town.application = await start(town.settings, town.clock)
    await town.settled()
    assert await rung(town) == NEXT
    await town.application.stop()
    town.clock.move(timedelta(days=3))
    town.application = await start(town.settings, town.clock)
    await town.settled()
    assert await rung(town) == ALL
    await town.restart()
    assert await rung(town) == ALL


async def test_a_clock_that_jumps_by_a_day_alerts_nobody_twice_and_nobody_never(town: Town) -> None:
    await files_a_report(english(town, "ann"))
    day = timedelta(days=1)
    town.clock.move(-day)
    await town.settled()
    assert await rung(town) == FIRST
    town.clock.move(day)
    await town.passes(minutes=11)
    assert await rung(town) == AGAIN
    town.clock.move(-day)
    await town.settled()
    town.clock.move(day)
    await town.settled()
    assert await rung(town) == AGAIN
    town.clock.move(day)
    await town.settled()
    assert await rung(town) == ALL
    for jump in (-day, day, day, -day):
        town.clock.move(jump)
        await town.settled()
    assert await rung(town) == ALL


async def test_an_acceptance_in_the_same_moment_as_the_next_step_alerts_nobody(town: Town) -> None:
    """The due row falls due, but nobody has to be alerted any more."""
    report = await files_a_report(english(town, "ann"))
    await presses(town.desk, "ac")

    def overdue_all_the_same(unit: Unit) -> None:
        unit.schedule.add(f"late:{report}", "accept_overdue", str(report), unit.at, {"step": 2})

    await town.application.desk.act(overdue_all_the_same)
    await town.settled()
    assert await rung(town) == FIRST
    assert await town.look(lambda c: [row.state for row in all_of(due, key=f"late:{report}")(c)]) == [DONE]


# -- drafts


async def drafts(town: Town) -> int:
    return len(await town.look(lambda c: [row for row in all_of(conversations)(c) if row.data_sealed]))


async def word_of(town: Town, name: str) -> tuple[int, int]:
    """How often the person was warned, and told that the draft is gone."""
    someone = english(town, name)
    rows = [await told(town, someone, record) for record in ("DraftExpiring", "DraftErased")]
    assert {row.state for each in rows for row in each} <= {SENT}
    return len(rows[0]), len(rows[1])


async def test_a_forgotten_draft_is_announced_a_day_before_and_then_erased(town: Town) -> None:
    await english(town, "ann").sends("a child alone")
    assert await drafts(town) == 1
    await town.passes(days=5, hours=23)
    assert await word_of(town, "ann") == (0, 0)
    await town.passes(hours=1)
    assert await word_of(town, "ann") == (1, 0)
    await town.passes(hours=23)
    assert (await word_of(town, "ann"), await drafts(town)) == ((1, 0), 1)
    await town.passes(hours=1)
    assert (await word_of(town, "ann"), await drafts(town)) == ((1, 1), 0)
    await town.passes(days=30)
    assert await word_of(town, "ann") == (1, 1)


async def test_a_draft_that_goes_on_is_kept_longer(town: Town) -> None:
    ann = english(town, "ann")
    await ann.sends("a child alone")
    await town.passes(days=4)
    await ann.sends("since Monday")
    await town.passes(days=5)
    assert await word_of(town, "ann") == (0, 0)
    await town.passes(days=1)
    assert await word_of(town, "ann") == (1, 0)
    await town.passes(minutes=1)
    await ann.sends("and cold")  # after the warning
    await town.passes(days=5)
    assert (await word_of(town, "ann"), await drafts(town)) == ((1, 0), 1)
    await town.passes(days=1)
    assert await word_of(town, "ann") == (2, 0)
    await town.passes(days=1)
    assert (await word_of(town, "ann"), await drafts(town)) == ((2, 1), 0)


async def test_a_filed_report_leaves_no_clock_of_its_draft(town: Town) -> None:
    await files_a_report(english(town, "ann"))
    await town.passes(days=10)
    assert await word_of(town, "ann") == (0, 0)


# -- trouble


def adds(key: str, kind: str, due_at: datetime) -> Any:
    return lambda unit: unit.schedule.add(key, kind, "1", due_at)


async def test_due_work_that_always_fails_is_set_aside_after_five_tries_and_its_neighbours_are_done(town: Town) -> None:
    await files_a_report(english(town, "ann"))
    await town.application.desk.act(adds("odd", "nobody_knows", MORNING + timedelta(minutes=10)))
    await town.passes(minutes=10)
    assert await rung(town) == AGAIN
    [row] = await town.look(all_of(due, key="odd"))
    assert (row.state, row.attempts, row.error) == (PENDING, 1, "Misconfigured")
    await town.passes(minutes=9)
    [row] = await town.look(all_of(due, key="odd"))
    assert (row.state, row.attempts) == (DEAD, 5)
    await town.passes(hours=5)
    assert len(await incidents_of(town, "due_set_aside")) == 1
    assert [row.state for row in await told(town, town.people["operator"], "IncidentOpened")] == [SENT]
    assert await rung(town) == ALL


async def test_more_rows_than_one_commit_takes_are_all_done(town: Town) -> None:
    def many(unit: Unit) -> None:
        for number in range(1_100):
            unit.schedule.add(f"many:{number}", "accept_overdue", "999999", unit.at + timedelta(minutes=1), {"step": 1})

    await town.application.desk.act(many)
    town.clock.move(timedelta(minutes=1))
    await town.settled()
    assert {row.state for row in await town.look(all_of(due, kind="accept_overdue"))} == {DONE}


def tries_of(connection: Any, key: str) -> int:
    return int(all_of(due, key=key)(connection)[0].attempts)


async def test_a_row_that_is_due_before_the_next_look_wakes_the_ticker(town: Town) -> None:
    town.clock._running = True
    town.clock.set(MORNING)
    for number in range(3):
        await town.settled()
        await asyncio.sleep(0)
        started = asyncio.get_running_loop().time()
        await town.application.desk.act(adds(f"soon:{number}", "accept_overdue_x", town.clock.now() + timedelta(milliseconds=50)))
        await becomes(town, partial(tries_of, key=f"soon:{number}"), 1, within=3)
        assert 0.04 < asyncio.get_running_loop().time() - started < 0.7


async def test_an_idle_desk_writes_next_to_nothing(town: Town) -> None:
    await files_a_report(english(town, "ann"))  # something is due, in ten minutes
    commits = town.application.metrics.commits._value
    before = commits.get()
    await asyncio.sleep(1.5)  # the idle time itself is what is measured
    # The ticker and the delivery look once a second each, on PostgreSQL the worker too.
    assert commits.get() - before <= 9
    await eventually(town.application.desk.idle.is_set)
