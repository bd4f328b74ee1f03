"""Methods about the bot itself, its chats and its files."""

from __future__ import annotations

from typing import Any

from sandbox.calls import Call
from sandbox.errors import bad_request, forbidden
from sandbox.messages import Chat
from sandbox.world import member


def get_me(call: Call) -> dict[str, Any]:
    return call.bot.describe() | {
        "can_join_groups": True,
        "can_read_all_group_messages": call.bot.reads_all_group_messages,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
    }


def _scope(call: Call) -> str:
    """A command scope as one word: `default`, `all_private_chats`, `chat:5`, `chat_member:5:7` …"""
    scope = call.json("scope") or {"type": "default"}
    kinds = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat", "chat_administrators", "chat_member")
    if not isinstance(scope, dict) or scope.get("type") not in kinds:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    return ":".join(str(scope[key]) for key in ("type", "chat_id", "user_id") if key in scope)


def set_my_commands(call: Call) -> bool:
    commands = call.json("commands")
    if not isinstance(commands, list):
        raise bad_request("can't parse commands: expected an Array of BotCommand")
    if len(commands) > 100:
        raise bad_request("too many commands specified")
    for command in commands:
        name, description = str(command.get("command", "")).removeprefix("/"), str(command.get("description", ""))
        if not 1 <= len(name) <= 32 or not name.replace("_", "a").isalnum() or not name.isascii() or name != name.lower():
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(description) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID" if not description else "command description is too long")
    shortened = [{"command": str(one["command"]).removeprefix("/"), "description": one["description"]} for one in commands]
    call.bot.commands[_scope(call), call.text("language_code")] = shortened
    call.world.bot_changed(call.bot)
    return True


def get_my_commands(call: Call) -> list[dict[str, str]]:
    return call.bot.commands.get((_scope(call), call.text("language_code")), [])


def delete_my_commands(call: Call) -> bool:
    call.bot.commands.pop((_scope(call), call.text("language_code")), None)
    call.world.bot_changed(call.bot)
    return True


def _set_words(call: Call, what: str, limit: int) -> bool:
    words = call.text(what)
    if len(words) > limit:
        raise bad_request(f"{what.replace('_', ' ')} is too long")
    call.bot.words[what, call.text("language_code")] = words
    return True


def _get_words(call: Call, what: str, default: str = "") -> dict[str, str]:
    words = call.bot.words
    return {what: words.get((what, call.text("language_code"))) or words.get((what, "")) or default}


def set_my_name(call: Call) -> bool:
    _set_words(call, "name", 64)
    if call.text("name") and not call.text("language_code"):
        call.bot.rename(name=call.text("name"))
        call.world.bot_changed(call.bot)
    return True


def get_my_name(call: Call) -> dict[str, str]:
    return _get_words(call, "name", call.bot.name)


def set_my_description(call: Call) -> bool:
    return _set_words(call, "description", 512)


def get_my_description(call: Call) -> dict[str, str]:
    return _get_words(call, "description")


def set_my_short_description(call: Call) -> bool:
    return _set_words(call, "short_description", 120)


def get_my_short_description(call: Call) -> dict[str, str]:
    return _get_words(call, "short_description")


def set_chat_menu_button(call: Call) -> bool:
    button = call.json("menu_button") or {"type": "default"}
    if button.get("type") not in ("commands", "web_app", "default"):
        raise bad_request("MenuButton has unsupported type")
    call.bot.menu_buttons[call.integer("chat_id")] = button
    return True


def get_chat_menu_button(call: Call) -> dict[str, Any]:
    buttons = call.bot.menu_buttons
    return buttons.get(call.integer("chat_id")) or buttons.get(0) or {"type": "commands" if call.bot.commands else "default"}


def get_file(call: Call) -> dict[str, Any]:
    if not (file_id := call.text("file_id")):
        raise bad_request("file_id not specified")
    if (file := call.world.files.find(file_id)) is None:
        raise bad_request("invalid file_id")
    if file.gone:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if file.too_big:
        raise bad_request("file is too big")
    return file.describe() | {"file_path": file.path}


def send_chat_action(call: Call) -> bool:
    action = call.text("action")
    if action not in ("typing", "find_location", "choose_sticker") and not action.startswith(("upload_", "record_")):
        raise bad_request("wrong parameter action in request")
    call.world.acting(call.destination(), call.bot, action)
    return True


def _known_chat(call: Call) -> Chat:
    """For looking at a chat: being blocked does not stop that, never having met does."""
    chat_id = call.integer("chat_id")
    if chat_id in call.world.groups:
        return call.destination()
    if (room := call.world.private(call.bot, chat_id)) is None:
        raise bad_request("chat_id is empty" if not call.params.get("chat_id") else "chat not found")
    return room


def get_chat(call: Call) -> dict[str, Any]:
    chat = _known_chat(call)
    accepted = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    about = chat.describe() | {"accent_color_id": 0, "max_reaction_count": 11}
    about["accepted_gift_types"] = dict.fromkeys(accepted, False)
    if chat.is_group:
        about["permissions"] = {"can_send_messages": True}
    return about


def _status(chat: Chat, user_id: int) -> str:
    if user_id == chat.owner:
        return "creator"
    if user_id in chat.administrators:
        return "administrator"
    return "member" if user_id in chat.people or user_id in chat.bots else ("kicked" if user_id in chat.kicked_bots else "left")


def get_chat_member(call: Call) -> dict[str, Any]:
    chat = _known_chat(call)
    user_id = call.integer("user_id")
    user = call.world.people.get(user_id) or call.world.bots.get(user_id)
    if user is None:
        raise bad_request("invalid user_id specified")
    if not chat.is_group:
        return member(user.describe(), "member")
    return member(user.describe(), _status(chat, user_id))


def get_chat_administrators(call: Call) -> list[dict[str, Any]]:
    chat = _known_chat(call)
    if not chat.is_group:
        raise bad_request("there are no administrators in the private chat")
    users = [call.world.people.get(one) or call.world.bots[one] for one in {chat.owner, *chat.administrators} if one is not None]
    return [member(user.describe(), _status(chat, user.id)) for user in users]


def get_chat_member_count(call: Call) -> int:
    chat = _known_chat(call)
    return len(chat.people) + len(chat.bots) if chat.is_group else 2


def leave_chat(call: Call) -> bool:
    chat = call.destination()
    if not chat.is_group:
        raise forbidden("bot can't leave a private chat")
    del chat.bots[call.bot.id]
    call.world.service_message(chat, call.bot, {"left_chat_member": call.bot.describe()})
    return True
