"""Answers of the Bot API that are not what the bot hoped for, worded as the real server words them."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """`{"ok": false, "error_code": code, "description": …, "parameters": …}` with the same HTTP status."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad_request(what: str, **parameters: Any) -> Refusal:
    return Refusal(400, f"Bad Request: {what}", **parameters)


def forbidden(what: str) -> Refusal:
    return Refusal(403, f"Forbidden: {what}")


def too_many(seconds: int) -> Refusal:
    return Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


class NoSuchThing(LookupError):
    """A person, chat, message or button that whoever drives the people asked for and that is not there."""
