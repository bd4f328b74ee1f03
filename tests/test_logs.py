"""What the program writes about itself: no token, no words of anybody, whoever logs it and whatever goes wrong.

The cases run in processes of their own, for logs are set up once a process; the secrets come in by the environment, so that
not even the source lines of a traceback could hold them.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import redact
from storage.schema import migrate
from storage.sealed import new_key

ROOT = Path(__file__).parents[1]
TOKEN = "42001:TEST-token_of_the_town_0123456789"
WORDS = "Kanarienvogel-3b81"
DEAD = "http://127.0.0.1:9"  # the discard port: nobody listens

HEAD = """
import asyncio, logging, os, sys, threading
import structlog
from bot.logs import set_up_logs
set_up_logs(readable=sys.argv[1] == "readable")
TOKEN, WORDS = os.environ["CASE_TOKEN"], os.environ["CASE_WORDS"]
log = structlog.get_logger("case")
plain = logging.getLogger("plain")
"""

CASES = {
    "a value": 'log.info("called", url=f"http://x/bot{TOKEN}/getMe")',
    "the event": 'log.info(f"called bot{TOKEN}")',
    "a name of a value": 'log.info("called", **{TOKEN: 1})',
    "inside a list": 'log.info("called", calls=[("getMe", {"url": TOKEN})])',
    "an exception as a value": 'log.warning("failed", error=ValueError(f"bot{TOKEN}"))',
    "bytes": 'log.warning("failed", body=TOKEN.encode())',
    "bound to the context": 'structlog.contextvars.bind_contextvars(base=TOKEN); log.info("called")',
    "a traceback": """
try:
    raise ValueError(f"http://x/bot{TOKEN}/getMe")
except ValueError as error:
    log.error("failed", exc_info=error)
""",
    "the cause of a traceback": """
try:
    try:
        raise KeyError(TOKEN)
    except KeyError as error:
        raise ValueError("second") from error
except ValueError:
    log.exception("failed")
""",
    "the locals of a traceback": """
def speak(words):
    local = [words, TOKEN]
    raise ValueError("without words")
try:
    speak(WORDS)
except ValueError as error:
    log.error("failed", exc_info=error)
    plain.exception("failed")
""",
    "the standard library's": 'plain.warning("called %s", f"http://x/bot{TOKEN}/getMe")',
    "its arguments that are no text": 'plain.warning("called %s %r", [TOKEN], {"a": ValueError(TOKEN)})',
    "its traceback": """
try:
    raise ValueError(TOKEN)
except ValueError:
    plain.exception("failed")
""",
    "a warning of a library": 'logging.getLogger("aiogram.dispatcher").warning("bot %s", TOKEN)',
    "the client at a dead port": """
from bot.telegram import Telegram, TelegramError
async def call():
    telegram = Telegram(TOKEN, os.environ["CASE_BASE"])
    await telegram.open()
    try:
        await telegram.call("sendMessage", chat_id=1, text=WORDS)
    except TelegramError as error:
        log.error("failed", error=str(error), exc_info=error)
        plain.error("failed", exc_info=error)
    finally:
        await telegram.close()
asyncio.run(call())
""",
    "a refusal of the client": """
from bot.telegram import Refused
error = Refused("getMe", 404, f"no path /bot{TOKEN}/getMe")
log.error("failed", error=str(error), exc_info=error)
""",
    "a task that died in the nursery": """
from bot.nursery import Nursery
async def live():
    nursery = Nursery()
    async def die(words):
        raise ValueError(f"bot{TOKEN}")
    nursery.start(die(WORDS), "case")
    await nursery.failed.wait()
asyncio.run(live())
""",
    "a statement the database refused": """
from datetime import UTC, datetime
from sqlalchemy.exc import DBAPIError
from storage.engine import Database
from storage.sealed import Sealer
from storage.tables import due
database = Database(os.environ["CASE_DATABASE"], Sealer(os.environ["CASE_KEY"]))
row = dict(key="k", kind="k", subject=WORDS, data={"words": WORDS}, state=0, attempts=0)
try:
    with database.writer.begin() as connection:
        connection.execute(due.insert(), [row, row])
except DBAPIError as error:
    log.error("failed", error=str(error), exc_info=error)
    plain.exception("failed")
database.close()
""",
}
SEVERAL_LINES = {name for name in CASES if "plain.e" in CASES[name] and "log.e" in CASES[name]}


MARK = "=== "


def run(form: str, cases: dict[str, str], **environment: str) -> dict[str, list[str]]:
    """The lines that each case wrote."""
    parts = [
        f"sys.stderr.write({MARK + name!r} + chr(10))\nstructlog.contextvars.clear_contextvars()\n{code.strip()}\n"
        for name, code in cases.items()
    ]
    env = {**os.environ, "CASE_TOKEN": TOKEN, "CASE_WORDS": WORDS, "CASE_BASE": DEAD, "PYTHONWARNINGS": "error", **environment}
    arguments = [sys.executable, "-c", HEAD + "".join(parts), form]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, env=env, cwd=ROOT, timeout=120)
    assert done.returncode == 0, done.stderr
    assert not done.stdout
    _, *written = re.split(rf"^{MARK}", done.stderr, flags=re.MULTILINE)
    return {lines[0]: lines[1:] for lines in (part.splitlines() for part in written)}


@pytest.fixture(scope="module", params=["json", "readable"])
def written(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, dict[str, list[str]]]:
    database = tmp_path_factory.mktemp("logs") / "x.sqlite"
    database.write_bytes(sqlite_template.read_bytes())
    return request.param, run(request.param, CASES, CASE_DATABASE=f"sqlite:///{database}", CASE_KEY=new_key())


@pytest.mark.parametrize("name", CASES)
def test_neither_token_nor_words_get_into_the_logs(written: tuple[str, dict[str, list[str]]], name: str) -> None:
    form, cases = written
    lines = cases[name]
    assert lines, "nothing was logged: the case proves nothing"
    whole = "\n".join(lines)
    assert TOKEN not in whole
    assert TOKEN.partition(":")[2] not in whole
    assert WORDS not in whole
    if form == "json":
        assert len(lines) == (2 if name in SEVERAL_LINES else 1), "one line an event, tracebacks inside it"
        for line in lines:
            record = json.loads(line)
            assert {"event", "level", "logger", "timestamp"} <= set(record)


def test_a_traceback_is_there_all_the_same(written: tuple[str, dict[str, list[str]]]) -> None:
    whole = "\n".join(written[1]["the cause of a traceback"])
    assert "Traceback (most recent call last)" in whole
    assert "ValueError: second" in whole
    assert "KeyError: '***'" in whole


def test_what_is_logged_can_be_read_and_libraries_say_only_what_is_worth_a_warning() -> None:
    names = ["aiogram.event", "aiohttp.access", "apscheduler.scheduler", "sqlalchemy.engine"]
    libraries = "\n".join(f'logging.getLogger("{name}").info("quiet"); logging.getLogger("{name}").warning("loud")' for name in names)
    ours = 'log.info("sent", row=17, lane=2, ok=True)\nplain.warning("words %s", 5)\nplain.debug("no")\nlog.debug("no")'
    found = {name: [json.loads(line) for line in lines] for name, lines in run("json", {"ours": ours, "libraries": libraries}).items()}
    first, second = found["ours"]
    assert {key: first[key] for key in ("event", "row", "lane", "ok", "level", "logger")} == {
        "event": "sent", "row": 17, "lane": 2, "ok": True, "level": "info", "logger": "case",
    }  # fmt: skip
    assert (second["event"], second["level"], second["logger"]) == ("words 5", "warning", "plain")
    assert first["timestamp"].endswith("Z")
    assert [record["event"] for record in found["libraries"]] == ["loud"] * len(names)


def test_a_running_desk_that_reaches_nobody_keeps_its_secrets(tmp_path: Path) -> None:
    """The real program, from its command line: its complaints come, the token does not."""
    url, key = f"sqlite:///{tmp_path}/desk.sqlite", new_key()
    migrate(url)
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LIANXI_")},
        "LIANXI_TELEGRAM_TOKEN": TOKEN, "LIANXI_TELEGRAM_API": DEAD, "LIANXI_KEY": key, "LIANXI_DATABASE_URL": url, "LIANXI_PORT": "0",
    }  # fmt: skip
    lines = []
    arguments = [sys.executable, "-m", "bot", "run"]
    with subprocess.Popen(arguments, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as desk:
        assert desk.stdout is not None
        for line in desk.stdout:
            lines.append(line)
            if "poll_failed" in line:
                desk.send_signal(signal.SIGTERM)
        assert desk.wait(30) == 0
    whole = "".join(lines)
    assert "poll_failed" in whole
    assert "ClientConnectorError" in whole
    assert not [secret for secret in (TOKEN, TOKEN.partition(":")[2], key) if secret in whole]


tokens = st.from_regex(r"[0-9]{3,20}:[A-Za-z0-9_-]{10,60}", fullmatch=True)
around = st.text("abc xyz/\n.\"'=&?", max_size=20)


@given(around, tokens, around)
def test_every_token_is_taken_out_wherever_it_stands(before: str, token: str, after: str) -> None:
    assert token.partition(":")[2] not in redact(f"{before}{token}/{after}")


@pytest.mark.parametrize("text", ["2026-11-26T01:00:00Z", "http://127.0.0.1:8080/hook", "row 17: 3", "t1:17", "accept:12:1", "汉字：好"])
def test_other_words_stay(text: str) -> None:
    assert redact(text) == text
