"""Two conferences in one installation: nothing of one is visible or doable in the other."""

from __future__ import annotations

from tests.engine import english, files_a_report
from tests.two_conferences import files_there, two_conferences


async def test_a_report_of_each(database_url: str, key: str) -> None:
    async with two_conferences(database_url, key) as town:
        here = await files_a_report(english(town, "ann"))
        there = await files_there(town, "ben")
        assert here != there
