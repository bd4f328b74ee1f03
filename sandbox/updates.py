"""Methods by which a bot hears: long polling and webhooks."""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from sandbox.accounts import Bot, Webhook
from sandbox.calls import Call
from sandbox.errors import Refusal, bad_request

LONGEST_POLL = 50
WEBHOOK_ACTIVE = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
TWO_POLLERS = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_CAME = "Conflict: terminated by setWebhook request"


async def get_updates(call: Call) -> list[dict[str, Any]]:
    """Waiting updates from `offset` on; asking with an offset confirms all before it. Of two who wait, the later one stays."""
    bot, world = call.bot, call.world
    if bot.webhook.url:
        raise Refusal(409, WEBHOOK_ACTIVE)
    end_poll(bot, TWO_POLLERS)
    bot.allow(_allowed(call))
    if not bot.polled:
        bot.polled = True
        world.bot_changed(bot)
    _confirm(bot, call.integer("offset"))
    world.bell.ring()
    limit = min(max(call.integer("limit", 100), 1), 100)
    loop = asyncio.get_running_loop()
    end = loop.time() + min(max(call.integer("timeout"), 0), LONGEST_POLL)
    line = bot.poll = object()
    try:
        while True:
            if bot.poll is not line:
                raise Refusal(409, bot.poll_ended_by)
            bot.forget_expired(world.clock.now())
            if bot.updates or (left := end - loop.time()) <= 0 or world.closing:
                return _first(bot, limit)
            await bot.arrived.wait(left)
    finally:
        if bot.poll is line:
            bot.poll = None


def end_poll(bot: Bot, why: str) -> None:
    if bot.poll is not None:
        bot.poll, bot.poll_ended_by = None, why
        bot.arrived.ring()


def _first(bot: Bot, limit: int) -> list[dict[str, Any]]:
    return [update.describe() for update, _ in zip(bot.updates.values(), range(limit), strict=False)]


def _confirm(bot: Bot, offset: int) -> None:
    if offset > 0:
        bot.confirm(offset)
    elif offset < 0 and len(bot.updates) > -offset:
        bot.confirm(list(bot.updates)[offset])


def _allowed(call: Call) -> list[str] | None:
    kinds = call.json("allowed_updates") if "allowed_updates" in call.params else None
    if kinds is None:
        return None
    if not isinstance(kinds, Sequence) or isinstance(kinds, str):
        raise bad_request("can't parse allowed updates: expected an Array of strings")
    return [str(kind) for kind in kinds]


def set_webhook(call: Call) -> bool:
    url, secret = call.text("url"), call.text("secret_token")
    if not url:
        return delete_webhook(call)
    _check_url(url)
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[\w-]*", secret, re.ASCII):
        raise bad_request("secret token contains illegal characters")
    bot = call.bot
    bot.allow(_allowed(call))
    end_poll(bot, WEBHOOK_CAME)
    if call.flag("drop_pending_updates"):
        bot.updates.clear()
    connections = min(max(call.integer("max_connections", 40), 1), 100)
    same = bot.webhook.url == url
    bot.webhook = Webhook(url, secret, connections, ip=str(urlsplit(url).hostname))
    call.world.on_webhook(bot)
    call.world.bot_changed(bot)
    call.note = "Webhook is already set" if same else "Webhook was set"
    return True


def _check_url(url: str) -> None:
    """Telegram wants HTTPS. This sandbox delivers to this machine only, and takes plain HTTP there."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    try:
        here = parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        here = False
    if not here:
        raise bad_request("bad webhook: the sandbox delivers to this machine only (127.0.0.1 or localhost)")


def delete_webhook(call: Call) -> bool:
    bot = call.bot
    had = bool(bot.webhook.url)
    bot.webhook = Webhook()
    if call.flag("drop_pending_updates"):
        bot.updates.clear()
    if had:
        call.world.on_webhook(bot)
        call.world.bot_changed(bot)
    call.note = "Webhook was deleted" if had else "Webhook is already deleted"
    return True


def get_webhook_info(call: Call) -> dict[str, Any]:
    bot, hook = call.bot, call.bot.webhook
    bot.forget_expired(call.world.clock.now())
    about: dict[str, Any] = {"url": hook.url, "has_custom_certificate": False, "pending_update_count": len(bot.updates)}
    if hook.url:
        about |= {"max_connections": hook.connections, "ip_address": hook.ip}
        if hook.last_error_at is not None:
            about |= {"last_error_date": int(hook.last_error_at.timestamp()), "last_error_message": hook.last_error}
    if bot.allowed is not None:
        about["allowed_updates"] = sorted(bot.allowed)
    return about
