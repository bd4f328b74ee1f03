"""The way in: an update is stored and committed before anybody is told that it arrived.

aiogram's own polling and its webhook handler acknowledge before the work and lose updates when killed (docs/decisions/0002);
neither is used. Nothing is ever answered inside a webhook's reply.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
import structlog
from aiohttp import web

from conference.model.permissions import Action
from storage.inbox import Arrival

from .crash import crash
from .doors import serves
from .metrics import Metrics
from .telegram import AnswerLost, Refused, Telegram, TelegramError, Unreached
from .worker import DatabaseAway, Desk

log = structlog.get_logger("intake")

MAX_BODY = 1024 * 1024  # bytes; Telegram's updates are a few kilobytes
POLL_WAIT = 25  # seconds of a long poll
RETRY_AFTER = "5"  # seconds, asked of the channel while the database is away


class Conflict(Exception):
    """Another program fetches this bot's updates, or a webhook is set: going on would split them between two."""


def as_arrival(bot: int, body: bytes) -> Arrival:
    """Raises ValueError for anything that is not an update."""
    update = orjson.loads(body)
    if not isinstance(update, dict) or not isinstance(update.get("update_id"), int) or isinstance(update["update_id"], bool):
        raise ValueError("not an update")
    if not 0 <= update["update_id"] < 2**63:
        raise ValueError("not an update id")
    return Arrival(bot, update["update_id"], _sender(update), body)


def _sender(update: dict[str, Any]) -> int:
    """The numeric id by which updates are kept in order: the person, else the chat, else nobody's."""
    for name, event in update.items():
        if name == "update_id" or not isinstance(event, dict):
            continue
        for holder in (event.get("from"), event.get("chat"), event.get("user")):
            if isinstance(holder, dict) and isinstance(holder.get("id"), int):
                return int(holder["id"])
    return 0


class Webhook:
    """Answers 200 only after the commit; 401, 413, 400 for what is not Telegram's, 503 while the database is away; never 500."""

    def __init__(self, desk: Desk, bot_id: int, secret: str, metrics: Metrics) -> None:
        self._desk = desk
        self._bot_id = bot_id
        self._secret = secret.encode()
        self._metrics = metrics

    @serves(Action.HAND_OVER_UPDATES)
    async def receive(self, request: web.Request) -> web.Response:
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not self._secret or not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self._secret):
            return web.Response(status=401)
        if (request.content_length or 0) > MAX_BODY:
            return web.Response(status=413)
        try:
            body = await self._read(request)
        except (OSError, asyncio.IncompleteReadError, web.HTTPException, web.RequestPayloadError, ValueError):
            return web.Response(status=400)
        if body is None:
            return web.Response(status=413)
        try:
            arrival = as_arrival(self._bot_id, body)
        except ValueError:
            return web.Response(status=400)
        try:
            await self._desk.store([arrival])
        except DatabaseAway:
            return web.Response(status=503, headers={"Retry-After": RETRY_AFTER})
        except Exception as error:
            log.error("not_stored", update_id=arrival.update_id, error=type(error).__name__, exc_info=error)
            self._metrics.alarms.labels("not_stored").inc()
            return web.Response(status=503, headers={"Retry-After": RETRY_AFTER})
        crash("before_200")
        return web.Response(status=200)

    @staticmethod
    async def _read(request: web.Request) -> bytes | None:
        """The body, or None once it is larger than allowed."""
        chunks, size = [], 0
        async for chunk in request.content.iter_any():
            size += len(chunk)
            if size > MAX_BODY:
                return None
            chunks.append(chunk)
        return b"".join(chunks)


class Polling:
    """Fetches updates; the offset moves only after they are committed."""

    def __init__(self, desk: Desk, telegram: Telegram, allowed_updates: Sequence[str]) -> None:
        self._desk = desk
        self._telegram = telegram
        self._allowed = list(allowed_updates)
        self._offset = 0

    async def run(self) -> None:
        pause = 0.5
        while True:
            try:
                updates = await self._fetch()
                if updates:
                    await self._desk.store([as_arrival(self._telegram.bot_id, orjson.dumps(update)) for update in updates])
                    crash("before_offset")
                    self._offset = max(update["update_id"] for update in updates) + 1
                pause = 0.5
            except DatabaseAway:
                await asyncio.sleep(float(RETRY_AFTER))
            except Refused as error:
                if error.code == 409:
                    raise Conflict(f"{error}: stop the other program, or `lianxi doctor` to see what is set") from error
                pause = await self._rest(error, error.retry_after or pause)
            except (Unreached, AnswerLost) as error:
                pause = await self._rest(error, pause)

    async def _fetch(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self._telegram.call(
            "getUpdates", wait=POLL_WAIT, offset=self._offset, timeout=POLL_WAIT, limit=100, allowed_updates=self._allowed
        )
        return found

    async def _rest(self, error: TelegramError, pause: float) -> float:
        log.warning("poll_failed", error=str(error), pause=pause)
        await asyncio.sleep(pause)
        return min(60.0, pause * 2)


async def point_webhook(telegram: Telegram, url: str, secret: str, allowed_updates: Iterable[str]) -> None:
    """Make Telegram call us, keeping what waits there. The webhook is never deleted when we stop: a second instance may serve it."""
    await telegram.call("setWebhook", url=url, secret_token=secret, allowed_updates=list(allowed_updates), max_connections=40)
