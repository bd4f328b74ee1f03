"""A notice under Telegram's limit of 30 a second, with 50 ms for each answer: all of the limit, and never more than it.

The stand-in lets 30 go at once and 30 a second after that, and answers 429 beyond. The first 30 are not measured.
"""

from typing import Any

from benchmarks.bots import Yard
from benchmarks.mass import PACED, ours, queue_notice, wait_for
from benchmarks.measure import Goal, Noise
from benchmarks.tally import Watch
from tests.crowd import CROWD

PEOPLE = 600
LIMIT = 30.0
LATENCY = 0.05
BOT = ours("paced", "ours under the limit", 7_000_000_011, **PACED)

SHARE = Goal("share of the limit that is used", 97, 99, unit=" %")
REFUSED = Goal("answers 429 that it brought upon itself", 0, 0, at_most=True)
LOST = Goal("lost", 0, 0, at_most=True)
DOUBLED = Goal("doubled", 0, 0, at_most=True)


def run(yard: Yard, repetitions: int) -> dict[str, Any]:
    noise = Noise()
    seen = []
    for _ in range(repetitions):
        queue_notice(yard, BOT, PEOPLE)
        yard.telegram.watch(Watch(BOT.token, CROWD, skip=int(LIMIT), latency=LATENCY, limit=LIMIT))
        noise.sample()
        with yard.start(BOT):
            seen.append(wait_for(yard.telegram, BOT.token, PEOPLE))
    shares = [100 * (each.messages - LIMIT) / each.seconds / LIMIT for each in seen]
    goals = [
        SHARE.tell(shares),
        REFUSED.tell([each.refused for each in seen]),
        LOST.tell([PEOPLE - each.chats for each in seen]),
        DOUBLED.tell([each.doubled for each in seen]),
    ]
    return {"shares": shares, "goals": goals, "noise": noise.tell()}
