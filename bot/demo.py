"""`lianxi demo`: the sandbox and the desk in one process, with a small cast and a clock that can be moved.

The bot's code is the one that runs for real, over the real Bot API protocol; only the server at the other end is ours.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from aiohttp import web
from sqlalchemy import Connection, select

from conference.model.people import Role
from conference.services import people
from sandbox.server import Sandbox
from storage import due, inbox, outbox, tables
from storage.people import Sender, recognise
from storage.schema import migrate
from storage.sealed import new_key
from storage.unit_of_work import Unit

from .bootstrap import Application, build
from .settings import LogFormat, Mode, Settings, read_settings

TOKEN = "100200300:DEMO-token_for_the_sandbox_only"  # noqa: S105 -- opens nothing but the sandbox

# fmt: off
CAST: list[dict[str, Any]] = [
    {"id": 101, "name": "陈老师", "role": "教师（强制报告义务人）", "language": "zh-hans",
     "note": "在乡镇小学教书，发现一名学生独自生活。"},
    {"id": 102, "name": "刘奶奶", "role": "村民", "language": "zh-hans", "note": "住在村里，用一部旧手机。"},
    {"id": 103, "name": "Lin", "role": "citizen (English)", "language": "en", "note": "Reads the desk in English."},
    {"id": 104, "name": "阿珍", "role": "居民（繁體）", "language": "zh-hant", "note": "用繁體字。"},
    {"id": 201, "name": "值班民警甲", "role": "县公安局值班台", "language": "zh-hans",
     "post": (Role.DUTY_DESK, "public_security", "县公安局值班台", None, 1)},
    {"id": 202, "name": "值班民警乙", "role": "县公安局值班台", "language": "zh-hans",
     "post": (Role.DUTY_DESK, "public_security", "县公安局值班台", None, 1)},
    {"id": 203, "name": "指挥中心", "role": "县公安局指挥中心（第二值班台）", "language": "zh-hans",
     "post": (Role.DUTY_DESK, "public_security", "县公安局指挥中心", None, 2)},
    {"id": 301, "name": "乡镇干部", "role": "信陵镇", "language": "zh-hans",
     "post": (Role.TOWNSHIP, "civil_affairs", "信陵镇人民政府", "422823100", 1)},
    {"id": 401, "name": "联席办", "role": "联席会议办公室", "language": "zh-hans",
     "post": (Role.OFFICE, "civil_affairs", "县联席会议办公室", None, 1)},
    {"id": 501, "name": "运维", "role": "系统运维", "language": "zh-hans",
     "post": (Role.OPERATOR, "civil_affairs", "系统运维", None, 1)},
]
# fmt: on


def run_demo(*, port: int, folder: Path) -> int:
    """Serve until Ctrl+C. Everything it needs it makes in `folder`."""
    from .aiogram_start import start_aiogram
    from .commands import run_loop, until_stopped
    from .logs import set_up_logs

    set_up_logs(readable=True)
    start_aiogram()

    async def live() -> int:
        sandbox = Sandbox(port=port)
        sandbox.driving.panel_url = None
        await sandbox.start()
        application = await start_demo(sandbox, demo_settings(sandbox.url, folder))
        sandbox.driving.panel_url = f"http://127.0.0.1:{application.port}/demo/panel"
        print(f"\n  联席演示 · the demo is at  {sandbox.url}\n  Ctrl+C ends it.\n", flush=True)
        try:
            return await until_stopped(application)
        finally:
            await sandbox.stop()

    return run_loop(live())


def demo_settings(sandbox_url: str, folder: Path) -> Settings:
    """Settings that touch nothing outside the folder: its key, its database, a port of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    key_file = folder / "key"
    if not key_file.exists():
        key_file.touch(mode=0o600)
        key_file.write_text(new_key())
    for name in [name for name in os.environ if name.startswith("LIANXI_")]:
        del os.environ[name]
    return read_settings(
        _env_file=None,
        telegram_token=TOKEN,
        telegram_api=sandbox_url,
        mode=Mode.POLLING,
        port=0,
        database_url=f"sqlite:///{folder / 'demo.sqlite'}",
        key=key_file.read_text().strip(),
        log_format=LogFormat.READABLE,
    )


async def start_demo(sandbox: Sandbox, settings: Settings) -> Application:
    """Migrate, start the desk on the sandbox's clock, and bring the cast in."""
    migrate(settings.database_url)
    application = build(settings, sandbox.clock)
    application.routes.append(web.get("/demo/panel", Panel(application)))
    sandbox.world.register_bot(TOKEN, username="lianxi_demo_bot", name="联席·关爱热线")
    await application.start()
    for member in CAST:
        sandbox.world.create_person(
            member["name"], id=member["id"], language=member["language"], role=member["role"], note=member.get("note", "")
        )
    await application.desk.act(lambda unit: _appoint_cast(unit, application))
    for member in CAST:
        if "post" in member:  # officials have opened the chat once, or nothing could be sent to them
            sandbox.world.people[member["id"]].send_text(TOKEN, "/start")
    return application


def _appoint_cast(unit: Unit, application: Application) -> None:
    members = [member for member in CAST if "post" in member]
    connection, sealer = unit.session.connection(), unit.transaction.sealer
    actors = recognise(connection, sealer, [Sender(member["id"], "zh_Hans") for member in members], unit.at)
    for member in members:
        role, slug, title, place, rank = member["post"]
        account = actors[member["id"]].account_id
        people.appoint(
            unit, account, conference=application.profile.slug, unit=slug, role=role, title=title, place=place, rank=rank, at=unit.at
        )


class Panel:
    """What the page shows of the engine: inbox, outbox and due rows, by number and state, never by content."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, request: web.Request) -> web.Response:
        database = self._application.database
        with database.reader.connect() as connection:
            sections = [self._inbox(connection), self._outbox(connection), self._due(connection)]
            earliest = due.earliest(connection)
        return web.json_response({"sections": sections, "next_due": earliest.isoformat() if earliest else None})

    def _time(self, at: Any) -> str:
        return at.astimezone(self._application.settings.zone).strftime("%m-%d %H:%M:%S") if at else ""

    def _inbox(self, connection: Connection) -> dict[str, Any]:
        table = tables.inbox
        rows = connection.execute(
            select(table.c.id, table.c.state, table.c.attempts, table.c.received_at).order_by(table.c.id.desc()).limit(8)
        ).all()
        states = {tables.PENDING: "待处理", tables.DONE: "已处理", tables.DEAD: "已搁置"}
        shown = [[row.id, states[row.state], row.attempts, self._time(row.received_at)] for row in rows]
        counted = inbox.counts(connection)
        return {"title": "收件 inbox", "columns": ["#", "状态", "重试", "收到"], "rows": shown, "total": f"待处理 {counted['pending']}"}

    def _outbox(self, connection: Connection) -> dict[str, Any]:
        table = tables.outbox
        columns = (table.c.id, table.c.record, table.c.lane, table.c.state, table.c.repeats)
        rows = connection.execute(select(*columns).order_by(table.c.id.desc()).limit(12)).all()
        lanes, states = ("紧急", "答复", "通知", "汇总"), ("待发", "发送中", "已发", "无法送达", "已撤回")
        shown = [[row.id, row.record, lanes[row.lane], states[row.state], row.repeats or ""] for row in rows]
        counted = outbox.counts(connection)
        return {
            "title": "发件 outbox",
            "columns": ["#", "内容", "优先", "状态", "重发"],
            "rows": shown,
            "total": f"待发 {counted['new'] + counted['sending']}",
        }

    def _due(self, connection: Connection) -> dict[str, Any]:
        table = tables.due
        query = select(table.c.id, table.c.kind, table.c.due_at).where(tables.is_state(table.c.state, tables.PENDING))
        rows = connection.execute(query.order_by(table.c.due_at).limit(12)).all()
        shown = [[row.id, row.kind, self._time(row.due_at)] for row in rows]
        return {
            "title": "到期 due",
            "columns": ["#", "事项", "时间"],
            "rows": shown,
            "total": f"待到期 {due.counts(connection)['pending']}",
        }
