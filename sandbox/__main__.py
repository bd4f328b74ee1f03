"""`python -m sandbox --port P [--panel URL]`"""

from __future__ import annotations

import argparse

from sandbox.server import run

parser = argparse.ArgumentParser(prog="sandbox", description="A Telegram Bot API server on this machine, with people of its own.")
parser.add_argument("--port", type=int, default=8081, help="where to listen on 127.0.0.1 (0: any free port)")
parser.add_argument("--panel", default=None, metavar="URL", help="where the bot behind shows itself as JSON")

if __name__ == "__main__":
    given = parser.parse_args()
    run(given.port, given.panel)
