"""`lianxi doctor`: looks at everything a run needs, and says what to do about what is wrong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime

import aiohttp
from rich.console import Console
from rich.markup import escape
from sqlalchemy.exc import DatabaseError

from conference.model.errors import Misconfigured
from storage.engine import HEAD, Database, plain_engine, schema_of, trouble
from storage.sealed import Sealer

from .settings import Mode, Settings, read_settings
from .telegram import Refused, Telegram, TelegramError

CLOCK_TOLERANCE = 5.0  # seconds


def examine() -> int:
    """Print one line a check. Exit status 0 if all is well, 1 otherwise, 2 if the configuration itself cannot be read."""
    console = Console(highlight=False, soft_wrap=True)
    try:
        settings = read_settings()
    except Misconfigured as error:
        for problem in error.problems:
            console.print(f"[red]✗[/] {escape(problem)}")
        return 2
    checks: list[tuple[str, Callable[[Settings], str]]] = [
        ("locales", _locales),
        ("key and database", _database),
        ("token", lambda s: asyncio.run(_token(s))),
        ("webhook", lambda s: asyncio.run(_webhook(s))),
        ("clock", lambda s: asyncio.run(_clock(s))),
    ]
    well = True
    for name, check in checks:
        try:
            console.print(f"[green]✓[/] {name}: {escape(check(settings))}")
        except (Misconfigured, TelegramError) as error:
            well = False
            console.print(f"[red]✗[/] {name}: {escape(str(error))}")
    return 0 if well else 1


def _locales(settings: Settings) -> str:
    from locales import LANGUAGES, translator

    for language in LANGUAGES:
        try:
            translator(language)
        except (OSError, ValueError) as error:
            raise Misconfigured(f"the catalogue {language} cannot be read ({type(error).__name__}): install the program again") from error
    return ", ".join(LANGUAGES)


def _database(settings: Settings) -> str:
    try:
        database = Database(settings.database_url, Sealer(settings.key.get_secret_value()))
    except Misconfigured as error:
        if "another process" not in str(error):
            raise
        with plain_engine(settings.database_url) as engine:
            try:
                with engine.connect() as connection:
                    return f"in use by a running desk, schema {schema_of(connection)}"
            except DatabaseError as unusable:
                raise trouble(unusable) from unusable
    try:
        database.check()
    finally:
        database.close()
    return f"schema {HEAD}, the key fits"


async def _call(settings: Settings, method: str) -> dict[str, object]:
    telegram = Telegram(settings.telegram_token.get_secret_value(), settings.telegram_api, timeout=15)
    await telegram.open()
    try:
        found: dict[str, object] = await telegram.call(method)
        return found
    except Refused as error:
        if error.code in (401, 404):
            raise Misconfigured("Telegram does not know LIANXI_TELEGRAM_TOKEN: copy it again from @BotFather") from error
        raise
    except TelegramError as error:
        raise Misconfigured(
            f"{settings.telegram_api} does not answer ({error}): check the network, HTTPS_PROXY, or LIANXI_TELEGRAM_API"
        ) from error
    finally:
        await telegram.close()


async def _token(settings: Settings) -> str:
    me = await _call(settings, "getMe")
    return f"@{me['username']}"


async def _webhook(settings: Settings) -> str:
    info = await _call(settings, "getWebhookInfo")
    url, wanted = str(info.get("url") or ""), settings.webhook_url if settings.mode is Mode.WEBHOOK else ""
    if url != wanted:
        if settings.mode is Mode.POLLING:
            raise Misconfigured("a webhook is set, so polling gets nothing: `lianxi run` removes it, or set LIANXI_MODE=webhook")
        raise Misconfigured(
            "Telegram calls another address than LIANXI_WEBHOOK_URL: `lianxi run` sets it; "
            "if it changes back, another program has this token"
        )
    if (trouble := info.get("last_error_message")) and int(str(info.get("last_error_date") or 0)) > time.time() - 3600:
        raise Misconfigured(f"Telegram could not deliver within the last hour: {trouble}")
    return f"{'set' if url else 'none, as polling wants'}; {info.get('pending_update_count', 0)} updates wait"


async def _clock(settings: Settings) -> str:
    try:
        async with (
            aiohttp.ClientSession(trust_env=True) as session,
            session.get(settings.telegram_api, timeout=aiohttp.ClientTimeout(total=15)) as answer,
        ):
            given = answer.headers.get("Date")
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Misconfigured(f"no other clock to compare with ({type(error).__name__})") from error
    try:
        theirs = parsedate_to_datetime(given or "").timestamp()
    except ValueError:
        return "the Bot API server says no time to compare with"
    off = abs(theirs - time.time())
    if off > CLOCK_TOLERANCE:
        raise Misconfigured(f"this machine's clock is {off:.0f} s off: set it right (NTP), reminders follow it")
    return f"within {CLOCK_TOLERANCE:.0f} s; times are shown in {settings.timezone}"
