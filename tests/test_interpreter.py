"""The loop and the writer of a running desk share a core; every other thread goes where it likes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bot.interpreter import share_a_core
from storage.schema import migrate
from storage.sealed import new_key

ROOT = Path(__file__).resolve().parents[1]


def test_threads_that_share_stay_together_and_others_are_free() -> None:
    if sys.platform != "linux":
        assert share_a_core([threading.main_thread()], 0) is None
        return
    allowed, over = sorted(os.sched_getaffinity(0)), threading.Event()
    threads = [threading.Thread(target=over.wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        one, other, free = (thread.native_id or 0 for thread in threads)
        for number in range(2 * len(allowed)):
            core = share_a_core(threads[:2], number)
            assert core == (allowed[number % len(allowed)] if len(allowed) > 1 else None)
            wanted = allowed if core is None else [core]
            assert sorted(os.sched_getaffinity(one)) == sorted(os.sched_getaffinity(other)) == wanted
            assert sorted(os.sched_getaffinity(free)) == sorted(os.sched_getaffinity(0)) == allowed
    finally:
        over.set()
        for thread in threads:
            thread.join()


@pytest.mark.skipif(sys.platform != "linux", reason="threads choose their cores on Linux only")
def test_a_running_desk_keeps_its_loop_and_its_writer_together(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/desk.sqlite"
    migrate(url)
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LIANXI_")},
        "LIANXI_TELEGRAM_TOKEN": "1234567:AAH-of-nobody-0123456789", "LIANXI_TELEGRAM_API": "http://127.0.0.1:1",
        "LIANXI_KEY": new_key(), "LIANXI_DATABASE_URL": url, "LIANXI_PORT": "0",
    }  # fmt: skip
    allowed = os.sched_getaffinity(0)
    arguments = [sys.executable, "-m", "bot", "run"]
    with subprocess.Popen(arguments, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as desk:
        assert desk.stdout is not None
        patience = threading.Timer(60, desk.kill)
        patience.start()
        threads: dict[int, set[int]] = {}
        for line in desk.stdout:
            if "poll_failed" in line and not threads:
                threads = {int(thread): os.sched_getaffinity(int(thread)) for thread in os.listdir(f"/proc/{desk.pid}/task")}
                desk.send_signal(signal.SIGTERM)
        patience.cancel()
        assert desk.wait(30) == 0
    loops = threads.pop(desk.pid)
    assert len(loops) == 1
    assert loops in threads.values(), "no other thread shares the loop's core"
    assert len(allowed) == 1 or allowed in threads.values(), "no thread is free"
