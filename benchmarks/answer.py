"""Somebody asks the desk while a notice to 100,000 people is queued: how long until the answer, at 50 ms a call and 30 calls a second?

People who were never seen before write one after another, to a desk with nothing to do and to one that has just begun to send. Beside
them python-telegram-bot's AIORateLimiter, with 900 messages before the answer: one line for all, and so half a minute.
"""

import statistics
from contextlib import ExitStack
from typing import Any

from benchmarks.bots import Kind, Started, Yard
from benchmarks.conversation import Script, text
from benchmarks.mass import PACED, ours, queue_notice
from benchmarks.measure import Goal, Noise, ratios, tell_trouble
from benchmarks.orders import Outcome
from benchmarks.peers.ptb_limiter import TO_ALL

PEOPLE = 100_000
LATENCY = 0.05
STEPS = 250
"""Answers a repetition: p99 then stands on the third slowest."""
IDLE = ours("answer_idle", "ours with nothing to send", 7_000_000_014, **PACED)
QUEUED = ours("answer_queued", f"ours with {PEOPLE:,} queued", 7_000_000_015, **PACED)
PTB = Kind(
    "answer_ptb",
    "PTB, AIORateLimiter with 900 queued",
    7_000_000_016,
    "benchmarks.peers.ptb_limiter",
    Script((), (text(TO_ALL, messages=0), text("您好"))),
)
ONE_QUESTION = Script((), (text("/start"),))
PATIENCE = 120.0
"""Seconds for PTB's answer."""

TAIL = Goal("queued / idle, p99 of an answer", 3, 1.5, at_most=True)
FASTER = Goal("PTB's limiter / ours queued, an answer", 100, 400)


def run(yard: Yard, repetitions: int) -> dict[str, Any]:
    noise = Noise()
    queue_notice(yard, QUEUED, PEOPLE)
    with ExitStack() as stack:
        bots = [stack.enter_context(yard.start(kind)) for kind in (IDLE, QUEUED)]
        outcomes: dict[str, list[Outcome]] = {bot.kind.name: [] for bot in bots}
        for _ in range(repetitions):
            for bot in bots:
                noise.sample()
                outcomes[bot.kind.name].append(_ask(bot))
            bots.reverse()
        figures = {bot.kind.name: _tell(bot, outcomes[bot.kind.name]) for bot in bots}
    idle, queued = outcomes[IDLE.name], outcomes[QUEUED.name]
    goals = [TAIL.tell(ratios([each.p99_ms for each in queued], [each.p99_ms for each in idle]))]
    try:
        with yard.start(PTB) as peer:
            slow = [peer.talk(users=1, steps=2, latency=LATENCY, patience=PATIENCE).max_ms for _ in range(repetitions)]
    except RuntimeError as missing:  # its extra [rate-limiter] is not installed
        print(f"!! no figures for PTB's limiter: {str(missing).splitlines()[-1]}")
    else:
        figures[PTB.name] = {"ms": slow}
        print(f"  {PTB.title:<46} {statistics.median(slow) / 1e3:,.1f} s ({min(slow) / 1e3:,.1f}..{max(slow) / 1e3:,.1f})")
        goals.append(FASTER.tell(ratios(slow, [each.p50_ms for each in queued])))
    return {"bots": figures, "goals": goals, "noise": noise.tell()}


def _ask(bot: Started) -> Outcome:
    outcome = bot.talk(script=ONE_QUESTION, users=1, conversations=1, steps=STEPS, latency=LATENCY)
    tell_trouble(bot.kind.name, outcome)
    return outcome


def _tell(bot: Started, outcomes: list[Outcome]) -> dict[str, Any]:
    middle = {name: statistics.median(getattr(each, name) for each in outcomes) for name in ("p50_ms", "p99_ms", "max_ms")}
    print(f"  {bot.kind.title:<46} p50/p99/max {middle['p50_ms']:.0f}/{middle['p99_ms']:.0f}/{middle['max_ms']:.0f} ms")
    return middle | {"all_p50_ms": [each.p50_ms for each in outcomes], "all_p99_ms": [each.p99_ms for each in outcomes]}
