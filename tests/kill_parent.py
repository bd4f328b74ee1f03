"""The warm parent of the kill harness: imports everything once, then forks a bot for each life it is asked for."""

from __future__ import annotations

import gc
import os
import sys

from bot.aiogram_start import start_aiogram

start_aiogram()

from bot import bootstrap, commands, crash  # noqa: E402 -- nothing may import aiogram before start_aiogram

assert bootstrap is not None


def main() -> None:
    """Lines on standard input: `start PLAN` answers the pid, `pid` the same again, `wait` the exit status."""
    import argparse

    _warm_up()
    pid = 0
    gc.freeze()
    for line in sys.stdin:
        order, _, plan = line.strip().partition(" ")
        if order == "start":
            sys.stdout.flush()
            pid = os.fork()
            if pid == 0:
                crash.arm(plan)
                os._exit(commands.run(argparse.Namespace()))
            print(pid, flush=True)
        elif order == "pid":
            print(pid, flush=True)
        elif order == "wait":
            _, status = os.waitpid(pid, 0)
            print(os.waitstatus_to_exitcode(status), flush=True)


def _warm_up() -> None:
    """Build the models that the first update would build."""
    from aiogram.types import Update

    person = {"id": 1, "is_bot": False, "first_name": "x"}
    message = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "from": person, "text": "x"}
    Update.model_validate({"update_id": 1, "message": message})
    Update.model_validate(
        {"update_id": 1, "callback_query": {"id": "1", "from": person, "chat_instance": "1", "data": "x", "message": message}}
    )


if __name__ == "__main__":
    main()
