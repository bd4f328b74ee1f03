"""An aiohttp client that sends so many messages and knows nothing of who they are for: what a notice costs at the least."""

import asyncio
import sys

import aiohttp
import orjson

from benchmarks.peers import Place, place

UNDER_WAY = 64
"""As many as our delivery has."""
TEXT = "📨 <b>通知2026-1</b>\n<b>关于做好冬季关爱行动的通知</b>\n请在12月10日（周四）23:59前签收。"
MARKUP = {"inline_keyboard": [[{"text": "查看通知", "callback_data": "x" * 24}]]}


async def send(here: Place, first: int, count: int) -> None:
    chats = iter(range(first, first + count))
    url = f"{here.api}/bot{here.token}/sendMessage"

    async def one_after_another(session: aiohttp.ClientSession) -> None:
        for chat in chats:
            said = {"chat_id": chat, "text": TEXT, "parse_mode": "HTML", "protect_content": True, "reply_markup": MARKUP}
            async with session.post(url, data=orjson.dumps(said)) as response:
                assert orjson.loads(await response.read())["ok"]

    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=UNDER_WAY), headers=headers) as session:
        await asyncio.gather(*(one_after_another(session) for _ in range(UNDER_WAY)))


if __name__ == "__main__":
    asyncio.run(send(place(), int(sys.argv[1]), int(sys.argv[2])))
