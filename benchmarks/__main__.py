"""Speed as ratios, side by side in one run: `python -m benchmarks [name ...] [--repetitions 5] [--json FILE]`.

Nothing here fails because a machine is slow: each goal prints its verdict (target met, floor met, BELOW FLOOR) for a reader to weigh
against the noise that is printed with it. The exit code is 1 only where something could not be measured.
"""

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import actors, answer, delivery, due, enqueue, memory, paced, report, slow_api, start
from benchmarks.bots import Yard
from benchmarks.orders import telegram

BENCHMARKS: dict[str, tuple[str, Callable[[Yard, int], dict[str, Any]]]] = {
    "report": ("one report's conversation over HTTP, 40 people at once", report.run),
    "slow_api": ("the same with 50 ms a call of the Bot API, 200 people at once", slow_api.run),
    "memory": ("memory after 80,000 updates from new chats", memory.run),
    "start": ("start to ready", start.run),
    "actors": ("recognising who speaks among 75,000 people of 3,000 conferences", actors.run),
    "due": ("reminders that fall due at one moment, with 1,000,000 pending", due.run),
    "enqueue": ("a notice to 100,000 people, written in one act", enqueue.run),
    "delivery": ("a notice sent without a limit, beside a client that only sends", delivery.run),
    "answer": ("an answer while a notice to 100,000 people is queued", answer.run),
    "paced": ("a notice under the limit of 30 a second with 50 ms a call", paced.run),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"which ones: {', '.join(BENCHMARKS)} (default: all)")
    parser.add_argument("--repetitions", type=int, default=5, help="interleaved repetitions of each measurement")
    parser.add_argument("--bots", default="", help="only these, by comma: ours_sqlite, ours_pg, echo, ptb")
    parser.add_argument("--json", type=Path, help="write every figure there as well")
    wishes = parser.parse_args()
    if unknown := set(wishes.names) - BENCHMARKS.keys():
        parser.error(f"no benchmark named {', '.join(sorted(unknown))}; there are: {', '.join(BENCHMARKS)}")
    # A plain SIGTERM would end this process without the blocks that stop the bots.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    results: dict[str, Any] = {"machine": machine()}
    print(" · ".join(f"{name} {value}" for name, value in results["machine"].items()))
    failed = False
    for name in wishes.names or BENCHMARKS:
        title, run = BENCHMARKS[name]
        print(f"\n{name}: {title}", flush=True)
        # A Telegram and a folder for each, so that none finds what another has left.
        with telegram() as played, tempfile.TemporaryDirectory(prefix="lianxi-bench-") as folder:
            try:
                results[name] = run(Yard(played, Path(folder), frozenset(filter(None, wishes.bots.split(",")))), wishes.repetitions)
            except Exception:  # noqa: BLE001 - told in full, and the other benchmarks are still worth their minutes
                failed = True
                traceback.print_exc(file=sys.stdout)
        sys.stdout.flush()
        if wishes.json is not None:
            wishes.json.write_text(json.dumps(results, indent=1, ensure_ascii=False))
    return int(failed)


def machine() -> dict[str, Any]:
    return {"python": platform.python_version(), "processors": os.cpu_count(), "system": platform.platform(terse=True)}


if __name__ == "__main__":
    sys.exit(main())
