"""The Bot API as a bot meets it: calls, results and refusals over real HTTP."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiogram.types import CallbackQuery, ChatFullInfo, File, Message, Update, User, WebhookInfo

from sandbox import Clock, Press
from tests.test_sandbox_kit import NINE, TOKEN, BareBot, stage

YES = {"inline_keyboard": [[{"text": "参加", "callback_data": "yes"}, {"text": "请假", "callback_data": "no"}]]}


async def test_a_well_formed_token_makes_its_bot_at_first_sight() -> None:
    async with stage() as here:
        other = BareBot(here.sandbox.url, here.session, "77:another_secret-1")
        assert (await other("getMe"))["username"] == "bot77_bot"
        User.model_validate(await here.bot("getMe"))
        assert (await here.bot("GETME"))["first_name"] == "值班台"


@pytest.mark.parametrize(
    ("token", "status", "description"),
    [
        ("77:short", 401, "Unauthorized"),
        ("4242:another_secret-1", 401, "Unauthorized"),
        ("words", 404, "Not Found"),
        ("x:y", 404, "Not Found"),
    ],
)
async def test_a_bad_token_is_refused(token: str, status: int, description: str) -> None:
    async with stage() as here:
        refused = await BareBot(here.sandbox.url, here.session, token).refused("getMe")
        assert (refused.status, refused.description) == (status, description)


async def test_an_unknown_method_is_refused_and_noted(caplog: pytest.LogCaptureFixture) -> None:
    async with stage() as here:
        refused = await here.bot.refused("sendTelegraph")
        assert (refused.status, refused.description) == (404, "Not Found")
        assert here.sandbox.api.unknown_methods == {"sendtelegraph"}
    assert "sendtelegraph" in caplog.text


@pytest.mark.parametrize("way", ["query", "form", "multipart", "json"])
async def test_parameters_come_in_every_way(way: str) -> None:
    async with stage() as here:
        person = here.person()
        url = f"{here.sandbox.url}/bot{TOKEN}/sendMessage"
        strings = {"chat_id": str(person.id), "text": "会议通知", "reply_markup": json.dumps(YES)}
        multipart = aiohttp.MultipartWriter("form-data")
        for name, value in strings.items():
            multipart.append(value).set_content_disposition("form-data", name=name)
        requests: dict[str, dict[str, Any]] = {
            "query": {"params": strings},
            "form": {"data": strings},
            "multipart": {"data": multipart},
            "json": {"json": {"chat_id": person.id, "text": "会议通知", "reply_markup": YES}},
        }
        async with here.session.post(url, **requests[way]) as response:
            assert (await response.json())["result"]["reply_markup"] == YES
        last = person.last()
        assert last is not None
        assert (last.text, last.button_texts) == ("会议通知", ["参加", "请假"])


async def test_results_satisfy_a_strict_client() -> None:
    async with stage() as here:
        person = here.person(last_name="某", username="tan_zr")
        message = await here.bot("sendMessage", chat_id=person.id, text="<b>甲</b>", parse_mode="HTML", reply_markup=YES)
        assert Message.model_validate(message).html_text == "<b>甲</b>"
        person.press("参加")
        person.send_photo(caption="现场")
        person.send_voice()
        person.send_video()
        person.send_sticker()
        person.send_document(name="名单.pdf")
        person.send_location(None, 31.0, 110.3)
        person.send_contact(None)
        person.block()
        person.unblock()
        updates = [Update.model_validate(update) for update in await here.bot.hears()]
        assert [update.event_type for update in updates] == ["message", "callback_query", *["message"] * 7, *["my_chat_member"] * 2]
        assert isinstance(updates[1].event, CallbackQuery)
        ChatFullInfo.model_validate(await here.bot("getChat", chat_id=person.id))
        WebhookInfo.model_validate(await here.bot("getWebhookInfo"))
        file = File.model_validate(await here.bot("getFile", file_id=updates[6].message.document.file_id))  # type: ignore[union-attr]
        assert file.file_path == "documents/file_4.pdf"


async def test_edits_are_refused_as_telegram_refuses_them() -> None:
    async with stage() as here:
        person = here.person()
        sent = await here.bot("sendMessage", chat_id=person.id, text="请您确认", reply_markup=YES)
        where = {"chat_id": person.id, "message_id": sent["message_id"]}
        edited = await here.bot("editMessageText", **where, text="已确认")
        assert edited["text"] == "已确认"
        assert "reply_markup" not in edited
        again = await here.bot.refused("editMessageText", **where, text="已确认")
        assert again.description.startswith("Bad Request: message is not modified: specified new message content and reply markup")
        lost = await here.bot.refused("editMessageText", chat_id=person.id, message_id=999, text="甲")
        assert lost.description == "Bad Request: message to edit not found"
        his = person.messages()[0]
        theirs = await here.bot.refused("editMessageText", chat_id=person.id, message_id=his.id, text="甲")
        assert theirs.description == "Bad Request: message can't be edited"
        await here.bot("editMessageReplyMarkup", **where, reply_markup=YES)
        assert (last := person.last()) is not None
        assert last.button_texts == ["参加", "请假"]


async def test_a_message_with_a_keyboard_below_can_not_be_edited() -> None:
    async with stage() as here:
        person = here.person()
        sent = await here.bot("sendMessage", chat_id=person.id, text="选一个", reply_markup={"keyboard": [["甲"], [{"text": "乙"}]]})
        assert person.keyboard() == [["甲"], ["乙"]]
        refused = await here.bot.refused("editMessageText", chat_id=person.id, message_id=sent["message_id"], text="又一个")
        assert refused.description == "Bad Request: message can't be edited"


async def test_deleting_is_possible_for_48_hours() -> None:
    async with stage(Clock(NINE, running=False)) as here:
        person = here.person()
        first = await here.bot("sendMessage", chat_id=person.id, text="甲")
        second = await here.bot("sendMessage", chat_id=person.id, text="乙")
        assert await here.bot("deleteMessage", chat_id=person.id, message_id=first["message_id"])
        gone = await here.bot.refused("deleteMessage", chat_id=person.id, message_id=first["message_id"])
        assert gone.description == "Bad Request: message to delete not found"
        here.sandbox.clock.move(timedelta(hours=49))
        late = await here.bot.refused("deleteMessage", chat_id=person.id, message_id=second["message_id"])
        assert late.description == "Bad Request: message can't be deleted"
        assert [message.text for message in person.from_bot()] == ["乙"]


async def test_a_press_is_answered_once_and_in_time() -> None:
    async with stage(Clock(NINE, running=False)) as here:
        person = here.person()
        await here.bot("sendMessage", chat_id=person.id, text="到会？", reply_markup=YES)
        press = person.press("参加")
        assert isinstance(press, Press)
        query = (await here.bot.hears())[-1]["callback_query"]
        assert (query["data"], query["message"]["from"]["is_bot"], query["from"]["id"]) == ("yes", True, person.id)
        assert await here.bot("answerCallbackQuery", callback_query_id=query["id"], text="已登记", show_alert=True)
        assert await press.answered() == {"text": "已登记", "alert": True}
        late = person.press("请假")
        assert isinstance(late, Press)
        here.sandbox.clock.move(timedelta(seconds=151))
        refused = await here.bot.refused("answerCallbackQuery", callback_query_id=late.id)
        assert refused.description == "Bad Request: query is too old and response timeout expired or query ID is invalid"
        assert late.answer is None


async def test_files_go_up_and_down() -> None:
    async with stage() as here:
        person = here.person()
        content = "花名册".encode() * 1000
        form = aiohttp.FormData({"chat_id": str(person.id), "caption": "请查收"}, quote_fields=False)
        form.add_field("document", content, filename="花名册.csv", content_type="text/csv")
        async with here.session.post(f"{here.sandbox.url}/bot{TOKEN}/sendDocument", data=form) as response:
            document = (await response.json())["result"]["document"]
        assert (document["file_name"], document["file_size"], document["mime_type"]) == ("花名册.csv", len(content), "text/csv")
        again = await here.bot("sendDocument", chat_id=person.id, document=document["file_id"])
        assert again["document"]["file_id"] == document["file_id"]
        file = await here.bot("getFile", file_id=document["file_id"])
        async with here.session.get(f"{here.sandbox.url}/file/bot{TOKEN}/{file['file_path']}") as response:
            assert await response.read() == content
        as_photo = await here.bot.refused("sendPhoto", chat_id=person.id, photo=document["file_id"])
        assert as_photo.description == "Bad Request: can't use file of type Document as Photo"
        unknown = await here.bot.refused("sendPhoto", chat_id=person.id, photo="AgACnothing")
        assert unknown.description == "Bad Request: wrong file identifier/HTTP URL specified"


async def test_a_file_over_20_mb_can_not_be_fetched() -> None:
    async with stage() as here:
        person = here.person()
        big = person.send_video(size=21 * 1024 * 1024).message
        assert big.media is not None
        refused = await here.bot.refused("getFile", file_id=big.media.file.file_id)
        assert refused.description == "Bad Request: file is too big"
        small = person.send_video(size=1000).message
        assert small.media is not None
        file = await here.bot("getFile", file_id=small.media.file.file_id)
        async with here.session.get(f"{here.sandbox.url}/file/bot{TOKEN}/{file['file_path']}") as response:
            assert len(await response.read()) == 1000


async def test_an_album_is_one_group_of_messages() -> None:
    async with stage() as here:
        person = here.person()
        photos = [person.send_photo().message.media for _ in range(2)]
        media = [{"type": "photo", "media": photo.file.file_id, "caption": "图"} for photo in photos if photo is not None]
        sent = await here.bot("sendMediaGroup", chat_id=person.id, media=media)
        assert len({message["media_group_id"] for message in sent}) == 1
        alone = await here.bot.refused("sendMediaGroup", chat_id=person.id, media=media[:1])
        assert alone.status == 400
        items = [{"kind": "photo", "caption": "其一"}, {"kind": "photo"}, {"kind": "video"}]
        person.send_album(TOKEN, items)
        heard = [update["message"] for update in (await here.bot.hears())[-3:]]
        assert len({message["media_group_id"] for message in heard}) == 1
        assert heard[0]["caption"] == "其一"


async def test_what_is_protected_can_not_be_passed_on() -> None:
    async with stage() as here:
        person = here.person()
        open_one = await here.bot("sendMessage", chat_id=person.id, text="公开")
        secret = await here.bot("sendMessage", chat_id=person.id, text="保密", protect_content=True)
        assert secret["has_protected_content"] is True
        where = {"chat_id": person.id, "from_chat_id": person.id}
        copied = await here.bot("copyMessage", **where, message_id=open_one["message_id"])
        assert set(copied) == {"message_id"}
        forwarded = Message.model_validate(await here.bot("forwardMessage", **where, message_id=open_one["message_id"]))
        assert forwarded.forward_origin is not None
        for method, verb in (("copyMessage", "copied"), ("forwardMessage", "forwarded")):
            refused = await here.bot.refused(method, **where, message_id=secret["message_id"])
            assert refused.description == f"Bad Request: the message can't be {verb}"


async def test_the_bot_introduces_itself() -> None:
    async with stage() as here:
        commands = [{"command": "report", "description": "报告"}]
        await here.bot("setMyCommands", commands=commands)
        await here.bot("setMyCommands", commands=[], language_code="en")
        assert await here.bot("getMyCommands") == commands
        assert await here.bot("getMyCommands", language_code="en") == []
        bad = await here.bot.refused("setMyCommands", commands=[{"command": "No Good", "description": "x"}])
        assert bad.description == "Bad Request: BOT_COMMAND_INVALID"
        await here.bot("deleteMyCommands")
        assert await here.bot("getMyCommands") == []
        for what in ("name", "description", "short_description"):
            title = "".join(word.capitalize() for word in what.split("_"))
            await here.bot(f"setMy{title}", **{what: "联席"})
            assert await here.bot(f"getMy{title}") == {what: "联席"}
        assert (await here.bot("getMe"))["first_name"] == "联席"
        assert await here.bot("setChatMenuButton", menu_button={"type": "commands"})
        person = here.person()
        assert await here.bot("sendChatAction", chat_id=person.id, action="typing")


async def test_replies_and_effects_on_the_keyboard() -> None:
    async with stage() as here:
        person = here.person()
        asked = person.send_text(TOKEN, "在吗").message_id
        reply = await here.bot("sendMessage", chat_id=person.id, text="在", reply_parameters={"message_id": asked})
        assert reply["reply_to_message"]["text"] == "在吗"
        lost = await here.bot.refused("sendMessage", chat_id=person.id, text="在", reply_parameters={"message_id": 99999})
        assert lost.description == "Bad Request: message to be replied not found"
        ask = [[{"text": "我的号码", "request_contact": True}, {"text": "我的位置", "request_location": True}], [{"text": "算了"}]]
        await here.bot("sendMessage", chat_id=person.id, text="请", reply_markup={"keyboard": ask, "one_time_keyboard": False})
        for text, field in (("我的号码", "contact"), ("我的位置", "location"), ("算了", "text")):
            person.press(text)
            assert field in (await here.bot.hears())[-1]["message"]
        await here.bot("sendMessage", chat_id=person.id, text="好", reply_markup={"remove_keyboard": True})
        assert person.keyboard() == []
