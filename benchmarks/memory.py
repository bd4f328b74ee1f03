"""What our bot still holds of people who came, went through one conversation and left for good.

80,000 updates from chats never seen before, each going once through prologue and loop: with six steps, 13,333 new chats.
What is kept of them belongs in the database; a process that keeps a lock or a cache entry for each grows with the years.
"""

from typing import Any

from benchmarks.bots import OURS_SQLITE, Yard
from benchmarks.measure import Goal, tell_trouble

WARMUP_UPDATES = 8_000
"""Until caches, pools and the allocator's arenas have their size."""
UPDATES = 80_000
SLICES = 8
"""Looks at the memory on the way: growth that goes on shows as a line, a cache that fills as a step."""

GOAL = Goal("growth of memory, 80,000 updates of new chats", 8, 1, at_most=True, unit=" MB")


def run(yard: Yard, repetitions: int) -> dict[str, Any]:
    kinds = yard.wanted(OURS_SQLITE)
    if not kinds:
        print("  not measured")
        return {}
    with yard.start(kinds[0]) as bot:
        tell_trouble(bot.kind.name, bot.talk(steps=WARMUP_UPDATES, conversations=1))
        sizes = [bot.rss_mb()]
        people = []
        for _ in range(SLICES):
            outcome = bot.talk(steps=UPDATES // SLICES, conversations=1)
            tell_trouble(bot.kind.name, outcome)
            sizes.append(bot.rss_mb())
            people.append(outcome.people)
    print(f"  {people[-1]:,} chats met; MB on the way: {' '.join(f'{size:.1f}' for size in sizes)}")
    return {"rss_mb": sizes, "people": people, "goals": [GOAL.tell([sizes[-1] - sizes[0]])]}
