"""From the start of the process to readiness, and what the process then weighs, beside a bare aiogram echo.

Ours finds the database of its last run, as after any restart; its very first start, which creates the tables, is told apart.
"""

import statistics
from typing import Any

from benchmarks.bots import ECHO, OURS_SQLITE, Yard
from benchmarks.measure import Goal, Noise, ratios

AT_LEAST = 7
"""Repetitions: a start is a single event of two seconds, and noisier than thousands of steps."""

SECONDS = Goal("SQLite / echo, start to ready", 0.8, 0.5, at_most=True)
MEMORY = Goal("SQLite / echo, memory when ready", 0.9, 0.6, at_most=True)


def run(yard: Yard, repetitions: int) -> dict[str, Any]:
    kinds = yard.wanted(OURS_SQLITE, ECHO)
    noise = Noise()
    first: dict[str, float] = {}
    for kind in kinds:  # also warms the disk's cache and writes the bytecode
        with yard.start(kind) as bot:
            first[kind.name] = bot.process.seconds
    seconds: dict[str, list[float]] = {kind.name: [] for kind in kinds}
    memory: dict[str, list[float]] = {kind.name: [] for kind in kinds}
    for _ in range(max(repetitions, AT_LEAST)):
        for kind in kinds:
            noise.sample()
            with yard.start(kind) as bot:
                seconds[kind.name].append(bot.process.seconds)
                memory[kind.name].append(bot.rss_mb())
        kinds.reverse()
    for kind in kinds:
        name = kind.name
        print(
            f"  {kind.title:<46} ready after {statistics.median(seconds[name]) * 1e3:,.0f} ms"
            f" ({min(seconds[name]) * 1e3:,.0f}..{max(seconds[name]) * 1e3:,.0f}; the first time {first[name] * 1e3:,.0f})"
            f"  {statistics.median(memory[name]):,.0f} MB"
        )
    goals = []
    if {OURS_SQLITE.name, ECHO.name} <= seconds.keys():
        for goal, values in ((SECONDS, seconds), (MEMORY, memory)):
            goals.append(goal.tell(ratios(values[OURS_SQLITE.name], values[ECHO.name])))
    return {"first_start": first, "seconds": seconds, "rss_mb": memory, "goals": goals, "noise": noise.tell()}
