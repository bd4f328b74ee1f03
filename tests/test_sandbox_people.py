"""People who block, leave, never came, sit in groups; bad days by plan; and the ledger that saw it all."""

from __future__ import annotations

from datetime import timedelta

import aiohttp
import pytest

from sandbox import Clock, NoSuchThing
from sandbox.faults import Rule
from tests.test_sandbox_kit import NINE, TOKEN, BareBot, stage


async def test_whom_a_bot_can_not_reach() -> None:
    async with stage() as here:
        blocked, gone, stranger = here.person(), here.person("刘老师"), here.person("李某", started=False)
        blocked.block()
        gone.change(deactivated=True)
        reasons = {
            blocked.id: (403, "Forbidden: bot was blocked by the user"),
            gone.id: (403, "Forbidden: user is deactivated"),
            stranger.id: (403, "Forbidden: bot can't initiate conversation with a user"),
            1: (400, "Bad Request: chat not found"),
            4242: (403, "Forbidden: bots can't send messages to bots"),
        }
        for chat_id, reason in reasons.items():
            refused = await here.bot.refused("sendMessage", chat_id=chat_id, text="通知")
            assert (refused.status, refused.description) == reason
        nobody = await here.bot.refused("sendMessage", text="通知")
        assert nobody.description == "Bad Request: chat_id is empty"


async def test_blocking_and_coming_back_are_told_to_the_bot() -> None:
    async with stage() as here:
        person = here.person()
        person.block()
        person.block()
        person.send_text(TOKEN, "/start")
        updates = await here.bot.hears()
        changes = [update["my_chat_member"] for update in updates if "my_chat_member" in update]
        assert [(one["old_chat_member"]["status"], one["new_chat_member"]["status"]) for one in changes] == [
            ("member", "kicked"),
            ("kicked", "member"),
        ]
        assert await here.bot("sendMessage", chat_id=person.id, text="欢迎回来")


async def test_a_person_edits_what_he_wrote() -> None:
    async with stage() as here:
        person = here.person()
        sent = person.send_text(TOKEN, "三个人")
        person.edit(sent.message_id, "四个人")
        edited = (await here.bot.hears())[-1]["edited_message"]
        assert (edited["message_id"], edited["text"]) == (sent.message_id, "四个人")
        assert "edit_date" in edited


async def test_a_button_that_is_not_there_can_not_be_pressed() -> None:
    async with stage() as here:
        person = here.person()
        with pytest.raises(NoSuchThing, match="sees no button '参加'"):
            person.press("参加")
        rows = [
            [
                {"text": "官网", "url": "https://example.org"},
                {"text": "确认收到", "callback_data": "1"},
                {"text": "确认", "callback_data": "2"},
            ]
        ]
        sent = await here.bot("sendMessage", chat_id=person.id, text="?", reply_markup={"inline_keyboard": rows})
        with pytest.raises(NoSuchThing, match="opens https"):
            person.press("官网")
        with pytest.raises(NoSuchThing, match="has no button"):
            person.press("取消", sent["message_id"])
        person.press("确认")
        assert (await here.bot.hears())[-1]["callback_query"]["data"] == "2"
        with pytest.raises(NoSuchThing, match="no buttons for"):
            here.person("刘老师").press_data("2", sent["message_id"])


async def test_a_group_hears_commands_and_becomes_a_supergroup() -> None:
    async with stage() as here:
        tan, liu = here.person(started=False), here.person("刘老师", started=False)
        world = here.sandbox.world
        group = world.create_group("联席会议", [tan, liu])
        tan.send_text(TOKEN, "大家好", chat=group.id)
        tan.send_text(TOKEN, "/report@desk_bot", chat=group.id)
        tan.send_text(TOKEN, "/report@other_bot", chat=group.id)
        updates = await here.bot.hears()
        assert [[*update][1] for update in updates] == ["my_chat_member", "message", "message"]
        assert updates[-1]["message"]["text"] == "/report@desk_bot"
        await here.bot("sendMessage", chat_id=group.id, text="收到")
        assert [message.text for message in liu.from_bot(chat=group.id)] == ["收到"]
        new = world.migrate_group(group)
        moved = await here.bot.refused("sendMessage", chat_id=group.id, text="还在吗")
        assert moved.description == "Bad Request: group chat was upgraded to a supergroup chat"
        assert moved.answer["parameters"] == {"migrate_to_chat_id": new.id}
        assert [update["message"].get("migrate_to_chat_id") for update in await here.bot.hears()] == [new.id, None]
        await here.bot("sendMessage", chat_id=new.id, text="在")
        assert (await here.bot("getChatMember", chat_id=new.id, user_id=tan.id))["status"] == "creator"
        assert await here.bot("getChatMemberCount", chat_id=new.id) == 3
        world.kick_bot(new, world.bot())
        kicked = await here.bot.refused("sendMessage", chat_id=new.id, text="再见")
        assert kicked.description == "Forbidden: bot was kicked from the supergroup chat"


async def test_a_bot_leaves_a_group() -> None:
    async with stage() as here:
        group = here.sandbox.world.create_group("联席会议", [here.person()], kind="supergroup")
        assert await here.bot("leaveChat", chat_id=group.id)
        refused = await here.bot.refused("sendMessage", chat_id=group.id, text="?")
        assert refused.description == "Forbidden: bot is not a member of the supergroup chat"


async def test_two_bots_have_two_rooms_with_one_person() -> None:
    async with stage() as here:
        person = here.person(started=False)
        other = BareBot(here.sandbox.url, here.session, "77:another_secret-1")
        await other("getMe")
        with pytest.raises(NoSuchThing, match="say which bot"):
            person.send_text(None, "喂")
        person.send_text("desk_bot", "给甲")
        person.send_text(77, "给乙")
        person.send_text("78:not_seen_before", "给丙")
        assert here.sandbox.world.bots[78].username == "bot78_bot"
        assert [update["message"]["text"] for update in await here.bot.hears()] == ["给甲"]
        assert [update["message"]["text"] for update in await other.hears()] == ["给乙"]


async def test_the_ledger_saw_it_all() -> None:
    clock = Clock(NINE, running=False)
    async with stage(clock) as here:
        person, ledger = here.person(), here.sandbox.ledger
        first = await here.bot("sendMessage", chat_id=person.id, text="会议通知")
        clock.move(timedelta(minutes=5))
        await here.bot("editMessageText", chat_id=person.id, message_id=first["message_id"], text="会议改期")
        await here.bot.refused("sendMessage", chat_id=999, text="会议通知")
        await here.bot("sendMessage", chat_id=person.id, text="会议通知")
        await here.bot("getMe")
        assert [(entry.method, entry.chat_id, entry.text, entry.outcome) for entry in ledger] == [
            ("sendMessage", person.id, "会议通知", "delivered"),
            ("editMessageText", person.id, "会议改期", "delivered"),
            ("sendMessage", 999, "会议通知", "refused"),
            ("sendMessage", person.id, "会议通知", "delivered"),
        ]
        assert ledger.texts(person.id) == ["会议通知", "会议改期", "会议通知"]
        assert ledger.times("会议通知") == 2
        assert ledger.repeats() == {(person.id, "会议通知"): 2}
        assert [entry.at for entry in ledger.entries(chat=person.id)] == [NINE, *[NINE + timedelta(minutes=5)] * 2]
        assert [entry.seq for entry in ledger.entries(after=2, outcome="delivered")] == [4]


async def test_an_answer_that_is_lost_does_not_undo_the_message() -> None:
    async with stage() as here:
        person = here.person()
        here.sandbox.faults.add("lose_answer", method="sendMessage", times=1)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await here.bot("sendMessage", chat_id=person.id, text="到了")
        assert [message.text for message in person.from_bot()] == ["到了"]
        assert [entry.outcome for entry in here.sandbox.ledger] == ["answer_lost"]
        await here.bot("sendMessage", chat_id=person.id, text="又到了")


async def test_a_refused_connection_sends_nothing() -> None:
    async with stage() as here:
        person = here.person()
        here.sandbox.faults.plan([{"kind": "refuse", "chat": person.id, "times": 1}])
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await here.bot("sendMessage", chat_id=person.id, text="没到")
        assert person.from_bot() == []
        assert [entry.outcome for entry in here.sandbox.ledger] == ["refused"]


async def test_planned_codes_and_delays() -> None:
    async with stage() as here:
        person = here.person()
        here.sandbox.faults.plan(
            [
                Rule("status", times=1),
                Rule("too_many", seconds=7, times=1),
                Rule("delay", seconds=0.01, times=1),
                Rule("status", method="getMe", code=500, description="Internal Server Error"),
            ]
        )
        bad = await here.bot.refused("sendMessage", chat_id=person.id, text="一")
        assert (bad.status, bad.description) == (502, "Bad Gateway")
        many = await here.bot.refused("sendMessage", chat_id=person.id, text="一")
        assert (many.status, many.answer["parameters"]) == (429, {"retry_after": 7})
        await here.bot("sendMessage", chat_id=person.id, text="一")
        assert here.sandbox.faults.rules[2].happened == 1
        assert (await here.bot.refused("getMe")).status == 500
        here.sandbox.faults.clear()
        await here.bot("getMe")


def test_the_same_seed_gives_the_same_bad_day() -> None:
    from sandbox.faults import Faults

    def day(seed: int) -> list[bool]:
        faults = Faults()
        faults.plan([{"kind": "status", "probability": 0.3}], seed=seed)
        return [faults.strike("sendmessage", 1) is not None for _ in range(200)]

    assert day(1) == day(1)
    assert day(1) != day(2)
    assert 30 < sum(day(1)) < 90
    with pytest.raises(ValueError, match="unknown kind of fault"):
        Rule("earthquake")


async def test_the_clock_runs_and_jumps() -> None:
    running = Clock()
    before = running.now()
    assert running.move(timedelta(days=1)) - before >= timedelta(days=1)
    still = Clock(NINE, running=False)
    heard: list[object] = []
    still.listen(heard.append)
    assert still.now() == NINE == still.now()
    still.set(NINE + timedelta(hours=1))
    assert heard == [NINE + timedelta(hours=1)]
    with pytest.raises(ValueError, match="needs a time with a zone"):
        still.set(NINE.replace(tzinfo=None))


async def test_messages_are_stamped_with_the_sandboxs_time() -> None:
    async with stage(Clock(NINE, running=False)) as here:
        person = here.person()
        assert (await here.bot("sendMessage", chat_id=person.id, text="早"))["date"] == int(NINE.timestamp())


async def test_old_files_and_messages_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.messages.KEPT_IN_A_CHAT", 10)
    async with stage() as here:
        person, files = here.person(), here.sandbox.world.files
        files._budget = 1000
        old = person.send_document(content=b"x" * 800).message
        person.send_document(content=b"y" * 800)
        assert old.media is not None
        refused = await here.bot.refused("getFile", file_id=old.media.file.file_id)
        assert refused.description == "Bad Request: wrong file_id or the file is temporarily unavailable"
        for number in range(20):
            person.send_text(TOKEN, str(number))
        assert [message.text for message in person.messages()] == [str(number) for number in range(10, 20)]


async def test_a_long_exercise_forgets_what_is_old_but_never_the_newest_of_a_chat() -> None:
    clock = Clock(NINE, running=False)
    async with stage(clock) as here:
        person, other = here.person(), here.person()
        paper = person.send_document(content=b"x").message
        person.send_text(TOKEN, "旧")
        other.send_text(TOKEN, "唯一")
        clock.move(timedelta(days=2))
        person.send_text(TOKEN, "新")
        await here.bot("sendMessage", chat_id=person.id, text="好")
        here.sandbox.forget(clock.now() - timedelta(days=1))
        assert [message.text for message in person.messages()] == ["新", "好"]
        assert [message.text for message in other.messages()] == ["唯一"]
        assert paper.media is not None
        assert here.sandbox.world.files.find(paper.media.file.file_id) is None
        assert [entry.text for entry in here.sandbox.ledger] == ["好"]


async def test_the_exact_button_is_pressed_even_when_a_newer_one_is_like_it() -> None:
    async with stage() as here:
        person = here.person()
        for text, data in (("确认", "old"), ("确认收到", "new")):
            await here.bot(
                "sendMessage", chat_id=person.id, text="?", reply_markup={"inline_keyboard": [[{"text": text, "callback_data": data}]]}
            )
        person.press("确认")
        person.press("收到")
        assert [update["callback_query"]["data"] for update in (await here.bot.hears())[-2:]] == ["old", "new"]
