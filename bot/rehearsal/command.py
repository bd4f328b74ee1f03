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
    rehearse.add_argument("--outages", action="store_true", help="every twentieth working day the desk is killed and down for 25 hours")
    rehearse.add_argument("--kills", type=int, default=0, help="the desk is killed so often while it works (default 0)")
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
    from . import page

    with page.progress(arguments.days, quiet=arguments.json) as shown:
        outcome = rehearse(arguments.profile, arguments.days, arguments.seed, shown, outages=arguments.outages, kills=arguments.kills)
    print(page.as_json(outcome) if arguments.json else page.table(outcome), end="")
    return 1 if outcome.findings else 0


def rehearse(slug: str, days: int, seed: int, shown: Any = lambda moment: None, *, outages: bool = False, kills: int = 0) -> Outcome:
    """Play it on a database that is thrown away afterwards, and judge what arrived."""
    import resource
    import socket
    import time

    from bot.commands import run_loop
    from bot.settings import Mode, Pacing, read_settings
    from sandbox.clock import Clock
    from sandbox.server import Sandbox
    from storage.mapping import map_entities
    from storage.schema import migrate
    from storage.sealed import new_key

    from . import check, page
    from .cast import parts_of
    from .days import calendar
    from .lives import Lives
    from .play import Play
    from .stage import TOKEN, open_stage

    began = time.monotonic()
    profile, random = profiles.load(slug), Random(f"{slug} {seed}")
    parts = list(parts_of(profile, random))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    sandbox = Sandbox(port=port, clock=Clock(datetime.combine(STARTS, datetime.min.time(), UTC), running=False))
    with tempfile.TemporaryDirectory(prefix="lianxi-rehearsal-") as folder:
        url = f"sqlite:///{Path(folder) / 'rehearsal.sqlite'}"
        settings = read_settings(
            _env_file=None, telegram_token=TOKEN, telegram_api=sandbox.url, mode=Mode.POLLING, port=0, database_url=url, key=new_key(),
            profile=slug, pacing=Pacing.NONE,
        )  # fmt: skip
        migrate(url)
        map_entities()
        lives = Lives(settings, Path(folder))

        async def live() -> Play:
            async with open_stage(sandbox, lives) as stage:
                await stage.seats(parts)
                play = Play(stage, profile, parts, calendar(), random, STARTS, days, settings.zone, outages=outages, kills=kills)
                await play.plays(shown)
            return play

        try:
            play = run_loop(live())
        finally:
            lives.release()
        counted = page.counted(url)
    judged = check.judge(play.journal, profile, until=play.at(play.ends, datetime.min.time()))
    peaks = (resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return page.Outcome(slug, days, seed, play.journal, judged, counted, round(time.monotonic() - began, 1), sum(peaks))
