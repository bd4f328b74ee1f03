"""What the Bot API client makes of answers, of no answer, and of nobody there: real sockets, real servers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from aiohttp import web

from bot.telegram import AnswerLost, Refused, Telegram, TelegramError, Unreached
from handlers.messages import Upload

TOKEN = "42001:TEST-token_of_the_town_0123456789"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def raw_server(talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[str]:
    """A server below HTTP; the connection is closed when `talk` returns."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def request_of(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(next(line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")))
    return head + await reader.readexactly(length)


@asynccontextmanager
async def telegram_at(base: str, *, timeout: float = 10) -> AsyncIterator[Telegram]:
    telegram = Telegram(TOKEN, base, timeout=timeout)
    await telegram.open()
    try:
        yield telegram
    finally:
        await telegram.close()


async def answered(status: int, body: Any, *, text: str | None = None) -> Any:
    """What one call returns, or the error it raises, when the server answers so."""

    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=status, text=text) if text is not None else web.json_response(body, status=status)

    async with serving(handler) as base, telegram_at(base) as telegram:
        try:
            return await telegram.call("sendMessage", chat_id=1, text="x")
        except TelegramError as error:
            return error


def refused(error: Any) -> tuple[int, str, float | None, int | None]:
    assert isinstance(error, Refused), f"not refused but {error!r}"
    assert error.method == "sendMessage"
    return error.code, error.description, error.retry_after, error.migrate_to


# -- answers -----------------------------------------------------------------------------------------------------------


async def test_a_call_posts_its_parameters_as_json_and_returns_the_result() -> None:
    seen: list[Any] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((request.method, request.path, request.content_type, await request.json()))
        return web.json_response({"ok": True, "result": {"message_id": 7, "文": [1, None]}})

    async with serving(handler) as base, telegram_at(base) as telegram:
        assert telegram.bot_id == 42001
        result = await telegram.call("sendMessage", chat_id=-5, text="您好 <b>", reply_markup={"inline_keyboard": [[]]})
    assert result == {"message_id": 7, "文": [1, None]}
    params = {"chat_id": -5, "text": "您好 <b>", "reply_markup": {"inline_keyboard": [[]]}}
    assert seen == [("POST", f"/bot{TOKEN}/sendMessage", "application/json", params)]


@pytest.mark.parametrize("result", [True, False, None, [], 0, "", {}])
async def test_a_result_that_is_nothing_is_a_result(result: Any) -> None:
    assert await answered(200, {"ok": True, "result": result}) == result


async def test_too_many_says_how_long_to_wait() -> None:
    body = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 17", "parameters": {"retry_after": 17}}
    assert refused(await answered(429, body)) == (429, "Too Many Requests: retry after 17", 17, None)


async def test_a_group_that_moved_says_where_to() -> None:
    description = "Bad Request: group chat was upgraded to a supergroup chat"
    body = {"ok": False, "error_code": 400, "description": description, "parameters": {"migrate_to_chat_id": -100123}}
    assert refused(await answered(400, body)) == (400, description, None, -100123)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 500, 502])
async def test_a_refusal_keeps_its_code_and_its_words(status: int) -> None:
    body = {"ok": False, "error_code": status, "description": "Because"}
    assert refused(await answered(status, body)) == (status, "Because", None, None)


async def test_the_code_in_the_answer_counts_and_else_that_of_http() -> None:
    assert refused(await answered(200, {"ok": False, "error_code": 403, "description": "x"}))[0] == 403
    assert refused(await answered(403, {"ok": False}))[:2] == (403, "")
    assert refused(await answered(400, {"ok": False, "description": None, "parameters": None}))[0] == 400


@pytest.mark.parametrize("text", ["<html>502 Bad Gateway</html>", "", "null", "[]", '"ok"', '{"status": "bad"}', "{"])
@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_gateway_that_speaks_no_json_is_a_refusal_of_its_code(status: int, text: str) -> None:
    assert refused(await answered(status, None, text=text)) == (status, "no answer of the Bot API", None, None)


@pytest.mark.parametrize("text", ["<html>", "", "null", "[]", "7", '"ok"', "{}", '{"ok": true}', "{", "\x00"])
async def test_an_unreadable_answer_is_a_lost_one_for_the_call_may_have_had_its_effect(text: str) -> None:
    error = await answered(200, None, text=text)
    assert isinstance(error, AnswerLost), repr(error)
    assert str(error) == "sendMessage: 200, unreadable answer"


# -- no answer ---------------------------------------------------------------------------------------------------------


async def lost(base: str, *, timeout: float = 10) -> TelegramError:
    async with telegram_at(base, timeout=timeout) as telegram:
        with pytest.raises(TelegramError) as caught:
            await telegram.call("sendMessage", chat_id=1, text="Kanarienvogel")
    assert TOKEN not in str(caught.value)
    assert "Kanarienvogel" not in str(caught.value)
    return caught.value


async def test_a_port_where_nobody_listens_was_not_reached() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))  # bound, never listening: nobody else gets it
        assert type(await lost(f"http://127.0.0.1:{holder.getsockname()[1]}")) is Unreached


async def test_a_name_that_nobody_has_was_not_reached() -> None:
    assert type(await lost("http://desk.invalid")) is Unreached


async def test_a_server_without_tls_was_not_reached_by_https() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with raw_server(talk) as base:
        assert type(await lost(base.replace("http:", "https:"))) is Unreached


async def test_before_it_is_opened_nothing_is_reached() -> None:
    with pytest.raises(Unreached, match="not open"):
        await Telegram(TOKEN, "http://127.0.0.1").call("getMe")


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", b"nonsense\r\n\r\n"],
    ids=["nothing", "half a head", "half a body", "no HTTP"],
)
async def test_a_connection_closed_after_the_request_is_a_lost_answer(answer: bytes) -> None:
    arrived: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.append(await request_of(reader))
        writer.write(answer)

    async with raw_server(talk) as base:
        assert type(await lost(base)) is AnswerLost
    assert b"Kanarienvogel" in arrived[0], "it did arrive there"
    assert len(arrived) == 1, "a call is never repeated behind our back"


async def test_a_reset_after_the_request_is_a_lost_answer() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.transport.abort()

    async with raw_server(talk) as base:
        assert type(await lost(base)) is AnswerLost


async def test_an_answer_that_does_not_come_in_time_is_a_lost_one() -> None:
    arrived, ended = asyncio.Event(), asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        arrived.set()
        await ended.wait()

    async with raw_server(talk) as base:
        assert type(await lost(base, timeout=0.2)) is AnswerLost
        assert arrived.is_set()
        ended.set()


async def test_a_long_poll_has_its_own_time_on_top() -> None:
    async def handler(request: web.Request) -> web.Response:
        waiting = asyncio.Event()
        asyncio.get_running_loop().call_later(0.4, waiting.set)
        await waiting.wait()
        return web.json_response({"ok": True, "result": []})

    async with serving(handler) as base, telegram_at(base, timeout=0.1) as telegram:
        assert await telegram.call("getUpdates", wait=10) == []
        with pytest.raises(AnswerLost):
            await telegram.call("getUpdates")


async def test_after_a_lost_answer_the_next_call_goes_through() -> None:
    calls = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        if calls == 1:
            assert request.transport is not None
            request.transport.close()
        return web.json_response({"ok": True, "result": calls})

    async with serving(handler) as base, telegram_at(base) as telegram:
        with pytest.raises(AnswerLost):
            await telegram.call("getMe")
        assert await telegram.call("getMe") == 2


async def test_many_calls_at_once_get_each_their_own_answer() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "result": (await request.json())["chat_id"]})

    async with serving(handler) as base, telegram_at(base) as telegram:
        results = await asyncio.gather(*(telegram.call("sendMessage", chat_id=number) for number in range(300)))
    assert results == list(range(300))


async def test_words_with_the_token_in_them_lose_it() -> None:
    body = {"ok": False, "error_code": 404, "description": f"no such path /bot{TOKEN}/x"}
    error = await answered(404, body)
    assert str(error) == "sendMessage: 404 no such path /bot***/x"


async def test_the_proxy_of_the_environment_is_used_and_its_exceptions_too(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(str(request.url))
        return web.json_response({"ok": True, "result": "by proxy"})

    async with serving(handler) as proxy:
        monkeypatch.setenv("http_proxy", proxy)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        async with telegram_at("http://api.example.invalid") as telegram:
            assert await telegram.call("getMe") == "by proxy"
        monkeypatch.setenv("no_proxy", "api.example.invalid")
        async with telegram_at("http://api.example.invalid") as telegram:
            with pytest.raises(Unreached):
                await telegram.call("getMe")
    assert seen == [f"http://api.example.invalid/bot{TOKEN}/getMe"]


async def test_an_upload_goes_as_multipart_with_its_parameters_beside_it() -> None:
    seen: dict[str, Any] = {}

    async def handler(request: web.Request) -> web.Response:
        assert request.content_type == "multipart/form-data"
        for name, value in (await request.post()).items():
            seen[name] = (value.filename, value.content_type, value.file.read()) if isinstance(value, web.FileField) else value
        return web.json_response({"ok": True, "result": {"message_id": 7}})

    markup = {"inline_keyboard": [[{"text": "好", "callback_data": "d"}]]}
    async with serving(handler) as base, telegram_at(base) as telegram:
        upload = Upload("photo", "a.png", b"\x89PNG\x00\xff")
        result = await telegram.call("sendPhoto", chat_id=5, caption="说明", protect_content=True, reply_markup=markup, upload=upload)
    assert result == {"message_id": 7}
    assert orjson.loads(seen.pop("reply_markup")) == markup
    assert seen == {"chat_id": "5", "caption": "说明", "protect_content": "true", "photo": ("a.png", "image/png", b"\x89PNG\x00\xff")}
