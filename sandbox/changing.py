"""Methods that change, remove or answer what is there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sandbox.calls import Call
from sandbox.errors import bad_request
from sandbox.limits import check_caption, check_text
from sandbox.messages import Message
from sandbox.world import ANSWER_WINDOW

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
DELETABLE_FOR = timedelta(hours=48)


def _editable(call: Call) -> Message:
    if call.text("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = call.destination()
    if not call.params.get("message_id"):
        raise bad_request("message identifier is not specified")
    message = call.world.find_message(chat, call.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    # Telegram lets nobody edit a message that came with a keyboard below the chat, or took one away.
    if message.sender is not call.bot or message.asks is not None:
        raise bad_request("message can't be edited")
    return message


def _inline_only(call: Call) -> dict[str, Any] | None:
    markup = call.markup()
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup


def _change(
    call: Call, message: Message, text: str | None, entities: list[dict[str, Any]], markup: dict[str, Any] | None
) -> dict[str, Any]:
    if (message.text or "") == (text or "") and message.entities == entities and message.markup == markup:
        raise bad_request(NOT_MODIFIED)
    call.pass_gate(message.chat)
    if (message.text, message.entities) != (text, entities):
        message.edited = call.world.clock.now()
    message.text, message.entities, message.markup = text, entities, markup
    call.world.message_edited(message)
    return message.describe()


def edit_message_text(call: Call) -> dict[str, Any]:
    if not call.params.get("text"):
        raise bad_request("message text is empty")
    text, entities = call.formatted("text")
    call.shown = text
    markup = _inline_only(call)
    message = _editable(call)
    if message.text is None or message.media is not None:
        raise bad_request("there is no text in the message to edit")
    check_text(text)
    return _change(call, message, text, entities, markup)


def edit_message_caption(call: Call) -> dict[str, Any]:
    text, entities = call.formatted("caption")
    call.shown = text or None
    markup = _inline_only(call)
    message = _editable(call)
    if message.media is None:
        raise bad_request("there is no caption in the message to edit")
    check_caption(text)
    return _change(call, message, text or None, entities, markup)


def edit_message_reply_markup(call: Call) -> dict[str, Any]:
    markup = _inline_only(call)
    message = _editable(call)
    call.shown = message.text
    return _change(call, message, message.text, message.entities, markup)


def delete_message(call: Call) -> bool:
    chat = call.destination()
    message = call.world.find_message(chat, call.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    _check_deletable(call, message)
    call.world.delete_message(message)
    return True


def delete_messages(call: Call) -> bool:
    """Those that are not there are passed over, as Telegram does."""
    chat = call.destination()
    ids = call.json("message_ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= 100:
        raise bad_request("message identifiers are not specified" if not ids else "too many message identifiers specified")
    found = [message for one in ids if (message := call.world.find_message(chat, int(one))) is not None]
    for message in found:
        _check_deletable(call, message)
    for message in found:
        call.world.delete_message(message)
    return True


def _check_deletable(call: Call, message: Message) -> None:
    others_in_group = message.chat.is_group and message.sender is not call.bot and call.bot.id not in message.chat.administrators
    if others_in_group or call.world.clock.now() - message.at > DELETABLE_FOR:
        raise bad_request("message can't be deleted")


def answer_callback_query(call: Call) -> bool:
    press = call.world.presses.get(call.text("callback_query_id"))
    if press is None or press.bot is not call.bot or call.world.clock.now() - press.at > ANSWER_WINDOW:
        raise bad_request(TOO_OLD)
    text = call.text("text")
    if len(text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    call.shown = text or None
    call.params.setdefault("chat_id", press.message.chat.id)  # so that the ledger says whose spinner it was
    answer: dict[str, Any] = {"text": text or None, "alert": call.flag("show_alert")}
    if url := call.text("url"):
        answer["url"] = url
    call.world.answered(press, answer)
    return True
