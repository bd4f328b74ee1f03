"""The `/sandbox/…` routes: whoever plays the people does it here, with JSON (docs/sandbox.md)."""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
import orjson
from aiohttp import web

from sandbox.errors import NoSuchThing
from sandbox.people import Person, Press, Sent

if TYPE_CHECKING:
    from sandbox.server import Sandbox

log = logging.getLogger("sandbox")

PAGE = Path(__file__).parent / "page"
LONGEST_WAIT = 60.0
PERSON_FIELDS = ("name", "last_name", "username", "language", "role", "note", "phone")
HERE = ("127.0.0.1", "localhost", "::1")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Body = dict[str, Any]


class Wrong(Exception):
    """The driver asked for something that makes no sense: 400."""


class Driving:
    def __init__(self, sandbox: Sandbox, panel_url: str | None) -> None:
        self.sandbox, self.world, self.panel_url = sandbox, sandbox.world, panel_url
        self._session: aiohttp.ClientSession | None = None

    def add_routes(self, router: web.UrlDispatcher) -> None:
        person, group = "/sandbox/people/{person:\\d+}", "/sandbox/groups/{group:-?\\d+}"
        routes: list[tuple[str, str, Handler]] = [
            ("GET", "/sandbox/bots", self.bots),
            ("POST", "/sandbox/bots", self.register_bot),
            ("GET", "/sandbox/people", self.people),
            ("POST", "/sandbox/people", self.create_person),
            ("GET", person, self.person),
            ("PATCH", person, self.change_person),
            ("POST", person + "/{act:[a-z_]+}", self.act),
            ("GET", "/sandbox/groups", self.groups),
            ("POST", "/sandbox/groups", self.create_group),
            ("POST", group + "/migrate", self.migrate),
            ("POST", group + "/kick", self.kick),
            ("GET", "/sandbox/chats/{chat:-?\\d+}/messages", self.messages),
            ("GET", "/sandbox/files/{file}", self.file),
            ("GET", "/sandbox/ledger", self.ledger),
            ("GET", "/sandbox/clock", self.clock),
            ("POST", "/sandbox/clock", self.move_clock),
            ("GET", "/sandbox/faults", self.faults),
            ("POST", "/sandbox/faults", self.plan_faults),
            ("DELETE", "/sandbox/faults", self.clear_faults),
            ("GET", "/sandbox/limits", self.limits),
            ("POST", "/sandbox/limits", self.switch_limits),
            ("GET", "/sandbox/events", self.events),
            ("GET", "/sandbox/panel", self.panel),
            ("GET", "/", self.page),
            ("GET", "/page/{file:[\\w.-]+}", self.page),
        ]
        for verb, path, handler in routes:
            router.add_route(verb, path, handler)

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Errors as JSON; and no other web page open in the same browser may drive the people (by CORS or DNS rebinding)."""
        if request.path.startswith(("/bot", "/file/bot")):
            try:
                return await handler(request)
            except web.HTTPNotFound:
                return _json({"ok": False, "error_code": 404, "description": "Not Found"}, 404)
        if not _from_here(request):
            return _error("this sandbox answers its own page only", 403)
        try:
            return await handler(request)
        except NoSuchThing as error:
            return _error(str(error), 404)
        except (Wrong, ValueError, TypeError, KeyError) as error:
            return _error(f"missing: {error}" if isinstance(error, KeyError) else str(error), 400)
        except web.HTTPException as error:
            return _error(error.reason, error.status)

    # Bots, people, groups

    async def bots(self, request: web.Request) -> web.Response:
        return _json([self.world.bot_view(bot) for bot in self.world.bots.values()])

    async def register_bot(self, request: web.Request) -> web.Response:
        body = await _body(request)
        return _json(self.world.bot_view(self.world.register_bot(body["token"], body.get("username"), body.get("name"))))

    async def people(self, request: web.Request) -> web.Response:
        return _json([self.world.person_view(person) for person in self.world.people.values()])

    async def create_person(self, request: web.Request) -> web.Response:
        body = await _body(request)
        if not str(body.get("name") or "").strip():
            raise Wrong("a person needs a name")
        given = {key: body[key] for key in PERSON_FIELDS if body.get(key) is not None}
        return _json(self.world.person_view(self.world.create_person(id=body.get("id"), **given)))

    async def person(self, request: web.Request) -> web.Response:
        return _json(self.world.person_view(self._person(request)))

    async def change_person(self, request: web.Request) -> web.Response:
        person = self._person(request)
        person.change(**await _body(request))
        return _json(self.world.person_view(person))

    async def groups(self, request: web.Request) -> web.Response:
        return _json([_group_view(group) for group in self.world.groups.values()])

    async def create_group(self, request: web.Request) -> web.Response:
        body = await _body(request)
        members = [self.world.person(int(one)) for one in body.get("members", [])]
        kind = body.get("kind", "group")
        if kind not in ("group", "supergroup"):
            raise Wrong("a group's kind is group or supergroup")
        return _json(_group_view(self.world.create_group(body["title"], members, bot=body.get("bot"), kind=kind)))

    async def migrate(self, request: web.Request) -> web.Response:
        return _json(_group_view(self.world.migrate_group(self.world.group(int(request.match_info["group"])))))

    async def kick(self, request: web.Request) -> web.Response:
        group = self.world.group(int(request.match_info["group"]))
        self.world.kick_bot(group, self.world.bot((await _body(request)).get("bot")))
        return _json(_group_view(group))

    # What people do

    async def act(self, request: web.Request) -> web.Response:
        """`text`, `photo`, `press` …: the verbs of a person."""
        person, body, act = self._person(request), await _body(request), request.match_info["act"]
        if act in ("block", "unblock"):
            (person.block if act == "block" else person.unblock)(body.get("bot"))
            return _json(self.world.person_view(person))
        if act == "press":
            return _json(await self._press(person, body))
        if act == "album":
            items = [_file(item) | {"kind": item.get("kind", "photo")} for item in body["items"]]
            sent = person.send_album(body.get("bot"), items, chat=body.get("chat"))
            return _json({"message_ids": [one.message_id for one in sent], "update_ids": [one.update_id for one in sent]})
        return _json(_sent(self._simple_act(person, act, body)))

    def _simple_act(self, person: Person, act: str, body: Body) -> Sent:
        where: dict[str, Any] = {"bot": body.get("bot"), "chat": body.get("chat")}
        if act == "text":
            if not str(body.get("text") or "").strip():
                raise Wrong("text must not be empty")
            return person.send_text(text=str(body["text"]), reply_to=body.get("reply_to"), **where)
        if act in ("photo", "document", "voice", "video", "audio", "sticker"):
            return person.send_file(kind=act, media_group=body.get("media_group"), reply_to=body.get("reply_to"), **_file(body), **where)
        if act == "location":
            return person.send_location(latitude=float(body["latitude"]), longitude=float(body["longitude"]), **where)
        if act == "contact":
            return person.send_contact(phone=body.get("phone"), user_id=body.get("user_id"), **where)
        if act == "edit":
            return person.edit(int(body["message_id"]), str(body["text"]))
        raise NoSuchThing(f"people here cannot {act!r}")

    async def _press(self, person: Person, body: Body) -> Body:
        if "data" in body:
            pressed: Press | Sent = person.press_data(str(body["data"]), int(body["message_id"]))
        else:
            pressed = person.press(str(body["text"]), body.get("message_id"), bot=body.get("bot"), chat=body.get("chat"))
        if isinstance(pressed, Sent):
            return _sent(pressed) | {"answer": None}
        wait = min(float(body.get("wait", 0)), LONGEST_WAIT)
        if wait > 0:
            await pressed.answered(wait)
        return {"update_id": pressed.update_id, "answer": pressed.answer}

    # What there is to see

    async def messages(self, request: web.Request) -> web.Response:
        chat = self.world.chat(int(request.match_info["chat"]), request.query.get("bot"))
        after = int(request.query.get("after", 0))
        return _json([message.view() for message in chat.messages.values() if message.id > after])

    async def file(self, request: web.Request) -> web.Response:
        if (file := self.world.files.find(request.match_info["file"])) is None or file.gone:
            raise NoSuchThing("no such file")
        # Shown, never run: a file somebody sent must not act as a page of this address.
        inert = {"Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=file.read(), content_type=file.mime, headers=inert)

    async def ledger(self, request: web.Request) -> web.Response:
        query = request.query
        chat = int(query["chat"]) if query.get("chat") else None
        found = self.sandbox.ledger.entries(chat=chat, method=query.get("method"), after=int(query.get("after", 0)))
        return _json([entry.as_dict() for entry in found])

    async def clock(self, request: web.Request) -> web.Response:
        due = None
        if self.panel_url is not None:
            try:
                due = (await self._panel(1.0)).get("next_due")
            except (aiohttp.ClientError, TimeoutError, ValueError):
                due = None
        return _json({"now": self.sandbox.clock.now().isoformat(), "next_due": due})

    async def move_clock(self, request: web.Request) -> web.Response:
        body = await _body(request)
        if "set" in body:
            now = self.sandbox.clock.set(datetime.fromisoformat(body["set"]))
        else:
            now = self.sandbox.clock.move(timedelta(seconds=float(body["move"])))
        return _json({"now": now.isoformat()})

    async def panel(self, request: web.Request) -> web.Response:
        if self.panel_url is None:
            return _error("no panel: the sandbox was started without one", 404)
        try:
            return _json(await self._panel(5.0))
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return _error(f"the panel does not answer: {error or type(error).__name__}", 502)

    async def _panel(self, timeout: float) -> Body:
        assert self.panel_url is not None
        if self._session is None:
            self._session = aiohttp.ClientSession(trust_env=False)
        async with self._session.get(self.panel_url, timeout=aiohttp.ClientTimeout(total=timeout)) as answer:
            answer.raise_for_status()
            panel: Body = orjson.loads(await answer.read())
            return panel

    # Bad days

    async def faults(self, request: web.Request) -> web.Response:
        keys = ("kind", "method", "chat", "probability", "times", "seconds", "code", "description", "happened")
        return _json([{key: getattr(rule, key) for key in keys} for rule in self.sandbox.faults.rules])

    async def plan_faults(self, request: web.Request) -> web.Response:
        body = await _body(request)
        self.sandbox.faults.plan(body.get("rules", []), seed=int(body.get("seed", 0)))
        return _json({"ok": True})

    async def clear_faults(self, request: web.Request) -> web.Response:
        self.sandbox.faults.clear()
        return _json({"ok": True})

    async def limits(self, request: web.Request) -> web.Response:
        return _json({"on": self.sandbox.limits.on, "refused": self.sandbox.limits.refused})

    async def switch_limits(self, request: web.Request) -> web.Response:
        self.sandbox.limits.switch(bool((await _body(request))["on"]))
        return _json({"ok": True, "on": self.sandbox.limits.on})

    # Live

    async def events(self, request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        await stream.prepare(request)
        listener = self.world.events.join()
        try:
            await stream.write(b": here we are\n\n")
            while (event := await listener.get()) is not None:
                name, data = event
                await stream.write(b"event: " + name.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n")
        except (ConnectionResetError, aiohttp.ClientConnectionResetError):
            log.debug("a listener left")
        finally:
            self.world.events.leave(listener)
        return stream

    async def page(self, request: web.Request) -> web.StreamResponse:
        path = PAGE / request.match_info.get("file", "index.html")
        if path.parent != PAGE or not path.is_file():
            raise NoSuchThing("no such page")
        return web.FileResponse(path, headers={"Cache-Control": "no-cache"})

    def _person(self, request: web.Request) -> Person:
        return self.world.person(int(request.match_info["person"]))


def _from_here(request: web.Request) -> bool:
    if (urlsplit(f"//{request.host}").hostname or "") not in HERE:
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


async def _body(request: web.Request) -> Body:
    raw = await request.read()
    if not raw:
        return {}
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Wrong(f"the body is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise Wrong("the body must be a JSON object")
    return body


def _file(body: Body) -> dict[str, Any]:
    given = {
        key: body[key] for key in ("name", "mime", "size", "caption", "duration", "width", "height", "emoji") if body.get(key) is not None
    }
    if body.get("base64") is not None:
        try:
            given["content"] = base64.b64decode(body["base64"], validate=True)
        except (binascii.Error, TypeError) as error:
            raise Wrong(f"base64 cannot be read: {error}") from None
    return given


def _group_view(group: Any) -> dict[str, Any]:
    bots = [bot.id for bot in group.bots.values()]
    return {
        "id": group.id,
        "title": group.title,
        "kind": group.kind,
        "members": list(group.people),
        "bots": bots,
        "migrated_to": group.migrated_to,
    }


def _sent(sent: Sent) -> dict[str, Any]:
    return {"update_id": sent.update_id, "message_id": sent.message_id}


def _json(answer: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(answer), status=status, content_type="application/json")


def _error(why: str, status: int) -> web.Response:
    return _json({"ok": False, "error": why}, status)
