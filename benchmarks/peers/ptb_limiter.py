"""python-telegram-bot with its AIORateLimiter, told by one command to write to 900 people; everything else it answers.

Sending all at once and leaving the pace to the limiter is what its documentation shows.
"""

import asyncio
import signal
from typing import Any

from aiohttp import web
from telegram import Update
from telegram.ext import AIORateLimiter, Application, CallbackContext, CommandHandler, MessageHandler, filters

from benchmarks.peers import WEBHOOK_PATH, Place, place

QUEUED = 900
FIRST = 9_000_001
"""Chats of people who only read."""
TO_ALL = "/notify"

Context = CallbackContext[Any, Any, Any, Any]


async def write_to_all(update: Update, context: Context) -> None:
    for chat in range(FIRST, FIRST + QUEUED):
        context.application.create_task(context.bot.send_message(chat, "通知2026-1：请在12月10日前签收。"))


async def answer(update: Update, context: Context) -> None:
    assert update.effective_chat is not None
    await update.effective_chat.send_message("已登记。")


async def serve(here: Place) -> None:
    bot = Application.builder().token(here.token).base_url(f"{here.api}/bot").updater(None).rate_limiter(AIORateLimiter()).build()
    bot.add_handler(CommandHandler(TO_ALL.removeprefix("/"), write_to_all))
    bot.add_handler(MessageHandler(filters.TEXT, answer))

    async def webhook(request: web.Request) -> web.Response:
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
