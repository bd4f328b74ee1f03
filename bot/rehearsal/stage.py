"""The stage: a real desk on a sandbox, both on a clock that only moves when told; and people who read and press in their chats."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.bootstrap import Application, build
from bot.settings import Mode, Pacing, read_settings
from conference.services import people
from sandbox.clock import Clock
from sandbox.messages import Message
from sandbox.people import Person, Press
from sandbox.server import Sandbox
from storage import due
from storage.people import Door, Sender, recognise
from storage.schema import migrate
from storage.sealed import new_key
from storage.unit_of_work import Unit

from .cast import LANGUAGE, Part

TOKEN = "42002:REHEARSAL-token_of_the_sandbox_only"  # noqa: S105 -- opens nothing but the sandbox
PATIENCE = 60.0  # seconds of real time for everything that is to be done at one moment
NUMBER = re.compile(r"(?<!\d)20\d\d-\d+(?!\d)")


class CannotDo(Exception):
    """Somebody looked for a button that is not there."""


class Player:
    """Somebody with a chat. Reads what is new since the last look, writes, presses buttons by what they do."""

    def __init__(self, name: str, person: Person) -> None:
        self.name = name
        self.person = person
        self._seen = 0

    def writes(self, text: str) -> None:
        self.person.send_text(TOKEN, text)

    def presses(self, *wanted: str, message: Message | None = None) -> Press:
        """Press the newest button whose data begin so ("*" is anything). Raises CannotDo where there is none."""
        for each in [message] if message is not None else reversed(self.person.from_bot(TOKEN)):
            if (data := button_of(each, *wanted)) is not None:
                return self.person.press_data(data, each.id)
        raise CannotDo(f"{self.name} finds no button {':'.join(wanted)}")

    def chooses(self, label: str) -> bool:
        """Press the button of the newest message that is called so, or that was cut; False where there is none."""
        if (last := self.person.last(TOKEN)) is None:
            return False
        for row in (last.markup or {}).get("inline_keyboard", []):
            for button in row:
                said = str(button["text"])
                if said == label or (said.endswith("…") and label.startswith(said[:-1])):
                    self.person.press_data(button["callback_data"], last.id)
                    return True
        return False

    def sees(self, *wanted: str) -> bool:
        """Whether the newest message has such a button."""
        last = self.person.last(TOKEN)
        return last is not None and button_of(last, *wanted) is not None

    def news(self) -> Sequence[Message]:
        """Messages of the desk that came since the last look, oldest first."""
        found = []
        for message in reversed(self.person.messages(TOKEN)):
            if message.id <= self._seen:
                break
            found.append(message)
        if found:
            self._seen = found[0].id
        return [message for message in reversed(found) if message.by_bot]


def button_of(message: Message, *wanted: str) -> str | None:
    for row in (message.markup or {}).get("inline_keyboard", []):
        for button in row:
            fields = str(button.get("callback_data", "")).rpartition("~")[0].split(":")
            if len(fields) >= len(wanted) and all(want in ("*", field) for want, field in zip(wanted, fields, strict=False)):
                return str(button["callback_data"])
    return None


def number_in(message: Message) -> str | None:
    """The number of what a message is about."""
    found = NUMBER.search(message.text or "")
    return found.group() if found else None


class Stage:
    def __init__(self, sandbox: Sandbox, application: Application, clock: Clock, slug: str) -> None:
        self.sandbox, self.application, self.clock, self.slug = sandbox, application, clock, slug
        self.players: dict[str, Player] = {}

    def enters(self, name: str) -> Player:
        person = self.sandbox.world.create_person(name, language=LANGUAGE)
        player = self.players[name] = Player(name, person)
        player.writes("/start")
        return player

    async def settled(self) -> None:
        bot = self.sandbox.world.bot(TOKEN)
        await self.application.settled(PATIENCE, also=lambda: not bot.updates)

    async def next_due(self) -> datetime | None:
        found: datetime | None = await self.application.desk.write(lambda transaction: due.earliest(transaction.connection))
        return found

    async def moves_to(self, at: datetime) -> None:
        self.clock.set(max(at, self.clock.now()))
        await self.settled()

    async def goes_down(self, until: datetime) -> None:
        """The desk is stopped and started anew at this later moment, on the same database; what fell due meanwhile is done then."""
        settings = self.application.settings
        await self.application.stop()
        self.clock.set(until)
        self.application = build(settings, self.clock)
        await self.application.start()
        await self.settled()
        self.clock.move(minutes(1))  # people go on after it
        await self.settled()

    async def seats(self, parts: Sequence[Part]) -> None:
        """Everybody opens the chat, then holds the post."""
        for part in parts:
            self.enters(part.name)
        await self.settled()

        def fill(unit: Unit) -> None:
            unit.conference = self.slug
            for part in parts:
                where = {"conference": self.slug, "unit": part.unit, "role": part.role, "rank": part.rank, "title": part.title}
                people.appoint(unit, self._account(unit, part.name), **where, at=unit.at)  # type: ignore[arg-type]  # as the part says

        await self.application.desk.act(fill)
        await self.settled()

    async def leaves(self, name: str) -> None:
        """The office ends all tenures of this person."""

        def end(unit: Unit) -> None:
            unit.conference = self.slug
            number = self.players[name].person.id
            actor = recognise(unit.connection, unit.sealer, self._door, [Sender(number, "zh_Hans")], unit.at)[number]
            for held in actor.posts:
                post = unit.people.get_post(held.post_id)
                for tenure in unit.people.holders_of(held.post_id, unit.at):
                    if post is not None and tenure.person_id == actor.person_id:
                        people.finish_tenure(unit, post, tenure, "left", at=unit.at)

        await self.application.desk.act(end)
        await self.settled()

    @property
    def _door(self) -> Door:
        return Door(int(TOKEN.partition(":")[0]), self.slug)

    def _account(self, unit: Unit, name: str) -> int:
        number = self.players[name].person.id
        return recognise(unit.connection, unit.sealer, self._door, [Sender(number, "zh_Hans")], unit.at)[number].account_id

    async def look(self, query: Callable[[Any], Any]) -> Any:
        """Count something in the database for the table; the check never does."""
        return await self.application.desk.write(lambda transaction: query(transaction.connection))


@asynccontextmanager
async def open_stage(slug: str, starts: datetime, folder: Path) -> AsyncIterator[Stage]:
    """A desk of this conference on a new database in the folder, and the sandbox it talks to."""
    url = f"sqlite:///{folder / 'rehearsal.sqlite'}"
    await asyncio.to_thread(migrate, url)
    clock = Clock(starts, running=False)
    sandbox = Sandbox(clock=clock)
    await sandbox.start()
    try:
        sandbox.world.register_bot(TOKEN, username="lianxi_rehearsal_bot", name="联席·演练")
        settings = read_settings(
            _env_file=None,
            telegram_token=TOKEN,
            telegram_api=sandbox.url,
            mode=Mode.POLLING,
            port=0,
            database_url=url,
            key=new_key(),
            profile=slug,
            pacing=Pacing.NONE,
        )
        application = build(settings, clock)
        await application.start()
        stage = Stage(sandbox, application, clock, slug)
        try:
            await stage.settled()
            yield stage
        finally:
            await stage.application.stop()
    finally:
        await sandbox.stop()


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
