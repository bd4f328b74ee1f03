"""What we serve over HTTP: the webhook, /healthz, /readyz, /metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from storage import due, inbox, outbox
from storage.engine import Database

from .clock import Clock
from .intake import MAX_BODY, Webhook
from .metrics import Metrics


class Pages:
    """Handlers that only look; each uses a reading connection of its own, off the loop."""

    def __init__(self, database: Database, clock: Clock, metrics: Metrics, is_ready: Callable[[], str | None]) -> None:
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._is_ready = is_ready

    async def healthz(self, request: web.Request) -> web.Response:
        """The process lives and its loop turns."""
        return web.json_response({"ok": True})

    async def readyz(self, request: web.Request) -> web.Response:
        """200 if updates can be taken and handled now, else 503 with what is missing."""
        if (missing := self._is_ready()) is not None:
            return web.json_response({"ok": False, "missing": missing}, status=503)
        return web.json_response({"ok": True})

    async def metrics(self, request: web.Request) -> web.Response:
        counted = await asyncio.to_thread(self._count)
        self._metrics.inbox_pending.set(counted["inbox"]["pending"])
        self._metrics.inbox_dead.set(counted["inbox"]["dead"])
        for state, number in counted["outbox"].items():
            self._metrics.outbox.labels(state).set(number)
        self._metrics.due_pending.set(counted["due"]["pending"])
        earliest = counted["due"]["earliest"]
        late = (self._clock.now() - earliest).total_seconds() if earliest is not None else 0.0
        self._metrics.oldest_due.set(max(0.0, late))
        return web.Response(body=generate_latest(self._metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    def _count(self) -> dict[str, Any]:
        with self._database.reader.connect() as connection:
            return {"inbox": inbox.counts(connection), "outbox": outbox.counts(connection), "due": due.counts(connection)}


def web_application(pages: Pages, webhook: Webhook | None, webhook_url: str, more: Sequence[web.RouteDef] = ()) -> web.Application:
    application = web.Application(client_max_size=MAX_BODY, middlewares=[_quiet_errors])
    application.router.add_get("/healthz", pages.healthz)
    application.router.add_get("/readyz", pages.readyz)
    application.router.add_get("/metrics", pages.metrics)
    if webhook is not None:
        application.router.add_post(urlsplit(webhook_url).path, webhook.receive)
    application.router.add_routes(more)
    return application


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def _quiet_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whoever knocks at a wrong door is told so in one word: no stack, no page, no trace of what runs here."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return web.Response(status=error.status)
