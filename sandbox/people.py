"""People and what they do in a chat: write, send things, press buttons, edit, block. Each act becomes an update for the bot."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.bell import until
from sandbox.errors import NoSuchThing
from sandbox.files import KINDS, File
from sandbox.markup import Entity, find_entities
from sandbox.messages import Chat, Media, Message, find_button

if TYPE_CHECKING:
    from sandbox.accounts import Bot
    from sandbox.world import World


@dataclass(eq=False, slots=True)
class Press:
    """A pressed inline button: its spinner turns until the bot answers."""

    id: str
    world: World
    person: Person
    bot: Bot
    message: Message
    data: str
    at: datetime
    update_id: int = 0
    answer: dict[str, Any] | None = None

    async def answered(self, timeout: float = 5) -> dict[str, Any] | None:
        """`{text, alert, url}` of the bot's answer; None when it did not answer within `timeout` seconds."""
        try:
            await until(self.world.bell, lambda: self.answer is not None, timeout)
        except TimeoutError:
            return None
        return self.answer


@dataclass(eq=False, slots=True)
class Sent:
    """What a person's act became."""

    update_id: int | None
    message: Message

    @property
    def message_id(self) -> int:
        return self.message.id


@dataclass(eq=False)
class Person:
    id: int
    world: World = field(repr=False)
    name: str
    last_name: str | None = None
    username: str | None = None
    language: str | None = None
    role: str | None = None
    note: str | None = None
    phone: str | None = None
    place: tuple[float, float] = (31.0423, 110.3404)  # where his phone says he is
    deactivated: bool = False
    blocked: set[int] = field(default_factory=set)
    is_bot: bool = False
    _described: dict[str, Any] | None = None

    @property
    def full_name(self) -> str:
        return f"{self.name} {self.last_name}" if self.last_name else self.name

    def describe(self) -> dict[str, Any]:
        if self._described is None:
            optional = {"last_name": self.last_name, "username": self.username, "language_code": self.language}
            about = {"id": self.id, "is_bot": False, "first_name": self.name}
            about |= {key: value for key, value in optional.items() if value}
            self._described = about
        return self._described

    def change(self, **what: Any) -> None:
        """Name, last_name, username, language, role, note, deactivated."""
        for key, value in what.items():
            if key not in ("name", "last_name", "username", "language", "role", "note", "phone", "deactivated"):
                raise ValueError(f"a person has no {key!r} to change")
            setattr(self, key, value)
        self._described = None
        self.world.person_changed(self)

    # Sending

    def send_text(self, bot: Bot | str | int | None, text: str, *, chat: int | None = None, reply_to: int | None = None) -> Sent:
        return self._send(bot, chat, text=text, entities=find_entities(text), reply_to=reply_to)

    def send_photo(self, bot: Bot | str | int | None = None, content: bytes | None = None, **what: Any) -> Sent:
        return self.send_file(bot, "photo", content, **what)

    def send_document(self, bot: Bot | str | int | None = None, content: bytes | None = None, **what: Any) -> Sent:
        return self.send_file(bot, "document", content, **what)

    def send_voice(self, bot: Bot | str | int | None = None, content: bytes | None = None, **what: Any) -> Sent:
        return self.send_file(bot, "voice", content, **what)

    def send_video(self, bot: Bot | str | int | None = None, content: bytes | None = None, **what: Any) -> Sent:
        return self.send_file(bot, "video", content, **what)

    def send_sticker(self, bot: Bot | str | int | None = None, content: bytes | None = None, **what: Any) -> Sent:
        return self.send_file(bot, "sticker", content, **what)

    def send_file(
        self,
        bot: Bot | str | int | None,
        kind: str,
        content: bytes | None = None,
        *,
        name: str | None = None,
        mime: str | None = None,
        size: int | None = None,
        caption: str | None = None,
        chat: int | None = None,
        media_group: str | None = None,
        reply_to: int | None = None,
        **extra: Any,
    ) -> Sent:
        """Without `content` it is a file of `size` bytes; `extra` is duration, width, height or emoji."""
        if kind not in KINDS:
            raise ValueError(f"unknown kind of file {kind!r}: one of {', '.join(KINDS)}")
        file: File = self.world.files.add(kind, content, name=name, mime=mime, size=size)
        entities = find_entities(caption) if caption else []
        media = Media(kind, file, extra)
        return self._send(bot, chat, text=caption, entities=entities, media=media, media_group=media_group, reply_to=reply_to)

    def send_album(self, bot: Bot | str | int | None, items: Iterable[dict[str, Any]], *, chat: int | None = None) -> list[Sent]:
        """Items as `{kind, content?, name?, size?, caption?}`; each is an update of its own, with one media_group_id."""
        album = str(secrets.randbelow(10**17) + 10**16)
        return [self.send_file(bot, **{"kind": "photo", **item}, media_group=album, chat=chat) for item in items]

    def send_location(self, bot: Bot | str | int | None, latitude: float, longitude: float, *, chat: int | None = None) -> Sent:
        return self._send(bot, chat, other={"location": {"latitude": latitude, "longitude": longitude}})

    def send_contact(
        self, bot: Bot | str | int | None, phone: str | None = None, *, chat: int | None = None, user_id: int | None = None
    ) -> Sent:
        """His own number, unless `user_id` says whose it is (0: of nobody Telegram knows)."""
        contact: dict[str, Any] = {"phone_number": phone or self.phone or f"86138{self.id % 10**8:08d}", "first_name": self.name}
        if self.last_name:
            contact["last_name"] = self.last_name
        if (owner := self.id if user_id is None else user_id) != 0:
            contact["user_id"] = owner
        return self._send(bot, chat, other={"contact": contact})

    def _send(
        self,
        bot: Bot | str | int | None,
        chat: int | None,
        *,
        text: str | None = None,
        entities: list[Entity] | None = None,
        media: Media | None = None,
        media_group: str | None = None,
        reply_to: int | None = None,
        other: dict[str, Any] | None = None,
    ) -> Sent:
        room = self.world.room_of(self, bot, chat)
        if room.bot is not None and room.bot.id in self.blocked:
            self.unblock(room.bot)
        message = Message(self.world.next_message_id(), room, self, self.world.clock.now(), text, entities or [], media)
        message.group_of_media, message.other = media_group, other or {}
        message.reply_to = self.world.message(reply_to) if reply_to else None
        self.world.add_message(message)
        return Sent(self.world.spread("message", message), message)

    # Answering what is there

    def press(
        self, text: str, message_id: int | None = None, *, bot: Bot | str | int | None = None, chat: int | None = None
    ) -> Press | Sent:
        """Press the button with this text: inline ones first, newest message first; then the keyboard below.

        A keyboard button sends its text, the contact or a location, as it would in Telegram.
        """
        if message_id is not None:
            message = self.world.message(message_id)
            if (button := message.button(text)) is None:
                raise NoSuchThing(f"message {message_id} has no button {text!r}; it has {message.button_texts}")
            return self._press_inline(message, button)
        room = self.world.room_of(self, bot, chat)
        for exactly in (True, False):
            for message in reversed(room.messages.values()):
                if not message.deleted and message.markup is not None and (button := message.button(text, exactly=exactly)) is not None:
                    return self._press_inline(message, button)
            if (button := find_button((room.keyboard or {}).get("keyboard", []), text, exactly=exactly)) is not None:
                return self._press_keyboard(room, button)
        inline = [word for message in room.messages.values() if not message.deleted for word in message.button_texts]
        raise NoSuchThing(f"{self.name} sees no button {text!r}; inline: {inline[-20:]}; below: {self.keyboard(bot)}")

    def press_data(self, data: str, message_id: int) -> Press:
        """Send callback data a button may never have had, as a forged client could."""
        return self._callback(self.world.message(message_id), data)

    def edit(self, message_id: int, text: str) -> Sent:
        message = self.world.message(message_id)
        if message.sender is not self:
            raise NoSuchThing(f"message {message_id} is not {self.name}'s to edit")
        message.text, message.entities, message.edited = text, find_entities(text), self.world.clock.now()
        self.world.message_edited(message)
        return Sent(self.world.spread("edited_message", message), message)

    def block(self, bot: Bot | str | int | None = None) -> None:
        found = self.world.bot(bot)
        if found.id not in self.blocked:
            self.blocked.add(found.id)
            self.world.membership(self, found, "member", "kicked")

    def unblock(self, bot: Bot | str | int | None = None) -> None:
        found = self.world.bot(bot)
        if found.id in self.blocked:
            self.blocked.discard(found.id)
            self.world.membership(self, found, "kicked", "member")

    # Looking

    def messages(self, bot: Bot | str | int | None = None, *, chat: int | None = None) -> list[Message]:
        """What is in his chat now, oldest first: edited as edited, deleted ones gone."""
        return [message for message in self.world.room_of(self, bot, chat).messages.values() if not message.deleted]

    def from_bot(self, bot: Bot | str | int | None = None, *, chat: int | None = None) -> list[Message]:
        return [message for message in self.messages(bot, chat=chat) if message.by_bot]

    def last(self, bot: Bot | str | int | None = None, *, chat: int | None = None) -> Message | None:
        """The newest message of the bot."""
        return next(reversed(self.from_bot(bot, chat=chat)), None)

    def keyboard(self, bot: Bot | str | int | None = None) -> list[list[str]]:
        """The texts of the keyboard below the chat."""
        rows = (self.world.room_of(self, bot, None).keyboard or {}).get("keyboard", [])
        return [[button["text"] for button in row] for row in rows]

    def _press_inline(self, message: Message, button: dict[str, Any]) -> Press:
        if "callback_data" not in button:
            raise NoSuchThing(f"the button {button['text']!r} tells the bot nothing: it opens {button.get('url', 'something else')}")
        return self._callback(message, button["callback_data"])

    def _callback(self, message: Message, data: str) -> Press:
        if not message.by_bot or (message.chat.person is not None and message.chat.person is not self):
            raise NoSuchThing(f"message {message.id} has no buttons for {self.name}")
        return self.world.press(self, message, data)

    def _press_keyboard(self, room: Chat, button: dict[str, Any]) -> Sent:
        if room.keyboard and room.keyboard.get("one_time_keyboard"):
            self.world.set_keyboard(room, None)
        bot = room.bot or next(iter(room.bots.values()))
        if button.get("request_contact"):
            return self.send_contact(bot)
        if button.get("request_location"):
            return self.send_location(bot, *self.place)
        return self.send_text(bot, button["text"], chat=room.id if room.is_group else None)
