"""The world of one sandbox: its people, bots, chats, files and time. Pure logic: nothing here speaks HTTP."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from sandbox.accounts import TOKEN, Bot, Update
from sandbox.bell import Bell, Events
from sandbox.clock import Clock
from sandbox.errors import NoSuchThing
from sandbox.files import Files
from sandbox.messages import Chat, Message, keyboard_view
from sandbox.people import Person, Press

# How long a pressed button may still be answered.
ANSWER_WINDOW = timedelta(seconds=150)
KEPT_MESSAGES = 200_000
KEPT_PRESSES = 20_000


class World:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.bell = Bell()
        self.events = Events()
        self.files = Files()
        self.bots: dict[int, Bot] = {}
        self.people: dict[int, Person] = {}
        self.groups: dict[int, Chat] = {}
        self.presses: dict[str, Press] = {}
        self.closing = False
        self.on_update: Callable[[Bot, Update], None] = lambda bot, update: None
        self.on_webhook: Callable[[Bot], None] = lambda bot: None
        self._private: dict[tuple[int, int], Chat] = {}
        self._messages: dict[int, Message] = {}
        self._message_id = 0
        self._person_id = 7_000_000_000
        self._group_id = 4_000_000_000
        clock.listen(self._clock_moved)

    # Bots

    def register_bot(self, token: str, username: str | None = None, name: str | None = None) -> Bot:
        """Make a bot known, or give it a new name or token (the old token is then revoked)."""
        if (match := TOKEN.fullmatch(token)) is None:
            raise ValueError("a bot token reads 123456:letters-and-digits")
        bot_id = int(match.group(1))
        if (bot := self.bots.get(bot_id)) is None:
            username = username or f"bot{bot_id}_bot"
            bot = self.bots[bot_id] = Bot(bot_id, token, username, name or username)
        else:
            bot.token = token
            bot.rename(name=name, username=username)
        self.bot_changed(bot)
        return bot

    def bot_by_token(self, token: str) -> Bot | None:
        """The bot of a token, made at first sight; None for a token that is malformed or revoked."""
        head, colon, _ = token.partition(":")
        if colon and head.isdecimal() and (bot := self.bots.get(int(head))) is not None:
            return bot if bot.token == token else None
        return self.register_bot(token) if TOKEN.fullmatch(token) else None

    def bot(self, which: Bot | str | int | None = None) -> Bot:
        """By object, id, username or token (a token not seen before makes its bot); left out while only one is known."""
        if isinstance(which, Bot):
            return which
        if which is None:
            if len(self.bots) == 1:
                return next(iter(self.bots.values()))
            raise NoSuchThing(f"say which bot: {len(self.bots)} are known")
        for bot in self.bots.values():
            if str(which).lstrip("@") in (str(bot.id), bot.username, bot.token):
                return bot
        if (made := self.bot_by_token(str(which))) is not None:
            return made
        raise NoSuchThing(f"no bot {str(which).partition(':')[0]} is known")

    def go_on_from(self, bot: Bot | str | int, *, update_id: int = 0, message_id: int = 0, person_id: int = 0) -> None:
        """For a bot that remembers an earlier world: numbers up to these are not given again."""
        known = self.bot(bot)
        known.next_update = max(known.next_update, update_id + 1)
        self._message_id = max(self._message_id, message_id)
        self._person_id = max(self._person_id, person_id)

    def bot_changed(self, bot: Bot) -> None:
        self._tell("bot", lambda: self.bot_view(bot))

    def bot_view(self, bot: Bot) -> dict[str, Any]:
        commands = bot.commands.get(("default", "")) or next(iter(bot.commands.values()), [])
        about = {"id": bot.id, "username": bot.username, "name": bot.name, "commands": commands}
        return about | {"mode": bot.mode, "pending": len(bot.updates)}

    # People

    def create_person(self, name: str, *, id: int | None = None, language: str | None = "zh-hans", **more: Any) -> Person:
        if id is None:
            self._person_id += 1
            id = self._person_id
        if id in self.people or id <= 0:
            raise ValueError(f"the id {id} is taken or not a person's")
        person = self.people[id] = Person(id, self, name, language=language, **more)
        self.person_changed(person)
        return person

    def person(self, person_id: int) -> Person:
        if (person := self.people.get(person_id)) is None:
            raise NoSuchThing(f"no person {person_id}")
        return person

    def person_changed(self, person: Person) -> None:
        self._tell("person", lambda: self.person_view(person))

    def person_view(self, person: Person) -> dict[str, Any]:
        private = [chat for (_, owner), chat in self._private.items() if owner == person.id]
        chats = [{"id": chat.id, "bot": chat.bot.id, "title": chat.bot.name} for chat in private if chat.bot]
        for group in self.groups.values():
            if person.id in group.people and group.migrated_to is None:
                bot = next(iter(group.bots.values()), None)
                chats.append({"id": group.id, "bot": bot.id if bot else None, "title": group.title})
        keys = ("id", "name", "last_name", "username", "language", "role", "note", "phone", "deactivated")
        blocked = sorted(person.blocked)
        return {key: getattr(person, key) for key in keys} | {"blocked": blocked, "chats": chats}

    # Chats

    def room_of(self, person: Person, bot: Bot | str | int | None, chat: int | None) -> Chat:
        """The chat a person acts in: a group he is in, or his private chat with the bot (opened by this)."""
        if chat is not None and chat != person.id:
            group = self.group(chat)
            if person.id not in group.people:
                raise NoSuchThing(f"{person.name} is not in the group {group.title}")
            return group
        found = self.bot(bot)
        if (room := self._private.get((found.id, person.id))) is None:
            room = self._private[found.id, person.id] = Chat(person.id, "private", person=person, bot=found)
        return room

    def private(self, bot: Bot, person_id: int) -> Chat | None:
        """Only when the person has ever written; a bot cannot open a chat."""
        room = self._private.get((bot.id, person_id))
        return room if room is not None and room.messages else None

    def group(self, chat_id: int) -> Chat:
        if (group := self.groups.get(chat_id)) is None:
            raise NoSuchThing(f"no group {chat_id}")
        return group

    def chat(self, chat_id: int, bot: Bot | str | int | None = None) -> Chat:
        """The chat behind a number, for a looker-on."""
        if chat_id in self.groups:
            return self.groups[chat_id]
        if bot is None:
            rooms = [room for (_, owner), room in self._private.items() if owner == chat_id]
            if len(rooms) == 1:
                return rooms[0]
        return self.room_of(self.person(chat_id), bot, None)

    # Messages

    def next_message_id(self) -> int:
        self._message_id += 1
        return self._message_id

    def message(self, message_id: int) -> Message:
        if (message := self._messages.get(message_id)) is None:
            raise NoSuchThing(f"no message {message_id}")
        return message

    def find_message(self, chat: Chat, message_id: int) -> Message | None:
        message = chat.messages.get(message_id)
        return None if message is None or message.deleted else message

    def add_message(self, message: Message) -> None:
        self._messages[message.id] = message
        if (gone := message.chat.keep(message)) is not None:
            self._messages.pop(gone, None)
        if len(self._messages) > KEPT_MESSAGES:
            oldest = self._messages.pop(next(iter(self._messages)))
            oldest.chat.messages.pop(oldest.id, None)
        self._tell("message", message.view)

    def forget(self, before: datetime) -> None:
        """Messages of before are gone from their chats, and with them their files and presses; the newest of a chat stays."""
        for message in [message for message in self._messages.values() if message.at < before]:
            if message is not next(reversed(message.chat.messages.values()), None):
                del self._messages[message.id]
                message.chat.messages.pop(message.id, None)
                if message.media is not None:
                    self.files.forget(message.media.file)
        for press in [press for press in self.presses.values() if press.message.at < before]:
            del self.presses[press.id]

    def message_edited(self, message: Message) -> None:
        self._tell("edited", message.view)

    def delete_message(self, message: Message) -> None:
        message.deleted = True
        self._tell("deleted", lambda: {"chat": message.chat.id, "bot": _id(message.chat.bot), "message_id": message.id})

    def set_keyboard(self, chat: Chat, keyboard: dict[str, Any] | None) -> None:
        chat.keyboard = keyboard
        self._tell("keyboard", lambda: {"chat": chat.id, "bot": _id(chat.bot), "keyboard": keyboard_view(keyboard)})

    def acting(self, chat: Chat, bot: Bot, action: str) -> None:
        """The bot is typing, uploading …"""
        self._tell("action", lambda: {"chat": chat.id, "bot": bot.id, "action": action})

    # Updates

    def queue(self, bot: Bot, kind: str, payload: dict[str, Any], *, lane: str) -> int:
        update = bot.queue(kind, payload, lane=lane, at=self.clock.now())
        if update.id in bot.updates:
            self.on_update(bot, update)
        self.bell.ring()
        return update.id

    def spread(self, kind: str, message: Message) -> int | None:
        """Tell the bots of the chat of a person's message; in groups only what a bot with privacy on gets to see."""
        chat = message.chat
        if chat.bot is not None:
            return self.queue(chat.bot, kind, message.describe(), lane=f"chat{chat.id}")
        ids = [
            self.queue(bot, kind, message.describe(), lane=f"chat{chat.id}")
            for bot in chat.bots.values()
            if bot.reads_all_group_messages or bot.id in chat.administrators or _concerns(bot, message)
        ]
        return ids[0] if ids else None

    def press(self, person: Person, message: Message, data: str) -> Press:
        assert isinstance(message.sender, Bot)
        press = Press(str(secrets.randbits(62)), self, person, message.sender, message, data, self.clock.now())
        self.presses[press.id] = press
        if len(self.presses) > KEPT_PRESSES:
            del self.presses[next(iter(self.presses))]
        payload = {
            "id": press.id,
            "from": person.describe(),
            "message": message.describe(),
            "chat_instance": str(message.chat.id * 7919 % 2**62),
            "data": data,
        }
        press.update_id = self.queue(press.bot, "callback_query", payload, lane=f"user{person.id}")
        return press

    def answered(self, press: Press, answer: dict[str, Any]) -> None:
        """The first answer is the one the person sees."""
        if press.answer is None:
            press.answer = answer
            chat = press.message.chat
            about = {"chat": chat.id, "bot": press.bot.id, "person": press.person.id, "message_id": press.message.id}
            self._tell("answer", lambda: about | answer)

    def membership(self, person: Person, bot: Bot, old: str, new: str, *, chat: Chat | None = None) -> None:
        """my_chat_member: the bot was blocked or unblocked in private, or came into or left a group."""
        room = chat or self.room_of(person, bot, None)
        payload = {
            "chat": room.describe(),
            "from": person.describe(),
            "date": int(self.clock.now().timestamp()),
            "old_chat_member": member(bot.describe(), old),
            "new_chat_member": member(bot.describe(), new),
        }
        self.queue(bot, "my_chat_member", payload, lane=f"chat{room.id}")
        self.person_changed(person)

    # Groups

    def create_group(self, title: str, members: Iterable[Person], *, bot: Bot | str | int | None = None, kind: str = "group") -> Chat:
        """A group made by its first member, with the bot in it."""
        people = list(members)
        if not people:
            raise ValueError("a group needs a member who makes it")
        found = self.bot(bot)
        self._group_id += 1
        group_id = -self._group_id if kind == "group" else -1_000_000_000_000 - self._group_id
        group = self.groups[group_id] = Chat(group_id, kind, title, people={person.id: person for person in people}, owner=people[0].id)
        group.bots[found.id] = found
        self.membership(people[0], found, "left", "member", chat=group)
        created = {"group_chat_created": True} if kind == "group" else {"new_chat_members": [found.describe()]}
        self.service_message(group, people[0], created)
        for person in people:
            self.person_changed(person)
        return group

    def service_message(self, chat: Chat, sender: Person | Bot, what: dict[str, Any]) -> Message:
        message = Message(self.next_message_id(), chat, sender, self.clock.now(), other=what)
        self.add_message(message)
        self.spread("message", message)
        return message

    def kick_bot(self, group: Chat, bot: Bot) -> None:
        """The group's owner takes the bot out; a basic group's bot then hears nothing more."""
        group.bots.pop(bot.id, None)
        group.kicked_bots.add(bot.id)
        assert group.owner is not None
        self.membership(self.person(group.owner), bot, "member", "kicked", chat=group)

    def migrate_group(self, group: Chat) -> Chat:
        """A basic group becomes a supergroup: it gets a new id, and the old one only points there."""
        if group.kind != "group" or group.migrated_to is not None:
            raise ValueError(f"the group {group.title} cannot be upgraded (again)")
        assert group.owner is not None
        new = Chat(-1_000_000_000_000 + group.id, "supergroup", group.title, people=group.people, bots=group.bots, owner=group.owner)
        new.administrators, new.keyboard = group.administrators, group.keyboard
        self.groups[new.id] = new
        owner = self.person(group.owner)
        self.service_message(group, owner, {"migrate_to_chat_id": new.id})
        group.migrated_to = new.id
        self.service_message(new, owner, {"migrate_from_chat_id": group.id})
        for person in new.people.values():
            self.person_changed(person)
        return new

    def close(self) -> None:
        """Let everybody who waits go."""
        self.closing = True
        for bot in self.bots.values():
            bot.arrived.ring()
        self.events.close()
        self.bell.ring()

    # Telling

    def _tell(self, name: str, data: Callable[[], dict[str, Any]]) -> None:
        """Ring for those who wait here, and tell the event stream; rendered only when somebody listens."""
        self.bell.ring()
        if self.events.heard:
            self.events.tell(name, data())

    def _clock_moved(self, now: Any) -> None:
        self._tell("clock", lambda: {"now": now.isoformat()})


def _id(bot: Bot | None) -> int | None:
    return bot.id if bot else None


def _concerns(bot: Bot, message: Message) -> bool:
    """What a bot with privacy mode on hears in a group: commands, mentions, replies to it, and service messages."""
    if message.reply_to is not None and message.reply_to.sender is bot:
        return True
    if message.other and message.media is None and message.text is None and not {"location", "contact"} & message.other.keys():
        return True
    text = (message.text or "").lower()
    if text.startswith("/"):
        command = text.split()[0]
        return "@" not in command or command.endswith("@" + bot.username.lower())
    return f"@{bot.username.lower()}" in text


def member(user: dict[str, Any], status: str) -> dict[str, Any]:
    """A ChatMember."""
    about: dict[str, Any] = {"user": user, "status": status}
    if status == "kicked":
        about["until_date"] = 0
    elif status == "creator":
        about["is_anonymous"] = False
    elif status == "administrator":
        rights = ("manage_chat", "delete_messages", "manage_video_chats", "restrict_members", "promote_members", "change_info")
        about |= {
            f"can_{right}": True for right in (*rights, "invite_users", "pin_messages", "post_stories", "edit_stories", "delete_stories")
        }
        about |= {"can_be_edited": False, "is_anonymous": False}
    return about
