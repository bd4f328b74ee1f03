"""Delivers updates to webhooks as Telegram does: one lane a chat (or a presser), in order, repeated until the bot says 2xx."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

from sandbox.accounts import Bot, Update, Webhook
from sandbox.bell import Nursery
from sandbox.world import World

log = logging.getLogger("sandbox")

PATIENCE = 60.0  # how long a bot may take to answer
LONGEST_PAUSE = 60.0
LONGEST_RETRY_AFTER = 3600.0

Reply = Callable[[Bot, str, dict[str, Any]], Awaitable[Any]]


@dataclass(eq=False)
class Line:
    """The connections to one bot's webhook; replaced when the webhook is set anew."""

    bot: Bot
    hook: Webhook
    free: asyncio.Semaphore
    lanes: dict[str, dict[int, Update]] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


class Webhooks:
    """`pace` scales all pauses, so that a test need not wait a minute for the sixth try."""

    def __init__(self, world: World, nursery: Nursery, reply: Reply) -> None:
        self.world, self.nursery, self.reply = world, nursery, reply
        self.pace = 1.0
        self.attempts = 0
        self._lines: dict[int, Line] = {}
        self._session: aiohttp.ClientSession | None = None

    def start(self) -> None:
        connector = aiohttp.TCPConnector(limit=0, ssl=False)  # a certificate of one's own will do: it is on this machine only
        self._session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=PATIENCE), trust_env=False)

    async def stop(self) -> None:
        for bot_id in tuple(self._lines):
            self._hang_up(bot_id)
        if self._session is not None:
            await self._session.close()

    def changed(self, bot: Bot) -> None:
        """The webhook was set or deleted: begin anew with everything that waits."""
        self._hang_up(bot.id)
        if bot.webhook.url:
            self._lines[bot.id] = Line(bot, bot.webhook, asyncio.Semaphore(bot.webhook.connections))
            for update in tuple(bot.updates.values()):
                self.arrived(bot, update)

    def arrived(self, bot: Bot, update: Update) -> None:
        if (line := self._lines.get(bot.id)) is None:
            return
        if (lane := line.lanes.get(update.lane)) is not None:
            lane[update.id] = update
            return
        line.lanes[update.lane] = {update.id: update}
        task = self.nursery.start(self._drive(line, update.lane), f"webhook lane {update.lane}")
        line.tasks.add(task)
        task.add_done_callback(line.tasks.discard)

    def _hang_up(self, bot_id: int) -> None:
        if (line := self._lines.pop(bot_id, None)) is not None:
            for task in tuple(line.tasks):
                task.cancel()

    async def _drive(self, line: Line, name: str) -> None:
        lane = line.lanes[name]
        try:
            while lane:
                update = next(iter(lane.values()))
                await self._deliver(line, update)
                del lane[update.id]
        finally:
            line.lanes.pop(name, None)

    async def _deliver(self, line: Line, update: Update) -> None:
        """Only the head of a lane is sent, at once, again at once, then after 2, 4, 8 … 60 seconds, until it is taken or too old."""
        failures = 0
        while update.id in line.bot.updates:
            if update.expires <= self.world.clock.now():
                line.bot.updates.pop(update.id, None)
                break
            async with line.free:
                wait = await self._try(line, update)
            if wait is None:
                line.bot.updates.pop(update.id, None)
                break
            failures += 1
            pause = wait if wait > 0 else (0.0 if failures == 1 else min(2.0 ** (failures - 1), LONGEST_PAUSE))
            await asyncio.sleep(pause * self.pace)
        self.world.bell.ring()

    async def _try(self, line: Line, update: Update) -> float | None:
        """None when taken, else the seconds the bot asked for (0: none)."""
        assert self._session is not None
        self.attempts += 1
        headers = {"Content-Type": "application/json"}
        if line.hook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = line.hook.secret
        try:
            async with self._session.post(
                line.hook.url, data=orjson.dumps(update.describe()), headers=headers, allow_redirects=False
            ) as answer:
                body = await answer.read()
                if 200 <= answer.status < 300:
                    await self._method_in_reply(line.bot, answer.content_type, body)
                    return None
                self._failed(line, f"Wrong response from the webhook: {answer.status} {answer.reason}")
                return _retry_after(answer.headers.get("Retry-After"))
        except TimeoutError:
            self._failed(line, "Read timeout expired")
        except aiohttp.ClientConnectorError:
            self._failed(line, "Connection refused")
        except aiohttp.ClientError:
            self._failed(line, "Connection closed")
        return 0.0

    async def _method_in_reply(self, bot: Bot, content_type: str, body: bytes) -> None:
        """A method in the webhook's answer is carried out; its result is thrown away, as Telegram throws it away."""
        if content_type != "application/json" or b'"method"' not in body:
            return
        try:
            params = orjson.loads(body)
        except orjson.JSONDecodeError:
            return
        if isinstance(params, dict) and isinstance(method := params.pop("method", None), str):
            await self.reply(bot, method, params)

    def _failed(self, line: Line, why: str) -> None:
        line.hook.last_error_at, line.hook.last_error = self.world.clock.now(), why
        self.world.bell.ring()


def _retry_after(value: str | None) -> float:
    return min(float(value), LONGEST_RETRY_AFTER) if value is not None and value.isdecimal() else 0.0
