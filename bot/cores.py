"""Loop and writer on one core: they take turns anyhow, and waking another core each time costs more than the turn (docs/decisions/0014)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from threading import Thread


def share(threads: Iterable[Thread], number: int) -> int | None:
    """Keep these running threads, and those they begin later, on one of the cores this process may use, chosen by `number`.

    All others go where they like. Returns the core; None, with nothing changed, where the system has no such thing or one core only.
    """
    if sys.platform != "linux":
        return None
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        return None
    core = allowed[number % len(allowed)]
    for thread in threads:
        if thread.native_id is not None:
            os.sched_setaffinity(thread.native_id, {core})
    return core
