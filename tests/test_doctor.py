"""`lianxi doctor`, as an operator runs it: a process of its own against a real server, one line a check, and what to do."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import text

from bot.clock import SystemClock
from sandbox.server import Sandbox
from storage.engine import HEAD, Database, plain_engine, sqlite_path
from storage.sealed import Sealer, new_key
from tests.town import MakeDatabase

ROOT = Path(__file__).parents[1]
TOKEN = "42001:TEST-token_of_the_town_0123456789"
CHECKS = ["locales", "key and database", "token", "webhook", "clock"]


@dataclass
class Finding:
    status: int
    lines: list[str]

    def of(self, check: str) -> str:
        """The line of a check, without its mark."""
        (line,) = (line for line in self.lines if line[2:].startswith(check + ": "))
        return line[2:].removeprefix(check + ": ")

    @property
    def failing(self) -> list[str]:
        return [line[2:].partition(": ")[0] for line in self.lines if line.startswith("✗")]


async def doctor(**settings: str) -> Finding:
    env = {name: value for name, value in os.environ.items() if not name.startswith("LIANXI_")}
    env |= {"LIANXI_" + name.upper(): value for name, value in settings.items()} | {"NO_PROXY": "*", "PYTHONIOENCODING": "utf-8"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "doctor", cwd=ROOT, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, error = await asyncio.wait_for(process.communicate(), 60)
    assert error == b"", error.decode()
    assert process.returncode is not None
    assert TOKEN.encode() not in out
    return Finding(process.returncode, out.decode().splitlines())


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        running.world.register_bot(TOKEN, username="lianxi_test_bot", name="联席")
        yield running


@pytest.fixture
def settings(sandbox: Sandbox, make_database: MakeDatabase, key: str) -> dict[str, str]:
    return {"telegram_token": TOKEN, "telegram_api": sandbox.url, "database_url": make_database("sqlite"), "key": key}


# -- all well ----------------------------------------------------------------------------------------------------------


async def test_all_is_well(sandbox: Sandbox, database_url: str, key: str) -> None:
    found = await doctor(telegram_token=TOKEN, telegram_api=sandbox.url, database_url=database_url, key=key)
    assert found.lines == [
        "✓ locales: zh_Hans, zh_Hant, en",
        f"✓ key and database: schema {HEAD}, the key fits",
        "✓ token: @lianxi_test_bot",
        "✓ webhook: none, as polling wants; 0 updates wait",
        "✓ clock: within 5 s; times are shown in Asia/Shanghai",
    ]
    assert found.status == 0


async def test_it_changes_nothing(sandbox: Sandbox, settings: dict[str, str]) -> None:
    sandbox.world.create_person("x").send_text(TOKEN, "/start")
    bot = sandbox.world.bot(TOKEN)
    before = len(bot.updates)
    assert (await doctor(**settings)).of("webhook") == f"none, as polling wants; {before} updates wait"
    assert len(bot.updates) == before


# -- configuration -----------------------------------------------------------------------------------------------------


async def test_a_configuration_that_cannot_be_read_is_named_whole_and_nothing_else_is_tried(tmp_path: Path) -> None:
    found = await doctor(telegram_token="nonsense", profile="Mars!", database_url=f"sqlite:///{tmp_path}/x.sqlite")
    assert found.status == 2
    assert [line.partition(": ")[0] for line in found.lines] == ["✗ LIANXI_TELEGRAM_TOKEN", "✗ LIANXI_KEY", "✗ LIANXI_PROFILE"]
    assert os.listdir(tmp_path) == []


# -- token and webhook -------------------------------------------------------------------------------------------------


async def test_nobody_answers_at_the_api(settings: dict[str, str]) -> None:
    found = await doctor(**settings | {"telegram_api": "http://127.0.0.1:9"})
    assert (found.status, found.failing) == (1, ["token", "webhook", "clock"])
    assert found.of("token") == (
        "http://127.0.0.1:9 does not answer (getMe: ClientConnectorError): check the network, HTTPS_PROXY, or LIANXI_TELEGRAM_API"
    )


async def set_webhook(sandbox: Sandbox, url: str) -> None:
    from bot.telegram import Telegram

    telegram = Telegram(TOKEN, sandbox.url)
    await telegram.open()
    await telegram.call("setWebhook", url=url)
    await telegram.close()


HOOK = "http://127.0.0.1:9/hook"  # nobody listens; nothing is delivered
WEBHOOK = {"mode": "webhook", "webhook_url": HOOK, "webhook_secret": "0123456789abcdef"}


async def test_a_webhook_while_polling(sandbox: Sandbox, settings: dict[str, str]) -> None:
    await set_webhook(sandbox, HOOK)
    found = await doctor(**settings)
    assert (found.status, found.failing) == (1, ["webhook"])
    assert found.of("webhook").startswith("a webhook is set, so polling gets nothing: `lianxi run` removes it")


async def test_a_webhook_at_another_address(sandbox: Sandbox, settings: dict[str, str]) -> None:
    await set_webhook(sandbox, HOOK + "/another")
    found = await doctor(**settings, **WEBHOOK)
    assert (found.status, found.failing) == (1, ["webhook"])
    assert found.of("webhook").startswith("Telegram calls another address than LIANXI_WEBHOOK_URL: `lianxi run` sets it")
    assert "another program has this token" in found.of("webhook")


async def test_the_webhook_as_it_should_be(sandbox: Sandbox, settings: dict[str, str]) -> None:
    await set_webhook(sandbox, HOOK)
    found = await doctor(**settings, **WEBHOOK)
    assert found.of("webhook") == "set; 0 updates wait"
    assert found.status == 0


# -- database ----------------------------------------------------------------------------------------------------------


async def test_a_database_without_schema(settings: dict[str, str], tmp_path: Path) -> None:
    found = await doctor(**settings | {"database_url": f"sqlite:///{tmp_path}/new.sqlite"})
    assert (found.status, found.failing) == (1, ["key and database"])
    assert found.of("key and database") == f"the database is at schema none, this program needs {HEAD}: run `lianxi migrate`"


async def test_another_schema(sandbox: Sandbox, database_url: str, key: str) -> None:
    with plain_engine(database_url) as engine, engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    found = await doctor(telegram_token=TOKEN, telegram_api=sandbox.url, database_url=database_url, key=key)
    assert (found.status, found.failing) == (1, ["key and database"])
    assert "is at schema 9999, newer than this program's" in found.of("key and database")


async def test_the_wrong_key(settings: dict[str, str], key: str) -> None:
    opened = Database(settings["database_url"], Sealer(key))
    opened.check()
    opened.close()
    found = await doctor(**settings | {"key": new_key()})
    assert (found.status, found.failing) == (1, ["key and database"])
    assert found.of("key and database").startswith("LIANXI_KEY is not the key of this database")


async def test_a_damaged_database(settings: dict[str, str]) -> None:
    sqlite_path(settings["database_url"]).write_bytes(b"[/nothing] that SQLite ever wrote " * 500)
    found = await doctor(**settings)
    assert (found.status, found.failing) == (1, ["key and database"])
    assert found.of("key and database").startswith("the database is damaged (file is not a database)")


async def test_a_running_desk_is_no_trouble(settings: dict[str, str], key: str) -> None:
    desk = Database(settings["database_url"], Sealer(key))
    desk.check()
    try:
        found = await doctor(**settings)
    finally:
        desk.close()
    assert found.status == 0
    assert found.of("key and database") == f"in use by a running desk, schema {HEAD}"


async def test_a_database_held_by_another_program(settings: dict[str, str], key: str) -> None:
    desk = Database(settings["database_url"], Sealer(key))
    path = sqlite_path(settings["database_url"])
    with sqlite3.connect(path, isolation_level=None) as holder:
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        try:
            found = await doctor(**settings)
        finally:
            holder.execute("ROLLBACK")
            desk.close()
    holder.close()
    assert found.failing == ["key and database"]
    assert "cannot be used now (database is locked)" in found.of("key and database")


async def test_postgresql_that_does_not_answer(settings: dict[str, str], tmp_path: Path) -> None:
    found = await doctor(**settings | {"database_url": f"postgresql+psycopg://nobody@/none?host={tmp_path}"})
    assert found.failing == ["key and database"]
    assert "check LIANXI_DATABASE_URL and that it runs" in found.of("key and database")


async def test_a_path_with_brackets_is_shown_as_it_is(settings: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "[bold]").write_text("a file, no folder")
    found = await doctor(**settings | {"database_url": f"sqlite:///{tmp_path}/[bold]/[red]x.sqlite"})
    assert "beside [red]x.sqlite" in found.of("key and database")


# -- a server that lies ------------------------------------------------------------------------------------------------


@asynccontextmanager
async def api(*, date: Callable[[], str], info: Callable[[], dict[str, Any]] | None = None, code: int = 200) -> AsyncIterator[str]:
    """A Bot API that knows two methods, or refuses them, and says the time that `date` gives."""

    async def answer(request: web.Request) -> web.Response:
        method = request.path.rpartition("/")[2]
        if method and code != 200:
            return web.json_response({"ok": False, "error_code": code, "description": "Unauthorized"}, status=code)
        results: dict[str, Any] = {"getMe": {"username": "x_bot"}, "getWebhookInfo": info() if info else {"url": ""}}
        return web.json_response({"ok": True, "result": results.get(method)})

    async def stamp(request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = date()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    app.on_response_prepare.append(stamp)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def now(offset: float = 0) -> datetime:
    return SystemClock().now() + timedelta(seconds=offset)


Look = Callable[[str], Awaitable[Finding]]


@pytest.fixture
def look(make_database: MakeDatabase, key: str) -> Look:
    database_url = make_database("sqlite")
    return lambda base: doctor(telegram_token=TOKEN, telegram_api=base, database_url=database_url, key=key)


@pytest.mark.parametrize("code", [401, 404])
async def test_a_token_that_telegram_does_not_know(look: Look, code: int) -> None:
    async with api(date=lambda: format_datetime(now(), usegmt=True), code=code) as base:
        found = await look(base)
    assert (found.status, found.failing) == (1, ["token", "webhook"])
    assert found.of("token") == "Telegram does not know LIANXI_TELEGRAM_TOKEN: copy it again from @BotFather"


async def test_a_refusal_of_another_kind_is_shown_as_it_is(look: Look) -> None:
    async with api(date=lambda: format_datetime(now(), usegmt=True), code=409) as base:
        found = await look(base)
    assert found.failing == ["token", "webhook"]
    assert found.of("token") == "getMe: 409 Unauthorized"


@pytest.mark.parametrize("off", [-3600, 20])
async def test_a_clock_that_is_off(look: Look, off: int) -> None:
    async with api(date=lambda: format_datetime(now(off), usegmt=True)) as base:
        found = await look(base)
    assert (found.status, found.failing) == (1, ["clock"])
    said = found.of("clock")
    assert said.startswith("this machine's clock is ")
    assert abs(float(said.removeprefix("this machine's clock is ").split(" s off")[0]) - abs(off)) <= 5
    assert "(NTP)" in said


@pytest.mark.parametrize("date", ["", "Thu, 99 Nov 2026 01:00:00 GMT"])
async def test_a_server_that_says_no_time(look: Look, date: str) -> None:
    async with api(date=lambda: date) as base:
        found = await look(base)
    assert found.of("clock") == "the Bot API server says no time to compare with"
    assert found.status == 0


@pytest.mark.parametrize(("ago", "failing"), [(60, ["webhook"]), (7200, [])])
async def test_deliveries_that_failed_lately(look: Look, ago: int, failing: list[str]) -> None:
    info = {"url": "", "last_error_message": "Connection refused", "last_error_date": int(now(-ago).timestamp()), "pending_update_count": 3}
    async with api(date=lambda: format_datetime(now(), usegmt=True), info=lambda: info) as base:
        found = await look(base)
    assert found.failing == failing
    if failing:
        assert found.of("webhook") == "Telegram could not deliver within the last hour: Connection refused"
    else:
        assert found.of("webhook") == "none, as polling wants; 3 updates wait"


def test_the_helpers_can_fail() -> None:
    finding = Finding(1, ["✓ token: @x", "✗ clock: off"])
    assert finding.failing == ["clock"]
    with pytest.raises(ValueError, match="not enough values"):
        finding.of("webhook")
    assert datetime(2026, 1, 1, tzinfo=UTC) < now()
