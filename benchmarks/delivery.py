"""A notice sent without a limit, through the outbox with every step on the disk, beside an aiohttp client that only sends.

Both have the same number of calls under way and send messages of one size; the first tenth is not measured.
"""

import statistics
import subprocess
import sys
from typing import Any

from benchmarks.bots import SECRET, Yard
from benchmarks.mass import ours, queue_notice, wait_for
from benchmarks.measure import Goal, Noise, ratios, spread
from benchmarks.peers import Place
from benchmarks.processes import ROOT
from benchmarks.tally import Seen, Watch
from tests.crowd import CROWD

PEOPLE = 10_000
SKIP = PEOPLE // 10
BOT = ours("delivery", "ours, every step on the disk", 7_000_000_012)
RAW = "7000000013:benchmark-token-of-the-raw-client"

GOAL = Goal("ours / raw aiohttp, messages/s", 0.35, 0.5)


def run(yard: Yard, repetitions: int) -> dict[str, Any]:
    noise = Noise()
    rates: dict[str, list[float]] = {"ours": [], "raw": []}
    for _ in range(repetitions):
        noise.sample()
        rates["ours"].append(_rate(_ours(yard)))
        noise.sample()
        rates["raw"].append(_rate(_raw(yard)))
    for name, found in rates.items():
        print(f"  {name:<5} {statistics.median(found):>8,.0f} messages/s +-{spread(found) / 2:.0%}")
    return {"rates": rates, "goals": [GOAL.tell(ratios(rates["ours"], rates["raw"]))], "noise": noise.tell()}


def _rate(seen: Seen) -> float:
    assert (seen.messages, seen.chats) == (PEOPLE, PEOPLE), seen
    return (PEOPLE - SKIP) / seen.seconds


def _ours(yard: Yard) -> Seen:
    queue_notice(yard, BOT, PEOPLE)
    yard.telegram.watch(Watch(BOT.token, CROWD, skip=SKIP))
    with yard.start(BOT):
        return wait_for(yard.telegram, BOT.token, PEOPLE)


def _raw(yard: Yard) -> Seen:
    yard.telegram.watch(Watch(RAW, CROWD, skip=SKIP))
    here = Place(RAW, yard.telegram.url, "127.0.0.1", 0, SECRET, yard.folder)
    command = [sys.executable, "-m", "benchmarks.peers.raw_sender", str(CROWD), str(PEOPLE)]
    subprocess.run(command, cwd=ROOT, env=here.environment() | {"PATH": ""}, check=True)
    return yard.telegram.seen(RAW)
