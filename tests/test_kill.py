"""The bot is killed while people talk: nothing lost, nothing doubled, every extra delivery marked. `make kill N=1000` does more."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.kill import PLACES, Verdict, kill

KILLS = 26  # for each database and mode: more than a hundred together


@pytest.mark.kill
@pytest.mark.parametrize("mode", ["webhook", "polling"])
async def test_kills_lose_nothing_and_double_nothing(database_url: str, mode: str) -> None:
    verdict = await kill(KILLS, mode, seed=len(mode) + len(database_url.partition(":")[0]), url=database_url)
    assert verdict.holds, f"{verdict.table()}\n{verdict.troubles}"
    assert verdict.kills.total() == KILLS
    assert verdict.filed > 0
    assert set(verdict.kills) - {"random"} <= set(PLACES)


def test_a_verdict_that_found_something_does_not_hold() -> None:
    assert Verdict().holds
    assert not Verdict(lost=["update 7 never stored"]).holds
    assert not Verdict(doubled=["words in 2 reports"]).holds
    assert not Verdict(unmarked=["1 extra delivery"]).holds
    assert "claimed 2" in Verdict(kills=Counter(claimed=2)).table()
