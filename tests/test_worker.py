"""The writer: each update has its effect once, in its sender's order, whatever happens to its neighbours."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import subprocess
import threading
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiogram.types import Message as TelegramMessage
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from bot.bootstrap import Application, build
from conference.model.errors import Misconfigured, NotFound
from conference.model.people import Post, Role
from conference.model.told import SomethingWentWrong
from storage.engine import CHANGES, sqlite_path
from storage.tables import DEAD, DONE, PENDING, SENT, conversations, facts, inbox, outbox, persons, posts
from storage.unit_of_work import Unit
from tests.engine import (
    SECRET,
    account_of,
    all_of,
    becomes,
    effects,
    english,
    eventually,
    incidents_of,
    looked,
    message_update,
    open_account,
    passes_for_retries,
    poison_update,
    second_process,
    states,
    store,
    tells,
    told,
    webhook_town,
)
from tests.town import TOKEN, MakeDatabase, Someone, Town, open_town


class Poison:
    """Messages of these words are handled, and then the handler fails: all it did must be undone."""

    def __init__(self, application: Application, words: str = "poison") -> None:
        self.words = words
        self.tries = 0
        self.cured = False
        application.conversing._dispatcher.message.outer_middleware(self)

    async def __call__(self, handler: Callable[..., Awaitable[Any]], event: Any, data: dict[str, Any]) -> Any:
        said = await handler(event, data)
        assert isinstance(event, TelegramMessage)
        if self.words in (event.text or "") and not self.cured:
            self.tries += 1
            raise ZeroDivisionError("poison")
        return said


async def words_of(town: Town, someone: Someone) -> list[str]:
    """What stands in the person's open draft, in order."""
    account = await account_of(town, someone)
    found: list[str] = await town.look(lambda c: _words(town, c, account))
    return found


def _words(town: Town, connection: Any, account: int) -> list[str]:
    from storage.conversations import load

    data = load(connection, town.application.database.sealer, [account])[account].data
    return list((data.get("draft") or {}).get("answers", {}).get("words", []))


# -- updates that fail


async def test_an_update_that_always_fails_is_set_aside_after_five_tries_and_everybody_else_goes_on(town: Town) -> None:
    poison = Poison(town.application)
    ann, ben = english(town, "ann"), english(town, "ben")
    await ann.sends("/start")
    for words in ("poison", "the first after it", "the second after it"):
        ann.person.send_text(TOKEN, words)
    await ben.sends("he is hungry")
    assert await words_of(town, ben) == ["he is hungry"]
    assert poison.tries == 1
    assert await words_of(town, ann) == [], "a later message overtook the one that waits for its next try"
    for tries, pause in ((2, 0.25), (3, 1), (4, 4), (5, 16)):
        town.clock.move(timedelta(seconds=pause - 0.1))
        await looked(town)
        assert poison.tries == tries - 1, "it was tried before its time"
        town.clock.move(timedelta(seconds=0.2))
        await looked(town)
        assert poison.tries == tries
    assert await words_of(town, ann) == ["the first after it", "the second after it"]
    await passes_for_retries(town)
    assert poison.tries == 5
    aside = await town.look(all_of(inbox, state=DEAD))
    assert [(row.attempts, row.error) for row in aside] == [(5, "ZeroDivisionError")]
    assert [row.state for row in await told(town, town.people["operator"], "IncidentOpened")] == [SENT]
    assert [row.state for row in await told(town, ann, "SomethingWentWrong")] == [SENT]
    assert not await told(town, ben, "SomethingWentWrong")


async def test_a_failed_update_is_tried_again_without_being_asked_while_the_machine_is_idle(town: Town) -> None:
    """The ticker and the delivery ring once a second too: they must not keep the worker from looking."""
    poison = Poison(town.application)
    await english(town, "ann").sends("poison")
    assert poison.tries == 1
    poison.cured = True
    town.clock.move(timedelta(seconds=1))
    ann = english(town, "ann")
    await becomes(town, states(inbox, state=PENDING), [], within=5)
    assert await words_of(town, ann) == ["poison"]


async def test_a_persons_updates_of_one_commit_do_not_overtake_the_one_that_fails(town: Town) -> None:
    poison = Poison(town.application, "second")
    ann = english(town, "ann")
    await ann.sends("/start")
    number = ann.person.id
    await store(town, *[(message_update(at, number, words), number) for at, words in enumerate(["first", "second", "third"], 1)])
    await town.settled()
    assert await words_of(town, ann) == ["first"]
    poison.cured = True
    await passes_for_retries(town)
    assert await words_of(town, ann) == ["first", "second", "third"]


async def test_many_updates_behind_one_that_waits_hold_nobody_else_up(town: Town) -> None:
    poison = Poison(town.application)
    ann, ben = english(town, "ann"), english(town, "ben")
    number = ann.person.id
    await store(town, (message_update(1, number, "poison"), number))
    await store(town, *[(message_update(at, number, f"no. {at}"), number) for at in range(2, 300)])
    await ben.sends("he is hungry")
    assert await words_of(town, ben) == ["he is hungry"]
    poison.cured = True
    await passes_for_retries(town)
    assert (await words_of(town, ann))[:3] == ["poison", "no. 2", "no. 3"]
    assert await town.look(states(inbox, state=PENDING)) == []


async def test_an_update_that_cannot_be_read_is_set_aside_like_one_that_cannot_be_handled(town: Town) -> None:
    ann = english(town, "ann")
    await ann.sends("/start")
    number = ann.person.id
    await store(town, (poison_update(1, number), number), (message_update(2, number, "after it"), number))
    await passes_for_retries(town)
    assert await town.look(states(inbox, state=DEAD)) == [DEAD]
    assert await words_of(town, ann) == ["after it"]
    assert len(await told(town, town.people["operator"], "IncidentOpened")) == 1
    assert [row.state for row in await told(town, ann, "SomethingWentWrong")] == [SENT]


async def test_what_fails_leaves_no_row_and_its_neighbours_of_the_same_commit_keep_theirs(town: Town) -> None:
    Poison(town.application)
    for address in (901, 902, 903):
        await open_account(town, address)
    before = await effects(town)
    commits = town.application.metrics.commits._value.get()
    await store(
        town,
        (message_update(1, 901, "a child alone"), 901),
        (message_update(2, 902, "poison"), 902),
        (message_update(3, 903, "a child alone"), 903),
    )
    await town.settled()
    after = await effects(town)
    grown = {name: after[name] - before[name] for name in after}
    # A draft, its due row and its question, of two of the three.
    assert {name: n for name, n in grown.items() if n} == {"conversations": 2, "due": 2, "outbox": 2}
    assert await town.look(lambda c: [row.state for row in c.execute(select(inbox).order_by(inbox.c.id.desc()).limit(3))]) == [
        DONE,
        PENDING,
        DONE,
    ]
    assert town.application.metrics.commits._value.get() > commits


async def test_a_row_that_the_database_refuses_harms_no_other_act_of_the_commit(town: Town) -> None:
    def refused(unit: Unit) -> None:
        unit.people.add_post(Post(conference=None, unit="u", role=Role.OFFICE, title="never"))  # type: ignore[arg-type]  # what is tested

    def fine(unit: Unit) -> int:
        post = Post(conference="c", unit="u", role=Role.OFFICE, title="kept")
        unit.people.add_post(post)
        assert post.id is not None
        return post.id

    desk = town.application.desk
    results = await asyncio.gather(desk.act(fine), desk.act(refused), desk.act(fine), desk.act(refused), return_exceptions=True)
    assert [isinstance(result, Exception) for result in results] == [False, True, False, True]
    assert "IntegrityError" in type(results[1]).__name__
    assert len(await town.look(all_of(posts, title="kept"))) == 2
    assert not await town.look(all_of(posts, title="never"))


async def test_statements_that_fail_halfway_leave_nothing_and_harm_no_other_act_of_the_commit(town: Town) -> None:
    def half(transaction: Any) -> None:
        transaction.connection.execute(persons.insert().values(created_at=transaction.at))
        raise ZeroDivisionError

    def refused(transaction: Any) -> None:
        transaction.connection.execute(text("SELECT * FROM no_such_table"))

    def fine(unit: Unit) -> None:
        unit.people.add_post(Post(conference="c", unit="u", role=Role.OFFICE, title="kept"))

    before = len(await town.look(all_of(persons)))
    desk = town.application.desk
    results = await asyncio.gather(desk.act(fine), desk.write(half), desk.write(refused), desk.act(fine), return_exceptions=True)
    assert [type(result).__name__ for result in results[:2]] == ["NoneType", "ZeroDivisionError"]
    assert isinstance(results[2], Exception)
    assert results[3] is None
    assert len(await town.look(all_of(persons))) == before, "half of an act was kept"
    assert len(await town.look(all_of(posts, title="kept"))) == 2, "an act was told that it is kept, and is not"


# -- the same update again


async def test_an_update_that_comes_twice_has_its_effect_once(town: Town) -> None:
    ann = english(town, "ann")
    await ann.sends("/start")
    number = ann.person.id
    for _ in range(3):
        await store(town, (message_update(7, number, "he is hungry"), number))
        await town.settled()
    await store(town, *[(message_update(8, number, "and cold"), number)] * 3)
    await town.settled()
    assert await words_of(town, ann) == ["he is hungry", "and cold"]
    assert not await incidents_of(town, "same_id_other_body")


async def test_the_same_id_with_another_body_is_no_repeat_it_is_handled_and_alarmed(town: Town) -> None:
    ann = english(town, "ann")
    await ann.sends("/start")
    number = ann.person.id
    await store(town, (message_update(7, number, "he is hungry"), number))
    await store(town, (message_update(7, number, "another"), number))
    await store(town, (message_update(7, number, "another"), number))
    await town.settled()
    assert await words_of(town, ann) == ["he is hungry", "another"]
    assert [row.subject for row in await incidents_of(town, "same_id_other_body")] == ["7"]
    assert [row.state for row in await told(town, town.people["operator"], "IncidentOpened")] == [SENT]


# -- acts of pages, jobs and commands


async def test_an_act_has_been_committed_when_it_returns(town: Town) -> None:
    def verb(unit: Unit) -> str:
        unit.people.add_post(Post(conference="c", unit="u", role=Role.OFFICE, title="seen by others"))
        return "its value"

    assert await town.application.desk.act(verb) == "its value"
    with town.application.database.reader.connect() as other:
        assert other.execute(select(posts.c.title).where(posts.c.title == "seen by others")).scalar() == "seen by others"


async def test_an_act_raises_what_its_verb_raised_and_leaves_nothing(town: Town) -> None:
    def verb(unit: Unit) -> None:
        unit.people.add_post(Post(conference="c", unit="u", role=Role.OFFICE, title="never"))
        unit.tell(1, SomethingWentWrong(reference="never"))
        raise NotFound("report", 5)

    with pytest.raises(NotFound, match="report 5"):
        await town.application.desk.act(verb)
    assert not await town.look(all_of(posts, title="never"))
    assert not await town.look(all_of(outbox, record="SomethingWentWrong"))


async def test_acts_of_one_moment_say_everything_they_have_to_say(town: Town) -> None:
    """The clock stands still, and the desk was started anew: keys must differ all the same."""
    account = await open_account(town, 901)
    await tells(town, account, SomethingWentWrong(reference="before"))
    await town.restart()
    for _ in range(3):
        await tells(town, account, SomethingWentWrong(reference="after"))
    assert len(await town.look(all_of(outbox, record="SomethingWentWrong"))) == 4


# -- who is not talked with


async def test_groups_are_left_and_nobody_in_them_is_answered(town: Town) -> None:
    ann = english(town, "ann")
    await ann.sends("/start")
    before = await effects(town)
    bot = town.sandbox.world.bot(TOKEN)
    group = town.sandbox.world.create_group("a group", [ann.person], bot=bot)
    await town.settled()
    assert bot.id not in group.bots, "the bot stayed in the group"
    assert await effects(town) == before


def in_chat(update_id: int, kind: str, chat: int, sender: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    message = {"message_id": update_id, "date": 1_790_000_000, "chat": {"id": chat, "type": kind, "title": "t"}, "text": "he is hungry"}
    return {"update_id": update_id, "message": message | ({"from": sender} if sender else {}) | more}


async def test_channels_anonymous_admins_and_bots_change_nothing(town: Town) -> None:
    someone = {"id": 905, "is_bot": False, "first_name": "p"}
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    linked = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
    robot = {"id": 906, "is_bot": True, "first_name": "robot"}
    press = {"id": "1", "from": someone, "chat_instance": "1", "data": "st~AAAAAAAAAAA"}
    there = {"message_id": 4, "date": 1_790_000_000, "chat": {"id": -100500, "type": "supergroup", "title": "t"}, "text": "x"}
    post = {"message_id": 4, "date": 1_790_000_000, "chat": {"id": -100600, "type": "channel", "title": "t"}, "text": "x"}
    updates = [
        in_chat(1, "supergroup", -100500, someone),
        in_chat(2, "group", -500, anonymous, sender_chat={"id": -500, "type": "group", "title": "t"}),
        in_chat(3, "channel", -100600, None),
        in_chat(4, "private", 777000, linked),
        in_chat(5, "private", 906, robot),
        in_chat(6, "private", 907, None),
        {"update_id": 7, "callback_query": press | {"message": there}},
        {"update_id": 8, "callback_query": press | {"message": {"chat": there["chat"], "message_id": 4, "date": 0}}},
        {"update_id": 9, "channel_post": post},
        {"update_id": 10, "edited_message": there | {"from": someone, "edit_date": 1_790_000_001}},
        {"update_id": 11, "chat_join_request": {"chat": post["chat"], "from": someone, "user_chat_id": 905, "date": 1_790_000_000}},
    ]
    before = await effects(town)
    await store(town, *[(one, 0) for one in updates])
    await town.settled()
    assert await effects(town) == before
    assert await town.look(states(inbox, state=PENDING)) == []
    assert await town.look(states(inbox, state=DEAD)) == []


async def test_every_group_that_speaks_is_asked_to_let_us_go(town: Town) -> None:
    called: list[tuple[str, Any]] = []
    telegram = town.application.telegram
    real = telegram.call

    async def watched(method: str, **params: Any) -> Any:
        called.append((method, params.get("chat_id")))
        return await real(method, **params)

    telegram.call = watched  # type: ignore[method-assign]  # watched, not replaced
    await store(town, (in_chat(1, "supergroup", -100500, {"id": 905, "is_bot": False, "first_name": "p"}), 905))
    await town.settled()
    assert ("leaveChat", -100500) in called


# -- damage


async def test_a_conversation_that_does_not_open_stops_only_its_owner(town: Town) -> None:
    ann, ben = english(town, "ann"), english(town, "ben")
    await ann.sends("he is hungry")
    account = await account_of(town, ann)
    await town.application.desk.write(
        lambda t: t.connection.execute(update(conversations).where(conversations.c.account_id == account).values(data_sealed=b"broken"))
    )
    ann.person.send_text(TOKEN, "is anybody there?")
    await ben.sends("a child alone")
    assert await words_of(town, ben) == ["a child alone"]
    await passes_for_retries(town)
    assert await town.look(states(inbox, state=DEAD)) == [DEAD]
    assert [row.state for row in await told(town, ann, "SomethingWentWrong")] == [SENT]
    await ben.sends("two children alone")
    assert len(await words_of(town, ben)) == 2


async def test_an_update_that_does_not_open_stops_nobody(town: Town) -> None:
    poison = Poison(town.application)
    ann, ben = english(town, "ann"), english(town, "ben")
    await ann.sends("poison")
    await town.application.desk.write(
        lambda t: t.connection.execute(update(inbox).where(inbox.c.state == PENDING).values(payload_sealed=b"broken"))
    )
    poison.cured = True
    await passes_for_retries(town)
    await ben.sends("a child alone")
    assert await words_of(town, ben) == ["a child alone"]
    assert await town.look(states(inbox, state=DEAD)) == [DEAD]


async def test_an_update_that_ended_the_process_five_times_is_not_run_a_sixth_time(town: Town) -> None:
    poison = Poison(town.application)
    ann, ben = english(town, "ann"), english(town, "ben")
    await ann.sends("/start")
    await ann.sends("poison")
    ann.person.send_text(TOKEN, "after it")
    await town.settled()
    await town.application.desk.write(
        lambda t: t.connection.execute(update(inbox).where(inbox.c.attempts == 1, inbox.c.state == PENDING).values(attempts=5))
    )
    town.clock.move(timedelta(minutes=1))
    await town.application.stop()
    tries = poison.tries
    again = build(town.settings, town.clock)
    second = Poison(again)
    town.application = again
    await again.start()
    await town.settled()
    assert (tries, second.tries) == (1, 0)
    assert [row.error for row in await town.look(all_of(inbox, state=DEAD))] == ["it ended the process each time"]
    assert len(await told(town, town.people["operator"], "IncidentOpened")) == 1
    assert len(await told(town, ann, "SomethingWentWrong")) == 1
    assert await words_of(town, ann) == ["after it"]
    await ben.sends("a child alone")
    assert await words_of(town, ben) == ["a child alone"]


async def test_a_try_is_counted_before_it_is_made_after_a_restart(town: Town) -> None:
    """What waited when the process began may be what killed the one before."""
    poison = Poison(town.application)
    await english(town, "ann").sends("poison")
    town.clock.move(timedelta(minutes=1))
    await town.application.stop()
    seen: list[int] = []
    town.application = build(town.settings, town.clock)

    class Looks(Poison):
        async def __call__(self, handler: Callable[..., Awaitable[Any]], event: Any, data: dict[str, Any]) -> Any:
            with town.application.database.reader.connect() as other:
                seen.append(other.execute(select(inbox.c.attempts).where(inbox.c.state == PENDING)).scalar_one())
            return await super().__call__(handler, event, data)

    Looks(town.application)
    await town.application.start()
    await town.settled()
    assert poison.tries == 1
    assert seen == [2], "a try that kills the process would not have been counted"


async def test_when_the_writer_dies_the_process_is_told(town: Town) -> None:
    async def breaks(*_: Any) -> Any:
        raise SystemError("the thread is broken")

    town.application.desk._round = breaks  # type: ignore[method-assign, assignment]  # not what is tested: what breaks it
    town.application.desk._one_by_one = breaks  # type: ignore[method-assign, assignment]
    town.application.desk.look()
    async with asyncio.timeout(5):
        await town.application.nursery.failed.wait()
    assert isinstance(town.application.nursery.error, SystemError)


async def test_a_stop_ends_even_when_every_round_fails(make_database: MakeDatabase, key: str) -> None:
    async with open_town(make_database("sqlite", "badong"), key) as town:
        desk = town.application.desk

        async def breaks(*_: Any) -> Any:
            raise ValueError("something nobody thought of")

        desk._handle_waiting = breaks  # type: ignore[method-assign, assignment]  # not what is tested: what breaks it
        desk.look()
        failed = town.application.metrics.alarms.labels("round_failed")._value
        await eventually(lambda: failed.get() > 3)
        assert await desk.act(lambda unit: "acts go on") == "acts go on"
        before = failed.get()
        await asyncio.sleep(0.3)  # the time itself is what is measured
        assert failed.get() - before < 30, "it spins"
        async with asyncio.timeout(10):
            await town.application.stop()
        assert not desk.thread.is_alive()
        await town.restart()
        await english(town, "ann").sends("/start")
        assert english(town, "ann").history


async def test_the_log_is_copied_into_the_database_when_nobody_waits(make_database: MakeDatabase, key: str, tmp_path: Path) -> None:
    """SQLite's own way is to copy it in the commit that makes it long, and everybody in that commit waits."""
    url = make_database("sqlite", "badong")

    def copied() -> int:
        """Rows that are in the database without its log; looked at by another process, for whose files the desk holds no locks."""
        alone = tmp_path / "alone.sqlite"
        subprocess.run(["cp", sqlite_path(url), alone], check=True)
        with contextlib.closing(sqlite3.connect(alone)) as connection, contextlib.suppress(sqlite3.DatabaseError):  # half written
            return int(connection.execute("SELECT count(*) FROM facts WHERE name LIKE 'long %'").fetchone()[0])
        return 0

    def write(unit: Unit) -> None:
        unit.connection.execute(facts.insert(), [{"name": f"long {number}", "value": b"x"} for number in range(CHANGES)])

    async with open_town(url, key) as town:
        await town.application.desk.act(write)
        await eventually(lambda: copied() == CHANGES)


# -- several processes


async def test_a_second_process_on_sqlite_is_refused(make_database: MakeDatabase, key: str) -> None:
    async with open_town(make_database("sqlite", "badong"), key) as town:
        with pytest.raises(Misconfigured, match="another process"):
            build(town.settings, town.clock)
        await english(town, "ann").sends("/start")
        assert english(town, "ann").history


async def posted(application: Application, update: dict[str, Any]) -> int:
    import aiohttp

    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    path = "/hook/of-the-town"
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"http://127.0.0.1:{application.port}{path}", json=update, headers=headers) as answer,
    ):
        return answer.status


class Meeting:
    """The first update of each process is handled while the other is in the middle of its own."""

    def __init__(self, *applications: Application) -> None:
        self.barrier = threading.Barrier(len(applications))
        for application in applications:
            application.conversing._dispatcher.message.outer_middleware(self.arrival())

    def arrival(self) -> Callable[..., Awaitable[Any]]:
        arrived = False

        async def arrives(handler: Callable[..., Awaitable[Any]], event: Any, data: dict[str, Any]) -> Any:
            nonlocal arrived
            if not arrived:
                arrived = True
                self.barrier.wait(15)  # each process has a thread of its own for this
            return await handler(event, data)

        return arrives


async def test_two_processes_share_the_work_and_nobodys_messages_overtake(make_database: MakeDatabase, key: str) -> None:
    people, each = range(9001, 9007), 12
    async with webhook_town(make_database("postgresql"), key) as town, second_process(town) as other:
        both = [town.application, other]
        meeting = Meeting(*both)

        # Each person's updates one after the other, as the channel sends them, now to this process and now to that one.
        async def speaks(number: int, *ats: int) -> None:
            for at in ats or range(each):
                update = message_update(number * 100 + at, number, f"no. {at}")
                assert await posted(both[(number + at) % 2], update) == 200

        first, *others = people
        await speaks(first, 0)
        await eventually(lambda: meeting.barrier.n_waiting)  # one process has this person, and nobody else
        await asyncio.gather(speaks(first, *range(1, each)), *[speaks(number) for number in others])
        for application in both:
            application.desk.look()
        await becomes(town, states(inbox, state=PENDING), [], within=15)
        worked = [application.metrics.updates.labels("handled")._value.get() for application in both]
        assert all(worked), f"one process did all the work: {worked}"
        assert sum(worked) == len(people) * each
        for number in people:
            account = await open_account(town, number)
            assert await town.look(partial(_words, town, account=account)) == [f"no. {at}" for at in range(each)]


async def test_a_failed_update_is_not_overtaken_in_another_process(make_database: MakeDatabase, key: str) -> None:
    async with webhook_town(make_database("postgresql"), key) as town, second_process(town) as other:
        poison = Poison(town.application), Poison(other)
        assert await posted(town.application, message_update(1, 9001, "poison")) == 200
        await eventually(lambda: sum(one.tries for one in poison))
        assert await posted(other, message_update(2, 9001, "after it")) == 200
        assert await posted(other, message_update(3, 9002, "somebody else")) == 200
        somebody, she = await open_account(town, 9002), await open_account(town, 9001)
        await becomes(town, lambda c: _words(town, c, somebody), ["somebody else"])
        other.desk.look()
        await eventually(other.desk.idle.is_set)
        assert await town.look(lambda c: _words(town, c, she)) == []
        for one in poison:
            one.cured = True
        town.clock.move(timedelta(minutes=1))
        await becomes(town, lambda c: _words(town, c, she), ["poison", "after it"])


async def test_one_process_delivers_and_when_it_stops_the_other_takes_over(make_database: MakeDatabase, key: str) -> None:
    async with webhook_town(make_database("postgresql"), key) as town, second_process(town) as other:
        await town.settled()
        assert (town.application.delivery.leads, other.delivery.leads) == (True, False)
        ann = english(town, "ann")
        ann.person.send_text(TOKEN, "/start")
        await eventually(lambda: len(ann.history) == 1)
        # What the follower handles is delivered by the leader.
        assert await posted(other, message_update(500_000_001, ann.person.id, "/help")) == 200
        other.desk.look()
        await eventually(lambda: len(ann.history) == 2)
        await town.application.stop()
        town.application = other
        await eventually(lambda: other.delivery.leads)
        assert await posted(other, message_update(500_000_002, ann.person.id, "/language")) == 200
        await eventually(lambda: len(ann.history) == 3)
        assert not town.sandbox.ledger.repeats()
        await becomes(town, lambda c: {row.state for row in c.execute(select(outbox.c.state))}, {SENT})


async def test_a_test_that_looks_cannot_write(town: Town) -> None:
    with pytest.raises(DBAPIError, match=r"(?i)read.?only"):
        await town.look(lambda c: c.execute(update(persons).values(name_sealed=None)))
