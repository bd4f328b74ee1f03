"""A bare aiogram echo behind a webhook, everything at its default: it stores nothing and is the measure of what HTTP and aiogram cost.

The one thing not at its default is `handle_in_background=False`: the default answers 200 before the work is done and loses it in a crash.
"""

from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

from benchmarks.peers import WEBHOOK_PATH, Place, place


async def echo(message: Message) -> None:
    await message.answer(message.text or "")


def application(here: Place) -> web.Application:
    router = Router()
    router.message.register(echo, F.text)
    dispatcher = Dispatcher()
    dispatcher.include_router(router)
    bot = Bot(here.token, session=AiohttpSession(api=TelegramAPIServer.from_base(here.api)))

    async def announce(bot: Bot) -> None:
        await bot.set_webhook(here.webhook, secret_token=here.secret)

    dispatcher.startup.register(announce)
    app = web.Application()
    SimpleRequestHandler(dispatcher, bot, handle_in_background=False, secret_token=here.secret).register(app, path=WEBHOOK_PATH)
    setup_application(app, dispatcher, bot=bot)
    return app


if __name__ == "__main__":
    here = place()
    web.run_app(application(here), host=here.host, port=here.port, print=None)
