"""What we serve over HTTP: the webhook, /healthz, /readyz, /metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import DBAPIError

from conference.model.permissions import Action
from storage import due, inbox, outbox
from storage.engine import Database

from .clock import Clock
from .doors import check_doors, serves, wall
from .intake import MAX_BODY, Webhook
from .metrics import Metrics

log = structlog.get_logger("web")


class Pages:
    """Handlers that only look; each uses a reading connection of its own, off the loop."""

    def __init__(self, database: Database, clock: Clock, metrics: Metrics, is_ready: Callable[[], str | None]) -> None:
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._is_ready = is_ready

    @serves(Action.WATCH_MACHINE)
    async def healthz(self, request: web.Request) -> web.Response:
        """The process lives and its loop turns."""
        return web.json_response({"ok": True})

    @serves(Action.WATCH_MACHINE)
    async def readyz(self, request: web.Request) -> web.Response:
        """200 if updates can be taken and handled now, else 503 with what is missing."""
        if (missing := self._is_ready()) is not None:
            return web.json_response({"ok": False, "missing": missing}, status=503)
        return web.json_response({"ok": True})

    @serves(Action.WATCH_MACHINE)
    async def metrics(self, request: web.Request) -> web.Response:
        try:
            self._show(await asyncio.to_thread(self._count))
        except DBAPIError as error:  # what the process itself counted is worth seeing all the more
            log.error("nothing_to_count", error=type(error).__name__)
            self._show(None)
        return web.Response(body=generate_latest(self._metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    def _show(self, counted: dict[str, Any] | None) -> None:
        """Figures of the database; not a number while it is away."""
        if counted is None:
            unknown = float("nan")
            for gauge in (self._metrics.inbox_pending, self._metrics.inbox_dead, self._metrics.due_pending, self._metrics.oldest_due):
                gauge.set(unknown)
            for state in outbox.STATES.values():
                self._metrics.outbox.labels(state).set(unknown)
            return
        self._metrics.inbox_pending.set(counted["inbox"]["pending"])
        self._metrics.inbox_dead.set(counted["inbox"]["dead"])
        for state, number in counted["outbox"].items():
            self._metrics.outbox.labels(state).set(number)
        self._metrics.due_pending.set(counted["due"]["pending"])
        earliest = counted["due"]["earliest"]
        late = (self._clock.now() - earliest).total_seconds() if earliest is not None else 0.0
        self._metrics.oldest_due.set(max(0.0, late))

    def _count(self) -> dict[str, Any]:
        with self._database.reader.connect() as connection:
            return {"inbox": inbox.counts(connection), "outbox": outbox.counts(connection), "due": due.counts(connection)}


def web_application(pages: Pages, webhook: Webhook | None, webhook_url: str, more: Sequence[web.RouteDef] = ()) -> web.Application:
    application = web.Application(client_max_size=MAX_BODY, middlewares=[_quiet_errors])
    application.router.add_get("/healthz", pages.healthz, expect_handler=_expect)
    application.router.add_get("/readyz", pages.readyz, expect_handler=_expect)
    application.router.add_get("/metrics", pages.metrics, expect_handler=_expect)
    if webhook is not None:
        application.router.add_post(urlsplit(webhook_url).path, webhook.receive, expect_handler=_expect)
    application.router.add_routes(more)
    application.router.add_route("*", "/{path:.*}", _nothing_here, expect_handler=_expect)
    check_doors(application)
    return application


@wall
async def _nothing_here(request: web.Request) -> web.Response:
    return web.Response(status=404)


async def _expect(request: web.Request) -> None:
    """aiohttp's own answers 500 to an expectation that is not ASCII."""
    if request.headers.get("Expect", "").lower() != "100-continue":
        raise web.HTTPExpectationFailed
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.writer.output_size = 0  # the answer itself has not begun


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def _quiet_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whoever knocks at a wrong door is told so in one word: no stack, no page, no trace of what runs here."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return web.Response(status=error.status)
    except Exception as error:
        log.error("page_failed", error=type(error).__name__, exc_info=error)
        return web.Response(status=500)
