"""The Bot API over HTTP: finds the bot and the method, lets the fault plan have its say, keeps the ledger, words the answer."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from aiohttp import web

from sandbox import account, changing, sending, updates
from sandbox.accounts import Bot
from sandbox.calls import Call, Upload
from sandbox.errors import Refusal
from sandbox.faults import Faults, Rule
from sandbox.ledger import ANSWER_LOST, REFUSED, Entry, Ledger
from sandbox.limits import Limits
from sandbox.world import World

log = logging.getLogger("sandbox")

Method = Callable[[Call], Any] | Callable[[Call], Awaitable[Any]]

# What a person sees or stops seeing: these go into the ledger.
SHOWING: dict[str, Method] = {
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendDocument": sending.send_document,
    "sendVoice": sending.send_voice,
    "sendVideo": sending.send_video,
    "sendAudio": sending.send_audio,
    "sendAnimation": sending.send_animation,
    "sendSticker": sending.send_sticker,
    "sendLocation": sending.send_location,
    "sendContact": sending.send_contact,
    "sendMediaGroup": sending.send_media_group,
    "copyMessage": sending.copy_message,
    "forwardMessage": sending.forward_message,
    "editMessageText": changing.edit_message_text,
    "editMessageCaption": changing.edit_message_caption,
    "editMessageReplyMarkup": changing.edit_message_reply_markup,
    "deleteMessage": changing.delete_message,
    "deleteMessages": changing.delete_messages,
    "answerCallbackQuery": changing.answer_callback_query,
}
QUIET: dict[str, Method] = {
    "getMe": account.get_me,
    "getUpdates": updates.get_updates,
    "setWebhook": updates.set_webhook,
    "deleteWebhook": updates.delete_webhook,
    "getWebhookInfo": updates.get_webhook_info,
    "sendChatAction": account.send_chat_action,
    "setMyCommands": account.set_my_commands,
    "getMyCommands": account.get_my_commands,
    "deleteMyCommands": account.delete_my_commands,
    "setMyName": account.set_my_name,
    "getMyName": account.get_my_name,
    "setMyDescription": account.set_my_description,
    "getMyDescription": account.get_my_description,
    "setMyShortDescription": account.set_my_short_description,
    "getMyShortDescription": account.get_my_short_description,
    "setChatMenuButton": account.set_chat_menu_button,
    "getChatMenuButton": account.get_chat_menu_button,
    "getFile": account.get_file,
    "getChat": account.get_chat,
    "getChatMember": account.get_chat_member,
    "getChatAdministrators": account.get_chat_administrators,
    "getChatMemberCount": account.get_chat_member_count,
    "leaveChat": account.leave_chat,
}
METHODS = {name.lower(): (name, function, name in SHOWING) for name, function in (SHOWING | QUIET).items()}


class Api:
    def __init__(self, world: World, ledger: Ledger, faults: Faults, limits: Limits) -> None:
        self.world, self.ledger, self.faults, self.limits = world, ledger, faults, limits
        self.unknown_methods: set[str] = set()

    async def call_over_http(self, request: web.Request) -> web.StreamResponse:
        """`/bot<token>/<method>`"""
        try:
            bot = self._bot(request.match_info["token"])
            params, uploads = await _read(request)
        except Refusal as refusal:
            return _refused(refusal)
        method = request.match_info["method"].lower()
        fault = self.faults.strike(method, _chat_id(params)) if self.faults.rules else None
        if fault is None:
            return await self._answer(bot, method, params, uploads)
        return await self._stricken(request, fault, bot, method, params, uploads)

    async def download(self, request: web.Request) -> web.StreamResponse:
        """`/file/bot<token>/<path>`"""
        try:
            self._bot(request.match_info["token"])
        except Refusal as refusal:
            return _refused(refusal)
        file = self.world.files.at(request.match_info["path"])
        if file is None or file.gone or file.too_big:
            return _refused(Refusal(404, "Not Found"))
        return web.Response(body=file.read(), content_type="application/octet-stream")

    def _bot(self, token: str) -> Bot:
        head, colon, _ = token.partition(":")
        if not colon or not head.isdecimal():
            raise Refusal(404, "Not Found")
        if (bot := self.world.bot_by_token(token)) is None:
            raise Refusal(401, "Unauthorized")
        return bot

    async def _answer(self, bot: Bot, method: str, params: dict[str, Any], uploads: dict[str, Upload]) -> web.Response:
        call, result = await self.carry_out(bot, method, params, uploads)
        if isinstance(result, Refusal):
            return _refused(result)
        answer = {"ok": True, "result": result}
        if call is not None and call.note is not None:
            answer["description"] = call.note
        return _json(answer)

    async def carry_out(
        self, bot: Bot, method: str, params: dict[str, Any], uploads: dict[str, Upload] | None = None
    ) -> tuple[Call | None, Any]:
        """The call and its result; a Refusal is a result too."""
        if (known := METHODS.get(method.lower())) is None:
            self.unknown_methods.add(method)
            log.error("the bot called %r, which the sandbox does not know: it was answered 404", method)
            return None, Refusal(404, "Not Found")
        name, function, showing = known
        call = Call(self.world, self.limits, bot, name, params, uploads or {})
        result: Any
        try:
            result = function(call)
            if inspect.isawaitable(result):
                result = await result
        except Refusal as refusal:
            result = refusal
        if showing:
            _complete(self._entry(bot, name, params), call, result)
            self.world.bell.ring()
        return call, result

    def _entry(self, bot: Bot, name: str, params: dict[str, Any]) -> Entry:
        return self.ledger.write(self.world.clock.now(), bot.id, bot.username, name, _chat_id(params), params)

    async def _stricken(
        self, request: web.Request, fault: Rule, bot: Bot, method: str, params: dict[str, Any], uploads: dict[str, Upload]
    ) -> web.StreamResponse:
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            return await self._answer(bot, method, params, uploads)
        if fault.kind == "lose_answer":
            before = self.ledger.last_seq
            await self._answer(bot, method, params, uploads)
            for entry in self.ledger.entries(after=before):
                if entry.params is params and entry.outcome != REFUSED:
                    entry.outcome = ANSWER_LOST
            return _hang_up(request)
        if fault.kind == "refuse":
            self._refused_by_fault(bot, method, params, "connection closed without an answer", None)
            return _hang_up(request)
        if fault.kind == "too_many":
            seconds = max(1, round(fault.seconds))
            refusal = Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        else:
            refusal = Refusal(fault.code, fault.description)
        self._refused_by_fault(bot, method, params, refusal.description, refusal.code)
        return _refused(refusal)

    def _refused_by_fault(self, bot: Bot, method: str, params: dict[str, Any], why: str, code: int | None) -> None:
        name, _, showing = METHODS.get(method, (method, None, False))
        if showing:
            entry = self._entry(bot, name, params)
            entry.outcome, entry.error, entry.code, entry.text = REFUSED, why, code, params.get("text")
            self.world.bell.ring()


def _complete(entry: Entry, call: Call, result: Any) -> None:
    entry.chat_id = _chat_id(call.params)
    entry.text = call.shown
    if isinstance(result, Refusal):
        entry.outcome, entry.error, entry.code = REFUSED, result.description, result.code
    elif isinstance(result, dict):
        entry.message_id = result.get("message_id")
    elif isinstance(result, list):
        entry.message_ids = [one["message_id"] for one in result]
        entry.message_id = entry.message_ids[0]
    else:
        entry.message_id = call.integer("message_id") or None


def _chat_id(params: dict[str, Any]) -> int | None:
    try:
        return int(params["chat_id"])
    except (KeyError, TypeError, ValueError):
        return None


async def _read(request: web.Request) -> tuple[dict[str, Any], dict[str, Upload]]:
    """Parameters from the query, a form, multipart or JSON; the body wins."""
    params: dict[str, Any] = dict(request.query) if request.query_string else {}
    uploads: dict[str, Upload] = {}
    if not request.body_exists:
        return params, uploads
    if request.content_type == "application/json":
        body = await request.read()
        try:
            given = orjson.loads(body) if body else {}
        except orjson.JSONDecodeError:
            raise Refusal(400, "Bad Request: can't parse JSON object") from None
        if not isinstance(given, dict):
            raise Refusal(400, "Bad Request: can't parse JSON object: expected an Object")
        return params | given, uploads
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            uploads[name] = Upload(value.filename, value.content_type, value.file.read())
            value.file.close()
        else:
            params[name] = value.decode() if isinstance(value, bytes | bytearray) else value
    return params, uploads


def _json(answer: dict[str, Any], status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(answer), status=status, content_type="application/json")


def _refused(refusal: Refusal) -> web.Response:
    answer: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        answer["parameters"] = refusal.parameters
    return _json(answer, refusal.code)


def _hang_up(request: web.Request) -> web.StreamResponse:
    """Close the connection without an answer; the response below goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
