"""The bots that are measured: how each is started, and when it counts as ready."""

import base64
import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.conversation import OURS, Script, for_a_conversation_of_a_peer, for_an_echo
from benchmarks.orders import Order, Outcome, Telegram
from benchmarks.peers import Place
from benchmarks.processes import Running, free_port, rss_bytes, running, tail
from storage.schema import migrate

SECRET = "benchmark-secret"
KEY = base64.b64encode(bytes(range(32))).decode()
"""Any key will do: what is sealed here is nobody's."""

OURS_ALWAYS: Mapping[str, str] = {
    "LIANXI_MODE": "webhook",
    "LIANXI_HOST": "127.0.0.1",
    "LIANXI_KEY": KEY,
    # Telegram's own limit of 30 messages a second is what would be measured otherwise; the peers keep to none either.
    "LIANXI_PACING": "none",
}


@dataclass(frozen=True)
class Kind:
    """One of the bots, not yet running."""

    name: str
    title: str
    number: int
    """The bot's id, the first part of its token."""
    module: str
    script: Script
    ready_path: str | None = None
    arguments: tuple[str, ...] = ()
    database: Callable[[Path], str] | None = None
    """Ours only: the database's URL, given a folder to keep it in."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Ours only: what it is told besides."""

    @property
    def token(self) -> str:
        return f"{self.number}:benchmark-token-of-{self.name.replace('_', '-')}"

    def environment(self, here: Place) -> dict[str, str]:
        if self.database is None:
            return here.environment()
        return {
            **OURS_ALWAYS,
            "LIANXI_TELEGRAM_TOKEN": here.token,
            "LIANXI_TELEGRAM_API": here.api,
            "LIANXI_WEBHOOK_URL": here.webhook,
            "LIANXI_WEBHOOK_SECRET": here.secret,
            "LIANXI_PORT": str(here.port),
            "LIANXI_DATABASE_URL": self.database(here.folder),
            **self.settings,
        }


def ours(name: str, title: str, number: int, database: Callable[[Path], str]) -> Kind:
    return Kind(name, title, number, "bot", OURS, "/readyz", ("run",), database)


def sqlite(folder: Path) -> str:
    return f"sqlite:///{folder / 'lianxi.sqlite3'}"


OURS_SQLITE = ours("ours_sqlite", "ours, SQLite, every commit on the disk", 7_000_000_001, sqlite)
ECHO = Kind("echo", "bare aiogram echo, stores nothing", 7_000_000_002, "benchmarks.peers.aiogram_echo", for_an_echo())
PTB = Kind("ptb", "PTB, ConversationHandler + pickle", 7_000_000_003, "benchmarks.peers.ptb_conversation", for_a_conversation_of_a_peer())
BARE = Kind("bare", "no bot: what the driver itself can do", 7_000_000_004, "benchmarks.peers.bare", for_an_echo())
OURS_POSTGRES_NUMBER = 7_000_000_005


def ours_postgres(url: str) -> Kind:
    return ours("ours_pg", "ours, PostgreSQL, every commit on the disk", OURS_POSTGRES_NUMBER, lambda _: url)


@dataclass(frozen=True)
class Started:
    """A bot at work."""

    kind: Kind
    place: Place
    process: Running
    telegram: Telegram
    log: Path

    def talk(self, **wishes: Any) -> Outcome:
        """Let people talk to it; `wishes` are fields of `Order`."""
        here = self.place
        order = Order(here.token, here.webhook, here.secret, pid=self.process.pid, **{"script": self.kind.script, **wishes})
        try:
            return self.telegram.run(order)
        except RuntimeError as trouble:
            trouble.add_note(tail(self.log))
            raise

    def rss_mb(self) -> float:
        return rss_bytes(self.process.pid) / 1e6


@dataclass
class Yard:
    """Where bots are started: one Telegram, one temporary folder; a bot keeps its own folder from start to start."""

    telegram: Telegram
    folder: Path
    only: frozenset[str] = field(default_factory=frozenset)
    """Names of the only bots wanted; empty: all."""

    def wants(self, name: str) -> bool:
        return not self.only or name in self.only

    def wanted(self, *kinds: Kind) -> list[Kind]:
        return [kind for kind in kinds if self.wants(kind.name)]

    def home(self, kind: Kind) -> Path:
        own = self.folder / kind.name
        own.mkdir(exist_ok=True)
        return own

    @contextlib.contextmanager
    def start(self, kind: Kind) -> Iterator[Started]:
        own = self.home(kind)
        here = Place(kind.token, self.telegram.url, "127.0.0.1", free_port(), SECRET, own)
        log = own / "log"
        if kind.database is not None:
            migrate(kind.database(own))  # once and for all: a start after the first finds it done
        command = [sys.executable, "-m", kind.module, *kind.arguments]
        with running(command, kind.environment(here), here.port, log, kind.ready_path) as process:
            yield Started(kind, here, process, self.telegram, log)
