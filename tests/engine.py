"""What the tests of the engine share: looking into the tables, pressing buttons by what they do, updates made by hand."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib import resources
from typing import Any

import orjson
from sqlalchemy import Table, event, select, update

from bot.bootstrap import Application, build
from bot.settings import Mode
from conference.model.people import Reach
from conference.model.told import Told
from conference.services.territory import Row, read_territory
from sandbox.messages import Message
from sandbox.people import Press
from storage.inbox import Arrival
from storage.people import Sender, recognise
from storage.tables import accounts, audit, conversations, due, incidents, outbox, report_history, reports, statements
from storage.unit_of_work import Transaction
from tests.town import DOOR, TOKEN, Someone, Town, open_town

BOT = int(TOKEN.partition(":")[0])
SECRET = "a-secret-of-the-town-0123"
_numbers = itertools.count(1)


async def eventually(condition: Callable[[], object], within: float = 10.0) -> None:
    """Wait until it holds; a TimeoutError when it does not in time."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 -- what is waited for has no bell of its own
            await asyncio.sleep(0.002)


async def becomes(town: Town, query: Callable[[Any], Any], wanted: Any, within: float = 10.0) -> None:
    """Wait until the database shows this; the last sight is in the error."""
    seen: Any = None
    try:
        async with asyncio.timeout(within):
            while (seen := await town.look(query)) != wanted:  # noqa: ASYNC110 -- as above
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"never came: wanted {wanted!r}, last seen {seen!r}") from None


# -- looking into the tables


def all_of(table: Table, **where: Any) -> Callable[[Any], list[Any]]:
    """A query for `town.look`: whole rows in the order of their ids."""

    def query(connection: Any) -> list[Any]:
        statement = select(table).order_by(*table.primary_key)
        for name, value in where.items():
            statement = statement.where(table.c[name] == value)
        return list(connection.execute(statement).all())

    return query


def states(table: Table, **where: Any) -> Callable[[Any], list[int]]:
    return lambda connection: [row.state for row in all_of(table, **where)(connection)]


async def incidents_of(town: Town, kind: str) -> list[Any]:
    found: list[Any] = await town.look(all_of(incidents, kind=kind))
    return found


async def told(town: Town, someone: Someone, record: str) -> list[Any]:
    """Rows of the outbox for this person that hold such a record."""
    account = await account_of(town, someone)
    found: list[Any] = await town.look(all_of(outbox, account_id=account, record=record))
    return found


async def account_of(town: Town, someone: Someone) -> int:
    index = town.application.database.sealer.index("telegram", someone.person.id)
    account: int = await town.look(lambda c: c.execute(select(accounts.c.id).where(accounts.c.address_index == index)).scalar_one())
    return account


async def reach_becomes(town: Town, someone: Someone, reach: Reach) -> None:
    """As if the channel had said so of their account."""
    account = await account_of(town, someone)
    changed = update(accounts).where(accounts.c.id == account).values(reach=reach)
    await town.application.desk.write(lambda t: t.connection.execute(changed))


async def open_account(town: Town, address: int, language: str = "en") -> int:
    """An account for somebody who never wrote."""

    def write(transaction: Transaction) -> int:
        return recognise(transaction.connection, transaction.sealer, DOOR, [Sender(address, language)], transaction.at)[address].account_id

    account: int = await town.application.desk.write(write)
    return account


async def tells(town: Town, account: int, record: Told, **how: Any) -> None:
    await town.application.desk.act(lambda unit: unit.tell(account, record, **how))


async def end_state(town: Town) -> dict[str, Any]:
    """What is left of all that happened, free of ids, keys and moments that may differ between two runs."""
    sealer = town.application.database.sealer

    def query(connection: Any) -> dict[str, Any]:
        people = {row.id: bytes(row.address_index).hex() for row in connection.execute(select(accounts)).all()}
        names = {sealer.index("telegram", one.person.id).hex(): name for name, one in town.people.items()}
        who = {account: names.get(index, index) for account, index in people.items()}
        from storage.conversations import load

        talks = load(connection, sealer, list(people))
        return {
            "talks": sorted((who[a], talk.state or "", _bare(talk.data)) for a, talk in talks.items() if talk.state or talk.data),
            "said": sorted((who[row.account_id], row.record) for row in connection.execute(select(outbox)).all()),
            "reports": sorted(
                (r.situation, r.subject or "", str(r.danger), r.place or "", r.reporter_kind) for r in connection.execute(select(reports))
            ),
            "statements": sorted(row.kind for row in connection.execute(select(statements))),
            "history": sorted(row.after for row in connection.execute(select(report_history))),
            "audit": sorted(row.action for row in connection.execute(select(audit))),
            "due": sorted((row.kind, row.state) for row in connection.execute(select(due))),
        }

    found: dict[str, Any] = await town.look(query)
    return found


DRAWN_BY_LOT = {"id", "file_id", "unique_id", "file", "unique", "message", "message_id", "said"}


def _bare(data: dict[str, Any]) -> str:
    """A conversation's drafts without the names that are drawn by lot or counted by the channel."""

    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return sorted((key, repr(without(inner))) for key, inner in value.items() if key not in DRAWN_BY_LOT)
        return [without(inner) for inner in value] if isinstance(value, list) else value

    return repr([without(data[name]) for name in ("draft", "additions") if isinstance(data.get(name), dict)])


TABLES_WITH_EFFECTS = (accounts, audit, conversations, due, outbox, reports, statements)


async def effects(town: Town) -> dict[str, int]:
    """How many rows there are of everything that an act can leave behind."""
    counted: dict[str, int] = await town.look(lambda c: {t.name: len(c.execute(select(t)).all()) for t in TABLES_WITH_EFFECTS})
    return counted


# -- people and their buttons, found by what they do, for wording changes


def english(town: Town, name: str) -> Someone:
    return town.someone(name, "en")


def find_buttons(message: Message | None, kind: str) -> list[str]:
    """Callback data of the message's buttons of this kind ("f": submit; see handlers/presses)."""
    rows = (message.markup or {}).get("inline_keyboard", []) if message is not None else []
    data = [button.get("callback_data", "") for row in rows for button in row]
    return [one for one in data if one.rpartition("~")[0].partition(":")[0] == kind]


def press(someone: Someone, kind: str, nth: int = 0) -> Press:
    """Press the nth button of this kind on the newest message that bears one; does not wait."""
    for message in reversed(someone.person.from_bot(TOKEN)):
        if found := find_buttons(message, kind):
            pressed = someone.person.press_data(found[nth], message.id)
            someone.answers.append(pressed)
            return pressed
    raise AssertionError(f"{someone.person.name} sees no button of kind {kind!r}; the screen says:\n{someone.screen}\n{someone.buttons}")


async def presses(someone: Someone, kind: str, nth: int = 0) -> Press:
    pressed = press(someone, kind, nth)
    await someone.town.settled()
    return pressed


async def files_a_report(someone: Someone) -> int:
    """The shortest way: seven acts. Returns the report's id."""
    before = await someone.town.look(all_of(reports))
    await someone.sends("/start")
    await presses(someone, "b")  # whom it is about
    await presses(someone, "o")  # what
    await presses(someone, "o", 1)  # danger: not now
    await presses(someone, "p")  # where
    await presses(someone, "o")  # since when
    await presses(someone, "f")  # send
    after = await someone.town.look(all_of(reports))
    assert len(after) == len(before) + 1, f"{someone.person.name} filed no report; the screen says:\n{someone.screen}\n{someone.buttons}"
    return int(after[-1].id)


# -- updates made by hand


def user(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "is_bot": False, "first_name": f"p{number}", "language_code": "en", **more}


def message_update(update_id: int, sender: int, text: str = "/start", **more: Any) -> dict[str, Any]:
    message = {
        "message_id": update_id,
        "date": 1_790_000_000,
        "chat": {"id": sender, "type": "private", "first_name": f"p{sender}"},
        "from": user(sender),
        "text": text,
        **more,
    }
    return {"update_id": update_id, "message": message}


def poison_update(update_id: int, sender: int) -> dict[str, Any]:
    """An update that no version of aiogram can read."""
    return message_update(update_id, sender, "poison", message_id="x")


def arrival(update: dict[str, Any], sender: int) -> Arrival:
    return Arrival(BOT, update["update_id"], sender, orjson.dumps(update))


async def store(town: Town, *updates: tuple[dict[str, Any], int]) -> None:
    await town.application.desk.store([arrival(update, sender) for update, sender in updates])


# -- towns of other kinds


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def webhook_settings(port: int | None = None) -> dict[str, Any]:
    port = port or free_port()
    return {"mode": Mode.WEBHOOK, "port": port, "webhook_url": f"http://127.0.0.1:{port}/hook/of-the-town", "webhook_secret": SECRET}


@asynccontextmanager
async def webhook_town(database_url: str, key: str, **more: Any) -> AsyncIterator[Town]:
    async with open_town(database_url, key, **{**webhook_settings(), **more}) as town:
        town.sandbox.webhooks.pace = 0.01
        yield town


@asynccontextmanager
async def second_process(town: Town, **more: Any) -> AsyncIterator[Application]:
    """Another application on the same database, at a port of its own."""
    settings = town.settings.model_copy(update={"port": free_port(), **more})
    application = build(settings, town.clock)
    await application.start()
    try:
        yield application
    finally:
        await application.stop()


def impatient(application: Application, milliseconds: int = 100) -> None:
    """SQLite waits a quarter of a minute for a lock; a test does not. To be called before the application starts."""
    engine = application.database.writer
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: connection.execute(f"PRAGMA busy_timeout={milliseconds}"))


async def passes_for_retries(town: Town) -> None:
    """Let all pauses between the tries of an update pass on the town's clock."""
    for _ in range(6):
        town.clock.move(timedelta(minutes=2))
        await looked(town)


async def looked(town: Town) -> None:
    """The worker has looked at the inbox at the clock's present time."""
    town.application.desk.look()
    await town.settled()


# -- the territory that comes with the program


def badong() -> tuple[Row, ...]:
    """Badong's townships and the invented villages, as their file has them."""
    file = resources.files("conference").joinpath("territory/badong.csv")
    return read_territory(file.read_bytes(), lambda name: "").rows
