"""One call of the Bot API: its parameters, however they came, and the checks all methods share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from sandbox.accounts import Bot
from sandbox.errors import Refusal, bad_request, forbidden
from sandbox.files import File
from sandbox.limits import Limits, check_markup
from sandbox.markdown import parse_markdown, parse_markdown_v2
from sandbox.markup import Entity, find_entities, parse_html, trim
from sandbox.messages import Chat, Message
from sandbox.world import World

MODES = {"html": parse_html, "markdownv2": parse_markdown_v2, "markdown": parse_markdown}


@dataclass(slots=True)
class Upload:
    name: str
    mime: str | None
    content: bytes


@dataclass(slots=True)
class Call:
    world: World
    limits: Limits
    bot: Bot
    method: str
    params: dict[str, Any]
    uploads: dict[str, Upload] = field(default_factory=dict)
    shown: str | None = None  # the text a person gets to see, for the ledger
    note: str | None = None  # a "description" beside the result

    # Parameters

    def text(self, name: str, default: str = "") -> str:
        value = self.params.get(name)
        if value is None:
            return default
        return value if isinstance(value, str) else orjson.dumps(value).decode()

    def integer(self, name: str, default: int = 0) -> int:
        value = self.params.get(name)
        try:
            return default if value is None or value == "" else int(value)
        except (TypeError, ValueError):
            return default

    def number(self, name: str) -> float | None:
        try:
            return float(self.params[name])
        except (KeyError, TypeError, ValueError):
            return None

    def flag(self, name: str) -> bool:
        value = self.params.get(name)
        return value.lower() in ("true", "yes", "1", "t", "y") if isinstance(value, str) else bool(value)

    def json(self, name: str) -> Any:
        """An object or list; forms carry it as a JSON string."""
        value = self.params.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            if name == "reply_markup":
                raise bad_request("object expected as reply markup") from None
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None

    # Content

    def formatted(self, name: str, *, source: dict[str, Any] | None = None) -> tuple[str, list[Entity]]:
        """Text with its entities: from `parse_mode`, from explicit entities, and those Telegram finds itself."""
        if source is None:
            raw, mode = self.text(name), self.text("parse_mode")
            given = None if mode else self.json("entities" if name == "text" else "caption_entities")
        else:
            raw, mode, given = source.get(name) or "", source.get("parse_mode") or "", source.get("caption_entities")
        if mode and mode.lower() not in MODES and mode.lower() != "none":
            raise bad_request("unsupported parse_mode")
        if "\x00" in raw:
            raw = raw.replace("\x00", "")
        text, entities = MODES[mode.lower()](raw) if mode.lower() in MODES else (raw, _given_entities(given))
        text, entities = trim(text, entities)
        return text, find_entities(text, entities)

    def markup(self) -> dict[str, Any] | None:
        return check_markup(self.json("reply_markup")) if self.params.get("reply_markup") else None

    def file(self, field_name: str, kind: str, value: Any = None) -> File:
        """A file by upload, `attach://`, or a file_id known here."""
        given = self.params.get(field_name) if value is None else value
        upload = self.uploads.get(
            given.removeprefix("attach://") if isinstance(given, str) and given.startswith("attach://") else field_name
        )
        if upload is not None and (given is None or given == "" or str(given).startswith("attach://")):
            return self.world.files.upload(kind, upload.content, name=upload.name, mime=upload.mime)
        if not given:
            raise bad_request(f"there is no {kind} in the request")
        if str(given).startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        if (known := self.world.files.find(str(given))) is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if known.kind != kind and not (kind == "document" and known.kind in ("animation",)):
            raise bad_request(f"can't use file of type {known.kind.capitalize()} as {kind.capitalize()}")
        return known

    # Places

    def destination(self, name: str = "chat_id") -> Chat:
        """The chat a message may be sent to, or Telegram's reason why not."""
        chat_id = self._chat_id(name)
        if chat_id in self.world.groups:
            return self._group(chat_id)
        person = self.world.people.get(chat_id)
        if person is None:
            raise forbidden("bots can't send messages to bots") if chat_id in self.world.bots else bad_request("chat not found")
        if person.deactivated:
            raise forbidden("user is deactivated")
        if self.bot.id in person.blocked:
            raise forbidden("bot was blocked by the user")
        if (room := self.world.private(self.bot, chat_id)) is None:
            raise forbidden("bot can't initiate conversation with a user")
        return room

    def _chat_id(self, name: str) -> int:
        value = self.params.get(name)
        if value is None or value == "":
            raise bad_request("chat_id is empty")
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad_request("chat not found") from None

    def _group(self, chat_id: int) -> Chat:
        group = self.world.groups[chat_id]
        if group.migrated_to is not None:
            raise bad_request("group chat was upgraded to a supergroup chat", migrate_to_chat_id=group.migrated_to)
        if self.bot.id in group.bots:
            return group
        if self.bot.id in group.kicked_bots:
            raise forbidden(f"bot was kicked from the {group.kind} chat")
        if group.kind == "supergroup":
            raise forbidden("bot is not a member of the supergroup chat")
        raise bad_request("chat not found")

    def pass_gate(self, chat: Chat, cost: int = 1) -> None:
        """The flood limits, when they are on."""
        self.limits.check(self.bot.id, chat.id, group=chat.is_group, cost=cost)

    def replied(self, chat: Chat) -> Message | None:
        about = self.json("reply_parameters") or {}
        message_id = about.get("message_id") or self.integer("reply_to_message_id")
        if not message_id:
            return None
        if (message := self.world.find_message(chat, int(message_id))) is None:
            if about.get("allow_sending_without_reply") or self.flag("allow_sending_without_reply"):
                return None
            raise bad_request("message to be replied not found")
        return message


def _given_entities(given: Any) -> list[Entity]:
    if not given:
        return []
    if not isinstance(given, Sequence) or not all(isinstance(one, dict) for one in given):
        raise bad_request("can't parse entities: expected an Array of MessageEntity")
    usable = [one for one in given if isinstance(one.get("offset"), int) and isinstance(one.get("length"), int) and one["length"] > 0]
    kept = [{key: value for key, value in one.items() if value is not None} for one in usable]
    return sorted(kept, key=lambda entity: (entity["offset"], -entity["length"]))


__all__ = ["Call", "Refusal", "Upload"]
