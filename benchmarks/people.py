"""The people who talk to a bot over its webhook, in closed loop, and what is measured of it."""

import asyncio
import itertools
import time
from array import array
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import orjson

from benchmarks import wire
from benchmarks.conversation import Script, Step
from benchmarks.orders import Order, Outcome
from benchmarks.processes import cpu_seconds

FIRST_CHAT = 1_000_001
SWEEP = 0.25
"""Seconds between two looks for steps that take too long."""
BREATH = 0.1
"""Seconds that a person whose step went wrong waits, so that a broken bot is not stormed."""
SAMPLES = 5
"""Errors told in full."""
GIVE_UP = 200
"""Errors after which a run that counts steps ends: of a dead bot it would wait for ever."""


@dataclass(slots=True)
class Keyboard:
    """The newest message of a chat that bears inline buttons."""

    message: int
    text: str
    markup: str

    def find(self, wanted: str | int) -> dict[str, Any] | None:
        buttons = [button for row in orjson.loads(self.markup)["inline_keyboard"] for button in row if "callback_data" in button]
        if isinstance(wanted, int):
            return buttons[wanted] if wanted < len(buttons) else None
        return next((button for button in buttons if wanted in button["text"]), None)


class Person:
    __slots__ = (
        "at",
        "chat",
        "chat_json",
        "conversations",
        "from_json",
        "http_done",
        "keyboard",
        "last",
        "matched",
        "seen",
        "started",
        "step",
    )

    def __init__(self, chat: int) -> None:
        self.chat = chat
        profile = {"id": chat, "first_name": "群众"}
        self.from_json = orjson.dumps(profile | {"is_bot": False, "language_code": "zh-hans"})
        self.chat_json = orjson.dumps(profile | {"type": "private"})
        self.at = 0
        """Where in prologue + loop."""
        self.conversations = 0
        self.keyboard: Keyboard | None = None
        self.last = ""
        self.step: Step | None = None
        """The step under way."""
        self.started = 0.0
        self.http_done = self.matched = False
        self.seen = 0


class Population:
    """The people of one bot; they outlive a run, so that the next one finds them where they stopped."""

    def __init__(self, bot: bytes, next_message: Callable[[], int]) -> None:
        self.bot = bot
        self.people: list[Person] = []
        self.by_chat: dict[int, Person] = {}
        self.script: Script | None = None
        self.next_message = next_message
        self.next_chat = itertools.count(FIRST_CHAT).__next__
        self.next_update = itertools.count(1).__next__
        self.met = 0

    def newcomer(self) -> Person:
        person = Person(self.next_chat())
        self.by_chat[person.chat] = person
        self.met += 1
        return person

    def follow(self, script: Script) -> None:
        """Whoever is in the middle of another script starts this one from its beginning."""
        if script != self.script:
            self.script = script
            for person in self.people:
                person.at = 0

    def first(self, count: int) -> list[Person]:
        while len(self.people) < count:
            self.people.append(self.newcomer())
        return self.people[:count]

    def replace(self, person: Person) -> Person:
        """The person leaves for good and somebody new takes the place."""
        del self.by_chat[person.chat]
        newcomer = self.newcomer()
        self.people[self.people.index(person)] = newcomer
        return newcomer

    def keep(self, chat: int, message: int, text: str, markup: str | None) -> None:
        """Remember the buttons that a chat shows now."""
        person = self.by_chat.get(chat)
        if person is None:
            return
        person.last = text
        if markup is not None:
            person.keyboard = Keyboard(message, text, markup)
        elif person.keyboard is not None and person.keyboard.message == message:
            person.keyboard = None  # edited away

    def update(self, person: Person, step: Step) -> bytes | None:
        """The update that takes the step; None when there is no such button."""
        number = self.next_update()
        now = int(time.time())
        if step.kind == "text":
            words = str(step.payload).replace("{n}", str(number))
            command = b""
            if words.startswith("/"):  # some libraries know a command by its entity only
                command = b',"entities":[{"type":"bot_command","offset":0,"length":%d}]' % len(words.split()[0])
            return b'{"update_id":%d,"message":{"message_id":%d,"from":%s,"chat":%s,"date":%d,"text":%s%s}}' % (
                number,
                self.next_message(),
                person.from_json,
                person.chat_json,
                now,
                orjson.dumps(words),
                command,
            )
        button = None if person.keyboard is None else person.keyboard.find(step.payload)
        if person.keyboard is None or button is None:
            return None
        message = b'{"message_id":%d,"from":%s,"chat":%s,"date":%d,"text":%s,"reply_markup":%s}' % (
            person.keyboard.message,
            self.bot,
            person.chat_json,
            now,
            orjson.dumps(person.keyboard.text),
            person.keyboard.markup.encode(),
        )
        return b'{"update_id":%d,"callback_query":{"id":"%d","from":%s,"chat_instance":"%d","data":%s,"message":%s}}' % (
            number,
            number,
            person.from_json,
            person.chat,
            orjson.dumps(button["callback_data"]),
            message,
        )


class Webhook(asyncio.Protocol):
    """One keep-alive connection to the bot's webhook, with at most one update under way, as Telegram does it."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._messages = wire.Messages()
        self.person: Person | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own class, not a subclass

    def post(self, person: Person, request: bytes) -> None:
        self.person = person
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        for head, _ in self._messages.feed(data):
            person, self.person = self.person, None
            if person is not None:
                self._run.answered(self, person, int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        person, self.person = self.person, None
        self._run.lost(self, person)


class Run:
    """One order carried out."""

    def __init__(self, order: Order, population: Population) -> None:
        self._order = order
        self._population = population
        self._steps = order.script.prologue + order.script.loop
        self._loop_start = len(order.script.prologue)
        target = urlsplit(order.webhook)
        self._host, self._port, self._path = target.hostname or "", target.port or 80, target.path
        self._secret = f"X-Telegram-Bot-Api-Secret-Token: {order.secret}\r\n".encode()
        self._idle: deque[Webhook] = deque()
        self._waiting: deque[tuple[Person, bytes]] = deque()
        self._open: set[Webhook] = set()
        self._busy: set[Person] = set()
        self._stopping = False
        self._measuring = False
        self._changed = asyncio.Event()
        self._latencies = array("d")
        self._errors: Counter[str] = Counter()
        self._samples: list[str] = []
        self._heard = self._wanted = 0
        self._window = (0.0, 0.0)
        self._bot_cpu = self._own_cpu = 0.0

    async def play(self) -> Outcome:
        """Warm up, measure, let the last steps end; raises OSError when the bot cannot be reached."""
        self._loop = asyncio.get_running_loop()
        await self._connect()
        self._population.follow(self._order.script)
        for person in self._population.first(self._order.users):
            self._act(person)
        self._loop.call_later(SWEEP, self._sweep)
        if self._order.steps:
            self._open_window()
        else:
            self._loop.call_later(self._order.warmup, self._open_window)
            self._loop.call_later(self._order.warmup + self._order.seconds, self._close_window)
        try:
            while not self._stopping or self._busy:
                await self._changed.wait()
                self._changed.clear()
                await self._connect()
        finally:
            self._stopping = True  # also when the bot is gone: what is still on the clock must find nothing to do
            self._busy.clear()
            for webhook in tuple(self._open):
                webhook.transport.close()
        return self._outcome()

    async def _connect(self) -> None:
        """Open the connections that are missing."""
        while len(self._open) < self._order.connections:
            _, webhook = await self._loop.create_connection(lambda: Webhook(self), self._host, self._port)
            self._open.add(webhook)
            self._free(webhook)

    def _open_window(self) -> None:
        self._measuring = True
        self._bot_cpu -= cpu_seconds(self._order.pid)
        self._own_cpu -= time.process_time()
        self._window = (time.perf_counter(), 0.0)

    def _close_window(self) -> None:
        self._window = (self._window[0], time.perf_counter())
        self._own_cpu += time.process_time()
        self._bot_cpu += cpu_seconds(self._order.pid)
        self._measuring, self._stopping = False, True
        self._changed.set()

    def _act(self, person: Person) -> None:
        """The person takes the next step."""
        if self._stopping:
            return
        step = self._steps[person.at]
        update = self._population.update(person, step)
        if update is None:
            self._stumble(person, "no such button", f"no button {step.payload!r} in {person.keyboard and person.keyboard.markup!r}")
            return
        person.step, person.seen, person.http_done = step, 0, False
        person.matched = step.messages == 0
        person.started = time.perf_counter()
        self._busy.add(person)
        self._waiting.append((person, wire.request(self._host, self._path, update, self._secret)))
        self._post()

    def _post(self) -> None:
        while self._waiting and self._idle:
            self._idle.popleft().post(*self._waiting.popleft())

    def _free(self, webhook: Webhook) -> None:
        self._idle.append(webhook)
        self._post()

    def answered(self, webhook: Webhook, person: Person, status: int) -> None:
        """The webhook's HTTP answer came."""
        self._free(webhook)
        if person.step is None:
            return  # given up already
        if status != 200:
            self._stumble(person, f"HTTP {status}", f"HTTP {status} for {person.step}")
            return
        person.http_done = True
        self._end_if_done(person, person.step)

    def lost(self, webhook: Webhook, person: Person | None) -> None:
        self._open.discard(webhook)
        if webhook in self._idle:
            self._idle.remove(webhook)
        if person is not None and person.step is not None:
            self._stumble(person, "connection lost", f"the bot closed the connection during {person.step}")
        self._changed.set()

    def saw(self, chat: int, text: str) -> None:
        """A message of the bot reached the chat."""
        person = self._population.by_chat.get(chat)
        if person is None:
            return  # somebody who is only written to
        self._heard += 1
        if person.step is None:
            return
        person.seen += 1
        if not person.matched:
            person.matched = person.step.expect is None or person.step.expect in text
        self._end_if_done(person, person.step)

    def _end_if_done(self, person: Person, step: Step) -> None:
        if not (person.http_done and person.matched and person.seen >= step.messages):
            return
        self._wanted += max(step.messages, 1 if step.expect else 0)
        if self._measuring:
            self._latencies.append(time.perf_counter() - person.started)
            if len(self._latencies) == self._order.steps:
                self._close_window()
        self._rest(person)
        person.at += 1
        if person.at == len(self._steps):
            person.at = self._loop_start
            person.conversations += 1
            if person.conversations == self._order.conversations:
                person = self._population.replace(person)
        self._act(person)

    def _rest(self, person: Person) -> None:
        person.step = None
        self._busy.discard(person)
        if self._stopping:
            self._changed.set()

    def _stumble(self, person: Person, kind: str, story: str) -> None:
        self._errors[kind] += 1
        if len(self._samples) < SAMPLES:
            self._samples.append(f"chat {person.chat}: {story}; last message: {person.last!r}")
        self._rest(person)
        person.at = self._loop_start
        self._loop.call_later(BREATH, self._act, person)

    def _sweep(self) -> None:
        now = time.perf_counter()
        for person in tuple(self._busy):
            if now - person.started > self._order.patience and person.step is not None:
                state = f"200: {person.http_done}, messages: {person.seen}, the expected among them: {person.matched}"
                self._stumble(person, "timed out", f"{person.step} took more than {self._order.patience:g} s ({state})")
        if self._order.steps and self._measuring and self._errors.total() > GIVE_UP:
            self._close_window()
        if not self._stopping or self._busy:
            self._loop.call_later(SWEEP, self._sweep)

    def _outcome(self) -> Outcome:
        ordered = sorted(self._latencies)
        seconds = self._window[1] - self._window[0]
        return Outcome(
            steps=len(ordered),
            seconds=seconds,
            p50_ms=quantile(ordered, 0.5) * 1e3,
            p99_ms=quantile(ordered, 0.99) * 1e3,
            max_ms=(ordered[-1] if ordered else 0.0) * 1e3,
            bot_cpu_seconds=self._bot_cpu,
            driver_share=self._own_cpu / seconds,
            errors=dict(self._errors),
            samples=self._samples,
            surplus=self._heard - self._wanted,
            people=self._population.met,
        )


def quantile(ordered: list[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed; 0 of nothing."""
    return ordered[max(0, -int(-len(ordered) * share // 1) - 1)] if ordered else 0.0
