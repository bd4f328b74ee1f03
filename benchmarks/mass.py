"""A notice waiting in the outbox of one of our bots, for whoever measures what becomes of it."""

import contextlib
import time

from benchmarks.bots import KEY, Kind, Yard, sqlite
from benchmarks.conversation import OURS
from benchmarks.orders import Telegram
from benchmarks.tally import Seen
from bot.clock import SystemClock
from storage.engine import Database
from storage.schema import migrate
from storage.sealed import Sealer
from tests.crowd import Crowd

STUCK = 15.0
"""Seconds without a message after which no more are waited for."""
LOOK = 0.1
SURPLUS = 1.0
"""Seconds in which one message too many would come."""
PACED = {"LIANXI_PACING": "telegram"}


def ours(name: str, title: str, number: int, **settings: str) -> Kind:
    return Kind(name, title, number, "bot", OURS, "/readyz", ("run",), sqlite, settings)


def queue_notice(yard: Yard, kind: Kind, people: int) -> None:
    """A notice to so many waits for the bot, which is not running; the first time its database is filled with them."""
    assert kind.database is not None
    home = yard.home(kind)
    new = not any(home.iterdir())
    url = kind.database(home)
    migrate(url)
    with contextlib.closing(Database(url, Sealer(KEY))) as database:
        crowd = Crowd(database, kind.number, people, at=SystemClock().now(), new=new)
        crowd.lets_go(crowd.writes())


def wait_for(telegram: Telegram, token: str, messages: int) -> Seen:
    """Until so many messages were counted, and a moment longer for those that should not have come."""
    seen, moved = telegram.seen(token), time.monotonic()
    while seen.messages < messages and time.monotonic() - moved < STUCK:
        time.sleep(LOOK)
        before, seen = seen, telegram.seen(token)
        if seen.messages > before.messages:
            moved = time.monotonic()
    time.sleep(SURPLUS)
    return telegram.seen(token)
