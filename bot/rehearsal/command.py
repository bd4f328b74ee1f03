"""`lianxi rehearse`: play it, check it, print the table. Exit status 1 where a step did not come, or came and was not due."""

from __future__ import annotations

import argparse
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from conference import profiles
from conference.model.errors import Misconfigured

if TYPE_CHECKING:
    from .page import Outcome

STARTS = date(2026, 11, 26)  # every rehearsal begins on this Thursday: the same seed is the same rehearsal
LONGEST = 366


def add_parser(subs: Any) -> None:
    rehearse = subs.add_parser(
        "rehearse", help="a whole conference on a virtual clock, with synthetic people, and a check of every reminder"
    )
    rehearse.add_argument("--profile", default="badong", help=f"one of {', '.join(profiles.available())} (default badong)")
    rehearse.add_argument("--days", type=int, default=20, help=f"1 to {LONGEST} (default 20)")
    rehearse.add_argument("--seed", type=int, default=1, help="the same seed gives the same people and the same plan (default 1)")
    rehearse.add_argument("--outages", action="store_true", help="every twentieth working day the desk is down for 25 hours")
    rehearse.add_argument("--json", action="store_true", help="the table as JSON, without a progress bar")
    rehearse.set_defaults(do=rehearse_command)


def rehearse_command(arguments: argparse.Namespace) -> int:
    if arguments.profile not in profiles.available():
        raise Misconfigured(f"--profile {arguments.profile}: there are: {', '.join(profiles.available())}")
    if not 1 <= arguments.days <= LONGEST:
        raise Misconfigured(f"--days {arguments.days}: a rehearsal takes 1 to {LONGEST} days")
    import logging
    import os

    from bot.aiogram_start import start_aiogram

    start_aiogram()
    for name in [name for name in os.environ if name.upper().startswith("LIANXI_")]:
        del os.environ[name]  # a real desk's settings are not the rehearsal's
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.ERROR)  # a blocked bot is part of the play, and no news
    try:
        return _run(arguments)
    finally:
        root.setLevel(before)


def _run(arguments: argparse.Namespace) -> int:
    from bot.commands import run_loop

    from . import page

    async def live() -> int:
        with page.progress(arguments.days, quiet=arguments.json) as shown:
            outcome = await rehearse(arguments.profile, arguments.days, arguments.seed, shown, outages=arguments.outages)
        print(page.as_json(outcome) if arguments.json else page.table(outcome), end="")
        return 1 if outcome.findings else 0

    return run_loop(live())


async def rehearse(slug: str, days: int, seed: int, shown: Any = lambda moment: None, *, outages: bool = False) -> Outcome:
    """Play it on a database that is thrown away afterwards, and judge what arrived."""
    import resource
    import time

    from . import check, page
    from .cast import parts_of
    from .play import Play
    from .stage import open_stage

    began = time.monotonic()
    profile, random = profiles.load(slug), Random(f"{slug} {seed}")
    parts = list(parts_of(profile, random))
    starts = datetime.combine(STARTS, datetime.min.time(), UTC)
    with tempfile.TemporaryDirectory(prefix="lianxi-rehearsal-") as folder:
        async with open_stage(slug, starts, Path(folder)) as stage:
            await stage.seats(parts)
            play = Play(stage, profile, parts, check.calendar(), random, STARTS, days, outages)
            journal = await play.plays(shown)
            counted = await page.counted(stage)
    judged = check.judge(journal, profile, until=play.at(play.ends, datetime.min.time()))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return page.Outcome(slug, days, seed, journal, judged, counted, round(time.monotonic() - began, 1), memory)
