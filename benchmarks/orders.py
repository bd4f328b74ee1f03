"""What the benchmarks ask of the process that plays Telegram and its people, and what it reports back."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection
from typing import Any

from benchmarks.conversation import Script, Step
from benchmarks.processes import OWN_GROUP
from benchmarks.tally import Seen, Watch

TELEGRAM_MAX_CONNECTIONS = 40
"""Telegram's default `max_connections` of a webhook."""

PATIENCE = 10.0
"""Seconds until a step counts as lost; a slow step is measured, a step that takes this long is an error."""


@dataclass(frozen=True)
class Order:
    """Let `users` people talk to one bot in closed loop: each has one step at a time and starts the next when it has ended."""

    token: str
    webhook: str
    secret: str
    script: Script
    pid: int
    """The bot's process, whose processor time is read when the measured window opens and closes."""
    users: int = TELEGRAM_MAX_CONNECTIONS
    connections: int = TELEGRAM_MAX_CONNECTIONS
    warmup: float = 1.0
    seconds: float = 4.0
    steps: int = 0
    """When set, the window is this many steps long instead of `seconds`."""
    latency: float = 0.0
    """Seconds that each answer of the Bot API takes."""
    patience: float = PATIENCE
    conversations: int = 0
    """After this many times through the loop a person leaves and one never seen before comes; 0: they stay."""


@dataclass(frozen=True)
class Outcome:
    steps: int
    """Steps that ended inside the window."""
    seconds: float
    """How long the window was."""
    p50_ms: float
    p99_ms: float
    max_ms: float
    bot_cpu_seconds: float
    driver_share: float
    """Part of one processor that the playing process used; near 1 it would measure itself."""
    errors: dict[str, int] = field(default_factory=dict)
    samples: list[str] = field(default_factory=list)
    """The first errors in full."""
    surplus: int = 0
    """Messages beyond those that the script counts on; far from 0, steps have ended with another step's answer."""
    people: int = 0
    """Chats that this bot has met so far."""
    methods: dict[str, int] = field(default_factory=dict)
    """Calls of the Bot API by method, of the whole run."""

    @property
    def rate(self) -> float:
        return self.steps / self.seconds if self.seconds else 0.0

    @property
    def cpu_us(self) -> float:
        """Microseconds of processor time of the bot for a step: the steadiest figure on a shared machine."""
        return self.bot_cpu_seconds / self.steps * 1e6 if self.steps else 0.0


def order_from(said: dict[str, Any]) -> Order:
    script = said.pop("script")
    return Order(script=Script(*(tuple(Step(**step) for step in script[part]) for part in ("prologue", "loop"))), **said)


@dataclass(frozen=True)
class Telegram:
    """The runner's end of the playing process."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def watch(self, watch: Watch) -> None:
        """Count what this bot sends from now on."""
        self._ask("/watch", asdict(watch))

    def seen(self, token: str) -> Seen:
        return Seen(**self._ask("/seen", {"token": token}))

    def _ask(self, path: str, body: dict[str, Any]) -> Any:
        with contextlib.closing(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read())

    def run(self, order: Order) -> Outcome:
        """Carry the order out; returns when the window has passed and the last steps have ended."""
        # Warm-up, window and the time that the last steps may take, with as much again as a margin; none for a count of steps.
        timeout = None if order.steps else 2 * (order.warmup + order.seconds + order.patience)
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        with contextlib.closing(connection):
            connection.request("POST", "/orders", json.dumps(asdict(order)), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise RuntimeError(body.decode(errors="replace"))
            return Outcome(**json.loads(body))


@contextlib.contextmanager
def telegram() -> Iterator[Telegram]:
    """Telegram and its people in a process of their own, for as long as the block runs."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.telegram"], stdout=subprocess.PIPE, text=True, process_group=OWN_GROUP
    ) as process:
        try:
            assert process.stdout is not None
            yield Telegram(port=int(process.stdout.readline()), pid=process.pid)
        finally:
            process.terminate()
