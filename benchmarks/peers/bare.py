"""No bot at all: takes an update, answers 200 and sends a fixed message, by hand on uvloop.

Run against it, the driver shows how much it can ask of a bot before it becomes the bottleneck itself.
"""

import asyncio
from typing import cast

import orjson
import uvloop

from benchmarks import wire
from benchmarks.peers import Place, place


class ToTelegram(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own class, not a subclass


class Webhook(asyncio.Protocol):
    def __init__(self, here: Place, telegram: ToTelegram) -> None:
        self._messages = wire.Messages()
        self._telegram = telegram
        self._path = f"/bot{here.token}/sendMessage"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class, not a subclass

    def data_received(self, data: bytes) -> None:
        for _, body in self._messages.feed(data):
            update = orjson.loads(body)
            said = update.get("message") or update["callback_query"]["message"]
            answer = b'{"chat_id":%d,"text":"ok"}' % said["chat"]["id"]
            self._transport.write(wire.answer(b"{}"))
            self._telegram.transport.write(wire.request("127.0.0.1", self._path, answer))


async def serve(here: Place) -> None:
    loop = asyncio.get_running_loop()
    host, port = here.api.removeprefix("http://").split(":")
    _, telegram = await loop.create_connection(ToTelegram, host, int(port))
    server = await loop.create_server(lambda: Webhook(here, telegram), here.host, here.port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(place()))
