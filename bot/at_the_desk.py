"""What commands share that work on the desk's database while it is at rest."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING

from conference.model.errors import Misconfigured

from .settings import Settings

if TYPE_CHECKING:
    from storage.unit_of_work import Unit


@contextlib.contextmanager
def at_the_desk(settings: Settings, conference: str | None = None, *, loading: bool = False) -> Iterator[Unit]:
    """One act on the checked database, in this conference (else the first served), committed if it ends well.

    `loading`: the conference need not be there yet, and none of those served is brought in beside it.

    On SQLite the desk must not run meanwhile. Raises Misconfigured for a conference that is not there.
    """
    from storage.engine import Database
    from storage.mapping import map_entities
    from storage.sealed import Sealer
    from storage.unit_of_work import Transaction, Unit

    from .bootstrap import set_up_conferences
    from .clock import SystemClock

    map_entities()
    database = Database(settings.database_url, Sealer(settings.key.get_secret_value()), settings.conferences, settings.zone)
    try:
        database.check()
        at = SystemClock().now()
        if not loading:
            set_up_conferences(database, settings.bot_id, at=at)
        if not loading and conference is not None and conference not in (there := database.conferences.slugs()):
            raise Misconfigured(f"--conference: {conference!r} is not in the database; there are: {', '.join(there)}")
        with database.writer.begin() as connection:
            database.conferences.refresh(connection)
            transaction = Transaction(connection, database.sealer, at, database.conferences)
            unit = Unit(transaction, f"c{secrets.token_hex(8)}", conference)
            yield unit
            unit.succeed()
            transaction.flush()
    finally:
        database.close()


async def bot_name(settings: Settings) -> str:
    """The bot's name in the channel; empty if the channel does not answer."""
    from .telegram import Telegram, TelegramError

    telegram = Telegram(settings.telegram_token.get_secret_value(), settings.telegram_api, timeout=10)
    await telegram.open()
    try:
        return str((await telegram.call("getMe"))["username"])
    except TelegramError:
        return ""
    finally:
        await telegram.close()
