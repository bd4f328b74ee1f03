"""A town to test in: people who talk with the real bot over the sandbox's Bot API, on a clock that stands still until moved.

await town.citizen.sends("/start")
await town.citizen.taps("孩子")
town.citizen.sees("110")
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web_app

from bot.bootstrap import Application, build, set_up_conferences
from bot.settings import Mode, Settings, read_settings
from bot.ticker import next_moment
from conference.model.people import Actor, Role
from conference.services import people
from sandbox.clock import Clock
from sandbox.messages import Message
from sandbox.people import Person
from sandbox.people import Press as Pressed
from sandbox.server import Sandbox
from storage.engine import Database
from storage.mapping import map_entities
from storage.people import Door, Sender, recognise
from storage.sealed import Sealer
from storage.unit_of_work import Unit

TOKEN = "42001:TEST-token_of_the_town_0123456789"
DOOR = Door(int(TOKEN.partition(":")[0]), "badong")
MakeDatabase = Callable[..., str]
"""Of a kind (sqlite, postgresql), with these conferences in it: tests/conftest.py."""
MORNING = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)  # 11月26日（周四）09:00 in China


@dataclass
class Someone:
    """A person of the town. Acts wait until the desk has nothing left to do at this moment."""

    town: Town
    person: Person
    answers: list[Pressed] = field(default_factory=list)

    async def sends(self, text: str) -> None:
        self.person.send_text(TOKEN, text)
        await self.town.settled()

    async def sends_photo(self, **what: Any) -> None:
        self.person.send_photo(TOKEN, **what)
        await self.town.settled()

    async def sends_file(self, kind: str, **what: Any) -> None:
        getattr(self.person, f"send_{kind}")(TOKEN, **what)
        await self.town.settled()

    async def sends_album(self, number: int, **what: Any) -> None:
        self.person.send_album(TOKEN, [{"kind": "photo", "size": 1000 + n, **what} for n in range(number)])
        await self.town.settled()

    async def sends_location(self, latitude: float, longitude: float) -> None:
        self.person.send_location(TOKEN, latitude, longitude)
        await self.town.settled()

    async def edits(self, message_id: int, text: str) -> None:
        self.person.edit(message_id, text)
        await self.town.settled()

    async def taps(self, label: str, *, message_id: int | None = None) -> None:
        """Press the newest button that bears these words."""
        pressed = self.person.press(label, message_id, bot=TOKEN)
        if isinstance(pressed, Pressed):
            self.answers.append(pressed)
        await self.town.settled()

    async def forges(self, data: str) -> None:
        """Press a button that was never there."""
        last = self.person.last(TOKEN)
        assert last is not None
        self.answers.append(self.person.press_data(data, last.id))
        await self.town.settled()

    # -- looking

    @property
    def screen(self) -> str:
        """The newest message of the bot, as read."""
        last = self.person.last(TOKEN)
        return "" if last is None else (last.text or "")

    @property
    def history(self) -> list[str]:
        """Every message of the bot that is in the chat now, oldest first."""
        return [message.text or "" for message in self.person.from_bot(TOKEN)]

    @property
    def buttons(self) -> list[str]:
        last = self.person.last(TOKEN)
        return [] if last is None else last.button_texts

    @property
    def last(self) -> Message | None:
        return self.person.last(TOKEN)

    def sees(self, *words: str) -> None:
        """All these words stand in the newest message."""
        for each in words:
            assert each in self.screen, f"{self.person.name} does not see {each!r}; the screen says:\n{self.screen}\n{self.buttons}"

    def sees_not(self, *words: str) -> None:
        for each in words:
            assert each not in self.screen, f"{self.person.name} sees {each!r}:\n{self.screen}"

    def has_seen(self, words: str, times: int = 1) -> None:
        """Exactly so many messages in the chat contain these words."""
        found = [text for text in self.history if words in text]
        assert len(found) == times, f"{self.person.name} has {len(found)} messages with {words!r}, not {times}:\n" + "\n---\n".join(
            self.history
        )

    @property
    def toast(self) -> str:
        """The words of the last button's spinner."""
        answer = self.answers[-1].answer
        assert answer is not None, "the spinner still turns"
        return str(answer.get("text") or "")


class Town:
    """The desk, the sandbox, and a cast."""

    def __init__(self, application: Application, sandbox: Sandbox, clock: Clock, settings: Settings) -> None:
        self.application = application
        self.sandbox = sandbox
        self.clock = clock
        self.settings = settings
        self.people: dict[str, Someone] = {}

    def someone(self, name: str, language: str = "zh-hans") -> Someone:
        found = self.people.get(name)
        if found is None:
            found = self.people[name] = Someone(self, self.sandbox.world.create_person(name, language=language))
        return found

    @property
    def conference(self) -> str:
        """The one this town belongs to: `open_town(…, profile="gansu")` is a town of another."""
        return self.settings.conferences[0]

    @property
    def citizen(self) -> Someone:
        return self.someone("citizen")

    @property
    def desk(self) -> Someone:
        return self.people["desk"]

    @property
    def office(self) -> Someone:
        return self.people["office"]

    async def appoint(
        self, name: str, role: Role, unit: str, title: str, *, rank: int = 1, place: str | None = None, language: str = "zh-hans"
    ) -> Someone:
        """Bring an official in: the chat is opened once, then the post is held."""
        official = self.someone(name, language)
        await official.sends("/start")
        await self.application.desk.act(lambda act: _put_into_post(act, official, self.conference, role, unit, title, rank, place))
        return official

    async def cast(self) -> None:
        """Duty desks of two ranks, the office, an operator: all come in at once."""
        posts = [
            ("desk", Role.DUTY_DESK, "public_security", "县公安局值班台", 1),
            ("colleague", Role.DUTY_DESK, "public_security", "县公安局值班台", 1),
            ("second desk", Role.DUTY_DESK, "public_security", "县公安局指挥中心", 2),
            ("office", Role.OFFICE, "civil_affairs", "联席会议办公室", 1),
            ("operator", Role.OPERATOR, "civil_affairs", "系统运维", 1),
        ]
        for name, *_ in posts:
            self.someone(name).person.send_text(TOKEN, "/start")
        await self.settled()

        def verb(act: Unit) -> None:
            for name, role, unit, title, rank in posts:
                _put_into_post(act, self.people[name], self.conference, role, unit, title, rank)

        await self.application.desk.act(verb)

    async def settled(self, within: float = 20.0) -> None:
        bot = self.sandbox.world.bot(TOKEN)
        await self.application.settled(within, also=lambda: not bot.updates)

    async def passes(self, **delta: float) -> None:
        """Let time pass; what falls due in between is done at its own moment."""
        end = self.clock.now() + timedelta(**delta)
        while True:
            earliest = await self.application.desk.write(lambda t: next_moment(t.connection, t.at))
            if earliest is None or earliest > end:
                break
            self.clock.set(max(earliest, self.clock.now()))
            await self.settled()
        self.clock.set(end)
        await self.settled()

    async def restart(self) -> None:
        """Stop the desk and start it anew on the same database."""
        await self.application.stop()
        self.application = await start(self.settings, self.clock)
        await self.settled()

    async def look(self, query: Callable[[Any], Any]) -> Any:
        """Read the database after everything is written. The database itself refuses a write through this door."""
        await self.application.desk.write(lambda _: None)
        with self.application.database.reader.connect().execution_options(postgresql_readonly=True) as connection:
            return query(connection)


def actor_of(act: Unit, town: Town, name: str) -> Actor:
    """Somebody of the town as the desk recognises them in this act."""
    return recognised(act, town.someone(name))


def recognised(act: Unit, someone: Someone, door: Door = DOOR) -> Actor:
    number = someone.person.id
    return recognise(act.connection, act.sealer, door, [Sender(number, "zh_Hans")], act.at)[number]


def _put_into_post(
    act: Unit, someone: Someone, conference: str, role: Role, unit: str, title: str, rank: int, place: str | None = None
) -> None:
    account = recognised(act, someone).account_id
    people.appoint(act, account, conference=conference, unit=unit, role=role, title=title, rank=rank, place=place, at=act.at)


async def start(settings: Settings, clock: Clock) -> Application:
    application = build(settings, clock)
    await application.start()
    return application


def furnish(database_url: str, key: str, conferences: str) -> None:
    """Bring these conferences into a migrated database, as the desk does at its first start in the town's morning."""
    map_entities()
    settings = read_settings(_env_file=None, telegram_token=TOKEN, database_url=database_url, key=key, profile=conferences)
    database = Database(database_url, Sealer(key), settings.conferences, settings.zone)
    try:
        database.check()
        set_up_conferences(database, settings.bot_id, at=MORNING)
    finally:
        database.close()


def town_settings(sandbox: Sandbox, database_url: str, key: str, **more: Any) -> Settings:
    if more.get("mode") is Mode.WEBHOOK:
        more = {"webhook_secret": "a-secret-of-the-town-0123", **more}
    return read_settings(
        _env_file=None,
        **{
            "telegram_token": TOKEN,
            "telegram_api": sandbox.url,
            "database_url": database_url,
            "key": key,
            "port": 0,
            "pacing": "none",
            **more,
        },
    )


@asynccontextmanager
async def open_town(database_url: str, key: str, **more: Any) -> AsyncIterator[Town]:
    clock = Clock(MORNING, running=False)
    sandbox = Sandbox(clock=clock)
    await sandbox.start()
    sandbox.world.register_bot(TOKEN, username="lianxi_test_bot", name="联席")
    settings = town_settings(sandbox, database_url, key, **more)
    town = Town(await start(settings, clock), sandbox, clock, settings)
    try:
        await town.settled()
        yield town
    finally:
        await town.application.stop()
        await sandbox.stop()
        web_app._cached_build_middleware.cache_clear()  # it keeps the last thousand handlers, and with them whole towns
