"""Kills the bot with SIGKILL while people talk with it, and counts what was lost, doubled or repeated unmarked.

    python -m tests.kill --times 1000 --database sqlite --mode webhook --seed 7

A warm parent imports everything once and forks the bot for each life (0.2 s instead of 3). Each life ends at a named
place in the code (bot/crash.py) or after a random time. At the end one life is allowed to finish, and the sandbox's ledger
is compared with the database.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select

from sandbox.people import Person
from sandbox.server import Sandbox
from storage import tables
from storage.schema import migrate
from storage.sealed import Purpose, Sealer, new_key
from tests.postgres import cluster

TOKEN = "42002:KILL-token_of_the_harness_0123"
PLACES = (
    "before_store",
    "before_commit",
    "after_commit",
    "before_200",
    "before_offset",
    "in_handler",
    "claimed",
    "before_call",
    "after_call",
)
SCRIPT = ("孩子", "一个人住", "现在没有", "信陵镇", "今天")
REPEAT_MARK = "可能重复"
GO_ON = "接着写"
MENUS = ("您要报告谁的情况？", GO_ON)  # how they are known when seen
NUMBER = re.compile(r"\d{4}-\d{5}")
MENU_RECORDS = ("StartScreen", "DraftWaits")
PEOPLE = 6
FIRST_UPDATE: dict[str, int] = {}  # by token: the first update that the sandbox gave it


@dataclass
class Verdict:
    """What a run found. `kills` by place; the rest must be empty or zero."""

    kills: Counter[str] = field(default_factory=Counter)
    filed: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unmarked: list[str] = field(default_factory=list)
    unended: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    extra: int = 0

    @property
    def holds(self) -> bool:
        return not self.troubles

    @property
    def troubles(self) -> list[str]:
        return [*self.lost, *self.doubled, *self.unmarked, *self.unended, *self.unanswered]

    def table(self) -> str:
        rows = [
            ("kills", f"{sum(self.kills.values())} ({', '.join(f'{place} {n}' for place, n in sorted(self.kills.items()))})"),
            ("reports filed", self.filed),
            ("lost updates or reports", len(self.lost)),
            ("doubled effects", len(self.doubled)),
            ("extra deliveries", f"{self.extra}, of them unmarked {len(self.unmarked)}"),
            ("messages without an end", len(self.unended)),
            ("people without an answer", len(self.unanswered)),
        ]
        return "\n".join(f"  {name:26} {value}" for name, value in rows)


class WarmParent:
    """A process that has imported everything, and forks a bot when told to."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.kill_parent"]
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 -- closed in close()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, **environment},
        )

    async def fork(self, plan: str) -> int:
        """Start a life; its process id."""
        return int(await asyncio.to_thread(self._ask, f"start {plan}"))

    async def ended(self) -> int:
        """Wait for the life to end; its exit status (negative: the signal)."""
        return int(await asyncio.to_thread(self._ask, "wait"))

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the warm parent died:\n" + self.log)
        return answer

    @property
    def log(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-4000:]

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close() if self._process.stdout else None
        self._log.close()


class Talker:
    """A citizen who files one report after another, each with a mark of its own in the words."""

    def __init__(self, sandbox: Sandbox, person: Person, number: int) -> None:
        self.sandbox = sandbox
        self.person = person
        self.number = number
        self.marks: list[str] = []
        self.filed = 0

    async def run(self, stop: asyncio.Event) -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            await self.files(f"记号{self.number}之{turn}")

    async def files(self, mark: str) -> None:
        """One report; whoever gets no answer for long enough tries the same again, as people do."""
        await self._say("/start", "残疾人")
        for label, then in zip(SCRIPT, (*SCRIPT[1:], "提交"), strict=True):
            await self._press(label, then)
        await self._say(mark, "提交")
        self.marks.append(mark)
        before = self._numbers()
        await self._until(lambda: self._numbers() > before, lambda: self._try_press("提交"))
        self.filed += 1

    def _numbers(self) -> int:
        """How many different numbers the person has been told."""
        told = (NUMBER.search(m.text or "") for m in self.person.from_bot(TOKEN) if "凭证，" in (m.text or ""))
        return len({found.group() for found in told if found})

    async def _say(self, text: str, then: str) -> None:
        seen = self.sandbox.ledger.last_seq
        self.person.send_text(TOKEN, text)
        menu = text.startswith("/")  # a menu that was in doubt is not sent again: one asks for it again
        await self._until(lambda: self._shows(then, seen), (lambda: self.person.send_text(TOKEN, text)) if menu else None)

    async def _press(self, label: str, then: str) -> None:
        seen = self.sandbox.ledger.last_seq
        self._try_press(label)
        await self._until(lambda: self._shows(then, seen), lambda: self._try_press(label))

    def _try_press(self, label: str) -> None:
        """Press it; who is asked whether to go on with what is open says yes."""
        newest = next((m for m in reversed(self.person.from_bot(TOKEN)) if m.button_texts), None)
        if newest is not None and newest.button(GO_ON) is not None:
            self.person.press(GO_ON, newest.id, bot=TOKEN)
        elif (message := self._newest_with(label)) is not None:
            self.person.press(label, message.id, bot=TOKEN)

    def _newest_with(self, label: str) -> Any:
        return next((m for m in reversed(self.person.from_bot(TOKEN)) if m.button(label) is not None), None)

    def _shows(self, label: str, seen: int) -> bool:
        """The newest message with buttons has this one, and something came since."""
        newest = next((m for m in reversed(self.person.from_bot(TOKEN)) if m.button_texts), None)
        return newest is not None and newest.button(label) is not None and self.sandbox.ledger.last_seq > seen

    async def _until(self, done: Any, again: Any) -> None:
        for _ in range(8):
            try:
                await self.sandbox.until(done, 3)
                return
            except TimeoutError:
                if again is not None and not done():
                    again()
        last = self.person.last(TOKEN)
        raise TimeoutError(f"{self.person.name} waits for ever; last: {last and last.text!r} {last and last.button_texts}")


class Run:
    """One harness run: a database, a mode, a seed."""

    def __init__(self, sandbox: Sandbox, url: str, key: str, mode: str, seed: int, port: int) -> None:
        self.sandbox = sandbox
        self.url = url
        self.key = key
        self.random = random.Random(seed)
        self.verdict = Verdict()
        self.mode = mode
        self.parent = WarmParent(
            {
                "LIANXI_TELEGRAM_TOKEN": TOKEN,
                "LIANXI_TELEGRAM_API": sandbox.url,
                "LIANXI_MODE": mode,
                "LIANXI_WEBHOOK_URL": f"http://127.0.0.1:{port}/hook" if mode == "webhook" else "",
                "LIANXI_WEBHOOK_SECRET": "a-secret-of-the-harness-01" if mode == "webhook" else "",
                "LIANXI_PORT": str(port),
                "LIANXI_DATABASE_URL": url,
                "LIANXI_KEY": key,
                "LIANXI_PACING": "none",
                "LIANXI_LOG_FORMAT": "readable",
            }
        )
        sandbox.webhooks.pace = 0.02
        self.talkers = [Talker(sandbox, sandbox.world.create_person(f"citizen {n}"), n) for n in range(PEOPLE)]

    async def lives(self, times: int) -> None:
        """Live and die so many times while people talk, then live on until everything is settled."""
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for talker in self.talkers:
                group.create_task(talker.run(stop))
            for _ in range(times):
                await self._one_life()
            stop.set()
            await self.parent.fork("never:1")
        await self._quiet()
        await self._terminate()

    async def _one_life(self) -> None:
        place = self.random.choice([*self._places(), "random", "random"])
        plan = "never:1" if place == "random" else f"{place}:{self.random.randint(1, 12)}"
        pid = await self.parent.fork(plan)
        if place == "random":
            await asyncio.sleep(self.random.uniform(0.15, 0.5))  # not a wait for something: the length of a life
            os.kill(pid, signal.SIGKILL)
        else:
            await self._end_soon(pid)
        status = await self.parent.ended()
        if status != -signal.SIGKILL:
            raise RuntimeError(f"a life ended by {status}, not by the harness:\n{self.parent.log}")
        self.verdict.kills[place] += 1

    def _places(self) -> list[str]:
        """Places that this mode passes at all."""
        return [place for place in PLACES if place != ("before_offset" if self.mode == "webhook" else "before_200")]

    async def _end_soon(self, pid: int) -> None:
        """A place that is not reached within some seconds (nobody had anything to say) ends at random instead."""
        try:
            await self.sandbox.until(lambda: _is_zombie(pid), 6)
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)

    async def _quiet(self) -> None:
        engine = create_engine(self.url)
        try:
            await self.sandbox.until(lambda: not self.sandbox.world.bot(TOKEN).updates and self._nothing_waits(engine), 60)
        finally:
            engine.dispose()

    @staticmethod
    def _nothing_waits(engine: Any) -> bool:
        with engine.connect() as connection:
            waiting = connection.execute(select(tables.inbox.c.id).where(tables.inbox.c.state == tables.PENDING)).first()
            unsent = connection.execute(select(tables.outbox.c.id).where(tables.outbox.c.state < tables.SENT)).first()
        return waiting is None and unsent is None

    async def _terminate(self) -> None:
        os.kill(int(await asyncio.to_thread(self.parent._ask, "pid")), signal.SIGTERM)
        status = await self.parent.ended()
        if status != 0:
            raise RuntimeError(f"the last life ended by {status}:\n{self.parent.log}")

    # -- the reckoning

    def judge(self) -> Verdict:
        engine = create_engine(self.url)
        try:
            with engine.connect() as connection:
                self._judge_updates(connection)
                self._judge_reports(connection)
                self._judge_messages(connection)
        finally:
            engine.dispose()
        return self.verdict

    def _judge_updates(self, connection: Any) -> None:
        rows = connection.execute(select(tables.inbox.c.update_id, tables.inbox.c.state)).all()
        twice = [update for update, n in Counter(row.update_id for row in rows).items() if n > 1]
        self.verdict.doubled += [f"update {update} stored twice" for update in twice]
        self.verdict.lost += [f"update {row.update_id} set aside" for row in rows if row.state == tables.DEAD]
        bot = self.sandbox.world.bot(TOKEN)
        given = set(range(FIRST_UPDATE[TOKEN], bot.next_update))
        self.verdict.lost += [f"update {update} never stored" for update in sorted(given - {row.update_id for row in rows})]

    def _judge_reports(self, connection: Any) -> None:
        sealer = Sealer(self.key)
        found: Counter[str] = Counter()
        for row in connection.execute(select(tables.statements.c.id, tables.statements.c.kind, tables.statements.c.body_sealed)):
            if row.kind == "words":
                found[sealer.open_json(Purpose.NARRATIVE, "statements.body_sealed", row.id, row.body_sealed)["text"]] += 1
        marks = [mark for talker in self.talkers for mark in talker.marks]
        self.verdict.filed = len(connection.execute(select(tables.reports.c.id)).all())
        self.verdict.lost += [f"words {mark!r} in no report" for mark in marks if found[mark] == 0]
        self.verdict.doubled += [f"words {mark!r} in {found[mark]} reports" for mark in marks if found[mark] > 1]
        if self.verdict.filed != len(marks):
            self.verdict.doubled.append(f"{self.verdict.filed} reports from {len(marks)}")
        self.verdict.unanswered += [
            f"{t.person.name}: {t.filed} numbers for {len(t.marks)} reports" for t in self.talkers if t.filed != len(t.marks)
        ]

    def _judge_messages(self, connection: Any) -> None:
        columns = (tables.outbox.c.id, tables.outbox.c.state, tables.outbox.c.edits, tables.outbox.c.record)
        rows = connection.execute(select(*columns)).all()
        self.verdict.unended += [f"outbox {row.id} in state {row.state}" for row in rows if row.state < tables.SENT]
        # A menu in doubt is dropped, whether it had arrived or not: menus prove nothing here.
        entries = [e for e in self.sandbox.ledger.entries(method="sendMessage") if not any(sign in f"{e.text}{e.params}" for sign in MENUS)]
        delivered = [e for e in entries if e.outcome in ("delivered", "answer_lost")]
        marked = [entry for entry in delivered if REPEAT_MARK in (entry.text or "")]
        sent = sum(row.state == tables.SENT and row.edits is None and row.record not in MENU_RECORDS for row in rows)
        self.verdict.extra = max(0, len(delivered) - sent)
        if self.verdict.extra > len(marked):
            self.verdict.unmarked.append(f"{self.verdict.extra} extra deliveries, {len(marked)} marked")
        texts = [(entry.chat_id, entry.text or "") for entry in delivered]
        unmarked = [(chat, NUMBER.search(text)) for chat, text in texts if REPEAT_MARK not in text and "凭证，" in text]
        numbers = Counter((chat, found.group()) for chat, found in unmarked if found)
        self.verdict.unmarked += [f"number {number} told {n} times to {chat}" for (chat, number), n in numbers.items() if n > 1]


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@asynccontextmanager
async def _sandbox() -> AsyncIterator[Sandbox]:
    sandbox = Sandbox()
    await sandbox.start()
    bot = sandbox.world.register_bot(TOKEN, username="lianxi_kill_bot", name="联席")
    FIRST_UPDATE[TOKEN] = bot.next_update
    try:
        yield sandbox
    finally:
        await sandbox.stop()


async def kill(times: int, mode: str, seed: int, url: str) -> Verdict:
    """Kill the bot so many times; returns what was found."""
    key = new_key()
    async with _sandbox() as sandbox:
        run = Run(sandbox, url, key, mode, seed, _free_port())
        try:
            await run.lives(times)
        except BaseException:
            print(run.parent.log, file=sys.stderr)
            raise
        finally:
            run.parent.close()
        return run.judge()


def _free_port() -> int:
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make kill", description=__doc__)
    parser.add_argument("--times", type=int, default=1000, help="kills for each database and mode together")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--mode", choices=["webhook", "polling"], action="append")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args(argv)
    pairs = [(d, m) for d in arguments.database or ["sqlite", "postgresql"] for m in arguments.mode or ["webhook", "polling"]]
    holds, figures = True, {}
    with ExitStack() as stack:
        server = stack.enter_context(cluster(durable=True)) if any(d == "postgresql" for d, _ in pairs) else None
        for number, (database, mode) in enumerate(pairs):
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            url = f"sqlite:///{folder}/kill.sqlite" if server is None or database == "sqlite" else server.create_database(f"kill{number}")
            migrate(url)
            began = time.monotonic()
            verdict = asyncio.run(kill(arguments.times // len(pairs), mode, arguments.seed + number, url))
            outcome = "holds" if verdict.holds else "BROKEN"
            print(f"{database}, {mode}, seed {arguments.seed + number}: {outcome} ({time.monotonic() - began:.0f} s)")
            print(verdict.table())
            for trouble in verdict.troubles:
                print(f"  !! {trouble}")
            holds = holds and verdict.holds
            figures[f"{database} {mode}"] = {
                "kills": dict(verdict.kills),
                "filed": verdict.filed,
                "extra": verdict.extra,
                "holds": verdict.holds,
            }
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2))
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
