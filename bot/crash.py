"""Named places where the kill harness ends the process, to prove that nothing is lost there.

Outside the harness (no LIANXI_CRASH in the environment) `crash` is a function that does nothing.
"""

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


def _crash(place: str) -> None:
    global _left
    if place == _place:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _nothing(place: str) -> None:
    pass


crash = _crash if "LIANXI_CRASH" in os.environ else _nothing
if crash is _crash:
    arm(os.environ["LIANXI_CRASH"])
