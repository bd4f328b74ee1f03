"""How updates reach a bot: long polls, webhooks, and what becomes of those that are not fetched."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web

from sandbox import Clock
from tests.test_sandbox_kit import NINE, TOKEN, doorstep, stage


async def test_a_long_poll_ends_when_something_comes() -> None:
    async with stage() as here:
        person = here.person(started=False)
        poll = asyncio.get_running_loop().create_task(here.bot("getUpdates", timeout=30))
        bot = here.sandbox.world.bot(TOKEN)
        await here.sandbox.until(lambda: bot.poll is not None)
        person.send_text(TOKEN, "来了")
        async with asyncio.timeout(5):
            assert [update["message"]["text"] for update in await poll] == ["来了"]


async def test_an_update_is_repeated_until_an_offset_confirms_it() -> None:
    async with stage() as here:
        person = here.person()
        person.send_text(TOKEN, "二")
        person.send_text(TOKEN, "三")
        first = await here.bot("getUpdates")
        assert first == await here.bot("getUpdates")
        ids = [update["update_id"] for update in first]
        assert ids == list(range(ids[0], ids[0] + 3))
        assert len(await here.bot("getUpdates", limit=2)) == 2
        assert [update["update_id"] for update in await here.bot("getUpdates", offset=ids[1])] == ids[1:]
        assert [update["update_id"] for update in await here.bot("getUpdates", offset=-1)] == ids[2:]
        assert await here.bot("getUpdates", offset=ids[2] + 1) == []


async def test_of_two_pollers_the_first_is_sent_away() -> None:
    async with stage() as here:
        poll = asyncio.get_running_loop().create_task(here.bot.refused("getUpdates", timeout=30))
        bot = here.sandbox.world.bot(TOKEN)
        await here.sandbox.until(lambda: bot.poll is not None)
        assert await here.bot("getUpdates", timeout=0) == []
        refused = await poll
        assert refused.status == 409
        assert refused.description.startswith("Conflict: terminated by other getUpdates request")


async def test_no_polling_while_a_webhook_is_set() -> None:
    async with stage() as here, doorstep() as (_, url):
        await here.bot("setWebhook", url=url)
        refused = await here.bot.refused("getUpdates")
        assert refused.status == 409
        assert refused.description.startswith("Conflict: can't use getUpdates method while webhook is active")
        await here.bot("deleteWebhook")
        assert await here.bot("getUpdates") == []


async def test_only_allowed_updates_come() -> None:
    async with stage() as here:
        await here.bot("getUpdates", allowed_updates=["callback_query"])
        person = here.person()
        assert await here.bot("getUpdates") == []
        await here.bot("getUpdates", allowed_updates=[])
        person.send_text(TOKEN, "又来")
        assert len(await here.bot("getUpdates")) == 1


async def test_messages_live_a_day_and_presses_150_seconds() -> None:
    clock = Clock(NINE, running=False)
    async with stage(clock) as here:
        person = here.person()
        sent = await here.bot(
            "sendMessage", chat_id=person.id, text="?", reply_markup={"inline_keyboard": [[{"text": "是", "callback_data": "y"}]]}
        )
        person.press_data("y", sent["message_id"])
        clock.move(timedelta(seconds=149))
        assert [*(await here.bot("getUpdates"))[-1]][-1] == "callback_query"
        clock.move(timedelta(seconds=1))
        assert [*(await here.bot("getUpdates"))[-1]][-1] == "message"
        clock.move(timedelta(hours=24))
        assert await here.bot("getUpdates") == []


async def test_a_webhook_gets_what_waited_with_the_secret() -> None:
    async with stage() as here, doorstep() as (door, url):
        person = here.person()
        await here.bot("setWebhook", url=url, secret_token="s-1_X")
        person.send_text(TOKEN, "新的")
        await here.sandbox.until(lambda: len(door.got) == 2)
        assert door.texts() == ["/start", "新的"]
        assert door.headers[0]["X-Telegram-Bot-Api-Secret-Token"] == "s-1_X"
        await here.sandbox.until(lambda: not here.sandbox.world.bot(TOKEN).updates)
        info = await here.bot("getWebhookInfo")
        assert (info["url"], info["pending_update_count"]) == (url, 0)
        assert "last_error_message" not in info


@pytest.mark.parametrize(
    ("parameters", "why"), [({"secret_token": "not ok"}, "illegal characters"), ({"url": "https://example.org/"}, "this machine")]
)
async def test_a_webhook_is_checked(parameters: dict[str, str], why: str) -> None:
    async with stage() as here:
        refused = await here.bot.refused("setWebhook", **{"url": "http://127.0.0.1:1/", **parameters})
        assert why in refused.description


async def test_a_failing_head_holds_its_chat_and_no_other() -> None:
    async with stage() as here, doorstep() as (door, url):
        here.sandbox.webhooks.pace = 0.01
        tan, liu = here.person(started=False), here.person("刘老师", started=False)
        await here.bot("setWebhook", url=url)
        door.gates[tan.id] = asyncio.Event()
        tan.send_text(TOKEN, "谭一")
        await here.sandbox.until(lambda: door.got)
        tan.send_text(TOKEN, "谭二")
        liu.send_text(TOKEN, "刘一")
        liu.send_text(TOKEN, "刘二")
        await here.sandbox.until(lambda: len(door.got) == 3)
        assert door.texts() == ["谭一", "刘一", "刘二"]
        assert (await here.bot("getWebhookInfo"))["pending_update_count"] == 2
        door.gates.pop(tan.id).set()
        await here.sandbox.until(lambda: len(door.got) == 4)
        assert door.texts()[-1] == "谭二"


async def test_it_is_repeated_until_taken() -> None:
    async with stage(Clock(NINE, running=False)) as here, doorstep() as (door, url):
        here.sandbox.webhooks.pace = 0.01
        door.answers = [web.Response(status=500) for _ in range(4)]
        await here.bot("setWebhook", url=url)
        here.person()
        await here.sandbox.until(lambda: here.sandbox.webhooks.attempts == 5 and not here.sandbox.world.bot(TOKEN).updates)
        assert len({update["update_id"] for update in door.got}) == 1
        pauses = [after - before for before, after in zip(door.arrivals, door.arrivals[1:], strict=False)]
        assert pauses[1] >= 0.02 > 0  # at once, then 2, 4, 8 seconds at a hundredth of the pace
        assert pauses[2] >= 0.04
        assert pauses[3] >= 0.08
        info = await here.bot("getWebhookInfo")
        assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"
        assert info["last_error_date"] == int(NINE.timestamp())


async def test_retry_after_is_obeyed() -> None:
    async with stage() as here, doorstep() as (door, url):
        here.sandbox.webhooks.pace = 0.01
        door.answers = [web.Response(status=503, headers={"Retry-After": "30"})]
        await here.bot("setWebhook", url=url)
        here.person()
        await here.sandbox.until(lambda: len(door.got) == 2)
        assert door.arrivals[1] - door.arrivals[0] >= 0.3


async def test_a_press_that_is_not_taken_in_time_is_gone() -> None:
    clock = Clock(NINE, running=False)
    async with stage(clock) as here, doorstep() as (door, url):
        here.sandbox.webhooks.pace = 0.001
        person = here.person()
        sent = await here.bot(
            "sendMessage", chat_id=person.id, text="?", reply_markup={"inline_keyboard": [[{"text": "是", "callback_data": "y"}]]}
        )
        await here.bot.hears()
        door.answers = [web.Response(status=502) for _ in range(10_000)]
        await here.bot("setWebhook", url=url)
        person.press_data("y", sent["message_id"])
        await here.sandbox.until(lambda: len(door.got) > 2)
        clock.move(timedelta(seconds=151))
        await here.sandbox.until(lambda: not here.sandbox.world.bot(TOKEN).updates)


async def test_a_refused_connection_is_told_in_the_webhook_info() -> None:
    async with stage() as here:
        here.sandbox.webhooks.pace = 0.001
        await here.bot("setWebhook", url="http://127.0.0.1:1/hook", max_connections=1)
        here.person()
        await here.sandbox.until(lambda: here.sandbox.webhooks.attempts > 2)
        info = await here.bot("getWebhookInfo")
        assert (info["last_error_message"], info["pending_update_count"], info["max_connections"]) == ("Connection refused", 1, 1)
        await here.bot("deleteWebhook", drop_pending_updates=True)
        assert await here.bot("getUpdates") == []


async def test_no_more_than_max_connections_at_once() -> None:
    async with stage() as here, doorstep() as (door, url):
        people = [here.person(f"村民{number}", started=False) for number in range(6)]
        door.gates = {person.id: asyncio.Event() for person in people}
        await here.bot("setWebhook", url=url, max_connections=2)
        for person in people:
            person.send_text(TOKEN, "在")
        await here.sandbox.until(lambda: door.open == 2)
        for gate in door.gates.values():
            gate.set()
        await here.sandbox.until(lambda: len(door.got) == 6)
        assert door.most_open == 2


async def test_a_method_in_the_webhooks_answer_is_carried_out() -> None:
    async with stage() as here, doorstep() as (door, url):
        person = here.person(started=False)
        door.answers = [web.json_response({"method": "sendMessage", "chat_id": person.id, "text": "随手一答"})]
        await here.bot("setWebhook", url=url)
        person.send_text(TOKEN, "喂")
        await here.sandbox.until(lambda: person.last() is not None)
        assert here.sandbox.ledger.texts(person.id) == ["随手一答"]


async def test_after_an_outage_the_same_world_is_back() -> None:
    async with stage() as here, doorstep() as (door, url):
        person = here.person()
        await here.bot("setWebhook", url=url)
        await here.sandbox.until(lambda: len(door.got) == 1)
        await here.sandbox.stop()
        with pytest.raises(aiohttp.ClientConnectionError):
            await here.bot("getMe")
        person.send_text(TOKEN, "停电时")
        await here.sandbox.start()
        await here.sandbox.until(lambda: door.texts() == ["/start", "停电时"])
        await here.bot("sendMessage", chat_id=person.id, text="来电了")
        assert len(person.messages()) == 3
