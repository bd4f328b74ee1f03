"""The sandbox as one thing to start: the Bot API, the people behind it, and the page, on one loopback address."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.accounts import Bot
from sandbox.api import Api
from sandbox.bell import Nursery, until
from sandbox.clock import Clock
from sandbox.driving import Driving
from sandbox.faults import Faults
from sandbox.ledger import Ledger
from sandbox.limits import Limits
from sandbox.webhooks import Webhooks
from sandbox.world import World

log = logging.getLogger("sandbox")

LARGEST_REQUEST = 64 * 1024 * 1024


class Sandbox:
    """
    async with Sandbox() as sandbox:
        person = sandbox.world.create_person("…")
        person.send_text("123:token…", "/start")
        await sandbox.until(lambda: person.last())
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0, clock: Clock | None = None, panel_url: str | None = None) -> None:
        if host not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("the sandbox has no locks: it serves this machine only (127.0.0.1)")
        self.host, self.port = host, port
        self.clock = clock or Clock()
        self.world = World(self.clock)
        self.ledger = Ledger()
        self.faults = Faults()
        self.limits = Limits(lambda: self.clock.now().timestamp())
        self.nursery = Nursery()
        self.api = Api(self.world, self.ledger, self.faults, self.limits)
        self.webhooks = Webhooks(self.world, self.nursery, self._reply)
        self.world.on_update, self.world.on_webhook = self.webhooks.arrived, self.webhooks.changed
        self.driving = Driving(self, panel_url)
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    async def start(self) -> None:
        """Also after `stop()`: the same world comes back at the same address, as after an outage."""
        self.world.closing = False
        app = web.Application(client_max_size=LARGEST_REQUEST, middlewares=[self.driving.guard])
        app.router.add_route("*", "/bot{token:[^/]+}/{method}", self.api.call_over_http)
        app.router.add_get("/file/bot{token:[^/]+}/{path:.+}", self.api.download)
        self.driving.add_routes(app.router)
        self.webhooks.start()
        for bot in self.world.bots.values():
            self.webhooks.changed(bot)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port, backlog=1024)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        self.world.close()
        await self.driving.stop()
        await self.webhooks.stop()
        await self.nursery.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def forget(self, before: datetime) -> None:
        """For a long exercise: messages, presses and ledger entries of before are gone, as if chats had been cleared."""
        self.world.forget(before)
        self.ledger.forget(before)

    async def __aenter__(self) -> Sandbox:
        await self.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.stop()

    async def changed(self, timeout: float = 5) -> None:
        """Wait for the next thing to happen here; TimeoutError when nothing does."""
        if not await self.world.bell.wait(timeout):
            raise TimeoutError(f"nothing happened in the sandbox within {timeout} s")

    async def until(self, condition: Callable[[], object], timeout: float = 5) -> None:
        """Wait until `condition()` holds; it is looked at whenever something happens here."""
        await until(self.world.bell, condition, timeout)

    async def _reply(self, bot: Bot, method: str, params: dict[str, Any]) -> Any:
        return await self.api.carry_out(bot, method, params)


async def serve(port: int, panel_url: str | None = None) -> None:
    async with Sandbox(port=port, panel_url=panel_url) as sandbox:
        sys.stdout.write(f"The sandbox listens at {sandbox.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def run(port: int = 8081, panel_url: str | None = None) -> None:
    """Serve until interrupted; for a command line."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(serve(port, panel_url))
    except KeyboardInterrupt:
        sys.stdout.write("The sandbox is closed; nothing of it stays.\n")
