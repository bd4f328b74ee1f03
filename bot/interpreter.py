"""How a desk that serves sets its interpreter, and where its threads run."""

from __future__ import annotations

import gc
import os
import secrets
import sys
import threading
from collections.abc import Iterable
from threading import Thread

import structlog

log = structlog.get_logger("lianxi")

YOUNG = 2_000  # objects made since the last search for garbage: Python's 700 cost 4 % of all time, more than this keeps more memory
SWITCH = 0.0005  # seconds: loop and writer each go on after waiting for the other so long; Python's 5 ms are a tenth of an answer's time


def settle(writer: Thread) -> None:
    """Once all is loaded and the writer runs: from the main thread, which runs the loop."""
    gc.freeze()  # a full collection would stop everybody for as long as it looks through all that was loaded
    gc.set_threshold(YOUNG)
    gc.enable()
    sys.setswitchinterval(SWITCH)
    log.info("settled", core=share_a_core([threading.main_thread(), writer], secrets.randbits(16)))


def share_a_core(threads: Iterable[Thread], number: int) -> int | None:
    """Keep these running threads, and those they begin later, on one of the cores this process may use, chosen by `number`.

    The loop and the writer take turns anyhow, and waking another core each time costs more than the turn (docs/decisions/0014).
    All others go where they like. Returns the core; None where the system has one core only, has no such thing, or does not allow it.
    """
    if sys.platform != "linux":
        return None
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        return None
    core = allowed[number % len(allowed)]
    try:
        for thread in threads:
            if thread.native_id is not None:
                os.sched_setaffinity(thread.native_id, {core})
    except OSError:  # a container's filter: a desk runs without it as well
        return None
    return core
