"""One stored update, from its JSON to what it changed and what is said: the part of the worker that knows Telegram."""

from __future__ import annotations

from contextlib import suppress
from datetime import tzinfo
from typing import Any

import orjson
from aiogram import Bot, Dispatcher
from aiogram.client.session.base import BaseSession
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.fsm.context import FSMContext
from aiogram.fsm.storage.base import StorageKey
from aiogram.types import Chat, TelegramObject, Update, User
from aiogram.types import Message as TelegramMessage

from conference.model.errors import RuleBroken
from conference.model.people import Actor, Role
from conference.model.told import IncidentOpened, Lane, SomethingWentWrong, Told
from conference.ports import Conferences, Receipts
from handlers.buttons import Signer
from handlers.messages import Message as Words
from handlers.messages import Reader
from handlers.records.everybody import ButtonStale
from handlers.replies import Answer
from handlers.telegram import allowed_updates, refusal, register_on
from handlers.telegram.texts import commands, mark_repeat, render
from locales import language_of
from storage import people
from storage.people import Door, Sender
from storage.unit_of_work import Unit

from .conversation_storage import ConversationStorage
from .saying import put_into_outbox, read_press

ANONYMOUS_SENDERS = frozenset({1087968824, 136817688, 777000})  # group admins, channels, linked posts: they stand for nobody


class NoNetwork(BaseSession):
    """The session of the bot that handlers see: they return what to say, they never call."""

    async def make_request(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("a handler called the Bot API: return what to say instead")

    async def stream_content(self, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]  # it never yields
        raise RuntimeError("a handler called the Bot API: return what to say instead")

    async def close(self) -> None:
        """Nothing is open."""


class Conversing:
    """aiogram's Dispatcher with our routers, and the way from a raw update to a unit's rows.

    Events are given to it past its middlewares: what those look up anew for each update (bot, event, user, chat, state) is
    known here (docs/decisions/0012).
    """

    def __init__(
        self, token: str, conferences: Conferences, zone: tzinfo, signer: Signer, receipts: Receipts, *, full_disclosure: bool
    ) -> None:
        self.conferences = conferences
        self.door = Door(int(token.partition(":")[0]), conferences.first, frozenset(conferences.served))
        self._zone = zone
        self.bot_name = ""  # in the channel; known once it has answered
        self._signer = signer
        self._receipts = receipts
        self._full_disclosure = full_disclosure
        self._bot = Bot(token, session=NoNetwork())
        self._storage = ConversationStorage()
        self._state = FSMContext(self._storage, StorageKey(self._bot.id, 0, 0))  # of whoever's act is at hand: see ConversationStorage
        self._dispatcher = Dispatcher(storage=self._storage, name="lianxi")
        register_on(self._dispatcher)
        self.allowed_updates = allowed_updates()

    def reader(self, account_id: int, language: str, conference: str | None) -> Reader:
        return Reader(
            account_id=account_id,
            language=language,
            zone=self._zone,
            conferences=self.conferences,
            conference=conference or self.conferences.first,
            signer=self._signer,
            full_disclosure=self._full_disclosure,
            bot=self.bot_name,
        )

    def put_into_words(self, account_id: int, language: str, conference: str | None, record: Told, *, repeat: bool) -> Words:
        reader = self.reader(account_id, language, conference)
        message = render(record, reader)
        return mark_repeat(message, reader) if repeat else message

    def parse(self, body: bytes) -> tuple[Update, Sender | None, tuple[str, dict[str, Any]] | None]:
        """The update, its sender if it is one we talk with (a person in a private chat), and a call that shows a group out."""
        raw = orjson.loads(body)
        if isinstance(pressed := raw.get("callback_query"), dict) and isinstance(under := pressed.get("message"), dict):
            # What we wrote ourselves need not be read: only where it stands matters.
            pressed["message"] = {name: under[name] for name in ("message_id", "date", "chat") if name in under}
        update = Update.model_validate(raw, context={"bot": self._bot})
        event = update.message or update.edited_message
        user: User | None
        chat: Chat | None
        if event is not None:
            user, chat = event.from_user, event.chat
            if event.sender_chat is not None and chat.type == "private":
                return update, None, None  # somebody speaks in the name of a channel or group: that is nobody
        elif update.callback_query is not None:
            user = update.callback_query.from_user
            chat = update.callback_query.message.chat if update.callback_query.message else None
        else:
            chat = update.my_chat_member.chat if update.my_chat_member else None
            return update, None, _show_out(chat)
        if chat is not None and chat.type != "private":
            return update, None, _show_out(chat)
        if user is None or user.is_bot or user.id in ANONYMOUS_SENDERS:
            return update, None, None
        return update, Sender(user.id, language_of(user.language_code)), None

    @staticmethod
    def speaker(body: bytes) -> Sender | None:
        """Who wrote an update that cannot be read as a whole, as far as that much of it can: they are told."""
        with suppress(ValueError, AttributeError):
            update = orjson.loads(body)
            event = update.get("message") or update.get("edited_message") or update.get("callback_query")
            user = User.model_validate(event.get("from"))
            chat = Chat.model_validate((event.get("message") or event).get("chat"))
            if chat.type == "private" and not user.is_bot and user.id not in ANONYMOUS_SENDERS:
                return Sender(user.id, language_of(user.language_code))
        return None

    async def handle(self, unit: Unit, update: Update, actor: Actor) -> tuple[str, dict[str, Any]] | None:
        """Let the routers handle it; what they return goes into the outbox. Returns a fleeting call, if any."""
        unit.conference = actor.conference
        self._storage.enter(unit, actor.account_id)
        event = update.callback_query or update.message or update.edited_message
        said = await feed(
            self._dispatcher,
            self._signer,
            update,
            actor=actor,
            uow=unit,
            at=unit.at,
            receipts=self._receipts,
            zone=self._zone,
            state=self._state,
            raw_state=unit.conversation(actor.account_id).state,
        )
        if unit.people_changed:  # perhaps this very actor: a language, a hat, a conference was chosen
            actor = people.actor_of(unit.connection, self.door, actor.account_id, unit.at)
            unit.conference = actor.conference
        if event is not None and event.from_user is not None:
            self._show_commands(unit, actor, event.from_user, anew=_is_start(event))
        return put_into_outbox(unit, actor, said, event, self.reader(actor.account_id, actor.language, actor.conference))

    def _show_commands(self, unit: Unit, actor: Actor, user: User, *, anew: bool) -> None:
        """Let the channel show the commands that are this actor's, where it shows others; at /start in any case."""
        shown = commands.fitting(actor, self.conferences, commands.default_language(user.language_code))
        digest = shown.digest if shown else None
        if digest == actor.commands and not (anew and shown):
            return
        scope = {"type": "chat", "chat_id": user.id}
        if shown is None:
            unit.call("deleteMyCommands", scope=scope)
        else:
            unit.call("setMyCommands", scope=scope, commands=shown.as_parameters())
        if digest != actor.commands:
            people.keep_commands(unit.connection, actor.account_id, digest)

    def refuse(self, unit: Unit, update: Update, actor: Actor, error: RuleBroken) -> tuple[str, dict[str, Any]] | None:
        unit.conference = actor.conference
        event = update.callback_query or update.message
        return put_into_outbox(unit, actor, refusal(error), event, self.reader(actor.account_id, actor.language, actor.conference))

    @staticmethod
    def apologise(unit: Unit, actor: Actor, reference: str) -> None:
        """To the person whose update was set aside."""
        unit.tell(actor.account_id, SomethingWentWrong(reference=reference), lane=Lane.REPLY)


async def feed(dispatcher: Dispatcher, signer: Signer, update: Update, *, actor: Actor, **data: Any) -> object:
    """What a handler says to the update, which is a message, an edited one or a press: given to the Dispatcher past its middlewares.

    Those look up anew, for each update, what is in `data` already (docs/decisions/0012). Raises NotAllowed.
    """
    if (pressed := update.callback_query) is not None:
        if (press := read_press(pressed, actor, signer)) is None:
            return Answer(toast=ButtonStale(), alert=True)
        said = await dispatcher.propagate_event("callback_query", pressed, press=press, actor=actor, **data)
    elif update.message is not None:
        said = await dispatcher.propagate_event("message", update.message, actor=actor, **data)
    elif update.edited_message is not None:
        said = await dispatcher.propagate_event("edited_message", update.edited_message, actor=actor, **data)
    else:
        return None
    return None if said is UNHANDLED else said


def tell_operators(unit: Unit, kind: str, subject: str, detail: str = "") -> None:
    """Open an incident; if it is new, the operators of the conference concerned are told."""
    if not unit.open_incident(kind, subject, detail):
        return
    for account in {holder.account_id for holder in unit.people.roster(unit.conference, unit.at, frozenset({Role.OPERATOR}))}:
        unit.tell(account, IncidentOpened(kind=kind, subject=subject, detail=detail))


def _is_start(event: TelegramObject) -> bool:
    return isinstance(event, TelegramMessage) and (event.text or "").startswith("/start")


def _show_out(chat: Chat | None) -> tuple[str, dict[str, Any]] | None:
    """We talk with persons only: a group or channel that took us in is left (security T24)."""
    return ("leaveChat", {"chat_id": chat.id}) if chat is not None and chat.type != "private" else None
