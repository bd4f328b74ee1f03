"""Named places where a harness ends the process, to prove that nothing is lost there. Nobody else arms one."""

from __future__ import annotations

import os
import signal

_place = ""
_left = 0


def arm(plan: str) -> None:
    """ "PLACE:N": SIGKILL when the place is passed for the Nth time. Empty: never."""
    global _place, _left
    _place, _, times = plan.partition(":")
    _left = int(times or 1)


def crash(place: str) -> None:
    global _left
    if place == _place:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
