"""The one place where everything is put together: production, demo and tests all call `build`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from aiohttp import web
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from conference import profiles
from handlers.buttons import Signer
from storage.engine import Database
from storage.mapping import map_entities
from storage.receipts import ReceiptMaker
from storage.sealed import Sealer

from .clock import Clock, SystemClock
from .conversing import Conversing
from .delivery import Delivery
from .intake import Polling, Webhook, point_webhook
from .leadership import Leadership
from .metrics import Metrics
from .nursery import Nursery
from .pacing import UNLIMITED, Limits, Pacer
from .settings import Disclosure, Mode, Pacing, Settings
from .telegram import Telegram, TelegramError
from .ticker import Ticker, calendar_jobs
from .web import Pages, web_application
from .worker import Desk, Round

log = structlog.get_logger("lianxi")

SET_UP_PAUSE = 10.0  # seconds between tries to tell the channel where we are
STOP_PATIENCE = 5.0  # seconds for calls under way when asked to stop


class Application:
    """The running desk. `start` returns when it serves, `stop` when nothing is under way any more."""

    def __init__(self, settings: Settings, clock: Clock, database: Database) -> None:
        self.settings = settings
        self.clock = clock
        self.database = database
        token = settings.telegram_token.get_secret_value()
        self.profile = profiles.load(settings.profile)
        self.metrics = Metrics()
        self.nursery = Nursery()
        self._receipts = ReceiptMaker(database.sealer.index("receipt", "salt"))
        signer = Signer(database.sealer.button_keys)
        self.telegram = Telegram(token, settings.telegram_api)
        full = settings.disclosure is Disclosure.FULL
        self.conversing = Conversing(token, self.profile, settings.zone, signer, self._receipts, full_disclosure=full)
        self.desk = Desk(database, clock, self.conversing, self.metrics)
        pacer = Pacer(UNLIMITED if settings.pacing is Pacing.NONE else Limits())
        self.delivery = Delivery(self.desk, self.telegram, self.conversing, signer, clock, self.nursery, self.metrics, pacer)
        self.ticker = Ticker(self.desk, self.conversing, clock)
        self._leadership = Leadership(database, settings.bot_id)
        self._calendar: AsyncIOScheduler = calendar_jobs(self.desk, clock)
        self._runner: web.AppRunner | None = None
        self._polling: asyncio.Task[Any] | None = None
        self._serving = False
        self.port = settings.port
        self.routes: list[web.RouteDef] = []

    async def start(self) -> None:
        self.desk.after_commit = self._after_commit
        self.desk.goes_at_once = self.delivery.goes_at_once
        self.desk.on_death = self.nursery.fail
        self.desk.start()
        await self.telegram.open()
        await self._serve()
        if not await self._set_up_channel():
            self.nursery.start(self._set_up_channel_later(), "set up the channel")
        self.nursery.start(self._lead(), "leader")
        self._serving = True

    async def _lead(self) -> None:
        """What only one process does: deliver, tick, poll. If leadership is lost, the process ends and is started anew."""
        await self._leadership.win()
        self.nursery.start(self.delivery.run(), "delivery")
        self.nursery.start(self.ticker.run(), "ticker")
        self._calendar.start()
        if self.settings.mode is Mode.POLLING:
            polling = Polling(self.desk, self.telegram, self.conversing.allowed_updates)
            self._polling = self.nursery.start(polling.run(), "polling")
        await self._leadership.hold()
        raise RuntimeError("another process may lead now: this one starts anew")

    async def _serve(self) -> None:
        settings = self.settings
        webhook = None
        if settings.mode is Mode.WEBHOOK:
            webhook = Webhook(self.desk, settings.bot_id, settings.webhook_secret.get_secret_value(), self.metrics)
        pages = Pages(self.database, self.clock, self.metrics, self._missing)
        self._runner = web.AppRunner(
            web_application(pages, webhook, settings.webhook_url, self.routes), access_log=None, handle_signals=False, shutdown_timeout=2.0
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, settings.host, settings.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _set_up_channel_later(self) -> None:
        while True:
            await asyncio.sleep(SET_UP_PAUSE)
            if await self._set_up_channel():
                return

    async def _set_up_channel(self) -> bool:
        """Point the webhook, or make sure that none swallows our polls. A channel that is away does not stop us from starting."""
        settings = self.settings
        try:
            if settings.mode is Mode.WEBHOOK:
                secret = settings.webhook_secret.get_secret_value()
                await point_webhook(self.telegram, settings.webhook_url, secret, self.conversing.allowed_updates)
            else:
                await self.telegram.call("deleteWebhook", drop_pending_updates=False)
        except TelegramError as error:
            log.error("channel_not_set_up", error=str(error), remedy="run `lianxi doctor`")
            return False
        return True

    def _missing(self) -> str | None:
        if not self._serving:
            return "starting"
        return "database" if self.desk.away else None

    def _after_commit(self, result: Round) -> None:
        self.delivery.offer(result.ready)
        self.delivery.call_fleeting(result.calls)
        self.ticker.expect(result.next_due)

    async def stop(self) -> None:
        """No new updates; finish what waits; let calls under way end; close."""
        self._serving = False
        if self._polling is not None:
            self._polling.cancel()
        if self._runner is not None:
            await self._runner.cleanup()
        await self.delivery.stop(STOP_PATIENCE)
        if self._calendar.running:
            self._calendar.shutdown(wait=False)
        await self.nursery.close()
        await self.desk.stop()
        await self.telegram.close()
        self._leadership.close()
        self._receipts.close()
        self.database.close()

    async def settled(self, within: float = 10.0, also: Callable[[], bool] = lambda: True) -> None:
        """Wait until nothing is left to do at this moment of the clock. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while True:
                if self.desk.idle.is_set() and self.delivery.is_quiet and self.ticker.is_quiet and also():
                    await asyncio.sleep(0)
                    if self.desk.idle.is_set() and self.delivery.is_quiet and self.ticker.is_quiet and also():
                        return
                await asyncio.sleep(0.002)


def build(settings: Settings, clock: Clock | None = None) -> Application:
    """The application over an opened and checked database. Raises Misconfigured with what to do."""
    map_entities()
    sealer = Sealer(settings.key.get_secret_value())
    database = Database(settings.database_url, sealer)
    try:
        database.check()
        return Application(settings, clock or SystemClock(), database)
    except BaseException:
        database.close()
        raise
