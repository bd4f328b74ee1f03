"""What the commands of the command line do. Each imports what it needs when it runs: `lianxi --help` stays quick."""

from __future__ import annotations

import argparse
import asyncio
import gc
import signal
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import structlog

from conference.model.errors import Misconfigured

from .settings import LogFormat, Settings, read_settings

if TYPE_CHECKING:
    from .bootstrap import Application

SWITCH = 0.0005  # seconds: loop and writer each go on after waiting for the other so long; Python's 5 ms are a tenth of an answer's time


def run(arguments: argparse.Namespace) -> int:
    """Run the desk until SIGTERM or SIGINT."""
    from .aiogram_start import start_aiogram
    from .logs import set_up_logs

    settings = read_settings()
    set_up_logs(readable=settings.log_format is LogFormat.READABLE)
    start_aiogram()
    from .bootstrap import build

    application = build(settings)

    async def live() -> int:
        await application.start()
        gc.collect()
        gc.freeze()  # what is loaded stays: a full collection would stop everybody for a tenth of a second
        sys.setswitchinterval(SWITCH)
        gc.set_threshold(20_000, 20, 50)  # an update leaves hundreds of objects, hardly any in cycles: look for those seldom
        return await until_stopped(application)

    return run_loop(live())


async def until_stopped(application: Application) -> int:
    """Wait for a signal or for a task that died; stop gracefully in both cases. Returns the exit status."""
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    waits = [application.nursery.start(event.wait(), "until the end") for event in (application.nursery.failed, stopping)]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    await application.stop()
    if application.nursery.failed.is_set():
        structlog.get_logger("lianxi").error("stopped_by_failure", error=str(application.nursery.error))
        return 1
    return 0


def run_loop(main: Coroutine[Any, Any, int]) -> int:
    """On uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(main)
    return uvloop.run(main)


def migrate(arguments: argparse.Namespace) -> int:
    from storage.schema import migrate as bring_up

    settings = read_settings()
    before, after = bring_up(settings.database_url)
    print(f"schema {before or 'none'} -> {after}" if before != after else f"schema {after}: nothing to do")
    return 0


def key(arguments: argparse.Namespace) -> int:
    from storage.sealed import new_key

    print(new_key())
    return 0


def doctor(arguments: argparse.Namespace) -> int:
    from .doctor import examine

    return examine()


def sandbox(arguments: argparse.Namespace) -> int:
    from sandbox.server import run as serve

    serve(port=arguments.port)
    return 0


def demo(arguments: argparse.Namespace) -> int:
    from .demo import run_demo

    return run_demo(port=arguments.port, folder=arguments.folder)


def appoint(arguments: argparse.Namespace) -> int:
    """Put a Telegram account into a post. The desk must not run meanwhile on SQLite."""
    from conference import profiles
    from conference.model.people import Role
    from conference.services import people
    from storage.engine import Database
    from storage.mapping import map_entities
    from storage.people import Sender, recognise
    from storage.sealed import Sealer
    from storage.unit_of_work import Transaction, Unit

    from .clock import SystemClock

    settings: Settings = read_settings()
    profile = profiles.load(settings.profile)
    if arguments.unit not in profile.units:
        raise Misconfigured(f"--unit: {profile.slug} has no unit {arguments.unit!r}; there are: {', '.join(profile.units)}")
    map_entities()
    database = Database(settings.database_url, Sealer(settings.key.get_secret_value()))
    try:
        database.check()
        at = SystemClock().now()
        with database.writer.begin() as connection:
            transaction = Transaction(connection, database.sealer, at)
            actor = recognise(connection, database.sealer, [Sender(arguments.telegram_id, "zh_Hans")], at)[arguments.telegram_id]
            unit = Unit(transaction, f"appoint.{at.timestamp():.6f}")
            title = arguments.title or profile.units[arguments.unit]
            people.appoint(
                unit,
                actor.account_id,
                conference=profile.slug,
                unit=arguments.unit,
                role=Role(arguments.role),
                title=title,
                place=arguments.place,
                rank=arguments.rank,
                at=at,
            )
            unit.succeed()
            transaction.flush()
    finally:
        database.close()
    print(f"{arguments.telegram_id}: {arguments.role} at {title}")
    return 0
