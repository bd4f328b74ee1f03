"""Calling the Bot API: JSON in, JSON out, and errors that say what the delivery has to do.

aiogram gives us its types and its routing; sending does not go through its models, because a row of the outbox needs
nothing of the answer but a number, and building a Message for it costs as much as the call (docs/decisions/0004).
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import orjson
from yarl import URL

from conference.model.errors import LianxiError
from handlers.messages import Upload

from .logs import redact


class TelegramError(LianxiError):
    """A call that did not succeed."""


class Refused(TelegramError):
    """Telegram answered no. `code` is its HTTP-like code."""

    def __init__(self, method: str, code: int, description: str, retry_after: float | None = None, migrate_to: int | None = None) -> None:
        super().__init__(redact(f"{method}: {code} {description}"))
        self.method = method
        self.code = code
        self.description = description
        self.retry_after = retry_after
        self.migrate_to = migrate_to


class Unreached(TelegramError):
    """The connection could not even be made: nothing has arrived there."""


class AnswerLost(TelegramError):
    """The call went out and no answer came back: it may have had its effect."""


class Telegram:
    """One bot at one Bot API server. `timeout` in seconds bounds a call; a long poll adds its own."""

    def __init__(self, token: str, base: str, *, timeout: float = 30, connections: int = 100) -> None:
        self._base = f"{base}/bot{token}/"
        self._urls: dict[str, URL] = {}  # parsed once for each method
        self._timeout = timeout
        self._usual = aiohttp.ClientTimeout(total=timeout, sock_connect=10)
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        self.bot_id = int(token.partition(":")[0])

    async def open(self) -> None:
        connector = aiohttp.TCPConnector(limit=self._connections, ttl_dns_cache=3600)
        headers = {"Content-Type": "application/json"}
        self._session = aiohttp.ClientSession(connector=connector, proxy=_proxy_for(self._base), headers=headers)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def call(self, method: str, *, wait: float = 0, upload: Upload | None = None, **params: Any) -> Any:
        """The call's `result`. An upload goes with it as multipart. Raises Refused, Unreached or AnswerLost."""
        if self._session is None:
            raise Unreached(f"{method}: not open")
        timeout = aiohttp.ClientTimeout(total=self._timeout + wait, sock_connect=10) if wait else self._usual
        if (url := self._urls.get(method)) is None:
            url = self._urls[method] = URL(self._base + method)
        body: Any = aiohttp.BytesPayload(orjson.dumps(params)) if upload is None else _multipart(params, upload)
        headers = None if upload is None else {"Content-Type": body.content_type}
        try:
            async with self._session.post(url, data=body, timeout=timeout, headers=headers) as response:
                raw = await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise Unreached(redact(f"{method}: {type(error).__name__}")) from None
        except (TimeoutError, aiohttp.ClientError, asyncio.IncompleteReadError) as error:
            raise AnswerLost(redact(f"{method}: {type(error).__name__}")) from None
        return _result(method, response.status, raw)


def _multipart(params: dict[str, Any], upload: Upload) -> aiohttp.MultipartWriter:
    """Each parameter as a part of its own, what is no string as JSON, and the file under the name of its kind."""
    form = aiohttp.FormData()
    for name, value in params.items():
        form.add_field(name, value if isinstance(value, str) else orjson.dumps(value).decode())
    kind = "image/png" if upload.kind == "photo" else "application/octet-stream"
    form.add_field(upload.kind, upload.content, filename=upload.name, content_type=kind)
    written = form()
    if not isinstance(written, aiohttp.MultipartWriter):
        raise TypeError("a form with a file is multipart")
    return written


def _proxy_for(url: str) -> str | None:
    """The proxy that the environment names for this address, read once: aiohttp's own `trust_env` reads files at every call."""
    parts = urlsplit(url)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)


def _result(method: str, status: int, raw: bytes) -> Any:
    try:
        answer = orjson.loads(raw)
        if answer["ok"]:
            return answer["result"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        if status >= 500:
            raise Refused(method, status, "no answer of the Bot API") from None
        raise AnswerLost(f"{method}: {status}, unreadable answer") from None
    parameters = answer.get("parameters") or {}
    raise Refused(
        method,
        answer.get("error_code") or status,
        str(answer.get("description", "")),
        parameters.get("retry_after"),
        parameters.get("migrate_to_chat_id"),
    )
