"""One way to bring something in from a file: planned, looked at and asked about, planned again, compared, applied as a whole."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeVar

from conference.model.errors import Misconfigured

if TYPE_CHECKING:
    from storage.unit_of_work import Unit

P = TypeVar("P")
R = TypeVar("R")


def agreed(question: str) -> bool:
    """Only a clear yes is one; no answer at all is none."""
    try:
        return input(f"{question} [y/N] ").strip().casefold() in ("y", "yes", "是", "好")
    except EOFError:
        return False


def bring_in(
    desk: Callable[[], AbstractContextManager[Unit]],
    plan: Callable[[Unit], P],
    ask: Callable[[P], int | None],
    apply: Callable[[Unit, P], R],
    done: Callable[[R], None],
) -> int:
    """The exit code. `ask` shows the plan and says None to go on, else the code to end with; `done` speaks once it is committed.

    The database is not held open while somebody thinks. Raises Misconfigured if the plan is another one afterwards.
    """
    with desk() as unit:
        planned = plan(unit)
    if (code := ask(planned)) is not None:
        return code
    with desk() as unit:
        if plan(unit) != planned:
            raise Misconfigured("the database changed meanwhile: nothing was applied; look at it again")
        result = apply(unit, planned)
    done(result)
    return 0
