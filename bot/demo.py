"""`lianxi demo`: the sandbox and the desk in one process, with a small cast and a clock that can be moved.

The bot's code is the one that runs for real, over the real Bot API protocol; only the server at the other end is ours.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from conference.model.errors import Misconfigured
from conference.model.people import Role
from conference.services import people
from sandbox.server import Sandbox
from storage import inbox, outbox
from storage.people import Sender, known_addresses, recognise
from storage.schema import migrate
from storage.sealed import new_key
from storage.unit_of_work import Transaction, Unit

from .bootstrap import Application, build
from .panel import Panel
from .settings import LogFormat, Mode, Settings, read_settings

TOKEN = "100200300:DEMO-token_for_the_sandbox_only"  # noqa: S105 -- opens nothing but the sandbox

PORTS_TRIED = 10
WELCOME = """
  联席演示已就绪，请用浏览器打开 · the demo is ready, open

      {url}

  按 Ctrl+C 结束 · Ctrl+C ends it.
  对话记在 {folder}，删掉这个文件夹就从头开始 · delete that folder to begin anew.
"""

# fmt: off
CAST: list[dict[str, Any]] = [
    {"id": 101, "name": "陈老师", "role": "小学教师", "language": "zh-hans", "note": "班上有个孩子独自生活；教师有报告的义务。"},
    {"id": 102, "name": "刘奶奶", "role": "村民", "language": "zh-hans", "note": "住在村里，用一部旧手机。"},
    {"id": 103, "name": "Lin", "role": "resident", "language": "en", "note": "Reads the desk in English."},
    {"id": 104, "name": "阿珍", "role": "居民", "language": "zh-hant", "note": "用繁體字。"},
    {"id": 201, "name": "值班民警甲", "role": "公安值班台", "language": "zh-hans", "note": "报告一提交，这里马上收到。",
     "post": (Role.DUTY_DESK, "public_security", "县公安局值班台", None, 1)},
    {"id": 202, "name": "值班民警乙", "role": "公安值班台", "language": "zh-hans", "note": "同一个值班台；一人受理，另一人也会看到。",
     "post": (Role.DUTY_DESK, "public_security", "县公安局值班台", None, 1)},
    {"id": 203, "name": "指挥中心", "role": "第二值班台", "language": "zh-hans", "note": "值班台 20 分钟还没受理，就提醒这里。",
     "post": (Role.DUTY_DESK, "public_security", "县公安局指挥中心", None, 2)},
    {"id": 301, "name": "乡镇干部", "role": "信陵镇", "language": "zh-hans", "note": "公安移交后由乡镇接手；这一步还没有做。",
     "post": (Role.TOWNSHIP, "civil_affairs", "信陵镇人民政府", "422823100", 1)},
    {"id": 302, "name": "教育局联络员", "role": "县教育局", "language": "zh-hans", "note": "每季度初核对本单位名册；岗位交接也从这里发起。",
     "post": (Role.LIAISON, "education", "县教育局联络员", None, 1)},
    {"id": 401, "name": "联席办", "role": "联席会议办公室", "language": "zh-hans", "note": "同时看到每份报告，但不能扣下。",
     "post": (Role.OFFICE, "civil_affairs", "县联席会议办公室", None, 1)},
    {"id": 501, "name": "运维", "role": "系统运维", "language": "zh-hans", "note": "系统出了问题，这里会知道。",
     "post": (Role.OPERATOR, "civil_affairs", "系统运维", None, 1)},
]
# fmt: on


def run_demo(*, port: int, folder: Path) -> int:
    """Serve until Ctrl+C. Everything it needs it makes in `folder`."""
    from .aiogram_start import start_aiogram
    from .commands import run_loop, until_stopped
    from .logs import set_up_logs

    set_up_logs(readable=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    start_aiogram()

    async def live() -> int:
        async with open_sandbox(port) as sandbox:
            application = await start_demo(sandbox, demo_settings(sandbox.url, folder))
            print(WELCOME.format(url=sandbox.url, folder=folder), flush=True)
            return await until_stopped(application)

    return run_loop(live())


@contextlib.asynccontextmanager
async def open_sandbox(port: int) -> AsyncIterator[Sandbox]:
    """The sandbox at this port, or at one of the next where others sit. Raises Misconfigured where there is none."""
    for tried in range(port, port + PORTS_TRIED) if port else [0]:
        sandbox = Sandbox(port=tried)
        try:
            await sandbox.start()
        except (OSError, OverflowError) as error:
            await sandbox.stop()
            if not isinstance(error, OSError) or error.errno != errno.EADDRINUSE:
                raise Misconfigured(f"--port {port}: nothing can listen there ({error})") from error
            continue
        try:
            yield sandbox
        finally:
            await sandbox.stop()
        return
    raise Misconfigured(f"--port {port}: taken, and so are the {PORTS_TRIED - 1} after it; choose another one")


def demo_settings(sandbox_url: str, folder: Path) -> Settings:
    """Settings that touch nothing outside the folder: its key, its database, a port of its own.

    A real desk's LIANXI_* and .env may lie about where the demo is tried: they are not read, and taken out of this process.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        key_file = folder / "key"
        if not key_file.exists():
            key_file.touch(mode=0o600)
            key_file.write_text(new_key())
        key = key_file.read_text().strip()
    except OSError as error:
        raise Misconfigured(f"--folder {folder}: cannot be used ({error.strerror}); choose another one") from error
    for name in [name for name in os.environ if name.upper().startswith("LIANXI_")]:
        del os.environ[name]
    return read_settings(
        _env_file=None,
        telegram_token=TOKEN,
        telegram_api=sandbox_url,
        mode=Mode.POLLING,
        port=0,
        database_url=f"sqlite:///{folder.resolve() / 'demo.sqlite'}",
        key=key,
        log_format=LogFormat.READABLE,
    )


async def start_demo(sandbox: Sandbox, settings: Settings) -> Application:
    """Migrate, bring the cast in, and start the desk on the sandbox's clock."""
    await asyncio.to_thread(migrate, settings.database_url)
    application = build(settings, sandbox.clock)
    application.routes.append(web.get("/demo/panel", Panel(application).show))
    world = sandbox.world
    bot = world.register_bot(TOKEN, username="lianxi_demo_bot", name="联席·关爱报告台")
    go_on_from(sandbox, application)
    known = _appoint_cast(application)
    for member in CAST:
        person = world.create_person(
            member["name"], id=member["id"], language=member["language"], role=member["role"], note=member.get("note", "")
        )
        # Who holds a post, or spoke here before a restart, has the chat open: nothing could be sent there otherwise.
        if "post" in member:
            person.send_text(bot, "/whoami")
        elif member["id"] in known:
            person.send_text(bot, "/start")
    await application.start()
    sandbox.driving.panel_url = f"http://127.0.0.1:{application.port}/demo/panel"
    return application


def go_on_from(sandbox: Sandbox, application: Application) -> None:
    """A new world on a database that remembers an earlier one: its time goes on, and no number of it is given twice."""
    with application.database.reader.connect() as connection:
        update_id, received = inbox.highest(connection)
        message_id, ended = outbox.highest(connection)
    if (last := max(filter(None, (received, ended)), default=None)) is not None and last > sandbox.clock.now():
        sandbox.clock.set(last)
    newcomers = 7_000_000_000 + int(sandbox.clock.now().timestamp())  # fewer than one a second are added by hand
    sandbox.world.go_on_from(TOKEN, update_id=update_id or 0, message_id=message_id or 0, person_id=newcomers)


def _appoint_cast(application: Application) -> set[int]:
    """Put the officials into their posts, each once whatever the number of starts. Returns who has spoken here before."""
    database, at = application.database, application.clock.now()
    members: Sequence[dict[str, Any]] = [member for member in CAST if "post" in member]
    with database.writer.begin() as connection:
        known = known_addresses(connection, database.sealer, [member["id"] for member in CAST])
        transaction = Transaction(connection, database.sealer, at, database.conferences)
        actors = recognise(
            connection, database.sealer, application.conversing.door, [Sender(member["id"], "zh_Hans") for member in members], at
        )
        unit = Unit(transaction, "demo.cast")
        for member in members:
            role, slug, title, place, rank = member["post"]
            account = actors[member["id"]].account_id
            people.appoint(
                unit, account, conference=database.conferences.first, unit=slug, role=role, title=title, place=place, rank=rank, at=at
            )
        unit.succeed()
        transaction.flush()
    return known
