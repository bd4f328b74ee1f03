"""Driving people over HTTP, as the page and scripts do: the contract of docs/sandbox.md."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from sandbox import Sandbox
from tests.test_sandbox_kit import NINE, TOKEN, Stage, stage

YES = {"inline_keyboard": [[{"text": "参加", "callback_data": "yes"}, {"text": "官网", "url": "https://example.org/"}]]}


async def _newcomer(here: Stage, **more: Any) -> dict[str, Any]:
    status, person = await here.http("POST", "/sandbox/people", {"name": "谭主任", "role": "办公室", **more})
    assert status == 200
    answer: dict[str, Any] = person
    return answer


async def test_bots_and_people() -> None:
    async with stage() as here:
        status, bots = await here.http("GET", "/sandbox/bots")
        assert (status, bots) == (
            200,
            [{"id": 4242, "username": "desk_bot", "name": "值班台", "commands": [], "mode": "silent", "pending": 0}],
        )
        person = await _newcomer(here, language="zh-hans", username="tan_zr", note="分管", id=5001)
        assert (person["id"], person["role"], person["note"], person["chats"]) == (5001, "办公室", "分管", [])
        await here.http("POST", "/sandbox/people/5001/text", {"text": "/start"})
        _, changed = await here.http("PATCH", "/sandbox/people/5001", {"name": "谭局长", "deactivated": True})
        assert (changed["name"], changed["deactivated"]) == ("谭局长", True)
        assert changed["chats"] == [{"id": 5001, "bot": 4242, "title": "值班台"}]
        _, people = await here.http("GET", "/sandbox/people")
        assert people == [changed]
        await here.bot("getUpdates")
        _, bots = await here.http("GET", "/sandbox/bots")
        assert (bots[0]["mode"], bots[0]["pending"]) == ("polling", 1)


async def test_everything_a_person_can_do() -> None:
    async with stage() as here:
        person = await _newcomer(here)
        at = f"/sandbox/people/{person['id']}"
        acts: dict[str, dict[str, Any]] = {
            "text": {"text": "你好"},
            "photo": {"caption": "现场"},
            "document": {"name": "名单.txt", "base64": base64.b64encode(b"abc").decode()},
            "voice": {"duration": 7},
            "video": {"size": 2000},
            "sticker": {},
            "location": {"latitude": 31.04, "longitude": 110.34},
            "contact": {"phone": "+8613800000000"},
        }
        for act, body in acts.items():
            status, answer = await here.http("POST", f"{at}/{act}", body)
            assert (status, sorted(answer)) == (200, ["message_id", "update_id"])
        _, album = await here.http("POST", f"{at}/album", {"items": [{"kind": "photo"}, {"kind": "video", "caption": "二"}]})
        assert len(album["message_ids"]) == 2
        _, edited = await here.http("POST", f"{at}/edit", {"message_id": 1, "text": "您好"})
        assert edited["message_id"] == 1
        messages = [update.get("message") or update["edited_message"] for update in await here.bot.hears()]
        assert [next(key for key in (*acts, "text") if key in message) for message in messages] == [*acts, "photo", "video", "text"]
        _, seen = await here.http("GET", f"/sandbox/chats/{person['id']}/messages?after=1")
        assert [one["media"]["kind"] for one in seen] == [*list(acts)[1:], "photo", "video"]
        assert seen[-1]["media_group"] == seen[-2]["media_group"] is not None
        async with here.session.get(here.sandbox.url + seen[1]["media"]["url"]) as response:
            assert (await response.read(), response.content_type) == (b"abc", "text/plain")
            assert "sandbox" in response.headers["Content-Security-Policy"]


async def test_pressing_waits_for_the_answer() -> None:
    async with stage() as here:
        person = here.person()
        sent = await here.bot("sendMessage", chat_id=person.id, text="<b>到会</b>？", parse_mode="HTML", reply_markup=YES)
        await here.bot.hears()
        _, (_, seen) = await here.http("GET", f"/sandbox/chats/{person.id}/messages?bot=desk_bot")
        assert (seen["from"], seen["html"], seen["edited"], seen["deleted"]) == ("bot", "<b>到会</b>？", None, False)
        assert seen["buttons"] == [[{"text": "参加", "kind": "callback"}, {"text": "官网", "kind": "url", "url": "https://example.org/"}]]
        pressing = asyncio.get_running_loop().create_task(
            here.http("POST", f"/sandbox/people/{person.id}/press", {"text": "参加", "message_id": sent["message_id"], "wait": 10})
        )
        query = (await here.bot("getUpdates", timeout=10))[0]["callback_query"]
        await here.bot("answerCallbackQuery", callback_query_id=query["id"], text="已登记")
        _, pressed = await pressing
        assert pressed["answer"] == {"text": "已登记", "alert": False}
        _, forged = await here.http("POST", f"/sandbox/people/{person.id}/press", {"data": "forged", "message_id": sent["message_id"]})
        assert (await here.bot("getUpdates", offset=forged["update_id"]))[0]["callback_query"]["data"] == "forged"
        assert forged["answer"] is None


async def test_groups_and_blocking() -> None:
    async with stage() as here:
        person = await _newcomer(here)
        _, group = await here.http("POST", "/sandbox/groups", {"title": "联席会议", "members": [person["id"]]})
        _, moved = await here.http("POST", f"/sandbox/groups/{group['id']}/migrate")
        assert moved["id"] != group["id"]
        _, view = await here.http("GET", f"/sandbox/people/{person['id']}")
        assert view["chats"] == [{"id": moved["id"], "bot": 4242, "title": "联席会议"}]
        _, sent = await here.http("POST", f"/sandbox/people/{person['id']}/text", {"text": "/report", "chat": moved["id"]})
        assert sent["update_id"]
        _, blocked = await here.http("POST", f"/sandbox/people/{person['id']}/block", {})
        assert blocked["blocked"] == [4242]
        _, back = await here.http("POST", f"/sandbox/people/{person['id']}/unblock", {})
        assert back["blocked"] == []


async def test_ledger_clock_faults_and_limits() -> None:
    async with stage() as here:
        person = here.person()
        await here.bot("sendMessage", chat_id=person.id, text="一")
        await here.http("POST", "/sandbox/faults", {"seed": 1, "rules": [{"kind": "too_many", "method": "sendMessage", "seconds": 3}]})
        assert (await here.bot.refused("sendMessage", chat_id=person.id, text="二")).answer["parameters"] == {"retry_after": 3}
        await here.http("DELETE", "/sandbox/faults")
        _, entries = await here.http("GET", f"/sandbox/ledger?chat={person.id}&method=sendMessage&after=0")
        assert [(one["text"], one["outcome"]) for one in entries] == [("一", "delivered"), ("二", "refused")]
        _, clock = await here.http("POST", "/sandbox/clock", {"set": NINE.isoformat()})
        assert clock["now"].startswith("2026-03-02T01:00:00")
        _, clock = await here.http("POST", "/sandbox/clock", {"move": 86400})
        assert clock["now"].startswith("2026-03-03T01:00:0")
        _, clock = await here.http("GET", "/sandbox/clock")
        assert clock["next_due"] is None
        await here.http("POST", "/sandbox/limits", {"on": True})
        for _ in range(3):
            await here.bot("sendMessage", chat_id=person.id, text="三")
        assert (await here.bot.refused("sendMessage", chat_id=person.id, text="四")).status == 429
        _, limits = await here.http("GET", "/sandbox/limits")
        assert limits == {"on": True, "refused": 1}


@pytest.mark.parametrize(
    ("verb", "path", "body", "status"),
    [
        ("POST", "/sandbox/people", {}, 400),
        ("POST", "/sandbox/people/1/text", {"text": "甲"}, 404),
        ("POST", "/sandbox/people/7000000001/text", {"text": " "}, 400),
        ("POST", "/sandbox/people/7000000001/press", {"text": "没有"}, 404),
        ("POST", "/sandbox/people/7000000001/dance", {}, 404),
        ("POST", "/sandbox/people/7000000001/photo", {"base64": "***"}, 400),
        ("PATCH", "/sandbox/people/7000000001", {"id": 5}, 400),
        ("POST", "/sandbox/clock", {"set": "soon"}, 400),
        ("POST", "/sandbox/clock", {"set": "2026-03-02T09:00:00"}, 400),
        ("POST", "/sandbox/faults", {"rules": [{"kind": "earthquake"}]}, 400),
        ("POST", "/sandbox/groups", {"title": "空"}, 400),
        ("GET", "/sandbox/chats/55/messages", None, 404),
        ("GET", "/sandbox/panel", None, 404),
        ("GET", "/sandbox/nothing", None, 404),
        ("GET", "/page/nothing.js", None, 404),
    ],
)
async def test_mistakes_are_told(verb: str, path: str, body: Any, status: int) -> None:
    async with stage() as here:
        here.person()
        got, answer = await here.http(verb, path, body)
        assert got == status
        assert answer["ok"] is False
        assert answer["error"]


async def test_other_pages_in_the_browser_are_kept_out() -> None:
    async with stage() as here:
        assert (await here.http("GET", "/sandbox/people", Origin=here.sandbox.url))[0] == 200
        assert (await here.http("GET", "/sandbox/people", Origin="https://example.org"))[0] == 403
        assert (await here.http("GET", "/sandbox/people", Host="rebound.example.org"))[0] == 403
    with pytest.raises(ValueError, match="this machine only"):
        Sandbox(host="0.0.0.0")


async def test_the_page_is_served() -> None:
    async with stage() as here, here.session.get(here.sandbox.url + "/") as response:
        assert response.status == 200
        assert response.content_type == "text/html"


async def _events(response: aiohttp.ClientResponse, count: int) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    name = ""
    async with asyncio.timeout(5):
        while len(found) < count:
            line = (await response.content.readline()).decode().strip()
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                found.append((name, json.loads(line.removeprefix("data: "))))
    return found


async def test_events_are_told_live() -> None:
    async with stage() as here:
        async with here.session.get(here.sandbox.url + "/sandbox/events") as response:
            await here.sandbox.until(lambda: here.sandbox.world.events.heard)
            person = here.person()
            sent = await here.bot("sendMessage", chat_id=person.id, text="?", reply_markup=YES)
            press = person.press_data("yes", sent["message_id"])
            await here.bot("answerCallbackQuery", callback_query_id=press.id, text="好")
            await here.bot("editMessageText", chat_id=person.id, message_id=sent["message_id"], text="!")
            await here.bot("deleteMessage", chat_id=person.id, message_id=sent["message_id"])
            await here.bot("sendMessage", chat_id=person.id, text="选", reply_markup={"keyboard": [["甲"]]})
            await here.http("POST", "/sandbox/clock", {"move": 60})
            events = await _events(response, 9)
        names = [name for name, _ in events]
        assert names == ["person", "message", "message", "answer", "edited", "deleted", "keyboard", "message", "clock"]
        told = dict(events)
        assert (told["edited"]["text"], told["edited"]["chat"], told["edited"]["bot"]) == ("!", person.id, 4242)
        assert told["answer"]["text"] == "好"
        assert told["keyboard"]["keyboard"]["buttons"] == [[{"text": "甲", "kind": "text"}]]


async def test_a_listener_who_does_not_keep_up_is_dropped() -> None:
    async with stage() as here:
        events = here.sandbox.world.events
        slow = events.join()
        person = here.person()
        for number in range(events.PATIENCE + 1):
            person.send_text(TOKEN, str(number))
        assert not events.heard
        assert await slow.get() is None


async def test_the_panel_is_fetched_from_behind() -> None:
    async def panel(request: web.Request) -> web.Response:
        return web.json_response({"sections": [], "next_due": NINE.isoformat()})

    app = web.Application()
    app.router.add_get("/panel", panel)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with Sandbox(panel_url=f"http://127.0.0.1:{runner.addresses[0][1]}/panel") as sandbox, aiohttp.ClientSession() as session:
            async with session.get(sandbox.url + "/sandbox/panel") as response:
                assert (await response.json())["sections"] == []
            async with session.get(sandbox.url + "/sandbox/clock") as response:
                assert (await response.json())["next_due"] == NINE.isoformat()
    finally:
        await runner.cleanup()
