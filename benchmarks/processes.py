"""Starting bots as processes and reading what they use."""

import contextlib
import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no types

ROOT = Path(__file__).resolve().parents[1]
START_TIMEOUT = 60.0
"""Seconds after which a bot that is not ready is given up; the slowest start seen took about 5."""
STOP_TIMEOUT = 15.0
POLL = 0.005
"""Seconds between two looks for readiness: a hundredth of the fastest start measured."""
OWN_GROUP = 0
"""Ctrl-C then reaches the runner only, which stops everybody in order."""
TAIL = 30
"""Lines of its log shown of a bot that died."""


@dataclass(frozen=True)
class Running:
    pid: int
    port: int
    seconds: float
    """From the start of the process to its readiness."""


def tree(pid: int) -> list[psutil.Process]:
    """The process and all it has started, so that nobody hides work in a child; empty once it is gone."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def cpu_seconds(pid: int) -> float:
    """User and system time used so far, of the process and of its children, living or waited for."""
    total = 0.0
    for process in tree(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            used = process.cpu_times()
            total += used.user + used.system + used.children_user + used.children_system
    return total


def rss_bytes(pid: int) -> int:
    """Resident memory of the process and its children; what they share is counted in each."""
    total = 0
    for process in tree(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += process.memory_info().rss
    return total


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(command: Sequence[str], env: Mapping[str, str], port: int, log: Path, ready_path: str | None) -> Iterator[Running]:
    """The command as a process, from its readiness to the end of the block.

    Ready is a 200 at `ready_path`, or, without one, a port that accepts. Raises with the log's end if it never gets there.
    """
    # What the developer's own shell says to a bot of theirs is not meant for this one.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LIANXI_")}
    with log.open("wb") as printed:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**inherited, **env},
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            process_group=OWN_GROUP,
        )
        try:
            while not _is_ready(port, ready_path):
                if process.poll() is not None:
                    raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{tail(log)}")
                if time.perf_counter() - started > START_TIMEOUT:
                    raise RuntimeError(f"{' '.join(command)} was not ready after {START_TIMEOUT:.0f} s:\n{tail(log)}")
                time.sleep(POLL)
            yield Running(process.pid, port, time.perf_counter() - started)
        finally:
            process.terminate()
            try:
                process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                print(f"!! {' '.join(command)} did not stop within {STOP_TIMEOUT:.0f} s of SIGTERM and was killed")
                process.kill()
                process.wait()


def _is_ready(port: int, path: str | None) -> bool:
    try:
        if path is None:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=1)) as connection:
            connection.request("GET", path)
            return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False


def tail(log: Path) -> str:
    """The last lines a bot printed."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-TAIL:])
