"""The desk of a rehearsal as a process of its own, so that it can really be killed; it lives on the rehearsal's clock.

A small process is forked before anything runs, and forks a desk for each life; a line of JSON tells the desk what to do, a line answers.
Its SQLite waits for no disk (synchronous=OFF): what a killed process had written stays, and power is not cut in a rehearsal.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import traceback
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bot.bootstrap import Application, build
from bot.commands import run_loop
from bot.crash import arm
from bot.settings import Settings
from bot.ticker import next_moment
from conference.model.people import Role
from conference.services import people
from sandbox.clock import Clock
from storage.people import Door, Sender, recognise
from storage.unit_of_work import Unit

PATIENCE = 60.0  # seconds of real time for everything that is to be done at one moment
STOPPED, KILLED = 0, -signal.SIGKILL


class Died(Exception):
    """The desk's process is no more."""


class Lives:
    """One life of the desk after the other, on the same database. Made before a loop runs in this process; `close` at the end."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._path = str(folder / "desk.sock")
        self._ours, theirs = socket.socketpair()
        self._parent = os.fork()
        if self._parent == 0:
            self._ours.close()
            _bear(theirs, settings, self._path)
        theirs.close()
        self._doors: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        self._door: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._server: asyncio.Server | None = None
        self._pid = 0

    @property
    def is_over(self) -> bool:
        return self._door is None or self._door[0].at_eof()

    async def begin(self, at: datetime) -> None:
        """A new life, at this moment of the clock; it is there when it serves."""
        if self._server is None:
            self._server = await asyncio.start_unix_server(lambda *door: self._doors.put_nowait(door), self._path)
        self._pid = int(await self._ask_parent(f"bear {at.isoformat()}"))
        async with asyncio.timeout(PATIENCE):
            self._door = await self._doors.get()

    async def asks(self, what: str, **given: Any) -> Any:
        """Raises Died where this life ends meanwhile."""
        if self._door is None:
            raise Died
        reader, writer = self._door
        writer.write(json.dumps({"what": what, **given}).encode() + b"\n")
        try:
            line = await reader.readline()
        except ConnectionError:
            raise Died from None
        if not line:
            raise Died
        return json.loads(line)

    async def end(self) -> int:
        """Kill it, if it is not dead yet; how it ended."""
        if not self.is_over:
            os.kill(self._pid, signal.SIGKILL)
        return await self._buried()

    async def stop(self) -> None:
        """In good order."""
        with contextlib.suppress(Died):
            await self.asks("stop")
        if (status := await self._buried()) != STOPPED:
            raise RuntimeError(f"the desk ended with {status}")

    async def _buried(self) -> int:
        if self._door is not None:
            self._door[1].close()
        self._door = None
        return int(await self._ask_parent("bury"))

    async def close(self) -> None:
        if self._door is not None:
            await self.end()
        if self._server is not None:
            self._server.close()

    def release(self) -> None:
        self._ours.close()
        os.waitpid(self._parent, 0)

    async def _ask_parent(self, line: str) -> str:
        def ask() -> str:
            self._ours.sendall(line.encode() + b"\n")
            return self._ours.recv(64).decode()

        return await asyncio.to_thread(ask)


def _bear(orders: socket.socket, settings: Settings, path: str) -> None:
    """Fork a desk for each order, and say how it ended. Never returns."""
    pid = 0
    try:
        for line in orders.makefile():
            order, _, at = line.strip().partition(" ")
            if order == "bear":
                pid = os.fork()
                if pid == 0:
                    orders.close()
                    _live(settings, datetime.fromisoformat(at), path)
                orders.sendall(str(pid).encode())
            else:
                orders.sendall(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())
    finally:
        os._exit(0)


def _live(settings: Settings, at: datetime, path: str) -> None:
    """Never returns."""
    status = 1
    try:
        run_loop(_serve(settings, Clock(at, running=False), path))
        status = STOPPED
    finally:
        if status != STOPPED:
            traceback.print_exc()
        os._exit(status)


async def _serve(settings: Settings, clock: Clock, path: str) -> None:
    application = build(settings, clock)
    event.listen(application.database.writer, "connect", lambda connection, record: connection.execute("PRAGMA synchronous=OFF").close())
    application.database.writer.dispose()  # what it had opened already waits for the disk
    await application.start()
    house = House(application, clock)
    await house.settle()
    reader, writer = await asyncio.open_unix_connection(path)
    while line := await reader.readline():
        order = json.loads(line)
        writer.write(json.dumps(await getattr(house, order.pop("what"))(**order)).encode() + b"\n")
        await writer.drain()
        if house.stopped:
            return


class House:
    """What the desk's process does when told."""

    def __init__(self, application: Application, clock: Clock) -> None:
        self._application, self._clock = application, clock
        self._slug = application.settings.profile
        self.stopped = False

    async def settle(self, at: str | None = None) -> str | None:
        """Do all that is due at this moment; when something is due next."""
        if at is not None and (moment := datetime.fromisoformat(at)) > self._clock.now():
            self._clock.set(moment)
        await self._application.settled(PATIENCE)
        if self._application.nursery.failed.is_set():
            raise RuntimeError(repr(self._application.nursery.error))
        found: datetime | None = await self._application.desk.write(lambda t: next_moment(t.connection, t.at))
        return found.isoformat() if found is not None else None

    async def arm(self, plan: str) -> None:
        """Die at this place (bot/crash.py)."""
        arm(plan)

    async def seat(self, posts: Sequence[dict[str, Any]]) -> None:
        """`person` is the number of who is to hold the post from now on."""

        def fill(unit: Unit) -> None:
            unit.conference = self._slug
            for post in posts:
                account = self._known(unit, post.pop("person")).account_id
                people.appoint(unit, account, **post | {"role": Role(post["role"])}, conference=self._slug, at=unit.at)

        await self._application.desk.act(fill)

    async def unseat(self, person: int) -> None:
        """The office ends all tenures of this person."""

        def empty(unit: Unit) -> None:
            unit.conference = self._slug
            actor = self._known(unit, person)
            for held in actor.posts:
                post = unit.people.get_post(held.post_id)
                for tenure in unit.people.holders_of(held.post_id, unit.at):
                    if post is not None and tenure.person_id == actor.person_id:
                        people.finish_tenure(unit, post, tenure, "left", at=unit.at)

        await self._application.desk.act(empty)

    async def stop(self) -> None:
        await self._application.stop()
        self.stopped = True

    def _known(self, unit: Unit, person: int) -> Any:
        door = Door(self._application.settings.bot_id, self._slug)
        return recognise(unit.connection, unit.sealer, door, [Sender(person, "zh_Hans")], unit.at)[person]
