"""python-telegram-bot with a ConversationHandler that outlives a restart (PicklePersistence), fed by a webhook of our own.

The conversation has the shape of the script's loop: the first step enters it, each further one answers a question, the last ends it.
A webhook of one's own that feeds `update_queue` is what its documentation shows for bots that bring their own web server.
"""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import web
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    BaseHandler,
    CallbackContext,
    CallbackQueryHandler,
    CommandHandler,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)

from benchmarks.conversation import Script, Step, for_a_conversation_of_a_peer
from benchmarks.peers import WEBHOOK_PATH, Place, place

SAVE_EVERY = 1.0
"""Seconds between two savings, and so what a crash costs. The default of 60 would be faster and lose a minute of reports;
nothing this library offers loses as little as a commit before each 200."""

Callback = Callable[[Update, CallbackContext[Any, Any, Any, Any]], Coroutine[Any, Any, int]]
Handler = BaseHandler[Update, CallbackContext[Any, Any, Any, Any], object]


def taking(script: Script, number: int) -> Callback:
    """What is done at the step of that number: keep the answer, put the next question."""
    following = script.loop[number + 1] if number + 1 < len(script.loop) else None

    async def take(update: Update, context: CallbackContext[Any, Any, Any, Any]) -> int:
        if update.callback_query is not None:
            await update.callback_query.answer()
        assert context.user_data is not None
        assert update.effective_chat is not None
        message = update.effective_message
        context.user_data[f"answer {number}"] = update.callback_query.data if update.callback_query else message and message.text
        buttons = None
        if following is not None and following.kind == "press":
            buttons = InlineKeyboardMarkup([[InlineKeyboardButton(str(i), callback_data=f"{number}:{i}")] for i in range(4)])
        await update.effective_chat.send_message("已登记。" if following is None else f"请回答第 {number + 1} 题：", reply_markup=buttons)
        return ConversationHandler.END if following is None else number + 1

    return take


def handler(step: Step, callback: Callback) -> Handler:
    if step.kind == "press":
        return CallbackQueryHandler(callback)
    if (words := str(step.payload)).startswith("/"):
        return CommandHandler(words.removeprefix("/"), callback)
    return MessageHandler(filters.TEXT, callback)


async def serve(here: Place) -> None:
    script = for_a_conversation_of_a_peer()
    handlers = [handler(step, taking(script, number)) for number, step in enumerate(script.loop)]
    conversation = ConversationHandler(
        entry_points=[handlers[0]],
        states={number: [answering] for number, answering in enumerate(handlers) if number},
        fallbacks=[],
        allow_reentry=True,
        name="report",
        persistent=True,
    )
    bot = (
        Application.builder()
        .token(here.token)
        .base_url(f"{here.api}/bot")
        .updater(None)
        .persistence(PicklePersistence(here.folder / "conversations.pickle", update_interval=SAVE_EVERY))
        .build()
    )
    bot.add_handler(conversation)

    async def webhook(request: web.Request) -> web.Response:
        if request.headers.get("X-Telegram-Bot-Api-Secret-Token") != here.secret:
            return web.Response(status=403)
        await bot.update_queue.put(Update.de_json(await request.json(), bot.bot))
        return web.Response()

    app = web.Application()
    app.router.add_post(WEBHOOK_PATH, webhook)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with bot:
        await bot.start()
        await bot.bot.set_webhook(here.webhook, secret_token=here.secret)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, here.host, here.port).start()
        await stop.wait()
        await runner.cleanup()
        await bot.stop()


if __name__ == "__main__":
    asyncio.run(serve(place()))
