"""The one place where everything is put together: production, demo and tests all call `build`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from aiohttp import web
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from conference import profiles
from conference.services.calendar import watch_calendar
from conference.services.meetings import watch_window
from conference.services.profiles import load_profile
from handlers.buttons import Signer
from handlers.telegram.texts import commands
from storage import calendar, people
from storage.engine import Database
from storage.mapping import map_entities
from storage.receipts import ReceiptMaker
from storage.sealed import Sealer
from storage.unit_of_work import Transaction, Unit

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
from .territory import bring_in_territory
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
        self.metrics = Metrics()
        self.nursery = Nursery()
        self._receipts = ReceiptMaker(database.sealer.index("receipt", "salt"))
        signer = Signer(database.sealer.button_keys)
        self.telegram = Telegram(token, settings.telegram_api)
        full = settings.disclosure is Disclosure.FULL
        self.conversing = Conversing(token, database.conferences, settings.zone, signer, self._receipts, full_disclosure=full)
        self.desk = Desk(database, clock, self.conversing, self.metrics)
        pacer = Pacer(UNLIMITED if settings.pacing is Pacing.NONE else Limits())
        self.delivery = Delivery(self.desk, self.telegram, self.conversing, signer, clock, self.nursery, self.metrics, pacer)
        self.ticker = Ticker(self.desk, clock)
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
        self.nursery.start(self._introduce(), "introduce")
        if self.settings.mode is Mode.POLLING:
            polling = Polling(self.desk, self.telegram, self.conversing.allowed_updates)
            self._polling = self.nursery.start(polling.run(), "polling")
        await self._leadership.hold()
        raise RuntimeError("another process may lead now: this one starts anew")

    async def _introduce(self) -> None:
        """What the channel shows to everybody: commands and a description, by language. Tried until the channel takes it."""
        while True:
            try:
                for code, shown in commands.for_everybody(self.database.conferences):
                    await self.telegram.call("setMyCommands", commands=shown.as_parameters(), language_code=code)
                    for method, words in commands.introduction(shown.language).items():
                        await self.telegram.call(method, **words, language_code=code)
                return
            except TelegramError as error:
                log.warning("not_introduced", error=str(error))
            await asyncio.sleep(SET_UP_PAUSE)

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
            self.conversing.bot_name = (await self.telegram.call("getMe"))["username"]
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
        self.delivery.offer(result.ready, more=result.told_many)
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


def set_up_conferences(database: Database, bot: int, *, at: datetime) -> None:
    """Bring in the conferences that this desk serves and that the database does not know yet, and read them all.

    What is there already stays as it is: a changed profile is loaded by `lianxi profile load`, which shows what will change.
    """
    with database.writer.begin() as connection:
        people.adopt_accounts(connection, bot)
        database.conferences.refresh(connection)
        missing = [slug for slug in database.conferences.served if slug not in database.conferences.slugs()]
        transaction = Transaction(connection, database.sealer, at, database.conferences)
        for slug in missing:
            unit = Unit(transaction, f"load.{slug}", slug)
            load_profile(unit, profiles.load(slug), profiles.source(slug), at=at)
            unit.succeed()
            log.info("conference_loaded", conference=slug)
        bring_in_territory(transaction)
        transaction.flush()
        calendar.seed(connection)
    with database.reader.connect() as connection:
        database.conferences.refresh(connection)
    with database.writer.begin() as connection:
        transaction = Transaction(connection, database.sealer, at, database.conferences)
        for slug in database.conferences.served:
            unit, profile = Unit(transaction, f"watch.{slug}", slug), database.conferences.profile(slug)
            watch_calendar(unit, at=at)
            if not unit.schedule.pending(f"plenary:{slug}:"):
                watch_window(unit, profile, at=at)
            unit.succeed()
        transaction.flush()


def build(settings: Settings, clock: Clock | None = None) -> Application:
    """The application over an opened and checked database. Raises Misconfigured with what to do."""
    map_entities()
    sealer = Sealer(settings.key.get_secret_value())
    database = Database(settings.database_url, sealer, settings.conferences, settings.zone)
    clock = clock or SystemClock()
    try:
        database.check()
        set_up_conferences(database, settings.bot_id, at=clock.now())
        return Application(settings, clock, database)
    except BaseException:
        database.close()
        raise
