"""The stage: a real desk on a sandbox, both on a clock that only moves when told; and people who read and press in their chats."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sandbox.clock import Clock
from sandbox.messages import Message
from sandbox.people import Person, Press
from sandbox.server import Sandbox

from .cast import LANGUAGE, Part
from .lives import KILLED, PATIENCE, Died, Lives

TOKEN = "42002:REHEARSAL-token_of_the_sandbox_only"  # noqa: S105 -- opens nothing but the sandbox
KEPT = timedelta(days=40)  # of the chats: nobody goes back to a message that is older
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

    def presses(self, *wanted: str, message: Message | None = None, called: str = "") -> Press:
        """Press the newest button whose data begin so ("*" is anything), and whose words begin so. Raises CannotDo where there is none."""
        for each in [message] if message is not None else reversed(self.person.from_bot(TOKEN)):
            if (data := button_of(each, *wanted, called=called)) is not None:
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

    def label(self, *wanted: str) -> str:
        """What the button of the newest message is called."""
        last = self.person.last(TOKEN)
        data = button_of(last, *wanted) if last is not None else None
        rows = (last.markup or {}).get("inline_keyboard", []) if last is not None else []
        return next((str(button["text"]) for row in rows for button in row if data and button.get("callback_data") == data), "")

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


def button_of(message: Message, *wanted: str, called: str = "") -> str | None:
    for row in (message.markup or {}).get("inline_keyboard", []):
        for button in row:
            fields = str(button.get("callback_data", "")).rpartition("~")[0].split(":")
            if (
                str(button["text"]).startswith(called)
                and len(fields) >= len(wanted)
                and all(want in ("*", field) for want, field in zip(wanted, fields, strict=False))
            ):
                return str(button["callback_data"])
    return None


def number_in(message: Message) -> str | None:
    """The number of what a message is about."""
    found = NUMBER.search(message.text or "")
    return found.group() if found else None


class Stage:
    """`deaths`: how often the desk was killed so far."""

    def __init__(self, sandbox: Sandbox, lives: Lives, clock: Clock) -> None:
        self.sandbox, self.lives, self.clock = sandbox, lives, clock
        self.players: dict[str, Player] = {}
        self.deaths = 0
        self.next_due: datetime | None = None
        self._tidied = clock.now()

    def enters(self, name: str) -> Player:
        person = self.sandbox.world.create_person(name, language=LANGUAGE)
        player = self.players[name] = Player(name, person)
        player.writes("/start")
        return player

    async def settled(self) -> None:
        """Nothing is left to do at this moment. A desk that dies over it is followed by another at once."""
        bot = self.sandbox.world.bot(TOKEN)
        async with asyncio.timeout(PATIENCE):
            while True:
                await self.sandbox.until(lambda: not bot.updates or self.lives.is_over, PATIENCE)
                try:
                    due = await self.lives.asks("settle", at=self.clock.now().isoformat())
                except Died:
                    await self._lives_again()
                    continue
                if not bot.updates:
                    self.next_due = datetime.fromisoformat(due) if due is not None else None
                    return

    async def _lives_again(self) -> None:
        if (status := await self.lives.end()) != KILLED:
            raise RuntimeError(f"the desk ended with {status}")
        self.deaths += 1
        await self.lives.begin(self.clock.now())

    async def moves_to(self, at: datetime) -> None:
        self.clock.set(max(at, self.clock.now()))
        if self.clock.now() - self._tidied > timedelta(days=1):
            self._tidied = self.clock.now()
            self.sandbox.forget(self.clock.now() - KEPT)
        await self.settled()

    async def dies_at(self, plan: str) -> None:
        """At this place of the code, whenever it is passed for the so-manieth time."""
        await self._does("arm", plan=plan)

    async def goes_down(self, until: datetime) -> None:
        """The desk is killed, and there is another at this later moment: what fell due meanwhile is done then."""
        await self.lives.end()
        self.deaths += 1
        self.clock.set(until)
        await self.lives.begin(until)
        await self.settled()
        self.clock.move(minutes(1))  # people go on after it
        await self.settled()

    async def seats(self, parts: Sequence[Part]) -> None:
        """Everybody opens the chat, then holds the post."""
        for part in parts:
            self.enters(part.name)
        await self.settled()
        posts = [{"person": self.players[part.name].person.id, "unit": part.unit, "role": str(part.role), "rank": part.rank,
                  "title": part.title} for part in parts]  # fmt: skip
        await self._does("seat", posts=posts)
        await self.settled()

    async def leaves(self, name: str) -> None:
        await self._does("unseat", person=self.players[name].person.id)
        await self.settled()

    async def _does(self, what: str, **given: object) -> None:
        """Something that is done at the desk itself; it is done once, so a desk that died is followed by another before."""
        if self.lives.is_over:
            await self._lives_again()
        await self.lives.asks(what, **given)


@asynccontextmanager
async def open_stage(sandbox: Sandbox, lives: Lives) -> AsyncIterator[Stage]:
    """A desk that serves, on the sandbox that it talks to."""
    await sandbox.start()
    try:
        sandbox.world.register_bot(TOKEN, username="lianxi_rehearsal_bot", name="联席·演练")
        await lives.begin(sandbox.clock.now())
        stage = Stage(sandbox, lives, sandbox.clock)
        await stage.settled()
        yield stage
        await lives.stop()
    finally:
        await lives.close()
        await sandbox.stop()


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
