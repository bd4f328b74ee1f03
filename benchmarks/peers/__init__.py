"""Bots to measure beside ours, each a program of its own, told where it lives by the environment (`Place`)."""

import os
from dataclasses import dataclass
from pathlib import Path

WEBHOOK_PATH = "/webhook"


@dataclass(frozen=True)
class Place:
    token: str
    api: str
    """The Bot API's address, without a slash at its end."""
    host: str
    port: int
    secret: str
    folder: Path
    """For what the bot wants to keep."""

    @property
    def webhook(self) -> str:
        return f"http://{self.host}:{self.port}{WEBHOOK_PATH}"

    def environment(self) -> dict[str, str]:
        return {f"PEER_{name.upper()}": str(value) for name, value in vars(self).items()}


def place() -> Place:
    """Where this process was told to live."""
    told = os.environ
    return Place(
        token=told["PEER_TOKEN"],
        api=told["PEER_API"],
        host=told["PEER_HOST"],
        port=int(told["PEER_PORT"]),
        secret=told["PEER_SECRET"],
        folder=Path(told["PEER_FOLDER"]),
    )
