"""A person's whole way through a report, over HTTP: the bot's answer counts when the person has it.

Ours commits everything to the disk before it answers; the bare echo stores nothing, PTB pickles once a second.
All bots are up at once and are measured in turn, the order rotating, so that each repetition compares like with like.
"""

import contextlib
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.bots import BARE, ECHO, OURS_SQLITE, PTB, Started, Yard, ours_postgres
from benchmarks.measure import Goal, Noise, ratios, spread, tell_trouble
from benchmarks.orders import Outcome
from tests.postgres import PostgresMissing, cluster

WARMUP = 1.5
"""Seconds; a cold start's first updates build pydantic's models and fill caches."""
WINDOW = 4.0
"""Seconds measured, some thousand steps: p99 then stands on dozens of steps."""

STEPS_VS_ECHO = Goal("SQLite / echo, steps/s", 1.0, 1.3)
TAIL_VS_ECHO = Goal("SQLite / echo, p99", 0.5, 0.25, at_most=True)
STEPS_VS_PTB = Goal("SQLite / PTB, steps/s", 1.8, 2.5)
POSTGRES_VS_ECHO = Goal("PostgreSQL / echo, steps/s", 0.6, 1.0)

Outcomes = Mapping[str, Sequence[Outcome]]


def run(yard: Yard, repetitions: int) -> dict[str, Any]:
    with contextlib.ExitStack() as stack:
        kinds = yard.wanted(OURS_SQLITE, ECHO, PTB)
        if yard.wants("ours_pg"):
            try:
                database = stack.enter_context(cluster(durable=True))
                kinds.append(ours_postgres(database.create_database("lianxi")))
            except PostgresMissing as missing:
                print(f"!! no figures for PostgreSQL: {missing}")
        driver = measure_driver(yard)
        bots = [stack.enter_context(yard.start(kind)) for kind in kinds]
        noise = Noise()
        outcomes = take_turns(bots, noise, repetitions)
        table = {bot.kind.name: tell_bot(bot, outcomes[bot.kind.name]) for bot in bots}
    goals = tell_goals(outcomes)
    return {"driver": driver, "bots": table, "goals": goals, "noise": noise.tell()}


def measure_driver(yard: Yard) -> dict[str, float]:
    """The most that this driver can ask, shown against a program that does next to nothing."""
    with yard.start(BARE) as bare:
        outcome = bare.talk(warmup=0.5, seconds=1.5)
    if outcome.errors or not outcome.steps:  # that the driver is busy is the point here
        tell_trouble("bare", outcome)
    cost = outcome.driver_share * outcome.seconds / outcome.steps * 1e6 if outcome.steps else 0.0
    print(f"  driver and Bot API together: {outcome.rate:,.0f} steps/s at most, {cost:.0f} us of processor a step")
    return {"steps_per_second": outcome.rate, "cpu_us": cost}


def take_turns(bots: Sequence[Started], noise: Noise, repetitions: int, **wishes: Any) -> dict[str, list[Outcome]]:
    """Measure each bot in each repetition; whoever began goes last in the next one."""
    outcomes: dict[str, list[Outcome]] = {bot.kind.name: [] for bot in bots}
    for repetition in range(repetitions):
        first = repetition % len(bots) if bots else 0
        for bot in (*bots[first:], *bots[:first]):
            noise.sample()
            outcome = bot.talk(**{"warmup": WARMUP, "seconds": WINDOW, **wishes})
            tell_trouble(bot.kind.name, outcome)
            outcomes[bot.kind.name].append(outcome)
    return outcomes


def tell_bot(bot: Started, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Print one bot's medians; the same as data."""
    rates = [outcome.rate for outcome in outcomes]
    figures: dict[str, Any] = {
        "steps_per_second": statistics.median(rates),
        "rate_spread": spread(rates),
        "p50_ms": statistics.median(outcome.p50_ms for outcome in outcomes),
        "p99_ms": statistics.median(outcome.p99_ms for outcome in outcomes),
        "cpu_us": statistics.median(outcome.cpu_us for outcome in outcomes),
        "rss_mb": bot.rss_mb(),
        "driver_share": max(outcome.driver_share for outcome in outcomes),
        "errors": sum(sum(outcome.errors.values()) for outcome in outcomes),
        "all_steps_per_second": rates,
        "all_p99_ms": [outcome.p99_ms for outcome in outcomes],
        "all_cpu_us": [outcome.cpu_us for outcome in outcomes],
    }
    print(
        f"  {bot.kind.title:<46} {figures['steps_per_second']:>7,.0f} steps/s +-{figures['rate_spread'] / 2:<4.0%}"
        f" p50/p99 {figures['p50_ms']:,.0f}/{figures['p99_ms']:,.0f} ms  CPU {figures['cpu_us']:,.0f} us/step"
        f"  {figures['rss_mb']:,.0f} MB  driver {figures['driver_share']:.0%}"
    )
    return figures


def tell_goals(outcomes: Outcomes) -> list[dict[str, Any]]:
    """The goals of which both sides were measured."""
    told = []
    for goal, ours, theirs, figure in (
        (STEPS_VS_ECHO, OURS_SQLITE.name, ECHO.name, "rate"),
        (TAIL_VS_ECHO, OURS_SQLITE.name, ECHO.name, "p99_ms"),
        (STEPS_VS_PTB, OURS_SQLITE.name, PTB.name, "rate"),
        (POSTGRES_VS_ECHO, "ours_pg", ECHO.name, "rate"),
    ):
        told += tell_ratio(goal, outcomes, ours, theirs, figure)
    return told


def tell_ratio(goal: Goal, outcomes: Outcomes, ours: str, theirs: str, figure: str) -> list[dict[str, Any]]:
    if ours not in outcomes or theirs not in outcomes:
        print(f"  {goal.name:<46} not measured")
        return []
    values = [[float(getattr(outcome, figure)) for outcome in outcomes[name]] for name in (ours, theirs)]
    return [goal.tell(ratios(*values))]
