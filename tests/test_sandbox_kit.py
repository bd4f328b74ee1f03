"""What the sandbox's own tests stand on: a bot made of bare HTTP calls, and proof that its helpers can fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from sandbox import Clock, Person, Sandbox

TOKEN = "4242:abcdefghijklmnop"
NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, nine o'clock in Enshi


@dataclass
class Refused(Exception):
    status: int
    answer: dict[str, Any]

    @property
    def description(self) -> str:
        return str(self.answer["description"])


class BareBot:
    """The Bot API by hand: what any client library does underneath."""

    def __init__(self, url: str, session: aiohttp.ClientSession, token: str = TOKEN) -> None:
        self.url, self.session, self.token = url, session, token

    async def __call__(self, method: str, **params: Any) -> Any:
        async with self.session.post(f"{self.url}/bot{self.token}/{method}", json=params) as response:
            answer = await response.json()
            assert answer["ok"] == (response.status == 200)
            if not answer["ok"]:
                assert answer["error_code"] == response.status
                raise Refused(response.status, answer)
            return answer["result"]

    async def refused(self, method: str, **params: Any) -> Refused:
        """The refusal; an AssertionError when the call was not refused."""
        try:
            result = await self(method, **params)
        except Refused as refused:
            return refused
        raise AssertionError(f"{method} was not refused: {result}")

    async def hears(self, **params: Any) -> list[dict[str, Any]]:
        """Everything that waits; it is confirmed."""
        updates: list[dict[str, Any]] = await self("getUpdates", **params)
        if updates:
            await self("getUpdates", offset=updates[-1]["update_id"] + 1, limit=1, timeout=0)
        return updates


@dataclass
class Stage:
    sandbox: Sandbox
    bot: BareBot
    session: aiohttp.ClientSession

    def person(self, name: str = "谭主任", *, started: bool = True, **more: Any) -> Person:
        person = self.sandbox.world.create_person(name, **more)
        if started:
            person.send_text(TOKEN, "/start")
        return person

    async def http(self, verb: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        async with self.session.request(verb, self.sandbox.url + path, json=body, headers=headers) as response:
            return response.status, await response.json()


@asynccontextmanager
async def stage(clock: Clock | None = None) -> AsyncIterator[Stage]:
    async with Sandbox(clock=clock) as sandbox, aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        sandbox.world.register_bot(TOKEN, "desk_bot", "值班台")
        yield Stage(sandbox, BareBot(sandbox.url, session), session)


class Doorstep:
    """A webhook address of our own: it keeps what comes and answers what it is told to."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.arrivals: list[float] = []
        self.answers: list[web.Response] = []  # the next answers; 200 when none is left
        self.gates: dict[int, asyncio.Event] = {}  # hold back the answer to a chat
        self.open = 0
        self.most_open = 0

    async def take(self, request: web.Request) -> web.Response:
        update = await request.json()
        self.got.append(update)
        self.headers.append(dict(request.headers))
        self.arrivals.append(asyncio.get_running_loop().time())
        answer = self.answers.pop(0) if self.answers else web.Response()
        chat = update["message"]["chat"]["id"] if "message" in update else 0
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            if gate := self.gates.get(chat):
                await gate.wait()
        finally:
            self.open -= 1
        return answer

    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.got if "message" in update]


@asynccontextmanager
async def doorstep() -> AsyncIterator[tuple[Doorstep, str]]:
    door = Doorstep()
    app = web.Application()
    app.router.add_post("/hook", door.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield door, f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        for gate in door.gates.values():
            gate.set()
        await runner.cleanup()


async def test_refused_fails_when_the_call_goes_through() -> None:
    async with stage() as here:
        with pytest.raises(AssertionError, match="was not refused"):
            await here.bot.refused("getMe")


async def test_until_gives_up_on_what_does_not_happen() -> None:
    async with stage() as here:
        with pytest.raises(TimeoutError):
            await here.sandbox.until(lambda: False, timeout=0.05)
        with pytest.raises(TimeoutError, match="nothing happened"):
            await here.sandbox.changed(timeout=0.05)


async def test_until_sees_what_happens_while_it_waits() -> None:
    async with stage() as here:
        waiting = asyncio.get_running_loop().create_task(here.sandbox.until(lambda: here.sandbox.world.people, timeout=5))
        here.person("刘老师")
        await waiting
