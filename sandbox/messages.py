"""Chats and messages, and how both sides see them: the bot as Bot API objects, a person as lines with buttons."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.files import File, describe_media
from sandbox.markup import Entity, to_html

if TYPE_CHECKING:
    from sandbox.accounts import Bot
    from sandbox.people import Person

KEPT_IN_A_CHAT = 5_000


@dataclass(eq=False, slots=True)
class Media:
    kind: str
    file: File
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Chat:
    """A private chat of one person with one bot (its id is the person's), or a group (negative id)."""

    id: int
    kind: str  # "private", "group" or "supergroup"
    title: str = ""
    person: Person | None = None
    bot: Bot | None = None
    people: dict[int, Person] = field(default_factory=dict)
    bots: dict[int, Bot] = field(default_factory=dict)
    kicked_bots: set[int] = field(default_factory=set)
    administrators: set[int] = field(default_factory=set)
    owner: int | None = None
    migrated_to: int | None = None
    keyboard: dict[str, Any] | None = None
    messages: dict[int, Message] = field(default_factory=dict)

    @property
    def is_group(self) -> bool:
        return self.kind != "private"

    def describe(self) -> dict[str, Any]:
        if self.person is not None:
            about = self.person.describe()
            return {key: about[key] for key in ("id", "first_name", "last_name", "username") if key in about} | {"type": "private"}
        about = {"id": self.id, "title": self.title, "type": self.kind}
        if self.kind == "group":
            about["all_members_are_administrators"] = False
        return about

    def keep(self, message: Message) -> int | None:
        """Add it; the id of the oldest one when that had to go."""
        self.messages[message.id] = message
        if len(self.messages) <= KEPT_IN_A_CHAT:
            return None
        oldest = next(iter(self.messages))
        del self.messages[oldest]
        return oldest


@dataclass(eq=False, slots=True)
class Message:
    id: int
    chat: Chat
    sender: Bot | Person
    at: datetime
    text: str | None = None
    entities: list[Entity] = field(default_factory=list)
    media: Media | None = None
    markup: dict[str, Any] | None = None  # inline buttons only; a reply keyboard belongs to the chat
    reply_to: Message | None = None
    edited: datetime | None = None
    deleted: bool = False
    protected: bool = False
    group_of_media: str | None = None
    other: dict[str, Any] = field(default_factory=dict)  # location, contact, service fields, forward_origin
    asks: dict[str, Any] | None = None  # the reply keyboard it was sent with

    @property
    def by_bot(self) -> bool:
        return bool(self.sender.is_bot)

    @property
    def html(self) -> str:
        return to_html(self.text or "", self.entities)

    @property
    def buttons(self) -> list[list[str]]:
        """The visible texts of the inline buttons, row by row."""
        return [[button["text"] for button in row] for row in (self.markup or {}).get("inline_keyboard", [])]

    @property
    def button_texts(self) -> list[str]:
        return [text for row in self.buttons for text in row]

    def button(self, text: str, *, exactly: bool = False) -> dict[str, Any] | None:
        """The inline button with this text, or else one whose text contains it."""
        return find_button((self.markup or {}).get("inline_keyboard", []), text, exactly=exactly)

    def describe(self, *, with_reply: bool = True) -> dict[str, Any]:
        """A Message of the Bot API."""
        about: dict[str, Any] = {
            "message_id": self.id,
            "from": self.sender.describe(),
            "chat": self.chat.describe(),
            "date": int(self.at.timestamp()),
        }
        if self.edited is not None:
            about["edit_date"] = int(self.edited.timestamp())
        if self.media is not None:
            about |= describe_media(self.media.kind, self.media.file, self.media.extra)
            if self.media.kind == "animation":
                about["document"] = about["animation"]
        if self.text is not None:
            word = "text" if self.media is None else "caption"
            about[word] = self.text
            if self.entities:
                about["entities" if self.media is None else "caption_entities"] = self.entities
        about |= self.other
        if self.markup is not None:
            about["reply_markup"] = self.markup
        if self.group_of_media is not None:
            about["media_group_id"] = self.group_of_media
        if self.protected:
            about["has_protected_content"] = True
        if with_reply and self.reply_to is not None:
            about["reply_to_message"] = self.reply_to.describe(with_reply=False)
        return about

    def view(self) -> dict[str, Any]:
        """The message as the person sees it, for the page and for tests over HTTP."""
        return {
            "message_id": self.id,
            "chat": self.chat.id,
            "bot": self.chat.bot.id if self.chat.bot else None,
            "at": self.at.isoformat(),
            "from": "bot" if self.by_bot else "person",
            "sender": self.sender.id,
            "name": self.sender.full_name,
            "text": self.text,
            "html": self.html,
            "media": self._media_view(),
            "media_group": self.group_of_media,
            "service": next((kind for kind in self.other if kind in SERVICE_FIELDS), None),
            "buttons": [[_button_view(button) for button in row] for row in (self.markup or {}).get("inline_keyboard", [])],
            "keyboard": keyboard_view(self.asks),
            "reply_to": self.reply_to.id if self.reply_to else None,
            "edited": self.edited.isoformat() if self.edited else None,
            "deleted": self.deleted,
            "protected": self.protected,
        }

    def _media_view(self) -> dict[str, Any] | None:
        if self.media is not None:
            file = self.media.file
            about = {"kind": self.media.kind, "name": file.name, "mime": file.mime, "size": file.size, "file_id": file.file_id}
            return about | self.media.extra | {"url": f"/sandbox/files/{file.file_id}"}
        for kind in ("location", "contact"):
            if kind in self.other:
                return {"kind": kind, **self.other[kind]}
        return None


def find_button(rows: list[list[dict[str, Any]]], text: str, *, exactly: bool) -> dict[str, Any] | None:
    found = [button for row in rows for button in row]
    exact = [button for button in found if button["text"] == text]
    return next(iter(exact or [button for button in found if not exactly and text in button["text"]]), None)


SERVICE_FIELDS = frozenset({"group_chat_created", "new_chat_members", "left_chat_member", "migrate_to_chat_id", "migrate_from_chat_id"})
_BUTTON_KINDS = ("callback_data", "url", "web_app", "login_url", "copy_text", "switch_inline_query", "request_contact", "request_location")


def _button_view(button: dict[str, Any]) -> dict[str, Any]:
    kind = next((kind for kind in _BUTTON_KINDS if button.get(kind)), "text")
    about = {"text": button["text"], "kind": "callback" if kind == "callback_data" else kind}
    if kind == "url":
        about["url"] = button["url"]
    return about


def keyboard_view(keyboard: dict[str, Any] | None) -> dict[str, Any] | None:
    """A reply keyboard as `{buttons: [[{text, kind}]], one_time, placeholder}`, `{removed: true}`, or null."""
    if keyboard is None:
        return None
    if keyboard.get("remove_keyboard"):
        return {"removed": True}
    if "keyboard" not in keyboard:
        return {"buttons": [], "force_reply": True, "placeholder": keyboard.get("input_field_placeholder")}
    return {
        "buttons": [[_button_view(button) for button in row] for row in keyboard["keyboard"]],
        "one_time": bool(keyboard.get("one_time_keyboard")),
        "placeholder": keyboard.get("input_field_placeholder"),
    }
