"""The way out: in order, paced, repeated only in doubt and then marked; nothing ends unseen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

import storage.outbox
from conference.model.people import Reach, Role
from conference.model.told import Lane, SomethingWentWrong
from handlers.records.everybody import HelpGiven, LanguageChooser
from sandbox.ledger import DELIVERED, REFUSED
from storage.engine import Database
from storage.outbox import sealed_row
from storage.sealed import Sealer
from storage.tables import NEW, SENDING, SENT, UNDELIVERABLE, WITHDRAWN, accounts, incidents, outbox
from tests.engine import (
    account_of,
    all_of,
    becomes,
    english,
    eventually,
    files_a_report,
    find_buttons,
    incidents_of,
    open_account,
    press,
    presses,
    tells,
    told,
)
from tests.town import MORNING, TOKEN, MakeDatabase, Someone, Town, open_town


async def met(town: Town, *names: str) -> list[tuple[Someone, int]]:
    """People who have opened the chat, with their accounts."""
    found = []
    for name in names:
        someone = english(town, name)
        await someone.sends("/start")
        found.append((someone, await account_of(town, someone)))
    town.sandbox.ledger.clear()
    return found


def word(number: int | str) -> SomethingWentWrong:
    return SomethingWentWrong(reference=f"<{number}>")


def shown(town: Town, someone: Someone) -> list[str]:
    return town.sandbox.ledger.texts(someone.person.id)


def numbers(town: Town, someone: Someone) -> list[str]:
    """The references of what the person was shown, in order."""
    return [text.partition("<")[2].partition(">")[0] for text in shown(town, someone) if "<" in text]


async def ended(town: Town, account: int, record: str = "SomethingWentWrong") -> list[int]:
    found: list[Any] = await town.look(all_of(outbox, account_id=account, record=record))
    return [row.state for row in found]


def since(started: float) -> float:
    return asyncio.get_running_loop().time() - started


def now() -> float:
    return asyncio.get_running_loop().time()


def let_the_clock_run(town: Town) -> None:
    """The sandbox counts its flood limits on its clock."""
    town.clock._running = True
    town.clock.set(MORNING)


@asynccontextmanager
async def paced_town(make_database: MakeDatabase, key: str) -> AsyncIterator[Town]:
    """Under Telegram's limits; real seconds cost, so on one database."""
    async with open_town(make_database("sqlite", "badong"), key, pacing="telegram") as town:
        let_the_clock_run(town)
        yield town


@pytest.fixture
async def one_town(make_database: MakeDatabase, key: str) -> AsyncIterator[Town]:
    """On one database: these tests wait for real pauses, and no statement is special to them."""
    async with open_town(make_database("sqlite", "badong"), key) as running:
        await running.appoint("operator", Role.OPERATOR, "civil_affairs", "operator", language="en")
        yield running


# -- order


async def test_each_chat_is_told_in_order_however_slow_some_answers_are(town: Town) -> None:
    people = await met(town, "ann", "ben", "cho")
    town.sandbox.faults.plan([{"kind": "delay", "probability": 0.4, "seconds": 0.01}], seed=5)
    for number in range(15):
        for _, account in people:
            await tells(town, account, word(number))
    await town.settled()
    for someone, _ in people:
        assert numbers(town, someone) == [str(number) for number in range(15)]


async def test_what_is_tried_again_is_not_overtaken_by_what_came_later(one_town: Town) -> None:
    (ann, account), (ben, other) = await met(one_town, "ann", "ben")
    one_town.sandbox.faults.add("status", chat=ann.person.id, times=1)
    for number in range(3):
        await tells(one_town, account, word(number))
        await tells(one_town, other, word(number))
    await eventually(lambda: len(numbers(one_town, ben)) == 3)
    assert numbers(one_town, ann) == []
    await eventually(lambda: len(numbers(one_town, ann)) == 3)
    assert numbers(one_town, ann) == ["0", "1", "2"]


async def test_an_emergency_overtakes_what_waits_for_the_same_person(town: Town) -> None:
    [(ann, account)] = await met(town, "ann")
    town.sandbox.faults.add("delay", chat=ann.person.id, times=1, seconds=0.3)
    await tells(town, account, word("first"))
    for number in range(2):
        await tells(town, account, word(number), lane=Lane.NOTICE)
    await tells(town, account, word("digest"), lane=Lane.DIGEST)
    await tells(town, account, word("answer"), lane=Lane.REPLY)
    await tells(town, account, word("alarm"), lane=Lane.EMERGENCY)
    await town.settled()
    assert numbers(town, ann) == ["first", "alarm", "answer", "0", "1", "digest"]


# -- floods


async def test_a_flood_answer_for_the_bot_stops_everybody_for_as_long_as_it_says(one_town: Town) -> None:
    (ann, account), (ben, other) = await met(one_town, "ann", "ben")
    one_town.sandbox.faults.add("too_many", chat=ann.person.id, times=1, seconds=1)
    await tells(one_town, account, word(1))
    await eventually(lambda: one_town.sandbox.ledger.entries(outcome=REFUSED))
    started = now()
    await tells(one_town, other, word(2), lane=Lane.EMERGENCY)
    await eventually(lambda: numbers(one_town, ben))
    assert since(started) > 0.9
    await eventually(lambda: numbers(one_town, ann))
    assert len(one_town.sandbox.ledger.entries(outcome=REFUSED)) == 1
    assert "repeat" not in shown(one_town, ann)[0], "a refused message has not arrived: it is no repeat"


async def test_a_flood_answer_for_one_chat_stops_that_chat_only(make_database: MakeDatabase, key: str) -> None:
    async with paced_town(make_database, key) as town:
        (ann, account), (ben, other) = await met(town, "ann", "ben")
        for number in range(3):
            await tells(town, account, word(number))
        await eventually(lambda: len(numbers(town, ann)) == 2)
        town.sandbox.faults.add("too_many", chat=ann.person.id, times=1, seconds=2)
        await eventually(lambda: town.sandbox.ledger.entries(outcome=REFUSED))
        started = now()
        await tells(town, other, word("other"))
        await eventually(lambda: numbers(town, ben))
        assert since(started) < 1
        assert len(numbers(town, ann)) == 2
        await eventually(lambda: len(numbers(town, ann)) == 3)
        assert since(started) > 1.9


async def test_a_burst_breaks_none_of_telegrams_limits(make_database: MakeDatabase, key: str) -> None:
    async with paced_town(make_database, key) as town:
        people = await met(town, *(f"p{number}" for number in range(12)))
        town.sandbox.limits.switch(True)
        (ann, first), *_ = people
        for number in range(5):
            await tells(town, first, word(number))
        for number in range(3):
            for _, account in people[1:]:
                await tells(town, account, word(number))
        await eventually(lambda: all(len(numbers(town, someone)) == 3 for someone, _ in people[1:]) and len(numbers(town, ann)) == 5)
        assert town.sandbox.limits.refused == 0
        assert not town.sandbox.ledger.entries(outcome=REFUSED)


# -- people who cannot be reached


async def test_a_citizen_who_blocked_the_bot_is_noted_and_opened_again_by_a_word(town: Town) -> None:
    [(ann, account)] = await met(town, "ann")
    ann.person.block(TOKEN)
    await town.settled()
    for number in range(2):
        await tells(town, account, word(number))
    await town.settled()
    assert await ended(town, account) == [UNDELIVERABLE] * 2
    assert (await town.look(all_of(accounts, id=account)))[0].reach is Reach.BLOCKED
    assert [row.subject for row in await incidents_of(town, "person_unreachable")] == [f"account:{account}"]
    assert not await told(town, town.people["operator"], "IncidentOpened")
    await ann.sends("/help")
    assert (await town.look(all_of(accounts, id=account)))[0].reach is Reach.OPEN
    assert all(row.closed_at for row in await incidents_of(town, "person_unreachable"))
    await tells(town, account, word("again"))
    await town.settled()
    assert numbers(town, ann) == ["again"]


async def test_the_operators_hear_of_each_time_a_post_cannot_be_reached(town: Town) -> None:
    desk = town.desk
    account = await account_of(town, desk)
    for times in (1, 2):
        desk.person.block(TOKEN)
        await tells(town, account, word(times))
        await tells(town, account, word(times))
        await town.settled()
        assert [row.state for row in await told(town, town.people["operator"], "IncidentOpened")] == [SENT] * times
        await desk.sends("/start")


async def test_what_waits_for_somebody_who_left_is_given_up_with_them(town: Town) -> None:
    [(ann, account)] = await met(town, "ann")
    town.sandbox.faults.add("delay", chat=ann.person.id, times=1, seconds=0.2)
    for number in range(5):
        await tells(town, account, word(number))
    ann.person.deactivated = True
    await town.settled()
    assert await ended(town, account) == [UNDELIVERABLE] * 5
    assert len(town.sandbox.ledger.entries(chat=ann.person.id, outcome=REFUSED)) == 1
    assert (await town.look(all_of(accounts, id=account)))[0].reach is Reach.GONE


async def test_a_chat_that_does_not_exist_is_noted(town: Town) -> None:
    account = await open_account(town, 987654321)
    await tells(town, account, word(1))
    await town.settled()
    assert await ended(town, account) == [UNDELIVERABLE]
    assert [row.subject for row in await incidents_of(town, "person_unreachable")] == [f"account:{account}"]


async def test_a_chat_that_moved_gets_everything_at_its_new_address(town: Town) -> None:
    ann = english(town, "ann")
    world = town.sandbox.world
    world.register_bot(TOKEN).reads_all_group_messages = False
    real = town.application.telegram.call

    async def stays(method: str, **params: Any) -> Any:
        return True if method == "leaveChat" else await real(method, **params)

    town.application.telegram.call = stays  # type: ignore[method-assign]  # the desk leaves groups; here it must be in one
    group = world.create_group("a group", [ann.person], bot=TOKEN)
    account = await open_account(town, group.id)
    moved = world.migrate_group(group)
    await town.settled()
    for number in range(3):
        await tells(town, account, word(number))
    await town.settled()
    assert await ended(town, account) == [SENT] * 3
    assert town.sandbox.ledger.entries(chat=moved.id, outcome=DELIVERED, text="<0>")
    assert [e.text is not None for e in town.sandbox.ledger.entries(chat=moved.id, outcome=DELIVERED)] == [True] * 3
    assert await open_account(town, moved.id) == account


async def test_a_message_that_telegram_refuses_is_told_to_the_operators(town: Town) -> None:
    [(ann, account)] = await met(town, "ann")
    town.sandbox.faults.add("status", chat=ann.person.id, times=1, code=400, description="Bad Request: something new")
    await tells(town, account, word(1))
    await tells(town, account, word(2))
    await town.settled()
    assert await ended(town, account) == [UNDELIVERABLE, SENT]
    assert [row.state for row in await told(town, town.people["operator"], "IncidentOpened")] == [SENT]


# -- doubt


async def test_a_server_error_is_tried_again_after_a_pause_and_marked(one_town: Town) -> None:
    [(ann, account)] = await met(one_town, "ann")
    one_town.sandbox.faults.add("status", chat=ann.person.id, times=1)
    started = now()
    await tells(one_town, account, word(1))
    await eventually(lambda: shown(one_town, ann))
    assert since(started) > 0.9
    await becomes(one_town, lambda c: [r.state for r in all_of(outbox, account_id=account, record="SomethingWentWrong")(c)], [SENT])
    assert [row.repeats for row in await one_town.look(all_of(outbox, account_id=account, record="SomethingWentWrong"))] == [1]


async def test_a_message_whose_answer_was_lost_comes_again_and_says_so(one_town: Town) -> None:
    [(ann, account)] = await met(one_town, "ann")
    one_town.sandbox.faults.add("lose_answer", chat=ann.person.id, times=1)
    await tells(one_town, account, word(1))
    await eventually(lambda: len(shown(one_town, ann)) == 2)
    first, second = shown(one_town, ann)
    assert second != first
    assert second.endswith(first)
    await becomes(one_town, lambda c: [r.state for r in all_of(outbox, account_id=account, record="SomethingWentWrong")(c)], [SENT])


async def test_a_menu_whose_answer_was_lost_is_not_repeated(town: Town) -> None:
    [(ann, account)] = await met(town, "ann")
    town.sandbox.faults.add("lose_answer", chat=ann.person.id, times=1)
    await tells(town, account, HelpGiven())
    await tells(town, account, word("after it"))
    await town.settled()
    assert await ended(town, account, "HelpGiven") == [WITHDRAWN]
    assert len(shown(town, ann)) == 2


async def test_a_refused_connection_is_no_doubt(one_town: Town) -> None:
    [(ann, account)] = await met(one_town, "ann")
    await one_town.sandbox.stop()
    await tells(one_town, account, word(1))
    await becomes(one_town, lambda c: [r.attempts for r in all_of(outbox, account_id=account, record="SomethingWentWrong")(c)], [1])
    await one_town.sandbox.start()
    await eventually(lambda: shown(one_town, ann))
    assert len(shown(one_town, ann)) == 1
    assert [row.repeats for row in await one_town.look(all_of(outbox, account_id=account, record="SomethingWentWrong"))] == [0]


async def test_long_trouble_of_the_channel_is_an_incident_and_its_end_closes_it(one_town: Town) -> None:
    [(ann, account)] = await met(one_town, "ann")
    one_town.sandbox.faults.add("status", chat=ann.person.id, times=1)
    await tells(one_town, account, word(1))
    waits_again = [(1, NEW)]
    await becomes(one_town, lambda c: [(r.attempts, r.state) for r in all_of(outbox, account_id=account)(c)][-1:], waits_again)
    await one_town.application.desk.write(
        lambda t: t.connection.execute(update(outbox).where(outbox.c.account_id == account, outbox.c.state == NEW).values(attempts=4))
    )
    one_town.sandbox.faults.plan([{"kind": "status", "chat": ann.person.id, "times": 1}])
    await becomes(one_town, lambda c: len(all_of(incidents, kind="channel_trouble")(c)), 1)
    operator = one_town.people["operator"]
    await eventually(lambda: len(operator.history) == 2)
    await becomes(one_town, lambda c: [row.closed_at is not None for row in all_of(incidents, kind="channel_trouble")(c)], [True])


# -- a message that takes another's place


async def test_a_message_whose_place_is_gone_comes_as_a_new_one(town: Town) -> None:
    [(ann, account)] = await met(town, "ann")
    assert ann.last is not None
    old = ann.last
    town.sandbox.world.delete_message(old)
    await tells(town, account, HelpGiven(), edits=old.id)
    await town.settled()
    assert await ended(town, account, "HelpGiven") == [SENT]
    assert ann.last is not None
    assert ann.last.id > old.id
    assert [entry.method for entry in town.sandbox.ledger.entries(chat=ann.person.id, outcome=DELIVERED)] == ["sendMessage"]


async def test_an_edit_that_changes_nothing_has_succeeded(town: Town) -> None:
    [(ann, account)] = await met(town, "ann")
    await ann.sends("/language")
    assert ann.last is not None
    await tells(town, account, LanguageChooser(), edits=ann.last.id)
    await town.settled()
    assert [entry.error for entry in town.sandbox.ledger.entries(method="editMessageText", outcome=REFUSED)] != []
    assert await ended(town, account, "LanguageChooser") == [SENT, SENT]
    assert not await incidents_of(town, "message_refused")


async def test_a_repeated_edit_is_not_marked(one_town: Town) -> None:
    """Editing twice shows the same once."""
    [(ann, account)] = await met(one_town, "ann")
    assert ann.last is not None
    one_town.sandbox.faults.add("lose_answer", method="editMessageText", times=1)
    await tells(one_town, account, LanguageChooser(), edits=ann.last.id)
    await becomes(one_town, lambda c: [r.state for r in all_of(outbox, account_id=account, record="LanguageChooser")(c)], [SENT])
    assert len(set(shown(one_town, ann))) == 1


async def test_an_alert_that_was_taken_elsewhere_is_changed_in_place(town: Town) -> None:
    await files_a_report(english(town, "ann"))
    desk, colleague = town.desk, town.people["colleague"]
    alert = colleague.last
    assert find_buttons(alert, "ac")
    assert alert is not None
    before = alert.text
    count = len(colleague.history)
    await presses(desk, "ac")
    assert len(colleague.history) == count
    assert alert.text != before
    assert not find_buttons(alert, "ac")


async def test_an_alert_that_was_taken_before_it_was_sent_is_never_sent(one_town: Town) -> None:
    desk, colleague = [await one_town.appoint(name, Role.DUTY_DESK, "public_security", "desk") for name in ("desk", "colleague")]
    one_town.sandbox.faults.add("status", chat=colleague.person.id)
    ann = english(one_town, "ann")
    await files_a_report(ann)
    count = len(colleague.history)
    one_town.sandbox.ledger.clear()
    await presses(desk, "ac")
    one_town.sandbox.faults.clear()
    account = await account_of(one_town, colleague)

    def open_rows(connection: Any) -> list[int]:
        return [row.id for row in all_of(outbox, account_id=account)(connection) if row.state in (NEW, SENDING)]

    await becomes(one_town, open_rows, [])
    assert len(colleague.history) == count
    assert {row.state for row in await told(one_town, colleague, "ReportAlert")} == {WITHDRAWN}
    assert {row.state for row in await told(one_town, colleague, "ReportTaken")} == {WITHDRAWN}


async def test_a_message_goes_only_while_its_condition_holds(town: Town) -> None:
    ann = english(town, "ann")
    report = await files_a_report(ann)
    account = await account_of(town, ann)
    await tells(town, account, word("waits"), only_while=f"report.waiting:{report}")
    await town.settled()
    await presses(town.desk, "ac")
    await tells(town, account, word("too late"), only_while=f"report.waiting:{report}")
    await town.settled()
    assert await ended(town, account) == [SENT, WITHDRAWN]
    assert numbers(town, ann) == ["waits"]


@pytest.mark.parametrize("condition", ["nobody.knows:1", "report.waiting:x", "report.waiting:"])
async def test_a_condition_that_nobody_knows_stops_only_its_own_message(town: Town, condition: str) -> None:
    [(_ann, account)] = await met(town, "ann")
    await tells(town, account, word("odd"), only_while=condition)
    await tells(town, account, word("fine"))
    await town.settled()
    assert await ended(town, account) == [UNDELIVERABLE, SENT]
    assert [row.state for row in await told(town, town.people["operator"], "IncidentOpened")] == [SENT]
    assert not town.application.nursery.failed.is_set()


async def test_each_unreadable_message_is_told_to_the_operators(town: Town) -> None:
    [(_ann, account)] = await met(town, "ann")
    for number in range(2):
        await tells(town, account, word("odd"), only_while=f"nobody.knows:{number}")
        await town.settled()
    assert [row.state for row in await told(town, town.people["operator"], "IncidentOpened")] == [SENT] * 2


# -- stops, kills and a revoked token


def raw_rows(town: Town, account: int, records: dict[str, str], state: int) -> None:
    """Rows as a process that died has left them."""
    sealer = Sealer(town.settings.key.get_secret_value())
    database = Database(town.settings.database_url, sealer)
    common = dict.fromkeys(("only_while", "replaces", "edits")) | {"account_id": account, "lane": 1, "repeats": 0}
    moments = {"not_before": MORNING, "created_at": MORNING}
    with database.writer.begin() as connection:
        for reference, record in records.items():
            data = {"reference": f"<{reference}>"} if record == "SomethingWentWrong" else {}
            row = sealed_row(sealer, key=f"raw.{reference}", data=data, record=record, state=state, attempts=1, **common, **moments)
            connection.execute(insert(outbox).values(row))
    database.close()


async def test_rows_that_a_dead_process_left_under_way_are_marked_or_dropped(town: Town) -> None:
    [(ann, account)] = await met(town, "ann")
    await town.application.stop()
    records = {"1": "SomethingWentWrong", "2": "HelpGiven", "3": "NoSuchRecord", "4": "SomethingWentWrong"}
    raw_rows(town, account, records, SENDING)
    await town.restart()
    rows = await town.look(
        lambda c: c.execute(select(outbox.c.state).where(outbox.c.key.like("raw.%")).order_by(outbox.c.id)).scalars().all()
    )
    assert rows == [SENT, WITHDRAWN, UNDELIVERABLE, SENT]
    assert numbers(town, ann) == ["1", "4"]
    assert all(not text.startswith(shown(town, ann)[0].splitlines()[1]) for text in shown(town, ann)), "a possible repeat is not marked"
    assert [row.state for row in await told(town, town.people["operator"], "IncidentOpened")] == [SENT]


async def test_what_waited_when_a_process_died_is_sent_once_and_unmarked(town: Town) -> None:
    [(ann, account)] = await met(town, "ann")
    await town.application.stop()
    raw_rows(town, account, {str(number): "SomethingWentWrong" for number in range(5)}, NEW)
    await town.restart()
    assert numbers(town, ann) == [str(number) for number in range(5)]
    assert {row.repeats for row in await told(town, ann, "SomethingWentWrong")} == {0}


async def test_a_row_of_another_process_is_found_while_others_wait(one_town: Town) -> None:
    """Numbers are given before they are committed: one that is lower than what is known may come later."""
    (ann, account), (ben, other) = await met(one_town, "ann", "ben")
    one_town.sandbox.faults.add("too_many", chat=ann.person.id, times=1, seconds=1)
    one_town.sandbox.faults.add("status", chat=ann.person.id, times=50)  # something is always held back
    await tells(one_town, account, word("held"))

    def comes(number: int) -> Callable[[Any], None]:
        def write(transaction: Any) -> None:
            columns = dict.fromkeys(("only_while", "replaces", "edits")) | {"state": NEW, "account_id": other, "lane": 2}
            columns |= {"not_before": MORNING, "created_at": MORNING, "attempts": 0, "repeats": 0, "id": number}
            data = {"reference": f"<{number}>"}
            row = sealed_row(transaction.sealer, key=f"elsewhere.{number}", data=data, record="SomethingWentWrong", **columns)
            transaction.connection.execute(insert(outbox).values(row))

        return write

    await one_town.application.desk.write(comes(1_000))
    await eventually(lambda: numbers(one_town, ben) == ["1000"])
    await one_town.application.desk.write(comes(999))
    await eventually(lambda: numbers(one_town, ben) == ["1000", "999"])
    assert numbers(one_town, ann) == []


async def test_a_revoked_token_is_an_incident_and_a_pause_and_nothing_is_lost(town: Town) -> None:
    (ann, account), (_, other) = await met(town, "ann", "ben")
    fresh = "42001:ANOTHER-token_of_the_town_0123456789"
    town.sandbox.world.register_bot(fresh)
    await tells(town, account, word(1))
    await becomes(
        town, lambda c: [(row.subject, row.closed_at) for row in all_of(incidents, kind="message_token")(c)], [("telegram", None)]
    )
    await tells(town, other, word(2))
    assert await ended(town, account) == [NEW]
    await town.application.stop()
    town.settings = town.settings.model_copy(update={"telegram_token": type(town.settings.telegram_token)(fresh)})
    from tests.town import start

    town.application = await start(town.settings, town.clock)
    town.clock.move(timedelta(seconds=30))  # the pause that began with the old one
    await eventually(lambda: numbers(town, ann))
    assert numbers(town, ann) == ["1"]
    await becomes(town, lambda c: {row.state for row in all_of(outbox)(c)}, {SENT})
    assert all(row.closed_at for row in await incidents_of(town, "message_token"))
    assert len(await told(town, town.people["operator"], "IncidentOpened")) == 1


async def test_a_stop_lets_calls_under_way_end_and_what_waits_is_sent_after_the_start(town: Town) -> None:
    people = await met(town, "ann", "ben", "cho")
    town.sandbox.faults.add("delay", seconds=1)
    for number in range(2):
        for _, account in people:
            await tells(town, account, word(number))
    await becomes(town, lambda c: sum(row.state == SENDING for row in all_of(outbox)(c)), 3)
    started = now()
    await town.application.stop()
    assert since(started) < 5
    for someone, _ in people:
        assert numbers(town, someone) == ["0"]
    town.sandbox.faults.clear()
    await town.restart()
    for someone, account in people:
        assert numbers(town, someone) == ["0", "1"]
        assert await ended(town, account) == [SENT, SENT]
    assert not town.sandbox.ledger.repeats()


async def test_a_stop_takes_less_than_ten_seconds_even_when_nobody_answers(make_database: MakeDatabase, key: str) -> None:
    async with open_town(make_database("sqlite", "badong"), key) as town:
        [(ann, account)] = await met(town, "ann")
        town.sandbox.faults.add("delay", seconds=60, times=1)
        await tells(town, account, word(1))
        await becomes(town, lambda c: [r.state for r in all_of(outbox, record="SomethingWentWrong")(c)], [SENDING])
        started = now()
        await town.application.stop()
        assert since(started) < 10
        await town.restart()
        assert numbers(town, ann) == ["1"]
        assert [row.repeats for row in await told(town, ann, "SomethingWentWrong")] == [1]
        town.clock.move(timedelta(seconds=1))


# -- rows that are written as claimed (docs/decisions/0013)


async def ready_to_submit(town: Town) -> tuple[Someone, int]:
    """Somebody whose next press files a report: an act that says two things to one person."""
    [(ann, account)] = await met(town, "ann")
    for kind, nth in (("b", 0), ("o", 0), ("o", 1), ("p", 0), ("o", 0)):
        await presses(ann, kind, nth)
    town.application.delivery._look_at = float("inf")  # while rows of other processes are looked for, all go the usual way
    await town.settled()
    town.sandbox.ledger.clear()
    return ann, account


async def pair(town: Town, account: int) -> list[tuple[int, int, int]]:
    """State, tries and repeats of the last two rows for this account."""
    rows = await town.look(all_of(outbox, account_id=account))
    return [(row.state, row.attempts, row.repeats) for row in rows[-2:]]


async def test_an_answer_that_can_go_at_once_needs_no_claim(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, account = await ready_to_submit(town)
    claims: list[int] = []
    claim = storage.outbox.claim

    def counted(connection: Any, ids: Iterable[int]) -> None:
        claims.extend(ids)
        claim(connection, ids)

    monkeypatch.setattr(storage.outbox, "claim", counted)
    await presses(ann, "f")
    assert await pair(town, account) == [(SENT, 1, 0), (SENT, 1, 0)]
    rows = await town.look(all_of(outbox, account_id=account))
    assert claims, "those on duty are not speaking: what they are told is claimed"
    assert not {row.id for row in rows} & set(claims)


async def test_what_was_written_as_claimed_keeps_its_place_behind_one_that_fails(town: Town) -> None:
    ann, account = await ready_to_submit(town)
    town.sandbox.faults.add("too_many", method="sendMessage", chat=ann.person.id, times=1, seconds=1)
    await presses(ann, "f")
    await becomes(town, lambda c: [row.state for row in all_of(outbox, account_id=account)(c)][-2:], [SENT, SENT])
    assert [repeats for _, _, repeats in await pair(town, account)] == [0, 0], "what was never sent is in no doubt"
    calls = [
        (e.method, e.outcome) for e in town.sandbox.ledger.entries() if e.chat_id == ann.person.id and e.method != "answerCallbackQuery"
    ]
    assert calls == [("sendMessage", REFUSED), ("sendMessage", DELIVERED), ("editMessageText", DELIVERED)]


async def test_a_stop_gives_back_what_was_written_as_claimed_and_not_sent(town: Town) -> None:
    ann, account = await ready_to_submit(town)
    town.sandbox.faults.add("delay", chat=ann.person.id, seconds=1)
    press(ann, "f")
    await becomes(town, lambda c: [row.state for row in all_of(outbox, account_id=account)(c)][-2:], [SENDING, SENDING])
    await town.application.stop()
    town.sandbox.faults.clear()
    await town.restart()
    first, second = await pair(town, account)
    assert first == (SENT, 1, 0)
    assert second == (SENT, 2, 0), "given back, and claimed like any other row: it is in no doubt"


async def test_after_a_new_connection_rows_under_way_that_nobody_knows_of_are_in_doubt(town: Town) -> None:
    """The commit's answer was lost, the commit stands."""
    [(ann, account)] = await met(town, "ann")

    def lost(transaction: Any) -> None:
        columns: dict[str, Any] = dict.fromkeys(("only_while", "replaces", "edits")) | {"state": SENDING, "account_id": account, "lane": 1}
        columns |= {"not_before": MORNING, "created_at": MORNING, "attempts": 1, "repeats": 0}
        row = sealed_row(transaction.sealer, key="lost", data={"reference": "<1>"}, record="SomethingWentWrong", **columns)
        transaction.connection.execute(insert(outbox).values(row))

    await town.application.desk.write(lost)
    await tells(town, account, word(2))
    await eventually(lambda: numbers(town, ann) == ["2"])
    town.application.desk.connections += 1
    await tells(town, account, word(3))
    await eventually(lambda: len(numbers(town, ann)) == 3)
    rows = await told(town, ann, "SomethingWentWrong")
    assert sorted((row.repeats for row in rows), reverse=True) == [1, 0, 0]
