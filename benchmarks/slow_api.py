"""Telegram takes 50 ms for each call and 200 people talk at once: who lets one person's network hold up another?"""

from contextlib import ExitStack
from typing import Any

from benchmarks.bots import OURS_SQLITE, PTB, Yard
from benchmarks.measure import Goal, Noise
from benchmarks.report import take_turns, tell_bot, tell_ratio

LATENCY = 0.05
"""Seconds, what Telegram takes from a server in the same part of the world."""
PEOPLE = 200
WARMUP = 3.0
WINDOW = 5.0
PATIENCE = 60.0
"""Seconds: of a bot that sends one message after another the 200th person hears after 10 s, which is slow but no error."""

GOAL = Goal("SQLite / PTB at 50 ms a call, steps/s", 15, 35)


def run(yard: Yard, repetitions: int) -> dict[str, Any]:
    with ExitStack() as stack:
        bots = [stack.enter_context(yard.start(kind)) for kind in yard.wanted(OURS_SQLITE, PTB)]
        noise = Noise()
        outcomes = take_turns(
            bots, noise, repetitions, users=PEOPLE, latency=LATENCY, warmup=WARMUP, seconds=WINDOW, patience=PATIENCE
        )  # fmt: skip
        table = {bot.kind.name: tell_bot(bot, outcomes[bot.kind.name]) for bot in bots}
    goals = tell_ratio(GOAL, outcomes, OURS_SQLITE.name, PTB.name, "rate")
    return {"bots": table, "goals": goals, "noise": noise.tell()}
