"""A Bot API and its people in one process, light enough never to be what is measured: `python -m benchmarks.telegram`.

It prints its port, answers `POST /bot<token>/<method>` in any of the three encodings, and carries out what is posted to
`/orders` (`orders.Order`), one after another. `/watch` (`tally.Watch`) lets it count what one bot sends, `/seen` tells the count.
It believes what a bot says: no rights, no check of markup, and no limit but one that a watch names.
That one process plays both sides keeps the two ends of a step on one clock.
"""

import asyncio
import gc
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import cast

import orjson
import uvloop

from benchmarks import wire
from benchmarks.orders import Order, order_from
from benchmarks.people import Population, Run
from benchmarks.tally import Tally, Watch

TRUE = b'{"ok":true,"result":true}'
OK = b'{"ok":true,"result":%s}'
TOO_MANY = b'{"ok":false,"error_code":429,"description":"Too Many Requests: retry after %d","parameters":{"retry_after":%d}}'
NOT_HERE = b'{"ok":false,"error_code":404,"description":"Not Found: the stand-in of the benchmarks does not answer this"}'
PRIVATE_CHAT = b'{"id":%d,"type":"private","first_name":"\xe7\xbe\xa4\xe4\xbc\x97"}'

QUIET_SENDS = frozenset({"sendChatAction", "sendMessageDraft"})
"""Methods that are named like a message but leave none."""


@dataclass
class Bot:
    """What the stand-in knows of one bot, found by its token."""

    identity: bytes
    population: Population
    latency: float = 0.0
    webhook: str = ""
    run: Run | None = None
    tally: Tally | None = None

    def says(self, chat: int, message: int, text: str, markup: str | None) -> None:
        if self.tally is not None:
            self.tally.saw(chat)
        self.population.keep(chat, message, text, markup)
        if self.run is not None:
            self.run.saw(chat, text)


class Api:
    """The Bot API's side: every bot and the message numbers."""

    def __init__(self) -> None:
        self.bots: dict[str, Bot] = {}
        self.methods: dict[str, Counter[str]] = defaultdict(Counter)
        self.last_message = 0

    def bot(self, token: str) -> Bot:
        if token not in self.bots:
            number = int(token.split(":")[0])
            identity = b'{"id":%d,"is_bot":true,"first_name":"\xe8\x81\x94\xe5\xb8\xad","username":"lianxi_bench_bot"}' % number
            self.bots[token] = Bot(identity, Population(identity, self.next_message))
        return self.bots[token]

    def next_message(self) -> int:
        self.last_message += 1
        return self.last_message

    def answer(self, bot: Bot, method: str, said: dict[str, str]) -> tuple[bytes, Callable[[], None] | None]:
        """The result of the call, and what the person sees when it is delivered."""
        if method.startswith("send") and method not in QUIET_SENDS:
            return self._message(bot, said, self.next_message())
        if method.startswith("editMessage"):
            return self._message(bot, said, int(said["message_id"]))
        match method:
            case "getMe":
                capabilities = b'"can_join_groups":true,"can_read_all_group_messages":false,"supports_inline_queries":false'
                return OK % (bot.identity[:-1] + b"," + capabilities + b"}"), None
            case "setWebhook":
                bot.webhook = said["url"]
            case "deleteWebhook":
                bot.webhook = ""
            case "getWebhookInfo":
                info = {"url": bot.webhook, "has_custom_certificate": False, "pending_update_count": 0}
                return OK % orjson.dumps(info), None
            case "getUpdates" | "getMyCommands":
                return OK % b"[]", None
            case "copyMessage":
                return OK % b'{"message_id":%d}' % self.next_message(), None
            case _ if method.startswith("get"):
                return NOT_HERE, None
        return TRUE, None

    def _message(self, bot: Bot, said: dict[str, str], number: int) -> tuple[bytes, Callable[[], None]]:
        chat = int(said["chat_id"])
        text = said.get("text") or said.get("caption") or ""
        markup = said.get("reply_markup")
        if markup is not None and '"inline_keyboard"' not in markup:
            markup = None  # a reply keyboard lies under the input field, not at the message
        result = b'{"message_id":%d,"from":%s,"chat":%s,"date":%d,"text":%s%s}' % (
            number,
            bot.identity,
            PRIVATE_CHAT % chat,
            int(time.time()),
            orjson.dumps(text),
            b"" if markup is None else b',"reply_markup":' + markup.encode(),
        )
        return OK % result, lambda: bot.says(chat, number, text, markup)


class Connection(asyncio.Protocol):
    """One keep-alive connection of a bot, or of the runner."""

    def __init__(self, api: Api, orders: "asyncio.Queue[tuple[Order, Connection]]") -> None:
        self._api = api
        self._orders = orders
        self._messages = wire.Messages()
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class, not a subclass

    def data_received(self, data: bytes) -> None:
        for head, body in self._messages.feed(data):
            target = head.split(b" ", 2)[1].decode()
            if target == "/orders":
                self._orders.put_nowait((order_from(orjson.loads(body)), self))
                continue
            if target == "/watch":
                watch = Watch(**orjson.loads(body))
                bot = self._api.bot(watch.token)
                bot.latency, bot.tally = watch.latency, Tally(watch)
                self.write(TRUE)
                continue
            if target == "/seen":
                tally = self._api.bot(orjson.loads(body)["token"]).tally
                self.write(orjson.dumps(None if tally is None else tally.seen()))
                continue
            called = target.partition("?")[0].split("/")
            if len(called) != 3 or not called[1].startswith("bot"):
                self.write(NOT_HERE, b"404 Not Found")
                continue
            self._call(called[1].removeprefix("bot"), called[2], wire.fields(head, body))

    def _call(self, token: str, method: str, said: dict[str, str]) -> None:
        bot = self._api.bot(token)
        self._api.methods[token][method] += 1
        if bot.tally is not None and method.startswith("send") and method not in QUIET_SENDS and (wait := bot.tally.refuses()):
            self._loop.call_later(bot.latency, self.write, TOO_MANY % (wait, wait), b"429 Too Many Requests")
            return
        result, delivered = self._api.answer(bot, method, said)
        status = b"404 Not Found" if result is NOT_HERE else b"200 OK"
        if bot.latency:
            self._loop.call_later(bot.latency, self._deliver, result, status, delivered)
        else:
            self._deliver(result, status, delivered)

    def _deliver(self, result: bytes, status: bytes, delivered: Callable[[], None] | None) -> None:
        self.write(result, status)
        if delivered is not None:
            delivered()

    def write(self, body: bytes, status: bytes = b"200 OK") -> None:
        if not self._transport.is_closing():
            self._transport.write(wire.answer(body, status))


async def serve() -> None:
    api = Api()
    orders: asyncio.Queue[tuple[Order, Connection]] = asyncio.Queue()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(api, orders), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    while True:
        order, runner = await orders.get()
        bot = api.bot(order.token)
        calls_before = Counter(api.methods[order.token])
        bot.latency = order.latency
        bot.run = Run(order, bot.population)
        try:
            outcome = asdict(await bot.run.play())
        except OSError as trouble:
            runner.write(f"the bot at {order.webhook} cannot be reached: {trouble}".encode(), b"502 Bad Gateway")
            continue
        finally:
            bot.latency, bot.run = 0.0, None
        outcome["methods"] = dict(api.methods[order.token] - calls_before)
        runner.write(orjson.dumps(outcome))


if __name__ == "__main__":
    # Nothing here makes cycles worth collecting, and a pause of this process would be booked on the bot.
    gc.disable()
    uvloop.run(serve())
