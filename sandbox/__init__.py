"""A Telegram Bot API server of our own, for exercises, demonstrations and tests. It knows nothing of the bot it serves."""

from sandbox.clock import Clock
from sandbox.errors import NoSuchThing
from sandbox.people import Person, Press, Sent
from sandbox.server import Sandbox, run

__all__ = ["Clock", "NoSuchThing", "Person", "Press", "Sandbox", "Sent", "run"]
