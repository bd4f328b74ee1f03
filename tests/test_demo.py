"""`lianxi demo` on somebody's machine: a folder used before, a port that is taken, settings lying about, Ctrl+C."""

from __future__ import annotations

import inspect
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.bootstrap import Application
from bot.demo import CAST, PORTS_TRIED, TOKEN, demo_settings, open_sandbox, start_demo
from bot.panel import DUE_KINDS, RECORDS, what_falls_due
from conference.model import told
from conference.model.errors import Misconfigured
from conference.services import due_work, roster_checks
from sandbox.clock import Clock
from sandbox.people import Person
from sandbox.server import Sandbox
from storage.tables import incidents, outbox, persons, posts, tenures
from tests.town import MORNING

GRANNY, DESK, SECOND_DESK, OPERATOR = 102, 201, 203, 501
ADDRESS = re.compile(rb"http://127\.0\.0\.1:\d+")


@asynccontextmanager
async def demo(folder: Path, clock: Clock | None = None) -> AsyncIterator[tuple[Sandbox, Application]]:
    async with Sandbox(clock=clock or Clock(MORNING)) as sandbox:
        application = await start_demo(sandbox, demo_settings(sandbox.url, folder))
        try:
            await settled(sandbox, application)
            yield sandbox, application
        finally:
            await application.stop()


async def settled(sandbox: Sandbox, application: Application) -> None:
    """Nothing is left to do, what the pace of a message a second and chat holds back included."""
    bot = sandbox.world.bot(TOKEN)

    def waiting() -> int:
        with application.database.reader.connect() as connection:
            return connection.execute(select(func.count()).where(outbox.c.state.in_((0, 1)))).scalar_one()

    await sandbox.until(lambda: not bot.updates and application.desk.idle.is_set() and not waiting(), timeout=30)


async def taps(sandbox: Sandbox, application: Application, person: Person, *labels: str) -> None:
    for label in labels:
        person.press(label, bot=TOKEN)
        await settled(sandbox, application)


async def files_a_report(sandbox: Sandbox, application: Application) -> None:
    granny = sandbox.world.person(GRANNY)
    granny.send_text(TOKEN, "/start")
    await settled(sandbox, application)
    await taps(sandbox, application, granny, "孩子", "没有人照看", "现在没有", "信陵镇", "今天", "现在提交")


def counted(application: Application) -> dict[str, int]:
    with application.database.reader.connect() as connection:
        return {t.name: connection.execute(select(func.count()).select_from(t)).scalar_one() for t in (persons, posts, tenures, incidents)}


def said_to(sandbox: Sandbox, person: int) -> list[str]:
    return [message.text or "" for message in sandbox.world.person(person).from_bot(TOKEN)]


# -- the same folder again


async def test_a_second_start_goes_on_where_the_first_one_ended(tmp_path: Path) -> None:
    async with demo(tmp_path) as (sandbox, application):
        await files_a_report(sandbox, application)
        before = counted(application)
        sandbox.clock.move(timedelta(days=1))
        sandbox.world.person(GRANNY).send_text(TOKEN, "还想起一件事")
        await settled(sandbox, application)
        last = sandbox.clock.now()
    async with demo(tmp_path) as (sandbox, application):
        assert counted(application) == before, "nobody is appointed twice, and nothing needs a person"
        assert before["incidents"] == 0
        assert timedelta(0) <= sandbox.clock.now() - last < timedelta(minutes=1), "time does not run backwards"
        assert ["● 县公安局值班台" in text for text in said_to(sandbox, DESK)] == [True]
        assert len(sandbox.world.people) == len(CAST)
        desk, granny = sandbox.world.person(DESK), sandbox.world.person(GRANNY)
        desk.send_text(TOKEN, "/reports")
        await settled(sandbox, application)
        await taps(sandbox, application, desk, "2026-00001", "受理")
        assert any("公安已于" in text for text in said_to(sandbox, GRANNY)), "whoever spoke before can be told"
        assert any("岗位" in text for text in said_to(sandbox, DESK)), "no message of this world is taken for one of the last"
        granny.send_text(TOKEN, "/my")
        await settled(sandbox, application)
        assert any("2026-00001" in text for text in said_to(sandbox, GRANNY))
        assert counted(application)["incidents"] == 0


async def test_what_fell_due_while_the_demo_was_down_is_said_once_it_is_up(tmp_path: Path) -> None:
    async with demo(tmp_path) as (sandbox, application):
        await files_a_report(sandbox, application)
    async with demo(tmp_path, Clock(MORNING + timedelta(minutes=25))) as (sandbox, application):
        assert sum("第1次提醒" in text for text in said_to(sandbox, DESK)) == 1
        assert sum("第2次提醒" in text for text in said_to(sandbox, SECOND_DESK)) == 1
        assert not any("需要人工处理" in text for text in said_to(sandbox, OPERATOR))
        assert counted(application)["incidents"] == 0


async def test_people_added_on_the_page_are_not_taken_for_those_of_an_earlier_start(tmp_path: Path) -> None:
    ids = []
    for hour in range(2):
        async with demo(tmp_path, Clock(MORNING + timedelta(hours=hour))) as (sandbox, _):
            ids.append(sandbox.world.create_person("向春兰").id)
    assert len(set(ids)) == 2


# -- what lies about on the machine


def test_settings_of_a_real_desk_do_not_reach_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("LIANXI_PROFILE=nowhere\nLIANXI_TELEGRAM_TOKEN=1:x\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIANXI_MODE", "webhook")
    monkeypatch.setenv("lianxi_disclosure", "full")
    monkeypatch.setenv("LIANXI_DATABASE_URL", "postgresql+psycopg://real@desk/lianxi")
    settings = demo_settings("http://127.0.0.1:1", Path("demo"))
    assert (settings.mode, settings.disclosure, settings.profile) == ("polling", "minimal", "badong")
    assert settings.telegram_token.get_secret_value() == TOKEN
    assert settings.database_url == f"sqlite:///{tmp_path}/demo/demo.sqlite"
    assert (tmp_path / "demo" / "key").stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="--folder"):
        demo_settings("http://127.0.0.1:1", tmp_path / "file")


@contextmanager
def taken(port: int = 0) -> Iterator[int]:
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind(("127.0.0.1", port))
        one.listen()
        yield int(one.getsockname()[1])


async def test_a_port_that_is_taken_leads_to_the_next_free_one() -> None:
    with taken() as port:
        async with open_sandbox(port) as sandbox:
            assert port < sandbox.port < port + PORTS_TRIED


@pytest.mark.parametrize("port", [-1, 70_000])
async def test_a_port_that_cannot_be_is_named(port: int) -> None:
    with pytest.raises(Misconfigured, match=f"--port {port}"):
        async with open_sandbox(port):
            pass


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_demo_and_a_second_one_in_its_folder_is_refused(tmp_path: Path, how: signal.Signals) -> None:
    command = [sys.executable, "-m", "bot", "demo", "--port", "0", "--folder", str(tmp_path / "demo")]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "LIANXI_MODE": "nonsense"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as first:
        try:
            assert first.stdout is not None
            assert any(ADDRESS.search(line) for line in first.stdout), first.stderr and first.stderr.read().decode()
            second = subprocess.run(command, check=False, capture_output=True, env=environment, timeout=60)
            assert second.returncode == 2
            assert b"another process already works on demo.sqlite" in second.stderr
            first.send_signal(how)
            said = first.communicate(timeout=60)[1].decode()
            assert first.returncode == 0
            assert "Traceback" not in said
        finally:
            first.kill()


# -- the panel


def test_the_panel_counts_steps_that_are_numbers_only() -> None:
    assert what_falls_due("accept_overdue", {"step": 2}).endswith(" · 第2次")
    assert what_falls_due("post_vacant", {"step": "unit"}) == DUE_KINDS["post_vacant"]


def test_the_panel_has_a_word_for_every_record() -> None:
    ours = {name for name, kind in told._KINDS.items() if kind.__module__.startswith(("conference.", "handlers."))}
    assert ours == RECORDS.keys()
    assert all(len(words) <= 8 for words in RECORDS.values())
    kinds = set(re.findall(r'case "(\w+)":', inspect.getsource(due_work)))
    assert set(DUE_KINDS) == kinds | {roster_checks.OPENS, roster_checks.REMINDS, roster_checks.CLOSES} | due_work.TOGETHER.keys()
